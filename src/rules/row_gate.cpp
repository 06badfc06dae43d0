#include "rules/row_gate.h"

#include <algorithm>
#include <utility>

#include "sql/json.h"

namespace hw::rules {

namespace {

sql::Datum as_object(const sql::Record& record) {
    sql::Datum::Members members;
    const auto& columns = record.shape().columns;
    for (size_t i = 0; i < columns.size(); ++i)
        if (!record.column(i).is_null())
            members.push_back({sql::Datum::text(columns[i].name), record.column(i)});
    return sql::Datum::object(std::move(members));
}

bool all_single(const std::vector<ActionSlot>& actions) {
    return std::all_of(actions.begin(), actions.end(),
                       [](const ActionSlot& action) { return action.single(); });
}

}  // namespace

void RowGate::begin(RunningRule& rule, Time now, Time wall, std::optional<Time> arrival,
                    uint8_t hops) {
    rule_ = &rule;
    now_ = now;
    wall_ = wall;
    arrival_ = arrival;
    hops_ = hops;
    item_.rule_id = rule.spec->id;
}

void RowGate::row(sql::OutputRow row) {
    ++rule_->out;
    ++figures_.rows;
    if (arrival_) rule_->latency.observe_ns(std::max<int64_t>(0, (wall_ - *arrival_).ns));
    rule_->last_row = row.row;
    rule_->last_row_time = row.time;
    if (rule_->listener) rule_->listener->row(row);
    if (tracer_.is_open()) tracer_.step("row", "out", sql::to_json(row.row));
    item_.time = row.time;
    item_.sequence = rule_->sequence++;
    if (!all_single(rule_->actions)) {
        together_.push_back(row.row);
        together_time_ = row.time;
    }
    item_.row = std::move(row.row);
    give(rule_->actions, true);
}

void RowGate::end() {
    if (!together_.empty()) {
        item_.time = together_time_;
        item_.row = sql::Datum::array(std::exchange(together_, {}));
        give(rule_->actions, false);
    }
    item_.row = {};
    rule_ = nullptr;
}

void RowGate::give(std::vector<ActionSlot>& actions, bool single) {
    if (hops_ >= hops_limit_ && !actions.empty()) {
        ++rule_->looped;
        ++figures_.looped;
        for (auto& action : actions)
            action.drop_looped();
        if (tracer_.is_open()) tracer_.step("actions", "dropped: it went round in a circle");
        return;
    }
    for (auto& action : actions)
        if (action.single() == single) give_one(action);
}

void RowGate::give_one(ActionSlot& action) {
    RowContext context{wall_, hops_, &outputs_, &loose_, &strict_, nullptr};
    const auto outcome = action.offer(item_, context);
    if (tracer_.is_open()) tracer_.step("action " + action.name(), to_text(outcome));
}

void RowGate::give_refused(ActionSlot& fallback, const connector::Item& item, Time wall) {
    RowContext context{wall, item.hops, &outputs_, &loose_, &strict_, nullptr};
    (void)fallback.offer(item, context);  // what fails is in its figures
}

void RowGate::late(const sql::Record& record) {
    ++rule_->late;
    ++figures_.late;
    if (tracer_.is_open()) tracer_.step("late", "came after its window had closed");
    if (rule_->listener) rule_->listener->late(record);
    if (rule_->late_actions.empty()) return;
    item_.row = as_object(record);
    item_.time = record.time();
    item_.sequence = rule_->sequence++;
    for (auto& action : rule_->late_actions)
        give_one(action);
}

void RowGate::failed(size_t operator_id, const std::string& reason) {
    ++figures_.failed;
    rule_->count_error(wall_, reason);
    if (rule_->listener) rule_->listener->failed(operator_id, reason);
    if (tracer_.is_open())
        tracer_.step("operator " + std::to_string(operator_id), "failed: " + reason);
}

}  // namespace hw::rules
