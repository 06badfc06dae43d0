#pragma once

#include <memory>

#include "base/error.h"
#include "catalog/database.h"
#include "sql/codecs/schema_registry.h"

namespace hw::app {

// The schemas of schema_encode() and its kin as they are kept: table rule_schema of the catalogue,
// and the registry that the rules read. Any thread.
class RuleSchemas {
  public:
    // Loads what is kept; what no longer compiles is told in the log and left out. The database
    // outlives it.
    static Result<std::unique_ptr<RuleSchemas>> open(catalog::Database& database);

    sql::SchemaRegistry& registry() { return registry_; }
    // Compiled first, then kept. Errors: those of SchemaRegistry::put.
    Result<void> put(const sql::SchemaDefinition& definition);
    Result<void> remove(std::string_view name);

  private:
    explicit RuleSchemas(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
    sql::SchemaRegistry registry_;
};

}  // namespace hw::app
