#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/query/compiler.h"
#include "sql/query/conjuncts.h"
#include "sql/query/operators.h"
#include "sql/query/projection.h"
#include "sql/query/query.h"

namespace hw::sql {

// A join with a lookup table: asked for each row, on the keys that ON's equalities give.
struct LookupStep {
    LookupTable* table = nullptr;
    size_t slot = 0;     // where its row goes
    bool outer = false;  // LEFT: also where it has none
    std::vector<std::string> keys;
    std::vector<EvaluatorPtr> values;
    EvaluatorPtr rest;  // the other conjuncts of ON; null: none
    std::string shown;  // for plans
};

// FOREACH's loop.
struct ForeachPart {
    EvaluatorPtr array;
    size_t item_slot = 0;
    std::vector<Assignment> program;  // for each item
    EvaluatorPtr incase;              // null: every item
};

struct OrderKey {
    EvaluatorPtr value;
    bool descending = false;
};

// An operator of the plan: what it is called, and the operators whose rows it takes.
struct PlanNode {
    std::string name;
    std::string detail;
    std::vector<size_t> inputs;
};

// Where the operators stand among the plan's nodes and figures.
struct Stages {
    size_t order = 0, analytic = 0, lookup = 0, filter = 0, window = 0, foreach = 0, having = 0,
           project = 0;  // 0: there is none (0 is a source)
};

// A statement made ready: everything a Pipeline is made of.
struct QueryParts {
    std::string canonical;  // the statement and the options that its state depends on
    Dialect dialect = Dialect::emqx;
    QueryOptions options;
    Services* services = nullptr;
    std::string rule_id;
    Time rule_start;
    std::vector<QuerySource> sources;
    std::vector<std::string> source_names;  // for people
    std::vector<PlanNode> plan;
    Stages stages;
    size_t slots = 0;
    std::vector<SlotName> slot_names;  // what a tap calls them

    // On each event, in this order.
    std::vector<EvaluatorPtr> event_times;  // by source; null: the source's own time
    std::vector<AnalyticCall> analytics;
    // WHERE's conjuncts before the window, by number; each with the aliases that it is the first to
    // need, so that one that would fail is not asked where an earlier conjunct is false.
    struct Condition {
        std::vector<Assignment> program;
        EvaluatorPtr holds;
    };
    std::vector<Condition> conjuncts;
    size_t conjuncts_before_lookup = 0;  // these come first
    std::vector<LookupStep> lookups;
    std::vector<IndexedConjunct> indexed;

    // Null: no window.
    std::unique_ptr<WindowPlan> window;
    std::vector<AnalyticCall> result_analytics;
    std::vector<Assignment> having_program;
    EvaluatorPtr having;

    // On each row that comes out.
    std::vector<Assignment> select_program;
    std::optional<ForeachPart> foreach;
    std::vector<OrderKey> order;
    std::unique_ptr<Projection> projection;
    std::optional<uint64_t> limit;
    std::optional<size_t> row_number_slot;
    bool asks_passed = false;  // last_hit_count() and its like: what has passed is state
};

// The plan of a statement. Flaws name the place in it.
Parsed<QueryParts> plan_query(const Select& select, const Environment& environment,
                              const QueryOptions& options);

}  // namespace hw::sql
