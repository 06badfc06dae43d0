#include "ingest/scalar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ingest/test_support.h"

namespace hw::ingest {
namespace {

using model::Quality;
using model::ValueType;

Scalar read(std::string_view payload) {
    Scalar scalar;
    EXPECT_EQ(read_scalar(payload, 100, scalar), Reason::none) << payload;
    return scalar;
}

Reason reason_of(std::string_view payload) {
    Scalar scalar;
    return read_scalar(payload, 100, scalar);
}

TEST(Scalar, WholeNumbersAreIntegers) {
    for (const auto& [text, value] : std::vector<std::pair<std::string_view, int64_t>>{
             {"32", 32},
             {"-5", -5},
             {"+7", 7},
             {"0", 0},
             {" 12\r\n", 12},
             {"9223372036854775807", std::numeric_limits<int64_t>::max()},
             {"-9223372036854775808", std::numeric_limits<int64_t>::min()}}) {
        const auto scalar = read(text);
        EXPECT_EQ(scalar.type, ValueType::int64) << text;
        EXPECT_EQ(scalar.integer, value) << text;
    }
}

TEST(Scalar, OtherNumbersAreDoubles) {
    for (const auto& [text, value] :
         std::vector<std::pair<std::string_view, double>>{{"32.0", 32.0},
                                                          {"-0.5", -0.5},
                                                          {".5", 0.5},
                                                          {"1e3", 1000.0},
                                                          {"\t2.25 ", 2.25},
                                                          {"9223372036854775808", 0x1p63}}) {
        const auto scalar = read(text);
        EXPECT_EQ(scalar.type, ValueType::float64) << text;
        EXPECT_EQ(scalar.real, value) << text;
        EXPECT_EQ(scalar.quality, Quality::good);
    }
    EXPECT_EQ(reason_of("1e400"), Reason::number_range);
}

TEST(Scalar, NoNumbersAreBad) {
    for (const auto* text : {"NaN", "nan", "-nan"}) {
        const auto scalar = read(text);
        EXPECT_EQ(scalar.type, ValueType::float64);
        EXPECT_TRUE(std::isnan(scalar.real)) << text;
        EXPECT_EQ(scalar.quality, Quality::bad);
    }
    for (const auto* text : {"inf", "Infinity", "+INF", "-inf", "-Infinity"}) {
        const auto scalar = read(text);
        EXPECT_TRUE(std::isinf(scalar.real)) << text;
        EXPECT_EQ(std::signbit(scalar.real), text[0] == '-');
        EXPECT_EQ(scalar.quality, Quality::bad_out_of_range);
    }
}

TEST(Scalar, BooleansInAnyCase) {
    for (const auto* text : {"true", "True", "TRUE", " true\n", "false", "FALSE", "fAlSe"}) {
        const auto scalar = read(text);
        EXPECT_EQ(scalar.type, ValueType::boolean) << text;
        EXPECT_EQ(scalar.boolean, std::string_view(text).find_first_of("tT") < 2) << text;
    }
}

TEST(Scalar, TheRestIsText) {
    for (const auto* text : {"on", "OFF", "hand", "12 bar", "1.2.3", "0x10", "tru", "-", "nanx",
                             "2026-03-01T00:00:00Z", " a b ", "\"a\\\"b\"", "\xc3\xa4", "  "}) {
        const auto scalar = read(text);
        EXPECT_EQ(scalar.type, ValueType::text) << text;
        EXPECT_EQ(scalar.text, text);
    }
    EXPECT_EQ(read("\"running\"").text, "running");
    EXPECT_EQ(read("\"\"").text, "");
}

TEST(Scalar, RefusesWhatIsNoValue) {
    EXPECT_EQ(reason_of(""), Reason::empty);
    EXPECT_EQ(reason_of("null"), Reason::nothing);
    EXPECT_EQ(reason_of("\xff\xfe\x01"), Reason::not_text);
    EXPECT_EQ(reason_of(std::string_view("a\0b", 3)), Reason::not_text);
    EXPECT_EQ(reason_of(std::string(101, 'x')), Reason::text_bytes);
    EXPECT_EQ(reason_of(std::string(100, 'x')), Reason::none);
}

}  // namespace
}  // namespace hw::ingest
