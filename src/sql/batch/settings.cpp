#include "sql/batch/settings.h"

namespace hw::sql::batch {

const std::vector<Property> properties = {
    {"sql.duckdb_library", PropertyType::text, "",
     "Path of libduckdb.so; empty: beside the program, in its build tree, then the system's"},
    {"sql.memory_limit", PropertyType::bytes, "1GiB",
     "Memory of all queries together; beyond it they go on in temporary files, or fail", 64e6,
     1e13},
    {"sql.temp_bytes_limit", PropertyType::bytes, "10GiB",
     "Temporary files of queries, in the data folder", 0, 1e14},
    {"sql.threads", PropertyType::integer, "0", "Threads of queries; 0: one a core", 0, 1024},
    {"sql.timeout", PropertyType::duration, "60s",
     "A query that runs longer is ended, unless its request names another time", 1, 86400},
    {"sql.timeout_limit", PropertyType::duration, "1h", "The longest time a request may name", 1,
     1e6},
    {"sql.queries_limit", PropertyType::integer, "2", "Queries that run at once", 1, 256},
    {"sql.queue_limit", PropertyType::integer, "64",
     "Queries that wait for their turn; more are answered 503", 1, 1e5},
    {"sql.json_rows_limit", PropertyType::integer, "100000",
     "Rows of an answer in JSON, which says that it was cut; other formats have no limit", 1, 1e8},
    {"sql.result_bytes_limit", PropertyType::bytes, "4GiB", "Bytes of one answer", 1024, 1e14},
    {"sql.read_only", PropertyType::boolean, "true",
     "Only statements that read; else tables can be made, in memory, until the server stops"},
    {"sql.external_access", PropertyType::boolean, "false",
     "Queries may read and write files and load extensions, as the server's user"},
};

Settings settings_from(const Config& config) {
    Settings settings;
    settings.library = config.text("sql.duckdb_library");
    settings.memory_limit_bytes = config.bytes("sql.memory_limit");
    settings.temp_bytes_limit = config.bytes("sql.temp_bytes_limit");
    settings.threads = static_cast<uint32_t>(config.integer("sql.threads"));
    settings.timeout = config.duration("sql.timeout");
    settings.timeout_limit = config.duration("sql.timeout_limit");
    settings.queries_limit = static_cast<uint32_t>(config.integer("sql.queries_limit"));
    settings.queue_limit = static_cast<uint32_t>(config.integer("sql.queue_limit"));
    settings.json_rows_limit = static_cast<uint64_t>(config.integer("sql.json_rows_limit"));
    settings.result_bytes_limit = config.bytes("sql.result_bytes_limit");
    settings.read_only = config.boolean("sql.read_only");
    settings.external_access = config.boolean("sql.external_access");
    return settings;
}

}  // namespace hw::sql::batch
