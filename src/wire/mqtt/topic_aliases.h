#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/mqtt/codec.h"

namespace hw::mqtt {

// The topic aliases a peer of version 5.0 has set (3.3.2.3.4), of one connection. Memory grows with
// the aliases in use.
class InboundAliases {
  public:
    // Remembers the topic of a PUBLISH that has an alias, or fills in the one that it stands for.
    // The filled-in topic is valid until the alias is set anew.
    std::optional<ProtocolError> resolve(Publish& packet, uint16_t alias_max);

  private:
    std::vector<std::string> topics_;  // of alias n at n - 1; empty while unset
};

// The aliases we set. A direct-mapped cache: each topic has one alias that it may have, by its
// hash; a newer topic takes the place over. No look-up structure, no order to keep, and a shift of
// topics heals itself.
class OutboundAliases {
  public:
    explicit OutboundAliases(uint16_t count) : topics_(count) {}

    // Encodes with the shorter of alias and topic. False if too large for MQTT.
    bool encode(const Publish& packet, std::string& out);
    // An upper bound of what encode may add to encoded_size(): the alias the first time, and a
    // longer form of both lengths.
    static constexpr size_t overhead_max = 5;

  private:
    std::vector<std::string> topics_;
};

}  // namespace hw::mqtt
