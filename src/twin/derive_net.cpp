#include "twin/derive_net.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "twin/derive/slot_value.h"

namespace hw::twin {

namespace {

model::Quality worse(model::Quality a, model::Quality b) {
    return family(b) > family(a) ? b : a;
}

}  // namespace

void DeriveNet::Input::add(model::Quality other, bool is_stale, int64_t time) {
    quality = worse(quality, other);
    stale = stale || is_stale;
    time_ns = std::max(time_ns, time);
}

void DeriveNet::dirty(Twin& twin, uint32_t derived) {
    if (!twin.derived) return;  // not there yet: then all of it is dirty
    uint8_t& marks = twin.derived->marks[derived];
    if ((marks & (mark_dirty | mark_cyclic)) != 0) return;
    marks |= mark_dirty;
    dirty_.emplace_back(twin.name.index, derived);
}

// Cycles may be open now.
void DeriveNet::structure_changed() {
    for (const auto& [index, derived] : std::exchange(cyclic_, {})) {
        Twin& twin = graph_.at(index);
        if (!twin.derived || derived >= twin.derived->marks.size()) continue;
        twin.derived->marks[derived] &= static_cast<uint8_t>(~mark_cyclic);
        dirty(twin, derived);
    }
}

void DeriveNet::twin_added(Twin& twin) {
    structure_changed();
    twin.derived.reset();
    const CompiledModel& model = *twin.model;
    if (model.derived.empty()) return;
    twin.derived = std::make_unique<DerivedState>();
    twin.derived->marks.resize(model.derived.size());
    fill(twin);
    for (uint32_t d = 0; d < model.derived.size(); ++d)
        dirty(twin, d);
}

void DeriveNet::fill(Twin& twin) {
    auto& roll_ups = twin.model->roll_ups;
    for (uint32_t r = 0; r < roll_ups.size(); ++r) {
        twin.derived->rolled.push_back({Accumulator::make(roll_ups[r].function), 0});
        const bool incoming = roll_ups[r].edge.incoming;
        graph_.walk(twin, incoming, roll_ups[r].edge.relationship, [&](uint32_t edge) {
            const Edge& found = graph_.edge(edge);
            update_member(twin, r, graph_.at(incoming ? found.source : found.target));
            return true;
        });
    }
}

void DeriveNet::twin_removed(Twin& twin) {
    twin.derived.reset();
    structure_changed();
}

void DeriveNet::member_changed(Twin& twin) {
    for (const bool incoming : {false, true})
        graph_.walk(twin, Graph::Walk{incoming, {}, {}, {}}, [&](uint32_t number) {
            const Edge& edge = graph_.edge(number);
            Twin& owner = graph_.at(incoming ? edge.source : edge.target);
            update_members(owner, {edge.name, !incoming}, twin, nullptr, true);
            return true;
        });
}

void DeriveNet::edge_added(uint32_t number) {
    structure_changed();
    const Edge& edge = graph_.edge(number);
    Twin& source = graph_.at(edge.source);
    Twin& target = graph_.at(edge.target);
    update_members(source, {edge.name, false}, target, nullptr, false);
    update_members(target, {edge.name, true}, source, nullptr, false);
}

void DeriveNet::edge_removed(uint32_t number) {
    structure_changed();
    const Edge& edge = graph_.edge(number);
    Twin& source = graph_.at(edge.source);
    Twin& target = graph_.at(edge.target);
    remove_members(source, {edge.name, false}, target);
    remove_members(target, {edge.name, true}, source);
}

void DeriveNet::slot_changed(Twin& twin, uint32_t slot, bool older) {
    const CompiledSlot& compiled = twin.model->slots[slot];
    for (const uint32_t derived : compiled.dependents)
        dirty(twin, derived);
    for (const RollUpEdge& over : compiled.rolled_over)
        graph_.walk(twin, !over.incoming, over.relationship, [&](uint32_t number) {
            const Edge& edge = graph_.edge(number);
            update_members(graph_.at(over.incoming ? edge.target : edge.source), over, twin,
                           &compiled.path, older);
            return true;
        });
}

// What the member adds to the owner's roll-ups along that edge, or to those that need the path.
void DeriveNet::update_members(Twin& owner, const RollUpEdge& edge, Twin& member,
                               const uint32_t* path, bool older) {
    if (!owner.derived) return;
    const auto& roll_ups = owner.model->roll_ups;
    for (uint32_t r = 0; r < roll_ups.size(); ++r)
        if (roll_ups[r].edge == edge && (path == nullptr || roll_ups[r].needs(*path)))
            update_member(owner, r, member, older);
}

void DeriveNet::update_member(Twin& owner, uint32_t r, Twin& member, bool older) {
    CompiledRollUp& roll_up = owner.model->roll_ups[r];
    Derivation& derivation = *owner.model->derived[roll_up.derived].derivation;
    own_.clear();
    Input input;
    for (const int32_t slot : roll_up.slots_of(*member.model)) {
        if (slot < 0) {
            own_.emplace_back();
            continue;
        }
        const SlotRecord& record = slots_[member.first_slot + static_cast<uint32_t>(slot)];
        own_.push_back(record.value);
        input.add(record.quality, record.has(SlotRecord::stale), record.time_ns);
    }
    const sql::Datum part = derivation.contribution(roll_up.index, own_, now_);
    DerivedState::Rolled& rolled = owner.derived->rolled[r];
    const bool changed = rolled.parts->set(member.name.index, part, input.quality, input.stale);
    const bool known = rolled.time_ns != DerivedState::unknown_time;
    const bool newer = known && input.time_ns > rolled.time_ns;
    if (newer) rolled.time_ns = input.time_ns;
    if (older) rolled.time_ns = DerivedState::unknown_time;
    if (changed || newer || older) dirty(owner, roll_up.derived);
}

void DeriveNet::remove_members(Twin& owner, const RollUpEdge& edge, Twin& member) {
    if (!owner.derived) return;
    auto& roll_ups = owner.model->roll_ups;
    for (uint32_t r = 0; r < roll_ups.size(); ++r) {
        if (roll_ups[r].edge != edge) continue;
        DerivedState::Rolled& rolled = owner.derived->rolled[r];
        rolled.parts->remove(member.name.index);
        for (const int32_t slot : roll_ups[r].slots_of(*member.model)) {
            if (slot < 0) continue;
            const int64_t time = slots_[member.first_slot + static_cast<uint32_t>(slot)].time_ns;
            if (time > 0 && time >= rolled.time_ns) rolled.time_ns = DerivedState::unknown_time;
        }
        dirty(owner, roll_ups[r].derived);
    }
}

// After the newest member has gone or become older; else it is kept current.
int64_t DeriveNet::newest_of_members(const Twin& twin, CompiledRollUp& roll_up) const {
    int64_t newest = 0;
    const bool incoming = roll_up.edge.incoming;
    graph_.walk(twin, incoming, roll_up.edge.relationship, [&](uint32_t number) {
        const Edge& edge = graph_.edge(number);
        const Twin& member = graph_.at(incoming ? edge.source : edge.target);
        for (const int32_t slot : roll_up.slots_of(*member.model))
            if (slot >= 0)
                newest = std::max(newest,
                                  slots_[member.first_slot + static_cast<uint32_t>(slot)].time_ns);
        return true;
    });
    return newest;
}

void DeriveNet::compute(const Item& item, Time now) {
    Twin& twin = graph_.at(item.first);
    if (!twin.derived || item.second >= twin.derived->marks.size()) return;
    twin.derived->marks[item.second] &= static_cast<uint8_t>(~mark_dirty);
    CompiledDerived& derived = twin.model->derived[item.second];
    Input input;
    if (!derived.derivation) {
        input.quality = model::Quality::bad_configuration;
        put(twin, item.second, {}, input);
        return;
    }
    ++derivations_;
    own_.clear();
    for (const uint32_t slot : derived.own) {
        const SlotRecord& record = slots_[twin.first_slot + slot];
        own_.push_back(record.value);
        input.add(record.quality, record.has(SlotRecord::stale), record.time_ns);
    }
    rolled_.clear();
    const size_t roll_ups = derived.derivation->roll_ups().size();
    for (size_t r = derived.first_roll_up; r < derived.first_roll_up + roll_ups; ++r) {
        DerivedState::Rolled& rolled = twin.derived->rolled[r];
        if (rolled.time_ns == DerivedState::unknown_time)
            rolled.time_ns = newest_of_members(twin, twin.model->roll_ups[r]);
        rolled_.push_back(rolled.parts->result());
        input.add(rolled.parts->quality(), rolled.parts->stale(), rolled.time_ns);
    }
    error_.clear();
    sql::Datum value = derived.derivation->evaluate(own_, rolled_, now, error_);
    const auto& content = *twin.model->interface->slots[derived.slot].content;
    if (!error_.empty() && family(input.quality) != model::QualityFamily::bad)
        input.quality = model::Quality::bad_configuration;
    if (!fit_to_slot(content, value)) input.quality = model::Quality::bad_configuration;
    put(twin, item.second, std::move(value), input);
}

void DeriveNet::put(Twin& twin, uint32_t derived, sql::Datum value, const Input& input) {
    const uint32_t slot = twin.model->derived[derived].slot;
    SlotRecord& record = slots_[twin.first_slot + slot];
    if (record.time_ns == input.time_ns && record.quality == input.quality &&
        record.has(SlotRecord::stale) == input.stale && record.value == value)
        return;
    const bool older = input.time_ns < record.time_ns;
    record.value = std::move(value);
    record.time_ns = input.time_ns;
    record.quality = input.quality;
    record.set(SlotRecord::stale, input.stale);
    uint8_t& marks = twin.derived->marks[derived];
    if ((marks & mark_changed) == 0) {
        marks |= mark_changed;
        changed_.emplace_back(twin.name.index, derived);
    }
    if (record.has(SlotRecord::dependents)) slot_changed(twin, slot, older);
}

void DeriveNet::settle(Time now) {
    now_ = now;
    for (size_t round = 0; !dirty_.empty(); ++round) {
        if (round >= hops_limit_) {
            give_up();
            break;
        }
        std::swap(current_, dirty_);
        for (const Item& item : current_)
            compute(item, now);
        current_.clear();
    }
    for (size_t i = 0; i < changed_.size(); ++i) {
        const auto [index, derived] = changed_[i];
        Twin& twin = graph_.at(index);
        if (!twin.derived || derived >= twin.derived->marks.size()) continue;
        twin.derived->marks[derived] &= static_cast<uint8_t>(~mark_changed);
        if (on_changed) on_changed(twin, derived);
    }
    changed_.clear();
}

void DeriveNet::give_up() {
    if (!std::exchange(told_, true)) {
        const Twin& twin = graph_.at(dirty_.front().first);
        const uint32_t slot = twin.model->derived[dirty_.front().second].slot;
        log_warning("twin",
                    fmt::format("'{}' of twin '{}' and {} others depend on themselves, or more "
                                "than twin.derive_hops_limit = {} deep; they are null until that "
                                "changes",
                                twin.model->interface->slots[slot].path, twin.name.id,
                                dirty_.size() - 1, hops_limit_));
    }
    // Their dependents are marked as cyclic too, by and by: nothing is computed any more.
    while (!dirty_.empty()) {
        const Item item = dirty_.back();
        dirty_.pop_back();
        Twin& twin = graph_.at(item.first);
        if (!twin.derived || item.second >= twin.derived->marks.size()) continue;
        uint8_t& marks = twin.derived->marks[item.second];
        marks = static_cast<uint8_t>((marks & ~mark_dirty) | mark_cyclic);
        cyclic_.push_back(item);
        Input input;
        input.quality = model::Quality::bad_configuration;
        put(twin, item.second, {}, input);
    }
}

}  // namespace hw::twin
