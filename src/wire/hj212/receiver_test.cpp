#include "wire/hj212/receiver.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace hw::hj212 {
namespace {

std::string packet_of(std::string_view data) {
    return fmt::format("##{:04}{}{:04X}\r\n", data.size(), data, crc16(data));
}

class Heard : public ReceiverHandler {
  public:
    void on_heard(std::string_view station) override { text += fmt::format("{};", station); }
    void on_report(const Report& report) override {
        text += fmt::format("{} {} {}", report.station, static_cast<int>(report.command),
                            report.time ? format_rfc3339(*report.time) : "no time");
        for (const Item& item : report.items)
            if (!item.field.empty())
                text += fmt::format(" {}-{}={}", item.factor, item.field, item.value);
        text += ";";
    }
    void on_clock_set(std::string_view station, Result<void> result) override {
        text += fmt::format("{} clock {};", station, result ? "set" : result.error().text());
    }
    void on_rejected(std::string_view station, const Error& why) override {
        text += fmt::format("{} rejected: {};", station, why.text());
    }
    std::string text;
};

class Rig {
  public:
    explicit Rig(ReceiverSettings settings = {}) : receiver(std::move(settings), clock) {}
    void feed(std::string_view data) {
        const std::string bytes = packet_of(data);
        ASSERT_TRUE(receiver.feed(as_bytes(bytes), heard, out).has_value());
    }
    std::string told() { return std::exchange(heard.text, {}); }
    std::string sent() { return std::exchange(out, {}); }

