#include "broker/broker.h"
#include "broker/core.h"

namespace hw::broker {

namespace {

ClientView view_of(const Session& session) {
    ClientView view;
    view.client_id = session.client_id;
    view.session_expiry_s = session.expiry_s;
    view.subscriptions = session.subscriptions.size();
    view.inflight = session.inflight.unfinished();
    view.queued = session.queued();
    view.queued_bytes = session.queued_bytes();
    if (!session.online()) return view;
    const Connection& connection = *session.connection;
    view.connected = true;
    view.peer = connection.stream->peer();
    view.protocol = static_cast<int>(connection.protocol.version());
    view.paused = connection.paused;
    view.keep_alive_s = connection.protocol.keep_alive_s();
    view.output_bytes = connection.out.size() + connection.stream->queued_bytes();
    return view;
}

}  // namespace

std::vector<ClientView> Broker::clients(std::string_view after, size_t limit) const {
    std::vector<ClientView> views;
    const auto& by_id = core_->sessions.by_id();
    for (auto it = by_id.upper_bound(after); it != by_id.end() && views.size() < limit; ++it)
        views.push_back(view_of(*it->second));
    return views;
}

std::vector<SubscriptionView> Broker::subscriptions(std::string_view after_client,
                                                    size_t limit) const {
    std::vector<SubscriptionView> views;
    const auto& by_id = core_->sessions.by_id();
    for (auto it = by_id.upper_bound(after_client); it != by_id.end(); ++it) {
        const Session& session = *it->second;
        // A client's are never split over pages, except where one alone exceeds the limit.
        if (!views.empty() && views.size() + session.subscriptions.size() > limit) break;
        for (const auto& [filter, s] : session.subscriptions)
            views.push_back({session.client_id, s->filter, s->qos, s->no_local,
                             s->retain_as_published, s->identifier});
    }
    return views;
}

std::vector<RetainedView> Broker::retained(std::string_view filter, std::string_view after,
                                           size_t limit) const {
    std::vector<RetainedView> views;
    for (const MessageRef& message :
         core_->retained.page(filter, after, limit, core_->clock.monotonic()))
        views.push_back({std::string(message->topic()), std::string(as_text(message->payload())),
                         message->qos});
    return views;
}

Totals Broker::totals() const {
    Totals totals;
    totals.connections = core_->connections.size();
    totals.connected = core_->online;
    totals.sessions = core_->sessions.size();
    totals.subscriptions = core_->router.subscriptions();
    totals.shared_groups = core_->router.groups().size();
    totals.retained = core_->retained.count();
    totals.retained_bytes = core_->retained.bytes();
    totals.routes = core_->router.routes();
    totals.paused = core_->paused.size();
    totals.uncommitted_rounds = core_->inbox.uncommitted();
    return totals;
}

const Figures& Broker::figures() const {
    return core_->figures;
}

}  // namespace hw::broker
