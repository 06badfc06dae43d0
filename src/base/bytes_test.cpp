#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace hw {
namespace {

TEST(ByteReader, ReadsBothEnds) {
    ByteReader reader(as_bytes(std::string_view("\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9)));
    EXPECT_EQ(reader.u8(), 1);
    EXPECT_EQ(reader.big<uint16_t>(), 0x0203);
    EXPECT_EQ(reader.little<uint16_t>(), 0x0504);
    EXPECT_EQ(reader.remaining(), 4u);
    EXPECT_EQ(reader.big<uint32_t>(), 0x06070809u);
    EXPECT_TRUE(reader.at_end());
    EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, AReadPastTheEndFailsForGood) {
    ByteReader reader(as_bytes("abc"));
    EXPECT_EQ(reader.big<uint32_t>(), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_EQ(reader.text(1), "");
    EXPECT_EQ(reader.remaining(), 0u);
}

TEST(ByteReader, HandsOutViews) {
    ByteReader reader(as_bytes("hello world"));
    EXPECT_EQ(reader.text(5), "hello");
    EXPECT_EQ(as_text(reader.bytes(1)), " ");
    EXPECT_EQ(as_text(reader.rest()), "world");
    EXPECT_EQ(reader.rest().size(), 0u);
    EXPECT_FALSE(reader.failed());
    EXPECT_EQ(reader.bytes(1).size(), 0u);
    EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, AnEmptyViewIsAtItsEnd) {
    ByteReader reader(BytesView{});
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(reader.bytes(0).size(), 0u);
    EXPECT_FALSE(reader.failed());
}

TEST(ByteWriter, IsReadBack) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(7);
    writer.big<uint16_t>(0x1234);
    writer.little<uint16_t>(0x1234);
    writer.big<uint64_t>(0x0102030405060708);
    writer.text("abc");
    writer.bytes(as_bytes("de"));
    EXPECT_EQ(writer.size(), 18u);
    EXPECT_EQ(out.substr(1, 4), "\x12\x34\x34\x12");
    ByteReader reader(as_bytes(out));
    EXPECT_EQ(reader.u8(), 7);
    EXPECT_EQ(reader.big<uint16_t>(), 0x1234);
    EXPECT_EQ(reader.little<uint16_t>(), 0x1234);
    EXPECT_EQ(reader.big<uint64_t>(), 0x0102030405060708u);
    EXPECT_EQ(as_text(reader.rest()), "abcde");
}

TEST(Varint, IsReadBackAtEveryWidth) {
    for (unsigned bits = 0; bits < 64; ++bits) {
        for (const uint64_t value :
             {uint64_t{1} << bits, (uint64_t{1} << bits) - 1, ~uint64_t{0} >> bits}) {
            std::string out;
            ByteWriter(out).varint(value);
            ByteWriter(out).signed_varint(static_cast<int64_t>(value));
            ByteReader reader(as_bytes(out));
            EXPECT_EQ(reader.varint(), value);
            EXPECT_EQ(reader.signed_varint(), static_cast<int64_t>(value));
            EXPECT_TRUE(reader.at_end());
        }
    }
    std::string out;
    ByteWriter(out).signed_varint(-1);
    EXPECT_EQ(out.size(), 1u);
}

TEST(Varint, RefusesMoreThan64Bits) {
    const std::string most(9, '\xff');
    EXPECT_EQ(ByteReader(as_bytes(most + '\x01')).varint(), std::numeric_limits<uint64_t>::max());
    for (const std::string& bytes :
         {most + '\x02', most + '\x81', most + "\xff\x01", std::string(3, '\x80')}) {
        ByteReader reader(as_bytes(bytes));
        EXPECT_EQ(reader.varint(), 0u);
        EXPECT_TRUE(reader.failed());
    }
}

}  // namespace
}  // namespace hw
