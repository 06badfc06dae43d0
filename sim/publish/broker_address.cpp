#include "sim/publish/broker_address.h"

#include <charconv>

namespace hw::sim {

namespace {

std::unexpected<Error> bad_broker(std::string_view text, std::string_view why) {
    return fail(ErrorCode::invalid_argument, "broker '" + std::string(text) + "' " +
                                                 std::string(why) +
                                                 "; write it like mqtt://127.0.0.1:1883");
}

}  // namespace

Result<BrokerAddress> parse_broker(std::string_view text) {
    std::string_view rest = text;
    if (const size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
        if (rest.substr(0, scheme) != "mqtt")
            return bad_broker(text, "has a scheme other than mqtt");
        rest.remove_prefix(scheme + 3);
    }
    if (rest.ends_with('/')) rest.remove_suffix(1);
    BrokerAddress address;
    if (rest.starts_with('[')) {
        const size_t end = rest.find(']');
        if (end == std::string_view::npos) return bad_broker(text, "lacks the closing ']'");
        address.host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    } else {
        const size_t end = std::min(rest.find(':'), rest.size());
        address.host = rest.substr(0, end);
        rest.remove_prefix(end);
    }
    if (address.host.empty()) return bad_broker(text, "names no host");
    if (address.host.find_first_of("/@ ") != std::string::npos)
        return bad_broker(text, "has more than a host and a port");
    if (rest.empty()) return address;
    if (!rest.starts_with(':')) return bad_broker(text, "has more than a host and a port");
    rest.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), address.port);
    if (error != std::errc() || end != rest.data() + rest.size() || address.port == 0)
        return bad_broker(text, "has a port that is not 1 to 65535");
    return address;
}

}  // namespace hw::sim
