#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/ast.h"
#include "sql/parser.h"
#include "sql/query/compiler.h"
#include "sql/query/query.h"

namespace hw::sql {

// FROM's sources with their shapes. An event with wildcards becomes one source for each event that
// it means. Lookup tables get slots 0, 1, ... in order. A flaw where one is unknown.
Parsed<std::vector<BoundSource>> bind_sources(const Select& select, const Environment& environment);

// eKuiper's where a named stream is read, else EMQX's.
Dialect dialect_of(const std::vector<BoundSource>& sources);

// `"plant1/+/flow"`, "points('a/#')", "demo AS d": as in plans and errors.
std::string shown(const Source& source);

}  // namespace hw::sql
