#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include "sql/query/operator_toolkit.h"

namespace hw::sql::toolkit {
namespace {

// The rows of 1,000 devices, 200,000 of them, each with its own time.
std::vector<RecordRef> make_rows() {
    std::vector<RecordRef> rows;
    for (int64_t i = 0; i < 200'000; ++i) {
        const int64_t device = i * 7919 % 1000;
        rows.push_back(record(Datum::text(fmt::format("device-{}", device)),
                              Datum::real(static_cast<double>(i % 97)), i));
    }
    return rows;
}

class NoSink final : public WindowSink {
  public:
    void window_begins(const WindowBounds&) override {}
    void row(RowScope& scope) override {
        ++rows;
        benchmark::DoNotOptimize(scope.slots[1]);
    }
    void window_ends() override {}
    void late(const Record&) override {}
    void failed(size_t, const std::string&) override {}
    size_t rows = 0;
};

WindowPlan grouped(WindowType type, int64_t length, int64_t hop = 0) {
    auto made = plan(type, length, hop);
    group_by_key(made);
    aggregate(made, count_function());
    aggregate(made, sum_function());
    made.needs_first = false;
    return made;
}

// One event every microsecond.
void push_all(benchmark::State& state, WindowPlan made) {
    static const auto rows = make_rows();
    WindowOperator window(std::move(made));
    NoSink sink;
    CallContext call;
    Datum all_slots[slots];
    int64_t time = 0;
    for (auto _ : state) {
        for (const auto& row : rows) {
            const Record* records[] = {row.get()};
            RowScope scope{records, all_slots, &call};
            call.record = row.get();
            window.push(scope, 0, row, Time{time}, Time{time}, sink);
            time += 1'000;
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows.size()));
    state.counters["rows_out"] = static_cast<double>(sink.rows);
}

constexpr int64_t second = 1'000'000'000;

void tumbling_1000_groups(benchmark::State& state) {
    push_all(state, grouped(WindowType::tumbling, second));
}
BENCHMARK(tumbling_1000_groups);

void tumbling_1000_groups_10ms(benchmark::State& state) {
    push_all(state, grouped(WindowType::tumbling, second / 100));
}
BENCHMARK(tumbling_1000_groups_10ms);

void hopping_by_panes(benchmark::State& state) {
    push_all(state, grouped(WindowType::hopping, second, second / 5));
}
BENCHMARK(hopping_by_panes);

void hopping_of_a_function_that_cannot_merge(benchmark::State& state) {
    auto made = grouped(WindowType::hopping, second, second / 5);
    aggregate(made, list_function());
    push_all(state, std::move(made));
}
BENCHMARK(hopping_of_a_function_that_cannot_merge);

void tumbling_rows_kept(benchmark::State& state) {
    push_all(state, plan(WindowType::tumbling, second / 100));
}
BENCHMARK(tumbling_rows_kept);

void sliding_over_100_rows(benchmark::State& state) {
    push_all(state, grouped(WindowType::sliding, 100'000));
}
BENCHMARK(sliding_over_100_rows);

void sliding_over_10000_rows_of_one_group(benchmark::State& state) {
    auto made = plan(WindowType::sliding, 10'000'000);
    aggregate(made, count_function());
    aggregate(made, sum_function());
    made.needs_first = false;
    push_all(state, std::move(made));
}
BENCHMARK(sliding_over_10000_rows_of_one_group);

void order_of_events(benchmark::State& state) {
    static const auto rows = make_rows();
    EventOrder order({&shape()}, Duration{second / 50}, {});
    int64_t time = 0;
    for (auto _ : state) {
        for (const auto& row : rows) {
            order.push(0, row, Time{time + (time / 1'000 * 7919 % 1'000) * 10'000});
            while (auto item = order.pop())
                benchmark::DoNotOptimize(item);
            time += 1'000;
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(rows.size()));
}
BENCHMARK(order_of_events);

}  // namespace
}  // namespace hw::sql::toolkit
