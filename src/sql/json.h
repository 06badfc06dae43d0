#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/datum.h"

namespace hw::sql {

// JSON texts to Datum and back (RFC 8259). One parser a thread; it keeps its memory. Integers
// beyond int64 become floats; of equal keys the last wins; deeper than Datum::nesting_limit is
// refused. About 1 ns a byte. Errors: invalid_argument names what and where.
class JsonReader {
  public:
    explicit JsonReader(size_t bytes_limit = 16 << 20);
    ~JsonReader();
    JsonReader(JsonReader&&) noexcept;

    Result<Datum> read(std::string_view json);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Null, NaN and infinities are null; bytes are a text where they are UTF-8, else base64; a time is
// RFC 3339 in UTC; floats always with '.' or an exponent, as JsonWriter does it.
void append_json(std::string& out, const Datum& value);
std::string to_json(const Datum& value);
// A text as it is, anything else as JSON: how values are put into templates and str().
void append_plain(std::string& out, const Datum& value);

}  // namespace hw::sql
