// Bans and traces of MQTT clients.

#include <fmt/format.h>

#include <algorithm>

#include "api/answers.h"
#include "api/broker_json.h"
#include "api/broker_operations.h"
#include "api/gateway_request.h"
#include "base/assert.h"
#include "broker/topic.h"
#include "sql/json.h"

namespace hw::api {

namespace {

using sql::Datum;

constexpr size_t body_bytes_limit = 64 << 10;
constexpr size_t text_limit = 1'024;  // bytes of a value or a reason
constexpr size_t step_visits = 2'000;
constexpr size_t records_limit = 10'000;
constexpr Duration trace_default = seconds(600);
constexpr Duration trace_longest = seconds(86'400);

const std::vector<std::string> remove_ban_parameters = {"kind", "value", "reason"};
const std::vector<std::string> record_parameters = {"after", "limit", "format"};

std::unexpected<Error> wrong(std::string text) {
    return hw::fail(ErrorCode::invalid_argument, std::move(text));
}

Result<Datum> read_object(std::string_view body, std::span<const std::string> known) {
    auto read = HW_TRY(sql::JsonReader(body_bytes_limit).read(body));
    if (!read.is_object()) return wrong("the body must be a JSON object");
    for (const auto& member : read.members()) {
        const std::string name(member.key.as_text());
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const auto close = nearest(name, known);
        return wrong(
            close ? fmt::format("member '{}' is not known here; did you mean '{}'?", name, *close)
                  : fmt::format("member '{}' is not known here", name));
    }
    return read;
}

// Empty where it is missing or null.
Result<std::string> text_member(const Datum& object, std::string_view name) {
    const Datum* value = object.find(name);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_text()) return wrong(fmt::format("{} must be a text", name));
    const auto text = value->as_text();
    if (text.size() > text_limit)
        return wrong(
            fmt::format("{} has {} bytes, the limit is {}", name, text.size(), text_limit));
    // No client, topic or address has one, so that it would never be met.
    if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' '; }))
        return wrong(fmt::format("{} has a control character", name));
    return std::string(text);
}

// A time, or "for": how long from now.
Result<std::optional<Time>> until_member(const Datum& object, Time now) {
    const auto until = HW_TRY(text_member(object, "until"));
    const auto span = HW_TRY(text_member(object, "for"));
    if (!until.empty() && !span.empty()) return wrong("until and for exclude each other");
    std::optional<Time> end;
    if (!until.empty()) {
        const auto time = parse_time(until, now);
        if (!time) return hw::fail(time.error().within("until"));
        end = *time;
    }
    if (!span.empty()) {
        const auto duration = parse_duration(span);
        if (!duration) return hw::fail(duration.error().within("for"));
        end = now + *duration;
    }
    if (end && *end <= now)
        return wrong(fmt::format("until '{}' is not in the future", format_rfc3339(*end)));
    return end;
}

Result<Ban> read_ban(std::string_view body, Time now) {
    static const std::vector<std::string> known = {"kind", "value", "until", "for", "reason"};
    const auto object = HW_TRY(read_object(body, known));
    Ban ban;
    const auto kind = HW_TRY(text_member(object, "kind"));
    ban.kind = HW_TRY(read_ban_kind(kind));
    ban.value = HW_TRY(text_member(object, "value"));
    if (ban.value.empty()) return wrong("value is missing: whom to ban");
    ban.until = HW_TRY(until_member(object, now));
    ban.reason = HW_TRY(text_member(object, "reason"));
    ban.created_at = now;
    return ban;
}

Result<TraceSpec> read_trace(std::string_view body, Time now) {
    static const std::vector<std::string> known = {"name", "kind", "value", "until", "for"};
    const auto object = HW_TRY(read_object(body, known));
    TraceSpec spec;
    spec.name = HW_TRY(text_member(object, "name"));
    if (spec.name.empty() || spec.name.size() > 128) return wrong("name must have 1 to 128 bytes");
    const auto kind = HW_TRY(text_member(object, "kind"));
    spec.kind = HW_TRY(read_trace_kind(kind));
    spec.value = HW_TRY(text_member(object, "value"));
    if (spec.value.empty()) return wrong("value is missing: what to follow");
    if (spec.kind == TraceKind::topic && !broker::is_filter(spec.value, 128))
        return wrong(fmt::format("'{}' is no topic filter", spec.value));
    const auto until = HW_TRY(until_member(object, now));
    spec.until = until.value_or(now + trace_default);
    if (spec.until > now + trace_longest)
        return wrong(fmt::format("a trace may last {} at most", format_duration(trace_longest)));
    return spec;
}

Error no_trace(std::string_view name) {
    return Error(ErrorCode::not_found, fmt::format("there is no trace '{}'", name));
}

template <class T>
std::string one_json(const T& what, void (*write)(JsonWriter&, const T&)) {
    std::string body;
    JsonWriter json(body);
    write(json, what);
    return body;
}

}  // namespace

std::string_view to_string(BanKind kind) {
    switch (kind) {
        case BanKind::client:
            return "client";
        case BanKind::user:
            return "user";
        case BanKind::address:
            return "address";
    }
    HW_UNREACHABLE();
}

Result<BanKind> read_ban_kind(std::string_view text) {
    for (const auto kind : {BanKind::client, BanKind::user, BanKind::address})
        if (to_string(kind) == text) return kind;
    return wrong(fmt::format("kind '{}' is not one of client, user, address", text));
}

std::string_view to_string(TraceKind kind) {
    switch (kind) {
        case TraceKind::client:
            return "client";
        case TraceKind::topic:
            return "topic";
        case TraceKind::address:
            return "address";
    }
    HW_UNREACHABLE();
}

