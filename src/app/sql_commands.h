#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "app/server_client.h"
#include "base/error.h"

namespace hw::app {

// How `headworks sql` asks and prints.
struct SqlOptions {
    ServerAddress server;
    std::string statement;
    std::string file;                 // "-": standard input
    std::vector<std::string> params;  // "name=value", or "value" by its place
    std::string format;               // empty: a table on a terminal, else CSV
    std::string out;                  // a file instead of standard output
    std::string timeout;
    std::optional<uint64_t> limit;
    bool timing = false;
};

// The body of POST /api/v1/query. Values of parameters that are JSON go as that, others as texts.
// Errors: a mix of named and placed parameters.
Result<std::string> query_body(std::string_view sql, const std::vector<std::string>& params,
                               std::string_view format, const SqlOptions& options);

// The part `headworks sql functions`.
std::function<Exit()> define_functions(CLI::App& app);

// Asks and prints one statement; how many rows a table had goes to standard error.
Result<void> run_statement(const std::string& sql, const SqlOptions& options);

// JSON of QueryResult as an aligned table, with types where `types`; NULL as NULL. Also says
// "3 rows" or "3 rows, cut" in `summary`.
Result<std::string> render_result(std::string_view json, bool types, bool colour,
                                  std::string& summary);

// Reads statements until the end: `;` ends one, `.help` tells the rest.
void run_sql_shell(SqlOptions options);

// The statement that `text` begins with, up to its `;` (not one within quotes or comments), or
// nothing if it is not whole yet; `rest` is what follows.
std::optional<std::string> take_statement(std::string_view text, std::string& rest);

}  // namespace hw::app
