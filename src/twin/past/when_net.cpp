#include "twin/past/when_net.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/config_text.h"
#include "twin/derive/slot_value.h"

namespace hw::twin {

Result<std::unique_ptr<WhenNet>> WhenNet::make(Derivation& condition, const Snapshot& described,
                                               std::string_view twin,
                                               DerivingInterfaces& interfaces, Limits limits) {
    std::unique_ptr<WhenNet> net(new WhenNet(described, interfaces, limits));
    for (size_t i = 0; i < described.twins.size(); ++i)
        net->places_.emplace(described.twins[i].id, i);
    const auto place = net->places_.find(twin);
    HW_ASSERT(place != net->places_.end());
    const Interface& model = *described.twins[place->second].model;
    std::vector<size_t> own;
    for (const auto& path : condition.own()) {
        const auto slot = model.slot_index.find(path);
        if (slot == model.slot_index.end()) {
            std::vector<std::string> known;
            for (const auto& one : model.slots)
                known.push_back(one.path);
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' is no property of '{}' ({}){}", path, twin, model.id,
                                    did_you_mean(path, known)));
        }
        own.push_back(slot->second);
    }
    HW_TRY(net->add_node(condition, nullptr, place->second, own, 0));
    return net;
}

Result<uint32_t> WhenNet::value_of(size_t twin, size_t slot, size_t depth) {
    const TwinState& state = described_.twins[twin];
    const auto [known, fresh] = value_of_slot_.try_emplace({twin, slot}, none);
    if (!fresh) {
        if (known->second != none) return known->second;
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("'{}' of '{}' hangs on itself", state.model->slots[slot].path, state.id));
    }
    const PropertyState& property = state.properties[slot];
    const Content* content = state.model->slots[slot].content;
    uint32_t value = none;
    if (property.live.origin == Origin::derived) {
        DerivingInterface& deriving = interfaces_.get(state.model);
        const int32_t number = deriving.derived_of_slot[slot];
        HW_ASSERT(number >= 0);
        const DerivedSlot& derived = deriving.derived[static_cast<size_t>(number)];
        if (derived.derivation) {
            value = HW_TRY(add_node(*derived.derivation, content, twin, derived.own, depth + 1));
        }
    }
    if (value == none) {
        value = static_cast<uint32_t>(values_.size());
        values_.emplace_back();
        dependents_.emplace_back();
        if (property.live.origin == Origin::fixed) values_.back() = property.live.value;
        if (property.live.origin == Origin::point && !property.point.empty()) {
            if (inputs_.size() >= limits_.inputs)
                return fail(ErrorCode::limit_exceeded,
                            fmt::format("the condition hangs on more than {} points; ask it of a "
                                        "part",
                                        limits_.inputs));
            inputs_.push_back({property.point, content, value});
        }
    }
    value_of_slot_[{twin, slot}] = value;
    return value;
}

// What a node needs is made before it, so that nodes in their order can be computed.
Result<uint32_t> WhenNet::add_node(Derivation& derivation, const Content* content, size_t twin,
                                   const std::vector<size_t>& own, size_t depth) {
    if (depth > limits_.hops)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the condition hangs on derived values more than {} deep "
                                "(twin.derive_hops_limit)",
                                limits_.hops));
    Node node{.derivation = &derivation, .content = content, .own = {}, .rolled = {}};
    for (const size_t slot : own)
        node.own.push_back(HW_TRY(value_of(twin, slot, depth)));
    for (const auto& roll_up : derivation.roll_ups())
        node.rolled.push_back(HW_TRY(roll_up_of(roll_up, twin, depth)));
    const auto number = static_cast<uint32_t>(nodes_.size());
    for (const uint32_t value : node.own)
        dependents_[value].push_back({number, none, 0});
    for (uint32_t r = 0; r < node.rolled.size(); ++r)
        for (uint32_t m = 0; m < node.rolled[r].members.size(); ++m)
            for (const uint32_t value : node.rolled[r].members[m])
                if (value != none) dependents_[value].push_back({number, r, m});
    node.value = static_cast<uint32_t>(values_.size());
    values_.emplace_back();
    dependents_.emplace_back();
    nodes_.push_back(std::move(node));
    return nodes_.back().value;
}

