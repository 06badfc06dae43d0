#include "twin/order/order_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sql/json.h"

namespace hw::twin {
namespace {

using sql::Datum;
using testing::HasSubstr;

constexpr Time begin_time{1'767'225'600'000'000'000};

class Desk : public testing::Test {
  protected:
    Desired wish(std::string path, Datum value, Duration timeout = {}) {
        Desired desired;
        desired.seq = ++seq;
        desired.id = "d" + std::to_string(seq);
        desired.twin = "works/pump1";
        desired.path = std::move(path);
        desired.value = std::move(value);
        desired.asked_at = now;
        if (timeout.ns > 0) desired.deadline = now + timeout;
        return desired;
    }
    Command order(std::vector<PlannedWrite> writes, Duration timeout = seconds(30)) {
        Command command;
        command.seq = ++seq;
        command.id = "c" + std::to_string(seq);
        command.twin = "works/pump1";
        command.name = "start";
        command.writes = std::move(writes);
        command.asked_at = now;
        command.deadline = now + timeout;
        return command;
    }
    OrderDesk::Outputs ask(Desired desired) {
        OrderDesk::Outputs out;
        EXPECT_TRUE(desk.ask(std::move(desired), now, out));
        desk.settle();
        desk.turn(now, out);
        return out;
    }
    OrderDesk::Outputs ask(Command command) {
        OrderDesk::Outputs out;
        EXPECT_TRUE(desk.ask(std::move(command), out));
        desk.settle();
        desk.turn(now, out);
        return out;
    }
    OrderDesk::Outputs answer(uint64_t ticket, const OrderDesk::WriteAnswer& what) {
        OrderDesk::Outputs out;
        desk.answered(ticket, what, now, out);
        desk.turn(now, out);
        return out;
    }
    OrderDesk::Outputs report(std::string_view path, Datum value) {
        OrderDesk::Outputs out;
        desk.reported(desk.number("works/pump1", path), value, now, now, out);
        desk.turn(now, out);
        return out;
    }
    OrderDesk::Outputs pass(Duration time) {
        now = now + time;
        OrderDesk::Outputs out;
        desk.turn(now, out);
        return out;
    }
    const Desired& current(std::string_view path = "speed") const {
        return *desk.find("works/pump1", path);
    }

    OrderDesk::Limits limits;
    OrderDesk desk{limits};
    Time now = begin_time;
    int64_t seq = 0;
};

const Error down(ErrorCode::unavailable, "device 'plc1' is not connected");

TEST_F(Desk, AWriteThatIsReadBackApplies) {
    auto out = ask(wish("speed", Datum::real(40)));
    ASSERT_EQ(out.writes.size(), 1u);
    EXPECT_EQ(out.writes[0].timeout, seconds(5));
    ASSERT_EQ(out.desired.size(), 2u);
    EXPECT_EQ(out.desired[0].step, OrderDesk::Step::asked);
    EXPECT_EQ(out.desired[0].desired.state, DesiredState::pending);
    EXPECT_EQ(out.desired[1].desired.state, DesiredState::sent);
    out = answer(out.writes[0].ticket, Datum::real(40));
    ASSERT_EQ(out.desired.size(), 1u);
    EXPECT_EQ(out.desired[0].step, OrderDesk::Step::ended);
    EXPECT_EQ(current().state, DesiredState::applied);
    EXPECT_EQ(current().applied_at, now);
    EXPECT_EQ(desk.next_wake(), Time{INT64_MAX});
}

TEST_F(Desk, WithoutReadBackTheReportConfirms) {
    auto out = ask(wish("speed", Datum::real(40)));
    answer(out.writes[0].ticket, std::nullopt);
    EXPECT_EQ(current().state, DesiredState::sent);
    EXPECT_THAT(current().detail, HasSubstr("waits until the value is reported"));
    now = now + seconds(1);
    report("speed", Datum::real(39));
    EXPECT_EQ(current().state, DesiredState::sent);
    report("speed", Datum::real(40.00001));
    EXPECT_EQ(current().state, DesiredState::applied);
    EXPECT_EQ(current().reported, Datum::real(40.00001));
}

TEST_F(Desk, ADownLinkIsTriedAgainWithBackOffAndAtOnceWhenItReturns) {
    auto out = ask(wish("speed", Datum::real(40)));
    for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60}) {
        answer(out.writes.at(0).ticket, fail(down));
        EXPECT_EQ(current().state, DesiredState::pending);
        EXPECT_EQ(current().detail, down.text());
        EXPECT_EQ(desk.next_wake(), now + seconds(wait));
        EXPECT_TRUE(pass(seconds(wait) - milliseconds(1)).writes.empty());
        out = pass(milliseconds(1));
        ASSERT_EQ(out.writes.size(), 1u);
    }
    answer(out.writes.at(0).ticket, fail(down));
    desk.link_up([](auto twin, auto) { return twin == "works/other"; }, now);
    EXPECT_TRUE(pass({}).writes.empty());
    desk.link_up([](auto, auto path) { return path == "speed"; }, now);
    out = pass({});
    ASSERT_EQ(out.writes.size(), 1u);
    answer(out.writes[0].ticket, Datum::real(40));
    EXPECT_EQ(current().attempts, 10u);
    EXPECT_EQ(current().state, DesiredState::applied);
}

