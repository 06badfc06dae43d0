#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "sim/publish/connector.h"
#include "sim/publish/mqtt_client.h"
#include "sim/serve/variables.h"
#include "wire/sparkplug/edge.h"

namespace hw::sim {

// The clear well's site as a Sparkplug B edge node: group <prefix> (with '.' for '/'), edge node
// plant1, device clearwell. A bad reading goes with quality 0, an uncertain one with 500. Writes
// outside of their limits are logged and change nothing. One thread.
class SparkplugNode final : private sparkplug::EdgeOutput {
  public:
    // All outlive the node.
    struct Parts {
        Variables& variables;
        const Waterworks& works;
        const Clock& clock;
    };
    static Result<std::unique_ptr<SparkplugNode>> open(const Parts& parts,
                                                       const std::string& prefix,
                                                       const BrokerAddress& broker);
    ~SparkplugNode() override;

    // The works have made a round.
    void round();
    // Keeps the connection and hands over what is due.
    void poll();
    // Says goodbye.
    void close();
    const sparkplug::EdgeFigures& figures() const { return edge_.figures(); }

  private:
    struct Message {
        Time due;
        std::string topic;
        std::string payload;
        int qos;
    };
    static constexpr size_t delayed_limit = 10'000;  // messages

    SparkplugNode(const Parts& parts, const std::string& prefix,
                  std::unique_ptr<MqttClient> client);
    Result<void> add_metrics();
    void listen();
    bool silent() const;
    void update(size_t metric);
    void hand_over();
    sparkplug::Now now() const { return {parts_.clock.now(), parts_.clock.monotonic()}; }

    void publish(std::string topic, std::string payload, uint8_t qos, bool retain) override;
    void write(uint32_t metric, const sparkplug::PointValue& value) override;
    void disconnect() override;

    Parts parts_;
    std::unique_ptr<MqttClient> client_;
    Connector connector_;
    sparkplug::Edge edge_;
    std::vector<size_t> variables_;  // by metric
    size_t subscribed_ = 0;          // filters acknowledged, of this connection
    std::deque<Message> delayed_;
};

}  // namespace hw::sim
