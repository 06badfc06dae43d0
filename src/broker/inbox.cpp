#include "broker/inbox.h"

#include <algorithm>

#include "base/assert.h"
#include "broker/certificates.h"
#include "broker/core.h"

namespace hw::broker {

namespace {

mqtt::Reason reason_of(const Error& error) {
    const bool full =
        error.code() == ErrorCode::no_space || error.code() == ErrorCode::limit_exceeded;
    return full ? mqtt::Reason::quota_exceeded : mqtt::Reason::unspecified_error;
}

}  // namespace

void Inbox::receive(Connection& connection, const mqtt::Publish& packet) {
    ++core_.figures.publishes_in[static_cast<size_t>(packet.qos)];
    Session& session = *connection.session;
    const bool twice =
        packet.qos == mqtt::Qos::exactly_once && !session.received.insert(packet.packet_id.value());
    if (twice) {
        // Handed round before; if that is not on disk yet, this answer waits with the first.
        owe(connection, packet, {});
        return;
    }
    const Outcome outcome = take(session, packet);
    connection.kept_some |= outcome.kept;
    if (packet.qos != mqtt::Qos::at_most_once) owe(connection, packet, outcome);
}

Inbox::Outcome Inbox::take(Session& session, const mqtt::Publish& packet) {
    Route& route = core_.router.route(packet.topic);
    if (route.refused) return {mqtt::Reason::topic_name_invalid};
    const bool ours =
        packet.topic.starts_with("$SYS") ||
        (core_.settings.sparkplug_aware && packet.topic.starts_with(certificates_prefix));
    const bool allowed = !ours && core_.gate.may_publish(session.client_id, packet.topic);
    if (core_.watch.wants(Event::authorized)) [[unlikely]]
        core_.watch.authorized(session, "publish", packet.topic, allowed);
    if (!allowed) {
        ++core_.figures.publishes_denied;
        return {mqtt::Reason::not_authorized};
    }
    Publication publication{packet.topic,      packet.payload,
                            packet.properties, static_cast<uint8_t>(packet.qos),
                            packet.retain,     session.serial};
    if ((packet.properties.present() & mqtt::hop_properties) != 0) {
        const uint32_t expiry_s =
            packet.properties.number(mqtt::PropertyId::message_expiry_interval, 0);
        if (packet.properties.has(mqtt::PropertyId::message_expiry_interval))
            publication.expires = core_.now() + seconds(expiry_s);
        scratch_.clear();
        publication.properties = scratch_.copy(packet.properties, mqtt::hop_properties).view();
    }
    return hand_round(publication, route);
}

Inbox::Outcome Inbox::hand_round(Publication& publication, Route& route) {
    Outcome outcome;
    if (route.plan != 0 && core_.keeper.keep(route.plan, publication.topic, publication.payload,
                                             core_.next_received())) {
        outcome.kept = true;
        kept_in_round_ = true;
        ++core_.figures.kept;
    }
    if (publication.retain && !core_.retained.set(route.retained, publication.hold()))
        ++core_.figures.retained_refused;
    if (route.service != 0) [[unlikely]]
        serve(publication, route.service);
    const bool observed = (route.observed & ~onlooker) != 0;
    if (route.observed != 0)
        core_.watch.message(route.observed, publication, core_.next_received());
    if (!core_.courier.deliver(publication, route)) {
        ++core_.figures.unmatched;
        if (!outcome.kept && route.service == 0 && !observed) {
            outcome.reason = mqtt::Reason::no_matching_subscribers;
            if (core_.watch.wants(Event::dropped)) core_.watch.dropped(publication);
        }
    }
    // Last, since the look-up of another topic ends the route's life.
    if (route.certificate) [[unlikely]]
        keep_certificate(publication);
    return outcome;
}

void Inbox::keep_certificate(const Publication& birth) {
    const std::string topic = certificate_topic(birth.topic);
    Publication certificate{topic, birth.payload};
    certificate.retain = true;
    publish(certificate);
}

void Inbox::serve(const Publication& publication, uint32_t service) {
    Arrived message{publication.topic, publication.payload, {}, {}, {}, {}};
    if (const Session* session = core_.sessions.find(publication.publisher)) {
        message.client_id = session->client_id;
        if (session->online()) message.peer = session->connection->stream->peer();
    }
    message.response_topic = publication.properties.text(mqtt::PropertyId::response_topic);
    // Who serves it answers in its own name: where the asker may not publish, nobody does for it.
    if (publication.publisher != 0 && !message.response_topic.empty() &&
        (message.client_id.empty() ||
         !core_.gate.may_publish(message.client_id, message.response_topic)))
        message.response_topic = {};
    message.correlation_data = publication.properties.bytes(mqtt::PropertyId::correlation_data);
    core_.router.services().call(service, message);
}

bool Inbox::announce(Publication& publication) {
    const Route& route = core_.router.route(publication.topic);
    if (route.refused) return false;
    if (route.observed != 0)
        core_.watch.message(route.observed, publication, core_.next_received());
    return core_.courier.deliver(publication, route) || (route.observed & ~onlooker) != 0;
}

void Inbox::publish(Publication& publication) {
    Route& route = core_.router.route(publication.topic);
    if (!route.refused) hand_round(publication, route);
}

void Inbox::publish(Publication& publication, Done done) {
    Route& route = core_.router.route(publication.topic);
    if (route.refused) {
        done(fail(ErrorCode::limit_exceeded,
                  "the topic has more levels than mqtt.topic_levels_limit allows"));
        return;
    }
    if (hand_round(publication, route).kept)
        current_.calls.push_back(std::move(done));
    else
        done({});
}

void Inbox::note_waiting(Session& session) {
    if (session.listed_ticket == ticket_) return;
    session.listed_ticket = ticket_;
    current_.sessions.push_back(session.serial);
}

void Inbox::owe(Connection& connection, const mqtt::Publish& packet, Outcome outcome) {
    Session& session = *connection.session;
    const AckQueue::Ack ack{packet.packet_id.value(), static_cast<uint8_t>(outcome.reason),
                            packet.qos == mqtt::Qos::exactly_once, outcome.kept};
    if (outcome.kept) {
        note_waiting(session);
        session.acks.push(ack, ticket_);
    } else if (session.acks.empty()) {
        send_ack(connection, ack);
    } else {
        session.acks.push(ack, 0);  // behind those that wait
    }
}

void Inbox::send_ack(Connection& connection, AckQueue::Ack ack) {
    const mqtt::PacketId id(ack.id);
    const auto reason = static_cast<mqtt::Reason>(ack.reason);
    if (!ack.second) {
        connection.protocol.puback(id, connection.out, reason);
        return;
    }
    if (mqtt::failed(reason)) connection.session->received.erase(ack.id);
    connection.protocol.pubrec(id, connection.out, reason);
}

void Inbox::released(Connection& connection, const mqtt::Ack& ack) {
    const bool known = connection.session->received.erase(ack.packet_id.value());
    connection.protocol.pubcomp(
        ack.packet_id, connection.out,
        known ? mqtt::Reason::success : mqtt::Reason::packet_identifier_not_found);
}

void Inbox::submit() {
    if (!kept_in_round_) return;
    kept_in_round_ = false;
    current_.ticket = ticket_++;
    const Ticket ticket = current_.ticket;
    rounds_.push_back(std::move(current_));
    current_ = Round();
    if (!spare_.empty()) {
        current_ = std::move(spare_.back());
        spare_.pop_back();
    }
    core_.keeper.submit(ticket);
}

void Inbox::committed(Ticket ticket, const Result<void>& result) {
    HW_ASSERT(!rounds_.empty() && rounds_.front().ticket == ticket);
    Round round = std::move(rounds_.front());
    rounds_.pop_front();
    for (const uint64_t serial : round.sessions) {
        Session* session = core_.sessions.find(serial);
        if (session == nullptr) continue;
        if (session->online()) core_.outputs.touch(*session->connection);
        session->acks.release(
            ticket, [&](AckQueue::Ack ack, bool mute) { answer(*session, ack, mute, result); });
    }
    for (Done& done : round.calls)
        done(result);
    round.sessions.clear();
    round.calls.clear();
    if (spare_.size() < 64) spare_.push_back(std::move(round));
}

void Inbox::answer(Session& session, AckQueue::Ack ack, bool mute, const Result<void>& result) {
    const bool lost_before = ack.second && !session.received.contains(ack.id);
    const bool lost = ack.kept && !result.has_value();
    if (lost || lost_before) {
        if (lost) ++core_.figures.keep_failed;
        if (ack.second) session.received.erase(ack.id);
        ack.reason = static_cast<uint8_t>(lost ? reason_of(result.error())
                                               : mqtt::Reason::unspecified_error);
        if (!mute && session.online() && !session.connection->is_v5()) {
            core_.close_later(*session.connection);
            return;
        }
    }
    if (mute || !session.online() || session.connection->ends_soon) return;
    send_ack(*session.connection, ack);
}

}  // namespace hw::broker
