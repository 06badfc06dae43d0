#include "sql/functions/json_path.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "sql/functions/civil.h"
#include "sql/functions/date_format.h"
#include "sql/functions/path.h"
#include "sql/json.h"

// A line of text, read as each small language of the functions, then JSON to ask it of.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const size_t end = input.find('\n');
    const std::string_view text = input.substr(0, end);
    hw::sql::JsonReader reader;
    const auto value = reader.read(end == input.npos ? "[{\"a\":1}]" : input.substr(end + 1));
    const hw::sql::Datum root = value.value_or(hw::sql::Datum());
    if (const auto path = hw::sql::JsonPath::parse(text)) {
        const auto found = path->find(root);
        HW_ASSERT(!found || !path->definite() || found->size() <= 1);
    }
    if (const auto path = hw::sql::parse_path(text)) {
        hw::sql::Datum into = root;
        if (hw::sql::put_along(into, *path, hw::sql::Datum::integer(7)))
            HW_ASSERT(hw::sql::follow(into, *path) != nullptr);
    }
    const hw::sql::Civil civil{.year = 2026, .month = 3, .day = 1, .hour = 12};
    (void)hw::sql::format_letters(civil, "UTC", text);
    (void)hw::sql::format_percent(civil, text);
    (void)hw::sql::parse_percent(input.substr(std::min(size, text.size() + 1)), text);
    (void)hw::sql::parse_offset(text);
    return 0;
}
