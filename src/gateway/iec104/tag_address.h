#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "gateway/tag.h"

namespace hw::gateway::iec104 {

// What a write sends.
enum class CommandKind : uint8_t {
    single,
    double_point,
    step,
    normalized,
    scaled,
    short_float,
    bits
};

// [CA!]IOA[.BIT][>IOA][#TYPE[.SBO][.T][.Qn]]
//
//   4001             object 4001 of the default station
//   1!4001           of the station with common address 1
//   1!4001.3         bit 3 of what the object says
//   1!4001#SC.SBO    written by a single command, selected first
//   1!4001>6001#NC.T read at 4001, written at 6001 by a set point with time tag
struct TagAddress {
    std::optional<uint16_t> common_address;  // nullopt: the device's setting
    uint32_t object = 0;                     // 0 to 16777215
    std::optional<uint8_t> bit;              // 0 to 31
    uint32_t command_object = 0;
    CommandKind command = CommandKind::single;
    bool select_first = false;
    bool timed = false;
    uint8_t qualifier = 0;  // QU of switches, QL of set points

    friend bool operator==(const TagAddress&, const TagAddress&) = default;
};

// Without a command type it follows from the tag's type: bit and bool SC, float and double NC,
// whole numbers of up to 16 bits NB, of 32 bits BO. Errors name the 1-based position and an
// example.
Result<TagAddress> parse_tag_address(std::string_view text, TagType type);

}  // namespace hw::gateway::iec104
