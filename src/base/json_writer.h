#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace hw {

// The text in quotes, escaped as RFC 8259 demands. Bytes that are not UTF-8 become U+FFFD, so that
// what we write can always be read. About 0.3 ns a byte where nothing needs escaping.
void append_json_string(std::string& out, std::string_view text);
// The shortest digits that read back to the same number, always with '.' or an exponent, so that
// the type survives: 32.0 stays a double. null where the number is not finite.
void append_json_double(std::string& out, double value);

// Appends JSON to a string that the caller owns; commas are its own doing. Calls must balance:
// a key before each value of an object, an end for each begin (asserted). Nesting up to 64 levels.
class JsonWriter {
  public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }
    void key(std::string_view name);

    void value(std::string_view text);
    void value(const char* text) { value(std::string_view(text)); }
    void value(std::same_as<bool> auto flag) { raw(flag ? "true" : "false"); }
    void value(std::signed_integral auto number) { signed_number(number); }
    void value(std::unsigned_integral auto number)
        requires(!std::same_as<decltype(number), bool>)
    {
        unsigned_number(number);
    }
    void value(std::floating_point auto number) { number_value(number); }
    void value(Time time);  // RFC 3339 in UTC
    void null() { raw("null"); }
    // A value that is JSON already.
    void raw(std::string_view json);

    template <class T>
    void member(std::string_view name, const T& what) {
        key(name);
        value(what);
    }

  private:
    void begin(char bracket);
    void end(char bracket);
    void separate();
    void signed_number(int64_t number);
    void unsigned_number(uint64_t number);
    void number_value(double number);

    std::string& out_;
    uint64_t started_ = 0;  // one bit per level: has a member already
    unsigned depth_ = 0;
    bool after_key_ = false;
};

}  // namespace hw
