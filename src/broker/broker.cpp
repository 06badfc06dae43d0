#include "broker/broker.h"

#include <fmt/format.h>

#include "broker/core.h"
#include "broker/sys_topics.h"
#include "broker/topic.h"

namespace hw::broker {

Broker::Broker(const Settings& settings, const Clock& clock, Keeper& keeper, Gate& gate,
               Metrics& metrics, std::string version)
    : core_(std::make_unique<Core>(settings, clock, keeper, gate, metrics)),
      sys_(std::make_unique<SysTopics>(*core_, std::move(version))),
      started_(clock.now()),
      sys_due_(clock.monotonic()) {}

Broker::~Broker() = default;

void Broker::open(std::unique_ptr<io::Stream> stream) {
    Core& core = *core_;
    const uint64_t serial = ++core.last_connection;
    auto connection = std::make_unique<Connection>(core, serial, std::move(stream));
    Connection& opened = *connection;
    core.connections.emplace(serial, std::move(connection));
    ++core.figures.connections_opened;
    opened.arm();
    opened.stream->start(opened);
}

void Broker::round_end() {
    core_->end_round();
}

void Broker::tick() {
    Core& core = *core_;
    const Time now = core.now();
    core.run_timers();
    core.update_gauges();
    meter_.add(now, core.figures);
    core.retained.expire(now);
    if (core.settings.sys_interval.ns > 0 && now >= sys_due_) {
        sys_due_ = now + core.settings.sys_interval;
        sys_->publish(now);
    }
}

void Broker::committed(Ticket ticket, const Result<void>& result) {
    core_->inbox.committed(ticket, result);
}

void Broker::resume_reading() {
    core_->resume_paused();
}

namespace {

mqtt::PropertyList properties_of(const Outgoing& message) {
    mqtt::PropertyList list;
    if (!message.content_type.empty())
        list.text(mqtt::PropertyId::content_type, message.content_type);
    if (!message.response_topic.empty())
        list.text(mqtt::PropertyId::response_topic, message.response_topic);
    if (!message.correlation_data.empty())
        list.bytes(mqtt::PropertyId::correlation_data, message.correlation_data);
    for (const auto& [name, value] : message.user_properties)
        list.user(name, value);
    return list;
}

}  // namespace

void Broker::serve(std::string filter, Service service) {
    core_->router.services().add(std::move(filter), std::move(service));
}

void Broker::set_observer(Observer& observer) {
    core_->watch.set(observer);
}

bool Broker::wanted(std::string_view topic) {
    const Route& route = core_->router.route(topic);
    return !route.refused &&
           (!route.deliveries.empty() || !route.groups.empty() || route.observed != 0);
}

void Broker::announce(const Outgoing& message) {
    const mqtt::PropertyList list = properties_of(message);
    Publication publication{message.topic, message.payload, list.view(), message.qos, false};
    core_->inbox.announce(publication);
}

bool Broker::has_subscriptions() const {
    return core_->router.subscriptions() > 0;
}

Result<void> Broker::publish(const Outgoing& message, Done done) {
    if (!mqtt::valid_topic_name(message.topic) ||
        !is_topic(message.topic, core_->settings.topic_levels_limit) ||
        message.topic.starts_with("$SYS"))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("\"{}\" is no topic to publish to; leave out wildcards and $SYS, "
                                "and use at most {} levels",
                                message.topic, core_->settings.topic_levels_limit));
    if (message.payload.size() > core_->settings.packet_bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the payload has {} bytes, over mqtt.packet_bytes_limit = {}",
                                message.payload.size(), core_->settings.packet_bytes_limit));
    const mqtt::PropertyList list = properties_of(message);
    Publication publication{message.topic, message.payload, list.view(), message.qos,
                            message.retain};
    if (message.expiry.ns > 0) publication.expires = core_->now() + message.expiry;
    if (done)
        core_->inbox.publish(publication, std::move(done));
    else
        core_->inbox.publish(publication);
    return {};
}

bool Broker::kick(std::string_view client_id) {
    Session* session = core_->sessions.find(client_id);
    if (session == nullptr || !session->online()) return false;
    core_->lifecycle.disconnect(*session->connection, mqtt::Reason::administrative_action,
                                Departure::lost);
    return true;
}

bool Broker::forget(std::string_view client_id) {
    const bool was_online = kick(client_id);
    Session* session = core_->sessions.find(client_id);
    if (session == nullptr) return was_online;
    core_->lifecycle.end(*session);
    return true;
}

void Broker::drain() {
    core_->draining = true;
}

void Broker::shutdown() {
    drain();
    for (const auto& [serial, connection] : core_->connections)
        if (connection->phase == Connection::Phase::open)
            core_->lifecycle.disconnect(*connection, mqtt::Reason::server_shutting_down,
                                        Departure::clean);
}

bool Broker::idle() const {
    return core_->connections.empty();
}

}  // namespace hw::broker
