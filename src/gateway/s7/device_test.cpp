#include "gateway/s7/device.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "gateway/s7/driver.h"
#include "wire/s7/server_codec.h"
#include "wire/s7/test_memory.h"

namespace hw::gateway::s7 {
namespace {

using hw::s7::Area;
using hw::s7::ServerConnection;
using hw::s7::ServerSettings;
using hw::s7::TestMemory;

std::string shown(const model::Value& value) {
    if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
    if (const auto* i = std::get_if<int64_t>(&value)) return fmt::format("{}", *i);
    if (const auto* d = std::get_if<double>(&value)) return fmt::format("{:.6g}", *d);
    if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
    return "bytes " + std::get<model::Bytes>(value).data;
}

// Records what a driver says.
class RecordingHost final : public DriverHost {
  public:
    const Clock& clock() const override { return manual; }
    void send(ConnectionId, std::string bytes) override { sent += bytes; }
    void close(ConnectionId, Error why) override { closed.push_back(why.text()); }
    void value(TagIndex tag, const model::Value& value, model::Quality,
               std::optional<Time>) override {
        ++tells[tag.value()];
        told[tag.value()] = shown(value);
    }
    void failed(TagIndex tag, model::Quality quality, const Error& why) override {
        ++tells[tag.value()];
        told[tag.value()] = fmt::format("{}: {}", to_string(quality), why.text());
    }
    void polled(GroupIndex group) override { ++polls[group.value()]; }
    void answered(RequestId request, Result<model::Value> result) override {
        EXPECT_FALSE(answers.contains(request.value()));
        answers[request.value()] = result ? shown(*result) : "error: " + result.error().text();
    }
    void unit(std::string_view name, const UnitReport& report) override {
        EXPECT_EQ(name, "");
        units.push_back(report);
    }

