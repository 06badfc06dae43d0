#include "api/twin_past.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/adder.h"
#include "api/history_query.h"
#include "api/row_writer.h"
#include "api/twin_operations.h"
#include "base/json_writer.h"

namespace hw::api {

namespace {

using twin::PastEvent;
using twin::Scope;

constexpr std::string_view errors =
    "400 application/problem+json Refused, the detail says why; "
    "404 application/problem+json No such twin";
constexpr std::string_view event_columns = "time,twin,kind,path,actor,before,after,result,detail";
constexpr Duration default_range = seconds(86'400);

struct Range {
    Time from, to;
};

// By default the last day.
Result<Range> range_of(const io::HttpRequest& request, Time now) {
    Range range;
    range.to = HW_TRY(time_parameter(request, "to", now)).value_or(now);
    range.from = HW_TRY(time_parameter(request, "from", now)).value_or(range.to - default_range);
    if (range.from <= range.to) return range;
    return hw::fail(ErrorCode::invalid_argument,
                    fmt::format("from {} is after to {}", format_rfc3339(range.from),
                                format_rfc3339(range.to)));
}

std::vector<std::string> names_of(std::vector<std::string> names,
                                  const std::vector<Parameter>& more) {
    for (const auto& parameter : more)
        names.emplace_back(parameter.name);
    return names;
}

// Of one twin: it alone, or with a depth what is reached from it.
Result<Scope> scope_of_one(const Exchange& exchange) {
    Scope scope = HW_TRY(scope_of(exchange.request));
    const std::string& id = exchange.place("id");
    const auto depth = exchange.request.parameter("depth");
    if (depth && *depth != "0") {
        scope.root = id;
    } else {
        scope.filter = id;
    }
    return scope;
}

void finish_page(Exchange& exchange, std::string body, Format format, const std::string& next) {
    if (format == Format::json)
        body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    io::HttpResponse response{
        200, {{"content-type", std::string(content_type(format))}}, std::move(body)};
    if (!next.empty()) response.headers.emplace_back("x-next-cursor", next);
    exchange.respond(std::move(response));
}

void text_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
    json.key(name);
    text.empty() ? json.null() : json.value(text);
}

void write_event(std::string& body, const PastEvent& event) {
    JsonWriter json(body);
    json.begin_object();
    json.member("time", event.time);
    json.member("twin", event.twin);
    json.member("kind", event.kind);
    text_or_null(json, "path", event.path);
    text_or_null(json, "actor", event.actor);
    for (const auto& [name, text] :
         {std::pair<std::string_view, const std::string&>{"before", event.before},
          {"after", event.after}}) {
        json.key(name);
        text.empty() ? json.null() : json.raw(text);
    }
    json.member("result", event.result);
    text_or_null(json, "detail", event.detail);
    json.end_object();
}

void write_event_csv(std::string& body, const PastEvent& event) {
    const std::string time = format_rfc3339(event.time);
    bool first = true;
    for (const std::string_view text :
         {std::string_view(time), std::string_view(event.twin), std::string_view(event.kind),
          std::string_view(event.path), std::string_view(event.actor),
          std::string_view(event.before), std::string_view(event.after),
          std::string_view(event.result), std::string_view(event.detail)}) {
        if (!std::exchange(first, false)) body += ',';
        append_csv_text(body, text);
    }
    body += '\n';
}

std::string events_body(const twin::EventPage& page, Format format) {
    std::string body = format == Format::json ? "{\"items\":[" : "";
    if (format == Format::csv) body = fmt::format("{}\n", event_columns);
    bool first = true;
    for (const auto& event : page.events) {
        if (format == Format::csv) {
            write_event_csv(body, event);
            continue;
        }
        if (!std::exchange(first, false) && format == Format::json) body += ",\n";
        write_event(body, event);
        if (format == Format::ndjson) body += '\n';
    }
    return body;
}

double in_seconds(Duration duration) {
    return static_cast<double>(duration.ns) / 1e9;
}

void write_interval(JsonWriter& json, const twin::WhenAnswer::Interval& interval) {
    json.begin_object();
    json.member("from", interval.from);
    json.member("to", interval.to);
    json.member("seconds", in_seconds(interval.to - interval.from));
    json.end_object();
}

std::string when_body(const twin::WhenQuery& query, const twin::WhenAnswer& answer) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("condition", query.condition);
    json.member("from", query.from);
    json.member("to", query.to);
    json.member("count", answer.count);
    json.member("seconds", in_seconds(answer.total));
    json.member("held_before", answer.before);
    json.member("still_holds", answer.still);
    for (const auto& [name, interval] :
         {std::pair<std::string_view, const std::optional<twin::WhenAnswer::Interval>&>{
              "first", answer.first},
          {"last", answer.last}}) {
        json.key(name);
        interval ? write_interval(json, *interval) : json.null();
    }
    json.member("samples", answer.rows);
    text_or_null(json, "error", answer.error);
    json.key("intervals");
    json.begin_array();
    for (const auto& interval : answer.intervals)
        write_interval(json, interval);
    json.end_array();
    json.end_object();
    body += '\n';
    return body;
}

}  // namespace

