#pragma once

#include <string>
#include <vector>

#include "connector/postgresql/session.h"
#include "connector/template.h"

namespace hw::connector::postgresql {

// "INSERT INTO t VALUES (${a}, ${b.c})" as a prepared statement with parameters: values never
// become part of its text. Or built of a table and columns. Immutable.
class Statement {
  public:
    // Errors: invalid_argument names the place; {{ }} is refused here.
    static Result<Statement> compile(std::string_view sql);
    // Each column is "name" (a member of the row) or "name=template". `conflict`: columns of a
    // unique key, whose rows are updated instead; empty: none.
    static Result<Statement> of_table(const std::string& table,
                                      const std::vector<std::string>& columns,
                                      const std::vector<std::string>& conflict);

    const std::string& sql() const { return sql_; }  // with $1, $2 ...
    Result<std::vector<Parameter>> parameters(Renderer& renderer, const Item& item) const;

  private:
    std::string sql_;
    std::vector<Template> values_;
};

// "name" with its double quotes doubled; "schema.table" part by part.
std::string quoted(std::string_view name);

}  // namespace hw::connector::postgresql
