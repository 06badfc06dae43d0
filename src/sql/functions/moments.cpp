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

// Statements that have let nothing through answer 0.
Datum last_hit_count(Arguments, CallContext& context) {
    return Datum::integer(static_cast<int64_t>(context.passed.count));
}

Datum last_hit_time(Arguments, CallContext& context) {
    return milliseconds(context.passed.last);
}

Datum last_window_hit_count(Arguments, CallContext& context) {
    return Datum::integer(static_cast<int64_t>(context.passed_of_windows.count));
}

Datum last_window_hit_time(Arguments, CallContext& context) {
    return milliseconds(context.passed_of_windows.last);
}

Datum unnest(Arguments arguments, CallContext&) {
    if (arguments[0].is_array()) return arguments[0];
    return Datum::array({arguments[0]});
}

constexpr Function of_moment(std::string_view group, std::string_view signature,
                             std::string_view help, Scalar scalar) {
    return {.name = signature.substr(0, signature.find('(')),
            .group = group,
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
    of_moment("window", "window_trigger()",
              "When the row's window was put out, in ms since 1970; null without a window.",
              window_trigger),
    of_moment("window", "event_time()",
              "The time of the row's event, or the end of its window, in ms since 1970.",
              event_time),
    of_moment("analytic", "last_hit_count()",
              "How many rows the statement's WHERE has let through before this one.",
              last_hit_count),
    of_moment("analytic", "last_hit_time()",
              "The event's time of the last row that WHERE let through, in ms since 1970; 0 before "
              "the first.",
              last_hit_time),
    of_moment("aggregate", "last_agg_hit_count()",
              "How many rows of windows the statement's HAVING has let through before this one.",
              last_window_hit_count),
    of_moment("aggregate", "last_agg_hit_time()",
              "The end of the last window that HAVING let through, in ms since 1970; 0 before the "
              "first.",
              last_window_hit_time),
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
