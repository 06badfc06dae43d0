#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/database.h"
#include "rules/rule.h"

namespace hw::rules {

// Rules with their versions, streams and connections as rows of the catalogue. Tables rule,
// rule_version, rule_stream, rule_connector; a rule's body is its JSON. Any thread.
class RuleStore {
  public:
    // Makes its tables. The database must outlive it.
    static Result<std::unique_ptr<RuleStore>> open(catalog::Database& database);

    Result<std::vector<StoredRule>> load() const;  // in the order of the ids
    // Writes it as its newest version and drops versions beyond `versions_limit`, then calls
    // `commit`; nothing is kept where that fails.
    using Commit = std::function<Result<void>()>;
    Result<void> save(const StoredRule& rule, size_t versions_limit, const Commit& commit);
    Result<void> remove(std::string_view id, const Commit& commit);
    Result<std::vector<StoredRule>> versions(std::string_view id) const;  // newest first
    Result<std::optional<StoredRule>> version(std::string_view id, int64_t version) const;

    Result<std::vector<StreamSpec>> load_streams() const;
    Result<void> save_stream(const StreamSpec& stream, const Commit& commit);
    Result<bool> remove_stream(std::string_view name);

    Result<std::vector<ConnectorSpec>> load_connectors() const;
    Result<void> save_connector(const ConnectorSpec& connector);
    Result<bool> remove_connector(std::string_view name);

  private:
    explicit RuleStore(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
};

}  // namespace hw::rules
