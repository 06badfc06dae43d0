#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "rules/filter_tree.h"
#include "sql/query/query.h"
#include "sql/record.h"

namespace hw::rules {

struct RunningRule;

// A rule that an event may concern. Where `conjunct` is known its WHERE need not ask it again.
struct Candidate {
    static constexpr size_t none = SIZE_MAX;

    RunningRule* rule = nullptr;
    size_t source = 0;
    size_t conjunct = none;
};

// The rules on one source by what they ask of its events. Rules whose WHERE has a conjunct of the
// same left side share one key: it is worked out once an event, and the rules whose constant fits
// are found by hashing (=, IN), in sorted thresholds (<, <=, >, >=) or in a tree of filters. An
// event costs its keys and its matches, not the rules. What cannot be decided here (a text against
// a number) goes to the rule's own WHERE. One thread; about 150 bytes a rule.
class PredicateIndex {
  public:
    // Whether it took the rule: else it has no conjunct that can serve, and gets every event.
    bool add(RunningRule& rule);
    void remove(RunningRule& rule);
    void find(const sql::Record& record, Time now, std::vector<Candidate>& out) const;
    size_t keys() const { return keys_.size(); }
    size_t size() const { return places_.size(); }

  private:
    struct Hash {
        size_t operator()(const sql::Datum& value) const { return sql::hash(value); }
    };
    struct Member {
        RunningRule* rule = nullptr;
        size_t conjunct = 0;
    };
    using Threshold = std::pair<double, Member>;
    struct Key {
        // Any of the rules can be asked for the key's value.
        std::vector<std::pair<RunningRule*, size_t>> askers;
        std::unordered_map<sql::Datum, std::vector<Member>, Hash> equal;
        std::array<std::vector<Threshold>, 4> thresholds;  // less ... greater_equal, ascending
        FilterTree topics;
        std::vector<Member> topic_members;  // by the tree's number; a free one has no rule
        size_t topic_count = 0;
        bool topic = false;
    };
    struct Place {
        Key* key = nullptr;
        size_t indexable = 0;
    };

    static std::optional<size_t> choose(const sql::Query& query);
    static void add_to(Key& key, RunningRule& rule, const sql::Indexable& by);
    static void remove_from(Key& key, RunningRule& rule, const sql::Indexable& by);
    static void find_in(const Key& key, const sql::Datum& value, std::vector<Candidate>& out);
    static void find_thresholds(const Key& key, double value, std::vector<Candidate>& out);

    std::unordered_map<std::string, std::unique_ptr<Key>> keys_;
    std::vector<Key*> order_;
    std::unordered_map<RunningRule*, Place> places_;
};

}  // namespace hw::rules
