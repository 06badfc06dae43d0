#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "broker/broker.h"

namespace hw::api {

// Questions and orders to the broker, which lives on a thread of its own. Any thread.
class BrokerAdmin {
  public:
    virtual ~BrokerAdmin() = default;
    // `step` runs on the broker's thread, again in later rounds until it is done (true), so that
    // long work holds up no messages: one step takes about a millisecond at most. Then `answer`
    // runs on the thread that answers requests.
    using Step = std::move_only_function<bool(broker::Broker&)>;
    virtual void ask(Step step, std::move_only_function<void()> answer) = 0;
};

// Who may not connect.
enum class BanKind : uint8_t { client, user, address };
std::string_view to_string(BanKind kind);  // "client", "user", "address"
Result<BanKind> read_ban_kind(std::string_view text);

struct Ban {
    BanKind kind = BanKind::client;
    std::string value;               // an address may be a network: "10.1.0.0/16"
    std::optional<Time> until = {};  // nullopt: for good
    std::string reason = {};
    std::string created_by = {};
    Time created_at = {};
};

// The bans, kept in the catalogue. Any thread; changes wait for the disk.
class BanList {
  public:
    virtual ~BanList() = default;
    virtual std::vector<Ban> list() const = 0;  // those in force, by kind and value
    // Takes the place of one of the same kind and value. Errors: no address, too many bans.
    virtual Result<void> put(Ban ban) = 0;
    virtual Result<bool> remove(BanKind kind, std::string_view value) = 0;  // false: there is none
    // Whether a ban holds for such a client, connected or about to.
    virtual bool holds(std::string_view client_id, std::string_view user_name,
                       std::string_view peer) const = 0;
};

// What a trace follows.
enum class TraceKind : uint8_t { client, topic, address };
std::string_view to_string(TraceKind kind);  // "client", "topic", "address"
Result<TraceKind> read_trace_kind(std::string_view text);

struct TraceSpec {
    std::string name;
    TraceKind kind = TraceKind::client;
    std::string value;  // client id, topic filter, or address without port
    Time until = {};
    std::string created_by = {};
};
struct TraceView {
    TraceSpec spec;
    Time created_at;
    bool running = false;
    uint64_t records = 0;  // all that there were
    uint64_t kept = 0;
    size_t bytes = 0;
};
struct TraceRecord {
    uint64_t number = 0;  // from 1, grows
    Time time;
    std::string_view event;  // "published", "delivered", "connected" ...; a static text
    std::string client_id;
    std::string user_name;
    std::string peer;
    std::string topic;
    std::string payload;  // its beginning
    size_t payload_bytes = 0;
    std::string from_client_id;
    std::string reason;
    int qos = 0;
    bool retain = false;
};

// Log traces of MQTT clients: what happens to one client, on a topic, from an address. In memory;
// each keeps its newest records. Any thread.
class TraceList {
  public:
    virtual ~TraceList() = default;
    // Errors: conflict, it is there already; limit_exceeded; invalid_argument.
    virtual Result<TraceView> begin(TraceSpec spec) = 0;
    virtual std::vector<TraceView> list() const = 0;
    virtual std::optional<TraceView> find(std::string_view name) const = 0;
    // Those after a number, at most so many; without it the newest. nullopt: no such trace.
    virtual std::optional<std::vector<TraceRecord>> records(std::string_view name,
                                                            std::optional<uint64_t> after,
                                                            size_t limit) const = 0;
    virtual bool stop(std::string_view name) = 0;    // it follows no more, and stays
    virtual bool remove(std::string_view name) = 0;  // false: there is none
};

}  // namespace hw::api
