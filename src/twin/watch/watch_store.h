#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "catalog/database.h"

namespace hw::twin {

// A subscription as a row: its description as JSON.
struct WatchRow {
    std::string id;
    int64_t revision = 0;
    Time created;
    Time updated;
    std::string actor;
    std::string body;
};

// Subscriptions in the catalogue: the table twin_watch. Any thread.
class WatchStore {
  public:
    // Makes its table. The database must outlive it.
    static Result<std::unique_ptr<WatchStore>> open(catalog::Database& database);

    Result<std::vector<WatchRow>> load() const;  // in the order of the ids
    Result<void> save(const WatchRow& row);
    Result<void> remove(std::string_view id);

  private:
    explicit WatchStore(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
};

}  // namespace hw::twin
