// Many rules on one stream: what an event costs, and what a rule takes.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <string>
#include <vector>

#include "rules/test_support.h"

namespace hw::rules {
namespace {

size_t heap_bytes() {
    return mallinfo2().uordblks;
}

Event event_of(const std::string& payload, Time now) {
    static const sql::Datum node = sql::Datum::text("n1");
    MessageFields fields;
    fields.topic = "plant/meters";
    fields.payload = as_bytes(payload);
    fields.client_id = "gateway-1";
    return message_event(fields, now, node);
}

// Events of one stream through `rules` rules WHERE payload.id = N, each with an action.
void one_stream(benchmark::State& state) {
    const auto rules = static_cast<int>(state.range(0));
    Bench bench;
    const size_t before = heap_bytes();
    for (int i = 0; i < rules; ++i) {
        const auto put = bench.put(
            rule_spec(fmt::format("rule-{}", i),
                      fmt::format("SELECT payload.value AS v, topic FROM \"plant/meters\" "
                                  "WHERE payload.id = {}",
                                  i),
                      {action_spec("republish", R"({"topic":"out/${v}"})")}));
        if (!put) return state.SkipWithError(put.error().text().c_str());
    }
    const auto bytes_a_rule =
        static_cast<double>(heap_bytes() - before) / static_cast<double>(rules);
    bench.begin();
    int next = 0;
    for (auto _ : state) {
        for (int i = 0; i < 200; ++i, ++next)
            bench.lane->add(
                event_of(fmt::format(R"({{"id":{},"value":{},"unit":"m3/h","site":"north"}})",
                                     next % (2 * rules), next * 0.5),
                         bench.clock.now()));
        bench.run();
        bench.ports.published.clear();
    }
    state.SetItemsProcessed(state.iterations() * 200);
    state.counters["bytes_a_rule"] = bytes_a_rule;
    state.counters["heap_MB"] = static_cast<double>(heap_bytes()) / 1e6;
}
BENCHMARK(one_stream)->Arg(1)->Arg(100)->Arg(10'000);

// Samples of as many points, each read by a rule of its own.
void points_each(benchmark::State& state) {
    const auto rules = static_cast<int>(state.range(0));
    Bench bench;
    model::SampleBatch batch;
    for (int i = 0; i < rules; ++i) {
        const std::string path = fmt::format("plant/p{}", i);
        batch.add_double(*bench.points.intern(path), bench.clock.now(), i);
        const auto put = bench.put(
            rule_spec(fmt::format("rule-{}", i),
                      fmt::format("SELECT value FROM points('{}') WHERE value > 1e9", path)));
        if (!put) return state.SkipWithError(put.error().text().c_str());
    }
    bench.begin();
    for (auto _ : state) {
        for (size_t row = 0; row < batch.size(); ++row)
            bench.lane->add_sample(batch, row, {true, false});
        bench.run();
    }
    state.SetItemsProcessed(state.iterations() * rules);
}
BENCHMARK(points_each)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace hw::rules
