#include "history/scan.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "history/query_raw.h"
#include "io/sim_disk.h"
#include "store/memory_store.h"

namespace hw::history {
namespace {

using model::PointId;
using model::Quality;
using model::SampleBatch;

// An engine in memory with two points, whose samples are partly sealed, partly not, partly late.
struct Bed {
    explicit Bed(uint64_t seed) : disk(1), store(1), points(10), random(seed) {
        settings.chunk_samples = 64;
        settings.disk_reserve_bytes = 0;
        Engine::Opened opened;
        engine = std::move(*Engine::open(settings, disk, store, points, opened));
        point = points.intern("p").value();
        other = points.intern("q").value();
    }
    void commit(size_t rows, int64_t before_ns) {
        SampleBatch batch;
        for (size_t i = 0; i < rows; ++i) {
            const PointId id = random.below(4) == 0 ? other : point;
            const Time time{static_cast<int64_t>(random.below(static_cast<uint64_t>(before_ns)))};
            const Quality quality = random.below(9) == 0 ? Quality::bad : Quality::good;
            switch (random.below(kinds)) {
                case 0:
                    batch.add_double(id, time, static_cast<double>(i) * 0.25, quality);
                    break;
                case 1:
                    batch.add_int(id, time, static_cast<int64_t>(i), quality);
                    break;
                default:
                    batch.add_text(id, time, std::to_string(i), quality);
            }
        }
        const SampleBatch* one = &batch;
        ASSERT_TRUE(engine->commit({&one, 1}).has_value());
    }

    Settings settings;
    io::SimDisk disk;
    store::MemoryStore store;
    model::PointDirectory points;
    Random random;
    uint64_t kinds = 1;
    std::unique_ptr<Engine> engine;
    PointId point;
    PointId other;
};

SampleBatch raw(const Bed& bed, PointId point, Time from, Time to) {
    SampleBatch all;
    const RawQuery query{{point}, from, to};
    EXPECT_TRUE(raw_rows(*bed.engine, query, [&](const SampleBatch& rows) {
                    for (size_t i = 0; i < rows.size(); ++i)
                        all.add_row(rows, i);
                    return true;
                }).has_value());
    return all;
}

void append(PointId point, const ScanRows& rows, SampleBatch& all) {
    for (size_t i = 0; i < rows.count; ++i) {
        const Time time{rows.columns.times_ns[i]};
        const Quality quality = rows.columns.quality_at(i);
        const uint64_t value = rows.columns.values[i];
        switch (rows.columns.type_at(i)) {
            case model::ValueType::float64:
                all.add_double(point, time, std::bit_cast<double>(value), quality);
                break;
            case model::ValueType::int64:
                all.add_int(point, time, static_cast<int64_t>(value), quality);
                break;
            default:
                all.add_text(point, time, rows.columns.text_at(i), quality);
        }
    }
}

struct Scanned {
    SampleBatch rows;
    size_t count = 0;
    std::vector<int64_t> times;
};

Scanned scanned(const Bed& bed, PointId point, Time from, Time to, WantedColumns wanted) {
    const auto scan = make_scan(*bed.engine, wanted);
    Scanned out;
    // Twice, since a scan is used for many points.
    for (int round = 0; round < 2; ++round) {
        out = {};
        EXPECT_TRUE(scan->open(point, from, to).has_value());
        ScanRows rows;
        for (auto more = scan->next(rows); more.value(); more = scan->next(rows)) {
            EXPECT_GT(rows.count, 0u);
            out.count += rows.count;
            if (wanted.times)
                out.times.insert(out.times.end(), rows.columns.times_ns.begin(),
                                 rows.columns.times_ns.end());
            if (wanted.times && wanted.values) append(point, rows, out.rows);
        }
    }
    return out;
}

bool same(const SampleBatch& a, const SampleBatch& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i)
        if (!(a.sample(i) == b.sample(i))) return false;
    return true;
}

TEST(Scan, gives_the_rows_that_raw_gives) {
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        Bed bed(seed);
        bed.kinds = 1 + seed % 3;
        const int64_t span_ns = 2000;
        for (int step = 0; step < 6; ++step) {
            bed.commit(bed.random.below(300), span_ns);
            if (bed.random.below(2) == 0) {
                ASSERT_TRUE(bed.engine->seal_all().has_value());
            }
        }
        for (int ask = 0; ask < 8; ++ask) {
            Time from{static_cast<int64_t>(bed.random.below(span_ns))};
            Time to{static_cast<int64_t>(bed.random.below(span_ns + 100))};
            if (ask == 0) from = Time{INT64_MIN};
            if (ask < 2) to = Time{INT64_MAX};
            const PointId point = ask % 2 == 0 ? bed.point : bed.other;
            const SampleBatch expected = raw(bed, point, from, to);
            const Scanned all = scanned(bed, point, from, to, {true, true});
            ASSERT_TRUE(same(all.rows, expected)) << "seed " << seed;
            ASSERT_EQ(all.times, expected.times_ns()) << "seed " << seed;
            ASSERT_EQ(scanned(bed, point, from, to, {true, false}).times, expected.times_ns());
            ASSERT_EQ(scanned(bed, point, from, to, {false, true}).count, expected.size());
            ASSERT_EQ(scanned(bed, point, from, to, {false, false}).count, expected.size());
        }
    }
}

}  // namespace
}  // namespace hw::history
