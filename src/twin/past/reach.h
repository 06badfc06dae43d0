#pragma once

#include <memory>

#include "sql/function.h"
#include "twin/model/state.h"

namespace hw::twin {

// What derived values of some twins need beside themselves: the twins at the other end of the
// relationships that they roll up, and what those need. One thread.
class Reach {
  public:
    explicit Reach(const sql::FunctionTable& functions);
    ~Reach();

    // Whether all of it is certainly in the snapshot itself. Incoming relationships come from
    // anywhere, so that a roll-up of those says no.
    bool is_closed(const Snapshot& snapshot);
    // The twins of `all` that `wanted` is made of, themselves too; both in the order of ids.
    // Moved out of `all`.
    Snapshot of(const Snapshot& wanted, Snapshot all);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hw::twin
