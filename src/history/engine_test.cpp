#include "history/engine.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/random.h"
#include "history/query_aggregate.h"
#include "history/query_raw.h"
#include "io/sim_disk.h"
#include "store/memory_store.h"

namespace hw::history {
namespace {

using model::PointId;
using model::Sample;
using model::SampleBatch;

constexpr size_t points_most = 6;

// The oracle: what must be readable. A batch that failed may still come back after a crash, whole,
// if nothing was committed since; nothing else may.
using Kept = std::map<std::pair<uint32_t, int64_t>, Sample>;

struct World {
    explicit World(uint64_t seed_of)
        : seed(seed_of), random(seed_of), disk(seed_of), store(seed_of) {
        settings.chunk_samples = 64;
        settings.journal_bytes_limit = 40'000;
        settings.head_bytes_limit = 60'000;
        settings.disk_reserve_bytes = 0;
        open();
    }

    void open() {
        engine.reset();
        points = std::make_unique<model::PointDirectory>(100);
        Engine::Opened opened;
        auto made = Engine::open(settings, disk, store, *points, opened);
        ASSERT_TRUE(made.has_value()) << "seed " << seed << ": " << made.error().text();
        for (const auto& damage : opened.damages)
            ADD_FAILURE() << "seed " << seed << ": " << damage;
        engine = std::move(*made);
    }

    Sample random_sample(int64_t time_ns) {
        Sample sample;
        sample.time = Time{time_ns};
        sample.quality = random.chance(0.1) ? model::Quality::bad_timeout : model::Quality::good;
        switch (random.below(8)) {
            case 0:
                sample.value = random.chance(0.5);
                break;
            case 1:
                sample.value = static_cast<int64_t>(random.next());
                break;
            case 2:
                sample.value = std::string(random.below(40), 'x') + std::to_string(random.below(9));
                break;
            case 3:
                sample.value = model::Bytes{std::string(random.below(5), '\0')};
                break;
            default:
                sample.value = static_cast<double>(random.below(100)) / 4;
        }
        return sample;
    }

