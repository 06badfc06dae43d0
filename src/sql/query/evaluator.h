#pragma once

#include <memory>
#include <vector>

#include "sql/function.h"
#include "sql/record.h"

namespace hw::sql {

// The row that an expression is asked about. Lives during one evaluation.
struct RowScope {
    // One for each source of FROM; null where an outer join or another source of `FROM a, b` has
    // none. A lookup table's row lies in `slots`.
    const Record* const* records = nullptr;
    // What was computed before: aliases, results of aggregates and analytic functions, the rows of
    // lookup tables, FOREACH's item, unnest's item. The planner hands out the indices.
    Datum* slots = nullptr;
    CallContext* call = nullptr;
};

// A compiled expression. Immutable; any number of rows, one thread at a time.
class Evaluator {
  public:
    virtual ~Evaluator() = default;
    // On an error: null, and scope.call->failed().
    virtual Datum evaluate(RowScope& scope) const = 0;
    // The same without a copy, where the value lies in the record or a slot: valid until the next
    // change of the scope; `scratch` holds it else.
    virtual const Datum& view(RowScope& scope, Datum& scratch) const {
        scratch = evaluate(scope);
        return scratch;
    }
    // The value of every row, where it is known without one; else nullptr.
    virtual const Datum* constant() const { return nullptr; }
    // Conditions: only true is true; null, and what is no boolean, is not.
    bool holds(RowScope& scope) const {
        const Datum value = evaluate(scope);
        return value.kind() == Kind::boolean && value.as_boolean();
    }
};
using EvaluatorPtr = std::unique_ptr<Evaluator>;

// One call of an aggregate in a statement: its arguments and FILTER are evaluated for each row, its
// result goes to a slot of the group's row.
struct AggregateCall {
    const Function* function = nullptr;
    std::vector<EvaluatorPtr> arguments;
    EvaluatorPtr filter;    // null: all rows
    bool distinct = false;  // each combination of arguments counts once
    bool star = false;      // count(*): no arguments, every row counts
    size_t slot = 0;
};

// One call of an analytic function.
struct AnalyticCall {
    const Function* function = nullptr;
    std::vector<EvaluatorPtr> arguments;
    std::vector<EvaluatorPtr> partition_by;
    EvaluatorPtr when;  // null: always
    size_t slot = 0;
};

}  // namespace hw::sql
