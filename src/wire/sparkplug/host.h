#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "wire/sparkplug/path.h"
#include "wire/sparkplug/payload.h"
#include "wire/sparkplug/topic.h"
#include "wire/sparkplug/value.h"

namespace hw::sparkplug {

struct HostSettings {
    std::string host_id = "headworks";
    PathTemplate path = {};
    bool request_rebirths = true;
    // How long a gap in an edge node's sequence may wait for the missing message (6.4.19, 5.16).
    Duration reorder_timeout = seconds(5);
    // Between two rebirth requests to one edge node.
    Duration rebirth_interval = seconds(10);
    size_t nodes_limit = 10'000;
    size_t metrics_limit = 1'000'000;          // of all edge nodes together
    size_t held_messages_limit = 100;          // of an edge node, while a gap is open
    size_t held_bytes_limit = 256 << 10;       // likewise
    size_t held_total_bytes_limit = 16 << 20;  // of all edge nodes; encoded, about 10 times decoded
    Limits payload = {};
};

struct Now {
    Time wall;
    Time monotonic;
};

// How far a value can be trusted. Sparkplug's own codes are 192, 0 and 500 (6.4.10); what lies
// between is read as OPC DA's.
enum class Quality : uint8_t {
    good,
    uncertain,
    bad,
    stale,    // the edge node says that it no longer hears from the source
    offline,  // the edge node or the device died; the value is the last one
};

inline constexpr uint32_t no_point = UINT32_MAX;

// Views are valid during the call.
struct HostSample {
    std::string_view path;
    uint32_t& point;  // the receiver's own note of the path; no_point at first
    const PointValue& value;
    Quality quality = Quality::good;
    Time time;                // the source's
    bool historical = false;  // of before: does not become the live value
};

struct NodeState {
    std::string_view group;
    std::string_view edge;
    std::string_view device;  // empty: the edge node itself
    bool online = false;
};

// What the host application says; called from within its own calls.
class HostOutput {
  public:
    virtual ~HostOutput() = default;
    virtual void sample(const HostSample& sample) = 0;
    virtual void unit(std::string_view path, uint32_t& point, std::string_view text) = 0;
    virtual void state(const NodeState& state) = 0;
    virtual void publish(std::string topic, std::string payload, uint8_t qos, bool retain) = 0;
};

struct HostFigures {
    uint64_t nodes = 0, nodes_online = 0, devices_online = 0, metrics = 0, held = 0;
    // Only grow.
    uint64_t messages = 0;         // taken, with those that were refused
    uint64_t births = 0;           // NBIRTH and DBIRTH
    uint64_t deaths = 0;           // NDEATH and DDEATH
    uint64_t rebirths_asked = 0;   // NCMD Node Control/Rebirth sent
    uint64_t sequence_gaps = 0;    // that were not closed in time
    uint64_t reordered = 0;        // messages that waited for an earlier one, and got it
    uint64_t unknown_metrics = 0;  // by an alias or name that no birth told
    uint64_t before_birth = 0;     // messages dropped: of an edge node or device not yet born
    uint64_t malformed = 0;        // payloads and metrics that could not be read
    uint64_t old_session = 0;      // NDEATH of another bdSeq; messages of before the NBIRTH
    uint64_t refused = 0;          // nodes and metrics beyond nodes_limit and metrics_limit
    uint64_t commands = 0;
};

struct HostNode;
struct HostDevice;
struct HostMetric;
struct HeldMessage;
struct Application;

// The host application of Sparkplug 3.0 (5.5 to 5.7, 5.16, 5.17), without I/O: certificates of
// edge nodes and devices, sequence numbers, rebirth requests, deaths, commands, STATE.
//
// A metric becomes a point. bdSeq and what begins with "Node Control/" or "Device Control/" are no
// points, but can be written. The members of a template instance are points below it. Values of a
// dead node keep standing with the quality offline; the birth that follows revives them, at a time
// that is later even where the birth tells an older one.
//
// Times of a node are of its own clock where it tells them: the moment of a death is told in it.
// One thread. About 500 bytes a metric; 0.4 us a metric of a message.
class Host {
  public:
    // The output outlives the host.
    Host(HostSettings settings, HostOutput& output);
    ~Host();

    // Publishes STATE online, retained; stop() STATE offline. Between, a STATE offline of its own
    // id by somebody else is answered (5.7).
    void start(Now now);
    void stop(Now now);

    // One message on any topic of the namespace; what is not for a host is passed over. True: it
    // gave samples.
    bool message(std::string_view topic, BytesView payload, Now now);
    // Time-outs. A few times a second; costs nothing where nothing waits.
    void tick(Now now);

    // Sends an NCMD or DCMD for the metric behind the point. `not_found`: no metric has this path;
    // `unavailable`: its device is offline; `invalid_argument`: the value does not go with its
    // type; `unsupported`: the type cannot be written.
    Result<void> command(std::string_view path, const PointValue& value, Now now);
    bool knows(std::string_view path) const { return by_path_.contains(path); }

    const HostFigures& figures() const { return figures_; }

  private:
    HostNode* node_of(const Topic& topic);
    void forget_unborn();
    void on_state(const Topic& topic, BytesView payload);
    void on_nbirth(HostNode& node, Payload& payload, Now now);
    void expect_births(HostNode& node, bool again, Now now);
    void on_ndeath(HostNode& node, const Payload& payload, Now now);
    void on_sequenced(HostNode& node, HeldMessage message, Now now);
    void hold(HostNode& node, HeldMessage message, Now now);
    void release(HostNode& node, size_t bytes);
    void apply_held(HostNode& node, Now now, bool all);
    void give_up_gap(HostNode& node, Now now);
    void apply(HostNode& node, const HeldMessage& message, Now now);
    void on_dbirth(HostNode& node, const HeldMessage& message, Now now);
    void on_ddeath(HostNode& node, const HeldMessage& message, Now now);
    void on_data(HostNode& node, HostDevice& device, const HeldMessage& message, Now now);

    void take_birth(HostDevice& device, const Payload& payload, Now now);
    void birth_metric(Application& to, const Metric& metric, std::string name);
    void birth_value(Application& to, HostMetric& known, const Metric& metric);
    HostMetric* enlist(Application& to, const std::string& name);
    void data_metric(Application& to, const Metric& metric, const std::string& prefix);
    void take_value(Application& to, HostMetric& known, const Metric& metric);
    void emit(Application& to, HostMetric& known, PointValue value, Quality quality, Time time,
              bool historical);
    void take_offline(HostDevice& device, Time time);
    void mark_offline(HostMetric& metric, Time time);
    void drop(HostMetric& metric);

    void want_rebirth(HostNode& node, Now now);
    void watch(HostNode& node);
    void publish_state(bool online);

    const HostSettings settings_;
    HostOutput& output_;
    HostFigures figures_;
    std::unordered_map<std::string, std::unique_ptr<HostNode>> nodes_;  // by "group/edge"
    std::unordered_map<std::string_view, HostMetric*> by_path_;         // keys lie in the metrics
    std::set<HostNode*> waiting_;  // those that tick() has to look at
    bool online_ = false;
    uint64_t state_timestamp_ = 0;
    bool gave_samples_ = false;
    size_t held_bytes_ = 0;
};

}  // namespace hw::sparkplug
