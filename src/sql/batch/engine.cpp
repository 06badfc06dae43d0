#include "sql/batch/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "sql/batch/arrow_writer.h"
#include "sql/batch/context.h"
#include "sql/batch/database.h"
#include "sql/batch/files.h"
#include "sql/batch/known_tables.h"
#include "sql/batch/library.h"
#include "sql/batch/query.h"
#include "sql/batch/result_writer.h"
#include "sql/batch/watch.h"

namespace hw::sql::batch {

namespace {

constexpr size_t piece_bytes = 1 << 20;

// What users see instead of the bare table functions. now() is in UTC without a zone, as all our
// times are: DuckDB compares TIMESTAMP_NS with nothing that has a zone.
constexpr std::string_view definitions = R"sql(
SET GLOBAL TimeZone = 'UTC';
CREATE MACRO now() AS CAST(transaction_timestamp() AS TIMESTAMP);
CREATE MACRO get_current_timestamp() AS CAST(transaction_timestamp() AS TIMESTAMP);
CREATE MACRO history(filter) AS TABLE (FROM history_scan(filter, NULL, NULL)),
    (filter, from_time) AS TABLE (FROM history_scan(filter, from_time, NULL)),
    (filter, from_time, to_time) AS TABLE (FROM history_scan(filter, from_time, to_time));
CREATE MACRO history_agg(filter) AS TABLE (FROM history_figures(filter, NULL, NULL, NULL)),
    (filter, from_time, to_time) AS TABLE
        (FROM history_figures(filter, from_time, to_time, NULL)),
    (filter, from_time, to_time, every) AS TABLE
        (FROM history_figures(filter, from_time, to_time, every));
)sql";

// Holds the answer back until a piece is full, counts it and refuses too much of it.
class Pieces {
  public:
    Pieces(Sink& sink, uint64_t bytes_limit) : sink_(sink), bytes_limit_(bytes_limit) {
        text.reserve(64 << 10);
    }
    Result<void> flush_if_large() { return text.size() < piece_bytes ? Result<void>() : flush(); }
    Result<void> flush() {
        if (text.empty()) return {};
        bytes_ += text.size();
        if (bytes_ > bytes_limit_)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the answer is larger than {} bytes, the limit "
                                    "sql.result_bytes_limit; ask for less or in parts",
                                    bytes_limit_));
        const bool there = sink_.write(std::move(text));
        text.clear();
        text.reserve(piece_bytes + (64 << 10));
        if (!there) return fail(ErrorCode::cancelled, "the reader has gone");
        return {};
    }

    std::string text;

  private:
    Sink& sink_;
    const uint64_t bytes_limit_;
    uint64_t bytes_ = 0;
};

class EngineImpl final : public Engine {
  public:
    EngineImpl(const Settings& settings, std::string folder, Rooms rooms)
        : settings_(settings),
          folder_(std::move(folder)),
          rooms_(rooms),
          watch_(rooms.clock),
          queries_(rooms.metrics.counter("headworks_sql_queries_total", "SQL queries begun")),
          failures_(
              rooms.metrics.counter("headworks_sql_failures_total", "SQL queries that failed")),
          rows_(rooms.metrics.counter("headworks_sql_rows_total", "Rows that SQL queries gave")) {
        tables_.push_back(points_table(rooms.history, rooms.points));
    }
    ~EngineImpl() override { stop(); }

    void add_table(Table table) override {
        MutexLock lock(opening_);
        HW_ASSERT(!database_);
        tables_.push_back(std::move(table));
    }
    Result<Outcome> run(const Request& request, Sink& sink) override;
    bool cancel(std::string_view id) override { return watch_.cancel(id); }
    void stop() override { watch_.stop(); }
    std::vector<RunningQuery> running() const override { return watch_.running(); }
    Result<std::string> version() override {
        HW_TRY(open());
        return fmt::format("{} of {}", library_.version, library_.path);
    }

