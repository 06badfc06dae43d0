#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "ingest/csv.h"

namespace hw::app {

namespace {

constexpr size_t table_block_rows = 500;

struct Options {
    ServerAddress server;
    OutputOptions output;
    std::vector<std::string> points;
    std::vector<std::string> filters;
    std::string from, to, every, aggregate, fill, max_points, decimate, order, quality, limit;
};

// CSV as it streams in, as an aligned table.
class StreamedTable {
  public:
    explicit StreamedTable(bool colour) : colour_(colour) {}

    std::string feed(std::string_view csv) {
        reader_.feed(csv);
        return take();
    }
    std::string finish() {
        reader_.finish();
        std::string out = take();
        return table_ ? out + table_->render() : out;
    }

  private:
    std::string take() {
        std::string out;
        ingest::CsvRow row;
        while (reader_.next(row) == ingest::CsvReader::Step::row) {
            if (!table_) {
                begin(row.cells);
                continue;
            }
            std::vector<std::string> cells;
            for (const auto cell : row.cells)
                cells.push_back(printable_cell(cell));
            table_->add(std::move(cells));
            if (table_->pending() >= table_block_rows) out += table_->render();
        }
        return out;
    }
    void begin(const std::vector<std::string_view>& names) {
        std::vector<Table::Column> columns;
        for (const auto name : names) {
            std::string upper(name);
            for (char& c : upper)
                if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
            columns.push_back({upper, name != "point" && name != "time" && name != "quality"});
        }
        table_.emplace(std::move(columns), colour_);
    }

    ingest::CsvReader reader_{','};
    std::optional<Table> table_;
    const bool colour_;
};

QueryText query_of(const Options& options) {
    QueryText query;
    for (const auto& point : options.points)
        query.add("point", point);
    for (const auto& filter : options.filters)
        query.add("filter", filter);
    query.add("from", options.from).add("to", options.to).add("every", options.every);
    query.add("aggregate", options.aggregate).add("fill", options.fill);
    query.add("max_points", options.max_points).add("decimate", options.decimate);
    query.add("order", options.order).add("quality", options.quality).add("limit", options.limit);
    return query;
}

Exit history(const Options& options) {
    const OutputFormat format = options.output.format();
    const bool lines = format == OutputFormat::ndjson || format == OutputFormat::json;
    JsonItems items;
    StreamedTable table(may_colour(STDOUT_FILENO));
    bool reader_left = false;
    const auto done =
        ask_server(options.server, "GET", "/api/v1/history" + query_of(options).text(),
                   lines ? "application/x-ndjson" : "text/csv",
                   [&](const io::HttpClientResponse&, std::string_view piece) {
                       bool written = false;
                       if (format == OutputFormat::json) {
                           written = write_out(items.feed(piece));
                       } else if (format == OutputFormat::table) {
                           written = write_out(table.feed(piece));
                       } else {
                           written = write_out(piece);
                       }
                       reader_left = !written;
                       return written;
                   });
    if (!done && !reader_left) {
        flush_out();
        return report(done.error(), options.output.json);
    }
    if (format == OutputFormat::json) write_out(items.finish());
    if (format == OutputFormat::table) write_out(table.finish());
    flush_out();
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_history(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("POINT", options->points, "Points by their path; may repeat");
    app.add_option("--filter", options->filters, "MQTT filter of points; may repeat")
        ->allow_extra_args(false);
    app.add_option("--from", options->from,
                   "First moment: RFC 3339, epoch or now-6h (default: an hour before --to)");
    app.add_option("--to", options->to, "End, itself left out (default: now)");
    app.add_option("--every", options->every, "Figures of each so long, e.g. 1m");
    app.add_option("--aggregate", options->aggregate,
                   "Of mean,min,max,count,first,last,sum,stddev,p95,twa; without --every over the "
                   "whole range");
    app.add_option("--fill", options->fill, "Of empty times: none, previous, linear or null");
    app.add_option("--max-points", options->max_points,
                   "Thin out each point to so many rows, keeping the shape");
    app.add_option("--decimate", options->decimate, "How --max-points does it: min_max or lttb");
    app.add_option("--order", options->order, "asc or desc");
    app.add_option("--quality", options->quality, "any or good");
    app.add_option("--limit", options->limit, "At most so many rows");
    add_output_options(app, options->output);
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks history works/plc1/flow --from now-1h\n"
        "  headworks history --filter 'works/+/flow' --from now-1d --every 1h --aggregate "
        "mean,max\n"
        "  headworks history works/plc1/flow --from 2026-03-01 --to 2026-04-01 --output csv > "
        "march.csv");
    return [options] { return history(*options); };
}

}  // namespace hw::app
