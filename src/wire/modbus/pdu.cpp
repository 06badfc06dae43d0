#include "wire/modbus/pdu.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "wire/modbus/address.h"

namespace hw::modbus {

namespace {

bool is_bit_read(Function function) {
    return function == Function::read_coils || function == Function::read_discrete_inputs;
}

std::unexpected<Error> corrupt(std::string text) {
    return fail(ErrorCode::corrupt, std::move(text));
}

Result<Response> parse_read(const Request& request, ByteReader& reader) {
    const size_t expected = data_bytes(request);
    const size_t told = reader.u8();
    if (reader.failed() || told != expected || reader.remaining() != expected)
        return corrupt(
            fmt::format("the answer to {} of {} at {} has {} data bytes (told: {}) "
                        "instead of {}",
                        to_string(request.function), request.count, request.address,
                        reader.remaining(), told, expected));
    return Response{.exception = std::nullopt, .data = reader.rest()};
}

Result<Response> parse_echo(const Request& request, ByteReader& reader) {
    const auto address = reader.big<uint16_t>();
    uint16_t first = request.count;
    uint16_t second = 0;
    bool two = false;
    if (request.function == Function::write_single_coil ||
        request.function == Function::write_single_register)
        first = request.value;
    if (request.function == Function::mask_write_register) {
        first = request.and_mask;
        second = request.or_mask;
        two = true;
    }
    const auto echoed = reader.big<uint16_t>();
    const auto echoed_second = two ? reader.big<uint16_t>() : uint16_t{0};
    if (reader.failed() || !reader.at_end())
        return corrupt(
            fmt::format("the answer to {} has the wrong length", to_string(request.function)));
    if (address != request.address || echoed != first || echoed_second != second)
        return corrupt(fmt::format("the answer to {} at {} echoes {} at {} instead of {}",
                                   to_string(request.function), request.address, echoed, address,
                                   first));
    return Response{};
}

}  // namespace

bool is_known(Function function) {
    return to_string(function) != "function";
}

bool is_write(Function function) {
    switch (function) {
        case Function::write_single_coil:
        case Function::write_single_register:
        case Function::write_multiple_coils:
        case Function::write_multiple_registers:
        case Function::mask_write_register:
        case Function::read_write_multiple_registers:
            return true;
        default:
            return false;
    }
}

std::string_view to_string(Function function) {
    switch (function) {
        case Function::read_coils:
            return "read coils";
        case Function::read_discrete_inputs:
            return "read discrete inputs";
        case Function::read_holding_registers:
            return "read holding registers";
        case Function::read_input_registers:
            return "read input registers";
        case Function::write_single_coil:
            return "write single coil";
        case Function::write_single_register:
            return "write single register";
        case Function::write_multiple_coils:
            return "write multiple coils";
        case Function::write_multiple_registers:
            return "write multiple registers";
        case Function::mask_write_register:
            return "mask write register";
        case Function::read_write_multiple_registers:
            return "read/write multiple registers";
    }
    return "function";
}

Function read_function(Area area) {
    switch (area) {
        case Area::coil:
            return Function::read_coils;
        case Area::discrete_input:
            return Function::read_discrete_inputs;
        case Area::input_register:
            return Function::read_input_registers;
        case Area::holding_register:
            return Function::read_holding_registers;
    }
    HW_UNREACHABLE();
}

std::string describe(ExceptionCode code) {
    std::string_view name;
    switch (code) {
        case ExceptionCode::illegal_function:
            name = "illegal function";
            break;
        case ExceptionCode::illegal_data_address:
            name = "illegal data address";
            break;
        case ExceptionCode::illegal_data_value:
            name = "illegal data value";
            break;
        case ExceptionCode::server_device_failure:
            name = "server device failure";
            break;
        case ExceptionCode::acknowledge:
            name = "acknowledge";
            break;
        case ExceptionCode::server_device_busy:
            name = "server device busy";
            break;
        case ExceptionCode::negative_acknowledge:
            name = "negative acknowledge";
            break;
        case ExceptionCode::memory_parity_error:
            name = "memory parity error";
            break;
        case ExceptionCode::gateway_path_unavailable:
            name = "gateway path unavailable";
            break;
        case ExceptionCode::gateway_target_failed:
            name = "gateway target device failed to respond";
            break;
    }
    const auto number = static_cast<unsigned>(code);
    if (name.empty()) return fmt::format("exception {}", number);
    return fmt::format("exception {} ({})", number, name);
}

std::string describe(const Request& request) {
    unsigned area = 4;
    switch (request.function) {
        case Function::read_coils:
        case Function::write_single_coil:
        case Function::write_multiple_coils:
            area = 0;
            break;
        case Function::read_discrete_inputs:
            area = 1;
            break;
        case Function::read_input_registers:
            area = 3;
            break;
        default:
            break;
    }
    const unsigned first = request.address + 1U;
    auto out = fmt::format("{} {}{:05}", to_string(request.function), area, first);
    if (request.count > 1) out += fmt::format(" to {}{:05}", area, first + request.count - 1);
    return out;
}

Request read_request(Area area, uint16_t address, uint16_t count) {
    Request request;
    request.function = read_function(area);
    request.address = address;
    request.count = count;
    return request;
}

size_t data_bytes(const Request& request) {
    return is_bit_read(request.function) ? (request.count + 7U) / 8 : 2U * request.count;
}

void append_request(const Request& request, std::string& out) {
    ByteWriter writer(out);
    writer.u8(static_cast<uint8_t>(request.function));
    writer.big(request.address);
    switch (request.function) {
        case Function::read_coils:
        case Function::read_discrete_inputs:
            HW_ASSERT(request.count >= 1 && request.count <= read_bits_limit);
            writer.big(request.count);
            return;
        case Function::read_holding_registers:
        case Function::read_input_registers:
            HW_ASSERT(request.count >= 1 && request.count <= read_registers_limit);
            writer.big(request.count);
            return;
        case Function::write_single_coil:
        case Function::write_single_register:
            writer.big(request.value);
            return;
        case Function::write_multiple_coils:
            HW_ASSERT(request.count >= 1 && request.count <= write_bits_limit &&
                      request.data.size() == (request.count + 7U) / 8);
            break;
        case Function::write_multiple_registers:
            HW_ASSERT(request.count >= 1 && request.count <= write_registers_limit &&
                      request.data.size() == 2U * request.count);
            break;
        case Function::mask_write_register:
            writer.big(request.and_mask);
            writer.big(request.or_mask);
            return;
        case Function::read_write_multiple_registers:
            HW_ASSERT(request.count >= 1 && request.count <= read_registers_limit &&
                      request.write_count >= 1 && request.write_count <= 121 &&
                      request.data.size() == 2U * request.write_count);
            writer.big(request.count);
            writer.big(request.write_address);
            writer.big(request.write_count);
            writer.u8(static_cast<uint8_t>(request.data.size()));
            writer.bytes(request.data);
            return;
    }
    writer.big(request.count);
    writer.u8(static_cast<uint8_t>(request.data.size()));
    writer.bytes(request.data);
}

Result<Response> parse_response(const Request& request, BytesView pdu) {
    ByteReader reader(pdu);
    const uint8_t function = reader.u8();
    const auto asked = static_cast<uint8_t>(request.function);
    if (reader.failed()) return corrupt("the answer is empty");
    if (function == (asked | exception_bit)) {
        const uint8_t code = reader.u8();
        if (reader.failed() || !reader.at_end())
            return corrupt(fmt::format("an exception answer of {} bytes instead of 2", pdu.size()));
        return Response{.exception = static_cast<ExceptionCode>(code)};
    }
    if (function != asked)
        return corrupt(fmt::format("the answer is of function {} instead of {} ({})", function,
                                   asked, to_string(request.function)));
    if (is_write(request.function) && request.function != Function::read_write_multiple_registers)
        return parse_echo(request, reader);
    return parse_read(request, reader);
}

}  // namespace hw::modbus
