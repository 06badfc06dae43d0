#include "broker/courier.h"

#include <algorithm>

#include "broker/core.h"

namespace hw::broker {

namespace {

constexpr int64_t second_ns = 1'000'000'000;

bool waits_for(const Inflight::Entry& entry, mqtt::PacketType answer) {
    using enum mqtt::PacketType;
    if (answer == pubcomp) return entry.state == Inflight::State::pubrel;
    if (entry.state != Inflight::State::publish) return false;
    return entry.what.qos == (answer == puback ? 1 : 2);
}

}  // namespace

bool Courier::deliver(Publication& publication, const Route& route) {
    ++number_;
    many_ = route.deliveries.size() > 1;
    bool any = false;
    for (const Delivery& delivery : route.deliveries) {
        Session& session = *delivery.session;
        if (delivery.no_local && session.serial == publication.publisher) continue;
        any = true;
        Terms terms{std::min(delivery.qos, publication.qos),
                    delivery.retain_as_published && publication.retain};
        if (delivery.identifiers != 0)
            terms.identifiers = route.identifiers[delivery.identifiers - 1];
        send(session, publication, terms);
    }
    many_ = false;
    for (SharedGroup* group : route.groups)
        any |= deliver_to_group(publication, *group);
    return any;
}

bool Courier::deliver_to_group(Publication& publication, SharedGroup& group) {
    Subscription* chosen = SharedGroups::pick(group, [&](const Subscription& member) {
        return readiness(*member.session, std::min(member.qos, publication.qos));
    });
    if (chosen == nullptr) return false;
    Terms terms{std::min(chosen->qos, publication.qos),
                chosen->retain_as_published && publication.retain, group.serial};
    if (chosen->identifier != 0) {
        terms.identifiers = IdentifiersRef(new Identifiers);
        terms.identifiers->numbers = {chosen->identifier};
    }
    send(*chosen->session, publication, terms);
    return true;
}

bool Courier::slow(Connection& connection) {
    const uint64_t limit = core_.settings.output_bytes_limit;
    if (connection.backlog() <= limit) return false;
    // What the socket was not yet offered is no sign of a slow one, nor would on_drained follow it.
    core_.watch.settle();
    core_.outputs.flush_early(connection);
    connection.unsent_bytes = connection.stream->queued_bytes();
    return connection.backlog() > limit;
}

Readiness Courier::readiness(const Session& session, uint8_t qos) {
    if (!session.online())
        return qos > 0 && session.outlives_connection() ? Readiness::offline : Readiness::unable;
    Connection& connection = *session.connection;
    const bool busy = session.queued() > 0 || slow(connection) ||
                      (qos > 0 && !session.inflight.has_room(connection.window));
    return busy ? Readiness::must_queue : Readiness::ready;
}

void Courier::send(Session& session, Publication& publication, const Terms& terms) {
    if (!session.online()) {
        if (terms.qos == 0) {
            ++core_.figures.dropped_offline;
            ++session.missed;
            lost(session, publication, 0, "offline");
        } else {
            enqueue(session, publication, terms, false);
        }
        return;
    }
    Connection& connection = *session.connection;
    if (terms.qos == 0) {
        if (session.qos_0_must_wait()) {
            enqueue(session, publication, terms, false);
        } else if (slow(connection)) {
            ++core_.figures.dropped_slow;
            ++session.missed;
            lost(session, publication, 0, "slow");
        } else {
            transmit(connection, publication, terms, 0, false);
        }
        return;
    }
    if (session.queued() > 0 || !session.inflight.has_room(connection.window) || slow(connection))
        enqueue(session, publication, terms, false);
    else
        send_now(session, publication, terms);
}

void Courier::send_now(Session& session, Publication& publication, const Terms& terms) {
    if (terms.qos == 0) {
        transmit(*session.connection, publication, terms, 0, false);
        return;
    }
    Queued what;
    what.qos = terms.qos;
    what.retain = terms.retain;
    what.group = terms.group;
    if (session.outlives_connection() || terms.group != 0 || core_.watch.wants(Event::acked)) {
        what.message = publication.hold();
        what.identifiers = terms.identifiers;
    }
    const uint16_t id = session.inflight.add(std::move(what));
    transmit(*session.connection, publication, terms, id, false);
}

void Courier::enqueue(Session& session, Publication& publication, const Terms& terms, bool exempt) {
    Queued what{publication.hold(), terms.identifiers, terms.group, terms.qos, terms.retain};
    const Session::QueueLimits limits{core_.settings.queue_messages_limit,
                                      core_.settings.queue_bytes_limit};
    const size_t dropped = session.enqueue(std::move(what), limits, exempt, [&](const Queued& one) {
        if (!core_.watch.wants(Event::delivery_dropped)) return;
        lost(session, Publication::of(one.message), one.qos, "queue_full");
    });
    core_.figures.dropped_queue += dropped;
    session.missed += dropped;
}

void Courier::send_retained(Session& session, const MessageRef& message, Terms terms) {
    Publication publication = Publication::of(message);
    ++number_;
    terms.qos = std::min(terms.qos, message->qos);
    const bool wait = !session.online() || session.queued() > 0 || slow(*session.connection) ||
                      (terms.qos > 0 && !session.inflight.has_room(session.connection->window));
    // Who subscribes again and again while its socket is full does not gather more than there is.
    if (wait && session.retained_waiting() > core_.retained.count()) {
        ++core_.figures.dropped_queue;
        ++session.missed;
    } else if (wait) {
        enqueue(session, publication, terms, true);
    } else {
        send_now(session, publication, terms);
    }
}

void Courier::transmit(Connection& connection, Publication& publication, const Terms& terms,
                       uint16_t id, bool dup) {
    core_.outputs.touch(connection);
    const mqtt::Sent sent = write(connection, publication, terms, id, dup);
    if (sent == mqtt::Sent::yes) {
        ++core_.figures.publishes_out[terms.qos];
        ++connection.messages_out;
        if (core_.watch.wants(Event::delivered)) [[unlikely]]
            core_.watch.delivery(Event::delivered, *connection.session, publication, terms.qos);
        if (connection.out.size() >= Outputs::early_bytes) {
            core_.watch.settle();
            core_.outputs.flush_early(connection);
        }
    } else if (sent == mqtt::Sent::too_large) {
        ++core_.figures.dropped_too_large;
        ++connection.session->missed;
        lost(*connection.session, publication, terms.qos, "too_large");
        if (id != 0) connection.session->inflight.finish(id);
    }
}

void Courier::lost(const Session& session, const Publication& publication, uint8_t qos,
                   std::string_view reason) {
    if (core_.watch.wants(Event::delivery_dropped)) [[unlikely]]
        core_.watch.delivery(Event::delivery_dropped, session, publication, qos, reason);
}

mqtt::Sent Courier::write(Connection& connection, Publication& publication, const Terms& terms,
                          uint16_t id, bool dup) {
    const mqtt::PacketId packet_id(id);
    if (many_ && !terms.identifiers && !connection.protocol.uses_topic_aliases())
        return connection.protocol.publish(image(connection, publication, terms.qos), packet_id,
                                           dup, terms.retain, connection.out);
    mqtt::Publish packet{publication.topic,
                         publication.payload,
                         packet_id,
                         static_cast<mqtt::Qos>(terms.qos),
                         terms.retain,
                         dup,
                         {}};
    if (connection.is_v5()) packet.properties = hop(publication, terms.identifiers.get());
    return connection.protocol.publish(packet, connection.out);
}

mqtt::Properties Courier::hop(const Publication& publication, const Identifiers* identifiers) {
    if (identifiers == nullptr && publication.expires == Message::never)
        return publication.properties;
    scratch_.clear();
    if (publication.expires != Message::never) {
        const int64_t left_ns = (publication.expires - core_.now()).ns;
        const int64_t left_s = std::max<int64_t>((left_ns + second_ns - 1) / second_ns, 0);
        scratch_.number(mqtt::PropertyId::message_expiry_interval, static_cast<uint32_t>(left_s));
    }
    if (identifiers != nullptr)
        for (const uint32_t number : identifiers->numbers)
            scratch_.number(mqtt::PropertyId::subscription_identifier, number);
    scratch_.copy(publication.properties);
    return scratch_.view();
}

const mqtt::PublishImage& Courier::image(Connection& connection, const Publication& publication,
                                         uint8_t qos) {
    const bool v5 = connection.is_v5();
    Image& cached = images_[v5 ? 1 : 0][qos];
    if (cached.number == number_) return cached.image;
    cached.number = number_;
    mqtt::Publish packet{publication.topic, publication.payload, mqtt::PacketId(qos > 0 ? 1 : 0),
                         static_cast<mqtt::Qos>(qos)};
    if (v5) packet.properties = hop(publication, nullptr);
    cached.image.assign(packet, v5 ? mqtt::Version::v5 : mqtt::Version::v3_1_1);
    return cached.image;
}

bool Courier::resend_one(Session& session) {
    Connection& connection = *session.connection;
    uint16_t id = 0;
    const Inflight::Entry* entry = session.inflight.next_resend(connection.window, id);
    if (entry == nullptr) return false;
    if (entry->state == Inflight::State::pubrel) {
        core_.outputs.touch(connection);
        connection.protocol.pubrel(mqtt::PacketId(id), connection.out);
        return true;
    }
    Publication publication = Publication::of(entry->what.message);
    const Terms terms{entry->what.qos, entry->what.retain, entry->what.group,
                      entry->what.identifiers};
    transmit(connection, publication, terms, id, true);
    return true;
}

void Courier::pump(Session& session) {
    while (session.online() && !slow(*session.connection)) {
        if (resend_one(session)) continue;
        if (session.queued() == 0) return;
        if (session.next_queued().qos > 0 && !session.inflight.has_room(session.connection->window))
            return;
        const Queued what = session.dequeue();
        if (what.message->expires <= core_.now()) {
            ++core_.figures.dropped_expired;
            ++session.missed;
            lost(session, Publication::of(what.message), what.qos, "expired");
            continue;
        }
        Publication publication = Publication::of(what.message);
        send_now(session, publication, {what.qos, what.retain, what.group, what.identifiers});
    }
}

void Courier::acknowledged(Session& session, const mqtt::Ack& ack) {
    using enum mqtt::PacketType;
    const uint16_t id = ack.packet_id.value();
    Connection& connection = *session.connection;
    Inflight::Entry* entry = session.inflight.find(id);
    const bool known = entry != nullptr && waits_for(*entry, ack.type);
    if (ack.type == pubrec && !mqtt::failed(ack.reason)) {
        // One that was answered before is answered again: the client asks because it must.
        const bool again = entry != nullptr && entry->state == Inflight::State::pubrel;
        if (known) {
            entry->state = Inflight::State::pubrel;
            if (!core_.watch.wants(Event::acked)) entry->what.message = MessageRef();
            entry->what.identifiers = IdentifiersRef();
        }
        connection.protocol.pubrel(
            ack.packet_id, connection.out,
            known || again ? mqtt::Reason::success : mqtt::Reason::packet_identifier_not_found);
        return;
    }
    if (!known) return;
    if (core_.watch.wants(Event::acked) && entry->what.message)
        core_.watch.delivery(Event::acked, session, Publication::of(entry->what.message),
                             entry->what.qos);
    session.inflight.finish(id);
    if (session.queued() > 0 || !session.inflight.all_sent()) pump(session);
}

std::vector<Queued> Courier::take_shared_queue(Session& session) {
    std::vector<Queued> taken;
    const size_t count = session.queued();
    const Session::QueueLimits none{SIZE_MAX, UINT64_MAX};
    for (size_t i = 0; i < count; ++i) {
        const bool exempt = session.next_is_exempt();
        Queued what = session.dequeue();
        SharedGroup* group = what.group == 0 ? nullptr : core_.router.groups().find(what.group);
        if (group != nullptr && group->members.size() > 1)
            taken.push_back(std::move(what));
        else
            session.enqueue(std::move(what), none, exempt, [](const Queued&) {});
    }
    return taken;
}

std::vector<Queued> Courier::take_shared(Session& session) {
    std::vector<Queued> taken;
    for (size_t i = 0; i < session.inflight.size(); ++i) {
        Inflight::Entry& entry = session.inflight[i];
        // A QoS 2 message that was sent must go to nobody else (4.8.2-5).
        if (entry.state == Inflight::State::publish && entry.what.qos == 1 && entry.what.group != 0)
            taken.push_back(entry.what);
    }
    while (session.queued() > 0) {
        Queued what = session.dequeue();
        if (what.group != 0) taken.push_back(std::move(what));
    }
    return taken;
}

void Courier::redeliver(std::vector<Queued> items) {
    for (Queued& item : items) {
        SharedGroup* group = core_.router.groups().find(item.group);
        if (group == nullptr) continue;
        Publication publication = Publication::of(item.message);
        ++number_;
        deliver_to_group(publication, *group);
    }
}

}  // namespace hw::broker
