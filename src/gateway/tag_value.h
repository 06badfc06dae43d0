#pragma once

#include "base/error.h"
#include "gateway/tag.h"
#include "model/quality.h"
#include "model/value.h"

namespace hw::gateway {

// From what a device says to what the point is, and back: scale, offset, bias, precision, range,
// deadband. Made once a tag; conversions of numbers cost some nanoseconds. A float keeps the
// shortest decimal that reads back to the same float, so that 12.3 stays 12.3.
class TagValue {
  public:
    explicit TagValue(const TagSpec& spec);

    // A raw value in the point's terms. Whole numbers stay whole where they are not scaled.
    model::Value from_raw(const model::Value& raw) const;
    // What the device must be given. Errors: invalid_argument with the value and what is allowed
    // (kind, the type's range, min and max).
    Result<model::Value> to_raw(const model::Value& value) const;
    // Whether the value lies in min .. max; true for what has no range.
    bool in_range(const model::Value& value) const;
    // Whether the new value differs from the last one by at least the deadband.
    bool changed(const model::Value& last, const model::Value& now) const;

    bool on_change() const { return on_change_; }

  private:
    Result<model::Value> number_to_raw(double number, bool whole, int64_t integer) const;

    TagType type_;
    double scale_;
    double shift_;  // offset + bias
    bool scaled_;
    double rounding_;  // a power of ten; 0: none
    double deadband_;  // 0: any difference is a change
    std::optional<double> min_;
    std::optional<double> max_;
    bool on_change_;
};

// The shortest decimal near a float, as a double: 12.3f gives 12.3. Exact for every float.
double shortest_double(float value);

}  // namespace hw::gateway
