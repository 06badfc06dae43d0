#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "sql/query/operator_toolkit.h"

namespace hw::sql::toolkit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WindowPlan joining(size_t sources) {
    auto made = plan(WindowType::tumbling, 100);
    made.shapes.assign(sources, &shape());
    return made;
}

// ON previous.k = source.k.
JoinStep on_key(JoinType type, size_t source) {
    JoinStep step;
    step.source = source;
    step.type = type;
    step.left_keys.push_back(column(0, source - 1));
    step.right_keys.push_back(column(0, source));
    return step;
}

EvaluatorPtr less_v(size_t left, size_t right) {
    return lambda([left, right](RowScope& scope) {
        const Datum& a = scope.records[left]->column(1);
        const Datum& b = scope.records[right]->column(1);
        if (!a.is_number() || !b.is_number()) return scope.call->fail("v is no number");
        return Datum::boolean(a.as_number() < b.as_number());
    });
}

struct Event {
    size_t source;
    Datum key;
    int64_t value;
};

TextSink run(WindowPlan made, const std::vector<Event>& events) {
    TextSink sink(made.aggregates.size(), made.grouped, made.shapes.size());
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    int64_t time = 0;
    for (const auto& event : events) {
        feeder.push(record(event.key, Datum::integer(event.value), time), time, sink, event.source);
        ++time;
    }
    window.finish(Time{time}, sink);
    EXPECT_EQ(window.bytes(), 0u);
    return sink;
}

const Datum a = Datum::text("a"), b = Datum::text("b"), c = Datum::text("c");
const std::vector<Event> two_sources{{0, a, 1}, {1, b, 2}, {0, b, 3}, {1, b, 4}, {1, c, 5}};

TEST(Join, ByKeyOfEachType) {
    const std::map<JoinType, std::string> expected{
        {JoinType::inner, "b:3+b:2, b:3+b:4"},
        {JoinType::left, "a:1+-, b:3+b:2, b:3+b:4"},
        {JoinType::right, "b:3+b:2, b:3+b:4, -+c:5"},
        {JoinType::full, "a:1+-, b:3+b:2, b:3+b:4, -+c:5"},
    };
    for (const auto& [type, rows] : expected) {
        auto made = joining(2);
        made.joins.push_back(on_key(type, 1));
        EXPECT_THAT(run(std::move(made), two_sources).windows, ElementsAre("[0 100) " + rows));
    }
}

TEST(Join, AnyConditionByNestedLoops) {
    const std::map<JoinType, std::string> expected{
        {JoinType::inner, "a:1+b:2, a:1+b:4, a:1+c:5, b:3+b:4, b:3+c:5"},
        {JoinType::right, "a:1+b:2, a:1+b:4, b:3+b:4, a:1+c:5, b:3+c:5"},
    };
    for (const auto& [type, rows] : expected) {
        auto made = joining(2);
        JoinStep step;
        step.source = 1;
        step.type = type;
        step.rest = less_v(0, 1);
        made.joins.push_back(std::move(step));
        EXPECT_THAT(run(std::move(made), two_sources).windows, ElementsAre("[0 100) " + rows));
    }
}

TEST(Join, KeyAndConditionTogether) {
    auto made = joining(2);
    made.joins.push_back(on_key(JoinType::full, 1));
    made.joins.back().rest = less_v(0, 1);
    EXPECT_THAT(run(std::move(made), two_sources).windows,
                ElementsAre("[0 100) a:1+-, b:3+b:4, -+b:2, -+c:5"));
}

TEST(Join, CrossIsEachWithEach) {
    auto made = joining(2);
    made.joins.push_back({1, JoinType::cross, {}, {}, nullptr});
    EXPECT_THAT(run(std::move(made), {{0, a, 1}, {1, a, 2}, {0, b, 3}, {1, b, 4}}).windows,
                ElementsAre("[0 100) a:1+a:2, a:1+b:4, b:3+a:2, b:3+b:4"));
}

TEST(Join, NullMatchesNothing) {
    auto made = joining(2);
    made.joins.push_back(on_key(JoinType::full, 1));
    EXPECT_THAT(run(std::move(made), {{0, {}, 1}, {1, {}, 2}}).windows,
                ElementsAre("[0 100) null:1+-, -+null:2"));
}

TEST(Join, OneSideAloneGivesWhatTheTypeSays) {
    auto inner = joining(2);
    inner.joins.push_back(on_key(JoinType::inner, 1));
    EXPECT_THAT(run(std::move(inner), {{0, a, 1}}).windows, IsEmpty());
    auto left = joining(2);
    left.joins.push_back(on_key(JoinType::left, 1));
    EXPECT_THAT(run(std::move(left), {{0, a, 1}}).windows, ElementsAre("[0 100) a:1+-"));
    auto right = joining(2);
    right.joins.push_back(on_key(JoinType::right, 1));
    EXPECT_THAT(run(std::move(right), {{1, a, 1}}).windows, ElementsAre("[0 100) -+a:1"));
}

