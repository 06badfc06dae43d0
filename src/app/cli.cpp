#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <vector>

#include "app/command.h"
#include "app/version.h"
#include "base/assert.h"
#include "base/config.h"
#include "base/json_writer.h"

namespace hw::app {

Exit exit_for(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
            return Exit::usage;
        case ErrorCode::not_found:
            return Exit::not_found;
        case ErrorCode::permission_denied:
            return Exit::forbidden;
        case ErrorCode::conflict:
            return Exit::conflict;
        case ErrorCode::unavailable:
        case ErrorCode::timed_out:
            return Exit::unreachable;
        case ErrorCode::cancelled:
            return Exit::interrupted;
        case ErrorCode::limit_exceeded:
        case ErrorCode::corrupt:
        case ErrorCode::io_failed:
        case ErrorCode::no_space:
        case ErrorCode::unsupported:
            return Exit::failed;
    }
    HW_UNREACHABLE();
}

Exit report(const Error& error, bool json) {
    std::string text;
    if (json) {
        JsonWriter writer(text);
        writer.begin_object();
        writer.member("error", to_string(error.code()));
        writer.member("detail", error.text());
        writer.end_object();
    } else {
        text = "headworks: " + error.text();
    }
    std::cerr << text << '\n';
    return exit_for(error.code());
}

namespace {

std::string first_unknown(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& known) {
    for (const auto& argument : arguments)
        if (!argument.starts_with('-'))
            return std::find(known.begin(), known.end(), argument) == known.end() ? argument : "";
    return "";
}

// The names of all options of the sub-command in use, for "did you mean".
std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    const auto add = [&names](const CLI::App& one) {
        for (const auto* option : one.get_options())
            for (const auto& name : option->get_lnames())
                names.push_back("--" + name);
    };
    add(app);
    for (const auto* sub : app.get_subcommands()) {
        add(*sub);
        for (const auto* deeper : sub->get_subcommands())
            add(*deeper);
    }
    return names;
}

std::string hint_for(const CLI::App& app, const CLI::ParseError& error,
                     const std::vector<std::string>& arguments) {
    std::vector<std::string> names;
    for (const auto& command : commands())
        names.emplace_back(command.name);
    if (const auto word = first_unknown({arguments.begin(), arguments.end()}, names);
        !word.empty() && app.get_subcommands().empty()) {
        const auto close = nearest(word, names);
        return close ? fmt::format("'{}' is not a command; did you mean '{}'?", word, *close)
                     : fmt::format("'{}' is not a command; 'headworks --help' lists them", word);
    }
    const std::string text = error.what();
    const auto options = option_names(app);
    for (const auto& argument : arguments) {
        const std::string name = argument.substr(0, argument.find('='));
        if (!name.starts_with("--") ||
            std::find(options.begin(), options.end(), name) != options.end())
            continue;
        if (const auto close = nearest(name, options))
            return fmt::format("option '{}' is not known; did you mean '{}'?", name, *close);
        return fmt::format("option '{}' is not known", name);
    }
    return text;
}

}  // namespace

int run(int argc, char** argv) {
    CLI::App app("Headworks: the digital-twin platform for water utilities, in one program.",
                 "headworks");
    app.set_version_flag("--version", fmt::format("headworks {}", version));
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  headworks serve --data ./data\n"
        "  headworks pub -t works/plc1/flow -m 12.5 -q 1\n"
        "  headworks history works/plc1/flow --from now-1h\n"
        "'headworks <command> --help' tells more. Exit codes: 0 ok, 1 failed, 2 usage,\n"
        "3 not found, 4 forbidden, 5 conflict, 6 unreachable, 7 partial, 8 bad configuration.");
    std::vector<std::pair<CLI::App*, std::function<Exit()>>> defined;
    for (const auto& command : commands()) {
        auto* sub = app.add_subcommand(std::string(command.name), std::string(command.help));
        defined.emplace_back(sub, command.define(*sub));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        if (argc == 1) {
            std::cerr << app.help();
            return static_cast<int>(Exit::usage);
        }
        std::cerr << "headworks: " << hint_for(app, error, {argv + 1, argv + argc}) << '\n';
        return static_cast<int>(Exit::usage);
    }
    for (const auto& [sub, act] : defined)
        if (sub->parsed()) return static_cast<int>(act());
    HW_UNREACHABLE();
}

}  // namespace hw::app
