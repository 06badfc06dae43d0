#include "api/live_group.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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
        rhythms_.add(batch_);
        group_.apply(batch_, 0);
        batch_.clear();
    }
    std::string shared() {
        const auto before = group_.mark();
        group_.end_frame();
        return since(before);
    }
    // What there is for a stream at the mark; of one part.
    std::string since(const LiveGroup::Mark& mark, bool reset = false) {
        const auto part = group_.part(group_.begin(mark, reset), t0);
        EXPECT_TRUE(part.last);
        rows_ = part.rows;
        return part.text;
    }
    static std::string event(std::string_view data) {
        return "event: frame\ndata: {" + std::string(data) + "}\n\n";
    }

    model::PointDirectory points_{20'000};
    model::SampleBatch batch_;
    LiveRhythms rhythms_;
    LiveGroup group_{LiveSelection{{"a/#"}, {"b/1"}}, points_, rhythms_};
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
    EXPECT_EQ(since({}, true),
              event(R"("t":1700000000000,"reset":true,"n":0,"p":["a/1","b/1"],"i":[0,1],)"
                    R"("v":[1.5,2.0],"d":[0,-20],"u":[0,0],"q":{"1":"bad"})"));
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
    EXPECT_EQ(since(slow),
              event(R"("t":1700000000000,"n":1,"p":["a/2"],"i":[0,1],"v":[5.0,5.0],"d":[5,5],)"
                    R"("passed":8)"));
    const auto now = group_.mark();
    EXPECT_EQ(since(now), event(R"("t":1700000000000)"));
}

TEST_F(LiveGroupTest, HistoryFillsInWhatTheRingNoLongerHas) {
    const auto id = *points_.intern("a/1");
    group_.restore(id, {t0, model::Value(1.0), model::Quality::good}, seconds(5));
    group_.end_frame();
    EXPECT_THAT(since({}, true), HasSubstr(R"("u":[5000])"));
    group_.restore(id, {t0, model::Value(1.0), model::Quality::good}, seconds(9));
    EXPECT_FALSE(group_.changed());
    group_.restore(id, {t0 + milliseconds(1), model::Value(2.0), model::Quality::good}, {});
    EXPECT_THAT(shared(), HasSubstr(R"("v":[2.0])"));
    group_.restore(*points_.intern("c"), {t0, model::Value(1.0), model::Quality::good}, {});
    EXPECT_FALSE(group_.changed());
}

TEST_F(LiveGroupTest, ARhythmIsToldWhereItTurned) {
    Time time = t0;
    const auto told_after = [&](Duration gap) {
        time = time + gap;
        add("a/1", 1, time);
        apply();
        const std::string text = shared();
        const size_t at = text.find("\"u\":");
        return at == text.npos ? "" : text.substr(at, text.find('}', at) + 1 - at);
    };
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(told_after(seconds(1)), "");
    EXPECT_EQ(told_after(seconds(1)), R"("u":{"0":1000})");
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(told_after(milliseconds(900 + i)), "");
    EXPECT_EQ(told_after(seconds(2)), R"("u":{"0":2000})");
    EXPECT_THAT(since({}, true), HasSubstr(R"("u":[2000])"));
}

// Reads the parts of a round, as a client does; the number of values and of paths.
struct Read {
    size_t parts = 0, values = 0, paths = 0;

    void part(const LiveGroup::Part& part) {
        ++parts;
        EXPECT_EQ(part.text.find("\"more\":true") != part.text.npos, !part.last);
        EXPECT_EQ(part.text.find("\"reset\":true") != part.text.npos, parts == 1);
        values += part.rows;
        const size_t at = part.text.find("\"p\":[");
        if (at == part.text.npos) return;
        EXPECT_THAT(part.text, HasSubstr(fmt::format("\"n\":{},", paths)));
        const auto list = part.text.substr(at + 5, part.text.find(']', at) - at - 5);
        paths += static_cast<size_t>(std::count(list.begin(), list.end(), ',')) + 1;
    }
};

TEST_F(LiveGroupTest, MuchComesInParts) {
    constexpr size_t points = 2 * LiveGroup::rows_of_part + 10;
    for (size_t i = 0; i < points; ++i)
        add(fmt::format("a/{}", i), 1);
    apply();
    group_.end_frame();
    Read read;
    auto part = group_.part(group_.begin({}, true), t0);
    read.part(part);
    EXPECT_EQ(part.rows, LiveGroup::rows_of_part);
    // Meanwhile one changes that was sent, one that was not, and one is new.
    add("a/0", 2, t0 + milliseconds(1));
    add(fmt::format("a/{}", points - 1), 3, t0 + milliseconds(1));
    add("a/new", 4);
    apply();
    group_.end_frame();
    while (!part.last) {
        part = group_.part(part.after, t0);
        read.part(part);
    }
    EXPECT_EQ(read.parts, 3u);
    EXPECT_EQ(read.paths, points + 1);
    EXPECT_EQ(read.values, points + 1);
    EXPECT_THAT(part.text, HasSubstr("3.0,4.0]"));
    // The next round has what changed since the first one's begin.
    part = group_.part(group_.begin(part.after.since, false), t0);
    EXPECT_TRUE(part.last);
    EXPECT_THAT(part.text,
                HasSubstr(fmt::format(R"("i":[0,{},{}],"v":[2.0,3.0,4.0])", points - 1, points)));
    EXPECT_THAT(part.text, Not(HasSubstr("\"p\"")));
    EXPECT_EQ(part.after.since, group_.mark());
}

TEST_F(LiveGroupTest, ManyNewPointsOfOneFrameComeInParts) {
    group_.end_frame();
    const auto before = group_.mark();
    constexpr size_t points = LiveGroup::rows_of_part + 1;
    for (size_t i = 0; i < points; ++i)
        add(fmt::format("a/{}", i), 1);
    apply();
    group_.end_frame();
    auto part = group_.part(group_.begin(before, false), t0);
    EXPECT_FALSE(part.last);
    EXPECT_EQ(part.after.since.known, LiveGroup::rows_of_part);
    part = group_.part(part.after, t0);
    EXPECT_TRUE(part.last);
    EXPECT_EQ(part.after.since, group_.mark());
    EXPECT_EQ(part.rows, 1u);
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
