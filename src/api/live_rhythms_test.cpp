#include "api/live_rhythms.h"

#include <gtest/gtest.h>

namespace hw::api {
namespace {

class LiveRhythmsTest : public testing::Test {
  protected:
    // The usual time in s, after samples that are so far apart.
    double after(int samples, Duration gap) {
        model::SampleBatch batch;
        for (int i = 0; i < samples; ++i) {
            time_ = time_ + gap;
            batch.add_double(model::PointId(3), time_, 1);
        }
        rhythms_.add(batch);
        return usual();
    }
    double usual() const {
        std::vector<uint32_t> out;
        rhythms_.usual({model::PointId(3), model::PointId(9'000)}, out);
        EXPECT_EQ(out[1], 0u);
        return out[0] / 1000.0;
    }

    LiveRhythms rhythms_;
    Time time_{1'700'000'000'000'000'000};
};

TEST_F(LiveRhythmsTest, FewSamplesTellNone) {
    EXPECT_EQ(after(10, seconds(1)), 0);
    EXPECT_EQ(after(1, seconds(1)), 1);
}

TEST_F(LiveRhythmsTest, AnOutageIsNone) {
    after(1'000, seconds(1));
    EXPECT_EQ(after(1, seconds(3'600)), 6);
    after(3'600, seconds(1));
    EXPECT_EQ(usual(), 1);
    // Nor is one a day for a month.
    for (int day = 0; day < 30; ++day) {
        EXPECT_LE(after(1, seconds(3'600)), 6);
        EXPECT_EQ(after(82'800, seconds(1)), 1);
    }
}

TEST_F(LiveRhythmsTest, ItFollowsADeviceThatSlowsDown) {
    after(1'000, seconds(1));
    EXPECT_GE(after(5, seconds(600)), 60);
    EXPECT_EQ(after(3, seconds(600)), 600);
    EXPECT_EQ(after(20'000, seconds(1)), 1);
}

TEST_F(LiveRhythmsTest, SilencesThatComeAgainAreItsWay) {
    // Ten seconds of speech an hour.
    after(100, milliseconds(100));
    for (int hour = 0; hour < 12; ++hour) {
        after(1, seconds(3'600));
        after(100, milliseconds(100));
    }
    EXPECT_EQ(usual(), 3'600);
    // A pump that runs for half an hour and stands for twenty minutes.
    after(36'000 * 2, seconds(1));
    EXPECT_EQ(usual(), 1);
    for (int cycle = 0; cycle < 12; ++cycle) {
        after(1, seconds(1'200));
        after(1'800, seconds(1));
    }
    EXPECT_GE(usual(), 600);
}

TEST_F(LiveRhythmsTest, WhatComesLateSaysNothing) {
    after(20, seconds(10));
    model::SampleBatch batch;
    for (int i = 0; i < 50; ++i)
        batch.add_double(model::PointId(3), time_ - seconds(100 - i), 1);
    rhythms_.add(batch);
    EXPECT_EQ(usual(), 10);
}

}  // namespace
}  // namespace hw::api
