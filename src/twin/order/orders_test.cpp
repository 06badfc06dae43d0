#include "twin/order/orders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/functions/functions.h"
#include "twin/order/order_test_support.h"

namespace hw::twin {
namespace {

using sql::Datum;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view pump = R"([{
  "@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"],
  "@id": "dtmi:x:Pump;1", "@type": "Interface",
  "contents": [
    {"@type": "Component", "name": "drive", "schema": "dtmi:x:Drive;1"},
    {"@type": "Property", "name": "mode", "writable": true, "schema": {
       "@type": "Enum", "valueSchema": "integer", "enumValues": [
         {"name": "off", "enumValue": 0}, {"name": "on", "enumValue": 1}]}},
    {"@type": "Property", "name": "serial", "schema": "string", "fixed": true, "writable": true},
    {"@type": "Property", "name": "limits", "writable": true, "schema": {
       "@type": "Object", "fields": [{"name": "high", "schema": "double"}]}},
    {"@type": "Property", "name": "hours", "schema": "double"},
    {"@type": "Telemetry", "name": "power", "schema": "double"},
    {"@type": "Command", "name": "start", "timeout": "20s",
     "request": {"name": "speed", "schema": "double", "nullable": true},
     "writes": [{"property": "mode", "value": "1"},
                {"property": "drive/speed", "value": "request * 60 + hours"}]},
    {"@type": "Command", "name": "flush",
     "request": {"name": "seconds", "schema": "integer"},
     "response": {"name": "litres", "schema": "double"}},
    {"@type": "Command", "name": "stop"}
  ]
}, {
  "@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"],
  "@id": "dtmi:x:Drive;1", "@type": "Interface",
  "contents": [
    {"@type": "Property", "name": "speed", "schema": "float", "writable": true,
     "minimum": 0, "maximum": 1500},
    {"@type": "Command", "name": "halt", "writes": [{"property": "speed", "value": "0"}]}
  ]
}])";

class OrdersTest : public testing::Test {
  protected:
    void SetUp() override {
        sql::add_builtin_functions(functions_);
        twins_.add_model(pump);
        twins_.add("works/pump1", "dtmi:x:Pump;1");
        twins_.set("works/pump1", "hours", Datum::real(5), clock_.now());
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ = std::move(*catalog::AuditLog::open(*database_, {}, clock_, metrics_));
        open();
    }

    void open() {
        orders_ = std::move(*Orders::open(settings_, {*database_, *audit_, twins_, clock_, metrics_,
                                                      functions_, plant_.ports()}));
        orders_->begin();
        orders_->run_once();
    }
    // As kill -9: nothing more is kept, answers meet nobody.
    void restart() {
        twins_.forget_followers();
        orders_.reset();
        plant_.writes.clear();
        open();
    }

    Result<Desired> set(std::string path, Datum value, std::optional<Duration> timeout = {}) {
        Result<Desired> out = fail(ErrorCode::cancelled, "not answered");
        orders_->desire({"works/pump1", std::move(path), std::move(value), timeout}, ann_, {},
                        [&](Result<Desired> answer) { out = std::move(answer); });
        turn();
        return out;
    }
    Result<Command> order(std::string name, Datum request = {}, std::string id = {}) {
        Result<Command> out = fail(ErrorCode::cancelled, "not answered");
        orders_->command({"works/pump1", std::move(name), std::move(request), std::move(id), {}},
                         ann_, {}, [&](Result<Command> answer) { out = std::move(answer); });
        turn();
        return out;
    }
    void turn(int times = 4) {
        for (int i = 0; i < times; ++i)
            orders_->run_once();
    }
    void pass(Duration time) {
        clock_.advance(time);
        turn();
    }
    FakePlant::Given next_write() {
        if (plant_.writes.empty()) return {};
        auto given = std::move(plant_.writes.front());
        plant_.writes.erase(plant_.writes.begin());
        return given;
    }
    void answer(FakePlant::Given given, Result<std::optional<Datum>> what) {
        ASSERT_TRUE(given.done);
        given.done(std::move(what));
        turn();
    }
    Desired kept(std::string_view path) {
        return (*orders_->store().desired("works/pump1", path)).value_or(Desired());
    }
    Command kept_command(std::string_view id) {
        return (*orders_->store().command(id)).value_or(Command());
    }
    std::vector<std::string> actions() {
        audit_->flush();
        std::vector<std::string> out;
        const auto page = *audit_->query({});
        for (const auto& record : page.records)
            out.insert(out.begin(), record.action + " " + record.result);
        return out;
    }

