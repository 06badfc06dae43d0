#include "rules/manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/rule_json.h"
#include "rules/test_support.h"

namespace hw::rules {
namespace {

using testing::HasSubstr;

// A manager with its catalogue in memory and a runtime that may run.
struct House {
    House() {
        sql::add_builtin_functions(functions);
        database = *catalog::Database::open(":memory:");
        audit = *catalog::AuditLog::open(*database, {}, clock, metrics());
        store = *RuleStore::open(*database);
        open();
    }
    ~House() { close(); }
    void open() {
        runtime = *Runtime::open({settings, clock, disk, functions, points, ports}, metrics());
        Manager::Rooms rooms{*store, *runtime, *audit, clock, settings, {}, {}, {}};
        rooms.check_connector = [](const ConnectorSpec& spec) -> Result<void> {
            if (spec.kind == "http") return {};
            return fail(ErrorCode::invalid_argument, "there is no such kind");
        };
        manager = std::make_unique<Manager>(std::move(rooms));
        started = manager->start();
    }
    void close() {
        runtime->stop();
        manager.reset();
        runtime.reset();
    }
    // A registry's collectors must stay valid: one for each runtime.
    Metrics& metrics() { return *all_metrics.emplace_back(std::make_unique<Metrics>()); }

    Settings settings;
    SystemClock clock;
    io::SimDisk disk{1};
    sql::FunctionTable functions;
    model::PointDirectory points{1000};
    FakePorts ports{points};
    std::vector<std::unique_ptr<Metrics>> all_metrics;
    std::unique_ptr<catalog::Database> database;
    std::unique_ptr<catalog::AuditLog> audit;
    std::unique_ptr<RuleStore> store;
    std::unique_ptr<Runtime> runtime;
    std::unique_ptr<Manager> manager;
    Result<void> started;
    Change change{"ann", "test"};
};

RuleSpec spec(std::string id, std::string sql = R"(SELECT topic FROM "a")") {
    return rule_spec(std::move(id), std::move(sql),
                     {action_spec("republish", R"({"topic":"out"})")});
}

TEST(Manager, KeepsRulesAndTheirVersions) {
    House house;
    ASSERT_TRUE(house.started);
    const auto made = house.manager->create(spec("r1"), house.change);
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ((*made)->version, 1);
    EXPECT_EQ(house.manager->create(spec("r1"), house.change).error().code(), ErrorCode::conflict);
    const auto patched = house.manager->patch(
        "r1", R"({"sql":"SELECT qos\nFROM \"a\"","description":"new"})", house.change);
    ASSERT_TRUE(patched) << patched.error().text();
    EXPECT_EQ((*patched)->version, 2);
    EXPECT_EQ(house.manager->versions("r1")->size(), 2);
    const auto diff = house.manager->diff("r1", 1, 2);
    ASSERT_TRUE(diff);
    EXPECT_THAT(*diff, HasSubstr("-  \"description\": \"\","));
    EXPECT_THAT(*diff, HasSubstr("+    \"SELECT qos\","));
    const auto back = house.manager->roll_back("r1", 1, house.change);
    ASSERT_TRUE(back);
    EXPECT_EQ((*back)->version, 3);
    EXPECT_EQ((*back)->spec.sql, spec("r1").sql);
    Change old{"ann", "test", 2};
    EXPECT_EQ(house.manager->set_enabled("r1", false, old).error().code(), ErrorCode::conflict);
    house.close();
    house.open();
    const auto again = house.manager->get("r1");
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->version, 3);
    EXPECT_EQ((*again)->actor, "ann");
    ASSERT_TRUE(house.manager->remove("r1", house.change));
    EXPECT_EQ(house.manager->get("r1").error().code(), ErrorCode::not_found);
    EXPECT_TRUE(house.audit->flush());
    const auto page = house.audit->query({});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->records.size(), 6) << "refused ones too";
    EXPECT_EQ(page->records.front().action, "rule.delete");
}

TEST(Manager, ARefusedStatementTellsItsPlaceAndChangesNothing) {
    House house;
    ASSERT_TRUE(house.manager->create(spec("r1"), house.change));
    const auto put = house.manager->patch("r1", R"({"sql":"SELECT x\nFRM \"a\""})", house.change);
    ASSERT_FALSE(put);
    ASSERT_TRUE(house.change.flaw);
    EXPECT_EQ(house.change.flaw->place.line, 2);
    EXPECT_EQ((*house.manager->get("r1"))->version, 1);
    EXPECT_EQ(house.store->versions("r1")->size(), 1);
    EXPECT_TRUE(house.manager->figures("r1"));
}

TEST(Manager, OldVersionsGo) {
    House house;
    house.settings.versions_limit = 3;
    ASSERT_TRUE(house.manager->create(spec("r1"), house.change));
    for (int i = 0; i < 6; ++i)
        ASSERT_TRUE(house.manager->patch("r1", R"({"description":")" + std::to_string(i) + "\"}",
                                         house.change));
    const auto versions = house.manager->versions("r1");
    ASSERT_EQ(versions->size(), 3);
    EXPECT_EQ(versions->front().version, 7);
    EXPECT_EQ(house.manager->roll_back("r1", 1, house.change).error().code(), ErrorCode::not_found);
}

