#include "broker/watch.h"

#include "broker/core.h"

namespace hw::broker {

namespace {

// Of the wall clock.
Time connected_at(const Core& core, const Connection& connection) {
    return core.clock.now() - (core.clock.monotonic() - connection.opened);
}

uint8_t protocol_of(mqtt::Version version) {
    return static_cast<uint8_t>(version);
}

}  // namespace

void Watch::settle() {
    if (!unsettled_) return;
    unsettled_ = false;
    observer_->round_end();
}

void Watch::tell(const Happening& happening) {
    unsettled_ = true;
    observer_->event(happening);
}

void Watch::message(uint64_t interest, const Publication& publication, Time received) {
    unsettled_ = true;
    Seen seen{publication.topic, publication.payload, {}, {}, {}, publication.properties, received,
              publication.qos,   publication.retain};
    if (const Session* session = core_.sessions.find(publication.publisher)) {
        seen.client_id = session->client_id;
        if (session->online()) {
            seen.user_name = session->connection->user_name;
            seen.peer = session->connection->stream->peer();
        }
    }
    observer_->message(interest, seen);
}

Happening Watch::of(Event event, const Session& session) const {
    Happening happening{.event = event, .client_id = session.client_id};
    happening.now = core_.clock.now();
    if (session.online()) {
        happening.user_name = session.connection->user_name;
        happening.peer = session.connection->stream->peer();
        happening.protocol = protocol_of(session.connection->protocol.version());
    }
    return happening;
}

Happening Watch::of(Event event, const Connection& connection, const mqtt::Connect& packet) const {
    Happening happening{.event = event, .client_id = packet.client_id};
    if (connection.session != nullptr) happening.client_id = connection.session->client_id;
    happening.user_name = packet.user_name.value_or(std::string_view());
    happening.peer = connection.stream->peer();
    happening.keep_alive_s = packet.keep_alive_s;
    happening.protocol = protocol_of(packet.version);
    happening.clean_start = packet.clean_start;
    happening.now = core_.clock.now();
    happening.connected_at = connected_at(core_, connection);
    return happening;
}

void Watch::connected(const Connection& connection, const mqtt::Connect& packet) {
    Happening happening = of(Event::connected, connection, packet);
    happening.expiry_s = connection.session->expiry_s;
    tell(happening);
}

void Watch::connack(const Connection& connection, const mqtt::Connect& packet,
                    mqtt::Reason reason) {
    Happening happening = of(Event::connack, connection, packet);
    happening.reason = mqtt::to_string(reason);
    tell(happening);
}

void Watch::authenticated(const Connection& connection, const mqtt::Connect& packet,
                          mqtt::Reason reason) {
    Happening happening = of(Event::authenticated, connection, packet);
    happening.reason = mqtt::to_string(reason);
    tell(happening);
}

void Watch::disconnected(const Connection& connection, const Session& session,
                         std::string_view reason) {
    Happening happening{.event = Event::disconnected, .client_id = session.client_id};
    happening.user_name = connection.user_name;
    happening.peer = connection.stream->peer();
    happening.protocol = protocol_of(connection.protocol.version());
    happening.reason = reason;
    happening.now = core_.clock.now();
    happening.connected_at = connected_at(core_, connection);
    tell(happening);
}

void Watch::ping(const Connection& connection) {
    tell(of(Event::ping, *connection.session));
}

void Watch::authorized(const Session& session, std::string_view action, std::string_view topic,
                       bool allowed) {
    Happening happening = of(Event::authorized, session);
    happening.action = action;
    happening.topic = topic;
    happening.reason = allowed ? "allow" : "deny";
    tell(happening);
}

void Watch::subscription(Event event, const Session& session, std::string_view filter,
                         uint8_t qos) {
    Happening happening = of(event, session);
    happening.topic = filter;
    happening.qos = qos;
    tell(happening);
}

void Watch::name_publisher(Happening& happening, const Publication& publication) const {
    if (const Session* publisher = core_.sessions.find(publication.publisher))
        happening.from_client_id = publisher->client_id;
    happening.topic = publication.topic;
    happening.payload = publication.payload;
    happening.retain = publication.retain;
}

void Watch::delivery(Event event, const Session& session, const Publication& publication,
                     uint8_t qos, std::string_view reason) {
    Happening happening = of(event, session);
    name_publisher(happening, publication);
    happening.qos = qos;
    happening.reason = reason;
    tell(happening);
}

void Watch::dropped(const Publication& publication) {
    Happening happening{.event = Event::dropped};
    name_publisher(happening, publication);
    happening.client_id = happening.from_client_id;
    happening.qos = publication.qos;
    happening.reason = "no_subscribers";
    happening.now = core_.clock.now();
    tell(happening);
}

}  // namespace hw::broker
