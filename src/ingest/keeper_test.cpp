#include "ingest/keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/test_support.h"
#include "wire/sparkplug/payload.h"

namespace hw::ingest {
namespace {

using testing::Bench;
using ::testing::ElementsAre;
using testing::Row;

// Holds what is submitted until told.
class HeldHistory final : public history::History {
  public:
    void submit(model::SampleBatch batch, history::Done done) override {
        batches.push_back(std::move(batch));
        pending.push_back(std::move(done));
    }
    bool overloaded() const override { return full; }
    void describe(model::PointId id, std::string_view unit) override {
        units.emplace_back(id, unit);
    }
    void on_relief(std::function<void()>) override {}
    void on_health(std::function<void(history::Health, const std::string&)>) override {}
    void add_tap(std::function<void(const model::SampleBatch&)>) override {}
    void add_group_tap(GroupTap) override {}
    std::optional<history::PointState> point_state(model::PointId) const override { return {}; }
    void point_states(const std::vector<model::PointId>&,
                      std::vector<std::optional<history::PointState>>&) const override {}
    Result<void> values_at(std::span<const model::PointId>, Time,
                           std::vector<std::optional<model::Sample>>&) const override {
        return {};
    }
    Result<void> raw(const history::RawQuery&, const history::RawSink&) const override {
        return {};
    }
    Result<std::vector<history::Buckets>> aggregate(const history::AggregateQuery&) const override {
        return std::vector<history::Buckets>{};
    }
    std::unique_ptr<history::Scan> scan(history::WantedColumns) const override { return nullptr; }
    Result<uint64_t> drop(std::string_view, Time, Time) override { return 0; }
    Result<void> backup(const std::string&) override { return {}; }
    Result<void> settle() override { return {}; }
    history::Health health(std::string*) const override { return history::Health::ok; }
    Figures figures() const override { return {}; }

    std::vector<model::SampleBatch> batches;
    std::vector<history::Done> pending;
    std::vector<std::pair<model::PointId, std::string>> units;
    bool full = false;
};

TEST(Keeper, ARoundIsOneBatchAndAnswersWithItsTicket) {
    Bench bench;
    HeldHistory history;
    std::vector<std::pair<broker::Ticket, bool>> committed;
    Keeper keeper(bench.ingest, history, [&](broker::Ticket ticket, const Result<void>& result) {
        committed.emplace_back(ticket, result.has_value());
    });
    const auto keep = [&](std::string_view topic, std::string_view payload) {
        return keeper.keep(keeper.classify(topic), topic, as_bytes(payload), Time{1});
    };
    EXPECT_TRUE(keep("a", "1"));
    EXPECT_FALSE(keep("a", "{"));
    EXPECT_TRUE(keep("b", R"({"value":2,"unit":"bar"})"));
    keeper.submit(7);
    EXPECT_TRUE(keep("a", "3"));
    keeper.submit(8);
    ASSERT_EQ(history.batches.size(), 2U);
    EXPECT_THAT(testing::rows_of(history.batches[0], bench.points),
                ElementsAre(Row{"a", int64_t{1}, 1}, Row{"b", int64_t{2}, 1}));
    EXPECT_THAT(testing::rows_of(history.batches[1], bench.points),
                ElementsAre(Row{"a", int64_t{3}, 1}));
    ASSERT_EQ(history.units.size(), 1U);
    EXPECT_EQ(history.units[0].second, "bar");
    EXPECT_TRUE(committed.empty());
    history.pending[0]({});
    history.pending[1](fail(ErrorCode::no_space, "the disk is full"));
    EXPECT_THAT(committed, ElementsAre(std::pair(7, true), std::pair(8, false)));
}

TEST(Keeper, SystemTopicsAreNotKeptAndHistorySaysWhenItIsFull) {
    Bench bench;
    HeldHistory history;
    Keeper keeper(bench.ingest, history, {});
    EXPECT_EQ(keeper.classify("$SYS/broker"), 0U);
    EXPECT_NE(keeper.classify("a"), 0U);
    EXPECT_FALSE(keeper.overloaded());
    history.full = true;
    EXPECT_TRUE(keeper.overloaded());
}

TEST(Keeper, MessagesOfSparkplugEdgeNodesGoToTheHost) {
    Bench bench;
    HeldHistory history;
    ManualClock clock(Time{1'700'000'000'000'000'000});
    SparkplugHost host({}, 100, bench.points, clock, bench.metrics, [](const SparkplugMessage&) {});
    Keeper keeper(bench.ingest, history, {}, &host);
    EXPECT_EQ(keeper.classify("spBv1.0/g/NCMD/e"), 0U);
    EXPECT_EQ(keeper.classify("spBv1.0/nonsense"), 0U);
    const auto plan = keeper.classify("spBv1.0/g/NDATA/e");
    const auto send = [&](std::string_view topic, uint64_t seq) {
        const sparkplug::Payload payload{
            .metrics = {{.name = "x", .datatype = sparkplug::DataType::boolean, .value = true}},
            .seq = seq};
        return keeper.keep(plan, topic, as_bytes(sparkplug::encode(payload)), clock.now());
    };
    EXPECT_TRUE(send("spBv1.0/g/NBIRTH/e", 0));
    keeper.submit(1);
    ASSERT_EQ(history.batches.size(), 1U);
    // One that waits belongs to no round; in the end it is kept without one.
    EXPECT_FALSE(send("spBv1.0/g/NDATA/e", 2));
    keeper.tick();
    EXPECT_EQ(history.batches.size(), 1U);
    clock.advance(seconds(5));
    keeper.tick();
    ASSERT_EQ(history.batches.size(), 2U);
    EXPECT_EQ(history.batches[1].size(), 1U);
}

}  // namespace
}  // namespace hw::ingest
