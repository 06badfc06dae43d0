#pragma once

#include <list>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "sql/datum.h"

namespace hw::connector {

// The answers of a lookup by the values asked for; the least recently used go at the limit. Keys
// that were not found are kept too, for a time of their own. One thread; some 200 bytes an entry
// beside its rows.
class LookupCache {
  public:
    struct Settings {
        Duration ttl;          // 0: nothing is kept
        Duration missing_ttl;  // of keys without rows; 0: not kept
        size_t limit = 10'000;
    };
    LookupCache(const Settings& settings, const Clock& clock)
        : settings_(settings), clock_(clock) {}

    using Rows = std::vector<sql::Datum>;
    const Rows* find(std::span<const sql::Datum> values);
    void put(std::span<const sql::Datum> values, Rows rows);
    void clear();
    size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        std::string key;
        Rows rows;
        Time until;  // monotonic
    };
    static std::string key_of(std::span<const sql::Datum> values);

    const Settings settings_;
    const Clock& clock_;
    std::list<Entry> entries_;  // the latest used first
    std::unordered_map<std::string, std::list<Entry>::iterator> places_;
};

}  // namespace hw::connector
