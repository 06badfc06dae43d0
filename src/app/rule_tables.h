#pragma once

#include <memory>

#include "app/rule_sources.h"
#include "connector/connector.h"
#include "sql/query/query.h"

namespace hw::app {

// A table that CREATE TABLE names, of a connector's kind: with a cache of answers, found or not
// (options CACHE_TTL, default 60s, CACHE_MISSING_TTL, default 10s, CACHE_SIZE, default 10,000
// answers), since the rules thread waits for a question that is not in it.
Result<std::unique_ptr<sql::LookupTable>> make_rule_table(const sql::StreamDefinition& table,
                                                          const connector::Registry& registry,
                                                          const connector::Rooms& rooms,
                                                          const RuleSources::FindConnector& find);

}  // namespace hw::app