TEST_F(Desk, AReportShowsThatTheLinkIsBack) {
    auto out = ask(wish("speed", Datum::real(40)));
    for (int i = 0; i < 6; ++i) {
        answer(out.writes.at(0).ticket, fail(down));
        out = pass(seconds(60));
    }
    answer(out.writes.at(0).ticket, fail(down));
    now = now + milliseconds(100);
    EXPECT_TRUE(report("speed", Datum::real(3)).writes.empty());
    EXPECT_EQ(pass(milliseconds(900)).writes.size(), 1u);
}

TEST_F(Desk, TheDevicesNoEndsIt) {
    auto out = ask(wish("speed", Datum::real(40)));
    out = answer(out.writes[0].ticket, fail(ErrorCode::io_failed, "exception 3: illegal value"));
    ASSERT_EQ(out.desired.size(), 1u);
    EXPECT_EQ(out.desired[0].desired.state, DesiredState::refused);
    EXPECT_EQ(out.desired[0].desired.detail, "exception 3: illegal value");
    EXPECT_EQ(desk.desired_count(), 0u);
    EXPECT_EQ(desk.number("works/pump1", "speed"), 0u);
}

TEST_F(Desk, TimeEndsWhatIsNotDelivered) {
    auto out = ask(wish("speed", Datum::real(40), seconds(3)));
    EXPECT_EQ(out.writes[0].timeout, seconds(3));
    answer(out.writes[0].ticket, fail(down));
    out = pass(seconds(1));
    answer(out.writes.at(0).ticket, fail(down));
    out = pass(seconds(2));
    ASSERT_EQ(out.desired.size(), 1u);
    EXPECT_EQ(out.desired[0].desired.state, DesiredState::timed_out);
    EXPECT_EQ(out.desired[0].desired.detail,
              "not delivered within 3s: device 'plc1' is not connected");
}

TEST_F(Desk, AnAnswerThatNeverComesIsNotWaitedForForEver) {
    ask(wish("speed", Datum::real(40)));
    auto out = pass(seconds(15));
    EXPECT_EQ(current().state, DesiredState::pending);
    EXPECT_EQ(desk.writes_under_way(), 0u);
    out = pass(seconds(1));
    EXPECT_EQ(out.writes.size(), 1u);
}

