#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/connection.h"
#include "broker/session.h"

namespace hw::broker {

struct Core;

// How a connection ended, which decides over the will.
enum class Departure : uint8_t {
    clean,  // DISCONNECT, or we shut down: no will
    lost,   // anything else
};

// Joins connections to sessions and parts them: CONNECT, take-over, DISCONNECT, loss, expiry, wills
// (MQTT 5 sections 3.1, 3.14, 4.1). One thread.
class Lifecycle {
  public:
    explicit Lifecycle(Core& core) : core_(core) {}

    void connect(Connection& connection, const mqtt::Connect& packet);
    // The client's DISCONNECT.
    void leave(Connection& connection, const mqtt::Disconnect& packet);
    // The connection is over: parts it from its session, lets what is written go out, closes it.
    // `reason` is for who follows what happens.
    void drop(Connection& connection, Departure departure, std::string_view reason);
    // Tells a 5.0 client why.
    void disconnect(Connection& connection, mqtt::Reason reason, Departure departure);
    // Ends a session that has no connection.
    void end(Session& session);
    void on_session_timer(uint64_t serial);
    void on_will_timer(uint64_t serial);

  private:
    mqtt::Reason check(const Connection& connection, const mqtt::Connect& packet,
                       std::string_view client_id);
    uint32_t granted_expiry(const mqtt::Connect& packet) const;
    std::string make_client_id(const Connection& connection) const;
    // The session to go on with, or null.
    Session* settle_former(std::string_view client_id, bool clean_start);
    static bool unknown_to_client(const Session& session);
    void take_will(Session& session, const mqtt::Will& will);
    void settle_will(Session& session, Departure departure);
    void publish_will(std::unique_ptr<WillState> will);
    void detach(Connection& connection, Departure departure, std::string_view reason);

    Core& core_;
};

}  // namespace hw::broker
