#include "sql/functions/functions.h"

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

Datum first(Arguments arguments, CallContext&) {
    return arguments[0];
}

constexpr Function functions[] = {
    {.name = "null",
     .dialect = Dialect::emqx,
     .group = "conditional",
     .origin = "EMQX",
     .signature = "null()",
     .help = "NULL.",
     .example = "null()",
     .example_result = "null",
     .nulls = Nulls::seen,
     .scalar = null_value},
    {.name = "coalesce",
     .group = "conditional",
     .origin = "EMQX, eKuiper",
     .signature = "coalesce(x, ...)",
     .help = "The first argument that is not null, or null. In EMQX's dialect one array may stand "
             "for the arguments.",
     .example = "coalesce(null, 'a', 'b')",
     .example_result = "\"a\"",
     .least_arguments = 1,
     .most_arguments = 255,
     .nulls = Nulls::seen,
     .scalar = coalesce},
    {.name = "coalesce_ne",
     .group = "conditional",
     .origin = "EMQX",
     .signature = "coalesce_ne(x, ...)",
     .help = "The first argument that is neither null nor an empty string, or null. One array may "
             "stand for the arguments.",
     .example = "coalesce_ne('', 'a')",
     .example_result = "\"a\"",
     .least_arguments = 1,
     .most_arguments = 255,
     .nulls = Nulls::seen,
     .scalar = coalesce_nonempty},
    {.name = "isnull",
     .group = "conditional",
     .origin = "eKuiper",
     .signature = "isnull(x)",
     .help = "Whether the argument is null.",
     .example = "isnull(1)",
     .example_result = "false",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .scalar = is_null},
    {.name = "bypass",
     .group = "conditional",
     .origin = "eKuiper",
     .signature = "bypass(x, ...)",
     .help = "The first argument as it is.",
     .example = "bypass(1, 2)",
     .example_result = "1",
     .least_arguments = 1,
     .most_arguments = 255,
     .nulls = Nulls::seen,
     .scalar = first},
};

}  // namespace

std::span<const Function> conditional_functions() {
    return functions;
}

}  // namespace hw::sql
