#include <unistd.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/sql_commands.h"
#include "app/table.h"
#include "app/terminal.h"
#include "base/assert.h"
#include "base/config_text.h"
#include "base/json_writer.h"
#include "sql/functions/functions.h"

namespace hw::app {

namespace {

struct Options {
    std::string name;
    bool json = false;
    bool markdown = false;
};

std::string_view dialect_name(sql::Dialect dialect) {
    switch (dialect) {
        case sql::Dialect::emqx:
            return "emqx";
        case sql::Dialect::ekuiper:
            return "ekuiper";
        case sql::Dialect::both:
            return "both";
    }
    HW_ASSERT(false);
}

std::string as_json(const std::vector<const sql::Function*>& functions) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("functions");
    json.begin_array();
    for (const auto* function : functions) {
        json.begin_object();
        json.member("name", function->name);
        json.member("group", function->group);
        json.member("dialect", dialect_name(function->dialect));
        json.member("from", function->origin);
        json.member("signature", function->signature);
        json.member("help", function->help);
        if (!function->example.empty()) json.member("example", function->example);
        if (!function->example_result.empty()) {
            json.key("result");
            json.raw(function->example_result);
        }
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return out + "\n";
}

std::string as_table(const std::vector<const sql::Function*>& functions) {
    Table table({{"FUNCTION"}, {"GROUP"}, {"FROM"}}, may_colour(STDOUT_FILENO));
    for (const auto* function : functions)
        table.add({std::string(function->signature), std::string(function->group),
                   std::string(function->origin)});
    return table.render();
}

// One function in full.
std::string described(const sql::Function& function) {
    std::string out = std::string(function.signature) + "\n    " + std::string(function.help);
    if (!function.example.empty()) out += "\n    " + std::string(function.example);
    if (!function.example_result.empty()) out += " = " + std::string(function.example_result);
    return out + "\n    group " + std::string(function.group) + ", from " +
           std::string(function.origin) + "\n";
}

Exit functions(const Options& options) {
    sql::FunctionTable table;
    sql::add_builtin_functions(table);
    auto all = table.all();
    if (!options.name.empty()) {
        std::erase_if(all, [&](const sql::Function* function) {
            return function->name != options.name && function->group != options.name;
        });
        if (all.empty())
            return report(
                Error(ErrorCode::not_found, "there is no function or group '" + options.name + "'" +
                                                did_you_mean(options.name, table.names())),
                options.json);
    }
    std::string out;
    if (options.markdown)
        out = functions_markdown(table);
    else if (options.json)
        out = as_json(all);
    else if (!options.name.empty())
        for (const auto* function : all)
            out += described(*function);
    else
        out = as_table(all);
    write_out(out);
    flush_out();
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_functions(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("NAME", options->name, "Only this function, or those of this group, in full");
    auto* json = app.add_flag("--json", options->json, "Print JSON");
    app.add_flag("--markdown", options->markdown, "Print the page docs/functions.md")
        ->excludes(json);
    app.footer(
        "Examples:\n"
        "  headworks sql functions\n"
        "  headworks sql functions subbits\n"
        "  headworks sql functions water");
    return [options] { return functions(*options); };
}

}  // namespace hw::app
