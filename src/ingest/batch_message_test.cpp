#include "ingest/batch_message.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "ingest/test_support.h"

namespace hw::ingest {
namespace {

using model::PointId;
using model::Quality;
using model::SampleBatch;

struct Way {
    std::vector<std::string> paths;
    BatchEncoder encoder;
    BatchReader reader;
    BatchReader::Limits limits;

    std::string encode(const SampleBatch& batch, std::string_view prefix = "") {
        std::string out;
        encoder.encode(
            batch, 0, batch.size(),
            [this](PointId id) -> std::string_view { return paths[id.value()]; }, prefix, out);
        return out;
    }
    // Points of the answer are places in the dictionary.
    Result<SampleBatch> decode(std::string_view payload) {
        const auto found = HW_TRY(reader.open(as_bytes(payload), limits));
        std::vector<uint32_t> ids;
        for (uint32_t i = 0; i < found->size(); ++i)
            ids.push_back(i);
        SampleBatch out;
        HW_TRY(reader.rows(ids, limits, out));
        return out;
    }
    std::string path(PointId id) {
        return std::string((**reader.open(as_bytes(last), limits))[id.value()]);
    }
    std::string last;
};

double random_double(Random& random) {
    switch (random.below(7)) {
        case 0:
            return static_cast<double>(random.below(100'000)) / 100;
        case 1:
            return static_cast<double>(static_cast<float>(random.uniform() * 10));
        case 2:
            return static_cast<double>(
                static_cast<float>(static_cast<double>(random.below(5000)) / 10));
        case 3:
            return std::bit_cast<double>(random.next());
        case 4:
            return -0.0;
        case 5:
            return random.chance(0.5) ? std::numeric_limits<double>::infinity() : std::nan("");
        default:
            return static_cast<double>(random.next());
    }
}

void add_random(SampleBatch& batch, Random& random, uint32_t points) {
    const PointId point(static_cast<uint32_t>(random.below(points)));
    const Time time{
        static_cast<int64_t>(random.chance(0.05) ? random.next() : random.below(1'000'000'000))};
    const auto quality = random.chance(0.1) ? Quality::bad_timeout : Quality::good;
    switch (random.below(5)) {
        case 0:
            return batch.add_bool(point, time, random.chance(0.5), quality);
        case 1:
            return batch.add_int(point, time, static_cast<int64_t>(random.next()), quality);
        case 2:
            return batch.add_text(point, time, std::string(random.below(20), 'x'), quality);
        case 3:
            return batch.add_bytes(point, time, std::string(random.below(20), '\0'), quality);
        default:
            return batch.add_double(point, time, random_double(random), quality);
    }
}

TEST(BatchMessage, comes_back_bit_by_bit) {
    Random random(1);
    Way way;
    for (int i = 0; i < 50; ++i)
        way.paths.push_back("site/line" + std::to_string(i % 7) + "/p" + std::to_string(i));
    for (int round = 0; round < 200; ++round) {
        SampleBatch batch;
        const auto rows = random.below(400);
        for (uint64_t i = 0; i < rows; ++i)
            add_random(batch, random, 50);
        const std::string payload = way.encode(batch, "north/");
        const auto back = way.decode(payload);
        ASSERT_TRUE(back) << back.error().text();
        ASSERT_EQ(back->size(), batch.size());
        EXPECT_EQ(back->times_ns(), batch.times_ns());
        EXPECT_EQ(back->types(), batch.types());
        EXPECT_EQ(back->qualities(), batch.qualities());
        way.last = payload;
        for (size_t i = 0; i < batch.size(); ++i) {
            if (batch.types()[i] < model::ValueType::text)
                ASSERT_EQ(back->values()[i], batch.values()[i]) << i;
            else
                ASSERT_EQ(back->text(i), batch.text(i));
            ASSERT_EQ(way.path(back->points()[i]), "north/" + way.paths[batch.points()[i].value()]);
        }
    }
}

TEST(BatchMessage, is_small_for_plant_data) {
    Way way;
    Random random(2);
    SampleBatch batch;
    std::vector<double> level(500, 20.0);
    for (int i = 0; i < 500; ++i)
        way.paths.push_back("utility/plant1/area" + std::to_string(i / 50) + "/asset" +
                            std::to_string(i / 5) + "/value" + std::to_string(i % 5));
    for (int64_t second = 0; second < 20; ++second)
        for (uint32_t point = 0; point < 500; ++point) {
            level[point] += std::round(random.normal() * 5) / 100;
            batch.add_double(PointId(point), Time{(1'700'000'000 + second) * 1'000'000'000},
                             std::round(level[point] * 100) / 100);
        }
    const std::string payload = way.encode(batch);
    EXPECT_LT(payload.size(), batch.size() * 2) << payload.size();
    ASSERT_TRUE(way.decode(payload));
}

TEST(BatchMessage, refuses_what_is_not_sound) {
    Way way;
    way.paths = {"a/b", "a/c"};
    SampleBatch batch;
    for (uint32_t i = 0; i < 100; ++i)
        batch.add_double(PointId(i % 2), Time{i}, i * 0.5);
    const std::string payload = way.encode(batch);
    for (size_t size = 0; size < payload.size(); ++size)
        EXPECT_FALSE(way.decode(payload.substr(0, size))) << size;
    std::string newer = payload;
    newer[4] = 2;
    EXPECT_EQ(way.decode(newer).error().code(), ErrorCode::unsupported);
    way.limits.columns.rows = 99;
    EXPECT_FALSE(way.decode(payload));
    way.limits.columns.rows = 100;
    EXPECT_TRUE(way.decode(payload));
    way.limits.points = 1;
    EXPECT_EQ(way.decode(payload).error().code(), ErrorCode::limit_exceeded);
}

TEST(BatchMessage, a_bomb_is_refused_unread) {
    std::string payload = "HWUB\x01";
    ByteWriter(payload).varint(uint64_t{1} << 40);
    payload += "anything";
    Way way;
    EXPECT_EQ(way.decode(payload).error().code(), ErrorCode::limit_exceeded);
}

TEST(BatchMessage, unknown_points_and_long_texts_are_left_out) {
    Way way;
    way.paths = {"a", "b"};
    SampleBatch batch;
    batch.add_int(PointId(0), Time{1}, 10);
    batch.add_int(PointId(1), Time{1}, 20);
    batch.add_text(PointId(0), Time{2}, "longer than four");
    batch.add_int(PointId(0), Time{3}, 11);
    const std::string payload = way.encode(batch);
    ASSERT_TRUE(way.reader.open(as_bytes(payload), way.limits));
    way.limits.columns.text_bytes = 4;
    const std::vector<uint32_t> ids = {7, ColumnsReader::unknown};
    SampleBatch out;
    const auto taken = way.reader.rows(ids, way.limits, out);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->rows, 2u);
    EXPECT_EQ(taken->unknown, 1u);
    EXPECT_EQ(taken->long_texts, 1u);
    EXPECT_EQ(out.points()[1], PointId(7));
    EXPECT_EQ(out.values()[1], 11u);
}

TEST(EdgeNames, are_one_level) {
    EXPECT_TRUE(check_edge_name("headworks-pump7"));
    for (const auto* bad : {"", "a/b", "a+", "#", "$x"})
        EXPECT_FALSE(check_edge_name(bad)) << bad;
    EXPECT_EQ(edge_of_topic("$hw/up/e1/batch"), "e1");
    for (const auto* bad : {"$hw/up//batch", "$hw/up/batch", "$hw/up/a/b/batch", "a/up/e/batch"})
        EXPECT_FALSE(edge_of_topic(bad)) << bad;
}

TEST(BatchDecoder, takes_an_edges_batch_into_the_round) {
    testing::Bench bench;
    Way way;
    way.paths = {"p/flow", "$SYS/x"};
    SampleBatch batch;
    batch.add_double(PointId(0), Time{42}, 1.25, Quality::bad_timeout);
    batch.add_int(PointId(1), Time{42}, 3);
    EXPECT_EQ(bench.send("$hw/up/pump7/batch", way.encode(batch, "")), Reason::none);
    const auto rows = testing::rows_of(bench.out.batch, bench.points);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0], (testing::Row{"p/flow", 1.25, 42, Quality::bad_timeout}));
    EXPECT_EQ(bench.ingest.origins().edge_of(*bench.points.find("p/flow")), "pump7");
    EXPECT_EQ(bench.send("$hw/up/pump7/batch", "12.5"), Reason::batch);
    EXPECT_EQ(bench.ingest.classify("$hw/up/a/b/batch"), 0u);
    EXPECT_EQ(bench.ingest.classify("$hw/other"), 0u);
}

TEST(EdgeOrigins, the_last_edge_counts) {
    EdgeOrigins origins;
    EXPECT_FALSE(origins.edge_of(PointId(0)));
    const std::vector<uint32_t> points = {0, ColumnsReader::unknown, 9};
    origins.learn("a", points);
    EXPECT_EQ(origins.edge_of(PointId(9)), "a");
    EXPECT_FALSE(origins.edge_of(PointId(5)));
    origins.learn("b", points);
    EXPECT_EQ(origins.edge_of(PointId(9)), "b");
    EXPECT_EQ(origins.edges().size(), 2u);
}

}  // namespace
}  // namespace hw::ingest
