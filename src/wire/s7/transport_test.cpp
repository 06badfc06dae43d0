#include "wire/s7/transport.h"

#include <gtest/gtest.h>

#include "wire/s7/test_bytes.h"

namespace hw::s7 {
namespace {

std::string failure(TpduReader& reader, std::string_view bytes) {
    const std::string raw = hex(bytes);
    reader.feed(as_bytes(raw));
    const auto tpdu = reader.next();
    EXPECT_FALSE(tpdu.has_value());
    return tpdu ? "" : tpdu.error().text();
}

TEST(S7Tsap, FormsAndPlaces) {
    EXPECT_EQ(parse_tsap("10.00").value(), 0x1000);
    EXPECT_EQ(parse_tsap("1.2").value(), 0x0102);
    EXPECT_EQ(parse_tsap("0x4d57").value(), 0x4d57);
    EXPECT_EQ(parse_tsap("4D57").value(), 0x4d57);
    for (const std::string_view bad :
         {"", ".", "10.", "100.00", "10.000", "0x", "12345", "g0", "-1"})
        EXPECT_FALSE(parse_tsap(bad).has_value()) << bad;
    EXPECT_EQ(tsap_text(0x4d57), "4D.57");
    EXPECT_EQ(tsap_of(ConnectionType::pg, 0, 2), 0x0102);
    EXPECT_EQ(tsap_of(ConnectionType::op, 1, 3), 0x0223);
    EXPECT_EQ(tsap_of(ConnectionType::basic, 7, 31), 0x03ff);
}

TEST(S7Transport, TheConnectRequestIsWhatCpusKnow) {
    std::string out;
    append_connect(out, TpduType::connect_request,
                   {.destination = 0,
                    .source = 1,
                    .option = 0,
                    .tpdu_size = 10,
                    .calling_tsap = 0x0100,
                    .called_tsap = 0x0102});
    EXPECT_EQ(out, hex("03 00 00 16 11 e0 00 00 00 01 00 c0 01 0a c1 02 01 00 c2 02 01 02"));
    TpduReader reader(240);
    reader.feed(as_bytes(out));
    const auto tpdu = reader.next().value().value();
    EXPECT_EQ(tpdu.type, TpduType::connect_request);
    EXPECT_EQ(tpdu.connect.tpdu_size, 10);
    EXPECT_EQ(tpdu.connect.calling_tsap, 0x0100);
    EXPECT_EQ(tpdu.connect.called_tsap, 0x0102);
    EXPECT_FALSE(reader.next().value().has_value());
}

// A confirm of a real S7-300, a disconnect, an error TPDU: in one read.
TEST(S7Transport, SeveralInOneRead) {
    const std::string raw =
        hex("03 00 00 16 11 d0 00 01 44 31 00 c0 01 09 c1 02 01 00 c2 02 01 02"
            "03 00 00 0b 06 80 00 01 44 31 88"
            "03 00 00 09 04 70 00 01 02"
            "03 00 00 07 02 f0 80");
    TpduReader reader(240);
    reader.feed(as_bytes(raw));
    const auto confirm = reader.next().value().value();
    EXPECT_EQ(confirm.type, TpduType::connect_confirm);
    EXPECT_EQ(confirm.connect.destination, 1);
    EXPECT_EQ(confirm.connect.source, 0x4431);
    EXPECT_EQ(confirm.connect.tpdu_size, 9);
    const auto disconnect = reader.next().value().value();
    EXPECT_EQ(disconnect.type, TpduType::disconnect_request);
    EXPECT_EQ(disconnect.reason, 0x88);
    EXPECT_EQ(disconnect_reason_text(0x88), "connection request refused");
    const auto error = reader.next().value().value();
    EXPECT_EQ(error.type, TpduType::error);
    EXPECT_EQ(error_cause_text(error.reason), "invalid TPDU type");
    EXPECT_TRUE(reader.next().value().value().message.empty());
    EXPECT_FALSE(reader.next().value().has_value());
    EXPECT_EQ(reader.held(), 0u);
}

TEST(S7Transport, FragmentsOfAnySizeJoin) {
    std::string message;
    for (int i = 0; i < 400; ++i)
        message += static_cast<char>(i);
    for (const uint8_t size : {7, 8, 9, 10}) {
        std::string stream;
        append_message(stream, message, size);
        append_message(stream, "x", size);
        for (const size_t piece : {1u, 2u, 3u, 5u, 131u, 4096u}) {
            TpduReader reader(400);
            std::vector<std::string> got;
            for (size_t at = 0; at < stream.size(); at += piece) {
                const std::string part = stream.substr(at, piece);
                reader.feed(as_bytes(part));
                while (true) {
                    const auto tpdu = reader.next().value();
                    if (!tpdu) break;
                    got.emplace_back(as_text(tpdu->message));
                }
                EXPECT_LE(reader.held(), 400u + 262u);
            }
            ASSERT_EQ(got.size(), 2u);
            EXPECT_EQ(got[0], message);
            EXPECT_EQ(got[1], "x");
        }
    }
}

TEST(S7Transport, LiesEndTheStream) {
    const auto fresh = [](std::string_view bytes) {
        TpduReader reader(480);
        return failure(reader, bytes);
    };
    EXPECT_NE(fresh("48 54 54 50").find("begins with 0x48"), std::string::npos);
    EXPECT_NE(fresh("03 00 ff ff").find("65535 bytes"), std::string::npos);
    EXPECT_NE(fresh("03 00 00 06").find("6 bytes"), std::string::npos);
    EXPECT_NE(fresh("03 00 00 07 09 f0 80").find("header of 10"), std::string::npos);
    EXPECT_NE(fresh("03 00 00 07 00 f0 80").find("header of 1"), std::string::npos);
    EXPECT_NE(fresh("03 00 00 07 02 10 80").find("unknown type 0x10"), std::string::npos);
    EXPECT_NE(fresh("03 00 00 08 03 f0 80 00").find("header of 4"), std::string::npos);
    EXPECT_NE(fresh("03 00 00 09 04 d0 00 01 02").find("cut short"), std::string::npos);
    EXPECT_NE(fresh("03 00 00 0d 08 d0 00 01 00 01 00 c0 05").find("within a parameter"),
              std::string::npos);
    EXPECT_NE(fresh("03 00 00 0e 09 d0 00 01 00 01 00 c0 01 0f").find("2^15"), std::string::npos);
    EXPECT_NE(fresh("03 00 00 07 02 f0 00").find("without data"), std::string::npos);
}

TEST(S7Transport, EndlessFragmentsHitTheLimit) {
    TpduReader reader(240);
    const std::string fragment = hex("03 00 00 1b 02 f0 00") + std::string(20, 'x');
    for (int i = 0; i < 12; ++i) {
        reader.feed(as_bytes(fragment));
        ASSERT_TRUE(reader.next().has_value());
    }
    reader.feed(as_bytes(fragment));
    const auto tpdu = reader.next();
    ASSERT_FALSE(tpdu.has_value());
    EXPECT_EQ(tpdu.error().text(), "a message of more than 240 bytes in pieces");
}

}  // namespace
}  // namespace hw::s7
