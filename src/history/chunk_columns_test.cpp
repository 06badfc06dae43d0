#include "history/chunk_columns.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "history/chunk_test_rows.h"

namespace hw::history {
namespace {

using model::Quality;
using model::ValueType;

TEST(columns, types_and_qualities_appear_when_needed) {
    Columns rows;
    rows.append(1, ValueType::int64, 5);
    rows.append(2, ValueType::int64, 6);
    EXPECT_TRUE(rows.types.empty() && rows.qualities.empty());
    rows.append(3, ValueType::boolean, 1, Quality::bad);
    rows.append_text(4, ValueType::text, "on");
    const ColumnsView view = rows;
    EXPECT_EQ(view.type_at(0), ValueType::int64);
    EXPECT_EQ(view.type_at(2), ValueType::boolean);
    EXPECT_EQ(view.quality_at(1), Quality::good);
    EXPECT_EQ(view.quality_at(2), Quality::bad);
    EXPECT_EQ(view.quality_at(3), Quality::good);
    EXPECT_EQ(view.text_at(3), "on");
    rows.clear();
    rows.append(1, ValueType::text, 0);
    EXPECT_EQ(rows.type, ValueType::text);
    EXPECT_TRUE(rows.types.empty());
}

TEST(columns, sort_keeps_the_later_row_of_a_time) {
    Columns rows;
    rows.append(30, ValueType::int64, 1);
    rows.append(10, ValueType::int64, 2, Quality::bad);
    rows.append(30, ValueType::boolean, 1);
    rows.append(20, ValueType::int64, 4);
    rows.append(10, ValueType::int64, 5);
    rows.sort();
    EXPECT_EQ(rows.times_ns, (std::vector<int64_t>{10, 20, 30}));
    EXPECT_EQ(rows.values, (std::vector<uint64_t>{5, 4, 1}));
    EXPECT_EQ(rows.view().type_at(2), ValueType::boolean);
    EXPECT_EQ(rows.view().quality_at(0), Quality::good);
    EXPECT_TRUE(rows.is_sorted());
}

TEST(columns, merge_takes_the_newer_row) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
        Random random(seed);
        Columns older;
        Columns newer;
        std::map<int64_t, uint64_t> expected;
        for (Columns* rows : {&older, &newer}) {
            for (int64_t time = 0; time < 60; ++time) {
                if (random.chance(0.5)) continue;
                rows->append(time, ValueType::int64, random.below(1'000));
                expected[time] = rows->values.back();
            }
        }
        Columns merged;
        merge_columns(older, newer, merged);
        ASSERT_EQ(merged.size(), expected.size());
        size_t i = 0;
        for (const auto& [time, value] : expected) {
            ASSERT_EQ(merged.times_ns[i], time);
            ASSERT_EQ(merged.values[i++], value);
        }
    }
}

TEST(columns, rows_move_with_their_texts) {
    const Columns rows = OddRows(5).rows(100);
    Columns copy;
    copy.append_rows(rows, 0, 40);
    copy.append_rows(rows, 40, 100);
    EXPECT_TRUE(same_rows(rows, copy));
    copy.drop_front(10);
    copy.truncate(50);
    EXPECT_TRUE(same_rows(rows.view().rows(10, 60), copy));
}

}  // namespace
}  // namespace hw::history
