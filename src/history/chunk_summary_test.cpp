#include "history/chunk_summary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "history/chunk.h"
#include "history/chunk_test_rows.h"

namespace hw::history {
namespace {

using model::Quality;
using model::ValueType;

uint64_t bits(double value) {
    return std::bit_cast<uint64_t>(value);
}

void expect_near(double a, double b) {
    if (std::isfinite(a) && std::isfinite(b))
        EXPECT_NEAR(a, b, 1e-9 * (1 + std::abs(a)));
    else
        EXPECT_TRUE(a == b || (a != a && b != b)) << a << " and " << b;
}

void expect_same(const ChunkSummary& a, const ChunkSummary& b) {
    EXPECT_EQ(a.count, b.count);
    EXPECT_EQ(a.count_uncertain, b.count_uncertain);
    EXPECT_EQ(a.count_bad, b.count_bad);
    EXPECT_EQ(a.first_time_ns, b.first_time_ns);
    EXPECT_EQ(a.last_time_ns, b.last_time_ns);
    EXPECT_EQ(a.type, b.type);
    EXPECT_EQ(a.value_count, b.value_count);
    EXPECT_EQ(a.first_value_time_ns, b.first_value_time_ns);
    EXPECT_EQ(a.last_value_time_ns, b.last_value_time_ns);
    EXPECT_EQ(bits(a.first), bits(b.first));
    EXPECT_EQ(bits(a.last), bits(b.last));
    EXPECT_EQ(a.min, b.min);
    EXPECT_EQ(a.max, b.max);
}

// Values whose sums stay meaningful, with all types and qualities.
Columns tame_rows(uint64_t seed, size_t count) {
    Random random(seed);
    Columns rows;
    int64_t time = 1'770'000'000'000'000'000;
    for (size_t i = 0; i < count; ++i) {
        time += static_cast<int64_t>(1'000'000 * (1 + random.below(5'000)));
        const uint64_t draw = random.below(100);
        const Quality quality = draw < 5    ? Quality::bad
                                : draw < 10 ? Quality::uncertain
                                            : Quality::good;
        if (seed % 2 == 1 && draw % 7 == 0)
            rows.append_text(time, ValueType::text, "x", quality);
        else if (seed % 3 == 1 && draw % 5 == 0)
            rows.append(time, ValueType::float64, bits(std::nan("")), quality);
        else
            rows.append(time, ValueType::float64, bits(std::round(random.normal() * 1e3) / 10),
                        quality);
    }
    return rows;
}

TEST(summary, says_what_a_plain_loop_says) {
    Columns rows;
    const double values[] = {4, 2, 8, 6};
    for (int64_t i = 0; i < 4; ++i)
        rows.append(i * 2'000'000'000, ValueType::float64, bits(values[i]));
    const ChunkSummary s = summarise(rows);
    EXPECT_EQ(s.value_count, 4u);
    EXPECT_EQ(s.min, 2);
    EXPECT_EQ(s.max, 8);
    EXPECT_EQ(s.first, 4);
    EXPECT_EQ(s.last, 6);
    EXPECT_EQ(s.sum, 20);
    EXPECT_EQ(s.m2, 1 + 9 + 9 + 1);
    EXPECT_EQ(s.integral, 2 * (4 + 2 + 8));
}

TEST(summary, leaves_out_bad_rows_texts_and_nan) {
    Columns rows;
    rows.append(0, ValueType::float64, bits(100), Quality::bad);
    rows.append(1'000'000'000, ValueType::float64, bits(1));
    rows.append(2'000'000'000, ValueType::float64, bits(std::nan("")));
    rows.append(3'000'000'000, ValueType::float64, bits(3), Quality::uncertain);
    rows.append_text(4'000'000'000, ValueType::text, "x");
    const ChunkSummary all = summarise(rows);
    EXPECT_EQ(all.count, 5u);
    EXPECT_EQ(all.count_usable(), 4u);
    EXPECT_EQ(all.value_count, 2u);
    EXPECT_EQ(all.first_value_time_ns, 1'000'000'000);
    EXPECT_EQ(all.last, 3);
    EXPECT_EQ(all.integral, 2);
    EXPECT_FALSE(all.type.has_value());
    EXPECT_EQ(summarise(rows, true).value_count, 1u);
}

TEST(summary, of_parts_merges_to_that_of_the_whole) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
        Random random(seed + 1'000);
        const Columns rows = tame_rows(seed, 200);
        const ChunkSummary whole = summarise(rows);
        ChunkSummary merged;
        for (size_t from = 0; from < rows.size();) {
            const size_t to = std::min<size_t>(rows.size(), from + 1 + random.below(60));
            merge(merged, summarise(rows.view().rows(from, to)));
            from = to;
        }
        expect_same(whole, merged);
        expect_near(whole.sum, merged.sum);
        expect_near(whole.m2, merged.m2);
        expect_near(whole.integral, merged.integral);
    }
}

TEST(summary, of_regular_times_is_that_of_the_same_times) {
    Random random(7);
    for (const size_t count : {1u, 2u, 7u, 8u, 9u, 100u}) {
        std::vector<int64_t> times;
        std::vector<double> values;
        for (size_t i = 0; i < count; ++i) {
            times.push_back(50 + static_cast<int64_t>(i) * 500);
            values.push_back(random.normal());
        }
        const ChunkSummary a = summarise(times, values);
        const ChunkSummary b = summarise(50, 500, values);
        expect_same(a, b);
        expect_near(a.integral * 1e9, b.integral * 1e9);
        values[0] = INFINITY;
        expect_near(summarise(times, values).integral, summarise(50, 500, values).integral);
    }
}

TEST(summary, of_a_chunk_is_that_of_its_rows_and_comes_back) {
    EncodeScratch scratch;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        const Columns rows = OddRows(seed).rows(1 + seed % 100);
        std::string chunk;
        const ChunkSummary summary = encode_chunk(rows, scratch, chunk);
        expect_same(summary, summarise(rows));
        std::string text;
        encode_summary(summary, text);
        const Result<ChunkSummary> back = decode_summary(as_bytes(text));
        ASSERT_TRUE(back.has_value()) << "seed " << seed;
        expect_same(summary, *back);
        EXPECT_EQ(bits(summary.sum), bits(back->sum));
        EXPECT_EQ(bits(summary.m2), bits(back->m2));
        EXPECT_EQ(bits(summary.integral), bits(back->integral));
        for (size_t size = 0; size < text.size(); ++size)
            EXPECT_FALSE(decode_summary(as_bytes(text).first(size)).has_value());
    }
}

}  // namespace
}  // namespace hw::history
