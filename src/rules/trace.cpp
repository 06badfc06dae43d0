#include "rules/trace.h"

#include <utility>

#include "base/json_writer.h"
#include "model/point_path.h"

namespace hw::rules {

namespace {

constexpr size_t data_bytes = 4096;
constexpr size_t steps_limit = 200;  // of one event through one rule

const sql::Datum* column(const sql::Record& record, std::string_view name) {
    const int at = record.shape().find(name);
    return at < 0 ? nullptr : &record.column(static_cast<size_t>(at));
}

std::string_view text_of(const sql::Datum* value) {
    return value != nullptr && value->is_text() ? value->as_text() : std::string_view();
}

TraceStep make_step(std::string_view at, std::string_view outcome, std::string data) {
    if (data.size() > data_bytes) {
        data.resize(data_bytes);
        data += "...";
    }
    return {std::string(at), std::string(outcome), std::move(data), {}, {}};
}

void write_step(JsonWriter& json, const TraceStep& step) {
    json.begin_object();
    json.member("at", step.at);
    json.member("outcome", step.outcome);
    if (!step.data.empty()) json.member("data", step.data);
    if (step.operator_id) {
        json.member("operator", *step.operator_id);
        json.key("rows");
        json.begin_array();
        for (const auto& row : step.rows)
            json.raw(row);
        json.end_array();
    }
    json.end_object();
}

}  // namespace

void Tracer::begin(TraceOrder order, Time now) {
    until_ = now + order.duration;
    left_ = order.events;
    order_ = std::move(order);
}

bool Tracer::active(Time now) {
    if (!order_) return false;
    if (left_ > 0 && now < until_) return true;
    order_.reset();
    return false;
}

bool Tracer::wants_event(const sql::Record& record) {
    if (!order_ || left_ == 0) return false;
    if (!order_->client_id.empty() && text_of(column(record, "clientid")) != order_->client_id)
        return false;
    if (!order_->topic.empty()) {
        const auto topic = text_of(column(record, "topic"));
        if (topic.empty() || !model::matches(order_->topic, topic)) return false;
    }
    ++number_;
    counted_ = false;
    return true;
}

bool Tracer::wants_rule(std::string_view rule_id) const {
    return order_ && (order_->rule_id.empty() || order_->rule_id == rule_id);
}

bool Tracer::follows_timers(std::string_view rule_id) const {
    return order_ && left_ > 0 && order_->rule_id == rule_id && order_->client_id.empty() &&
           order_->topic.empty();
}

void Tracer::open(std::string_view rule_id, Time time, bool of_event) {
    // An event counts once however many rules it goes to.
    if (!of_event) ++number_;
    if (left_ > 0 && (!of_event || !counted_)) --left_;
    counted_ = true;
    current_ = {number_, std::string(rule_id), time, {}};
    operators_ = 1;
    open_ = true;
}

void Tracer::step(std::string_view at, std::string_view outcome, std::string data) {
    if (!open_ || current_.steps.size() >= steps_limit) return;
    current_.steps.push_back(make_step(at, outcome, std::move(data)));
}

void Tracer::operator_step(size_t operator_id, std::string_view at, std::string_view outcome,
                           std::string data, std::vector<std::string> rows) {
    if (!open_ || operators_ > current_.steps.size()) return;
    TraceStep step = make_step(at, outcome, std::move(data));
    step.operator_id = operator_id;
    step.rows = std::move(rows);
    current_.steps.insert(current_.steps.begin() + static_cast<std::ptrdiff_t>(operators_),
                          std::move(step));
    ++operators_;
}

void Tracer::close() {
    open_ = false;
    traces_.push_back(std::move(current_));
    while (traces_.size() > limit_)
        traces_.pop_front();
}

std::string Tracer::json(std::string_view rule_id) const {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.member("running", order_.has_value() && left_ > 0);
    json.member("left", order_ ? left_ : 0);
    json.key("until");
    if (order_) {
        json.value(until_);
    } else {
        json.null();
    }
    json.key("traces");
    json.begin_array();
    for (const auto& trace : traces_) {
        if (!rule_id.empty() && trace.rule_id != rule_id) continue;
        json.begin_object();
        json.member("number", trace.number);
        json.member("rule", trace.rule_id);
        json.member("time", trace.time);
        json.key("steps");
        json.begin_array();
        for (const auto& step : trace.steps)
            write_step(json, step);
        json.end_array();
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return text;
}

}  // namespace hw::rules
