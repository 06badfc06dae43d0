#include "twin/bench.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "twin/twins.h"

namespace hw::twin {

namespace {

constexpr size_t slots_of_twin = 10;
constexpr size_t batch_samples = 2'000;  // of one commit each 2 ms at a million a second
constexpr std::string_view bench_model = R"json([
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:bench:Meter;1",
 "@type":"Interface","contents":[
  {"@type":"Telemetry","name":"t0","schema":"double"},
  {"@type":"Telemetry","name":"t1","schema":"double"},
  {"@type":"Telemetry","name":"t2","schema":"double"},
  {"@type":"Telemetry","name":"t3","schema":"double"},
  {"@type":"Telemetry","name":"t4","schema":"double"},
  {"@type":"Telemetry","name":"t5","schema":"double"},
  {"@type":"Telemetry","name":"t6","schema":"double"},
  {"@type":"Telemetry","name":"t7","schema":"double"},
  {"@type":"Telemetry","name":"t8","schema":"double"},
  {"@type":"Telemetry","name":"t9","schema":"double"},
  {"@type":"Relationship","name":"next"}]},
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:bench:Child;1",
 "@type":"Interface","contents":[{"@type":"Telemetry","name":"flow","schema":"double"}]},
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:bench:Parent;1",
 "@type":"Interface","contents":[
  {"@type":"Relationship","name":"children","target":"dtmi:bench:Child;1"},
  {"@type":"Property","name":"total","schema":"double","expression":"sum(children.flow)"}]}
])json";

double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

std::string meter_id(size_t i) {
    return fmt::format("utility/zone{}/meter{}", i % 100, i);
}

BenchLatency latency_of(std::vector<double>& us) {
    BenchLatency latency;
    latency.count = us.size();
    if (us.empty()) return latency;
    std::sort(us.begin(), us.end());
    latency.p50_us = us[us.size() / 2];
    latency.p99_us = us[us.size() * 99 / 100];
    latency.most_us = us.back();
    return latency;
}

class Counting final : public Follower {
  public:
    uint32_t interest(const TwinName&, const Interface&, size_t) override { return 1; }
    void changed(uint32_t, const TwinName&, size_t, const LiveValue&) override { ++count; }
    void happened(const Happening&) override {}
    void round_end() override {}

    uint64_t count = 0;  // read while nothing comes
};

// One run with all that it needs.
class Bench {
  public:
    Bench(const BenchOptions& options, const sql::FunctionTable& functions)
        : options_(options), functions_(functions), points_(options.twins * 20 + 1'000'000) {}

    Result<BenchReport> run();

  private:
    Result<void> open_rooms();
    Result<void> open_twins();
    Result<void> import();
    Result<void> import_part(Bulk bulk);
    void tap(const model::SampleBatch& batch);
    void fill(model::SampleBatch& batch, Random& random, size_t size);
    void as_fast_as_they_go();
    void paced();
    void read_for(const std::atomic<bool>& stop, std::vector<double>& reads,
                  std::vector<double>& hops);
    void idle();
    Result<void> snapshot();
    Result<void> roll_up();

    const BenchOptions options_;
    const sql::FunctionTable& functions_;
    SystemClock clock_;
    model::PointDirectory points_;
    std::vector<std::unique_ptr<Metrics>> metrics_;
    std::unique_ptr<history::History> history_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    Counting follower_;
    std::unique_ptr<Twins> twins_;
    std::vector<model::PointId> meters_;
    const Time time_ = clock_.now();  // of all samples, so that none is older than another
    const Change change_{.actor = "bench", .origin = "bench"};
    BenchReport report_;
};

Result<void> Bench::open_rooms() {
    const auto metrics = [&]() -> Metrics& {
        return *metrics_.emplace_back(std::make_unique<Metrics>());
    };
    history::Settings settings;
    settings.disk_reserve_bytes = 0;
    history_ = HW_TRY(
        history::History::open(settings, options_.folder + "/history", points_, clock_, metrics()));
    database_ = HW_TRY(catalog::Database::open(options_.folder + "/catalog.sqlite"));
    audit_ = HW_TRY(catalog::AuditLog::open(*database_, {}, clock_, metrics()));
    return {};
}

