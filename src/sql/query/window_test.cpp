#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/query/operator_toolkit.h"

namespace hw::sql::toolkit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Windows = std::vector<std::string>;

WindowPlan counting(WindowType type, int64_t length, int64_t hop = 0) {
    auto made = plan(type, length, hop);
    group_by_key(made);
    aggregate(made, count_function());
    aggregate(made, sum_function());
    return made;
}

struct Event {
    int64_t time;
    const char* key;
    int64_t value;
};

// Pushes all, then finishes.
TextSink run(WindowPlan made, const std::vector<Event>& events) {
    const bool grouped = made.grouped;
    TextSink sink(made.aggregates.size(), grouped);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    for (const auto& event : events)
        feeder.push(event.key, event.value, event.time, sink);
    window.finish(Time{events.empty() ? 0 : events.back().time}, sink);
    EXPECT_EQ(sink.ended, sink.windows.size());
    EXPECT_EQ(window.bytes(), 0u);
    return sink;
}

TEST(Tumbling, GroupsComeInOrderOfAppearanceAndEmptyWindowsDoNot) {
    const auto sink = run(counting(WindowType::tumbling, 10),
                          {{1, "b", 1}, {9, "a", 2}, {9, "b", 3}, {10, "a", 4}, {35, "c", 5}});
    EXPECT_THAT(sink.windows,
                ElementsAre("[0 10) b 2 4.0, a 1 2.0", "[10 20) a 1 4.0", "[30 40) c 1 5.0"));
}

TEST(Tumbling, AnEventAtTheEndClosesTheWindowAsAnAdvanceDoes) {
    TextSink sink(2);
    WindowOperator window(counting(WindowType::tumbling, 10));
    Feeder feeder(window);
    EXPECT_FALSE(window.next_due());
    feeder.push("a", 1, 3, sink);
    EXPECT_EQ(window.next_due(), Time{10});
    window.advance(Time{9}, Time{9}, sink);
    EXPECT_THAT(sink.windows, IsEmpty());
    window.advance(Time{10}, Time{10}, sink);
    EXPECT_THAT(sink.windows, ElementsAre("[0 10) a 1 1.0"));
    EXPECT_FALSE(window.next_due());
    feeder.push("a", 1, 11, sink);
    feeder.push("a", 1, 20, sink);
    EXPECT_EQ(sink.windows.back(), "[10 20) a 1 1.0");
}

TEST(Tumbling, TimesBeforeTheEpochHaveWindowsToo) {
    const auto sink = run(counting(WindowType::tumbling, 10), {{-11, "a", 1}, {-10, "a", 2}});
    EXPECT_THAT(sink.windows, ElementsAre("[-20 -10) a 1 1.0", "[-10 0) a 1 2.0"));
}

TEST(Tumbling, DaysEndAtMidnightOfTheZone) {
    constexpr int64_t hour = 3'600'000'000'000;
    constexpr int64_t change = 100 * 24 * hour + hour;  // clocks go from UTC+1 to UTC+2
    auto made = counting(WindowType::tumbling, 24 * hour);
    made.zone_offset = [](Time time) { return Duration{time.ns < change ? hour : 2 * hour}; };
    const int64_t day = 100 * 24 * hour - hour;  // midnight of the day that has 23 hours
    const auto sink = run(std::move(made), {{day - 1, "a", 1},
                                            {day, "a", 2},
                                            {day + 23 * hour - 1, "a", 3},
                                            {day + 23 * hour, "a", 4}});
    const auto text = [](int64_t from, int64_t to) {
        return "[" + std::to_string(from) + " " + std::to_string(to) + ")";
    };
    EXPECT_THAT(sink.windows, ElementsAre(text(day - 24 * hour, day) + " a 1 1.0",
                                          text(day, day + 23 * hour) + " a 2 5.0",
                                          text(day + 23 * hour, day + 47 * hour) + " a 1 4.0"));
}

