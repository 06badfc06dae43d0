#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "sql/batch/settings.h"
#include "sql/batch/tables.h"
#include "sql/datum.h"

namespace hw::sql::batch {

enum class Format : uint8_t { json, ndjson, csv, arrow, parquet };

struct Parameter {
    std::string name;  // of $name; empty: by its place, $1 or ?
    Datum value;       // arrays and objects go as their JSON
};

struct Request {
    std::string sql;
    std::vector<Parameter> parameters = {};
    Format format = Format::json;
    std::string id = {};                      // to cancel it by; empty: one is made
    std::optional<uint64_t> rows_limit = {};  // no more rows than this
    std::optional<Duration> timeout = {};     // else sql.timeout
};

// Takes the answer piece by piece.
class Sink {
  public:
    virtual ~Sink() = default;
    // False: whoever reads has gone, and the query is ended. May wait.
    virtual bool write(std::string bytes) = 0;
};

struct Outcome {
    uint64_t rows = 0;
    bool cut = false;  // there were more than rows_limit
    Duration elapsed;
};

struct RunningQuery {
    std::string id;
    std::string sql;
    Time since;
    uint64_t rows = 0;  // of the answer so far
};

// Questions about the past in DuckDB's SQL. One database in memory; its library is loaded with the
// first query, so that a server without it runs and says then what to install. Any thread; run()
// blocks, at most settings.queries_limit of them are meant to run at once (the caller's part).
class Engine {
  public:
    struct Rooms {
        const history::History& history;
        const model::PointDirectory& points;
        const Clock& clock;
        Metrics& metrics;
    };
    // `folder` is for temporary files: made on first use, emptied then.
    static std::unique_ptr<Engine> make(const Settings& settings, std::string folder, Rooms rooms);
    virtual ~Engine() = default;

    // A table under its name, beside `points`; before the first query.
    virtual void add_table(Table table) = 0;

    // Errors before the first piece leave the sink untouched; after it the answer is broken off.
    // invalid_argument carries DuckDB's text with line and column; timed_out, cancelled,
    // limit_exceeded (memory, bytes), permission_denied (the statement would change something),
    // unsupported (no library).
    virtual Result<Outcome> run(const Request& request, Sink& sink) = 0;
    // False: no query of that id runs.
    virtual bool cancel(std::string_view id) = 0;
    // Ends all that runs, and refuses what comes.
    virtual void stop() = 0;
    virtual std::vector<RunningQuery> running() const = 0;

    // "v1.5.6 of /usr/lib/libduckdb.so"; loads it.
    virtual Result<std::string> version() = 0;
};

Result<Format> parse_format(std::string_view text);
std::string_view content_type(Format format);

}  // namespace hw::sql::batch
