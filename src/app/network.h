#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::app {

// An IP address, or a network of them: "10.1.2.3", "10.1.0.0/16", "fd00::/8". "10.1.2.3" and
// "::ffff:10.1.2.3" are one.
class Network {
  public:
    // Errors: it is none of these.
    static Result<Network> read(std::string_view text);
    // How many leading bits count, of the 128 of IPv6.
    int bits() const { return bits_; }
    // The network of so many leading bits that this one lies in; at most bits().
    Network around(int bits) const;
    bool contains(const Network& address) const { return address.around(bits_) == *this; }
    friend auto operator<=>(const Network&, const Network&) = default;
    // In the one form that stands for it.
    std::string text() const;

  private:
    std::array<uint8_t, 16> bytes_{};  // of IPv6; IPv4 as ::ffff:a.b.c.d
    int bits_ = 128;
};

// The address of a peer, "127.0.0.1:50211" or "[::1]:50211", without its port.
std::string_view address_of(std::string_view peer);

}  // namespace hw::app
