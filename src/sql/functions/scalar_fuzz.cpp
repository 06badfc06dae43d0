#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "sql/functions/functions.h"
#include "sql/functions/term.h"
#include "sql/functions/text.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// Functions that read foreign bytes; the second byte of the input is the second argument.
constexpr std::string_view names[] = {
    "term_decode",
    "unzip",
    "gunzip",
    "zip_uncompress",
    "decompress",
    "base64_decode",
    "hexstr2bin",
    "unescape",
    "sprintf_s",
    "subbits",
    "conv",
    "cast",
    "format",
    "tokens",
    "split",
    "upper",
    "reverse",
    "trim",
    "map_to_redis_hset_args",
    "float2str",
    "hex2dec",
    "str_utf16_le",
    "float",
    "int",
};

Datum second_argument(uint8_t choice) {
    switch (choice % 8) {
        case 0:
            return Datum::text("zstd");
        case 1:
            return Datum::text("gzip");
        case 2:
            return Datum::integer(choice);
        case 3:
            return Datum::array({Datum::integer(5), Datum::text("a"), Datum::real(2.5)});
        case 4:
            return Datum::text("datetime");
        case 5:
            return Datum::text("no_padding");
        case 6:
            return Datum::text("\xe6\xb5\x81,;");
        default:
            return Datum::text("bigint");
    }
}

const FunctionTable& table() {
    static const FunctionTable* const table = [] {
        auto* made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

// A term that can be read writes itself the same again.
void check_term(std::string_view bytes) {
    const auto value = from_erlang_term(bytes);
    if (!value) return;
    const auto again = erlang_term(*value);
    HW_ASSERT(again.has_value());
    const auto back = from_erlang_term(*again);
    HW_ASSERT(back.has_value() && *back == *value);
}

void run(uint8_t name, uint8_t choice, std::string_view content) {
    const Function* function = table().find(names[name % std::size(names)], Dialect::both);
    std::vector<Datum> arguments = {is_utf8(content) ? Datum::text(content)
                                                     : Datum::bytes(content)};
    const size_t wanted = choice & 0x80 ? 3 : 1;
    while (arguments.size() < function->least_arguments ||
           (arguments.size() < function->most_arguments && arguments.size() < wanted))
        arguments.push_back(second_argument(choice));
    Services services;
    CallContext context;
    context.services = &services;
    const Datum value = function->scalar(arguments, context);
    HW_ASSERT(!context.failed() || value.is_null());
    check_term(content);
}

}  // namespace

}  // namespace hw::sql

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 2) return 0;
    hw::sql::run(data[0], data[1],
                 std::string_view(reinterpret_cast<const char*>(data) + 2, size - 2));
    return 0;
}
