#include "rules/running_rule.h"

#include <algorithm>

#include "rules/outputs.h"
#include "rules/source_table.h"
#include "sql/datum_codec.h"
#include "sql/json.h"

namespace hw::rules {

namespace {

constexpr size_t reasons_limit = 16;
constexpr size_t reason_bytes = 80;
constexpr size_t shown_row_bytes = 4096;

// The members named; one that the row does not have is left out.
sql::Datum chosen(const sql::Datum& row, const std::vector<std::string>& fields) {
    if (fields.empty() || !row.is_object()) return row;
    sql::Datum::Members members;
    for (const auto& field : fields)
        if (const sql::Datum* value = row.find(field))
            members.push_back({sql::Datum::text(field), *value});
    return sql::Datum::object(std::move(members));
}

sql::Datum chosen_of_all(const sql::Datum& rows, const std::vector<std::string>& fields) {
    if (fields.empty() || !rows.is_array()) return chosen(rows, fields);
    sql::Datum::Items items;
    for (const auto& row : rows.items())
        items.push_back(chosen(row, fields));
    return sql::Datum::array(std::move(items));
}

bool is_empty(const sql::Datum& row) {
    return row.is_null() || (row.is_object() && row.members().empty()) ||
           (row.is_array() && row.items().empty());
}

// The words before whatever value the text names, so that equal failures count together.
std::string_view reason_of(std::string_view text) {
    const size_t value = text.find_first_of("'\"0123456789");
    std::string_view words = text.substr(0, std::min(value, reason_bytes));
    while (words.ends_with(' '))
        words.remove_suffix(1);
    return words.size() < 4 ? text.substr(0, reason_bytes) : words;
}

}  // namespace

Result<ActionSlot> ActionSlot::make(const ActionSpec& spec, std::string_view rule_id, Guarantee qos,
                                    const ActionRooms& rooms) {
    ActionSlot slot;
    // Points are kept and written row by row whatever the rule says of arrays.
    auto own = std::make_shared<ActionSpec>(spec);
    if (spec.type == "keep" || spec.type == "write") own->send_single = true;
    slot.action_ = HW_TRY(make_action(*own, rule_id, qos, rooms));
    slot.figures_ = std::make_shared<ActionFigures>();
    if (spec.fallback) {
        auto fallback = ActionSlot::make(*spec.fallback, rule_id, qos, rooms);
        if (!fallback) return fail(fallback.error().within("fallback"));
        slot.fallback_ = std::make_unique<ActionSlot>(std::move(*fallback));
    }
    slot.spec_ = std::move(own);
    return slot;
}

std::string to_text(const Outcome& outcome) {
    std::string text = outcome.type == Outcome::Type::handed_on ? "handed on"
                       : outcome.type == Outcome::Type::skipped ? "skipped"
                                                                : "failed: " + outcome.reason;
    if (outcome.by_fallback) text += "; handed on to the fallback";
    return text;
}

Outcome ActionSlot::offer(const connector::Item& item, RowContext& context) {
    connector::Item own;
    if (!spec_->fields.empty()) {
        own = item;
        own.row = chosen_of_all(item.row, spec_->fields);
    }
    const connector::Item& sent_item = spec_->fields.empty() ? item : own;
    figures_->rows.fetch_add(1, std::memory_order_relaxed);
    if ((spec_->omit_empty && is_empty(sent_item.row)) ||
        (spec_->only_on_change && last_ && *last_ == sent_item.row)) {
        figures_->skipped.fetch_add(1, std::memory_order_relaxed);
        return {Outcome::Type::skipped};
    }
    if (spec_->only_on_change) last_ = sent_item.row;
    context.figures = figures_;
    const auto sent = action_->send(sent_item, context);
    if (sent) return {};
    figures_->fail(context.now, sent.error().text());
    Outcome outcome{Outcome::Type::failed, sent.error().text()};
    if (fallback_)
        outcome.by_fallback = fallback_->offer(item, context).type == Outcome::Type::handed_on;
    return outcome;
}

ActionSlot* ActionSlot::fallback_like(const ActionSpec& spec) {
    if (!fallback_) return nullptr;
    return *spec_->fallback == spec ? fallback_.get() : fallback_->fallback_like(spec);
}

void ActionSlot::flush(Done done) {
    if (Outlet* outlet = action_->outlet())
        outlet->flush(std::move(done));
    else if (fallback_)
        fallback_->flush(std::move(done));
    else
        done({});
}

void ActionSlot::save(ByteWriter& out) const {
    out.u8(last_ ? 1 : 0);
    if (last_) sql::save(out, *last_);
}

void ActionSlot::load(ByteReader& in) {
    if (in.u8() != 0) last_ = sql::load_datum(in);
}

void ActionSlot::drop_looped() {
    figures_->rows.fetch_add(1, std::memory_order_relaxed);
    figures_->dropped.fetch_add(1, std::memory_order_relaxed);
}

RuleFigures::OfAction ActionSlot::figures() const {
    RuleFigures::OfAction out;
    out.type = spec_->type;
    out.name = name();
    out.rows = figures_->rows.load(std::memory_order_relaxed);
    out.sent = figures_->sent.load(std::memory_order_relaxed);
    out.failed = figures_->failed.load(std::memory_order_relaxed);
    out.skipped = figures_->skipped.load(std::memory_order_relaxed);
    out.dropped = figures_->dropped.load(std::memory_order_relaxed);
    const auto last = figures_->last_error();
    out.last_error = last.text;
    out.last_error_time = last.time;
    if (const Outlet* outlet = action_->outlet()) {
        const auto waiting = outlet->figures();
        out.sent += waiting.sent;
        out.dropped += waiting.dropped;
        out.queued = waiting.queued;
        out.queued_bytes = waiting.queued_bytes;
        if (!waiting.last_error.empty()) out.last_error = waiting.last_error;
    }
    if (fallback_) out.fallback.push_back(fallback_->figures());
    return out;
}

void RunningRule::count_error(Time now, const std::string& reason) {
    ++failed;
    last_error = reason.substr(0, 500);
    last_error_time = now;
    const std::string_view words = reason_of(reason);
    auto at = std::find_if(errors.begin(), errors.end(),
                           [&](const auto& one) { return one.first == words; });
    if (at == errors.end()) {
        const std::string_view name = errors.size() < reasons_limit ? words : "other";
        at = std::find_if(errors.begin(), errors.end(),
                          [&](const auto& one) { return one.first == name; });
        if (at == errors.end()) at = errors.insert(errors.end(), {std::string(name), 0});
    }
    ++at->second;
}

uint64_t RunningRule::in() const {
    uint64_t in = 0;
    for (const auto& source : sources)
        in += source.group->events - source.events_before;
    return in;
}

uint64_t RunningRule::dropped() const {
    uint64_t dropped = 0;
    for (const auto& source : sources)
        dropped += source.group->missed - source.missed_before;
    return dropped;
}

RuleFigures RunningRule::figures(bool with_operators) const {
    RuleFigures shown;
    shown.id = spec->id;
    shown.version = version;
    shown.since = begun;
    shown.in = in();
    shown.dropped = dropped();
    shown.passed = passed;
    shown.out = out;
    shown.failed = failed;
    shown.late = late;
    shown.looped = looped;
    shown.errors = errors;
    shown.last_error = last_error;
    shown.last_error_time = last_error_time;
    if (!last_row.is_null()) {
        shown.last_row = sql::to_json(last_row);
        shown.last_row_cut = shown.last_row.size() > shown_row_bytes;
        if (shown.last_row_cut) shown.last_row.resize(shown_row_bytes);
    }
    shown.last_row_time = last_row_time;
    for (size_t i = 0; i < shown.latency.size(); ++i)
        shown.latency[i] = latency.bucket(i);
    shown.latency_count = latency.count();
    shown.latency_sum_ns = latency.sum_ns();
    for (const auto& action : actions)
        shown.actions.push_back(action.figures());
    for (const auto& action : late_actions)
        shown.actions.push_back(action.figures());
    if (!with_operators) return shown;
    shown.state_bytes = query->state_bytes();
    shown.operators = query->figures();
    return shown;
}

}  // namespace hw::rules