TEST_F(Desk, TheNewestWinsAndOneWriteIsUnderWay) {
    const auto first = ask(wish("speed", Datum::real(40)));
    auto out = ask(wish("speed", Datum::real(50)));
    EXPECT_TRUE(out.writes.empty());
    ASSERT_GE(out.desired.size(), 2u);
    EXPECT_EQ(out.desired[0].desired.state, DesiredState::superseded);
    out = ask(wish("speed", Datum::real(60)));
    EXPECT_TRUE(out.writes.empty());
    EXPECT_EQ(current().revision, 3);
    out = answer(first.writes[0].ticket, Datum::real(40));
    ASSERT_EQ(out.writes.size(), 1u);
    EXPECT_EQ(out.writes[0].value, Datum::real(60));
    answer(out.writes[0].ticket, Datum::real(60));
    EXPECT_EQ(current().state, DesiredState::applied);
}

TEST_F(Desk, WhatIsNotKeptIsTakenBack) {
    auto out = ask(wish("speed", Datum::real(40)));
    answer(out.writes[0].ticket, Datum::real(40));
    const Desired before = current();
    OrderDesk::Outputs lost;
    ASSERT_TRUE(desk.ask(wish("speed", Datum::real(50)), now, lost));
    ASSERT_TRUE(desk.ask(wish("speed", Datum::real(60)), now, lost));
    ASSERT_TRUE(desk.ask(wish("run", Datum::boolean(true)), now, lost));
    ASSERT_TRUE(desk.ask(order({}), lost));
    desk.take_back();
    EXPECT_EQ(current(), before);
    EXPECT_EQ(desk.desired_count(), 1u);
    EXPECT_EQ(desk.command_count(), 0u);
    EXPECT_TRUE(pass(seconds(100)).empty());
}

TEST_F(Desk, ADriftIsSeenAndPutRightOnlyWhereAsked) {
    for (const bool keep : {false, true}) {
        auto desired = wish(keep ? "kept" : "free", Datum::real(40));
        desired.keep = keep;
        const std::string path = desired.path;
        auto out = ask(std::move(desired));
        answer(out.writes[0].ticket, Datum::real(40));
        now = now + seconds(1);
        // A short one is none: samples of before the write may come late.
        report(path, Datum::real(10));
        now = now + seconds(1);
        report(path, Datum::real(40));
        EXPECT_TRUE(pass(seconds(5)).empty());
        report(path, Datum::real(10));
        out = pass(seconds(2));
        ASSERT_GE(out.desired.size(), 1u);
        EXPECT_EQ(out.desired[0].desired.state, DesiredState::drifted);
        EXPECT_EQ(out.desired[0].desired.reported, Datum::real(10));
        EXPECT_EQ(out.writes.size(), keep ? 1u : 0u);
        if (keep) {
            answer(out.writes[0].ticket, Datum::real(40));
        } else {
            report(path, Datum::real(40));
        }
        EXPECT_EQ(current(path).state, DesiredState::applied);
    }
}

TEST_F(Desk, TwoWhoInsistQuarrelSlowly) {
    auto desired = wish("speed", Datum::real(40));
    desired.keep = true;
    auto out = ask(std::move(desired));
    int writes = 0;
    for (const Time end = now + seconds(600); now < end;) {
        for (const auto& write : out.writes) {
            ++writes;
            answer(write.ticket, Datum::real(40));
        }
        now = now + milliseconds(500);
        out = report("speed", Datum::real(10));
    }
    EXPECT_GT(writes, 5);
    EXPECT_LT(writes, 30);
}

TEST_F(Desk, WhatTheDeviceMadeOfItIsNoDrift) {
    auto out = ask(wish("speed", Datum::real(40.04)));
    answer(out.writes[0].ticket, Datum::real(40.0));
    now = now + seconds(1);
    report("speed", Datum::real(40.0));
    EXPECT_TRUE(pass(seconds(10)).empty());
    EXPECT_EQ(current().state, DesiredState::applied);
}

