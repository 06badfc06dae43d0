#include "api/twin_scene.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/gateway_request.h"
#include "base/json_writer.h"
#include "sql/json.h"
#include "twin/model/twin_name.h"

namespace hw::api {

namespace {

const std::vector<std::string> export_parameters = {"at", "lod", "live", "assets"};

Result<twin::Change> scene_change_of(const io::HttpRequest& request) {
    auto change = change_of(request);
    HW_TRY(read_if_match(request, change));
    return twin::Change{std::move(change.actor), std::move(change.origin), change.revision, {}};
}

std::string etag_of(int64_t revision) {
    return fmt::format("\"{}\"", revision);
}

void write_flaws(JsonWriter& json, std::string_view name, const twin::SceneFlaws& flaws) {
    json.key(name);
    json.begin_array();
    for (const auto& flaw : flaws.found()) {
        json.begin_object();
        json.member("field", flaw.path.empty() ? "/" : flaw.path);
        if (!flaw.node.empty()) json.member("node", flaw.node);
        json.member("text", flaw.text);
        json.end_object();
    }
    json.end_array();
    if (flaws.more() > 0) json.member("more", flaws.more());
}

// 422 with every flaw; 412 where the revision is another one; else as the error says.
void refuse(Exchange& exchange, const Error& error, const twin::SceneFlaws& flaws,
            const std::optional<int64_t>& revision) {
    if (revision && error.code() == ErrorCode::conflict)
        return exchange.respond(problem(412, to_string(error.code()), error.text()));
    if (flaws.none()) return exchange.fail(error);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("type", "about:blank");
    json.member("title", "Unprocessable Content");
    json.member("status", 422);
    json.member("code", to_string(error.code()));
    json.member("detail", error.text());
    write_flaws(json, "errors", flaws);
    json.end_object();
    exchange.respond({422, {{"content-type", "application/problem+json"}}, std::move(body)});
}

void write_head(JsonWriter& json, const twin::StoredScene& stored) {
    json.member("site", stored.scene.site);
    json.member("revision", stored.revision);
    json.member("created_at", stored.created);
    json.member("updated_at", stored.updated);
    json.member("updated_by", stored.actor);
    json.member("nodes", stored.scene.nodes.size());
}

// What a change answers: the head and the warnings; of a node, the node.
void answer(Exchange& exchange, const Result<twin::SceneChange>& done,
            const twin::SceneFlaws& flaws, const std::optional<int64_t>& revision,
            std::string_view node = {}) {
    if (!done) return refuse(exchange, done.error(), flaws, revision);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_head(json, *done->scene);
    if (const auto* found = node.empty() ? nullptr : done->scene->scene.find(node)) {
        json.key("node");
        json.raw(sql::to_json(found->body));
    }
    write_flaws(json, "warnings", done->warnings);
    json.end_object();
    auto response = json_response(std::move(body), done->created ? 201 : 200);
    response.headers.emplace_back("etag", etag_of(done->scene->revision));
    exchange.respond(std::move(response));
}

void write_asset(JsonWriter& json, const twin::AssetEntry& entry) {
    json.begin_object();
    json.member("name", entry.name);
    json.member("digest", entry.digest);
    json.member("media_type", entry.media_type);
    json.member("bytes", entry.bytes);
    json.member("revision", entry.revision);
    json.member("updated_at", entry.updated);
    json.member("updated_by", entry.actor);
    json.end_object();
}

Result<twin::ExportOptions> export_options(const io::HttpRequest& request) {
    HW_TRY(check_parameters(request, export_parameters));
    twin::ExportOptions options;
    const auto lod = request.parameter("lod").value_or("medium");
    const auto detail = twin::detail_from(lod);
    if (!detail)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("lod '{}' is none of low, medium, high", lod));
    options.detail = *detail;
    const auto assets = request.parameter("assets").value_or("embed");
    if (assets != "embed" && assets != "reference")
        return fail(ErrorCode::invalid_argument,
                    fmt::format("assets '{}' is none of embed, reference", assets));
    options.embed_assets = assets == "embed";
    return options;
}

// Values of a snapshot by twin and path.
twin::LiveSource source_of(const twin::Snapshot& snapshot) {
    return [&snapshot](std::string_view id,
                       std::string_view path) -> std::optional<twin::LiveValue> {
        // The twins are in the order of their ids.
        const auto at = std::lower_bound(snapshot.twins.begin(), snapshot.twins.end(), id,
                                         [](const twin::TwinState& state, std::string_view wanted) {
                                             return state.id < wanted;
                                         });
        if (at == snapshot.twins.end() || at->id != id) return std::nullopt;
        for (const auto& property : at->properties)
            if (property.path == path) return property.live;
        return std::nullopt;
    };
}

}  // namespace