TEST(Manager, PausedRulesDoNotRunButAreChecked) {
    House house;
    RuleSpec paused = spec("r1");
    paused.enabled = false;
    ASSERT_TRUE(house.manager->create(paused, house.change));
    EXPECT_FALSE(house.manager->figures("r1"));
    EXPECT_FALSE(house.manager->active("r1"));
    EXPECT_FALSE(house.manager->patch("r1", R"({"sql":"SELECT"})", house.change));
    ASSERT_TRUE(house.manager->set_enabled("r1", true, house.change));
    EXPECT_TRUE(house.manager->figures("r1"));
    EXPECT_TRUE(house.manager->active("r1"));
    RuleSpec never = spec("r2");
    never.schedule.ranges = {{"2001-01-01T00:00:00Z", "2001-01-02T00:00:00Z"}};
    ASSERT_TRUE(house.manager->create(never, house.change));
    EXPECT_FALSE(house.manager->figures("r2"));
}

TEST(Manager, StreamsAreKeptAndGuardedByTheirRules) {
    House house;
    const std::string sql = R"(CREATE STREAM demo () WITH (DATASOURCE="x", FORMAT="json"))";
    EXPECT_FALSE(house.manager->create(spec("r1", "SELECT a FROM demo"), house.change));
    ASSERT_TRUE(house.manager->put_stream(sql, false, house.change));
    EXPECT_EQ(house.manager->put_stream(sql, false, house.change).error().code(),
              ErrorCode::conflict);
    ASSERT_TRUE(house.manager->create(spec("r1", "SELECT a FROM demo"), house.change));
    EXPECT_EQ(house.manager->remove_stream("demo", house.change).error().code(),
              ErrorCode::conflict);
    ASSERT_TRUE(house.manager->put_stream(
        R"(CREATE STREAM demo () WITH (DATASOURCE="y", FORMAT="json"))", true, house.change));
    house.close();
    house.open();
    EXPECT_TRUE(house.manager->figures("r1"));
    EXPECT_THAT(house.manager->get_stream("demo")->sql, HasSubstr("\"y\""));
    EXPECT_TRUE(house.runtime->interest().message("y").any);
    EXPECT_FALSE(house.runtime->interest().message("x").any);
}

TEST(Manager, AKeptSecretGoesToItsOldPeerOnly) {
    House house;
    bool created = false;
    const auto put = [&](const char* settings) {
        sql::JsonReader reader;
        const std::string text =
            std::string(R"({"name":"web","kind":"http","settings":)") + settings + "}";
        return house.manager->put_connector(*connector_of(*reader.read(text)), house.change,
                                            created);
    };
    const auto password = [&] {
        const sql::Datum* found =
            house.manager->get_connector("web")->settings.find("password");
        return found == nullptr ? std::string() : std::string(found->as_text());
    };
    ASSERT_TRUE(put(R"({"url":"https://a","password":"deep","batch_size":1})"));
    EXPECT_TRUE(put(R"({"url":"https://a","password":"******","batch_size":2})"));
    EXPECT_EQ(password(), "deep");
    const auto elsewhere = put(R"({"url":"https://b","password":"******","batch_size":2})");
    ASSERT_FALSE(elsewhere);
    EXPECT_THAT(elsewhere.error().text(), HasSubstr("'url' changes"));
    EXPECT_FALSE(put(R"({"url":"https://a","proxy":"http://b","password":"******"})"));
    EXPECT_FALSE(put(R"({"password":"******"})"));
    EXPECT_EQ(password(), "deep");
    EXPECT_TRUE(put(R"({"url":"https://b","password":"new"})"));
    EXPECT_EQ(password(), "new");
}

TEST(Manager, ExportsAndImportsAll) {
    House house;
    bool created = false;
    sql::JsonReader reader;
    const auto json = *reader.read(R"({"name":"web","kind":"http","settings":{"url":"u",
        "password":"file:p"}})");
    ASSERT_TRUE(house.manager->put_connector(*connector_of(json), house.change, created));
    EXPECT_TRUE(created);
    EXPECT_FALSE(house.manager->put_connector({"x", "what", "", sql::Datum::object({})},
                                              house.change, created));
    ASSERT_TRUE(house.manager->put_stream(R"(CREATE STREAM demo () WITH (DATASOURCE="x"))", false,
                                          house.change));
    ASSERT_TRUE(house.manager->create(spec("r1", "SELECT a FROM demo"), house.change));
    const std::string text = house.manager->export_all();
    House other;
    const auto report = other.manager->import_all(text, other.change);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->errors.empty()) << report->errors.front();
    EXPECT_EQ(report->created, 3);
    EXPECT_EQ(other.manager->export_all(), text);
    const auto again = other.manager->import_all(text, other.change);
    EXPECT_EQ(again->unchanged, 1);
    const auto bad = other.manager->import_all(
        R"({"rules":[{"id":"x","sql":"SELECT"},{"id":"y","sql":"SELECT 1 AS a FROM \"t\""}]})",
        other.change);
    ASSERT_EQ(bad->errors.size(), 1);
    EXPECT_THAT(bad->errors[0], HasSubstr("rules[0]: 'x'"));
    EXPECT_EQ(bad->created, 1);
}

TEST(Manager, WorksWhileTheRulesRun) {
    House house;
    ASSERT_TRUE(house.runtime->start());
    ASSERT_TRUE(house.manager->create(spec("r1"), house.change));
    Lane& lane = house.runtime->add_lane("mqtt");
    MessageFields fields;
    fields.topic = "a";
    lane.add(message_event(fields, house.clock.now(), {}));
    lane.offer();
    // A call comes after what was offered before it was taken, at the latest the second.
    for (int i = 0; i < 1'000 && house.manager->figures("r1")->out == 0; ++i) {
    }
    EXPECT_EQ(house.manager->figures("r1")->out, 1);
    ASSERT_TRUE(house.manager->remove("r1", house.change));
    house.runtime->stop();
    EXPECT_EQ(house.ports.published.size(), 1);
}

}  // namespace
}  // namespace hw::rules