TEST_F(Desk, AMessageIsClearedWhenItIsApplied) {
    auto out = ask(wish("speed", Datum::real(40)));
    OrderDesk::Outputs sent;
    desk.announced(out.writes[0].ticket, now, sent);
    EXPECT_EQ(current().state, DesiredState::sent);
    EXPECT_TRUE(sent.clears.empty());
    now = now + milliseconds(10);
    out = report("speed", Datum::integer(40));
    ASSERT_EQ(out.clears.size(), 1u);
    EXPECT_EQ(out.clears[0].path, "speed");
    EXPECT_EQ(current().state, DesiredState::applied);
}

TEST_F(Desk, ADeviceMayComeThatTakesWhatAMessageCarries) {
    auto out = ask(wish("speed", Datum::real(40)));
    OrderDesk::Outputs sent;
    desk.announced(out.writes[0].ticket, now, sent);
    for (const int wait : {1, 2, 4}) {
        EXPECT_TRUE(pass(seconds(wait) - milliseconds(1)).empty());
        out = pass(milliseconds(1));
        EXPECT_TRUE(out.desired.empty());
        ASSERT_EQ(out.writes.size(), 1u);
        EXPECT_TRUE(out.writes[0].is_announced);
        sent = {};
        desk.announced(out.writes[0].ticket, now, sent);
        EXPECT_TRUE(sent.empty());
    }
    desk.link_up([](auto, auto) { return true; }, now);
    out = pass({});
    ASSERT_EQ(out.writes.size(), 1u);
    out = answer(out.writes[0].ticket, fail(down));
    EXPECT_EQ(out.clears.size(), 1u);
    EXPECT_EQ(current().state, DesiredState::pending);
    out = pass(seconds(60));
    ASSERT_EQ(out.writes.size(), 1u);
    EXPECT_FALSE(out.writes[0].is_announced);
    out = answer(out.writes[0].ticket, Datum::real(40));
    EXPECT_TRUE(out.clears.empty());
    EXPECT_EQ(current().state, DesiredState::applied);
}

TEST_F(Desk, AMessageOfASupersededValueDoesNotStay) {
    auto out = ask(wish("speed", Datum::real(40)));
    const uint64_t ticket = out.writes[0].ticket;
    ask(wish("speed", Datum::real(50)));
    OrderDesk::Outputs late;
    desk.announced(ticket, now, late);
    ASSERT_EQ(late.clears.size(), 1u);
    desk.turn(now, late);
    ASSERT_EQ(late.writes.size(), 1u);
    desk.announced(late.writes[0].ticket, now, late);
    out = {};
    EXPECT_TRUE(desk.cancel("works/pump1", "speed", "cancelled by ann", now, out));
    EXPECT_EQ(out.clears.size(), 1u);
    EXPECT_EQ(out.desired.at(0).desired.state, DesiredState::cancelled);
    EXPECT_FALSE(desk.cancel("works/pump1", "speed", "again", now, out));
}

TEST_F(Desk, WritesOverTheLimitWaitTheirTurn) {
    limits.writes = 2;
    OrderDesk small(limits);
    OrderDesk::Outputs out;
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(small.ask(wish("p" + std::to_string(i), Datum::integer(i)), now, out));
    small.settle();
    std::vector<std::string> order;
    for (int round = 0; round < 5; ++round) {
        small.turn(now, out);
        EXPECT_LE(small.writes_under_way(), 2u);
        ASSERT_FALSE(out.writes.empty());
        const auto write = out.writes.front();
        out.writes.erase(out.writes.begin());
        order.push_back(write.path);
        small.answered(write.ticket, write.value, now, out);
    }
    EXPECT_THAT(order, testing::ElementsAre("p0", "p1", "p2", "p3", "p4"));
    limits.desired = 1;
    OrderDesk tiny(limits);
    ASSERT_TRUE(tiny.ask(wish("a", Datum::integer(1)), now, out));
    EXPECT_EQ(tiny.ask(wish("b", Datum::integer(1)), now, out).error().code(),
              ErrorCode::limit_exceeded);
}

