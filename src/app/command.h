#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace CLI {
class App;
}

namespace hw::app {

// What a process ends with. Scripts rely on these numbers (docs/cli.md).
enum class Exit : int {
    ok = 0,
    failed = 1,
    usage = 2,
    not_found = 3,
    forbidden = 4,
    conflict = 5,
    unreachable = 6,  // or timed out: trying again may help
    partial = 7,
    config_invalid = 8,
    interrupted = 130,
    terminated = 143,
};

Exit exit_for(ErrorCode code);

// One command: `define` adds its options to the sub-command and returns what to run once they are
// parsed.
struct Command {
    std::string_view name;
    std::string_view help;
    std::function<Exit()> (*define)(CLI::App& app);
};

std::span<const Command> commands();

// Prints "headworks: <text>" to stderr, or the error as JSON where --json was given.
Exit report(const Error& error, bool json = false);

// Parses and runs; never throws.
int run(int argc, char** argv);

}  // namespace hw::app
