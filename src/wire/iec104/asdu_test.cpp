#include "wire/iec104/asdu.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/iec104/apci.h"
#include "wire/iec104/test_bytes.h"

namespace hw::iec104 {
namespace {

// 2026-07-14 Tuesday 09:05:30.250, summer time not told.
constexpr std::string_view cp56 = "2A 76 05 09 4E 07 1A";
constexpr std::string_view cp24 = "2A 76 05";
const TimeTag tag{.milliseconds = 30250,
                  .minute = 5,
                  .hour = 9,
                  .day = 14,
                  .day_of_week = 2,
                  .month = 7,
                  .year = 26};
const TimeTag short_tag{.milliseconds = 30250, .minute = 5, .short_form = true};

struct Case {
    int type;
    std::string element;  // hex, without the time tag
    Element expected;
    Quality quality = {};
    TimeForm time = TimeForm::none;
};

std::string time_hex(TimeForm form) {
    return std::string(form == TimeForm::cp56 ? cp56 : form == TimeForm::cp24 ? cp24 : "");
}

Object object_of(const Case& c, uint32_t address) {
    Object object{.address = address, .element = c.expected, .quality = c.quality, .time = {}};
    if (c.time == TimeForm::cp56) object.time = tag;
    if (c.time == TimeForm::cp24) object.time = short_tag;
    return object;
}

// Object 4001h of station 2, spontaneous, and an originator of 7.
std::string asdu_hex(int type, std::string_view objects) {
    return fmt::format("{:02X} 01 03 07 02 00 01 40 00 {}", type, objects);
}

std::vector<Case> monitored_cases() {
    const Quality iv{.invalid = true};
    const Quality ov_nt{.not_topical = true, .overflow = true};
    const Quality sb_bl{.substituted = true, .blocked = true};
    return {
        {1, "01", Single{true}},
        {2, "81", Single{true}, iv, TimeForm::cp24},
        {3, "02", DoublePoint{2}},
        {4, "31", DoublePoint{1}, sb_bl, TimeForm::cp24},
        {5, "3F 00", Step{.value = 63}},
        {6, "C0 41", Step{.value = -64, .transient = true}, ov_nt, TimeForm::cp24},
        {7, "78 56 34 12 00", Bits{0x12345678}},
        {8, "01 00 00 80 80", Bits{0x80000001}, iv, TimeForm::cp24},
        {9, "00 40 00", Normalized{0x4000}},
        {10, "00 80 80", Normalized{-32768}, iv, TimeForm::cp24},
        {11, "FF FF 41", Scaled{-1}, ov_nt},
        {12, "E8 03 00", Scaled{1000}, {}, TimeForm::cp24},
        {13, "00 00 48 41 00", Short{12.5F}},
        {14, "00 00 48 C1 30", Short{-12.5F}, sb_bl, TimeForm::cp24},
        {15, "D2 04 00 00 05", Counter{.value = 1234, .sequence = 5}},
        {16, "FF FF FF FF E0", Counter{.value = -1, .carry = true, .adjusted = true}, iv,
         TimeForm::cp24},
        {17,
         "8A F4 01",
         Protection{.events = 2, .elapsed_ms = 500},
         {.invalid = true, .elapsed_invalid = true},
         TimeForm::cp24},
        {18,
         "15 08 0A 00",
         Protection{.events = 0x15, .elapsed_ms = 10},
         {.elapsed_invalid = true},
         TimeForm::cp24},
        {19, "03 00 14 00", Protection{.events = 3, .elapsed_ms = 20}, {}, TimeForm::cp24},
        {20, "05 80 01 00 00", PackedSingles{.states = 0x8005, .changed = 1}},
        {21, "01 C0", Normalized{-16383}},
        {30, "00", Single{false}, {}, TimeForm::cp56},
        {31, "43", DoublePoint{3}, {.not_topical = true}, TimeForm::cp56},
        {32, "7F 00", Step{.value = -1}, {}, TimeForm::cp56},
        {33, "FF 00 00 00 00", Bits{255}, {}, TimeForm::cp56},
        {34, "FF 7F 01", Normalized{32767}, {.overflow = true}, TimeForm::cp56},
        {35, "00 80 00", Scaled{-32768}, {}, TimeForm::cp56},
        {36, "00 00 80 3F 00", Short{1.0F}, {}, TimeForm::cp56},
        {37,
         "00 CA 9A 3B 3F",
         Counter{.value = 1'000'000'000, .sequence = 31, .carry = true},
         {},
         TimeForm::cp56},
        {38, "01 00 00", Protection{.events = 1}, {}, TimeForm::cp56},
        {39, "20 00 FF FF", Protection{.events = 0x20, .elapsed_ms = 65535}, {}, TimeForm::cp56},
        {40, "0F 80 00 01", Protection{.events = 15, .elapsed_ms = 256}, iv, TimeForm::cp56},
        {70, "82", EndOfInitialization{.cause = 2, .parameters_changed = true}},
    };
}

std::vector<Case> command_cases() {
    return {
        {45, "81", Switching{.state = 1, .select = true}},
        {46, "06", Switching{.state = 2, .qualifier = 1}},
        {47, "0D", Switching{.state = 1, .qualifier = 3}},
        {48, "00 C0 80", SetPoint{.value = Normalized{-16384}, .select = true}},
        {49, "64 00 00", SetPoint{.value = Scaled{100}}},
        {50, "00 00 20 C1 05", SetPoint{.value = Short{-10.0F}, .qualifier = 5}},
        {51, "EF BE AD DE", Bits{0xdeadbeef}},
        {58, "00", Switching{}, {}, TimeForm::cp56},
        {59, "85", Switching{.state = 1, .qualifier = 1, .select = true}, {}, TimeForm::cp56},
        {60, "02", Switching{.state = 2}, {}, TimeForm::cp56},
        {61, "FF 7F 00", SetPoint{.value = Normalized{32767}}, {}, TimeForm::cp56},
        {62, "FF FF 80", SetPoint{.value = Scaled{-1}, .select = true}, {}, TimeForm::cp56},
        {63, "00 00 00 3F 00", SetPoint{.value = Short{0.5F}}, {}, TimeForm::cp56},
        {64, "01 00 00 00", Bits{1}, {}, TimeForm::cp56},
        {100, "14", Qualifier{20}},
        {101, "45", Qualifier{0x45}},
        {102, "", std::monostate{}},
        {103, "", std::monostate{}, {}, TimeForm::cp56},
        {104, "AA 55", TestPattern{}},
        {105, "01", Qualifier{1}},
        {107, "02 01", TestPattern{0x0102}, {}, TimeForm::cp56},
    };
}

void expect_both_ways(const Case& c) {
    SCOPED_TRACE(fmt::format("type {}", c.type));
    const std::string bytes = from_hex(asdu_hex(c.type, c.element + time_hex(c.time)));
    const Result<Asdu> asdu = parse_asdu(as_bytes(bytes));
    ASSERT_TRUE(asdu.has_value()) << asdu.error().text();
    const AsduHeader header{.type = static_cast<TypeId>(c.type),
                            .cause = Cause::spontaneous,
                            .originator = 7,
                            .common_address = 2};
    EXPECT_EQ(asdu->header, header);
    ASSERT_EQ(asdu->objects.size(), 1u);
    EXPECT_EQ(asdu->objects[0], object_of(c, 0x4001));
    EXPECT_EQ(to_hex(write_asdu(header, asdu->objects)), to_hex(bytes));
}

TEST(Iec104Asdu, EveryMonitoredTypeBothWays) {
    for (const Case& c : monitored_cases())
        expect_both_ways(c);
}

TEST(Iec104Asdu, EveryCommandTypeBothWays) {
    for (const Case& c : command_cases())
        expect_both_ways(c);
}

TEST(Iec104Asdu, ObjectsInSequenceShareOneAddress) {
    // Three scaled values from object 700h on, interrogated by station.
    const std::string bytes = from_hex("0B 83 14 00 01 00 00 07 00 01 00 00 02 00 80 03 00 00");
    const Result<Asdu> asdu = parse_asdu(as_bytes(bytes));
    ASSERT_TRUE(asdu.has_value()) << asdu.error().text();
    ASSERT_EQ(asdu->objects.size(), 3u);
    EXPECT_EQ(asdu->objects[2].address, 0x702u);
    EXPECT_EQ(asdu->objects[2].element, Element(Scaled{3}));
    EXPECT_TRUE(asdu->objects[1].quality.invalid);
    EXPECT_EQ(to_hex(write_asdu(asdu->header, asdu->objects)), to_hex(bytes));
}

TEST(Iec104Asdu, ObjectsApartHaveAnAddressEach) {
    const std::string bytes = from_hex("01 02 03 00 01 00 01 00 00 01 FF FF FF 00");
    const Result<Asdu> asdu = parse_asdu(as_bytes(bytes));
    ASSERT_TRUE(asdu.has_value()) << asdu.error().text();
    ASSERT_EQ(asdu->objects.size(), 2u);
    EXPECT_EQ(asdu->objects[1].address, object_address_most);
    EXPECT_EQ(to_hex(write_asdu(asdu->header, asdu->objects)), to_hex(bytes));
}

TEST(Iec104Asdu, NegativeAndTestBitsStandInTheCause) {
    const Result<Asdu> asdu = parse_asdu(as_bytes(from_hex("2D 01 C7 00 01 00 05 00 00 01")));
    ASSERT_TRUE(asdu.has_value());
    EXPECT_TRUE(asdu->header.negative);
    EXPECT_TRUE(asdu->header.test);
    EXPECT_EQ(asdu->header.cause, Cause::activation_confirmation);
}

TEST(Iec104Asdu, LengthsThatDoNotFitAreRefused) {
    for (const std::string_view hex :
         {"", "01", "01 01 03 00 01", "01 01 03 00 01 00", "01 01 03 00 01 00 01 00 00",
          "01 01 03 00 01 00 01 00 00 01 00", "01 7F 03 00 01 00 01 00 00 01",
          "0D 82 03 00 01 00 01 00 00 00 00 48 41 00"}) {
        const Result<Asdu> asdu = parse_asdu(as_bytes(from_hex(hex)));
        ASSERT_FALSE(asdu.has_value()) << hex;
        EXPECT_EQ(asdu.error().code(), ErrorCode::corrupt) << hex;
    }
    const Result<Asdu> wrong = parse_asdu(as_bytes(from_hex("01 01 03 00 01 00 01 00 00 01 00")));
    EXPECT_EQ(wrong.error().text(), "M_SP_NA_1 with 1 objects has 5 bytes of objects, expected 4");
}

TEST(Iec104Asdu, UnknownTypesAreToldApartFromMalformedOnes) {
    const Result<Asdu> asdu = parse_asdu(as_bytes(from_hex("7F 01 03 00 01 00 01 00 00 01")));
    ASSERT_FALSE(asdu.has_value());
    EXPECT_EQ(asdu.error().code(), ErrorCode::unsupported);
    EXPECT_EQ(asdu.error().text(), "unknown type identification 127");
}

TEST(Iec104Asdu, AsManyObjectsAsFit) {
    EXPECT_EQ(objects_limit(TypeId::m_sp_na, true), 127u);
    EXPECT_EQ(objects_limit(TypeId::m_sp_na, false), 60u);
    EXPECT_EQ(objects_limit(TypeId::m_me_tf, false), 16u);
    std::vector<Object> objects;
    for (uint32_t i = 0; i < 16; ++i)
        objects.push_back({.address = i * 2, .element = Short{1}, .quality = {}, .time = tag});
    const std::string bytes = write_asdu({.type = TypeId::m_me_tf}, objects);
    EXPECT_EQ(bytes.size(), 246u);
    const Result<Asdu> back = parse_asdu(as_bytes(bytes));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->objects, objects);
}

TEST(Iec104Types, NamesAreThoseOfTheStandard) {
    EXPECT_EQ(name_of(TypeId::m_me_tf), "M_ME_TF_1");
    EXPECT_EQ(name_of(static_cast<TypeId>(200)), "type 200");
    EXPECT_EQ(name_of(Cause::unknown_object_address), "unknown information object address");
    EXPECT_EQ(name_of(static_cast<Cause>(23)), "interrogated by group 3");
    EXPECT_EQ(name_of(static_cast<Cause>(38)), "counters of group 1");
    EXPECT_EQ(name_of(static_cast<Cause>(60)), "cause 60");
    EXPECT_EQ(with_time(TypeId::c_sc_na), TypeId::c_sc_ta);
    EXPECT_EQ(with_time(TypeId::m_it_na), TypeId::m_it_tb);
    EXPECT_EQ(with_time(TypeId::c_rd_na), TypeId::c_rd_na);
}

}  // namespace
}  // namespace hw::iec104
