#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sql/function.h"

namespace hw::sql {

// What functions that make arrays and texts allow themselves for one answer.
constexpr size_t made_items_limit = 100'000;
constexpr size_t made_bytes_limit = 16 << 20;
// Putting a member looks through those that are there.
constexpr size_t made_members_limit = 10'000;

// The arguments of one call as the kinds that the function needs. What is not of the kind makes the
// call fail with a text that names function, argument and kind, and reads as empty or 0: so a
// function takes all it needs and asks ok() once. Lives during the call.
class Take {
  public:
    Take(std::string_view function, Arguments arguments, CallContext& context)
        : function_(function), arguments_(arguments), context_(context) {}

    size_t count() const { return arguments_.size(); }
    // Given and not null.
    bool has(size_t i) const { return i < count() && !arguments_[i].is_null(); }
    const Datum& any(size_t i) const { return arguments_[i]; }
    const Datum::Items& array(size_t i);
    const Datum::Members& object(size_t i);
    std::string_view text(size_t i);   // a string
    std::string_view bytes(size_t i);  // a string or bytes
    int64_t integer(size_t i);         // an int, or a float without a fraction
    double number(size_t i);

    bool ok() const { return !context_.failed(); }
    CallContext& context() const { return context_; }
    // Puts a member, or fails where `object` would have more than made_members_limit.
    void put(Datum& object, const Datum& key, const Datum& value) const;
    // "<function>: <text>"; null.
    Datum fail(std::string_view text) const;

  private:
    void wrong(size_t i, std::string_view wanted) const;

    std::string_view function_;
    Arguments arguments_;
    CallContext& context_;
};

}  // namespace hw::sql
