// Statements that are tried, traces of events, and the table of functions.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "api/rules_operations.h"
#include "base/config.h"
#include "base/config_text.h"
#include "base/json_writer.h"
#include "rules/rule_json.h"
#include "sql/json.h"

namespace hw::api {

namespace {

using sql::Datum;
using sql::Kind;

// What a trial is run on.
struct TrialRequest {
    rules::TrialOrder order;
    std::vector<rules::TrialMessage> messages;
    std::optional<Time> from, to;
    std::optional<Duration> live;
};

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} must be {}", member, what));
}

Result<Time> time_of(const Datum& value, std::string_view member, Time now) {
    if (value.kind() == Kind::int64) return Time{milliseconds(value.as_integer()).ns};
    if (value.kind() == Kind::float64) return Time{static_cast<int64_t>(value.as_real() * 1e6)};
    if (!value.is_text()) return wrong(member, "a time: RFC 3339, or ms since 1970");
    return parse_time(value.as_text(), now);
}

Result<std::string> text_of(const Datum& object, std::string_view member) {
    const Datum* value = object.find(member);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_text()) return wrong(member, "a text");
    return std::string(value->as_text());
}

Result<rules::TrialMessage> message_of(const Datum& json, Time now) {
    static constexpr std::array known = {"topic",  "payload",  "time",     "timestamp", "qos",
                                         "retain", "clientid", "username", "event_type"};
    if (!json.is_object()) return wrong("each of input", "an object of topic, payload and time");
    rules::TrialMessage message;
    for (const auto& member : json.members()) {
        const std::string_view key = member.key.as_text();
        if (std::ranges::find(known, key) == known.end())
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' is no member of an input; there are topic, payload, "
                                    "time, qos, retain, clientid and username",
                                    key));
        if (key == "payload") sql::append_plain(message.payload, member.value);
        if (key == "time" || key == "timestamp")
            message.time = HW_TRY(time_of(member.value, "time", now));
        if (key == "retain")
            message.retain = member.value.kind() == Kind::boolean && member.value.as_boolean();
        if (key == "qos") {
            if (member.value.kind() != Kind::int64 || member.value.as_integer() < 0 ||
                member.value.as_integer() > 2)
                return wrong("qos", "0, 1 or 2");
            message.qos = static_cast<uint8_t>(member.value.as_integer());
        }
    }
    message.topic = HW_TRY(text_of(json, "topic"));
    message.client_id = HW_TRY(text_of(json, "clientid"));
    message.username = HW_TRY(text_of(json, "username"));
    if (message.topic.empty()) message.topic = "t";
    return message;
}

Result<void> read_streams(const Datum& value, rules::TrialOrder& order) {
    if (!value.is_array()) return wrong("streams", "an array of CREATE STREAM statements");
    for (const auto& item : value.items()) {
        if (!item.is_text()) return wrong("streams", "an array of CREATE STREAM statements");
        const auto definition = HW_TRY(rules::check_stream(item.as_text()));
        order.streams.push_back({definition.name, definition.table, std::string(item.as_text())});
    }
    return {};
}

Result<size_t> count_of(const Datum& value, std::string_view member, int64_t most) {
    if (value.kind() != Kind::int64 || value.as_integer() < 1 || value.as_integer() > most)
        return wrong(member, fmt::format("a number from 1 to {}", most));
    return static_cast<size_t>(value.as_integer());
}

Result<void> read_member(std::string_view key, const Datum& value, TrialRequest& request,
                         Time now) {
    auto& order = request.order;
    if (key == "sql") {
        if (!value.is_text()) return wrong("sql", "a text");
        order.sql = value.as_text();
    } else if (key == "input" || key == "context") {
        if (value.is_object()) {
            request.messages.push_back(HW_TRY(message_of(value, now)));
            return {};
        }
        if (!value.is_array()) return wrong(key, "an array of messages");
        for (const auto& item : value.items())
            request.messages.push_back(HW_TRY(message_of(item, now)));
    } else if (key == "options") {
        order.options = HW_TRY(rules::options_of(value, "options"));
    } else if (key == "streams") {
        return read_streams(value, order);
    } else if (key == "from") {
        request.from = HW_TRY(time_of(value, "from", now));
    } else if (key == "to") {
        request.to = HW_TRY(time_of(value, "to", now));
    } else if (key == "duration") {
        if (!value.is_text()) return wrong("duration", "a text such as 10s");
        request.live = HW_TRY(parse_duration(value.as_text()));
    } else if (key == "rows_limit") {
        order.rows_limit = HW_TRY(count_of(value, key, 100'000));
    } else {
        static const std::vector<std::string> known = {"sql",  "input", "options",  "streams",
                                                       "from", "to",    "duration", "rows_limit"};
        const auto near = nearest(key, known);
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is no member of a test{}", key,
                                near ? fmt::format("; did you mean '{}'?", *near)
                                     : std::string("; there are sql, input, options, streams, "
                                                   "from, to, duration and rows_limit")));
    }
    return {};
}

