#include "scenario/manager.h"

#include <gtest/gtest.h>

#include <future>

#include "scenario/test_site.h"

namespace hw::scenario {
namespace {

const twin::Change change{.actor = "ann", .origin = "test"};
const Time now{seconds(1'772'409'630).ns};

class NoHistory : public HistoryColumns {
  public:
    Result<std::vector<std::vector<double>>> columns(std::span<const WantedColumn> wanted, Time,
                                                     Time, Duration) const override {
        return std::vector<std::vector<double>>(wanted.size());
    }
};

// Doubles what is set; waits where it is told to.
class Doubler : public Model {
  public:
    std::string_view name() const override { return "doubler"; }
    std::string_view help() const override { return "Doubles the set level"; }
    std::vector<std::pair<std::string_view, std::string_view>> parameters() const override {
        return {};
    }
    Result<std::unique_ptr<BoundModel>> bind(const Fork& fork, const sql::Datum& parameters,
                                             const ModelRooms& rooms) const override {
        static_cast<void>(fork);
        if (parameters.find("broken") != nullptr)
            return fail(ErrorCode::invalid_argument, "the parameters are broken");
        return std::make_unique<Bound>(rooms.stop, parameters.find("wait") != nullptr);
    }
    Result<Calibrated> calibrate(const Fork&, const sql::Datum&, Time, Time,
                                 const ModelRooms&) const override {
        return Calibrated{.json = "{\"k\":2}", .confidence = 0.5};
    }

  private:
    class Bound : public BoundModel {
      public:
        Bound(std::function<bool(double)> stop, bool waits)
            : stop_(std::move(stop)), waits_(waits) {}
        std::vector<ModelInput> inputs() const override { return {{"w/tower", "level", "m", ""}}; }
        std::string describe() const override { return "{}"; }
        Result<ModelResult> run(const Fork& fork, const RunOptions& options) const override {
            while (waits_ && !stop_(0.5))
                std::this_thread::yield();
            if (waits_) return fail(ErrorCode::cancelled, "cancelled");
            ModelResult result{.start = fork.start(), .step = options.step, .rows = 2};
            const auto level = fork.read("w/tower", "level").value;
            const double value = level.is_number() ? level.as_number() * 2 : 1;
            result.series = {{"level", "w/tower", "level", "m", {value, value}, true}};
            result.figures = {{"level", "Level", "m", value, std::nullopt}};
            return result;
        }

      private:
        std::function<bool(double)> stop_;
        bool waits_;
    };
};

class ManagerTest : public ::testing::Test {
  protected:
    ManagerTest() { models_.add(std::make_unique<Doubler>()); }

    void open(Settings settings = {}) {
        manager_.reset();
        store_ = std::move(*ScenarioStore::open(*database_));
        auto made = ScenarioManager::open(
            settings, {.store = *store_,
                       .models = models_,
                       .audit = *audit_,
                       .clock = clock_,
                       .history = history_,
                       .snapshot = [this](const std::string& site,
                                          std::optional<Time> at) -> Result<twin::Snapshot> {
                           if (site != "w") return fail(ErrorCode::not_found, "no such site");
                           if (at && *at < described_)
                               return fail(ErrorCode::not_found, "not described yet");
                           return site_.snapshot();
                       }});
        ASSERT_TRUE(made) << made.error().text();
        manager_ = std::move(*made);
    }
    static ScenarioSpec spec(std::string id, double level) {
        ScenarioSpec spec{.id = std::move(id), .site = "w", .model = "doubler"};
        if (level > 0)
            spec.overrides.push_back(
                {.twin = "w/tower", .path = "level", .value = sql::Datum::real(level)});
        return spec;
    }
    void run(const std::string& id) {
        ASSERT_TRUE(manager_->run(id, change));
        manager_->start();
        manager_->wait_idle();
    }
    RunState state(const std::string& id) { return manager_->get(id)->state; }

    ManualClock clock_{now};
    Metrics metrics_;
    std::unique_ptr<catalog::Database> database_ = std::move(*catalog::Database::open(":memory:"));
    std::unique_ptr<catalog::AuditLog> audit_ =
        std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
    TestSite site_{1, 1, 1};
    Time described_;
    ModelRegistry models_;
    NoHistory history_;
    std::unique_ptr<ScenarioStore> store_;
    std::unique_ptr<ScenarioManager> manager_;
};

TEST_F(ManagerTest, ARunIsKeptWithItsBase) {
    open();
    ASSERT_TRUE(manager_->create(spec("a", 3), change));
    run("a");
    EXPECT_EQ(state("a"), RunState::done);
    EXPECT_EQ(manager_->get("a")->run, 1);
    const auto with = manager_->result("a", ScenarioStore::Which::with);
    ASSERT_TRUE(with) << with.error().text();
    EXPECT_EQ(with->series[0].values[1], 6);
    EXPECT_EQ(with->start.ns, now.ns - seconds(30).ns);  // whole minutes
    EXPECT_EQ(manager_->result("a", ScenarioStore::Which::base)->series[0].values[1], 1);
    const auto comparison = manager_->compare_runs({"a"}, false);
    ASSERT_TRUE(comparison) << comparison.error().text();
    EXPECT_EQ(comparison->series[0].greatest, 5);
    // All is there again after a restart.
    open();
    EXPECT_EQ(state("a"), RunState::done);
    EXPECT_EQ(manager_->result("a", ScenarioStore::Which::with)->series[0].values[1], 6);
}

TEST_F(ManagerTest, ScenariosAreComparedWithEachOther) {
    open();
    for (const auto& [id, level] :
         {std::pair{"a", 3.0}, std::pair{"b", 4.0}, std::pair{"c", 0.0}}) {
        ASSERT_TRUE(manager_->create(spec(id, level), change));
        run(id);
    }
    const auto two = manager_->compare_runs({"a", "b"}, false);
    ASSERT_TRUE(two);
    EXPECT_EQ(two->series[0].greatest, 2);
    EXPECT_EQ(manager_->compare_runs({"a", "b"}, true)->names.size(), 3U);
    // With nothing set, the base is the run itself.
    EXPECT_TRUE(manager_->compare_runs({"c"}, false)->series.empty());
    EXPECT_FALSE(manager_->compare_runs({}, false));
    EXPECT_EQ(manager_->compare_runs({"a", "x"}, false).error().code(), ErrorCode::not_found);
}

TEST_F(ManagerTest, WhatRanWhenTheServerEndedIsFailedAndRunsAgain) {
    open();
    ASSERT_TRUE(manager_->create(spec("a", 3), change));
    ASSERT_TRUE(manager_->run("a", change));  // queued: nothing works yet
    EXPECT_EQ(state("a"), RunState::queued);
    open();  // as after kill -9: the rows are all that is left
    EXPECT_EQ(state("a"), RunState::failed);
    EXPECT_NE(manager_->get("a")->error.find("the server ended"), std::string::npos);
    run("a");
    EXPECT_EQ(state("a"), RunState::done);
    EXPECT_EQ(manager_->get("a")->run, 2);
    EXPECT_TRUE(manager_->get("a")->error.empty());
}

TEST_F(ManagerTest, ARunCanBeCancelled) {
    open();
    auto waiting = spec("a", 3);
    waiting.parameters.put("wait", sql::Datum::boolean(true));
    ASSERT_TRUE(manager_->create(waiting, change));
    ASSERT_TRUE(manager_->run("a", change));
    EXPECT_EQ(manager_->run("a", change).error().code(), ErrorCode::conflict);
    EXPECT_EQ(manager_->remove("a", change).error().code(), ErrorCode::conflict);
    manager_->start();
    ASSERT_TRUE(manager_->cancel("a", change));
    manager_->wait_idle();
    EXPECT_EQ(state("a"), RunState::cancelled);
    EXPECT_EQ(manager_->cancel("a", change).error().code(), ErrorCode::conflict);
    // The end of the server is another thing.
    ASSERT_TRUE(manager_->run("a", change));
    manager_->stop();
    open();
    EXPECT_EQ(state("a"), RunState::failed);
}

TEST_F(ManagerTest, AFailureKeepsItsReason) {
    open();
    auto broken = spec("a", 0);
    broken.parameters.put("broken", sql::Datum::boolean(true));
    ASSERT_TRUE(manager_->create(broken, change));
    run("a");
    EXPECT_EQ(state("a"), RunState::failed);
    EXPECT_EQ(manager_->get("a")->error, "the parameters are broken");
    auto future = spec("b", 0);
    future.start = "2099-01-01T00:00:00Z";
    ASSERT_TRUE(manager_->create(future, change));
    run("b");
    EXPECT_NE(manager_->get("b")->error.find("future"), std::string::npos);
    EXPECT_EQ(manager_->result("b", ScenarioStore::Which::with).error().code(),
              ErrorCode::not_found);
}

TEST_F(ManagerTest, AStartBeforeTheTwinsTakesThoseOfNow) {
    open();
    auto past = spec("a", 3);
    past.start = "2026-01-01T00:00:00Z";
    ASSERT_TRUE(manager_->create(past, change));
    run("a");
    ASSERT_EQ(state("a"), RunState::done);
    EXPECT_TRUE(manager_->result("a", ScenarioStore::Which::with)->quality.notes.empty());
    described_ = now;
    run("a");
    ASSERT_EQ(state("a"), RunState::done) << manager_->get("a")->error;
    const auto result = manager_->result("a", ScenarioStore::Which::with);
    EXPECT_EQ(result->start, *parse_rfc3339("2026-01-01T00:00:00Z"));
    ASSERT_EQ(result->quality.notes.size(), 1U);
    EXPECT_NE(result->quality.notes[0].find("those of now"), std::string::npos);
}

TEST_F(ManagerTest, LimitsAndNamesAreKept) {
    open({.scenarios_limit = 2, .queue_limit = 1});
    ASSERT_TRUE(manager_->create(spec("a", 1), change));
    EXPECT_EQ(manager_->create(spec("a", 1), change).error().code(), ErrorCode::conflict);
    const auto unnamed = manager_->create(spec("", 1), change);
    ASSERT_TRUE(unnamed);
    EXPECT_FALSE(unnamed->spec.id.empty());
    EXPECT_EQ(manager_->create(spec("c", 1), change).error().code(), ErrorCode::limit_exceeded);
    auto wrong = spec("a", 1);
    wrong.model = "dubler";
    bool created = true;
    const auto refused = manager_->replace(wrong, change, created);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text().find("doubler"), std::string::npos);
    ASSERT_TRUE(manager_->run("a", change));
    EXPECT_EQ(manager_->run(unnamed->spec.id, change).error().code(), ErrorCode::limit_exceeded);
    manager_->start();
    manager_->wait_idle();
    ASSERT_TRUE(manager_->remove("a", change));
    EXPECT_EQ(manager_->get("a").error().code(), ErrorCode::not_found);
    EXPECT_EQ(manager_->list().size(), 1U);
}

TEST_F(ManagerTest, ALargeResultAsksForALongerStep) {
    open({.result_bytes_limit = 10});
    ASSERT_TRUE(manager_->create(spec("a", 1), change));
    run("a");
    EXPECT_NE(manager_->get("a")->error.find("longer step"), std::string::npos);
}

TEST_F(ManagerTest, CalibrationsAndChangesAreKeptAndAudited) {
    open();
    EXPECT_EQ(manager_->calibration("w", "doubler").error().code(), ErrorCode::not_found);
    const auto made = manager_->calibrate({.site = "w", .model = "doubler"}, change);
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_FALSE(manager_->calibrate({.site = "x", .model = "doubler"}, change));
    open();
    EXPECT_EQ(manager_->calibration("w", "doubler")->json, "{\"k\":2}");
    ASSERT_TRUE(audit_->flush());
    const auto page = audit_->query({.action = "scenario."});
    ASSERT_TRUE(page);
    ASSERT_EQ(page->records.size(), 2U);
    EXPECT_EQ(page->records[0].result, "not_found");
    EXPECT_EQ(page->records[1].actor, "ann");
}

}  // namespace
}  // namespace hw::scenario
