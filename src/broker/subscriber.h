#pragma once

#include <vector>

#include "broker/connection.h"
#include "broker/session.h"

namespace hw::broker {

struct Core;

// SUBSCRIBE and UNSUBSCRIBE (MQTT 5 sections 3.8, 3.10), with the retained messages that follow.
// One thread.
class Subscriber {
  public:
    explicit Subscriber(Core& core) : core_(core) {}

    void subscribe(Connection& connection, const mqtt::Subscribe& packet);
    void unsubscribe(Connection& connection, const mqtt::Unsubscribe& packet);

  private:
    mqtt::Reason check(const Session& session, const mqtt::Subscription& wanted);
    // True: it was not subscribed before.
    bool join(Session& session, const mqtt::Subscription& wanted, uint32_t identifier);
    void send_retained(Session& session, const mqtt::Subscription& wanted, uint32_t identifier);

    Core& core_;
    std::vector<mqtt::Reason> reasons_;
    std::vector<bool> fresh_;
};

}  // namespace hw::broker
