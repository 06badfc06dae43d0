#include <fmt/format.h>

#include "model/point_path.h"
#include "sql/functions/functions.h"
#include "sql/functions/path.h"
#include "sql/functions/take.h"
#include "sql/record.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// Null where the row comes of no single event, or of one without that column.
Datum column(const CallContext& context, std::string_view name) {
    if (context.record == nullptr) return {};
    const int at = context.record->shape().find(name);
    return at < 0 ? Datum() : context.record->column(static_cast<size_t>(at));
}

Datum msgid(Arguments, CallContext& context) {
    return column(context, "id");
}

Datum qos(Arguments, CallContext& context) {
    return column(context, "qos");
}

Datum clientid(Arguments, CallContext& context) {
    return column(context, "clientid");
}

Datum username(Arguments, CallContext& context) {
    return column(context, "username");
}

Datum peerhost(Arguments, CallContext& context) {
    return column(context, "peerhost");
}

Datum flags(Arguments, CallContext& context) {
    Datum found = column(context, "flags");
    return found.is_null() ? Datum::object({}) : found;
}

Datum flag(Arguments arguments, CallContext& context) {
    Take take("flag", arguments, context);
    const Datum found = column(context, "flags");
    const Datum* const value = found.find(take.text(0));
    return value == nullptr || !take.ok() ? Datum() : *value;
}

