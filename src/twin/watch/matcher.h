#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/filter_tree.h"
#include "twin/watch/watch.h"

namespace hw::twin {

// Watches that follow the same slots; in the order of their numbers.
struct WatchGroup {
    std::vector<WatchPtr> watches;
    std::vector<Watch*> live;  // of them; made anew when somebody comes or goes
    uint64_t live_stamp = 0;
    bool on_change = false;  // one of the live ones asks for changes only
};

// Whether the filter takes the slot's path.
bool follows_path(const WatchFilter& filter, std::string_view path);

// What one interest stands for: a path, and who follows it.
struct WatchInterest {
    std::shared_ptr<WatchGroup> group;
    const WatchPath* path = nullptr;
    uint64_t serial = 0;   // tells it from what had its place before
    uint64_t slots = 0;    // that have it now
    uint64_t matched = 0;  // updates
    Time last;
};

// Which watches follow which slots. A twin is looked at once (its id in a tree of filters, its
// model, the sub-graphs), its slots by a table of the model: about 1 us a twin and 10 ns a slot for
// each asking; 24 bytes a twin and 4 a slot are kept. One thread at a time (under the lock of
// Watches).
class Matcher {
  public:
    Matcher();

    // From now on these. What was asked before keeps its meaning until it is asked anew.
    void set_watches(std::vector<WatchPtr> watches);
    // Sub-graphs have changed: what is asked from now on is looked at anew.
    void look_anew() { ++generation_; }
    // Somebody has begun or ceased to take a watch's events.
    void live_changed() { ++live_stamp_; }

    uint32_t interest(const TwinName& twin, const Interface& model, size_t slot);
    WatchInterest& at(uint32_t interest) { return interests_[interest]; }
    WatchGroup& refreshed(WatchGroup& group);
    // The twin is gone: none of its slots is followed.
    void forget(const TwinName& twin);

    // Those that follow the twin, as its slots were asked last, or looked up where they were not.
    // `model` null: it is not known.
    const std::vector<WatchPtr>& watches_of(const TwinName& twin, const Interface* model);

    const WatchPath* path(std::string_view text);
    // Adds what interests have counted to the watches, so that their counters are whole.
    void settle();
    // Slots followed now, by the watch's number.
    std::unordered_map<uint32_t, uint64_t> slots() const;
    size_t interests() const { return interests_.size() - free_.size() - 1; }

  private:
    struct Note {  // of a twin
        uint64_t generation = 0;
        uint32_t set = 0;
        std::vector<uint32_t> interests;  // of its slots
    };
    struct Known {  // an interest, or none, that was found for a slot
        uint32_t interest = 0;
        uint64_t serial = 0;
        bool asked = false;
    };
    struct Set {  // of watches that follow a twin
        std::vector<WatchPtr> watches;
        std::map<std::string, std::vector<Known>, std::less<>> by_model;
    };

    Note& note(const TwinName& twin);
    uint32_t set_of(const TwinName& twin, const Interface* model);
    uint32_t intern_set(std::vector<uint32_t>& numbers);
    uint32_t find_interest(Set& set, const Interface& model, size_t slot);
    uint32_t intern_interest(const std::vector<WatchPtr>& watches, std::string_view path);
    std::shared_ptr<WatchGroup> intern_group(std::vector<WatchPtr> watches);
    void hold(uint32_t& place, uint32_t interest);
    void begin_generation();

    std::vector<WatchPtr> watches_;
    std::unordered_map<uint32_t, WatchPtr> by_number_;
    rules::FilterTree tree_;
    uint64_t generation_ = 1;
    uint64_t sets_generation_ = 0;  // of sets_
    uint64_t live_stamp_ = 1;
    uint64_t serial_ = 0;
    std::vector<Note> notes_;  // by the twin's index
    std::vector<Set> sets_;
    std::map<std::vector<uint32_t>, uint32_t> set_ids_;
    std::deque<WatchInterest> interests_;  // 0: none
    std::vector<uint32_t> free_;
    std::map<std::pair<const WatchGroup*, const WatchPath*>, uint32_t> interest_ids_;
    std::map<std::vector<uint32_t>, std::shared_ptr<WatchGroup>> groups_;
    std::unordered_map<std::string_view, std::unique_ptr<WatchPath>> paths_;
    std::vector<uint32_t> found_;
};

}  // namespace hw::twin
