#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace hw {

// A secret from a file: its first line, without the line's end. `setting` names the property that
// names the file, for the error (not_found). Blocks on the disk.
Result<std::string> read_secret_file(const std::string& path, std::string_view setting);

}  // namespace hw
