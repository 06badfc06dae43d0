#include "gateway/hj212/tag_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hw::gateway::hj212 {
namespace {

using hw::hj212::Command;

constexpr size_t name_limit = 32;  // of a factor, and of a field
constexpr std::string_view example = "RT!w01018-Rtd";

struct Area {
    std::string_view name;
    Command command;
};
constexpr std::array areas = {
    Area{"RT", Command::realtime},
    Area{"MIN", Command::minute},
    Area{"HOUR", Command::hour},
    Area{"DAY", Command::day},
    Area{"STATUS", Command::equipment_status},
    Area{"RUN", Command::running_time},
};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= name_limit && std::ranges::all_of(text, [](char c) {
        const char small = lower(c);
        return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_station(std::string_view text) {
    return !text.empty() && text.size() <= hw::hj212::station_bytes_limit &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

Result<TagAddress> parse_tag_address(std::string_view text) {
    const auto wrong = [&](size_t position, std::string_view what) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("address '{}', position {}: {}, as in '{}'", text, position + 1,
                                what, example));
    };
    TagAddress address;
    size_t at = 0;
    if (const size_t mark = text.find('@'); mark != std::string_view::npos) {
        address.station = text.substr(0, mark);
        if (!is_station(address.station))
            return wrong(0, "expected the station's MN, 1 to 32 printable characters");
        at = mark + 1;
    }
    const size_t mark = text.find('!', at);
    const std::string_view area =
        text.substr(at, mark == std::string_view::npos ? mark : mark - at);
    const auto found =
        std::ranges::find_if(areas, [&](const Area& one) { return same(one.name, area); });
    if (found == areas.end() || mark == std::string_view::npos)
        return wrong(at, "expected RT, MIN, HOUR, DAY, STATUS or RUN and '!'");
    address.area = found->command;
    at = mark + 1;
    const std::string_view name = text.substr(at);
    const size_t dash = name.find('-');
    address.factor = name.substr(0, dash);
    if (!is_name(address.factor))
        return wrong(at, "expected a factor of 1 to 32 letters and digits");
    if (dash == std::string_view::npos) {
        if (!same(address.factor, "DataTime"))
            return wrong(text.size(), "expected '-' and a field (Rtd, Avg, Flag, ...)");
        return address;
    }
    address.field = name.substr(dash + 1);
    if (!is_name(address.field))
        return wrong(at + dash + 1, "expected a field of 1 to 32 letters and digits");
    return address;
}

std::string key_of(std::string_view factor, std::string_view field) {
    std::string key(factor);
    if (!field.empty()) key.append("-").append(field);
    std::ranges::transform(key, key.begin(), lower);
    return key;
}

}  // namespace hw::gateway::hj212
