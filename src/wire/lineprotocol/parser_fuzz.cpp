#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "wire/lineprotocol/parser.h"

namespace hw::lineprotocol {

// Any bytes: every view given out lies in the body, every line that names an error has a text, and
// a guessed series changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const Limits limits{.line_bytes = 512, .tags = 8, .fields = 16};
    Parser plain(body, Precision::ms, limits);
    Parser guided(body, Precision::ms, limits);
    Line line;
    Line same;
    Series series;
    std::string likely;
    std::string text;
    for (;;) {
        const auto step = plain.next(line, {});
        HW_ASSERT(guided.next(same, likely) == step);
        if (step == Parser::Step::end) return 0;
        if (step == Parser::Step::error) {
            HW_ASSERT(!plain.error().reason.empty() && plain.error().column > 0);
            HW_ASSERT(plain.error().message() == guided.error().message());
            continue;
        }
        HW_ASSERT(line.series == same.series && line.time_ns == same.time_ns);
        HW_ASSERT(!line.fields.empty() && line.fields.size() == same.fields.size());
        if (parse_series(line.series, limits, series)) {
            likely = line.series;
            for (const auto& tag : series.tags)
                unescape(tag.value, text);
        }
        for (const auto& field : line.fields)
            unescape_text(field.text, text);
        text.clear();
    }
}

}  // namespace hw::lineprotocol
