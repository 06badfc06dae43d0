#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/query/operator_toolkit.h"

namespace hw::sql::toolkit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

AnalyticCall lag_call(size_t to_slot) {
    AnalyticCall call;
    call.function = &lag_function();
    call.arguments.push_back(column(1));
    call.slot = to_slot;
    return call;
}

// The slot after a row; or the error.
std::string run(AnalyticOperator& analytic, std::string_view k, Datum v, size_t from_slot = 0) {
    const auto row = record(Datum::text(k), std::move(v), 0);
    const Record* records[] = {row.get()};
    Datum all_slots[slots];
    CallContext call;
    RowScope scope{records, all_slots, &call};
    analytic.run(scope);
    return call.failed() ? call.error() : to_json(all_slots[from_slot]);
}

AnalyticOperator one(AnalyticCall call, const StateLimits& limits = {}) {
    std::vector<AnalyticCall> calls;
    calls.push_back(std::move(call));
    return {std::move(calls), limits};
}

TEST(Analytic, HasOneStateForEachPartition) {
    auto call = lag_call(0);
    call.partition_by.push_back(column(0));
    auto analytic = one(std::move(call));
    EXPECT_EQ(run(analytic, "a", Datum::integer(1)), "null");
    EXPECT_EQ(run(analytic, "b", Datum::integer(2)), "null");
    EXPECT_EQ(run(analytic, "a", Datum::integer(3)), "1");
    EXPECT_EQ(run(analytic, "b", Datum::integer(4)), "2");
    EXPECT_EQ(analytic.partitions(), 2u);
}

TEST(Analytic, WhenKeepsTheStateAsItWas) {
    auto call = lag_call(0);
    call.when = where_v([](int64_t v) { return v % 2 == 0; });
    auto analytic = one(std::move(call));
    EXPECT_EQ(run(analytic, "a", Datum::integer(2)), "null");
    EXPECT_EQ(run(analytic, "a", Datum::integer(3)), "2");
    EXPECT_EQ(run(analytic, "a", Datum::integer(5)), "2");
    EXPECT_EQ(run(analytic, "a", Datum::text("x")), "v is no number");
}

TEST(Analytic, CallsRunInOrderAndSeeTheSlotsBefore) {
    auto second = lag_call(1);
    second.arguments[0] = slot(0);
    std::vector<AnalyticCall> calls;
    calls.push_back(lag_call(0));
    calls.push_back(std::move(second));
    AnalyticOperator analytic(std::move(calls), {});
    for (int64_t i = 1; i <= 2; ++i)
        EXPECT_EQ(run(analytic, "a", Datum::integer(i), 1), "null");
    EXPECT_EQ(run(analytic, "a", Datum::integer(3), 1), "1");
}

TEST(Analytic, ANullIsNotSeenWhereTheFunctionSaysSo) {
    static const Function unseen = [] {
        Function function = lag_function();
        function.nulls = Nulls::to_null;
        return function;
    }();
    auto call = lag_call(0);
    call.function = &unseen;
    auto analytic = one(std::move(call));
    run(analytic, "a", Datum::integer(1));
    EXPECT_EQ(run(analytic, "a", {}), "null");
    EXPECT_EQ(run(analytic, "a", Datum::integer(2)), "1");
}

TEST(Analytic, PartitionsAreLimitedByName) {
    auto call = lag_call(0);
    call.partition_by.push_back(column(0));
    StateLimits limits;
    limits.groups = 1;
    auto analytic = one(std::move(call), limits);
    EXPECT_EQ(run(analytic, "a", Datum::integer(1)), "null");
    EXPECT_THAT(run(analytic, "b", Datum::integer(1)), HasSubstr("groups_limit"));
    EXPECT_EQ(run(analytic, "a", Datum::integer(1)), "1");
}