    ManualClock clock_{Time{1'767'225'600'000'000'000}};
    Metrics metrics_;
    sql::FunctionTable functions_;
    OrderSettings settings_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    FakeTwins twins_;
    FakePlant plant_;
    std::unique_ptr<Orders> orders_;
    const Change ann_{"ann", "http 127.0.0.1:1", {}, "night mode"};
    const Error down_{ErrorCode::unavailable, "device 'plc1' is not connected"};
};

TEST_F(OrdersTest, ADesiredValueIsWrittenConfirmedAndTold) {
    const auto asked = set("drive/speed", Datum::integer(900));
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->state, DesiredState::pending);
    EXPECT_EQ(asked->value, Datum::real(900));
    auto given = next_write();
    EXPECT_EQ(given.write.point, "works/pump1/drive/speed");
    EXPECT_EQ(given.write.value, model::Value(900.0));
    EXPECT_TRUE(given.write.verify);
    EXPECT_EQ(given.write.reason, "night mode");
    EXPECT_EQ(kept("drive/speed").state, DesiredState::sent);
    answer(std::move(given), Datum::real(900));
    EXPECT_EQ(kept("drive/speed").state, DesiredState::applied);
    EXPECT_THAT(actions(), ElementsAre("twin.desired.set ok", "twin.desired.applied ok"));
    EXPECT_EQ(twins_.told.size(), 3u);
    EXPECT_THAT(twins_.told.back().second, HasSubstr(R"("state":"applied")"));
    // Asked again, nothing is to do.
    EXPECT_EQ(set("drive/speed", Datum::integer(900))->state, DesiredState::applied);
    EXPECT_TRUE(plant_.writes.empty());
}

TEST_F(OrdersTest, WhatTheModelDoesNotAllowIsRefused) {
    const auto code = [&](std::string path, Datum value) {
        const auto asked = set(std::move(path), std::move(value));
        return asked ? std::string("taken") : std::string(to_string(asked.error().code()));
    };
    EXPECT_EQ(code("drive/speed", Datum::real(1501)), "invalid_argument");
    EXPECT_EQ(code("drive/speed", Datum::text("fast")), "invalid_argument");
    EXPECT_EQ(code("hours", Datum::real(1)), "permission_denied");
    EXPECT_EQ(code("power", Datum::real(1)), "permission_denied");
    EXPECT_EQ(code("serial", Datum::text("x")), "permission_denied");
    EXPECT_EQ(code("drive/sped", Datum::real(1)), "not_found");
    EXPECT_THAT(set("drive/sped", Datum::real(1)).error().text(), HasSubstr("'drive/speed'"));
    EXPECT_THAT(set("drive/speed", Datum::real(1501)).error().text(),
                HasSubstr("1501.0 is out of the range of 'drive/speed', 0 to 1500"));
    EXPECT_EQ(code("mode", Datum::text("on")), "taken");
    EXPECT_EQ(kept("mode").value, Datum::integer(1));
    Result<Desired> other = fail(ErrorCode::cancelled, "");
    orders_->desire({"works/pump9", "mode", Datum::integer(1), {}}, ann_, {},
                    [&](Result<Desired> answer) { other = std::move(answer); });
    turn();
    EXPECT_EQ(other.error().code(), ErrorCode::not_found);
    EXPECT_EQ(actions().front(), "twin.desired.set invalid_argument");
}

TEST_F(OrdersTest, ItIsDeliveredWhenTheLinkReturns) {
    ASSERT_TRUE(set("drive/speed", Datum::integer(900)));
    answer(next_write(), fail(down_));
    EXPECT_EQ(kept("drive/speed").state, DesiredState::pending);
    EXPECT_EQ(kept("drive/speed").detail, down_.text());
    EXPECT_TRUE(plant_.writes.empty());
    orders_->link_up();
    turn();
    answer(next_write(), Datum::real(900));
    EXPECT_EQ(kept("drive/speed").state, DesiredState::applied);
}

