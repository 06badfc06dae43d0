#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
#include "broker/views.h"
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

    ClientPage clients(const ClientQuery& query) const;
    std::optional<ClientView> client(std::string_view client_id) const;
    SubscriptionPage subscriptions(const SubscriptionQuery& query) const;
    RetainedPage retained(const RetainedQuery& query) const;
    // Forgets the topic's retained message; nobody is told. False: there is none.
    bool clear_retained(std::string_view topic);
    // The levels below a topic prefix ("": the first) that retained messages have, after `after`.
    std::vector<TopicLevel> retained_levels(std::string_view prefix, std::string_view after,
                                            size_t limit) const;
    // Calls for topics that were published to lately, some a call: `from` is 0, then what the call
    // before gave, until that is 0. One that comes or moves meanwhile may be missed or come twice.
    uint64_t recent_topics(uint64_t from, size_t visits,
                           const std::function<void(std::string_view)>& take) const;
    Rates rates() const;
    Time started() const { return started_; }  // wall time
    Totals totals() const;
    const Figures& figures() const;

  private:
    std::unique_ptr<Core> core_;
    std::unique_ptr<SysTopics> sys_;
    RateMeter meter_;
    const Time started_;
    Time sys_due_;
};

}  // namespace hw::broker