TEST(Join, ThreeSourcesThenWhereThenGroups) {
    auto made = joining(3);
    made.joins.push_back(on_key(JoinType::left, 1));
    made.joins.push_back(on_key(JoinType::inner, 2));
    made.where = where_v([](int64_t v) { return v != 9; });
    group_by_key(made);
    aggregate(made, count_function());
    const auto sink =
        run(std::move(made),
            {{0, a, 1}, {1, a, 2}, {1, a, 3}, {2, a, 4}, {0, a, 9}, {0, b, 5}, {2, b, 6}});
    // b's left join has no second source, whose key is null then.
    EXPECT_THAT(sink.windows, ElementsAre("[0 100) a 2"));
}

TEST(Join, SlidingWindowsJoinWhatTheyHold) {
    auto made = joining(2);
    made.type = WindowType::sliding;
    made.length = Duration{3};
    made.joins.push_back(on_key(JoinType::inner, 1));
    // Times 0 to 4; the first is gone when the last two come.
    EXPECT_THAT(
        run(std::move(made), {{0, a, 1}, {1, a, 2}, {0, a, 3}, {1, b, 4}, {1, a, 5}}).windows,
        ElementsAre("[-2 1) a:1+a:2", "[-1 2) a:1+a:2, a:3+a:2", "[0 3) a:3+a:2", "[1 4) a:3+a:5"));
}

TEST(Join, KeptSlotsComeFromTheRowThatHasThem) {
    auto made = joining(2);
    made.kept_slots = {kept_slot};
    made.joins.push_back(on_key(JoinType::inner, 1));
    TextSink sink(0, false, 2);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    feeder.push(record(a, Datum::integer(1), 0), 0, sink, 0, Datum::text("seven"));
    feeder.push(record(a, Datum::integer(2), 0), 0, sink, 1);
    window.finish(Time{1}, sink);
    EXPECT_THAT(sink.windows, ElementsAre("[0 100) a:1+a:2/\"seven\""));
}

TEST(Join, AFailingConditionIsReportedAndMatchesNothing) {
    auto made = joining(2);
    made.joins.push_back({1, JoinType::inner, {}, {}, less_v(0, 1)});
    TextSink sink(0, false, 2);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    feeder.push(record(a, Datum::text("x"), 0), 0, sink, 0);
    feeder.push(record(a, Datum::integer(1), 0), 0, sink, 0);
    feeder.push(record(a, Datum::integer(2), 0), 0, sink, 1);
    window.finish(Time{1}, sink);
    EXPECT_THAT(sink.windows, ElementsAre("[0 100) a:1+a:2"));
    EXPECT_THAT(sink.failures, ElementsAre("1: v is no number"));
    EXPECT_EQ(window.figures()[1].name, "join");
    EXPECT_EQ(window.figures()[1].out, 1u);
}

TEST(Join, IsBounded) {
    auto made = joining(2);
    made.limits.rows = 100;
    made.joins.push_back({1, JoinType::cross, {}, {}, nullptr});
    std::vector<Event> events;
    for (int64_t i = 0; i < 50; ++i) {
        events.push_back({0, a, i});
        events.push_back({1, a, i});
    }
    const auto sink = run(std::move(made), events);
    ASSERT_EQ(sink.failures.size(), 1u);
    EXPECT_THAT(sink.failures[0], HasSubstr("rows_limit"));
    ASSERT_EQ(sink.windows.size(), 1u);
    EXPECT_EQ(std::ranges::count(sink.windows[0], '+'), 100);
}

// A hash join finds what nested loops find, whatever the keys.
TEST(Join, HashAndLoopsAgree) {
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        Random random(seed);
        std::vector<Event> events;
        for (uint64_t i = random.below(40); i > 0; --i) {
            const uint64_t key = random.below(6);
            Datum k = key == 0   ? Datum()
                      : key == 1 ? Datum::real(2)
                                 : Datum::integer(static_cast<int64_t>(key));
            events.push_back({random.below(2), std::move(k), static_cast<int64_t>(i)});
        }
        for (const auto type : {JoinType::inner, JoinType::left, JoinType::right, JoinType::full}) {
            auto hashed = joining(2);
            hashed.joins.push_back(on_key(type, 1));
            auto looped = joining(2);
            looped.joins.push_back({1, type, {}, {}, lambda([](RowScope& scope) {
                                        const Datum& left = scope.records[0]->column(0);
                                        return Datum::boolean(!left.is_null() &&
                                                              left == scope.records[1]->column(0));
                                    })});
            EXPECT_EQ(run(std::move(hashed), events).windows,
                      run(std::move(looped), events).windows)
                << "seed " << seed;
        }
    }
}

}  // namespace
}  // namespace hw::sql::toolkit