  private:
    Result<void> open();
    Result<void> open_database();
    Result<void> define(duck::Connection connection);
    std::vector<Database::Option> options(bool external) const;
    Result<Files*> files();
    Result<Outcome> answer(const Request& request, Query& query, Watch::Ticket ticket,
                           duck::Connection connection, Sink& sink);
    Result<void> write_arrow(Query& query, Watch::Ticket ticket, duck::Connection connection,
                             Pieces& pieces, Outcome& outcome);
    Result<void> write_parquet(Query& query, Watch::Ticket ticket, Pieces& pieces,
                               Outcome& outcome);
    Duration timeout_of(const Request& request) const {
        return std::min(request.timeout.value_or(settings_.timeout), settings_.timeout_limit);
    }
    Error ended_by(Watch::Ticket ticket, const Request& request, Error error) const;

    const Settings settings_;
    const std::string folder_;
    const Rooms rooms_;
    std::list<Table> tables_;  // stay where they are

    Mutex opening_;
    Library library_;
    std::unique_ptr<Context> context_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Files> files_ HW_LOCKING(guarded_by(opening_));
    std::atomic<uint64_t> file_number_{0};
    Watch watch_;
    Counter& queries_;
    Counter& failures_;
    Counter& rows_;
};

std::vector<Database::Option> EngineImpl::options(bool external) const {
    const auto yes = [](bool flag) { return std::string(flag ? "true" : "false"); };
    return {{"threads", std::to_string(context_->threads)},
            {"memory_limit", fmt::format("{}B", settings_.memory_limit_bytes)},
            {"temp_directory", folder_},
            {"max_temp_directory_size", fmt::format("{}B", settings_.temp_bytes_limit)},
            {"preserve_insertion_order", "false"},
            {"autoinstall_known_extensions", yes(settings_.external_access)},
            {"autoload_known_extensions", yes(settings_.external_access)},
            {"allow_community_extensions", yes(settings_.external_access)},
            {"errors_as_json", "true"},
            {"arrow_output_version", "1.0"},  // what every reader understands
            {"enable_external_access", yes(external)}};
}

Result<void> EngineImpl::open() {
    MutexLock lock(opening_);
    return open_database();
}

Result<void> EngineImpl::open_database() {
    if (database_) return {};
    library_ = HW_TRY(load_library(settings_.library));
    const uint64_t cores = std::max(1u, std::thread::hardware_concurrency());
    context_.reset(new Context{*library_.api, rooms_.history, rooms_.points, rooms_.clock,
                               settings_.threads == 0 ? cores : settings_.threads});
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
    std::filesystem::create_directories(folder_, error);
    if (error)
        return fail(ErrorCode::io_failed, fmt::format("the folder '{}' for temporary files of "
                                                      "queries cannot be made: {}",
                                                      folder_, error.message()));
    auto database = HW_TRY(Database::open(library_.api, options(settings_.external_access)));
    const auto connection = HW_TRY(database->connect());
    const duck::Api& api = *library_.api;
    if (api.vector_size() < table_rows_limit)
        return fail(ErrorCode::unsupported, "DuckDB was built with vectors of fewer than 2,048");
    HW_TRY(register_function(api, connection.get(), history_function(*context_)));
    HW_TRY(register_function(api, connection.get(), figures_function(*context_)));
    std::string sql(definitions);
    for (const Table& table : tables_) {
        HW_TRY(register_function(api, connection.get(), rows_function(*context_, table)));
        if (table.open_at)
            HW_TRY(register_function(api, connection.get(), rows_at_function(*context_, table)));
        sql += fmt::format("CREATE VIEW {0} AS FROM {0}_rows();\n", table.name);
    }
    if (!settings_.external_access) sql += "SET GLOBAL lock_configuration = true;\n";
    HW_TRY(database->execute(connection.get(), sql));
    log_info("sql", fmt::format("DuckDB {} of {}", library_.version, library_.path));
    database_ = std::move(database);
    return {};
}

