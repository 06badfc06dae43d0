#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace hw::store {

struct RocksSettings {
    uint64_t cache_bytes = 64 << 20;     // blocks, indexes and filters of all families
    uint64_t memtable_bytes = 48 << 20;  // of all families together
    int background_jobs = 2;
};

// Opens or makes the store in `folder`. Writes reach the write-ahead log (so a killed process loses
// nothing), sync() brings it to the disk. Two background threads at most.
// Errors: io_failed, no_space, corrupt; unavailable where another process holds the folder.
Result<std::unique_ptr<Store>> open_rocks_store(const std::string& folder,
                                                const RocksSettings& settings);

}  // namespace hw::store
