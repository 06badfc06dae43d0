#pragma once

#include <string>
#include <vector>

#include "sql/query/compiler.h"
#include "sql/query/parts.h"

namespace hw::sql {

// Makes the parts of one statement: plan() once. Refuses what would need unbounded memory.
class Planner {
  public:
    Planner(const Select& select, const Environment& environment, const QueryOptions& options,
            std::vector<BoundSource> sources, Dialect dialect);

    Parsed<QueryParts> plan();

  private:
    bool windowed() const { return select_.window.type != WindowType::none; }

    // planner.cpp
    bool check();
    void check_clauses();
    void prepare_aliases();
    size_t add_node(std::string name, std::string detail);
    void plan_sources();
    EvaluatorPtr event_time_of(const BoundSource& source, size_t index);
    void plan_where();
    bool has_lookups() const;
    bool needs_lookup(const Expression& expression);
    bool where_is_the_windows() const;
    void plan_rows();
    void plan_foreach(Phase phase);
    void plan_output();

    // planner_window.cpp: joins, windows, groups, and the plan's text.
    void plan_lookups();
    LookupStep lookup_step(size_t source);
    void plan_window();
    void plan_joins();
    JoinStep join_step(size_t source);
    void window_expressions(WindowPlan& plan, const Phase& row);
    void plan_groups(WindowPlan& plan, const Phase& row);
    void plan_results(WindowPlan& plan);
    void finish();
    void describe();
    void describe_window(const std::string& group_by);

    const Select& select_;
    const QueryOptions& options_;
    Compiler compiler_;
    QueryParts parts_;
    std::vector<Conjunct> conjuncts_;
    std::vector<ExpressionPtr> fields_of_options_;
    std::vector<size_t> last_;  // the plan's nodes whose rows the next one takes
    EvaluatorPtr window_where_;
    size_t do_fields_ = 0;  // the number of the first field of DO among the aliases
    bool stream_joins_ = false;
};

}  // namespace hw::sql