Result<Files*> EngineImpl::files() {
    MutexLock lock(opening_);
    if (!files_) files_ = HW_TRY(Files::open(library_.api, options(true)));
    return files_.get();
}

Result<Outcome> EngineImpl::run(const Request& request, Sink& sink) {
    queries_.add();
    const Time began = rooms_.clock.monotonic();
    HW_TRY(open());
    auto connection = HW_TRY(database_->connect());
    Watch::Entry entry;
    entry.id = request.id;
    entry.sql = request.sql;
    entry.since = rooms_.clock.now();
    entry.began = began;
    entry.deadline = began + timeout_of(request);
    entry.connection = connection.get();
    entry.api = library_.api.get();
    const auto ticket = HW_TRY(watch_.enter(std::move(entry)));
    Result<Outcome> done = [&]() -> Result<Outcome> {
        // Also what a statement does on the way (EXPLAIN ANALYZE of a change) is refused then.
        HW_TRY(database_->execute(connection.get(), settings_.read_only
                                                        ? "START TRANSACTION READ ONLY"
                                                        : "START TRANSACTION"));
        Outcome outcome;
        {
            Query query(*database_, connection.get());
            HW_TRY(query.start(request.sql, request.parameters, settings_.read_only));
            outcome = HW_TRY(answer(request, query, ticket, connection.get(), sink));
        }
        if (!settings_.read_only) HW_TRY(database_->execute(connection.get(), "COMMIT"));
        return outcome;
    }();
    if (!done) {
        failures_.add();
        done = fail(ended_by(ticket, request, done.error()));
    } else {
        done->elapsed = rooms_.clock.monotonic() - began;
        rows_.add(done->rows);
    }
    watch_.leave(ticket);
    return done;
}

Error EngineImpl::ended_by(Watch::Ticket ticket, const Request& request, Error error) const {
    switch (watch_.ending(ticket)) {
        case Watch::Ending::none:
            return error;
        case Watch::Ending::cancelled:
            return {ErrorCode::cancelled, "the query was cancelled"};
        case Watch::Ending::stopped:
            return {ErrorCode::unavailable, "the server is stopping"};
        case Watch::Ending::timed_out:
            break;
    }
    const Duration limit = timeout_of(request);
    const std::string_view name = !request.timeout                  ? "sql.timeout"
                                  : limit < settings_.timeout_limit ? "of the request"
                                                                    : "sql.timeout_limit";
    return {ErrorCode::timed_out,
            fmt::format("the query ran longer than {}, the limit {}; ask for a shorter range, for "
                        "figures of history_agg(), or for more time",
                        format_duration(limit), name)};
}

Result<Outcome> EngineImpl::answer(const Request& request, Query& query, Watch::Ticket ticket,
                                   duck::Connection connection, Sink& sink) {
    Pieces pieces(sink, settings_.result_bytes_limit);
    Outcome outcome;
    if (request.rows_limit &&
        (request.format == Format::parquet || request.format == Format::arrow))
        return fail(ErrorCode::invalid_argument,
                    "a limit beside the statement is for json, ndjson and csv; write LIMIT within");
    if (request.format == Format::parquet) {
        HW_TRY(write_parquet(query, ticket, pieces, outcome));
        return outcome;
    }
    if (request.format == Format::arrow) {
        HW_TRY(write_arrow(query, ticket, connection, pieces, outcome));
        return outcome;
    }
    for (const ResultType& column : query.columns())
        if (const auto text = unknown_type(column); !text.empty())
            return fail(ErrorCode::unsupported,
                        fmt::format("column '{}' is of type {}, which has no form here; CAST it to "
                                    "VARCHAR",
                                    column.name, text));
    ResultWriter writer(request.format, query.columns(), pieces.text);
    writer.begin();
    std::vector<Cells> cells;
    const uint64_t limit = request.rows_limit.value_or(
        request.format == Format::json ? settings_.json_rows_limit : UINT64_MAX);
    const duck::Api& api = *library_.api;
    for (;;) {
        const auto chunk = HW_TRY(query.next());
        if (!chunk) break;
        uint64_t count = api.data_chunk_get_size(chunk.get());
        outcome.cut = count > limit - outcome.rows;
        count = std::min(count, limit - outcome.rows);
        cells.clear();
        for (size_t i = 0; i < query.columns().size(); ++i)
            cells.emplace_back(api, query.columns()[i], api.data_chunk_get_vector(chunk.get(), i));
        writer.rows(cells, count);
        outcome.rows += count;
        watch_.add_rows(ticket, count);
        if (outcome.cut) break;
        HW_TRY(pieces.flush_if_large());
    }
    outcome.elapsed = rooms_.clock.monotonic() - watch_.began(ticket);
    writer.end(outcome);
    HW_TRY(pieces.flush());
    return outcome;
}

