#include "sql/query/query.h"

#include <utility>

#include "sql/query/parts.h"
#include "sql/query/pipeline.h"

namespace hw::sql {

Parsed<std::unique_ptr<Query>> Query::compile(std::string_view sql, const Environment& environment,
                                              const QueryOptions& options) {
    auto select = parse_select(sql);
    if (!select) return std::unexpected(std::move(select.error()));
    auto parts = plan_query(*select, environment, options);
    if (!parts) return std::unexpected(std::move(parts.error()));
    return std::make_unique<Pipeline>(std::move(*parts));
}

}  // namespace hw::sql
