#pragma once

#include <cstdint>
#include <span>

#include "base/config.h"
#include "base/time.h"

namespace hw::connector {

// What goes when a buffer is full.
enum class Overflow : uint8_t { drop_oldest, drop_newest };

// How rows wait for a sink and are sent to it: the common options of every action.
struct RunnerSettings {
    bool disk = true;  // buffer_mode
    uint64_t buffer_bytes = 256 << 20;
    uint64_t memory_bytes = 4 << 20;  // with `disk`: what is more goes to the disk
    Overflow overflow = Overflow::drop_oldest;
    bool sync_each = false;
    size_t batch_size = 100;
    Duration batch_time;
    uint64_t batch_bytes = 1 << 20;
    size_t workers = 1;
    Duration request_ttl;      // 0: rows do not expire
    uint64_t max_retries = 0;  // of a batch without progress; 0: no limit
    Duration retry_interval = seconds(1);
    Duration retry_interval_max = seconds(60);
    Duration health_check_interval = seconds(15);
};

std::span<const Property> runner_properties();
// Of a table that has every one of them.
RunnerSettings runner_settings(const Config::Table& table);

}  // namespace hw::connector
