#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "app/command.h"
#include "app/commands.h"
#include "app/progress.h"
#include "app/server_client.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "ingest/csv.h"
#include "sql/batch/file_reader.h"

namespace hw::app {

namespace {

constexpr uint64_t rows_a_piece = 50'000;
constexpr size_t bytes_a_piece = 4 << 20;
constexpr size_t read_bytes = 256 << 10;

struct Options {
    ServerAddress server;
    std::string file;
    std::string library;
    bool quiet = false;
};

// A part of the file as CSV, and where its rows stand in the file.
struct Piece {
    std::string csv;
    std::vector<uint64_t> lines;     // of each row; empty: they follow `first`
    std::vector<std::string> flaws;  // rows that are no rows
    uint64_t first = 0;
    uint64_t rows = 0;
    double part_done = 0;
};

class Source {
  public:
    virtual ~Source() = default;
    // False at the end.
    virtual Result<bool> next(Piece& piece) = 0;
};

class ParquetSource final : public Source {
  public:
    explicit ParquetSource(std::unique_ptr<sql::batch::FileReader> reader)
        : reader_(std::move(reader)) {}
    Result<bool> next(Piece& piece) override {
        piece.first = done_ + 1;
        piece.rows = HW_TRY(reader_->next(rows_a_piece, piece.csv));
        done_ += piece.rows;
        piece.part_done = static_cast<double>(done_) / static_cast<double>(reader_->rows());
        return piece.rows > 0;
    }

  private:
    const std::unique_ptr<sql::batch::FileReader> reader_;
    uint64_t done_ = 0;
};

void append_cell(std::string& out, std::string_view cell) {
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += cell;
        return;
    }
    out += '"';
    for (const char c : cell) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

// Rows are read and written anew, so that each piece begins with the header and ends with a row.
class CsvSource final : public Source {
  public:
    explicit CsvSource(const std::string& path) : path_(path), file_(path, std::ios::binary) {
        std::error_code error;
        size_ = std::filesystem::file_size(path, error);
    }

    Result<bool> next(Piece& piece) override {
        if (!file_.is_open())
            return fail(ErrorCode::io_failed, fmt::format("'{}' cannot be read", path_));
        piece.csv = header_;
        ingest::CsvRow row;
        while (piece.rows < rows_a_piece && piece.csv.size() < bytes_a_piece) {
            const auto step = reader_.next(row);
            if (step == ingest::CsvReader::Step::end) break;
            if (step == ingest::CsvReader::Step::more) {
                feed();
            } else if (step == ingest::CsvReader::Step::bad) {
                piece.flaws.push_back(reader_.error());
            } else if (header_.empty()) {
                append_row(row, header_);
                piece.csv = header_;
            } else {
                piece.lines.push_back(row.line);
                append_row(row, piece.csv);
                ++piece.rows;
            }
        }
        piece.part_done = size_ == 0 ? -1 : static_cast<double>(read_) / static_cast<double>(size_);
        return piece.rows > 0 || !piece.flaws.empty() || (!told_header_ && (told_header_ = true));
    }

  private:
    static void append_row(const ingest::CsvRow& row, std::string& out) {
        for (size_t i = 0; i < row.cells.size(); ++i) {
            if (i > 0) out += ',';
            append_cell(out, row.cells[i]);
        }
        out += '\n';
    }
    void feed() {
        buffer_.resize(read_bytes);
        file_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
        buffer_.resize(static_cast<size_t>(file_.gcount()));
        read_ += buffer_.size();
        if (buffer_.empty())
            reader_.finish();
        else
            reader_.feed(buffer_);
    }

