#include "app/system_watch.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/configuration.h"
#include "app/process_figures.h"
#include "app/version.h"

namespace hw::app {

namespace {

constexpr unsigned sample_every = 5;  // ticks of a second
constexpr size_t cpu_kept = 11;
constexpr size_t lags_kept = 60;
constexpr Duration slow_for = seconds(30);

struct Figure {
    std::string_view name;
    std::string_view metric;
    bool rate = false;
};
// In the order of the rows; the first two have no metric.
constexpr Figure key_figures[] = {
    {"cpu_cores", ""},
    {"memory_bytes", ""},
    {"messages_in_rate", "headworks_broker_messages_received_total", true},
    {"messages_out_rate", "headworks_broker_messages_sent_total", true},
    {"messages_dropped_rate", "headworks_broker_messages_dropped_total", true},
    {"bytes_in_rate", "headworks_broker_received_bytes_total", true},
    {"bytes_out_rate", "headworks_broker_sent_bytes_total", true},
    {"samples_rate", "headworks_history_samples_committed_total", true},
    {"rule_events_rate", "headworks_rules_events_total", true},
    {"requests_rate", "headworks_api_requests_total", true},
    {"clients", "headworks_broker_clients"},
    {"live_clients", "headworks_api_live_clients"},
    {"history_queue_bytes", "headworks_history_queue_bytes"},
    {"history_journal_bytes", "headworks_history_journal_bytes"},
    {"rules_queue_bytes", "headworks_rules_queue_bytes"},
    {"twin_queue_bytes", "headworks_twin_queue_bytes"},
};

struct QueueFigure {
    std::string_view name, unit, metric, limit;  // the limit's property; empty: none
};
constexpr QueueFigure queue_figures[] = {
    {"history", "bytes", "headworks_history_queue_bytes", "history.queue_bytes_limit"},
    {"journal", "bytes", "headworks_history_journal_bytes", "history.journal_bytes_limit"},
    {"rules", "bytes", "headworks_rules_queue_bytes", "rules.queue_bytes"},
    {"twin", "bytes", "headworks_twin_queue_bytes", "twin.queue_bytes"},
    {"sessions", "count", "headworks_broker_sessions", "mqtt.sessions_limit"},
    {"connections", "count", "headworks_broker_connections", "mqtt.connections_limit"},
    {"retained", "count", "headworks_broker_retained_messages", "mqtt.retained_messages_limit"},
    {"retained bytes", "bytes", "headworks_broker_retained_bytes", "mqtt.retained_bytes_limit"},
    {"live streams", "count", "headworks_api_live_clients", "http.live_clients_limit"},
    {"upstream", "bytes", "headworks_upstream_queue_bytes", "upstream.queue_bytes_limit"},
};

struct DropFigure {
    std::string_view metric, help;
};
constexpr DropFigure drop_figures[] = {
    {"headworks_broker_messages_dropped_total", "Messages that a subscriber did not get"},
    {"headworks_broker_messages_keep_failed_total", "Messages that could not be kept"},
    {"headworks_broker_messages_denied_total", "Messages that their sender may not send"},
    {"headworks_broker_retained_refused_total", "Retained messages over the limit"},
    {"headworks_history_samples_refused_total", "Samples that history did not take"},
    {"headworks_ingest_undecodable_total", "Messages that could not be read"},
    {"headworks_gateway_samples_lost_total", "Samples of devices that history did not take"},
    {"headworks_rules_dropped_total", "Events that rules did not get"},
    {"headworks_rules_late_total", "Events that came too late for their window"},
    {"headworks_twin_dropped_total", "Values that twins did not get"},
    {"headworks_twin_watch_dropped_total", "Events of twins that a subscriber did not get"},
    {"headworks_api_live_missed_total", "Live samples that a slow page did not get"},
    {"headworks_catalog_audit_lost_total", "Audit records that were lost"},
};

double value_of(const std::map<std::string, double, std::less<>>& sums, std::string_view name) {
    const auto it = sums.find(name);
    return it == sums.end() ? std::numeric_limits<double>::quiet_NaN() : it->second;
}

// 0 where there is no such property.
double limit_of(const Config& config, std::string_view key) {
    const auto& all = all_properties();
    const auto property =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.key == key; });
    if (property == all.end()) return 0;
    const auto& value = config.value(key);
    return property->type == PropertyType::bytes ? static_cast<double>(value.as_bytes())
                                                 : static_cast<double>(value.as_integer());
}

