#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/function.h"

namespace hw::sql {

// No text or byte string that a function makes is longer: what would be is an error of the row.
inline constexpr size_t text_bytes_limit = size_t{64} << 20;

// A call's arguments, read by what the function needs. The first argument that does not fit makes
// the row fail with a text that names the function, the place and the value; all later reads then
// give empty values, so that a function reads straight on and asks once. Places count from 0.
class Call {
  public:
    Call(std::string_view name, Arguments arguments, CallContext& context)
        : name_(name), arguments_(arguments), context_(context) {}

    size_t size() const { return arguments_.size(); }
    bool has(size_t i) const { return i < arguments_.size(); }
    const Datum& operator[](size_t i) const { return arguments_[i]; }
    CallContext& context() { return context_; }

    // An int or a float, as double.
    double number(size_t i);
    // An int, or a float without a fraction.
    int64_t integer(size_t i);
    // An integer within [least, most].
    int64_t integer(size_t i, int64_t least, int64_t most);
    // A text, bytes that are UTF-8, or a number, a boolean or a time as the text that str() gives.
    // Valid as long as this Call and the arguments.
    std::string_view text(size_t i);
    // The bytes of a text or of bytes; other values as text().
    std::string_view bytes(size_t i);
    const Datum::Items& array(size_t i);
    // Null where it is no object.
    const Datum* object(size_t i);

    bool failed() const { return failed_; }
    // "<name>: <what>".
    Datum fail(std::string_view what);
    // "<name>: argument 2 is a string ('abc'), <expected> is expected".
    Datum wrong(size_t i, std::string_view expected);

    // A number that a calculation gave: one that is not finite fails.
    Datum real(double value);
    // Text within text_bytes_limit and, made from bytes, of UTF-8.
    Datum text_of(std::string_view value);
    // Text where the bytes are UTF-8, else bytes: what EMQX calls "bytes | string".
    Datum text_or_bytes(std::string_view value);

  private:
    std::string_view owned(std::string text);

    const std::string_view name_;
    const Arguments arguments_;
    CallContext& context_;
    bool failed_ = false;
    std::vector<std::string> owned_;  // reserved at first use: its texts do not move
};

// EMQX's str(): texts and bytes as they are, floats in fixed form with at most 10 decimals, arrays
// and objects as JSON, null as nothing.
void append_str(std::string& out, const Datum& value);
// Fixed form with at most `decimals` (0 to 253) digits after the point; zeros at the end are cut,
// one decimal stays where there may be any: "7.0".
void append_fixed(std::string& out, double value, int decimals);
// The start of a value for messages: "'abc'", "12", "[1,2...".
std::string shown(const Datum& value);

}  // namespace hw::sql
