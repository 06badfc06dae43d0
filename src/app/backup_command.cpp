#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "access/store.h"
#include "app/commands.h"
#include "app/configuration.h"
#include "app/data_folder.h"
#include "app/server_client.h"
#include "app/server_gateway.h"
#include "base/clock.h"
#include "base/json_writer.h"
#include "base/metrics.h"
#include "catalog/database.h"
#include "history/history.h"
#include "model/point_directory.h"

namespace hw::app {

namespace {

struct BackupOptions {
    std::string target, data;
    ServerAddress server;
    ConfigOptions config;
    bool json = false;
};

struct RestoreOptions {
    std::string backup;
    std::string data = "./data";
    bool json = false;
};

void tell_done(std::string_view what, const std::string& folder, bool json) {
    if (!json) {
        fmt::print("{} {}\n", what, folder);
        return;
    }
    std::string out;
    JsonWriter writer(out);
    writer.begin_object();
    writer.member("folder", folder);
    writer.end_object();
    fmt::print("{}\n", out);
}

// Of a folder that no server has open.
Result<void> backup_stopped(const BackupOptions& options, const std::string& target) {
    if (!std::filesystem::exists(options.data))
        return fail(ErrorCode::not_found,
                    fmt::format("there is no data folder '{}'", options.data));
    const Config config = HW_TRY(load_config(options.config));
    const auto held = HW_TRY(DataFolder::take(options.data));
    const auto settings = HW_TRY(history::settings_from(config));
    model::PointDirectory points(settings.points_limit);
    const SystemClock clock;
    Metrics metrics;
    const auto history =
        HW_TRY(history::History::open(settings, held.path(), points, clock, metrics));
    HW_TRY(history->backup(target));
    const std::string catalog = fmt::format("{}/{}", held.path(), GatewayRooms::file_name);
    if (!std::filesystem::exists(catalog)) return {};
    const auto database = HW_TRY(catalog::Database::open(catalog));
    return database->backup(fmt::format("{}/{}", target, GatewayRooms::file_name));
}

Exit backup(const BackupOptions& options) {
    std::error_code error;
    const std::string target = std::filesystem::absolute(options.target, error).string();
    if (error) return report(Error(ErrorCode::io_failed, error.message()), options.json);
    if (!options.data.empty()) {
        if (auto done = backup_stopped(options, target); !done)
            return report(done.error(), options.json);
    } else {
        QueryText query;
        query.add("folder", target);
        if (auto done = ask_server(options.server, "POST", "/api/v1/backup" + query.text(),
                                   "application/json");
            !done)
            return report(done.error(), options.json);
    }
    tell_done("backed up to", target, options.json);
    return Exit::ok;
}

// Backups of before there was a catalogue have none.
Result<void> restore_catalog(const RestoreOptions& options) {
    const std::filesystem::path from =
        std::filesystem::path(options.backup) / GatewayRooms::file_name;
    if (!std::filesystem::exists(from)) return {};
    const std::filesystem::path to = std::filesystem::path(options.data) / GatewayRooms::file_name;
    std::error_code error;
    std::filesystem::copy_file(from, to, error);
    if (error)
        return fail(ErrorCode::io_failed, fmt::format("{}: {}", from.string(), error.message()));
    // Sessions that were ended since then must not come to life again.
    const auto database = HW_TRY(catalog::Database::open(to.string()));
    const auto store = HW_TRY(access::Store::open(*database));
    return store->remove_all_sessions();
}

Exit restore(const RestoreOptions& options) {
    // Nobody serves from a folder that is empty, so it needs no lock.
    if (auto done = history::restore_backup(options.backup, options.data); !done)
        return report(done.error(), options.json);
    if (auto done = restore_catalog(options); !done) return report(done.error(), options.json);
    tell_done("restored to", options.data, options.json);
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_backup(CLI::App& app) {
    auto options = std::make_shared<BackupOptions>();
    app.add_option("DIR", options->target, "New folder of the backup, on the server's machine")
        ->required();
    app.add_option("--data", options->data, "Back up this folder, whose server is stopped");
    app.add_option("--config", options->config.file, "With --data: configuration file (TOML)");
    app.add_flag("--json", options->json, "JSON instead of text");
    add_url_option(app, options->server);
    app.footer(
        "Examples:\n"
        "  headworks backup /backups/monday\n"
        "  headworks backup /backups/monday --data ./data   # while the server is stopped\n"
        "The server goes on while it is backed up; all it has acknowledged is in the copy.");
    return [options] { return backup(*options); };
}

std::function<Exit()> define_restore(CLI::App& app) {
    auto options = std::make_shared<RestoreOptions>();
    app.add_option("BACKUP", options->backup, "Folder that 'headworks backup' made")->required();
    app.add_option("--data", options->data, "Data folder to make of it; must be empty or new")
        ->capture_default_str();
    app.add_flag("--json", options->json, "JSON instead of text");
    app.footer(
        "Examples:\n"
        "  headworks restore /backups/monday --data ./data\n"
        "Ends with code 5 where the data folder holds history already.");
    return [options] { return restore(*options); };
}

}  // namespace hw::app