Result<void> Bench::open_twins() {
    twins_.reset();
    metrics_.push_back(std::make_unique<Metrics>());
    double begun = seconds_now();
    twins_ = HW_TRY(Twins::open(
        {}, {*database_, *audit_, *history_, points_, clock_, *metrics_.back(), functions_, {}}));
    report_.open_s = seconds_now() - begun;
    twins_->add_follower(follower_);
    begun = seconds_now();
    twins_->load();
    report_.load_s = seconds_now() - begun;
    twins_->start();
    return {};
}

Result<void> Bench::import_part(Bulk bulk) {
    const auto report = HW_TRY(twins_->apply(std::move(bulk), {}, change_));
    if (report.errors.empty()) return {};
    return fail(ErrorCode::invalid_argument, report.errors.front().text);
}

Result<void> Bench::import() {
    std::vector<ModelFlaw> flaws;
    const std::string_view documents[] = {bench_model};
    HW_TRY(twins_->put_models(documents, change_, flaws));
    for (size_t i = 0; i < options_.twins; ++i)
        for (size_t slot = 0; slot < slots_of_twin; ++slot)
            meters_.push_back(HW_TRY(points_.intern(fmt::format("{}/t{}", meter_id(i), slot))));
    Bulk twins;
    for (size_t i = 0; i < options_.twins; ++i) {
        BulkTwin& twin = twins.twins.emplace_back();
        twin.spec.id = meter_id(i);
        twin.spec.model = "dtmi:bench:Meter;1";
    }
    double begun = seconds_now();
    HW_TRY(import_part(std::move(twins)));
    report_.import_twins_s = seconds_now() - begun;
    Bulk relationships;
    const size_t each = options_.relationships / options_.twins;
    for (size_t i = 0; i < options_.twins; ++i)
        for (size_t k = 1; k <= each; ++k)
            relationships.relationships.push_back(
                {{meter_id(i), "next", meter_id((i + k * 7) % options_.twins)}, 0});
    begun = seconds_now();
    HW_TRY(import_part(std::move(relationships)));
    report_.import_relationships_s = seconds_now() - begun;
    return {};
}

void Bench::tap(const model::SampleBatch& batch) {
    const model::SampleBatch* const batches[] = {&batch};
    twins_->tap(batches);
}

void Bench::fill(model::SampleBatch& batch, Random& random, size_t size) {
    batch.clear();
    for (size_t i = 0; i < size; ++i)
        batch.add_double(meters_[random.below(meters_.size())], time_,
                         static_cast<double>(random.below(1000)));
}

