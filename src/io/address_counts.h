#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"

namespace hw::io {

// How many connections each address has, so that one cannot take them all. Of IPv6 a /64 counts as
// one address: a single machine commonly has as much. Loopback is not counted. Any thread; about
// 100 bytes a connection.
class AddressCounts : public std::enable_shared_from_this<AddressCounts> {
  public:
    // Of the addresses in `unlimited` there may be any number.
    AddressCounts(size_t limit, const std::vector<std::string>& unlimited);

    // One connection's place; given back with it.
    class Place {
      public:
        Place() = default;
        Place(std::shared_ptr<AddressCounts> counts, std::string key)
            : counts_(std::move(counts)), key_(std::move(key)) {}
        Place(Place&&) = default;
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (counts_) counts_->give_back(key_);
        }

      private:
        std::shared_ptr<AddressCounts> counts_;
        std::string key_;
    };
    // `peer` is "10.1.2.3:50211" or "[fd00::1]:50211". Nullopt: its address has the limit already.
    std::optional<Place> take(std::string_view peer);

  private:
    void give_back(const std::string& key);

    const size_t limit_;
    std::set<std::string> unlimited_;  // as the bytes of an address
    Mutex mutex_;
    std::map<std::string, size_t> counts_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::io
