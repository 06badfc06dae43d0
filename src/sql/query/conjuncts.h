#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sql/ast.h"
#include "sql/query/compiler.h"
#include "sql/query/query.h"

namespace hw::sql {

// One of the conditions that WHERE joins by AND. `a BETWEEN b AND c` on a path is two of them.
struct Conjunct {
    enum class Part : uint8_t { whole, at_least, at_most };
    const Expression* expression = nullptr;
    Part part = Part::whole;
};
std::vector<Conjunct> conjuncts_of(Compiler& compiler, const Expression& where);
EvaluatorPtr compile_conjunct(Compiler& compiler, const Conjunct& conjunct, const Phase& phase);

// How an index sees the values of a path, so that its equality and order are those of `=` and `<`:
// texts that are numbers as numbers, times as ms, and null for what no constant of the form can
// equal.
enum class IndexForm : uint8_t { number, text, boolean, topic };
Datum index_form_of(const Datum& value, IndexForm form, Dialect dialect);

struct IndexedConjunct {
    Indexable indexable;
    EvaluatorPtr path;
    IndexForm form = IndexForm::number;
};
// Nothing where an index cannot decide it exactly. Asks the compiler, which has no flaw.
std::optional<IndexedConjunct> index_conjunct(Compiler& compiler, const Conjunct& conjunct,
                                              size_t number);

}  // namespace hw::sql