TEST(Analytic, SavedAndLoadedItGoesOn) {
    const auto make = [] {
        auto call = lag_call(0);
        call.partition_by.push_back(column(0));
        return one(std::move(call));
    };
    auto before = make();
    run(before, "a", Datum::text("a text that is too long to lie within"));
    run(before, "b", Datum::integer(7));
    std::string state;
    ByteWriter writer(state);
    before.save(writer);
    auto after = make();
    ByteReader reader(as_bytes(state));
    ASSERT_TRUE(after.load(reader));
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(run(after, "a", {}), "\"a text that is too long to lie within\"");
    EXPECT_EQ(run(after, "b", {}), "7");
    for (size_t size = 0; size < state.size(); ++size) {
        auto broken = make();
        ByteReader part(as_bytes(std::string_view(state).substr(0, size)));
        EXPECT_FALSE(broken.load(part)) << size;
    }
}

std::vector<int64_t> pop_all(EventOrder& order) {
    std::vector<int64_t> values;
    while (const auto item = order.pop())
        values.push_back(item->record->column(1).as_integer());
    return values;
}

EventOrder::Verdict push(EventOrder& order, size_t source, int64_t value, int64_t time) {
    return order.push(source, record({}, Datum::integer(value), time), Time{time});
}

TEST(EventOrder, GivesEventsByTimeOnceTheWatermarkHasReachedThem) {
    EventOrder order({&shape()}, Duration{5}, {});
    EXPECT_FALSE(order.watermark());
    push(order, 0, 1, 10);
    EXPECT_EQ(order.watermark(), Time{5});
    EXPECT_THAT(pop_all(order), ElementsAre());
    push(order, 0, 2, 8);
    push(order, 0, 3, 15);
    push(order, 0, 4, 10);
    EXPECT_THAT(pop_all(order), ElementsAre(2, 1, 4));
    EXPECT_EQ(push(order, 0, 5, 10), EventOrder::Verdict::held);
    EXPECT_EQ(push(order, 0, 6, 9), EventOrder::Verdict::late);
    EXPECT_THAT(pop_all(order), ElementsAre(5));
    order.finish();
    EXPECT_THAT(pop_all(order), ElementsAre(3));
    EXPECT_EQ(order.figures().late, 1u);
    EXPECT_EQ(order.figures().in, 6u);
    EXPECT_EQ(order.bytes(), 0u);
}

TEST(EventOrder, ASilentSourceHoldsTheOthersBackButATableDoesNot) {
    EventOrder order({&shape(), nullptr, &shape()}, Duration{0}, {});
    push(order, 0, 1, 10);
    EXPECT_FALSE(order.watermark());
    push(order, 2, 2, 4);
    EXPECT_EQ(order.watermark(), Time{4});
    EXPECT_THAT(pop_all(order), ElementsAre(2));
    push(order, 2, 3, 40);
    EXPECT_EQ(order.watermark(), Time{10});
    EXPECT_THAT(pop_all(order), ElementsAre(1));
}

TEST(EventOrder, IsBounded) {
    StateLimits limits;
    limits.rows = 2;
    EventOrder order({&shape()}, Duration{100}, limits);
    push(order, 0, 1, 10);
    push(order, 0, 2, 11);
    EXPECT_EQ(push(order, 0, 3, 12), EventOrder::Verdict::full);
    EXPECT_THAT(order.full_reason(), HasSubstr("rows_limit"));
    EXPECT_EQ(order.figures().errors, 1u);
}

TEST(EventOrder, SavedAndLoadedItGoesOn) {
    EventOrder order({&shape()}, Duration{5}, {});
    push(order, 0, 1, 10);
    push(order, 0, 2, 10);
    push(order, 0, 3, 7);
    std::string state;
    ByteWriter writer(state);
    order.save(writer);
    EventOrder after({&shape()}, Duration{5}, {});
    ByteReader reader(as_bytes(state));
    ASSERT_TRUE(after.load(reader));
    EXPECT_EQ(after.watermark(), Time{5});
    EXPECT_EQ(after.bytes(), order.bytes());
    push(after, 0, 4, 20);
    EXPECT_THAT(pop_all(after), ElementsAre(3, 1, 2));
    for (size_t size = 0; size < state.size(); ++size) {
        EventOrder broken({&shape()}, Duration{5}, {});
        ByteReader part(as_bytes(std::string_view(state).substr(0, size)));
        EXPECT_FALSE(broken.load(part)) << size;
    }
}

}  // namespace
}  // namespace hw::sql::toolkit
