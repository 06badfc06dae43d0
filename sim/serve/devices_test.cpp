#include "sim/serve/devices.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "gateway/device_check.h"
#include "gateway/device_files.h"
#include "gateway/iec104/driver.h"
#include "gateway/modbus/driver.h"
#include "gateway/registry.h"
#include "gateway/s7/driver.h"
#include "sim/serve/test_works.h"
#include "wire/modbus/address.h"
#include "wire/s7/address.h"

namespace hw::sim {
namespace {

using Table = std::map<std::string, std::string>;

// The tags of a file: what stands between one [[groups.tags]] and the next table.
std::vector<Table> tags_of(const std::string& text) {
    std::vector<Table> tags;
    bool in_tag = false;
    for (size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        const auto line = text.substr(at, end - at);
        at = end + 1;
        if (line.starts_with('[')) {
            in_tag = line == "[[groups.tags]]";
            if (in_tag) tags.emplace_back();
            continue;
        }
        const auto equals = line.find(" = ");
        if (!in_tag || equals == std::string::npos) continue;
        auto value = line.substr(equals + 3);
        if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
        tags.back()[line.substr(0, equals)] = value;
    }
    return tags;
}

class DevicesTest : public testing::Test {
  protected:
    std::string file(const std::string& name, const DeviceListing& listing = {}) const {
        for (const auto& one :
             list_devices(listing, works_.variables, works_.units, works_.blocks, works_.objects))
            if (one.name == name) return one.text;
        return "";
    }
    // The variable behind a tag's point.
    size_t variable(Table tag) const {
        return works_.find(tag["point"].substr(std::string_view("bluewater/").size()));
    }
    void expect_value(const Table& tag, std::string_view bytes) const {
        const auto reading = works_.variables.read(variable(tag));
        if (tag.at("type") == "string") {
            EXPECT_EQ(bytes.substr(0, bytes.find('\0')), std::get<std::string_view>(reading.value));
            return;
        }
        ByteReader in(as_bytes(bytes));
        const double wanted = as_number(reading).value();
        if (tag.at("type") == "int32") {
            EXPECT_EQ(static_cast<int32_t>(in.big<uint32_t>()), wanted) << tag.at("name");
        } else if (reading.trust != Trust::bad && !std::isnan(wanted)) {
            EXPECT_EQ(std::bit_cast<float>(in.big<uint32_t>()), static_cast<float>(wanted))
                << tag.at("name");
        }
    }

