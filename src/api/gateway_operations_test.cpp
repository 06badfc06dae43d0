#include "api/gateway_operations.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "api/access_guard.h"
#include "api/api_test_support.h"
#include "api/router.h"

namespace hw::api {
namespace {

using testing::HasSubstr;

Result<gateway::AddressFacts> check(std::string_view address, gateway::TagType) {
    if (address.starts_with('r')) return gateway::AddressFacts{};
    return hw::fail(ErrorCode::invalid_argument, "position 1: an address is like r1");
}
Result<std::unique_ptr<gateway::Driver>> make(const gateway::DriverSettings&,
                                              gateway::DriverHost&) {
    return hw::fail(ErrorCode::unsupported, "not run here");
}
constexpr gateway::TagType types[] = {gateway::TagType::float32};
constexpr gateway::AddressNote notes[] = {{"rN", "r1", "Register N"}};
constexpr gateway::DriverInfo plain_driver = {
    "plain", "Plain", "For tests", gateway::LinkKind::serial, {}, types, notes, check, make};

constexpr const char* plc1 =
    R"({"name":"works/plc1","driver":"plain","settings":{"serial_port":"/dev/x"},
    "groups":[{"name":"g","tags":[{"name":"a","address":"r1"},{"name":"b","address":"r2"}]}]})";

// The operations over a catalogue in memory; no device runs.
class GatewayApi : public testing::Test {
  protected:
    void SetUp() override {
        drivers_.add(plain_driver);
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
        store_ = std::move(*gateway::DeviceStore::open(*database_));
        manager_ = std::make_unique<gateway::Manager>(
            gateway::Manager::Rooms{*store_, drivers_, *audit_, clock_, nullptr, nullptr});
        operations_ = std::make_unique<GatewayOperations>(
            settings_,
            GatewayOperations::Rooms{manager_.get(), nullptr, &drivers_, audit_.get(), clock_});
        operations_->add_to(table_);
    }

    // As the router does it.
    Answer ask(std::string method, std::string path, std::string body = "",
               std::vector<std::pair<std::string, std::string>> headers = {},
               std::vector<std::pair<std::string, std::string>> query = {}) {
        auto answer = std::make_shared<Answer>();
        Exchange exchange = make_exchange(answer, std::move(path), std::move(query));
        exchange.request.method = std::move(method);
        exchange.request.body = std::move(body);
        exchange.request.headers = std::move(headers);
        exchange.request.peer = "127.0.0.1:1";
        const Operation* found = nullptr;
        Match best;
        for (const auto& operation : table_) {
            auto match = match_path(operation.path, exchange.request);
            if (!match || match->literals < best.literals ||
                operation.method != exchange.request.method)
                continue;
            best = std::move(*match);
            found = &operation;
        }
        if (found == nullptr) return *answer;
        exchange.places = best.places;
        EXPECT_FALSE(Guard(nullptr).admit(exchange, *found));
        found->run(std::move(exchange));
        EXPECT_TRUE(answer->finished);
        return *answer;
    }

    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    Metrics metrics_;
    Settings settings_;
    gateway::DriverRegistry drivers_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::unique_ptr<gateway::DeviceStore> store_;
    std::unique_ptr<gateway::Manager> manager_;
    std::unique_ptr<GatewayOperations> operations_;
    std::vector<Operation> table_;
};

TEST_F(GatewayApi, DevicesAreCreatedChangedAndRemoved) {
    auto answer = ask("POST", "/api/v1/devices", plc1);
    EXPECT_EQ(answer.response.status, 201u);
    EXPECT_EQ(answer.header("location"), "/api/v1/devices/works/plc1");
    const std::string etag = answer.header("etag");
    EXPECT_EQ(ask("POST", "/api/v1/devices", plc1).response.status, 409u);
    answer = ask("PATCH", "/api/v1/devices/works/plc1/groups/g/tags/a", R"({"scale":2})",
                 {{"if-match", etag}});
    EXPECT_EQ(answer.response.status, 200u);
    EXPECT_THAT(answer.response.body, HasSubstr(R"("scale":2,)"));
    EXPECT_NE(answer.header("etag"), etag);
    answer = ask("PUT", "/api/v1/devices/works/plc1", plc1, {{"if-match", etag}});
    EXPECT_EQ(answer.response.status, 412u);
    EXPECT_EQ(ask("PUT", "/api/v1/devices/works/plc1", plc1).response.status, 200u);
    EXPECT_EQ(ask("PUT", "/api/v1/devices/works/plc2", plc1).response.status, 400u);
    EXPECT_EQ(ask("GET", "/api/v1/devices/works/plc1/state").response.status, 503u);
    answer = ask("GET", "/api/v1/devices/works/plc1/tags", "", {}, {{"format", "csv"}});
    EXPECT_THAT(answer.response.body, HasSubstr("g,b,works/plc1/b,r2,float,read,,,,,\n"));
    EXPECT_EQ(ask("DELETE", "/api/v1/devices/works/plc1").response.status, 204u);
    EXPECT_EQ(ask("GET", "/api/v1/devices/works/plc1").response.status, 404u);
}

