#include "wire/modbus/framing.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "wire/modbus/test_bytes.h"

namespace hw::modbus {
namespace {

using enum FrameReader::Side;

std::string framed(Framing framing, uint8_t unit, std::string_view pdu, uint16_t transaction = 0) {
    std::string out;
    append_frame(framing, transaction, unit, as_bytes(pdu), out);
    return out;
}

std::vector<std::string> frames(FrameReader& reader) {
    std::vector<std::string> out;
    for (;;) {
        const auto frame = reader.next();
        EXPECT_TRUE(frame.has_value());
        if (!frame || !*frame) return out;
        out.push_back(std::string(1, static_cast<char>((*frame)->unit)) +
                      std::string(as_text((*frame)->pdu)));
    }
}

TEST(ModbusFraming, CrcAndLrc) {
    // Serial Line V1.02, 6.2.2: the CRC of 02 07 is sent as 41 12.
    EXPECT_EQ(crc16(as_bytes(hex("0207"))), 0x1241);
    EXPECT_EQ(framed(Framing::rtu, 0x11, hex("03 006b 0003")), hex("11 03 006b 0003 7687"));
    EXPECT_EQ(framed(Framing::ascii, 0x11, hex("03 006b 0003")), ":1103006B00037E\r\n");
    EXPECT_EQ(lrc8(as_bytes(hex("1103006b0003"))), 0x7e);
}

TEST(ModbusFraming, TcpHeader) {
    const auto bytes = framed(Framing::tcp, 0xff, hex("03 0004 0001"), 0x1501);
    EXPECT_EQ(bytes, hex("1501 0000 0006 ff 03 0004 0001"));
    FrameReader reader(Framing::tcp, server);
    for (size_t i = 0; i < bytes.size(); ++i) {
        reader.give(as_bytes(bytes).subspan(i, 1));
        const auto frame = reader.next();
        ASSERT_TRUE(frame.has_value());
        ASSERT_EQ(frame->has_value(), i + 1 == bytes.size());
        if (!*frame) continue;
        EXPECT_EQ((*frame)->transaction, 0x1501);
        EXPECT_EQ((*frame)->unit, 0xff);
        EXPECT_EQ(as_text((*frame)->pdu), hex("03 0004 0001"));
    }
}

TEST(ModbusFraming, TcpRefusesWhatIsNotModbus) {
    for (const auto* bytes : {"0001 0001 0006", "0001 0000 0001", "0001 0000 0000",
                              "0001 0000 00ff", "11 03 02 0001 7847"}) {
        FrameReader reader(Framing::tcp, client);
        const auto given = hex(bytes);
        reader.give(as_bytes(given));
        const auto frame = reader.next();
        ASSERT_FALSE(frame.has_value()) << bytes;
        EXPECT_EQ(frame.error().code(), ErrorCode::corrupt);
    }
}

TEST(ModbusFraming, RtuAnswersByTheirLength) {
    FrameReader reader(Framing::rtu, client);
    const auto one = framed(Framing::rtu, 1, hex("03 02 1234"));
    const auto two = framed(Framing::rtu, 2, hex("90 02"));
    const auto three = framed(Framing::rtu, 3, hex("16 0004 00f2 0025"));
    const auto all = one + two + three;
    std::vector<std::string> found;
    for (const char c : all) {
        reader.give(as_bytes({&c, 1}));
        for (auto& frame : frames(reader))
            found.push_back(std::move(frame));
    }
    EXPECT_EQ(found,
              (std::vector{hex("01 03 02 1234"), hex("02 90 02"), hex("03 16 0004 00f2 0025")}));
    EXPECT_EQ(reader.dropped_bytes(), 0U);
}

TEST(ModbusFraming, RtuFindsAFrameInNoise) {
    Random random(3);
    const auto good = framed(Framing::rtu, 9, hex("03 04 0001 0203"));
    for (int round = 0; round < 500; ++round) {
        FrameReader reader(Framing::rtu, client);
        reader.expect(9, 3);
        std::string bytes;
        for (uint64_t i = random.below(40); i > 0; --i)
            bytes.push_back(static_cast<char>(random.next()));
        const size_t noise = bytes.size();
        bytes += good;
        while (!bytes.empty()) {
            const size_t part = std::min<size_t>(bytes.size(), 1 + random.below(9));
            reader.give(as_bytes(bytes).first(part));
            const auto found = frames(reader);
            bytes.erase(0, part);
            EXPECT_EQ(found.size(), bytes.empty() ? 1U : 0U) << round;
        }
        EXPECT_EQ(reader.dropped_bytes(), noise);
    }
}

TEST(ModbusFraming, RtuLooksBehindAFalseBegin) {
    FrameReader reader(Framing::rtu, client);
    // 01 03 fa looks like an answer of 250 bytes, but the true one follows.
    const auto bytes = hex("01 03 fa") + framed(Framing::rtu, 1, hex("03 02 0007"));
    reader.give(as_bytes(bytes));
    EXPECT_EQ(frames(reader), std::vector{hex("01 03 02 0007")});
    EXPECT_EQ(reader.dropped_bytes(), 3U);
}

TEST(ModbusFraming, RtuRequestsAndUnknownFunctions) {
    FrameReader reader(Framing::rtu, server);
    const auto write = framed(Framing::rtu, 1, hex("10 0001 0002 04 000a 0102"));
    const auto both = framed(Framing::rtu, 1, hex("17 0003 0006 000e 0001 02 00ff"));
    const auto bytes = write + both;
    reader.give(as_bytes(bytes));
    EXPECT_EQ(frames(reader).size(), 2U);
    const auto unknown = framed(Framing::rtu, 1, hex("2b 0e 01 00"));
    reader.give(as_bytes(unknown));
    EXPECT_TRUE(frames(reader).empty());
    const auto frame = reader.silence();
    ASSERT_TRUE(frame);
    EXPECT_EQ(as_text(frame->pdu), hex("2b 0e 01 00"));
    const auto broken = hex("01 03 00 00");
    reader.give(as_bytes(broken));
    EXPECT_TRUE(frames(reader).empty());
    EXPECT_FALSE(reader.silence());
    EXPECT_EQ(reader.buffered_bytes(), 0U);
}

TEST(ModbusFraming, AsciiLines) {
    FrameReader reader(Framing::ascii, client);
    const std::string bytes =
        "noise:11:1103006b00037e\r\n:1103006B00037F\r\n:zz0000\r\n"
        ":F7031389000A60\r\n";
    for (const char c : bytes)
        reader.give(as_bytes({&c, 1}));
    EXPECT_EQ(frames(reader), (std::vector{hex("11 03 006b 0003"), hex("f7 03 1389 000a")}));
    EXPECT_GT(reader.dropped_bytes(), 0U);
}

TEST(ModbusFraming, MemoryStaysBounded) {
    for (const auto framing : {Framing::rtu, Framing::ascii}) {
        for (const auto side : {client, server}) {
            FrameReader reader(framing, side);
            const std::string flood(100'000, ':');
            const std::string letters(100'000, '1');
            for (const auto* text : {&flood, &letters}) {
                reader.give(as_bytes(*text));
                EXPECT_TRUE(frames(reader).empty());
                EXPECT_LE(reader.buffered_bytes(), 1024U);
            }
        }
    }
}

}  // namespace
}  // namespace hw::modbus
