#pragma once

#include <string>

#include "history/engine.h"

namespace hw::history {

// Copies store and journal to a new folder, with a list of its files that is written last. On the
// housekeeping thread, so that no journal segment goes away meanwhile.
// Errors: conflict where the folder is not empty, the disk's.
Result<void> write_backup(Engine& engine, const std::string& folder);

}  // namespace hw::history
