#include "history/codec_ints.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"
#include "history/codec_bits.h"

namespace hw::history {
namespace {

size_t round_trip(const std::vector<int64_t>& numbers) {
    IntsPacker packer;
    std::string out;
    packer.pack(numbers, out);
    ByteReader in(as_bytes(out));
    IntsUnpacker unpacker;
    std::vector<int64_t> back(numbers.size());
    unpacker.unpack(in, back);
    EXPECT_FALSE(in.failed());
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(back, numbers);
    return out.size();
}

TEST(bits, come_back_at_every_width_and_count) {
    Random random(1);
    for (unsigned width = 0; width <= 64; ++width) {
        for (const size_t count : {1u, 2u, 3u, 7u, 8u, 9u, 16u, 17u, 100u}) {
            std::vector<uint64_t> numbers(count);
            const uint64_t mask = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
            for (auto& number : numbers)
                number = random.next() & mask;
            std::string out;
            pack_bits(numbers, width, out);
            ASSERT_EQ(out.size(), packed_bits_bytes(count, width));
            std::vector<uint64_t> back(count, 99);
            ByteReader in(as_bytes(out));
            unpack_bits(in, width, back);
            ASSERT_TRUE(!in.failed() && in.at_end());
            ASSERT_EQ(back, numbers) << width << " bits, " << count;
            if (out.empty()) continue;
            ByteReader cut(as_bytes(out).first(out.size() - 1));
            unpack_bits(cut, width, back);
            ASSERT_TRUE(cut.failed());
        }
    }
}

TEST(ints, simple_runs_are_tiny) {
    EXPECT_EQ(round_trip({}), 0u);
    EXPECT_LE(round_trip({5}), 3u);
    EXPECT_LE(round_trip(std::vector<int64_t>(2'000, -7)), 3u);
    std::vector<int64_t> rising;
    std::vector<int64_t> faster;
    for (int64_t i = 0; i < 2'000; ++i) {
        rising.push_back(1'000 + i * 3'600'000'000'000);
        faster.push_back(i * i);
    }
    EXPECT_LE(round_trip(rising), 20u);
    EXPECT_LE(round_trip(faster), 8u);
}

TEST(ints, outliers_stay_apart) {
    Random random(3);
    std::vector<int64_t> numbers(2'000);
    for (auto& number : numbers)
        number = static_cast<int64_t>(random.below(16));
    const size_t plain = round_trip(numbers);
    numbers[77] = std::numeric_limits<int64_t>::max();
    numbers[1'500] = std::numeric_limits<int64_t>::min();
    EXPECT_LE(round_trip(numbers), plain + 64);
}

TEST(ints, noise_costs_its_entropy) {
    Random random(4);
    std::vector<int64_t> numbers(4'096);
    for (auto& number : numbers)
        number = static_cast<int64_t>(1e6 + random.normal() * 1'000);
    // log2(1000 * sqrt(2 pi e)) = 12.01 bits
    EXPECT_LE(static_cast<double>(round_trip(numbers)) * 8 / 4'096, 12.3);
}

TEST(ints, extremes_wrap) {
    constexpr int64_t least = std::numeric_limits<int64_t>::min();
    constexpr int64_t most = std::numeric_limits<int64_t>::max();
    round_trip({least, most});
    round_trip({most, least, 0, -1, 1});
    std::vector<int64_t> swings;
    for (int i = 0; i < 500; ++i)
        swings.push_back(i % 2 == 0 ? least : most);
    round_trip(swings);
}

}  // namespace
}  // namespace hw::history
