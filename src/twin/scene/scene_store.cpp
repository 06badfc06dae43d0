#include "twin/scene/scene_store.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "sql/json.h"
#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

using catalog::as_int;
using catalog::as_text;
using catalog::ColumnType;
using catalog::Row;
using catalog::Session;
using catalog::Value;

constexpr catalog::Migration migrations[] = {
    {"scenes",
     "create table twin_scene (site text not null primary key, name text not null, revision bigint "
     "not null, created bigint not null, updated bigint not null, actor text not null, nodes "
     "bigint not null, head text not null);\n"
     "create table twin_scene_node (site text not null references twin_scene (site) on delete "
     "cascade, id text not null, place bigint not null, body text not null, primary key (site, "
     "id));\n"
     "create table twin_scene_use (site text not null references twin_scene (site) on delete "
     "cascade, asset text not null, primary key (site, asset));\n"
     "create table twin_asset_blob (digest text not null primary key, size bigint not null, body "
     "blob not null);\n"
     "create table twin_asset (name text not null primary key, digest text not null references "
     "twin_asset_blob (digest), media_type text not null, size bigint not null, revision bigint "
     "not null, updated bigint not null, actor text not null);\n"}};

constexpr std::string_view select_assets =
    "select name, digest, media_type, size, revision, updated, actor from twin_asset ";

// The result of reading within the database's lock.
template <class T>
Result<T> read_from(const catalog::Database& database,
                    const std::function<Result<T>(Session&)>& work) {
    std::optional<T> out;
    const auto done = database.read([&](Session& session) -> Result<void> {
        out = HW_TRY(work(session));
        return {};
    });
    if (!done) return fail(done.error());
    return std::move(*out);
}

Result<std::vector<AssetEntry>> entries(Session& session, const std::string& sql,
                                        std::initializer_list<Value> parameters) {
    auto rows = HW_TRY(
        session.rows(sql,
                     {ColumnType::text, ColumnType::text, ColumnType::text, ColumnType::int64,
                      ColumnType::int64, ColumnType::int64, ColumnType::text},
                     parameters));
    std::vector<AssetEntry> out;
    for (auto& row : rows)
        out.push_back({as_text(std::move(row[0])), as_text(std::move(row[1])),
                       as_text(std::move(row[2])), static_cast<size_t>(as_int(row[3])),
                       as_int(row[4]), Time{as_int(row[5])}, as_text(std::move(row[6]))});
    return out;
}

Result<void> write_uses(Session& session, const Scene& scene) {
    HW_TRY(session.run("delete from twin_scene_use where site = :site", {scene.site}));
    for (const auto& asset : assets_of(scene))
        HW_TRY(session.run("insert into twin_scene_use (site, asset) values (:site, :asset)",
                           {scene.site, asset}));
    return {};
}

Result<void> write_node(Session& session, const Scene& scene, size_t place) {
    const auto& node = *scene.nodes[place];
    HW_TRY(session.run("delete from twin_scene_node where site = :site and id = :id",
                       {scene.site, node.id}));
    HW_TRY(
        session.run("insert into twin_scene_node (site, id, place, body) values (:site, :id, "
                    ":place, :body)",
                    {scene.site, node.id, static_cast<int64_t>(place), sql::to_json(node.body)}));
    return {};
}

Result<void> write_all(Session& session, const Scene& scene) {
    HW_TRY(session.run("delete from twin_scene_node where site = :site", {scene.site}));
    constexpr std::array types = {ColumnType::text, ColumnType::text, ColumnType::int64,
                                  ColumnType::text};
    auto insert = HW_TRY(session.prepare(
        "insert into twin_scene_node (site, id, place, body) values (:site, :id, :place, :body)",
        types));
    for (size_t i = 0; i < scene.nodes.size(); ++i) {
        const std::array<Value, 4> row = {scene.site, scene.nodes[i]->id, static_cast<int64_t>(i),
                                          sql::to_json(scene.nodes[i]->body)};
        HW_TRY(insert.run(row));
    }
    return {};
}

