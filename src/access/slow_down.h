#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"

namespace hw::access {

// Wrong passwords in a row, by a name (a user, a peer). From the limit on each one doubles how long
// that name must wait: 1 s, 2 s, ... 15 min. The table is bounded: the entry that was touched
// longest ago goes, so that filling it gains an attacker nothing but his own fresh start, and locks
// out nobody. Time is a monotonic one. Any thread.
class SlowDown {
  public:
    static constexpr Duration first_wait = seconds(1);
    static constexpr Duration longest_wait = seconds(900);
    // After this long without a wrong one, a name begins anew.
    static constexpr Duration forgotten_after = seconds(3600);

    SlowDown(uint32_t limit, size_t names_limit) : limit_(limit), names_limit_(names_limit) {}

    // How long from now until the name may try again; 0: at once. `first` says whether this is the
    // first asking of this wait.
    Duration wait(std::string_view name, Time now, bool* first = nullptr);
    // A wrong one: how long the name must wait now.
    Duration failed(std::string_view name, Time now);
    void succeeded(std::string_view name);
    size_t size() const;

  private:
    struct Entry {
        std::string name;
        uint32_t failures = 0;
        Time until = {};
        Time last = {};
        bool told = false;
    };
    using Entries = std::list<Entry>;

    const uint32_t limit_;
    const size_t names_limit_;
    mutable Mutex mutex_;
    Entries entries_ HW_LOCKING(guarded_by(mutex_));  // touched last first
    std::unordered_map<std::string_view, Entries::iterator> by_name_
        HW_LOCKING(guarded_by(mutex_));  // the names lie in the entries
};

// A user at an address, as one name. No user's name has a line's end in it.
std::string place_of(std::string_view user, std::string_view peer);

// Where each user has signed in from, the last so many pairs. Any thread.
class FamiliarPlaces {
  public:
    explicit FamiliarPlaces(size_t limit) : limit_(limit) {}

    void add(std::string_view user, std::string_view peer);
    bool has(std::string_view user, std::string_view peer) const;

  private:
    using Places = std::list<std::string>;

    const size_t limit_;
    mutable Mutex mutex_;
    Places places_ HW_LOCKING(guarded_by(mutex_));  // the last first
    std::unordered_map<std::string_view, Places::iterator> by_place_
        HW_LOCKING(guarded_by(mutex_));  // the texts lie in the list
};

}  // namespace hw::access
