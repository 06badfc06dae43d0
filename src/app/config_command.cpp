#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/command.h"
#include "app/commands.h"
#include "app/configuration.h"
#include "base/json_writer.h"

namespace hw::app {

namespace {

struct Options {
    ConfigOptions config;
    bool origin = false;
    bool help_text = false;
    bool json = false;
};

void show_json(const Config& config) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const auto& property : all_properties()) {
        const auto& value = config.value(property.key);
        json.key(property.key);
        json.begin_object();
        json.member("value", value.text);
        json.member("origin", value.where);
        json.member("default", property.default_value);
        json.member("help", property.help);
        json.end_object();
    }
    json.end_object();
    fmt::print("{}\n", out);
}

void show_table(const Config& config, const TableArray& array) {
    for (const auto& table : config.tables(array.name)) {
        fmt::print("\n[[{}]]\n", array.name);
        for (const auto& [key, value] : table)
            fmt::print("{} = \"{}\"\n", key, value.text);
    }
}

void show_text(const Config& config, const Options& options) {
    std::string section;
    for (const auto& property : all_properties()) {
        const size_t dot = property.key.find('.');
        if (property.key.substr(0, dot) != section) {
            fmt::print("{}[{}]\n", section.empty() ? "" : "\n", property.key.substr(0, dot));
            section = property.key.substr(0, dot);
        }
        if (options.help_text) fmt::print("# {}\n", property.help);
        const auto& value = config.value(property.key);
        const bool quoted = property.type == PropertyType::text ||
                            property.type == PropertyType::duration ||
                            property.type == PropertyType::bytes;
        const std::string_view quote = quoted ? "\"" : "";
        const std::string line =
            fmt::format("{} = {}{}{}", property.key.substr(dot + 1), quote, value.text, quote);
        if (options.origin) {
            fmt::print("{:<48} # {}\n", line, value.where);
        } else {
            fmt::print("{}\n", line);
        }
    }
    for (const auto& array : all_table_arrays())
        show_table(config, array);
}

Exit show(const Options& options) {
    const auto config = load_config(options.config);
    if (!config) {
        report(config.error(), options.json);
        return Exit::config_invalid;
    }
    if (options.json) {
        show_json(*config);
    } else {
        show_text(*config, options);
    }
    return Exit::ok;
}

Exit check(const Options& options) {
    const auto config = load_config(options.config);
    if (!config) {
        report(config.error(), options.json);
        return Exit::config_invalid;
    }
    fmt::print("{}\n", options.json ? R"({"ok":true})" : "the configuration is good");
    return Exit::ok;
}

void add_shared(CLI::App& app, Options& options) {
    app.add_option("--config", options.config.file, "Configuration file (TOML)");
    app.add_option("--set", options.config.sets, "One property, section.key=value; may repeat")
        ->allow_extra_args(false);
    app.add_flag("--json", options.json, "JSON instead of text");
}

}  // namespace

std::function<Exit()> define_config(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.require_subcommand(1);
    auto* check_app = app.add_subcommand("check", "Say whether the configuration is good");
    add_shared(*check_app, *options);
    auto* show_app = app.add_subcommand("show", "Print every property with its value in force");
    add_shared(*show_app, *options);
    show_app->add_flag("--origin", options->origin, "Say where each value comes from");
    show_app->add_flag("--explain", options->help_text, "Say what each property is for");
    app.footer(
        "Examples:\n"
        "  headworks config check --config headworks.toml\n"
        "  headworks config show --origin --set mqtt.port=1884\n"
        "Order: defaults < file < conf.d/*.toml beside it < HEADWORKS_<SECTION>__<KEY> < --set.");
    return [options, check_app] { return check_app->parsed() ? check(*options) : show(*options); };
}

}  // namespace hw::app
