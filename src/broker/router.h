#pragma once

#include <string_view>
#include <vector>

#include "broker/figures.h"
#include "broker/interest.h"
#include "broker/keeper.h"
#include "broker/route_cache.h"
#include "broker/services.h"
#include "broker/settings.h"
#include "broker/shared_groups.h"
#include "broker/subscription.h"
#include "broker/topic_index.h"
#include "broker/watch.h"

namespace hw::broker {

// Who gets what: the topic index with the route cache before it. Overlapping subscriptions of one
// session make one delivery, at the highest QoS among them and with all their identifiers
// (MQTT 5 section 3.3.4). One thread.
class Router {
  public:
    Router(const Settings& settings, Keeper& keeper, Watch& watch, Figures& figures);

    // Resolved and up to date; valid until the next call.
    Route& route(std::string_view topic) {
        Route& found = cache_.get(topic);
        if (found.stamp != interest_.stamp(found.place) + watch_.stamp()) [[unlikely]]
            resolve(found);
        return found;
    }
    // The subscription's session and options are set. It leaves before they change.
    void join(Subscription& subscription);
    void leave(Subscription& subscription);
    // The options of a subscription that has joined changed.
    void changed(const Subscription& subscription);

    SharedGroups& groups() { return groups_; }
    Services& services() { return services_; }
    size_t subscriptions() const { return subscriptions_; }
    size_t routes() const { return cache_.size(); }
    const RouteCache& cache() const { return cache_; }

  private:
    void resolve(Route& route);
    void add(Route& route, const Subscription& subscription, std::vector<uint32_t>& identifiers);

    const Settings& settings_;
    Keeper& keeper_;
    Watch& watch_;
    Services services_;
    Figures& figures_;
    TopicIndex index_;
    SharedGroups groups_;
    Interest interest_;
    RouteCache cache_;
    size_t subscriptions_ = 0;
    std::vector<IndexEntry*> matched_;
    std::vector<const Subscription*> subscribers_;
};

}  // namespace hw::broker
