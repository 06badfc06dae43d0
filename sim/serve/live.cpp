#include "sim/serve/live.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/serve/control_session.h"
#include "sim/serve/iec104_session.h"
#include "sim/serve/modbus_session.h"
#include "sim/serve/s7_session.h"

namespace hw::sim {

namespace {

constexpr Duration turn_interval = milliseconds(20);

}  // namespace

Live::Live(const Settings& settings, Telemetry& telemetry)
    : settings_(settings),
      telemetry_(telemetry),
      variables_(telemetry),
      units_(make_modbus_units(variables_)),
      blocks_(make_data_blocks(variables_)),
      objects_(make_station_objects(variables_)),
      pace_(reactor_.clock().monotonic(), settings.speed, settings.interval) {}

Live::~Live() = default;

Result<std::unique_ptr<Live>> Live::open(const Settings& settings, Telemetry& telemetry) {
    // The first readings are there before the first question.
    telemetry.advance();
    std::unique_ptr<Live> live(new Live(settings, telemetry));
    HW_TRY(live->open_servers());
    if (settings.broker) HW_TRY(live->open_broker());
    if (settings.status_line)
        live->status_.emplace(telemetry, live->client_.get(), live->reactor_.clock().monotonic());
    return live;
}

Result<void> Live::open_servers() {
    auto& works = telemetry_.works();
    const auto& ports = settings_.ports;
    const auto open = [&](std::string device, uint16_t port, TcpServer::MakeSession make) {
        return TcpServer::open(reactor_, works.faults(), metrics_,
                               {.device = std::move(device), .host = settings_.host, .port = port},
                               std::move(make));
    };
    modbus_ = HW_TRY(open("modbus", ports.modbus, [this] {
        return std::make_unique<ModbusSession>(units_, modbus::Framing::tcp);
    }));
    s7_ = HW_TRY(open("s7", ports.s7, [this] { return std::make_unique<S7Session>(blocks_); }));
    iec104_ = HW_TRY(open("iec104", ports.iec104, [this, &works] {
        return std::make_unique<Iec104Session>(Iec104Session::Parts{.objects = objects_,
                                                                    .variables = variables_,
                                                                    .works = works,
                                                                    .clock = reactor_.clock()});
    }));
    control_ = HW_TRY(open("", ports.control, [this, &works] {
        return std::make_unique<ControlSession>(works, variables_);
    }));
    if (settings_.serial)
        serial_ =
            HW_TRY(SerialLine::open(reactor_, works.faults(), "modbus-rtu", settings_.pty_link,
                                    std::make_unique<ModbusSession>(units_, modbus::Framing::rtu)));
    return {};
}

Result<void> Live::open_broker() {
    const auto& clock = reactor_.clock();
    client_ =
        HW_TRY(MqttClient::create({.broker = *settings_.broker, .client_id = settings_.client_id}));
    connector_.emplace(*client_, clock, settings_.status_line);
    Publisher::Settings publish{.qos = settings_.qos,
                                .points = std::vector<bool>(telemetry_.points().size())};
    for (const auto& variable : variables_.list())
        if (variable.point && variable.protocol == Protocol::mqtt)
            publish.points[*variable.point] = true;
    publisher_.emplace(std::move(publish), telemetry_, *client_);
    sparkplug_ = HW_TRY(
        SparkplugNode::open({.variables = variables_, .works = telemetry_.works(), .clock = clock},
                            settings_.prefix, *settings_.broker));
    return {};
}

std::string Live::ready_line() const {
    auto line = fmt::format("sim ready modbus={} s7={} iec104={} control={}", modbus_->port(),
                            s7_->port(), iec104_->port(), control_->port());
    if (serial_) line += " pty=" + serial_->path();
    return line;
}

std::vector<DeviceFile> Live::devices() const {
    DeviceListing listing;
    listing.prefix = settings_.prefix;
    listing.host = settings_.host;
    listing.ports = {.modbus = modbus_->port(),
                     .s7 = s7_->port(),
                     .iec104 = iec104_->port(),
                     .control = control_->port()};
    if (!settings_.pty_link.empty()) listing.serial_port = serial_->path();
    return list_devices(listing, variables_, units_, blocks_, objects_);
}

size_t Live::mqtt_points() const {
    return static_cast<size_t>(std::count_if(
        variables_.list().begin(), variables_.list().end(), [](const Variable& variable) {
            return variable.protocol == Protocol::mqtt && variable.point;
        }));
}

bool Live::over() const {
    const auto& works = telemetry_.works();
    return settings_.duration.ns > 0 && works.now() - works.start() >= settings_.duration;
}

Result<void> Live::run(const std::atomic<bool>& stop) {
    const auto& clock = reactor_.clock();
    const Time began = clock.monotonic();
    bool gave_up = false;
    bool ended = false;
    reactor_.every(turn_interval, [&] {
        turn();
        gave_up = connector_ && connector_->connections() == 0 && settings_.patience.ns > 0 &&
                  clock.monotonic() - began > settings_.patience;
        ended = stop.load() || over() || gave_up;
    });
    reactor_.run_until([&] { return ended; });
    if (sparkplug_) sparkplug_->close();
    if (client_) client_->disconnect();
    if (status_) status_->end();
    if (gave_up)
        return fail(ErrorCode::unavailable,
                    fmt::format("no connection to the broker {}:{} within {} (--wait); is it "
                                "running? --broker none does without",
                                settings_.broker->host, settings_.broker->port,
                                format_duration(settings_.patience)));
    return {};
}

void Live::turn() {
    const Time now = reactor_.clock().monotonic();
    // At a high speed several rounds are due in one turn.
    while (pace_.due(now) && !over()) {
        pace_.done(now);
        round();
        if (reactor_.clock().monotonic() - now > turn_interval) break;
    }
    if (connector_) connector_->poll({});
    if (sparkplug_) sparkplug_->poll();
    if (status_) status_->show(now);
}

void Live::round() {
    telemetry_.advance();
    modbus_->round();
    s7_->round();
    iec104_->round();
    if (publisher_) publisher_->publish_round();
    if (sparkplug_) sparkplug_->round();
}

}  // namespace hw::sim
