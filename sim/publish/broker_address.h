#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::sim {

struct BrokerAddress {
    std::string host;
    uint16_t port = 1883;
};

// "mqtt://host", "mqtt://host:1883", "host:1883", "mqtt://[::1]:1883". Port 1883 where none is
// given.
Result<BrokerAddress> parse_broker(std::string_view text);

}  // namespace hw::sim
