#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "twin/graph.h"
#include "twin/live_state.h"

namespace hw::twin {

// Keeps derived properties current: notes what is to be computed anew as slots and relationships
// change, and computes it in rounds once a piece of changes is over, so that a property is computed
// once for all changes of its inputs. What has not settled after `hops_limit` rounds hangs in a
// cycle: it is null and bad_configuration until a description or relationship changes. Guarded by
// the owner of graph and slots.
class DeriveNet {
  public:
    DeriveNet(Graph& graph, Slots& slots, size_t hops_limit)
        : graph_(graph), slots_(slots), hops_limit_(hops_limit) {}

    // Called once for each derived slot that has changed, when all is settled.
    std::function<void(Twin& twin, uint32_t derived)> on_changed;

    void twin_added(Twin& twin);  // or it has another model now
    void twin_removed(Twin& twin);
    // Its model has changed: what others roll up of it.
    void member_changed(Twin& twin);
    void edge_added(uint32_t edge);
    void edge_removed(uint32_t edge);  // before it goes
    // A slot that has dependents. `older`: its time may be before the one it had.
    void slot_changed(Twin& twin, uint32_t slot, bool older = false);
    bool settled() const { return dirty_.empty(); }
    void settle(Time now);

    uint64_t derivations() const { return derivations_; }
    size_t cyclic() const { return cyclic_.size(); }

    // Marks of DerivedState. The upper ones are for who keeps derived values.
    static constexpr uint8_t mark_dirty = 1, mark_changed = 2, mark_cyclic = 4, mark_keep = 8;

  private:
    using Item = std::pair<uint32_t, uint32_t>;  // twin, derived
    struct Input {
        model::Quality quality = model::Quality::good;
        bool stale = false;
        int64_t time_ns = 0;

        void add(model::Quality other, bool is_stale, int64_t time);
    };

    void dirty(Twin& twin, uint32_t derived);
    void structure_changed();
    void update_members(Twin& owner, const RollUpEdge& edge, Twin& member, const uint32_t* path,
                        bool older);
    void remove_members(Twin& owner, const RollUpEdge& edge, Twin& member);
    void update_member(Twin& owner, uint32_t roll_up, Twin& member, bool older = false);
    void fill(Twin& twin);
    int64_t newest_of_members(const Twin& twin, CompiledRollUp& roll_up) const;
    void compute(const Item& item, Time now);
    void put(Twin& twin, uint32_t derived, sql::Datum value, const Input& input);
    void give_up();

    Graph& graph_;
    Slots& slots_;
    const size_t hops_limit_;
    Time now_{};
    std::vector<Item> dirty_, current_, changed_;
    std::vector<Item> cyclic_;
    std::vector<sql::Datum> own_, rolled_;  // of one computation
    std::string error_;
    uint64_t derivations_ = 0;
    bool told_ = false;
};

}  // namespace hw::twin
