#include "api/broker_operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_test_support.h"
#include "api/router.h"
#include "broker/probe.h"
#include "catalog/database.h"

namespace hw::api {
namespace {

using broker::probe::Client;
using testing::HasSubstr;
using testing::Not;

// Takes all steps at once.
class AtOnce final : public BrokerAdmin {
  public:
    explicit AtOnce(broker::Broker& broker) : broker_(broker) {}
    void ask(Step step, std::move_only_function<void()> answer) override {
        for (steps = 1; !step(broker_); ++steps) {
        }
        answer();
    }
    int steps = 0;

  private:
    broker::Broker& broker_;
};

class OneBan final : public BanList {
  public:
    std::vector<Ban> list() const override { return bans; }
    Result<void> put(Ban ban) override {
        bans = {std::move(ban)};
        return {};
    }
    Result<bool> remove(BanKind kind, std::string_view value) override {
        return std::erase_if(bans, [&](const Ban& ban) {
                   return ban.kind == kind && ban.value == value;
               }) > 0;
    }
    bool holds(std::string_view client_id, std::string_view, std::string_view) const override {
        return !bans.empty() && bans[0].value == client_id;
    }
    std::vector<Ban> bans;
};

class NoTraces final : public TraceList {
  public:
    Result<TraceView> begin(TraceSpec spec) override {
        TraceView view;
        view.spec = std::move(spec);
        view.running = true;
        return view;
    }
    std::vector<TraceView> list() const override { return {}; }
    std::optional<TraceView> find(std::string_view) const override { return std::nullopt; }
    std::optional<std::vector<TraceRecord>> records(std::string_view, std::optional<uint64_t>,
                                                    size_t) const override {
        return std::nullopt;
    }
    bool stop(std::string_view) override { return false; }
    bool remove(std::string_view) override { return false; }
};

class BrokerApi : public testing::Test {
  protected:
    BrokerApi() {
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, bench_.clock, bench_.metrics));
        operations_ = std::make_unique<BrokerOperations>(BrokerOperations::Rooms{
            admin_, bans_, traces_, *audit_, points_, bench_.clock,
            [] { return std::vector<BrokerOperations::Listener>{{"tcp", "127.0.0.1:1883"}}; }});
        operations_->add_to(table_);
    }
    unsigned ask(std::string method, std::string path,
                 std::vector<std::pair<std::string, std::string>> query = {},
                 std::string body = "") {
        auto answer = std::make_shared<Answer>();
        Exchange exchange = make_exchange(answer, "/api/v1/mqtt" + path, std::move(query));
        exchange.request.method = method;
        exchange.request.body = std::move(body);
        exchange.request.peer = "127.0.0.1:1";
        const Operation* found = nullptr;
        Match best;
        for (const auto& operation : table_) {
            auto match = match_path(operation.path, exchange.request);
            if (!match || match->literals < best.literals || operation.method != method) continue;
            best = std::move(*match);
            found = &operation;
        }
        if (found == nullptr) return 0;
        exchange.places = best.places;
        found->run(std::move(exchange));
        EXPECT_TRUE(answer->finished);
        body_ = answer->response.body;
        return answer->response.status;
    }
    Client& connect(const std::string& id) {
        clients_.push_back(std::make_unique<Client>(bench_, mqtt::Version::v5));
        clients_.back()->connect({.id = id});
        return *clients_.back();
    }

    broker::probe::Bench bench_;
    std::vector<std::unique_ptr<Client>> clients_;
    AtOnce admin_{*bench_.broker};
    OneBan bans_;
    NoTraces traces_;
    model::PointDirectory points_{1000};
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::vector<Operation> table_;
    std::string body_;
    std::unique_ptr<BrokerOperations> operations_;
};

