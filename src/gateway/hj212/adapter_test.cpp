#include "gateway/hj212/adapter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/hj212/driver.h"

namespace hw::gateway::hj212 {
namespace {

std::string show(const model::Value& value) {
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
    if (const auto* integer = std::get_if<int64_t>(&value)) return fmt::format("{}", *integer);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
    if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
    return "bytes";
}

std::string packet_of(std::string_view data) {
    return fmt::format("##{:04}{}{:04X}\r\n", data.size(), data, hw::hj212::crc16(data));
}

// What the gateway would hear, as text.
class TestHost : public DriverHost {
  public:
    const Clock& clock() const override { return manual; }
    void send(ConnectionId, std::string bytes) override { sent += bytes; }
    void close(ConnectionId connection, Error why) override {
        text += fmt::format("close {}: {};", connection.value(), why.text());
    }
    void value(TagIndex tag, const model::Value& value, model::Quality quality,
               std::optional<Time> time) override {
        text += fmt::format(
            "{}={}{}{};", tag.value(), show(value),
            quality == model::Quality::good ? "" : fmt::format(" {}", model::to_string(quality)),
            time ? " " + format_rfc3339(*time) : "");
    }
    void failed(TagIndex tag, model::Quality quality, const Error& why) override {
        text += fmt::format("{} {}: {};", tag.value(), model::to_string(quality), why.text());
    }
    void polled(GroupIndex group) override { text += fmt::format("polled {};", group.value()); }
    void answered(RequestId request, Result<model::Value> result) override {
        text += fmt::format("answer {}: {};", request.value(),
                            result ? show(*result) : result.error().text());
    }
    void unit(std::string_view name, const UnitReport& report) override {
        units += fmt::format("'{}' {} {}{};", name, report.up ? "up" : "down", report.exchanges,
                             report.error.empty() ? "" : " " + report.error);
    }

    ManualClock manual{*parse_rfc3339("2016-08-01T01:00:00Z")};
    std::string sent;
    std::string text;
    std::string units;
};

class Rig {
  public:
    using Given = std::map<std::string, std::string>;

    Rig() : Rig(Given{}) {}
    explicit Rig(const Given& given) {
        DriverSettings made;
        for (const Property& property : driver.settings) {
            const auto found = given.find(std::string(property.key));
            made.emplace(
                property.key,
                Config::Value{.text = found != given.end() ? found->second
                                                           : std::string(property.default_value),
                              .where = "test",
                              .type = property.type});
        }
        auto adapted = driver.make(made, host);
        EXPECT_TRUE(adapted.has_value());
        adapter = std::move(*adapted);
    }
    void configure(const std::vector<std::pair<std::string, TagType>>& tags) {
        DriverGroup group{.interval = seconds(1), .tags = {}};
        for (const auto& [address, type] : tags)
            group.tags.push_back(
                {TagIndex{static_cast<uint32_t>(group.tags.size())}, address, type, {}});
        adapter->configure({&group, 1});
    }
    void connect(uint32_t connection = 1) { adapter->connected(ConnectionId{connection}, "peer"); }
    void feed(std::string_view data, uint32_t connection = 1) {
        adapter->received(ConnectionId{connection}, as_bytes(packet_of(data)));
    }
    void after(Duration by) {
        host.manual.advance(by);
        if (adapter->deadline() && *adapter->deadline() <= host.manual.monotonic()) adapter->tick();
    }
    std::string told() { return std::exchange(host.text, {}); }
    std::string units() { return std::exchange(host.units, {}); }

