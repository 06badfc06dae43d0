#include "wire/s7/values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/time.h"
#include "wire/s7/test_bytes.h"

namespace hw::s7 {
namespace {

Address at(std::string_view text, Kind kind) {
    return parse_address(text, kind).value();
}
Value decoded(const Address& address, std::string_view bytes) {
    const std::string raw = hex(bytes);
    const Result<Value> value = decode(address, as_bytes(raw));
    EXPECT_TRUE(value.has_value()) << (value ? "" : value.error().text());
    return value.value_or(Value());
}
std::string undecodable(const Address& address, std::string_view bytes) {
    const std::string raw = hex(bytes);
    const Result<Value> value = decode(address, as_bytes(raw));
    EXPECT_FALSE(value.has_value());
    return value ? "" : value.error().text();
}
std::string encoded(const Address& address, const Value& value, uint32_t skip = 0) {
    const Result<Encoded> bytes = encode(address, value);
    EXPECT_TRUE(bytes.has_value()) << (bytes ? "" : bytes.error().text());
    if (!bytes) return "";
    EXPECT_EQ(bytes->skip, skip);
    return to_hex(bytes->bytes);
}
std::string unencodable(const Address& address, const Value& value) {
    const Result<Encoded> bytes = encode(address, value);
    EXPECT_FALSE(bytes.has_value());
    return bytes ? "" : bytes.error().text();
}

TEST(S7Values, Numbers) {
    EXPECT_EQ(decoded(at("MB0", Kind::int8), "ff"), Value(int64_t{-1}));
    EXPECT_EQ(decoded(at("MB0", Kind::uint8), "ff"), Value(int64_t{255}));
    EXPECT_EQ(decoded(at("MW0", Kind::int16), "fffe"), Value(int64_t{-2}));
    EXPECT_EQ(decoded(at("MW0", Kind::raw16), "fffe"), Value(int64_t{65534}));
    EXPECT_EQ(decoded(at("MD0", Kind::int32), "80000000"), Value(int64_t{-2147483648}));
    EXPECT_EQ(decoded(at("MD0", Kind::uint32), "80000000"), Value(int64_t{2147483648}));
    EXPECT_EQ(decoded(at("MD0", Kind::int64), "ffffffffffffffff"), Value(int64_t{-1}));
    EXPECT_EQ(decoded(at("MD0", Kind::uint64), "ffffffffffffffff"), Value(0x1p64));
    EXPECT_EQ(decoded(at("MD0", Kind::real), "42f6e979"), Value(double{123.456f}));
    EXPECT_EQ(decoded(at("MD0", Kind::lreal), "405edd2f1a9fbe77"), Value(123.456));
    EXPECT_EQ(decoded(at("M0.3", Kind::bit), "08"), Value(true));
    EXPECT_EQ(decoded(at("M0.3", Kind::bit), "f7"), Value(false));

    EXPECT_EQ(encoded(at("MB0", Kind::int8), int64_t{-128}), "80");
    EXPECT_EQ(encoded(at("MW0", Kind::uint16), int64_t{65535}), "ff ff");
    EXPECT_EQ(encoded(at("MD0", Kind::int32), 7.0), "00 00 00 07");
    EXPECT_EQ(encoded(at("MD0", Kind::uint64), 0x1p63), "80 00 00 00 00 00 00 00");
    EXPECT_EQ(encoded(at("MD0", Kind::int64), int64_t{-1}), "ff ff ff ff ff ff ff ff");
    EXPECT_EQ(encoded(at("MD0", Kind::real), 123.456), "42 f6 e9 79");
    EXPECT_EQ(encoded(at("MD0", Kind::lreal), 123.456), "40 5e dd 2f 1a 9f be 77");
    EXPECT_EQ(encoded(at("M0.3", Kind::bit), true), "01");
    EXPECT_EQ(encoded(at("M0.3", Kind::bit), int64_t{0}), "00");
}

TEST(S7Values, WhatDoesNotFitIsRefused) {
    EXPECT_EQ(unencodable(at("MW2", Kind::uint16), int64_t{65536}),
              "MW2 takes whole numbers from 0 to 65535, not 65536");
    EXPECT_NE(unencodable(at("MW2", Kind::int16), 1.5).find("not 1.5"), std::string::npos);
    EXPECT_NE(unencodable(at("MD2", Kind::int32), std::nan("")).find("whole numbers"),
              std::string::npos);
    EXPECT_NE(unencodable(at("MD2", Kind::real), 1e39).find("beyond"), std::string::npos);
    EXPECT_NE(unencodable(at("MD2", Kind::real), std::string("12")).find("'12'"),
              std::string::npos);
    EXPECT_NE(unencodable(at("M0.0", Kind::bit), int64_t{2}).find("0 to 1"), std::string::npos);
    EXPECT_NE(unencodable(at("DB1.DBB0.3", Kind::text), std::string("four")).find("at most 3"),
              std::string::npos);
    EXPECT_NE(unencodable(at("DB1.DBB0.9", Kind::text), int64_t{1}).find("text"),
              std::string::npos);
}

TEST(S7Values, Strings) {
    const Address string = at("DB1.DBB0.5", Kind::text);
    EXPECT_EQ(decoded(string, "05 03 61 b0 43 ff ff"), Value(std::string("a\xc2\xb0"
                                                                         "C")));
    EXPECT_EQ(decoded(string, "00 00 00 00 00 00 00"), Value(std::string()));
    EXPECT_NE(undecodable(string, "0a 06 61 61 61 61 61").find("has 6 characters"),
              std::string::npos);
    // The maximum that the PLC declared is left alone.
    EXPECT_EQ(encoded(string,
                      std::string("a\xc2\xb0"
                                  "C"),
                      1),
              "03 61 b0 43");
    EXPECT_EQ(encoded(string, std::string(), 1), "00");
    EXPECT_NE(unencodable(string, std::string("\xe6\xb0\xb4")).find("Latin-1"), std::string::npos);
    EXPECT_NE(unencodable(string, std::string("\xff")).find("Latin-1"), std::string::npos);

    const Address wide = at("DB1.DBB0.4D", Kind::text);
    EXPECT_EQ(decoded(wide, "0004 0003 6c34 d83d dca7 0000"),
              Value(std::string("\xe6\xb0\xb4\xf0\x9f\x92\xa7")));
    EXPECT_EQ(decoded(wide, "0004 0002 d83d 0041 0000 0000"), Value(std::string("\xef\xbf\xbd")));
    EXPECT_EQ(encoded(wide, std::string("\xe6\xb0\xb4\xf0\x9f\x92\xa7"), 2),
              "00 03 6c 34 d8 3d dc a7");
    EXPECT_NE(unencodable(wide, std::string("12345")).find("at most 4"), std::string::npos);

    const Address chars = at("DB1.DBB0.4", Kind::bytes);
    EXPECT_EQ(decoded(chars, "61 00 ff 62"), Value(std::string("a\0\xff"
                                                               "b",
                                                               4)));
    EXPECT_EQ(encoded(chars, std::string("ab")), "61 62 00 00");
}

TEST(S7Values, Times) {
    // STEP 7's example: S5T#12s700ms in the base of 100 ms.
    EXPECT_EQ(decoded(at("MW0", Kind::time), "1127"), Value(int64_t{12'700}));
    EXPECT_EQ(decoded(at("T1", Kind::time), "3999"), Value(int64_t{9'990'000}));
    EXPECT_EQ(decoded(at("T1", Kind::real), "0150"), Value(1.5));
    EXPECT_EQ(decoded(at("T1", Kind::raw16), "3999"), Value(int64_t{0x3999}));
    EXPECT_NE(undecodable(at("T1", Kind::time), "00fa").find("no S5TIME"), std::string::npos);
    EXPECT_EQ(encoded(at("T1", Kind::time), int64_t{9'990'000}), "39 99");
    EXPECT_EQ(encoded(at("T1", Kind::time), int64_t{12'700}), "11 27");
    EXPECT_EQ(encoded(at("T1", Kind::time), int64_t{0}), "00 00");
    EXPECT_EQ(encoded(at("T1", Kind::lreal), 1.5), "01 50");
    EXPECT_NE(unencodable(at("T1", Kind::time), int64_t{9'990'001}).find("9990000"),
              std::string::npos);
    EXPECT_EQ(decoded(at("MD0", Kind::time), "fffffc18"), Value(int64_t{-1000}));
    EXPECT_EQ(encoded(at("MD0", Kind::time), int64_t{-1000}), "ff ff fc 18");
    EXPECT_EQ(decoded(at("C1", Kind::uint16), "0999"), Value(int64_t{999}));
    EXPECT_EQ(encoded(at("C1", Kind::uint16), int64_t{127}), "01 27");
    EXPECT_NE(unencodable(at("C1", Kind::uint16), int64_t{1000}).find("0 to 999"),
              std::string::npos);
}

TEST(S7Values, DateAndTime) {
    const Address address = at("DB1.DBB0", Kind::date_and_time);
    // STEP 7's example: DT#1993-12-25-8:12:34.567, a Saturday.
    EXPECT_EQ(decoded(address, "93 12 25 08 12 34 56 77"),
              Value(std::string("1993-12-25T08:12:34.567Z")));
    EXPECT_EQ(encoded(address, std::string("1993-12-25T08:12:34.567Z")), "93 12 25 08 12 34 56 77");
    EXPECT_EQ(encoded(address, std::string("2026-03-01T12:00:00+08:00")),
              "26 03 01 04 00 00 00 01");
    EXPECT_NE(undecodable(address, "93 13 25 08 12 34 56 77").find("DATE_AND_TIME"),
              std::string::npos);
    EXPECT_NE(undecodable(address, "9f 12 25 08 12 34 56 77").find("DATE_AND_TIME"),
              std::string::npos);
    EXPECT_NE(undecodable(address, "00 00 00 00 00 00 00 00").find("DATE_AND_TIME"),
              std::string::npos);
    EXPECT_NE(unencodable(address, std::string("1989-12-31T23:59:59Z")).find("1990"),
              std::string::npos);
    EXPECT_NE(unencodable(address, std::string("noon")).find("noon"), std::string::npos);
}

TEST(S7Values, WhatIsWrittenReadsBack) {
    for (int64_t ms = 0; ms <= 9'990'000; ms += 9'990) {
        const Address address = at("T1", Kind::time);
        const std::string bytes = encode(address, ms).value().bytes;
        const int64_t back = std::get<int64_t>(decode(address, as_bytes(bytes)).value());
        EXPECT_LE(back, ms);
        EXPECT_LT(ms - back, ms < 10'000      ? 10
                             : ms < 100'000   ? 100
                             : ms < 1'000'000 ? 1000
                                              : 10'000);
    }
    for (int64_t day = 7305; day < 43'000; day += 17) {
        const Address address = at("DB1.DBB0", Kind::date_and_time);
        const std::string text = format_rfc3339(Time{day * 86'400'000'000'000 + 1'000'000});
        const std::string bytes = encode(address, text).value().bytes;
        EXPECT_EQ(decode(address, as_bytes(bytes)).value(), Value(text));
    }
}

}  // namespace
}  // namespace hw::s7
