#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "ingest/decoded.h"
#include "model/point_directory.h"
#include "wire/sparkplug/host.h"

namespace hw::ingest {

// A message that the host application wants published: its STATE, a rebirth request, a command.
struct SparkplugMessage {
    std::string topic;
    std::string payload;
    uint8_t qos = 0;
    bool retain = false;
};

// Headworks as a Sparkplug host application: turns the messages of edge nodes into samples. Ties
// sparkplug::Host to points, metrics and the clock. The broker's thread.
class SparkplugHost final : private sparkplug::HostOutput {
  public:
    // Called in the middle of a message; must publish later, not from within.
    using Publish = std::function<void(SparkplugMessage)>;

    // All outlive this.
    SparkplugHost(sparkplug::HostSettings settings, size_t text_bytes_limit,
                  model::PointDirectory& points, const Clock& clock, Metrics& metrics,
                  Publish publish);
    ~SparkplugHost() override;

    // STATE online, once the broker serves; STATE offline, before it ends.
    void start();
    void stop();

    // Whether a topic is for host applications: births, deaths, data, STATE.
    static bool takes(std::string_view topic);
    // Appends the message's samples. False: it gave none (a message that waits for an earlier one
    // is acknowledged at once; edge nodes send at QoS 0 anyway).
    bool message(std::string_view topic, BytesView payload, Time received, Decoded& out);
    // Appends what time-outs gave. A few times a second.
    void tick(Decoded& out);

    // Whether the point is a metric of an edge node that was born.
    bool knows(std::string_view path) const { return host_.knows(path); }
    // Sends the NCMD or DCMD that writes it. See sparkplug::Host::command for the errors. The new
    // value comes as data, if the edge node took it.
    Result<void> write(std::string_view path, const model::Value& value);

  private:
    struct Exported;

    void sample(const sparkplug::HostSample& one) override;
    void unit(std::string_view path, uint32_t& point, std::string_view text) override;
    void state(const sparkplug::NodeState& state) override;
    void publish(std::string topic, std::string payload, uint8_t qos, bool retain) override;
    bool place(std::string_view path, uint32_t& point);
    bool fits(std::string_view text);
    void export_figures();
    sparkplug::Now now(Time wall) const { return {wall, clock_.monotonic()}; }

    const size_t text_bytes_limit_;
    model::PointDirectory& points_;
    const Clock& clock_;
    const Publish publish_;
    const std::unique_ptr<Exported> exported_;
    sparkplug::Host host_;
    Decoded* out_ = nullptr;  // of the current call
};

}  // namespace hw::ingest
