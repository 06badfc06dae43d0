#include <fmt/format.h>
#include <malloc.h>
#include <sys/signalfd.h>
#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/command.h"
#include "app/commands.h"
#include "app/configuration.h"
#include "app/server.h"
#include "base/log.h"

namespace hw::app {

namespace {

struct ServeOptions {
    std::string data = "./data";
    ConfigOptions config;
};

// Blocked in every thread before any starts, so that only wait_for_signal sees them.
sigset_t block_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return set;
}

// Above this size memory goes back to the system when it is freed. Left to itself malloc raises the
// size to that of the largest table that ever grew, and keeps what lies between: with 100,000
// points some 10 MB.
void give_large_blocks_back() {
    constexpr int bytes = 1 << 20;
    mallopt(M_MMAP_THRESHOLD, bytes);
}

Exit serve(const ServeOptions& options) {
    give_large_blocks_back();
    const auto config = load_config(options.config);
    if (!config) {
        report(config.error());
        return Exit::config_invalid;
    }
    const auto level = parse_log_level(config->text("log.level"));
    if (!level) return report(level.error());
    set_log(*level, config->text("log.format") == "json");
    const sigset_t signals = block_signals();
    auto server = Server::start(*config, options.data);
    if (!server) return report(server.error());
    // The one line that scripts wait for.
    fmt::print("ready mqtt={} http={}\n", (*server)->mqtt_port(), (*server)->http_port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    log_info("app", fmt::format("{}: draining", signal == SIGINT ? "interrupted" : "terminated"));
    // A second signal ends at once.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    (*server)->stop();
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_serve(CLI::App& app) {
    auto options = std::make_shared<ServeOptions>();
    app.add_option("--data", options->data, "Folder of everything that is kept; made if missing")
        ->capture_default_str();
    app.add_option("--config", options->config.file, "Configuration file (TOML)");
    app.add_option("--set", options->config.sets, "One property, section.key=value; may repeat")
        ->allow_extra_args(false);
    app.footer(
        "Examples:\n"
        "  headworks serve --data ./data\n"
        "  headworks serve --data ./data --config headworks.toml --set mqtt.port=1884\n"
        "Prints one line 'ready mqtt=<port> http=<port>' when it serves. SIGTERM drains and ends.\n"
        "Listens on 127.0.0.1 unless mqtt.host or http.host say otherwise.");
    return [options] { return serve(*options); };
}

}  // namespace hw::app
