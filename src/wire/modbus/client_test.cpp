#include "wire/modbus/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/clock.h"
#include "wire/modbus/server_codec.h"
#include "wire/modbus/test_bytes.h"

namespace hw::modbus {
namespace {

struct Seen {
    uint64_t token;
    Outcome outcome;
    std::string data;
    std::string why;
};

// A client with the other end of its link in the test's hands.
class Dialogue : public ClientHandler {
  public:
    explicit Dialogue(ClientOptions options)
        : framing(options.framing), client(options), server(framing, FrameReader::Side::server) {
        client.connected(now());
    }

    Time now() const { return clock.monotonic(); }
    void ask(uint8_t unit, uint64_t token, Urgency urgency = Urgency::poll, uint16_t address = 0) {
        const auto request = read_request(Area::holding_register, address, 1);
        ASSERT_TRUE(client.submit(unit, request, urgency, Token(token)).has_value());
        client.run(now(), *this);
    }
    void write(uint8_t unit, uint64_t token) {
        const Request request{
            .function = Function::write_single_register, .address = 0, .count = 1, .value = 7};
        ASSERT_TRUE(client.submit(unit, request, Urgency::write, Token(token)).has_value());
        client.run(now(), *this);
    }
    void pass(Duration time) {
        clock.advance(time);
        client.tick(now(), *this);
    }
    void feed(std::string_view bytes) { client.feed(as_bytes(bytes), now(), *this); }
    // The answer to frame i of those sent: one register.
    std::string reply(size_t i, uint16_t value = 0x1234) {
        std::string pdu;
        ByteWriter writer(pdu);
        const auto request = parse_request(as_bytes(sent[i].pdu));
        std::string data;
        ByteWriter(data).big(value);
        append_response(*request, as_bytes(data), pdu);
        return framed(i, pdu);
    }
    std::string exception(size_t i, uint8_t code) {
        std::string pdu;
        append_exception(static_cast<uint8_t>(sent[i].pdu[0]), static_cast<ExceptionCode>(code),
                         pdu);
        return framed(i, pdu);
    }
    std::string framed(size_t i, std::string_view pdu) {
        std::string out;
        append_frame(framing, sent[i].transaction, sent[i].unit, as_bytes(pdu), out);
        return out;
    }
    std::vector<unsigned> units() const {
        std::vector<unsigned> out;
        for (const auto& frame : sent)
            out.push_back(frame.unit);
        return out;
    }

    void on_send(std::string bytes) override {
        server.give(as_bytes(bytes));
        const auto frame = server.next();
        ASSERT_TRUE(frame.has_value() && frame->has_value());
        sent.push_back(
            {(*frame)->transaction, (*frame)->unit, std::string(as_text((*frame)->pdu))});
    }
    void on_answer(Token token, const Answer& answer) override {
        seen.push_back(
            {token.value(), answer.outcome, std::string(as_text(answer.data)), answer.why});
    }
    void on_unit(uint8_t unit, bool up, std::string_view) override { turns.emplace_back(unit, up); }
    void on_close(const Error& why) override { closed = why.text(); }

