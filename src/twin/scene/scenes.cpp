#include "twin/scene/scenes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_text.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

std::string target_of(std::string_view site, std::string_view node = {}) {
    return node.empty() ? fmt::format("twins/{}/scene", site)
                        : fmt::format("twins/{}/scene/nodes/{}", site, node);
}

// For the audit: a node whole, a scene by its size.
std::string told(const Scene& scene, std::string_view node) {
    if (node.empty()) return fmt::format("{{\"nodes\":{}}}", scene.nodes.size());
    const auto* found = scene.find(node);
    return found == nullptr ? std::string() : sql::to_json(found->body);
}

Result<void> same_revision(std::string_view what, int64_t now, const Change& change) {
    if (!change.revision || *change.revision == now) return {};
    return fail(ErrorCode::conflict, fmt::format("{} is of revision {} now, not {}; read it again",
                                                 what, now, *change.revision));
}

}  // namespace

void Scenes::note(const Change& change, std::string_view action, std::string target,
                  std::string old_value, std::string new_value, const Error* error) const {
    catalog::AuditRecord record;
    record.time = rooms_.clock.now();
    record.actor = change.actor;
    record.origin = change.origin;
    record.action = action;
    record.target = std::move(target);
    record.old_value = std::move(old_value);
    record.new_value = std::move(new_value);
    record.result = error == nullptr ? "ok" : std::string(to_string(error->code()));
    record.detail = error == nullptr ? change.reason : error->text();
    rooms_.audit.append(std::move(record));
}

Result<std::vector<SceneEntry>> Scenes::list() const {
    return rooms_.store.list();
}

void Scenes::keep(std::string_view site, StoredScenePtr scene) const {
    MutexLock lock(mutex_);
    scenes_.remove_if([&](const StoredScenePtr& known) { return known->scene.site == site; });
    if (scene) scenes_.push_front(std::move(scene));
    if (scenes_.size() > cached_scenes) scenes_.pop_back();
}

StoredScenePtr Scenes::cached(std::string_view site) const {
    MutexLock lock(mutex_);
    for (auto at = scenes_.begin(); at != scenes_.end(); ++at)
        if ((*at)->scene.site == site) {
            scenes_.splice(scenes_.begin(), scenes_, at);
            return scenes_.front();
        }
    return nullptr;
}

// Under the lock of changes, so that an older one does not take a newer one's place in memory.
Result<StoredScenePtr> Scenes::find(std::string_view site) const {
    if (auto known = cached(site)) return known;
    auto loaded = HW_TRY(rooms_.store.load(site));
    if (!loaded) return StoredScenePtr();
    auto scene = std::make_shared<const StoredScene>(std::move(*loaded));
    keep(site, scene);
    return StoredScenePtr(scene);
}

Result<StoredScenePtr> Scenes::get(std::string_view site) const {
    if (auto known = cached(site)) return known;
    {
        const MutexLock lock(changes_);
        auto scene = HW_TRY(find(site));
        if (scene) return scene;
    }
    std::vector<std::string> sites;
    for (auto& entry : HW_TRY(list()))
        sites.push_back(std::move(entry.site));
    return fail(ErrorCode::not_found,
                fmt::format("twin '{}' has no scene{}", site, did_you_mean(site, sites)));
}

