#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "sql/parser.h"

namespace {

using hw::sql::Flaw;

void check(const Flaw& flaw, std::string_view sql) {
    HW_ASSERT(flaw.place.line >= 1 && flaw.place.column >= 1);
    HW_ASSERT(!flaw.text.empty() && !flaw.full_text().empty() && !flaw.drawn(sql).empty());
}

}  // namespace

// Any bytes as a statement, a definition of a stream, and an expression. What parses is printed,
// and what was printed parses to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    namespace sql = hw::sql;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const sql::ParseLimits limits{
        .bytes = 1 << 16, .nesting = 40, .height = 200, .expressions = 2'000};
    // Printing adds parentheses and quotes, but not many.
    const sql::ParseLimits wide{
        .bytes = 1 << 20, .nesting = 400, .height = 400, .expressions = 4'000};

    if (const auto select = sql::parse_select(text, limits)) {
        for (const bool pretty : {false, true}) {
            const auto again = sql::parse_select(sql::format(*select, pretty), wide);
            HW_ASSERT(again.has_value());
            HW_ASSERT(sql::format(*again) == sql::format(*select));
        }
    } else {
        check(select.error(), text);
    }
    if (const auto stream = sql::parse_stream(text, limits)) {
        const auto again = sql::parse_stream(sql::format(*stream), wide);
        HW_ASSERT(again.has_value() && sql::format(*again) == sql::format(*stream));
    } else {
        check(stream.error(), text);
    }
    if (const auto expression = sql::parse_expression(text, limits)) {
        HW_ASSERT(sql::same(**expression, *sql::clone(**expression)));
        const auto again = sql::parse_expression(sql::format(**expression), wide);
        HW_ASSERT(again.has_value() && sql::same(**again, **expression));
    } else {
        check(expression.error(), text);
    }
    return 0;
}