    TestWorks works_;
};

TEST_F(DevicesTest, every_point_is_served_by_exactly_one_protocol) {
    std::multiset<size_t> served;
    for (const auto* name :
         {"intake_plc1.toml", "filtration_plc2.toml", "treatment_plc3.toml", "highlift_rtu1.toml"})
        for (const auto& tag : tags_of(file(name)))
            if (const auto point = works_.variables.list()[variable(tag)].point)
                served.insert(*point);
    for (const auto& v : works_.variables.list())
        if (v.point && (v.protocol == Protocol::mqtt || v.protocol == Protocol::sparkplug))
            served.insert(*v.point);
    for (size_t i = 0; i < works_.telemetry.points().size(); ++i)
        EXPECT_EQ(served.count(i), 1U) << works_.telemetry.points()[i].path;
    EXPECT_EQ(served.size(), works_.telemetry.points().size());
}

TEST_F(DevicesTest, modbus_addresses_lead_to_the_values) {
    for (size_t u = 0; u < 2; ++u) {
        const auto& unit = works_.units[u];
        const auto tags = tags_of(file(u == 0 ? "intake_plc1.toml" : "filtration_plc2.toml"));
        EXPECT_GT(tags.size(), 50U);
        for (const auto& tag : tags) {
            const auto kind = tag.at("type") == "bit"      ? modbus::ValueKind::bit
                              : tag.at("type") == "int32"  ? modbus::ValueKind::int32
                              : tag.at("type") == "string" ? modbus::ValueKind::text
                                                           : modbus::ValueKind::float32;
            const auto address = modbus::parse_address(tag.at("address"), kind);
            ASSERT_TRUE(address) << address.error().text();
            EXPECT_EQ(address->unit, unit.number);
            const bool writable = works_.variables.list()[variable(tag)].writable();
            EXPECT_EQ(writable, modbus::is_writable(address->area)) << tag.at("name");
            EXPECT_EQ(tag.at("access"), writable ? "read,write" : "read");
            const auto& memory = unit.memory(static_cast<ModbusArea>(address->area));
            if (kind == modbus::ValueKind::bit)
                EXPECT_EQ(memory.read_bit(address->offset / 8, address->offset % 8),
                          as_number(works_.variables.read(variable(tag))).value() != 0)
                    << tag.at("name");
            else
                expect_value(
                    tag, memory.read(size_t{address->offset} * 2, size_t{address->count()} * 2));
        }
    }
}

TEST_F(DevicesTest, s7_addresses_lead_to_the_values) {
    const auto tags = tags_of(file("treatment_plc3.toml"));
    EXPECT_GT(tags.size(), 40U);
    for (const auto& tag : tags) {
        const auto kind = tag.at("type") == "bit"     ? s7::Kind::bit
                          : tag.at("type") == "int32" ? s7::Kind::int32
                                                      : s7::Kind::real;
        const auto address = s7::parse_address(tag.at("address"), kind);
        ASSERT_TRUE(address) << address.error().text();
        const auto& memory = works_.blocks.at(address->db - 1U).memory;
        if (kind == s7::Kind::bit)
            EXPECT_EQ(memory.read_bit(address->start, address->bit),
                      as_number(works_.variables.read(variable(tag))).value() != 0)
                << tag.at("name");
        else
            expect_value(tag, memory.read(address->start, 4));
    }
}

TEST_F(DevicesTest, iec104_addresses_are_objects) {
    const auto tags = tags_of(file("highlift_rtu1.toml"));
    EXPECT_EQ(tags.size(), works_.objects.size());
    for (const auto& tag : tags) {
        const auto& address = tag.at("address");
        uint32_t number = 0;
        const auto end = std::from_chars(address.data(), address.data() + address.size(), number);
        const auto found = std::find_if(works_.objects.begin(), works_.objects.end(),
                                        [&](const auto& one) { return one.address == number; });
        ASSERT_NE(found, works_.objects.end()) << address;
        EXPECT_EQ(found->variable, variable(tag));
        const auto& about = works_.variables.list()[found->variable];
        const std::string command = !about.writable()          ? ""
                                    : about.kind == Kind::flag ? "#SC"
                                                               : "#NC";
        EXPECT_EQ(end.ptr, address.data() + address.size() - command.size());
        EXPECT_TRUE(address.ends_with(command));
    }
}

TEST_F(DevicesTest, the_gateway_understands_every_file) {
    gateway::DriverRegistry drivers;
    drivers.add(gateway::modbus::tcp_driver);
    drivers.add(gateway::modbus::rtu_driver);
    drivers.add(gateway::s7::driver);
    drivers.add(gateway::iec104::driver);
    for (const auto* line : {"", "/dev/pts/9"})
        for (const auto& one : list_devices({.serial_port = line}, works_.variables, works_.units,
                                            works_.blocks, works_.objects)) {
            auto spec = gateway::parse_device_toml(one.text, one.name);
            ASSERT_TRUE(spec) << spec.error().text();
            std::vector<gateway::Flaw> flaws;
            const auto device = gateway::check_device(std::move(*spec), drivers, flaws);
            EXPECT_TRUE(flaws.empty()) << gateway::error_of(flaws).text();
            ASSERT_TRUE(device);
            for (const auto& group : device->tags)
                for (const auto& tag : group)
                    works_.find(tag.point.substr(std::string_view("bluewater/").size()));
        }
}

TEST_F(DevicesTest, a_tag_says_what_a_gateway_wants_to_know) {
    const auto text = file("intake_plc1.toml", {.prefix = "bluewater", .ports = {.modbus = 15020}});
    EXPECT_TRUE(
        text.starts_with("name = \"bluewater/plant1/intake/plc1\"\n"
                         "driver = \"modbus-tcp\"\n"));
    EXPECT_NE(text.find("host = \"127.0.0.1\"\nport = 15020\n"), std::string::npos);
    EXPECT_NE(text.find("[[groups.tags]]\n"
                        "name = \"header/flow_setpoint\"\n"
                        "address = \"1!400601\"\n"
                        "type = \"float\"\n"
                        "access = \"read,write\"\n"
                        "unit = \"l/s\"\n"
                        "description = \"throughput of the works\"\n"
                        "min = 0\n"
                        "max = 320\n"
                        "point = \"bluewater/plant1/intake/header/flow_setpoint\"\n"),
              std::string::npos);
}

TEST_F(DevicesTest, the_intake_may_hang_on_a_serial_line) {
    const auto text = file("intake_plc1.toml", {.serial_port = "/dev/pts/9"});
    EXPECT_NE(text.find("driver = \"modbus-rtu\"\n"), std::string::npos);
    EXPECT_NE(text.find("serial_port = \"/dev/pts/9\"\n"), std::string::npos);
    EXPECT_EQ(text.find("host ="), std::string::npos);
}

}  // namespace
}  // namespace hw::sim
