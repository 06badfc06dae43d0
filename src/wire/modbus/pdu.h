#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/modbus/value.h"

namespace hw::modbus {

// Modbus Application Protocol V1.1b3, section 6. The functions we know; others are numbers.
enum class Function : uint8_t {
    read_coils = 1,
    read_discrete_inputs = 2,
    read_holding_registers = 3,
    read_input_registers = 4,
    write_single_coil = 5,
    write_single_register = 6,
    write_multiple_coils = 15,
    write_multiple_registers = 16,
    mask_write_register = 22,
    read_write_multiple_registers = 23,
};
bool is_known(Function function);
bool is_write(Function function);
std::string_view to_string(Function function);  // "read coils"; "function" for others
Function read_function(Area area);

// "read holding registers 400001 to 400125", "write single coil 000007": with the numbers of the
// address grammar.
struct Request;
std::string describe(const Request& request);

// Section 7.
enum class ExceptionCode : uint8_t {
    illegal_function = 1,
    illegal_data_address = 2,
    illegal_data_value = 3,
    server_device_failure = 4,
    acknowledge = 5,
    server_device_busy = 6,
    negative_acknowledge = 7,  // of older editions
    memory_parity_error = 8,
    gateway_path_unavailable = 10,
    gateway_target_failed = 11,
};
// "exception 2 (illegal data address)"; a number alone where the standard has no name.
std::string describe(ExceptionCode code);

inline constexpr size_t pdu_bytes_limit = 253;
inline constexpr uint8_t exception_bit = 0x80;

// A request of any function we know; what a function does not have is 0 or empty.
struct Request {
    Function function = Function::read_holding_registers;
    uint16_t address = 0;        // of function 23: where to read
    uint16_t count = 0;          // registers or bits; of function 23: to read
    uint16_t value = 0;          // of 5 (0xff00 or 0) and 6
    uint16_t and_mask = 0;       // of 22
    uint16_t or_mask = 0;        // of 22
    uint16_t write_address = 0;  // of 23
    uint16_t write_count = 0;    // of 23
    BytesView data = {};         // packed bits (15) or registers (16, 23); somebody else's
};

Request read_request(Area area, uint16_t address, uint16_t count);

// Appends the PDU. The counts must be legal and fit `data` (asserted).
void append_request(const Request& request, std::string& out);

// An answer that fits its request. `data` views the given bytes: packed bits or registers of a
// read, empty for a write.
struct Response {
    std::optional<ExceptionCode> exception;
    BytesView data = {};
};

// Reads the answer to a request; checks the function, the byte count and what is echoed. Errors
// (corrupt) say what the device sent instead.
Result<Response> parse_response(const Request& request, BytesView pdu);

// Bytes of a read's data as the standard counts them.
size_t data_bytes(const Request& request);

}  // namespace hw::modbus
