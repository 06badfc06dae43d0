#include "rules/figures.h"

namespace hw::rules {

namespace {

void write_time(JsonWriter& json, std::string_view name, Time value) {
    json.key(name);
    if (value.ns == 0) return json.null();
    json.value(value);
}

void write_counts(JsonWriter& json, std::string_view name,
                  const std::vector<std::pair<std::string, uint64_t>>& counts) {
    json.key(name);
    json.begin_object();
    for (const auto& [reason, count] : counts)
        json.member(reason, count);
    json.end_object();
}

void write_action(JsonWriter& json, const RuleFigures::OfAction& action) {
    json.begin_object();
    json.member("type", action.type);
    json.member("name", action.name);
    json.member("rows", action.rows);
    json.member("sent", action.sent);
    json.member("failed", action.failed);
    json.member("skipped", action.skipped);
    json.member("dropped", action.dropped);
    json.member("queued", action.queued);
    json.member("queued_bytes", action.queued_bytes);
    json.member("last_error", action.last_error);
    write_time(json, "last_error_time", action.last_error_time);
    for (const auto& fallback : action.fallback) {
        json.key("fallback");
        write_action(json, fallback);
    }
    json.end_object();
}

void write_actions(JsonWriter& json, const RuleFigures& figures) {
    json.key("actions");
    json.begin_array();
    for (const auto& action : figures.actions)
        write_action(json, action);
    json.end_array();
}

void write_latency(JsonWriter& json, const RuleFigures& figures) {
    json.key("latency");
    json.begin_object();
    json.member("count", figures.latency_count);
    const auto count = static_cast<double>(figures.latency_count);
    const double sum_ms = static_cast<double>(figures.latency_sum_ns) * 1e-6;
    json.member("mean_ms", figures.latency_count == 0 ? 0.0 : sum_ms / count);
    json.key("buckets");
    json.begin_array();
    for (size_t i = 0; i < figures.latency.size(); ++i) {
        json.begin_object();
        json.member("le_ms", LatencyHistogram::bounds_s[i] * 1e3);
        json.member("count", figures.latency[i]);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

}  // namespace

void write_operators(JsonWriter& json, const std::vector<sql::OperatorFigures>& operators) {
    json.key("operators");
    json.begin_array();
    for (const auto& one : operators) {
        json.begin_object();
        json.member("name", one.name);
        json.member("detail", one.detail);
        json.member("in", one.in);
        json.member("out", one.out);
        json.member("errors", one.errors);
        json.member("late", one.late);
        json.member("state_rows", one.state_rows);
        json.member("state_bytes", one.state_bytes);
        write_counts(json, "errors_by_reason", one.errors_by_reason);
        json.end_object();
    }
    json.end_array();
}

void write_figures(JsonWriter& json, const RuleFigures& figures) {
    json.begin_object();
    json.member("id", figures.id);
    json.member("version", figures.version);
    write_time(json, "since", figures.since);
    json.member("in", figures.in);
    json.member("dropped", figures.dropped);
    json.member("passed", figures.passed);
    json.member("out", figures.out);
    json.member("failed", figures.failed);
    json.member("late", figures.late);
    json.member("looped", figures.looped);
    json.member("state_bytes", figures.state_bytes);
    write_counts(json, "errors", figures.errors);
    json.member("last_error", figures.last_error);
    write_time(json, "last_error_time", figures.last_error_time);
    json.key("last_row");
    if (figures.last_row.empty()) {
        json.null();
    } else if (figures.last_row_cut) {
        json.value(figures.last_row);
    } else {
        json.raw(figures.last_row);
    }
    write_time(json, "last_row_time", figures.last_row_time);
    write_latency(json, figures);
    write_actions(json, figures);
    if (!figures.operators.empty()) write_operators(json, figures.operators);
    json.end_object();
}

}  // namespace hw::rules