bool is_secret(std::string_view key) {
    for (const auto* word : {"password", "secret", "token", "key"})
        if (key.ends_with(word)) return true;
    return false;
}

}  // namespace

SystemWatch::SystemWatch(Rooms rooms, const Config& config)
    : rooms_(std::move(rooms)),
      config_(config),
      started_(rooms_.clock.now()),
      started_monotonic_(rooms_.clock.monotonic()),
      sampled_(started_monotonic_) {
    cpu_.push_back({started_monotonic_, process_cpu()});
    before_ = metric_sums(rooms_.metrics.render());
    rooms_.http.every(seconds(1), [this] { tick(); });
}

void SystemWatch::tick() {
    {
        MutexLock lock(mutex_);
        cpu_.push_back({rooms_.clock.monotonic(), process_cpu()});
        if (cpu_.size() > cpu_kept) cpu_.pop_front();
    }
    probe();
    if (++ticks_ % sample_every == 0) sample();
}

// There and back again: how long each reactor takes until it comes to a new task.
void SystemWatch::probe() {
    const auto ms_since = [this](Time begun) {
        return static_cast<double>((rooms_.clock.monotonic() - begun).ns) / 1e6;
    };
    rooms_.mqtt.post([this, ms_since, begun = rooms_.clock.monotonic()] {
        {
            MutexLock lock(mutex_);
            mqtt_lag_.add(ms_since(begun));
        }
        rooms_.http.post([this, ms_since, then = rooms_.clock.monotonic()] {
            MutexLock lock(mutex_);
            http_lag_.add(ms_since(then));
        });
    });
}

void SystemWatch::sample() {
    auto sums = metric_sums(rooms_.metrics.render());
    const Time now = rooms_.clock.monotonic();
    const double passed = static_cast<double>((now - sampled_).ns) / 1e9;
    Row row{rooms_.clock.now(), {}};
    row.values = {cpu_cores(), static_cast<double>(process_memory())};
    for (const auto& figure : key_figures) {
        if (figure.metric.empty()) continue;
        const double value = value_of(sums, figure.metric);
        row.values.push_back(figure.rate ? (value - value_of(before_, figure.metric)) / passed
                                         : value);
    }
    before_ = std::move(sums);
    sampled_ = now;
    MutexLock lock(mutex_);
    rows_.push_back(std::move(row));
    if (rows_.size() > rows_limit) rows_.pop_front();
}

double SystemWatch::cpu_cores() const {
    MutexLock lock(mutex_);
    const auto passed = cpu_.back().time - cpu_.front().time;
    if (passed.ns <= 0) return 0;
    return static_cast<double>((cpu_.back().used - cpu_.front().used).ns) /
           static_cast<double>(passed.ns);
}

void SystemWatch::LagMeter::add(double ms) {
    last_.push_back(ms);
    if (last_.size() > lags_kept) last_.pop_front();
}

api::SystemFacts::Lag SystemWatch::LagMeter::lag(std::string_view name) const {
    if (last_.empty()) return {name, 0, 0};
    return {name, last_.back(), *std::max_element(last_.begin(), last_.end())};
}

api::SystemFacts SystemWatch::facts() {
    api::SystemFacts facts;
    facts.version = version;
    facts.build = build;
    facts.pid = getpid();
    facts.time = rooms_.clock.now();
    facts.started = started_;
    facts.uptime = rooms_.clock.monotonic() - started_monotonic_;
    facts.data_folder = rooms_.folder;
    const auto process = process_figures();
    facts.cpu_cores = cpu_cores();
    facts.memory_bytes = process.memory_bytes;
    facts.threads = process.threads;
    facts.open_files = process.open_files;
    facts.open_files_limit = process.open_files_limit;
    auto machine = machine_figures();
    facts.host = std::move(machine.host);
    facts.cores = machine.cores;
    facts.load_1m = machine.load_1m;
    facts.machine_memory_bytes = machine.memory_bytes;
    facts.machine_memory_available_bytes = machine.memory_available_bytes;
    facts.clock = clock_state();
    add_history(facts);
    add_pressure(facts, metric_sums(rooms_.metrics.render()));
    MutexLock lock(mutex_);
    facts.reactors = {mqtt_lag_.lag("mqtt"), http_lag_.lag("http")};
    return facts;
}