Result<void> EngineImpl::write_arrow(Query& query, Watch::Ticket ticket,
                                     duck::Connection connection, Pieces& pieces,
                                     Outcome& outcome) {
    ArrowWriter writer(*library_.api, connection, pieces.text);
    HW_TRY(writer.begin(query));
    for (;;) {
        const auto chunk = HW_TRY(query.next());
        if (!chunk) break;
        HW_TRY(writer.rows(chunk.get()));
        const uint64_t count = library_.api->data_chunk_get_size(chunk.get());
        outcome.rows += count;
        watch_.add_rows(ticket, count);
        HW_TRY(pieces.flush_if_large());
    }
    writer.end();
    return pieces.flush();
}

Result<void> EngineImpl::write_parquet(Query& query, Watch::Ticket ticket, Pieces& pieces,
                                       Outcome& outcome) {
    const std::string path = fmt::format("{}/answer-{}.parquet", folder_, ++file_number_);
    Files* const writer = HW_TRY(files());
    const auto written = writer->write_parquet(query, path, [&](uint64_t rows) {
        watch_.add_rows(ticket, rows);
        return watch_.ending(ticket) == Watch::Ending::none;
    });
    std::error_code error;
    if (!written) {
        std::filesystem::remove(path, error);
        return fail(written.error());
    }
    outcome.rows = *written;
    std::ifstream file(path, std::ios::binary);
    // Its blocks are freed with the stream, whatever becomes of us.
    std::filesystem::remove(path, error);
    while (file) {
        pieces.text.resize(piece_bytes);
        file.read(pieces.text.data(), piece_bytes);
        pieces.text.resize(static_cast<size_t>(file.gcount()));
        HW_TRY(pieces.flush());
    }
    return {};
}

}  // namespace

std::unique_ptr<Engine> Engine::make(const Settings& settings, std::string folder, Rooms rooms) {
    return std::make_unique<EngineImpl>(settings, std::move(folder), rooms);
}

Result<Format> parse_format(std::string_view text) {
    if (text == "json") return Format::json;
    if (text == "ndjson") return Format::ndjson;
    if (text == "csv") return Format::csv;
    if (text == "arrow") return Format::arrow;
    if (text == "parquet") return Format::parquet;
    return fail(ErrorCode::invalid_argument,
                fmt::format("format '{}' is not one of json, ndjson, csv, arrow, parquet", text));
}

std::string_view content_type(Format format) {
    switch (format) {
        case Format::json:
            return "application/json";
        case Format::ndjson:
            return "application/x-ndjson";
        case Format::csv:
            return "text/csv; charset=utf-8";
        case Format::arrow:
            return "application/vnd.apache.arrow.stream";
        case Format::parquet:
            return "application/vnd.apache.parquet";
    }
    HW_UNREACHABLE();
}

}  // namespace hw::sql::batch
