#include "broker/subscriber.h"

#include "broker/core.h"
#include "broker/topic.h"

namespace hw::broker {

mqtt::Reason Subscriber::check(const Session& session, const mqtt::Subscription& wanted) {
    std::string_view filter = wanted.filter;
    if (is_shared(filter)) {
        const auto split = split_shared(filter);
        if (!split) return mqtt::Reason::topic_filter_invalid;
        filter = split->filter;
    }
    if (!is_filter(filter, core_.settings.topic_levels_limit))
        return mqtt::Reason::topic_filter_invalid;
    const bool known = session.subscriptions.contains(wanted.filter);
    if (!known && session.subscriptions.size() >= core_.settings.subscriptions_limit)
        return mqtt::Reason::quota_exceeded;
    const bool allowed = core_.gate.may_subscribe(session.client_id, filter);
    if (core_.watch.wants(Event::authorized))
        core_.watch.authorized(session, "subscribe", filter, allowed);
    if (!allowed) return mqtt::Reason::not_authorized;
    return static_cast<mqtt::Reason>(wanted.qos);
}

bool Subscriber::join(Session& session, const mqtt::Subscription& wanted, uint32_t identifier) {
    const auto it = session.subscriptions.find(wanted.filter);
    const bool known = it != session.subscriptions.end();
    std::unique_ptr<Subscription> made;
    if (!known) {
        made = std::make_unique<Subscription>();
        made->session = &session;
        made->filter = wanted.filter;
    }
    Subscription& subscription = known ? *it->second : *made;
    subscription.identifier = identifier;
    subscription.qos = static_cast<uint8_t>(wanted.qos);
    subscription.no_local = wanted.no_local;
    subscription.retain_as_published = wanted.retain_as_published;
    if (known) {
        core_.router.changed(subscription);
        return false;
    }
    session.subscriptions.emplace(subscription.filter, std::move(made));
    core_.router.join(subscription);
    return true;
}

void Subscriber::subscribe(Connection& connection, const mqtt::Subscribe& packet) {
    Session& session = *connection.session;
    const uint32_t identifier =
        packet.properties.number(mqtt::PropertyId::subscription_identifier, 0);
    reasons_.clear();
    fresh_.clear();
    for (const mqtt::Subscription& wanted : packet.subscriptions) {
        const mqtt::Reason reason = check(session, wanted);
        reasons_.push_back(reason);
        fresh_.push_back(!mqtt::failed(reason) && join(session, wanted, identifier));
        if (!mqtt::failed(reason) && core_.watch.wants(Event::subscribed))
            core_.watch.subscription(Event::subscribed, session, wanted.filter,
                                     static_cast<uint8_t>(wanted.qos));
    }
    connection.protocol.suback(packet.packet_id, reasons_, connection.out);
    size_t i = 0;
    for (const mqtt::Subscription& wanted : packet.subscriptions) {
        const bool granted = !mqtt::failed(reasons_[i]);
        const bool fresh = fresh_[i++];
        using enum mqtt::RetainHandling;
        const bool asked =
            wanted.retain_handling == send || (wanted.retain_handling == send_if_new && fresh);
        if (granted && asked && !is_shared(wanted.filter))
            send_retained(session, wanted, identifier);
    }
}

void Subscriber::send_retained(Session& session, const mqtt::Subscription& wanted,
                               uint32_t identifier) {
    Courier::Terms terms;
    terms.qos = static_cast<uint8_t>(wanted.qos);
    terms.retain = true;
    if (identifier != 0) {
        terms.identifiers = IdentifiersRef(new Identifiers);
        terms.identifiers->numbers = {identifier};
    }
    core_.retained.match(wanted.filter, core_.now(), [&](const MessageRef& message) {
        if (wanted.no_local && message->publisher == session.serial) return;
        core_.courier.send_retained(session, message, terms);
    });
}

void Subscriber::unsubscribe(Connection& connection, const mqtt::Unsubscribe& packet) {
    Session& session = *connection.session;
    reasons_.clear();
    for (const mqtt::Subscription& wanted : packet.filters) {
        const auto it = session.subscriptions.find(wanted.filter);
        if (it == session.subscriptions.end()) {
            reasons_.push_back(mqtt::Reason::no_subscription_existed);
            continue;
        }
        if (core_.watch.wants(Event::unsubscribed))
            core_.watch.subscription(Event::unsubscribed, session, wanted.filter, it->second->qos);
        core_.router.leave(*it->second);
        session.subscriptions.erase(it);
        reasons_.push_back(mqtt::Reason::success);
    }
    connection.protocol.unsuback(packet.packet_id, reasons_, connection.out);
}

}  // namespace hw::broker
