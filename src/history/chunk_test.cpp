#include "history/chunk.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "history/chunk_form.h"
#include "history/chunk_test_rows.h"
#include "history/chunk_values.h"
#include "history/plant_mix.h"

namespace hw::history {
namespace {

using model::Quality;
using model::ValueType;

std::string encode(const ColumnsView& rows) {
    EncodeScratch scratch;
    std::string chunk;
    encode_chunk(rows, scratch, chunk);
    return chunk;
}

void seal(std::string& chunk) {
    if (chunk.size() < chunk_form::body_at) return;
    const uint32_t sum = chunk_form::checksum(as_bytes(chunk));
    std::memcpy(chunk.data() + chunk_form::checksum_at, &sum, sizeof sum);
}

TEST(chunk, comes_back_as_it_went_in) {
    EncodeScratch encoder;
    DecodeScratch decoder;
    Columns back;
    std::vector<int64_t> times;
    for (uint64_t seed = 0; seed < 600; ++seed) {
        Random random(seed);
        const size_t count = 1 + random.below(seed % 10 == 0 ? 3'000 : 200);
        const Columns rows = OddRows(seed).rows(count);
        std::string chunk = "before";
        encode_chunk(rows, encoder, chunk);
        const BytesView bytes = as_bytes(chunk).subspan(6);
        const Result<void> decoded = decode_chunk(bytes, decoder, back);
        ASSERT_TRUE(decoded.has_value()) << "seed " << seed << ": " << decoded.error().text();
        ASSERT_TRUE(same_rows(rows, back)) << "seed " << seed;
        ASSERT_TRUE(decode_times(bytes, decoder, times).has_value());
        ASSERT_EQ(times, rows.times_ns) << "seed " << seed;
    }
}

TEST(chunk, holds_one_row_and_the_most_rows) {
    for (const size_t count : {size_t{1}, size_t{2}, size_t{3}, size_t{9}, chunk_samples_limit}) {
        for (uint64_t seed = 1; seed < 12; ++seed) {
            const Columns rows = OddRows(seed).rows(count);
            DecodeScratch decoder;
            Columns back;
            ASSERT_TRUE(decode_chunk(as_bytes(encode(rows)), decoder, back).has_value());
            ASSERT_TRUE(same_rows(rows, back)) << "seed " << seed << " count " << count;
        }
    }
}

TEST(chunk, numbers_alone_are_the_rows_that_are_values) {
    EncodeScratch encoder;
    DecodeScratch decoder;
    NumericRows numbers;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        const Columns rows = OddRows(seed).rows(1 + seed % 150);
        std::string chunk;
        encode_chunk(rows, encoder, chunk);
        for (const bool good_only : {false, true}) {
            std::vector<int64_t> times;
            std::vector<double> values;
            keep_values(rows, good_only, times, values);
            ASSERT_TRUE(decode_numeric(as_bytes(chunk), good_only, decoder, numbers).has_value());
            ASSERT_EQ(numbers.size(), values.size()) << "seed " << seed;
            for (size_t i = 0; i < values.size(); ++i) {
                ASSERT_EQ(std::bit_cast<uint64_t>(numbers.values[i]),
                          std::bit_cast<uint64_t>(values[i]));
                ASSERT_EQ(numbers.time_ns(i), times[i]);
                ASSERT_EQ(numbers.row_at(times[i]), i);
                ASSERT_EQ(numbers.row_at(times[i] + 1), i + 1);
            }
        }
    }
}

TEST(chunk, header_tells_times_and_types) {
    Columns rows;
    for (int64_t i = 0; i < 100; ++i)
        rows.append(1'000 + i * 10, ValueType::int64, 5);
    const Result<ChunkHeader> regular = read_chunk_header(as_bytes(encode(rows)));
    ASSERT_TRUE(regular.has_value());
    EXPECT_EQ(regular->count, 100u);
    EXPECT_EQ(regular->step_ns, 10);
    EXPECT_EQ(regular->last_time_ns, 1'990);
    EXPECT_EQ(regular->type, ValueType::int64);
    EXPECT_TRUE(regular->all_good);
    EXPECT_EQ(regular->row_at(0), 0u);
    EXPECT_EQ(regular->row_at(1'011), 2u);
    EXPECT_EQ(regular->row_at(1'020), 2u);
    EXPECT_EQ(regular->row_at(INT64_MAX), 100u);
    rows.append(5'000, ValueType::boolean, 1, Quality::bad);
    const Result<ChunkHeader> mixed = read_chunk_header(as_bytes(encode(rows)));
    ASSERT_TRUE(mixed.has_value());
    EXPECT_FALSE(mixed->regular());
    EXPECT_EQ(mixed->last_time_ns, 5'000);
    EXPECT_FALSE(mixed->type.has_value());
    EXPECT_FALSE(mixed->all_good);
}

TEST(chunk, one_type_and_good_quality_cost_nothing_however_given) {
    Columns rows;
    for (int64_t i = 0; i < 50; ++i)
        rows.append(i, ValueType::float64, 0);
    const std::string plain = encode(rows);
    rows.types.assign(rows.size(), ValueType::float64);
    rows.qualities.assign(rows.size(), Quality::good);
    EXPECT_EQ(encode(rows), plain);
    EXPECT_LT(plain.size(), 24u);
}

TEST(chunk, keeps_the_whole_range_of_time) {
    Columns rows;
    rows.append(INT64_MIN, ValueType::boolean, 1);
    rows.append(0, ValueType::boolean, 0);
    rows.append(INT64_MAX, ValueType::boolean, 1);
    DecodeScratch decoder;
    Columns back;
    ASSERT_TRUE(decode_chunk(as_bytes(encode(rows)), decoder, back).has_value());
    EXPECT_TRUE(same_rows(rows, back));
}

TEST(chunk, any_flipped_bit_is_seen) {
    const std::string good = encode(OddRows(3).rows(40));
    DecodeScratch decoder;
    Columns back;
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(decode_chunk(as_bytes(bad), decoder, back).has_value()) << "bit " << bit;
    }
}

TEST(chunk, any_cut_is_seen_even_with_the_checksum_mended) {
    DecodeScratch decoder;
    Columns back;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const std::string good = encode(OddRows(seed).rows(1 + seed));
        for (size_t size = 0; size < good.size(); ++size) {
            std::string bad = good.substr(0, size);
            EXPECT_FALSE(decode_chunk(as_bytes(bad), decoder, back).has_value());
            seal(bad);
            EXPECT_FALSE(decode_chunk(as_bytes(bad), decoder, back).has_value());
        }
    }
}

TEST(chunk, damage_behind_the_checksum_is_an_error_or_other_rows) {
    DecodeScratch decoder;
    Columns back;
    NumericRows numbers;
    for (uint64_t seed = 0; seed < 3'000; ++seed) {
        Random random(seed);
        std::string bad = encode(OddRows(seed % 200).rows(1 + random.below(80)));
        for (uint64_t i = 0; i <= random.below(4); ++i)
            bad[random.below(bad.size())] = static_cast<char>(random.next());
        seal(bad);
        if (decode_chunk(as_bytes(bad), decoder, back)) {
            ASSERT_TRUE(back.is_sorted() && back.size() > 0);
            ASSERT_TRUE(decode_numeric(as_bytes(bad), false, decoder, numbers).has_value());
        }
    }
}

TEST(chunk, a_later_format_is_named) {
    std::string chunk = encode(OddRows(1).rows(3));
    chunk[0] = 9;
    seal(chunk);
    DecodeScratch decoder;
    Columns back;
    const Result<void> decoded = decode_chunk(as_bytes(chunk), decoder, back);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code(), ErrorCode::unsupported);
}

TEST(chunk, the_plant_mix_takes_less_than_1_45_bytes_a_sample) {
    EncodeScratch encoder;
    size_t bytes = 0;
    size_t samples = 0;
    for (uint64_t number = 0; number < 40; ++number) {
        PlantPoint point(1, number);
        Columns rows;
        point.append(1'770'000'000'000'000'000, 2'048, rows);
        std::string chunk;
        std::string summary;
        encode_summary(encode_chunk(rows, encoder, chunk), summary);
        bytes += chunk.size() + summary.size() + 20;
        samples += rows.size();
    }
    EXPECT_LT(static_cast<double>(bytes) / static_cast<double>(samples), 1.45);
}

}  // namespace
}  // namespace hw::history