Datum topic(Arguments arguments, CallContext& context) {
    Take take("topic", arguments, context);
    const Datum whole = column(context, "topic");
    if (take.count() == 0 || !whole.is_text()) return whole;
    const int64_t wanted = take.integer(0);
    if (!take.ok()) return {};
    std::string_view rest = whole.as_text();
    for (int64_t level = 1; level > 0; ++level) {
        const size_t end = std::min(rest.size(), rest.find('/'));
        if (level == wanted) return Datum::text(rest.substr(0, end));
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    return take.fail(fmt::format("the topic has no level {}; the first is 1", wanted));
}

Datum payload(Arguments arguments, CallContext& context) {
    Take take("payload", arguments, context);
    if (take.count() == 0) return column(context, "payload");
    const auto path = parse_path(take.text(0));
    if (take.ok() && !path) take.fail(path.error().text());
    if (!take.ok() || context.record == nullptr) return {};
    const Datum* const found = follow(context.record->body(context.services->json), *path);
    return found == nullptr ? Datum() : *found;
}

// Whether one of [{topic, qos}, ...] fits, of that QoS where one is given.
template <class Fits>
Datum any_filter(Take& take, Fits fits) {
    const auto& filters = take.array(0);
    const auto wanted = take.text(1);
    const int64_t level = take.count() == 3 ? take.integer(2) : -1;
    if (!take.ok()) return {};
    for (const auto& filter : filters) {
        const Datum* const topic = filter.find("topic");
        if (topic == nullptr || !topic->is_text() || !fits(topic->as_text(), wanted)) continue;
        const Datum* const qos = filter.find("qos");
        const bool same = qos != nullptr && *qos == Datum::integer(level);
        return Datum::boolean(take.count() == 2 || same);
    }
    return Datum::boolean(false);
}

Datum contains_topic(Arguments arguments, CallContext& context) {
    Take take("contains_topic", arguments, context);
    return any_filter(
        take, [](std::string_view filter, std::string_view topic) { return filter == topic; });
}

Datum contains_topic_match(Arguments arguments, CallContext& context) {
    Take take("contains_topic_match", arguments, context);
    return any_filter(take, [](std::string_view filter, std::string_view topic) {
        return model::check_filter(filter) && model::matches(filter, topic);
    });
}

// The planner takes their argument for a column of the event's metadata, and gives its value.
Datum meta(Arguments arguments, CallContext&) {
    return arguments[0];
}

Datum milliseconds(Time time) {
    // Down to the millisecond before, also before 1970.
    return Datum::integer(time.ns / 1'000'000 - (time.ns % 1'000'000 < 0 ? 1 : 0));
}

Datum window_start(Arguments, CallContext& context) {
    return milliseconds(context.window_start);
}

Datum window_end(Arguments, CallContext& context) {
    return milliseconds(context.window_end);
}

constexpr Function functions[] = {
    {.name = "msgid",
     .group = "message",
     .origin = "EMQX",
     .signature = "msgid()",
     .help = "The message's id.",
     .example = "msgid()",
     .example_result = "",
     .pure = false,
     .scalar = msgid},
    {.name = "qos",
     .group = "message",
     .origin = "EMQX",
     .signature = "qos()",
     .help = "The message's QoS.",
     .example = "qos()",
     .example_result = "",
     .pure = false,
     .scalar = qos},
    {.name = "flags",
     .group = "message",
     .origin = "EMQX",
     .signature = "flags()",
     .help = "The message's flags as an object, empty where it has none.",
     .example = "flags()",
     .example_result = "",
     .pure = false,
     .scalar = flags},
    {.name = "flag",
     .group = "message",
     .origin = "EMQX",
     .signature = "flag(name)",
     .help = "One of the message's flags.",
     .example = "flag('retain')",
     .example_result = "",
     .least_arguments = 1,
     .most_arguments = 1,
     .pure = false,
     .scalar = flag},
    {.name = "topic",
     .group = "message",
     .origin = "EMQX",
     .signature = "topic([level])",
     .help = "The message's topic, or one of its levels from 1.",
     .example = "topic(2)",
     .example_result = "",
     .most_arguments = 1,
     .pure = false,
     .scalar = topic},
    {.name = "clientid",
     .group = "message",
     .origin = "EMQX",
     .signature = "clientid()",
     .help = "The client's id.",
     .example = "clientid()",
     .example_result = "",
     .pure = false,
     .scalar = clientid},
    {.name = "clientip",
     .group = "message",
     .origin = "EMQX",
     .signature = "clientip()",
     .help = "The client's address.",
     .example = "clientip()",
     .example_result = "",
     .pure = false,
     .scalar = peerhost},
    {.name = "peerhost",
     .group = "message",
     .origin = "EMQX",
     .signature = "peerhost()",
     .help = "The client's address.",
     .example = "peerhost()",
     .example_result = "",
     .pure = false,
     .scalar = peerhost},
    {.name = "username",
     .group = "message",
     .origin = "EMQX",
     .signature = "username()",
     .help = "The client's user name.",
     .example = "username()",
     .example_result = "",
     .pure = false,
     .scalar = username},
    {.name = "payload",
     .group = "message",
     .origin = "EMQX",
     .signature = "payload([path])",
     .help =
         "The message's payload, or what its JSON has at a path like 'a.b[1]', null where there "
         "is nothing.",
     .example = "payload('a.b')",
     .example_result = "",
     .most_arguments = 1,
     .pure = false,
     .scalar = payload},
    {.name = "contains_topic",
     .group = "message",
     .origin = "EMQX",
     .signature = "contains_topic(filters, topic [, qos])",
     .help = "Whether an array of {topic, qos} has that topic, with that QoS where one is given.",
     .example = "contains_topic(json_decode('[{\"topic\":\"t/a\",\"qos\":1}]'), 't/a')",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 3,
     .scalar = contains_topic},
    {.name = "contains_topic_match",
     .group = "message",
     .origin = "EMQX",
     .signature = "contains_topic_match(filters, topic [, qos])",
     .help = "Whether an array of {topic, qos} has a filter that matches the topic, with that QoS "
             "where one is given.",
     .example = "contains_topic_match(json_decode('[{\"topic\":\"t/+\",\"qos\":1}]'), 't/a')",
     .example_result = "true",
     .least_arguments = 2,
     .most_arguments = 3,
     .scalar = contains_topic_match},
    {.name = "meta",
     .group = "message",
     .origin = "eKuiper",
     .signature = "meta(key)",
     .help = "One value of the event's metadata, such as meta(topic), or meta(*) for all.",
     .example = "meta(topic)",
     .example_result = "",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = meta},
    {.name = "mqtt",
     .group = "message",
     .origin = "eKuiper",
     .signature = "mqtt(key)",
     .help = "As meta, of MQTT messages: mqtt(topic), mqtt(messageid).",
     .example = "mqtt(topic)",
     .example_result = "",
     .least_arguments = 1,
     .most_arguments = 1,
     .nulls = Nulls::seen,
     .pure = false,
     .scalar = meta},
    {.name = "window_start",
     .type = FunctionClass::window,
     .group = "window",
     .origin = "eKuiper",
     .signature = "window_start()",
     .help = "The start of the row's window in ms since 1970; 0 without a window of time.",
     .example = "window_start()",
     .example_result = "",
     .pure = false,
     .scalar = window_start},
    {.name = "window_end",
     .type = FunctionClass::window,
     .group = "window",
     .origin = "eKuiper",
     .signature = "window_end()",
     .help = "The end of the row's window in ms since 1970; 0 without a window of time.",
     .example = "window_end()",
     .example_result = "",
     .pure = false,
     .scalar = window_end},
    {.name = "row_number",
     .type = FunctionClass::window,
     .group = "window",
     .origin = "eKuiper",
     .signature = "row_number()",
     .help = "The number of the row in its window, from 1.",
     .example = "row_number()",
     .example_result = "",
     .pure = false},
};

}  // namespace

std::span<const Function> message_functions() {
    return functions;
}

}  // namespace hw::sql