    int64_t random_time() {
        if (random.chance(0.01)) return random.chance(0.5) ? INT64_MIN : INT64_MAX - 1;
        if (random.chance(0.1)) return static_cast<int64_t>(random.below(20'000));  // late
        if (random.chance(0.1)) return static_cast<int64_t>(now);                   // again
        now += random.below(3);
        return static_cast<int64_t>(now);
    }

    void commit() {
        std::vector<SampleBatch> batches(1 + random.below(3));
        Kept news = kept;
        for (SampleBatch& batch : batches) {
            const size_t rows = 1 + random.below(120);
            for (size_t i = 0; i < rows; ++i) {
                const std::string path = "p/" + std::to_string(random.below(points_most));
                const PointId point = points->intern(path).value();
                // Runs of plain doubles, and now and then anything at all.
                Sample sample = random.chance(plainness)
                                    ? Sample{Time{random_time()}, static_cast<double>(i)}
                                    : random_sample(random_time());
                batch.add(point, sample);
                news[{point.value(), sample.time.ns}] = sample;
            }
        }
        std::vector<const SampleBatch*> group;
        for (const SampleBatch& batch : batches)
            group.push_back(&batch);
        const Result<void> done = engine->commit(group);
        if (done) {
            kept = std::move(news);
            doubtful.clear();
        } else {
            doubtful.push_back(std::move(batches));
        }
    }

    void crash() {
        engine.reset();
        disk.crash();
        store.crash();
        disk.set_faults({});
        store.set_faults(0, 0);
        open();
        settle_doubts();
        doubtful.clear();
    }

    // Of one group in doubt the first batches may be there, each whole; else none.
    void settle_doubts() {
        if (!differs(kept)) return;
        for (const auto& group : doubtful) {
            Kept possible = kept;
            for (const SampleBatch& batch : group) {
                for (size_t row = 0; row < batch.size(); ++row)
                    possible[{batch.points()[row].value(), batch.times_ns()[row]}] =
                        batch.sample(row);
                if (differs(possible)) continue;
                kept = std::move(possible);
                return;
            }
        }
        const auto wrong = differs(kept);
        ADD_FAILURE() << "seed " << seed << " after a crash: " << wrong.value_or("");
    }

    std::optional<std::string> differs(const Kept& expected) {
        RawQuery query;
        query.from = Time{INT64_MIN};
        query.to = Time{INT64_MAX};
        query.newest_first = random.chance(0.3);
        const auto known = static_cast<uint32_t>(points->size());
        for (uint32_t i = 0; i < known; ++i)
            query.points.push_back(PointId{i});
        Kept found;
        std::optional<std::string> wrong;
        std::optional<std::pair<uint32_t, int64_t>> before;
        const auto read = raw_rows(*engine, query, [&](const SampleBatch& rows) {
            for (size_t i = 0; i < rows.size(); ++i) {
                const std::pair key(rows.points()[i].value(), rows.times_ns()[i]);
                if (before && before->first == key.first &&
                    (query.newest_first ? before->second <= key.second
                                        : before->second >= key.second))
                    wrong = "out of order";
                before = key;
                found[key] = rows.sample(i);
            }
            return true;
        });
        if (!read) return read.error().text();
        if (wrong) return wrong;
        if (found == expected) return std::nullopt;
        return "found " + std::to_string(found.size()) + " of " + std::to_string(expected.size());
    }

    void check() {
        const auto wrong = differs(kept);
        ASSERT_FALSE(wrong.has_value()) << "seed " << seed << ": " << *wrong;
    }

    void drop() {
        const PointId point{static_cast<uint32_t>(random.below(points_most))};
        if (point.value() >= points->size()) return;
        const auto from = static_cast<int64_t>(random.below(now + 1));
        const auto to = from + static_cast<int64_t>(random.below(300));
        // A drop that fails half-way may have dropped; so faults are off.
        disk.set_faults({});
        store.set_faults(0, 0);
        const auto dropped = engine->drop({point}, from, to);
        ASSERT_TRUE(dropped.has_value()) << "seed " << seed;
        for (auto row = kept.begin(); row != kept.end();) {
            const auto [id, time] = row->first;
            row = id == point.value() && time >= from && time < to ? kept.erase(row) : ++row;
        }
    }

    void check_states() {
        // Sealed, so that counts are exact.
        disk.set_faults({});
        store.set_faults(0, 0);
        ASSERT_TRUE(engine->seal_all().has_value());
        std::map<uint32_t, std::vector<const Sample*>> by_point;
        for (const auto& [key, sample] : kept)
            by_point[key.first].push_back(&sample);
        for (uint32_t i = 0; i < points->size(); ++i) {
            const auto state = engine->point_state(PointId{i});
            ASSERT_EQ(state.has_value(), by_point.contains(i)) << "seed " << seed;
            if (!state) continue;
            ASSERT_EQ(state->count, by_point[i].size()) << "seed " << seed << " point " << i;
            ASSERT_EQ(state->first_time, by_point[i].front()->time) << "seed " << seed;
            ASSERT_EQ(state->last, *by_point[i].back()) << "seed " << seed;
        }
        if (!random.chance(0.3)) return;
        ASSERT_TRUE(engine->merge_small().has_value());
    }

    void set_faults() {
        const bool on = random.chance(0.5);
        const double odds = on ? 0.1 : 0;
        disk.set_faults({.append_fails = odds, .sync_fails = odds});
        store.set_faults(odds, odds);
        disk.set_capacity(random.chance(0.2) ? disk.used_bytes() + random.below(20'000)
                                             : UINT64_MAX);
    }

    void step() {
        const uint64_t dice = random.below(100);
        if (dice < 60) return commit();
        if (dice < 75) return (void)engine->seal_some();
        if (dice < 80) return (void)engine->release_journal();
        if (dice < 82) return (void)engine->seal_late();
        if (dice < 83) return (void)engine->seal_all();
        if (dice < 85) return drop();
        if (dice < 88) return set_faults();
        if (dice < 91) return crash();
        if (dice < 93) return check_states();
        if (dice < 94) return (void)engine->merge_small();
        check();
    }

    const uint64_t seed;
    Random random;
    Settings settings;
    io::SimDisk disk;
    store::MemoryStore store;
    std::unique_ptr<model::PointDirectory> points;
    std::unique_ptr<Engine> engine;
    uint64_t now = 1000;
    double plainness = 0.8;
    Kept kept;
    std::vector<std::vector<SampleBatch>> doubtful;
};

// The loop's number is the seed, so a failure names what reproduces it.
void run_worlds(uint64_t first_seed, uint64_t seeds) {
    for (uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
        World world(seed);
        world.plainness = world.random.chance(0.5) ? 1 : 0.7;
        for (int i = 0; i < 150 && !testing::Test::HasFailure(); ++i)
            world.step();
        if (!testing::Test::HasFailure()) world.crash();
        if (!testing::Test::HasFailure()) world.check();
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

// Other worlds by hand: --gtest_shuffle --gtest_random_seed=N.
TEST(Engine, keeps_what_it_acknowledged_whatever_fails) {
    constexpr uint64_t worlds = 8;
    const auto turn = static_cast<uint64_t>(testing::UnitTest::GetInstance()->random_seed());
    run_worlds(1 + turn * worlds, worlds);
}

}  // namespace
}  // namespace hw::history
