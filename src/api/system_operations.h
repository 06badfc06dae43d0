#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "base/config.h"
#include "base/metrics.h"
#include "base/time.h"

namespace hw::api {

std::string_view system_schemas();  // of /openapi.json

// The server as those who run it see it.
struct SystemFacts {
    std::string version, build, host, data_folder;
    int64_t pid = 0;
    Time time, started;
    Duration uptime;

    unsigned cores = 0;
    double cpu_cores = 0;  // used over the last seconds
    double load_1m = 0;    // of the machine
    uint64_t memory_bytes = 0, machine_memory_bytes = 0, machine_memory_available_bytes = 0;
    uint64_t threads = 0, open_files = 0, open_files_limit = 0;
    uint64_t data_bytes = 0, disk_free_bytes = 0, disk_total_bytes = 0;

    struct History {
        uint64_t points = 0, points_limit = 0, samples_committed = 0, samples_refused = 0,
                 journal_bytes = 0, chunk_bytes = 0, memory_bytes = 0;
        std::optional<Time> oldest_sample = {};
        std::string health;  // "ok", "disk_full", "failing"
        std::string reason;
        struct Retention {
            std::string filter, keep;
        };
        std::vector<Retention> retention;
    } history;

    struct Queue {
        std::string_view name, unit;
        double depth = 0;
        double limit = 0;
    };
    std::vector<Queue> queues;
    struct Count {
        std::string_view name, help;
        double count = 0;
    };
    std::vector<Count> dropped;  // since the start
    struct Lag {
        std::string_view name;
        double last_ms = 0, worst_ms = 0;  // of the last minute
    };
    std::vector<Lag> reactors;

    struct ClockState {
        bool synchronised = false;  // the kernel says so
        double error_ms = 0;        // its estimate
        double error_ms_most = 0;   // its bound
    } clock;
};

// One property of the configuration as it is in force.
struct SettingRow {
    Property property;
    std::string value;
    std::string origin;  // "default", "file", ...
    std::string where;   // "headworks.toml:12"
};

// Key figures of the last hour, a row each 5 s, oldest first.
struct FigureTable {
    std::vector<std::string_view> names;
    std::vector<Time> times;
    std::vector<std::vector<double>> columns;  // in the order of the names; NaN: not known
};

// Facts of the process and the machine. Worker threads: they may read files.
class SystemPort {
  public:
    virtual ~SystemPort() = default;
    virtual SystemFacts facts() = 0;
    virtual std::vector<SettingRow> settings() const = 0;
    virtual FigureTable figures(Duration last) const = 0;
    virtual Time now() const = 0;
};

class SystemOperations {
  public:
    // What is pointed to outlives it.
    SystemOperations(SystemPort& system, const Metrics& metrics)
        : system_(system), metrics_(metrics) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void facts(Exchange exchange) const;
    void settings(Exchange exchange) const;
    void log(Exchange exchange) const;
    void figures(Exchange exchange) const;
    void bundle(Exchange exchange) const;

    SystemPort& system_;
    const Metrics& metrics_;
};

}  // namespace hw::api
