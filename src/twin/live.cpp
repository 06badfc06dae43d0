#include "twin/live.h"

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"
#include "model/point_path.h"

namespace hw::twin {

namespace {

constexpr size_t combinations_limit = 1'000'000;  // of interests, before old ones are forgotten

// The member of the fixed properties at "drive/speed"; null: there is none.
const sql::Datum* member_at(const sql::Datum& fixed, std::string_view path) {
    const sql::Datum* at = &fixed;
    for (;;) {
        const size_t end = path.find('/');
        at = at->find(path.substr(0, end));
        if (at == nullptr || end == std::string_view::npos) return at;
        path.remove_prefix(end + 1);
    }
}

}  // namespace

SlotSource source_of(const Interface& model, size_t number, std::string_view id,
                     const sql::Datum& fixed, const std::map<std::string, std::string>* bindings) {
    const Slot& slot = model.slots[number];
    SlotSource source;
    if (!slot.content->expression.empty()) {
        source.origin = Origin::derived;
        return source;
    }
    const auto binding =
        bindings == nullptr ? decltype(bindings->end())() : bindings->find(slot.path);
    const bool bound = bindings != nullptr && binding != bindings->end();
    if (bound && !binding->second.empty()) {
        source.origin = Origin::point;
        source.point = binding->second;
        return source;
    }
    if (const sql::Datum* value = member_at(fixed, slot.path)) {
        source.origin = Origin::fixed;
        source.value = *value;
        return source;
    }
    if (bound || slot.content->fixed) return source;
    if (slot.content->point.empty()) {
        source.origin = Origin::point;
        source.point.reserve(id.size() + 1 + slot.path.size());
        source.point.append(id).append(1, '/').append(slot.path);
        return source;
    }
    auto point = point_of(slot.content->point, id, slot.path, fixed);
    if (point && !model::check_point_path(*point)) point = std::unexpected(Error({}, {}));
    source.broken = !point;
    if (!point) return source;
    source.origin = Origin::point;
    source.point = std::move(*point);
    return source;
}

Live::Live(Rooms rooms)
    : rooms_(rooms),
      book_(rooms.functions, rooms.settings.stale_after),
      graph_(book_.relationships()),
      binder_(rooms.points, points_, slots_),
      net_(graph_, slots_, rooms.settings.derive_hops_limit) {
    net_.on_changed = [this](Twin& twin, uint32_t derived) { derived_changed(twin, derived); };
}

void Live::add_follower(Follower& follower) {
    HW_ASSERT(!loaded_ && followers_.size() < Interests::followers_limit);
    followers_.push_back(&follower);
}

std::string Live::point_path(const Twin& twin, uint32_t slot) const {
    const uint32_t point = slots_.point(twin.first_slot + slot);
    if (point == Slots::no_point) return {};
    if (point != Slots::awaited_point)
        return std::string(rooms_.points.path(model::PointId(point)));
    return source_of(*twin.model->interface, slot, twin.name.id, twin.properties,
                     twin.bindings.get())
        .point;
}

std::vector<SlotSource> Live::sources_of(const Twin& twin) const {
    std::vector<SlotSource> sources;
    const Interface& model = *twin.model->interface;
    sources.reserve(model.slots.size());
    for (size_t i = 0; i < model.slots.size(); ++i)
        sources.push_back(source_of(model, i, twin.name.id, twin.properties, twin.bindings.get()));
    return sources;
}

void Live::make_slots(Twin& twin) {
    const CompiledModel& model = *twin.model;
    twin.first_slot = slots_.allocate(static_cast<uint32_t>(model.slots.size()), twin.name.index);
    for (uint32_t i = 0; i < model.slots.size(); ++i) {
        SlotRecord& record = slots_[twin.first_slot + i];
        record.kind = model.slots[i].kind;
        record.set(SlotRecord::dependents, model.slots[i].has_dependents());
    }
}

void Live::free_slots(Twin& twin, std::span<const SlotSource> sources) {
    for (uint32_t i = 0; i < sources.size(); ++i)
        drop_source(twin, i, sources[i]);
    slots_.free(twin.first_slot, static_cast<uint32_t>(sources.size()));
}

// Takes the slot off its point and empties it.
void Live::drop_source(Twin& twin, uint32_t slot, const SlotSource& source) {
    SlotRecord& record = slots_[twin.first_slot + slot];
    if (record.origin() == Origin::point) {
        binder_.unbind(twin.first_slot + slot, source.point);
        --figures_.bound;
    }
    if (record.origin() == Origin::derived) --figures_.derived;
    record.value = {};
    record.time_ns = 0;
    record.quality = model::Quality::bad_waiting_for_initial_data;
    record.set_origin(Origin::none);
    record.set(SlotRecord::stale | SlotRecord::watched, false);
}

void Live::set_source(Twin& twin, uint32_t slot, const SlotSource& source, bool bind) {
    const uint32_t number = twin.first_slot + slot;
    SlotRecord& record = slots_[number];
    record.set_origin(source.origin);
    if (source.broken) record.quality = model::Quality::bad_configuration;
    if (source.origin == Origin::derived) ++figures_.derived;
    if (source.origin == Origin::fixed) {
        record.value = source.value;
        record.time_ns = twin.updated.ns;
        record.quality = model::Quality::good;
    }
    if (source.origin != Origin::point) return;
    ++figures_.bound;
    record.set(SlotRecord::watched, twin.model->slots[slot].stale_after.ns > 0);
    if (!bind) return;
    if (const auto point = binder_.bind(number, source.point)) bound_.emplace_back(number, *point);
}

void Live::flag_slots(CompiledModel& model) {
    if (model.twins == 0) return;
    for (const auto& [id, index] : graph_.ordered()) {
        const Twin& twin = graph_.at(index);
        if (twin.model != &model) continue;
        for (uint32_t i = 0; i < model.slots.size(); ++i)
            slots_[twin.first_slot + i].set(SlotRecord::dependents,
                                            model.slots[i].has_dependents());
    }
}

void Live::put_twin(const TwinSpec& spec, const InterfacePtr& interface, const Stamp& stamp,
                    bool told) {
    std::vector<CompiledModel*> widened;
    CompiledModel& model = book_.get(interface, widened);
    for (CompiledModel* other : widened)
        flag_slots(*other);
    Twin& twin = graph_.place(spec.id);
    const bool fresh = !twin.exists();
    const bool other_model = fresh || twin.model != &model;
    std::vector<SlotSource> before;
    if (!fresh) before = sources_of(twin);
    if (!fresh && other_model) {
        free_slots(twin, before);
        before.clear();
        net_.twin_removed(twin);
        graph_.change_model(twin, model);
    }
    if (fresh) graph_.add(twin, model);
    twin.display_name = spec.name;
    twin.properties = spec.properties;
    twin.bindings.reset();
    if (!spec.bindings.empty())
        twin.bindings = std::make_unique<std::map<std::string, std::string>>(spec.bindings);
    twin.revision = stamp.revision;
    twin.created = stamp.created;
    twin.updated = stamp.updated;
    twin.updated_by = graph_.actor(stamp.actor);
    if (other_model) make_slots(twin);
    const auto sources = sources_of(twin);
    std::vector<uint32_t> changed;
    for (uint32_t i = 0; i < sources.size(); ++i) {
        const bool same = !other_model && sources[i] == before[i];
        if (same && sources[i].origin != Origin::fixed) continue;
        if (!other_model) drop_source(twin, i, before[i]);
        set_source(twin, i, sources[i], loaded_);
        if (sources[i].origin != Origin::derived) changed.push_back(i);
    }
    if (!loaded_) return;
    if (other_model) {
        net_.twin_added(twin);
        if (!fresh) net_.member_changed(twin);
    }
    ask(twin);
    if (told)
        tell({.kind = fresh ? Happening::Kind::twin_created : Happening::Kind::twin_updated,
              .twin = &twin.name,
              .time = stamp.updated});
    for (const uint32_t slot : changed) {
        const SlotRecord& record = slots_[twin.first_slot + slot];
        if (record.has(SlotRecord::dependents)) net_.slot_changed(twin, slot, !fresh);
        if (!fresh || record.origin() == Origin::fixed) notify(twin, slot, record);
    }
}

void Live::remove_twin(Twin& twin) {
    const auto sources = sources_of(twin);
    free_slots(twin, sources);
    net_.twin_removed(twin);
    graph_.remove(twin);
    tell({.kind = Happening::Kind::twin_removed, .twin = &twin.name, .time = rooms_.clock.now()});
}

void Live::add_edge(Twin& source, std::string_view name, Twin& target, sql::Datum values,
                    bool told) {
    const uint32_t edge =
        graph_.add_edge(source.name.index, name, target.name.index, std::move(values));
    if (!loaded_) return;
    net_.edge_added(edge);
    if (told)
        tell({Happening::Kind::relationship_added, &source.name, name, target.name.id,
              rooms_.clock.now()});
}

void Live::change_edge(uint32_t number, sql::Datum values) {
    graph_.change_edge(number, std::move(values));
    const Edge& edge = graph_.edge(number);
    tell({Happening::Kind::relationship_changed, &graph_.at(edge.source).name, graph_.name_of(edge),
          graph_.at(edge.target).name.id, rooms_.clock.now()});
}

void Live::remove_edge(uint32_t number) {
    net_.edge_removed(number);
    const Edge edge = graph_.edge(number);
    graph_.remove_edge(number);
    tell({Happening::Kind::relationship_removed, &graph_.at(edge.source).name, graph_.name_of(edge),
          graph_.at(edge.target).name.id, rooms_.clock.now()});
}

void Live::replace_model(const InterfacePtr& model) {
    book_.replace(model);
    tell({.kind = Happening::Kind::model_changed, .detail = model->id, .time = rooms_.clock.now()});
}

void Live::tell(const Happening& happening) {
    for (Follower* follower : followers_)
        follower->happened(happening);
}

void Live::ask(Twin& twin) {
    if (followers_.empty()) return;
    const InterfacePtr& model = twin.model->interface;
    for (uint32_t i = 0; i < model->slots.size(); ++i) {
        Interests::Words words{};
        for (size_t f = 0; f < followers_.size(); ++f)
            words[f] = followers_[f]->interest(twin.name, *model, i);
        slots_[twin.first_slot + i].interest = interests_.number(words);
    }
}

void Live::settle() {
    if (!net_.settled()) {
        net_.settle(rooms_.clock.now());
        figures_.derivations = net_.derivations();
    }
    round_end();
    count();
}

void Live::round_end() {
    for (Follower* follower : followers_)
        follower->round_end();
}

void Live::count() {
    figures_.twins = graph_.size();
    figures_.relationships = graph_.edges();
    figures_.slots = slots_.used();
}

void Live::ask_again(std::string_view filter) {
    const WorkLock work(work_);
    const bool all = filter == "#";
    const std::string prefix(literal_prefix(filter));
    std::string after;
    for (bool first = true;; first = false) {
        const WriteLock lock(lock_);
        if (first && all && interests_.size() > combinations_limit) forget_interests();
        const auto& ordered = graph_.ordered();
        auto at = first ? ordered.lower_bound(prefix) : ordered.upper_bound(after);
        std::string_view last;
        for (size_t i = 0; i < piece_twins && at != ordered.end(); ++i, ++at) {
            last = at->first;
            if (!last.starts_with(prefix)) return;
            if (all || model::matches(filter, last)) ask(graph_.at(at->second));
        }
        if (at == ordered.end()) return;
        after = last;
    }
}

// Combinations that nobody has any more go too.
void Live::forget_interests() {
    for (const auto& [id, index] : graph_.ordered()) {
        const Twin& twin = graph_.at(index);
        for (uint32_t i = 0; i < twin.model->slots.size(); ++i)
            slots_[twin.first_slot + i].interest = 0;
    }
    interests_.clear();
}

size_t Live::bytes() const {
    size_t bytes = 0;
    size_t names = 1;
    for (uint32_t index = 0; index < names;) {
        const ReadLock lock(lock_);
        if (index == 0) bytes = graph_.bytes() + slots_.bytes() + points_.bytes();
        names = graph_.names();
        for (size_t i = 0; i < piece_samples && index < names; ++i, ++index)
            bytes += graph_.bytes_of(index);
    }
    return bytes;
}

}  // namespace hw::twin
