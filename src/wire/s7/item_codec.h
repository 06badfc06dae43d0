#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "wire/s7/pdu.h"

// What requests and answers share; within the room.
namespace hw::s7 {

// 10 bytes, without the error of answers.
void append_header(std::string& out, PduKind kind, uint16_t reference, size_t parameter_bytes,
                   size_t data_bytes);
void append_item_address(std::string& out, const ItemAddress& item);
// Return code (0 in requests), size, length, data; padded to an even number of bytes if asked.
void append_item_data(std::string& out, uint8_t code, DataSize size, BytesView data, bool pad);
void append_setup_parameters(std::string& out, const Negotiation& setup);
// How data of such items are told.
DataSize data_size_of(ItemSize size);

}  // namespace hw::s7
