#include "rules/predicate_index.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/decimal.h"
#include "rules/running_rule.h"

namespace hw::rules {

namespace {

using sql::Datum;
using sql::Indexable;
using sql::Kind;

constexpr size_t values_limit = 10'000;  // of one IN

// The number that a text may count as in a comparison.
std::optional<double> number_in(std::string_view text) {
    const Decimal number = scan_decimal(text);
    if (number.kind == Decimal::Kind::none || number.length != text.size()) return std::nullopt;
    return number.real;
}

// Constants that equal nothing but themselves: of the same kind, but that a text which is a number
// equals that number.
bool can_hash(const Datum& value) {
    switch (value.kind()) {
        case Kind::boolean:
        case Kind::int64:
            return true;
        case Kind::float64:
            return !std::isnan(value.as_real());
        case Kind::text:
            return !number_in(value.as_text());
        default:
            return false;
    }
}

bool usable(const Indexable& by) {
    switch (by.type) {
        case Indexable::Type::equal:
        case Indexable::Type::in:
            return !by.values.empty() && by.values.size() <= values_limit &&
                   std::all_of(by.values.begin(), by.values.end(), can_hash);
        case Indexable::Type::topic:
            return by.values.size() == 1 && by.values[0].is_text();
        default:
            return by.values.size() == 1 && by.values[0].is_number() &&
                   !std::isnan(by.values[0].as_number());
    }
}

// How few events a conjunct is likely to let through: less is better.
int rank(Indexable::Type type) {
    switch (type) {
        case Indexable::Type::equal:
            return 0;
        case Indexable::Type::in:
            return 1;
        case Indexable::Type::topic:
            return 2;
        default:
            return 3;
    }
}

size_t threshold_of(Indexable::Type type) {
    return static_cast<size_t>(type) - static_cast<size_t>(Indexable::Type::less);
}

struct Below {
    template <class T>
    bool operator()(const T& a, double b) const {
        return a.first < b;
    }
    template <class T>
    bool operator()(double a, const T& b) const {
        return a < b.first;
    }
};

}  // namespace

std::optional<size_t> PredicateIndex::choose(const sql::Query& query) {
    std::optional<size_t> best;
    const auto all = query.indexable();
    for (size_t i = 0; i < all.size(); ++i)
        if (usable(all[i]) && (!best || rank(all[i].type) < rank(all[*best].type))) best = i;
    return best;
}

bool PredicateIndex::add(RunningRule& rule) {
    const auto chosen = choose(*rule.query);
    if (!chosen) return false;
    const Indexable& by = rule.query->indexable()[*chosen];
    // A topic's answer is asked of a text, a number's of a number: keys of their own.
    const bool topic = by.type == Indexable::Type::topic;
    auto& key = keys_[(topic ? "topic " : "value ") + by.key];
    if (!key) {
        key = std::make_unique<Key>();
        key->topic = topic;
        order_.push_back(key.get());
    }
    key->askers.emplace_back(&rule, *chosen);
    add_to(*key, rule, by);
    places_.emplace(&rule, Place{key.get(), *chosen});
    return true;
}

void PredicateIndex::add_to(Key& key, RunningRule& rule, const Indexable& by) {
    const Member member{&rule, by.conjunct};
    if (by.type == Indexable::Type::topic) {
        const auto free = std::find_if(key.topic_members.begin(), key.topic_members.end(),
                                       [](const Member& one) { return one.rule == nullptr; });
        const auto number = static_cast<uint32_t>(free - key.topic_members.begin());
        if (free == key.topic_members.end()) key.topic_members.emplace_back();
        key.topic_members[number] = member;
        key.topics.add(by.values[0].as_text(), number);
        return;
    }
    if (by.type == Indexable::Type::equal || by.type == Indexable::Type::in) {
        for (const auto& value : by.values) {
            auto& members = key.equal[value];
            // The same value twice in one IN.
            if (members.empty() || members.back().rule != &rule) members.push_back(member);
        }
        return;
    }
    auto& sorted = key.thresholds[threshold_of(by.type)];
    const double value = by.values[0].as_number();
    sorted.emplace(std::upper_bound(sorted.begin(), sorted.end(), value, Below()), value, member);
}

void PredicateIndex::remove(RunningRule& rule) {
    const auto place = places_.find(&rule);
    if (place == places_.end()) return;
    Key& key = *place->second.key;
    remove_from(key, rule, rule.query->indexable()[place->second.indexable]);
    std::erase_if(key.askers, [&](const auto& asker) { return asker.first == &rule; });
    places_.erase(place);
    if (!key.askers.empty()) return;
    std::erase(order_, &key);
    std::erase_if(keys_, [&](const auto& entry) { return entry.second.get() == &key; });
}

void PredicateIndex::remove_from(Key& key, RunningRule& rule, const Indexable& by) {
    const auto is_rule = [&](const Member& member) { return member.rule == &rule; };
    if (by.type == Indexable::Type::topic) {
        const auto at = std::find_if(key.topic_members.begin(), key.topic_members.end(), is_rule);
        HW_ASSERT(at != key.topic_members.end());
        key.topics.remove(by.values[0].as_text(),
                          static_cast<uint32_t>(at - key.topic_members.begin()));
        at->rule = nullptr;
        return;
    }
    if (by.type == Indexable::Type::equal || by.type == Indexable::Type::in) {
        for (const auto& value : by.values) {
            const auto at = key.equal.find(value);
            if (at == key.equal.end()) continue;
            std::erase_if(at->second, is_rule);
            if (at->second.empty()) key.equal.erase(at);
        }
        return;
    }
    std::erase_if(key.thresholds[threshold_of(by.type)],
                  [&](const Threshold& one) { return one.second.rule == &rule; });
}

void PredicateIndex::find(const sql::Record& record, Time now, std::vector<Candidate>& out) const {
    for (const Key* key : order_) {
        const auto& [rule, indexable] = key->askers.front();
        const Datum value = rule->query->index_value(indexable, record, now);
        if (!value.is_null()) find_in(*key, value, out);
    }
}

void PredicateIndex::find_in(const Key& key, const Datum& value, std::vector<Candidate>& out) {
    const auto give = [&](const Member& member, bool known) {
        out.push_back({member.rule, 0, known ? member.conjunct : Candidate::none});
    };
    if (key.topic) {
        if (!value.is_text()) return;
        std::vector<uint32_t> found;
        key.topics.match(value.as_text(), found);
        for (const uint32_t number : found)
            give(key.topic_members[number], true);
        return;
    }
    const auto probe = [&](const Datum& what, bool known) {
        const auto at = key.equal.find(what);
        if (at == key.equal.end()) return;
        for (const auto& member : at->second)
            give(member, known);
    };
    probe(value, true);
    if (value.is_number()) return find_thresholds(key, value.as_number(), out);
    // Where a text is compared with a number the statement's own WHERE must say what holds.
    if (value.is_text())
        if (const auto number = number_in(value.as_text())) probe(Datum::real(*number), false);
    for (const auto& sorted : key.thresholds)
        for (const auto& [threshold, member] : sorted)
            give(member, false);
}

void PredicateIndex::find_thresholds(const Key& key, double value, std::vector<Candidate>& out) {
    if (std::isnan(value)) return;
    const auto give = [&](auto from, auto to) {
        for (; from != to; ++from)
            out.push_back({from->second.rule, 0, from->second.conjunct});
    };
    const auto& [less, less_equal, greater, greater_equal] = key.thresholds;
    give(std::upper_bound(less.begin(), less.end(), value, Below()), less.end());
    give(std::lower_bound(less_equal.begin(), less_equal.end(), value, Below()), less_equal.end());
    give(greater.begin(), std::lower_bound(greater.begin(), greater.end(), value, Below()));
    give(greater_equal.begin(),
         std::upper_bound(greater_equal.begin(), greater_equal.end(), value, Below()));
}

}  // namespace hw::rules
