// Rules as they are configured, and their figures.

#include <fmt/format.h>

#include <algorithm>

#include "api/gateway_request.h"
#include "api/rules_operations.h"
#include "base/json_writer.h"
#include "io/http_client.h"
#include "rules/figures.h"
#include "rules/rule_json.h"

namespace hw::api {

namespace {

const std::vector<std::string> list_parameters = {"tag", "enabled", "like", "limit", "cursor"};

std::string etag_of(const rules::StoredRule& rule) {
    return fmt::format("\"{}\"", rule.version);
}

Error no_rule(std::string_view id) {
    return Error(ErrorCode::not_found, fmt::format("rule '{}' does not run", id));
}

}  // namespace

Result<rules::Change> rule_change_of(const io::HttpRequest& request) {
    auto change = change_of(request);
    HW_TRY(read_if_match(request, change));
    return rules::Change{std::move(change.actor), std::move(change.origin), change.revision};
}

void refuse_rule(Exchange& exchange, const Error& error, const rules::Change& change) {
    if (change.version && error.code() == ErrorCode::conflict)
        return exchange.respond(problem(412, to_string(error.code()), error.text()));
    if (!change.flaw) return exchange.fail(error);
    const auto& flaw = *change.flaw;
    const unsigned status = http_status(error.code());
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("type", "about:blank");
    json.member("title", "Bad Request");
    json.member("status", status);
    json.member("code", to_string(error.code()));
    json.member("detail", flaw.full_text());
    json.member("line", flaw.place.line);
    json.member("column", flaw.place.column);
    json.member("found", flaw.text);
    json.member("expected", flaw.expected);
    json.member("nearest", flaw.nearest);
    json.end_object();
    exchange.respond({status, {{"content-type", "application/problem+json"}}, std::move(body)});
}

std::string_view RulesOperations::status_of(const rules::StoredRule& rule) const {
    if (!rule.spec.enabled) return "disabled";
    if (!rule.problem.empty()) return "failed";
    return rooms_.manager->active(rule.spec.id) ? "running" : "waiting";
}

void RulesOperations::write_rule(JsonWriter& json, const rules::StoredRule& rule) const {
    json.begin_object();
    rules::write_rule_members(json, rule.spec);
    json.member("version", rule.version);
    json.member("created_at", rule.created);
    json.member("updated_at", rule.updated);
    json.member("updated_by", rule.actor);
    json.member("status", status_of(rule));
    if (!rule.problem.empty()) json.member("problem", rule.problem);
    json.end_object();
}

std::string RulesOperations::rule_body(const rules::StoredRule& rule) const {
    std::string body;
    JsonWriter json(body);
    write_rule(json, rule);
    return body;
}

void RulesOperations::answer(Exchange& exchange, const Result<rules::Manager::Rule>& rule,
                             const rules::Change& change, unsigned status) const {
    if (!rule) return refuse_rule(exchange, rule.error(), change);
    auto response = json_response(rule_body(**rule), status);
    response.headers.emplace_back("etag", etag_of(**rule));
    if (status == 201)
        response.headers.emplace_back("location",
                                      "/api/v1/rules/" + io::percent_encode((*rule)->spec.id));
    exchange.respond(std::move(response));
}

void RulesOperations::list(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, list_parameters); !known)
        return exchange.fail(known.error());
    const auto limit = number_parameter(request, "limit", 1, settings_.page_limit_max);
    if (!limit) return exchange.fail(limit.error());
    const auto enabled = bool_parameter(request, "enabled");
    if (!enabled) return exchange.fail(enabled.error());
    const auto after = decode_cursor(request.parameter("cursor").value_or(""));
    if (!after) return exchange.fail(after.error());
    const auto like = request.parameter("like").value_or("");
    std::string body = "{\"items\":[";
    std::string next;
    std::string_view last;
    size_t rows = 0;
    const auto rules = rooms_.manager->list(request.parameter("tag").value_or(""));
    for (const auto& rule : rules) {
        const auto& spec = rule->spec;
        if (spec.id <= *after || (*enabled && spec.enabled != **enabled)) continue;
        if (spec.id.find(like) == std::string::npos) continue;
        if (rows == limit->value_or(settings_.page_limit_default)) {
            next = encode_cursor(last);
            break;
        }
        if (rows++ > 0) body += ",\n";
        last = spec.id;
        JsonWriter json(body);
        write_rule(json, *rule);
    }
    body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::get(Exchange exchange) const {
    answer(exchange, rooms_.manager->get(exchange.place("id")), {});
}

void RulesOperations::create(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    auto spec = rules::read_rule(exchange.request.body);
    if (!spec) return exchange.fail(spec.error());
    answer(exchange, rooms_.manager->create(std::move(*spec), *change), *change, 201);
}

