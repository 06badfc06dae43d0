#include "sim/publish/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "sim/plant/units.h"

namespace hw::sim {

Runner::Runner(const Settings& settings, const Parts& parts)
    : settings_(settings),
      parts_(parts),
      pace_(parts.clock.monotonic(), settings.speed, settings.interval),
      next_status_(parts.clock.monotonic() + seconds(1)),
      shown_at_(parts.clock.monotonic()) {}

bool Runner::over() const {
    const auto& works = parts_.telemetry.works();
    return settings_.duration.ns > 0 && works.now() - works.start() >= settings_.duration;
}

bool Runner::ready() const {
    const auto& client = parts_.client;
    return client.connected() && client.sent() - client.done() < settings_.queue_limit;
}

void Runner::run(const std::atomic<bool>& stop) {
    while (!stop.load() && !over()) {
        const Time now = parts_.clock.monotonic();
        const bool may = ready() || !pace_.unlimited();
        if (may && pace_.due(now)) round(now);
        if (settings_.status_line && now >= next_status_) show_status(now);
        const bool hurry = pace_.unlimited() && ready();
        parts_.connector.poll(
            hurry ? Duration{0} : std::clamp(pace_.wait(now), milliseconds(1), milliseconds(100)));
    }
    drain();
}

void Runner::round(Time now) {
    parts_.telemetry.advance();
    pace_.done(now);
    if (!ready()) {
        ++totals_.lost_rounds;
        return;
    }
    if (totals_.rounds == 0) publish_units();
    publish_round();
    ++totals_.rounds;
}

// Scalars cannot say their unit, so the first round says it for every point on its own topic.
void Runner::publish_units() {
    const auto& points = parts_.telemetry.points();
    for (size_t i = 0; i < points.size(); ++i)
        // A failure ends the connection, which the next poll reports.
        if (parts_.telemetry.render_unit(i, payload_) &&
            !parts_.client.publish(points[i].path, payload_, settings_.qos))
            return;
}

void Runner::publish_round() {
    const auto& telemetry = parts_.telemetry;
    for (const auto& message : telemetry.messages()) {
        if (!telemetry.render_message(message, payload_)) continue;
        // A failure ends the connection, which the next poll reports.
        if (!parts_.client.publish(message.topic, payload_, settings_.qos)) return;
    }
}

void Runner::drain() {
    auto& client = parts_.client;
    const Time end = parts_.clock.monotonic() + seconds(5);
    while (client.connected() && client.done() < client.sent() && parts_.clock.monotonic() < end)
        parts_.connector.poll(milliseconds(20));
    client.disconnect();
    if (settings_.status_line) std::fputs("\n", stderr);
}

void Runner::show_status(Time now) {
    const auto& works = parts_.telemetry.works();
    const auto& client = parts_.client;
    const double took = static_cast<double>((now - shown_at_).ns) / 1e9;
    const double rate = took > 0 ? static_cast<double>(client.done() - shown_done_) / took : 0.0;
    fmt::print(stderr,
               "\r{}  {}  {:.0f} msg/s  {} sent  {} open  raw {:.0f} l/s {:.1f} NTU  "
               "clear well {:.2f} m  tower {:.2f} m  zone {:.0f} l/s\x1b[K",
               format_rfc3339(works.now()), client.connected() ? "connected" : "broker away", rate,
               client.sent(), client.sent() - client.done(), works.raw_flow() * litres_per_m3,
               works.river().turbidity(), works.clear_well().tank().level(),
               works.zone().tower().level(), works.zone().demand() * litres_per_m3);
    std::fflush(stderr);
    shown_done_ = client.done();
    shown_at_ = now;
    next_status_ = now + seconds(1);
}

}  // namespace hw::sim