Result<TrialRequest> read_trial(std::string_view body, Time now) {
    sql::JsonReader reader;
    const Datum json = HW_TRY(reader.read(body));
    if (!json.is_object()) return fail(ErrorCode::invalid_argument, "the body must be an object");
    TrialRequest request;
    for (const auto& member : json.members())
        HW_TRY(read_member(member.key.as_text(), member.value, request, now));
    if (request.order.sql.empty())
        return fail(ErrorCode::invalid_argument, "sql is missing: the statement to try");
    const int kinds = (request.messages.empty() ? 0 : 1) + (request.live ? 1 : 0) +
                      (request.from || request.to ? 1 : 0);
    if (kinds > 1)
        return fail(ErrorCode::invalid_argument,
                    "give one of input (messages), from and to (history), and duration (live)");
    if (request.live && (request.live->ns <= 0 || *request.live > seconds(300)))
        return wrong("duration", "more than 0s and at most 300s");
    return request;
}

}  // namespace

rules::TrialRooms RulesOperations::trial_rooms(
    const std::vector<rules::StreamSpec>& streams) const {
    rules::TrialRooms rooms{*rooms_.functions, rooms_.clock, *rooms_.settings, streams,
                            rooms_.tables};
    rooms.schemas = rooms_.schemas;
    return rooms;
}

void RulesOperations::test(Exchange exchange) const {
    const Time now = rooms_.clock.now();
    auto request = read_trial(exchange.request.body, now);
    if (!request) return exchange.fail(request.error());
    const auto streams = rooms_.manager->streams();
    const auto rooms = trial_rooms(streams);
    rules::Change change;
    sql::Flaw flaw;
    const auto result = [&]() -> Result<rules::TrialResult> {
        if (request->live)
            return rules::try_live(request->order, *request->live, *rooms_.runtime, rooms, &flaw);
        if (request->from || request->to)
            return rules::try_history(request->order, request->from.value_or(Time{INT64_MIN}),
                                      request->to.value_or(now), rooms_.history, rooms_.points,
                                      rooms, &flaw);
        return rules::try_messages(request->order, request->messages, rooms, &flaw);
    }();
    if (!flaw.text.empty()) change.flaw = flaw;
    if (!result) return refuse_rule(exchange, result.error(), change);
    exchange.respond(json_response(rules::trial_json(*result)));
}

// Compiles it and shows the plan; runs nothing.
void RulesOperations::validate(Exchange exchange) const {
    auto request = read_trial(exchange.request.body, rooms_.clock.now());
    if (!request) return exchange.fail(request.error());
    const auto streams = rooms_.manager->streams();
    rules::Change change;
    sql::Flaw flaw;
    const auto result = rules::try_messages(request->order, {}, trial_rooms(streams), &flaw);
    if (!flaw.text.empty()) change.flaw = flaw;
    if (!result) return refuse_rule(exchange, result.error(), change);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("valid", true);
    json.member("text", result->plan_text);
    json.key("operators");
    json.raw(result->plan);
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::begin_trace(Exchange exchange) {
    sql::JsonReader reader;
    rules::TraceOrder order;
    order.rule_id = exchange.place("id");
    if (const auto rule = rooms_.manager->get(order.rule_id); !rule)
        return exchange.fail(rule.error());
    const auto read = [&]() -> Result<void> {
        if (exchange.request.body.empty()) return {};
        const Datum json = HW_TRY(reader.read(exchange.request.body));
        order.client_id = HW_TRY(text_of(json, "clientid"));
        order.topic = HW_TRY(text_of(json, "topic"));
        if (const Datum* events = json.find("events"))
            order.events = HW_TRY(count_of(*events, "events", 10'000));
        if (const auto duration = HW_TRY(text_of(json, "duration")); !duration.empty())
            order.duration = HW_TRY(parse_duration(duration));
        return {};
    }();
    if (!read) return exchange.fail(read.error());
    rooms_.runtime->call(
        [&](rules::Worker& worker) { worker.tracer().begin(order, rooms_.clock.now()); });
    exchange.respond({202, {}, ""});
}

void RulesOperations::end_trace(Exchange exchange) {
    rooms_.runtime->call([](rules::Worker& worker) { worker.tracer().end(); });
    exchange.respond({204, {}, ""});
}

void RulesOperations::traces(Exchange exchange) const {
    std::string body;
    rooms_.runtime->call(
        [&](rules::Worker& worker) { body = worker.tracer().json(exchange.place("id")); });
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::functions(Exchange exchange) const {
    static constexpr std::string_view classes[] = {"scalar", "aggregate", "analytic",
                                                   "set_returning", "window"};
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto* function : rooms_.functions->all()) {
        json.begin_object();
        json.member("name", function->name);
        json.member("type", classes[static_cast<size_t>(function->type)]);
        json.member("group", function->group);
        json.member("origin", function->origin);
        json.member("signature", function->signature);
        json.member("help", function->help);
        json.member("example", function->example);
        json.member("example_result", function->example_result);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

}  // namespace hw::api
