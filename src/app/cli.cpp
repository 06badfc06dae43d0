#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
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

// The options of one command by their long names, for "did you mean".
std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options())
        for (const auto& name : option->get_lnames())
            names.push_back("--" + name);
    return names;
}

std::vector<const CLI::App*> sub_commands(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string full_name(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name()
                                       : full_name(*app.get_parent()) + " " + app.get_name();
}

// The command that the words before the first option name, and the first word that names none.
struct Named {
    const CLI::App* command;
    std::string unknown;
};

Named find_command(const CLI::App& root, const std::vector<std::string>& arguments) {
    Named named{&root, ""};
    for (const auto& argument : arguments) {
        const auto subs = sub_commands(*named.command);
        if (argument.starts_with('-') || subs.empty()) return named;
        const auto found = std::find_if(subs.begin(), subs.end(), [&](const CLI::App* sub) {
            return sub->get_name() == argument;
        });
        if (found == subs.end()) {
            named.unknown = argument;
            return named;
        }
        named.command = *found;
    }
    return named;
}

std::string hint_for(const Named& named, const CLI::ParseError& error,
                     const std::vector<std::string>& arguments) {
    const std::string command = full_name(*named.command);
    if (!named.unknown.empty()) {
        std::vector<std::string> names;
        for (const auto* sub : sub_commands(*named.command))
            names.push_back(sub->get_name());
        const auto close = nearest(named.unknown, names);
        return close ? fmt::format("'{}' is not a command of {}; did you mean '{}'?", named.unknown,
                                   command, *close)
                     : fmt::format("'{}' is not a command of {}; '{} --help' lists them",
                                   named.unknown, command, command);
    }
    const auto options = option_names(*named.command);
    for (const auto& argument : arguments) {
        const std::string name = argument.substr(0, argument.find('='));
        if (name.size() < 3 || !name.starts_with("--") ||
            std::find(options.begin(), options.end(), name) != options.end())
            continue;
        if (const auto close = nearest(name, options))
            return fmt::format("option '{}' is not known; did you mean '{}'?", name, *close);
        return fmt::format("option '{}' is not known; '{} --help' lists them", name, command);
    }
    return fmt::format("{}; see '{} --help'", error.what(), command);
}

Exit refuse(const CLI::App& root, const CLI::ParseError& error,
            const std::vector<std::string>& arguments) {
    const Named named = find_command(root, arguments);
    const bool incomplete = named.unknown.empty() && !sub_commands(*named.command).empty() &&
                            arguments.empty() == (named.command == &root);
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    if (incomplete && arguments.size() <= 1) {
        const CLI::App* parent = named.command->get_parent();
        std::cerr << named.command->help(parent == nullptr ? "" : full_name(*parent));
        return Exit::usage;
    }
    return report(Error(ErrorCode::invalid_argument, hint_for(named, error, arguments)), json);
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
        return static_cast<int>(refuse(app, error, {argv + 1, argv + argc}));
    }
    for (const auto& [sub, act] : defined)
        if (sub->parsed()) return static_cast<int>(act());
    HW_UNREACHABLE();
}

}  // namespace hw::app