void TwinPastOperations::diff(Exchange exchange, bool one) const {
    static const auto known =
        names_of({"from", "to", "limit", "cursor", "format"}, scope_parameters);
    const auto& request = exchange.request;
    const auto page = [&]() -> Result<void> {
        HW_TRY(check_parameters(request, known));
        const Format format = HW_TRY(wanted_format(request));
        if (format == Format::csv)
            return hw::fail(ErrorCode::invalid_argument, "differences are json or ndjson, not csv");
        const Scope scope = one ? HW_TRY(scope_of_one(exchange)) : HW_TRY(scope_of(request));
        const Range range = HW_TRY(range_of(request, rooms_.clock.now()));
        const auto limit = HW_TRY(number_parameter(request, "limit", 1, settings_.page_limit_max))
                               .value_or(settings_.page_limit_default);
        const std::string after = HW_TRY(decode_cursor(request.parameter("cursor").value_or("")));
        const auto all = HW_TRY(rooms_.past.between(scope, range.from, range.to));
        std::string body, next;
        if (format == Format::json)
            body = fmt::format("{{\"from\":\"{}\",\"to\":\"{}\",\"items\":[",
                               format_rfc3339(range.from), format_rfc3339(range.to));
        size_t rows = 0;
        std::string_view last;
        for (const auto& difference : all) {
            if (difference.twin <= after) continue;
            if (rows == limit) {
                next = encode_cursor(last);
                break;
            }
            if (rows++ > 0 && format == Format::json) body += ",\n";
            JsonWriter json(body);
            twin::write_difference(json, difference);
            if (format == Format::ndjson) body += '\n';
            last = difference.twin;
        }
        finish_page(exchange, std::move(body), format, next);
        return {};
    }();
    if (!page) exchange.fail(page.error());
}

void TwinPastOperations::events(Exchange exchange, bool one) const {
    static const auto known =
        names_of({"from", "to", "limit", "cursor", "format"}, scope_parameters);
    const auto& request = exchange.request;
    const auto page = [&]() -> Result<void> {
        HW_TRY(check_parameters(request, known));
        const Format format = HW_TRY(wanted_format(request));
        twin::EventQuery query;
        query.scope = one ? HW_TRY(scope_of_one(exchange)) : HW_TRY(scope_of(request));
        const Range range = HW_TRY(range_of(request, rooms_.clock.now()));
        query.from = range.from;
        query.to = range.to;
        query.limit = HW_TRY(number_parameter(request, "limit", 1, settings_.page_limit_max))
                          .value_or(settings_.page_limit_default);
        query.cursor = HW_TRY(decode_cursor(request.parameter("cursor").value_or("")));
        const auto found = HW_TRY(rooms_.past.events(query));
        finish_page(exchange, events_body(found, format), format,
                    found.next.empty() ? "" : encode_cursor(found.next));
        return {};
    }();
    if (!page) exchange.fail(page.error());
}