TEST(Hopping, AnEventIsInEachWindowThatOverlaps) {
    const Windows expected{"[-5 5) a 1 1.0", "[0 10) a 2 3.0", "[5 15) a 2 6.0", "[10 20) a 1 4.0"};
    EXPECT_EQ(
        run(counting(WindowType::hopping, 10, 5), {{1, "a", 1}, {9, "a", 2}, {10, "a", 4}}).windows,
        expected);
}

TEST(Hopping, FunctionsThatCannotMergeGiveTheSameWindows) {
    auto made = plan(WindowType::hopping, 10, 4);
    group_by_key(made);
    aggregate(made, list_function());
    const auto sink = run(std::move(made), {{1, "a", 1}, {3, "b", 2}, {5, "a", 3}, {11, "a", 4}});
    EXPECT_THAT(sink.windows,
                ElementsAre("[-8 2) a [1]", "[-4 6) a [1,3], b [2]", "[0 10) a [1,3], b [2]",
                            "[4 14) a [3,4]", "[8 18) a [4]"));
}

TEST(Hopping, AHopLongerThanTheWindowLeavesGaps) {
    const auto sink = run(counting(WindowType::hopping, 5, 10),
                          {{1, "a", 1}, {7, "a", 2}, {12, "a", 3}, {18, "a", 4}});
    EXPECT_THAT(sink.windows, ElementsAre("[0 5) a 1 1.0", "[10 15) a 1 3.0"));
}

TEST(Sliding, AWindowEndsAtEachEventAndLeavesOutItsStart) {
    auto made = counting(WindowType::sliding, 10);
    const auto sink = run(std::move(made), {{5, "a", 1}, {14, "a", 2}, {15, "a", 4}});
    EXPECT_THAT(sink.windows, ElementsAre("[-5 5) a 1 1.0", "[4 14) a 2 3.0", "[5 15) a 2 6.0"));
}

TEST(Sliding, OnlyTriggersGiveWindowsOfAllEvents) {
    auto made = plan(WindowType::sliding, 5);
    made.filter = where_v([](int64_t v) { return v > 100; });
    made.trigger = where_v([](int64_t v) { return v > 200; });
    const auto sink = run(std::move(made), {{1, "a", 150}, {2, "b", 90}, {3, "c", 201}});
    EXPECT_THAT(sink.windows, ElementsAre("[-2 3) a:150, c:201"));
}

TEST(Sliding, ADelayTakesLaterEventsIn) {
    auto made = plan(WindowType::sliding, 5);
    made.delay = Duration{3};
    made.trigger = where_v([](int64_t v) { return v == 1; });
    TextSink sink(0, false);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    feeder.push("a", 0, 5, sink);
    feeder.push("b", 0, 6, sink);
    feeder.push("c", 1, 10, sink);
    EXPECT_EQ(window.next_due(), Time{13});
    feeder.push("d", 0, 12, sink);
    feeder.push("e", 0, 13, sink);
    EXPECT_THAT(sink.windows, ElementsAre("[5 13) b:0, c:1, d:0"));
}

TEST(Sliding, WhereHidesRowsButTheyTrigger) {
    auto made = plan(WindowType::sliding, 10);
    made.where = where_v([](int64_t v) { return v > 20; });
    const auto sink = run(std::move(made), {{1, "a", 10}, {2, "b", 30}, {3, "c", 15}});
    EXPECT_THAT(sink.windows, ElementsAre("[-8 2) b:30", "[-7 3) b:30"));
}

TEST(Session, EndsAfterTheTimeout) {
    const auto sink = run(counting(WindowType::session, 0, 5),
                          {{1, "a", 1}, {5, "a", 2}, {10, "b", 4}, {14, "b", 8}});
    EXPECT_THAT(sink.windows, ElementsAre("[1 10) a 2 3.0", "[10 19) b 2 12.0"));
}

