#include "sim/serve/modbus_session.h"

#include <algorithm>
#include <expected>
#include <utility>

namespace hw::sim {

namespace {

using modbus::ExceptionCode;
using modbus::Function;
using modbus::Request;

constexpr uint8_t broadcast = 0;

using Answer = std::expected<std::string, ExceptionCode>;

std::expected<void, ExceptionCode> outcome(WriteOutcome of) {
    switch (of) {
        case WriteOutcome::done:
            return {};
        case WriteOutcome::bad_value:
            return std::unexpected(ExceptionCode::illegal_data_value);
        case WriteOutcome::no_such_address:
        case WriteOutcome::read_only:
            break;
    }
    return std::unexpected(ExceptionCode::illegal_data_address);
}

Answer read_bits(const ModbusUnit& unit, ModbusArea area, const Request& request) {
    if (size_t{request.address} + request.count > unit.size(area))
        return std::unexpected(ExceptionCode::illegal_data_address);
    std::string packed((request.count + 7U) / 8, '\0');
    for (size_t i = 0; i < request.count; ++i) {
        const size_t at = request.address + i;
        if (unit.memory(area).read_bit(at / 8, at % 8))
            packed[i / 8] = static_cast<char>(static_cast<uint8_t>(packed[i / 8]) | 1U << i % 8);
    }
    return packed;
}

Answer read_registers(const ModbusUnit& unit, ModbusArea area, const Request& request) {
    if (size_t{request.address} + request.count > unit.size(area))
        return std::unexpected(ExceptionCode::illegal_data_address);
    return unit.memory(area).read(size_t{request.address} * 2, size_t{request.count} * 2);
}

std::expected<void, ExceptionCode> write_registers(ModbusUnit& unit, uint16_t address,
                                                   BytesView data) {
    return outcome(unit.memory(ModbusArea::holding_register).write(size_t{address} * 2, data));
}

std::expected<void, ExceptionCode> write_coil(ModbusUnit& unit, size_t address, bool value) {
    return outcome(unit.memory(ModbusArea::coil).write_bit(address / 8, address % 8, value));
}

std::expected<void, ExceptionCode> write_coils(ModbusUnit& unit, const Request& request) {
    if (size_t{request.address} + request.count > unit.size(ModbusArea::coil))
        return std::unexpected(ExceptionCode::illegal_data_address);
    for (size_t i = 0; i < request.count; ++i) {
        const auto done =
            write_coil(unit, request.address + i, modbus::packed_bit(request.data, i));
        if (!done) return done;
    }
    return {};
}

Answer after(const std::expected<void, ExceptionCode>& written) {
    if (!written) return std::unexpected(written.error());
    return std::string();
}

Answer execute(ModbusUnit& unit, const Request& request) {
    switch (request.function) {
        case Function::read_coils:
            return read_bits(unit, ModbusArea::coil, request);
        case Function::read_discrete_inputs:
            return read_bits(unit, ModbusArea::discrete_input, request);
        case Function::read_holding_registers:
            return read_registers(unit, ModbusArea::holding_register, request);
        case Function::read_input_registers:
            return read_registers(unit, ModbusArea::input_register, request);
        case Function::write_single_coil:
            return after(write_coil(unit, request.address, request.value != 0));
        case Function::write_single_register: {
            std::string data;
            ByteWriter(data).big(request.value);
            return after(write_registers(unit, request.address, as_bytes(data)));
        }
        case Function::write_multiple_coils:
            return after(write_coils(unit, request));
        case Function::write_multiple_registers:
            return after(write_registers(unit, request.address, request.data));
        case Function::read_write_multiple_registers: {
            const auto written = write_registers(unit, request.write_address, request.data);
            if (!written) return std::unexpected(written.error());
            return read_registers(unit, ModbusArea::holding_register, request);
        }
        case Function::mask_write_register:
            break;
    }
    return std::unexpected(ExceptionCode::illegal_function);
}

}  // namespace

void answer_modbus(ModbusUnit& unit, BytesView pdu, std::string& out) {
    const auto function = static_cast<uint8_t>(pdu.front());
    const auto request = modbus::parse_request(pdu);
    if (!request) return modbus::append_exception(function, request.error(), out);
    const auto data = execute(unit, *request);
    if (!data) return modbus::append_exception(function, data.error(), out);
    modbus::append_response(*request, as_bytes(*data), out);
}

ModbusSession::ModbusSession(std::vector<ModbusUnit>& units, modbus::Framing framing)
    : units_(units), framing_(framing), reader_(framing, modbus::FrameReader::Side::server) {}

Result<void> ModbusSession::received(BytesView bytes, std::string& out) {
    reader_.give(bytes);
    while (true) {
        const auto frame = HW_TRY(reader_.next());
        if (!frame) return {};
        answer(*frame, out);
    }
}

Result<void> ModbusSession::tick(std::string& out) {
    const bool quiet = reader_.buffered_bytes() > 0 && reader_.buffered_bytes() == waited_bytes_;
    waited_bytes_ = reader_.buffered_bytes();
    if (framing_ != modbus::Framing::rtu || !quiet) return {};
    if (const auto frame = reader_.silence()) answer(*frame, out);
    waited_bytes_ = reader_.buffered_bytes();
    return {};
}

void ModbusSession::answer(const modbus::Frame& frame, std::string& out) {
    const auto unit = std::find_if(units_.begin(), units_.end(),
                                   [&](const auto& one) { return one.number == frame.unit; });
    std::string pdu;
    if (unit != units_.end()) {
        answer_modbus(*unit, frame.pdu, pdu);
    } else if (framing_ == modbus::Framing::tcp) {
        modbus::append_exception(static_cast<uint8_t>(frame.pdu.front()),
                                 ExceptionCode::gateway_target_failed, pdu);
    } else if (frame.unit == broadcast) {
        for (auto& each : units_)
            answer_modbus(each, frame.pdu, pdu);
        return;
    } else {
        return;
    }
    modbus::append_frame(framing_, frame.transaction, frame.unit, as_bytes(pdu), out);
}

}  // namespace hw::sim
