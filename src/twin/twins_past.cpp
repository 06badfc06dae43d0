#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "model/point_path.h"
#include "twin/twins_impl.h"

namespace hw::twin {

namespace {

// The graph as it was, by places in Snapshot::twins.
using Places = std::unordered_map<std::string_view, size_t>;

std::vector<bool> reached_then(size_t size, const std::vector<std::pair<size_t, size_t>>& edges,
                               size_t root, size_t depth) {
    std::unordered_map<size_t, std::vector<size_t>> next;
    for (const auto& [from, to] : edges)
        next[from].push_back(to);
    std::vector<bool> seen(size);
    seen[root] = true;
    std::vector<size_t> front{root};
    for (; depth > 0 && !front.empty(); --depth) {
        std::vector<size_t> beyond;
        for (const size_t at : front)
            for (const size_t to : next[at])
                if (!seen[to]) {
                    seen[to] = true;
                    beyond.push_back(to);
                }
        front = std::move(beyond);
    }
    return seen;
}

bool held(Time from, const std::optional<Time>& to, Time time) {
    return from <= time && (!to || *to > time);
}

TwinState stored_state(StoredTwin&& stored, const InterfacePtr& model, bool values) {
    TwinState state;
    state.id = std::move(stored.spec.id);
    state.name = std::move(stored.spec.name);
    state.model = model;
    state.revision = stored.revision;
    state.created = stored.created;
    state.updated = stored.from;
    state.updated_by = std::move(stored.actor);
    const auto* bindings = stored.spec.bindings.empty() ? nullptr : &stored.spec.bindings;
    for (size_t i = 0; values && i < model->slots.size(); ++i) {
        auto source = source_of(*model, i, state.id, stored.spec.properties, bindings);
        PropertyState& property = state.properties.emplace_back();
        property.path = model->slots[i].path;
        property.point = std::move(source.point);
        property.live.origin = source.origin;
        if (source.origin == Origin::fixed)
            property.live = {std::move(source.value), stored.from, model::Quality::good, false,
                             Origin::fixed};
    }
    return state;
}

bool is_along(const Scope& scope, const std::string& name) {
    return scope.along.empty() ||
           std::find(scope.along.begin(), scope.along.end(), name) != scope.along.end();
}

}  // namespace

// A filter without wildcards is the id of one twin: its rows alone are read.
Result<Snapshot> TwinsImpl::one_described_at(const Scope& scope, Time time) const {
    Snapshot snapshot;
    snapshot.time = time;
    const auto models = this->models();
    auto versions = HW_TRY(store_->versions(scope.filter));
    for (auto& stored : versions) {
        const InterfacePtr model = models->find(stored.spec.model);
        if (!held(stored.from, stored.to, time) || !model || scope.limit == 0) continue;
        if (stored.spec.id <= scope.after) continue;
        if (!scope.model.empty() && !model->is_a(scope.model)) continue;
        TwinState state = stored_state(std::move(stored), model, scope.values);
        if (scope.relationships) {
            auto edges = HW_TRY(store_->relationship_versions(state.id));
            for (auto& edge : edges)
                if (held(edge.from, edge.to, time))
                    state.relationships.push_back(std::move(edge.spec));
        }
        snapshot.twins.push_back(std::move(state));
        break;
    }
    return snapshot;
}

// Reads all of that time where a root is given: what it reaches is not known before.
Result<Snapshot> TwinsImpl::described_at(const Scope& scope, Time time) const {
    if (scope.root.empty() && scope.filter.find_first_of("+#") == std::string::npos)
        return one_described_at(scope, time);
    Snapshot all;
    all.time = time;
    const auto models = this->models();
    const bool rooted = !scope.root.empty();
    const std::string prefix(rooted ? std::string_view() : literal_prefix(scope.filter));
    HW_TRY(store_->each_twin(time, prefix, [&](StoredTwin&& stored) -> Result<void> {
        const InterfacePtr model = models->find(stored.spec.model);
        if (!model) return {};  // it was removed since
        TwinState state = stored_state(std::move(stored), model, scope.values);
        all.twins.push_back(std::move(state));
        return {};
    }));
    Places places;
    for (size_t i = 0; i < all.twins.size(); ++i)
        places.emplace(all.twins[i].id, i);
    std::vector<std::pair<size_t, size_t>> edges;
    if (rooted || scope.relationships)
        HW_TRY(store_->each_relationship(
            time, prefix, [&](StoredRelationship&& stored) -> Result<void> {
                const auto source = places.find(stored.spec.source);
                const auto target = places.find(stored.spec.target);
                if (source == places.end()) return {};
                if (rooted && target == places.end()) return {};
                if (rooted && is_along(scope, stored.spec.name))
                    edges.emplace_back(scope.incoming ? target->second : source->second,
                                       scope.incoming ? source->second : target->second);
                if (scope.relationships)
                    all.twins[source->second].relationships.push_back(std::move(stored.spec));
                return {};
            }));
    std::vector<bool> wanted(all.twins.size(), true);
    if (rooted) {
        const auto root = places.find(scope.root);
        if (root == places.end())
            return fail(ErrorCode::not_found, fmt::format("there was no twin '{}' at {}",
                                                          scope.root, format_rfc3339(time)));
        wanted = reached_then(all.twins.size(), edges, root->second, scope.depth);
    }
    Snapshot snapshot;
    snapshot.time = time;
    for (size_t i = 0; i < all.twins.size() && snapshot.twins.size() < scope.limit; ++i) {
        TwinState& state = all.twins[i];
        if (!wanted[i] || state.id <= scope.after) continue;
        if (!scope.model.empty() && !state.model->is_a(scope.model)) continue;
        if (scope.filter != "#" && !model::matches(scope.filter, state.id)) continue;
        snapshot.twins.push_back(std::move(state));
    }
    return snapshot;
}

Result<std::vector<Twins::Version>> TwinsImpl::versions(std::string_view id) const {
    auto stored = HW_TRY(store_->versions(id));
    if (stored.empty()) {
        const ReadLock lock(live_.lock());
        HW_TRY(find(id));
    }
    std::vector<Version> versions;
    versions.reserve(stored.size());
    for (auto& version : stored)
        versions.push_back({version.revision, version.from, version.to, std::move(version.actor),
                            std::move(version.spec)});
    return versions;
}

Result<std::vector<Twins::RelationshipVersion>> TwinsImpl::relationship_versions(
    std::string_view id) const {
    std::vector<RelationshipVersion> versions;
    auto all = HW_TRY(store_->relationship_versions(id));
    for (auto& stored : all)
        versions.push_back(
            {std::move(stored.spec), stored.from, stored.to, std::move(stored.actor)});
    return versions;
}

}  // namespace hw::twin
