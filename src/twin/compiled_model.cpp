#include "twin/compiled_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config_text.h"
#include "base/log.h"
#include "twin/derive/beside.h"

namespace hw::twin {

namespace {

Result<std::vector<uint32_t>> own_slots(const Interface& model, const Slot& derived,
                                        const Derivation& derivation) {
    std::vector<uint32_t> slots;
    for (const auto& name : derivation.own()) {
        const std::string path = beside(derived, name);
        const auto slot = model.slot(path);
        if (!slot) {
            std::vector<std::string> paths;
            for (const auto& known : model.slots)
                paths.push_back(known.path);
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' is no telemetry or property of {}{}", path, model.id,
                                    did_you_mean(path, paths)));
        }
        slots.push_back(static_cast<uint32_t>(*slot));
    }
    return slots;
}

Result<void> check_roll_ups(const Interface& model, const Derivation& derivation) {
    for (const auto& roll_up : derivation.roll_ups()) {
        if (roll_up.incoming) continue;  // of whom is not known here
        const Content* content = model.find(roll_up.relationship);
        if (content != nullptr && content->kind == ContentKind::relationship) continue;
        std::vector<std::string> names;
        for (const auto& known : model.contents)
            if (known.kind == ContentKind::relationship) names.push_back(known.name);
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is no relationship of {}{}", roll_up.relationship, model.id,
                                did_you_mean(roll_up.relationship, names)));
    }
    return {};
}

}  // namespace

bool CompiledRollUp::needs(uint32_t path) const {
    return std::find(paths.begin(), paths.end(), path) != paths.end();
}

const std::vector<int32_t>& CompiledRollUp::slots_of(const CompiledModel& member) {
    const auto [at, fresh] = member_slots.try_emplace(&member);
    if (fresh)
        for (const uint32_t path : paths) {
            const auto slot = member.slot_of_path.find(path);
            at->second.push_back(
                slot == member.slot_of_path.end() ? -1 : static_cast<int32_t>(slot->second));
        }
    return at->second;
}

Result<void> check_derivation(const Interface& model, const Slot& slot,
                              const sql::FunctionTable& functions) {
    sql::Services services;
    auto derivation = HW_TRY(Derivation::compile(slot.content->expression, functions, services));
    HW_TRY(own_slots(model, slot, *derivation));
    return check_roll_ups(model, *derivation);
}

CompiledModel* ModelBook::find(std::string_view id) {
    const auto at = models_.find(id);
    return at == models_.end() ? nullptr : at->second.get();
}

CompiledModel& ModelBook::get(const InterfacePtr& interface, std::vector<CompiledModel*>& widened) {
    if (CompiledModel* known = find(interface->id)) return *known;
    auto& model = *models_.emplace(interface->id, std::make_unique<CompiledModel>()).first->second;
    model.interface = interface;
    model.slots.resize(interface->slots.size());
    for (size_t i = 0; i < model.slots.size(); ++i) {
        const Slot& slot = interface->slots[i];
        CompiledSlot& compiled = model.slots[i];
        if (slot.content->schema) compiled.kind = slot.content->schema->kind;
        compiled.path = paths_.intern(slot.path);
        compiled.stale_after =
            slot.content->stale_after.ns > 0 ? slot.content->stale_after : stale_after_;
        model.slot_of_path.emplace(compiled.path, static_cast<uint32_t>(i));
        const auto wanted = wanted_.find(compiled.path);
        if (wanted != wanted_.end()) compiled.rolled_over = wanted->second;
    }
    for (size_t i = 0; i < model.slots.size(); ++i)
        if (!interface->slots[i].content->expression.empty()) compile_derived(model, i);
    widen(model, widened);
    return model;
}

void ModelBook::compile_derived(CompiledModel& model, size_t slot) {
    const auto number = static_cast<uint32_t>(model.derived.size());
    model.slots[slot].derived = static_cast<int32_t>(number);
    CompiledDerived& derived = model.derived.emplace_back();
    const Slot& described = model.interface->slots[slot];
    derived.slot = static_cast<uint32_t>(slot);
    derived.historized = described.content->historized;
    derived.first_roll_up = static_cast<uint32_t>(model.roll_ups.size());
    auto compiled = Derivation::compile(described.content->expression, functions_, services_);
    auto own = compiled ? own_slots(*model.interface, described, **compiled)
                        : Result<std::vector<uint32_t>>(std::unexpected(compiled.error()));
    if (!own) {
        derived.error = own.error().text();
        log_warning("twin", fmt::format("'{}' of {} is not derived: {}", described.path,
                                        model.interface->id, derived.error));
        return;
    }
    derived.derivation = std::move(*compiled);
    derived.own = std::move(*own);
    for (const uint32_t from : derived.own)
        model.slots[from].dependents.push_back(number);
    const auto roll_ups = derived.derivation->roll_ups();
    for (size_t r = 0; r < roll_ups.size(); ++r) {
        CompiledRollUp& roll_up = model.roll_ups.emplace_back();
        roll_up.derived = number;
        roll_up.index = static_cast<uint32_t>(r);
        roll_up.function = roll_ups[r].function;
        roll_up.edge = {relationships_.intern(roll_ups[r].relationship), roll_ups[r].incoming};
        for (const auto& path : roll_ups[r].paths)
            roll_up.paths.push_back(paths_.intern(path));
    }
}

// What the model rolls up gets to know of it.
void ModelBook::widen(CompiledModel& model, std::vector<CompiledModel*>& widened) {
    for (const auto& roll_up : model.roll_ups)
        for (const uint32_t path : roll_up.paths) {
            auto& edges = wanted_[path];
            if (std::find(edges.begin(), edges.end(), roll_up.edge) != edges.end()) continue;
            edges.push_back(roll_up.edge);
            for (const auto& [id, other] : models_) {
                const auto slot = other->slot_of_path.find(path);
                if (slot == other->slot_of_path.end()) continue;
                other->slots[slot->second].rolled_over = edges;
                if (std::find(widened.begin(), widened.end(), other.get()) == widened.end())
                    widened.push_back(other.get());
            }
        }
}

void ModelBook::replace(const InterfacePtr& interface) {
    CompiledModel* known = find(interface->id);
    if (known == nullptr) return;
    HW_ASSERT(known->slots.size() == interface->slots.size());
    known->interface = interface;
}

void ModelBook::forget(std::string_view id) {
    const auto at = models_.find(id);
    if (at == models_.end()) return;
    HW_ASSERT(at->second->twins == 0);
    for (const auto& [other, model] : models_)
        for (auto& roll_up : model->roll_ups)
            roll_up.member_slots.erase(at->second.get());
    models_.erase(at);
}

}  // namespace hw::twin
