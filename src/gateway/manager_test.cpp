#include "gateway/manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "gateway/device_json.h"

namespace hw::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A driver whose addresses are "r" and a number.
Result<AddressFacts> check(std::string_view address, TagType) {
    if (address.size() > 1 && address[0] == 'r') return AddressFacts{};
    return fail(ErrorCode::invalid_argument,
                "address: position 1: an address is r and a number, e.g. r1");
}
Result<std::unique_ptr<Driver>> make(const DriverSettings&, DriverHost&) {
    return fail(ErrorCode::unsupported, "not run here");
}
constexpr TagType types[] = {TagType::float32, TagType::int16};
constexpr Property settings[] = {{"slot", PropertyType::integer, "1", "Slot", 0, 10}};
constexpr DriverInfo plain_driver = {
    "plain", "Plain", "For tests", LinkKind::tcp_client, settings, types, {}, check, make};

constexpr std::string_view plc1 = R"({"name":"works/plc1","driver":"plain",
"settings":{"host":"h","port":5},"groups":[{"name":"fast","interval_ms":1000,"tags":[
{"name":"flow","address":"r1"},{"name":"level","address":"r2","point":"works/plc1/tank/level"}]},
{"name":"slow","tags":[]}]})";

// What the running gateway was told, and what it shall refuse.
struct FakeGateway {
    std::map<std::string, DeviceSpec> devices;
    std::string refuse;  // the name of a device
    int applied = 0;

    Result<void> apply(CheckedDevice device) {
        ++applied;
        if (device.spec.name == refuse) return fail(ErrorCode::conflict, "refused by the gateway");
        devices[device.spec.name] = device.spec;
        return {};
    }
};

class ManagerTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / "manager_test.d";
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        drivers_.add(plain_driver);
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
        store_ = std::move(*DeviceStore::open(*database_));
        start();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void start() {
        gateway_.devices.clear();
        manager_.reset();
        manager_ = std::make_unique<Manager>(Manager::Rooms{
            *store_, drivers_, *audit_, clock_,
            [this](CheckedDevice device) { return gateway_.apply(std::move(device)); },
            [this](std::string_view name) {
                return gateway_.devices.erase(std::string(name)) > 0;
            }});
        const auto started = manager_->start(folder_.string());
        ASSERT_TRUE(started) << started.error().text();
    }
    void create(std::string_view json) {
        Change change = by_anna();
        const auto made = manager_->create(*read_device(json), change);
        ASSERT_TRUE(made) << made.error().text();
    }
    static Change by_anna() { return {"anna", "test"}; }
    DeviceSpec spec(std::string_view name) {
        const auto device = manager_->get(name);
        EXPECT_TRUE(device) << device.error().text();
        return device ? (*device)->spec : DeviceSpec();
    }
    // Store, list and gateway agree.
    void expect_consistent() {
        const auto stored = store_->load();
        ASSERT_TRUE(stored);
        const auto listed = manager_->list();
        ASSERT_EQ(stored->size(), listed.size());
        for (size_t i = 0; i < listed.size(); ++i) {
            EXPECT_EQ((*stored)[i].spec, listed[i]->spec);
            EXPECT_EQ((*stored)[i].revision, listed[i]->revision);
            if (listed[i]->problem.empty()) {
                EXPECT_EQ(gateway_.devices[listed[i]->spec.name], listed[i]->spec);
            }
        }
        EXPECT_LE(gateway_.devices.size(), listed.size());
    }
    std::vector<std::string> actions() {
        EXPECT_TRUE(audit_->flush());
        std::vector<std::string> all;
        const auto page = audit_->query({});
        for (const auto& record : page->records)
            all.push_back(record.action + " " + record.target + " " + record.result);
        std::reverse(all.begin(), all.end());
        return all;
    }

    std::filesystem::path folder_;
    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    Metrics metrics_;
    DriverRegistry drivers_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::unique_ptr<DeviceStore> store_;
    FakeGateway gateway_;
    std::unique_ptr<Manager> manager_;
};

