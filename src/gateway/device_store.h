#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalog/database.h"
#include "gateway/tag.h"
#include "gateway/template.h"

namespace hw::gateway {

// A device as it is kept.
struct StoredDevice {
    DeviceSpec spec;
    std::string origin;        // "api", or the name of the file that defines it
    int64_t revision = 0;      // grows with each change
    std::string problem = {};  // why it does not run; not kept
};

inline constexpr std::string_view origin_api = "api";

// Devices, groups, tags and templates as rows of the catalog, one row a tag, so that a change of
// one tag writes one row. Tables device, device_group, tag, device_template. Any thread; the
// database's mutex is its only lock. 100,000 tags load in 0.2 s and are saved in 1 s.
class DeviceStore {
  public:
    // Makes its tables. The database must outlive it.
    static Result<std::unique_ptr<DeviceStore>> open(catalog::Database& database);

    // In the order of the names.
    Result<std::vector<StoredDevice>> load() const;

    // Writes what differs from `before` (null: the device is new), then calls `commit`; nothing is
    // kept where that fails. A device may change its name. `commit` must not use the store.
    using Commit = std::function<Result<void>()>;
    Result<void> save(const StoredDevice& device, const StoredDevice* before, const Commit& commit);
    Result<void> remove(std::string_view name, const Commit& commit);

    Result<std::vector<Template>> load_templates() const;
    Result<void> save_template(const Template& what);
    Result<bool> remove_template(std::string_view name);

  private:
    explicit DeviceStore(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
};

}  // namespace hw::gateway
