#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "broker/publication.h"
#include "broker/route_cache.h"
#include "broker/session.h"
#include "broker/shared_groups.h"
#include "wire/mqtt/codec.h"
#include "wire/mqtt/server_connection.h"

namespace hw::broker {

struct Core;
class Connection;

// Brings messages to sessions: at once into the connection's output where there is room, else into
// the session's queue; and follows what is in flight. A message for many is serialised once for
// each protocol family and QoS. Never closes a connection. One thread.
//
// A subscriber is slow when more than mqtt.output_bytes_limit waits for its socket. Then QoS 0 is
// dropped and counted, QoS 1 and 2 are queued; beyond the queue's limits the oldest are dropped and
// counted. Publishers are not paused for slow subscribers.
class Courier {
  public:
    explicit Courier(Core& core) : core_(core) {}

    // What one delivery is like, beside the message.
    struct Terms {
        uint8_t qos = 0;
        bool retain = false;
        uint32_t group = 0;
        IdentifiersRef identifiers = {};
    };

    // To everybody on the route. False: nobody is.
    bool deliver(Publication& publication, const Route& route);
    // Retained messages for a new subscription: never dropped for a slow socket.
    void send_retained(Session& session, const MessageRef& message, Terms terms);
    // Sends what waits, as far as there is room.
    void pump(Session& session);
    // PUBACK, PUBREC and PUBCOMP.
    void acknowledged(Session& session, const mqtt::Ack& ack);
    // The session goes for good: what it got by shared subscriptions and did not begin to finish is
    // taken out, to be handed to other members once it is gone (4.8.2).
    std::vector<Queued> take_shared(Session& session);
    // Its connection went: the same, but only what was never sent.
    std::vector<Queued> take_shared_queue(Session& session);
    void redeliver(std::vector<Queued> items);

  private:
    bool slow(Connection& connection);
    Readiness readiness(const Session& session, uint8_t qos);
    void send(Session& session, Publication& publication, const Terms& terms);
    void send_now(Session& session, Publication& publication, const Terms& terms);
    void enqueue(Session& session, Publication& publication, const Terms& terms, bool exempt);
    bool deliver_to_group(Publication& publication, SharedGroup& group);
    // Tells who follows it.
    void lost(const Session& session, const Publication& publication, uint8_t qos,
              std::string_view reason);
    bool resend_one(Session& session);
    void transmit(Connection& connection, Publication& publication, const Terms& terms, uint16_t id,
                  bool dup);
    mqtt::Sent write(Connection& connection, Publication& publication, const Terms& terms,
                     uint16_t id, bool dup);
    mqtt::Properties hop(const Publication& publication, const Identifiers* identifiers);
    const mqtt::PublishImage& image(Connection& connection, const Publication& publication,
                                    uint8_t qos);

    Core& core_;
    // Of the publication being delivered, by family (before 5.0, 5.0) and QoS.
    struct Image {
        mqtt::PublishImage image;
        uint64_t number = 0;
    };
    std::array<std::array<Image, 3>, 2> images_;
    uint64_t number_ = 0;  // of the publication being delivered
    bool many_ = false;    // it goes to more than one
    mqtt::PropertyList scratch_;
};

}  // namespace hw::broker