// Nodes that are not the same object as before. Places may have gaps: only their order counts.
Result<void> write_changes(Session& session, const Scene& scene, const Scene& before) {
    for (const auto& node : before.nodes)
        if (!scene.index(node->id))
            HW_TRY(session.run("delete from twin_scene_node where site = :site and id = :id",
                               {scene.site, node->id}));
    const bool shrunk = scene.nodes.size() < before.nodes.size();
    for (size_t i = 0; i < scene.nodes.size(); ++i) {
        const auto known = before.index(scene.nodes[i]->id);
        if (!known || before.nodes[*known] != scene.nodes[i]) {
            HW_TRY(write_node(session, scene, i));
        } else if (shrunk && *known != i) {
            HW_TRY(
                session.run("update twin_scene_node set place = :place where site = :site and "
                            "id = :id",
                            {static_cast<int64_t>(i), scene.site, scene.nodes[i]->id}));
        }
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<SceneStore>> SceneStore::open(catalog::Database& database) {
    HW_TRY(database.migrate("twin_scene", migrations));
    return std::unique_ptr<SceneStore>(new SceneStore(database));
}

Result<std::vector<SceneEntry>> SceneStore::list() const {
    return read_from<std::vector<SceneEntry>>(
        database_, [](Session& session) -> Result<std::vector<SceneEntry>> {
            auto rows = HW_TRY(session.rows(
                "select site, name, revision, updated, actor, nodes from twin_scene order by site",
                {ColumnType::text, ColumnType::text, ColumnType::int64, ColumnType::int64,
                 ColumnType::text, ColumnType::int64}));
            std::vector<SceneEntry> out;
            for (auto& row : rows)
                out.push_back({as_text(std::move(row[0])), as_text(std::move(row[1])),
                               as_int(row[2]), Time{as_int(row[3])}, as_text(std::move(row[4])),
                               static_cast<size_t>(as_int(row[5]))});
            return out;
        });
}

Result<std::optional<StoredScene>> SceneStore::load(std::string_view site) const {
    using Found = std::optional<StoredScene>;
    return read_from<Found>(database_, [&](Session& session) -> Result<Found> {
        const std::string key(site);
        auto heads = HW_TRY(session.rows(
            "select revision, created, updated, actor, head from twin_scene where site = :site",
            {ColumnType::int64, ColumnType::int64, ColumnType::int64, ColumnType::text,
             ColumnType::text},
            {key}));
        if (heads.empty()) return Found();
        auto rows = HW_TRY(
            session.rows("select body from twin_scene_node where site = :site order by place, id",
                         {ColumnType::text}, {key}));
        sql::JsonReader reader(scene_bytes_limit);
        auto& head = heads[0];
        StoredScene out;
        out.revision = as_int(head[0]);
        out.created.ns = as_int(head[1]);
        out.updated.ns = as_int(head[2]);
        out.actor = as_text(std::move(head[3]));
        auto head_json = HW_TRY(reader.read(as_text(std::move(head[4]))));
        std::vector<sql::Datum> nodes;
        nodes.reserve(rows.size());
        for (auto& row : rows) {
            auto node = HW_TRY(reader.read(as_text(std::move(row[0]))));
            nodes.push_back(std::move(node));
        }
        SceneFlaws flaws;
        auto scene = scene_of(site, std::move(head_json), std::move(nodes), flaws);
        if (!scene)
            return fail(ErrorCode::corrupt, fmt::format("the stored scene of '{}' is not read: {}",
                                                        site, scene.error().text()));
        out.scene = std::move(*scene);
        return Found(std::move(out));
    });
}

Result<void> SceneStore::save(const StoredScene& stored, const Scene* before) {
    const auto& scene = stored.scene;
    return database_.transaction([&](Session& session) -> Result<void> {
        const auto* given = scene.head.find("name");
        // What was checked as a scene's name is one of a list, too.
        const std::string name =
            given == nullptr ? std::string() : read_name(*given).value_or(std::string());
        const auto count = static_cast<int64_t>(scene.nodes.size());
        const std::string head = sql::to_json(scene.head);
        const uint64_t known = HW_TRY(session.run(
            "update twin_scene set name = :name, revision = :revision, updated = :updated, actor "
            "= :actor, nodes = :nodes, head = :head where site = :site",
            {name, stored.revision, stored.updated.ns, stored.actor, count, head, scene.site}));
        if (known == 0)
            HW_TRY(session.run(
                "insert into twin_scene (site, name, revision, created, updated, actor, nodes, "
                "head) values (:site, :name, :revision, :created, :updated, :actor, :nodes, :head)",
                {scene.site, name, stored.revision, stored.created.ns, stored.updated.ns,
                 stored.actor, count, head}));
        HW_TRY(before == nullptr ? write_all(session, scene)
                                 : write_changes(session, scene, *before));
        return write_uses(session, scene);
    });
}

Result<bool> SceneStore::remove(std::string_view site) {
    uint64_t removed = 0;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        removed =
            HW_TRY(session.run("delete from twin_scene where site = :site", {std::string(site)}));
        return {};
    });
    if (!done) return fail(done.error());
    return removed > 0;
}

