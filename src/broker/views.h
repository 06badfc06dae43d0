#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "broker/figures.h"

namespace hw::broker {

// What the API shows of the broker. Owned copies, so that they may travel to another thread. Each
// page ends at `limit` rows or when `visits` things were looked at, whichever comes first, so that
// no question holds up messages for long; `next` is where to go on, nullopt at the end.

struct ClientView {
    std::string client_id;
    std::string
        user_name;  // these up to `messages_in`: of the connection; empty or 0 while offline
    std::string peer;
    int protocol = 0;  // 3, 4 or 5
    bool connected = false;
    bool clean_start = false;
    bool paused = false;
    uint16_t keep_alive_s = 0;
    size_t output_bytes = 0;
    std::optional<Time> connected_at = {};  // wall time
    uint64_t messages_in = 0;
    uint64_t messages_out = 0;
    uint64_t bytes_in = 0;
    uint64_t bytes_out = 0;
    std::optional<Time> expires_at = {};  // of the session, while offline
    uint32_t session_expiry_s = 0;
    std::string will_topic;  // empty: none
    size_t subscriptions = 0;
    size_t inflight = 0;
    size_t queued = 0;
    uint64_t queued_bytes = 0;
    uint64_t dropped = 0;  // deliveries that it lost, since the session was made
};
struct ClientQuery {
    std::string after = {};  // client id
    std::string part = {};   // of the id, the user name or the peer; ASCII letters of either case
    bool connected_only = false;
    size_t limit = 100;
    size_t visits = 20'000;
};
struct ClientPage {
    std::vector<ClientView> items;  // in order of client id
    std::optional<std::string> next;
};

struct SubscriptionView {
    std::string client_id;
    std::string filter;  // as subscribed, with "$share/<group>/"
    int qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
    uint32_t identifier = 0;
    size_t members = 0;  // of the shared group; 0: not shared
};
struct SubscriptionQuery {
    std::string after_client = {};
    std::string after_filter = {};  // of that client; empty: the client is done
    std::string client = {};        // this one alone; empty: all
    std::string part = {};          // of the filter
    bool shared_only = false;
    size_t limit = 100;
    size_t visits = 20'000;
};
struct SubscriptionPage {
    std::vector<SubscriptionView> items;  // in order of client id and filter
    struct Next {
        std::string client;
        std::string filter;
    };
    std::optional<Next> next;
};

struct RetainedView {
    std::string topic;
    std::string payload;  // its beginning
    size_t payload_bytes = 0;
    int qos = 0;
    std::string content_type;
    std::optional<Duration> expires_in = {};
};
struct RetainedQuery {
    std::string filter = "#";
    std::string after = {};  // topic
    size_t limit = 100;
    size_t visits = 20'000;
    size_t payload_limit = 4096;    // of each
    size_t bytes_limit = 4U << 20;  // of all payloads
};
struct RetainedPage {
    std::vector<RetainedView> items;  // in order of topic, level by level
    std::optional<std::string> next;
};

// One level below a prefix.
struct TopicLevel {
    std::string name;
    bool here = false;   // the topic that ends here has a message
    uint64_t below = 0;  // messages of it and all topics below
};

struct Totals {
    uint64_t connections = 0, connected = 0, sessions = 0, subscriptions = 0, shared_groups = 0,
             retained = 0, retained_bytes = 0, routes = 0, paused = 0, uncommitted_rounds = 0;
};

// What was counted within the last seconds, per second.
struct Rates {
    double seconds = 0;  // that it covers; 0: nothing yet
    double messages_in = 0;
    double messages_out = 0;
    double bytes_in = 0;
    double bytes_out = 0;
    double dropped = 0;
    double connections = 0;
};

// The broker's figures at some moments of the last seconds.
class RateMeter {
  public:
    static constexpr size_t kept = 12;

    void add(Time now, const Figures& figures);
    Rates rates(Time now, const Figures& figures) const;

  private:
    struct Moment {
        Time time;
        Figures figures;
    };
    std::vector<Moment> moments_;  // oldest first
};

}  // namespace hw::broker
