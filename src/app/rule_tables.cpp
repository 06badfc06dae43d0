#include "app/rule_tables.h"

#include <charconv>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sql/datum_codec.h"

namespace hw::app {

namespace {

struct CacheSettings {
    Duration ttl = seconds(60);
    Duration missing_ttl = seconds(10);
    size_t size = 10'000;
};

// The options of the cache, taken out of the table's own.
Result<CacheSettings> take_cache(sql::StreamDefinition& table) {
    CacheSettings cache;
    const auto take = [&table](std::string_view key) -> std::string {
        for (auto it = table.options.begin(); it != table.options.end(); ++it) {
            if (it->first != key) continue;
            std::string value = std::move(it->second);
            table.options.erase(it);
            return value;
        }
        return "";
    };
    if (const auto text = take("CACHE_TTL"); !text.empty())
        cache.ttl = HW_TRY(parse_duration(text));
    if (const auto text = take("CACHE_MISSING_TTL"); !text.empty())
        cache.missing_ttl = HW_TRY(parse_duration(text));
    if (const auto text = take("CACHE_SIZE"); !text.empty()) {
        const char* end = text.data() + text.size();
        const auto [at, error] = std::from_chars(text.data(), end, cache.size);
        if (error != std::errc() || at != end || cache.size == 0 || cache.size > 10'000'000)
            return fail(ErrorCode::invalid_argument,
                        "CACHE_SIZE '" + text + "' is not a number from 1 to 10000000");
    }
    return cache;
}

// Answers by question; those not asked for longest go first.
class CachedTable final : public sql::LookupTable {
  public:
    CachedTable(std::unique_ptr<connector::Lookup> lookup, CacheSettings cache)
        : lookup_(std::move(lookup)), cache_(cache) {}

    Result<std::vector<sql::Datum>> find(std::span<const std::string> keys, sql::Arguments values,
                                         Time now) override {
        std::string question;
        ByteWriter out(question);
        for (size_t i = 0; i < keys.size(); ++i) {
            out.varint(keys[i].size());
            out.text(keys[i]);
            sql::save(out, values[i]);
        }
        if (const auto it = by_question_.find(question); it != by_question_.end()) {
            if (now < it->second->until) {
                answers_.splice(answers_.begin(), answers_, it->second);
                return it->second->rows;
            }
            const auto place = it->second;
            by_question_.erase(it);  // before the text that its key looks at
            answers_.erase(place);
        }
        auto rows = HW_TRY(lookup_->find(keys, values));
        const Duration ttl = rows.empty() ? cache_.missing_ttl : cache_.ttl;
        if (ttl.ns > 0) keep(std::move(question), rows, now + ttl);
        return rows;
    }

  private:
    struct Answer {
        std::string question;
        std::vector<sql::Datum> rows;
        Time until;
    };

    void keep(std::string question, const std::vector<sql::Datum>& rows, Time until) {
        while (answers_.size() >= cache_.size) {
            by_question_.erase(answers_.back().question);
            answers_.pop_back();
        }
        answers_.push_front({std::move(question), rows, until});
        by_question_.emplace(answers_.front().question, answers_.begin());
    }

    const std::unique_ptr<connector::Lookup> lookup_;
    const CacheSettings cache_;
    std::list<Answer> answers_;  // newest use first
    std::unordered_map<std::string_view, std::list<Answer>::iterator> by_question_;
};

}  // namespace

Result<std::unique_ptr<sql::LookupTable>> make_rule_table(const sql::StreamDefinition& table,
                                                          const connector::Registry& registry,
                                                          const connector::Rooms& rooms,
                                                          const RuleSources::FindConnector& find) {
    sql::StreamDefinition own = table;
    const auto cache = HW_TRY(take_cache(own));
    const auto made = HW_TRY(stream_settings(own, registry, find));
    auto lookup = HW_TRY(made.kind->make_lookup(made.settings, rooms));
    return std::unique_ptr<sql::LookupTable>(
        std::make_unique<CachedTable>(std::move(lookup), cache));
}

}  // namespace hw::app
