#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "model/quality.h"
#include "sql/datum.h"
#include "twin/derive/derivation.h"

namespace hw::twin {

// One roll-up of one twin, kept current: what each member contributes, and the aggregate of all.
// A change costs O(1) for count, sum, avg, any and all, O(log n) for min and max; sums do not
// drift (whole values are summed exactly or anew, see the .cpp). Members of bad quality do not
// contribute. One owner.
class Accumulator {
  public:
    static std::unique_ptr<Accumulator> make(RollUpFunction function);
    virtual ~Accumulator() = default;

    // Adds the member or changes its part. `contribution` null: nothing known of it. True: the
    // result, quality or staleness may have changed.
    virtual bool set(uint32_t member, const sql::Datum& contribution, model::Quality quality,
                     bool stale) = 0;
    virtual bool remove(uint32_t member) = 0;
    virtual size_t members() const = 0;

    // sum of none is 0, count counts members with a contribution (of count(rel): all); avg, min,
    // max of none are null.
    virtual sql::Datum result() const = 0;
    // good where all members are; uncertain_sub_normal (OPC 10000-8: fewer sources than required)
    // where some are bad or uncertain or unknown; bad where none is usable; good without members.
    virtual model::Quality quality() const = 0;
    virtual bool stale() const = 0;  // a contributing member is
    virtual size_t bytes() const = 0;
};

}  // namespace hw::twin
