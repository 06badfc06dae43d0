#include "connector/lookup_cache.h"

#include "sql/datum_codec.h"

namespace hw::connector {

std::string LookupCache::key_of(std::span<const sql::Datum> values) {
    std::string key;
    ByteWriter writer(key);
    for (const sql::Datum& value : values)
        sql::save(writer, value);
    return key;
}

const LookupCache::Rows* LookupCache::find(std::span<const sql::Datum> values) {
    const auto found = places_.find(key_of(values));
    if (found == places_.end()) return nullptr;
    const auto entry = found->second;
    if (entry->until <= clock_.monotonic()) {
        places_.erase(found);
        entries_.erase(entry);
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return &entry->rows;
}

void LookupCache::put(std::span<const sql::Datum> values, Rows rows) {
    const Duration ttl = rows.empty() ? settings_.missing_ttl : settings_.ttl;
    if (ttl.ns <= 0 || settings_.limit == 0) return;
    std::string key = key_of(values);
    if (const auto found = places_.find(key); found != places_.end()) {
        entries_.erase(found->second);
        places_.erase(found);
    }
    if (entries_.size() >= settings_.limit) {
        places_.erase(entries_.back().key);
        entries_.pop_back();
    }
    entries_.push_front({std::move(key), std::move(rows), clock_.monotonic() + ttl});
    places_[entries_.front().key] = entries_.begin();
}

void LookupCache::clear() {
    entries_.clear();
    places_.clear();
}

}  // namespace hw::connector
