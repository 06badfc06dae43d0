#include "sim/serve/sparkplug_node.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace hw::sim {

namespace {

constexpr std::string_view device_name = "sparkplug";  // as the faults name it
constexpr std::string_view edge_node = "plant1";
constexpr std::string_view device = "clearwell";

std::string group_of(std::string prefix) {
    std::replace(prefix.begin(), prefix.end(), '/', '.');
    return prefix;
}

sparkplug::DataType type_of(Kind kind) {
    switch (kind) {
        case Kind::real:
            return sparkplug::DataType::float64;
        case Kind::whole:
            return sparkplug::DataType::int64;
        case Kind::flag:
            return sparkplug::DataType::boolean;
        case Kind::text:
            return sparkplug::DataType::string;
    }
    return sparkplug::DataType::unknown;
}

sparkplug::Quality quality_of(Trust trust) {
    switch (trust) {
        case Trust::good:
            return sparkplug::Quality::good;
        case Trust::uncertain:
            return sparkplug::Quality::uncertain;
        case Trust::bad:
            return sparkplug::Quality::bad;
    }
    return sparkplug::Quality::bad;
}

sparkplug::PointValue value_of(const Reading& reading) {
    if (const auto* text = std::get_if<std::string_view>(&reading.value)) return std::string(*text);
    if (const auto* whole = std::get_if<int64_t>(&reading.value)) return *whole;
    if (const auto* flag = std::get_if<bool>(&reading.value)) return *flag;
    return std::get<double>(reading.value);
}

}  // namespace

Result<std::unique_ptr<SparkplugNode>> SparkplugNode::open(const Parts& parts,
                                                           const std::string& prefix,
                                                           const BrokerAddress& broker) {
    auto client = HW_TRY(MqttClient::create(
        {.broker = broker, .client_id = "headworks-sim-sparkplug-" + group_of(prefix)}));
    std::unique_ptr<SparkplugNode> node(new SparkplugNode(parts, prefix, std::move(client)));
    HW_TRY(node->add_metrics());
    node->listen();
    return node;
}

SparkplugNode::SparkplugNode(const Parts& parts, const std::string& prefix,
                             std::unique_ptr<MqttClient> client)
    : parts_(parts),
      client_(std::move(client)),
      connector_(*client_, parts.clock, false),
      // The last sequence before a restart is not known; the clock's makes the same one unlikely.
      edge_({.group_id = group_of(prefix),
             .edge_node_id = std::string(edge_node),
             .first_bd_seq = static_cast<uint8_t>(parts.clock.now().ns / 1'000'000'000)},
            *this) {}

SparkplugNode::~SparkplugNode() = default;

Result<void> SparkplugNode::add_metrics() {
    const std::string area = std::string(edge_node) + "/" + std::string(device) + "/";
    for (size_t i = 0; i < parts_.variables.list().size(); ++i) {
        const auto& variable = parts_.variables.list()[i];
        if (variable.protocol != Protocol::sparkplug) continue;
        HW_TRY(edge_.add({.device = std::string(device),
                          .name = variable.path.substr(area.size()),
                          .type = type_of(variable.kind),
                          .unit = variable.unit,
                          .writable = variable.writable()}));
        variables_.push_back(i);
    }
    return {};
}

void SparkplugNode::listen() {
    client_->listen(
        {.connecting =
             [this] {
                 const auto will = edge_.will(parts_.clock.now());
                 if (const auto set = client_->set_will(will.topic, will.payload, will.qos); !set)
                     log(LogLevel::warning, "sim", set.error().text());
             },
         .connected =
             [this] {
                 subscribed_ = 0;
                 for (const auto& filter : edge_.filters())
                     if (const auto asked = client_->subscribe(filter, 1); !asked)
                         log(LogLevel::warning, "sim", asked.error().text());
             },
         .subscribed =
             [this] {
                 if (++subscribed_ == edge_.filters().size()) edge_.connected(now());
             },
         .message =
             [this](std::string_view topic, std::string_view payload) {
                 if (!silent()) edge_.message(topic, as_bytes(payload), now());
             },
         .closed =
             [this] {
                 edge_.lost();
                 delayed_.clear();
             }});
}

bool SparkplugNode::silent() const {
    return parts_.works.faults().find(FaultKind::silent_device, device_name) != nullptr;
}

void SparkplugNode::update(size_t metric) {
    const auto reading = parts_.variables.read(variables_[metric]);
    const auto updated = edge_.update(static_cast<uint32_t>(metric), value_of(reading),
                                      quality_of(reading.trust), parts_.works.now());
    if (!updated) log(LogLevel::warning, "sim", "sparkplug: " + updated.error().text());
}

void SparkplugNode::round() {
    if (silent()) return;
    for (size_t i = 0; i < variables_.size(); ++i)
        update(i);
    edge_.flush(now());
}

void SparkplugNode::poll() {
    connector_.poll({});
    if (!silent()) edge_.flush(now());
    hand_over();
}

void SparkplugNode::close() {
    edge_.leave(now());
    for (auto& message : delayed_)
        message.due = {};
    hand_over();
    client_->disconnect();
}

void SparkplugNode::publish(std::string topic, std::string payload, uint8_t qos, bool /*retain*/) {
    if (delayed_.size() >= delayed_limit) return;  // a very slow network loses the newest
    const double delay = parts_.works.faults().amount(FaultKind::slow_network, device_name);
    Time due = parts_.clock.monotonic() + microseconds(static_cast<int64_t>(delay * 1000));
    if (!delayed_.empty()) due = std::max(due, delayed_.back().due);
    delayed_.push_back({due, std::move(topic), std::move(payload), qos});
    hand_over();
}

void SparkplugNode::hand_over() {
    const Time time = parts_.clock.monotonic();
    while (!delayed_.empty() && delayed_.front().due <= time) {
        const auto message = std::move(delayed_.front());
        delayed_.pop_front();
        // A failure ends the connection, which the next poll reports.
        static_cast<void>(client_->publish(message.topic, message.payload, message.qos));
    }
}

void SparkplugNode::write(uint32_t metric, const sparkplug::PointValue& value) {
    double number = 0;
    if (const auto* real = std::get_if<double>(&value))
        number = *real;
    else if (const auto* whole = std::get_if<int64_t>(&value))
        number = static_cast<double>(*whole);
    else if (const auto* flag = std::get_if<bool>(&value))
        number = *flag ? 1 : 0;
    else
        return;
    const auto written = parts_.variables.write(variables_[metric], number);
    if (!written) log(LogLevel::warning, "sim", "sparkplug: " + written.error().text());
    update(metric);
}

void SparkplugNode::disconnect() {
    client_->disconnect();
}

}  // namespace hw::sim