TEST_F(Desk, ACommandWritesInOrder) {
    auto out = ask(order({{"mode", Datum::integer(1)}, {"run", Datum::boolean(true)}}));
    ASSERT_EQ(out.writes.size(), 1u);
    EXPECT_EQ(out.writes[0].path, "mode");
    EXPECT_TRUE(out.writes[0].of_command);
    EXPECT_EQ(out.commands.back().command.state, CommandState::sent);
    out = answer(out.writes[0].ticket, std::nullopt);
    ASSERT_EQ(out.writes.size(), 1u);
    EXPECT_EQ(out.writes[0].path, "run");
    out = answer(out.writes[0].ticket, std::nullopt);
    EXPECT_EQ(out.commands.back().command.state, CommandState::done);
    EXPECT_EQ(desk.command_count(), 0u);
}

TEST_F(Desk, ACommandStopsAtTheFirstFailure) {
    auto out = ask(order({{"mode", Datum::integer(1)}, {"run", Datum::boolean(true)}}));
    out = answer(out.writes[0].ticket, std::nullopt);
    out = answer(out.writes[0].ticket, fail(down));
    EXPECT_EQ(out.commands.back().command.state, CommandState::failed);
    EXPECT_EQ(out.commands.back().command.detail,
              "run: device 'plc1' is not connected; 1 of 2 writes was done (mode)");
    out = ask(order({{"mode", Datum::integer(1)}}));
    out = answer(out.writes[0].ticket, fail(ErrorCode::permission_denied, "not for writing"));
    EXPECT_EQ(out.commands.back().command.state, CommandState::refused);
    out = ask(order({{"mode", Datum::integer(1)}}));
    out = answer(out.writes[0].ticket, fail(ErrorCode::timed_out, "no answer within 5000 ms"));
    EXPECT_EQ(out.commands.back().command.state, CommandState::timed_out);
    EXPECT_THAT(out.commands.back().command.detail, HasSubstr("is not known"));
}

TEST_F(Desk, ACommandWaitsForTheLinkUntilItsTimeIsOver) {
    auto out = ask(order({{"run", Datum::boolean(true)}}));
    const std::string id = out.writes[0].id;
    answer(out.writes[0].ticket, fail(down));
    EXPECT_EQ(desk.find_command(id)->state, CommandState::accepted);
    desk.link_up([](auto, auto) { return true; }, now);
    out = pass({});
    ASSERT_EQ(out.writes.size(), 1u);
    answer(out.writes[0].ticket, fail(down));
    for (int i = 0; i < 5 && desk.find_command(id) != nullptr; ++i) {
        out = pass(seconds(60));
        if (!out.writes.empty()) out = answer(out.writes[0].ticket, fail(down));
    }
    EXPECT_EQ(out.commands.back().command.state, CommandState::timed_out);
    EXPECT_EQ(out.commands.back().command.detail,
              "not delivered within 30s: device 'plc1' is not connected");
}

TEST_F(Desk, ACommandAndADesiredValueShareTheSlot) {
    const auto desired = ask(wish("run", Datum::boolean(true)));
    auto out = ask(order({{"run", Datum::boolean(false)}}));
    EXPECT_TRUE(out.writes.empty());
    out = answer(desired.writes[0].ticket, Datum::boolean(true));
    ASSERT_EQ(out.writes.size(), 1u);
    EXPECT_TRUE(out.writes[0].of_command);
}

