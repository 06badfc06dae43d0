#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/assert.h"
#include "sql/query/operator_toolkit.h"

// The first byte says whose state the others are. What loads is saved so that it loads again, and
// works on: more rows, late ones, a leap in time and the end.

namespace hw::sql::toolkit {
namespace {

constexpr uint8_t plans = 10, with_order = plans, with_analytic = plans + 1;

void add_aggregates(WindowPlan& made, bool list) {
    group_by_key(made);
    aggregate(made, count_function());
    aggregate(made, sum_function()).distinct = true;
    if (list) aggregate(made, list_function());
}

WindowPlan state_plan(bool single) {
    auto made = plan(WindowType::state, 0);
    made.begin = where_v([](int64_t v) { return v % 2 == 0; });
    if (!single) made.end = where_v([](int64_t v) { return v % 2 == 1; });
    made.partition_by.push_back(column(0));
    return made;
}

WindowPlan count_plan() {
    auto made = plan(WindowType::count, 0);
    made.count = 5;
    made.every = 2;
    return made;
}

WindowPlan join_plan() {
    auto made = plan(WindowType::hopping, 20, 10);
    made.shapes = {&shape(), &shape()};
    JoinStep step;
    step.source = 1;
    step.type = JoinType::full;
    step.left_keys.push_back(column(0, 0));
    step.right_keys.push_back(column(0, 1));
    made.joins.push_back(std::move(step));
    return made;
}

WindowPlan make_plan(uint8_t number) {
    auto made = number == 0   ? plan(WindowType::tumbling, 10)
                : number <= 2 ? plan(WindowType::hopping, 20, 8)
                : number == 3 ? plan(WindowType::sliding, 10)
                : number == 4 ? plan(WindowType::session, 20, 5)
                : number <= 6 ? count_plan()
                : number <= 8 ? state_plan(number == 7)
                              : join_plan();
    if (number <= 2) made.allowed_lateness = Duration{15};
    if (number == 3) {
        made.delay = Duration{4};
        made.allowed_lateness = Duration{15};
    }
    if (number == 2 || number == 6 || number == 8)
        add_aggregates(made, true);
    else if (number < 9 && number != 3 && number != 5)
        add_aggregates(made, false);
    made.kept_slots = {kept_slot};
    return made;
}

void feed(WindowOperator& window, int64_t from, WindowSink& sink) {
    Feeder feeder(window);
    for (int64_t i = 0; i < 8; ++i) {
        feeder.push(i % 3 == 0 ? "a" : "b", i, from + 3 * i, sink);
        feeder.push_late("c", i, from - i, sink);
    }
}

std::string saved(const auto& what) {
    std::string state;
    ByteWriter writer(state);
    what.save(writer);
    return state;
}

void check_window(uint8_t number, BytesView bytes) {
    WindowOperator window(make_plan(number));
    TextSink sink(2);
    ByteReader reader(bytes);
    if (!window.load(reader)) return;
    const std::string state = saved(window);
    WindowOperator again(make_plan(number));
    ByteReader second(as_bytes(state));
    HW_ASSERT(again.load(second).has_value());
    HW_ASSERT(saved(again) == state);
    const auto due = window.next_due();
    feed(window, due ? due->ns : 100, sink);
    window.advance(Time{int64_t{1} << 61}, {}, sink);
    feed(window, int64_t{1} << 61, sink);
    window.finish({}, sink);
    HW_ASSERT(window.bytes() == 0);
}

void check_order(BytesView bytes) {
    EventOrder order({&shape(), nullptr}, Duration{10}, {});
    ByteReader reader(bytes);
    if (!order.load(reader)) return;
    EventOrder again({&shape(), nullptr}, Duration{10}, {});
    const std::string state = saved(order);
    ByteReader second(as_bytes(state));
    HW_ASSERT(again.load(second).has_value());
    order.push(0, record({}, {}, 5), Time{5});
    order.finish();
    std::optional<Time> last;
    while (const auto item = order.pop()) {
        HW_ASSERT(!last || *last <= item->time);
        last = item->time;
    }
    HW_ASSERT(order.bytes() == 0);
}

AnalyticOperator make_analytic() {
    AnalyticCall call;
    call.function = &lag_function();
    call.arguments.push_back(column(1));
    call.partition_by.push_back(column(0));
    std::vector<AnalyticCall> calls;
    calls.push_back(std::move(call));
    return {std::move(calls), {}};
}

void check_analytic(BytesView bytes) {
    auto analytic = make_analytic();
    ByteReader reader(bytes);
    if (!analytic.load(reader)) return;
    auto again = make_analytic();
    const std::string state = saved(analytic);
    ByteReader second(as_bytes(state));
    HW_ASSERT(again.load(second).has_value());
    HW_ASSERT(again.partitions() == analytic.partitions());
}

}  // namespace
}  // namespace hw::sql::toolkit

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const hw::BytesView rest(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    if (data[0] < hw::sql::toolkit::plans) hw::sql::toolkit::check_window(data[0], rest);
    if (data[0] == hw::sql::toolkit::with_order) hw::sql::toolkit::check_order(rest);
    if (data[0] == hw::sql::toolkit::with_analytic) hw::sql::toolkit::check_analytic(rest);
    return 0;
}
