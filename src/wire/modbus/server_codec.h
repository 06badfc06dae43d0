#pragma once

#include <expected>
#include <string>

#include "base/bytes.h"
#include "wire/modbus/pdu.h"

namespace hw::modbus {

// The server's side of the PDUs, for simulators and gateways. Framing: framing.h.

// Reads a request and checks what the standard lets a server check before it looks at its data:
// the function is known (else illegal_function), counts are legal, lengths fit and a coil is 0 or
// 0xff00 (else illegal_data_value), the range ends within 65,536 (else illegal_data_address).
// Views the given bytes.
std::expected<Request, ExceptionCode> parse_request(BytesView pdu);

// The answer. `data`: packed bits or registers of a read (data_bytes(request) of them, asserted);
// not looked at for a write.
void append_response(const Request& request, BytesView data, std::string& out);
void append_exception(uint8_t function, ExceptionCode code, std::string& out);

}  // namespace hw::modbus
