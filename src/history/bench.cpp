#include "history/bench.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "history/history.h"
#include "history/plant_mix.h"

namespace hw::history {

namespace {

using model::PointId;
using model::SampleBatch;

constexpr int64_t bench_start_ns = 1'767'225'600'000'000'000;  // 2026-01-01
constexpr int64_t second_ns = 1'000'000'000;

double cpu_seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Memory beyond what was resident is not given back, so the peak of the process is the bench's.
uint64_t rss_bytes_most() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

void add_value(SampleBatch& batch, PointId point, Time time, PlantPoint& plant) {
    const uint64_t value = plant.next();
    switch (plant.type()) {
        case model::ValueType::boolean:
            return batch.add_bool(point, time, value != 0);
        case model::ValueType::int64:
            return batch.add_int(point, time, static_cast<int64_t>(value));
        default:
            return batch.add_double(point, time, std::bit_cast<double>(value));
    }
}

// A historian with points, and batches on their way to it: at most `in_flight`.
class Feeder {
  public:
    Feeder(uint32_t points, uint32_t in_flight)
        : directory_(size_t{points} + 1), in_flight_(in_flight) {}

    Result<void> open(const Settings& settings, const std::string& folder, uint32_t points) {
        std::error_code error;
        if (std::filesystem::exists(folder + "/store", error))
            return fail(ErrorCode::conflict, folder + " holds a historian; name a new folder");
        history_ = HW_TRY(History::open(settings, folder, directory_, clock_, metrics_));
        for (uint32_t i = 0; i < points; ++i)
            HW_TRY(directory_.intern(fmt::format("bench/area{}/p{}", i / 100, i)));
        return {};
    }
    ~Feeder() { [[maybe_unused]] const auto drained = drain(); }

    void submit(SampleBatch batch) {
        {
            const MutexLock lock(mutex_);
            while (flying_ >= in_flight_)
                landed_.wait(mutex_);
            ++flying_;
        }
        history_->submit(std::move(batch), [this, at = clock_.monotonic()](const auto& result) {
            const MutexLock lock(mutex_);
            --flying_;
            latencies_ns_.push_back((clock_.monotonic() - at).ns);
            if (!result && !failure_) failure_ = result.error();
            landed_.notify_one();
        });
    }

    Result<void> drain() {
        const MutexLock lock(mutex_);
        while (flying_ > 0)
            landed_.wait(mutex_);
        if (failure_) return fail(*failure_);
        return {};
    }

    double latency_ms(double share) {
        const MutexLock lock(mutex_);
        if (latencies_ns_.empty()) return 0;
        const auto rank =
            static_cast<ptrdiff_t>(share * static_cast<double>(latencies_ns_.size() - 1));
        std::nth_element(latencies_ns_.begin(), latencies_ns_.begin() + rank, latencies_ns_.end());
        return static_cast<double>(latencies_ns_[static_cast<size_t>(rank)]) * 1e-6;
    }

    History& history() { return *history_; }
    const SystemClock& clock() const { return clock_; }

