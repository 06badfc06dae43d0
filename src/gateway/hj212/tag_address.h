#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/hj212/packet.h"

namespace hw::gateway::hj212 {

// [MN@]AREA!FACTOR[-FIELD]
//
//   RT!w01018-Rtd                      of whichever station reports to the device
//   010000A8900016F000169DC0@MIN!w01018-Avg
struct TagAddress {
    std::string station;  // MN; empty: any
    hw::hj212::Command area = hw::hj212::Command::realtime;
    std::string factor;  // as it was written; "DataTime" without a field is the report's time
    std::string field;

    friend bool operator==(const TagAddress&, const TagAddress&) = default;
};

// Errors name the 1-based position and an example.
Result<TagAddress> parse_tag_address(std::string_view text);

// Factors and fields are the same in either case: stations of the older edition write A21026.
std::string key_of(std::string_view factor, std::string_view field);

}  // namespace hw::gateway::hj212
