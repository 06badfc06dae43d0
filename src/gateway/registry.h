#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "gateway/driver.h"

namespace hw::gateway {

// The drivers there are; filled once at start by app, then read by any thread. The one place where
// a new driver is made known.
class DriverRegistry {
  public:
    struct Entry {
        const DriverInfo* info;
        std::vector<Property> settings;  // the driver's own and those of its link
    };

    void add(const DriverInfo& info);
    // not_found names the nearest driver.
    Result<const Entry*> find(std::string_view name) const;
    const std::deque<Entry>& all() const { return entries_; }

  private:
    std::deque<Entry> entries_;
};

// What every link of that kind can be told; see LinkKind.
std::span<const Property> link_settings(LinkKind kind);

}  // namespace hw::gateway
