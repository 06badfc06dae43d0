#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hw::sql {

// What is around DEFLATE's bytes.
enum class Wrapping : uint8_t { none, zlib, gzip };

// At most 4 GiB (asserted).
std::string deflate_all(std::string_view bytes, Wrapping wrapping);
// At most text_bytes_limit bytes (see arguments.h), else limit_exceeded; `corrupt` for what is not
// compressed so. Bytes behind the end are passed over.
Result<std::string> inflate_all(std::string_view bytes, Wrapping wrapping);

}  // namespace hw::sql
