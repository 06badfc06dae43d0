#include "broker/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/core.h"
#include "broker/topic.h"

namespace hw::broker {

namespace {

using mqtt::PropertyId;

constexpr int64_t second_ns = 1'000'000'000;

}  // namespace

mqtt::Reason Lifecycle::check(const Connection& connection, const mqtt::Connect& packet,
                              std::string_view client_id) {
    if (core_.draining) return mqtt::Reason::server_unavailable;
    if (packet.client_id.empty() && !packet.clean_start && packet.version != mqtt::Version::v5)
        return mqtt::Reason::client_identifier_not_valid;
    if (packet.properties.has(PropertyId::authentication_method))
        return mqtt::Reason::bad_authentication_method;
    if (packet.will && (!is_topic(packet.will->topic, core_.settings.topic_levels_limit) ||
                        packet.will->topic.starts_with("$SYS")))
        return mqtt::Reason::topic_name_invalid;
    const bool known = core_.sessions.find(packet.client_id) != nullptr;
    if (!known && core_.sessions.size() >= core_.settings.sessions_limit)
        return mqtt::Reason::quota_exceeded;
    const auto reason =
        core_.gate.connect({client_id, packet.user_name.value_or(std::string_view()),
                            packet.password.value_or(BytesView()), connection.stream->peer()});
    // A will is published when nobody can be told any more that it may not be.
    if (reason == mqtt::Reason::success && packet.will &&
        !core_.gate.may_publish(client_id, packet.will->topic))
        return mqtt::Reason::not_authorized;
    return reason;
}

uint32_t Lifecycle::granted_expiry(const mqtt::Connect& packet) const {
    const auto limit = static_cast<uint32_t>(core_.settings.session_expiry_limit.ns / second_ns);
    if (packet.version != mqtt::Version::v5) return packet.clean_start ? 0 : limit;
    return std::min(packet.properties.number(PropertyId::session_expiry_interval, 0), limit);
}

std::string Lifecycle::make_client_id(const Connection& connection) const {
    std::string id = fmt::format("auto-{:x}", connection.serial);
    // Somebody may have taken such a name by choice.
    for (int suffix = 1; core_.sessions.find(id) != nullptr; ++suffix)
        id = fmt::format("auto-{:x}-{}", connection.serial, suffix);
    return id;
}

void Lifecycle::connect(Connection& connection, const mqtt::Connect& packet) {
    const bool nameless = packet.client_id.empty();
    const std::string client_id =
        nameless ? make_client_id(connection) : std::string(packet.client_id);
    const mqtt::Reason reason = check(connection, packet, client_id);
    if (core_.watch.wants(Event::authenticated))
        core_.watch.authenticated(connection, packet, reason);
    if (reason != mqtt::Reason::success) {
        ++core_.figures.connects_refused;
        connection.protocol.refuse(reason, connection.out);
        if (core_.watch.wants(Event::connack)) core_.watch.connack(connection, packet, reason);
        return;
    }
    Session* session = settle_former(client_id, packet.clean_start);
    const bool present = session != nullptr;
    if (!present) session = &core_.sessions.make(client_id);
    session->connection = &connection;
    session->ends = Message::never;
    session->expiry_s = granted_expiry(packet);
    session->will.reset();
    if (packet.will) take_will(*session, *packet.will);
    connection.session = session;
    connection.window =
        std::min(core_.settings.inflight_limit, connection.protocol.receive_maximum());
    ++core_.online;
    connection.user_name = packet.user_name.value_or(std::string_view());
    connection.clean_start = packet.clean_start;
    if (core_.watch.wants(Event::connack)) core_.watch.connack(connection, packet, reason);
    if (core_.watch.wants(Event::connected)) core_.watch.connected(connection, packet);

    mqtt::Acceptance acceptance;
    acceptance.session_present = present;
    if (nameless) acceptance.assigned_client_id = client_id;
    const uint32_t asked = packet.properties.number(PropertyId::session_expiry_interval, 0);
    if (asked != session->expiry_s) acceptance.session_expiry_s = session->expiry_s;
    connection.protocol.accept(acceptance, connection.out);
    connection.arm();
    session->inflight.restart();
    core_.courier.pump(*session);
}

Session* Lifecycle::settle_former(std::string_view client_id, bool clean_start) {
    Session* former = core_.sessions.find(client_id);
    if (former != nullptr && former->online()) {
        ++core_.figures.takeovers;
        disconnect(*former->connection, mqtt::Reason::session_taken_over, Departure::lost);
        former = core_.sessions.find(client_id);  // gone, if it ended with its connection
    }
    if (former == nullptr) return nullptr;
    if (!clean_start) {
        if (!unknown_to_client(*former)) return former;
        former->will.reset();  // as if it were resumed
    }
    end(*former);
    return nullptr;
}

// The CONNACK that told of the session may be lost. A client that holds on to an earlier session
// (of before a restart, say) would take this one for that, and not subscribe again.
bool Lifecycle::unknown_to_client(const Session& session) {
    return !session.confirmed && session.subscriptions.empty() && session.received.size() == 0;
}

void Lifecycle::take_will(Session& session, const mqtt::Will& will) {
    constexpr uint64_t own = mqtt::property_bit(PropertyId::will_delay_interval) |
                             mqtt::property_bit(PropertyId::message_expiry_interval);
    mqtt::PropertyList travelling;
    travelling.copy(will.properties, own);
    Publication publication{will.topic,        will.payload,
                            travelling.view(), static_cast<uint8_t>(will.qos),
                            will.retain,       session.serial};
    session.will = std::make_unique<WillState>();
    session.will->message = publication.hold();
    session.will->delay_s = will.properties.number(PropertyId::will_delay_interval, 0);
    if (will.properties.has(PropertyId::message_expiry_interval))
        session.will->expiry_s = will.properties.number(PropertyId::message_expiry_interval, 0);
}

void Lifecycle::leave(Connection& connection, const mqtt::Disconnect& packet) {
    Session& session = *connection.session;
    // Cannot be raised from zero; the protocol refuses that, or we leave it as it was.
    if (session.expiry_s > 0 && packet.properties.has(PropertyId::session_expiry_interval)) {
        const auto limit =
            static_cast<uint32_t>(core_.settings.session_expiry_limit.ns / second_ns);
        session.expiry_s =
            std::min(packet.properties.number(PropertyId::session_expiry_interval, 0), limit);
    }
    const bool clean = packet.reason == mqtt::Reason::success;
    drop(connection, clean ? Departure::clean : Departure::lost, "normal");
}

void Lifecycle::disconnect(Connection& connection, mqtt::Reason reason, Departure departure) {
    core_.outputs.touch(connection);
    connection.protocol.disconnect(reason, connection.out);
    drop(connection, departure, mqtt::to_string(reason));
}

void Lifecycle::drop(Connection& connection, Departure departure, std::string_view reason) {
    if (connection.phase != Connection::Phase::open) return;
    connection.phase = Connection::Phase::ending;
    core_.outputs.touch(connection);
    if (connection.session != nullptr) detach(connection, departure, reason);
}

void Lifecycle::detach(Connection& connection, Departure departure, std::string_view reason) {
    Session& session = *connection.session;
    if (core_.watch.wants(Event::disconnected))
        core_.watch.disconnected(connection, session, reason);
    connection.session = nullptr;
    session.connection = nullptr;
    --core_.online;
    session.acks.mute();
    settle_will(session, departure);
    if (session.expiry_s == 0) {
        end(session);
        return;
    }
    session.ends = core_.now() + seconds(session.expiry_s);
    core_.timers.arm(session.ends, Timers::Kind::session, session.serial);
    core_.courier.redeliver(core_.courier.take_shared_queue(session));
}

void Lifecycle::settle_will(Session& session, Departure departure) {
    if (!session.will) return;
    if (departure == Departure::clean) {
        session.will.reset();
        return;
    }
    const uint32_t delay_s = std::min(session.will->delay_s, session.expiry_s);
    if (delay_s == 0) {
        publish_will(std::move(session.will));
        return;
    }
    session.will->due = core_.now() + seconds(delay_s);
    core_.timers.arm(session.will->due, Timers::Kind::will, session.serial);
}

void Lifecycle::publish_will(std::unique_ptr<WillState> will) {
    if (will->expiry_s != 0) will->message->expires = core_.now() + seconds(will->expiry_s);
    Publication publication = Publication::of(will->message);
    core_.inbox.publish(publication);
}

void Lifecycle::end(Session& session) {
    std::unique_ptr<WillState> will = std::move(session.will);
    std::vector<Queued> shared = core_.courier.take_shared(session);
    for (auto& [filter, subscription] : session.subscriptions)
        core_.router.leave(*subscription);
    core_.sessions.erase(session);
    core_.courier.redeliver(std::move(shared));
    if (will) publish_will(std::move(will));
}

void Lifecycle::on_session_timer(uint64_t serial) {
    Session* session = core_.sessions.find(serial);
    if (session != nullptr && !session->online() && session->ends <= core_.now()) end(*session);
}

void Lifecycle::on_will_timer(uint64_t serial) {
    Session* session = core_.sessions.find(serial);
    if (session == nullptr || session->online() || !session->will) return;
    if (session->will->due <= core_.now()) publish_will(std::move(session->will));
}

}  // namespace hw::broker
