#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>
#include <thread>

#include "app/commands.h"
#include "app/progress.h"
#include "app/sql_commands.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "base/mutex.h"

namespace hw::app {

namespace {

struct Options {
    SqlOptions sql;
    std::string filter;
    std::string file;
    std::string from = "1678-01-01";
    std::string to = "2262-01-01";
    std::string format;
    bool sorted = false;
    bool quiet = false;
};

std::vector<std::string> range_of(const Options& options) {
    // As JSON texts, whatever they look like.
    const auto text = [](std::string_view name, std::string_view value) {
        std::string out(name);
        out += '=';
        append_json_string(out, value);
        return out;
    };
    return {text("filter", options.filter), text("from", options.from), text("to", options.to)};
}

Result<std::string> format_of(const Options& options) {
    if (!options.format.empty()) return options.format;
    for (const char* format : {"parquet", "csv", "ndjson", "arrow"})
        if (options.file.ends_with(std::string(".") + format)) return format;
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' ends in none of .parquet, .csv, .ndjson and .arrow; or give "
                            "--format",
                            options.file));
}

// The first number of the only row.
Result<uint64_t> count_rows(const Options& options) {
    const std::string body = HW_TRY(query_body("SELECT count(*) FROM history($filter, $from, $to)",
                                               range_of(options), "ndjson", options.sql));
    const auto answer = HW_TRY(send_to_server(options.sql.server, "POST", "/api/v1/query", {body}));
    simdjson::dom::parser parser;
    uint64_t rows = 0;
    const simdjson::padded_string padded(answer.body);
    if (parser.parse(padded)["count_star()"].get(rows) != simdjson::SUCCESS)
        return fail(ErrorCode::corrupt, "the server's answer is not a count");
    return rows;
}

// Shows how far it is, on a thread of its own: what the server has read while it works on a file
// that can only be sent when it is done, then what has come.
class Meter {
  public:
    Meter(const Options& options, std::string id, uint64_t rows)
        : server_(options.sql.server), id_(std::move(id)), rows_(rows) {
        if (options.quiet || !is_terminal(STDERR_FILENO)) return;
        thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
    }
    ~Meter() {
        thread_.request_stop();
        wake_.notify_all();
        if (!thread_.joinable()) return;
        thread_.join();
        fmt::print(stderr, "\r\x1b[K");
    }
    void add(uint64_t rows) { done_ += rows; }

  private:
    void run(const std::stop_token& stop) {
        const Time began = clock_.monotonic();
        while (!stop.stop_requested()) {
            const uint64_t done = std::max<uint64_t>(done_, rows_on_server());
            const double part =
                rows_ == 0 ? -1 : static_cast<double>(done) / static_cast<double>(rows_);
            fmt::print(stderr, "\r\x1b[K{}",
                       render_progress({part, done, clock_.monotonic() - began},
                                       terminal_columns(STDERR_FILENO)));
            std::fflush(stderr);
            MutexLock lock(mutex_);
            wake_.wait_for(mutex_, stop, std::chrono::milliseconds(250),
                           [&] { return stop.stop_requested(); });
        }
    }
    uint64_t rows_on_server() const {
        const auto answer = ask_server(server_, "GET", "/api/v1/query", "application/json");
        if (!answer) return 0;
        simdjson::dom::parser parser;
        const simdjson::padded_string padded(answer->body);
        simdjson::dom::array items;
        if (parser.parse(padded)["items"].get(items) != simdjson::SUCCESS) return 0;
        for (const simdjson::dom::element item : items) {
            std::string_view id;
            uint64_t rows = 0;
            if (item["id"].get(id) == simdjson::SUCCESS && id == id_ &&
                item["rows"].get(rows) == simdjson::SUCCESS)
                return rows;
        }
        return 0;
    }

    const SystemClock clock_;
    const ServerAddress server_;
    const std::string id_;
    const uint64_t rows_;
    std::atomic<uint64_t> done_{0};
    Mutex mutex_;
    Condition wake_;
    std::jthread thread_;
};

Result<uint64_t> fetch(const Options& options, const std::string& format, uint64_t rows,
                       std::ofstream& file) {
    SqlOptions sql = options.sql;
    if (sql.timeout.empty()) sql.timeout = "100d";  // the server's own limit
    const std::string statement = fmt::format(
        "SELECT point, time, value, text, quality, type FROM history($filter, $from, "
        "$to){}",
        options.sorted ? " ORDER BY point, time" : "");
    const std::string id = fmt::format("export-{}-{}", ::getpid(), SystemClock().now().ns);
    const std::string body = HW_TRY(query_body(statement, range_of(options), format, sql));
    Meter meter(options, id, rows);
    const bool lines = format == "csv" || format == "ndjson";
    uint64_t come = 0;
    bool written = true;
    HW_TRY(send_to_server(options.sql.server, "POST", "/api/v1/query?id=" + id, {body}, "*/*",
                          [&](const io::HttpClientResponse&, std::string_view piece) {
                              if (lines) {
                                  const auto more = static_cast<uint64_t>(
                                      std::count(piece.begin(), piece.end(), '\n'));
                                  come += more;
                                  meter.add(more);
                              }
                              file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
                              written = file.good();
                              return written;
                          }));
    file.close();
    if (!written || !file)
        return fail(ErrorCode::no_space, fmt::format("'{}' cannot be written", options.file));
    // Texts in CSV may have line breaks of their own.
    return format == "ndjson" ? come : rows;
}

Result<void> run(const Options& options) {
    const std::string format = HW_TRY(format_of(options));
    const uint64_t rows = HW_TRY(count_rows(options));
    // What is not whole has another name.
    const std::string part = options.file + ".part";
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    if (!file) return fail(ErrorCode::io_failed, fmt::format("'{}' cannot be written", part));
    const auto done = fetch(options, format, rows, file);
    std::error_code error;
    if (!done) {
        std::filesystem::remove(part, error);
        return fail(done.error());
    }
    std::filesystem::rename(part, options.file, error);
    if (error)
        return fail(ErrorCode::io_failed,
                    fmt::format("'{}' cannot be written: {}", options.file, error.message()));
    if (!options.quiet)
        fmt::print("{} rows, {} bytes in {}\n", with_commas(*done),
                   with_commas(std::filesystem::file_size(options.file, error)), options.file);
    return {};
}

}  // namespace

std::function<Exit()> define_export(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("FILTER", options->filter, "MQTT filter of points, e.g. 'plant1/#'")->required();
    app.add_option("FILE", options->file, "*.parquet, *.csv, *.ndjson or *.arrow")->required();
    app.add_option("--from", options->from, "First moment: RFC 3339, a date, epoch or now-6h");
    app.add_option("--to", options->to, "End, itself left out");
    app.add_option("--format", options->format, "Where the file's name does not tell it")
        ->check(CLI::IsMember({"parquet", "csv", "ndjson", "arrow"}));
    app.add_flag("--sorted", options->sorted,
                 "By point and time; else in the order in which they are read");
    app.add_option("--timeout", options->sql.timeout,
                   "Time at most (default: sql.timeout_limit of the server)");
    app.add_flag("--quiet", options->quiet, "No progress, no summary");
    add_url_option(app, options->sql.server);
    app.footer(
        "Examples:\n"
        "  headworks export 'plant1/#' plant1.parquet --from 2026-01-01 --to 2026-02-01\n"
        "  headworks export '#' all.csv --sorted");
    return [options] {
        const auto done = run(*options);
        return done ? Exit::ok : report(done.error());
    };
}

}  // namespace hw::app
