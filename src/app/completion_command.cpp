#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.h"

namespace hw::app {

namespace {

std::vector<const CLI::App*> sub_commands(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

// What may follow a command: its sub-commands and its options.
std::vector<std::string> words_of(const CLI::App& app) {
    std::vector<std::string> words;
    for (const auto* sub : sub_commands(app))
        words.push_back(sub->get_name());
    for (const auto* option : app.get_options())
        for (const auto& name : option->get_lnames())
            words.push_back("--" + name);
    return words;
}

struct Level {
    std::string path;  // "bench mqtt", empty for the program itself
    const CLI::App* app;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Level>& levels) {
    levels.push_back({path, &app});
    for (const auto* sub : sub_commands(app))
        collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), levels);
}

// bash, and zsh through its bashcompinit.
std::string bash_script(const std::vector<Level>& levels) {
    std::string out =
        "_headworks() {\n"
        "    local path=\"\" word words i\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        word=\"${COMP_WORDS[i]}\"\n"
        "        case \"$path $word\" in\n";
    for (const auto& level : levels)
        if (!level.path.empty()) {
            const size_t space = level.path.rfind(' ');
            const std::string parent =
                space == std::string::npos ? "" : level.path.substr(0, space);
            out += fmt::format("            \"{} {}\") path=\"{}\" ;;\n", parent,
                               level.app->get_name(), level.path);
        }
    out +=
        "        esac\n"
        "    done\n"
        "    case \"$path\" in\n";
    for (const auto& level : levels)
        out += fmt::format("        \"{}\") words=\"{}\" ;;\n", level.path,
                           fmt::join(words_of(*level.app), " "));
    out +=
        "    esac\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
        "}\n"
        "complete -o default -F _headworks headworks\n";
    return out;
}

std::string fish_script(const std::vector<Level>& levels) {
    std::string out = "complete -c headworks -f -n __fish_use_subcommand\n";
    for (const auto& level : levels) {
        std::string condition = "__fish_use_subcommand";
        if (!level.path.empty()) {
            condition = "__fish_seen_subcommand_from " + level.app->get_name();
            if (const size_t space = level.path.find(' '); space != std::string::npos)
                condition += "; and __fish_seen_subcommand_from " + level.path.substr(0, space);
        }
        for (const auto& word : words_of(*level.app))
            out += word.starts_with("--")
                       ? fmt::format("complete -c headworks -n '{}' -l {} # {}\n", condition,
                                     word.substr(2), word)
                       : fmt::format("complete -c headworks -n '{}' -a {}\n", condition, word);
    }
    return out;
}

Exit print(const CLI::App& own, const std::string& shell) {
    std::vector<Level> levels;
    collect(*own.get_parent(), "", levels);
    if (shell == "fish") {
        fmt::print("{}", fish_script(levels));
    } else {
        if (shell == "zsh") fmt::print("autoload -U +X bashcompinit && bashcompinit\n");
        fmt::print("{}", bash_script(levels));
    }
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_completion(CLI::App& app) {
    auto shell = std::make_shared<std::string>();
    app.add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    app.footer(
        "Examples:\n"
        "  source <(headworks completion bash)\n"
        "  headworks completion fish > ~/.config/fish/completions/headworks.fish");
    return [shell, &app] { return print(app, *shell); };
}

}  // namespace hw::app
