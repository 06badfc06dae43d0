#include "sim/serve/s7_session.h"

#include <gtest/gtest.h>

#include <bit>

#include "sim/serve/test_works.h"

namespace hw::sim {
namespace {

using s7::ItemAddress;
using s7::ItemSize;
using s7::ReturnCode;

class S7SessionTest : public testing::Test {
  protected:
    S7SessionTest() {
        std::string connect;
        s7::append_connect(connect, s7::TpduType::connect_request,
                           {.source = 1,
                            .tpdu_size = s7::tpdu_size_wanted,
                            .calling_tsap = 0x0100,
                            .called_tsap = 0x0102});
        EXPECT_EQ(say(connect).type, s7::TpduType::connect_confirm);
        std::string setup;
        s7::append_setup_request(setup, {.pdu_size = 480});
        ask(setup);
    }
    s7::Tpdu say(const std::string& bytes) {
        out_.clear();
        EXPECT_TRUE(session_.received(as_bytes(bytes), out_));
        reader_.feed(as_bytes(out_));
        const auto tpdu = reader_.next();
        EXPECT_TRUE(tpdu && *tpdu);
        return tpdu && *tpdu ? **tpdu : s7::Tpdu{};
    }
    s7::Pdu ask(const std::string& pdu) {
        std::string message;
        s7::append_message(message, pdu, s7::tpdu_size_wanted);
        return s7::parse_pdu(say(message).message).value();
    }
    ReturnCode write(const ItemAddress& address, const std::string& data) {
        std::string pdu;
        const s7::WriteItem item{.address = address, .data = as_bytes(data)};
        s7::append_write_request(pdu, {&item, 1});
        const auto answer = ask(pdu);
        return static_cast<ReturnCode>(s7::parse_write_answer(answer, 1).value()[0]);
    }
    std::pair<ReturnCode, std::string> read(const ItemAddress& address) {
        std::string pdu;
        s7::append_read_request(pdu, {&address, 1});
        const auto answer = ask(pdu);
        EXPECT_TRUE(s7::check_read_answer(answer, 1));
        const auto item = s7::ReadAnswer(answer.data).next();
        return {static_cast<ReturnCode>(item.code), std::string(as_text(item.data))};
    }
    static ItemAddress bytes_of_db(uint16_t db, uint32_t start, uint16_t count) {
        return {.size = ItemSize::byte, .count = count, .db = db, .start = start};
    }
    static std::string real(float value) {
        std::string bytes;
        ByteWriter(bytes).big(std::bit_cast<uint32_t>(value));
        return bytes;
    }

    TestWorks works_;
    S7Session session_{works_.blocks};
    s7::TpduReader reader_{s7::pdu_size_most};
    std::string out_;
};

TEST_F(S7SessionTest, a_dose_that_is_written_is_dosed) {
    EXPECT_EQ(write(bytes_of_db(1, 0, 4), real(31)), ReturnCode::success);
    EXPECT_EQ(read(bytes_of_db(1, 0, 4)), std::pair(ReturnCode::success, real(31)));
    EXPECT_EQ(works_.number("plant1/coagulation/dosing/dose_auto"), 0);
    works_.run(5);
    EXPECT_NEAR(works_.telemetry.works().coagulation().dose(), 31, 1e-6);
}

TEST_F(S7SessionTest, bits_are_read_and_written) {
    const ItemAddress automatic{.size = ItemSize::bit, .count = 1, .db = 1, .start = 24, .bit = 0};
    EXPECT_EQ(read(automatic), std::pair(ReturnCode::success, std::string("\1")));
    EXPECT_EQ(write(automatic, std::string(1, '\0')), ReturnCode::success);
    EXPECT_EQ(works_.number("plant1/coagulation/dosing/dose_auto"), 0);
}

TEST_F(S7SessionTest, what_cannot_be_has_its_return_code) {
    EXPECT_EQ(write(bytes_of_db(1, 0, 4), real(500)), ReturnCode::type_inconsistent);
    EXPECT_EQ(write(bytes_of_db(1, 4, 4), real(5)), ReturnCode::access_denied);
    EXPECT_EQ(write(bytes_of_db(1, 2, 2), "ab"), ReturnCode::address_out_of_range);
    EXPECT_EQ(read(bytes_of_db(9, 0, 4)).first, ReturnCode::object_does_not_exist);
    EXPECT_EQ(read(bytes_of_db(1, 4000, 4)).first, ReturnCode::address_out_of_range);
    auto flags = bytes_of_db(0, 0, 1);
    flags.area = s7::Area::flag;
    EXPECT_EQ(read(flags).first, ReturnCode::type_not_supported);
}

}  // namespace
}  // namespace hw::sim
