#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"

namespace hw::sql {

namespace {

template <Kind... kinds>
Datum is_any(Arguments arguments, CallContext&) {
    return Datum::boolean(((arguments[0].kind() == kinds) || ...));
}

template <Kind kind>
Datum is_not(Arguments arguments, CallContext&) {
    return Datum::boolean(arguments[0].kind() != kind);
}

Datum is_empty(Arguments arguments, CallContext& context) {
    const Datum& value = arguments[0];
    switch (value.kind()) {
        case Kind::null:
            return Datum::boolean(true);
        case Kind::text:
        case Kind::bytes:
            return Datum::boolean(value.as_text().empty());
        case Kind::array:
            return Datum::boolean(value.items().empty());
        case Kind::object:
            return Datum::boolean(value.members().empty());
        default:
            return Call("is_empty", arguments, context).wrong(0, "a string, array or object");
    }
}

constexpr Rows emqx{"type", "EMQX"};
constexpr Rows::Count one{1, 1};

constexpr Function functions[] = {
    emqx.sees_nulls("is_array(x)", one, is_any<Kind::array>, "Whether x is an array.",
                    "is_array([1, 2])", "true"),
    emqx.sees_nulls("is_bool(x)", one, is_any<Kind::boolean>, "Whether x is true or false.",
                    "is_bool('true')", "false"),
    emqx.sees_nulls("is_empty(x)", one, is_empty,
                    "Whether x is an empty string, array or object, or null. Others fail.",
                    "is_empty('')", "true"),
    emqx.sees_nulls("is_float(x)", one, is_any<Kind::float64>, "Whether x is a float.",
                    "is_float(123.4)", "true"),
    emqx.sees_nulls("is_int(x)", one, is_any<Kind::int64>, "Whether x is an int.", "is_int(123.4)",
                    "false"),
    emqx.sees_nulls("is_map(x)", one, is_any<Kind::object>, "Whether x is an object.",
                    "is_map([1])", "false"),
    emqx.sees_nulls("is_not_null(x)", one, is_not<Kind::null>,
                    "Whether x has a value. JSON's null is none.", "is_not_null(0)", "true"),
    emqx.sees_nulls("is_not_null_var(x)", one, is_not<Kind::null>,
                    "The same as is_not_null: we tell no missing value from JSON's null.",
                    "is_not_null_var(null)", "false"),
    emqx.sees_nulls("is_null(x)", one, is_any<Kind::null>,
                    "Whether x has no value. JSON's null is none.", "is_null(null)", "true"),
    emqx.sees_nulls("is_null_var(x)", one, is_any<Kind::null>,
                    "The same as is_null: we tell no missing value from JSON's null.",
                    "is_null_var('')", "false"),
    emqx.sees_nulls("is_num(x)", one, is_any<Kind::int64, Kind::float64>,
                    "Whether x is an int or a float.", "is_num('123')", "false"),
    emqx.sees_nulls("is_str(x)", one, is_any<Kind::text, Kind::bytes>,
                    "Whether x is a string or bytes.", "is_str('123')", "true"),
};

}  // namespace

std::span<const Function> type_functions() {
    return functions;
}

}  // namespace hw::sql