TEST(Session, IsCutAtAMultipleOfItsLongestDuration) {
    // Of 20 at most: from 13 on that is reached at 33, the next multiple is 40.
    const auto sink =
        run(counting(WindowType::session, 20, 9),
            {{13, "a", 1}, {21, "a", 1}, {29, "a", 1}, {37, "a", 1}, {45, "a", 1}, {70, "a", 1}});
    EXPECT_THAT(sink.windows, ElementsAre("[13 40) a 4 4.0", "[40 54) a 1 1.0", "[70 79) a 1 1.0"));
}

TEST(Count, TumblesOverRows) {
    auto made = plan(WindowType::count, 0);
    made.count = 2;
    const auto sink =
        run(std::move(made), {{1, "a", 1}, {5, "b", 2}, {6, "c", 3}, {7, "d", 4}, {8, "e", 5}});
    EXPECT_THAT(sink.windows, ElementsAre("[1 5) a:1, b:2", "[6 7) c:3, d:4"));
}

TEST(Count, OfFiveEachTwoRowsGivesTheLatestFive) {
    auto made = plan(WindowType::count, 0);
    made.count = 5;
    made.every = 2;
    aggregate(made, list_function());
    std::vector<Event> events;
    for (int64_t i = 1; i <= 9; ++i)
        events.push_back({i, "a", i});
    const auto sink = run(std::move(made), events);
    EXPECT_THAT(sink.windows, ElementsAre("[2 6) null [2,3,4,5,6]", "[4 8) null [4,5,6,7,8]"));
}

TEST(Count, WhereHidesRowsButFilterKeepsThemFromBeingCounted) {
    const std::vector<Event> events{{1, "a", 30}, {2, "b", 10}, {3, "c", 30}, {4, "d", 30}};
    auto hidden = plan(WindowType::count, 0);
    hidden.count = 2;
    hidden.where = where_v([](int64_t v) { return v > 20; });
    EXPECT_THAT(run(std::move(hidden), events).windows,
                ElementsAre("[1 2) a:30", "[3 4) c:30, d:30"));
    auto filtered = plan(WindowType::count, 0);
    filtered.count = 2;
    filtered.filter = where_v([](int64_t v) { return v > 20; });
    EXPECT_THAT(run(std::move(filtered), events).windows, ElementsAre("[1 3) a:30, c:30"));
}

TEST(State, FromBeginToEnd) {
    auto made = plan(WindowType::state, 0);
    made.begin = where_v([](int64_t v) { return v > 1; });
    made.end = where_v([](int64_t v) { return v > 5; });
    const auto sink = run(std::move(made), {{1, "a", 1},
                                            {2, "b", 2},
                                            {3, "c", 1},
                                            {4, "d", 6},
                                            {5, "e", 0},
                                            {6, "f", 7},
                                            {7, "g", 8}});
    EXPECT_THAT(sink.windows, ElementsAre("[2 4) b:2, c:1, d:6", "[6 7) f:7, g:8"));
}

TEST(State, ASingleConditionEndsOneAndBeginsTheNext) {
    auto made = plan(WindowType::state, 0);
    made.begin = where_v([](int64_t v) { return v == 1; });
    const auto sink =
        run(std::move(made), {{1, "a", 0}, {2, "b", 1}, {3, "c", 0}, {4, "d", 1}, {5, "e", 1}});
    EXPECT_THAT(sink.windows, ElementsAre("[2 4) b:1, c:0", "[4 5) d:1"));
}

TEST(State, EachPartitionHasItsOwn) {
    auto made = plan(WindowType::state, 0);
    made.begin = where_v([](int64_t v) { return v == 1; });
    made.end = where_v([](int64_t v) { return v == 5; });
    made.partition_by.push_back(column(0));
    const auto sink = run(std::move(made), {{1, "1", 1}, {2, "2", 1}, {3, "1", 5}});
    EXPECT_THAT(sink.windows, ElementsAre("[1 3) 1:1, 1:5"));
}