// The feeder waits while the queue is half full, as history would not: so nothing is dropped.
void Bench::as_fast_as_they_go() {
    std::vector<model::SampleBatch> batches(64);
    Random random(1);
    for (auto& batch : batches)
        fill(batch, random, batch_samples);
    const double cpu = cpu_seconds();
    const double begun = seconds_now();
    for (size_t sent = 0; sent < options_.samples; sent += batch_samples) {
        tap(batches[sent / batch_samples % batches.size()]);
        if (sent / batch_samples % 1'000 == 999) twins_->sync();
    }
    twins_->sync();
    const double took = seconds_now() - begun;
    report_.updates_per_s = static_cast<double>(options_.samples) / took;
    report_.updates_cpu_ns = (cpu_seconds() - cpu) * 1e9 / static_cast<double>(options_.samples);
}

void Bench::read_for(const std::atomic<bool>& stop, std::vector<double>& reads,
                     std::vector<double>& hops) {
    Random random(2);
    constexpr auto pause = std::chrono::microseconds(50);
    while (!stop) {
        const std::string id = meter_id(random.below(options_.twins));
        const std::string path = fmt::format("t{}", random.below(slots_of_twin));
        double begun = seconds_now();
        const auto value = twins_->read(id, path);
        reads.push_back((seconds_now() - begun) * 1e6);
        begun = seconds_now();
        const auto others = twins_->hop(id, "next", false);
        hops.push_back((seconds_now() - begun) * 1e6);
        if (!value || !others) return;
        std::this_thread::sleep_for(pause);
    }
}

void Bench::idle() {
    std::atomic<bool> stop{false};
    std::vector<double> reads, hops;
    std::thread reader([&] { read_for(stop, reads, hops); });
    std::this_thread::sleep_for(std::chrono::seconds(1));
    stop = true;
    reader.join();
    report_.read_idle = latency_of(reads);
    report_.hop_idle = latency_of(hops);
}

void Bench::paced() {
    std::atomic<bool> stop{false};
    std::vector<double> reads, hops;
    std::thread reader([&] { read_for(stop, reads, hops); });
    Random random(3);
    std::vector<model::SampleBatch> batches(64);
    for (auto& batch : batches)
        fill(batch, random, batch_samples);
    const auto before = twins_->figures();
    const double cpu = cpu_seconds();
    const double begun = seconds_now();
    const size_t all = options_.rate * options_.seconds;
    const double pace = static_cast<double>(batch_samples) / static_cast<double>(options_.rate);
    for (size_t n = 0; n * batch_samples < all; ++n) {
        tap(batches[n % batches.size()]);
        const double next = begun + pace * static_cast<double>(n + 1);
        if (const double left = next - seconds_now(); left > 0)
            std::this_thread::sleep_for(std::chrono::duration<double>(left));
    }
    twins_->sync();
    const double took = seconds_now() - begun;
    report_.paced_cpu = (cpu_seconds() - cpu) / took;
    stop = true;
    reader.join();
    const auto after = twins_->figures();
    report_.paced_updates_per_s = static_cast<double>(after.updates - before.updates) / took;
    report_.paced_dropped = after.dropped - before.dropped;
    report_.read_busy = latency_of(reads);
    report_.hop_busy = latency_of(hops);
}

Result<void> Bench::snapshot() {
    Scope scope;
    scope.limit = 10'000;
    const double begun = seconds_now();
    const auto taken = HW_TRY(twins_->snapshot(scope));
    report_.snapshot_10k_ms = (seconds_now() - begun) * 1e3;
    if (taken.twins.size() != std::min<size_t>(10'000, options_.twins))
        return fail(ErrorCode::corrupt, "the snapshot is not whole");
    return {};
}

Result<void> Bench::roll_up() {
    Bulk bulk;
    const auto add = [&](const std::string& id, std::string_view model) {
        BulkTwin& twin = bulk.twins.emplace_back();
        twin.spec.id = id;
        twin.spec.model = model;
    };
    add("parent", "dtmi:bench:Parent;1");
    std::vector<model::PointId> points;
    for (size_t i = 0; i < options_.children; ++i) {
        const std::string id = fmt::format("parent/child{}", i);
        add(id, "dtmi:bench:Child;1");
        bulk.relationships.push_back({{"parent", "children", id}, 0});
        points.push_back(HW_TRY(points_.intern(id + "/flow")));
    }
    HW_TRY(import_part(std::move(bulk)));
    constexpr size_t rounds = 20;
    const double begun = seconds_now();
    model::SampleBatch batch;
    for (size_t round = 0; round < rounds; ++round) {
        batch.clear();
        const Time now = clock_.now();
        for (const auto point : points)
            batch.add_double(point, now, static_cast<double>(round + 1));
        tap(batch);
    }
    const auto total = HW_TRY(twins_->read("parent", "total"));
    report_.roll_up_change_ns =
        (seconds_now() - begun) * 1e9 / static_cast<double>(rounds * points.size());
    report_.children = points.size();
    const double expected = static_cast<double>(rounds * points.size());
    if (total.value != sql::Datum::real(expected))
        return fail(ErrorCode::corrupt, "the roll-up is wrong");
    return {};
}

Result<BenchReport> Bench::run() {
    HW_TRY(open_rooms());
    HW_TRY(open_twins());
    HW_TRY(import());
    HW_TRY(open_twins());  // once more, from the catalogue
    const size_t with = mallinfo2().uordblks + mallinfo2().hblkhd;
    as_fast_as_they_go();
    idle();
    paced();
    HW_TRY(snapshot());
    HW_TRY(roll_up());
    report_.followed = follower_.count;
    twins_->stop();
    twins_.reset();
    const size_t without = mallinfo2().uordblks + mallinfo2().hblkhd;
    report_.bytes_a_twin =
        static_cast<double>(with - std::min(with, without)) / static_cast<double>(options_.twins);
    return report_;
}

}  // namespace

Result<BenchReport> run_bench(const BenchOptions& options, const sql::FunctionTable& functions) {
    Bench bench(options, functions);
    return bench.run();
}

}  // namespace hw::twin
