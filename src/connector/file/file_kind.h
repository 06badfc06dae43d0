#pragma once

#include "connector/connector.h"

namespace hw::connector::file {

// Files as sink (rotated), as source (followed, or a folder read file by file) and as lookup (CSV).
const Kind& kind();

}  // namespace hw::connector::file
