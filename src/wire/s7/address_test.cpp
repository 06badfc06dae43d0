#include "wire/s7/address.h"

#include <gtest/gtest.h>

namespace hw::s7 {
namespace {

Address parsed(std::string_view text, Kind kind) {
    const Result<Address> address = parse_address(text, kind);
    EXPECT_TRUE(address.has_value()) << (address ? "" : address.error().text());
    return address.value_or(Address{});
}
std::string refused(std::string_view text, Kind kind) {
    const Result<Address> address = parse_address(text, kind);
    EXPECT_FALSE(address.has_value()) << text;
    return address ? "" : address.error().text();
}

TEST(S7Address, ReadsNeuronsForms) {
    EXPECT_EQ(parsed("I0.0", Kind::bit), (Address{Area::input, DataType::bit, 0, 0, 0, 0}));
    EXPECT_EQ(parsed("O1.2", Kind::bit), (Address{Area::output, DataType::bit, 2, 0, 0, 1}));
    EXPECT_EQ(parsed("Q1.2", Kind::bit), parsed("O1.2", Kind::bit));
    EXPECT_EQ(parsed("F20", Kind::int16), (Address{Area::flag, DataType::int16, 0, 0, 0, 20}));
    EXPECT_EQ(parsed("I1", Kind::uint16), (Address{Area::input, DataType::uint16, 0, 0, 0, 1}));
    EXPECT_EQ(parsed("T5", Kind::time), (Address{Area::timer, DataType::timer, 0, 0, 0, 5}));
    EXPECT_EQ(parsed("C3", Kind::uint16), (Address{Area::counter, DataType::counter, 0, 0, 0, 3}));
    EXPECT_EQ(parsed("DB10.DBW2", Kind::int16),
              (Address{Area::data_block, DataType::int16, 0, 10, 0, 2}));
    EXPECT_EQ(parsed("DB1.DBW10.1", Kind::bit),
              (Address{Area::data_block, DataType::bit, 1, 1, 0, 10}));
    EXPECT_EQ(parsed("DB1.DBW12.20", Kind::text),
              (Address{Area::data_block, DataType::string, 0, 1, 20, 12}));
    EXPECT_EQ(parsed("DB1.DBW12.20D", Kind::text),
              (Address{Area::data_block, DataType::wstring, 0, 1, 20, 12}));
    EXPECT_EQ(parsed("DB1.DBW100.20", Kind::bytes),
              (Address{Area::data_block, DataType::chars, 0, 1, 20, 100}));
}

TEST(S7Address, ReadsSiemensForms) {
    for (const std::string_view text : {"M20", "MB20", "MW20", "MD20", "mw20", "F20", "FB20"})
        EXPECT_EQ(parsed(text, Kind::uint32), (Address{Area::flag, DataType::uint32, 0, 0, 0, 20}));
    EXPECT_EQ(parsed("DB10.DBX0.3", Kind::bit),
              (Address{Area::data_block, DataType::bit, 3, 10, 0, 0}));
    EXPECT_EQ(parsed("EW4", Kind::int16), parsed("IW4", Kind::int16));
    EXPECT_EQ(parsed("AB4", Kind::int8), parsed("QB4", Kind::int8));
    EXPECT_EQ(parsed("Z4", Kind::int16), parsed("C4", Kind::int16));
    EXPECT_EQ(parsed("VD100", Kind::real), parsed("DB1.DBD100", Kind::real));
    EXPECT_EQ(parsed("MX0.7", Kind::bit), parsed("M0.7", Kind::bit));
}

TEST(S7Address, TheWidthOfATimeTellsItsKind) {
    EXPECT_EQ(parsed("DB1.DBW4", Kind::time).type, DataType::s5time);
    EXPECT_EQ(parsed("DB1.DBD4", Kind::time).type, DataType::time);
    EXPECT_EQ(parsed("M4", Kind::time).type, DataType::time);
    EXPECT_EQ(parsed("T4", Kind::real).type, DataType::timer_seconds);
    EXPECT_EQ(parsed("T4", Kind::raw16).type, DataType::uint16);
    EXPECT_EQ(size_of(parsed("T4", Kind::int64)), 2u);
}

TEST(S7Address, ErrorsNamePositionAndExample) {
    EXPECT_EQ(refused("DB10,DBW2", Kind::int16),
              "address 'DB10,DBW2', position 5: '.DBX', '.DBB', '.DBW' or '.DBD' is missing; write "
              "for example DB10.DBW2");
    EXPECT_EQ(refused("M20.8", Kind::bit),
              "address 'M20.8', position 5: the bit 8 is not from 0 to 7; write for example M20.7");
    EXPECT_EQ(refused("M20", Kind::bit),
              "address 'M20', position 4: a bit needs its number behind a point; write for example "
              "M20.0");
    EXPECT_EQ(refused("DB1.DBW4.1", Kind::int16),
              "address 'DB1.DBW4.1', position 9: only the types bit, bool, string and bytes have a "
              "part behind a point; write for example DB1.DBW4");
    EXPECT_EQ(refused("DB1.DBW12", Kind::text),
              "address 'DB1.DBW12', position 10: a string needs its length; write for example "
              "DB1.DBW12.20");
    EXPECT_NE(refused("X5", Kind::int16).find("position 1"), std::string::npos);
    EXPECT_NE(refused("", Kind::int16).find("position 1"), std::string::npos);
    EXPECT_NE(refused("DB0.DBW2", Kind::int16).find("0 is not from 1 to 65535"), std::string::npos);
    EXPECT_NE(refused("DB1.DBW99999999999999999999", Kind::int16).find("position 8"),
              std::string::npos);
    EXPECT_NE(refused("DB1.DBW2 ", Kind::int16).find("position 9"), std::string::npos);
    EXPECT_NE(refused("DB1.DBD65534", Kind::real).find("beyond byte 65535"), std::string::npos);
    EXPECT_NE(refused("T5", Kind::bit).find("T5 with the type time"), std::string::npos);
    EXPECT_NE(refused("C5", Kind::real).find("whole number"), std::string::npos);
    EXPECT_NE(refused("DB1.DBB0.255", Kind::text).find("from 1 to 254"), std::string::npos);
    EXPECT_NE(refused("DB1.DBB0.20D", Kind::bytes).find("position 12"), std::string::npos);
}

TEST(S7Address, TextsReadBack) {
    struct Case {
        std::string_view text;
        Kind kind;
    };
    for (const Case& c :
         {Case{"I0.0", Kind::bit}, Case{"MW20", Kind::int16}, Case{"T5", Kind::time},
          Case{"C3", Kind::uint16}, Case{"DB10.DBX4.7", Kind::bit}, Case{"DB10.DBD4", Kind::real},
          Case{"DB1.DBW4", Kind::time}, Case{"DB1.DBD4", Kind::time},
          Case{"DB1.DBB12.20D", Kind::text}, Case{"DB1.DBB9.7", Kind::bytes}}) {
        const Address address = parsed(c.text, c.kind);
        EXPECT_EQ(to_string(address), c.text);
        EXPECT_EQ(parsed(to_string(address), c.kind), address);
    }
}

TEST(S7Address, SizesAreThoseOfThePlc) {
    EXPECT_EQ(size_of(parsed("DB1.DBB0.254", Kind::text)), 256u);
    EXPECT_EQ(size_of(parsed("DB1.DBB0.10D", Kind::text)), 24u);
    EXPECT_EQ(size_of(parsed("DB1.DBB0.10", Kind::bytes)), 10u);
    EXPECT_EQ(size_of(parsed("DB1.DBB0", Kind::date_and_time)), 8u);
    EXPECT_EQ(size_of(parsed("DB1.DBX0.1", Kind::bit)), 1u);
    EXPECT_EQ(size_of(parsed("DB1.DBB0", Kind::lreal)), 8u);
}

}  // namespace
}  // namespace hw::s7
