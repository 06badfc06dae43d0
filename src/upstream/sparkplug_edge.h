#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/metrics.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"
#include "upstream/commands.h"
#include "upstream/mqtt_link.h"

namespace hw::upstream {

struct SparkplugEdgeSettings {
    bool enabled = false;  // there is a broker
    BrokerAddress broker;
    std::string group_id = "headworks";
    std::string edge_node_id = "headworks";
    std::string client_id;  // empty: sparkplug-<group_id>-<edge_node_id>
    std::string user;
    std::string password_file;
    Duration keep_alive = seconds(30);
    std::string primary_host;
    std::vector<std::string> filters = {"#"};
    std::vector<std::string> exclude;
    size_t device_levels = 1;
    Duration publish_interval = milliseconds(250);
    bool writes = false;
    size_t metrics_limit = 100'000;
};

// The table rows of the section "sparkplug_edge".
extern const std::vector<Property> sparkplug_edge_properties;
Result<SparkplugEdgeSettings> sparkplug_edge_settings_from(const Config& config);

// Where a point lies as a metric: its first levels are the device (joined with ':'), the rest is
// the metric's name. A point with no more levels than that, or with an empty one among them, is a
// metric of the edge node itself.
struct MetricPlace {
    std::string device;
    std::string name;
};
MetricPlace metric_place(std::string_view point, size_t device_levels);

// Headworks as an edge node of somebody else's Sparkplug system: points are metrics, what history
// commits goes out by exception. On a thread of its own. While the broker or the primary host is
// away only the last values are kept: the birth tells them, what came between is not sent later
// (the section "upstream" has a queue for that).
class SparkplugEdge {
  public:
    struct Rooms {
        model::PointDirectory& points;
        const history::History& history;
        const Clock& clock;
        Metrics& metrics;
    };

    // Errors: the password file cannot be read.
    static Result<std::unique_ptr<SparkplugEdge>> open(SparkplugEdgeSettings settings, Rooms rooms);
    virtual ~SparkplugEdge() = default;

    // Every committed batch: history's tap, on its commit thread.
    virtual void tap(const model::SampleBatch& batch) = 0;
    // Who does what hosts command; none: they are refused. Before start(); must outlive it. The
    // answer of a write is not told to the host: it sees the value change, or not.
    virtual void set_write_handler(WriteHandler& handler) = 0;

    // Takes the points there are, connects, and goes on trying.
    virtual void start() = 0;
    // NDEATH, DISCONNECT, and the thread ends. Before history goes.
    virtual void stop() = 0;
};

}  // namespace hw::upstream
