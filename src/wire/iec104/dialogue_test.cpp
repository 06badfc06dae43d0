#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "wire/iec104/test_bytes.h"
#include "wire/iec104/test_station.h"

namespace hw::iec104 {
namespace {

Time start() {
    return *parse_rfc3339("2026-07-14T09:05:30.250Z");
}

// A client and a server, joined by two strings.
class Dialogue {
  public:
    explicit Dialogue(const ClientSettings& settings = {}, const ServerSettings& served = {})
        : client(settings, clock), server(served, clock) {}

    void connect(std::vector<uint16_t> addresses = {1}) {
        client.set_stations(addresses, up);
        client.connected(up);
        server.connected();
        run();
    }
    // Until neither has anything to say.
    void run() {
        while (!up.empty() || !down.empty()) {
            const std::string a = std::exchange(up, {});
            if (Result<void> fed = server.feed(as_bytes(a), stations, down); !fed)
                failure = fed.error().text();
            const std::string b = std::exchange(down, {});
            if (Result<void> fed = client.feed(as_bytes(b), heard, up); !fed)
                failure = fed.error().text();
        }
    }
    void after(Duration by) {
        clock.advance(by);
        if (Result<void> ticked = client.tick(heard, up); !ticked) failure = ticked.error().text();
        if (Result<void> ticked = server.tick(down); !ticked) failure = ticked.error().text();
        run();
    }
    // The server's answers are lost, the bytes as well as the time.
    void lose() {
        up.clear();
        down.clear();
    }
    std::string told() { return std::exchange(heard.text, {}); }