TEST_F(ManagerTest, ADeviceLivesFromCreationToRemoval) {
    create(plc1);
    expect_consistent();
    Change change = by_anna();
    EXPECT_EQ(manager_->create(*read_device(plc1), change).error().code(), ErrorCode::conflict);
    ASSERT_TRUE(manager_->set_enabled("works/plc1", false, change));
    EXPECT_FALSE(spec("works/plc1").enabled);
    ASSERT_TRUE(manager_->patch("works/plc1", R"({"name":"works/plc2","enabled":true})", change));
    EXPECT_FALSE(manager_->get("works/plc1"));
    EXPECT_THAT(manager_->get("works/plc3").error().text(),
                HasSubstr("did you mean 'works/plc2'?"));
    expect_consistent();
    ASSERT_TRUE(manager_->remove("works/plc2", change));
    EXPECT_EQ(manager_->size(), 0u);
    EXPECT_TRUE(gateway_.devices.empty());
    expect_consistent();
    EXPECT_THAT(actions(),
                ElementsAre("device.create works/plc1 ok", "device.create works/plc1 conflict",
                            "device.disable works/plc1 ok", "device.rename works/plc1 ok",
                            "device.remove works/plc2 ok"));
}

TEST_F(ManagerTest, SurvivesARestart) {
    create(plc1);
    const auto before = spec("works/plc1");
    start();
    EXPECT_EQ(spec("works/plc1"), before);
    EXPECT_EQ(gateway_.devices.at("works/plc1"), before);
}

TEST_F(ManagerTest, FlawsAreAllTold) {
    Change change = by_anna();
    const auto made = manager_->create(
        *read_device(R"({"name":"a","driver":"plain","settings":{"host":"h","port":5,"slto":1},
        "groups":[{"name":"g","tags":[{"name":"x","address":"4"},
        {"name":"y","address":"r1","type":"string"}]}]})"),
        change);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), ErrorCode::invalid_argument);
    ASSERT_EQ(change.flaws.size(), 3u);
    EXPECT_EQ(change.flaws[1].tag, "x");
    EXPECT_EQ(change.flaws[1].field, "address");
    EXPECT_THAT(change.flaws[1].text, HasSubstr("position 1"));
    EXPECT_EQ(manager_->size(), 0u);
    expect_consistent();
}

TEST_F(ManagerTest, WhatTheGatewayRefusesIsNotKept) {
    create(plc1);
    gateway_.refuse = "works/plc1";
    Change change = by_anna();
    const auto changed = manager_->patch("works/plc1", R"({"description":"x"})", change);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().text(), "refused by the gateway");
    expect_consistent();
    gateway_.refuse = "works/plc2";
    EXPECT_FALSE(manager_->patch("works/plc1", R"({"name":"works/plc2"})", change));
    EXPECT_EQ(gateway_.devices.size(), 1u);
    expect_consistent();
}

TEST_F(ManagerTest, RevisionsGuardChanges) {
    create(plc1);
    const int64_t revision = (*manager_->get("works/plc1"))->revision;
    Change change = by_anna();
    change.revision = revision;
    ASSERT_TRUE(manager_->patch("works/plc1", R"({"description":"x"})", change));
    const auto late = manager_->patch("works/plc1", R"({"description":"y"})", change);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), ErrorCode::conflict);
    EXPECT_THAT(late.error().text(), HasSubstr("was changed meanwhile"));
    // Nothing to change is no change.
    const int64_t now = (*manager_->get("works/plc1"))->revision;
    Change same = by_anna();
    ASSERT_TRUE(manager_->patch("works/plc1", R"({"description":"x"})", same));
    EXPECT_EQ((*manager_->get("works/plc1"))->revision, now);
}

TEST_F(ManagerTest, GroupsAndTagsChangeOneByOne) {
    create(plc1);
    Change change = by_anna();
    ASSERT_TRUE(manager_->put_tag("works/plc1", "fast", "temp", R"({"address":"r9"})", change));
    ASSERT_TRUE(manager_->patch_tag("works/plc1", "fast", "flow", R"({"scale":2})", change));
    ASSERT_TRUE(manager_->patch_tag("works/plc1", "fast", "level", R"({"group":"slow"})", change));
    auto now = spec("works/plc1");
    ASSERT_EQ(now.groups[0].tags.size(), 2u);
    EXPECT_EQ(now.groups[0].tags[0].scale, 2);
    EXPECT_EQ(now.groups[0].tags[1].name, "temp");
    EXPECT_EQ(now.groups[1].tags[0].name, "level");
    ASSERT_TRUE(manager_->put_group(
        "works/plc1", "new", R"({"interval":"5s","tags":[{"name":"n","address":"r3"}]})", change));
    ASSERT_TRUE(manager_->remove_tag("works/plc1", "fast", "temp", change));
    ASSERT_TRUE(manager_->remove_group("works/plc1", "slow", change));
    now = spec("works/plc1");
    ASSERT_EQ(now.groups.size(), 2u);
    EXPECT_EQ(now.groups[1].interval, seconds(5));
    expect_consistent();
    EXPECT_THAT(manager_->patch_tag("works/plc1", "fast", "flwo", "{}", change).error().text(),
                HasSubstr("did you mean 'flow'?"));
    EXPECT_THAT(manager_->remove_group("works/plc1", "fsat", change).error().text(),
                HasSubstr("did you mean 'fast'?"));
    EXPECT_THAT(
        manager_->put_tag("works/plc1", "fast", "a", R"({"name":"b"})", change).error().text(),
        HasSubstr("the body is of tag 'b', the address of 'a'"));
}

