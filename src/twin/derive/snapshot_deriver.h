#pragma once

#include <cstddef>
#include <memory>

#include "sql/function.h"
#include "twin/model/state.h"

namespace hw::twin {

// Computes the derived slots of a snapshot from its other slots and its relationships: for states
// that are not live, as they were or as they would be. The same answers as the live state gives
// over the same inputs. Related twins that are not in the snapshot count as unknown, so take in
// what the expressions reach. Derived of derived is followed as deep as `hops_limit`; what is still
// not settled then (a cycle) is null and bad_configuration. Cost: each derived slot a few times.
// One thread; keeps compiled expressions from call to call.
class SnapshotDeriver {
  public:
    explicit SnapshotDeriver(const sql::FunctionTable& functions, size_t hops_limit = 64);
    ~SnapshotDeriver();
    // Only slots whose origin is not `fixed` are written; `time` of each is its newest input's.
    void derive(Snapshot& snapshot);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hw::twin
