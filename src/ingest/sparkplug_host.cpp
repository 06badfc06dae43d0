#include "ingest/sparkplug_host.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cmath>
#include <utility>

#include "base/log.h"
#include "model/point_path.h"

namespace hw::ingest {

namespace {

using sparkplug::HostFigures;
using sparkplug::Verb;

struct Figure {
    std::string_view name;
    std::string_view help;
    uint64_t HostFigures::* of;
};

constexpr std::array gauges = {
    Figure{"headworks_sparkplug_nodes", "Edge nodes that were heard of.", &HostFigures::nodes},
    Figure{"headworks_sparkplug_nodes_online", "Edge nodes that are online.",
           &HostFigures::nodes_online},
    Figure{"headworks_sparkplug_devices_online", "Devices of edge nodes that are online.",
           &HostFigures::devices_online},
    Figure{"headworks_sparkplug_metrics", "Metrics that births told.", &HostFigures::metrics},
    Figure{"headworks_sparkplug_held_messages", "Messages that wait for an earlier one.",
           &HostFigures::held},
};
constexpr std::array totals = {
    Figure{"headworks_sparkplug_messages_total", "Messages of edge nodes.", &HostFigures::messages},
    Figure{"headworks_sparkplug_births_total", "NBIRTH and DBIRTH messages.", &HostFigures::births},
    Figure{"headworks_sparkplug_deaths_total", "NDEATH and DDEATH messages of a live session.",
           &HostFigures::deaths},
    Figure{"headworks_sparkplug_rebirths_asked_total", "Rebirth requests sent.",
           &HostFigures::rebirths_asked},
    Figure{"headworks_sparkplug_sequence_gaps_total",
           "Gaps in the sequence of an edge node that were not closed in time.",
           &HostFigures::sequence_gaps},
    Figure{"headworks_sparkplug_reordered_total", "Messages that came early and were put in order.",
           &HostFigures::reordered},
    Figure{"headworks_sparkplug_unknown_metrics_total",
           "Values by an alias or a name that no birth told.", &HostFigures::unknown_metrics},
    Figure{"headworks_sparkplug_before_birth_total",
           "Messages of edge nodes and devices that were not yet born; they are dropped.",
           &HostFigures::before_birth},
    Figure{"headworks_sparkplug_malformed_total", "Payloads and metrics that could not be read.",
           &HostFigures::malformed},
    Figure{"headworks_sparkplug_old_session_total",
           "Messages of a session that was over; they are dropped.", &HostFigures::old_session},
    Figure{"headworks_sparkplug_refused_total",
           "Edge nodes and metrics beyond sparkplug.nodes_limit and sparkplug.metrics_limit.",
           &HostFigures::refused},
    Figure{"headworks_sparkplug_commands_total", "Commands sent to edge nodes.",
           &HostFigures::commands},
};

model::Quality quality_of(sparkplug::Quality quality) {
    switch (quality) {
        case sparkplug::Quality::good:
            return model::Quality::good;
        case sparkplug::Quality::uncertain:
            return model::Quality::uncertain;
        case sparkplug::Quality::bad:
            return model::Quality::bad;
        case sparkplug::Quality::stale:
            return model::Quality::uncertain_last_usable;
        case sparkplug::Quality::offline:
            return model::Quality::bad_not_connected;
    }
    return model::Quality::bad;
}

}  // namespace

struct SparkplugHost::Exported {
    // The registry lives longer than this, so it shares what its gauges read.
    using Values = std::array<std::atomic<uint64_t>, gauges.size()>;

    explicit Exported(Metrics& metrics)
        : unplaced(metrics.counter("headworks_sparkplug_unplaced_total",
                                   "Values whose path cannot be a point's, or that are too long "
                                   "or no text.")) {
        for (size_t i = 0; i < gauges.size(); ++i)
            metrics.gauge(gauges[i].name, gauges[i].help, [values = values, i] {
                return static_cast<double>((*values)[i].load(std::memory_order_relaxed));
            });
        for (size_t i = 0; i < totals.size(); ++i)
            counters[i] = &metrics.counter(totals[i].name, totals[i].help);
    }