TEST(NoWindow, EachRowIsAGroup) {
    const auto sink = run(counting(WindowType::none, 0), {{1, "a", 1}, {2, "a", 2}});
    EXPECT_THAT(sink.windows, ElementsAre("[1 1) a 1 1.0", "[2 2) a 1 2.0"));
}

TEST(Groups, FilterDistinctAndNullsOfAggregates) {
    auto made = plan(WindowType::tumbling, 10);
    group_by_key(made);
    aggregate(made, sum_function()).filter = where_v([](int64_t v) { return v > 1; });
    aggregate(made, sum_function()).distinct = true;
    aggregate(made, count_function());
    const auto sink = run(std::move(made), {{1, "a", 1}, {2, "a", 2}, {3, "a", 2}, {4, "a", 1}});
    EXPECT_THAT(sink.windows, ElementsAre("[0 10) a 4.0 3.0 4"));
}

TEST(Groups, ANullArgumentIsSkippedAndANullKeyIsAGroup) {
    TextSink sink(2);
    WindowOperator window(counting(WindowType::tumbling, 10));
    Feeder feeder(window);
    feeder.push(record({}, Datum::integer(3), 1), 1, sink);
    feeder.push(record({}, {}, 2), 2, sink);
    window.finish(Time{2}, sink);
    EXPECT_THAT(sink.windows, ElementsAre("[0 10) null 2 3.0"));
    EXPECT_THAT(sink.failures, IsEmpty());
}

TEST(Groups, DistinctMergesOverPanes) {
    auto made = plan(WindowType::hopping, 10, 5);
    aggregate(made, sum_function()).distinct = true;
    const auto sink = run(std::move(made), {{1, "a", 7}, {6, "a", 7}, {7, "a", 2}});
    EXPECT_THAT(sink.windows, ElementsAre("[-5 5) null 7.0", "[0 10) null 9.0", "[5 15) null 9.0"));
}

TEST(Groups, TheFirstRowAnswersForFieldsThatAreNotAggregated) {
    class FirstValue final : public WindowSink {
      public:
        void window_begins(const WindowBounds&) override {}
        void row(RowScope& scope) override {
            values.push_back(scope.records[0]->column(1).as_integer());
            kept.push_back(to_json(scope.slots[kept_slot]));
            EXPECT_EQ(scope.call->record, nullptr);
            EXPECT_EQ(scope.call->event_time, Time{10});
            EXPECT_EQ(scope.call->window_start, Time{0});
            EXPECT_EQ(scope.call->window_end, Time{10});
        }
        void window_ends() override {}
        void late(const Record&) override {}
        void failed(size_t, const std::string&) override {}
        std::vector<int64_t> values;
        std::vector<std::string> kept;
    };
    auto made = counting(WindowType::tumbling, 10);
    made.kept_slots = {kept_slot};
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    FirstValue sink;
    for (int64_t i = 1; i < 4; ++i)
        feeder.push(record(Datum::text("a"), Datum::integer(i), i), i, sink, 0, Datum::integer(-i));
    window.advance(Time{10}, Time{10}, sink);
    EXPECT_THAT(sink.values, ElementsAre(1));
    EXPECT_THAT(sink.kept, ElementsAre("-1"));
}

TEST(Failures, ARowThatFailsIsDroppedCountedAndNamed) {
    auto made = counting(WindowType::hopping, 10, 5);
    made.filter = where_v([](int64_t v) { return v != 5; });
    TextSink sink(2);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    feeder.push(record(Datum::text("a"), Datum::text("x"), 1), 1, sink);
    feeder.push("a", 5, 2, sink);
    feeder.push("a", 6, 7, sink);
    window.finish(Time{7}, sink);
    EXPECT_THAT(sink.windows, ElementsAre("[0 10) a 1 6.0", "[5 15) a 1 6.0"));
    EXPECT_THAT(sink.failures, ElementsAre("0: v is no number"));
    const auto figures = window.figures();
    ASSERT_EQ(figures.size(), 2u);
    EXPECT_EQ(figures[0].name, "window");
    EXPECT_EQ(figures[0].in, 3u);
    EXPECT_EQ(figures[0].out, 2u);
    EXPECT_EQ(figures[0].errors, 1u);
    EXPECT_EQ(figures[1].name, "aggregate");
    EXPECT_EQ(figures[1].in, 1u);
    EXPECT_EQ(figures[1].out, 2u);
}

