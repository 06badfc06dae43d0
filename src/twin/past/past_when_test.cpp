#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "sql/functions/functions.h"
#include "twin/past/past.h"
#include "twin/past/past_test_support.h"

namespace hw::twin {
namespace {

using model::Quality;
using testing::HasSubstr;

class PastWhenTest : public testing::Test, protected PastBed {
  protected:
    PastWhenTest() {
        sql::add_builtin_functions(functions);
        for (const auto* model : past_models)
            twins.put_model(model);
        twins.describe({.id = "w", .model = "dtmi:x:Works;1", .name = {}, .bindings = {}}, Time{0});
        for (const auto* id : {"w/p1", "w/p2"}) {
            twins.describe({.id = id, .model = "dtmi:x:Pump;1", .name = {}, .bindings = {}},
                           Time{0});
            twins.relate("w", "intakes", id);
        }
    }
    // "10..20 30..40 total 20 of 2 before still"
    std::string when(const std::string& id, const std::string& condition, int64_t from = 0,
                     int64_t to = 1'000, size_t limit = 1'000) {
        const auto answer = past->when(
            id,
            {.condition = condition, .from = Time{from}, .to = Time{to}, .intervals_limit = limit});
        if (!answer) return answer.error().text();
        std::string text;
        for (const auto& one : answer->intervals)
            text += std::to_string(one.from.ns) + ".." + std::to_string(one.to.ns) + " ";
        text +=
            "total " + std::to_string(answer->total.ns) + " of " + std::to_string(answer->count);
        if (answer->before) text += " before";
        if (answer->still) text += " still";
        if (!answer->error.empty()) text += " error";
        return text;
    }
};

TEST_F(PastWhenTest, intervals_of_an_own_value) {
    add("w/p1/flow", 100, 1);
    add("w/p1/flow", 200, 5);
    add("w/p1/flow", 300, 6);
    add("w/p1/flow", 400, 2);
    add("w/p1/flow", 500, 9);
    EXPECT_EQ(when("w/p1", "flow > 3"), "200..400 500..1000 total 700 of 2 still");
    EXPECT_EQ(when("w/p1", "flow > 3", 250, 450), "250..400 total 150 of 1 before");
    EXPECT_EQ(when("w/p1", "flow > 3", 200, 250), "200..250 total 50 of 1 before still");
    EXPECT_EQ(when("w/p1", "flow > 3", 0, 500), "200..400 total 200 of 1");
    EXPECT_EQ(when("w/p1", "flow > 30"), "total 0 of 0");
    EXPECT_EQ(when("w/p1", "flow > 3", 0, 1'000, 1), "200..400 total 700 of 2 still");
    EXPECT_EQ(when("w/p1", "flow IS NULL"), "0..100 total 100 of 1 before");
    // Bad values are unknown.
    add("w/p1/flow", 350, 6, Quality::bad_communication);
    EXPECT_EQ(when("w/p1", "flow > 3", 0, 450), "200..350 total 150 of 1");
}

TEST_F(PastWhenTest, samples_of_one_time_count_together) {
    add("w/p1/flow", 100, 1);
    add_bool("w/p1/running", 100, false);
    add("w/p1/flow", 200, 5);
    add_bool("w/p1/running", 200, true);
    EXPECT_EQ(when("w/p1", "(flow > 3) != running AND flow IS NOT NULL"), "total 0 of 0");
    EXPECT_EQ(when("w/p1", "flow > 3 AND running"), "200..1000 total 800 of 1 still");
}

TEST_F(PastWhenTest, derived_values_and_related_twins) {
    add("w/p1/flow", 100, 1);
    add("w/p2/flow", 200, 2);
    add("w/p1/flow", 300, 3);
    add("w/p2/flow", 400, 0);
    EXPECT_EQ(when("w/p1", "twice >= 6"), "300..1000 total 700 of 1 still");
    EXPECT_EQ(when("w", "inflow >= 6"), "200..1000 total 800 of 1 still");
    EXPECT_EQ(when("w", "inflow > 6"), "300..400 total 100 of 1");
    EXPECT_EQ(when("w", "count(intakes) FILTER (WHERE intakes.flow > 1) = 2"),
              "300..400 total 100 of 1");
    EXPECT_EQ(when("w", "max(intakes.flow) = 3"), "300..1000 total 700 of 1 still");
}

TEST_F(PastWhenTest, descriptions_that_change) {
    add("w/p1/flow", 100, 5);
    add("plc/f", 100, 1);
    add("plc/f", 700, 8);
    TwinSpec pump{.id = "w/p1", .model = "dtmi:x:Pump;1", .name = {}, .bindings = {}};
    pump.bindings["flow"] = "plc/f";
    twins.describe(pump, Time{500});
    twins.end("w/p1", Time{900});
    EXPECT_EQ(when("w/p1", "flow > 3"), "100..500 700..900 total 600 of 2");
    EXPECT_THAT(when("w/p1", "flow > 3", 950, 1'000), HasSubstr("there was no twin"));
    pump.bindings["flow"] = "plc/none";
    twins.describe(pump, Time{950});
    EXPECT_EQ(when("w/p1", "flow > 3"), "100..500 700..900 total 600 of 2");
}

TEST_F(PastWhenTest, relationships_that_change) {
    add("w/p1/flow", 100, 1);
    add("w/p2/flow", 100, 2);
    twins.describe({.id = "w/p3", .model = "dtmi:x:Pump;1", .name = {}, .bindings = {}}, Time{0});
    add("w/p3/flow", 100, 4);
    twins.relate("w", "intakes", "w/p3", Time{300}, Time{600});
    EXPECT_EQ(when("w", "inflow > 10"), "300..600 total 300 of 1");
    EXPECT_EQ(when("w", "count(intakes) = 3"), "300..600 total 300 of 1");
}

TEST_F(PastWhenTest, what_is_asked_wrongly) {
    EXPECT_THAT(when("w/p1", "flow >"), HasSubstr("line 1"));
    EXPECT_THAT(when("w/p1", "flo > 3"), HasSubstr("did you mean 'flow'?"));
    EXPECT_THAT(when("w/p1", "flow > 3", 500, 500), HasSubstr("is not before"));
    EXPECT_THAT(when("nobody", "flow > 3"), HasSubstr("no such twin"));
    add("w/p1/flow", 100, 0);
    EXPECT_EQ(when("w/p1", "1 / flow > 3"), "total 0 of 0 error");
    EXPECT_EQ(when("w/p1", "flow"), "total 0 of 0");  // no boolean
}

// Against evaluating at every moment, over pages of rows and points that change at once.
TEST_F(PastWhenTest, random_histories_agree_with_every_moment) {
    Random random(7);
    std::map<int64_t, double> flow;
    std::map<int64_t, bool> running;
    for (int i = 0; i < 12'000; ++i) {
        const auto time = static_cast<int64_t>(random.below(30'000));
        flow[time] = static_cast<double>(random.below(10));
        add("w/p1/flow", time, flow[time]);
        if (random.below(3) != 0) continue;
        running[time] = random.below(2) == 0;
        add_bool("w/p1/running", time, running[time]);
    }
    const auto last = [](const auto& rows, int64_t time, auto none) {
        const auto after = rows.upper_bound(time);
        return after == rows.begin() ? none : std::prev(after)->second;
    };
    int64_t total = 0, count = 0;
    bool held = false;
    for (int64_t time = 1'000; time < 29'000; ++time) {
        const bool holds = last(flow, time, 0.0) * 2 > 9 && last(running, time, false);
        total += holds ? 1 : 0;
        count += holds && !held ? 1 : 0;
        held = holds;
    }
    const auto answer = past->when(
        "w/p1", {.condition = "twice > 9 AND running", .from = Time{1'000}, .to = Time{29'000}});
    ASSERT_TRUE(answer.has_value()) << answer.error().text();
    EXPECT_EQ(answer->total.ns, total);
    EXPECT_EQ(answer->count, static_cast<uint64_t>(count));
    EXPECT_EQ(answer->intervals.size(), 1'000u);
    EXPECT_EQ(answer->still, held);
}

}  // namespace
}  // namespace hw::twin
