#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>

#include "app/bench_many_rules.h"
#include "app/bench_twin.h"
#include "app/bench_twin_place.h"
#include "twin/past/past.h"

namespace hw::app {

namespace {

using Steady = std::chrono::steady_clock;

constexpr uint64_t points_a_twin = 5;
constexpr uint64_t samples_a_point = 600;
constexpr Duration step = seconds(10);
constexpr uint64_t runs = 5;

constexpr std::string_view models = R"json([
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@type":"Interface",
"@id":"dtmi:bench:Unit;1","contents":[
{"@type":"Telemetry","name":"t0","schema":"double"},
{"@type":"Telemetry","name":"t1","schema":"double"},
{"@type":"Telemetry","name":"t2","schema":"double"},
{"@type":"Telemetry","name":"t3","schema":"double"},
{"@type":"Telemetry","name":"t4","schema":"double"},
{"@type":"Property","name":"both","schema":"double","expression":"t0 + t1"}]},
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@type":"Interface",
"@id":"dtmi:bench:Site;1","contents":[{"@type":"Relationship","name":"units"},
{"@type":"Property","name":"total","schema":"double","expression":"sum(units.both)"}]}])json";

twin::TwinSpec described(std::string id, std::string model) {
    twin::TwinSpec spec;
    spec.id = std::move(id);
    spec.model = std::move(model);
    return spec;
}

std::string unit_id(uint64_t i) {
    return fmt::format("bench/g{}/u{}", i / 100, i);
}

// Of point `p` of a twin at its sample `row`; what the answer is checked against.
double value_of(uint64_t twin, uint64_t p, uint64_t row) {
    return static_cast<double>((twin * 7 + p * 13 + row * 3) % 1'000) / 8;
}

// Every point with a sample each step, sealed into chunks.
Result<void> fill(TwinBenchPlace& place, uint64_t twins, Time begin) {
    std::vector<model::PointId> points;
    for (uint64_t i = 0; i < twins; ++i)
        for (uint64_t p = 0; p < points_a_twin; ++p)
            points.push_back(HW_TRY(place.points.intern(fmt::format("{}/t{}", unit_id(i), p))));
    for (uint64_t row = 0; row < samples_a_point; ++row) {
        model::SampleBatch batch;
        batch.reserve(points.size());
        const Time time = begin + nanoseconds(step.ns * static_cast<int64_t>(row));
        for (size_t i = 0; i < points.size(); ++i)
            batch.add_double(points[i], time, value_of(i / points_a_twin, i % points_a_twin, row));
        place.commit(std::move(batch));
    }
    return place.history->settle();
}

Result<void> check(const twin::Snapshot& snapshot, uint64_t twins, uint64_t row) {
    double total = 0;
    uint64_t right = 0;
    for (uint64_t i = 0; i < twins; ++i)
        total += value_of(i, 0, row) + value_of(i, 1, row);
    for (const auto& twin : snapshot.twins) {
        const auto* sum = twin.find("total");
        if (sum != nullptr) {
            right += sum->live.value == sql::Datum::real(total) ? 1 : 0;
            continue;
        }
        const size_t digits = twin.id.rfind('u') + 1;
        const uint64_t number = std::stoull(twin.id.substr(digits));
        bool same = twin.properties.size() == points_a_twin + 1;
        for (uint64_t p = 0; same && p < points_a_twin; ++p)
            same = twin.find(fmt::format("t{}", p))->live.value ==
                   sql::Datum::real(value_of(number, p, row));
        right += same ? 1 : 0;
    }
    if (right == twins + 1) return {};
    return fail(ErrorCode::corrupt,
                fmt::format("{} of {} twins are as they were", right, twins + 1));
}

}  // namespace

Result<TwinFigures> bench_twin_past(const TwinBenchOptions& options) {
    auto place = HW_TRY(TwinBenchPlace::make());
    place->start();
    const uint64_t twins = options.past_twins;
    twin::Bulk bulk;
    bulk.twins.push_back({described("bench/site", "dtmi:bench:Site;1"), 0});
    for (uint64_t i = 0; i < twins; ++i) {
        bulk.twins.push_back({described(unit_id(i), "dtmi:bench:Unit;1"), 0});
        bulk.relationships.push_back({{"bench/site", "units", unit_id(i)}, 0});
    }
    HW_TRY(place->put(models, std::move(bulk)));
    const Time begin = place->clock.now();
    HW_TRY(fill(*place, twins, begin));
    // The description is of now and the samples lie ahead of it, so the clock must be, too.
    const auto end = begin + nanoseconds(step.ns * static_cast<int64_t>(samples_a_point));
    const ManualClock later(end);
    twin::Settings settings;
    const twin::Past past({*place->twins, *place->history, place->points, *place->audit,
                           place->functions, later, settings});
    std::vector<double> ms;
    double cpu = process_cpu_seconds();
    for (uint64_t i = 0; i < runs; ++i) {
        const uint64_t row = samples_a_point * (i + 1) / (runs + 2);
        const auto start = Steady::now();
        const auto snapshot =
            HW_TRY(past.at({}, begin + nanoseconds(step.ns * static_cast<int64_t>(row) + 1)));
        ms.push_back(std::chrono::duration<double>(Steady::now() - start).count() * 1e3);
        HW_TRY(check(snapshot, twins, row));
    }
    cpu = process_cpu_seconds() - cpu;
    const auto start = Steady::now();
    twin::WhenQuery query{"t0 > 60 AND t1 < 40", begin, end};
    const auto when = HW_TRY(past.when(unit_id(0), query));
    const double when_ms = std::chrono::duration<double>(Steady::now() - start).count() * 1e3;
    if (when.rows == 0) return fail(ErrorCode::corrupt, "no sample was read for the condition");
    std::ranges::sort(ms);
    return TwinFigures{fmt::format("{} twins of {} points as they were", twins, points_a_twin),
                       {{"snapshot_ms_p50", ms[ms.size() / 2]},
                        {"snapshot_ms_most", ms.back()},
                        {"cpu_ms", cpu * 1e3 / static_cast<double>(runs)},
                        {"when_ms", when_ms},
                        {"when_samples", static_cast<double>(when.rows)}}};
}

}  // namespace hw::app
