// Expressions of derived properties: whatever compiles is evaluated, over nulls and over texts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "sql/functions/functions.h"
#include "twin/derive/derivation.h"

namespace {

const hw::sql::FunctionTable& functions() {
    static const hw::sql::FunctionTable table = [] {
        hw::sql::FunctionTable made;
        hw::sql::add_builtin_functions(made);
        return made;
    }();
    return table;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    hw::sql::Services services;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto made = hw::twin::Derivation::compile(text, functions(), services);
    if (!made) {
        if (made.error().text().empty()) std::abort();
        return 0;
    }
    for (const auto& input :
         {hw::sql::Datum(), hw::sql::Datum::integer(3), hw::sql::Datum::text("[1, 2]")}) {
        std::vector<hw::sql::Datum> rolled;
        for (size_t r = 0; r < (*made)->roll_ups().size(); ++r) {
            const auto& paths = (*made)->roll_ups()[r].paths;
            const std::vector<hw::sql::Datum> values(paths.size(), input);
            rolled.push_back((*made)->contribution(r, values, hw::Time{1}));
        }
        const std::vector<hw::sql::Datum> own((*made)->own().size(), input);
        std::string error;
        const auto value = (*made)->evaluate(own, rolled, hw::Time{1}, error);
        if (!error.empty() && !value.is_null()) std::abort();
    }
    return 0;
}
