#include "app/bench_twin.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "app/bench_many_rules.h"
#include "app/bench_twin_place.h"
#include "base/random.h"
#include "twin/watch/watch_manager.h"
#include "twin/watch/watch_sink.h"

namespace hw::app {

namespace {

using Steady = std::chrono::steady_clock;
constexpr uint64_t rows_a_batch = 1'000;
constexpr uint64_t rows_a_commit = 10'000;  // where each is waited for

double seconds_since(Steady::time_point begin) {
    return std::chrono::duration<double>(Steady::now() - begin).count();
}

std::string models_text(uint64_t properties) {
    std::string contents;
    for (uint64_t i = 0; i < properties; ++i)
        contents +=
            fmt::format(R"json({{"@type":"Telemetry","name":"t{}","schema":"double"}},)json", i);
    constexpr std::string_view context =
        R"json("@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],
"@type":"Interface",)json";
    return fmt::format(
        R"json([{{{0}"@id":"dtmi:bench:Unit;1","contents":[{1}
{{"@type":"Relationship","name":"next"}}]}},
{{{0}"@id":"dtmi:bench:Site;1","contents":[{{"@type":"Relationship","name":"units"}},
{{"@type":"Property","name":"total","schema":"double","expression":"sum(units.t0)"}},
{{"@type":"Property","name":"most","schema":"double","expression":"max(units.t0)"}}]}}])json",
        context, contents);
}

constexpr uint64_t twins_a_group = 100;

std::string unit_id(uint64_t i) {
    return fmt::format("bench/g{}/u{}", i / twins_a_group, i);
}

twin::TwinSpec twin_of(std::string id, std::string model) {
    twin::TwinSpec spec;
    spec.id = std::move(id);
    spec.model = std::move(model);
    return spec;
}

twin::Bulk units(uint64_t count) {
    twin::Bulk bulk;
    for (uint64_t i = 0; i < count; ++i) {
        bulk.twins.push_back({twin_of(unit_id(i), "dtmi:bench:Unit;1"), i + 1});
        bulk.relationships.push_back({{unit_id(i), "next", unit_id((i + 1) % count)}, i + 1});
    }
    return bulk;
}

