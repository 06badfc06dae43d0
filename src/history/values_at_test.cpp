#include "history/values_at.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"
#include "history/query_raw.h"
#include "io/sim_disk.h"
#include "store/memory_store.h"

namespace hw::history {
namespace {

using model::PointId;
using model::Quality;
using model::Sample;
using model::SampleBatch;
using model::Value;

struct Bed {
    explicit Bed(size_t helpers = 0) : disk(1), store(1), points(1'000), pool(helpers) {
        settings.chunk_samples = 16;
        settings.disk_reserve_bytes = 0;
        Engine::Opened opened;
        engine = std::move(*Engine::open(settings, disk, store, points, opened));
    }
    PointId point(const std::string& path) { return points.intern(path).value(); }
    void commit(const SampleBatch& batch) {
        const SampleBatch* one = &batch;
        ASSERT_TRUE(engine->commit({&one, 1}).has_value());
    }
    void add(PointId id, int64_t time, double value, Quality quality = Quality::good) {
        SampleBatch batch;
        batch.add_double(id, Time{time}, value, quality);
        commit(batch);
    }
    void seal() { ASSERT_TRUE(engine->seal_all().has_value()); }
    std::vector<std::optional<Sample>> ask(const std::vector<PointId>& ids, int64_t time) {
        std::vector<std::optional<Sample>> out;
        EXPECT_TRUE(values_at(*engine, ids, Time{time}, pool, out).has_value());
        return out;
    }
    // "7@100", "none"
    std::string shown(PointId id, int64_t time) {
        const auto found = ask({id}, time).at(0);
        if (!found) return "none";
        const auto* number = std::get_if<double>(&found->value);
        return (number ? std::to_string(static_cast<int>(*number)) : "?") + "@" +
               std::to_string(found->time.ns);
    }

