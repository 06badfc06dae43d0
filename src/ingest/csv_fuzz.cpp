#include "ingest/csv.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"

namespace {

// What the rows were, however the text came in.
uint64_t digest(std::string_view text, size_t piece) {
    using hw::ingest::CsvReader;
    CsvReader reader('\0', 1 << 20);
    hw::ingest::CsvRow row;
    uint64_t sum = 0;
    const auto mix = [&](uint64_t value) { sum = (sum ^ value) * 0x9e37'79b9'7f4a'7c15; };
    for (;;) {
        const auto step = reader.next(row);
        if (step == CsvReader::Step::end) return sum;
        if (step == CsvReader::Step::more) {
            if (text.empty()) {
                reader.finish();
            } else {
                reader.feed(text.substr(0, piece));
                text.remove_prefix(std::min(piece, text.size()));
            }
            continue;
        }
        mix(row.line);
        if (step == CsvReader::Step::bad) {
            HW_ASSERT(!reader.error().empty());
            continue;
        }
        for (const auto cell : row.cells) {
            mix(cell.size());
            for (const char c : cell)
                mix(static_cast<unsigned char>(c));
            (void)hw::ingest::is_missing_cell(cell);
            (void)hw::ingest::read_cell(cell, 64);
            (void)hw::ingest::read_time_cell(cell);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const uint64_t whole = digest(text, size + 1);
    if (size < 512) HW_ASSERT(digest(text, 3) == whole);
    return 0;
}
