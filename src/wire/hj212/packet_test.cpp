#include "wire/hj212/packet.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hw::hj212 {
namespace {

// HJ 212-2017, appendix A: the example of the standard.
constexpr std::string_view example =
    "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    "CP=&&RtdInterval=30&&";

std::vector<std::string> read_all(PacketReader& reader) {
    std::vector<std::string> all;
    while (true) {
        const auto next = reader.next();
        EXPECT_TRUE(next.has_value());
        if (!next || !*next) return all;
        all.emplace_back(**next);
    }
}

TEST(Hj212Packet, TheCrcIsThatOfTheStandard) {
    EXPECT_EQ(crc16(example), 0x1c80);
    EXPECT_EQ(crc16("QN=20120416225111069;ST=91;CN=9021;PW=122333;MN=88888880000006;Flag=1;"
                    "CP=&&&&"),
              0x4100);
    EXPECT_EQ(crc16(""), 0xffff);
}

TEST(Hj212Packet, TheExampleOfTheStandardBothWays) {
    const Result<Packet> packet = parse_data(example);
    ASSERT_TRUE(packet.has_value()) << packet.error().text();
    EXPECT_EQ(packet->request, "20160801085857223");
    EXPECT_EQ(packet->system, "32");
    EXPECT_EQ(packet->command, 1062);
    EXPECT_EQ(packet->password, "100000");
    EXPECT_EQ(packet->station, "010000A8900016F000169DC0");
    EXPECT_EQ(packet->flag, (Flag{.answer = true, .split = false, .version = 1}));
    EXPECT_EQ(packet->parameters, "RtdInterval=30");
    EXPECT_EQ(write_packet(*packet), "##0101" + std::string(example) + "1C80\r\n");
}

TEST(Hj212Packet, PartsOfAReportAreNumbered) {
    const Result<Packet> packet =
        parse_data("QN=1;ST=32;CN=2011;PW=1;MN=M1;Flag=7;PNUM=3;PNO=2;CP=&&a-Rtd=1&&");
    ASSERT_TRUE(packet.has_value());
    EXPECT_TRUE(packet->flag.split);
    EXPECT_EQ(packet->parts, 3);
    EXPECT_EQ(packet->part, 2);
    const std::string written = write_packet(*packet);
    EXPECT_NE(written.find(";PNUM=3;PNO=2;"), std::string::npos);
}

TEST(Hj212Packet, TheEditionOf2005HasNoFlag) {
    const Result<Packet> packet = parse_data(
        "ST=32;CN=2011;PW=123456;MN=88888880000001;CP=&&DataTime=20160801085857;"
        "011-Rtd=0.06,011-Flag=N&&");
    ASSERT_TRUE(packet.has_value());
    EXPECT_EQ(packet->flag, (Flag{.version = 0}));
    EXPECT_EQ(packet->request, "");
}

TEST(Hj212Packet, WhatIsMissingOrNoNumberIsSaid) {
    const auto error = [](std::string_view data) {
        const auto packet = parse_data(data);
        return packet ? std::string("none") : packet.error().text();
    };
    EXPECT_EQ(error("MN=M1;CP=&&&&"), "packet without a command code CN");
    EXPECT_EQ(error("CN=2011;CP=&&&&"),
              "packet without a station MN of 1 to 32 printable characters");
    EXPECT_EQ(error("CN=2011;MN=a b;CP=&&&&"),
              "packet without a station MN of 1 to 32 printable characters");
    EXPECT_EQ(error("CN=x;MN=M1;CP=&&&&"), "CN 'x' is no number from 1 to 65535");
    EXPECT_EQ(error("CN=2011;MN=M1;Flag=256;CP=&&&&"), "Flag '256' is no number from 0 to 255");
    EXPECT_EQ(error("CN=2011;MN=M1;PNUM=2;PNO=3;CP=&&&&"), "packet PNO 3 of PNUM 2");
    EXPECT_EQ(error("CN=2011;MN=M1;CP=&&a-Rtd=1"), "the parameters CP do not end with '&&'");
    EXPECT_EQ(error("CN=2011;MN=M1;PW=" + std::string(65, '1') + ";CP=&&&&"),
              "QN, ST or PW longer than 32, 8 and 64 characters");
    EXPECT_EQ(error("CN=2011;MN=M1"), "none");
}

TEST(Hj212Packet, ParametersAreFactorsAndFields) {
    const std::vector<Item> items = parse_parameters(
        "DataTime=20160801085857;w01018-Rtd=24.1,w01018-Flag=N;junk;SB1-RS=1, a-Avg = 2 ");
    ASSERT_EQ(items.size(), 5u);
    EXPECT_EQ(items[0].factor, "DataTime");
    EXPECT_EQ(items[0].field, "");
    EXPECT_EQ(items[0].value, "20160801085857");
    EXPECT_EQ(items[1].factor, "w01018");
    EXPECT_EQ(items[1].field, "Rtd");
    EXPECT_EQ(items[1].value, "24.1");
    EXPECT_EQ(items[3].factor, "SB1");
    EXPECT_EQ(items[4].field, "Avg");
    EXPECT_EQ(items[4].value, "2");
}

TEST(Hj212Packet, TimesAreLocal) {
    const Duration zone = seconds(8 * 3600);
    const Time time = *parse_rfc3339("2016-08-01T00:58:57.045Z");
    EXPECT_EQ(parse_local_time("20160801085857045", zone), time);
    EXPECT_EQ(format_milliseconds(time, zone), "20160801085857045");
    EXPECT_EQ(format_seconds(time, zone), "20160801085857");
    EXPECT_EQ(parse_local_time("20160801085857", zone), time - milliseconds(45));
    for (const std::string_view wrong :
         {"", "2016080108585", "20161301085857", "20160801256057", "2016080108585x"})
        EXPECT_EQ(parse_local_time(wrong, zone), std::nullopt) << wrong;
}

TEST(Hj212PacketReader, PacketsMayComeInPiecesAndTogether) {
    const std::string packet = "##0101" + std::string(example) + "1C80\r\n";
    PacketReader reader;
    std::vector<std::string> all;
    for (const char c : packet + packet) {
        reader.feed(as_bytes({&c, 1}));
        for (std::string& one : read_all(reader))
            all.push_back(std::move(one));
    }
    EXPECT_EQ(all, (std::vector<std::string>(2, std::string(example))));
    reader.feed(as_bytes(packet + packet + packet));
    EXPECT_EQ(read_all(reader).size(), 3u);
    EXPECT_EQ(reader.skipped_bytes(), 0u);
}

TEST(Hj212PacketReader, WhatStandsBetweenPacketsIsPassedOver) {
    const std::string packet = "##0101" + std::string(example) + "1c80";
    PacketReader reader;
    reader.feed(as_bytes("DTU-4711 hello#" + packet + "\r\n\r\n#x##12a4#" + packet));
    EXPECT_EQ(read_all(reader).size(), 2u);
    EXPECT_EQ(reader.damaged(), 0u);
    EXPECT_GT(reader.skipped_bytes(), 15u);
}

TEST(Hj212PacketReader, AWrongCrcCostsOnePacketOnly) {
    const std::string good = "##0101" + std::string(example) + "1C80\r\n";
    std::string bad = good;
    bad[40] = 'x';
    PacketReader reader;
    reader.feed(as_bytes(bad + good + bad + good));
    EXPECT_EQ(read_all(reader).size(), 2u);
    EXPECT_EQ(reader.damaged(), 2u);
}

TEST(Hj212PacketReader, AWrongLengthDoesNotHideTheNextPacket) {
    const std::string good = "##0101" + std::string(example) + "1C80\r\n";
    PacketReader reader;
    reader.feed(as_bytes("##0120" + std::string(example) + "1C80\r\n" + good));
    EXPECT_EQ(read_all(reader).size(), 1u);
}

TEST(Hj212PacketReader, NoiseEndsTheConnection) {
    PacketReader noise;
    noise.feed(as_bytes(std::string(70000, 'x')));
    const auto skipped = noise.next();
    // The first round passes it over, the next one says no.
    const auto again = noise.next();
    ASSERT_TRUE(!skipped || !again);
    PacketReader damaged;
    for (int i = 0; i < 16; ++i)
        damaged.feed(as_bytes("##0001x0000"));
    const auto failed = damaged.next();
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().text(), "16 packets with a wrong CRC in a row");
}

}  // namespace
}  // namespace hw::hj212