TEST_F(OrdersTest, ItOutlivesAKill) {
    ASSERT_TRUE(set("drive/speed", Datum::integer(900)));
    answer(next_write(), fail(down_));
    ASSERT_TRUE(set("mode", Datum::integer(1)));
    restart();
    turn();
    ASSERT_EQ(plant_.writes.size(), 2u);
    for (auto given = next_write(); given.done; given = next_write())
        answer(std::move(given), std::nullopt);
    EXPECT_EQ(kept("mode").state, DesiredState::sent);
    restart();
    EXPECT_TRUE(plant_.writes.empty());  // it was answered
    twins_.set("works/pump1", "mode", Datum::integer(1), clock_.now());
    turn();
    EXPECT_EQ(kept("mode").state, DesiredState::applied);
}

TEST_F(OrdersTest, WhereNoDeviceHasThePointAMessageCarriesIt) {
    plant_.has_devices = false;
    ASSERT_TRUE(set("drive/speed", Datum::integer(900), seconds(60)));
    ASSERT_EQ(plant_.messages.size(), 1u);
    EXPECT_EQ(plant_.messages[0].topic, "$hw/twin/works/pump1/desired/drive/speed");
    EXPECT_TRUE(plant_.messages[0].retain);
    EXPECT_THAT(plant_.messages[0].payload, HasSubstr(R"({"value":900.0,"id":")"));
    EXPECT_THAT(plant_.messages[0].payload, HasSubstr(R"("deadline":"2026-01-01T00:01:00Z"})"));
    EXPECT_EQ(kept("drive/speed").state, DesiredState::sent);
    clock_.advance(seconds(1));
    twins_.set("works/pump1", "drive/speed", Datum::real(3), clock_.now());
    turn();
    EXPECT_EQ(kept("drive/speed").state, DesiredState::sent);
    twins_.set("works/pump1", "drive/speed", Datum::real(900), clock_.now(),
               model::Quality::bad_communication);
    turn();
    EXPECT_EQ(kept("drive/speed").state, DesiredState::sent);
    twins_.set("works/pump1", "drive/speed", Datum::real(900), clock_.now());
    turn();
    EXPECT_EQ(kept("drive/speed").state, DesiredState::applied);
    ASSERT_EQ(plant_.messages.size(), 2u);
    EXPECT_EQ(plant_.messages[1].topic, plant_.messages[0].topic);
    EXPECT_TRUE(plant_.messages[1].payload.empty());
    // No point holds an object.
    plant_.has_devices = true;
    ASSERT_TRUE(set("limits", Datum::object({{Datum::text("high"), Datum::integer(3)}})));
    EXPECT_EQ(plant_.messages.size(), 3u);
    EXPECT_TRUE(plant_.writes.empty());
}

TEST_F(OrdersTest, WaitingEndsWithTheOrderOrTheWait) {
    std::vector<std::string> states;
    const auto ask = [&](Duration wait) {
        orders_->desire(
            {"works/pump1", "drive/speed", Datum::integer(900), {}}, ann_, wait,
            [&](Result<Desired> answer) { states.emplace_back(to_string(answer->state)); });
        turn();
    };
    ask(seconds(10));
    EXPECT_TRUE(states.empty());
    answer(next_write(), Datum::real(900));
    EXPECT_THAT(states, ElementsAre("applied"));
    states.clear();
    ASSERT_TRUE(set("drive/speed", Datum::integer(1)));
    ask(seconds(3));
    EXPECT_TRUE(states.empty());
    pass(seconds(3));
    EXPECT_THAT(states, ElementsAre("pending"));
}

TEST_F(OrdersTest, ADesiredValueIsCancelled) {
    Result<Desired> out = fail(ErrorCode::cancelled, "");
    const auto cancel = [&] {
        orders_->cancel("works/pump1", "mode", ann_,
                        [&](Result<Desired> answer) { out = std::move(answer); });
        turn();
    };
    cancel();
    EXPECT_EQ(out.error().code(), ErrorCode::not_found);
    ASSERT_TRUE(set("mode", Datum::integer(1)));
    answer(next_write(), fail(down_));
    cancel();
    EXPECT_EQ(out->state, DesiredState::cancelled);
    cancel();
    EXPECT_EQ(out.error().code(), ErrorCode::conflict);
    orders_->link_up();
    pass(seconds(100));
    EXPECT_TRUE(plant_.writes.empty());
    // Its revisions go on.
    EXPECT_EQ(set("mode", Datum::integer(0))->revision, 2);
}

TEST_F(OrdersTest, AListIsTakenOneByOne) {
    std::vector<Result<Desired>> out;
    orders_->desire_all({{"works/pump1", "mode", Datum::integer(1), {}},
                         {"works/pump1", "nothing", Datum::integer(1), {}},
                         {"works/pump1", "mode", Datum::integer(0), {}}},
                        ann_, [&](auto results) { out = std::move(results); });
    turn();
    ASSERT_EQ(out.size(), 3u);
    EXPECT_TRUE(out[0]);
    EXPECT_EQ(out[1].error().code(), ErrorCode::not_found);
    EXPECT_EQ(out[2]->revision, 2);
    EXPECT_EQ(kept("mode").value, Datum::integer(0));
    EXPECT_EQ((*orders_->store().query({})).orders.size(), 2u);
}

TEST_F(OrdersTest, ACommandBecomesWrites) {
    const auto asked = order("start", Datum::real(10));
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->state, CommandState::accepted);
    EXPECT_EQ(asked->deadline - asked->asked_at, seconds(20));
    auto given = next_write();
    EXPECT_EQ(given.write.point, "works/pump1/mode");
    EXPECT_EQ(given.write.value, model::Value(int64_t{1}));
    EXPECT_FALSE(given.write.verify);
    EXPECT_EQ(kept_command(asked->id).state, CommandState::sent);
    answer(std::move(given), std::nullopt);
    given = next_write();
    EXPECT_EQ(given.write.value, model::Value(605.0));
    answer(std::move(given), std::nullopt);
    EXPECT_EQ(kept_command(asked->id).state, CommandState::done);
    EXPECT_THAT(actions(), ElementsAre("twin.command.ask ok", "twin.command.done ok"));
    // Without the request its write is left out.
    const auto bare = order("start");
    ASSERT_TRUE(bare) << bare.error().text();
    EXPECT_EQ(bare->writes.size(), 1u);
    answer(next_write(), std::nullopt);
    // A component's command.
    const auto halt = order("drive/halt");
    ASSERT_TRUE(halt) << halt.error().text();
    EXPECT_EQ(next_write().write.point, "works/pump1/drive/speed");
}