    Settings settings;
    io::SimDisk disk;
    store::MemoryStore store;
    model::PointDirectory points;
    WorkerPool pool;
    std::unique_ptr<Engine> engine;
};

TEST(ValuesAt, of_heads_alone) {
    Bed bed;
    const PointId p = bed.point("p");
    EXPECT_EQ(bed.shown(p, 100), "none");
    bed.add(p, 100, 1);
    bed.add(p, 200, 2);
    bed.add(p, 150, 3);  // late
    EXPECT_EQ(bed.shown(p, 99), "none");
    EXPECT_EQ(bed.shown(p, 100), "1@100");
    EXPECT_EQ(bed.shown(p, 149), "1@100");
    EXPECT_EQ(bed.shown(p, 150), "3@150");
    EXPECT_EQ(bed.shown(p, 199), "3@150");
    EXPECT_EQ(bed.shown(p, INT64_MAX), "2@200");
    EXPECT_EQ(bed.shown(p, INT64_MIN), "none");
    EXPECT_EQ(bed.shown(PointId{999}, 100), "none");  // never heard of
}

TEST(ValuesAt, of_chunks_and_what_came_late) {
    Bed bed;
    const PointId p = bed.point("p");
    for (int i = 0; i < 40; ++i)
        bed.add(p, 1'000 + i * 10, i);
    bed.seal();
    EXPECT_EQ(bed.shown(p, 999), "none");
    EXPECT_EQ(bed.shown(p, 1'000), "0@1000");
    EXPECT_EQ(bed.shown(p, 1'159), "15@1150");  // the last of the first chunk
    EXPECT_EQ(bed.shown(p, 1'160), "16@1160");
    EXPECT_EQ(bed.shown(p, 1'234), "23@1230");
    EXPECT_EQ(bed.shown(p, 1'390), "39@1390");
    EXPECT_EQ(bed.shown(p, 5'000), "39@1390");
    bed.add(p, 1'232, 70);  // late, and not sealed
    bed.add(p, 1'230, 71);  // in place of one in a chunk
    bed.add(p, 900, 72);
    EXPECT_EQ(bed.shown(p, 1'229), "22@1220");
    EXPECT_EQ(bed.shown(p, 1'230), "71@1230");
    EXPECT_EQ(bed.shown(p, 1'231), "71@1230");
    EXPECT_EQ(bed.shown(p, 1'239), "70@1232");
    EXPECT_EQ(bed.shown(p, 1'240), "24@1240");
    EXPECT_EQ(bed.shown(p, 950), "72@900");
    bed.seal();
    EXPECT_EQ(bed.shown(p, 1'231), "71@1230");
    EXPECT_EQ(bed.shown(p, 1'239), "70@1232");
    EXPECT_EQ(bed.shown(p, 950), "72@900");
}

TEST(ValuesAt, of_all_types_with_their_quality) {
    Bed bed;
    const PointId p = bed.point("p");
    SampleBatch batch;
    for (int i = 0; i < 20; ++i) {
        const Time time{i * 1'000 + i % 3};
        const auto text = "a text that is long " + std::to_string(i);
        if (i % 5 == 0) batch.add_bool(p, time, true, Quality::bad);
        if (i % 5 == 1) batch.add_int(p, time, i, Quality::good);
        if (i % 5 == 2) batch.add_text(p, time, text, Quality::uncertain);
        if (i % 5 == 3) batch.add_bytes(p, time, text, Quality::good);
        if (i % 5 == 4) batch.add_double(p, time, i, Quality::good);
    }
    bed.commit(batch);
    for (const bool sealed : {false, true}) {
        if (sealed) bed.seal();
        EXPECT_EQ(bed.ask({p}, 5'900).at(0)->value, Value(true));
        EXPECT_EQ(bed.ask({p}, 5'900).at(0)->quality, Quality::bad);
        EXPECT_EQ(bed.ask({p}, 6'900).at(0)->value, Value(int64_t{6}));
        EXPECT_EQ(bed.ask({p}, 7'900).at(0)->value, Value(std::string("a text that is long 7")));
        EXPECT_EQ(bed.ask({p}, 7'900).at(0)->quality, Quality::uncertain);
        EXPECT_EQ(bed.ask({p}, 8'900).at(0)->value, Value(model::Bytes{"a text that is long 8"}));
        EXPECT_EQ(bed.ask({p}, 9'900).at(0)->value, Value(9.0));
        EXPECT_EQ(bed.ask({p}, 90'000).at(0)->value, Value(19.0));
    }
}

TEST(ValuesAt, keeps_the_order_of_the_question_over_many_threads) {
    Bed bed(3);
    std::vector<PointId> ids;
    for (int i = 0; i < 900; ++i)
        ids.push_back(bed.point("p" + std::to_string(i)));
    for (int round = 0; round < 40; ++round) {
        SampleBatch batch;
        for (const PointId id : ids)
            batch.add_double(id, Time{round * 100 + id.value()}, round * 1'000 + id.value());
        bed.commit(batch);
        if (round % 15 == 14) bed.seal();
    }
    std::ranges::reverse(ids);
    ids.push_back(ids[5]);
    const auto values = bed.ask(ids, 2'000 + 950);
    for (size_t i = 0; i < ids.size(); ++i) {
        const auto id = static_cast<int64_t>(ids[i].value());
        const int64_t round = (2'950 - id) / 100;
        ASSERT_TRUE(values[i].has_value());
        ASSERT_EQ(values[i]->time, Time{round * 100 + id});
        ASSERT_EQ(values[i]->value, Value(static_cast<double>(round * 1'000 + id)));
    }
}

// Whatever is written in whatever order, sealed or not: as reading all rows says.
TEST(ValuesAt, agrees_with_reading_all_rows) {
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        Bed bed;
        Random random(seed);
        const PointId p = bed.point("p");
        std::map<int64_t, double> rows;
        for (int step = 0; step < 120; ++step) {
            if (random.below(12) == 0) bed.seal();
            // Mostly forward, at times late or the same time again.
            const int64_t time =
                random.below(4) == 0 ? static_cast<int64_t>(random.below(1'300)) : step * 10;
            const auto value = static_cast<double>(step);
            bed.add(p, time, value);
            rows[time] = value;
            const auto asked = static_cast<int64_t>(random.below(1'400)) - 50;
            auto last = rows.upper_bound(asked);
            const std::string expected =
                last == rows.begin() ? "none"
                                     : std::to_string(static_cast<int>(std::prev(last)->second)) +
                                           "@" + std::to_string(std::prev(last)->first);
            ASSERT_EQ(bed.shown(p, asked), expected) << "seed " << seed << " step " << step;
        }
    }
}

TEST(ValuesAt, after_samples_were_dropped) {
    Bed bed;
    const PointId p = bed.point("p");
    for (int i = 0; i < 40; ++i)
        bed.add(p, 1'000 + i * 10, i);
    bed.seal();
    ASSERT_TRUE(bed.engine->drop({p}, 1'200, 1'300).has_value());
    EXPECT_EQ(bed.shown(p, 1'250), "19@1190");
    EXPECT_EQ(bed.shown(p, 1'300), "30@1300");
    ASSERT_TRUE(bed.engine->drop({p}, 0, 1'200).has_value());
    EXPECT_EQ(bed.shown(p, 1'250), "none");
}

}  // namespace
}  // namespace hw::history
