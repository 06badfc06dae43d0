#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/time.h"

namespace hw::history {

enum class AckMode { durable, memory };

struct RetentionRule {
    std::string filter;  // MQTT filter; the first that matches a point decides
    Duration keep;       // 0: for ever
};

struct Settings {
    AckMode ack = AckMode::durable;
    Duration commit_interval = milliseconds(2);  // least time between two fsyncs
    uint64_t commit_bytes = 4 << 20;             // commit earlier at this size
    uint64_t queue_bytes_limit = 64 << 20;       // above it, callers stop reading
    uint32_t chunk_samples = 2048;
    uint64_t journal_bytes_limit = 512 << 20;  // above it, heads are sealed, oldest first
    uint64_t head_bytes_limit = 192 << 20;     // above it, the largest heads are sealed
    uint64_t cache_bytes = 64 << 20;           // RocksDB block cache
    uint64_t memtable_bytes = 48 << 20;        // RocksDB memtables
    uint64_t points_limit = 10'000'000;
    uint64_t disk_reserve_bytes = 256 << 20;  // free space below this counts as full
    uint64_t text_bytes_limit = 1 << 20;      // one text or bytes value
    uint32_t query_threads = 2;
    std::vector<RetentionRule> retention;
};

// The table rows of the section "history" and of [[retention]].
extern const std::vector<Property> properties;
extern const TableArray retention_table;
Result<Settings> settings_from(const Config& config);

}  // namespace hw::history