TEST_F(GatewayApi, EveryFlawIsInTheProblem) {
    const auto answer = ask("POST", "/api/v1/devices",
                            R"({"name":"a","driver":"plain","groups":[{"name":"g","tags":[
                            {"name":"x","address":"4","scale":0}]}]})");
    EXPECT_EQ(answer.response.status, 422u);
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    for (const char* part : {R"({"group":"","tag":"","field":"settings.serial_port")",
                             R"({"group":"g","tag":"x","field":"scale")",
                             R"({"group":"g","tag":"x","field":"address","text":"position 1: )"})
        EXPECT_THAT(answer.response.body, HasSubstr(part));
}

TEST_F(GatewayApi, ListsComeInPages) {
    for (const char* name : {"a", "b", "c"})
        EXPECT_EQ(ask("POST", "/api/v1/devices",
                      fmt::format(R"({{"name":"{}","driver":"plain","settings":)"
                                  R"({{"serial_port":"/dev/x"}}}})",
                                  name))
                      .response.status,
                  201u);
    auto answer = ask("GET", "/api/v1/devices", "", {}, {{"limit", "2"}});
    EXPECT_THAT(answer.response.body, HasSubstr(R"("name":"b")"));
    EXPECT_THAT(answer.response.body, testing::Not(HasSubstr(R"("name":"c")")));
    answer = ask("GET", "/api/v1/devices", "", {},
                 {{"limit", "2"}, {"cursor", answer.header("x-next-cursor")}});
    EXPECT_THAT(answer.response.body, HasSubstr(R"({"items":[{"name":"c")"));
    EXPECT_THAT(answer.response.body, HasSubstr(R"("next":null)"));
    EXPECT_EQ(ask("GET", "/api/v1/devices", "", {}, {{"limti", "2"}}).response.status, 400u);
}

TEST_F(GatewayApi, TheAuditTellsWho) {
    ask("POST", "/api/v1/devices", plc1, {{"x-forwarded-user", "anna"}});
    const auto answer = ask("GET", "/api/v1/audit", "", {}, {{"format", "csv"}});
    EXPECT_THAT(answer.response.body,
                HasSubstr("2023-11-14T22:13:20Z,anna,http 127.0.0.1:1,device.create,works/plc1,,"));
}

TEST_F(GatewayApi, DriversDescribeThemselves) {
    const auto answer = ask("GET", "/api/v1/drivers/plain");
    EXPECT_THAT(answer.response.body, HasSubstr(R"("choices":["none","even","odd"])"));
    EXPECT_THAT(answer.response.body, HasSubstr(R"({"form":"rN","example":"r1")"));
    EXPECT_THAT(ask("GET", "/api/v1/drivers/plian").response.body,
                HasSubstr("did you mean 'plain'?"));
}

TEST_F(GatewayApi, WritesNeedDevicesThatRun) {
    EXPECT_EQ(ask("POST", "/api/v1/points/a/b/write", R"({"value":1})").response.status, 503u);
}

TEST_F(GatewayApi, TheDescriptionIsWhole) {
    const std::string text = openapi_json(table_, {}, "1");
    std::set<std::string_view> ids;
    for (const auto& operation : table_)
        EXPECT_TRUE(ids.insert(operation.id).second) << operation.id;
    // A ';' within a description would end it.
    for (const char* word : {"ETag", "Location"})
        EXPECT_EQ(text.find(fmt::format("\"{}\":", word)), std::string::npos) << word;
    constexpr std::string_view reference = "#/components/schemas/";
    size_t references = 0;
    for (size_t at = text.find(reference); at != std::string::npos;
         at = text.find(reference, at + 1)) {
        const size_t begin = at + reference.size();
        const std::string name = text.substr(begin, text.find('"', begin) - begin);
        EXPECT_NE(text.find(fmt::format("\"{}\":{{", name)), std::string::npos) << name;
        ++references;
    }
    EXPECT_GT(references, 50u);
    EXPECT_NE(text.find(R"({"name":"tag","in":"path")"), std::string::npos);
}

}  // namespace
}  // namespace hw::api
