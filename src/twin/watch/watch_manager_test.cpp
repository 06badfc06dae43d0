#include "twin/watch/watch_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "sql/functions/functions.h"
#include "twin/watch/fake_twins.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Stream final : public WatchSink {
  public:
    bool gone() const override { return is_gone; }
    bool ready() const override { return true; }
    void begin(const Watch&, uint64_t) override { begun.set_value(); }
    void events(const Watch&, std::span<const WatchEvent> events, uint64_t) override {
        for (const auto& event : events)
            if (event.kind == WatchEventKind::test) ++tests;
    }
    void gap(uint64_t) override {}
    void idle() override {}
    void end(std::string_view why) override { ended.set_value(std::string(why)); }

    std::promise<void> begun;
    std::promise<std::string> ended;
    std::atomic<int> tests{0};
    std::atomic<bool> is_gone{false};
};

class FakeOutlet final : public WatchOutlet {
  public:
    void publish(std::vector<Message> messages, std::function<void(const Answer&)> done) override {
        {
            MutexLock lock(mutex);
            for (auto& message : messages)
                published.push_back(std::move(message));
        }
        if (silent) return;
        done(refuses ? Answer{messages.size(), "no"} : Answer{});
    }
    void count_subscribers(std::string, std::function<void(size_t)> done) override {
        done(subscribers);
    }

    Mutex mutex;
    std::vector<Message> published;
    size_t subscribers = 2;
    std::atomic<bool> silent{false}, refuses{false};
};

class WatchManagerTest : public testing::Test {
  protected:
    WatchManagerTest() {
        sql::add_builtin_functions(functions);
        database = *catalog::Database::open(":memory:");
        audit = *catalog::AuditLog::open(*database, {}, clock, metrics);
        begin();
        twins.add_twin("works/a", tank);
        twins.add_twin("works/b", tank);
    }
    void begin() {
        manager = nullptr;
        twins.drop_followers();
        WatchSettings settings;
        settings.subscriptions_limit = 3;
        auto opened = WatchManager::open(
            settings, {*database, *audit, twins, functions, clock, metrics,
                       [this](std::string_view point) -> std::optional<Time> {
                           const auto at = samples.find(std::string(point));
                           return at == samples.end() ? std::nullopt : std::optional(at->second);
                       },
                       &outlet});
        ASSERT_TRUE(opened) << opened.error().text();
        manager = std::move(*opened);
        manager->start();
        twins.ask_again();
    }
    Result<WatchManager::Kept> put(std::string_view json, std::optional<int64_t> revision = {}) {
        auto spec = read_watch(json);
        EXPECT_TRUE(spec) << spec.error().text();
        bool created = false;
        Change change{"ada", "test"};
        change.revision = revision;
        return manager->put(std::move(*spec), change, created);
    }
    std::vector<std::string> audited() {
        audit->flush();
        std::vector<std::string> out;
        const auto page = audit->query({});
        for (const auto& record : page->records)
            out.push_back(record.action + " " + record.target + " " + record.result);
        std::reverse(out.begin(), out.end());
        return out;
    }
    std::vector<std::string> findings(std::string_view id, Duration most = seconds(5)) {
        const auto report = manager->test(id, most);
        EXPECT_TRUE(report) << report.error().text();
        return report->findings;
    }

    ManualClock clock{Time{1'767'225'600'000'000'000}};
    Metrics metrics;
    sql::FunctionTable functions;
    std::unique_ptr<catalog::Database> database;
    std::unique_ptr<catalog::AuditLog> audit;
    FakeTwins twins;
    FakeOutlet outlet;
    std::map<std::string, Time> samples;
    InterfacePtr tank = fake_model("dtmi:x:Tank;1", {"level", "flow"});
    std::unique_ptr<WatchManager> manager;
};