Result<TraceKind> read_trace_kind(std::string_view text) {
    for (const auto kind : {TraceKind::client, TraceKind::topic, TraceKind::address})
        if (to_string(kind) == text) return kind;
    return wrong(fmt::format("kind '{}' is not one of client, topic, address", text));
}

// ---- bans

void BrokerOperations::list_bans(Exchange exchange) const {
    answer_list(exchange, rooms_.bans.list(), write_ban);
}

void BrokerOperations::put_ban(Exchange exchange) {
    auto ban = read_ban(exchange.request.body, rooms_.clock.now());
    if (!ban) return exchange.fail(ban.error());
    ban->created_by = change_of(exchange.request).actor;
    if (auto put = rooms_.bans.put(*ban); !put) return exchange.fail(put.error());
    audit(exchange.request, "mqtt.ban.create", ban->value, "", one_json(*ban, write_ban),
          ban->reason);
    kick_banned(std::move(exchange), std::move(*ban));
}

// Those of the ban that are connected go; the answer tells how many.
void BrokerOperations::kick_banned(Exchange exchange, Ban ban) {
    struct Notes {
        Ban ban;
        std::string after;
        uint64_t kicked = 0;
    };
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), {std::move(ban), {}, 0},
        [this](broker::Broker& broker, Notes& n) {
            const auto page = broker.clients({.after = n.after,
                                              .connected_only = true,
                                              .limit = step_visits,
                                              .visits = step_visits});
            for (const auto& client : page.items)
                if (rooms_.bans.holds(client.client_id, client.user_name, client.peer) &&
                    broker.kick(client.client_id))
                    ++n.kicked;
            n.after = page.next.value_or("");
            return !page.next;
        },
        [](Exchange& asked, Notes& n) {
            std::string body;
            JsonWriter json(body);
            json.begin_object();
            json.key("ban");
            write_ban(json, n.ban);
            json.member("kicked", n.kicked);
            json.end_object();
            asked.respond(json_response(std::move(body), 201));
        });
}

void BrokerOperations::remove_ban(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, remove_ban_parameters); !known)
        return exchange.fail(known.error());
    const auto kind = read_ban_kind(request.parameter("kind").value_or(""));
    if (!kind) return exchange.fail(kind.error());
    const std::string value(request.parameter("value").value_or(""));
    const auto removed = rooms_.bans.remove(*kind, value);
    if (!removed) return exchange.fail(removed.error());
    if (!*removed)
        return exchange.fail(Error(ErrorCode::not_found, fmt::format("there is no ban of {} '{}'",
                                                                     to_string(*kind), value)));
    audit(request, "mqtt.ban.remove", value, fmt::format(R"({{"kind":"{}"}})", to_string(*kind)),
          "", std::string(request.parameter("reason").value_or("")));
    exchange.respond({204, {}, ""});
}

// ---- traces

void BrokerOperations::list_traces(Exchange exchange) const {
    answer_list(exchange, rooms_.traces.list(), write_trace);
}

void BrokerOperations::begin_trace(Exchange exchange) {
    auto spec = read_trace(exchange.request.body, rooms_.clock.now());
    if (!spec) return exchange.fail(spec.error());
    spec->created_by = change_of(exchange.request).actor;
    const auto begun = rooms_.traces.begin(std::move(*spec));
    if (!begun) return exchange.fail(begun.error());
    auto body = one_json(*begun, write_trace);
    audit(exchange.request, "mqtt.trace.create", begun->spec.name, "", body, "");
    exchange.respond(json_response(std::move(body), 201));
}

void BrokerOperations::get_trace(Exchange exchange) const {
    const auto trace = rooms_.traces.find(exchange.place("name"));
    if (!trace) return exchange.fail(no_trace(exchange.place("name")));
    exchange.respond(json_response(one_json(*trace, write_trace)));
}

void BrokerOperations::trace_records(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, record_parameters); !known)
        return exchange.fail(known.error());
    const auto after = number_parameter(request, "after", 0, INT64_MAX);
    if (!after) return exchange.fail(after.error());
    const auto limit = number_parameter(request, "limit", 1, records_limit);
    if (!limit) return exchange.fail(limit.error());
    const auto format = wanted_format(request);
    if (!format) return exchange.fail(format.error());
    const auto records =
        rooms_.traces.records(exchange.place("name"), *after, limit->value_or(1'000));
    if (!records) return exchange.fail(no_trace(exchange.place("name")));
    std::string body;
    if (*format != Format::json) {
        for (const auto& record : *records) {
            JsonWriter line(body);
            write_record(line, record);
            body += '\n';
        }
        return exchange.respond({200, {{"content-type", "application/x-ndjson"}}, std::move(body)});
    }
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& record : *records)
        write_record(json, record);
    json.end_array();
    json.member("last", records->empty() ? after->value_or(0) : records->back().number);
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void BrokerOperations::stop_trace(Exchange exchange) {
    const auto& name = exchange.place("name");
    if (!rooms_.traces.stop(name)) return exchange.fail(no_trace(name));
    audit(exchange.request, "mqtt.trace.stop", name, "", "", "");
    get_trace(std::move(exchange));
}

void BrokerOperations::remove_trace(Exchange exchange) {
    const auto& name = exchange.place("name");
    if (!rooms_.traces.remove(name)) return exchange.fail(no_trace(name));
    audit(exchange.request, "mqtt.trace.remove", name, "", "", "");
    exchange.respond({204, {}, ""});
}

}  // namespace hw::api
