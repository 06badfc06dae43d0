#pragma once

#include <string>
#include <vector>

#include "sql/ast.h"
#include "sql/query/evaluator.h"

// The compiled forms of expressions. Each maker takes its operands' compiled forms.
namespace hw::sql {

using Evaluators = std::vector<EvaluatorPtr>;

EvaluatorPtr make_constant(Datum value);

// =, !=, <, <=, >, >=
EvaluatorPtr make_comparison(Operator op, EvaluatorPtr left, EvaluatorPtr right, Dialect dialect);
// +, -, *, /, div, mod, bits, ||
EvaluatorPtr make_calculation(Operator op, EvaluatorPtr left, EvaluatorPtr right);
EvaluatorPtr make_negation(EvaluatorPtr value);  // unary -
EvaluatorPtr make_and(Evaluators operands);
EvaluatorPtr make_or(Evaluators operands);
EvaluatorPtr make_not(EvaluatorPtr operand);
EvaluatorPtr make_topic_match(EvaluatorPtr topic, EvaluatorPtr filter);
EvaluatorPtr make_between(EvaluatorPtr value, EvaluatorPtr low, EvaluatorPtr high, bool negated,
                          Dialect dialect);
// IN (list), or IN the items of one array.
EvaluatorPtr make_in(EvaluatorPtr value, Evaluators list, bool negated, Dialect dialect);
EvaluatorPtr make_in_array(EvaluatorPtr value, EvaluatorPtr array, bool negated, Dialect dialect);
EvaluatorPtr make_like(EvaluatorPtr value, EvaluatorPtr pattern, bool negated);
EvaluatorPtr make_is_null(EvaluatorPtr value, bool negated);
// Operands as Expression's: [subject,] when, then, ..., else; null where there is none.
EvaluatorPtr make_case(EvaluatorPtr subject, Evaluators whens, Evaluators thens,
                       EvaluatorPtr otherwise, Dialect dialect);
EvaluatorPtr make_array(Evaluators items);
// An object of these members; a value without a name is an object whose members are put in.
EvaluatorPtr make_object(std::vector<std::string> names, Evaluators values);
EvaluatorPtr make_range(EvaluatorPtr first, EvaluatorPtr last);

// How a[i] and a[i:j] count.
struct Indexing {
    int64_t base = 0;        // the first item's number; of 1: [0] is nothing
    bool inclusive = false;  // a slice's end belongs to it
};
EvaluatorPtr make_index(EvaluatorPtr value, EvaluatorPtr index, int64_t base);
// first and last may be null: from the beginning, to the end.
EvaluatorPtr make_slice(EvaluatorPtr value, EvaluatorPtr first, EvaluatorPtr last,
                        Indexing indexing);

// A call of a scalar function; Nulls::to_null is done here.
EvaluatorPtr make_call(const Function& function, Evaluators arguments);
// An aggregate without a window: over the items of its first argument where that is an array, else
// over the one row. `star`: count(*).
EvaluatorPtr make_lone_aggregate(const Function& function, Evaluators arguments, bool star);

// What all values that `=` may call equal have in common: for hashing. `=` is still to be asked.
EvaluatorPtr make_join_key(EvaluatorPtr value, Dialect dialect);

// window_start() and window_end() in ms; 0 outside of windows.
EvaluatorPtr make_window_bound(bool end);

}  // namespace hw::sql
