#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "sql/functions/functions.h"
#include "twin/watch/courier.h"
#include "twin/watch/fake_twins.h"
#include "twin/watch/watch_hub.h"

namespace hw::twin {
namespace {

constexpr size_t twins_count = 100'000;
constexpr size_t watches_count = 1'000;

class Drain final : public WatchSink {
  public:
    bool gone() const override { return false; }
    bool ready() const override { return true; }
    void begin(const Watch&, uint64_t) override {}
    void events(const Watch&, std::span<const WatchEvent> events, uint64_t) override {
        for (const auto& event : events) {
            text.clear();
            JsonWriter json(text);
            write_watch_event(json, event);
            bytes += text.size();
        }
    }
    void gap(uint64_t) override {}
    void idle() override {}
    void end(std::string_view) override {}

    std::string text;
    size_t bytes = 0;
};

// 100,000 twins of two properties, 1,000 watches of 100 twins each; a second of updates.
struct Plant {
    Plant() {
        sql::add_builtin_functions(functions);
        twins.add_follower(hub);
        courier.set_hub(hub);
        const auto model = fake_model("dtmi:x:Tank;1", {"level", "flow"});
        std::vector<WatchPtr> watches;
        for (size_t i = 0; i < watches_count; ++i)
            watches.push_back(*hub.make(
                *read_watch(fmt::format(R"({{"twins":"works/{}/+","properties":["level"]}})", i))));
        hub.set_watches(watches);
        for (size_t i = 0; i < twins_count; ++i) {
            const std::string id = fmt::format("works/{}/t{}", i % watches_count, i);
            twins.add_twin(id, model);
            names.push_back(twins.name(id));
            interests.push_back(twins.interest_of(id, 0));
        }
        all = std::move(watches);
    }
    void listen(size_t count) {
        const auto sink = std::make_shared<Drain>();
        for (size_t i = 0; i < count; ++i)
            courier.attach(all[i], sink, {}, true);
        courier.work(clock.monotonic());
    }
    // One round of 1,000 updates; every value is another.
    void round() {
        LiveValue value;
        value.origin = Origin::point;
        for (size_t i = 0; i < 1'000; ++i) {
            at = (at + 7'919) % twins_count;
            value.value = sql::Datum::real(static_cast<double>(++updates));
            value.time.ns = static_cast<int64_t>(updates);
            hub.changed(interests[at], *names[at], 0, value);
        }
        hub.round_end();
    }

    SystemClock clock;
    Metrics metrics;
    sql::FunctionTable functions;
    FakeTwins twins;
    Courier courier{{}, {twins, clock, metrics, [](const WatchPtr&) {}}};
    WatchHub hub{twins, functions, clock, 10'000,
                 [this](const WatchPtr& one) { courier.ready(one); }};
    std::vector<WatchPtr> all;
    std::vector<const TwinName*> names;
    std::vector<uint32_t> interests;
    size_t at = 0;
    uint64_t updates = 0;
};

// The twins' thread alone; how many of the watches have a reader.
void updates_followed(benchmark::State& state) {
    Plant plant;
    plant.listen(static_cast<size_t>(state.range(0)));
    for (auto _ : state)
        plant.round();
    state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(updates_followed)->Arg(0)->Arg(10)->Arg(1'000)->Unit(benchmark::kMicrosecond);

// With the courier, which encodes the events.
void updates_delivered(benchmark::State& state) {
    Plant plant;
    plant.listen(static_cast<size_t>(state.range(0)));
    for (auto _ : state) {
        plant.round();
        plant.courier.work(plant.clock.monotonic());
    }
    state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(updates_delivered)->Arg(10)->Arg(1'000)->Unit(benchmark::kMicrosecond);

// All twins are asked anew, as a new subscription to all has it.
void asking_again(benchmark::State& state) {
    Plant plant;
    for (auto _ : state) {
        plant.hub.set_watches(plant.all);
        plant.twins.ask_again();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(twins_count));
}
BENCHMARK(asking_again)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hw::twin
