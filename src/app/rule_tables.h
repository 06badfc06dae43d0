#pragma once

#include <memory>

#include "app/rule_sources.h"
#include "connector/connector.h"
#include "sql/query/query.h"

namespace hw::app {

// A table that CREATE TABLE names, of a connector's kind. Those that ask a server keep its answers
// for a while, since the rules thread waits for a question that was not asked before.
Result<std::unique_ptr<sql::LookupTable>> make_rule_table(const sql::StreamDefinition& table,
                                                          const connector::Registry& registry,
                                                          const connector::Rooms& rooms,
                                                          const RuleSources::FindConnector& find);

}  // namespace hw::app