TEST_F(OrdersTest, CommandsAreCheckedAgainstTheModel) {
    EXPECT_EQ(order("strat").error().code(), ErrorCode::not_found);
    EXPECT_EQ(order("mode").error().code(), ErrorCode::not_found);
    EXPECT_EQ(order("start", Datum::text("x")).error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(order("start", Datum::real(1e6)).error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(order("flush").error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(order("stop", Datum::integer(1)).error().code(), ErrorCode::invalid_argument);
    EXPECT_TRUE(plant_.writes.empty());
}

TEST_F(OrdersTest, ACommandGoesOutAsAMessage) {
    plant_.is_heard = false;
    const auto asked = order("flush", Datum::integer(30));
    ASSERT_TRUE(asked);
    EXPECT_TRUE(plant_.messages.empty());
    EXPECT_EQ(kept_command(asked->id).state, CommandState::accepted);
    plant_.is_heard = true;
    pass(seconds(2));
    ASSERT_EQ(plant_.messages.size(), 1u);
    const auto& message = plant_.messages[0];
    EXPECT_EQ(message.topic, "$hw/twin/works/pump1/command/flush");
    EXPECT_EQ(message.response_topic, message.topic + "/response");
    EXPECT_EQ(message.correlation_data, asked->id);
    EXPECT_EQ(message.expiry, seconds(28));
    EXPECT_THAT(message.payload, HasSubstr(R"({"request":30,"id":")"));
    orders_->respond("works/pump1", "stop", asked->id, "1");  // of another command
    orders_->respond("works/pump1", "flush", "", R"({"id":"x","response":1})");
    turn();
    EXPECT_EQ(kept_command(asked->id).state, CommandState::sent);
    orders_->respond("works/pump1", "flush", "", R"({"id":")" + asked->id + R"(","response":12})");
    turn();
    EXPECT_EQ(kept_command(asked->id).state, CommandState::done);
    EXPECT_EQ(kept_command(asked->id).response, Datum::real(12));
    const auto respond = [&](std::string payload) {
        const auto again = order("flush", Datum::integer(30));
        orders_->respond("works/pump1", "flush", again->id, std::move(payload));
        turn();
        return std::string(to_string(kept_command(again->id).state));
    };
    EXPECT_EQ(respond("12.5"), "done");
    EXPECT_EQ(respond(R"({"error":"the valve is stuck"})"), "refused");
    EXPECT_EQ(respond("\"much\""), "failed");
    EXPECT_EQ(respond("{"), "failed");
}

TEST_F(OrdersTest, TheSameIdIsTheSameCommand) {
    const auto first = order("start", Datum::real(10), "my-1");
    ASSERT_TRUE(first);
    EXPECT_EQ(order("start", Datum::real(10), "my-1")->state, CommandState::sent);
    EXPECT_EQ(plant_.writes.size(), 1u);
    answer(next_write(), std::nullopt);
    answer(next_write(), std::nullopt);
    EXPECT_EQ(order("start", Datum::real(10), "my-1")->state, CommandState::done);
    EXPECT_TRUE(plant_.writes.empty());
    EXPECT_EQ(order("stop", {}, "my-1").error().code(), ErrorCode::conflict);
    EXPECT_EQ(order("stop", {}, std::string(200, 'x')).error().code(), ErrorCode::invalid_argument);
}

TEST_F(OrdersTest, AKillNeitherLosesNorRepeatsACommand) {
    const auto under_way = order("start", Datum::real(10));
    auto second = next_write();
    answer(std::move(second), std::nullopt);
    plant_.is_heard = false;
    const auto waits = order("flush", Datum::integer(1));
    restart();
    EXPECT_TRUE(plant_.writes.empty());
    const auto lost = kept_command(under_way->id);
    EXPECT_EQ(lost.state, CommandState::timed_out);
    EXPECT_THAT(lost.detail, HasSubstr("the server ended while it was under way"));
    EXPECT_THAT(lost.detail, HasSubstr("(mode)"));
    plant_.is_heard = true;
    pass(seconds(2));
    ASSERT_EQ(plant_.messages.size(), 1u);
    restart();
    EXPECT_EQ(kept_command(waits->id).state, CommandState::timed_out);
    EXPECT_EQ(plant_.messages.size(), 1u);
}

TEST_F(OrdersTest, ARemovedTwinTakesItsOrdersWithIt) {
    ASSERT_TRUE(set("mode", Datum::integer(1)));
    answer(next_write(), fail(down_));
    twins_.take_away("works/pump1");
    turn();
    EXPECT_EQ(kept("mode").state, DesiredState::cancelled);
}

TEST_F(OrdersTest, OldOrdersGo) {
    settings_.orders_kept = 2;
    restart();
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(set("mode", Datum::integer(i % 2)));
        answer(next_write(), Datum::integer(i % 2));
    }
    pass(seconds(61));
    auto page = *orders_->store().query({});
    EXPECT_EQ(page.orders.size(), 3u);  // the one that is live counts for itself
    pass(seconds(31 * 86'400));
    page = *orders_->store().query({});
    EXPECT_EQ(page.orders.size(), 1u);
}

TEST_F(OrdersTest, WhatTheDiskDoesNotTakeIsNotSent) {
    const auto run = [&](std::string_view sql) {
        ASSERT_TRUE(database_->transaction([&](catalog::Session& session) -> Result<void> {
            HW_TRY(session.run(sql));
            return {};
        }));
    };
    ASSERT_TRUE(set("mode", Datum::integer(1)));
    auto given = next_write();
    run("create trigger full before insert on twin_order begin "
        "select raise(abort, 'the disk is full'); end");
    answer(std::move(given), fail(down_));
    EXPECT_EQ(kept("mode").state, DesiredState::sent);  // what it has become waits
    const auto refused = set("drive/speed", Datum::integer(900));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("the disk is full"));
    EXPECT_FALSE(order("stop"));
    orders_->link_up();
    for (int i = 0; i < 10; ++i)
        pass(milliseconds(100));
    EXPECT_TRUE(plant_.writes.empty());
    EXPECT_TRUE(plant_.messages.empty());
    run("drop trigger full");
    pass(seconds(1));
    pass(seconds(1));
    ASSERT_EQ(plant_.writes.size(), 1u);
    answer(next_write(), Datum::integer(1));
    EXPECT_EQ(kept("mode").state, DesiredState::applied);
    EXPECT_TRUE(set("drive/speed", Datum::integer(900)));
}

TEST_F(OrdersTest, WithoutItsThreadNothingIsAnsweredAndAfterStopAllIs) {
    orders_->stop();
    Result<Desired> out = fail(ErrorCode::cancelled, "");
    orders_->desire({"works/pump1", "mode", Datum::integer(1), {}}, ann_, {},
                    [&](Result<Desired> answer) { out = std::move(answer); });
    EXPECT_EQ(out.error().code(), ErrorCode::unavailable);
}

}  // namespace
}  // namespace hw::twin