    ManualClock clock{start()};
    Client client;
    Server server;
    HeardByClient heard;
    TestStations stations;
    std::string up;
    std::string down;
    std::string failure;
};

Command switch_on(uint32_t object, bool select_first = false, TypeId type = TypeId::c_sc_na) {
    return {.common_address = 1,
            .type = type,
            .object_address = object,
            .element = Switching{.state = 1},
            .select_first = select_first};
}

TEST(Iec104Dialogue, InterrogatesEveryStationAfterTheStart) {
    Dialogue d;
    d.connect({1, 2, 9});
    EXPECT_EQ(d.told(),
              "started;"
              "1!100 M_ME_NB_1 interrogated by station;"
              "1!101 M_ME_NB_1 interrogated by station;"
              "1!102 M_ME_NB_1 interrogated by station;"
              "1!1 M_SP_NA_1 interrogated by station;"
              "1 general interrogation: done;"
              "2!100 M_ME_NB_1 interrogated by station;"
              "2!101 M_ME_NB_1 interrogated by station;"
              "2!102 M_ME_NB_1 interrogated by station;"
              "2!2 M_SP_NA_1 interrogated by station;"
              "2 general interrogation: done;"
              "9 general interrogation: the station refused the general interrogation: unknown "
              "common address of ASDU;");
    EXPECT_EQ(d.failure, "");
}

TEST(Iec104Dialogue, ClockThenInterrogationThenCounters) {
    Dialogue d({.zone = seconds(8 * 3600),
                .counter_interval = seconds(60),
                .clock_at_start = true,
                .clock_interval = seconds(3600)},
               {.zone = seconds(8 * 3600)});
    d.stations.measured = 0;
    d.connect();
    EXPECT_EQ(d.told(),
              "started;1 clock synchronisation: done;"
              "1!1 M_SP_NA_1 interrogated by station;1 general interrogation: done;"
              "1!200 M_IT_NA_1 requested by general counter request;"
              "1 counter interrogation: done;");
    EXPECT_EQ(d.stations.text, "started;1 clock 2026-07-14T09:05:30.250Z;");
    for (int i = 0; i < 6; ++i)
        d.after(seconds(10));
    EXPECT_EQ(d.told(),
              "1!200 M_IT_NA_1 requested by general counter request;"
              "1 counter interrogation: done;");
    d.stations.text.clear();
    for (int i = 0; i < 354; ++i)
        d.after(seconds(10));
    EXPECT_EQ(d.stations.text, "1 clock 2026-07-14T10:05:30.250Z;");
    EXPECT_EQ(d.failure, "");
}

TEST(Iec104Dialogue, ALargeInterrogationPassesASmallWindow) {
    Dialogue d({.link = {.k = 3, .w = 2}}, {.link = {.k = 3, .w = 2}});
    d.stations.measured = 5000;
    d.connect();
    EXPECT_EQ(d.heard.objects.size(), 5001u);
    // 80 scaled values fit into one ASDU as a sequence; then confirmation, the single point and
    // the termination.
    EXPECT_EQ(d.server.figures().sent, 63u + 3u);
    EXPECT_EQ(d.failure, "");
}

TEST(Iec104Dialogue, ARefusedInterrogationIsTriedAgain) {
    Dialogue d;
    d.stations.refuses_interrogation = true;
    d.connect();
    EXPECT_EQ(d.told(),
              "started;1 general interrogation: the station refused the general interrogation: "
              "negative activation confirmation;");
    d.stations.refuses_interrogation = false;
    d.stations.measured = 0;
    for (int i = 0; i < 6; ++i)
        d.after(seconds(10));
    EXPECT_EQ(d.told(), "1!1 M_SP_NA_1 interrogated by station;1 general interrogation: done;");
}

TEST(Iec104Dialogue, AnInterrogationThatIsNotAnsweredTimesOut) {
    Dialogue d;
    d.connect();
    d.told();
    d.client.interrogate(1, d.up);
    d.lose();
    ASSERT_FALSE(d.client.deadline() == std::nullopt);
    d.clock.advance(seconds(10));
    ASSERT_TRUE(d.client.tick(d.heard, d.up));
    EXPECT_EQ(d.told(),
              "1 general interrogation: no confirmation of the general interrogation within 10s;");
}

TEST(Iec104Dialogue, AMissingTerminationIsSaidAndNotRepeated) {
    Dialogue d;
    d.connect();
    d.told();
    d.client.interrogate(1, d.up);
    d.lose();
    auto next = static_cast<uint16_t>(d.server.figures().sent);
    std::string frames;
    write_information(next++, 2, from_hex("64 01 07 00 01 00 00 00 00 14"), frames);
    write_information(next++, 2, from_hex("0B 01 14 00 01 00 64 00 00 07 00 00"), frames);
    ASSERT_TRUE(d.client.feed(as_bytes(frames), d.heard, d.up));
    EXPECT_EQ(d.told(), "1!100 M_ME_NB_1 interrogated by station;");
    for (int i = 0; i < 3; ++i) {
        d.clock.advance(seconds(10));
        ASSERT_TRUE(d.client.feed(as_bytes(from_hex("68 04 83 00 00 00")), d.heard, d.up));
        ASSERT_TRUE(d.client.tick(d.heard, d.up));
    }
    EXPECT_EQ(d.told(),
              "1 general interrogation: no termination of the general interrogation within 30s of "
              "the last object;");
    d.up.clear();
    for (int i = 0; i < 12; ++i) {
        d.clock.advance(seconds(10));
        ASSERT_TRUE(d.client.feed(as_bytes(from_hex("68 04 83 00 00 00")), d.heard, d.up));
        ASSERT_TRUE(d.client.tick(d.heard, d.up));
    }
    EXPECT_EQ(d.up, "");
}

TEST(Iec104Dialogue, InterrogatesAgainAtAnInterval) {
    Dialogue d({.interrogation_interval = seconds(30)});
    d.stations.measured = 0;
    d.connect();
    d.told();
    for (int i = 0; i < 5; ++i)
        d.after(seconds(5));
    EXPECT_EQ(d.told(), "");
    d.after(seconds(5));
    EXPECT_EQ(d.told(), "1!1 M_SP_NA_1 interrogated by station;1 general interrogation: done;");
}

TEST(Iec104Dialogue, ARestartOfTheStationIsInterrogated) {
    Dialogue d;
    d.stations.measured = 0;
    d.connect();
    d.told();
    const Object object{.address = 0, .element = EndOfInitialization{}, .quality = {}, .time = {}};
    ASSERT_TRUE(d.server.report(1, TypeId::m_ei_na, {&object, 1}, Cause::initialized, d.down));
    d.run();
    EXPECT_EQ(d.told(),
              "1 initialized;1!1 M_SP_NA_1 interrogated by station;"
              "1 general interrogation: done;");
}

TEST(Iec104Dialogue, SpontaneousReportsArrive) {
    Dialogue d;
    d.connect();
    d.told();
    const Object object{.address = 100,
                        .element = Short{3.5F},
                        .quality = {.invalid = true},
                        .time = tag_from_time(start(), {})};
    ASSERT_TRUE(d.server.report(1, TypeId::m_me_tf, {&object, 1}, Cause::spontaneous, d.down));
    d.run();
    EXPECT_EQ(d.told(), "1!100 M_ME_TF_1 spontaneous;");
    EXPECT_EQ(d.heard.objects.back(), object);
}

TEST(Iec104Dialogue, CommandsAreConfirmedOrRefusedWithAReason) {
    Dialogue d;
    d.connect();
    d.told();
    uint64_t id = 0;
    for (const uint32_t object : {301, 302, 303, 999})
        ASSERT_TRUE(d.client.command(OrderId{++id}, switch_on(object), d.up));
    Command elsewhere = switch_on(301);
    elsewhere.common_address = 7;
    ASSERT_TRUE(d.client.command(OrderId{++id}, elsewhere, d.up));
    d.run();
    EXPECT_EQ(d.told(),
              "order 1: done;"
              "order 2: the station refused the command: negative activation confirmation;"
              "order 3: the station refused the command: unknown type identification;"
              "order 4: the station refused the command: unknown information object address;"
              "order 5: the station refused the command: unknown common address of ASDU;");
}

TEST(Iec104Dialogue, SelectBeforeOperate) {
    Dialogue d;
    d.connect();
    d.told();
    d.stations.text.clear();
    ASSERT_TRUE(d.client.command(OrderId{1}, switch_on(300), d.up));
    d.run();
    EXPECT_EQ(d.told(),
              "order 1: the station refused the command: negative activation "
              "confirmation;");
    ASSERT_TRUE(d.client.command(OrderId{2}, switch_on(300, true), d.up));
    ASSERT_TRUE(d.client.command(OrderId{3}, switch_on(301, true), d.up));
    d.run();
    EXPECT_EQ(d.told(),
              "order 3: the station refused the select: negative activation confirmation;"
              "order 2: done;");
    EXPECT_EQ(d.stations.text,
              "execute C_SC_NA_1 300;select C_SC_NA_1 300;select C_SC_NA_1 301;"
              "execute C_SC_NA_1 300 selected;");
}

TEST(Iec104Dialogue, ASelectLapses) {
    Dialogue d({.confirm_timeout = seconds(30)}, {.select_timeout = seconds(1)});
    d.connect();
    d.told();
    ASSERT_TRUE(d.client.command(OrderId{1}, switch_on(300, true), d.up));
    const std::string select = std::exchange(d.up, {});
    ASSERT_TRUE(d.server.feed(as_bytes(select), d.stations, d.down));
    const std::string confirmed = std::exchange(d.down, {});
    ASSERT_TRUE(d.client.feed(as_bytes(confirmed), d.heard, d.up));
    d.clock.advance(seconds(1));
    d.run();
    EXPECT_EQ(d.told(),
              "order 1: the station refused the command: negative activation "
              "confirmation;");
}

TEST(Iec104Dialogue, CommandsWithATimeTagCarryTheClock) {
    Dialogue d({.await_termination = true});
    d.connect();
    d.told();
    ASSERT_TRUE(d.client.command(
        OrderId{1},
        {.type = TypeId::c_se_tc, .object_address = 301, .element = SetPoint{.value = Short{2}}},
        d.up));
    EXPECT_NE(to_hex(d.up).find("00 00 00 40 00 2A 76 05 09 4E 07 1A"), std::string::npos);
    d.run();
    EXPECT_EQ(d.told(), "order 1: done;");
}

TEST(Iec104Dialogue, OrdersForOneObjectWaitForOneAnother) {
    Dialogue d;
    d.connect();
    d.stations.text.clear();
    d.told();
    ASSERT_TRUE(d.client.command(OrderId{1}, switch_on(301), d.up));
    const size_t one = d.up.size();
    ASSERT_TRUE(d.client.command(OrderId{2}, switch_on(301), d.up));
    EXPECT_EQ(d.up.size(), one);
    d.run();
    EXPECT_EQ(d.told(), "order 1: done;order 2: done;");
    EXPECT_EQ(d.stations.text, "execute C_SC_NA_1 301;execute C_SC_NA_1 301;");
}

TEST(Iec104Dialogue, ACommandWithoutAnAnswerTimesOut) {
    Dialogue d;
    d.connect();
    d.told();
    ASSERT_TRUE(d.client.command(OrderId{1}, switch_on(301), d.up));
    ASSERT_TRUE(d.client.command(OrderId{2}, switch_on(301), d.up));
    d.lose();
    d.clock.advance(seconds(10));
    ASSERT_TRUE(d.client.tick(d.heard, d.up));
    EXPECT_EQ(d.told(), "order 1: no answer to C_SC_NA_1 of object 301 within 10s;");
    // The next one has its own time.
    EXPECT_FALSE(d.up.empty());
}

TEST(Iec104Dialogue, ReadsOneObject) {
    Dialogue d;
    d.connect();
    d.told();
    ASSERT_TRUE(d.client.read(OrderId{1}, 1, 100, d.up));
    ASSERT_TRUE(d.client.read(OrderId{2}, 1, 101, d.up));
    d.run();
    EXPECT_EQ(d.told(),
              "1!100 M_ME_NB_1 requested;order 1: done;"
              "order 2: the station refused the read: unknown information object address;");
}

TEST(Iec104Dialogue, AReadThatIsConfirmedFirstIsAnsweredByTheObject) {
    Dialogue d;
    d.connect();
    d.told();
    ASSERT_TRUE(d.client.read(OrderId{1}, 1, 100, d.up));
    d.lose();
    const auto next = static_cast<uint16_t>(d.server.figures().sent);
    std::string frame;
    write_information(next, 2, from_hex("66 01 07 00 01 00 64 00 00"), frame);
    ASSERT_TRUE(d.client.feed(as_bytes(frame), d.heard, d.up));
    EXPECT_EQ(d.told(), "");
    frame.clear();
    write_information(next + 1, 2, from_hex("0B 01 05 00 01 00 64 00 00 07 00 00"), frame);
    ASSERT_TRUE(d.client.feed(as_bytes(frame), d.heard, d.up));
    EXPECT_EQ(d.told(), "1!100 M_ME_NB_1 requested;order 1: done;");
}

TEST(Iec104Dialogue, TestAndResetAreCommandsToo) {
    Dialogue d;
    d.connect();
    d.told();
    d.stations.text.clear();
    ASSERT_TRUE(
        d.client.command(OrderId{1}, {.type = TypeId::c_ts_na, .element = TestPattern{}}, d.up));
    ASSERT_TRUE(
        d.client.command(OrderId{2}, {.type = TypeId::c_ts_ta, .element = TestPattern{1}}, d.up));
    ASSERT_TRUE(
        d.client.command(OrderId{3}, {.type = TypeId::c_rp_na, .element = Qualifier{1}}, d.up));
    d.run();
    EXPECT_EQ(d.told(), "order 1: done;order 2: done;order 3: done;");
    EXPECT_EQ(d.stations.text, "reset 1;");
}

TEST(Iec104Dialogue, TheLimitOfOrdersIsSaid) {
    Dialogue d({.orders_limit = 1});
    EXPECT_FALSE(d.client.command(OrderId{1}, switch_on(301), d.up));
    d.connect();
    ASSERT_TRUE(d.client.command(OrderId{1}, switch_on(301), d.up));
    const Result<void> full = d.client.command(OrderId{2}, switch_on(301), d.up);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().text(), "1 commands and reads are under way, the limit");
}

TEST(Iec104Dialogue, OrdersAreAnsweredOnceWhenTheLinkFails) {
    Dialogue d;
    d.connect();
    d.told();
    ASSERT_TRUE(d.client.command(OrderId{1}, switch_on(301), d.up));
    ASSERT_TRUE(d.client.command(OrderId{2}, switch_on(301), d.up));
    d.lose();
    const Result<void> fed = d.client.feed(as_bytes("GET / HTTP/1.1"), d.heard, d.up);
    ASSERT_FALSE(fed);
    d.client.disconnected(fed.error(), d.heard);
    EXPECT_EQ(d.heard.answers, (std::map<uint64_t, int>{{1, 1}, {2, 1}}));
    // And everything begins anew.
    d.stations.measured = 0;
    d.lose();
    d.told();
    d.connect();
    EXPECT_EQ(d.told(),
              "started;1!1 M_SP_NA_1 interrogated by station;1 general interrogation: done;");
}

TEST(Iec104Dialogue, AQuietLinkIsKeptAliveByBothSides) {
    Dialogue d;
    d.connect();
    for (int i = 0; i < 100; ++i)
        d.after(seconds(5));
    EXPECT_EQ(d.failure, "");
    EXPECT_GT(d.client.figures().tests + d.server.figures().tests, 20u);
}

TEST(Iec104Dialogue, AStationThatIsAddedLaterIsInterrogated) {
    Dialogue d;
    d.stations.measured = 0;
    d.connect({1});
    d.told();
    const std::vector<uint16_t> both = {1, 2};
    d.client.set_stations(both, d.up);
    d.run();
    EXPECT_EQ(d.told(), "2!2 M_SP_NA_1 interrogated by station;2 general interrogation: done;");
}

TEST(Iec104Dialogue, WhatCannotBeReadIsDiscardedAndTheLinkGoesOn) {
    Dialogue d;
    d.connect();
    d.told();
    std::string frame;
    write_information(static_cast<uint16_t>(d.server.figures().sent), 1,
                      from_hex("7F 01 03 00 01 00 01 00 00 01"), frame);
    ASSERT_TRUE(d.client.feed(as_bytes(frame), d.heard, d.up));
    EXPECT_EQ(d.told(), "unknown type identification 127;");
}

TEST(Iec104Dialogue, TheGlobalAddressReachesEveryStation) {
    Dialogue d;
    d.connect();
    d.told();
    d.stations.measured = 0;
    std::string frame;
    write_information(1, static_cast<uint16_t>(d.server.figures().sent),
                      from_hex("64 01 06 00 FF FF 00 00 00 14"), frame);
    ASSERT_TRUE(d.server.feed(as_bytes(frame), d.stations, d.down));
    const std::string sent = to_hex(d.down);
    EXPECT_NE(sent.find("64 01 07 00 01 00"), std::string::npos);
    EXPECT_NE(sent.find("64 01 0A 00 02 00"), std::string::npos);
}

}  // namespace
}  // namespace hw::iec104
