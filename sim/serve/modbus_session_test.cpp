#include "sim/serve/modbus_session.h"

#include <gtest/gtest.h>

#include <bit>

#include "sim/serve/test_works.h"

namespace hw::sim {
namespace {

using modbus::ExceptionCode;
using modbus::Function;
using modbus::Request;

class ModbusSessionTest : public testing::Test {
  protected:
    // The answer's PDU, or nothing.
    std::string ask(const Request& request, uint8_t unit = 1,
                    modbus::Framing framing = modbus::Framing::tcp) {
        std::string pdu;
        modbus::append_request(request, pdu);
        std::string frame;
        modbus::append_frame(framing, 77, unit, as_bytes(pdu), frame);
        ModbusSession session(works_.units, framing);
        std::string out;
        EXPECT_TRUE(session.received(as_bytes(frame), out));
        modbus::FrameReader reader(framing, modbus::FrameReader::Side::client);
        reader.give(as_bytes(out));
        const auto answer = reader.next();
        if (!answer || !*answer) return "";
        EXPECT_EQ((*answer)->unit, unit);
        if (framing == modbus::Framing::tcp) {
            EXPECT_EQ((*answer)->transaction, 77);
        }
        return std::string(as_text((*answer)->pdu));
    }
    std::optional<ExceptionCode> exception(const Request& request, uint8_t unit = 1) {
        const auto pdu = ask(request, unit);
        const auto response = modbus::parse_response(request, as_bytes(pdu));
        EXPECT_TRUE(response);
        return response ? response->exception : std::nullopt;
    }
    // Bytes of a write of one float.
    static std::string real(float value) {
        std::string bytes;
        ByteWriter(bytes).big(std::bit_cast<uint32_t>(value));
        return bytes;
    }
    static Request write(uint16_t address, const std::string& data) {
        return {.function = Function::write_multiple_registers,
                .address = address,
                .count = static_cast<uint16_t>(data.size() / 2),
                .data = as_bytes(data)};
    }

    static constexpr uint16_t flow_setpoint = 600;  // 400601
    TestWorks works_;
};

TEST_F(ModbusSessionTest, reads_what_the_instruments_show) {
    const auto request = modbus::read_request(modbus::Area::input_register, 600, 2);
    const auto pdu = ask(request);
    const auto response = modbus::parse_response(request, as_bytes(pdu));
    ASSERT_TRUE(response && !response->exception);
    ByteReader in(response->data);
    EXPECT_FLOAT_EQ(std::bit_cast<float>(in.big<uint32_t>()),
                    static_cast<float>(works_.number("plant1/intake/header/flow")));
}

TEST_F(ModbusSessionTest, a_set_point_acts_on_the_process_and_reads_back) {
    const auto data = real(150);
    EXPECT_EQ(exception(write(flow_setpoint, data)), std::nullopt);
    const auto request = modbus::read_request(modbus::Area::holding_register, flow_setpoint, 2);
    const auto pdu = ask(request);
    EXPECT_EQ(as_text(modbus::parse_response(request, as_bytes(pdu))->data), data);
    works_.run(1800);
    EXPECT_NEAR(works_.telemetry.works().raw_flow(), 0.150, 0.004);
}

TEST_F(ModbusSessionTest, a_coil_stops_a_pump) {
    ASSERT_TRUE(works_.telemetry.works().intake().pumps()[0].running());
    const Request stop{.function = Function::write_single_coil, .address = 301, .value = 0};
    EXPECT_EQ(exception(stop), std::nullopt);
    works_.run(2);
    EXPECT_FALSE(works_.telemetry.works().intake().pumps()[0].running());
    const auto request = modbus::read_request(modbus::Area::coil, 300, 2);
    const auto pdu = ask(request);
    const auto response = modbus::parse_response(request, as_bytes(pdu));
    ASSERT_TRUE(response && !response->exception);
    EXPECT_FALSE(modbus::packed_bit(response->data, 0));
    EXPECT_FALSE(modbus::packed_bit(response->data, 1));
}

TEST_F(ModbusSessionTest, what_cannot_be_has_its_exception) {
    EXPECT_EQ(exception(write(flow_setpoint, real(5000))), ExceptionCode::illegal_data_value);
    EXPECT_EQ(exception(write(flow_setpoint, real(150).substr(2))),
              ExceptionCode::illegal_data_address);
    EXPECT_EQ(exception(write(9000, real(1))), ExceptionCode::illegal_data_address);
    EXPECT_EQ(exception(modbus::read_request(modbus::Area::input_register, 5000, 2)),
              ExceptionCode::illegal_data_address);
    EXPECT_EQ(exception(modbus::read_request(modbus::Area::coil, 0, 2000)),
              ExceptionCode::illegal_data_address);
    EXPECT_EQ(exception(modbus::read_request(modbus::Area::coil, 0, 1), 9),
              ExceptionCode::gateway_target_failed);
    EXPECT_EQ(exception({.function = Function::mask_write_register, .address = flow_setpoint}),
              ExceptionCode::illegal_function);
    EXPECT_NEAR(works_.number("plant1/intake/header/flow_setpoint"), 230, 1e-4);
}

TEST_F(ModbusSessionTest, serial_lines_answer_for_their_units_only) {
    const auto request = modbus::read_request(modbus::Area::input_register, 0, 4);
    EXPECT_FALSE(ask(request, 2, modbus::Framing::rtu).empty());
    EXPECT_TRUE(ask(request, 7, modbus::Framing::rtu).empty());
    const auto data = real(140);
    EXPECT_TRUE(ask(write(flow_setpoint, data), 0, modbus::Framing::rtu).empty());
    EXPECT_NEAR(works_.number("plant1/intake/header/flow_setpoint"), 140, 1e-4);
}

TEST_F(ModbusSessionTest, what_is_no_modbus_ends_the_connection) {
    ModbusSession session(works_.units, modbus::Framing::tcp);
    std::string out;
    EXPECT_FALSE(session.received(as_bytes("GET / HTTP/1.1\r\n\r\n"), out));
    EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace hw::sim
