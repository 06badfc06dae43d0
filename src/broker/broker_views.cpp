#include <algorithm>

#include "broker/broker.h"
#include "broker/core.h"

namespace hw::broker {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool has_part(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

// Of the wall clock.
Time wall_time(const Core& core, Time monotonic) {
    return core.clock.now() + (monotonic - core.clock.monotonic());
}

ClientView view_of(const Core& core, const Session& session) {
    ClientView view;
    view.client_id = session.client_id;
    view.session_expiry_s = session.expiry_s;
    view.subscriptions = session.subscriptions.size();
    view.inflight = session.inflight.unfinished();
    view.queued = session.queued();
    view.queued_bytes = session.queued_bytes();
    view.dropped = session.missed;
    if (session.will) view.will_topic = session.will->message->topic();
    if (!session.online()) {
        if (session.ends != Message::never) view.expires_at = wall_time(core, session.ends);
        return view;
    }
    const Connection& connection = *session.connection;
    view.connected = true;
    view.user_name = connection.user_name;
    view.peer = connection.stream->peer();
    view.protocol = static_cast<int>(connection.protocol.version());
    view.clean_start = connection.clean_start;
    view.paused = connection.paused;
    view.keep_alive_s = connection.protocol.keep_alive_s();
    view.output_bytes = connection.out.size() + connection.stream->queued_bytes();
    view.connected_at = wall_time(core, connection.opened);
    view.messages_in = connection.messages_in;
    view.messages_out = connection.messages_out;
    view.bytes_in = connection.bytes_in;
    view.bytes_out = connection.bytes_out;
    return view;
}

bool wanted_by(const ClientQuery& query, const Session& session) {
    if (query.connected_only && !session.online()) return false;
    if (query.part.empty() || has_part(session.client_id, query.part)) return true;
    return session.online() && (has_part(session.connection->user_name, query.part) ||
                                has_part(session.connection->stream->peer(), query.part));
}

bool wanted_by(const SubscriptionQuery& query, const Subscription& subscription) {
    if (query.shared_only && subscription.group == nullptr) return false;
    return query.part.empty() || has_part(subscription.filter, query.part);
}

SubscriptionView view_of(const Session& session, const Subscription& s) {
    return {session.client_id,
            s.filter,
            s.qos,
            s.no_local,
            s.retain_as_published,
            s.identifier,
            s.group != nullptr ? s.group->members.size() : 0};
}

}  // namespace

ClientPage Broker::clients(const ClientQuery& query) const {
    ClientPage page;
    const auto& by_id = core_->sessions.by_id();
    size_t visits = 0;
    const std::string* last = &query.after;
    for (auto it = by_id.upper_bound(query.after); it != by_id.end(); ++it) {
        if (page.items.size() == query.limit || visits++ == query.visits) {
            page.next = *last;
            return page;
        }
        last = &it->first;
        if (wanted_by(query, *it->second)) page.items.push_back(view_of(*core_, *it->second));
    }
    return page;
}

std::optional<ClientView> Broker::client(std::string_view client_id) const {
    const Session* session = core_->sessions.find(client_id);
    if (session == nullptr) return std::nullopt;
    return view_of(*core_, *session);
}

SubscriptionPage Broker::subscriptions(const SubscriptionQuery& query) const {
    SubscriptionPage page;
    const auto& by_id = core_->sessions.by_id();
    size_t visits = 0;
    SubscriptionPage::Next last{query.after_client, query.after_filter};
    auto it = by_id.end();
    if (!query.client.empty())
        it = by_id.find(query.client);
    else if (!query.after_filter.empty())
        it = by_id.lower_bound(query.after_client);
    else
        it = by_id.upper_bound(query.after_client);
    for (; it != by_id.end(); ++it) {
        const Session& session = *it->second;
        const auto& all = session.subscriptions;
        const bool begun = session.client_id == query.after_client;
        for (auto at = begun ? all.upper_bound(query.after_filter) : all.begin(); at != all.end();
             ++at) {
            if (page.items.size() == query.limit || visits++ >= query.visits) {
                page.next = std::move(last);
                return page;
            }
            last = {session.client_id, at->second->filter};
            if (wanted_by(query, *at->second)) page.items.push_back(view_of(session, *at->second));
        }
        if (!query.client.empty()) break;
        if (visits++ >= query.visits && std::next(it) != by_id.end()) {
            page.next = SubscriptionPage::Next{session.client_id, {}};
            return page;
        }
    }
    return page;
}

RetainedPage Broker::retained(const RetainedQuery& query) const {
    RetainedPage page;
    const Time now = core_->clock.monotonic();
    auto found = core_->retained.page(query.filter, query.after, query.limit, query.visits, now);
    page.next = std::move(found.next);
    size_t bytes = 0;
    for (const MessageRef& message : found.messages) {
        const std::string_view payload = as_text(message->payload());
        RetainedView view{std::string(message->topic()),
                          std::string(payload.substr(0, query.payload_limit)),
                          payload.size(),
                          message->qos,
                          {},
                          {}};
        bytes += view.payload.size();
        if (bytes > query.bytes_limit && !page.items.empty()) {
            page.next = page.items.back().topic;
            break;
        }
        view.content_type = mqtt::Properties(message->properties(), message->properties_present)
                                .text(mqtt::PropertyId::content_type);
        if (message->expires != Message::never) view.expires_in = message->expires - now;
        page.items.push_back(std::move(view));
    }
    return page;
}

bool Broker::clear_retained(std::string_view topic) {
    return core_->retained.drop(topic);
}

std::vector<TopicLevel> Broker::retained_levels(std::string_view prefix, std::string_view after,
                                                size_t limit) const {
    return core_->retained.levels(prefix, after, limit);
}

uint64_t Broker::recent_topics(uint64_t from, size_t visits,
                               const std::function<void(std::string_view)>& take) const {
    return core_->router.cache().scan(from, visits, take);
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

Rates Broker::rates() const {
    return meter_.rates(core_->clock.monotonic(), core_->figures);
}

void RateMeter::add(Time now, const Figures& figures) {
    if (moments_.size() == kept) moments_.erase(moments_.begin());
    moments_.push_back({now, figures});
}

Rates RateMeter::rates(Time now, const Figures& figures) const {
    Rates rates;
    if (moments_.empty() || now <= moments_.front().time) return rates;
    const Figures& before = moments_.front().figures;
    rates.seconds = static_cast<double>((now - moments_.front().time).ns) / 1e9;
    const auto rate = [&](uint64_t then, uint64_t is) {
        return static_cast<double>(is - then) / rates.seconds;
    };
    rates.messages_in = rate(before.messages_in(), figures.messages_in());
    rates.messages_out = rate(before.messages_out(), figures.messages_out());
    rates.bytes_in = rate(before.bytes_in, figures.bytes_in);
    rates.bytes_out = rate(before.bytes_out, figures.bytes_out);
    rates.dropped = rate(before.dropped(), figures.dropped());
    rates.connections = rate(before.connections_opened, figures.connections_opened);
    return rates;
}

}  // namespace hw::broker
