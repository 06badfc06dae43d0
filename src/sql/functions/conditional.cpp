#include <limits>

#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"

namespace hw::sql {

namespace {

Datum null_value(Arguments, CallContext&) {
    return {};
}

// The values of the arguments, or of the one array that EMQX takes as well.
Arguments alternatives(Arguments arguments) {
    if (arguments.size() == 1 && arguments[0].is_array()) return arguments[0].items();
    return arguments;
}

Datum coalesce(Arguments arguments, CallContext& context) {
    const bool array_too = context.dialect == Dialect::emqx;
    for (const auto& value : array_too ? alternatives(arguments) : arguments)
        if (!value.is_null()) return value;
    return {};
}

Datum coalesce_nonempty(Arguments arguments, CallContext&) {
    for (const auto& value : alternatives(arguments))
        if (!value.is_null() && !(value.is_text() && value.as_text().empty())) return value;
    return {};
}

Datum is_null(Arguments arguments, CallContext&) {
    return Datum::boolean(arguments[0].is_null());
}

Datum delay(Arguments arguments, CallContext& context) {
    Call call("delay", arguments, context);
    call.integer(0, 0, std::numeric_limits<int64_t>::max());
    return call.failed() ? Datum() : arguments[1];
}

Datum first(Arguments arguments, CallContext&) {
    return arguments[0];
}

constexpr Rows both{"conditional", "EMQX, eKuiper"};
constexpr Rows emqx{"conditional", "EMQX"};
constexpr Rows ekuiper{"conditional", "eKuiper"};

constexpr Function functions[] = {
    ekuiper.sees_nulls("bypass(x, ...)", {1, Rows::any}, first, "The first argument as it is.",
                       "bypass(1, 2)", "1"),
    both.sees_nulls("coalesce(x, ...)", {1, Rows::any}, coalesce,
                    "The first argument that is not null, or null. In EMQX's dialect one array "
                    "may stand for the arguments.",
                    "coalesce(null, 'a', 'b')", "\"a\""),
    emqx.sees_nulls("coalesce_ne(x, ...)", {1, Rows::any}, coalesce_nonempty,
                    "The first argument that is neither null nor an empty string, or null. One "
                    "array may stand for the arguments.",
                    "coalesce_ne('', 'a')", "\"a\""),
    ekuiper("delay(ms, x)", {2, 2}, delay,
            "x, at once: a rule that waited would hold up those beside it. For delayed answers "
            "use a window.",
            "delay(1000, 'a')", "\"a\""),
    ekuiper.sees_nulls("isnull(x)", {1, 1}, is_null, "Whether the argument is null.", "isnull(1)",
                       "false"),
    emqx.sees_nulls("null()", {0, 0}, null_value, "NULL.", "null()", "null"),
};

}  // namespace

std::span<const Function> conditional_functions() {
    return functions;
}

}  // namespace hw::sql