    ManualClock clock{*parse_rfc3339("2016-08-01T00:58:57.045Z")};
    Receiver receiver;
    Heard heard;
    std::string out;
};

TEST(Hj212Receiver, AReportIsTakenAndAnswered) {
    Rig rig;
    rig.feed(
        "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
        "CP=&&DataTime=20160801085857;w01018-Rtd=24.1,w01018-Flag=N&&");
    EXPECT_EQ(rig.told(),
              "010000A8900016F000169DC0;010000A8900016F000169DC0 2011 2016-08-01T00:58:57Z "
              "w01018-Rtd=24.1 w01018-Flag=N;");
    EXPECT_EQ(rig.sent(),
              packet_of("QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;"
                        "Flag=4;CP=&&&&"));
}

TEST(Hj212Receiver, NothingIsAnsweredWhereNothingIsAsked) {
    Rig rig;
    rig.feed("QN=1;ST=32;CN=2061;PW=1;MN=M1;Flag=4;CP=&&DataTime=20160801080000;a-Avg=1&&");
    EXPECT_EQ(rig.told(), "M1;M1 2061 2016-08-01T00:00:00Z a-Avg=1;");
    EXPECT_EQ(rig.sent(), "");
}

TEST(Hj212Receiver, EveryKindOfReportIsTold) {
    Rig rig;
    for (const int command : {2011, 2021, 2031, 2041, 2051, 2061})
        rig.feed(fmt::format("CN={};MN=M1;CP=&&a-X=1&&", command));
    EXPECT_EQ(rig.told(),
              "M1;M1 2011 no time a-X=1;M1;M1 2021 no time a-X=1;M1;M1 2031 no time a-X=1;"
              "M1;M1 2041 no time a-X=1;M1;M1 2051 no time a-X=1;M1;M1 2061 no time a-X=1;");
}

TEST(Hj212Receiver, NoticesAreAnsweredAsSuch) {
    Rig rig;
    rig.feed("QN=1;ST=32;CN=9015;PW=1;MN=M1;Flag=5;CP=&&&&");
    rig.feed("QN=2;ST=91;CN=9021;PW=1;MN=M1;Flag=1;CP=&&&&");
    EXPECT_EQ(rig.told(), "M1;M1;");
    EXPECT_EQ(rig.sent(), packet_of("QN=1;ST=91;CN=9013;PW=1;MN=M1;Flag=4;CP=&&&&") +
                              packet_of("QN=2;ST=91;CN=9013;PW=1;MN=M1;Flag=0;CP=&&&&"));
}

TEST(Hj212Receiver, ReportsInPartsArePutTogether) {
    Rig rig;
    rig.feed("QN=1;ST=32;CN=2011;PW=1;MN=M1;Flag=7;PNUM=3;PNO=3;CP=&&c-Rtd=3&&");
    rig.feed(
        "QN=1;ST=32;CN=2011;PW=1;MN=M1;Flag=7;PNUM=3;PNO=1;"
        "CP=&&DataTime=20160801085857;a-Rtd=1&&");
    // Sent again.
    rig.feed("QN=1;ST=32;CN=2011;PW=1;MN=M1;Flag=7;PNUM=3;PNO=3;CP=&&c-Rtd=3&&");
    EXPECT_EQ(rig.told(), "M1;M1;M1;");
    rig.feed("QN=1;ST=32;CN=2011;PW=1;MN=M1;Flag=7;PNUM=3;PNO=2;CP=&&b-Rtd=2&&");
    EXPECT_EQ(rig.told(), "M1;M1 2011 2016-08-01T00:58:57Z a-Rtd=1 b-Rtd=2 c-Rtd=3;");
    EXPECT_EQ(rig.receiver.deadline(), std::nullopt);
}

TEST(Hj212Receiver, APartThatDoesNotComeIsGivenUp) {
    Rig rig;
    rig.feed("QN=1;CN=2011;MN=M1;Flag=6;PNUM=2;PNO=1;CP=&&a-Rtd=1&&");
    rig.told();
    EXPECT_EQ(rig.receiver.deadline(), rig.clock.monotonic() + seconds(60));
    rig.clock.advance(seconds(60));
    rig.receiver.tick(rig.heard);
    EXPECT_EQ(rig.told(), "M1 rejected: 1 of 2 packets of a report came within 1m;");
}

TEST(Hj212Receiver, LimitsOfReportsInParts) {
    Rig rig({.parts_limit = 4, .reports_limit = 1, .report_bytes_limit = 20});
    rig.feed("QN=1;CN=2011;MN=M1;Flag=6;PNUM=5;PNO=1;CP=&&a-Rtd=1&&");
    EXPECT_EQ(rig.told(), "M1;M1 rejected: a report of 5 packets, at most 4 are taken;");
    rig.feed("QN=1;CN=2011;MN=M1;Flag=6;PNUM=2;PNO=1;CP=&&a-Rtd=1&&");
    rig.feed("QN=2;CN=2051;MN=M1;Flag=6;PNUM=2;PNO=1;CP=&&a-Rtd=1&&");
    EXPECT_EQ(rig.told(),
              "M1;M1;M1 rejected: more than 1 reports are incomplete; the oldest was dropped;");
    rig.feed("QN=2;CN=2051;MN=M1;Flag=6;PNUM=2;PNO=2;CP=&&a-Rtd=1.00000000000&&");
    EXPECT_EQ(rig.told(), "M1;M1 rejected: a report of more than 20 bytes;");
}

TEST(Hj212Receiver, AWrongPasswordIsNeitherTakenNorAnswered) {
    Rig rig({.password = "123456"});
    rig.feed("QN=1;ST=32;CN=2011;PW=654321;MN=M1;Flag=5;CP=&&a-Rtd=1&&");
    EXPECT_EQ(rig.told(), "M1 rejected: the password PW is not the one that is set;");
    EXPECT_EQ(rig.sent(), "");
    rig.feed("QN=1;ST=32;CN=2011;PW=123456;MN=M1;Flag=4;CP=&&a-Rtd=1&&");
    EXPECT_EQ(rig.told(), "M1;M1 2011 no time a-Rtd=1;");
}

TEST(Hj212Receiver, TheClockIsSetWhenAStationIsFirstHeard) {
    Rig rig({.set_clock = true});
    rig.feed("QN=1;ST=32;CN=9015;PW=7;MN=M1;Flag=4;CP=&&&&");
    EXPECT_EQ(rig.sent(), packet_of("QN=20160801085857045;ST=32;CN=1012;PW=7;MN=M1;Flag=5;"
                                    "CP=&&SystemTime=20160801085857&&"));
    rig.told();
    rig.feed("QN=20160801085857045;ST=91;CN=9011;PW=7;MN=M1;Flag=4;CP=&&QnRtn=1&&");
    rig.feed("QN=20160801085857045;ST=91;CN=9012;PW=7;MN=M1;Flag=4;CP=&&ExeRtn=1&&");
    EXPECT_EQ(rig.told(), "M1;M1;M1 clock set;");
    rig.feed("QN=20160801085857045;ST=91;CN=9011;PW=7;MN=M1;Flag=4;CP=&&QnRtn=2&&");
    EXPECT_EQ(rig.told(), "M1;M1 clock the station did not take the time: QnRtn 2;");
    EXPECT_EQ(rig.sent(), "");
}

TEST(Hj212Receiver, AStationMayAskForTheTime) {
    Rig rig;
    rig.feed("QN=1;ST=32;CN=1013;PW=7;MN=M1;Flag=5;CP=&&&&");
    EXPECT_EQ(rig.sent(), packet_of("QN=1;ST=91;CN=9013;PW=7;MN=M1;Flag=4;CP=&&&&") +
                              packet_of("QN=20160801085857045;ST=32;CN=1012;PW=7;MN=M1;Flag=5;"
                                        "CP=&&SystemTime=20160801085857&&"));
}

TEST(Hj212Receiver, DamageAndLimitsAreTold) {
    Rig rig({.stations_limit = 1});
    ASSERT_TRUE(rig.receiver.feed(as_bytes("##0001x0000"), rig.heard, rig.out));
    EXPECT_EQ(rig.told(), " rejected: 1 packets with a wrong CRC since the connection was made;");
    rig.feed("CN=2011;CP=&&&&");
    EXPECT_EQ(rig.told(),
              " rejected: packet without a station MN of 1 to 32 printable characters;");
    rig.feed("CN=2011;MN=M1;CP=&&&&");
    rig.told();
    rig.feed("CN=2011;MN=M2;CP=&&&&");
    EXPECT_EQ(rig.told(), "M2 rejected: a connection speaks for at most 1 stations;");
}

}  // namespace
}  // namespace hw::hj212
