#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "model/value.h"

namespace hw::history::chunk_form {

// The head of a chunk (docs/formats/chunk.md): version, flags, checksum, then varints.
inline constexpr uint8_t version = 1;
inline constexpr size_t checksum_at = 2;
inline constexpr size_t checksum_bytes = 4;
inline constexpr size_t body_at = checksum_at + checksum_bytes;

inline constexpr uint8_t type_mask = 0x07;  // 0: mixed
inline constexpr uint8_t regular_flag = 0x08;
inline constexpr uint8_t qualities_flag = 0x10;
inline constexpr uint8_t known_bits = 0x1f;

inline constexpr std::array value_types{model::ValueType::boolean, model::ValueType::int64,
                                        model::ValueType::float64, model::ValueType::text,
                                        model::ValueType::bytes};

// Of all bytes of the chunk but its own.
uint32_t checksum(BytesView chunk);

}  // namespace hw::history::chunk_form
