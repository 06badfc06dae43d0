#include "twin/sample_queue.h"

#include <gtest/gtest.h>

#include <map>

namespace hw::twin {
namespace {

using model::PointId;
using model::SampleBatch;

void tap(SampleQueue& queue, const SampleBatch& batch, std::vector<uint32_t> fresh = {}) {
    const SampleBatch* const batches[] = {&batch};
    queue.tap(batches, std::move(fresh));
}

TEST(SampleQueue, TakesSamplesOfBoundPointsAlone) {
    PointTable table;
    table.bind(1, 0);
    SampleQueue queue(table, 1 << 20);
    SampleBatch batch;
    batch.add_double(PointId(1), Time{5}, 1.5);
    batch.add_double(PointId(2), Time{5}, 2.5);
    batch.add_text(PointId(1), Time{6}, "a text that does not fit into sixteen bytes");
    tap(queue, batch);
    EXPECT_TRUE(queue.waits(table.find(1)->last_tap));
    SampleQueue::Work work;
    ASSERT_TRUE(queue.take_now(work));
    ASSERT_EQ(work.samples.size(), 2);
    EXPECT_EQ(work.samples[0].value, sql::Datum::real(1.5));
    EXPECT_EQ(work.samples[1].value.as_text(), "a text that does not fit into sixteen bytes");
    EXPECT_TRUE(queue.waits(table.find(1)->last_tap)) << "not applied yet";
    queue.done(work);
    EXPECT_FALSE(queue.waits(table.find(1)->last_tap));
    EXPECT_FALSE(queue.take_now(work));
}

TEST(SampleQueue, BeyondItsLimitKeepsTheNewestOfEachPointAndCounts) {
    PointTable table;
    for (uint32_t point = 0; point < 10; ++point)
        table.bind(point, point);
    SampleQueue queue(table, 100 * sizeof(QueuedSample));
    uint64_t sent = 0;
    std::map<uint32_t, double> newest;
    for (int round = 0; round < 200; ++round) {
        SampleBatch batch;
        for (uint32_t point = 0; point < 10; ++point, ++sent) {
            const bool late = round == 150;  // an older one does not win
            newest[point] = late ? newest[point] : round;
            batch.add_double(PointId(point), Time{late ? 1 : round + 10}, late ? -1 : round);
        }
        tap(queue, batch);
    }
    EXPECT_LE(queue.bytes(), 112 * sizeof(QueuedSample));
    SampleQueue::Work work;
    ASSERT_TRUE(queue.take_now(work));
    EXPECT_EQ(work.samples.size() + queue.dropped(), sent);
    std::map<uint32_t, double> seen;
    for (const auto& sample : work.samples)
        seen[sample.point] = sample.value.as_real();
    EXPECT_EQ(seen, newest);
    queue.done(work);
    EXPECT_EQ(queue.bytes(), 0);
}

}  // namespace
}  // namespace hw::twin
