#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/ast.h"
#include "sql/parser.h"
#include "sql/query/evaluator.h"
#include "sql/query/path.h"
#include "sql/query/query.h"

namespace hw::sql {

// A source of FROM with what is known of it.
struct BoundSource {
    SourceType type = SourceType::named;
    std::vector<std::string> names;  // as Source's
    const Source* from = nullptr;    // while the statement is compiled
    JoinType join = JoinType::none;
    std::string name;   // by which fields may be qualified: its alias, else a stream's name
    std::string shown;  // for plans and errors
    const Shape* shape = nullptr;   // null: a lookup table
    LookupTable* lookup = nullptr;  // whose row lies in `slot`
    size_t slot = 0;
    bool named = false;               // bare names mean members of the body alone
    std::vector<std::string> fields;  // that a stream's definition declares; empty: any
};

// A value that is computed once a row and put into a slot.
struct Assignment {
    size_t slot = 0;
    EvaluatorPtr value;
};

// What people call the value in a slot.
struct SlotName {
    std::string name;
    size_t slot = 0;
};

// A field of SELECT that others may use by its name.
struct Alias {
    std::vector<std::string> parts;
    const Expression* expression = nullptr;
    size_t field = 0;
    bool referenced = false;  // by another expression
    std::optional<size_t> slot;
};

// What an expression may do where it stands.
struct Phase {
    enum class Aggregates : uint8_t {
        refused,  // in WHERE, in arguments of aggregates ...
        lone,     // no window: over the one row
        grouped,  // collected for the window's groups
    };
    std::string_view clause = "SELECT";  // for errors
    Aggregates aggregates = Aggregates::lone;
    // Where aliases are computed that were not before; null: they are compiled in place.
    std::vector<Assignment>* program = nullptr;
    size_t visible_fields = SIZE_MAX;  // EMQX: a field sees those before it
    bool analytics = true;             // analytic calls are allowed
};

// Turns expressions into evaluators: finds what names mean, checks calls, folds what is constant.
// The first flaw is kept; after it the evaluators mean nothing.
class Compiler {
  public:
    Compiler(const Environment& environment, Dialect dialect, std::vector<BoundSource> sources,
             bool from_zero);

    EvaluatorPtr compile(const Expression& expression);
    EvaluatorPtr compile(const Expression& expression, const Phase& phase);
    // What is asked without a phase is asked in this one from now on.
    void enter(const Phase& phase) { phase_ = phase; }

    const std::optional<Flaw>& flaw() const { return flaw_; }
    void fail(Place place, std::string text, std::string expected = {}, std::string nearest = {});

    Dialect dialect() const { return dialect_; }
    const std::vector<BoundSource>& sources() const { return sources_; }
    const Function* find_function(std::string_view name) const;
    size_t new_slot() { return slots_++; }
    size_t slots() const { return slots_; }
    // Slots without a name are not shown to taps.
    void name_slot(std::string name, size_t slot) {
        slot_names_.push_back({std::move(name), slot});
    }
    std::vector<SlotName> take_slot_names() { return std::move(slot_names_); }
    int64_t index_base() const { return index_base_; }

    void set_aliases(std::vector<Alias> aliases) { aliases_ = std::move(aliases); }
    void mark_references(const Expression& expression, std::optional<size_t> own_field);
    // A field's value: through its alias's slot where others use it.
    EvaluatorPtr compile_field(const Expression& expression, size_t field, const Phase& phase);

    // In the phase of groups this expression's value lies in the slot: it is one of GROUP BY.
    void set_group_key(const Expression& expression, size_t slot);

    // A name that stands for a slot (FOREACH's item) while it is set.
    void push_local(std::string name, size_t slot) { locals_.emplace_back(std::move(name), slot); }
    void pop_local() { locals_.pop_back(); }

    // All of a row as an object: the body's members of named streams, else the columns.
    EvaluatorPtr compile_star(std::string_view source, Place place);

    // What calls left behind: the window's aggregates, analytic calls on each event, and those on
    // the window's results (of aggregates).
    std::vector<AggregateCall> take_aggregates() { return std::move(aggregates_); }
    std::vector<AnalyticCall> take_analytics() { return std::move(analytics_); }
    std::vector<AnalyticCall> take_result_analytics() { return std::move(result_analytics_); }
    std::optional<size_t> row_number_slot() const { return row_number_slot_; }
    // Whether an aggregate is called in it, or in an alias it names.
    bool has_aggregate(const Expression& expression, size_t depth = 0) const;
    // Whether anything asked for a record's value outside of aggregates since reset_row_use().
    bool uses_row() const { return uses_row_; }
    bool asks_passed() const { return asks_passed_; }
    void reset_row_use() { uses_row_ = false; }