TEST(Failures, AnAggregateThatFailsIsReportedOnce) {
    auto made = counting(WindowType::hopping, 10, 5);
    aggregate(made, list_function());  // so that the row is added to each window
    TextSink sink(3);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    feeder.push(record(Datum::text("a"), Datum::text("x"), 1), 1, sink);
    EXPECT_THAT(sink.failures, ElementsAre("1: sum() wants a number"));
}

TEST(Limits, GroupsBeyondTheLimitAreDroppedByName) {
    auto made = counting(WindowType::tumbling, 10);
    made.limits.groups = 2;
    TextSink sink(2);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    for (const char* key : {"a", "b", "c", "a", "c"})
        feeder.push(key, 1, 1, sink);
    ASSERT_EQ(sink.failures.size(), 2u);
    EXPECT_THAT(sink.failures[0], HasSubstr("groups_limit"));
    window.advance(Time{10}, Time{10}, sink);
    EXPECT_THAT(sink.windows, ElementsAre("[0 10) a 2 2.0, b 1 1.0"));
    feeder.push("c", 1, 11, sink);  // there is room again
    EXPECT_EQ(sink.failures.size(), 2u);
}

TEST(Limits, RowsAndBytesToo) {
    auto rows = plan(WindowType::tumbling, 10);
    rows.limits.rows = 1;
    TextSink sink(0, false);
    WindowOperator few(std::move(rows));
    Feeder(few).push("a", 1, 1, sink);
    Feeder(few).push("b", 1, 2, sink);
    ASSERT_EQ(sink.failures.size(), 1u);
    EXPECT_THAT(sink.failures[0], HasSubstr("rows_limit"));

    auto list = plan(WindowType::tumbling, 10);
    aggregate(list, list_function());
    list.limits.bytes = 10'000;
    TextSink other(1);
    WindowOperator small(std::move(list));
    Feeder feeder(small);
    for (int64_t i = 0; i < 2'000; ++i)
        feeder.push("a", i, 1, other);
    EXPECT_LT(small.bytes(), 20'000u);
    EXPECT_GT(other.failures.size(), 500u);
    EXPECT_THAT(other.failures[0], HasSubstr("bytes_limit"));
}

TEST(Limits, RefusedRowsLeaveNothingBehind) {
    for (const bool merges : {true, false}) {
        auto made = counting(WindowType::hopping, 100, 10);
        if (!merges) aggregate(made, list_function());
        made.limits.groups = merges ? 1 : 10;  // of one row
        TextSink sink(2);
        WindowOperator window(std::move(made));
        Feeder feeder(window);
        feeder.push("a", 1, 5, sink);
        const size_t before = window.bytes();
        for (int64_t i = 0; i < (merges ? 50 : 5); ++i)  // until a window ends
            feeder.push("b", 1, 5 + i, sink);
        EXPECT_FALSE(sink.failures.empty());
        EXPECT_LE(window.bytes(), before);
        window.finish(Time{60}, sink);
        EXPECT_EQ(window.bytes(), 0u);
    }
}

TEST(Limits, ClosedPartitionsAreForgotten) {
    auto made = plan(WindowType::state, 0);
    made.begin = where_v([](int64_t v) { return v == 1; });
    made.end = where_v([](int64_t v) { return v == 2; });
    made.partition_by.push_back(column(0));
    made.limits.groups = 2;
    TextSink sink(0, false);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    feeder.push("a", 1, 1, sink);
    feeder.push("b", 0, 2, sink);  // opens nothing
    feeder.push("c", 1, 3, sink);
    feeder.push("d", 1, 4, sink);  // a and c are open
    EXPECT_EQ(sink.failures.size(), 1u);
    feeder.push("a", 2, 5, sink);
    feeder.push("d", 1, 6, sink);
    EXPECT_EQ(sink.failures.size(), 1u);
    EXPECT_THAT(sink.windows, ElementsAre("[1 5) a:1, a:2"));
}

TEST(Late, AClosedWindowIsEmittedAgainWithTheLateRow) {
    for (const bool merges : {true, false}) {
        auto made = counting(WindowType::hopping, 10, 5);
        if (!merges) aggregate(made, list_function());
        made.allowed_lateness = Duration{7};
        TextSink sink(2);
        WindowOperator window(std::move(made));
        Feeder feeder(window);
        feeder.push("a", 1, 1, sink);
        window.advance(Time{11}, Time{11}, sink);
        EXPECT_THAT(sink.windows, ElementsAre("[-5 5) a 1 1.0", "[0 10) a 1 1.0"));
        sink.windows.clear();
        // [0 5) is kept until 12, [0 10) until 17, [5 15) is open.
        feeder.push_late("b", 2, 4, sink);
        EXPECT_THAT(sink.windows,
                    ElementsAre("again [-5 5) a 1 1.0, b 1 2.0", "again [0 10) a 1 1.0, b 1 2.0"));
        sink.windows.clear();
        window.advance(Time{16}, Time{16}, sink);
        feeder.push_late("a", 4, 9, sink);
        EXPECT_THAT(sink.windows, ElementsAre("again [0 10) a 2 5.0, b 1 2.0", "[5 15) a 1 4.0"));
        feeder.push_late("a", 8, 4, sink);
        EXPECT_EQ(sink.windows.back(), "again [0 10) a 3 13.0, b 1 2.0");
        window.advance(Time{17}, Time{17}, sink);
        feeder.push_late("a", 8, 4, sink);
        EXPECT_THAT(sink.late_rows, ElementsAre("8"));
        EXPECT_EQ(window.figures()[0].late, 1u);
    }
}

TEST(Late, SlidingWindowsThatHaveTheLateRowAreEmittedAgain) {
    auto made = plan(WindowType::sliding, 10);
    made.allowed_lateness = Duration{10};
    TextSink sink(0, false);
    WindowOperator window(std::move(made));
    Feeder feeder(window);
    feeder.push("a", 1, 10, sink);
    feeder.push("b", 2, 15, sink);
    feeder.push("c", 3, 22, sink);
    sink.windows.clear();
    window.advance(Time{23}, Time{23}, sink);
    feeder.push_late("d", 4, 14, sink);
    EXPECT_THAT(sink.windows, ElementsAre("[4 14) a:1, d:4", "again [5 15) a:1, d:4, b:2",
                                          "again [12 22) d:4, b:2, c:3"));
    feeder.push_late("e", 5, 13, sink);
    EXPECT_THAT(sink.late_rows, ElementsAre("5"));
}

TEST(Plan, NumbersOutOfRangeAreRefused) {
    EXPECT_FALSE(counting(WindowType::tumbling, 10).refusal());
    EXPECT_TRUE(counting(WindowType::tumbling, 0).refusal());
    EXPECT_TRUE(counting(WindowType::hopping, 10, 0).refusal());
    EXPECT_TRUE(counting(WindowType::session, 10, 0).refusal());
    EXPECT_TRUE(counting(WindowType::tumbling, INT64_MAX).refusal());
    EXPECT_TRUE(counting(WindowType::hopping, 1'000'000, 10).refusal());
    auto count = plan(WindowType::count, 0);
    EXPECT_TRUE(count.refusal());
    count.count = 2;
    count.every = 3;
    EXPECT_TRUE(count.refusal());
}

}  // namespace
}  // namespace hw::sql::toolkit
