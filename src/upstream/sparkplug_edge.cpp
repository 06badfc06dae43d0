#include "upstream/sparkplug_edge.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/json_writer.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/secret_file.h"
#include "io/reactor.h"
#include "model/point_path.h"
#include "wire/sparkplug/edge.h"

namespace hw::upstream {

namespace {

using sparkplug::DataType;

constexpr Duration back_off_least = seconds(1);
constexpr Duration back_off_most = seconds(30);
constexpr size_t page = 1000;                    // points taken at once at the start
constexpr size_t waiting_rows_limit = 500'000;   // committed, not yet taken by our thread
constexpr size_t link_bytes_limit = 8 << 20;     // beyond, changes wait
constexpr size_t packet_bytes_limit = 16 << 20;  // of commands

Result<mqtt::ClientOptions> client_options(const SparkplugEdgeSettings& settings) {
    mqtt::ClientOptions options;
    options.version = mqtt::Version::v3_1_1;
    options.client_id = settings.client_id;
    options.clean_start = true;  // demanded of edge nodes (5.4)
    options.keep_alive_s = static_cast<uint16_t>(settings.keep_alive.ns / 1'000'000'000);
    if (!settings.user.empty()) options.user_name = settings.user;
    if (!settings.password_file.empty())
        options.password =
            HW_TRY(read_secret_file(settings.password_file, "sparkplug_edge.password_file"));
    options.packet_bytes_max = packet_bytes_limit;
    options.repeats = false;
    return options;
}

DataType type_for(model::ValueType type) {
    switch (type) {
        case model::ValueType::boolean:
            return DataType::boolean;
        case model::ValueType::int64:
            return DataType::int64;
        case model::ValueType::float64:
            return DataType::float64;
        case model::ValueType::text:
            return DataType::string;
        case model::ValueType::bytes:
            return DataType::bytes;
    }
    return DataType::string;
}

sparkplug::PointValue value_for(const model::Value& value) {
    return std::visit(
        [](const auto& one) -> sparkplug::PointValue {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, model::Bytes>)
                return sparkplug::Bytes{one.data};
            else
                return one;
        },
        value);
}

sparkplug::Quality quality_for(model::Quality quality) {
    if (quality == model::Quality::bad_not_connected) return sparkplug::Quality::offline;
    switch (model::family(quality)) {
        case model::QualityFamily::good:
            return sparkplug::Quality::good;
        case model::QualityFamily::uncertain:
            return sparkplug::Quality::uncertain;
        case model::QualityFamily::bad:
            return sparkplug::Quality::bad;
    }
    return sparkplug::Quality::bad;
}

std::string json_of(const sparkplug::PointValue& value) {
    std::string text;
    JsonWriter json(text);
    std::visit(
        [&](const auto& one) {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, sparkplug::Bytes>)
                json.value(std::string_view(one.data));
            else
                json.value(one);
        },
        value);
    return text;
}

struct EdgeCounters {
    explicit EdgeCounters(Metrics& metrics)
        : messages(metrics.counter("headworks_sparkplug_edge_messages_total",
                                   "Births, data and deaths sent as an edge node.")),
          unsent(metrics.counter("headworks_sparkplug_edge_unsent_total",
                                 "Messages that the connection did not take.")),
          refused(metrics.counter("headworks_sparkplug_edge_refused_total",
                                  "Values and points that cannot be published.")),
          dropped(metrics.counter("headworks_sparkplug_edge_dropped_total",
                                  "Samples that came faster than they could be taken.")),
          writes(metrics.counter("headworks_sparkplug_edge_writes_total",
                                 "Writes that host applications asked for.")) {}

    Counter& messages;
    Counter& unsent;
    Counter& refused;
    Counter& dropped;
    Counter& writes;
};

class EdgeThread final : public SparkplugEdge, private MqttListener, private sparkplug::EdgeOutput {
  public:
    EdgeThread(SparkplugEdgeSettings settings, mqtt::ClientOptions options, Rooms rooms);
    ~EdgeThread() override { stop(); }

    void tap(const model::SampleBatch& batch) override;
    void set_write_handler(WriteHandler& handler) override { handler_ = &handler; }
    void start() override;
    void stop() override;

  private:
    static sparkplug::EdgeSettings edge_settings(const SparkplugEdgeSettings& settings,
                                                 const Clock& clock);
    void on_connected(bool session_present) override;
    void on_message(const mqtt::Publish& message) override;
    void on_subscribed(BytesView reasons) override;
    void on_lost(const Error& why) override;
    void publish(std::string topic, std::string payload, uint8_t qos, bool retain) override;
    void write(uint32_t metric, const sparkplug::PointValue& value) override;
    void disconnect() override;

    bool wants(std::string_view path) const;
    void take_known();
    void take_samples();
    void take(model::PointId point, const model::Sample& sample);
    std::optional<uint32_t> metric_of(model::PointId point, model::ValueType type);
    void connect();
    void connect_later();
    void flush();
    sparkplug::Now now() const { return {rooms_.clock.now(), rooms_.clock.monotonic()}; }

