#include "twin/watch/matcher.h"

#include <algorithm>

#include "base/assert.h"
#include "model/point_path.h"

namespace hw::twin {

namespace {

bool follows_twin(const Watch& watch, const TwinName& twin, const Interface* model) {
    const auto& filter = watch.spec.filter;
    if (!filter.model.empty() && (model == nullptr || !model->is_a(filter.model))) return false;
    return !watch.members || watch.members->contains(twin.index);
}

std::vector<uint32_t> numbers_of(const std::vector<WatchPtr>& watches) {
    std::vector<uint32_t> numbers;
    for (const auto& watch : watches)
        numbers.push_back(watch->number);
    return numbers;
}

}  // namespace

bool follows_path(const WatchFilter& filter, std::string_view path) {
    return filter.properties.empty() ||
           std::any_of(filter.properties.begin(), filter.properties.end(),
                       [&](const std::string& one) { return model::matches(one, path); });
}

Matcher::Matcher() {
    interests_.emplace_back();
}

void Matcher::set_watches(std::vector<WatchPtr> watches) {
    watches_ = std::move(watches);
    by_number_.clear();
    tree_ = {};
    for (const auto& watch : watches_) {
        by_number_.emplace(watch->number, watch);
        tree_.add(watch->spec.filter.twins, watch->number);
    }
    ++generation_;
}

// Sets are of one generation; groups that no interest holds any more go.
void Matcher::begin_generation() {
    if (sets_generation_ == generation_) return;
    sets_generation_ = generation_;
    sets_.clear();
    set_ids_.clear();
    std::erase_if(groups_, [](const auto& one) { return one.second.use_count() == 1; });
}

Matcher::Note& Matcher::note(const TwinName& twin) {
    if (twin.index >= notes_.size())
        notes_.resize(std::max<size_t>(twin.index + 1, notes_.size() + notes_.size() / 2));
    return notes_[twin.index];
}

uint32_t Matcher::set_of(const TwinName& twin, const Interface* model) {
    begin_generation();
    found_.clear();
    tree_.match(twin.id, found_);
    std::erase_if(found_, [&](uint32_t number) {
        return !follows_twin(*by_number_.at(number), twin, model);
    });
    std::sort(found_.begin(), found_.end());
    return intern_set(found_);
}

uint32_t Matcher::intern_set(std::vector<uint32_t>& numbers) {
    const auto [at, fresh] = set_ids_.try_emplace(numbers, static_cast<uint32_t>(sets_.size()));
    if (fresh) {
        Set set;
        for (const uint32_t number : numbers)
            set.watches.push_back(by_number_.at(number));
        sets_.push_back(std::move(set));
    }
    return at->second;
}

uint32_t Matcher::interest(const TwinName& twin, const Interface& model, size_t slot) {
    HW_ASSERT(slot < model.slots.size());
    Note& noted = note(twin);
    // Slots are asked in their order: with the first one the twin is looked at.
    if (noted.generation != generation_ || slot == 0 ||
        noted.interests.size() != model.slots.size()) {
        noted.set = set_of(twin, &model);
        noted.generation = generation_;
        for (size_t i = model.slots.size(); i < noted.interests.size(); ++i)
            hold(noted.interests[i], 0);
        noted.interests.resize(model.slots.size());
    }
    const uint32_t found = find_interest(sets_[noted.set], model, slot);
    hold(noted.interests[slot], found);
    return found;
}

uint32_t Matcher::find_interest(Set& set, const Interface& model, size_t slot) {
    if (set.watches.empty()) return 0;
    auto at = set.by_model.find(model.id);
    if (at == set.by_model.end()) at = set.by_model.emplace(model.id, std::vector<Known>()).first;
    auto& table = at->second;
    if (table.size() < model.slots.size()) table.resize(model.slots.size());
    const std::string& path = model.slots[slot].path;
    Known& known = table[slot];
    if (known.asked && known.interest != 0) {
        const WatchInterest& interest = interests_[known.interest];
        // A model that went and came again under its name may have another slot there.
        if (interest.serial == known.serial && interest.path->text == path) return known.interest;
    }
    known = {intern_interest(set.watches, path), 0, true};
    known.serial = interests_[known.interest].serial;
    return known.interest;
}

uint32_t Matcher::intern_interest(const std::vector<WatchPtr>& watches,
                                  std::string_view path_text) {
    std::vector<WatchPtr> following;
    for (const auto& watch : watches)
        if (watch->spec.filter.wants(WatchEvents::property) &&
            follows_path(watch->spec.filter, path_text))
            following.push_back(watch);
    if (following.empty()) return 0;
    auto group = intern_group(std::move(following));
    const WatchPath* own_path = path(path_text);
    const auto [at, fresh] = interest_ids_.try_emplace({group.get(), own_path}, 0);
    if (!fresh) return at->second;
    if (free_.empty()) {
        at->second = static_cast<uint32_t>(interests_.size());
        interests_.emplace_back();
    } else {
        at->second = free_.back();
        free_.pop_back();
    }
    interests_[at->second] = {std::move(group), own_path, ++serial_, 0, 0, {}};
    return at->second;
}

std::shared_ptr<WatchGroup> Matcher::intern_group(std::vector<WatchPtr> watches) {
    auto& group = groups_[numbers_of(watches)];
    if (!group) {
        group = std::make_shared<WatchGroup>();
        group->watches = std::move(watches);
    }
    return group;
}

// Changes what a slot has; an interest that no slot has is free for another one.
void Matcher::hold(uint32_t& place, uint32_t interest) {
    if (place == interest) return;
    if (interest != 0) ++interests_[interest].slots;
    const uint32_t before = std::exchange(place, interest);
    if (before == 0 || --interests_[before].slots > 0) return;
    WatchInterest& gone = interests_[before];
    for (const auto& watch : gone.group->watches)
        watch->counters.matched.fetch_add(gone.matched, std::memory_order_relaxed);
    interest_ids_.erase({gone.group.get(), gone.path});
    gone = {};
    free_.push_back(before);
}

WatchGroup& Matcher::refreshed(WatchGroup& group) {
    if (group.live_stamp == live_stamp_) return group;
    group.live_stamp = live_stamp_;
    group.live.clear();
    group.on_change = false;
    for (const auto& watch : group.watches) {
        if (!watch->live) continue;
        group.live.push_back(watch.get());
        group.on_change = group.on_change || watch->spec.on_change;
    }
    return group;
}

void Matcher::forget(const TwinName& twin) {
    Note& noted = note(twin);
    for (uint32_t& interest : noted.interests)
        hold(interest, 0);
    noted = {};
}

const std::vector<WatchPtr>& Matcher::watches_of(const TwinName& twin, const Interface* model) {
    Note& noted = note(twin);
    if (noted.generation != generation_) {
        const uint32_t set = set_of(twin, model);
        if (model == nullptr) return sets_[set].watches;
        noted.set = set;
        noted.generation = generation_;
    }
    return sets_[noted.set].watches;
}

const WatchPath* Matcher::path(std::string_view text) {
    const auto known = paths_.find(text);
    if (known != paths_.end()) return known->second.get();
    auto fresh = std::make_unique<WatchPath>(
        WatchPath{std::string(text), static_cast<uint32_t>(paths_.size())});
    const WatchPath* out = fresh.get();
    paths_.emplace(out->text, std::move(fresh));
    return out;
}

void Matcher::settle() {
    for (auto& interest : interests_) {
        if (!interest.group || interest.matched == 0) continue;
        for (const auto& watch : interest.group->watches) {
            watch->counters.matched.fetch_add(interest.matched, std::memory_order_relaxed);
            auto& last = watch->counters.last_event_ns;
            last.store(std::max(last.load(std::memory_order_relaxed), interest.last.ns),
                       std::memory_order_relaxed);
        }
        interest.matched = 0;
    }
}

std::unordered_map<uint32_t, uint64_t> Matcher::slots() const {
    std::unordered_map<uint32_t, uint64_t> out;
    for (const auto& interest : interests_) {
        if (!interest.group) continue;
        for (const auto& watch : interest.group->watches)
            out[watch->number] += interest.slots;
    }
    return out;
}

}  // namespace hw::twin
