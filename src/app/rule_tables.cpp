#include "app/rule_tables.h"

#include <utility>
#include <vector>

namespace hw::app {

namespace {

class ConnectedTable final : public sql::LookupTable {
  public:
    explicit ConnectedTable(std::unique_ptr<connector::Lookup> lookup)
        : lookup_(std::move(lookup)) {}

    Result<std::vector<sql::Datum>> find(std::span<const std::string> keys, sql::Arguments values,
                                         Time) override {
        return lookup_->find(keys, values);
    }

  private:
    const std::unique_ptr<connector::Lookup> lookup_;
};

}  // namespace

Result<std::unique_ptr<sql::LookupTable>> make_rule_table(const sql::StreamDefinition& table,
                                                          const connector::Registry& registry,
                                                          const connector::Rooms& rooms,
                                                          const RuleSources::FindConnector& find) {
    const auto made = HW_TRY(stream_settings(table, registry, find));
    auto lookup = HW_TRY(made.kind->make_lookup(made.settings, rooms));
    return std::unique_ptr<sql::LookupTable>(std::make_unique<ConnectedTable>(std::move(lookup)));
}

}  // namespace hw::app
