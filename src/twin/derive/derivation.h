#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"
#include "sql/function.h"
#include "sql/services.h"

namespace hw::twin {

// Aggregates that can be kept current as one member changes.
enum class RollUpFunction : uint8_t { count, sum, avg, min, max, any, all };

// An aggregate over the twins at the other end of a relationship:
//   sum(intakes.flow)                    over the targets of relationship `intakes`
//   avg(incoming.partOf.level)           over those who have a relationship `partOf` to this one
//   sum(pumps.power * 2) FILTER (WHERE pumps.running)
//   count(pumps)                         how many there are
// Inside the call names are properties of the other twin (components by '.': drive.speed).
struct RollUp {
    RollUpFunction function = RollUpFunction::count;
    std::string relationship;
    bool incoming = false;
    std::vector<std::string> paths;  // slots of the other twin that it needs: "drive/speed"
};

// An expression over a twin's own properties and those of related twins, in the continuous SQL's
// expression language with its functions (no aggregates but those above, no analytic functions).
// Compiled once for a model, evaluated for each twin. Immutable; evaluate() one thread at a time.
class Derivation {
  public:
    // Errors (invalid_argument) have line, column and the nearest name. `services` outlives it.
    static Result<std::unique_ptr<Derivation>> compile(std::string_view text,
                                                       const sql::FunctionTable& functions,
                                                       sql::Services& services);
    virtual ~Derivation() = default;

    // Own slots that it needs, as paths; in the order of evaluate()'s `own`.
    virtual std::span<const std::string> own() const = 0;
    virtual std::span<const RollUp> roll_ups() const = 0;

    // What one related twin adds to roll-up `r`; `values` in the order of its paths. Null where the
    // FILTER or a missing value says so.
    virtual sql::Datum contribution(size_t r, std::span<const sql::Datum> values, Time now) = 0;
    // `rolled`: the results of the roll-ups. Where the row fails: null, and `error` says why.
    virtual sql::Datum evaluate(std::span<const sql::Datum> own, std::span<const sql::Datum> rolled,
                                Time now, std::string& error) = 0;
};

}  // namespace hw::twin