  private:
    SystemClock clock_;
    Metrics metrics_;
    model::PointDirectory directory_;
    const uint32_t in_flight_;
    Mutex mutex_;
    Condition landed_;
    uint32_t flying_ HW_LOCKING(guarded_by(mutex_)) = 0;
    std::vector<int64_t> latencies_ns_ HW_LOCKING(guarded_by(mutex_));
    std::optional<Error> failure_ HW_LOCKING(guarded_by(mutex_));
    std::unique_ptr<History> history_;
};

std::vector<PlantPoint> make_plant(uint64_t seed, uint32_t points) {
    std::vector<PlantPoint> plant;
    plant.reserve(points);
    for (uint32_t i = 0; i < points; ++i)
        plant.emplace_back(seed, i);
    return plant;
}

double elapsed_s(const Feeder& feeder, Time since) {
    return static_cast<double>((feeder.clock().monotonic() - since).ns) * 1e-9;
}

}  // namespace

Result<BenchReport> run_ingest_bench(const IngestBenchOptions& options) {
    Feeder feeder(options.points, options.in_flight);
    HW_TRY(feeder.open(options.settings, options.folder, options.points));
    std::vector<PlantPoint> plant = make_plant(options.seed, options.points);
    BenchReport report;
    const double cpu_before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const Time start = feeder.clock().monotonic();
    uint32_t point = 0;
    int64_t time_ns = bench_start_ns;
    while (feeder.clock().monotonic() - start < options.length) {
        const double generator_before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        SampleBatch batch;
        batch.reserve(options.batch);
        while (batch.size() < options.batch) {
            add_value(batch, PointId{point}, Time{time_ns}, plant[point]);
            if (++point < options.points) continue;
            point = 0;
            time_ns += second_ns;
        }
        report.generator_cpu_seconds += cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - generator_before;
        report.samples += batch.size();
        feeder.submit(std::move(batch));
    }
    HW_TRY(feeder.drain());
    report.seconds = elapsed_s(feeder, start);
    report.cpu_seconds = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_before;
    report.commit_p50_ms = feeder.latency_ms(0.5);
    report.commit_p99_ms = feeder.latency_ms(0.99);
    report.commits = feeder.history().figures().commits;
    report.journal_syncs = feeder.history().figures().journal_syncs;
    report.rss_bytes_most = rss_bytes_most();
    const Time settling = feeder.clock().monotonic();
    const double settling_cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    HW_TRY(feeder.history().settle());
    report.settle_seconds = elapsed_s(feeder, settling);
    report.settle_cpu_seconds = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - settling_cpu;
    report.disk_bytes = feeder.history().figures().disk_bytes;
    return report;
}

std::string render_text(const BenchReport& r) {
    return fmt::format(
        "samples             {}\n"
        "seconds             {:.1f}\n"
        "samples/s           {:.0f}\n"
        "samples/CPU s       {:.0f}\n"
        "CPU s               {:.1f} (generator {:.1f})\n"
        "commit p50, p99 ms  {:.2f}, {:.2f}\n"
        "commits, syncs      {}, {}\n"
        "resident MB         {:.0f}\n"
        "settling s, CPU s   {:.1f}, {:.1f}\n"
        "bytes/sample        {:.3f}\n",
        r.samples, r.seconds, r.samples_per_second(), r.samples_per_cpu_second(), r.cpu_seconds,
        r.generator_cpu_seconds, r.commit_p50_ms, r.commit_p99_ms, r.commits, r.journal_syncs,
        static_cast<double>(r.rss_bytes_most) * 1e-6, r.settle_seconds, r.settle_cpu_seconds,
        r.bytes_per_sample());
}

std::string render_json(const BenchReport& r) {
    return fmt::format(
        R"({{"samples":{},"seconds":{:.3f},"samples_per_second":{:.0f},)"
        R"("samples_per_cpu_second":{:.0f},"cpu_seconds":{:.3f},"generator_cpu_seconds":{:.3f},)"
        R"("commit_p50_ms":{:.3f},"commit_p99_ms":{:.3f},"commits":{},"journal_syncs":{},)"
        R"("rss_bytes_most":{},"settle_seconds":{:.3f},"settle_cpu_seconds":{:.3f},)"
        R"("disk_bytes":{},"bytes_per_sample":{:.4f}}})",
        r.samples, r.seconds, r.samples_per_second(), r.samples_per_cpu_second(), r.cpu_seconds,
        r.generator_cpu_seconds, r.commit_p50_ms, r.commit_p99_ms, r.commits, r.journal_syncs,
        r.rss_bytes_most, r.settle_seconds, r.settle_cpu_seconds, r.disk_bytes,
        r.bytes_per_sample());
}

namespace {

// Points after each other; each batch holds a stretch of one point.
Result<void> load(Feeder& feeder, uint64_t seed, uint32_t first, uint32_t points, uint32_t samples,
                  int64_t end_ns) {
    constexpr uint32_t batch_samples = 10'000;
    for (uint32_t i = first; i < first + points; ++i) {
        PlantPoint plant(seed, i);
        int64_t time_ns = end_ns - int64_t{samples} * second_ns;
        for (uint32_t left = samples; left > 0;) {
            const uint32_t now = std::min(left, batch_samples);
            SampleBatch batch;
            batch.reserve(now);
            for (uint32_t k = 0; k < now; ++k, time_ns += second_ns)
                add_value(batch, PointId{i}, Time{time_ns}, plant);
            feeder.submit(std::move(batch));
            left -= now;
        }
    }
    return feeder.drain();
}

template <class Ask>
Result<QueryFigure> measure(const std::string& name, uint32_t rounds, const Clock& clock,
                            const Ask& ask) {
    QueryFigure figure;
    figure.name = name;
    std::vector<double> times;
    double cpu = 0;
    for (uint32_t i = 0; i <= rounds; ++i) {
        const double cpu_before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
        const Time start = clock.monotonic();
        figure.rows = HW_TRY(ask());
        if (i == 0) continue;  // warms up
        times.push_back(static_cast<double>((clock.monotonic() - start).ns) * 1e-6);
        cpu += (cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_before) * 1e3;
    }
    std::sort(times.begin(), times.end());
    figure.median_ms = times[times.size() / 2];
    figure.least_ms = times.front();
    figure.cpu_ms = cpu / rounds;
    return figure;
}

Result<uint64_t> count_rows(History& history, const RawQuery& query) {
    uint64_t rows = 0;
    HW_TRY(history.raw(query, [&](const SampleBatch& batch) {
        rows += batch.size();
        return true;
    }));
    return rows;
}

Result<uint64_t> count_buckets(History& history, const AggregateQuery& query) {
    const auto buckets = history.aggregate(query);
    if (!buckets) return fail(buckets.error());
    uint64_t rows = 0;
    for (const Buckets& each : *buckets)
        rows += each.times_ns.size();
    return rows;
}

std::vector<PointId> ids(uint32_t first, uint32_t count) {
    std::vector<PointId> points;
    for (uint32_t i = 0; i < count; ++i)
        points.emplace_back(first + i);
    return points;
}

}  // namespace

Result<std::vector<QueryFigure>> run_query_bench(const QueryBenchOptions& options) {
    const uint32_t points = 1 + options.hour_points + options.other_points;
    Feeder feeder(points, 8);
    HW_TRY(feeder.open(options.settings, options.folder, points));
    History& history = feeder.history();
    const Time end{bench_start_ns};
    HW_TRY(load(feeder, options.seed, 0, 1, options.year_samples, end.ns));
    HW_TRY(load(feeder, options.seed, 1, options.hour_points, 3600, end.ns));
    HW_TRY(load(feeder, options.seed, 1 + options.hour_points, options.other_points, 600, end.ns));
    HW_TRY(history.settle());

    const Time year_start{end.ns - int64_t{options.year_samples} * second_ns};
    RawQuery hour;
    hour.points = ids(0, 1);
    hour.from = end - seconds(3600);
    hour.to = end;
    AggregateQuery year;
    year.points = ids(0, 1);
    year.from = year.origin = year_start;
    year.to = end;
    year.every = Duration{(end - year_start).ns / 2000};
    year.aggregates = {Aggregate::min, Aggregate::max, Aggregate::mean};
    AggregateQuery minutes = year;
    minutes.points = ids(1, options.hour_points);
    minutes.from = minutes.origin = hour.from;
    minutes.every = seconds(60);
    minutes.aggregates = {Aggregate::mean};
    const std::vector<PointId> others = ids(1 + options.hour_points, options.other_points);

    const Clock& clock = feeder.clock();
    std::vector<QueryFigure> figures;
    figures.push_back(HW_TRY(
        measure("raw hour", options.rounds, clock, [&] { return count_rows(history, hour); })));
    figures.push_back(HW_TRY(measure("year to 2,000 buckets", options.rounds, clock,
                                     [&] { return count_buckets(history, year); })));
    std::vector<std::optional<PointState>> states;
    figures.push_back(
        HW_TRY(measure("last values", options.rounds, clock, [&]() -> Result<uint64_t> {
            history.point_states(others, states);
            return states.size();
        })));
    figures.push_back(HW_TRY(measure("minute means of an hour", options.rounds, clock,
                                     [&] { return count_buckets(history, minutes); })));
    return figures;
}

std::string render_text(const std::vector<QueryFigure>& figures) {
    std::string text;
    for (const QueryFigure& figure : figures)
        text +=
            fmt::format("{:26} median {:8.3f} ms  least {:8.3f} ms  CPU {:8.3f} ms  rows {}\n",
                        figure.name, figure.median_ms, figure.least_ms, figure.cpu_ms, figure.rows);
    return text;
}

}  // namespace hw::history
