#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <fstream>

#include "app/progress.h"
#include "app/sql_commands.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

using simdjson::ondemand::value;

bool is_number_type(std::string_view type) {
    for (const std::string_view name :
         {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
          "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE"})
        if (type == name) return true;
    return type.starts_with("DECIMAL(") && type.ends_with(')');
}

std::string cell_of(value cell) {
    if (cell.type() == simdjson::ondemand::json_type::string)
        return printable_cell(cell.get_string().value());
    std::string_view raw = simdjson::to_json_string(cell).value();
    while (raw.ends_with(' ') || raw.ends_with('\n'))
        raw.remove_suffix(1);
    return raw == "null" ? "NULL" : printable_cell(raw);
}

std::vector<Table::Column> columns_of(simdjson::ondemand::array columns, bool types) {
    std::vector<Table::Column> out;
    for (auto column : columns) {
        auto object = column.get_object();
        std::string name = printable_cell(object["name"].get_string().value());
        const std::string type(object["type"].get_string().value());
        if (types) name += " " + type;
        out.push_back({std::move(name), is_number_type(type)});
    }
    return out;
}

// simdjson throws where its values are asked for what they are not.
std::string render(std::string_view json, bool types, bool colour, std::string& summary) {
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(json);
    auto document = parser.iterate(padded);
    auto root = document.get_object().value();
    Table table(columns_of(root["columns"].get_array().value(), types), colour);
    uint64_t rows = 0;
    for (auto row : root["rows"].get_array().value()) {
        std::vector<std::string> cells;
        for (auto cell : row.get_array().value())
            cells.push_back(cell_of(cell.value()));
        table.add(std::move(cells));
        ++rows;
    }
    const bool cut = root["cut"].get_bool().value();
    summary = fmt::format("{} row{}{}", with_commas(rows), rows == 1 ? "" : "s",
                          cut ? ", there are more; see --limit" : "");
    return table.render();
}

// A parameter's value: JSON where it is a whole JSON value, else a text.
void append_value(std::string& out, std::string_view text) {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    simdjson::dom::element element;
    if (parser.parse(padded).get(element) == simdjson::SUCCESS)
        out += text;
    else
        append_json_string(out, text);
}

bool is_name(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
    for (const char c : text)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    return true;
}

Result<std::string> params_json(const std::vector<std::string>& params) {
    size_t named = 0;
    std::string items;
    std::string members;
    for (const std::string& param : params) {
        const size_t equals = param.find('=');
        if (!items.empty()) items += ',';
        append_value(items, param);
        if (equals == std::string::npos || !is_name(std::string_view(param).substr(0, equals)))
            continue;
        if (named++ > 0) members += ',';
        append_json_string(members, std::string_view(param).substr(0, equals));
        members += ':';
        append_value(members, std::string_view(param).substr(equals + 1));
    }
    if (named == params.size()) return "{" + members + "}";
    if (named == 0) return "[" + items + "]";
    return fail(ErrorCode::invalid_argument,
                "parameters are either all named (--param from=now-1h) or all by place");
}

Result<void> print_table(const SqlOptions& options, const std::string& sql) {
    const std::string body = HW_TRY(query_body(sql, options.params, "json", options));
    const auto answer = HW_TRY(send_to_server(options.server, "POST", "/api/v1/query", {body}));
    std::string summary;
    const bool terminal = is_terminal(STDOUT_FILENO);
    write_out(HW_TRY(render_result(answer.body, terminal, may_colour(STDOUT_FILENO), summary)));
    flush_out();
    if (terminal) fmt::print(stderr, "{}", summary);
    return {};
}

}  // namespace

Result<std::string> render_result(std::string_view json, bool types, bool colour,
                                  std::string& summary) {
    try {
        return render(json, types, colour, summary);
    } catch (const simdjson::simdjson_error& error) {
        return fail(ErrorCode::corrupt,
                    fmt::format("the server's answer is not a result: {}", error.what()));
    }
}

Result<std::string> query_body(std::string_view sql, const std::vector<std::string>& params,
                               std::string_view format, const SqlOptions& options) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("sql", sql);
    json.member("format", format);
    if (!params.empty()) {
        json.key("params");
        json.raw(HW_TRY(params_json(params)));
    }
    if (options.limit) json.member("limit", *options.limit);
    if (!options.timeout.empty()) json.member("timeout", options.timeout);
    json.end_object();
    return body;
}

Result<void> run_statement(const std::string& sql, const SqlOptions& options) {
    const Time began = SystemClock().monotonic();
    const bool terminal = is_terminal(STDOUT_FILENO) && options.out.empty();
    const std::string format = !options.format.empty() ? options.format
                               : terminal              ? "table"
                                                       : "csv";
    if (format == "table") {
        HW_TRY(print_table(options, sql));
        if (terminal && options.timing)
            fmt::print(stderr, " in {:.3f} s",
                       static_cast<double>((SystemClock().monotonic() - began).ns) * 1e-9);
        if (terminal) fmt::print(stderr, "\n");
        return {};
    }
    std::ofstream file;
    if (!options.out.empty()) {
        file.open(options.out, std::ios::binary | std::ios::trunc);
        if (!file)
            return fail(ErrorCode::io_failed, fmt::format("'{}' cannot be written", options.out));
    }
    const std::string body = HW_TRY(query_body(sql, options.params, format, options));
    bool stopped = false;
    const auto sink = [&](const io::HttpClientResponse&, std::string_view piece) {
        if (options.out.empty()) return !(stopped = !write_out(piece));
        file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
        return !(stopped = !file.good());
    };
    const auto done = send_to_server(options.server, "POST", "/api/v1/query", {body}, "*/*", sink);
    flush_out();
    if (stopped && !options.out.empty())
        return fail(ErrorCode::no_space, fmt::format("'{}' cannot be written", options.out));
    if (!done && !stopped) return fail(done.error());
    return {};
}

}  // namespace hw::app
