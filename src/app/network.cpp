#include "app/network.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hw::app {

namespace {

constexpr std::array<uint8_t, 12> ipv4_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int ipv4_bits = 96;  // that go before an IPv4 address

}  // namespace

Result<Network> Network::read(std::string_view text) {
    const auto wrong = [&] {
        return hw::fail(
            ErrorCode::invalid_argument,
            fmt::format("'{}' is no IP address and no network such as 10.1.0.0/16", text));
    };
    const size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    Network network;
    in_addr v4{};
    const bool is_v4 = inet_pton(AF_INET, address.c_str(), &v4) == 1;
    if (is_v4) {
        std::copy(ipv4_prefix.begin(), ipv4_prefix.end(), network.bytes_.begin());
        std::memcpy(network.bytes_.data() + ipv4_prefix.size(), &v4, sizeof(v4));
    } else if (inet_pton(AF_INET6, address.c_str(), network.bytes_.data()) != 1) {
        return wrong();
    }
    if (slash == std::string_view::npos) return network;
    const auto digits = text.substr(slash + 1);
    int bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 ||
        bits > (is_v4 ? 32 : 128))
        return wrong();
    return network.around(bits + (is_v4 ? ipv4_bits : 0));
}

Network Network::around(int bits) const {
    Network network = *this;
    network.bits_ = std::min(bits, bits_);
    for (int bit = network.bits_; bit < 128; ++bit) {
        auto& byte = network.bytes_[static_cast<size_t>(bit) / 8];
        byte = static_cast<uint8_t>(byte & ~(0x80U >> (bit % 8)));
    }
    return network;
}

std::string Network::text() const {
    std::array<char, INET6_ADDRSTRLEN> out{};
    const bool is_v4 =
        bits_ >= ipv4_bits && std::equal(ipv4_prefix.begin(), ipv4_prefix.end(), bytes_.begin());
    if (is_v4)
        inet_ntop(AF_INET, bytes_.data() + ipv4_prefix.size(), out.data(), out.size());
    else
        inet_ntop(AF_INET6, bytes_.data(), out.data(), out.size());
    if (bits_ == 128) return out.data();
    return fmt::format("{}/{}", out.data(), is_v4 ? bits_ - ipv4_bits : bits_);
}

std::string_view address_of(std::string_view peer) {
    const size_t colon = peer.rfind(':');
    std::string_view address = peer.substr(0, colon);
    if (address.size() >= 2 && address.front() == '[' && address.back() == ']')
        address = address.substr(1, address.size() - 2);
    return address;
}

}  // namespace hw::app