    TestHost host;
    std::unique_ptr<Driver> adapter;
};

TEST(Hj212Adapter, AReportBecomesValues) {
    Rig rig;
    rig.configure({{"RT!w01018-Rtd", TagType::float64},
                   {"RT!w01018-Flag", TagType::string},
                   {"RT!DataTime", TagType::string},
                   {"MIN!w01018-Avg", TagType::float32},
                   {"STATUS!SB1-RS", TagType::bit}});
    rig.connect();
    rig.feed(
        "QN=1;ST=32;CN=2011;PW=1;MN=M1;Flag=5;"
        "CP=&&DataTime=20160801085857;w01018-Rtd=24.1,w01018-Flag=N&&");
    EXPECT_EQ(rig.told(),
              "2='20160801085857' 2016-08-01T00:58:57Z;0=24.1 2016-08-01T00:58:57Z;"
              "1='N' 2016-08-01T00:58:57Z;");
    EXPECT_EQ(rig.host.sent, packet_of("QN=1;ST=91;CN=9014;PW=1;MN=M1;Flag=4;CP=&&&&"));
    rig.feed("CN=2051;MN=M1;CP=&&DataTime=20160801085800;W01018-AVG=7,w01018-Flag=T&&");
    rig.feed("CN=2021;MN=M1;CP=&&DataTime=20160801085800;SB1-RS=1&&");
    EXPECT_EQ(rig.told(), "3=7 2016-08-01T00:58:00Z;4=true 2016-08-01T00:58:00Z;");
    rig.after(seconds(1));
    EXPECT_EQ(rig.units(), "'' up 3;'M1' up 3;");
}

TEST(Hj212Adapter, TheSampleTimeOfAFactorComesFirst) {
    Rig rig;
    rig.configure({{"RT!w01018-Rtd", TagType::float64}});
    rig.connect();
    rig.feed(
        "CN=2011;MN=M1;CP=&&DataTime=20160801085857;"
        "w01018-SampleTime=20160801080000,w01018-Rtd=5,w01018-Flag=S&&");
    EXPECT_EQ(rig.told(), "0=5 uncertain.substitute 2016-08-01T00:00:00Z;");
    rig.feed("CN=2011;MN=M1;CP=&&w01018-Rtd=5&&");
    EXPECT_EQ(rig.told(), "0=5;");
}

TEST(Hj212Adapter, FlagsAreQualities) {
    EXPECT_EQ(quality_of_flag("N"), model::Quality::good);
    EXPECT_EQ(quality_of_flag(""), model::Quality::good);
    EXPECT_EQ(quality_of_flag("F"), model::Quality::bad_out_of_service);
    EXPECT_EQ(quality_of_flag("M"), model::Quality::bad_out_of_service);
    EXPECT_EQ(quality_of_flag("C"), model::Quality::bad_out_of_service);
    EXPECT_EQ(quality_of_flag("D"), model::Quality::bad_sensor_failure);
    EXPECT_EQ(quality_of_flag("B"), model::Quality::bad_communication);
    EXPECT_EQ(quality_of_flag("S"), model::Quality::uncertain_substitute);
    EXPECT_EQ(quality_of_flag("T"), model::Quality::uncertain_engineering_units_exceeded);
    EXPECT_EQ(quality_of_flag("x"), model::Quality::uncertain);
    EXPECT_EQ(quality_of_flag("NN"), model::Quality::uncertain);
}

TEST(Hj212Adapter, WhatIsNoNumberFailsWithTheFlagsReason) {
    Rig rig;
    rig.configure({{"RT!a-Rtd", TagType::float64}, {"RT!b-Rtd", TagType::uint8}});
    rig.connect();
    rig.feed("CN=2011;MN=M1;CP=&&a-Rtd=-,a-Flag=D;b-Rtd=300,b-Flag=N&&");
    EXPECT_EQ(rig.told(),
              "0 bad.sensor_failure: the station reported '-', which is no number;"
              "1 bad.out_of_range: the value 300 does not fit into uint8; choose a wider type;");
    rig.feed("CN=2011;MN=M1;CP=&&a-Rtd=1.2.3,a-Flag=N&&");
    EXPECT_EQ(rig.told(), "0 bad: the station reported '1.2.3', which is no number;");
}

TEST(Hj212Adapter, StationsAreToldApart) {
    Rig rig;
    rig.configure({{"M1@RT!a-Rtd", TagType::float64}, {"M2@RT!a-Rtd", TagType::float64}});
    rig.connect(1);
    rig.connect(2);
    rig.feed("CN=2011;MN=M2;CP=&&a-Rtd=2&&", 1);
    rig.feed("CN=2011;MN=M1;CP=&&a-Rtd=1&&", 2);
    rig.feed("CN=2011;MN=M3;CP=&&a-Rtd=3&&", 2);
    EXPECT_EQ(rig.told(), "1=2;0=1;");
}

TEST(Hj212Adapter, ASilentStationTurnsItsTagsBad) {
    Rig rig(Rig::Given{{"station_timeout", "60s"}});
    rig.configure({{"M1@RT!a-Rtd", TagType::float64}, {"M2@RT!a-Rtd", TagType::float64}});
    rig.connect();
    rig.feed("CN=2011;MN=M1;CP=&&a-Rtd=1&&");
    rig.feed("CN=2011;MN=M2;CP=&&a-Rtd=2&&");
    rig.after(seconds(1));
    EXPECT_EQ(rig.units(), "'M1' up 1;'M2' up 1;");
    rig.told();
    rig.after(seconds(30));
    // A heartbeat is enough.
    rig.feed("CN=9015;MN=M2;CP=&&&&");
    rig.after(seconds(29));
    EXPECT_EQ(rig.told(), "0 bad.timeout: station M1 was not heard for the station_timeout of 1m;");
    EXPECT_EQ(rig.units(),
              "'M1' down 0 station M1 was not heard for the station_timeout of 1m;'M2' up 1;");
    rig.after(seconds(10));
    EXPECT_EQ(rig.told(), "");
    rig.feed("CN=2011;MN=M1;CP=&&a-Rtd=1&&");
    EXPECT_EQ(rig.told(), "0=1;");
}

TEST(Hj212Adapter, IdleAndHostileConnectionsAreClosed) {
    Rig rig(Rig::Given{{"idle_timeout", "60s"}});
    rig.configure({});
    rig.connect(1);
    rig.connect(2);
    rig.after(seconds(59));
    rig.feed("CN=9015;MN=M2;CP=&&&&", 2);
    rig.after(seconds(1));
    EXPECT_EQ(rig.told(), "close 1: nothing was heard for the idle_timeout of 1m;");
    for (int i = 0; i < 16; ++i)
        rig.adapter->received(ConnectionId{2}, as_bytes("##0001x0000"));
    EXPECT_EQ(rig.told(), "close 2: 16 packets with a wrong CRC in a row;");
    rig.feed("CN=2011;MN=M1;CP=&&a-Rtd=1&&", 2);
    EXPECT_EQ(rig.told(), "");
}

TEST(Hj212Adapter, StationsAreNeitherAskedNorWritten) {
    Rig rig;
    rig.configure({{"RT!a-Rtd", TagType::float64}});
    const DriverTag tag{TagIndex{0}, "RT!a-Rtd", TagType::float64, {}};
    rig.adapter->poll(GroupIndex{0});
    rig.adapter->write(RequestId{1}, tag, 1.0);
    rig.adapter->read(RequestId{2}, tag);
    EXPECT_EQ(rig.told(),
              "polled 0;answer 1: HJ 212 stations report; they cannot be written to;"
              "answer 2: HJ 212 stations report by themselves; they cannot be asked;");
}

TEST(Hj212Adapter, AWrongPasswordIsAnErrorOfTheStation) {
    const std::string path = testing::TempDir() + "hj212_" + std::to_string(::getpid());
    std::ofstream(path) << "123456\n";
    Rig rig(Rig::Given{{"password_file", path}});
    ::unlink(path.c_str());
    rig.configure({{"M1@RT!a-Rtd", TagType::float64}});
    rig.connect();
    rig.feed("CN=2011;PW=1;MN=M1;CP=&&a-Rtd=1&&");
    rig.feed("CN=2011;PW=1;MN=M9;CP=&&a-Rtd=1&&");
    EXPECT_EQ(rig.told(), "");
    rig.after(seconds(1));
    EXPECT_EQ(rig.units(), "'M1' down 0 the password PW is not the one that is set;");
}

TEST(Hj212Adapter, NewTagsWhileStationsReport) {
    Rig rig;
    rig.configure({{"RT!a-Rtd", TagType::float64}});
    rig.connect();
    rig.feed("CN=2011;MN=M1;CP=&&a-Rtd=1;b-Rtd=2&&");
    rig.configure({{"RT!b-Rtd", TagType::float64}});
    rig.feed("CN=2011;MN=M1;CP=&&a-Rtd=1;b-Rtd=2&&");
    EXPECT_EQ(rig.told(), "0=1;0=2;");
}

}  // namespace
}  // namespace hw::gateway::hj212