TEST_F(ManagerTest, ACopyHasPointsOfItsOwn) {
    create(plc1);
    Change change = by_anna();
    ASSERT_TRUE(
        manager_->copy("works/plc1", R"({"name":"works/plc9","settings":{"host":"i"}})", change));
    const auto copy = spec("works/plc9");
    EXPECT_EQ(copy.settings[0].second, "i");
    EXPECT_EQ(copy.groups[0].tags[1].point, "works/plc9/tank/level");
    EXPECT_THAT(manager_->copy("works/plc1", "{}", change).error().text(), HasSubstr("no name"));
    expect_consistent();
}

TEST_F(ManagerTest, ReservedWordsAreNoNames) {
    for (const char* name : {"works/state", "tags", "import", "a/b/copy"}) {
        EXPECT_FALSE(check_reserved(name)) << name;
    }
    for (const char* name : {"works/plc1", "state/plc", "a/import", "statement"})
        EXPECT_TRUE(check_reserved(name)) << name;
}

TEST_F(ManagerTest, FilesRuleTheirDevices) {
    create(plc1);
    std::ofstream(folder_ / "plc.toml") << "name = \"works/plc1\"\ndriver = \"plain\"\n"
                                           "[settings]\nhost = \"f\"\nport = 7\n";
    std::ofstream(folder_ / "bad.toml") << "name = \"works/bad\"\ndrivre = \"plain\"\n";
    start();
    auto device = *manager_->get("works/plc1");
    EXPECT_EQ(device->origin, "plc.toml");
    EXPECT_EQ(device->spec.settings[0].second, "f");
    EXPECT_EQ(manager_->size(), 1u);
    expect_consistent();
    Change change = by_anna();
    EXPECT_THAT(manager_->patch("works/plc1", R"({"enabled":false})", change).error().text(),
                HasSubstr("is defined by the file plc.toml"));
    EXPECT_EQ(manager_->remove("works/plc1", change).error().code(), ErrorCode::conflict);
    // Broken now: the device stays as it was. Gone: the device goes.
    std::ofstream(folder_ / "plc.toml") << "name = ";
    start();
    EXPECT_TRUE(manager_->get("works/plc1"));
    std::filesystem::remove(folder_ / "plc.toml");
    start();
    EXPECT_EQ(manager_->size(), 0u);
    expect_consistent();
}

TEST_F(ManagerTest, WhatCannotRunSaysWhy) {
    create(plc1);
    gateway_.refuse = "works/plc1";
    start();
    EXPECT_EQ((*manager_->get("works/plc1"))->problem, "refused by the gateway");
    gateway_.refuse = "";
    Change change = by_anna();
    ASSERT_TRUE(manager_->patch("works/plc1", "{}", change));
    EXPECT_EQ((*manager_->get("works/plc1"))->problem, "");
    expect_consistent();
}

constexpr std::string_view table =
    "device,group,interval_ms,name,address,type,scale\n"
    "works/plc1,fast,500,flow,r1,float,3\n"
    "works/plc1,new,,n1,r5,float,\n"
    "works/plc1,new,,n2,5,float,\n"
    "works/plc7,new,,n3,r5,float,\n"
    "works/plc1,new,,n4,r6,flaot,\n"
    "works/plc1,fast,,level,r2,float,\n";