TEST_F(Desk, ACommandGoesOutAsAMessageAndIsAnswered) {
    auto out = ask(order({}));
    ASSERT_EQ(out.messages.size(), 1u);
    const std::string id = out.messages[0].command.id;
    answer(out.messages[0].ticket, fail(ErrorCode::unavailable, "nobody subscribes to it"));
    EXPECT_EQ(desk.find_command(id)->state, CommandState::accepted);
    out = pass(seconds(1));
    ASSERT_EQ(out.messages.size(), 1u);
    answer(out.messages[0].ticket, std::nullopt);
    EXPECT_EQ(desk.find_command(id)->state, CommandState::sent);
    OrderDesk::Outputs ended;
    desk.responded(id, Datum::integer(7), now, ended);
    EXPECT_EQ(ended.commands.at(0).command.state, CommandState::done);
    EXPECT_EQ(ended.commands.at(0).command.response, Datum::integer(7));
    desk.responded(id, Datum::integer(8), now, ended);
    EXPECT_EQ(ended.commands.size(), 1u);
    for (const auto& [code, state] : {std::pair(ErrorCode::io_failed, CommandState::refused),
                                      std::pair(ErrorCode::corrupt, CommandState::failed)}) {
        out = ask(order({}));
        ended = {};
        desk.responded(out.messages[0].command.id, fail(code, "no"), now, ended);
        EXPECT_EQ(ended.commands.at(0).command.state, state);
    }
    out = ask(order({}));
    answer(out.messages[0].ticket, std::nullopt);
    out = pass(seconds(30));
    EXPECT_EQ(out.commands.at(0).command.detail, "no response came within 30s");
}

TEST_F(Desk, OnlyWhatWasNotSentIsCancelled) {
    auto out = ask(order({{"run", Datum::boolean(true)}}));
    const std::string id = out.writes[0].id;
    EXPECT_EQ(desk.cancel_command(id, "x", now, out).error().code(), ErrorCode::conflict);
    answer(out.writes[0].ticket, fail(down));
    out = {};
    EXPECT_TRUE(desk.cancel_command(id, "cancelled by ann", now, out));
    EXPECT_EQ(out.commands.at(0).command.state, CommandState::cancelled);
    EXPECT_EQ(desk.cancel_command(id, "x", now, out).error().code(), ErrorCode::not_found);
}

TEST_F(Desk, CommandsHaveLimits) {
    limits.commands = 3;
    limits.commands_per_twin = 2;
    OrderDesk small(limits);
    OrderDesk::Outputs out;
    ASSERT_TRUE(small.ask(order({}), out));
    ASSERT_TRUE(small.ask(order({}), out));
    EXPECT_THAT(small.ask(order({}), out).error().text(), HasSubstr("per_twin_limit"));
    auto other = order({});
    other.twin = "works/pump2";
    ASSERT_TRUE(small.ask(other, out));
    other.twin = "works/pump3";
    EXPECT_THAT(small.ask(other, out).error().text(), HasSubstr("twin.commands_limit"));
}

TEST_F(Desk, ARemovedTwinCancelsWhatWaits) {
    auto out = ask(wish("speed", Datum::real(40)));
    answer(out.writes[0].ticket, fail(down));
    auto other = wish("speed", Datum::real(40));
    other.twin = "works/pump10";
    ask(other);
    out = ask(order({{"run", Datum::boolean(true)}}));
    answer(out.writes[0].ticket, fail(down));
    out = {};
    desk.twin_removed("works/pump1", now, out);
    ASSERT_EQ(out.desired.size(), 1u);
    EXPECT_THAT(out.desired[0].desired.detail, HasSubstr("the twin was removed"));
    ASSERT_EQ(out.commands.size(), 1u);
    EXPECT_EQ(desk.desired_count(), 1u);
}

