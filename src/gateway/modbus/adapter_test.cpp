#include <gtest/gtest.h>

#include "gateway/modbus/driver.h"
#include "gateway/modbus/test_host.h"

namespace hw::gateway::modbus {
namespace {

using hw::modbus::Framing;

DriverSettings settings_of(const DriverInfo& info, const SettingTexts& given) {
    DriverSettings out;
    for (const auto& property : info.settings)
        out.emplace(property.key, Config::Value{.text = std::string(property.default_value),
                                                .origin = Origin::built_in,
                                                .where = "default",
                                                .type = property.type});
    for (const auto& [key, text] : given) {
        const auto at = out.find(key);
        if (at == out.end()) {
            ADD_FAILURE() << "no setting " << key;
            continue;
        }
        at->second.text = text;
    }
    return out;
}

DriverTag tag(uint32_t index, std::string address, TagType type) {
    return {.index = TagIndex(index),
            .address = std::move(address),
            .type = type,
            .access = {.read = true, .write = true}};
}

// A driver between a recording host and a device that answers.
class Plant {
  public:
    explicit Plant(const DriverInfo& info = tcp_driver, Framing framing = Framing::tcp,
                   const SettingTexts& given = {})
        : device(framing) {
        auto made = info.make(settings_of(info, given), host);
        EXPECT_TRUE(made.has_value());
        driver = std::move(*made);
    }
    void configure(std::vector<std::vector<DriverTag>> tags) {
        std::vector<DriverGroup> groups;
        for (auto& one : tags)
            groups.push_back({.interval = seconds(1), .tags = std::move(one)});
        driver->configure(groups);
    }
    void connect() { driver->connected(ConnectionId(++connection), "10.0.0.7:502"); }
    // Carries bytes and lets time pass until nothing is under way.
    void settle() {
        for (int i = 0; i < 100'000; ++i) {
            if (!host.sent.empty()) {
                const auto bytes = std::move(host.sent);
                host.sent.clear();
                const auto answer = device.serve(bytes);
                if (!answer.empty()) driver->received(ConnectionId(connection), as_bytes(answer));
                continue;
            }
            const auto due = driver->deadline();
            if (!due) return;
            if (*due > host.clock_.monotonic()) host.clock_.advance(*due - host.clock_.monotonic());
            driver->tick();
        }
        ADD_FAILURE() << "it does not come to rest";
    }
    void poll(uint32_t group = 0) {
        const int before = host.polls[group];
        driver->poll(GroupIndex(group));
        settle();
        EXPECT_EQ(host.polls[group], before + 1);
    }
    Result<model::Value> write(const DriverTag& to, const model::Value& value) {
        return done([&](RequestId id) { driver->write(id, to, value); });
    }
    Result<model::Value> read(const DriverTag& from) {
        return done([&](RequestId id) { driver->read(id, from); });
    }

    RecordingHost host;
    Device device;
    std::unique_ptr<Driver> driver;
    uint32_t connection = 0;