    const std::string path_;
    std::ifstream file_;
    uint64_t size_ = 0;
    uint64_t read_ = 0;
    ingest::CsvReader reader_;
    std::string buffer_;
    std::string header_;
    bool told_header_ = false;  // a file without rows is sent too: its header may be wrong
};

struct Totals {
    uint64_t taken = 0;
    uint64_t refused = 0;
    uint64_t told = 0;
};
constexpr uint64_t told_limit = 20;

// Adds what the server said of one piece, and tells the first rows that it refused.
Result<void> take_answer(const std::string& body, const Piece& piece, bool progress,
                         Totals& totals) {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(body);
    simdjson::dom::element root;
    uint64_t taken = 0;
    uint64_t refused = 0;
    simdjson::dom::array errors;
    if (parser.parse(padded).get(root) != simdjson::SUCCESS ||
        root["taken"].get(taken) != simdjson::SUCCESS ||
        root["refused"].get(refused) != simdjson::SUCCESS ||
        root["errors"].get(errors) != simdjson::SUCCESS)
        return fail(ErrorCode::corrupt, "the server's answer is not a report of an import");
    totals.taken += taken;
    totals.refused += refused + piece.flaws.size();
    const char* const clear = progress ? "\r\x1b[K" : "";
    for (const std::string& flaw : piece.flaws)
        if (totals.told++ < told_limit) fmt::print(stderr, "{}headworks: {}\n", clear, flaw);
    for (const simdjson::dom::element error : errors) {
        uint64_t line = 0;
        std::string_view text;
        if (totals.told >= told_limit || error["line"].get(line) != simdjson::SUCCESS ||
            error["text"].get(text) != simdjson::SUCCESS || line < 2)
            continue;
        ++totals.told;
        const bool known = line - 2 < piece.lines.size();
        fmt::print(stderr, "{}headworks: {} {}: {}\n", clear, piece.lines.empty() ? "row" : "line",
                   known ? piece.lines[line - 2] : piece.first + line - 2, text);
    }
    return {};
}

Result<std::unique_ptr<Source>> open_source(const Options& options) {
    if (!options.file.ends_with(".parquet")) return std::make_unique<CsvSource>(options.file);
    auto reader = HW_TRY(sql::batch::FileReader::open(options.library, options.file));
    return std::make_unique<ParquetSource>(std::move(reader));
}

Result<Totals> run(const Options& options) {
    const auto source = HW_TRY(open_source(options));
    const bool progress = !options.quiet && is_terminal(STDERR_FILENO);
    const SystemClock clock;
    const Time began = clock.monotonic();
    Totals totals;
    for (;;) {
        Piece piece;
        if (!HW_TRY(source->next(piece))) break;
        const auto answer = HW_TRY(send_to_server(options.server, "POST", "/api/v1/import",
                                                  {std::move(piece.csv), "text/csv"}));
        HW_TRY(take_answer(answer.body, piece, progress, totals));
        if (!progress) continue;
        fmt::print(stderr, "\r\x1b[K{}",
                   render_progress(
                       {piece.part_done, totals.taken + totals.refused, clock.monotonic() - began},
                       terminal_columns(STDERR_FILENO)));
        std::fflush(stderr);
    }
    if (progress) fmt::print(stderr, "\r\x1b[K");
    return totals;
}

Exit import(const Options& options) {
    const auto totals = run(options);
    if (!totals) return report(totals.error());
    if (!options.quiet)
        fmt::print("{} samples taken, {} rows refused\n", with_commas(totals->taken),
                   with_commas(totals->refused));
    return totals->refused > 0 ? Exit::partial : Exit::ok;
}

}  // namespace

std::function<Exit()> define_import(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("FILE", options->file,
                   "*.parquet, or CSV, with the columns point, time, and value or text; and if "
                   "wanted quality and type")
        ->required();
    app.add_option("--duckdb-library", options->library,
                   "libduckdb.so, for Parquet (default: where the server looks too)");
    app.add_flag("--quiet", options->quiet, "No progress, no summary");
    add_url_option(app, options->server);
    app.footer(
        "The same file again changes nothing. Ends with 7 where rows were refused.\n"
        "Examples:\n"
        "  headworks import january.parquet\n"
        "  headworks import lab.csv --url http://plant1:8080");
    return [options] { return import(*options); };
}

}  // namespace hw::app