void TwinPastOperations::when(Exchange exchange) const {
    static const std::vector<std::string> known = {"condition", "from", "to", "limit"};
    const auto& request = exchange.request;
    const auto answered = [&]() -> Result<void> {
        HW_TRY(check_parameters(request, known));
        const Range range = HW_TRY(range_of(request, rooms_.clock.now()));
        const auto condition = request.parameter("condition");
        if (!condition || condition->empty())
            return hw::fail(ErrorCode::invalid_argument,
                            "say what is asked: condition=<expression>, such as level > 3");
        const auto limit = HW_TRY(number_parameter(request, "limit", 1, settings_.page_limit_max))
                               .value_or(settings_.page_limit_default);
        const twin::WhenQuery query{std::string(*condition), range.from, range.to, limit};
        const auto answer = HW_TRY(rooms_.past.when(exchange.place("id"), query));
        exchange.respond(json_response(when_body(query, answer)));
        return {};
    }();
    if (!answered) exchange.fail(answered.error());
}

void TwinPastOperations::add_to(std::vector<Operation>& operations) {
    Adder to(operations);
    const std::vector<Parameter> range = {
        {"from", "string", "RFC 3339, epoch or now-6h; default a day before to"},
        {"to", "string", "As from; default now"},
        {"limit", "integer", "Rows in a page; default http.page_limit_default"},
        {"cursor", "string", "The 'next' of the page before"},
        {"format", "string", "json or ndjson (events: csv too); else by Accept"}};
    const auto with_scope = [&] {
        auto all = scope_parameters;
        all.insert(all.end(), range.begin(), range.end());
        return all;
    };
    auto of_one = range;
    of_one.insert(of_one.begin(), {scope_parameters[3], scope_parameters[4], scope_parameters[5]});
    const std::string twin = "/api/v1/twins/{id}";
    to.add(
        "GET", twin + "/diff", "diffTwin",
        "What differs of a twin, or with a depth of what is reached from it, between two times",
        joined("200 application/json#DifferenceList The differences; ", errors),
        [this](Exchange exchange) { diff(std::move(exchange), true); }, "", "", of_one);
    to.add(
        "GET", "/api/v1/twin/diff", "diffTwins", "What differs of twins between two times",
        joined("200 application/json#DifferenceList The differences; ", errors),
        [this](Exchange exchange) { diff(std::move(exchange), false); }, "", "", with_scope());
    to.add(
        "GET", twin + "/events", "listTwinEvents",
        "What happened to a twin, newest first: its description, orders, writes",
        joined("200 application/json#TwinEventList,text/csv A page; ", errors),
        [this](Exchange exchange) { events(std::move(exchange), true); }, "", "", of_one);
    to.add(
        "GET", "/api/v1/twin/past/events", "listTwinsEvents",
        "What happened to twins, newest first",
        joined("200 application/json#TwinEventList,text/csv A page; ", errors),
        [this](Exchange exchange) { events(std::move(exchange), false); }, "", "", with_scope());
    to.add("GET", twin + "/history/{path}", "getTwinHistory",
           "The history of a property: that of the point which fed it",
           joined("200 application/json,application/x-ndjson,text/csv The rows; ", errors),
           [this](Exchange exchange) { history(std::move(exchange)); }, "", "",
           {{"from", "string", "As GET /api/v1/history, as all of these; default an hour ago"},
            {"to", "string", "Default now"},
            {"every", "string", "Figures of buckets of this width"},
            {"aggregate", "string", "mean, min, max, ..., by commas"},
            {"fill", "string", "none, previous, linear or null"},
            {"max_points", "integer", "Decimate to so many rows"},
            {"decimate", "string", "min_max or lttb"},
            {"thin", "string", "The last sample of each so long slice, and changes of quality"},
            {"before", "string", "true: begin with the last sample before 'from'"},
            {"quality", "string", "any or good"},
            {"order", "string", "asc or desc"},
            {"limit", "integer", "Rows in a page"},
            {"cursor", "string", "The 'next' of the page before"},
            {"format", "string", "json, ndjson or csv"}});
    to.add("GET", twin + "/when", "whenTwin", "When a condition over a twin held",
           joined("200 application/json#WhenAnswer The intervals; ", errors),
           [this](Exchange exchange) { when(std::move(exchange)); }, "", "",
           {{"condition", "string", "An expression over its properties, such as level > 3", true},
            {"from", "string", "RFC 3339, epoch or now-6h; default a day before to"},
            {"to", "string", "As from; default now"},
            {"limit", "integer", "Intervals that are listed; figures are of all"}});
}

}  // namespace hw::api
