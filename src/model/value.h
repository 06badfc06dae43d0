#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/strong.h"
#include "base/time.h"
#include "model/quality.h"

namespace hw::model {

// A point's number in this installation: dense from 0, never reused. Kept by PointDirectory.
using PointId = Strong<uint32_t, struct PointIdTag>;

enum class ValueType : uint8_t { boolean = 1, int64 = 2, float64 = 3, text = 4, bytes = 5 };

std::string_view to_string(ValueType type);  // "bool", "int64", "double", "string", "bytes"

// A value outside of a batch: owned. Doubles compare by bits elsewhere; NaN is a legal value.
struct Bytes {
    std::string data;
    friend bool operator==(const Bytes&, const Bytes&) = default;
};
using Value = std::variant<bool, int64_t, double, std::string, Bytes>;

ValueType type_of(const Value& value);

// One sample outside of a batch.
struct Sample {
    Time time;
    Value value;
    Quality quality = Quality::good;

    friend bool operator==(const Sample&, const Sample&) = default;
};

}  // namespace hw::model
