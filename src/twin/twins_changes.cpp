#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "sql/json.h"
#include "twin/model/twin_id.h"
#include "twin/twins_impl.h"

namespace hw::twin {

namespace {

constexpr Duration clean_interval = seconds(3600);

std::string edge_target(const RelationshipSpec& spec) {
    return fmt::format("twins/{}/relationships/{}/{}", spec.source, spec.name, spec.target);
}

}  // namespace

// Later than any change before, so that a time tells one version.
Time TwinsImpl::change_time() {
    last_change_ = std::max(rooms_.clock.now(), last_change_ + nanoseconds(1));
    return last_change_;
}

void TwinsImpl::note(const Change& change, std::string_view action, std::string target,
                     std::string old_value, std::string new_value, const Error* error) {
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

Result<void> TwinsImpl::same_revision(const Twin& twin, const Change& change) const {
    if (!change.revision || *change.revision == twin.revision) return {};
    if (*change.revision == 0)
        return fail(ErrorCode::conflict, fmt::format("there is a twin '{}' already", twin.name.id));
    return fail(ErrorCode::conflict,
                fmt::format("twin '{}' is of revision {} now, not {}; read it again", twin.name.id,
                            twin.revision, *change.revision));
}

Result<void> TwinsImpl::check_room(size_t twins, size_t relationships, size_t slots) const {
    const auto& figures = live_.figures();
    const auto check = [](size_t there, size_t more, size_t limit,
                          std::string_view what) -> Result<void> {
        if (more == 0 || there + more <= limit) return {};
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("there are {} already and {} would be added, which is over "
                                "twin.{} = {}; raise it or remove some",
                                there, more, what, limit));
    };
    HW_TRY(check(figures.twins, twins, settings_.twins_limit, "twins_limit"));
    HW_TRY(check(figures.relationships, relationships, settings_.relationships_limit,
                 "relationships_limit"));
    return check(figures.slots, slots, settings_.slots_limit, "slots_limit");
}

size_t TwinsImpl::count_edges(const Twin& twin, std::string_view name, size_t most) const {
    size_t count = 0;
    std::as_const(live_).graph().walk(twin, Graph::Walk{false, name, {}, {}},
                                      [&](uint32_t) { return ++count < most; });
    return count;
}

// Whether the relationships of a twin fit when it is of another model.
Result<void> TwinsImpl::check_edges(const Twin& twin, const Interface& model) const {
    const Graph& graph = std::as_const(live_).graph();
    Result<void> sound;
    graph.walk(twin, Graph::Walk{false, {}, {}, {}}, [&](uint32_t number) {
        const auto spec = graph.spec_of(number);
        const Twin& target = graph.at(graph.edge(number).target);
        const auto relationship = relationship_of(model, spec.name);
        if (!relationship) {
            sound = fail(relationship.error());
        } else if (auto checked = check_relationship(spec, **relationship, *target.model->interface,
                                                     settings_);
                   !checked) {
            sound = fail(checked.error());
        } else if (const size_t most = (*relationship)->max_multiplicity;
                   most > 0 && count_edges(twin, spec.name, most + 1) > most) {
            sound = fail(too_many(spec, **relationship));
        }
        return sound.has_value();
    });
    if (!sound) return fail(sound.error().within("its relationships do not fit the other model"));
    graph.walk(twin, Graph::Walk{true, {}, {}, {}}, [&](uint32_t number) {
        const Twin& source = graph.at(graph.edge(number).source);
        const Content* content = source.model->interface->find(graph.name_of(graph.edge(number)));
        if (content == nullptr || content->target.empty() || model.is_a(content->target))
            return true;
        sound = fail(ErrorCode::invalid_argument,
                     fmt::format("the relationship '{}' of '{}' leads to {}, the other model is {}",
                                 content->name, source.name.id, content->target, model.id));
        return false;
    });
    return sound;
}

// True: something has changed. Graph and models change under changes_ alone, so that they may be
// read here without the live lock.
Result<bool> TwinsImpl::put_checked(TwinSpec spec, const Change& change, bool& created) {
    HW_TRY(check_twin_id(spec.id));
    const InterfacePtr model = HW_TRY(models()->get(spec.model));
    const Twin* before = std::as_const(live_).graph().find(spec.id);
    created = before == nullptr;
    if (before != nullptr) {
        HW_TRY(same_revision(*before, change));
    } else if (change.revision.value_or(0) != 0) {
        return fail(ErrorCode::conflict,
                    fmt::format("there is no twin '{}' that could be of revision {}", spec.id,
                                *change.revision));
    }
    spec = HW_TRY(check_twin(std::move(spec), *model, settings_));
    if (before != nullptr && before->spec() == spec) return false;
    if (before != nullptr && before->model->interface->id != model->id)
        HW_TRY(check_edges(*before, *model));
    HW_TRY(check_room(created ? 1 : 0, 0, created ? model->slots.size() : 0));
    const TwinName* name = std::as_const(live_).graph().name(spec.id);
    const int64_t revision =
        name == nullptr ? 1 : std::as_const(live_).graph().at(name->index).revision + 1;
    StoredChange stored;
    stored.time = change_time();
    stored.actor = change.actor;
    const Time made = created ? stored.time : before->created;
    stored.twins.push_back({&spec, revision, made});
    HW_TRY(store_->save(stored));
    {
        const WorkLock work(live_.work());
        const WriteLock lock(live_.lock());
        live_.put_twin(spec, model, {revision, made, stored.time, change.actor}, true);
        live_.settle();
    }
    live_.fetch_last_values();
    return true;
}

Result<TwinState> TwinsImpl::put(TwinSpec spec, const Change& change, bool& created) {
    const MutexLock lock(changes_);
    const std::string id = spec.id;
    std::string old_value;
    const Twin* before = std::as_const(live_).graph().find(id);
    created = before == nullptr;
    if (before != nullptr) old_value = described_json(before->spec());
    const auto done = put_checked(std::move(spec), change, created);
    const std::string_view action = created ? "twin.create" : "twin.update";
    if (!done) {
        note(change, action, "twins/" + id, std::move(old_value), {}, &done.error());
        return fail(done.error());
    }
    if (*done)
        note(change, action, "twins/" + id, std::move(old_value),
             described_json(std::as_const(live_).graph().find(id)->spec()), nullptr);
    forget_old();
    return get(id);
}

Result<TwinState> TwinsImpl::patch(std::string_view id, std::string_view json,
                                   const Change& change) {
    const auto patched = [&]() -> Result<TwinSpec> {
        const auto before = HW_TRY(spec(id));
        sql::JsonReader reader;
        const auto patch = HW_TRY(reader.read(json));
        if (!patch.is_object())
            return fail(ErrorCode::invalid_argument, "a patch must be a JSON object");
        auto spec = HW_TRY(read_twin(sql::to_json(merge_patch(described(before), patch)), id));
        if (spec.id != id)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("a twin's id cannot be changed, '{}' is given", spec.id));
        return spec;
    };
    // Against the revision that was read, so that nobody's change is lost between.
    for (;;) {
        Change checked = change;
        if (!checked.revision) {
            const ReadLock lock(live_.lock());
            if (const Twin* twin = std::as_const(live_).graph().find(id))
                checked.revision = twin->revision;
        }
        auto now = patched();
        if (!now) {
            note(change, "twin.update", "twins/" + std::string(id), {}, {}, &now.error());
            return fail(now.error());
        }
        bool created = false;
        auto put_now = put(std::move(*now), checked, created);
        const bool again = !put_now && put_now.error().code() == ErrorCode::conflict &&
                           !change.revision && spec(id).has_value();
        if (!again) return put_now;
    }
}

