#include "sql/query/window_core.h"

#include <algorithm>

#include "base/assert.h"

namespace hw::sql {

WindowContent::WindowContent(const WindowPlan& plan, StateUsage& usage, bool aggregates)
    : plan_(plan),
      usage_(usage),
      own_bytes_(sizeof(*this) + (aggregates ? sizeof(GroupTable) : 0)) {
    usage_.bytes += own_bytes_;
    if (aggregates) groups = std::make_unique<GroupTable>(plan, usage);
}

WindowContent::~WindowContent() {
    usage_.rows -= rows.size();
    usage_.bytes -= own_bytes_;
    for (const auto& row : rows)
        usage_.bytes -= row.bytes;
}

void WindowContent::add_row(StoredRow row) {
    ++usage_.rows;
    usage_.bytes += row.bytes;
    if (rows.empty() || rows.back().time <= row.time) {
        rows.push_back(std::move(row));
        return;
    }
    const auto at = std::ranges::upper_bound(rows, row.time, {}, &StoredRow::time);
    rows.insert(at, std::move(row));
}

void WindowContent::save(ByteWriter& out) const {
    if (groups) return groups->save(out);
    save_rows(out, rows, plan_.kept_slots.size());
}

void WindowContent::load(ByteReader& in) {
    if (groups) return groups->load(in);
    for (auto& row : load_rows(in, plan_.shapes, plan_.kept_slots.size()))
        add_row(std::move(row));
}

WindowCore::WindowCore(WindowPlan plan)
    : plan_(std::move(plan)),
      keeps_aggregates_(plan_.grouped && plan_.joins.empty() && plan_.type != WindowType::sliding &&
                        plan_.type != WindowType::none),
      usage_(plan_.limits),
      input_(plan_),
      loader_(plan_),
      joiner_(plan_, loader_) {
    HW_ASSERT(plan_.group_slots.empty() || plan_.group_slots.size() == plan_.group_by.size());
}

WindowCore::~WindowCore() = default;

WindowContentPtr WindowCore::make_content() const {
    auto& usage = const_cast<StateUsage&>(usage_);
    return std::make_unique<WindowContent>(plan_, usage, keeps_aggregates_);
}

void WindowCore::begin_call(Time now, WindowSink& sink) {
    sink_ = &sink;
    loader_.context().now = now;
}

bool WindowCore::holds(const Evaluator& condition, IncomingRow& row) {
    const bool holds = condition.holds(row.scope);
    if (!row.scope.call->failed()) return holds;
    report_once(row, Stage::window, row.scope.call->error());
    row.scope.call->clear_error();
    return false;
}

bool WindowCore::accept(IncomingRow& row) {
    ++at(Stage::window).in;
    if (plan_.filter && !holds(*plan_.filter, row)) return false;
    if (plan_.where && plan_.joins.empty()) row.passes = holds(*plan_.where, row);
    if (row.broken) return false;
    return row.passes || plan_.type == WindowType::sliding || plan_.type == WindowType::count;
}

void WindowCore::report_once(IncomingRow& row, Stage stage, const std::string& reason) {
    if (!row.broken) fail(stage, reason);
    row.broken = true;
}

StoredRow* WindowCore::store(IncomingRow& row, StoredRow& place) {
    if (const auto* why = usage_.refuse_row()) {
        report_once(row, Stage::window, *why);
        return nullptr;
    }
    place = store_row(row.record, row.source, row.time, plan_.kept_slots, row.scope.slots);
    return &place;
}

bool WindowCore::can_group(IncomingRow& row) {
    if (!plan_.grouped || !plan_.joins.empty() || row.broken) return !row.broken;
    if (input_.evaluate(row.scope)) return true;
    report_once(row, Stage::aggregate, row.scope.call->error());
    row.scope.call->clear_error();
    return false;
}

void WindowCore::add(WindowContent& content, IncomingRow& row) {
    if (row.broken || !row.passes) return;
    if (!content.groups) {
        StoredRow stored;
        if (store(row, stored) != nullptr) content.add_row(std::move(stored));
        return;
    }
    if (!row.evaluated) {
        row.evaluated = true;
        ++at(Stage::aggregate).in;
        if (!input_.evaluate(row.scope)) {
            report_once(row, Stage::aggregate, row.scope.call->error());
            row.scope.call->clear_error();
            return;
        }
    }
    const RowOrigin origin{&row.record, row.source, row.time, row.scope.slots};
    const auto* why = content.groups->add(input_, origin, *row.scope.call);
    if (why != nullptr) report_once(row, Stage::aggregate, *why);
}

void WindowCore::open(const WindowBounds& bounds) {
    bounds_ = bounds;
    begun_ = false;
    auto& context = loader_.context();
    const bool none = plan_.type == WindowType::none;
    context.window_start = none ? Time{} : bounds.start;
    context.window_end = none ? Time{} : bounds.end;
}

void WindowCore::close() {
    if (!begun_) return;
    ++at(Stage::window).out;
    sink_->window_ends();
}

void WindowCore::emit(const WindowBounds& bounds, std::span<const WindowContent* const> parts) {
    if (!keeps_aggregates_) {
        std::vector<const StoredRow*> rows;
        for (const auto* part : parts)
            for (const auto& row : part->rows)
                rows.push_back(&row);
        return emit_rows(bounds, rows);
    }
    if (parts.size() == 1) return emit_table(bounds, *parts[0]->groups);
    const auto merged = make_table();
    for (const auto* part : parts)
        merge_tables(*merged, *part->groups);
    emit_table(bounds, *merged);
}

void WindowCore::emit_table(const WindowBounds& bounds, const GroupTable& groups) {
    open(bounds);
    emit_groups(groups, {}, 0);
    close();
}

std::unique_ptr<GroupTable> WindowCore::make_table(bool limited) {
    return std::make_unique<GroupTable>(plan_, usage_, limited);
}

void WindowCore::merge_tables(GroupTable& into, const GroupTable& later) {
    if (const auto* why = into.merge(later, loader_.context())) fail(Stage::aggregate, *why);
}

void WindowCore::add_stored(GroupTable& groups, const StoredRow& row) {
    ++at(Stage::aggregate).in;
    loader_.load(row);
    const RowOrigin origin{&row.record, row.source, row.time, loader_.scope().slots};
    group_stored(groups, origin, row);
}

// The row is loaded.
void WindowCore::group_stored(GroupTable& groups, const RowOrigin& origin, const StoredRow& row) {
    if (!input_.evaluate(loader_.scope())) {
        if (row.reported)
            loader_.context().clear_error();
        else
            take_error(Stage::aggregate);
    } else if (const auto* why = groups.add(input_, origin, loader_.context())) {
        if (!row.reported) fail(Stage::aggregate, *why);
    } else {
        return;
    }
    row.reported = true;
}

void WindowCore::emit_rows(const WindowBounds& bounds, std::span<const StoredRow* const> rows) {
    open(bounds);
    if (!plan_.joins.empty()) {
        emit_joined(rows);
    } else if (plan_.grouped) {
        emit_grouped(rows, 1);
    } else {
        for (const auto* row : rows) {
            loader_.load(*row);
            emit_row(row->time, row->record.get());
        }
    }
    close();
}

void WindowCore::emit_joined(std::span<const StoredRow* const> rows) {
    at(Stage::join).in += rows.size();
    const auto joined =
        joiner_.join(rows, [this](const std::string& reason) { fail(Stage::join, reason); });
    const size_t width = joiner_.width();
    at(Stage::join).out += joined.size() / width;
    std::vector<const StoredRow*> passing;
    for (size_t i = 0; i < joined.size(); i += width) {
        const auto row = joined.subspan(i, width);
        loader_.load(row);
        if (plan_.where) {
            const bool holds = plan_.where->holds(loader_.scope());
            if (take_error(Stage::join) || !holds) continue;
        }
        if (plan_.grouped)
            passing.insert(passing.end(), row.begin(), row.end());
        else
            emit_row(loader_.context().event_time, nullptr);
    }
    if (plan_.grouped) emit_grouped(passing, width);
}

// Groups of rows that are at hand, each of `width` stored rows.
void WindowCore::emit_grouped(std::span<const StoredRow* const> rows, size_t width) {
    GroupTable groups(plan_, usage_);
    for (size_t i = 0; i < rows.size(); i += width) {
        ++at(Stage::aggregate).in;
        if (width == 1)
            loader_.load(*rows[i]);
        else
            loader_.load(rows.subspan(i, width));
        RowOrigin origin;
        origin.number = i;
        const auto* any = *std::ranges::find_if(rows.subspan(i, width),
                                                [](const auto* row) { return row != nullptr; });
        group_stored(groups, origin, *any);
    }
    emit_groups(groups, rows, width);
}

void WindowCore::emit_groups(const GroupTable& groups, std::span<const StoredRow* const> rows,
                             size_t width) {
    auto* slots = loader_.scope().slots;
    for (size_t group = 0; group < groups.size(); ++group) {
        loader_.clear();
        if (plan_.needs_first) {
            if (width == 0)
                loader_.load(groups.first(group));
            else if (width == 1)
                loader_.load(*rows[groups.first_number(group)]);
            else
                loader_.load(rows.subspan(groups.first_number(group), width));
        }
        const auto key = groups.key(group);
        for (size_t i = 0; i < plan_.group_slots.size(); ++i)
            slots[plan_.group_slots[i]] = key[i];
        auto& context = loader_.context();
        for (size_t call = 0; call < plan_.aggregates.size(); ++call)
            slots[plan_.aggregates[call].slot] = groups.result(group, call, context);
        if (take_error(Stage::aggregate)) continue;
        ++at(Stage::aggregate).out;
        const bool none = plan_.type == WindowType::none;
        const auto* record = none ? context.record : nullptr;
        emit_row(none ? context.event_time : bounds_.end, record);
    }
}

void WindowCore::emit_row(Time event_time, const Record* record) {
    if (!begun_) sink_->window_begins(bounds_);
    begun_ = true;
    auto& context = loader_.context();
    context.event_time = event_time;
    context.record = record;
    sink_->row(loader_.scope());
}

// Whether the evaluation that just ended has failed; then it is reported.
bool WindowCore::take_error(Stage stage) {
    auto& context = loader_.context();
    if (!context.failed()) return false;
    fail(stage, context.error());
    context.clear_error();
    return true;
}

void WindowCore::late(const Record& record) {
    ++at(Stage::window).late;
    sink_->late(record);
}

size_t WindowCore::stage_index(Stage stage) const {
    if (stage == Stage::window) return 0;
    if (stage == Stage::join || plan_.joins.empty()) return 1;
    return 2;
}

void WindowCore::fail(Stage stage, const std::string& reason) {
    at(stage).errors.count(reason);
    sink_->failed(stage_index(stage), reason);
}

OperatorFigures WindowCore::figures_of(Stage stage, std::string name) const {
    const auto& counts = counts_[static_cast<size_t>(stage)];
    OperatorFigures figures;
    figures.name = std::move(name);
    figures.in = counts.in;
    figures.out = counts.out;
    figures.late = counts.late;
    counts.errors.put_into(figures);
    return figures;
}

std::vector<OperatorFigures> WindowCore::figures() const {
    std::vector<OperatorFigures> all;
    all.push_back(figures_of(Stage::window, "window"));
    all[0].state_rows = usage_.rows + usage_.groups;
    all[0].state_bytes = usage_.bytes;
    if (!plan_.joins.empty()) all.push_back(figures_of(Stage::join, "join"));
    if (plan_.grouped) all.push_back(figures_of(Stage::aggregate, "aggregate"));
    return all;
}

void WindowCore::save(ByteWriter& out) const {
    for (const auto& counts : counts_) {
        out.varint(counts.in);
        out.varint(counts.out);
        out.varint(counts.late);
    }
}

void WindowCore::load(ByteReader& in) {
    for (auto& counts : counts_) {
        counts.in = in.varint();
        counts.out = in.varint();
        counts.late = in.varint();
    }
}

}  // namespace hw::sql
