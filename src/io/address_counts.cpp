#include "io/address_counts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

namespace hw::io {
namespace {

constexpr size_t ipv6_bytes = 16;
constexpr size_t counted_ipv6_bytes = 8;
constexpr std::array<char, 12> mapped_ipv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};

// 4 bytes of IPv4, also where it came in IPv6's form, or 16; empty: it is no address.
std::string bytes_of(std::string_view text) {
    const std::string address(text);
    std::array<char, ipv6_bytes> bytes{};
    if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
    if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return {};
    if (std::equal(mapped_ipv4.begin(), mapped_ipv4.end(), bytes.begin()))
        return {bytes.data() + mapped_ipv4.size(), 4};
    return {bytes.data(), bytes.size()};
}

std::string_view without_port(std::string_view peer) {
    std::string_view address = peer.substr(0, peer.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    return address;
}

bool is_loopback(std::string_view bytes) {
    if (bytes.size() == 4) return bytes[0] == 127;
    return bytes.size() == ipv6_bytes && bytes.back() == 1 &&
           std::all_of(bytes.begin(), bytes.end() - 1, [](char byte) { return byte == 0; });
}

}  // namespace

AddressCounts::AddressCounts(size_t limit, const std::vector<std::string>& unlimited)
    : limit_(limit) {
    for (const auto& address : unlimited)
        unlimited_.insert(bytes_of(address));
}

std::optional<AddressCounts::Place> AddressCounts::take(std::string_view peer) {
    std::string key = bytes_of(without_port(peer));
    if (is_loopback(key) || unlimited_.contains(key)) return Place();
    if (key.size() == ipv6_bytes) key.resize(counted_ipv6_bytes);
    {
        MutexLock lock(mutex_);
        size_t& count = counts_[key];
        if (count >= limit_) return std::nullopt;
        ++count;
    }
    return Place(shared_from_this(), std::move(key));
}

void AddressCounts::give_back(const std::string& key) {
    MutexLock lock(mutex_);
    const auto at = counts_.find(key);
    if (at != counts_.end() && --at->second == 0) counts_.erase(at);
}

}  // namespace hw::io