void TwinSceneOperations::list(Exchange exchange) const {
    const auto scenes = rooms_.scenes->list();
    if (!scenes) return exchange.fail(scenes.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& entry : *scenes) {
        if (!exchange.principal().may(access::Verb::read, entry.site)) continue;
        json.begin_object();
        json.member("site", entry.site);
        twin::write_name(json, "name", entry.name);
        json.member("revision", entry.revision);
        json.member("updated_at", entry.updated);
        json.member("updated_by", entry.actor);
        json.member("nodes", entry.nodes);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void TwinSceneOperations::get(Exchange exchange) const {
    const auto stored = rooms_.scenes->get(exchange.place("id"));
    if (!stored) return exchange.fail(stored.error());
    const std::string etag = etag_of((*stored)->revision);
    if (exchange.request.header("if-none-match") == std::optional<std::string_view>(etag))
        return exchange.respond({304, {{"etag", etag}}, ""});
    auto response = json_response((*stored)->scene.json());
    response.headers.emplace_back("etag", etag);
    response.headers.emplace_back("last-modified", format_http_date((*stored)->updated));
    exchange.respond(std::move(response));
}

void TwinSceneOperations::put(Exchange exchange) {
    const auto change = scene_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    twin::SceneFlaws flaws;
    const auto done =
        rooms_.scenes->put(exchange.place("id"), exchange.request.body, *change, flaws);
    answer(exchange, done, flaws, change->revision);
}

void TwinSceneOperations::patch(Exchange exchange) {
    const auto change = scene_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    twin::SceneFlaws flaws;
    const auto done =
        rooms_.scenes->patch(exchange.place("id"), exchange.request.body, *change, flaws);
    answer(exchange, done, flaws, change->revision);
}

void TwinSceneOperations::remove(Exchange exchange) {
    const auto change = scene_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    if (auto removed = rooms_.scenes->remove(exchange.place("id"), *change); !removed)
        return refuse(exchange, removed.error(), {}, change->revision);
    exchange.respond({204, {}, ""});
}

void TwinSceneOperations::check(Exchange exchange) const {
    twin::SceneFlaws flaws;
    const auto scene = rooms_.scenes->check(exchange.place("id"), exchange.request.body, flaws);
    if (!scene) return refuse(exchange, scene.error(), flaws, {});
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("site", scene->site);
    json.member("nodes", scene->nodes.size());
    write_flaws(json, "warnings", rooms_.scenes->warnings(*scene));
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void TwinSceneOperations::get_node(Exchange exchange) const {
    const auto stored = rooms_.scenes->get(exchange.place("id"));
    if (!stored) return exchange.fail(stored.error());
    const auto* node = (*stored)->scene.find(exchange.place("node"));
    if (node == nullptr)
        return exchange.fail(
            Error(ErrorCode::not_found, fmt::format("the scene of '{}' has no node '{}'",
                                                    exchange.place("id"), exchange.place("node"))));
    auto response = json_response(sql::to_json(node->body));
    response.headers.emplace_back("etag", etag_of((*stored)->revision));
    exchange.respond(std::move(response));
}

void TwinSceneOperations::put_node(Exchange exchange, bool patch) {
    const auto change = scene_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto &site = exchange.place("id"), &node = exchange.place("node");
    const auto& body = exchange.request.body;
    twin::SceneFlaws flaws;
    const auto done = patch ? rooms_.scenes->patch_node(site, node, body, *change, flaws)
                            : rooms_.scenes->put_node(site, node, body, *change, flaws);
    answer(exchange, done, flaws, change->revision, node);
}

void TwinSceneOperations::remove_node(Exchange exchange) {
    if (auto known = check_parameters(exchange.request, std::vector<std::string>{"cascade"});
        !known)
        return exchange.fail(known.error());
    const auto cascade = bool_parameter(exchange.request, "cascade");
    if (!cascade) return exchange.fail(cascade.error());
    const auto change = scene_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    const auto done = rooms_.scenes->remove_node(exchange.place("id"), exchange.place("node"),
                                                 cascade->value_or(false), *change);
    answer(exchange, done, {}, change->revision);
}

void TwinSceneOperations::exported(Exchange exchange, bool binary) const {
    auto options = export_options(exchange.request);
    if (!options) return exchange.fail(options.error());
    options->binary = binary;
    const auto& site = exchange.place("id");
    const auto at = time_parameter(exchange.request, "at", rooms_.clock.now());
    if (!at) return exchange.fail(at.error());
    const auto live = bool_parameter(exchange.request, "live");
    if (!live) return exchange.fail(live.error());
    const auto stored = rooms_.scenes->get(site);
    if (!stored) return exchange.fail(stored.error());
    twin::Snapshot snapshot;
    twin::LiveSource source;
    if (rooms_.states && live->value_or(true)) {
        auto states = rooms_.states(twin::twins_of((*stored)->scene), *at);
        if (!states) return exchange.fail(states.error());
        snapshot = std::move(*states);
        source = source_of(snapshot);
        options->live = &source;
        options->at = at->value_or(snapshot.time);
    }
    auto file = rooms_.scenes->exported(site, *options);
    if (!file) return exchange.fail(file.error());
    const std::string_view type = binary ? "model/gltf-binary" : "model/gltf+json";
    exchange.respond({200,
                      {{"content-type", std::string(type)},
                       {"content-disposition",
                        fmt::format("attachment; filename=\"scene.{}\"", binary ? "glb" : "gltf")},
                       {"etag", etag_of((*stored)->revision)},
                       {"cache-control", "no-store"}},
                      std::move(*file)});
}

void TwinSceneOperations::list_assets(Exchange exchange) const {
    const auto assets = rooms_.scenes->assets();
    if (!assets) return exchange.fail(assets.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& entry : *assets)
        write_asset(json, entry);
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void TwinSceneOperations::get_asset(Exchange exchange) const {
    const auto entry = rooms_.scenes->asset(exchange.place("name"));
    if (!entry) return exchange.fail(entry.error());
    const std::string etag = etag_of(entry->revision);
    if (exchange.request.header("if-none-match") == std::optional<std::string_view>(etag))
        return exchange.respond({304, {{"etag", etag}}, ""});
    auto bytes = rooms_.scenes->asset_bytes(*entry);
    if (!bytes) return exchange.fail(bytes.error());
    exchange.respond({200,
                      {{"content-type", entry->media_type},
                       {"etag", etag},
                       {"x-content-type-options", "nosniff"},
                       {"digest", "sha-256=" + entry->digest}},
                      std::move(*bytes)});
}

void TwinSceneOperations::put_asset(Exchange exchange) {
    const auto change = scene_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    bool created = false;
    const auto entry =
        rooms_.scenes->put_asset(exchange.place("name"), exchange.request.body, *change, created);
    if (!entry) return refuse(exchange, entry.error(), {}, change->revision);
    std::string body;
    JsonWriter json(body);
    write_asset(json, *entry);
    auto response = json_response(std::move(body), created ? 201 : 200);
    response.headers.emplace_back("etag", etag_of(entry->revision));
    exchange.respond(std::move(response));
}

void TwinSceneOperations::remove_asset(Exchange exchange) {
    const auto change = scene_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    if (auto removed = rooms_.scenes->remove_asset(exchange.place("name"), *change); !removed)
        return refuse(exchange, removed.error(), {}, change->revision);
    exchange.respond({204, {}, ""});
}

}  // namespace hw::api
