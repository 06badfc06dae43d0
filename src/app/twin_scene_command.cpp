#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/device_commands.h"
#include "app/json_text.h"
#include "app/server_client.h"
#include "app/table.h"
#include "app/terminal.h"
#include "app/twin_scene_commands.h"
#include "io/http_client.h"
#include "twin/model/twin_name.h"
#include "twin/scene/scene.h"

namespace hw::app {

namespace {

struct Options {
    ServerAddress server;
    std::string twin, file, output, at, lod, assets, node;
    bool json = false, offline = false, described = false;
};

std::string target_of(std::string_view twin, std::string_view rest = "") {
    return fmt::format("/api/v1/twins/{}/scene{}", io::percent_encode(twin), rest);
}

Exit list(const Options& options) {
    const auto answer =
        ask_server(options.server, "GET", "/api/v1/twin/scenes", "application/json");
    if (!answer) return report(answer.error(), options.json);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error(), options.json);
    Table table(
        {{"TWIN", false}, {"NAME", false}, {"NODES", true}, {"REVISION", true}, {"UPDATED", false}},
        may_colour(STDOUT_FILENO));
    for (const auto& scene : json->items("items"))
        table.add({printable_cell(scene.text("site")),
                   printable_cell(twin::name_in(scene.text("name"))), scene.text("nodes"),
                   scene.text("revision"), scene.text("updated_at")});
    write_out(options.json ? answer->body + "\n" : table.render());
    flush_out();
    return Exit::ok;
}

Exit get(const Options& options) {
    const std::string part =
        options.node.empty() ? "" : "/nodes/" + io::percent_encode(options.node);
    const auto answer =
        ask_server(options.server, "GET", target_of(options.twin, part), "application/json");
    if (!answer) return report(answer.error(), options.json);
    write_out(answer->body + "\n");
    flush_out();
    return Exit::ok;
}

void write_warnings(const JsonText& json) {
    for (const auto& warning : json.items("warnings")) {
        const auto node = warning.text("node");
        write_out(fmt::format("  warning: {}{}: {}\n", printable_cell(warning.text("field")),
                              node.empty() ? "" : fmt::format(" (node '{}')", printable_cell(node)),
                              printable_cell(warning.text("text"))));
    }
}

// Sends the file; flaws come with the error, warnings are listed.
Exit send(const Options& options, std::string_view method, std::string_view rest,
          std::string_view done) {
    auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    const auto answer =
        send_to_server(options.server, method, target_of(options.twin, rest), {*body});
    if (!answer) return report(answer.error(), options.json);
    const auto json = JsonText::parse(answer->body);
    if (!json) return report(json.error(), options.json);
    if (options.json) {
        write_out(answer->body + "\n");
    } else {
        write_out(fmt::format("{} {}: {} nodes\n", done, options.twin, json->text("nodes")));
        write_warnings(*json);
    }
    flush_out();
    return Exit::ok;
}

Exit put(const Options& options) {
    return send(options, "PUT", "", "put");
}

// Here, without a server: what needs none.
Exit check_offline(const Options& options) {
    const auto body = read_input(options.file);
    if (!body) return report(body.error(), options.json);
    twin::SceneFlaws flaws;
    const auto scene = twin::read_scene(*body, options.twin, flaws);
    if (!scene) {
        std::string text = scene.error().text();
        if (!flaws.none()) {
            text = fmt::format("{} flaws", flaws.found().size() + flaws.more());
            for (const auto& flaw : flaws.found())
                text += "\n  " + printable_cell(flaw.full_text());
        }
        return report(Error(scene.error().code(), std::move(text)), options.json);
    }
    const auto warnings = twin::warnings_of(*scene, {});
    write_out(fmt::format("sound: {} nodes\n", scene->nodes.size()));
    for (const auto& warning : warnings.found())
        write_out(fmt::format("  warning: {}\n", printable_cell(warning.full_text())));
    flush_out();
    return Exit::ok;
}

Exit check(const Options& options) {
    return options.offline ? check_offline(options) : send(options, "POST", "/check", "sound");
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
    // Whole or not at all.
    const std::string part = path + ".part";
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    std::error_code error;
    if (file) std::filesystem::rename(part, path, error);
    if (file && !error) return {};
    std::filesystem::remove(part, error);
    return fail(ErrorCode::io_failed,
                fmt::format("'{}' cannot be written; is there such a folder?", path));
}

Exit export_scene(const Options& options) {
    const bool text = options.output.ends_with(".gltf");
    if (!text && !options.output.ends_with(".glb") && options.output != "-")
        return report(Error(ErrorCode::invalid_argument,
                            fmt::format("'{}' ends neither in .gltf nor in .glb", options.output)),
                      options.json);
    QueryText query;
    query.add("at", options.at).add("lod", options.lod).add("assets", options.assets);
    if (options.described) query.add("live", "false");
    const auto answer = ask_server(options.server, "GET",
                                   target_of(options.twin, text ? ".gltf" : ".glb") + query.text(),
                                   text ? "model/gltf+json" : "model/gltf-binary");
    if (!answer) return report(answer.error(), options.json);
    if (options.output == "-") {
        write_out(answer->body);
        flush_out();
        return Exit::ok;
    }
    if (auto written = write_file(options.output, answer->body); !written)
        return report(written.error(), options.json);
    write_out(options.json ? fmt::format("{{\"bytes\":{}}}\n", answer->body.size())
                           : fmt::format("{}: {} bytes\n", options.output, answer->body.size()));
    flush_out();
    return Exit::ok;
}

Exit remove(const Options& options) {
    const auto answer = send_to_server(options.server, "DELETE", target_of(options.twin), {});
    if (!answer) return report(answer.error(), options.json);
    write_out(options.json ? "{}\n" : fmt::format("deleted the scene of {}\n", options.twin));
    flush_out();
    return Exit::ok;
}

}  // namespace