    // Where a path of names lies in records, where it is nothing else (no alias that is computed,
    // no slot).
    std::optional<std::vector<Origin>> origins_of(const Expression& expression);
    // Bit i: the expression asks source i.
    uint64_t sources_used(const Expression& expression);

  private:
    struct Chain {  // a.b[0]->c taken apart
        const Expression* base = nullptr;
        Path path;
    };

    // compiler.cpp
    EvaluatorPtr node_of(const Expression& expression);
    EvaluatorPtr folded(EvaluatorPtr node);
    EvaluatorPtr binary(const Expression& expression);
    EvaluatorPtr unary(const Expression& expression);
    EvaluatorPtr in(const Expression& expression);
    EvaluatorPtr case_of(const Expression& expression);
    EvaluatorPtr index_of(const Expression& expression);
    EvaluatorPtr slice_of(const Expression& expression);
    EvaluatorPtr nothing();

    // compiler_names.cpp
    bool chain_of(const Expression& expression, Chain& chain) const;
    bool is_path(const Expression& expression) const;
    EvaluatorPtr path_of(const Expression& expression);
    EvaluatorPtr resolve(const Expression& base, Path path);
    EvaluatorPtr rest_of(EvaluatorPtr value, Path path) const;
    Alias* find_alias(const Expression& base, const Path& path, size_t& used);
    EvaluatorPtr alias_value(Alias& alias, const Expression& base, Path rest);
    size_t alias_slot(Alias& alias);
    std::optional<size_t> qualified(const Expression& base, const Path& path) const;
    std::optional<Origin> origin_in(size_t source, const std::string& name, const Path& path,
                                    bool& certain) const;
    std::vector<Origin> find_origins(const std::string& name, const Path& path) const;
    void unknown_name(const Expression& base);
    EvaluatorPtr meta(const Expression& call);

    // compiler_calls.cpp
    EvaluatorPtr call(const Expression& expression);
    EvaluatorPtr scalar_call(const Function& function, const Expression& expression);
    EvaluatorPtr aggregate_call(const Function& function, const Expression& expression);
    EvaluatorPtr analytic_call(const Function& function, const Expression& expression);
    EvaluatorPtr window_call(const Function& function, const Expression& expression);
    bool counts_fit(const Function& function, const Expression& expression);
    std::vector<EvaluatorPtr> arguments_of(const Expression& expression);
    std::vector<EvaluatorPtr> aggregate_arguments(const Function& function,
                                                  const Expression& expression);
    EvaluatorPtr argument(const Expression& expression);
    EvaluatorPtr named_values(const Expression& call, size_t from);

    const Environment& environment_;
    const Dialect dialect_;
    const std::vector<BoundSource> sources_;
    const int64_t index_base_;
    std::vector<Alias> aliases_;
    std::vector<std::pair<const Expression*, size_t>> group_keys_;
    std::vector<std::pair<std::string, size_t>> locals_;
    std::vector<const Alias*> compiling_;  // the innermost last
    std::vector<AggregateCall> aggregates_;
    std::vector<std::pair<const Expression*, size_t>> aggregate_slots_;
    std::vector<AnalyticCall> analytics_, result_analytics_;
    std::optional<size_t> row_number_slot_;
    std::map<const Expression*, size_t> analytic_slots_;
    Phase phase_;
    std::optional<Flaw> flaw_;
    std::vector<SlotName> slot_names_;
    size_t slots_;
    size_t nodes_ = 0;
    bool uses_row_ = false;
    bool asks_passed_ = false;
    CallContext constants_;  // what constant calls are given
};

// The name that was likely meant, or nothing.
std::string nearest_name(std::string_view text, const std::vector<std::string>& candidates);

// What a field is called that has no alias, as eKuiper does it: the last name of a path, the name
// of a function; empty: neither.
std::string last_name(const Expression& expression);
bool is_star(const Expression& expression);  // the `*` of count(*)

}  // namespace hw::sql
