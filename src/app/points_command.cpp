#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "ingest/csv.h"

namespace hw::app {

namespace {

constexpr uint64_t page_rows = 1000;
constexpr std::string_view table_fields = "point,value,unit,quality,last_time";

struct Options {
    ServerAddress server;
    OutputOptions output;
    std::string filter = "#";
    std::string fields;
    uint64_t limit = 0;  // 0: all
};

// Rows as the server's CSV has them, for the eye: value with its unit, and how old it is.
class PointsTable {
  public:
    explicit PointsTable(bool colour)
        : table_({{"POINT", false},
                  {"VALUE", true},
                  {"UNIT", false},
                  {"QUALITY", false},
                  {"AGE", true}},
                 colour) {}

    void add(const std::vector<std::string_view>& cells) {
        if (cells.size() != 5) return;
        const auto last = parse_rfc3339(cells[4]);
        table_.add({printable_cell(cells[0]), printable_cell(cells[1]), printable_cell(cells[2]),
                    std::string(cells[3]),
                    last ? age_text((clock_.now() - *last).ns) : std::string(cells[4])});
    }
    std::string render() { return table_.render(); }

  private:
    Table table_;
    SystemClock clock_;
};

std::vector<Table::Column> columns_of(const std::vector<std::string_view>& header) {
    std::vector<Table::Column> columns;
    for (const auto name : header)
        columns.push_back({printable_cell(name), name == "value" || name == "count"});
    return columns;
}

// Whole pages come in, in the server's format; text for standard output goes out.
class Printer {
  public:
    explicit Printer(const Options& options)
        : options_(options), format_(options.output.format()), colour_(may_colour(STDOUT_FILENO)) {}

    std::string page(std::string_view body) {
        if (format_ == OutputFormat::json) return items_.feed(body);
        if (format_ == OutputFormat::ndjson) return std::string(body);
        if (format_ == OutputFormat::table) return table(body);
        // The header stands once, before the first page.
        if (!first_) body.remove_prefix(std::min(body.size(), body.find('\n') + 1));
        first_ = false;
        return std::string(body);
    }
    std::string finish() { return format_ == OutputFormat::json ? items_.finish() : ""; }

  private:
    std::string table(std::string_view body) {
        ingest::CsvReader reader(',');
        reader.feed(body);
        reader.finish();
        ingest::CsvRow row;
        if (reader.next(row) != ingest::CsvReader::Step::row) return "";
        if (!options_.fields.empty() && !plain_) plain_.emplace(columns_of(row.cells), colour_);
        if (options_.fields.empty() && !points_) points_.emplace(colour_);
        while (reader.next(row) == ingest::CsvReader::Step::row) {
            if (points_) {
                points_->add(row.cells);
                continue;
            }
            std::vector<std::string> cells;
            for (const auto cell : row.cells)
                cells.push_back(printable_cell(cell));
            plain_->add(std::move(cells));
        }
        return points_ ? points_->render() : plain_->render();
    }

    const Options& options_;
    const OutputFormat format_;
    const bool colour_;
    bool first_ = true;
    JsonItems items_;
    std::optional<PointsTable> points_;
    std::optional<Table> plain_;
};

Exit points(const Options& options) {
    const OutputFormat format = options.output.format();
    const bool lines = format == OutputFormat::ndjson || format == OutputFormat::json;
    std::string fields = options.fields;
    if (fields.empty() && format == OutputFormat::table) fields = table_fields;
    Printer printer(options);
    std::string cursor;
    uint64_t left = options.limit == 0 ? UINT64_MAX : options.limit;
    for (bool more = true; more && left > 0;) {
        const uint64_t rows = std::min(left, page_rows);
        QueryText query;
        query.add("filter", options.filter).add("fields", fields).add("cursor", cursor);
        query.add("limit", std::to_string(rows));
        const auto page = ask_server(options.server, "GET", "/api/v1/points" + query.text(),
                                     lines ? "application/x-ndjson" : "text/csv");
        if (!page) return report(page.error(), options.output.json);
        if (!write_out(printer.page(page->body))) return Exit::ok;
        left -= rows;
        cursor = page->header("x-next-cursor").value_or("");
        more = !cursor.empty();
    }
    write_out(printer.finish());
    flush_out();
    if (!cursor.empty() && format == OutputFormat::table)
        fmt::print(stderr, "headworks: there are more; --limit {} ended the list\n", options.limit);
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_points(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("FILTER", options->filter, "MQTT filter of the points")->capture_default_str();
    app.add_option("--limit", options->limit, "At most so many (default: all)");
    app.add_option("--fields", options->fields,
                   "Of point,type,unit,value,quality,time,first_time,last_time,count");
    add_output_options(app, options->output);
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks points\n"
        "  headworks points 'works/+/flow' --fields point,value,count\n"
        "  headworks points --output csv > points.csv");
    return [options] { return points(*options); };
}

}  // namespace hw::app
