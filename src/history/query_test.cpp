#include "history/query.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/random.h"
#include "history/query_aggregate.h"
#include "io/sim_disk.h"
#include "store/memory_store.h"

namespace hw::history {
namespace {

using enum Aggregate;
using model::PointId;
using model::Quality;
using model::SampleBatch;

// An engine in memory; samples are sealed or stay in heads as a test wants.
struct Bed {
    explicit Bed(size_t helpers = 0) : disk(1), store(1), points(100), pool(helpers) {
        settings.chunk_samples = 64;
        settings.disk_reserve_bytes = 0;
        Engine::Opened opened;
        engine = std::move(*Engine::open(settings, disk, store, points, opened));
        point = points.intern("p").value();
    }
    void commit(const SampleBatch& batch) {
        const SampleBatch* one = &batch;
        ASSERT_TRUE(engine->commit({&one, 1}).has_value());
    }
    void seal(bool wanted) {
        if (!wanted) return;
        ASSERT_TRUE(engine->seal_all().has_value());
    }
    Buckets ask(AggregateQuery query) {
        query.points = {point};
        auto buckets = aggregate_rows(*engine, query, pool);
        EXPECT_TRUE(buckets.has_value());
        return std::move(buckets->at(0));
    }

    Settings settings;
    io::SimDisk disk;
    store::MemoryStore store;
    model::PointDirectory points;
    WorkerPool pool;
    std::unique_ptr<Engine> engine;
    PointId point;
};

AggregateQuery over(int64_t from_s, int64_t to_s, int64_t every_s, std::vector<Aggregate> what) {
    AggregateQuery query;
    query.from = Time{from_s * 1'000'000'000};
    query.to = Time{to_s * 1'000'000'000};
    query.every = seconds(every_s);
    query.aggregates = std::move(what);
    return query;
}

Time at(double second) {
    return Time{static_cast<int64_t>(second * 1e9)};
}

TEST(Aggregate, names_are_read_and_written) {
    EXPECT_EQ(parse_aggregate("p95").value(), p95);
    EXPECT_EQ(to_string(twa), "twa");
    const auto wrong = parse_aggregate("average");
    EXPECT_NE(wrong.error().text().find("mean"), std::string::npos);
    EXPECT_EQ(parse_decimation("lttb").value(), Decimation::lttb);
    EXPECT_FALSE(parse_decimation("x").has_value());
}

TEST(Aggregate, leaves_bad_and_on_wish_uncertain_samples_out) {
    Bed bed;
    SampleBatch batch;
    batch.add_double(bed.point, at(0), 1);
    batch.add_double(bed.point, at(1), 100, Quality::bad);
    batch.add_double(bed.point, at(2), 4, Quality::uncertain);
    batch.add_text(bed.point, at(3), "text");
    batch.add_bool(bed.point, at(4), true);
    bed.commit(batch);
    for (const bool sealed : {false, true}) {
        bed.seal(sealed);
        auto query = over(0, 10, 10, {count, mean, max});
        const Buckets all = bed.ask(query);
        EXPECT_EQ(all.values[0], std::vector<double>{4});
        EXPECT_EQ(all.values[1], std::vector<double>{2});
        EXPECT_EQ(all.values[2], std::vector<double>{4});
        query.good_only = true;
        const Buckets good = bed.ask(query);
        EXPECT_EQ(good.values[0], std::vector<double>{3});
        EXPECT_EQ(good.values[1], std::vector<double>{1});
    }
}

TEST(Aggregate, time_weighted_mean_holds_values_over_bucket_edges) {
    Bed bed;
    SampleBatch batch;
    batch.add_double(bed.point, at(5), 10);
    batch.add_double(bed.point, at(12), 20);
    batch.add_double(bed.point, at(14), 0);
    batch.add_double(bed.point, at(35), 1);
    bed.commit(batch);
    for (const bool sealed : {false, true}) {
        bed.seal(sealed);
        const Buckets whole = bed.ask(over(0, 40, 10, {twa}));
        EXPECT_EQ(whole.times_ns, (std::vector<int64_t>{0, 10'000'000'000, 30'000'000'000}));
        EXPECT_DOUBLE_EQ(whole.values[0][0], 10);
        EXPECT_DOUBLE_EQ(whole.values[0][1], (2 * 10 + 2 * 20) / 10.0);
        EXPECT_DOUBLE_EQ(whole.values[0][2], 5 * 1 / 10.0);
        const Buckets late = bed.ask(over(13, 20, 10, {twa}));
        EXPECT_DOUBLE_EQ(late.values[0][0], 20.0 / 7);
    }
}

TEST(Aggregate, fills_empty_buckets_as_asked) {
    Bed bed;
    SampleBatch batch;
    batch.add_double(bed.point, at(11), 2);
    batch.add_double(bed.point, at(41), 8);
    bed.commit(batch);
    auto query = over(0, 60, 10, {mean, count});
    EXPECT_EQ(bed.ask(query).values[0], (std::vector<double>{2, 8}));
    query.fill = Fill::previous;
    const Buckets previous = bed.ask(query);
    EXPECT_TRUE(std::isnan(previous.values[0][0]));
    EXPECT_EQ(previous.values[0][3], 2);
    EXPECT_EQ(previous.values[0][5], 8);
    EXPECT_EQ(previous.values[1], (std::vector<double>{0, 1, 0, 0, 1, 0}));
    query.fill = Fill::linear;
    const Buckets linear = bed.ask(query);
    EXPECT_DOUBLE_EQ(linear.values[0][2], 4);
    EXPECT_DOUBLE_EQ(linear.values[0][3], 6);
    EXPECT_TRUE(std::isnan(linear.values[0][5]));
    query.fill = Fill::null;
    EXPECT_TRUE(std::isnan(bed.ask(query).values[0][2]));
    query.buckets_limit = 3;
    query.points = {bed.point};
    const auto refused = aggregate_rows(*bed.engine, query, bed.pool);
    EXPECT_EQ(refused.error().code(), ErrorCode::limit_exceeded);
    query.every = Duration{0};
    EXPECT_FALSE(aggregate_rows(*bed.engine, query, bed.pool).has_value());
}

// Random samples, partly sealed, partly late over chunks, against a plain loop over all of them.
void check_against_plain_loop(uint64_t seed, size_t helpers) {
    Random random(seed);
    Bed bed(helpers);
    std::map<int64_t, double> kept;
    for (int round = 0; round < 6; ++round) {
        SampleBatch batch;
        for (int i = 0; i < 400; ++i) {
            const double second =
                random.chance(0.1) ? static_cast<double>(random.below(2400)) : round * 400 + i;
            const double value = std::round(random.normal() * 100) / 10;
            batch.add_double(bed.point, at(second), value);
            kept[at(second).ns] = value;
        }
        bed.commit(batch);
        bed.seal(random.chance(0.6));
    }
    const auto from = static_cast<int64_t>(random.below(1000));
    const auto to = from + 1 + static_cast<int64_t>(random.below(1500));
    const auto every = 1 + static_cast<int64_t>(random.below(300));
    AggregateQuery query = over(from, to, every, {count, min, max, sum, first, last, median, mean});
    query.origin = at(static_cast<double>(random.below(50)));
    const Buckets buckets = bed.ask(query);
    size_t i = 0;
    for (auto row = kept.lower_bound(query.from.ns); row != kept.end() && row->first < query.to.ns;
         ++i) {
        int64_t start = query.origin.ns;
        while (start > row->first)
            start -= query.every.ns;
        while (start + query.every.ns <= row->first)
            start += query.every.ns;
        std::vector<double> values;
        for (; row != kept.end() && row->first < std::min(start + query.every.ns, query.to.ns);
             ++row)
            values.push_back(row->second);
        ASSERT_LT(i, buckets.times_ns.size()) << "seed " << seed;
        ASSERT_EQ(buckets.times_ns[i], start) << "seed " << seed;
        double total = 0;
        for (const double value : values)
            total += value;
        EXPECT_EQ(buckets.values[0][i], values.size()) << "seed " << seed;
        EXPECT_EQ(buckets.values[1][i], *std::min_element(values.begin(), values.end()));
        EXPECT_EQ(buckets.values[2][i], *std::max_element(values.begin(), values.end()));
        EXPECT_NEAR(buckets.values[3][i], total, 1e-9);
        EXPECT_EQ(buckets.values[4][i], values.front());
        EXPECT_EQ(buckets.values[5][i], values.back());
        std::sort(values.begin(), values.end());
        const double middle = (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
        EXPECT_NEAR(buckets.values[6][i], middle, 1e-9);
    }
    EXPECT_EQ(i, buckets.times_ns.size()) << "seed " << seed;
}

TEST(Aggregate, equals_a_plain_loop) {
    for (uint64_t seed = 1; seed <= 40; ++seed)
        check_against_plain_loop(seed, 0);
}

TEST(Aggregate, equals_a_plain_loop_on_several_threads) {
    // The simulated store is for one thread while it changes; here it is only read.
    Bed bed(2);
    SampleBatch batch;
    for (int i = 0; i < 20'000; ++i)
        batch.add_double(bed.point, at(i), i % 100);
    bed.commit(batch);
    ASSERT_TRUE(bed.engine->seal_all().has_value());
    const Buckets buckets = bed.ask(over(0, 20'000, 10, {count, mean}));
    ASSERT_EQ(buckets.times_ns.size(), 2000u);
    for (size_t i = 0; i < 2000; ++i) {
        EXPECT_EQ(buckets.times_ns[i], static_cast<int64_t>(i) * 10'000'000'000);
        EXPECT_EQ(buckets.values[0][i], 10);
        EXPECT_DOUBLE_EQ(buckets.values[1][i], static_cast<double>(i % 10) * 10 + 4.5);
    }
}

TEST(Decimation, keeps_ends_and_peaks) {
    std::vector<int64_t> times;
    std::vector<double> values;
    for (int i = 0; i < 1000; ++i) {
        times.push_back(i * 10);
        values.push_back(i == 500 ? 100 : i == 700 ? -50 : std::sin(i * 0.01));
    }
    for (const auto decimate : {lttb, min_max}) {
        const Series kept = decimate(times, values, 50);
        EXPECT_LE(kept.times_ns.size(), 50u);
        EXPECT_GE(kept.times_ns.size(), 40u);
        EXPECT_EQ(kept.times_ns.front(), 0);
        EXPECT_EQ(kept.times_ns.back(), 9990);
        EXPECT_TRUE(std::is_sorted(kept.times_ns.begin(), kept.times_ns.end()));
        EXPECT_NE(std::find(kept.values.begin(), kept.values.end(), 100), kept.values.end());
        EXPECT_NE(std::find(kept.values.begin(), kept.values.end(), -50), kept.values.end());
        EXPECT_EQ(decimate(times, values, 1000).values, values);
        EXPECT_LE(decimate(times, values, 2).values.size(), 2u);
        EXPECT_TRUE(decimate({}, {}, 10).values.empty());
    }
}

}  // namespace
}  // namespace hw::history
