// What an event costs in a rule, without a broker: `sql_query_bench`.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "sql/functions/functions.h"
#include "sql/query/query.h"
#include "sql/query/trial.h"

namespace hw::sql {

namespace {

constexpr Time start{1'772'323'200'000'000'000};

class Counter final : public QueryOutput {
  public:
    void row(OutputRow row) override {
        benchmark::DoNotOptimize(row.row);
        ++rows;
    }
    void late(const Record&) override {}
    void failed(size_t, const std::string& reason) override { throw std::runtime_error(reason); }
    uint64_t rows = 0;
};

const FunctionTable& functions() {
    static const FunctionTable* const table = [] {
        auto* made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

std::string payload(size_t i) {
    return fmt::format(
        R"({{"device":"pump{}","temperature":{}.5,"pressure":{},"flow":{}.25,"state":"{}",)"
        R"("seq":{}}})",
        i % 100, 20 + i % 20, i % 7, i % 300, i % 5 == 0 ? "off" : "on", i);
}

RecordRef event(size_t i) {
    return trial_message(Datum::object({{Datum::text("topic"), Datum::text("plant1/a/pump")},
                                        {Datum::text("payload"), Datum::text(payload(i))}}),
                         start + milliseconds(static_cast<int64_t>(i)));
}

struct Bench {
    explicit Bench(const std::string& sql) {
        auto made = Query::compile(sql, {functions(), nullptr, services, "bench"});
        if (!made) throw std::runtime_error(made.error().full_text());
        query = std::move(*made);
    }
    Services services;
    std::unique_ptr<Query> query;
    Counter output;
};

// Of events that another rule has read already.
void decoded(benchmark::State& state, const std::string& sql) {
    Bench bench(sql);
    std::vector<RecordRef> records;
    for (size_t i = 0; i < 1'000; ++i) {
        records.push_back(event(i));
        records.back()->body(bench.services.json);
    }
    size_t i = 0;
    for ([[maybe_unused]] auto _ : state) {
        bench.query->push(0, records[i % records.size()],
                          start + milliseconds(static_cast<int64_t>(i)), bench.output);
        ++i;
    }
    state.SetItemsProcessed(static_cast<int64_t>(i));
    state.counters["rows"] = static_cast<double>(bench.output.rows) / static_cast<double>(i);
}

void filter_and_project(benchmark::State& state) {
    decoded(state,
            "SELECT payload.device AS device, payload.temperature AS t, clientid FROM \"plant1/#\" "
            "WHERE payload.temperature > 25 AND payload.state = 'on'");
}
BENCHMARK(filter_and_project);

void filter_that_drops(benchmark::State& state) {
    decoded(state, "SELECT payload.device AS device FROM \"plant1/#\" WHERE payload.flow > 1000");
}
BENCHMARK(filter_that_drops);

void project_all(benchmark::State& state) {
    decoded(state, "SELECT * FROM \"plant1/#\"");
}
BENCHMARK(project_all);

void compute(benchmark::State& state) {
    decoded(state,
            "SELECT payload.temperature * 1.8 + 32 AS f, payload.flow / 3.6 AS l, "
            "upper(payload.device) AS device FROM \"plant1/#\" WHERE payload.pressure < 5");
}
BENCHMARK(compute);

// With the JSON to be read: each event is fresh.
void read_and_project(benchmark::State& state) {
    Bench bench(
        "SELECT payload.device AS device, payload.temperature AS t, clientid FROM \"plant1/#\" "
        "WHERE payload.temperature > 25 AND payload.state = 'on'");
    const RecordRef first = event(7);
    std::vector<Datum> columns;
    for (size_t c = 0; c < first->shape().columns.size(); ++c)
        columns.push_back(first->column(c));
    int64_t i = 0;
    for ([[maybe_unused]] auto _ : state) {
        const auto record = std::make_shared<const Record>(first->shape(), start, columns);
        bench.query->push(0, record, start + milliseconds(i++), bench.output);
    }
    state.SetItemsProcessed(i);
}
BENCHMARK(read_and_project);

// 1,000 groups in a tumbling window that never ends here.
void grouped_window(benchmark::State& state) {
    Bench bench(
        "SELECT payload.seq AS seq, count(*) AS n, avg(payload.temperature) AS t FROM "
        "\"plant1/#\" GROUP BY payload.seq, TUMBLINGWINDOW(hh, 24)");
    std::vector<RecordRef> records;
    for (size_t i = 0; i < 1'000; ++i) {
        records.push_back(event(i));
        records.back()->body(bench.services.json);
    }
    size_t i = 0;
    for ([[maybe_unused]] auto _ : state) {
        bench.query->push(0, records[i % records.size()],
                          start + microseconds(static_cast<int64_t>(i)), bench.output);
        ++i;
    }
    state.SetItemsProcessed(static_cast<int64_t>(i));
}
BENCHMARK(grouped_window);

// What a rule costs to make, and what it takes of memory.
void compile(benchmark::State& state) {
    Services services;
    std::vector<std::unique_ptr<Query>> queries;
    const size_t before = mallinfo2().uordblks;
    for ([[maybe_unused]] auto _ : state) {
        auto made = Query::compile(
            fmt::format("SELECT payload.device AS device, payload.temperature AS t, clientid FROM "
                        "\"plant1/#\" WHERE payload.device = 'pump{}' AND payload.flow > 10",
                        queries.size()),
            {functions(), nullptr, services, "bench"});
        if (!made) throw std::runtime_error(made.error().full_text());
        queries.push_back(std::move(*made));
    }
    state.counters["bytes_each"] =
        static_cast<double>(mallinfo2().uordblks - before) / static_cast<double>(queries.size());
}
BENCHMARK(compile)->Iterations(10'000);

}  // namespace

}  // namespace hw::sql