std::function<Exit()> define_twin_scene(CLI::App& app) {
    app.require_subcommand(1);
    const auto options = std::make_shared<Options>();
    std::vector<std::pair<CLI::App*, Exit (*)(const Options&)>> parts;
    const auto add = [&](const char* name, const char* help, Exit (*act)(const Options&)) {
        auto* part = app.add_subcommand(name, help);
        part->add_flag("--json", options->json, "JSON instead of text");
        add_url_option(*part, options->server);
        parts.emplace_back(part, act);
        return part;
    };
    const auto of_twin = [&](CLI::App* part) {
        part->add_option("TWIN", options->twin, "Id of the site's twin")->required();
        return part;
    };
    add("list", "List the scenes there are", list);
    of_twin(add("get", "Print a scene as JSON", get))
        ->add_option("--node", options->node, "Only this node of it");
    of_twin(add("put", "Create or replace a scene of a file", put))
        ->add_option("FILE", options->file, "JSON; - for standard input")
        ->required();
    auto* check_app = of_twin(add("check", "Check a scene, keep nothing", check));
    check_app->add_option("FILE", options->file, "JSON; - for standard input")->required();
    check_app->add_flag("--offline", options->offline, "Without a server, so without its twins");
    auto* export_app = of_twin(add("export", "Write a scene as glTF, with values", export_scene));
    export_app->add_option("FILE", options->output, "scene.glb, scene.gltf, or - for GLB")
        ->required();
    export_app->add_option("--at", options->at, "Values of this time; default: now");
    export_app->add_option("--lod", options->lod, "low, medium or high");
    export_app->add_option("--assets", options->assets, "embed, or reference");
    export_app->add_flag("--described", options->described, "Without values");
    of_twin(add("delete", "Remove a scene", remove));
    app.footer(
        "Examples:\n"
        "  headworks twin scene check bluewater/plant1 scene.json --offline\n"
        "  headworks twin scene put bluewater/plant1 scene.json\n"
        "  headworks twin scene export bluewater/plant1 plant.glb --at now-1d --lod high");
    return [parts = std::move(parts), options] {
        for (const auto& [part, act] : parts)
            if (part->parsed()) return act(*options);
        return Exit::usage;
    };
}

}  // namespace hw::app
