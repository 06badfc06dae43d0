#include "history/sealer.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "history/chunk_test_rows.h"
#include "history/keys.h"
#include "store/memory_store.h"

namespace hw::history {
namespace {

using model::PointId;
using store::Family;

constexpr PointId point{7};

struct Bench {
    explicit Bench(uint32_t chunk_samples) : sealer(store, chunk_samples) {}

    void add(const Columns& rows) {
        const auto batch = store.make_batch();
        ASSERT_TRUE(sealer.add(point, rows, state, *batch).has_value());
        written_bytes += batch->bytes();
        ASSERT_TRUE(store.write(*batch).has_value());
    }

    // All rows in chunks, whose number goes to `chunks`.
    Columns read(size_t& chunks) {
        Columns all;
        DecodeScratch scratch;
        chunks = 0;
        const auto cursor = store.cursor(Family::chunks);
        for (cursor->seek(""); cursor->valid(); cursor->next()) {
            Columns rows;
            EXPECT_TRUE(decode_chunk(as_bytes(cursor->value()), scratch, rows).has_value());
            all.append_rows(rows, 0, rows.size());
            ++chunks;
        }
        return all;
    }

    store::MemoryStore store{1};
    Sealer sealer;
    SealedState state;
    size_t written_bytes = 0;
};

TEST(Sealer, a_few_rows_at_a_time_end_in_large_chunks_and_are_not_written_over_and_over) {
    for (const size_t rows_a_time : {1, 7, 20, 100, 300}) {
        SCOPED_TRACE(rows_a_time);
        Bench bench(2048);
        Random random(rows_a_time);
        Columns all;
        for (size_t n = 0; n < 12'000 / rows_a_time; ++n) {
            Columns rows;
            for (size_t i = 0; i < rows_a_time; ++i)
                rows.append(static_cast<int64_t>(all.size() + i) * 1'000'000'000,
                            model::ValueType::float64, random.next());
            all.append_rows(rows, 0, rows.size());
            ASSERT_NO_FATAL_FAILURE(bench.add(rows));
            ASSERT_EQ(bench.state.count, all.size());
            ASSERT_EQ(bench.state.last_time_ns, all.times_ns.back());
        }
        size_t chunks = 0;
        const Columns read = bench.read(chunks);
        EXPECT_TRUE(same_rows(read, all));
        EXPECT_LE(chunks, all.size() / 1024 + 16);
        // Random values do not pack: 8 bytes each, and some 100 bytes of heads and summaries.
        const size_t seals = 12'000 / rows_a_time;
        EXPECT_LE(bench.written_bytes, all.size() * 8 * 3 + seals * (170 * 8 + 200));
    }
}

TEST(Sealer, the_tail_is_known_after_every_join) {
    Bench bench(64);
    Random random(3);
    Columns all;
    for (int n = 0; n < 2000; ++n) {
        Columns rows;
        for (uint64_t i = 1 + random.below(20); i > 0; --i)
            rows.append(static_cast<int64_t>(all.size() + rows.size()), model::ValueType::int64,
                        random.below(100));
        all.append_rows(rows, 0, rows.size());
        ASSERT_NO_FATAL_FAILURE(bench.add(rows));
        const auto tail =
            bench.store.get(Family::chunks, ChunkKey(point, bench.state.tail_first_time_ns));
        ASSERT_TRUE(tail.has_value() && tail->has_value());
        const auto header = read_chunk_header(as_bytes(**tail));
        ASSERT_TRUE(header.has_value());
        ASSERT_EQ(header->count, bench.state.tail_count);
        ASSERT_EQ(header->last_time_ns, bench.state.last_time_ns);
    }
    size_t chunks = 0;
    EXPECT_TRUE(same_rows(bench.read(chunks), all));
}

}  // namespace
}  // namespace hw::history
