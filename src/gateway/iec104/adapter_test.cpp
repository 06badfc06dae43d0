#include "gateway/iec104/adapter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/iec104/driver.h"
#include "wire/iec104/test_station.h"

namespace hw::gateway::iec104 {
namespace {

namespace wire = hw::iec104;

using Given = std::map<std::string, std::string>;

std::string show(const model::Value& value) {
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
    if (const auto* integer = std::get_if<int64_t>(&value)) return fmt::format("{}", *integer);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
    return "text";
}

// What the gateway would hear, as text; bytes go to a served station.
class TestHost : public DriverHost {
  public:
    const Clock& clock() const override { return manual; }
    void send(ConnectionId, std::string bytes) override { sent += bytes; }
    void close(ConnectionId, Error why) override { text += fmt::format("close: {};", why.text()); }
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
        ++answers[request.value()];
        text += fmt::format("answer {}: {};", request.value(),
                            result ? show(*result) : result.error().text());
    }
    void unit(std::string_view name, const UnitReport& report) override {
        units += fmt::format("{}:{}{};", name, report.up ? "up" : "down",
                             report.error.empty() ? "" : " " + report.error);
    }

    ManualClock manual{*parse_rfc3339("2026-07-14T09:05:30.250Z")};
    std::string sent;
    std::string text;
    std::string units;
    std::map<uint64_t, int> answers;
};

DriverSettings defaults(const Given& given) {
    DriverSettings made;
    for (const Property& property : driver.settings) {
        const auto found = given.find(std::string(property.key));
        made.emplace(property.key, Config::Value{.text = found != given.end()
                                                             ? found->second
                                                             : std::string(property.default_value),
                                                 .where = "test",
                                                 .type = property.type});
    }
    return made;
}

class Rig {
  public:
    explicit Rig(const Given& settings = {}) : server({}, host.manual) {
        auto made = driver.make(defaults(settings), host);
        EXPECT_TRUE(made.has_value());
        adapter = std::move(*made);
    }
    // One group of tags, numbered as given.
    void configure(const std::vector<std::pair<std::string, TagType>>& tags) {
        DriverGroup group{.interval = seconds(1), .tags = {}};
        for (const auto& [address, type] : tags)
            group.tags.push_back({TagIndex{static_cast<uint32_t>(group.tags.size())},
                                  address,
                                  type,
                                  {.read = true, .write = true}});
        adapter->configure({&group, 1});
    }
    void connect() {
        server.connected();
        adapter->connected(connection, "peer");
        run();
    }
    void run() {
        while (!host.sent.empty() || !down.empty()) {
            const std::string up = std::exchange(host.sent, {});
            EXPECT_TRUE(server.feed(as_bytes(up), stations, down).has_value());
            const std::string bytes = std::exchange(down, {});
            if (!bytes.empty()) adapter->received(connection, as_bytes(bytes));
        }
    }
    void after(Duration by) {
        host.manual.advance(by);
        if (adapter->deadline() && *adapter->deadline() <= host.manual.monotonic()) adapter->tick();
        EXPECT_TRUE(server.tick(down).has_value());
        run();
    }
    std::string told() { return std::exchange(host.text, {}); }
    std::string units() { return std::exchange(host.units, {}); }
    DriverTag tag(std::string address, TagType type) {
        return {TagIndex{99}, std::move(address), type, {.read = true, .write = true}};
    }