void SystemWatch::add_history(api::SystemFacts& facts) {
    const auto figures = rooms_.history.figures();
    auto& history = facts.history;
    history.points = rooms_.points.size();
    history.points_limit = static_cast<uint64_t>(config_.integer("history.points_limit"));
    history.samples_committed = figures.samples_committed;
    history.samples_refused = figures.samples_dropped;
    history.journal_bytes = figures.journal_bytes;
    history.chunk_bytes = figures.disk_bytes;
    history.memory_bytes = figures.memory_bytes;
    switch (rooms_.history.health(&history.reason)) {
        case history::Health::ok:
            history.health = "ok";
            break;
        case history::Health::disk_full:
            history.health = "disk_full";
            break;
        case history::Health::failing:
            history.health = "failing";
            break;
    }
    for (const auto& table : config_.tables("retention"))
        history.retention.push_back({table.at("filter").as_text(), table.at("keep").text});
    const auto disk = disk_figures(rooms_.folder);
    facts.disk_free_bytes = disk.free_bytes;
    facts.disk_total_bytes = disk.total_bytes;
    MutexLock lock(slow_mutex_);
    if (rooms_.clock.monotonic() >= slow_until_ || !oldest_) {
        oldest_ = oldest_sample();
        data_bytes_ = folder_bytes(rooms_.folder);
        slow_until_ = rooms_.clock.monotonic() + slow_for;
    }
    history.oldest_sample = oldest_;
    facts.data_bytes = data_bytes_;
}

// About 100 ns a point.
std::optional<Time> SystemWatch::oldest_sample() const {
    std::optional<Time> oldest;
    std::vector<std::optional<history::PointState>> states;
    std::string after;
    for (;;) {
        const auto ids = rooms_.points.match("#", after, 10'000);
        if (ids.empty()) return oldest;
        rooms_.history.point_states(ids, states);
        for (const auto& state : states)
            if (state && (!oldest || state->first_time < *oldest)) oldest = state->first_time;
        after = rooms_.points.path(ids.back());
    }
}

void SystemWatch::add_pressure(api::SystemFacts& facts, const Sums& sums) const {
    for (const auto& queue : queue_figures) {
        const double depth = value_of(sums, queue.metric);
        if (!std::isnan(depth))
            facts.queues.push_back({queue.name, queue.unit, depth, limit_of(config_, queue.limit)});
    }
    for (const auto& drop : drop_figures) {
        const double count = value_of(sums, drop.metric);
        if (!std::isnan(count)) facts.dropped.push_back({drop.metric, drop.help, count});
    }
}

std::vector<api::SettingRow> SystemWatch::settings() const {
    std::vector<api::SettingRow> rows;
    for (const auto& property : all_properties()) {
        const auto& value = config_.value(property.key);
        const bool hidden = is_secret(property.key) && !value.text.empty();
        rows.push_back({property, hidden ? "***" : value.text, std::string(to_string(value.origin)),
                        value.where});
    }
    return rows;
}

api::FigureTable SystemWatch::figures(Duration last) const {
    api::FigureTable table;
    for (const auto& figure : key_figures)
        table.names.push_back(figure.name);
    table.columns.resize(table.names.size());
    const Time from = rooms_.clock.now() - last;
    MutexLock lock(mutex_);
    for (const auto& row : rows_) {
        if (row.time < from) continue;
        table.times.push_back(row.time);
        for (size_t i = 0; i < row.values.size(); ++i)
            table.columns[i].push_back(row.values[i]);
    }
    return table;
}

}  // namespace hw::app