// Offers random updates at a steady rate, through history; how many.
uint64_t feed(TwinBenchPlace& place, const std::vector<model::PointId>& points, Duration length,
              uint64_t rate) {
    Random random(1);
    uint64_t sent = 0;
    const auto begin = Steady::now();
    for (;;) {
        const double elapsed = seconds_since(begin);
        if (elapsed >= static_cast<double>(length.ns) * 1e-9) return sent;
        const auto due = static_cast<uint64_t>(elapsed * static_cast<double>(rate));
        while (sent + rows_a_batch <= due) {
            model::SampleBatch batch;
            batch.reserve(rows_a_batch);
            const Time now = place.clock.now();
            for (uint64_t i = 0; i < rows_a_batch; ++i)
                batch.add_double(points[random.below(points.size())],
                                 now + nanoseconds(static_cast<int64_t>(i)), random.uniform());
            place.history->submit(std::move(batch), nullptr);
            sent += rows_a_batch;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

// A subscriber that takes all at once.
class CountingSink final : public twin::WatchSink {
  public:
    bool gone() const override { return false; }
    bool ready() const override { return true; }
    void begin(const twin::Watch&, uint64_t) override {}
    void events(const twin::Watch&, std::span<const twin::WatchEvent> events, uint64_t) override {
        taken += events.size();
    }
    void gap(uint64_t missed) override { lost += missed; }
    void idle() override {}
    void end(std::string_view) override {}

    std::atomic<uint64_t> taken{0}, lost{0};
};

// Each follows the twins of one group.
Result<void> subscribe(twin::WatchManager& watches, const TwinBenchOptions& options,
                       const std::shared_ptr<CountingSink>& sink) {
    const uint64_t groups = std::max<uint64_t>(1, options.twins / twins_a_group);
    for (uint64_t i = 0; i < options.subscriptions; ++i) {
        twin::WatchSpec spec;
        spec.id = fmt::format("bench{}", i);
        spec.filter.twins = fmt::format("bench/g{}/#", i % groups);
        spec.on_change = false;
        HW_TRY(watches.create(spec, {"bench", "bench"}));
        HW_TRY(watches.read(spec.id, sink, std::nullopt));
    }
    return {};
}

struct Latencies {
    std::vector<double> us;
    double at(double share) {
        if (us.empty()) return 0;
        std::sort(us.begin(), us.end());
        return us[static_cast<size_t>(share * static_cast<double>(us.size() - 1))];
    }
};

// Reads a property and hops along a relationship now and then, while `until` is false.
struct Reader {
    Latencies read, peek, hop;

    void run(const twin::Twins& twins, uint64_t count, const std::atomic<bool>& stop) {
        Random random(2);
        const auto timed = [](Latencies& into, auto call) {
            const auto begin = Steady::now();
            call();
            into.us.push_back(seconds_since(begin) * 1e6);
        };
        while (!stop.load(std::memory_order_relaxed)) {
            const std::string id = unit_id(random.below(count));
            timed(read, [&] { (void)twins.read(id, "t0"); });
            timed(peek, [&] {
                if (const auto* name = twins.name(id)) (void)twins.peek(*name, 0);
            });
            timed(hop, [&] { (void)twins.hop(id, "next", false); });
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
    }
};

Result<TwinFigures> bench_apply(const TwinBenchOptions& options) {
    auto place = HW_TRY(TwinBenchPlace::make());
    const uint64_t before = process_resident_bytes();
    auto watches = HW_TRY(twin::WatchManager::open(
        {}, {*place->database, *place->audit, *place->twins, place->functions, place->clock,
             place->metrics, nullptr, nullptr}));
    const auto sink = std::make_shared<CountingSink>();
    place->start();
    watches->start();
    const auto import_begin = Steady::now();
    HW_TRY(place->put(models_text(options.properties), units(options.twins)));
    const double import_seconds = seconds_since(import_begin);
    std::vector<model::PointId> points;
    for (uint64_t i = 0; i < options.twins; ++i)
        for (uint64_t p = 0; p < options.properties; ++p)
            points.push_back(HW_TRY(place->points.intern(fmt::format("{}/t{}", unit_id(i), p))));
    const uint64_t resident = process_resident_bytes();
    HW_TRY(subscribe(*watches, options, sink));
    const auto start = place->twins->figures();
    std::atomic<bool> stop{false};
    Reader reader;
    std::thread thread([&] { reader.run(*place->twins, options.twins, stop); });
    const double cpu = process_cpu_seconds();
    const auto begin = Steady::now();
    const uint64_t sent = feed(*place, points, options.length, options.rate);
    place->commit({});
    place->twins->sync();
    const double took = seconds_since(begin);
    const double cpu_took = process_cpu_seconds() - cpu;
    stop = true;
    thread.join();
    const auto end = place->twins->figures();
    watches->stop();
    place->twins->stop();
    const uint64_t applied = end.updates - start.updates;
    const uint64_t events = sink->taken + sink->lost;
    if (applied + (end.dropped - start.dropped) != sent)
        return fail(ErrorCode::corrupt,
                    fmt::format("{} updates were sent, {} applied and {} dropped", sent, applied,
                                end.dropped - start.dropped));
    return TwinFigures{fmt::format("{} updates/s to {} twins, {} subscriptions", options.rate,
                                   options.twins, options.subscriptions),
                       {{"applied_per_second", static_cast<double>(applied) / took},
                        {"dropped", static_cast<double>(end.dropped - start.dropped)},
                        {"events_to_subscribers", static_cast<double>(events)},
                        {"events_missed", static_cast<double>(sink->lost)},
                        {"cores_with_history_and_load", cpu_took / took},
                        {"read_us_p50", reader.read.at(0.5)},
                        {"read_us_p99", reader.read.at(0.99)},
                        {"peek_us_p50", reader.peek.at(0.5)},
                        {"peek_us_p99", reader.peek.at(0.99)},
                        {"hop_us_p50", reader.hop.at(0.5)},
                        {"hop_us_p99", reader.hop.at(0.99)},
                        {"import_seconds", import_seconds},
                        {"bytes_a_twin", static_cast<double>(resident - before) /
                                             static_cast<double>(options.twins)}}};
}

Result<TwinFigures> bench_quiet(const TwinBenchOptions& options) {
    auto place = HW_TRY(TwinBenchPlace::make());
    place->start();
    HW_TRY(place->put(models_text(1), units(options.twins)));
    std::atomic<bool> stop{false};
    Reader reader;
    std::thread thread([&] { reader.run(*place->twins, options.twins, stop); });
    std::this_thread::sleep_for(std::chrono::seconds(1));
    stop = true;
    thread.join();
    const auto begin = Steady::now();
    twin::Scope scope;
    scope.limit = options.past_twins;
    const auto snapshot = HW_TRY(place->twins->snapshot(scope));
    const double took = seconds_since(begin);
    if (snapshot.twins.size() != std::min(options.past_twins, options.twins))
        return fail(ErrorCode::corrupt, "the snapshot is not whole");
    return TwinFigures{fmt::format("reads of {} twins at rest", options.twins),
                       {{"read_us_p50", reader.read.at(0.5)},
                        {"read_us_p99", reader.read.at(0.99)},
                        {"hop_us_p50", reader.hop.at(0.5)},
                        {"hop_us_p99", reader.hop.at(0.99)},
                        {"snapshot_ms", took * 1e3}}};
}

Result<TwinFigures> bench_roll_up(const TwinBenchOptions& options) {
    auto place = HW_TRY(TwinBenchPlace::make());
    place->start();
    auto bulk = units(options.children);
    bulk.twins.push_back({twin_of("bench/site", "dtmi:bench:Site;1"), 0});
    for (uint64_t i = 0; i < options.children; ++i)
        bulk.relationships.push_back({{"bench/site", "units", unit_id(i)}, 0});
    HW_TRY(place->put(models_text(1), std::move(bulk)));
    std::vector<model::PointId> points;
    for (uint64_t i = 0; i < options.children; ++i)
        points.push_back(HW_TRY(place->points.intern(unit_id(i) + "/t0")));
    Random random(3);
    std::vector<double> last(options.children);
    const auto round = [&](uint64_t rows) {
        model::SampleBatch batch;
        const Time now = place->clock.now();
        for (uint64_t i = 0; i < rows; ++i) {
            const uint64_t child = random.below(options.children);
            last[child] = random.uniform() * 100;
            batch.add_double(points[child], now + nanoseconds(static_cast<int64_t>(i)),
                             last[child]);
        }
        return batch;
    };
    const auto start = place->twins->figures();
    const double cpu = process_cpu_seconds();
    const auto begin = Steady::now();
    uint64_t sent = 0;
    while (seconds_since(begin) < static_cast<double>(options.length.ns) * 1e-9) {
        place->commit(round(rows_a_commit));
        sent += rows_a_commit;
    }
    place->twins->sync();
    const double took = seconds_since(begin);
    const double cpu_took = process_cpu_seconds() - cpu;
    const auto end = place->twins->figures();
    double sum = 0;
    for (const double value : last)
        sum += value;
    const auto total = HW_TRY(place->twins->read("bench/site", "total"));
    const auto most = HW_TRY(place->twins->read("bench/site", "most"));
    if (!total.value.is_number() || std::abs(total.value.as_number() - sum) > 1e-6 * sum ||
        !most.value.is_number() ||
        most.value.as_number() != *std::max_element(last.begin(), last.end()))
        return fail(ErrorCode::corrupt,
                    fmt::format("the roll-up says {}, the sum is {}",
                                total.value.is_number() ? total.value.as_number() : 0, sum));
    // One change alone, from its commit to the new total.
    Latencies one;
    for (int i = 0; i < 200; ++i) {
        place->commit(round(1));
        const auto alone = Steady::now();
        (void)place->twins->read("bench/site", "total");
        one.us.push_back(seconds_since(alone) * 1e6);
    }
    return TwinFigures{
        fmt::format("sum and max over {} children", options.children),
        {{"updates_per_second", static_cast<double>(end.updates - start.updates) / took},
         {"updates_per_cpu_second", static_cast<double>(sent) / cpu_took},
         {"derivations", static_cast<double>(end.derivations - start.derivations)},
         {"read_after_commit_us_p50", one.at(0.5)},
         {"read_after_commit_us_p99", one.at(0.99)}}};
}

}  // namespace

std::vector<std::pair<std::string_view, TwinBench>> twin_benches() {
    return {{"apply", bench_apply},
            {"rest", bench_quiet},
            {"roll-up", bench_roll_up},
            {"past", bench_twin_past}};
}

}  // namespace hw::app
