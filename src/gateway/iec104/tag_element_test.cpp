#include "gateway/iec104/tag_element.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hw::gateway::iec104 {
namespace {

namespace wire = hw::iec104;
using model::Quality;

wire::Object object(wire::Element element, wire::Quality quality = {}) {
    return {.address = 1, .element = std::move(element), .quality = quality, .time = {}};
}

model::Value read(wire::Element element, TagType type, std::optional<uint8_t> bit = std::nullopt) {
    const Result<TagReading> reading = read_element(object(std::move(element)), type, bit);
    EXPECT_TRUE(reading.has_value()) << reading.error().text();
    return reading ? reading->value : model::Value(std::string("none"));
}

TEST(Iec104TagElement, PointsReadAsTruthOrNumber) {
    EXPECT_EQ(read(wire::Single{true}, TagType::bit), model::Value(true));
    EXPECT_EQ(read(wire::Single{true}, TagType::uint8), model::Value(int64_t{1}));
    EXPECT_EQ(read(wire::DoublePoint{2}, TagType::bit), model::Value(true));
    EXPECT_EQ(read(wire::DoublePoint{1}, TagType::bit), model::Value(false));
    EXPECT_EQ(read(wire::DoublePoint{3}, TagType::bit), model::Value(false));
    EXPECT_EQ(read(wire::DoublePoint{3}, TagType::int8), model::Value(int64_t{3}));
    EXPECT_EQ(read(wire::Step{.value = -3}, TagType::int8), model::Value(int64_t{-3}));
    EXPECT_EQ(read(wire::Bits{0x80000000}, TagType::bit, 31), model::Value(true));
    EXPECT_EQ(read(wire::Bits{0x80000000}, TagType::bit, 30), model::Value(false));
    EXPECT_EQ(read(wire::PackedSingles{.states = 4}, TagType::bit, 2), model::Value(true));
}

TEST(Iec104TagElement, MeasuredValuesReadByTheirType) {
    EXPECT_EQ(read(wire::Normalized{16384}, TagType::float32), model::Value(0.5));
    EXPECT_EQ(read(wire::Normalized{16384}, TagType::int16), model::Value(int64_t{16384}));
    EXPECT_EQ(read(wire::Normalized{-1}, TagType::uint16), model::Value(int64_t{65535}));
    EXPECT_EQ(read(wire::Scaled{-1}, TagType::int16), model::Value(int64_t{-1}));
    EXPECT_EQ(read(wire::Scaled{-1}, TagType::uint16), model::Value(int64_t{65535}));
    EXPECT_EQ(read(wire::Scaled{-1}, TagType::float64), model::Value(-1.0));
    EXPECT_EQ(read(wire::Short{2.5F}, TagType::float32), model::Value(2.5));
    EXPECT_EQ(read(wire::Short{2.6F}, TagType::int16), model::Value(int64_t{3}));
    EXPECT_EQ(read(wire::Counter{.value = -1}, TagType::uint32), model::Value(int64_t{4294967295}));
    EXPECT_EQ(read(wire::Bits{0xffffffff}, TagType::int32), model::Value(int64_t{-1}));
}

TEST(Iec104TagElement, WhatDoesNotFitIsSaid) {
    const auto error = [](wire::Element element, TagType type,
                          std::optional<uint8_t> bit = std::nullopt) {
        const auto reading = read_element(object(std::move(element)), type, bit);
        return reading ? std::string("none") : reading.error().text();
    };
    EXPECT_EQ(error(wire::Scaled{1000}, TagType::int8),
              "the value 1000 does not fit into int8; choose a wider type");
    EXPECT_EQ(error(wire::Scaled{-1}, TagType::uint8),
              "the value -1 does not fit into uint8; choose a wider type");
    EXPECT_EQ(error(wire::Short{1e9F}, TagType::int16),
              "the value 1000000000 does not fit into int16; choose a wider type");
    EXPECT_NE(error(wire::Short{std::numeric_limits<float>::quiet_NaN()}, TagType::int16), "none");
    EXPECT_NE(error(wire::Short{1}, TagType::bit, 3), "none");
}

TEST(Iec104TagElement, QualityBitsByWeight) {
    EXPECT_EQ(quality_of({}), Quality::good);
    EXPECT_EQ(quality_of({.invalid = true, .blocked = true}), Quality::bad);
    EXPECT_EQ(quality_of({.not_topical = true, .blocked = true}), Quality::bad_out_of_service);
    EXPECT_EQ(quality_of({.not_topical = true}), Quality::uncertain_last_usable);
    EXPECT_EQ(quality_of({.substituted = true}), Quality::uncertain_substitute);
    EXPECT_EQ(quality_of({.overflow = true}), Quality::uncertain_engineering_units_exceeded);
    const auto moving = read_element(object(wire::DoublePoint{0}), TagType::bit, std::nullopt);
    EXPECT_EQ(moving->quality, Quality::uncertain);
    const auto number = read_element(object(wire::DoublePoint{0}), TagType::int8, std::nullopt);
    EXPECT_EQ(number->quality, Quality::good);
}

wire::Element command(std::string_view address, TagType type, model::Value value) {
    const auto parsed = parse_tag_address(address, type);
    EXPECT_TRUE(parsed.has_value());
    const auto element = command_element(*parsed, value, type);
    EXPECT_TRUE(element.has_value()) << element.error().text();
    return element.value_or(wire::Element{});
}

TEST(Iec104TagElement, CommandsCarryTheValueInTheirForm) {
    EXPECT_EQ(command("1#SC.Q1", TagType::bit, true),
              wire::Element(wire::Switching{.state = 1, .qualifier = 1}));
    EXPECT_EQ(command("1#DC", TagType::bit, true), wire::Element(wire::Switching{.state = 2}));
    EXPECT_EQ(command("1#DC", TagType::bit, false), wire::Element(wire::Switching{.state = 1}));
    EXPECT_EQ(command("1#RC", TagType::int8, int64_t{1}),
              wire::Element(wire::Switching{.state = 1}));
    EXPECT_EQ(command("1#NA", TagType::float32, -0.5),
              wire::Element(wire::SetPoint{.value = wire::Normalized{-16384}}));
    EXPECT_EQ(command("1#NA", TagType::float32, 1.0),
              wire::Element(wire::SetPoint{.value = wire::Normalized{32767}}));
    EXPECT_EQ(command("1#NA", TagType::int16, int64_t{100}),
              wire::Element(wire::SetPoint{.value = wire::Normalized{100}}));
    EXPECT_EQ(command("1", TagType::uint16, int64_t{65535}),
              wire::Element(wire::SetPoint{.value = wire::Scaled{-1}}));
    EXPECT_EQ(command("1#NC.Q7", TagType::float32, 2.5),
              wire::Element(wire::SetPoint{.value = wire::Short{2.5F}, .qualifier = 7}));
    EXPECT_EQ(command("1", TagType::int32, int64_t{-1}), wire::Element(wire::Bits{0xffffffff}));
    EXPECT_EQ(command_type(*parse_tag_address("1#RC.T", TagType::bit)), wire::TypeId::c_rc_ta);
    EXPECT_EQ(command_type(*parse_tag_address("1#NB", TagType::int16)), wire::TypeId::c_se_nb);
}

TEST(Iec104TagElement, CommandsRefuseWhatTheyCannotCarry) {
    const auto error = [](std::string_view address, TagType type, model::Value value) {
        const auto element = command_element(*parse_tag_address(address, type), value, type);
        return element ? std::string("none") : element.error().text();
    };
    EXPECT_EQ(error("1#SC", TagType::int8, int64_t{2}), "a single command takes 0 or 1, not 2");
    EXPECT_EQ(error("1#DC", TagType::int8, int64_t{0}),
              "a double command takes 1 (off) or 2 (on), not 0");
    EXPECT_EQ(error("1#NA", TagType::float32, 1.5),
              "a normalized set point takes -1 to 1, not 1.5");
    EXPECT_EQ(error("1#NB", TagType::float32, 40000.0),
              "a scaled set point takes -32768 to 32767, not 40000");
    EXPECT_EQ(error("1#NC", TagType::float64, 1e39),
              "a short floating point set point takes up to 3.4e38, not 1e+39");
    EXPECT_NE(error("1#NC", TagType::float64, std::nan("")), "none");
    EXPECT_NE(error("1#NC", TagType::float64, std::string("x")), "none");
}

}  // namespace
}  // namespace hw::gateway::iec104