    struct Sent {
        uint16_t transaction;
        uint8_t unit;
        std::string pdu;
    };
    Framing framing;
    ManualClock clock{Time{1'000'000'000'000}};
    Client client;
    FrameReader server;
    std::vector<Sent> sent;
    std::vector<Seen> seen;
    std::vector<std::pair<unsigned, bool>> turns;
    std::string closed;
};

TEST(ModbusClient, AsksAndIsAnswered) {
    for (const auto framing : {Framing::tcp, Framing::rtu, Framing::ascii}) {
        Dialogue d({.framing = framing});
        d.ask(5, 42);
        ASSERT_EQ(d.sent.size(), 1U);
        const auto reply = d.reply(0);
        for (const char c : reply)
            d.feed({&c, 1});
        ASSERT_EQ(d.seen.size(), 1U);
        EXPECT_EQ(d.seen[0].token, 42U);
        EXPECT_EQ(d.seen[0].outcome, Outcome::answered);
        EXPECT_EQ(d.seen[0].data, hex("1234"));
        EXPECT_EQ(d.turns, (std::vector<std::pair<unsigned, bool>>{{5, true}}));
        EXPECT_FALSE(d.client.deadline());
    }
}

TEST(ModbusClient, OneAtATimeAndWritesFirst) {
    Dialogue d({});
    d.ask(1, 1);
    d.ask(1, 2);
    d.ask(1, 3, Urgency::read);
    d.write(1, 4);
    ASSERT_EQ(d.sent.size(), 1U);
    for (size_t i = 0; i < 4; ++i)
        d.feed(d.reply(i));
    std::vector<uint64_t> order;
    for (const auto& one : d.seen)
        order.push_back(one.token);
    EXPECT_EQ(order, (std::vector<uint64_t>{1, 4, 3, 2}));
}

TEST(ModbusClient, PipelineMatchesByTransaction) {
    Dialogue d({.pipeline = 4});
    for (uint64_t i = 0; i < 6; ++i)
        d.ask(1, i);
    ASSERT_EQ(d.sent.size(), 4U);
    d.feed(d.reply(3, 3) + d.reply(0, 0));
    ASSERT_EQ(d.seen.size(), 2U);
    EXPECT_EQ(d.seen[0].token, 3U);
    EXPECT_EQ(d.seen[0].data, hex("0003"));
    EXPECT_EQ(d.seen[1].token, 0U);
    EXPECT_EQ(d.sent.size(), 6U);
}

TEST(ModbusClient, PipelineFallsBackToOne) {
    Dialogue d({.pipeline = 4, .down_after = 5});
    for (uint64_t i = 0; i < 4; ++i)
        d.ask(1, i);
    d.feed(d.reply(0));
    d.pass(seconds(1));  // the device lost the other three
    EXPECT_EQ(d.client.in_flight(), 1U);
    const size_t sent = d.sent.size();
    d.feed(d.reply(sent - 1));
    EXPECT_EQ(d.client.in_flight(), 1U);
    EXPECT_EQ(d.sent.size(), sent + 1);
}

TEST(ModbusClient, RepeatsThenGivesUp) {
    Dialogue d({.retries = 2, .down_after = 5});
    d.ask(1, 1);
    EXPECT_EQ(d.client.deadline(), d.now() + seconds(1));
    d.pass(seconds(1));
    d.pass(seconds(1));
    EXPECT_EQ(d.sent.size(), 3U);
    EXPECT_TRUE(d.seen.empty());
    d.pass(seconds(1));
    ASSERT_EQ(d.seen.size(), 1U);
    EXPECT_EQ(d.seen[0].outcome, Outcome::timed_out);
    EXPECT_EQ(d.seen[0].why,
              "unit 1: no answer to read holding registers 400001 within 1s (3 tries)");
    EXPECT_EQ(d.client.counts().retries, 2U);
}

TEST(ModbusClient, LateAnswerOnTcpIsDroppedAndCounted) {
    Dialogue d({.down_after = 5});
    d.ask(1, 1);
    d.pass(seconds(1));
    ASSERT_EQ(d.sent.size(), 2U);
    d.feed(d.reply(0, 0xdead));
    EXPECT_TRUE(d.seen.empty());
    d.feed(d.reply(1, 0x0001));
    ASSERT_EQ(d.seen.size(), 1U);
    EXPECT_EQ(d.seen[0].data, hex("0001"));
    EXPECT_EQ(d.client.counts().late_answers, 1U);
}

TEST(ModbusClient, SerialLineIsQuietAfterATimeout) {
    Dialogue d({.framing = Framing::rtu, .retries = 0, .down_after = 5});
    d.ask(1, 1);
    d.ask(2, 2);
    d.pass(seconds(1));
    ASSERT_EQ(d.seen.size(), 1U);
    EXPECT_EQ(d.sent.size(), 1U);
    d.pass(milliseconds(10));
    d.feed(d.reply(0).substr(0, 3));  // the late answer begins
    EXPECT_EQ(d.client.deadline(), d.now() + milliseconds(20));
    d.pass(milliseconds(15));
    d.feed(d.reply(0).substr(3));
    d.pass(milliseconds(15));
    EXPECT_EQ(d.sent.size(), 1U);
    d.pass(milliseconds(5));
    ASSERT_EQ(d.sent.size(), 2U);
    d.feed(d.reply(0) + d.reply(1, 2));  // another one of unit 1 is not taken for unit 2
    ASSERT_EQ(d.seen.size(), 2U);
    EXPECT_EQ(d.seen[1].token, 2U);
    EXPECT_EQ(d.seen[1].data, hex("0002"));
}

// What issue 1602 of Neuron is about: one silent unit, and the whole link was opened anew.
TEST(ModbusClient, SilentUnitGoesDownAloneAndCostsATenth) {
    Dialogue d({.framing = Framing::rtu});
    Duration silent_time{};
    unsigned answered = 0;
    const Time begin = d.now();
    uint64_t token = 0;
    while (d.now() < begin + seconds(300)) {
        for (const uint8_t unit : {uint8_t{1}, uint8_t{2}, uint8_t{3}})
            d.ask(unit, token++);
        while (d.client.waiting() > 0 || d.client.in_flight() > 0) {
            const auto due = *d.client.deadline();
            if (d.client.in_flight() > 0 && d.sent.back().unit != 2) {
                d.pass(milliseconds(20));
                d.feed(d.reply(d.sent.size() - 1));
                ++answered;
            } else {
                const bool waits = d.client.in_flight() > 0;
                if (waits) silent_time = silent_time + (due - d.now());
                d.pass(due - d.now());
            }
        }
        d.pass(milliseconds(900));
    }
    EXPECT_EQ(d.closed, "");
    EXPECT_EQ(d.seen.size(), token);
    EXPECT_TRUE(d.client.is_down(2));
    EXPECT_FALSE(d.client.is_down(1));
    EXPECT_GT(answered, 400U);
    // Two time-outs until it is down, then at most one in eleven seconds.
    EXPECT_LE(silent_time.ns, seconds(2 + 300 / 11 + 1).ns);
    EXPECT_GE(silent_time.ns, seconds(20).ns);
}

TEST(ModbusClient, DownUnitFailsAtOnceAndComesBack) {
    Dialogue d({.framing = Framing::rtu});
    d.ask(1, 100);
    d.feed(d.reply(0));
    d.ask(2, 1);
    d.ask(2, 2);
    d.pass(seconds(1));
    d.pass(milliseconds(20));
    d.pass(seconds(1));
    // Twice silent: down, and the second request is not tried.
    ASSERT_EQ(d.seen.size(), 3U);
    EXPECT_EQ(d.seen[1].outcome, Outcome::timed_out);
    EXPECT_EQ(d.seen[2].outcome, Outcome::unit_down);
    EXPECT_EQ(d.seen[2].why,
              "unit 2 does not answer (no answer to read holding registers 400001 within 1s); it "
              "is tried again in 10s");
    const size_t sent = d.sent.size();
    d.ask(2, 3);
    d.write(2, 4);
    EXPECT_EQ(d.seen.size(), 5U);
    EXPECT_EQ(d.sent.size(), sent);
    d.pass(seconds(10));
    d.ask(2, 5);
    d.ask(2, 6);  // waits for the probe
    ASSERT_EQ(d.sent.size(), sent + 1);
    EXPECT_EQ(d.seen.size(), 5U);
    d.feed(d.reply(sent));
    EXPECT_FALSE(d.client.is_down(2));
    ASSERT_EQ(d.sent.size(), sent + 2);
    d.feed(d.reply(sent + 1));
    EXPECT_EQ(d.seen[6].outcome, Outcome::answered);
    EXPECT_EQ(d.turns, (std::vector<std::pair<unsigned, bool>>{{1, true}, {2, false}, {2, true}}));
}

TEST(ModbusClient, FailedProbeFailsWhatWaitsForIt) {
    Dialogue d({.framing = Framing::rtu, .down_after = 1});
    d.ask(1, 100);
    d.feed(d.reply(0));
    d.ask(2, 1);
    d.pass(seconds(1));
    d.pass(seconds(10));
    d.ask(2, 2);
    d.ask(2, 3);
    EXPECT_EQ(d.seen.size(), 2U);
    d.pass(seconds(1));
    ASSERT_EQ(d.seen.size(), 4U);
    EXPECT_EQ(d.seen[2].outcome, Outcome::timed_out);
    EXPECT_EQ(d.seen[3].outcome, Outcome::unit_down);
    EXPECT_EQ(d.sent.size(), 3U);
}

TEST(ModbusClient, SilentUnitsTakeTurnsAtProbes) {
    Dialogue d({.framing = Framing::rtu, .down_after = 1});
    std::map<unsigned, int> probes;
    uint64_t token = 0;
    for (int round = 0; round < 200; ++round) {
        for (const uint8_t unit : {uint8_t{1}, uint8_t{2}, uint8_t{3}, uint8_t{4}})
            d.ask(unit, token++);
        size_t told = 0;
        while (d.client.waiting() > 0 || d.client.in_flight() > 0) {
            if (d.client.in_flight() > 0 && d.sent.size() > told) {
                told = d.sent.size();
                ++probes[d.sent.back().unit];
                if (d.sent.back().unit == 1) {
                    d.feed(d.reply(told - 1));
                    continue;
                }
            }
            d.pass(*d.client.deadline() - d.now());
        }
        d.pass(seconds(1));
    }
    for (const unsigned unit : {2U, 3U, 4U})
        EXPECT_NEAR(probes[unit], 7, 2) << unit;
    EXPECT_EQ(probes[1], 200);
}

TEST(ModbusClient, ADeadLinkIsToldForAllUnitsAtOnce) {
    for (const auto framing : {Framing::tcp, Framing::rtu}) {
        Dialogue d({.framing = framing});
        for (uint8_t unit = 1; unit <= 8; ++unit) {
            d.ask(unit, unit);
            d.feed(d.reply(d.sent.size() - 1));
        }
        for (uint8_t unit = 1; unit <= 8; ++unit)
            d.ask(unit, 10u + unit);
        for (const size_t down : {0u, 0u, 8u}) {
            d.pass(seconds(1));
            d.pass(milliseconds(20));
            size_t count = 0;
            for (uint8_t unit = 1; unit <= 8; ++unit)
                count += d.client.is_down(unit) ? 1 : 0;
            EXPECT_EQ(count, down);
        }
        // Whoever was not found silent by itself is asked first, and back with its answer.
        for (uint8_t unit = 4; unit <= 8; ++unit) {
            if (unit > 4) d.ask(unit, 20u + unit);
            EXPECT_EQ(d.sent.back().unit, unit);
            d.feed(d.reply(d.sent.size() - 1));
            EXPECT_FALSE(d.client.is_down(unit));
        }
        EXPECT_TRUE(d.client.is_down(1));
    }
}

TEST(ModbusClient, AnAnswerBetweenTellsALiveLink) {
    Dialogue d({.retries = 0});
    for (uint64_t round = 0; round < 5; ++round) {
        for (uint8_t unit = 1; unit <= 3; ++unit)
            d.ask(unit, 10 * round + unit);
        while (d.client.in_flight() > 0) {
            if (d.sent.back().unit == 3)
                d.feed(d.reply(d.sent.size() - 1));
            else
                d.pass(seconds(1));
        }
    }
    EXPECT_TRUE(d.client.is_down(1));
    EXPECT_TRUE(d.client.is_down(2));
    EXPECT_FALSE(d.client.is_down(3));
    EXPECT_EQ(std::count(d.turns.begin(), d.turns.end(), std::pair(3U, false)), 0);
}

TEST(ModbusClient, AloneOnItsLinkIsProbedAtEachPoll) {
    Dialogue d({.down_after = 1});
    d.ask(1, 1);
    d.pass(seconds(1));
    EXPECT_TRUE(d.client.is_down(1));
    d.ask(1, 2);
    EXPECT_EQ(d.sent.size(), 2U);
    d.pass(seconds(1));
    EXPECT_EQ(d.seen.size(), 2U);
}

TEST(ModbusClient, PipelineIsSharedAndASilentUnitGetsOneSlot) {
    Dialogue d({.pipeline = 4, .retries = 3, .down_after = 4});
    for (uint64_t i = 0; i < 6; ++i) {
        d.ask(1, i);
        d.ask(2, 10 + i);
    }
    EXPECT_EQ(d.units(), (std::vector{1U, 2U, 1U, 2U}));
    d.feed(d.reply(0) + d.reply(2));  // unit 2 holds its two slots, no more
    EXPECT_EQ(d.units(), (std::vector{1U, 2U, 1U, 2U, 1U, 1U}));
    d.feed(d.reply(4) + d.reply(5));
    EXPECT_EQ(d.sent.size(), 8U);
    d.feed(d.reply(6) + d.reply(7));
    EXPECT_EQ(d.seen.size(), 6U);
    d.pass(seconds(1));
    EXPECT_EQ(d.client.in_flight(), 1U);
    EXPECT_EQ(d.client.counts().timeouts, 2U);
    EXPECT_FALSE(d.client.is_down(2));
}

TEST(ModbusClient, ExceptionsFailTheirRequestOnly) {
    Dialogue d({});
    d.ask(1, 1);
    d.ask(1, 2);
    d.feed(d.exception(0, 2));
    d.feed(d.reply(1));
    ASSERT_EQ(d.seen.size(), 2U);
    EXPECT_EQ(d.seen[0].outcome, Outcome::exception);
    EXPECT_EQ(d.seen[0].why,
              "unit 1 answers exception 2 (illegal data address) to read holding registers 400001");
    EXPECT_EQ(d.seen[1].outcome, Outcome::answered);
}

TEST(ModbusClient, GatewayThatMissesItsTargetCountsAsSilence) {
    Dialogue d({});
    d.ask(7, 1);
    d.feed(d.exception(0, 11));
    d.ask(7, 2);
    d.feed(d.exception(1, 11));
    EXPECT_EQ(d.seen.size(), 2U);
    EXPECT_TRUE(d.client.is_down(7));
}

TEST(ModbusClient, AnswerThatDoesNotFitFailsItsRequest) {
    Dialogue d({});
    d.ask(1, 1);
    d.feed(d.framed(0, hex("03 04 0001 0002")));
    ASSERT_EQ(d.seen.size(), 1U);
    EXPECT_EQ(d.seen[0].outcome, Outcome::malformed);
    EXPECT_EQ(d.closed, "");
}

TEST(ModbusClient, BroadcastIsAnsweredByTheTurnaround) {
    Dialogue d({.framing = Framing::rtu});
    const auto read = read_request(Area::holding_register, 0, 1);
    EXPECT_FALSE(d.client.submit(0, read, Urgency::read, Token(9)).has_value());
    d.write(0, 1);
    EXPECT_TRUE(d.seen.empty());
    d.pass(milliseconds(100));
    ASSERT_EQ(d.seen.size(), 1U);
    EXPECT_EQ(d.seen[0].outcome, Outcome::answered);
}

TEST(ModbusClient, RequestDelayIsKept) {
    Dialogue d({.request_delay = milliseconds(50)});
    d.ask(1, 1);
    d.feed(d.reply(0));
    d.ask(1, 2);
    EXPECT_EQ(d.sent.size(), 1U);
    EXPECT_EQ(d.client.deadline(), d.now() + milliseconds(50));
    d.pass(milliseconds(50));
    EXPECT_EQ(d.sent.size(), 2U);
}

TEST(ModbusClient, LossAnswersEverythingOnce) {
    Dialogue d({.pipeline = 2});
    for (uint64_t i = 0; i < 5; ++i)
        d.ask(1, i);
    d.client.lost(d);
    EXPECT_EQ(d.seen.size(), 5U);
    for (const auto& one : d.seen)
        EXPECT_EQ(one.outcome, Outcome::closed);
    d.client.connected(d.now());
    d.ask(1, 9);
    d.feed(d.reply(2));
    EXPECT_EQ(d.seen.back().token, 9U);
}

TEST(ModbusClient, DroppedPollsAreForgotten) {
    Dialogue d({});
    d.ask(1, 1);
    d.ask(1, 2);
    d.write(1, 3);
    d.client.drop_polls({});
    d.feed(d.reply(0));
    d.feed(d.reply(1));
    ASSERT_EQ(d.seen.size(), 1U);
    EXPECT_EQ(d.seen[0].token, 3U);
}

TEST(ModbusClient, WaitingWritesAreLimited) {
    Dialogue d({.writes_limit = 2});
    for (uint64_t i = 0; i < 3; ++i)
        d.write(1, i);
    const auto more = d.client.submit(1, read_request(Area::coil, 0, 1), Urgency::read, Token(9));
    ASSERT_FALSE(more.has_value());
    EXPECT_EQ(more.error().code(), ErrorCode::limit_exceeded);
}

TEST(ModbusClient, WhatIsNotModbusClosesTheLink) {
    Dialogue d({});
    d.ask(1, 1);
    d.feed("HTTP/1.1 400 Bad Request\r\n");
    EXPECT_NE(d.closed.find("does not speak Modbus TCP"), std::string::npos);
    d.client.lost(d);
    EXPECT_EQ(d.seen.size(), 1U);
}

TEST(ModbusClient, FloodClosesTheLink) {
    Dialogue tcp({});
    tcp.ask(1, 1);
    auto stray = tcp.reply(0);
    stray[0] = '\x7f';
    for (int i = 0; i < 2'000 && tcp.closed.empty(); ++i)
        tcp.feed(stray);
    EXPECT_NE(tcp.closed.find("nobody asked for"), std::string::npos);
    Dialogue rtu({.framing = Framing::rtu});
    rtu.ask(1, 1);
    for (int i = 0; i < 100 && rtu.closed.empty(); ++i)
        rtu.feed(std::string(1'000, 'x'));
    EXPECT_NE(rtu.closed.find("bytes of noise"), std::string::npos);
}

}  // namespace
}  // namespace hw::modbus