TEST_F(WatchManagerTest, keeps_subscriptions_over_a_restart) {
    ASSERT_TRUE(put(R"({"id":"s","twins":"works/#","where":"level > 1"})"));
    ASSERT_TRUE(put(R"({"id":"s","twins":"works/a"})"));
    begin();
    const auto kept = manager->get("s");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->revision, 2);
    EXPECT_EQ(kept->spec.filter.twins, "works/a");
    EXPECT_EQ(kept->actor, "ada");
    twins.set("works/a", "level", sql::Datum::real(1));
    EXPECT_EQ(manager->figures("s")->matched, 1u);
    EXPECT_EQ(manager->figures("s")->slots, 2u);
}

TEST_F(WatchManagerTest, changes_are_checked_and_audited) {
    ASSERT_TRUE(put(R"({"id":"one"})"));
    EXPECT_EQ(put(R"({"id":"one"})", 7).error().code(), ErrorCode::conflict);
    EXPECT_EQ(put(R"({"id":"two"})", 1).error().code(), ErrorCode::not_found);
    EXPECT_THAT(put(R"({"id":"two","where":"level >"})").error().text(), HasSubstr("where"));
    EXPECT_THAT(put(R"({"id":"two","model":"dtmi:x:No;1"})").error().text(),
                HasSubstr("filter.model"));
    EXPECT_EQ(manager->create(*read_watch(R"({"id":"one"})"), {"ada", "test"}).error().code(),
              ErrorCode::conflict);
    EXPECT_THAT(manager->get("ones").error().text(), HasSubstr("did you mean 'one'"));
    EXPECT_TRUE(manager->remove("one", {"ada", "test"}));
    EXPECT_EQ(manager->remove("one", {"ada", "test"}).error().code(), ErrorCode::not_found);
    EXPECT_THAT(
        audited(),
        ElementsAre("twin_subscription.create one ok", "twin_subscription.update one conflict",
                    "twin_subscription.create two not_found",
                    "twin_subscription.create two invalid_argument",
                    "twin_subscription.create two invalid_argument",
                    "twin_subscription.update one conflict", "twin_subscription.remove one ok",
                    "twin_subscription.remove one not_found"));
}

TEST_F(WatchManagerTest, there_is_a_limit) {
    ASSERT_TRUE(put(R"({"id":"1"})"));
    ASSERT_TRUE(put(R"({"id":"2"})"));
    ASSERT_TRUE(manager->read(*read_watch("{}"), std::make_shared<Stream>(), {}));
    EXPECT_THAT(put(R"({"id":"4"})").error().text(), HasSubstr("twin.subscriptions_limit"));
    EXPECT_TRUE(manager->read(*read_watch("{}"), std::make_shared<Stream>(), {}))
        << "the same one is shared";
    EXPECT_FALSE(manager->read(*read_watch(R"({"twins":"a"})"), std::make_shared<Stream>(), {}));
    EXPECT_TRUE(put(R"({"id":"2"})"));
}

TEST_F(WatchManagerTest, streams_end_with_their_subscription) {
    ASSERT_TRUE(put(R"({"id":"s"})"));
    const auto stream = std::make_shared<Stream>();
    ASSERT_TRUE(manager->read("s", stream, {}));
    stream->begun.get_future().wait();
    EXPECT_EQ(manager->figures("s")->readers, 1u);
    EXPECT_TRUE(manager->remove("s", {"ada", "test"}));
    EXPECT_EQ(stream->ended.get_future().get(), "the subscription was removed");
    EXPECT_EQ(manager->read("s", stream, {}).error().code(), ErrorCode::not_found);
    ASSERT_TRUE(put(R"({"id":"s","enabled":false})"));
    EXPECT_EQ(manager->read("s", stream, {}).error().code(), ErrorCode::unavailable);
}

TEST_F(WatchManagerTest, delivers_by_mqtt) {
    ASSERT_TRUE(put(R"({"id":"s","twins":"works/a","properties":["level"],
                        "deliver":{"mqtt":{"topic":"out/${twin}/${path}","qos":1}}})"));
    ASSERT_TRUE(manager->test("s")) << "behind it the watch is taken up";
    twins.set("works/a", "level", sql::Datum::real(2));
    ASSERT_TRUE(manager->test("s"));
    MutexLock lock(outlet.mutex);
    ASSERT_EQ(outlet.published.size(), 3u);
    EXPECT_EQ(outlet.published[1].topic, "out/works/a/level");
    EXPECT_EQ(outlet.published[1].qos, 1);
    EXPECT_THAT(outlet.published[1].payload, HasSubstr(R"("value":2.0)"));
    EXPECT_THAT(outlet.published[2].payload, HasSubstr(R"("event":"test")"));
    EXPECT_EQ(manager->figures("s")->delivered, 3u);
}

TEST_F(WatchManagerTest, the_self_test_says_what_is_amiss) {
    ASSERT_TRUE(put(R"({"id":"s","twins":"nowhere/#"})"));
    EXPECT_THAT(findings("s"),
                ElementsAre("no twin matches the filter 'nowhere/#'",
                            HasSubstr("nobody reads it now and it is not delivered by MQTT")));
    ASSERT_TRUE(put(R"({"id":"s","properties":["level"]})"));
    EXPECT_THAT(findings("s"),
                ElementsAre("2 twins match, none of their 2 points has ever had a sample; the "
                            "first is 'works/a/level'",
                            HasSubstr("nobody")));
    samples["works/b/level"] = Time{1'767'225'600'000'000'000};
    EXPECT_THAT(
        findings("s"),
        ElementsAre("2 twins match, none of their points has had a sample since "
                    "2026-01-01T00:00:00Z ('works/b/level'), before the subscription or "
                    "the server began",
                    HasSubstr("1 of 2 points have never had a sample"), HasSubstr("nobody")));
    ASSERT_TRUE(put(R"({"id":"s","properties":["depth"]})"));
    EXPECT_THAT(findings("s"),
                ElementsAre("2 twins match, but none has a property that 'depth' names",
                            HasSubstr("nobody")));
    ASSERT_TRUE(put(R"({"id":"s","root":"nowhere"})"));
    EXPECT_THAT(findings("s"),
                ElementsAre("there is no twin 'nowhere', the root", HasSubstr("nobody")));
    ASSERT_TRUE(put(R"({"id":"s","enabled":false,"twins":"works/a"})"));
    EXPECT_THAT(findings("s"), testing::Contains("the subscription is disabled"));
}

TEST_F(WatchManagerTest, the_self_test_asks_the_condition) {
    samples["works/a/level"] = samples["works/b/level"] = clock.now();
    ASSERT_TRUE(put(R"({"id":"s","properties":["level"],"where":"level > 5 AND depth > 1"})"));
    twins.set("works/a", "level", sql::Datum::real(9));
    const auto report = manager->test("s");
    EXPECT_EQ(report->where_false, 2u);
    EXPECT_THAT(report->findings,
                ElementsAre("'where' reads 'depth', which no model of the twins has; it is null",
                            "'where' is true for none of the 2 twins as they are now",
                            HasSubstr("nobody")));
    ASSERT_TRUE(put(R"({"id":"s","properties":["level"],"where":"level + 1"})"));
    twins.set("works/a", "level", sql::Datum::real(8));
    EXPECT_THAT(findings("s"),
                testing::Contains(HasSubstr("'where' cannot be computed for 1 twin: ")));
}

TEST_F(WatchManagerTest, the_self_test_goes_the_whole_way) {
    samples["works/a/level"] = clock.now();
    ASSERT_TRUE(put(R"({"id":"s","twins":"works/a","properties":["level"],
                        "deliver":{"mqtt":{"topic":"out/${twin}"}}})"));
    twins.set("works/a", "level", sql::Datum::real(8));
    const auto stream = std::make_shared<Stream>();
    ASSERT_TRUE(manager->read("s", stream, {}));
    auto report = manager->test("s");
    EXPECT_THAT(report->findings, ElementsAre());
    EXPECT_EQ(report->topic, "out/works/a");
    EXPECT_EQ(report->subscribers, 2u);
    EXPECT_TRUE(report->mqtt_taken);
    EXPECT_EQ(report->readers, 1u);
    EXPECT_EQ(stream->tests, 1);
    outlet.subscribers = 0;
    EXPECT_THAT(findings("s"), ElementsAre("no MQTT client subscribes to 'out/works/a'"));
    outlet.subscribers = 1;
    outlet.refuses = true;
    EXPECT_THAT(findings("s"), ElementsAre("the broker did not take the test event on "
                                           "'out/works/a'",
                                           "the broker refused 1 event"));
    outlet.silent = true;
    EXPECT_THAT(findings("s", milliseconds(30)),
                testing::Contains("the broker did not take the test event on 'out/works/a'"));
}

}  // namespace
}  // namespace hw::twin
