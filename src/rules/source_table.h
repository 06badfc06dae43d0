#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/point_directory.h"
#include "rules/event.h"
#include "rules/filter_tree.h"
#include "rules/interest.h"
#include "rules/predicate_index.h"
#include "rules/streams.h"

namespace hw::rules {

// One source as rules write it, and the rules that read it.
struct SourceGroup {
    std::string key;  // "message plant1/+/flow"
    uint32_t number = 0;
    Interest::Kind kind = Interest::Kind::message;
    std::vector<std::string> filters;  // one; of points any number
    StreamReader* reader = nullptr;    // of a named stream; else records go as they are
    std::shared_ptr<const void> stream;
    uint64_t events = 0;
    uint64_t missed = 0;  // dropped on the way in
    uint64_t unread = 0;  // that the stream's FORMAT could not read
    std::string last_unread;
    PredicateIndex index;
    std::vector<Candidate> all;  // rules that get every event
    size_t members = 0;
};

// From events to the groups that read them, each topic, name and point looked up once while the
// set of groups stays as it is. The rules thread's. Cached: about 100 bytes a topic and its text,
// 4 bytes a point.
class SourceTable {
  public:
    SourceTable(Interest& interest, const model::PointDirectory& points, size_t topics_limit)
        : interest_(interest), points_(points), topics_limit_(topics_limit) {}

    // The group of the source, made if new; `durable` as Interest wants it.
    SourceGroup& join(const sql::QuerySource& source, const Streams& streams, bool durable);
    // One member less; the last one takes the group away.
    void leave(SourceGroup& group, bool durable);

    using Groups = std::vector<SourceGroup*>;
    // Valid until the next call.
    const Groups& of_message(std::string_view topic);
    const Groups& of_event(std::string_view name);
    const Groups& of_ingress(std::string_view source);
    const Groups& of_point(model::PointId point);

    size_t size() const { return by_key_.size(); }
    size_t routes() const { return caches_[0].size(); }
    size_t index_keys() const;

  private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    using Cache = std::unordered_map<std::string, Groups, Hash, std::equal_to<>>;

    const Groups& of_text(Interest::Kind kind, std::string_view name);
    Groups resolve(Interest::Kind kind, std::string_view name) const;
    uint32_t set_of(Groups groups);
    void forget();

    Interest& interest_;
    const model::PointDirectory& points_;
    const size_t topics_limit_;
    std::map<std::string, std::unique_ptr<SourceGroup>, std::less<>> by_key_;
    std::vector<SourceGroup*> by_number_;
    FilterTree trees_[Interest::kind_count];
    Cache caches_[Interest::kind_count];
    std::vector<uint32_t> points_cache_;  // 0: not asked; else 1 + index of sets_
    std::vector<Groups> sets_;
    std::map<Groups, uint32_t> set_numbers_;
};

}  // namespace hw::rules