TEST_F(Desk, ARestartKnowsWhatItDoesNotKnow) {
    OrderDesk::Outputs out;
    auto pending = wish("a", Datum::integer(1));
    pending.next_attempt = now + seconds(50);
    desk.restore(pending, now);
    auto sent = wish("b", Datum::integer(1));
    sent.state = DesiredState::sent;
    desk.restore(sent, now);
    auto written = sent;
    written.path = "c";
    written.written = true;
    desk.restore(written, now);
    auto over = wish("d", Datum::integer(1));
    over.state = DesiredState::refused;
    desk.restore(over, now);
    auto waits = order({{"run", Datum::boolean(true)}});
    desk.restore(waits, now, out);
    auto under_way = order({{"mode", Datum::integer(1), true}, {"run", Datum::boolean(true)}});
    under_way.state = CommandState::sent;
    desk.restore(under_way, now, out);
    ASSERT_EQ(out.commands.size(), 1u);
    EXPECT_EQ(out.commands[0].command.state, CommandState::timed_out);
    EXPECT_THAT(out.commands[0].command.detail,
                HasSubstr("the server ended while it was under way"));
    EXPECT_THAT(out.commands[0].command.detail, HasSubstr("1 of 2 writes was done (mode)"));
    out = pass({});
    std::vector<std::string> paths;
    for (const auto& write : out.writes)
        paths.push_back(write.path);
    EXPECT_THAT(paths, testing::UnorderedElementsAre("a", "b", "run"));
    EXPECT_EQ(current("c").state, DesiredState::sent);
    report("c", Datum::integer(1));
    EXPECT_EQ(current("c").state, DesiredState::applied);
    EXPECT_EQ(desk.find("works/pump1", "d"), nullptr);
}

TEST(Agrees, NumbersWithinTolerance) {
    const auto real = [](double x) { return Datum::real(x); };
    EXPECT_TRUE(agrees(real(1000), real(1000.0009)));
    EXPECT_FALSE(agrees(real(1000), real(1000.002)));
    EXPECT_TRUE(agrees(real(12.34), real(12.3), 0.05));
    EXPECT_FALSE(agrees(real(12.34), real(12.2), 0.05));
    EXPECT_TRUE(agrees(real(0), real(0)));
    EXPECT_TRUE(agrees(real(5), Datum::integer(5)));
    EXPECT_FALSE(agrees(Datum::integer(1'000'000'000), Datum::integer(1'000'000'001)));
    EXPECT_TRUE(agrees(Datum::boolean(true), Datum::integer(1)));
    EXPECT_FALSE(agrees(Datum::boolean(true), Datum::integer(0)));
    EXPECT_FALSE(agrees(Datum::text("on"), Datum::integer(1)));
    EXPECT_TRUE(agrees(Datum::text("on"), Datum::text("on")));
}

TEST(OrderJson, WhatIsWrittenIsReadAgain) {
    Desired desired;
    desired.id = "d1";
    desired.twin = "a/b";
    desired.path = "x/y";
    desired.revision = 7;
    desired.value = Datum::real(5);
    desired.keep = desired.written = true;
    desired.state = DesiredState::drifted;
    desired.asked_at = begin_time;
    desired.deadline = begin_time + milliseconds(1);
    desired.attempts = 3;
    desired.last_attempt = desired.next_attempt = desired.applied_at = desired.changed_at =
        begin_time + nanoseconds(1);
    desired.reported = Datum::text("x");
    desired.reported_at = begin_time;
    desired.detail = "why";
    desired.actor = "ann";
    desired.origin = "http";
    desired.reason = "because";
    sql::JsonReader reader;
    EXPECT_EQ(*read_desired(*reader.read(desired_json(desired))), desired);
    Command command;
    command.id = "c1";
    command.twin = "a/b";
    command.name = "start";
    command.request = *reader.read(R"({"speed":4.5})");
    command.response = Datum::integer(1);
    command.writes = {{"mode", Datum::integer(1), true}, {"run", Datum::boolean(false), false}};
    command.state = CommandState::failed;
    command.asked_at = command.deadline = command.sent_at = command.ended_at = begin_time;
    command.attempts = 2;
    command.detail = "why";
    EXPECT_EQ(*read_command(*reader.read(command_json(command))), command);
    EXPECT_FALSE(read_desired(*reader.read(R"({"state":"odd"})")));
    EXPECT_FALSE(read_command(*reader.read(R"({"state":"done","id":1})")));
}

}  // namespace
}  // namespace hw::twin