Result<void> TwinsImpl::remove_checked(std::string_view id, bool cascade, const Change& change,
                                       std::string& old_value) {
    Twin* twin = const_cast<Twin*>(HW_TRY(find(id)));
    old_value = described_json(twin->spec());
    HW_TRY(same_revision(*twin, change));
    StoredChange stored;
    stored.actor = change.actor;
    Graph& graph = live_.graph();
    std::vector<uint32_t> edges;
    for (const bool incoming : {false, true})
        graph.walk(*twin, Graph::Walk{incoming, {}, {}, {}}, [&](uint32_t edge) {
            const bool own = incoming && graph.edge(edge).source == twin->name.index;
            if (!own) edges.push_back(edge);  // an edge to itself is met twice
            return true;
        });
    if (!edges.empty() && !cascade)
        return fail(ErrorCode::conflict,
                    fmt::format("twin '{}' has {} relationships, e.g. '{}' of '{}'; remove them "
                                "first or ask for it with cascade",
                                id, edges.size(), graph.name_of(graph.edge(edges[0])),
                                graph.at(graph.edge(edges[0]).source).name.id));
    for (const uint32_t edge : edges)
        stored.removed_relationships.push_back(graph.spec_of(edge));
    stored.removed_twins.push_back(twin->name.id);
    stored.time = change_time();
    HW_TRY(store_->save(stored));
    const WorkLock work(live_.work());
    for (size_t from = 0; from < edges.size(); from += Live::piece_samples) {
        const WriteLock lock(live_.lock());
        if (from == 0) live_.stop_deriving(*twin);
        for (size_t i = from; i < std::min(edges.size(), from + Live::piece_samples); ++i)
            live_.remove_edge(edges[i]);
        live_.settle();
    }
    const WriteLock lock(live_.lock());
    live_.remove_twin(*twin);
    live_.settle();
    return {};
}