    ManualClock manual{Time{1'000'000'000}};
    std::string sent;
    std::vector<std::string> closed;
    std::map<uint32_t, std::string> told;
    std::map<uint32_t, int> tells;
    std::map<uint32_t, int> polls;
    std::map<uint64_t, std::string> answers;
    std::vector<UnitReport> units;
};

using Given = std::map<std::string, std::string>;

// The settings' table as the gateway hands it over.
DriverSettings table(const Given& given = {}) {
    DriverSettings values;
    for (const Property& property : driver.settings) {
        Config::Value value;
        value.type = property.type;
        const auto found = given.find(std::string(property.key));
        value.text = found == given.end() ? std::string(property.default_value) : found->second;
        values.emplace(std::string(property.key), value);
    }
    return values;
}

// A device wired to a simulated CPU.
class Plant {
  public:
    explicit Plant(const Given& given = {}, ServerSettings server_settings = {})
        : server_settings_(server_settings) {
        auto made = driver.make(table(given), host);
        EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().text());
        device = std::move(made).value();
        memory.area(Area::data_block, 1) = std::string(1000, '\0');
    }

    void configure(const std::vector<std::pair<std::string, TagType>>& tags) {
        DriverGroup group{seconds(1), {}};
        for (uint32_t i = 0; i < tags.size(); ++i) {
            const auto facts = driver.check(tags[i].first, tags[i].second);
            EXPECT_TRUE(facts.has_value()) << (facts ? "" : facts.error().text());
            group.tags.push_back({TagIndex(i), tags[i].first, tags[i].second, {}});
        }
        device->configure(std::span(&group, 1));
    }
    void connect() {
        server = std::make_unique<ServerConnection>(server_settings_, memory);
        device->connected(ConnectionId(++connections), "plc:102");
    }
    void pump() {
        while (!host.sent.empty()) {
            const std::string request = std::exchange(host.sent, {});
            std::string answer;
            EXPECT_TRUE(server->feed(as_bytes(request), answer).has_value());
            requests += 1;
            device->received(ConnectionId(connections), as_bytes(answer));
        }
    }
    void poll() {
        device->poll(GroupIndex(0));
        pump();
    }
    std::string write(const std::string& address, TagType type, const model::Value& value) {
        const RequestId request(++last_request);
        device->write(request, {TagIndex(0), address, type, {}}, value);
        pump();
        return host.answers[last_request];
    }
    std::string read(const std::string& address, TagType type) {
        const RequestId request(++last_request);
        device->read(request, {TagIndex(0), address, type, {}});
        pump();
        return host.answers[last_request];
    }

    RecordingHost host;
    TestMemory memory;
    std::unique_ptr<ServerConnection> server;
    std::unique_ptr<Driver> device;
    uint32_t connections = 0;
    uint64_t last_request = 0;
    int requests = 0;

  private:
    ServerSettings server_settings_;
};

TEST(S7Device, EveryTypeIsWrittenAndReadBack) {
    Plant plant;
    plant.memory.area(Area::flag) = std::string(100, '\0');
    plant.memory.area(Area::output) = std::string(100, '\0');
    plant.memory.area(Area::timer) = std::string(20, '\0');
    plant.memory.area(Area::counter) = std::string(20, '\0');
    plant.configure({});
    plant.connect();
    plant.pump();
    struct Case {
        std::string address;
        TagType type;
        model::Value value;
        std::string reads;
    };
    const std::vector<Case> cases = {
        {"DB1.DBX3.5", TagType::bit, true, "true"},
        {"Q1.0", TagType::boolean, true, "true"},
        {"M7", TagType::int8, int64_t{-7}, "-7"},
        {"DB1.DBB4", TagType::uint8, int64_t{200}, "200"},
        {"DB1.DBW6", TagType::int16, int64_t{-1234}, "-1234"},
        {"DB1.DBW8", TagType::uint16, int64_t{65535}, "65535"},
        {"DB1.DBW8", TagType::word, int64_t{4660}, "4660"},
        {"DB1.DBD10", TagType::int32, int64_t{-100000}, "-100000"},
        {"DB1.DBD14", TagType::uint32, int64_t{4000000000}, "4000000000"},
        {"DB1.DBD14", TagType::dword, int64_t{1}, "1"},
        {"DB1.DBB20", TagType::int64, int64_t{-5000000000}, "-5000000000"},
        {"DB1.DBB28", TagType::uint64, int64_t{5000000000}, "5000000000"},
        {"DB1.DBB28", TagType::lword, int64_t{7}, "7"},
        {"MD40", TagType::float32, 1.5, "1.5"},
        {"DB1.DBB40", TagType::float64, -123.456, "-123.456"},
        {"DB1.DBB50.20", TagType::string, std::string("Pumpe \xc3\xa4"), "'Pumpe \xc3\xa4'"},
        {"DB1.DBB80.10D", TagType::string, std::string("\xe6\xb0\xb4"), "'\xe6\xb0\xb4'"},
        {"DB1.DBB110.4", TagType::bytes, model::Bytes{"abcd"}, "bytes abcd"},
        {"DB1.DBW120", TagType::time, int64_t{12'700}, "12700"},
        {"DB1.DBD122", TagType::time, int64_t{-1}, "-1"},
        {"T3", TagType::time, int64_t{2'500}, "2500"},
        {"T3", TagType::float32, 1.5, "1.5"},
        {"C4", TagType::uint16, int64_t{42}, "42"},
        {"DB1.DBB130", TagType::date_and_time, std::string("2026-03-01T12:00:00Z"),
         "'2026-03-01T12:00:00Z'"},
    };
    for (const Case& c : cases) {
        EXPECT_FALSE(plant.write(c.address, c.type, c.value).starts_with("error")) << c.address;
        EXPECT_EQ(plant.read(c.address, c.type), c.reads) << c.address;
    }
    std::vector<std::pair<std::string, TagType>> tags;
    for (const Case& c : cases)
        tags.emplace_back(c.address, c.type);
    plant.configure(tags);
    plant.poll();
    EXPECT_EQ(plant.host.polls[0], 1);
    for (uint32_t i = 0; i < cases.size(); ++i)
        if (cases[i].address != "DB1.DBW8" && cases[i].address != "DB1.DBD14" &&
            cases[i].address != "DB1.DBB28" && cases[i].address != "T3") {
            EXPECT_EQ(plant.host.told[i], cases[i].reads) << cases[i].address;
        }
    // The STRING's own maximum was left alone.
    EXPECT_EQ(plant.memory.area(Area::data_block, 1)[50], '\0');
    EXPECT_TRUE(plant.host.units.back().up);
}

TEST(S7Device, OneBadTagDoesNotTakeItsNeighbours) {
    Plant plant;
    plant.memory.area(Area::data_block, 1) = std::string(12, '\1');
    plant.configure({{"DB1.DBW0", TagType::int16},
                     {"DB1.DBW10", TagType::int16},
                     {"DB1.DBW12", TagType::int16},
                     {"DB2.DBW0", TagType::int16},
                     {"DB1.DBW4", TagType::int16}});
    plant.connect();
    plant.pump();
    plant.poll();
    EXPECT_EQ(plant.host.polls[0], 1);
    EXPECT_EQ(plant.host.told[0], "257");
    EXPECT_EQ(plant.host.told[1], "257");
    EXPECT_EQ(plant.host.told[4], "257");
    EXPECT_TRUE(plant.host.told[2].starts_with("bad.out_of_range: address out of range"))
        << plant.host.told[2];
    EXPECT_TRUE(plant.host.told[3].starts_with("bad.configuration: object does not exist"));
    for (uint32_t i = 0; i < 5; ++i)
        EXPECT_EQ(plant.host.tells[i], 1) << i;
    // The next round asks the bad one alone: three items in one request.
    plant.memory.reads = 0;
    plant.requests = 0;
    plant.poll();
    EXPECT_EQ(plant.requests, 1);
    EXPECT_EQ(plant.memory.reads, 3);
    // It came to be: merged again after it was read once.
    plant.memory.area(Area::data_block, 1) = std::string(20, '\2');
    plant.poll();
    EXPECT_EQ(plant.host.told[2], "514");
    plant.memory.reads = 0;
    plant.poll();
    EXPECT_EQ(plant.memory.reads, 2);
    EXPECT_EQ(plant.host.polls[0], 4);
    for (uint32_t i = 0; i < 5; ++i)
        EXPECT_EQ(plant.host.tells[i], 4) << i;
}

TEST(S7Device, ATagLargerThanAnAnswerComesInParts) {
    Plant plant(Given(), {.pdu_size = 240});
    plant.configure({{"DB1.DBB100.254", TagType::string},
                     {"DB1.DBW0", TagType::int16},
                     {"DB2.DBB0.300", TagType::bytes}});
    plant.connect();
    plant.pump();
    const std::string text(254, 'w');
    EXPECT_FALSE(plant.write("DB1.DBB100.254", TagType::string, text).starts_with("error"));
    EXPECT_EQ(plant.memory.writes, 2);
    plant.poll();
    EXPECT_EQ(plant.host.told[0], "'" + text + "'");
    EXPECT_EQ(plant.host.told[1], "0");
    EXPECT_TRUE(plant.host.told[2].starts_with("bad.configuration: object"));
    for (uint32_t i = 0; i < 3; ++i)
        EXPECT_EQ(plant.host.tells[i], 1) << i;
    EXPECT_EQ(plant.read("DB1.DBB100.254", TagType::string), "'" + text + "'");
    EXPECT_TRUE(plant.read("DB2.DBB0.300", TagType::bytes).starts_with("error: object does not"));
    EXPECT_TRUE(
        plant.write("DB9.DBB0.254", TagType::string, text).starts_with("error: object does not"));
}

TEST(S7Device, WhatWasAskedBeforeTheHandshakeIsDoneAfterIt) {
    Plant plant;
    plant.configure({{"DB1.DBW0", TagType::int16}});
    plant.device->poll(GroupIndex(0));
    EXPECT_EQ(plant.host.polls[0], 1);  // no connection: given up at once
    plant.connect();
    plant.device->poll(GroupIndex(0));
    plant.device->write(RequestId(1), {TagIndex(0), "DB1.DBW0", TagType::int16, {}}, int64_t{7});
    EXPECT_TRUE(plant.host.answers.empty());
    plant.pump();
    EXPECT_EQ(plant.host.polls[0], 2);
    EXPECT_EQ(plant.host.told[0], "7");
    EXPECT_EQ(plant.host.answers.size(), 1u);
}

TEST(S7Device, ALostLinkAnswersEverythingOnce) {
    Plant plant;
    plant.configure({{"DB1.DBW0", TagType::int16}});
    EXPECT_EQ(plant.write("DB1.DBW0", TagType::int16, int64_t{1}),
              "error: the device is not connected");
    plant.connect();
    plant.pump();
    plant.device->poll(GroupIndex(0));
    plant.device->read(RequestId(90), {TagIndex(0), "DB1.DBW0", TagType::int16, {}});
    plant.device->write(RequestId(91), {TagIndex(0), "DB1.DBW0", TagType::int16, {}}, int64_t{7});
    plant.device->disconnected(ConnectionId(1), Error(ErrorCode::io_failed, "reset by peer"));
    EXPECT_EQ(plant.host.polls[0], 1);
    EXPECT_EQ(plant.host.answers[90], "error: reset by peer");
    EXPECT_EQ(plant.host.answers[91], "error: reset by peer");
    EXPECT_FALSE(plant.host.units.back().up);
    EXPECT_EQ(plant.host.units.back().error, "reset by peer");
    EXPECT_TRUE(plant.host.closed.empty());
    EXPECT_FALSE(plant.device->deadline().has_value());
    plant.host.sent.clear();
    plant.connect();
    plant.pump();
    plant.poll();
    EXPECT_EQ(plant.host.polls[0], 2);
    EXPECT_EQ(plant.host.told[0], "0");
}

TEST(S7Device, ASilentDeviceIsGivenUp) {
    Plant plant({{"retries", "0"}, {"response_timeout", "500ms"}});
    plant.configure({{"DB1.DBW0", TagType::int16}});
    plant.connect();
    plant.pump();
    plant.device->poll(GroupIndex(0));
    plant.device->write(RequestId(5), {TagIndex(0), "DB1.DBW0", TagType::int16, {}}, int64_t{7});
    ASSERT_TRUE(plant.device->deadline().has_value());
    plant.host.manual.advance(*plant.device->deadline() - plant.host.manual.monotonic());
    plant.device->tick();
    EXPECT_EQ(plant.host.closed,
              std::vector<std::string>{"no answer to a read within 500ms, asked 1 times"});
    EXPECT_EQ(plant.host.polls[0], 1);
    EXPECT_TRUE(plant.host.answers[5].starts_with("error: no answer"));
}

TEST(S7Device, NewTagsDoNotDisturbTheLink) {
    Plant plant;
    plant.configure({{"DB1.DBW0", TagType::int16}});
    plant.connect();
    plant.pump();
    plant.device->poll(GroupIndex(0));
    plant.device->write(RequestId(5), {TagIndex(0), "DB1.DBW2", TagType::int16, {}}, int64_t{7});
    plant.configure({{"DB1.DBW2", TagType::int16}});
    plant.pump();
    EXPECT_EQ(plant.host.polls[0], 0);  // that of the old tags is not told
    EXPECT_TRUE(plant.host.told.empty());
    EXPECT_TRUE(plant.host.answers.contains(5));
    plant.poll();
    EXPECT_EQ(plant.host.polls[0], 1);
    EXPECT_EQ(plant.host.told[0], "7");
    EXPECT_TRUE(plant.host.closed.empty());
    EXPECT_EQ(plant.connections, 1u);
}

TEST(S7Device, SettingsChooseTheTsaps) {
    const auto called = [](const Given& given) {
        Plant plant(given);
        plant.connect();
        plant.pump();
        return hw::s7::tsap_text(plant.server->called_tsap());
    };
    EXPECT_EQ(called({}), "01.01");
    EXPECT_EQ(called({{"plc_type", "s7-300"}}), "01.02");
    EXPECT_EQ(called({{"plc_type", "s7-400"}, {"connection_type", "op"}}), "02.03");
    EXPECT_EQ(called({{"plc_type", "s7-400"}, {"rack", "1"}, {"slot", "4"}}), "01.24");
    EXPECT_EQ(called({{"plc_type", "s7-1500"}, {"connection_type", "basic"}}), "03.01");
    EXPECT_EQ(called({{"plc_type", "s7-200smart"}}), "03.00");
    EXPECT_EQ(called({{"plc_type", "s7-200"}}), "10.00");
    EXPECT_EQ(called({{"plc_type", "logo"}, {"remote_tsap", "20.00"}}), "20.00");
    RecordingHost host;
    const auto bad = driver.make(table({{"remote_tsap", "zz"}}), host);
    ASSERT_FALSE(bad.has_value());
    EXPECT_NE(bad.error().text().find("remote_tsap: TSAP 'zz'"), std::string::npos);
    EXPECT_FALSE(driver.make(table({{"plc_type", "s7-200"}, {"slot", "1"}}), host).has_value());
}

TEST(S7Device, TimersOfAnS7_200AreRefused) {
    Plant plant(Given{{"plc_type", "s7-200smart"}});
    plant.configure({{"T1", TagType::time}, {"VW0", TagType::int16}});
    plant.connect();
    plant.pump();
    plant.poll();
    EXPECT_TRUE(plant.host.told[0].starts_with("bad.configuration: timers and counters"));
    EXPECT_EQ(plant.host.told[1], "0");
    EXPECT_TRUE(plant.read("C1", TagType::uint16).starts_with("error: timers and counters"));
}

TEST(S7Device, InputsAreNotWritable) {
    EXPECT_FALSE(driver.check("I0.0", TagType::bit).value().writable);
    EXPECT_TRUE(driver.check("Q0.0", TagType::bit).value().writable);
    EXPECT_FALSE(driver.check("nonsense", TagType::bit).has_value());
    for (const AddressNote& note : driver.addresses) {
        bool fits = false;
        for (const TagType type : driver.types)
            fits |= driver.check(note.example, type).has_value();
        EXPECT_TRUE(fits) << note.example;
    }
}

// Whatever the tags, the memory and the PDU: each tag is told once a round, and rightly.
TEST(S7Device, AnyGroupIsReadRightly) {
    Random random(11);
    for (int round = 0; round < 150; ++round) {
        Plant plant({{"gap_bytes", fmt::format("{}", random.below(40))},
                     {"parallel_jobs", fmt::format("{}", 1 + random.below(8))}},
                    {.pdu_size = static_cast<uint16_t>(240 + random.below(721))});
        const size_t size = 1 + random.below(700);
        std::string& bytes = plant.memory.area(Area::data_block, 1);
        bytes.assign(size, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random.next());
        std::vector<std::pair<std::string, TagType>> tags;
        std::vector<std::string> expected;
        const size_t count = 1 + random.below(200);
        for (size_t i = 0; i < count; ++i) {
            const size_t at = random.below(720);
            tags.emplace_back(fmt::format("DB1.DBB{}", at), TagType::uint16);
            expected.push_back(at + 2 > size
                                   ? "bad.out_of_range"
                                   : fmt::format("{}", static_cast<uint8_t>(bytes[at]) * 256 +
                                                           static_cast<uint8_t>(bytes[at + 1])));
        }
        plant.configure(tags);
        plant.connect();
        plant.pump();
        for (int poll = 1; poll <= 3; ++poll) {
            plant.poll();
            ASSERT_EQ(plant.host.polls[0], poll);
            for (uint32_t i = 0; i < count; ++i) {
                ASSERT_EQ(plant.host.tells[i], poll);
                ASSERT_TRUE(plant.host.told[i].starts_with(expected[i])) << tags[i].first;
            }
        }
    }
}

}  // namespace
}  // namespace hw::gateway::s7
