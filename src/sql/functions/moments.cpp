#include "sql/functions/functions.h"

// The moments of a row and its window, and unnest.
namespace hw::sql {

namespace {

Datum milliseconds(Time time) {
    // Down to the millisecond before, also before 1970.
    const int64_t ns = time.ns;
    return Datum::integer(ns / 1'000'000 - (ns % 1'000'000 < 0 ? 1 : 0));
}

Datum window_trigger(Arguments, CallContext& context) {
    if (context.window_end == Time{}) return {};
    return milliseconds(context.now);
}

Datum event_time(Arguments, CallContext& context) {
    return milliseconds(context.event_time);
}

Datum unnest(Arguments arguments, CallContext&) {
    if (arguments[0].is_array()) return arguments[0];
    return Datum::array({arguments[0]});
}

constexpr Function of_moment(std::string_view name, std::string_view signature,
                             std::string_view help, Scalar scalar) {
    return {.name = name,
            .group = "window",
            .origin = "eKuiper",
            .signature = signature,
            .help = help,
            .example = {},
            .example_result = {},
            .nulls = Nulls::seen,
            .pure = false,
            .scalar = scalar};
}

constexpr Function functions[] = {
    of_moment("window_trigger", "window_trigger()",
              "When the row's window was put out, in ms since 1970; null without a window.",
              window_trigger),
    of_moment("event_time", "event_time()",
              "The time of the row's event, or the end of its window, in ms since 1970.",
              event_time),
    {.name = "unnest",
     .type = FunctionClass::set_returning,
     .group = "set_returning",
     .origin = "eKuiper",
     .signature = "unnest(array)",
     .help = "One row for each item; an object's members become the row's columns. A field by "
             "itself. At most 100,000 rows.",
     .example = "unnest([1, 2])",
     .example_result = "[1, 2]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = unnest},
};

}  // namespace

std::span<const Function> moment_functions() {
    return functions;
}

}  // namespace hw::sql
