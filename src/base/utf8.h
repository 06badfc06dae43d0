#pragma once

#include <cstddef>
#include <string_view>

namespace hw {

// Bytes of the well-formed UTF-8 sequence of several bytes at the front (Unicode 15, table 3-7), 0
// where it is none. An ASCII byte is none.
size_t utf8_sequence(std::string_view text);
bool valid_utf8(std::string_view text);

}  // namespace hw