Result<WhenNet::Rolled> WhenNet::roll_up_of(const RollUp& roll_up, size_t twin, size_t depth) {
    Rolled rolled{.parts = Accumulator::make(roll_up.function), .members = {}};
    for (const size_t member : members_of(roll_up, twin)) {
        auto& paths = rolled.members.emplace_back();
        const Interface& model = *described_.twins[member].model;
        for (const auto& path : roll_up.paths) {
            const auto slot = model.slot_index.find(path);
            const bool there = slot != model.slot_index.end();
            paths.push_back(there ? HW_TRY(value_of(member, slot->second, depth)) : none);
        }
    }
    return rolled;
}

std::vector<size_t> WhenNet::members_of(const RollUp& roll_up, size_t twin) {
    std::vector<size_t> members;
    if (!roll_up.incoming) {
        for (const auto& one : described_.twins[twin].relationships)
            if (const auto target = places_.find(one.target);
                one.name == roll_up.relationship && target != places_.end())
                members.push_back(target->second);
        return members;
    }
    index_incoming();
    const auto [begin, end] = incoming_.equal_range(twin);
    for (auto one = begin; one != end; ++one)
        if (one->second.first == roll_up.relationship) members.push_back(one->second.second);
    return members;
}

void WhenNet::index_incoming() {
    if (std::exchange(incoming_known_, true)) return;
    for (size_t i = 0; i < described_.twins.size(); ++i)
        for (const auto& one : described_.twins[i].relationships)
            if (const auto target = places_.find(one.target); target != places_.end())
                incoming_.emplace(target->second, std::pair(std::string_view(one.name), i));
}

void WhenNet::contribute(Node& node, uint32_t r, uint32_t member, Time now) {
    own_.clear();
    for (const uint32_t value : node.rolled[r].members[member])
        own_.push_back(value == none ? sql::Datum() : values_[value]);
    node.rolled[r].parts->set(member, node.derivation->contribution(r, own_, now),
                              model::Quality::good, false);
}

void WhenNet::set(uint32_t value, sql::Datum datum) {
    if (values_[value].kind() == datum.kind() && values_[value] == datum) return;
    values_[value] = std::move(datum);
    for (const Dependent& one : dependents_[value]) {
        Node& node = nodes_[one.node];
        if (one.roll_up != none && !node.rolled[one.roll_up].members.empty())
            contribute(node, one.roll_up, one.member, now_);
        node.dirty = true;
        first_dirty_ = std::min<size_t>(first_dirty_, one.node);
    }
}

void WhenNet::compute(Node& node, Time now) {
    own_.clear();
    for (const uint32_t value : node.own)
        own_.push_back(values_[value]);
    rolled_.clear();
    for (const auto& rolled : node.rolled)
        rolled_.push_back(rolled.parts->result());
    std::string error;
    sql::Datum value = node.derivation->evaluate(own_, rolled_, now, error);
    if (node.content == nullptr) {
        holds_ = value.kind() == sql::Kind::boolean && value.as_boolean();
        error_ = std::move(error);
        return;
    }
    if (!fit_to_slot(*node.content, value)) value = {};
    set(node.value, std::move(value));
}

bool WhenNet::holds(Time now) {
    const bool begins = now_ == Time{};
    now_ = now;
    if (begins) {
        for (auto& node : nodes_)
            for (uint32_t r = 0; r < node.rolled.size(); ++r)
                for (uint32_t m = 0; m < node.rolled[r].members.size(); ++m)
                    contribute(node, r, m, now);
    }
    for (size_t i = first_dirty_; i < nodes_.size(); ++i)
        if (std::exchange(nodes_[i].dirty, false)) compute(nodes_[i], now);
    first_dirty_ = nodes_.size();
    return holds_;
}

}  // namespace hw::twin
