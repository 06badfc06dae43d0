#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "broker/connection.h"
#include "broker/observer.h"
#include "broker/publication.h"
#include "broker/session.h"

namespace hw::broker {

struct Core;

// Between the broker's parts and the observer, if there is one. Each call is guarded by wants() or
// by the route's interest, so that what nobody follows costs one test. One thread.
class Watch {
  public:
    explicit Watch(Core& core) : core_(core) {}

    void set(Observer& observer) {
        observer_ = &observer;
        stamp_ = &observer.stamp();
    }
    // Part of each route's own.
    uint64_t stamp() const { return stamp_->load(std::memory_order_relaxed); }
    bool wants(Event event) {
        if (stamp() != asked_at_) [[unlikely]] {
            asked_at_ = stamp();
            wanted_ = observer_->events();
        }
        return (wanted_ & bit(event)) != 0;
    }
    uint64_t interest(std::string_view topic) {
        return observer_ == nullptr ? 0 : observer_->interest(topic);
    }

    void message(uint64_t interest, const Publication& publication, Time received);
    void connected(const Connection& connection, const mqtt::Connect& packet);
    void connack(const Connection& connection, const mqtt::Connect& packet, mqtt::Reason reason);
    void authenticated(const Connection& connection, const mqtt::Connect& packet,
                       mqtt::Reason reason);
    void disconnected(const Connection& connection, const Session& session,
                      std::string_view reason);
    void ping(const Connection& connection);
    void authorized(const Session& session, std::string_view action, std::string_view topic,
                    bool allowed);
    void subscription(Event event, const Session& session, std::string_view filter, uint8_t qos);
    // delivered, acked, delivery_dropped; `reason` of the last.
    void delivery(Event event, const Session& session, const Publication& publication, uint8_t qos,
                  std::string_view reason = {});
    void dropped(const Publication& publication);

    // The observer makes safe what it has seen of this round; before anything is sent.
    void settle();

  private:
    Happening of(Event event, const Session& session) const;
    Happening of(Event event, const Connection& connection, const mqtt::Connect& packet) const;
    void name_publisher(Happening& happening, const Publication& publication) const;
    void tell(const Happening& happening);

    Core& core_;
    static constexpr std::atomic<uint64_t> nobody_{0};

    Observer* observer_ = nullptr;
    const std::atomic<uint64_t>* stamp_ = &nobody_;
    uint64_t asked_at_ = 0;
    uint32_t wanted_ = 0;
    bool unsettled_ = false;
};

}  // namespace hw::broker
