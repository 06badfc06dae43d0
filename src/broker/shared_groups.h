#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/subscription.h"

namespace hw::broker {

// The members of one "$share/<group>/<filter>". Hangs in the topic index as one entry.
struct SharedGroup : IndexEntry {
    SharedGroup() : IndexEntry(Kind::group) {}

    uint32_t serial = 0;
    std::string name;    // "$share/<group>/<filter>"
    std::string filter;  // <filter>
    std::vector<Subscription*> members;
    size_t next = 0;
};

// How ready a member is to take a message; the first kind there is gets it.
enum class Readiness : uint8_t { ready, must_queue, offline, unable };

// All shared groups. A message goes to one member: in turn among those that can take it at once,
// else to a connected one that must queue it, else to an absent one whose session waits. One
// thread.
class SharedGroups {
  public:
    explicit SharedGroups(TopicIndex& index) : index_(index) {}

    void join(Subscription& subscription);
    void leave(Subscription& subscription);
    // Null if it is gone.
    SharedGroup* find(uint32_t serial) const;
    size_t size() const { return by_name_.size(); }

    // The member whose turn it is, or null if none is able. `readiness(Subscription&)`.
    template <class Ask>
    static Subscription* pick(SharedGroup& group, Ask&& readiness) {
        Subscription* best = nullptr;
        Readiness best_is = Readiness::unable;
        for (size_t i = 0; i < group.members.size(); ++i) {
            const size_t at = (group.next + i) % group.members.size();
            const Readiness is = readiness(*group.members[at]);
            if (is >= best_is) continue;
            best = group.members[at];
            best_is = is;
            if (is == Readiness::ready) {
                group.next = at + 1;
                return best;
            }
        }
        if (best != nullptr) ++group.next;
        return best;
    }

  private:
    TopicIndex& index_;
    TextMap<std::unique_ptr<SharedGroup>> by_name_;
    std::unordered_map<uint32_t, SharedGroup*> by_serial_;
    uint32_t last_serial_ = 0;
};

}  // namespace hw::broker
