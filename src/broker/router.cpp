#include "broker/router.h"

#include <algorithm>

#include "broker/certificates.h"
#include "broker/session.h"
#include "broker/topic.h"

namespace hw::broker {

namespace {

std::string_view plain_filter(const Subscription& subscription) {
    return is_shared(subscription.filter) ? split_shared(subscription.filter)->filter
                                          : std::string_view(subscription.filter);
}

}  // namespace

Router::Router(const Settings& settings, Keeper& keeper, Watch& watch, Figures& figures)
    : settings_(settings),
      keeper_(keeper),
      watch_(watch),
      figures_(figures),
      groups_(index_),
      cache_({settings.route_topics_limit, settings.route_deliveries_limit}) {}

void Router::join(Subscription& subscription) {
    if (is_shared(subscription.filter))
        groups_.join(subscription);
    else
        index_.add(subscription, subscription.filter);
    ++subscriptions_;
    changed(subscription);
}

void Router::leave(Subscription& subscription) {
    if (subscription.group != nullptr)
        groups_.leave(subscription);
    else
        index_.remove(subscription);
    --subscriptions_;
    changed(subscription);
}

void Router::changed(const Subscription& subscription) {
    interest_.changed(plain_filter(subscription));
}

void Router::resolve(Route& route) {
    ++figures_.routes_resolved;
    const size_t before = route.deliveries.size();
    if (route.stamp == 0) {
        route.refused = count_levels(route.topic) > settings_.topic_levels_limit;
        if (!route.refused) {
            route.plan = keeper_.classify(route.topic);
            route.service = services_.find(route.topic);
            route.certificate = settings_.sparkplug_aware && is_birth_topic(route.topic);
        }
    }
    route.stamp = interest_.stamp(route.place) + watch_.stamp();
    route.observed = route.refused ? 0 : watch_.interest(route.topic);
    route.deliveries.clear();
    route.groups.clear();
    route.identifiers.clear();
    matched_.clear();
    subscribers_.clear();
    index_.match(route.topic, matched_);
    for (IndexEntry* entry : matched_) {
        if (entry->kind == IndexEntry::Kind::group)
            route.groups.push_back(static_cast<SharedGroup*>(entry));
        else
            subscribers_.push_back(static_cast<Subscription*>(entry));
    }
    // By serial, so that the same seed gives the same order.
    std::sort(subscribers_.begin(), subscribers_.end(), [](const auto* a, const auto* b) {
        return a->session->serial != b->session->serial ? a->session->serial < b->session->serial
                                                        : a->filter < b->filter;
    });
    std::sort(route.groups.begin(), route.groups.end(),
              [](const auto* a, const auto* b) { return a->serial < b->serial; });
    std::vector<uint32_t> identifiers;
    for (const Subscription* subscription : subscribers_)
        add(route, *subscription, identifiers);
    cache_.resolved(route, before);
}

void Router::add(Route& route, const Subscription& subscription,
                 std::vector<uint32_t>& identifiers) {
    if (route.deliveries.empty() || route.deliveries.back().session != subscription.session) {
        identifiers.clear();
        route.deliveries.push_back({subscription.session, 0, subscription.qos,
                                    subscription.no_local, subscription.retain_as_published});
    } else {
        Delivery& delivery = route.deliveries.back();
        delivery.qos = std::max(delivery.qos, subscription.qos);
        // Held back from its own publisher only if every subscription says so.
        delivery.no_local = delivery.no_local && subscription.no_local;
        delivery.retain_as_published |= subscription.retain_as_published;
    }
    if (subscription.identifier == 0) return;
    identifiers.push_back(subscription.identifier);
    Delivery& delivery = route.deliveries.back();
    if (delivery.identifiers == 0) {
        route.identifiers.emplace_back(new Identifiers);
        delivery.identifiers = static_cast<uint32_t>(route.identifiers.size());
    }
    route.identifiers[delivery.identifiers - 1]->numbers = identifiers;
}

}  // namespace hw::broker