    TestHost host;
    wire::TestStations stations;
    wire::Server server;
    std::unique_ptr<Driver> adapter;
    std::string down;
    ConnectionId connection{1};
};

TEST(Iec104Adapter, ValuesComeByTheFirstInterrogation) {
    Rig rig;
    rig.configure({{"100", TagType::float32}, {"1!1", TagType::bit}, {"2!2", TagType::bit}});
    rig.connect();
    EXPECT_EQ(rig.told(), "0=7;1=true;2=true;");
    rig.after(milliseconds(1));
    EXPECT_EQ(rig.units(), ":up;1:up;2:up;");
}

TEST(Iec104Adapter, AnObjectThatIsNotReportedIsSaidOnce) {
    Rig rig(Given{{"gi_interval", "10s"}});
    rig.configure({{"100", TagType::float32}, {"4711", TagType::bit}});
    rig.connect();
    EXPECT_EQ(
        rig.told(),
        "0=7;1 bad.waiting_for_initial_data: station 1 did not report this object when it was "
        "interrogated; check the address;");
    rig.after(seconds(5));
    rig.after(seconds(5));
    EXPECT_EQ(rig.told(), "0=7;");
}

TEST(Iec104Adapter, CountersComeByTheirOwnInterrogation) {
    Rig rig(Given{{"counter_interval", "60s"}});
    rig.configure({{"200", TagType::int32}, {"4711", TagType::bit}});
    rig.connect();
    EXPECT_EQ(rig.told(),
              "0=42;1 bad.waiting_for_initial_data: station 1 did not report this object when it "
              "was interrogated; check the address;");
}

TEST(Iec104Adapter, SpontaneousReportsKeepTheirTimeAndQuality) {
    Rig rig(Given{{"time_zone", "+08:00"}});
    rig.configure({{"100", TagType::float32}});
    rig.connect();
    rig.told();
    wire::Object object{.address = 100,
                        .element = wire::Short{3.5F},
                        .quality = {.not_topical = true},
                        .time = wire::tag_from_time(*parse_rfc3339("2026-07-14T01:00:00+08:00"),
                                                    seconds(8 * 3600))};
    ASSERT_TRUE(rig.server.report(1, wire::TypeId::m_me_tf, {&object, 1}, wire::Cause::spontaneous,
                                  rig.down));
    object.time->invalid = true;
    ASSERT_TRUE(rig.server.report(1, wire::TypeId::m_me_tf, {&object, 1}, wire::Cause::spontaneous,
                                  rig.down));
    rig.run();
    EXPECT_EQ(rig.told(),
              "0=3.5 uncertain.last_usable 2026-07-13T17:00:00Z;0=3.5 uncertain.last_usable;");
}

TEST(Iec104Adapter, WritesAreCommands) {
    Rig rig;
    rig.configure({{"100", TagType::float32}});
    rig.connect();
    rig.told();
    rig.stations.text.clear();
    rig.adapter->write(RequestId{1}, rig.tag("1!301#DC", TagType::bit), true);
    rig.adapter->write(RequestId{2}, rig.tag("1!100>300#SC.SBO", TagType::bit), true);
    rig.adapter->write(RequestId{3}, rig.tag("999", TagType::float32), 2.5);
    rig.adapter->write(RequestId{4}, rig.tag("1!301#SC", TagType::int8), int64_t{5});
    rig.run();
    EXPECT_EQ(rig.told(),
              "answer 4: a single command takes 0 or 1, not 5;"
              "answer 1: false;"
              "answer 3: the station refused the command: unknown information object address;"
              "answer 2: false;");
    EXPECT_EQ(rig.stations.text,
              "execute C_DC_NA_1 301;select C_SC_NA_1 300;execute C_SE_NC_1 999;"
              "execute C_SC_NA_1 300 selected;");
}

TEST(Iec104Adapter, AWriteBeforeTheStartIsRefused) {
    Rig rig;
    rig.configure({{"100", TagType::float32}});
    rig.adapter->write(RequestId{1}, rig.tag("301", TagType::bit), true);
    EXPECT_EQ(rig.told(), "answer 1: the station is not connected and started;");
}

TEST(Iec104Adapter, ReadsAreReadCommands) {
    Rig rig;
    rig.configure({{"101", TagType::float32}});
    rig.connect();
    rig.told();
    rig.adapter->read(RequestId{1}, rig.tag("100", TagType::float32));
    rig.adapter->read(RequestId{2}, rig.tag("101", TagType::float32));
    rig.run();
    EXPECT_EQ(rig.told(),
              "answer 1: 8;"
              "answer 2: the station refused the read: unknown information object address;");
}

TEST(Iec104Adapter, APollSetsOffWhatTheSettingSays) {
    Rig none;
    none.configure({{"100", TagType::float32}});
    none.connect();
    none.told();
    none.adapter->poll(GroupIndex{0});
    none.run();
    EXPECT_EQ(none.told(), "polled 0;");

    Rig interrogation(Given{{"poll", "interrogation"}});
    interrogation.configure({{"100", TagType::float32}, {"2!2", TagType::bit}});
    interrogation.connect();
    interrogation.told();
    interrogation.adapter->poll(GroupIndex{0});
    EXPECT_EQ(interrogation.told(), "");
    interrogation.run();
    EXPECT_EQ(interrogation.told(), "0=7;1=true;polled 0;");

    Rig read(Given{{"poll", "read"}});
    std::vector<std::pair<std::string, TagType>> tags(20, {"100", TagType::float32});
    tags.emplace_back("101", TagType::float32);
    read.configure(tags);
    read.connect();
    read.told();
    read.adapter->poll(GroupIndex{0});
    read.run();
    const std::string told = read.told();
    EXPECT_TRUE(told.starts_with("0=8;1=8;")) << told;
    EXPECT_TRUE(
        told.ends_with("20 bad.configuration: the station refused the read: unknown "
                       "information object address;polled 0;"))
        << told;
}

TEST(Iec104Adapter, AStationThatIsNotThereTurnsItsTagsBad) {
    Rig rig;
    rig.configure({{"1!1", TagType::bit}, {"9!1", TagType::bit}});
    rig.connect();
    EXPECT_EQ(rig.told(),
              "0=true;1 bad.configuration: the station refused the general interrogation: unknown "
              "common address of ASDU;");
    rig.after(milliseconds(1));
    rig.after(seconds(1));
    EXPECT_EQ(rig.units(),
              "1:up;9:down the station refused the general interrogation: unknown common address "
              "of ASDU;");
}

TEST(Iec104Adapter, AStationThatDoesNotAnswerIsDown) {
    Rig rig(Given{{"gi_interval", "5s"}});
    rig.configure({{"100", TagType::float32}});
    rig.connect();
    rig.told();
    rig.after(milliseconds(1));
    EXPECT_EQ(rig.units(), ":up;");
    rig.host.manual.advance(seconds(5));
    rig.adapter->tick();
    // The question is lost, the link lives on by its tests.
    rig.host.sent.clear();
    rig.host.manual.advance(seconds(10));
    rig.adapter->tick();
    EXPECT_EQ(rig.told(),
              "0 bad.timeout: no confirmation of the general interrogation within 10s;");
    EXPECT_EQ(rig.units(), ":down no confirmation of the general interrogation within 10s;");
}

TEST(Iec104Adapter, RequestsAreAnsweredOnceWhenTheLinkGoes) {
    Rig rig;
    rig.configure({{"100", TagType::float32}});
    rig.connect();
    rig.told();
    rig.adapter->write(RequestId{1}, rig.tag("301", TagType::bit), true);
    rig.adapter->read(RequestId{2}, rig.tag("100", TagType::float32));
    rig.adapter->configure({});
    rig.adapter->disconnected(rig.connection, Error(ErrorCode::io_failed, "reset by peer"));
    EXPECT_EQ(rig.told(), "answer 1: reset by peer;answer 2: reset by peer;");
    EXPECT_EQ(rig.host.answers, (std::map<uint64_t, int>{{1, 1}, {2, 1}}));
    EXPECT_EQ(rig.adapter->deadline(), std::nullopt);
}

TEST(Iec104Adapter, ForeignBytesCloseTheLink) {
    Rig rig;
    rig.configure({{"100", TagType::float32}});
    rig.connect();
    rig.told();
    rig.units();
    rig.adapter->write(RequestId{1}, rig.tag("301", TagType::bit), true);
    rig.adapter->received(rig.connection, as_bytes("HTTP/1.1 400"));
    EXPECT_EQ(rig.told(),
              "answer 1: frame begins with 48h, expected 68h (is this IEC 60870-5-104?);"
              "close: frame begins with 48h, expected 68h (is this IEC 60870-5-104?);");
    EXPECT_EQ(rig.units(),
              ":down frame begins with 48h, expected 68h (is this IEC "
              "60870-5-104?);");
    // And it may be opened again.
    rig.host.sent.clear();
    rig.connection = ConnectionId{2};
    rig.connect();
    EXPECT_EQ(rig.told(), "0=7;");
}

TEST(Iec104Adapter, NewTagsGetTheirValuesWithoutANewLink) {
    Rig rig;
    rig.configure({{"100", TagType::float32}});
    rig.connect();
    rig.told();
    rig.configure({{"1", TagType::bit}, {"100", TagType::float32}, {"2!2", TagType::bit}});
    rig.run();
    EXPECT_EQ(rig.told(), "2=true;1=7;0=true;");
}

TEST(Iec104Adapter, SettingsBeyondTheTableAreChecked) {
    TestHost host;
    const auto error = [&](const Given& given) {
        const auto made = driver.make(defaults(given), host);
        return made ? std::string("none") : made.error().text();
    };
    EXPECT_EQ(error({}), "none");
    EXPECT_EQ(error({{"t2", "15s"}}), "t2 of 15s is not below t1 of 15s; choose t1 15s and t2 10s");
    EXPECT_EQ(error({{"w", "13"}}), "w of 13 is above k of 12; choose two thirds of k");
    EXPECT_EQ(error({{"time_zone", "Beijing"}}),
              "time_zone 'Beijing' is neither Z nor an offset as +08:00");
}

}  // namespace
}  // namespace hw::gateway::iec104
