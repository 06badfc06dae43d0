#include <fmt/format.h>
#include <unistd.h>

#include <vector>

#include "app/command.h"
#include "app/line_editor.h"
#include "app/sql_commands.h"
#include "app/terminal.h"
#include "base/config.h"

namespace hw::app {

namespace {

constexpr std::string_view help =
    "A statement ends with ';' and may have several lines. Ctrl-D leaves.\n"
    "  .tables         what can be asked: tables and functions\n"
    "  .schema NAME    columns of a table, or of history and history_agg\n"
    "  .format NAME    table, json, ndjson or csv\n"
    "  .timer on|off   how long each statement took\n"
    "  .help           this text\n"
    "  .quit           leave\n";

constexpr const char* tables_sql =
    "SELECT view_name AS name, 'table' AS kind FROM duckdb_views() WHERE NOT internal "
    "UNION ALL SELECT table_name, 'table' FROM duckdb_tables() WHERE NOT internal "
    "UNION ALL SELECT DISTINCT function_name || '()', 'function' FROM duckdb_functions() "
    "WHERE function_type = 'table_macro' AND NOT internal ORDER BY 2 DESC, 1";

std::string schema_sql(std::string_view name) {
    std::string quoted;
    for (const char c : name) {
        if (c == '"') quoted += c;
        quoted += c;
    }
    if (name == "history" || name == "history_agg")
        return fmt::format("SELECT column_name, column_type FROM (DESCRIBE FROM {}('none'))", name);
    return fmt::format("SELECT column_name, column_type FROM (DESCRIBE FROM \"{}\")", quoted);
}

std::string history_file() {
    const auto home = environment("HOME");
    return home ? *home + "/.headworks_sql_history" : "";
}

class Shell {
  public:
    explicit Shell(SqlOptions options) : options_(std::move(options)), editor_(history_file()) {
        // A person at a terminal wants to know; a script that is piped in does not.
        options_.timing = is_terminal(STDOUT_FILENO);
    }

    void run() {
        if (is_terminal(STDIN_FILENO))
            fmt::print("SQL over the history of {}; .help tells more.\n", options_.server.url);
        while (!left_) {
            const auto line = editor_.read(text_.empty() ? "headworks> " : "      ...> ");
            if (!line) break;
            take(*line);
        }
        // A script's last statement may go without its ';'.
        if (!left_ && text_.find_first_not_of(" \t\r\n") != std::string::npos) ask(text_);
    }

  private:
    void take(const std::string& line) {
        if (text_.empty() && line.starts_with('.')) {
            editor_.remember(line);
            return command(line);
        }
        text_ += line + "\n";
        std::string rest;
        while (const auto statement = take_statement(text_, rest)) {
            std::string remembered = *statement + ";";
            for (char& c : remembered)
                if (c == '\n') c = ' ';
            editor_.remember(remembered);
            ask(*statement);
            text_ = rest;
        }
        if (text_.find_first_not_of(" \t\r\n") == std::string::npos) text_.clear();
    }

    void ask(const std::string& sql) {
        if (const auto done = run_statement(sql, options_); !done) report(done.error());
    }

    void command(std::string_view line) {
        while (line.ends_with(' '))
            line.remove_suffix(1);
        const size_t space = line.find(' ');
        const std::string_view name = line.substr(0, space);
        std::string_view argument =
            space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
        while (argument.starts_with(' '))
            argument.remove_prefix(1);
        static const std::vector<std::string> known = {".help",  ".tables", ".schema", ".format",
                                                       ".timer", ".quit",   ".exit"};
        if (name == ".quit" || name == ".exit") {
            left_ = true;
        } else if (name == ".help") {
            write_out(help);
        } else if (name == ".tables") {
            ask(tables_sql);
        } else if (name == ".schema" && !argument.empty()) {
            ask(schema_sql(argument));
        } else if (name == ".timer" && (argument == "on" || argument == "off")) {
            options_.timing = argument == "on";
        } else if (name == ".format" && (argument == "table" || argument == "json" ||
                                         argument == "ndjson" || argument == "csv")) {
            options_.format = argument;
        } else {
            const auto close = nearest(name, known);
            fmt::print(stderr, "'{}' is not understood{}; .help tells what is\n", line,
                       close && *close != name ? fmt::format(", is it {}?", *close) : "");
        }
        flush_out();
    }

    SqlOptions options_;
    LineEditor editor_;
    std::string text_;
    bool left_ = false;
};

// Behind a quoted text or name, or a comment, that begins at `at`; `at` where there is none;
// npos where it does not end.
size_t behind_quoted(std::string_view text, size_t at) {
    const char c = text[at];
    if (c == '\'' || c == '"') {
        // A doubled quote ends one and begins the next, which comes to the same.
        const size_t end = text.find(c, at + 1);
        return end == std::string_view::npos ? end : end + 1;
    }
    if (text.substr(at, 2) == "--") {
        const size_t end = text.find('\n', at);
        return end == std::string_view::npos ? end : end + 1;
    }
    if (text.substr(at, 2) == "/*") {
        const size_t end = text.find("*/", at + 2);
        return end == std::string_view::npos ? end : end + 2;
    }
    if (c == '$' && text.substr(at, 2) == "$$") {
        const size_t end = text.find("$$", at + 2);
        return end == std::string_view::npos ? end : end + 2;
    }
    return at;
}

}  // namespace

std::optional<std::string> take_statement(std::string_view text, std::string& rest) {
    size_t begin = 0;
    for (size_t at = 0; at < text.size();) {
        if (text[at] == ';') {
            const std::string_view statement = text.substr(begin, at - begin);
            if (statement.find_first_not_of(" \t\r\n") == std::string_view::npos) {
                begin = ++at;
                continue;
            }
            std::string whole(statement);
            rest = text.substr(at + 1);
            return whole;
        }
        const size_t behind = behind_quoted(text, at);
        if (behind == std::string_view::npos) return std::nullopt;
        at = behind == at ? at + 1 : behind;
    }
    return std::nullopt;
}

void run_sql_shell(SqlOptions options) {
    Shell(std::move(options)).run();
}

}  // namespace hw::app
