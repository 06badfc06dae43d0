#include "history/head_rows.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "history/chunk_test_rows.h"

namespace hw::history {
namespace {

using model::Quality;
using model::Sample;
using model::ValueType;

// The oracle: of each time the last row.
struct Plain {
    struct Row {
        ValueType type;
        Quality quality;
        uint64_t value;
        std::string text;
    };
    std::map<int64_t, Row> rows;

    Columns copy(int64_t from_ns, int64_t to_ns) const {
        Columns out;
        for (auto at = rows.lower_bound(from_ns); at != rows.end() && at->first < to_ns; ++at) {
            const Row& row = at->second;
            if (row.type >= ValueType::text) {
                out.append_text(at->first, row.type, row.text, row.quality);
            } else {
                out.append(at->first, row.type, row.value, row.quality);
            }
        }
        return out;
    }
};

// Rows of a point with a habit: how often late, of another type, of another quality.
struct Pair {
    explicit Pair(uint64_t seed) : random(seed) {
        late = random.chance(0.5) ? 0 : 0.1;
        odd = random.chance(0.5) ? 0 : 0.05;
    }

    void put(BlockPool& pool) {
        const bool is_late = random.chance(late) && now > 0;
        const int64_t time =
            is_late ? static_cast<int64_t>(random.below(static_cast<uint64_t>(now) + 1))
                    : now + 1 + static_cast<int64_t>(random.below(3));
        Plain::Row row{ValueType::float64, Quality::good, random.next(), ""};
        if (random.chance(odd)) row.type = static_cast<ValueType>(1 + random.below(5));
        if (random.chance(odd)) row.quality = Quality::bad_timeout;
        if (row.type == ValueType::boolean) row.value &= 1;
        if (row.type >= ValueType::text) {
            row.text.assign(random.below(20), 'x');
            row.value = rows.add_text(row.text);
        }
        const uint32_t meta = make_meta(row.type, row.quality);
        if (is_late) {
            rows.put_late(time, meta, row.value);
        } else {
            if (room.next == room.end) room = rows.room(pool);
            rows.begin_run(meta);
            *room.next++ = {time, row.value};
            rows.appended();
            now = time;
        }
        plain.rows[time] = row;
    }

    void check() const {
        ASSERT_EQ(rows.empty(), plain.rows.empty());
        ASSERT_EQ(rows.samples(), plain.rows.size());
        Columns all;
        rows.copy_all(all);
        ASSERT_TRUE(same_rows(all, plain.copy(INT64_MIN, INT64_MAX)));
        if (plain.rows.empty()) return;
        ASSERT_EQ(rows.first_time_ns(), plain.rows.begin()->first);
        Sample last;
        int64_t last_ns = INT64_MIN;
        ASSERT_TRUE(rows.last_into(last, last_ns, false));
        ASSERT_EQ(last_ns, plain.rows.rbegin()->first);
        ASSERT_EQ(model::type_of(last.value), plain.rows.rbegin()->second.type);
        ASSERT_EQ(last.quality, plain.rows.rbegin()->second.quality);
    }

    void check_range() {
        const auto from = static_cast<int64_t>(random.below(static_cast<uint64_t>(now) + 2));
        const auto to = from + static_cast<int64_t>(random.below(static_cast<uint64_t>(now) + 2));
        Columns part;
        rows.copy(from, to, part);
        ASSERT_TRUE(same_rows(part, plain.copy(from, to)));
    }

    void release(BlockPool& pool) {
        rows.release(pool);
        plain.rows.clear();
        room = {};
        now = 0;
    }

    Random random;
    double late;
    double odd;
    HeadRows rows;
    HeadRows::Room room;
    Plain plain;
    int64_t now = 0;
};

TEST(HeadRows, holds_what_a_plain_map_holds) {
    for (uint64_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE(seed);
        BlockPool pool;
        Random random(seed);
        std::vector<Pair> pairs;
        for (uint64_t i = 0; i < 1 + random.below(8); ++i)
            pairs.emplace_back(random.next());
        for (int step = 0; step < 300; ++step) {
            Pair& pair = pairs[random.below(pairs.size())];
            for (uint64_t n = random.below(random.chance(0.1) ? 400 : 10); n > 0; --n)
                pair.put(pool);
            ASSERT_NO_FATAL_FAILURE(pair.check_range());
            ASSERT_NO_FATAL_FAILURE(pair.check());
            if (random.chance(0.05)) pair.release(pool);
        }
        for (Pair& pair : pairs) {
            ASSERT_NO_FATAL_FAILURE(pair.check());
            pair.release(pool);
        }
        EXPECT_EQ(pool.used_bytes(), 0u);
    }
}

TEST(HeadRows, a_moved_one_is_empty) {
    BlockPool pool;
    Pair pair(1);
    for (int i = 0; i < 100; ++i)
        pair.put(pool);
    HeadRows moved = std::move(pair.rows);
    EXPECT_TRUE(pair.rows.empty());
    EXPECT_EQ(moved.samples(), pair.plain.rows.size());
    pair.rows = std::move(moved);
    ASSERT_NO_FATAL_FAILURE(pair.check());
    pair.release(pool);
}

void append(HeadRows& rows, size_t count, BlockPool& pool) {
    for (size_t i = 0; i < count; ++i) {
        const HeadRows::Room room = rows.room(pool);
        rows.begin_run(make_meta(ValueType::float64, Quality::good));
        *room.next = {static_cast<int64_t>(i), 0};
        rows.appended();
    }
}

TEST(BlockPool, room_is_in_proportion_to_the_rows) {
    for (const size_t count : {1, 2, 3, 4, 10, 20, 50, 100, 500, 2048}) {
        BlockPool pool;
        HeadRows rows;
        append(rows, count, pool);
        EXPECT_GE(pool.used_bytes(), count * sizeof(HeadRow));
        EXPECT_LE(pool.used_bytes(), count * sizeof(HeadRow) * 19 / 10 + BlockPool::bytes_least);
        rows.release(pool);
        EXPECT_EQ(pool.used_bytes(), 0u);
    }
}

TEST(BlockPool, what_was_given_back_serves_again) {
    BlockPool pool;
    std::vector<HeadRows> points(1000);
    size_t reserved = 0;
    for (int round = 0; round < 5; ++round) {
        for (HeadRows& rows : points)
            append(rows, 40, pool);
        if (round == 0) reserved = pool.reserved_bytes();
        EXPECT_EQ(pool.reserved_bytes(), reserved);
        for (HeadRows& rows : points)
            rows.release(pool);
    }
    // Another size of points has the small blocks before it has new ones.
    for (HeadRows& rows : points)
        append(rows, 20, pool);
    EXPECT_EQ(pool.reserved_bytes(), reserved);
    for (HeadRows& rows : points)
        rows.release(pool);
}

}  // namespace
}  // namespace hw::history
