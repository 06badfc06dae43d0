#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sql/ast.h"
#include "sql/query/compiler.h"
#include "sql/query/output_path.h"

namespace hw::sql {

// The fields of SELECT (or of DO) as one object a row, and the rows of unnest(). In eKuiper's
// dialect members that are null are left out. Immutable; one thread at a time.
class Projection {
  public:
    explicit Projection(const Compiler& compiler);

    // `number`: the field's number among the aliases. Flaws are the compiler's.
    void add(Compiler& compiler, const Field& field, const Phase& phase, size_t number);
    void add_all(Compiler& compiler, const std::vector<Field>& fields, const Phase& phase,
                 size_t first);
    void add_value(const std::string& name, EvaluatorPtr value);

    // An object; on an error scope.call->failed(). With unnest(): without its members.
    Datum row(RowScope& scope) const;
    // Calls `put` with each row: one, or as many as unnest()'s array has items.
    void rows(RowScope& scope, const std::function<void(Datum)>& put) const;
    bool has_unnest() const { return unnest_.has_value(); }

  private:
    struct Output {
        enum class Type : uint8_t { value, path, star, merge };
        Type type = Type::value;
        EvaluatorPtr node;
        Datum key;
        OutputPath path;
        std::vector<Datum> except;
        std::vector<std::pair<Datum, EvaluatorPtr>> replace;
    };
    void add_output(Output output);
    void add_star(Compiler& compiler, const Field& field, const Phase& phase);
    bool add_unnest(Compiler& compiler, const Field& field, const Phase& phase);
    void name(Compiler& compiler, const Field& field, Output& output);
    void put(Datum& row, const Output& output, RowScope& scope) const;
    Datum star(const Output& output, RowScope& scope) const;

    std::vector<Output> outputs_;
    std::optional<Output> unnest_;
    bool plain_ = true;  // values under distinct keys: no looking for equal ones
    const bool omit_null_;
    size_t unnamed_ = 0;
};

}  // namespace hw::sql
