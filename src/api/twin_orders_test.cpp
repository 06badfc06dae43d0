#include "api/twin_orders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_test_support.h"
#include "api/router.h"
#include "twin/order/order_test_support.h"

namespace hw::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view pump = R"({
  "@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"],
  "@id": "dtmi:x:Pump;1", "@type": "Interface",
  "contents": [
    {"@type": "Property", "name": "speed", "schema": "double", "writable": true, "maximum": 1500},
    {"@type": "Property", "name": "hours", "schema": "double"},
    {"@type": "Command", "name": "start", "request": {"name": "speed", "schema": "double"},
     "writes": [{"property": "speed", "value": "request"}]}
  ]
})";

// The operations over orders in memory, whose thread is this one.
class TwinOrdersApi : public testing::Test {
  protected:
    void SetUp() override {
        twins_.add_model(pump);
        twins_.add("works/pump1", "dtmi:x:Pump;1");
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
        orders_ = std::move(*twin::Orders::open(
            {}, {*database_, *audit_, twins_, clock_, metrics_, functions_, plant_.ports()}));
        orders_->begin();
        operations_ = std::make_unique<TwinOrderOperations>(
            settings_, TwinOrderOperations::Rooms{*orders_, clock_});
        operations_->add_to(table_);
    }

    std::shared_ptr<Answer> begin(std::string method, std::string path, std::string body = "",
                                  std::vector<std::pair<std::string, std::string>> query = {},
                                  std::vector<std::pair<std::string, std::string>> headers = {}) {
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
        if (found == nullptr) return answer;
        exchange.places = best.places;
        found->run(std::move(exchange));
        turn();
        return answer;
    }
    unsigned status(std::string method, std::string path, std::string body = "",
                    std::vector<std::pair<std::string, std::string>> query = {}) {
        last_ = *begin(std::move(method), std::move(path), std::move(body), std::move(query));
        EXPECT_TRUE(last_.finished);
        return last_.response.status;
    }
    void turn() {
        for (int i = 0; i < 4; ++i)
            orders_->run_once();
    }
    void answer_write(Result<std::optional<sql::Datum>> what) {
        ASSERT_FALSE(plant_.writes.empty());
        auto given = std::move(plant_.writes.front());
        plant_.writes.erase(plant_.writes.begin());
        given.done(std::move(what));
        turn();
    }

    ManualClock clock_{Time{1'767'225'600'000'000'000}};
    Metrics metrics_;
    Settings settings_;
    sql::FunctionTable functions_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    twin::FakeTwins twins_;
    twin::FakePlant plant_;
    std::unique_ptr<twin::Orders> orders_;
    std::unique_ptr<TwinOrderOperations> operations_;
    std::vector<Operation> table_;
    Answer last_;
};

TEST_F(TwinOrdersApi, ADesiredValueIsPutReadAndCancelled) {
    const std::string one = "/api/v1/twins/works/pump1/desired/speed";
    EXPECT_EQ(status("GET", one), 404u);
    EXPECT_EQ(status("PUT", one, R"({"value":900,"reason":"night"})"), 202u);
    EXPECT_EQ(plant_.writes.at(0).write.reason, "night");
    EXPECT_EQ(plant_.writes.at(0).write.origin, "http 127.0.0.1:1");
    EXPECT_EQ(status("GET", one), 200u);
    EXPECT_THAT(last_.response.body, HasSubstr(R"("value":900.0,"state":"sent")"));
    EXPECT_EQ(status("GET", "/api/v1/twins/works/pump1/desired"), 200u);
    EXPECT_THAT(last_.response.body, HasSubstr(R"({"items":[{"kind":"desired",)"));
    EXPECT_EQ(status("GET", "/api/v1/twins/works/none/desired"), 404u);
    EXPECT_EQ(status("DELETE", one), 200u);
    EXPECT_EQ(status("DELETE", one), 409u);
    EXPECT_EQ(status("DELETE", "/api/v1/twins/works/pump1/desired/hours"), 404u);
}

TEST_F(TwinOrdersApi, WaitingAnswersAtTheEnd) {
    const auto answer = begin("PUT", "/api/v1/twins/works/pump1/desired/speed", R"({"value":900})",
                              {{"wait", "10s"}});
    EXPECT_FALSE(answer->finished);
    answer_write(sql::Datum::real(900));
    EXPECT_EQ(answer->response.status, 200u);
    EXPECT_THAT(answer->response.body, HasSubstr(R"("state":"applied")"));
}

