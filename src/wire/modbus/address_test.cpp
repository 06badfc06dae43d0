#include "wire/modbus/address.h"

#include <gtest/gtest.h>

namespace hw::modbus {
namespace {

Address address(std::string_view text, ValueKind kind) {
    const auto result = parse_address(text, kind);
    EXPECT_TRUE(result.has_value()) << text << ": " << (result ? "" : result.error().text());
    return result.value_or(Address{});
}

std::string error(std::string_view text, ValueKind kind) {
    const auto result = parse_address(text, kind);
    return result ? "taken" : result.error().text();
}

TEST(ModbusAddress, AreasAndNumbers) {
    const auto holding = address("1!400001", ValueKind::int16);
    EXPECT_EQ(holding.unit, 1);
    EXPECT_EQ(holding.area, Area::holding_register);
    EXPECT_EQ(holding.offset, 0);
    EXPECT_EQ(holding.count(), 1);
    EXPECT_EQ(address("255!365536", ValueKind::uint16).offset, 65'535);
    EXPECT_EQ(address("255!365536", ValueKind::uint16).area, Area::input_register);
    EXPECT_EQ(address("0!000001", ValueKind::bit).area, Area::coil);
    EXPECT_EQ(address("1!165536", ValueKind::bit).area, Area::discrete_input);
    EXPECT_EQ(address("1!165536", ValueKind::bit).offset, 65'535);
}

TEST(ModbusAddress, FiveDigitsAreTheClassicForm) {
    EXPECT_EQ(address("1!40001", ValueKind::int16), address("1!400001", ValueKind::int16));
    EXPECT_EQ(address("1!49999", ValueKind::int16), address("1!409999", ValueKind::int16));
    EXPECT_EQ(address("1!00017", ValueKind::bit), address("1!000017", ValueKind::bit));
    EXPECT_EQ(address("1!10001", ValueKind::bit).area, Area::discrete_input);
    EXPECT_EQ(address("1!30010", ValueKind::float32).offset, 9);
}

TEST(ModbusAddress, NeuronsExamples) {
    EXPECT_EQ(address("1!300004#B", ValueKind::int16).field.order, ByteOrder::bb);
    EXPECT_EQ(address("1!300004#L", ValueKind::uint16).field.order, ByteOrder::ll);
    EXPECT_EQ(address("2!400001#BB", ValueKind::uint32).field.order, ByteOrder::bb);
    EXPECT_EQ(address("1!300004#LB", ValueKind::uint32).field.order, ByteOrder::lb);
    EXPECT_EQ(address("1!300004#bl", ValueKind::float32).field.order, ByteOrder::bl);
    EXPECT_EQ(address("1!400001.15", ValueKind::bit).field.bit, 15);
    const auto text = address("1!400010.16H", ValueKind::text);
    EXPECT_EQ(text.field.length, 16);
    EXPECT_EQ(text.count(), 8);
    EXPECT_EQ(address("1!300001.10", ValueKind::text).field.text_order, TextOrder::h);
    EXPECT_EQ(address("1!300001.10L", ValueKind::text).field.text_order, TextOrder::l);
    EXPECT_EQ(address("1!400001.10D", ValueKind::text).count(), 10);
    EXPECT_EQ(address("1!400001.10e", ValueKind::text).field.text_order, TextOrder::e);
    EXPECT_EQ(address("1!400001.8", ValueKind::bytes).count(), 4);
    EXPECT_EQ(address("1!400001#B", ValueKind::float64).field.order, ByteOrder::bb);
    EXPECT_EQ(address("1!400001.3#B", ValueKind::bit).field.order, ByteOrder::bb);
    EXPECT_FALSE(address("1!400001", ValueKind::int32).order_given);
}

TEST(ModbusAddress, ErrorsNamePositionAndExample) {
    EXPECT_EQ(error("", ValueKind::int16),
              "address '', position 1: the slave number is missing, e.g. \"1!400001\"");
    EXPECT_EQ(error("256!400001", ValueKind::int16),
              "address '256!400001', position 1: the slave is 0 to 255, e.g. \"1!400001\"");
    EXPECT_EQ(error("1-400001", ValueKind::int16),
              "address '1-400001', position 2: '!' must follow the slave number, e.g. "
              "\"1!400001\"");
    EXPECT_EQ(error("7!500001", ValueKind::int16),
              "address '7!500001', position 3: the area is 0 (coil), 1 (discrete input), 3 (input "
              "register) or 4 (holding register), e.g. \"7!400001\"");
    EXPECT_EQ(error("1!4001", ValueKind::int16),
              "address '1!4001', position 3: the register's number has six digits, or five in the "
              "classic form, e.g. \"1!400001\"");
    EXPECT_EQ(error("1!400000", ValueKind::int16),
              "address '1!400000', position 4: after the area's digit come 00001 to 65536, e.g. "
              "\"1!400001\"");
    EXPECT_EQ(error("1!40000", ValueKind::int16),
              "address '1!40000', position 4: after the area's digit come 0001 to 9999, e.g. "
              "\"1!40001\"");
    EXPECT_EQ(error("1!400001.16", ValueKind::bit),
              "address '1!400001.16', position 10: the bit is 0 to 15, 0 the least significant, "
              "e.g. \"1!400001.15\"");
    EXPECT_EQ(error("1!400007#LL", ValueKind::int16),
              "address '1!400007#LL', position 10: the byte order of this type is L or B, e.g. "
              "\"1!400007#L\"");
    EXPECT_EQ(error("1!400007#B", ValueKind::float32),
              "address '1!400007#B', position 10: the byte order of this type is LL, LB, BL or BB, "
              "e.g. \"1!400007#LL\"");
    EXPECT_EQ(error("1!400001x", ValueKind::int16),
              "address '1!400001x', position 9: 'x' is not expected here, e.g. \"1!400001\"");
    EXPECT_EQ(error("1!400001", ValueKind::text),
              "address '1!400001', position 9: the length is missing, e.g. \"1!400001.16H\"");
    EXPECT_EQ(error("1!000001", ValueKind::int16),
              "address '1!000001', position 1: a coil is one bit and cannot hold int16; use type "
              "bit or a register, e.g. \"1!400001\"");
    EXPECT_EQ(error("1!000001.3", ValueKind::bit),
              "address '1!000001.3', position 9: a coil or input is one bit and takes no bit "
              "number, e.g. \"1!000001\"");
    EXPECT_EQ(error("1!465536", ValueKind::float32),
              "address '1!465536', position 1: the value reaches beyond register 65536, e.g. "
              "\"1!465535\"");
    EXPECT_EQ(error("1!400001.251", ValueKind::text),
              "address '1!400001.251', position 12: 126 registers are more than the 125 of one "
              "request; shorten it, e.g. \"1!400001.125D\"");
    EXPECT_EQ(error("1!400001.4.5", ValueKind::bit),
              "address '1!400001.4.5', position 11: a second '.', e.g. \"1!400001\"");
    EXPECT_NE(error("1!400001.5", ValueKind::float32).find("float takes nothing after a dot"),
              std::string::npos);
    EXPECT_NE(error("1!400001.16#L", ValueKind::text).find("a letter after its length"),
              std::string::npos);
}

TEST(ModbusAddress, WritesItself) {
    for (const auto& [text, kind] :
         {std::pair{"1!400001", ValueKind::int16}, std::pair{"1!300004#B", ValueKind::int16},
          std::pair{"2!400001#BB", ValueKind::uint32}, std::pair{"1!400001.15", ValueKind::bit},
          std::pair{"1!400010.16H", ValueKind::text}, std::pair{"1!400010.9D", ValueKind::text},
          std::pair{"1!400010#B.8", ValueKind::bytes}, std::pair{"9!065536", ValueKind::bit},
          std::pair{"1!400001.3#B", ValueKind::bit}})
        EXPECT_EQ(to_string(address(text, kind)), text);
    EXPECT_EQ(to_string(address("1!40001", ValueKind::int16)), "1!400001");
}

}  // namespace
}  // namespace hw::modbus
