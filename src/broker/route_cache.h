#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/interest.h"
#include "broker/message.h"
#include "broker/retained.h"

namespace hw::broker {

class Session;
struct SharedGroup;

// One session that gets a topic's messages, with what its matching subscriptions ask for together.
struct Delivery {
    Session* session = nullptr;
    uint32_t identifiers = 0;  // 1 + index in Route::identifiers; 0: none
    uint8_t qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
};

// Everything a PUBLISH needs to know of its topic.
struct Route {
    uint64_t hash = 0;
    uint64_t stamp = 0;        // of Interest when it was resolved; 0: never
    uint64_t plan = 0;         // of the keeper
    uint64_t observed = 0;     // of the observer; 0: no interest
    uint32_t service = 0;      // of Services; 0: none
    bool certificate = false;  // see certificates.h
    std::vector<Delivery> deliveries;
    std::vector<SharedGroup*> groups;
    std::vector<IdentifiersRef> identifiers;
    Retained::Slot retained;
    Interest::Place place;
    bool refused = false;  // more levels than allowed: nobody may publish to it
    bool used = true;      // since the hand of eviction last passed
    std::string topic;
};

// From a topic's bytes to its route in one look-up. Bounded by topics and by deliveries together;
// what was not used lately goes first. Whether a route is still true is told by its stamp, so
// subscribing touches nothing here. One thread.
class RouteCache {
  public:
    struct Limits {
        uint64_t topics = 0;
        uint64_t deliveries = 0;
    };
    explicit RouteCache(Limits limits);
    ~RouteCache();

    // The route of the topic, made if need be (stamp 0). Valid until the next get().
    Route& get(std::string_view topic);
    // The route's deliveries were `before` and changed.
    void resolved(const Route& route, size_t before);

    // Calls for the topics in `visits` places from `from` on; where to go on, 0 at the end.
    size_t scan(size_t from, size_t visits,
                const std::function<void(std::string_view)>& take) const;

    size_t size() const { return size_; }
    uint64_t deliveries() const { return deliveries_; }

  private:
    struct Slot {
        uint64_t hash = 0;
        std::unique_ptr<Route> route;
    };

    Route& insert(std::string_view topic, uint64_t hash);
    void place(uint64_t hash, std::unique_ptr<Route> route);
    void evict_one();
    void erase(size_t at);
    void grow();

    Limits limits_;
    std::vector<Slot> slots_;  // open addressing, linear; a power of two, at most half full
    size_t size_ = 0;
    size_t hand_ = 0;
    uint64_t deliveries_ = 0;
};

}  // namespace hw::broker