TEST_F(TwinOrdersApi, WhatIsWrongIsSaid) {
    const std::string one = "/api/v1/twins/works/pump1/desired/";
    EXPECT_EQ(status("PUT", one + "speed", "{"), 400u);
    EXPECT_EQ(status("PUT", one + "speed", R"({"value":1,"valve":2})"), 400u);
    EXPECT_EQ(status("PUT", one + "speed", R"({"value":1})", {{"wait", "1h"}}), 400u);
    EXPECT_EQ(status("PUT", one + "speed", R"({"value":1})", {{"weight", "1s"}}), 400u);
    EXPECT_EQ(status("PUT", one + "speed", R"({"value":1501})"), 422u);
    EXPECT_EQ(status("PUT", one + "hours", R"({"value":1})"), 422u);
    EXPECT_EQ(status("PUT", one + "none", R"({"value":1})"), 404u);
    EXPECT_EQ(status("GET", "/api/v1/twin/orders", "", {{"state", "odd"}}), 400u);
    EXPECT_EQ(status("GET", "/api/v1/twin/orders", "", {{"kind", "odd"}}), 400u);
    EXPECT_TRUE(plant_.writes.empty());
}

TEST_F(TwinOrdersApi, ACommandIsGivenOnce) {
    const std::string all = "/api/v1/twins/works/pump1/commands";
    auto answer = begin("POST", all + "/start", "900", {}, {{"idempotency-key", "k/1"}});
    EXPECT_EQ(answer->response.status, 202u);
    EXPECT_EQ(answer->header("location"), "/api/v1/twin/commands/k%2F1");
    answer = begin("POST", all + "/start", "900", {}, {{"idempotency-key", "k/1"}});
    EXPECT_EQ(answer->response.status, 202u);
    EXPECT_EQ(plant_.writes.size(), 1u);
    EXPECT_EQ(status("DELETE", "/api/v1/twin/commands/k/1"), 409u);
    answer_write(std::nullopt);
    EXPECT_EQ(status("GET", "/api/v1/twin/commands/k/1"), 200u);
    EXPECT_THAT(last_.response.body, HasSubstr(R"("state":"done")"));
    EXPECT_EQ(status("GET", all), 200u);
    EXPECT_THAT(last_.response.body, HasSubstr(R"("id":"k/1")"));
    EXPECT_EQ(status("POST", all + "/start", "\"x\""), 422u);
    EXPECT_EQ(status("POST", all + "/start", "{"), 400u);
    EXPECT_EQ(status("POST", all + "/stop"), 404u);
    EXPECT_EQ(status("GET", "/api/v1/twin/commands/none"), 404u);
}

TEST_F(TwinOrdersApi, ListsHavePagesAndBulkIsOneByOne) {
    EXPECT_EQ(status("PUT", "/api/v1/twin/desired",
                     R"([{"twin":"works/pump1","path":"speed","value":1},
                         {"twin":"works/pump1","path":"hours","value":1},
                         {"twin":"works/pump1","path":"speed","value":2}])"),
              202u);
    EXPECT_THAT(last_.response.body, HasSubstr(R"("accepted":2,"refused":1)"));
    EXPECT_EQ(status("PUT", "/api/v1/twin/desired", R"({"items":{}})"), 400u);
    EXPECT_EQ(status("GET", "/api/v1/twin/orders", "", {{"limit", "1"}, {"twin", "works/#"}}),
              200u);
    EXPECT_THAT(last_.response.body, HasSubstr(R"("revision":2)"));
    const auto at = last_.response.body.find(R"("next":")") + 8;
    const auto cursor = last_.response.body.substr(at, last_.response.body.find('"', at) - at);
    EXPECT_EQ(status("GET", "/api/v1/twin/orders", "", {{"cursor", cursor}}), 200u);
    EXPECT_THAT(last_.response.body, HasSubstr(R"("state":"superseded")"));
    EXPECT_THAT(last_.response.body, HasSubstr(R"("next":null)"));
}

}  // namespace
}  // namespace hw::api