    const SparkplugEdgeSettings settings_;
    const Rooms rooms_;
    EdgeCounters counters_;
    const std::shared_ptr<std::atomic<bool>> online_ = std::make_shared<std::atomic<bool>>(false);
    io::Reactor reactor_{"sparkplug"};
    sparkplug::Edge edge_;
    MqttLink link_;
    WriteHandler* handler_ = nullptr;
    std::unordered_map<uint32_t, uint32_t> metric_by_point_;
    std::vector<model::PointId> point_by_metric_;
    Duration back_off_;
    bool connect_due_ = false;
    bool closing_ = false;

    // Between history's thread and ours.
    enum class Wanted : uint8_t { unknown, yes, no };
    Mutex mutex_;
    std::vector<Wanted> wanted_ HW_LOCKING(guarded_by(mutex_));  // by point
    model::SampleBatch waiting_ HW_LOCKING(guarded_by(mutex_));
    model::SampleBatch taken_;

    std::thread thread_;
    bool stopped_ = false;
};

EdgeThread::EdgeThread(SparkplugEdgeSettings settings, mqtt::ClientOptions options, Rooms rooms)
    : settings_(std::move(settings)),
      rooms_(rooms),
      counters_(rooms.metrics),
      edge_(edge_settings(settings_, rooms.clock), *this),
      link_(reactor_, settings_.broker, std::move(options), *this) {
    rooms_.metrics.gauge("headworks_sparkplug_edge_online",
                         "1 while the edge node is born at its broker.",
                         [online = online_] { return online->load() ? 1.0 : 0.0; });
}

sparkplug::EdgeSettings EdgeThread::edge_settings(const SparkplugEdgeSettings& settings,
                                                  const Clock& clock) {
    sparkplug::EdgeSettings edge;
    edge.group_id = settings.group_id;
    edge.edge_node_id = settings.edge_node_id;
    edge.primary_host = settings.primary_host;
    // Another one than before a restart, without a file to remember it.
    edge.first_bd_seq = static_cast<uint8_t>(clock.now().ns / 1'000'000'000);
    return edge;
}

bool EdgeThread::wants(std::string_view path) const {
    const auto matches = [path](const std::string& filter) { return model::matches(filter, path); };
    return std::ranges::any_of(settings_.filters, matches) &&
           std::ranges::none_of(settings_.exclude, matches);
}

void EdgeThread::tap(const model::SampleBatch& batch) {
    const MutexLock lock(mutex_);
    for (size_t i = 0; i < batch.size(); ++i) {
        const uint32_t point = batch.points()[i].value();
        if (point >= wanted_.size()) wanted_.resize(point + 1, Wanted::unknown);
        Wanted& wanted = wanted_[point];
        if (wanted == Wanted::unknown)
            wanted = wants(rooms_.points.path(batch.points()[i])) ? Wanted::yes : Wanted::no;
        if (wanted == Wanted::no) continue;
        if (waiting_.size() >= waiting_rows_limit) {
            counters_.dropped.add();
            continue;
        }
        waiting_.add_row(batch, i);
    }
}

// Points that were there before, with their last values.
void EdgeThread::take_known() {
    std::vector<std::optional<history::PointState>> states;
    for (const auto& filter : settings_.filters) {
        std::string after;
        for (;;) {
            const auto ids = rooms_.points.match(filter, after, page);
            rooms_.history.point_states(ids, states);
            for (size_t i = 0; i < ids.size(); ++i)
                if (states[i] && wants(rooms_.points.path(ids[i]))) take(ids[i], states[i]->last);
            if (ids.size() < page) break;
            after = rooms_.points.path(ids.back());
        }
    }
}

std::optional<uint32_t> EdgeThread::metric_of(model::PointId point, model::ValueType type) {
    if (const auto known = metric_by_point_.find(point.value()); known != metric_by_point_.end())
        return known->second;
    if (edge_.size() >= settings_.metrics_limit) return std::nullopt;
    auto place = metric_place(rooms_.points.path(point), settings_.device_levels);
    const auto state = rooms_.history.point_state(point);
    const auto made = edge_.add({.device = std::move(place.device),
                                 .name = std::move(place.name),
                                 .type = type_for(type),
                                 .unit = state ? state->unit : std::string(),
                                 .writable = settings_.writes});
    if (!made) return std::nullopt;
    metric_by_point_.emplace(point.value(), *made);
    point_by_metric_.push_back(point);
    return *made;
}

void EdgeThread::take(model::PointId point, const model::Sample& sample) {
    const auto type = model::type_of(sample.value);
    const auto metric = metric_of(point, type);
    if (!metric) {
        counters_.refused.add();
        return;
    }
    // A point that was whole until now is a number like others.
    if (type == model::ValueType::float64 && edge_.metric(*metric).type == DataType::int64)
        edge_.retype(*metric, DataType::float64);
    if (!edge_.update(*metric, value_for(sample.value), quality_for(sample.quality), sample.time))
        counters_.refused.add();
}

void EdgeThread::take_samples() {
    {
        const MutexLock lock(mutex_);
        std::swap(waiting_, taken_);
    }
    for (size_t i = 0; i < taken_.size(); ++i)
        take(taken_.points()[i], taken_.sample(i));
    taken_.clear();
}

void EdgeThread::start() {
    reactor_.post([this] {
        take_known();
        connect();
    });
    reactor_.every(settings_.publish_interval, [this] { flush(); });
    thread_ = std::thread([this] { reactor_.run(); });
}

void EdgeThread::stop() {
    if (stopped_) return;
    stopped_ = true;
    if (!thread_.joinable()) return;
    reactor_.post([this] {
        closing_ = true;
        take_samples();
        edge_.flush(now());
        edge_.leave(now());
        link_.close();
        *online_ = false;
        // The goodbye leaves in this round's end.
        reactor_.after(milliseconds(1), [this] { reactor_.stop(); });
    });
    thread_.join();
}

void EdgeThread::flush() {
    take_samples();
    // A connection that is too slow: changes wait, and in the end the latest are kept.
    if (link_.queued_bytes() > link_bytes_limit) return;
    edge_.flush(now());
    *online_ = edge_.online();
    link_.flush();
}

void EdgeThread::connect() {
    connect_due_ = false;
    if (closing_) return;
    const auto will = edge_.will(rooms_.clock.now());
    link_.connection().options().will = mqtt::ClientWill{
        .topic = will.topic, .payload = will.payload, .qos = static_cast<mqtt::Qos>(will.qos)};
    link_.open();
}

void EdgeThread::connect_later() {
    connect_due_ = true;
    back_off_ = std::clamp(Duration{back_off_.ns * 2}, back_off_least, back_off_most);
    reactor_.after(back_off_, [this] { connect(); });
}

void EdgeThread::on_connected(bool) {
    const auto filters = edge_.filters();
    std::vector<mqtt::Subscription> subscriptions;
    for (const auto& filter : filters)
        subscriptions.push_back({.filter = filter, .qos = mqtt::Qos::at_least_once});
    const auto subscribed = link_.connection().subscribe(subscriptions, link_.out());
    if (!subscribed) log_warning("sparkplug", subscribed.error().text());
}

void EdgeThread::on_subscribed(BytesView reasons) {
    back_off_ = {};
    for (const std::byte reason : reasons)
        if (mqtt::failed(static_cast<mqtt::Reason>(reason)))
            log_warning("sparkplug",
                        "the broker refuses a subscription of the edge node: commands, or the "
                        "primary host's state, will not come");
    log_info("sparkplug",
             fmt::format("edge node {}/{} is connected to {}:{}", settings_.group_id,
                         settings_.edge_node_id, settings_.broker.host, settings_.broker.port));
    edge_.connected(now());
    *online_ = edge_.online();
}

void EdgeThread::on_message(const mqtt::Publish& message) {
    edge_.message(message.topic, message.payload, now());
    *online_ = edge_.online();
}

void EdgeThread::on_lost(const Error& why) {
    edge_.lost();
    *online_ = false;
    if (closing_) return;
    if (back_off_ < back_off_most) log_warning("sparkplug", why.text());
    connect_later();
}

void EdgeThread::publish(std::string topic, std::string payload, uint8_t qos, bool retain) {
    const auto sent = link_.connection().publish({.topic = topic,
                                                  .payload = as_bytes(payload),
                                                  .qos = static_cast<mqtt::Qos>(qos),
                                                  .retain = retain},
                                                 link_.out());
    if (sent) {
        counters_.messages.add();
        return;
    }
    counters_.unsent.add();
    log_warning("sparkplug", fmt::format("{}: {}", topic, sent.error().text()));
}

void EdgeThread::write(uint32_t metric, const sparkplug::PointValue& value) {
    counters_.writes.add();
    const std::string path(rooms_.points.path(point_by_metric_[metric]));
    if (handler_ == nullptr) {
        log_warning("sparkplug", fmt::format("nobody here writes '{}'", path));
        return;
    }
    handler_->write(path, json_of(value), [path](const Result<void>& result) {
        if (!result) log_warning("sparkplug", fmt::format("'{}': {}", path, result.error().text()));
    });
}

// The link may be in the middle of a message.
void EdgeThread::disconnect() {
    log_info("sparkplug", fmt::format("primary host {} is offline", settings_.primary_host));
    reactor_.post([this] {
        // The connection may have broken meanwhile.
        if (closing_ || connect_due_) return;
        link_.close();
        edge_.lost();
        connect_later();
    });
}

}  // namespace

Result<std::unique_ptr<SparkplugEdge>> SparkplugEdge::open(SparkplugEdgeSettings settings,
                                                           Rooms rooms) {
    auto options = HW_TRY(client_options(settings));
    return std::unique_ptr<SparkplugEdge>(
        std::make_unique<EdgeThread>(std::move(settings), std::move(options), rooms));
}

}  // namespace hw::upstream
