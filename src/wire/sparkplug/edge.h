#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "wire/sparkplug/host.h"
#include "wire/sparkplug/payload.h"
#include "wire/sparkplug/topic.h"
#include "wire/sparkplug/value.h"

namespace hw::sparkplug {

struct EdgeSettings {
    std::string group_id = "headworks";
    std::string edge_node_id = "headworks";
    std::string primary_host = {};  // its STATE decides; empty: publish whenever connected
    uint8_t first_bd_seq = 0;       // should be one more than the last of before a restart
    // Requests for a rebirth that come faster are answered together.
    Duration rebirth_interval = seconds(1);
    size_t message_metrics_limit = 500;  // of one DATA message
    size_t changes_limit = 100'000;      // that wait for flush(); beyond, only the latest are kept
    Limits payload = {};                 // of commands
};

struct EdgeMetric {
    std::string device = {};  // empty: of the edge node itself
    std::string name;
    DataType type = DataType::unknown;
    std::string unit = {};
    bool writable = false;
};

// What the edge node says; called from within its own calls.
class EdgeOutput {
  public:
    virtual ~EdgeOutput() = default;
    virtual void publish(std::string topic, std::string payload, uint8_t qos, bool retain) = 0;
    // A host wants a metric written. Once the value has changed, tell it by update().
    virtual void write(uint32_t metric, const PointValue& value) = 0;
    // The primary host went offline: the session is over (its NDEATH was published); disconnect,
    // and connect again (5.4.4).
    virtual void disconnect() = 0;
};

struct EdgeFigures {
    uint64_t births = 0;    // NBIRTH and DBIRTH sent
    uint64_t messages = 0;  // NDATA and DDATA sent
    uint64_t values = 0;    // in them
    uint64_t merged = 0;    // changes dropped for later ones of the same metric, at changes_limit
    uint64_t rebirths = 0;  // asked for by hosts
    uint64_t writes = 0;    // handed on
    uint64_t refused = 0;   // commands of unknown metrics, ones not writable, or of a wrong type
};

// An edge node of Sparkplug 3.0 (5.4, 5.10 to 5.13, 5.17), without I/O. Metrics are numbered from 0
// as they are added; the number is their alias. Values go out by exception: only where the value or
// its quality changed, with the time of the change. One that is older than what was sent before
// goes as historical. One thread. About 200 bytes a metric.
//
// A session: will() before CONNECT, subscribe filters() once connected, connected() after the
// SUBACK, message() for what comes, flush() after updates and every now and then, leave() before an
// orderly DISCONNECT, lost() when the connection has gone.
class Edge {
  public:
    Edge(EdgeSettings settings, EdgeOutput& output);

    // Its birth goes out with the next flush(). Fails on a name that is empty or taken, a device
    // that cannot be a level of a topic, a type that cannot be published.
    Result<uint32_t> add(EdgeMetric metric);
    // Another type from now on, e.g. Double for what was Int64. The value is unknown until the next
    // update; the birth that tells the type goes out with the next flush().
    void retype(uint32_t number, DataType type);
    const EdgeMetric& metric(uint32_t number) const { return metrics_[number].what; }
    size_t size() const { return metrics_.size(); }
    // Fails on a value that its type cannot hold. Quality: good is 192, bad 0, all else 500.
    Result<void> update(uint32_t number, const PointValue& value, Quality quality, Time time);

    struct Will {
        std::string topic;
        std::string payload;
        uint8_t qos = 1;
    };
    // For the next CONNECT; each has the next bdSeq.
    Will will(Time now);
    std::vector<std::string> filters() const;
    void connected(Now now);
    void message(std::string_view topic, BytesView payload, Now now);
    void lost();
    // NDEATH, where the edge node is online.
    void leave(Now now);

    // Sends what has changed, and births that are due.
    void flush(Now now);

    bool online() const { return state_ == State::online; }
    uint8_t bd_seq() const { return bd_seq_; }
    const EdgeFigures& figures() const { return figures_; }

  private:
    enum class State : uint8_t { offline, waiting, online };  // waiting for the primary host
    struct Known {
        EdgeMetric what;
        std::optional<PointValue> value = {};
        WireValue wire = {};
        Quality quality = Quality::good;
        Time time = {};
    };
    struct Change {
        uint32_t metric = 0;
        WireValue wire;
        Quality quality = Quality::good;
        Time time;
        bool historical = false;
        bool tell_quality = false;
    };
    struct Device {
        std::vector<uint32_t> metrics;
        std::map<std::string, uint32_t, std::less<>> by_name;
        bool birth_due = true;
    };

    void on_state(BytesView payload, Now now);
    void on_command(const Topic& topic, BytesView payload, Now now);
    void take_command(const Device* device, const Metric& metric);
    void births(Now now);
    void node_birth(Now now);
    void device_birth(const std::string& name, Device& device, Now now);
    void add_metrics(const Device& device, Payload& payload) const;
    void send_changes(Now now);
    void send(Verb verb, std::string_view device, Payload payload);
    void merge_changes();
    std::string death(Time now) const;

    const EdgeSettings settings_;
    EdgeOutput& output_;
    EdgeFigures figures_;
    std::vector<Known> metrics_;
    std::map<std::string, Device, std::less<>> devices_;  // "" is the edge node itself
    std::vector<Change> changes_;
    State state_ = State::offline;
    uint8_t bd_seq_ = 0;
    uint8_t next_bd_seq_ = 0;
    uint8_t seq_ = 0;
    uint64_t host_online_since_ = 0;  // of the primary host's last online STATE
    bool host_online_ = false;
    bool rebirth_due_ = false;
    Time rebirth_allowed_{INT64_MIN};
};

}  // namespace hw::sparkplug
