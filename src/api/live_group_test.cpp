#include "api/live_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/live_ring.h"

namespace hw::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Time t0{1'700'000'000'000'000'000};

class LiveGroupTest : public testing::Test {
  protected:
    void add(std::string_view path, double value, Time time = t0,
             model::Quality quality = model::Quality::good) {
        batch_.add_double(*points_.intern(path), time, value, quality);
    }
    void apply() {
        group_.apply(batch_, 0);
        batch_.clear();
    }
    std::string shared() {
        const auto before = group_.mark();
        group_.end_frame();
        return group_.frame(before, t0, false, rows_);
    }
    static std::string event(std::string_view data) {
        return "event: frame\ndata: {" + std::string(data) + "}\n\n";
    }

    model::PointDirectory points_{1000};
    model::SampleBatch batch_;
    LiveGroup group_{LiveSelection{{"a/#"}, {"b/1"}}, points_};
    size_t rows_ = 0;
};

TEST_F(LiveGroupTest, TheFirstFrameHasTheDictionary) {
    add("a/1", 1.5);
    add("b/2", 7);  // not selected
    add("b/1", 2, t0 - milliseconds(20), model::Quality::bad);
    apply();
    EXPECT_TRUE(group_.changed());
    group_.end_frame();
    EXPECT_FALSE(group_.changed());
    EXPECT_EQ(group_.frame({}, t0, true, rows_),
              event(R"("t":1700000000000,"reset":true,"n":0,"p":["a/1","b/1"],"i":[0,1],)"
                    R"("v":[1.5,2.0],"d":[0,-20],"q":{"1":"bad"})"));
    EXPECT_EQ(rows_, 2u);
}

TEST_F(LiveGroupTest, AFrameHasTheNewestOfWhatChanged) {
    add("a/1", 1);
    add("a/2", 2);
    apply();
    group_.end_frame();
    add("a/2", 3, t0 + milliseconds(1));
    add("a/2", 4, t0 + milliseconds(2));
    add("a/2", 9, t0 + milliseconds(1));  // late
    apply();
    EXPECT_EQ(shared(), event(R"("t":1700000000000,"i":[1],"v":[4.0],"d":[2],"passed":2)"));
    add("a/3", 1);
    add("a/1", 5, t0 + milliseconds(3));
    apply();
    EXPECT_EQ(shared(), event(R"("t":1700000000000,"n":2,"p":["a/3"],"i":[0,2],)"
                              R"("v":[5.0,1.0],"d":[3,0])"));
}

TEST_F(LiveGroupTest, ASlowStreamGetsTheNewestAndTheCount) {
    add("a/1", 1);
    apply();
    group_.end_frame();
    const auto slow = group_.mark();
    for (int i = 1; i <= 5; ++i) {
        add("a/1", i, t0 + milliseconds(i));
        add("a/2", i, t0 + milliseconds(i));
        apply();
        group_.end_frame();
    }
    add("a/9", 1);  // of a frame that has not ended
    apply();
    EXPECT_EQ(group_.frame(slow, t0, false, rows_),
              event(R"("t":1700000000000,"n":1,"p":["a/2"],"i":[0,1],"v":[5.0,5.0],"d":[5,5],)"
                    R"("passed":8)"));
    const auto now = group_.mark();
    EXPECT_EQ(group_.frame(now, t0, false, rows_), event(R"("t":1700000000000)"));
}

TEST_F(LiveGroupTest, HistoryFillsInWhatTheRingNoLongerHas) {
    const auto id = *points_.intern("a/1");
    group_.restore(id, {t0, model::Value(1.0), model::Quality::good});
    group_.end_frame();
    group_.restore(id, {t0, model::Value(1.0), model::Quality::good});
    EXPECT_FALSE(group_.changed());
    group_.restore(id, {t0 + milliseconds(1), model::Value(2.0), model::Quality::good});
    EXPECT_THAT(shared(), HasSubstr(R"("v":[2.0])"));
    group_.restore(*points_.intern("c"), {t0, model::Value(1.0), model::Quality::good});
    EXPECT_FALSE(group_.changed());
}

TEST_F(LiveGroupTest, ValuesOfAllTypesAreJson) {
    batch_.add_bool(*points_.intern("a/b"), t0, true);
    batch_.add_int(*points_.intern("a/i"), t0, -5);
    batch_.add_text(*points_.intern("a/t"), t0, "say \"x\"");
    batch_.add_double(*points_.intern("a/n"), t0, std::numeric_limits<double>::quiet_NaN());
    apply();
    const std::string frame = shared();
    EXPECT_THAT(frame, HasSubstr(R"("v":[true,-5,"say \"x\"",null])"));
    EXPECT_THAT(frame, Not(HasSubstr("\"q\"")));
}

TEST(LiveSelection, HasOneKeyForTheSame) {
    const LiveSelection one{{"a/#", "b"}, {"c"}};
    EXPECT_EQ(one.key(), (LiveSelection{{"b", "a/#"}, {"c"}}.key()));
    EXPECT_NE(one.key(), (LiveSelection{{"a/#"}, {"b", "c"}}.key()));
    EXPECT_NE(one.key(), (LiveSelection{{"a/#", "b", "c"}, {}}.key()));
}

TEST(LiveRing, TellsWhatIsGone) {
    LiveRing ring(100, Time{1000});
    uint64_t next = ring.next();
    EXPECT_EQ(next, 1000u);
    EXPECT_FALSE(ring.read(next).batch);
    model::SampleBatch batch;
    for (int i = 0; i < 3; ++i)
        batch.add_int(model::PointId(0), t0, i);
    ring.add(batch);
    next = 1001;
    auto piece = ring.read(next);
    EXPECT_EQ(next, 1001u);
    EXPECT_EQ(piece.begins, 1000u);
    ring.add(batch);  // 138 bytes: the first goes
    piece = ring.read(next);
    EXPECT_EQ(next, 1003u);
    EXPECT_EQ(piece.missed, 2u);
    next = 1006;
    EXPECT_FALSE(ring.read(next).batch);
}

}  // namespace
}  // namespace hw::api
