#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "broker/ack_queue.h"
#include "broker/inflight.h"
#include "broker/message.h"
#include "broker/packet_id_set.h"
#include "broker/ring.h"
#include "broker/subscription.h"
#include "wire/mqtt/packets.h"

namespace hw::broker {

class Connection;

// The will of a connected client, or one whose delay runs.
struct WillState {
    MessageRef message;
    uint32_t delay_s = 0;
    uint32_t expiry_s = 0;  // 0: none; runs from the moment of publication
    Time due = Message::never;
};

// What outlives a connection (MQTT 5 section 4.1): subscriptions, what is on its way out, the QoS 2
// ids of what came in. In memory; a durable session will write these same parts to the store. About
// 400 bytes idle. One thread.
class Session {
  public:
    Session(uint64_t number, std::string id) : serial(number), client_id(std::move(id)) {}

    bool online() const { return connection != nullptr; }
    // Whether messages must be held for a later connection.
    bool outlives_connection() const { return expiry_s > 0; }

    struct QueueLimits {
        size_t messages = 0;
        uint64_t bytes = 0;
    };
    // Puts a message at the end of the queue. Beyond a limit the oldest makes room, but not for one
    // of QoS 0; what is dropped is returned as a count. Retained messages sent upon SUBSCRIBE
    // (`exempt`) are held by reference and count towards no limit.
    // `lost` sees each that is dropped.
    size_t enqueue(Queued what, const QueueLimits& limits, bool exempt,
                   const std::function<void(const Queued&)>& lost);
    Queued dequeue();
    // Retained messages still in the queue.
    size_t retained_waiting() const { return exempt_left_; }
    // Newer QoS 0 messages must not overtake retained ones, nor each other.
    bool qos_0_must_wait() const { return exempt_left_ > 0 || qos_0_left_ > 0; }
    size_t queued() const { return queue_.size(); }
    uint64_t queued_bytes() const { return queued_bytes_; }
    const Queued& next_queued() const { return queue_.front(); }
    bool next_is_exempt() const;

    const uint64_t serial;
    const std::string client_id;
    Connection* connection = nullptr;
    uint32_t expiry_s = 0;
    Time ends = Message::never;  // while offline
    // The client sent something after its session was made, so it may know of it.
    bool confirmed = false;
    // The ticket under which something of this session last waits, so that a round lists it once.
    uint64_t listed_ticket = 0;
    uint64_t missed = 0;  // deliveries that were dropped

    // By filter as subscribed; the key is the subscription's own text.
    std::map<std::string_view, std::unique_ptr<Subscription>> subscriptions;
    Inflight inflight;
    PacketIdSet received;  // QoS 2, not yet released by the client
    AckQueue acks;
    std::unique_ptr<WillState> will;

  private:
    Ring<Queued> queue_;
    uint64_t queued_bytes_ = 0;
    uint32_t qos_0_left_ = 0;
    uint32_t exempt_left_ = 0;  // exempt messages are always ahead of, or between, the others
};

}  // namespace hw::broker