void RulesOperations::replace(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    auto spec = rules::read_rule(exchange.request.body);
    if (!spec) return exchange.fail(spec.error());
    bool created = false;
    const auto rule =
        rooms_.manager->replace(exchange.place("id"), std::move(*spec), *change, created);
    answer(exchange, rule, *change, created ? 201 : 200);
}

void RulesOperations::patch(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    answer(exchange, rooms_.manager->patch(exchange.place("id"), exchange.request.body, *change),
           *change);
}

void RulesOperations::remove(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    if (auto removed = rooms_.manager->remove(exchange.place("id"), *change); !removed)
        return refuse_rule(exchange, removed.error(), *change);
    exchange.respond({204, {}, ""});
}

void RulesOperations::set_enabled(Exchange exchange, bool enabled) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    answer(exchange, rooms_.manager->set_enabled(exchange.place("id"), enabled, *change), *change);
}

void RulesOperations::metrics(Exchange exchange) const {
    const auto& id = exchange.place("id");
    if (const auto rule = rooms_.manager->get(id); !rule) return exchange.fail(rule.error());
    const auto figures = rooms_.manager->figures(id);
    if (!figures) return exchange.fail(no_rule(id));
    std::string body;
    JsonWriter json(body);
    rules::write_figures(json, *figures);
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::plan(Exchange exchange) const {
    const auto& id = exchange.place("id");
    if (const auto rule = rooms_.manager->get(id); !rule) return exchange.fail(rule.error());
    std::string text;
    std::string plan;
    rooms_.runtime->call([&](rules::Worker& worker) {
        text = worker.engine().plan_text(id);
        plan = worker.engine().plan_json(id);
    });
    if (plan.empty()) return exchange.fail(no_rule(id));
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("text", text);
    json.key("operators");
    json.raw(plan);
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::versions(Exchange exchange) const {
    const auto versions = rooms_.manager->versions(exchange.place("id"));
    if (!versions) return exchange.fail(versions.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& version : *versions) {
        json.begin_object();
        json.member("version", version.version);
        json.member("time", version.time);
        json.member("actor", version.actor);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

namespace {

Result<int64_t> version_number(std::string_view text) {
    io::HttpRequest inner;
    inner.query.emplace_back("version", std::string(text));
    const auto number = HW_TRY(number_parameter(inner, "version", 1, INT64_MAX));
    return static_cast<int64_t>(number.value_or(0));
}

}  // namespace

void RulesOperations::version(Exchange exchange) const {
    const auto number = version_number(exchange.place("version"));
    if (!number) return exchange.fail(number.error());
    const auto rule = rooms_.manager->version(exchange.place("id"), *number);
    if (!rule) return exchange.fail(rule.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    rules::write_rule_members(json, rule->spec);
    json.member("version", rule->version);
    json.member("updated_at", rule->updated);
    json.member("updated_by", rule->actor);
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void RulesOperations::diff(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, std::vector<std::string>{"from", "to"}); !known)
        return exchange.fail(known.error());
    const auto rule = rooms_.manager->get(exchange.place("id"));
    if (!rule) return exchange.fail(rule.error());
    const auto newest = static_cast<uint64_t>((*rule)->version);
    const auto to = number_parameter(request, "to", 1, INT64_MAX);
    if (!to) return exchange.fail(to.error());
    const auto from = number_parameter(request, "from", 1, INT64_MAX);
    if (!from) return exchange.fail(from.error());
    const uint64_t last = to->value_or(newest);
    const uint64_t first = from->value_or(std::max<uint64_t>(last - 1, 1));
    const auto text = rooms_.manager->diff((*rule)->spec.id, static_cast<int64_t>(first),
                                           static_cast<int64_t>(last));
    if (!text) return exchange.fail(text.error());
    exchange.respond({200, {{"content-type", "text/plain; charset=utf-8"}}, *text});
}

void RulesOperations::roll_back(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto number = version_number(exchange.place("version"));
    if (!number) return exchange.fail(number.error());
    answer(exchange, rooms_.manager->roll_back(exchange.place("id"), *number, *change), *change);
}

void RulesOperations::export_all(Exchange exchange) const {
    exchange.respond({200,
                      {{"content-type", "application/json"},
                       {"content-disposition", "attachment; filename=\"rules.json\""}},
                      rooms_.manager->export_all()});
}

void RulesOperations::import_all(Exchange exchange) {
    auto change = rule_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto report = rooms_.manager->import_all(exchange.request.body, *change);
    if (!report) return exchange.fail(report.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("created", report->created);
    json.member("changed", report->changed);
    json.member("unchanged", report->unchanged);
    json.key("errors");
    json.begin_array();
    for (const auto& error : report->errors)
        json.value(error);
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

}  // namespace hw::api