    std::shared_ptr<Values> values = std::make_shared<Values>();
    std::array<Counter*, totals.size()> counters{};
    Counter& unplaced;
    HostFigures last;
};

SparkplugHost::SparkplugHost(sparkplug::HostSettings settings, size_t text_bytes_limit,
                             model::PointDirectory& points, const Clock& clock, Metrics& metrics,
                             Publish publish)
    : text_bytes_limit_(text_bytes_limit),
      points_(points),
      clock_(clock),
      publish_(std::move(publish)),
      exported_(std::make_unique<Exported>(metrics)),
      host_(std::move(settings), *this) {}

SparkplugHost::~SparkplugHost() = default;

void SparkplugHost::start() {
    host_.start(now(clock_.now()));
}

void SparkplugHost::stop() {
    host_.stop(now(clock_.now()));
}

bool SparkplugHost::takes(std::string_view text) {
    const auto topic = sparkplug::parse_topic(text);
    return topic && topic->verb != Verb::ncmd && topic->verb != Verb::dcmd;
}

bool SparkplugHost::message(std::string_view topic, BytesView payload, Time received,
                            Decoded& out) {
    const size_t before = out.batch.size();
    out_ = &out;
    host_.message(topic, payload, now(received));
    out_ = nullptr;
    export_figures();
    return out.batch.size() > before;
}

void SparkplugHost::tick(Decoded& out) {
    out_ = &out;
    host_.tick(now(clock_.now()));
    out_ = nullptr;
    export_figures();
}

Result<void> SparkplugHost::write(std::string_view path, const model::Value& value) {
    const auto to = std::visit(
        [](const auto& one) -> sparkplug::PointValue {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, model::Bytes>)
                return sparkplug::Bytes{one.data};
            else
                return one;
        },
        value);
    auto sent = host_.command(path, to, now(clock_.now()));
    export_figures();
    return sent;
}

bool SparkplugHost::place(std::string_view path, uint32_t& point) {
    if (point != sparkplug::no_point) return true;
    const auto made = points_.intern(path);
    if (!made) {
        exported_->unplaced.add();
        return false;
    }
    point = made->value();
    // Edge nodes report by exception, and a death certificate tells their loss.
    points_.set_by_exception(*made, true);
    return true;
}

bool SparkplugHost::fits(std::string_view text) {
    if (text.size() <= text_bytes_limit_) return true;
    exported_->unplaced.add();
    return false;
}

void SparkplugHost::sample(const sparkplug::HostSample& one) {
    if (!place(one.path, one.point)) return;
    const model::PointId point(one.point);
    const auto quality = quality_of(one.quality);
    auto& batch = out_->batch;
    if (const auto* flag = std::get_if<bool>(&one.value)) {
        batch.add_bool(point, one.time, *flag, quality);
    } else if (const auto* whole = std::get_if<int64_t>(&one.value)) {
        batch.add_int(point, one.time, *whole, quality);
    } else if (const auto* real = std::get_if<double>(&one.value)) {
        // As everywhere: what is no number is a bad one.
        const bool odd = !std::isfinite(*real) && quality == model::Quality::good;
        batch.add_double(point, one.time, *real, odd ? model::Quality::bad_out_of_range : quality);
    } else if (const auto* text = std::get_if<std::string>(&one.value)) {
        if (!fits(*text)) return;
        if (!model::is_utf8(*text)) {
            exported_->unplaced.add();
            return;
        }
        batch.add_text(point, one.time, *text, quality);
    } else if (const auto* bytes = std::get_if<sparkplug::Bytes>(&one.value)) {
        if (fits(bytes->data)) batch.add_bytes(point, one.time, bytes->data, quality);
    }
}

void SparkplugHost::unit(std::string_view path, uint32_t& point, std::string_view text) {
    if (model::is_utf8(text) && place(path, point))
        out_->units.push_back({model::PointId(point), std::string(text)});
}

void SparkplugHost::state(const sparkplug::NodeState& state) {
    log_debug("sparkplug",
              fmt::format("{}/{}{}{} is {}", model::printable(state.group),
                          model::printable(state.edge), state.device.empty() ? "" : "/",
                          model::printable(state.device), state.online ? "online" : "offline"));
}

void SparkplugHost::publish(std::string topic, std::string payload, uint8_t qos, bool retain) {
    publish_({std::move(topic), std::move(payload), qos, retain});
}

void SparkplugHost::export_figures() {
    const HostFigures& now = host_.figures();
    for (size_t i = 0; i < gauges.size(); ++i)
        (*exported_->values)[i].store(now.*gauges[i].of, std::memory_order_relaxed);
    for (size_t i = 0; i < totals.size(); ++i)
        if (const uint64_t grown = now.*totals[i].of - exported_->last.*totals[i].of; grown > 0)
            exported_->counters[i]->add(grown);
    exported_->last = now;
}

}  // namespace hw::ingest