SceneFlaws Scenes::warnings(const Scene& scene, std::string_view only_node) const {
    auto references = rooms_.references;
    std::vector<std::string> names;
    if (const auto known = assets())
        for (const auto& entry : *known)
            names.push_back(entry.name);
    references.asset = [&names](std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    return warnings_of(scene, references, only_node);
}

Result<Scene> Scenes::check(std::string_view site, std::string_view json, SceneFlaws& flaws) const {
    return read_scene(json, site, flaws);
}

Result<SceneChange> Scenes::changed(std::string_view site, std::string_view node,
                                    std::string_view action, const Change& change, bool whole,
                                    const Work& work) {
    const MutexLock lock(changes_);
    StoredScenePtr before;
    SceneChange out;
    const auto run = [&]() -> Result<void> {
        before = HW_TRY(find(site));
        if (before == nullptr && !whole)
            return fail(ErrorCode::not_found,
                        fmt::format("twin '{}' has no scene; put one first", site));
        if (before != nullptr)
            HW_TRY(same_revision(fmt::format("the scene of '{}'", site), before->revision, change));
        else if (change.revision.value_or(0) != 0)
            return fail(ErrorCode::conflict, fmt::format("twin '{}' has no scene of revision {}",
                                                         site, *change.revision));
        if (before == nullptr && HW_TRY(list()).size() >= scenes_limit)
            return fail(
                ErrorCode::limit_exceeded,
                fmt::format("there are {} scenes already, as many as may be", scenes_limit));
        StoredScene now;
        out.created = before == nullptr;
        now.scene = HW_TRY(work(before.get(), out.created));
        now.revision = before == nullptr ? 1 : before->revision + 1;
        now.updated = rooms_.clock.now();
        now.created = before == nullptr ? now.updated : before->created;
        now.actor = change.actor;
        HW_TRY(rooms_.store.save(now, before == nullptr || whole ? nullptr : &before->scene));
        out.scene = std::make_shared<const StoredScene>(std::move(now));
        keep(site, out.scene);
        return {};
    };
    const auto done = run();
    note(change, action, target_of(site, node), before ? told(before->scene, node) : std::string(),
         done ? told(out.scene->scene, node) : std::string(), done ? nullptr : &done.error());
    if (!done) return fail(done.error());
    out.warnings = warnings(out.scene->scene, node);
    return out;
}

Result<SceneChange> Scenes::put(std::string_view site, std::string_view json, const Change& change,
                                SceneFlaws& flaws) {
    return changed(site, "", "scene.put", change, true,
                   [&](const StoredScene*, bool&) { return read_scene(json, site, flaws); });
}

Result<SceneChange> Scenes::patch(std::string_view site, std::string_view json,
                                  const Change& change, SceneFlaws& flaws) {
    return changed(site, "", "scene.patch", change, false, [&](const StoredScene* before, bool&) {
        return with_patched_head(before->scene, json, flaws);
    });
}

Result<SceneChange> Scenes::put_node(std::string_view site, std::string_view node,
                                     std::string_view json, const Change& change,
                                     SceneFlaws& flaws) {
    return changed(site, node, "scene.node.put", change, false,
                   [&](const StoredScene* before, bool& created) {
                       return with_node(before->scene, node, json, flaws, created);
                   });
}

Result<SceneChange> Scenes::patch_node(std::string_view site, std::string_view node,
                                       std::string_view json, const Change& change,
                                       SceneFlaws& flaws) {
    return changed(site, node, "scene.node.patch", change, false,
                   [&](const StoredScene* before, bool&) {
                       return with_patched_node(before->scene, node, json, flaws);
                   });
}

Result<SceneChange> Scenes::remove_node(std::string_view site, std::string_view node, bool cascade,
                                        const Change& change) {
    return changed(site, node, "scene.node.delete", change, false,
                   [&](const StoredScene* before, bool&) {
                       return without_node(before->scene, node, cascade);
                   });
}

Result<void> Scenes::remove(std::string_view site, const Change& change) {
    const MutexLock lock(changes_);
    std::string old_value;
    const auto run = [&]() -> Result<void> {
        const auto before = HW_TRY(find(site));
        if (before == nullptr)
            return fail(ErrorCode::not_found, fmt::format("twin '{}' has no scene", site));
        HW_TRY(same_revision(fmt::format("the scene of '{}'", site), before->revision, change));
        old_value = told(before->scene, "");
        HW_TRY(rooms_.store.remove(site));
        keep(site, nullptr);
        return {};
    };
    const auto done = run();
    note(change, "scene.delete", target_of(site), std::move(old_value), {},
         done ? nullptr : &done.error());
    return done;
}

Result<std::string> Scenes::exported(std::string_view site, ExportOptions options) const {
    const auto stored = HW_TRY(get(site));
    options.revision = stored->revision;
    options.asset = [this](std::string_view name) { return asset_file(name); };
    return export_gltf(stored->scene, options);
}

}  // namespace hw::twin
