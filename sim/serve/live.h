#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/metrics.h"
#include "io/reactor.h"
#include "sim/publish/connector.h"
#include "sim/publish/pace.h"
#include "sim/publish/publisher.h"
#include "sim/publish/status_line.h"
#include "sim/serve/devices.h"
#include "sim/serve/serial_line.h"
#include "sim/serve/sparkplug_node.h"
#include "sim/serve/tcp_server.h"

namespace hw::sim {

// The works with all their protocols: one thread, one reactor. Servers, a serial line, the control
// channel; and with a broker the MQTT points and the Sparkplug site.
class Live {
  public:
    struct Settings {
        double speed = 1;  // simulated seconds a second
        Duration interval = seconds(1);
        Duration duration{};  // simulated; 0: until stopped
        std::string host = "127.0.0.1";
        Ports ports;  // 0: any free one
        bool serial = true;
        std::string pty_link;  // empty: none
        std::optional<BrokerAddress> broker;
        std::string prefix = "bluewater";
        std::string client_id;
        int qos = 0;
        Duration patience{};  // for the first connection to the broker; 0: endless
        bool status_line = false;
    };
    // The telemetry outlives this.
    static Result<std::unique_ptr<Live>> open(const Settings& settings, Telemetry& telemetry);
    ~Live();

    // "sim ready modbus=1502 s7=1102 iec104=12404 control=19100 pty=/dev/pts/3"
    std::string ready_line() const;
    // The devices with the ports as they are.
    std::vector<DeviceFile> devices() const;
    // Until the duration is over or `stop` is set. Unavailable when the broker stays away for
    // longer than the patience.
    Result<void> run(const std::atomic<bool>& stop);
    // Null without a broker.
    const MqttClient* mqtt() const { return client_.get(); }
    size_t mqtt_points() const;
    const Publisher* publisher() const { return publisher_ ? &*publisher_ : nullptr; }

  private:
    Live(const Settings& settings, Telemetry& telemetry);
    Result<void> open_servers();
    Result<void> open_broker();
    bool over() const;
    void turn();
    void round();

    Settings settings_;
    Telemetry& telemetry_;
    Metrics metrics_;
    io::Reactor reactor_{"sim"};
    Variables variables_;
    std::vector<ModbusUnit> units_;
    std::vector<DataBlock> blocks_;
    std::vector<StationObject> objects_;
    std::unique_ptr<TcpServer> modbus_;
    std::unique_ptr<TcpServer> s7_;
    std::unique_ptr<TcpServer> iec104_;
    std::unique_ptr<TcpServer> control_;
    std::unique_ptr<SerialLine> serial_;
    std::unique_ptr<MqttClient> client_;
    std::optional<Connector> connector_;
    std::optional<Publisher> publisher_;
    std::unique_ptr<SparkplugNode> sparkplug_;
    Pace pace_;
    std::optional<StatusLine> status_;
};

}  // namespace hw::sim
