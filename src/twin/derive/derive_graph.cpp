#include "twin/derive/derive_graph.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/assert.h"
#include "twin/derive/beside.h"

namespace hw::twin {

namespace {

std::optional<size_t> slot_of(const Interface& interface, const std::string& path) {
    const auto found = interface.slot_index.find(path);
    if (found == interface.slot_index.end()) return {};
    return found->second;
}

DerivedSlot compile_slot(const Interface& interface, size_t slot,
                         const sql::FunctionTable& functions, sql::Services& services) {
    DerivedSlot made;
    made.slot = slot;
    auto compiled =
        Derivation::compile(interface.slots[slot].content->expression, functions, services);
    if (!compiled) return made;
    for (const auto& path : (*compiled)->own()) {
        const auto own = slot_of(interface, beside(interface.slots[slot], path));
        if (!own) return made;
        made.own.push_back(*own);
    }
    made.derivation = std::move(*compiled);
    return made;
}

}  // namespace

DerivingInterface& DerivingInterfaces::get(const InterfacePtr& interface) {
    auto& known = known_[interface.get()];
    if (known) return *known;
    known = std::make_unique<DerivingInterface>();
    known->interface = interface;
    known->derived_of_slot.assign(interface->slots.size(), -1);
    for (size_t slot = 0; slot < interface->slots.size(); ++slot) {
        if (interface->slots[slot].content->expression.empty()) continue;
        known->derived_of_slot[slot] = static_cast<int32_t>(known->derived.size());
        const auto& made =
            known->derived.emplace_back(compile_slot(*interface, slot, functions_, services_));
        if (!made.derivation) continue;
        for (const auto& roll_up : made.derivation->roll_ups())
            known->rolls_up_incoming |= roll_up.incoming;
    }
    return *known;
}

DeriveGraph::DeriveGraph(Snapshot& snapshot, DerivingInterfaces& interfaces) : snapshot_(snapshot) {
    HW_ASSERT(snapshot.twins.size() < not_there);
    index_twins(interfaces);
    const bool incoming = std::ranges::any_of(
        interfaces_, [](const DerivingInterface* one) { return one->rolls_up_incoming; });
    if (incoming) index_incoming();
    for (uint32_t twin = 0; twin < snapshot_.twins.size(); ++twin)
        make_nodes(twin);
    for (auto& node : nodes_)
        find_members(node);
    for (auto& node : nodes_)
        find_needs(node);
}

void DeriveGraph::index_twins(DerivingInterfaces& interfaces) {
    const auto& twins = snapshot_.twins;
    interfaces_.reserve(twins.size());
    twin_of_id_.reserve(twins.size());
    for (uint32_t i = 0; i < twins.size(); ++i) {
        HW_ASSERT(twins[i].model && twins[i].properties.size() == twins[i].model->slots.size());
        interfaces_.push_back(&interfaces.get(twins[i].model));
        twin_of_id_.emplace(twins[i].id, i);
    }
}

void DeriveGraph::index_incoming() {
    for (uint32_t i = 0; i < snapshot_.twins.size(); ++i)
        for (const auto& relationship : snapshot_.twins[i].relationships) {
            const auto target = twin_of_id_.find(relationship.target);
            if (target != twin_of_id_.end())
                incoming_.push_back({target->second, relationship.name, i});
        }
    std::ranges::sort(incoming_, {}, [](const Incoming& one) {
        return std::tuple(one.target, one.name, one.source);
    });
}

// A derived slot that is fixed by hand is an input like any other.
void DeriveGraph::make_nodes(uint32_t twin) {
    const DerivingInterface& interface = *interfaces_[twin];
    first_node_.push_back(static_cast<uint32_t>(node_of_derived_.size()));
    for (uint32_t d = 0; d < interface.derived.size(); ++d) {
        const auto& live = snapshot_.twins[twin].properties[interface.derived[d].slot].live;
        const bool fixed = live.origin == Origin::fixed;
        node_of_derived_.push_back(fixed ? not_there : static_cast<uint32_t>(nodes_.size()));
        if (!fixed) nodes_.push_back({.twin = twin, .derived = d});
    }
}

uint32_t DeriveGraph::node_of(uint32_t twin, size_t slot) const {
    const int32_t derived = interfaces_[twin]->derived_of_slot[slot];
    return derived < 0 ? not_there
                       : node_of_derived_[first_node_[twin] + static_cast<uint32_t>(derived)];
}

void DeriveGraph::find_members(Node& node) {
    node.first_roll_up = static_cast<uint32_t>(roll_ups_.size());
    const auto& compiled = derived(node);
    if (!compiled.derivation) return;
    const auto& outgoing = snapshot_.twins[node.twin].relationships;
    for (const auto& roll_up : compiled.derivation->roll_ups()) {
        Members list{static_cast<uint32_t>(members_.size()), 0};
        if (roll_up.incoming) {
            const auto [begin, end] = std::ranges::equal_range(
                incoming_, std::pair<uint32_t, std::string_view>(node.twin, roll_up.relationship),
                {}, [](const Incoming& one) { return std::pair(one.target, one.name); });
            for (auto edge = begin; edge != end; ++edge)
                members_.push_back(edge->source);
        } else {
            for (const auto& edge : outgoing) {
                if (edge.name != roll_up.relationship) continue;
                const auto target = twin_of_id_.find(edge.target);
                members_.push_back(target == twin_of_id_.end() ? not_there : target->second);
            }
        }
        HW_ASSERT(members_.size() < not_there);
        list.count = static_cast<uint32_t>(members_.size()) - list.first;
        roll_ups_.push_back(list);
    }
}

void DeriveGraph::find_needs(Node& node) {
    node.first_need = static_cast<uint32_t>(needs_.size());
    const auto& compiled = derived(node);
    if (!compiled.derivation) return;
    for (const size_t slot : compiled.own)
        if (const uint32_t other = node_of(node.twin, slot); other != not_there)
            needs_.push_back(other);
    const auto roll_ups = compiled.derivation->roll_ups();
    for (size_t r = 0; r < roll_ups.size(); ++r)
        for (const uint32_t member : members(node, r)) {
            if (member == not_there) continue;
            for (const auto& path : roll_ups[r].paths)
                if (const auto slot = slot_of(*interfaces_[member]->interface, path))
                    if (const uint32_t other = node_of(member, *slot); other != not_there)
                        needs_.push_back(other);
        }
    HW_ASSERT(needs_.size() < not_there);
    node.needs = static_cast<uint32_t>(needs_.size()) - node.first_need;
}

}  // namespace hw::twin