Result<void> TwinsImpl::remove(std::string_view id, bool cascade, const Change& change) {
    const MutexLock lock(changes_);
    std::string old_value;
    const auto done = remove_checked(id, cascade, change, old_value);
    note(change, "twin.delete", "twins/" + std::string(id), std::move(old_value), {},
         done ? nullptr : &done.error());
    return done;
}

Result<bool> TwinsImpl::put_edge_checked(RelationshipSpec spec, const Change& change,
                                         bool& created) {
    const Twin* source = HW_TRY(find(spec.source));
    const auto known = relationship_of(*source->model->interface, spec.name);
    const Content* relationship = HW_TRY(known);
    const Twin* target = HW_TRY(find(spec.target));
    Graph& graph = live_.graph();
    const auto edge = graph.edge(*source, spec.name, *target);
    created = !edge;
    spec = HW_TRY(
        check_relationship(std::move(spec), *relationship, *target->model->interface, settings_));
    if (edge && graph.edge(*edge).properties == spec.properties) return false;
    const size_t most = relationship->max_multiplicity;
    if (created && most > 0 && count_edges(*source, spec.name, most) >= most)
        return fail(too_many(spec, *relationship));
    HW_TRY(check_room(0, created ? 1 : 0, 0));
    StoredChange stored;
    stored.time = change_time();
    stored.actor = change.actor;
    stored.relationships.push_back({&spec, !created});
    HW_TRY(store_->save(stored));
    const WorkLock work(live_.work());
    const WriteLock lock(live_.lock());
    if (edge)
        live_.change_edge(*edge, std::move(spec.properties));
    else
        live_.add_edge(graph.at(source->name.index), spec.name, graph.at(target->name.index),
                       std::move(spec.properties), true);
    live_.settle();
    return true;
}

Result<void> TwinsImpl::put_relationship(RelationshipSpec spec, const Change& change,
                                         bool& created) {
    const MutexLock lock(changes_);
    std::string target = edge_target(spec);
    std::string new_value = described_json(spec);
    const auto done = put_edge_checked(std::move(spec), change, created);
    const std::string_view action = created ? "relationship.create" : "relationship.update";
    if (!done || *done)
        note(change, action, std::move(target), {}, done ? std::move(new_value) : std::string(),
             done ? nullptr : &done.error());
    if (!done) return fail(done.error());
    return {};
}

Result<void> TwinsImpl::remove_relationship(std::string_view source_id, std::string_view name,
                                            std::string_view target_id, const Change& change) {
    const MutexLock change_lock(changes_);
    RelationshipSpec spec{std::string(source_id), std::string(name), std::string(target_id)};
    std::string old_value;
    const auto work = [&]() -> Result<void> {
        const Twin* source = HW_TRY(find(source_id));
        const Twin* target = HW_TRY(find(target_id));
        Graph& graph = live_.graph();
        const auto edge = graph.edge(*source, name, *target);
        if (!edge)
            return fail(ErrorCode::not_found,
                        fmt::format("twin '{}' has no relationship '{}' to '{}'", source_id, name,
                                    target_id));
        old_value = sql::to_json(graph.edge(*edge).properties);
        StoredChange stored;
        stored.actor = change.actor;
        stored.removed_relationships.push_back(spec);
        stored.time = change_time();
        HW_TRY(store_->save(stored));
        const WorkLock turn(live_.work());
        const WriteLock lock(live_.lock());
        live_.remove_edge(*edge);
        live_.settle();
        return {};
    };
    const auto done = work();
    note(change, "relationship.delete", edge_target(spec), std::move(old_value), {},
         done ? nullptr : &done.error());
    return done;
}

void TwinsImpl::forget_old() {
    const Time now = rooms_.clock.now();
    if (settings_.history_retention.ns == 0 || now - last_clean_ < clean_interval) return;
    last_clean_ = now;
    if (auto removed = store_->remove_old(now - settings_.history_retention); !removed)
        log_warning("twin", "old descriptions cannot be removed: " + removed.error().text());
}

}  // namespace hw::twin
