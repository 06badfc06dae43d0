#pragma once

#include <optional>

#include "base/error.h"
#include "gateway/iec104/tag_address.h"
#include "gateway/tag.h"
#include "model/quality.h"
#include "model/value.h"
#include "wire/iec104/asdu.h"

namespace hw::gateway::iec104 {

struct TagReading {
    model::Value value;
    model::Quality quality = model::Quality::good;
};

// IV is bad, BL bad.out_of_service, NT uncertain.last_usable, SB uncertain.substitute, OV
// uncertain.engineering_units_exceeded; the first of them that is set.
model::Quality quality_of(const hw::iec104::Quality& quality);

// What an object says to a tag of that type. A normalized value is the fraction of full scale to a
// float and the raw 16 bits to a whole number; a double point is on (2) to a bit, and 0 to 3 to a
// number; intermediate and moving states are uncertain to a bit. Fails where the value does not fit
// (invalid_argument).
Result<TagReading> read_element(const hw::iec104::Object& object, TagType type,
                                std::optional<uint8_t> bit);

// The information element of a command, without the select bit. Fails where the value does not fit.
Result<hw::iec104::Element> command_element(const TagAddress& address, const model::Value& value,
                                            TagType type);
hw::iec104::TypeId command_type(const TagAddress& address);

}  // namespace hw::gateway::iec104