TEST_F(BrokerApi, LongQuestionsGoInSteps) {
    for (int i = 0; i < 5'000; ++i)
        connect("client" + std::to_string(i));
    EXPECT_EQ(ask("GET", "/clients", {{"search", "client4999"}}), 200u);
    EXPECT_GT(admin_.steps, 2);
    EXPECT_THAT(body_, HasSubstr(R"({"client_id":"client4999","connected":true,)"));
    EXPECT_THAT(body_, HasSubstr(R"("next":null)"));
    EXPECT_EQ(ask("GET", "/slow"), 200u);
    EXPECT_EQ(body_, R"({"items":[],"next":null})");
    EXPECT_GT(admin_.steps, 2);
}

TEST_F(BrokerApi, KickingIsRefusedForWhoIsNotThere) {
    connect("a");
    EXPECT_EQ(ask("DELETE", "/clients/a"), 204u);
    EXPECT_EQ(ask("DELETE", "/clients/a"), 404u);  // its session went with it
    EXPECT_EQ(ask("DELETE", "/clients/a", {{"session", "perhaps"}}), 400u);
    ASSERT_TRUE(audit_->flush());
    const auto page = audit_->query({.action = "mqtt."});
    ASSERT_EQ(page->records.size(), 1u);
    EXPECT_EQ(page->records[0].action, "mqtt.client.kick");
    EXPECT_EQ(page->records[0].origin, "http 127.0.0.1:1");
}

TEST_F(BrokerApi, ABanSendsThemAway) {
    connect("bad");
    connect("good");
    EXPECT_EQ(ask("POST", "/bans", {}, R"({"kind":"client","value":"bad","for":"1m"})"), 201u);
    EXPECT_THAT(body_, HasSubstr(R"("kicked":1)"));
    EXPECT_EQ(bans_.bans.at(0).until, bench_.clock.now() + seconds(60));
    for (const char* wrong :
         {"", "[]", R"({"kind":"client"})", R"({"kind":"x","value":"y"})",
          R"({"kind":"client","value":7})", R"({"kind":"client","value":"a","untl":"x"})",
          R"({"kind":"client","value":"a","for":"1m","until":"2030-01-01"})",
          R"({"kind":"client","value":"a","until":"2001-01-01"})"})
        EXPECT_EQ(ask("POST", "/bans", {}, wrong), 400u) << wrong;
    EXPECT_EQ(ask("DELETE", "/bans", {{"kind", "client"}, {"value", "bad"}}), 204u);
    EXPECT_EQ(ask("DELETE", "/bans", {{"kind", "client"}, {"value", "bad"}}), 404u);
}

TEST_F(BrokerApi, TopicLevelsComeFromThreePlaces) {
    ASSERT_TRUE(points_.intern("w/point/a"));
    ASSERT_TRUE(points_.intern("w/point/b"));
    auto& a = connect("a");
    a.publish("w/kept", "v", 1, 1, true);
    a.publish("w/seen/1", "v");
    EXPECT_EQ(ask("GET", "/topics", {{"prefix", "w"}}), 200u);
    EXPECT_THAT(body_, HasSubstr(R"("name":"kept","topic":"w/kept","has_below":false,)"
                                 R"("is_point":false,"is_retained":true,"is_recent":true,)"));
    EXPECT_THAT(body_, HasSubstr(R"("name":"point","topic":"w/point","has_below":true,)"));
    EXPECT_THAT(body_, HasSubstr(R"("points":2,"retained":0,"recent":0)"));
    EXPECT_THAT(body_, HasSubstr(R"("name":"seen")"));
    EXPECT_EQ(ask("GET", "/topics", {{"prefix", "w"}, {"limit", "1"}, {"after", "kept"}}), 200u);
    EXPECT_THAT(body_, HasSubstr(R"("next":"point")"));
    EXPECT_THAT(body_, Not(HasSubstr("seen")));
    EXPECT_EQ(ask("GET", "/topics", {{"prefix", "w/#"}}), 400u);
}

TEST_F(BrokerApi, PayloadsAreTextOrBase64) {
    auto& a = connect("a");
    a.publish("r/cut", "ab\xc3\xa4", 0, 0, true);
    a.publish("r/raw", std::string("\xff\0", 2), 0, 0, true);
    EXPECT_EQ(ask("GET", "/retained", {{"payload", "3"}}), 200u);
    EXPECT_THAT(body_, HasSubstr(R"("topic":"r/cut","qos":0,"payload":"ab","payload_bytes":4)"));
    EXPECT_THAT(body_, HasSubstr(R"("payload_base64":"/wA=","payload_bytes":2)"));
    EXPECT_EQ(ask("DELETE", "/retained", {{"topic", "r/raw"}}), 204u);
    EXPECT_EQ(ask("DELETE", "/retained", {}), 400u);
}

TEST_F(BrokerApi, TracesAreCheckedBeforeTheyBegin) {
    EXPECT_EQ(ask("POST", "/traces", {}, R"({"name":"t","kind":"topic","value":"a/+"})"), 201u);
    EXPECT_THAT(body_, HasSubstr(R"("until":"2023-11-14T22:23:20Z")"));  // ten minutes
    for (const char* wrong :
         {R"({"kind":"topic","value":"a"})", R"({"name":"t","kind":"topic","value":"a/#/b"})",
          R"({"name":"t","kind":"client","value":"a","for":"25h"})",
          R"({"name":"t","kind":"client"})"})
        EXPECT_EQ(ask("POST", "/traces", {}, wrong), 400u) << wrong;
    EXPECT_EQ(ask("GET", "/traces/none"), 404u);
    EXPECT_EQ(ask("GET", "/traces/none/records"), 404u);
    EXPECT_EQ(ask("DELETE", "/traces/none"), 404u);
}

}  // namespace
}  // namespace hw::api