TEST_F(ManagerTest, ATableOfTagsComesIn) {
    create(plc1);
    const auto before = spec("works/plc1");
    Change change = by_anna();
    auto report = manager_->import_tags(table, "", {.dry_run = true}, change);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->applied);
    EXPECT_EQ(report->tags_added, 1u);
    EXPECT_EQ(report->tags_changed, 2u);
    ASSERT_EQ(report->errors.size(), 3u);
    EXPECT_EQ(report->errors[0].line, 4u);
    EXPECT_EQ(report->errors[0].field, "address");
    EXPECT_EQ(report->errors[1].line, 5u);
    EXPECT_THAT(report->errors[1].text, HasSubstr("did you mean 'works/plc1'?"));
    EXPECT_EQ(report->errors[2].line, 6u);
    EXPECT_EQ(spec("works/plc1"), before);

    report = manager_->import_tags(table, "", {.all_or_nothing = true}, change);
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->applied);
    EXPECT_EQ(spec("works/plc1"), before);

    report = manager_->import_tags(table, "", {}, change);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->applied);
    const auto now = spec("works/plc1");
    EXPECT_EQ(now.groups[0].interval, milliseconds(500));
    EXPECT_EQ(now.groups[0].tags[0].scale, 3);
    ASSERT_EQ(now.groups.size(), 3u);
    EXPECT_EQ(now.groups[2].tags.size(), 1u);
    expect_consistent();
}

TEST_F(ManagerTest, DevicesComeInAsJson) {
    create(plc1);
    Change change = by_anna();
    constexpr std::string_view devices = R"([
        {"name":"works/plc1","driver":"plain","settings":{"host":"z","port":5}},
        {"name":"works/b","driver":"plain","settings":{"host":"h","port":5},
         "groups":[{"name":"g","tags":[{"name":"x","address":"r1"},{"name":"y","address":"4"},
         {"name":"z","address":"r1","point":"works/c/x"}]}]},
        {"name":"works/c","driver":"plain","settings":{"host":"h","port":5},
         "groups":[{"name":"g","tags":[{"name":"x","address":"r1"}]}]},
        {"name":"works/d","driver":"plian"},
        {"nmae":"works/e"}])";
    const auto report = manager_->import_devices(devices, {}, change);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->devices_created, 2u);
    EXPECT_EQ(report->devices_changed, 1u);
    EXPECT_EQ(report->tags_removed, 2u);
    EXPECT_EQ(report->tags_added, 2u);
    EXPECT_EQ(report->errors.size(), 4u);
    EXPECT_EQ(spec("works/b").groups[0].tags.size(), 2u);
    EXPECT_THAT(spec("works/c").groups[0].tags, IsEmpty());
    expect_consistent();
}

TEST_F(ManagerTest, AllOrNothingTakesBackWhatTheGatewayRefuses) {
    create(plc1);
    const auto before = spec("works/plc1");
    gateway_.refuse = "works/z";
    Change change = by_anna();
    const auto report = manager_->import_devices(
        R"([{"name":"works/a","driver":"plain","settings":{"host":"h","port":5}},
            {"name":"works/plc1","driver":"plain","settings":{"host":"z","port":5}},
            {"name":"works/z","driver":"plain","settings":{"host":"h","port":5}}])",
        {.all_or_nothing = true}, change);
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->applied);
    ASSERT_EQ(report->errors.size(), 1u);
    EXPECT_EQ(report->errors[0].text, "refused by the gateway");
    EXPECT_EQ(spec("works/plc1"), before);
    EXPECT_EQ(manager_->size(), 1u);
    expect_consistent();
}

TEST_F(ManagerTest, TemplatesMakeDevices) {
    const auto what = read_template(
        R"({"name":"pump","parameters":[{"name":"host"},{"name":"slot","default":1}],
        "device":{"driver":"plain","settings":{"host":"${host}","port":5,"slot":"${slot}"},
        "groups":[{"name":"g","tags":[{"name":"x","address":"r1"}]}]}})",
        "");
    ASSERT_TRUE(what) << what.error().text();
    Change change = by_anna();
    bool created = false;
    ASSERT_TRUE(manager_->put_template(*what, change, created));
    EXPECT_TRUE(created);
    start();
    const auto instances =
        read_instance_table("name,host,slot\nw/a,h1,\nw/b,h2,99\nw/c,h3,2\n", *what);
    ASSERT_TRUE(instances);
    auto report = manager_->make_instances("pump", *instances, {}, change);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->devices_created, 2u);
    ASSERT_EQ(report->errors.size(), 1u);
    EXPECT_EQ(report->errors[0].line, 3u);
    EXPECT_EQ(report->errors[0].field, "settings.slot");
    report = manager_->make_instances("pump", *instances, {}, change);
    EXPECT_EQ(report->errors.size(), 3u);
    EXPECT_FALSE(report->applied);
    ASSERT_TRUE(manager_->remove_template("pump", change));
    EXPECT_FALSE(manager_->get_template("pump"));
    expect_consistent();
}

}  // namespace
}  // namespace hw::gateway
