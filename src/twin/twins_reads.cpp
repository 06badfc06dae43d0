#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_text.h"
#include "model/point_path.h"
#include "twin/twins_impl.h"

namespace hw::twin {

namespace {

constexpr size_t piece_edges = 1024;  // that are read under one hold of the lock

}  // namespace

std::shared_ptr<const Models> TwinsImpl::models() const {
    const MutexLock lock(models_mutex_);
    return models_;
}

Result<const Twin*> TwinsImpl::find(std::string_view id) const {
    if (const Twin* twin = std::as_const(live_).graph().find(id)) return twin;
    return fail(ErrorCode::not_found,
                fmt::format("there is no twin '{}'{}", model::printable(id.substr(0, 128)),
                            did_you_mean(id, std::as_const(live_).graph().near(id))));
}

Result<size_t> TwinsImpl::slot_of(const Twin& twin, std::string_view path) const {
    const Interface& model = *twin.model->interface;
    if (const auto slot = model.slot(path)) return *slot;
    std::vector<std::string> paths;
    for (const auto& slot : model.slots)
        paths.push_back(slot.path);
    return fail(ErrorCode::not_found, fmt::format("'{}' is no telemetry or property of {}{}",
                                                  model::printable(path.substr(0, 128)), model.id,
                                                  did_you_mean(path, paths)));
}

bool TwinsImpl::waits(const Twin& twin, size_t slot, uint32_t queued) const {
    if (!queue_.waits(queued)) return false;  // nothing at all
    const CompiledSlot& compiled = twin.model->slots[slot];
    if (compiled.derived >= 0) return true;  // of what, is not known here
    const uint32_t point =
        std::as_const(live_).slots().point(twin.first_slot + static_cast<uint32_t>(slot));
    if (point == Slots::awaited_point) return true;
    if (point == Slots::no_point) return false;
    const auto* entry = std::as_const(live_).point_table().find(point);
    return queue_.waits(entry->last_tap.load(std::memory_order_relaxed));
}

bool TwinsImpl::waits(const Twin& twin, uint32_t queued) const {
    if (!queue_.waits(queued)) return false;
    for (size_t i = 0; i < twin.model->slots.size(); ++i)
        if (waits(twin, i, queued)) return true;
    return false;
}

// Waits only where the queue holds a sample of this very slot: at a million samples a second the
// queue is hardly ever empty.
Result<LiveValue> TwinsImpl::read(std::string_view id, std::string_view path) const {
    const uint32_t queued = queue_.queued();
    {
        const ReadLock lock(live_.lock());
        const Twin* twin = HW_TRY(find(id));
        const size_t slot = HW_TRY(slot_of(*twin, path));
        if (!waits(*twin, slot, queued))
            return std::as_const(live_)
                .slots()[twin->first_slot + static_cast<uint32_t>(slot)]
                .live();
    }
    wait_for(queued);
    const ReadLock lock(live_.lock());
    const Twin* twin = HW_TRY(find(id));
    const size_t slot = HW_TRY(slot_of(*twin, path));
    return std::as_const(live_).slots()[twin->first_slot + static_cast<uint32_t>(slot)].live();
}

Result<std::string> TwinsImpl::point(std::string_view id, std::string_view path) const {
    const ReadLock lock(live_.lock());
    const Twin* twin = HW_TRY(find(id));
    const size_t slot = HW_TRY(slot_of(*twin, path));
    return live_.point_path(*twin, static_cast<uint32_t>(slot));
}

TwinState TwinsImpl::state_of(const Twin& twin, bool values) const {
    TwinState state;
    state.id = twin.name.id;
    state.name = twin.display_name;
    state.model = twin.model->interface;
    state.revision = twin.revision;
    state.created = twin.created;
    state.updated = twin.updated;
    if (twin.updated_by != nullptr) state.updated_by = *twin.updated_by;
    if (!values) return state;
    const auto& slots = state.model->slots;
    state.properties.resize(slots.size());
    for (uint32_t i = 0; i < slots.size(); ++i) {
        state.properties[i].path = slots[i].path;
        state.properties[i].point = live_.point_path(twin, i);
        state.properties[i].live = std::as_const(live_).slots()[twin.first_slot + i].live();
    }
    return state;
}

void TwinsImpl::add_relationships(TwinState& state) const {
    if (auto found = relationships({.twin = state.id}); found)
        state.relationships = std::move(*found);
}

Result<TwinState> TwinsImpl::get(std::string_view id) const {
    const uint32_t queued = queue_.queued();
    TwinState state;
    bool more = false;
    const auto look = [&](bool settled) -> Result<bool> {
        const ReadLock lock(live_.lock());
        const Twin* twin = HW_TRY(find(id));
        if (!settled && waits(*twin, queued)) return false;
        state = state_of(*twin, true);
        more = twin->out.size() > piece_edges;
        if (more) return true;
        std::as_const(live_).graph().walk(*twin, Graph::Walk{}, [&](uint32_t edge) {
            state.relationships.push_back(std::as_const(live_).graph().spec_of(edge));
            return true;
        });
        return true;
    };
    const bool ready = HW_TRY(look(false));
    if (!ready) {
        wait_for(queued);
        HW_TRY(look(true));
    }
    if (more) add_relationships(state);
    return state;
}

Result<TwinSpec> TwinsImpl::spec(std::string_view id) const {
    const ReadLock lock(live_.lock());
    const Twin* twin = HW_TRY(find(id));
    return twin->spec();
}

Result<std::vector<RelationshipSpec>> TwinsImpl::relationships(
    const RelationshipQuery& query) const {
    std::vector<RelationshipSpec> found;
    std::string name = query.after.substr(0, query.after.find('\0'));
    std::string other = name.size() < query.after.size() ? query.after.substr(name.size() + 1) : "";
    for (bool more = true; more && found.size() < query.limit;) {
        const ReadLock lock(live_.lock());
        const Twin* twin = HW_TRY(find(query.twin));
        const Graph& graph = std::as_const(live_).graph();
        size_t left = std::min(piece_edges, query.limit - found.size());
        more = false;
        graph.walk(*twin, {query.incoming, query.name, name, other}, [&](uint32_t edge) {
            more = left == 0;
            if (more) return false;
            --left;
            found.push_back(graph.spec_of(edge));
            return true;
        });
        if (found.empty()) break;
        name = found.back().name;
        other = query.incoming ? found.back().source : found.back().target;
    }
    if (found.empty()) {
        const ReadLock lock(live_.lock());
        HW_TRY(find(query.twin));
    }
    return found;
}

Result<std::vector<std::string>> TwinsImpl::hop(std::string_view id, std::string_view relationship,
                                                bool incoming) const {
    std::vector<std::string> ids;
    std::string last;
    for (bool more = true; more;) {
        const ReadLock lock(live_.lock());
        const Twin* twin = HW_TRY(find(id));
        const Graph& graph = std::as_const(live_).graph();
        const bool first = ids.empty();
        size_t left = piece_edges;
        more = false;
        const std::string_view after = first ? std::string_view() : relationship;
        graph.walk(*twin, {incoming, relationship, after, last}, [&](uint32_t number) {
            more = left == 0;
            if (more) return false;
            --left;
            const Edge& edge = graph.edge(number);
            ids.push_back(graph.at(incoming ? edge.source : edge.target).name.id);
            return true;
        });
        if (!ids.empty()) last = ids.back();
    }
    return ids;
}

LiveValue TwinsImpl::peek(const TwinName& name, size_t slot) const {
    const ReadLock lock(live_.lock());
    const Twin& twin = std::as_const(live_).graph().at(name.index);
    if (!twin.exists() || slot >= twin.model->slots.size()) return {};
    return std::as_const(live_).slots()[twin.first_slot + static_cast<uint32_t>(slot)].live();
}

const TwinName* TwinsImpl::name(std::string_view id) const {
    const ReadLock lock(live_.lock());
    return std::as_const(live_).graph().name(id);
}

InterfacePtr TwinsImpl::model_of(const TwinName& name) const {
    const ReadLock lock(live_.lock());
    const Twin& twin = std::as_const(live_).graph().at(name.index);
    return twin.exists() ? twin.model->interface : nullptr;
}

// The neighbours of a twin that were not seen yet.
void TwinsImpl::expand(uint32_t index, const Scope& scope, std::vector<bool>& seen,
                       std::vector<uint32_t>& next) const {
    std::vector<std::string_view> names(scope.along.begin(), scope.along.end());
    if (names.empty()) names.emplace_back();
    for (const auto& along : names) {
        std::string name, other;
        for (bool more = true; more;) {
            const ReadLock lock(live_.lock());
            const Graph& graph = std::as_const(live_).graph();
            const Twin& twin = graph.at(index);
            if (!twin.exists()) return;
            size_t left = piece_edges;
            more = false;
            graph.walk(twin, {scope.incoming, along, name, other}, [&](uint32_t number) {
                const Edge& edge = graph.edge(number);
                const uint32_t neighbour = scope.incoming ? edge.source : edge.target;
                if (neighbour >= seen.size()) seen.resize(neighbour + 1);
                if (!seen[neighbour]) next.push_back(neighbour);
                seen[neighbour] = true;
                more = --left == 0;
                if (!more) return true;
                name = graph.name_of(edge);
                other = graph.at(neighbour).name.id;
                return false;
            });
        }
    }
}

std::vector<uint32_t> TwinsImpl::reached(uint32_t root, const Scope& scope) const {
    std::vector<bool> seen(root + 1);
    seen[root] = true;
    std::vector<uint32_t> all{root};
    size_t from = 0;
    for (size_t depth = 0; depth < scope.depth && from < all.size(); ++depth) {
        std::vector<uint32_t> next;
        for (; from < all.size(); ++from)
            expand(all[from], scope, seen, next);
        all.insert(all.end(), next.begin(), next.end());
    }
    return all;
}

Result<Snapshot> TwinsImpl::snapshot(const Scope& scope) const {
    if (scope.values) sync();
    Snapshot snapshot;
    snapshot.time = rooms_.clock.now();
    std::vector<bool> wanted;
    if (!scope.root.empty()) {
        uint32_t root = 0;
        {
            const ReadLock lock(live_.lock());
            const Twin* twin = HW_TRY(find(scope.root));
            root = twin->name.index;
        }
        for (const uint32_t index : reached(root, scope)) {
            if (index >= wanted.size()) wanted.resize(index + 1);
            wanted[index] = true;
        }
    }
    const std::string prefix(literal_prefix(scope.filter));
    std::string after = scope.after;
    std::vector<size_t> large;  // with more relationships than one hold of the lock should read
    const bool ordered_start = after < prefix;
    bool first = true;
    for (bool more = true; more && snapshot.twins.size() < scope.limit; first = false) {
        const ReadLock lock(live_.lock());
        const Graph& graph = std::as_const(live_).graph();
        auto at = first && ordered_start ? graph.ordered().lower_bound(prefix)
                  : after.empty()        ? graph.ordered().begin()
                                         : graph.ordered().upper_bound(after);
        for (size_t looked = 0; looked < Live::piece_twins * 4; ++looked, ++at) {
            more = at != graph.ordered().end() && at->first.starts_with(prefix) &&
                   snapshot.twins.size() < scope.limit;
            if (!more) break;
            after = at->first;
            const uint32_t index = at->second;
            const Twin& twin = graph.at(index);
            if (!scope.root.empty() && (index >= wanted.size() || !wanted[index])) continue;
            if (!scope.model.empty() && !twin.model->interface->is_a(scope.model)) continue;
            if (scope.filter != "#" && !model::matches(scope.filter, at->first)) continue;
            TwinState& state = snapshot.twins.emplace_back(state_of(twin, scope.values));
            if (!scope.relationships) continue;
            if (twin.out.size() > piece_edges) {
                large.push_back(snapshot.twins.size() - 1);
                continue;
            }
            graph.walk(twin, Graph::Walk{}, [&](uint32_t edge) {
                state.relationships.push_back(graph.spec_of(edge));
                return true;
            });
        }
    }
    for (const size_t i : large)
        add_relationships(snapshot.twins[i]);
    return snapshot;
}

}  // namespace hw::twin
