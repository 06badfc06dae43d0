#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "broker/figures.h"
#include "broker/gate.h"
#include "broker/keeper.h"
#include "broker/observer.h"
#include "broker/services.h"
#include "broker/settings.h"
#include "io/stream.h"

namespace hw::broker {

struct Core;
class SysTopics;

// A message from inside the process.
struct Outgoing {
    std::string_view topic;
    BytesView payload = {};
    uint8_t qos = 0;
    bool retain = false;
    Duration expiry = {};  // 0: none
    std::string_view content_type = {};
    std::string_view response_topic = {};
    BytesView correlation_data = {};
    std::vector<std::pair<std::string_view, std::string_view>> user_properties = {};
};

// What the API shows. Owned copies, so that they may travel to another thread.
struct ClientView {
    std::string client_id;
    std::string peer;  // empty while offline
    int protocol = 0;  // 3, 4 or 5; 0 while offline
    bool connected = false;
    bool paused = false;
    uint32_t session_expiry_s = 0;
    uint16_t keep_alive_s = 0;
    size_t subscriptions = 0;
    size_t inflight = 0;
    size_t queued = 0;
    uint64_t queued_bytes = 0;
    size_t output_bytes = 0;
};
struct SubscriptionView {
    std::string client_id;
    std::string filter;
    int qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
    uint32_t identifier = 0;
};
struct RetainedView {
    std::string topic;
    std::string payload;
    int qos = 0;
};
struct Totals {
    uint64_t connections = 0, connected = 0, sessions = 0, subscriptions = 0, shared_groups = 0,
             retained = 0, retained_bytes = 0, routes = 0, paused = 0, uncommitted_rounds = 0;
};

// The MQTT broker, 3.1.1 and 5.0, without threads or sockets: streams are handed in, time is told.
// All calls on one thread, the MQTT reactor's, and none from within another's callback. The owner
// calls round_end() once after each batch of events; nothing is sent before.
//
// The way of a PUBLISH: one look-up of its topic gives the subscribers, the keeper's plan and the
// retained slot; it is copied into each subscriber's output, or queued where there is no room.
// About 100 to 200 ns a message, nothing allocated unless it must be held for later. A session
// without connection or subscription takes about 1 KiB with its connection.
//
// Back-pressure: while keeper.overloaded(), connections that publish what is kept are not read. A
// slow subscriber does not hold up publishers; see Courier for what it loses.
class Broker {
  public:
    // All outlive the broker.
    Broker(const Settings& settings, const Clock& clock, Keeper& keeper, Gate& gate,
           Metrics& metrics, std::string version);
    ~Broker();

    void open(std::unique_ptr<io::Stream> stream);
    // Hands the round's messages over to be kept and sends what was written, once a connection.
    void round_end();
    // Keep-alives, delayed wills, expiries, $SYS. Call it about every second, and before the
    // round ends.
    void tick();
    // Answers keeper.submit(ticket), in order of tickets.
    void committed(Ticket ticket, const Result<void>& result);
    // The keeper is no longer overloaded. (round_end looks as well.)
    void resume_reading();

    // `done` is called when the message is committed, at once if it is not kept. Fails on a topic
    // that is none.
    using Done = std::move_only_function<void(const Result<void>&)>;
    Result<void> publish(const Outgoing& message, Done done = {});

    // Hands messages of that filter to somebody within this process as well. Before the first
    // connection.
    void serve(std::string filter, Service service);
    // Who follows messages and events; outlives the broker. Before the first connection.
    void set_observer(Observer& observer);
    // For samples that were kept before they come here: whether anybody would get a message of that
    // topic now, and the message itself, to subscribers only.
    bool wanted(std::string_view topic);
    void announce(const Outgoing& message);
    bool has_subscriptions() const;

    // Disconnects the client (0x98). False: it is not connected.
    bool kick(std::string_view client_id);
    // Ends the session as well. False: there is none.
    bool forget(std::string_view client_id);
    // Refuses new clients from now on.
    void drain();
    // Drains and disconnects everybody (0x8B), without wills. round_end() sends it.
    void shutdown();
    bool idle() const;  // no connection is left

    // In order of client id (and filter); those after `after`, at most `limit`.
    std::vector<ClientView> clients(std::string_view after, size_t limit) const;
    std::vector<SubscriptionView> subscriptions(std::string_view after_client, size_t limit) const;
    std::vector<RetainedView> retained(std::string_view filter, std::string_view after,
                                       size_t limit) const;
    Totals totals() const;
    const Figures& figures() const;

  private:
    std::unique_ptr<Core> core_;
    std::unique_ptr<SysTopics> sys_;
    Time sys_due_;
};

}  // namespace hw::broker