Result<std::vector<AssetEntry>> SceneStore::assets() const {
    return read_from<std::vector<AssetEntry>>(database_, [](Session& session) {
        return entries(session, std::string(select_assets) + "order by name", {});
    });
}

Result<std::optional<AssetEntry>> SceneStore::asset(std::string_view name) const {
    using Found = std::optional<AssetEntry>;
    return read_from<Found>(database_, [&](Session& session) -> Result<Found> {
        auto found = HW_TRY(entries(session, std::string(select_assets) + "where name = :name",
                                    {std::string(name)}));
        return found.empty() ? Found() : Found(std::move(found[0]));
    });
}

Result<std::string> SceneStore::asset_bytes(std::string_view digest) const {
    return read_from<std::string>(database_, [&](Session& session) -> Result<std::string> {
        auto rows = HW_TRY(session.rows("select body from twin_asset_blob where digest = :digest",
                                        {ColumnType::bytes}, {std::string(digest)}));
        if (rows.empty())
            return fail(ErrorCode::not_found, fmt::format("there are no bytes of '{}'", digest));
        return std::get<model::Bytes>(std::move(rows[0][0])).data;
    });
}

namespace {

// Bytes that no name stands for any more.
Result<void> drop_unused(Session& session) {
    HW_TRY(
        session.run("delete from twin_asset_blob where digest not in (select digest from "
                    "twin_asset)"));
    return {};
}

}  // namespace

Result<void> SceneStore::save_asset(const AssetEntry& entry, std::string_view bytes) {
    return database_.transaction([&](Session& session) -> Result<void> {
        const int64_t known = HW_TRY(session.number(
            "select count(*) from twin_asset_blob where digest = :digest", {entry.digest}));
        if (known == 0) {
            HW_TRY(session.run(
                "insert into twin_asset_blob (digest, size, body) values (:digest, :size, :body)",
                {entry.digest, static_cast<int64_t>(bytes.size()),
                 model::Bytes{std::string(bytes)}}));
        }
        HW_TRY(session.run("delete from twin_asset where name = :name", {entry.name}));
        HW_TRY(session.run(
            "insert into twin_asset (name, digest, media_type, size, revision, updated, actor) "
            "values (:name, :digest, :media_type, :size, :revision, :updated, :actor)",
            {entry.name, entry.digest, entry.media_type, static_cast<int64_t>(entry.bytes),
             entry.revision, entry.updated.ns, entry.actor}));
        return drop_unused(session);
    });
}

Result<bool> SceneStore::remove_asset(std::string_view name) {
    uint64_t removed = 0;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        removed =
            HW_TRY(session.run("delete from twin_asset where name = :name", {std::string(name)}));
        return drop_unused(session);
    });
    if (!done) return fail(done.error());
    return removed > 0;
}

Result<std::vector<std::string>> SceneStore::users_of(std::string_view asset) const {
    return read_from<std::vector<std::string>>(
        database_, [&](Session& session) -> Result<std::vector<std::string>> {
            auto rows = HW_TRY(
                session.rows("select site from twin_scene_use where asset = :asset order by site",
                             {ColumnType::text}, {std::string(asset)}));
            std::vector<std::string> out;
            for (auto& row : rows)
                out.push_back(as_text(std::move(row[0])));
            return out;
        });
}

Result<size_t> SceneStore::asset_bytes_total() const {
    return read_from<size_t>(database_, [](Session& session) -> Result<size_t> {
        const int64_t size = HW_TRY(session.number("select sum(size) from twin_asset_blob"));
        return static_cast<size_t>(size);
    });
}

}  // namespace hw::twin