  private:
    template <class Call>
    Result<model::Value> done(Call&& call) {
        const size_t before = host.answers.size();
        call(RequestId(++request_));
        settle();
        EXPECT_EQ(host.answers.size(), before + 1);
        if (host.answers.size() == before) return fail(ErrorCode::unavailable, "not answered");
        EXPECT_EQ(host.answers.back().first, request_);
        return host.answers.back().second;
    }
    uint64_t request_ = 0;
};

TEST(ModbusDriver, ReadsEveryType) {
    for (const auto& [info, framing] :
         {std::pair{&tcp_driver, Framing::tcp}, std::pair{&rtu_driver, Framing::rtu},
          std::pair{&rtu_over_tcp_driver, Framing::rtu},
          std::pair{&ascii_driver, Framing::ascii}}) {
        Plant plant(*info, framing);
        auto& registers = plant.device.registers;
        registers[0] = 0xfffe;
        registers[1] = 0x42f6;
        registers[2] = 0xe979;
        registers[3] = 0x4142;
        registers[4] = 0x4300;
        plant.device.coils[7] = true;
        plant.configure(
            {{tag(0, "1!400001", TagType::int16), tag(1, "1!400001", TagType::word),
              tag(2, "1!400002", TagType::float32), tag(3, "1!400004.4H", TagType::string),
              tag(4, "1!400004.4", TagType::bytes), tag(5, "1!000008", TagType::bit),
              tag(6, "1!400001.0", TagType::boolean), tag(7, "1!100007", TagType::boolean)}});
        plant.connect();
        plant.poll();
        const auto& values = plant.host.values;
        ASSERT_EQ(values.size(), 8U) << info->name;
        EXPECT_EQ(values.at(0), model::Value(int64_t{-2}));
        EXPECT_EQ(values.at(1), model::Value(int64_t{0xfffe}));
        EXPECT_EQ(values.at(2), model::Value(double{123.456F}));
        EXPECT_EQ(values.at(3), model::Value(std::string("ABC")));
        EXPECT_EQ(values.at(4), model::Value(model::Bytes{std::string("ABC\0", 4)}));
        EXPECT_EQ(values.at(5), model::Value(true));
        EXPECT_EQ(values.at(6), model::Value(false));
        EXPECT_EQ(values.at(7), model::Value(false));
        EXPECT_EQ(plant.device.requests, 3U);
        ASSERT_EQ(plant.host.units.size(), 1U);
        EXPECT_EQ(plant.host.units[0].first, "1");
        EXPECT_TRUE(plant.host.units[0].second.up);
        EXPECT_EQ(plant.host.units[0].second.exchanges, 1U);
    }
}

TEST(ModbusDriver, WritesEveryWay) {
    Plant plant;
    plant.configure({});
    plant.connect();
    EXPECT_TRUE(plant.write(tag(0, "1!000003", TagType::bit), true).has_value());
    EXPECT_TRUE(plant.device.coils[2]);
    EXPECT_TRUE(plant.write(tag(0, "1!400005", TagType::uint16), int64_t{77}).has_value());
    EXPECT_EQ(plant.device.registers[4], 77);
    EXPECT_TRUE(plant.write(tag(0, "1!400006#BL", TagType::float32), 123.456).has_value());
    EXPECT_EQ(plant.device.registers[5], 0xe979);
    EXPECT_EQ(plant.device.registers[6], 0x42f6);
    EXPECT_TRUE(
        plant.write(tag(0, "1!400010.4L", TagType::string), std::string("xyz")).has_value());
    EXPECT_EQ(plant.device.registers[9], 0x7978);
    EXPECT_TRUE(plant.write(tag(0, "1!400010.4", TagType::bytes), model::Bytes{"ab"}).has_value());
    EXPECT_EQ(plant.device.registers[9], 0x6162);
    EXPECT_EQ(plant.device.registers[10], 0);
    EXPECT_TRUE(plant.write(tag(0, "1!400005.15", TagType::bit), true).has_value());
    EXPECT_EQ(plant.device.registers[4], 0x8000 | 77);
    EXPECT_EQ(plant.device.functions,
              (std::map<uint8_t, size_t>{{5, 1}, {6, 1}, {16, 3}, {22, 1}}));
    EXPECT_EQ(plant.read(tag(0, "1!400005", TagType::uint16)), model::Value(int64_t{0x8000 | 77}));
    EXPECT_EQ(plant.read(tag(0, "1!000003", TagType::boolean)), model::Value(true));
}

TEST(ModbusDriver, DevicesThatKnowOnlyMultipleWrites) {
    Plant plant(tcp_driver, Framing::tcp, {{"write_multiple", "always"}});
    plant.device.unknown = {{5, true}, {6, true}};
    plant.connect();
    EXPECT_TRUE(plant.write(tag(0, "1!000003", TagType::bit), true).has_value());
    EXPECT_TRUE(plant.write(tag(0, "1!400005", TagType::uint16), int64_t{77}).has_value());
    EXPECT_TRUE(plant.device.coils[2]);
    EXPECT_EQ(plant.device.registers[4], 77);
}

TEST(ModbusDriver, BitsWithoutMaskWriteAreReadAndWrittenBack) {
    Plant plant;
    plant.device.unknown = {{22, true}};
    plant.device.registers[4] = 0x0f00;
    plant.connect();
    // All at once: each must see what the one before wrote.
    for (unsigned i = 0; i < 4; ++i)
        plant.driver->write(RequestId(100 + i),
                            tag(0, "1!400005." + std::to_string(i), TagType::bit), true);
    plant.driver->write(RequestId(104), tag(0, "1!400005.8", TagType::bit), false);
    plant.settle();
    EXPECT_EQ(plant.device.registers[4], 0x0e0f);
    ASSERT_EQ(plant.host.answers.size(), 5U);
    for (const auto& [id, result] : plant.host.answers)
        EXPECT_TRUE(result.has_value()) << id << result.error().text();
    // It is remembered.
    const size_t tried = plant.device.functions[22];
    EXPECT_TRUE(plant.write(tag(0, "1!400005.15#B", TagType::bit), true).has_value());
    EXPECT_EQ(plant.device.registers[4], 0x0e8f);
    EXPECT_EQ(plant.device.functions[22], tried);
}

TEST(ModbusDriver, WritesThatCannotBe) {
    Plant plant;
    const auto unconnected = plant.write(tag(0, "1!400001", TagType::int16), int64_t{1});
    EXPECT_EQ(unconnected.error().code(), ErrorCode::unavailable);
    plant.connect();
    const auto error = [&](std::string address, TagType type, model::Value value) {
        const auto result = plant.write(tag(0, std::move(address), type), value);
        return result ? "taken" : result.error().text();
    };
    EXPECT_EQ(error("1!300001", TagType::int16, int64_t{1}),
              "1!300001 is of the input registers, which are read only");
    EXPECT_EQ(error("1!400001", TagType::int16, int64_t{40'000}),
              "40000 is not a whole number from -32768 to 32767 (int16)");
    EXPECT_EQ(error("1!400001.124D", TagType::string, std::string("x")),
              "the tag takes 124 registers; one write carries at most 123");
    plant.device.missing[0] = true;
    EXPECT_EQ(error("1!400001", TagType::int16, int64_t{1}),
              "unit 1 answers exception 2 (illegal data address) to write single register 400001");
}

TEST(ModbusDriver, OneBadAddressFailsAlone) {
    Plant plant(tcp_driver, Framing::tcp, {{"bad_address_retry", "60s"}});
    std::vector<DriverTag> tags;
    for (uint32_t i = 0; i < 100; ++i)
        tags.push_back(tag(i, "1!" + std::to_string(400'001 + i), TagType::uint16));
    plant.configure({tags});
    plant.device.missing[37] = true;
    plant.connect();
    plant.poll();
    EXPECT_EQ(plant.host.value_count, 99U);
    EXPECT_EQ(plant.host.failure_count, 1U);
    ASSERT_TRUE(plant.host.failures.contains(37));
    EXPECT_EQ(plant.host.failures[37].first, model::Quality::bad_configuration);
    EXPECT_NE(plant.host.failures[37].second.find("illegal data address"), std::string::npos);
    // The split is remembered and the bad one is left out, but told.
    const size_t first = plant.device.requests;
    plant.poll();
    EXPECT_LE(plant.device.requests - first, 8U);
    EXPECT_EQ(plant.host.failure_count, 2U);
    EXPECT_EQ(plant.host.value_count, 198U);
    // When it answers again, one read is enough for all.
    plant.device.missing.clear();
    plant.host.clock_.advance(seconds(60));
    plant.poll();
    EXPECT_EQ(plant.host.value_count, 298U);
    const size_t last = plant.device.requests;
    plant.poll();
    EXPECT_EQ(plant.device.requests - last, 1U);
    EXPECT_EQ(plant.host.value_count, 398U);
}

TEST(ModbusDriver, SilentUnitFailsAloneOnASharedLine) {
    Plant plant(rtu_driver, Framing::rtu);
    plant.configure({{tag(0, "1!400001", TagType::uint16), tag(1, "2!400001", TagType::uint16),
                      tag(2, "2!300001", TagType::uint16), tag(3, "3!400001", TagType::uint16)}});
    plant.device.silent[2] = true;
    plant.connect();
    plant.poll();
    plant.poll();
    EXPECT_EQ(plant.host.value_count, 4U);
    EXPECT_EQ(plant.host.failures[1].first, model::Quality::bad_timeout);
    EXPECT_EQ(plant.host.failures[2].first, model::Quality::bad_timeout);
    EXPECT_TRUE(plant.host.closed.empty());
    bool down = false;
    for (const auto& [unit, report] : plant.host.units)
        if (unit == "2") down = !report.up && report.error.find("no answer") != std::string::npos;
    EXPECT_TRUE(down);
    plant.device.silent.clear();
    plant.host.clock_.advance(seconds(11));
    plant.poll();
    EXPECT_EQ(plant.host.value_count, 8U);
}

TEST(ModbusDriver, AUnitThatIsFoundDownFailsInAllItsGroupsAtOnce) {
    Plant plant;
    plant.configure({{tag(0, "1!400001", TagType::uint16), tag(1, "1!300001", TagType::uint16),
                      tag(2, "1!000001", TagType::bit)},
                     {tag(3, "1!400900", TagType::uint16), tag(4, "2!400001", TagType::uint16)}});
    plant.connect();
    plant.poll(0);
    plant.poll(1);
    plant.device.silent[1] = true;
    const Time begin = plant.host.clock_.monotonic();
    plant.driver->poll(GroupIndex(0));
    while (plant.host.failures.empty()) {
        plant.host.clock_.advance(*plant.driver->deadline() - plant.host.clock_.monotonic());
        plant.driver->tick();
    }
    // The time-out of the first request and of its repetition; nothing waits for its own poll.
    EXPECT_EQ(plant.host.clock_.monotonic() - begin, seconds(2));
    for (const uint32_t index : {0u, 1u, 2u, 3u})
        EXPECT_EQ(plant.host.failures[index].first, model::Quality::bad_timeout) << index;
    EXPECT_FALSE(plant.host.failures.contains(4));
    plant.settle();
}

TEST(ModbusDriver, AConnectionOnWhichNobodyAnswersIsMadeAnew) {
    Plant plant;
    plant.configure({{tag(0, "1!400001", TagType::uint16), tag(1, "2!400001", TagType::uint16)}});
    plant.connect();
    plant.device.silent[1] = true;
    // As long as one unit answers the link is left alone.
    for (int i = 0; i < 20; ++i) {
        plant.poll();
        plant.host.clock_.advance(seconds(1));
    }
    EXPECT_TRUE(plant.host.closed.empty());
    plant.device.silent[2] = true;
    for (int i = 0; i < 20 && plant.host.closed.empty(); ++i) {
        plant.driver->poll(GroupIndex(0));
        plant.settle();
        plant.host.clock_.advance(seconds(1));
    }
    ASSERT_EQ(plant.host.closed.size(), 1U);
    EXPECT_NE(plant.host.closed[0].find("connecting anew"), std::string::npos);
    plant.device.silent.clear();
    const size_t before = plant.host.value_count;
    plant.connect();
    plant.poll();
    plant.host.clock_.advance(seconds(1));
    plant.poll();
    // One unit answers its probe at once, whereupon the other is probed.
    EXPECT_EQ(plant.host.value_count, before + 3);
}

TEST(ModbusDriver, ConfigureLeavesTheLinkAlone) {
    Plant plant;
    plant.configure({{tag(0, "1!400001", TagType::uint16)}});
    plant.connect();
    plant.driver->poll(GroupIndex(0));
    plant.driver->write(RequestId(5), tag(0, "1!400009", TagType::uint16), int64_t{9});
    plant.configure({{tag(0, "1!400002", TagType::uint16)}, {tag(1, "1!400003", TagType::uint16)}});
    plant.settle();
    EXPECT_TRUE(plant.host.values.empty());
    EXPECT_TRUE(plant.host.polls.empty());
    ASSERT_EQ(plant.host.answers.size(), 1U);
    EXPECT_TRUE(plant.host.answers[0].second.has_value());
    plant.device.registers[2] = 3;
    plant.poll(1);
    EXPECT_EQ(plant.host.values[1], model::Value(int64_t{3}));
    EXPECT_TRUE(plant.host.closed.empty());
}

TEST(ModbusDriver, LossAnswersEverythingOnce) {
    Plant plant;
    plant.device.unknown = {{22, true}};
    plant.configure({{tag(0, "1!400001", TagType::uint16)}});
    plant.connect();
    EXPECT_TRUE(plant.write(tag(0, "1!400005.1", TagType::bit), true).has_value());
    plant.host.answers.clear();
    plant.driver->poll(GroupIndex(0));
    for (uint64_t i = 0; i < 5; ++i)
        plant.driver->write(RequestId(50 + i), tag(0, "1!400005.1", TagType::bit), true);
    plant.driver->read(RequestId(60), tag(0, "1!400005", TagType::int16));
    plant.driver->disconnected(ConnectionId(1), Error(ErrorCode::io_failed, "reset"));
    EXPECT_EQ(plant.host.polls[0], 1);
    EXPECT_EQ(plant.host.answers.size(), 6U);
    EXPECT_FALSE(plant.driver->deadline());
    plant.host.sent.clear();
    plant.connect();
    plant.poll();
    EXPECT_EQ(plant.host.value_count, 1U);
}

// As the gateway does when it verifies a write.
TEST(ModbusDriver, MayBeAskedFromWithinAnAnswer) {
    for (const auto& [info, framing] :
         {std::pair{&tcp_driver, Framing::tcp}, std::pair{&rtu_driver, Framing::rtu}}) {
        Plant plant(*info, framing);
        plant.configure({{tag(0, "1!400001", TagType::uint16), tag(1, "2!400001", TagType::bit)}});
        plant.connect();
        const auto target = tag(9, "1!400005", TagType::uint16);
        plant.host.then = [&](RequestId id) {
            if (id.value() < 20) plant.driver->read(RequestId(id.value() + 10), target);
        };
        for (uint64_t i = 10; i < 20; ++i)
            plant.driver->write(RequestId(i), target, model::Value(static_cast<int64_t>(i)));
        plant.poll();
        ASSERT_EQ(plant.host.answers.size(), 20U);
        EXPECT_EQ(plant.host.answers.back().second, model::Value(int64_t{19}));
        // A unit that is down answers from within the call that asks it, and so does a lost link.
        plant.device.silent[1] = true;
        plant.poll();
        plant.host.answers.clear();
        for (uint64_t i = 10; i < 20; ++i)
            plant.driver->write(RequestId(i), target, int64_t{1});
        plant.settle();
        EXPECT_EQ(plant.host.answers.size(), 20U);
        plant.host.answers.clear();
        plant.driver->write(RequestId(10), target, int64_t{1});
        plant.driver->disconnected(ConnectionId(1), Error(ErrorCode::io_failed, "reset"));
        EXPECT_EQ(plant.host.answers.size(), 2U);
    }
}

TEST(ModbusDriver, GarbageClosesTheConnection) {
    Plant plant;
    plant.configure({{tag(0, "1!400001", TagType::uint16)}});
    plant.connect();
    plant.driver->poll(GroupIndex(0));
    plant.driver->received(ConnectionId(1), as_bytes("SSH-2.0-OpenSSH_9.2"));
    ASSERT_EQ(plant.host.closed.size(), 1U);
    EXPECT_NE(plant.host.closed[0].find("does not speak Modbus TCP"), std::string::npos);
    EXPECT_EQ(plant.host.polls[0], 1);
    plant.driver->received(ConnectionId(1), as_bytes("more"));
    EXPECT_EQ(plant.host.closed.size(), 1U);
}

TEST(ModbusDriver, TagWiderThanARequestIsToldSo) {
    Plant plant(tcp_driver, Framing::tcp, {{"max_registers", "2"}});
    plant.configure({{tag(0, "1!400001", TagType::float64), tag(1, "1!400001", TagType::int16)}});
    plant.connect();
    plant.poll();
    EXPECT_EQ(plant.host.failures[0].second, "the tag takes 4 registers, but max_registers is 2");
    EXPECT_EQ(plant.host.values.size(), 1U);
}

TEST(ModbusDriver, DefaultByteOrders) {
    Plant plant(tcp_driver, Framing::tcp, {{"byte_order_32", "BL"}, {"byte_order_16", "B"}});
    plant.device.registers[0] = 0xe979;
    plant.device.registers[1] = 0x42f6;
    plant.configure({{tag(0, "1!400001", TagType::float32), tag(1, "1!400001", TagType::uint16),
                      tag(2, "1!400001#LL", TagType::uint32)}});
    plant.connect();
    plant.poll();
    EXPECT_EQ(plant.host.values[0], model::Value(double{123.456F}));
    EXPECT_EQ(plant.host.values[1], model::Value(int64_t{0x79e9}));
    EXPECT_EQ(plant.host.values[2], model::Value(int64_t{0xe97942f6}));
}

TEST(ModbusDriver, ChecksAddresses) {
    const auto facts = tcp_driver.check("7!300001", TagType::int16);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->unit, "7");
    EXPECT_TRUE(facts->readable);
    EXPECT_FALSE(facts->writable);
    EXPECT_TRUE(tcp_driver.check("0!400001", TagType::int16)->readable);
    EXPECT_FALSE(rtu_driver.check("0!400001", TagType::int16)->readable);
    EXPECT_TRUE(rtu_driver.check("0!400001", TagType::int16)->writable);
    EXPECT_EQ(rtu_driver.check("0!300001", TagType::int16).error().text(),
              "address '0!300001', position 1: unit 0 is the broadcast, which can only be written; "
              "name a unit, e.g. \"1!300001\"");
    EXPECT_FALSE(tcp_driver.check("1!400001", TagType::date_and_time).has_value());
    EXPECT_FALSE(tcp_driver.check("1!400001.124D", TagType::string)->writable);
}

TEST(ModbusDriver, TablesAreWhole) {
    for (const auto* info : {&tcp_driver, &rtu_driver, &rtu_over_tcp_driver, &ascii_driver}) {
        EXPECT_FALSE(info->name.empty());
        EXPECT_FALSE(info->help.empty());
        for (const auto type : info->types)
            EXPECT_TRUE(info->check(type == TagType::string || type == TagType::bytes ? "1!400001.8"
                                                                                      : "1!400001",
                                    type)
                            .has_value())
                << to_string(type);
        for (const auto& note : info->addresses) {
            bool fits = false;
            for (const auto type : info->types)
                fits = fits || info->check(note.example, type).has_value();
            EXPECT_TRUE(fits) << note.example;
        }
    }
}

TEST(ModbusDriver, RtuKeepsTheSilenceOfItsSpeed) {
    RecordingHost host;
    auto settings = settings_of(rtu_driver, {});
    settings.emplace("baud_rate", Config::Value{.text = "9600",
                                                .origin = Origin::built_in,
                                                .where = "default",
                                                .type = PropertyType::integer});
    auto driver = std::move(*rtu_driver.make(settings, host));
    driver->connected(ConnectionId(1), "/dev/ttyUSB0");
    Device device(Framing::rtu);
    driver->read(RequestId(1), tag(0, "1!400001", TagType::int16));
    driver->read(RequestId(2), tag(0, "1!400001", TagType::int16));
    const auto answer = device.serve(host.sent);
    host.sent.clear();
    driver->received(ConnectionId(1), as_bytes(answer));
    EXPECT_EQ(host.answers.size(), 1U);
    EXPECT_TRUE(host.sent.empty());
    EXPECT_EQ(driver->deadline(), host.clock_.monotonic() + nanoseconds(4'010'416));
}

}  // namespace
}  // namespace hw::gateway::modbus
