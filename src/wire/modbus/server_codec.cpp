#include "wire/modbus/server_codec.h"

#include "base/assert.h"
#include "wire/modbus/address.h"

namespace hw::modbus {

namespace {

bool in_range(uint16_t address, uint16_t count) {
    return uint32_t{address} + count <= 65'536;
}

std::expected<Request, ExceptionCode> illegal_value() {
    return std::unexpected(ExceptionCode::illegal_data_value);
}

// Byte count and data of functions 15, 16 and 23; false where they do not fit.
bool read_data(ByteReader& reader, size_t expected, Request& request) {
    const size_t told = reader.u8();
    request.data = reader.rest();
    return !reader.failed() && told == expected && request.data.size() == expected;
}

// Everything behind the address; false: illegal data value.
bool read_body(ByteReader& reader, Request& request) {
    switch (request.function) {
        case Function::read_coils:
        case Function::read_discrete_inputs:
            request.count = reader.big<uint16_t>();
            return request.count >= 1 && request.count <= read_bits_limit && reader.at_end();
        case Function::read_holding_registers:
        case Function::read_input_registers:
            request.count = reader.big<uint16_t>();
            return request.count >= 1 && request.count <= read_registers_limit && reader.at_end();
        case Function::write_single_coil:
            request.value = reader.big<uint16_t>();
            request.count = 1;
            return (request.value == 0 || request.value == 0xff00) && reader.at_end();
        case Function::write_single_register:
            request.value = reader.big<uint16_t>();
            request.count = 1;
            return reader.at_end();
        case Function::write_multiple_coils:
            request.count = reader.big<uint16_t>();
            return request.count >= 1 && request.count <= write_bits_limit &&
                   read_data(reader, (request.count + 7U) / 8, request);
        case Function::write_multiple_registers:
            request.count = reader.big<uint16_t>();
            return request.count >= 1 && request.count <= write_registers_limit &&
                   read_data(reader, 2U * request.count, request);
        case Function::mask_write_register:
            request.and_mask = reader.big<uint16_t>();
            request.or_mask = reader.big<uint16_t>();
            request.count = 1;
            return reader.at_end();
        case Function::read_write_multiple_registers:
            request.count = reader.big<uint16_t>();
            request.write_address = reader.big<uint16_t>();
            request.write_count = reader.big<uint16_t>();
            return request.count >= 1 && request.count <= read_registers_limit &&
                   request.write_count >= 1 && request.write_count <= 121 &&
                   read_data(reader, 2U * request.write_count, request);
    }
    HW_UNREACHABLE();
}

}  // namespace

std::expected<Request, ExceptionCode> parse_request(BytesView pdu) {
    ByteReader reader(pdu);
    Request request;
    request.function = static_cast<Function>(reader.u8());
    if (reader.failed() || !is_known(request.function))
        return std::unexpected(ExceptionCode::illegal_function);
    request.address = reader.big<uint16_t>();
    if (!read_body(reader, request) || reader.failed()) return illegal_value();
    if (!in_range(request.address, request.count) ||
        !in_range(request.write_address, request.write_count))
        return std::unexpected(ExceptionCode::illegal_data_address);
    return request;
}

void append_response(const Request& request, BytesView data, std::string& out) {
    ByteWriter writer(out);
    writer.u8(static_cast<uint8_t>(request.function));
    switch (request.function) {
        case Function::write_single_coil:
        case Function::write_single_register:
            writer.big(request.address);
            writer.big(request.value);
            return;
        case Function::write_multiple_coils:
        case Function::write_multiple_registers:
            writer.big(request.address);
            writer.big(request.count);
            return;
        case Function::mask_write_register:
            writer.big(request.address);
            writer.big(request.and_mask);
            writer.big(request.or_mask);
            return;
        default:
            break;
    }
    HW_ASSERT(data.size() == data_bytes(request) && data.size() <= 250);
    writer.u8(static_cast<uint8_t>(data.size()));
    writer.bytes(data);
}

void append_exception(uint8_t function, ExceptionCode code, std::string& out) {
    ByteWriter writer(out);
    writer.u8(function | exception_bit);
    writer.u8(static_cast<uint8_t>(code));
}

}  // namespace hw::modbus
