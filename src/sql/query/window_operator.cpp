#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "sql/query/operators.h"
#include "sql/query/window_core.h"
#include "sql/query/window_kind.h"

namespace hw::sql {

namespace {

constexpr uint8_t state_version = 1;

std::unique_ptr<WindowKind> make_kind(WindowCore& core) {
    switch (core.plan().type) {
        case WindowType::none:
            return make_single_rows(core);
        case WindowType::tumbling:
        case WindowType::hopping:
        case WindowType::count:
            return make_pane_windows(core);
        case WindowType::sliding:
            return make_sliding_windows(core);
        case WindowType::session:
            return make_session_windows(core);
        case WindowType::state:
            return make_state_windows(core);
    }
    HW_UNREACHABLE();
}

// What must be the same for a state to fit: everything that says what is kept and in which order.
uint64_t fingerprint(const WindowPlan& plan) {
    std::string text =
        fmt::format("{} {} {} {} {} {} {} {} {} {}", static_cast<int>(plan.type), plan.length.ns,
                    plan.hop.ns, plan.delay.ns, plan.count, plan.every, plan.grouped,
                    plan.needs_first, plan.group_by.size(), plan.partition_by.size());
    text += fmt::format(" {}", plan.allowed_lateness.ns);
    // Two days tell zones apart well enough: those of winter and of summer.
    if (plan.zone_offset)
        for (const int64_t day : {20'454, 20'635})
            text += fmt::format(" z{}", plan.zone_offset(Time{} + seconds(day * 86'400)).ns);
    for (const auto* shape : plan.shapes)
        text += fmt::format(" {}:{}", shape ? shape->name : "", shape ? shape->columns.size() : 0);
    for (const auto slot : plan.kept_slots)
        text += fmt::format(" s{}", slot);
    for (const auto& step : plan.joins)
        text += fmt::format(" j{}:{}", static_cast<int>(step.type), step.source);
    for (const auto& call : plan.aggregates)
        text += fmt::format(" {}:{}:{}", call.function->name, call.arguments.size(), call.distinct);
    return hash(Datum::text(text));
}

}  // namespace

std::optional<std::string> WindowPlan::refusal() const {
    constexpr Duration longest{1ll << 59};
    for (const auto duration : {length, hop, delay, allowed_lateness})
        if (duration > longest || duration < Duration{})
            return fmt::format("a window's duration of {} is out of range: at most {}",
                               format_duration(duration), format_duration(longest));
    const bool timed =
        type == WindowType::tumbling || type == WindowType::hopping || type == WindowType::sliding;
    if (timed && length == Duration{}) return "a window of no length: give one above 0";
    if (type == WindowType::hopping && hop == Duration{})
        return "a hopping window that does not hop: give an interval above 0";
    // As many windows, or panes, has each event.
    constexpr int64_t overlaps = 10'000;
    if (type == WindowType::hopping && length.ns / hop.ns > overlaps)
        return fmt::format("a hopping window of {} each {} is {} windows at a time: at most {}",
                           format_duration(length), format_duration(hop), length.ns / hop.ns,
                           overlaps);
    if (type == WindowType::session && hop == Duration{})
        return "a session window without a timeout: give one above 0";
    if (type != WindowType::count) return std::nullopt;
    constexpr uint64_t most = 1'000'000'000;
    if (every != 0 && every <= count && count / every > overlaps)
        return fmt::format("COUNTWINDOW({}, {}) is {} windows at a time: at most {}", count, every,
                           count / every, overlaps);
    if (count == 0 || count > most || every > count)
        return fmt::format(
            "COUNTWINDOW({}, {}): the first number is 1 to {}, the second not above "
            "the first",
            count, every, most);
    return std::nullopt;
}

class WindowOperator::State {
  public:
    explicit State(WindowPlan plan)
        : core(std::move(plan)), kind(make_kind(core)), plan_hash(fingerprint(core.plan())) {}

    WindowCore core;
    std::unique_ptr<WindowKind> kind;  // dies before the core
    const uint64_t plan_hash;
};

WindowOperator::WindowOperator(WindowPlan plan) {
    HW_ASSERT(!plan.refusal());
    state_ = std::make_unique<State>(std::move(plan));
}
WindowOperator::~WindowOperator() = default;

void WindowOperator::push(RowScope& scope, size_t source, const RecordRef& record, Time time,
                          Time now, WindowSink& sink) {
    time = clamp_time(time);
    state_->core.begin_call(now, sink);
    state_->kind->advance(time);
    IncomingRow row{scope, source, record, time};
    if (state_->core.accept(row)) state_->kind->push(row);
}

void WindowOperator::push_late(RowScope& scope, size_t source, const RecordRef& record, Time time,
                               Time now, WindowSink& sink) {
    state_->core.begin_call(now, sink);
    IncomingRow row{scope, source, record, clamp_time(time)};
    if (state_->core.accept(row) && !state_->kind->push_late(row)) state_->core.late(*record);
}

void WindowOperator::advance(Time time, Time now, WindowSink& sink) {
    state_->core.begin_call(now, sink);
    state_->kind->advance(clamp_time(time));
}

std::optional<Time> WindowOperator::next_due() const {
    return state_->kind->next_due();
}

void WindowOperator::finish(Time now, WindowSink& sink) {
    state_->core.begin_call(now, sink);
    state_->kind->finish();
}

std::vector<OperatorFigures> WindowOperator::figures() const {
    return state_->core.figures();
}

size_t WindowOperator::bytes() const {
    return state_->core.usage().bytes;
}

void WindowOperator::save(ByteWriter& out) const {
    out.u8(state_version);
    out.little(state_->plan_hash);
    state_->core.save(out);
    state_->kind->save(out);
}

Result<void> WindowOperator::load(ByteReader& in) {
    const uint8_t version = in.u8();
    const auto plan_hash = in.little<uint64_t>();
    if (!in.failed() && version != state_version)
        return std::unexpected(
            Error(ErrorCode::unsupported,
                  fmt::format("a window's state of version {} is not known, only {}: restart the "
                              "rule without its state",
                              version, state_version)));
    if (!in.failed() && plan_hash != state_->plan_hash)
        return std::unexpected(Error(ErrorCode::unsupported,
                                     "the window's state is that of another statement: restart the "
                                     "rule without its state"));
    state_->core.load(in);
    state_->kind->load(in);
    if (in.failed())
        return std::unexpected(
            Error(ErrorCode::corrupt, "the window's state is broken: restart the rule without it"));
    return {};
}

}  // namespace hw::sql
