#include "wire/s7/pdu.h"

#include <gtest/gtest.h>

#include "wire/s7/codes.h"
#include "wire/s7/server_codec.h"
#include "wire/s7/test_bytes.h"

namespace hw::s7 {
namespace {

std::string unparsable(std::string_view bytes) {
    const std::string raw = hex(bytes);
    const Result<Pdu> pdu = parse_pdu(as_bytes(raw));
    EXPECT_FALSE(pdu.has_value());
    return pdu ? "" : pdu.error().text();
}

// The byte sequences are those of public captures of STEP 7 and HMI traffic.
TEST(S7Pdu, SettingUp) {
    std::string out;
    append_setup_request(out, {.jobs_calling = 1, .jobs_called = 1, .pdu_size = 480});
    set_reference(out, 0xcc00);
    EXPECT_EQ(out, hex("32 01 00 00 cc 00 00 08 00 00 f0 00 00 01 00 01 01 e0"));

    const std::string answer = hex("32 03 00 00 cc 00 00 08 00 00 00 00 f0 00 00 03 00 03 00 f0");
    const Pdu pdu = parse_pdu(as_bytes(answer)).value();
    EXPECT_EQ(pdu.reference, 0xcc00);
    const Negotiation setup = parse_setup(pdu.parameters).value();
    EXPECT_EQ(setup.pdu_size, 240);
    EXPECT_EQ(setup.jobs_calling, 3);
    std::string ours;
    append_setup_answer(ours, 0xcc00, {.jobs_calling = 3, .jobs_called = 3, .pdu_size = 240});
    EXPECT_EQ(ours, answer);
}

TEST(S7Pdu, Read) {
    const ItemAddress items[] = {
        {.size = ItemSize::byte, .count = 10, .db = 1, .area = Area::data_block, .start = 0},
        {.size = ItemSize::bit, .count = 1, .db = 0, .area = Area::flag, .start = 20, .bit = 3},
        {.size = ItemSize::timer, .count = 2, .db = 0, .area = Area::timer, .start = 5}};
    std::string out;
    append_read_request(out, items);
    set_reference(out, 2);
    EXPECT_EQ(out, hex("32 01 00 00 00 02 00 26 00 00 04 03"
                       "12 0a 10 02 00 0a 00 01 84 00 00 00"
                       "12 0a 10 01 00 01 00 00 83 00 00 a3"
                       "12 0a 10 1d 00 02 00 00 1d 00 00 05"));
    const ServerJob job = parse_job(parse_pdu(as_bytes(out)).value()).value();
    EXPECT_EQ(job.reference, 2);
    ASSERT_EQ(job.items.size(), 3u);
    for (size_t i = 0; i < 3; ++i)
        EXPECT_EQ(job.items[i], items[i]);
}

TEST(S7Pdu, ReadAnswerWithPaddingBitsOctetsAndFailures) {
    // Three bytes (padded), a bit (padded), a failed item that claims four bytes, a real, octets.
    const std::string raw =
        hex("32 03 00 00 00 02 00 02 00 25 00 00 04 05"
            "ff 04 00 18 01 02 03 00"
            "ff 03 00 01 01 00"
            "0a 00 00 04"
            "ff 07 00 04 42 f6 e9 79"
            "ff 09 00 07 00 20 01 11 02 22 03");
    const Pdu pdu = parse_pdu(as_bytes(raw)).value();
    ASSERT_TRUE(check_read_answer(pdu, 5).has_value());
    ReadAnswer answer(pdu.data);
    EXPECT_EQ(to_hex(as_text(answer.next().data)), "01 02 03");
    EXPECT_EQ(to_hex(as_text(answer.next().data)), "01");
    const ItemAnswer failed = answer.next();
    EXPECT_EQ(failed.code, 0x0a);
    EXPECT_TRUE(failed.data.empty());
    EXPECT_EQ(answer.next().size, DataSize::real);
    EXPECT_EQ(answer.next().data.size(), 7u);
    EXPECT_FALSE(answer.failed());
    EXPECT_FALSE(check_read_answer(pdu, 4).has_value());
    EXPECT_FALSE(parse_write_answer(pdu, 5).has_value());
}

TEST(S7Pdu, Write) {
    const std::string one(1, '\1');
    const WriteItem bit[] = {{{.size = ItemSize::bit,
                               .count = 1,
                               .db = 1,
                               .area = Area::data_block,
                               .start = 0,
                               .bit = 3},
                              as_bytes(one)}};
    std::string out;
    append_write_request(out, bit);
    set_reference(out, 1);
    EXPECT_EQ(out, hex("32 01 00 00 00 01 00 0e 00 05 05 01"
                       "12 0a 10 01 00 01 00 01 84 00 00 03 00 03 00 01 01"));

    const std::string three = "abc";
    const std::string word = "xy";
    const WriteItem two[] = {
        {{.count = 3, .db = 9, .start = 4}, as_bytes(three)},
        {{.size = ItemSize::counter, .count = 1, .area = Area::counter}, as_bytes(word)}};
    out.clear();
    append_write_request(out, two);
    const ServerJob job = parse_job(parse_pdu(as_bytes(out)).value()).value();
    ASSERT_EQ(job.data.size(), 2u);
    EXPECT_EQ(as_text(job.data[0]), "abc");
    EXPECT_EQ(as_text(job.data[1]), "xy");
    EXPECT_EQ(job.items[1], two[1].address);

    const std::string raw = hex("32 03 00 00 00 01 00 02 00 02 00 00 05 02 ff 05");
    const Pdu pdu = parse_pdu(as_bytes(raw)).value();
    EXPECT_EQ(to_hex(as_text(parse_write_answer(pdu, 2).value())), "ff 05");
    EXPECT_FALSE(parse_write_answer(pdu, 1).has_value());
    EXPECT_FALSE(check_read_answer(pdu, 2).has_value());
}

TEST(S7Pdu, WhatServersSayReadsBack) {
    const std::string data = "12345";
    const ItemAnswer items[] = {{0xff, DataSize::byte, as_bytes(data)},
                                {0x05, DataSize::byte, {}},
                                {0xff, DataSize::octets, as_bytes(data)}};
    std::string out;
    append_read_answer(out, 7, items);
    const Pdu pdu = parse_pdu(as_bytes(out)).value();
    ASSERT_TRUE(check_read_answer(pdu, 3).has_value());
    ReadAnswer answer(pdu.data);
    EXPECT_EQ(as_text(answer.next().data), data);
    EXPECT_EQ(answer.next().code, 5);
    EXPECT_EQ(as_text(answer.next().data), data);

    out.clear();
    append_refusal(out, 7, 0x83, 0x04);
    const Pdu refusal = parse_pdu(as_bytes(out)).value();
    EXPECT_EQ(refusal.kind, PduKind::ack);
    EXPECT_EQ(header_error_text(refusal.error_class, refusal.error_code),
              "busy or no resources available (0x8304)");
}

TEST(S7Pdu, LengthsThatLie) {
    EXPECT_NE(unparsable("").find("no S7 PDU"), std::string::npos);
    EXPECT_NE(unparsable("72 01 00 00 cc 00 00 00 00 00").find("S7CommPlus"), std::string::npos);
    EXPECT_NE(unparsable("32 05 00 00 00 00 00 00 00 00").find("unknown kind"), std::string::npos);
    EXPECT_NE(unparsable("32 01 00 00 00 00 00 05 00 00 04").find("5 of parameters"),
              std::string::npos);
    EXPECT_NE(unparsable("32 01 00 00 00 00 00 01 00 00 04 04").find("1 of parameters"),
              std::string::npos);
    EXPECT_NE(unparsable("32 03 00 00 00 00 00 00 00 00 00").find("S7 PDU of 11"),
              std::string::npos);
    const std::string cut = hex("32 03 00 00 00 02 00 02 00 06 00 00 04 01 ff 04 01 00 01 02");
    const Result<void> sound = check_read_answer(parse_pdu(as_bytes(cut)).value(), 1);
    ASSERT_FALSE(sound.has_value());
    EXPECT_EQ(sound.error().text(), "the answer to a read ends within item 1 of 1");
}

TEST(S7Codes, TextsTellCodeAndRemedy) {
    EXPECT_EQ(return_code_text(0x05),
              "address out of range: the area or data block ends before it, or the data block has "
              "optimised access (0x05)");
    EXPECT_NE(return_code_text(0x0a).find("object does not exist"), std::string::npos);
    EXPECT_NE(return_code_text(0x03).find("PUT/GET"), std::string::npos);
    EXPECT_EQ(return_code_text(0x77), "unknown return code (0x77)");
    EXPECT_EQ(header_error_text(0x85, 0x77), "error on supplies (0x8577)");
    EXPECT_EQ(header_error_text(0x99, 0x01), "unknown error class (0x9901)");
}

}  // namespace
}  // namespace hw::s7
