#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "sql/function.h"
#include "sql/services.h"
#include "twin/derive/derivation.h"
#include "twin/model/interface.h"
#include "twin/names.h"

namespace hw::twin {

// Along which relationships, and which way, somebody rolls up a path: seen from the one who does.
struct RollUpEdge {
    uint32_t relationship = 0;
    bool incoming = false;

    friend bool operator==(const RollUpEdge&, const RollUpEdge&) = default;
};

struct CompiledSlot {
    SchemaKind kind = SchemaKind::float64;
    uint32_t path = 0;  // a number of ModelBook::paths()
    Duration stale_after{};
    int32_t derived = -1;                 // its number among the derived ones
    std::vector<uint32_t> dependents;     // derived ones of the same twin
    std::vector<RollUpEdge> rolled_over;  // by others; grows as models come

    bool has_dependents() const { return !dependents.empty() || !rolled_over.empty(); }
};

struct CompiledModel;

struct CompiledRollUp {
    uint32_t derived = 0;
    uint32_t index = 0;  // of the derivation's roll-ups
    RollUpFunction function = RollUpFunction::count;
    RollUpEdge edge;
    std::vector<uint32_t> paths;
    // Where a member of that model has the paths; -1: it has none.
    std::unordered_map<const CompiledModel*, std::vector<int32_t>> member_slots;

    bool needs(uint32_t path) const;
    const std::vector<int32_t>& slots_of(const CompiledModel& member);
};

struct CompiledDerived {
    uint32_t slot = 0;
    std::unique_ptr<Derivation> derivation;  // null: `error` says why
    std::string error;
    std::vector<uint32_t> own;   // slots
    uint32_t first_roll_up = 0;  // of CompiledModel::roll_ups
    bool historized = false;
};

// An interface as the twins of it need it. Its address is good until its model is removed.
struct CompiledModel {
    InterfacePtr interface;
    std::vector<CompiledSlot> slots;
    std::vector<CompiledDerived> derived;
    std::vector<CompiledRollUp> roll_ups;
    std::unordered_map<uint32_t, uint32_t> slot_of_path;
    size_t twins = 0;
};

// The models that twins are of. One owner.
class ModelBook {
  public:
    ModelBook(const sql::FunctionTable& functions, Duration stale_after)
        : functions_(functions), stale_after_(stale_after) {}

    // `widened`: models whose slots have got new dependents by it.
    CompiledModel& get(const InterfacePtr& interface, std::vector<CompiledModel*>& widened);
    CompiledModel* find(std::string_view id);
    // The same one with other texts.
    void replace(const InterfacePtr& interface);
    void forget(std::string_view id);
    Names& relationships() { return relationships_; }
    const Names& relationships() const { return relationships_; }

  private:
    void compile_derived(CompiledModel& model, size_t slot);
    void widen(CompiledModel& model, std::vector<CompiledModel*>& widened);

    const sql::FunctionTable& functions_;
    const Duration stale_after_;
    sql::Services services_;
    Names relationships_;
    Names paths_;
    std::unordered_map<uint32_t, std::vector<RollUpEdge>> wanted_;  // by path
    std::map<std::string, std::unique_ptr<CompiledModel>, std::less<>> models_;
};

// What is wrong with a derived property's expression in this model, or nothing: its syntax, slots
// and relationships that are not there.
Result<void> check_derivation(const Interface& model, const Slot& slot,
                              const sql::FunctionTable& functions);

}  // namespace hw::twin
