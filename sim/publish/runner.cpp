#include "sim/publish/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "sim/plant/units.h"

namespace hw::sim {

Runner::Runner(Settings settings, Telemetry& telemetry, MqttClient& client, const Clock& clock)
    : settings_(settings),
      telemetry_(telemetry),
      client_(client),
      clock_(clock),
      pace_(clock.monotonic(), settings.speed, settings.interval),
      jitter_(static_cast<uint64_t>(clock.now().ns)),
      began_(clock.monotonic()),
      next_try_(began_),
      next_status_(began_),
      shown_at_(began_) {}

bool Runner::over() const {
    const auto& works = telemetry_.works();
    return settings_.duration.ns > 0 && works.now() - works.start() >= settings_.duration;
}

bool Runner::ready() const {
    return client_.connected() && client_.sent() - client_.done() < settings_.queue_limit;
}

Result<void> Runner::run(const std::atomic<bool>& stop) {
    while (!stop.load() && !over()) {
        const Time now = clock_.monotonic();
        HW_TRY(keep_connected(now));
        const bool may = ready() || !pace_.unlimited();
        if (may && pace_.due(now)) round(now);
        if (settings_.status_line && now >= next_status_) show_status(now);
        const bool hurry = pace_.unlimited() && ready();
        const Duration nap =
            hurry ? Duration{0} : std::clamp(pace_.wait(now), milliseconds(1), milliseconds(100));
        if (const auto polled = client_.poll(nap); !polled) note_trouble(polled.error(), now);
    }
    drain();
    if (totals_.connections == 0 && !stop.load())
        return fail(ErrorCode::unavailable, "the run ended before a connection: " + last_error_);
    return {};
}

Result<void> Runner::keep_connected(Time now) {
    if (client_.connected()) {
        if (!was_connected_) {
            was_connected_ = true;
            ++totals_.connections;
            backoff_.reset();
            last_error_.clear();
            note(LogLevel::info, "connected to the broker");
        }
        return {};
    }
    was_connected_ = false;
    const bool never = totals_.connections == 0;
    if (never && settings_.first_connection.ns > 0 && now - began_ > settings_.first_connection)
        return fail(ErrorCode::unavailable,
                    fmt::format("no connection within {} (--wait): {}; is the broker running?",
                                format_duration(settings_.first_connection), last_error_));
    if (client_.connecting() || now < next_try_) return {};
    if (const auto opened = client_.connect(); !opened) note_trouble(opened.error(), now);
    return {};
}

void Runner::note_trouble(const Error& error, Time now) {
    const Duration wait = backoff_.next(jitter_);
    next_try_ = now + wait;
    if (error.text() != last_error_)
        note(LogLevel::warning,
             fmt::format("{}; trying again, every 15 s at the longest", error.text()));
    last_error_ = error.text();
}

void Runner::note(LogLevel level, const std::string& text) const {
    if (settings_.status_line) std::fputs("\r\x1b[K", stderr);
    log(level, "sim", text);
}

void Runner::round(Time now) {
    telemetry_.advance();
    pace_.done(now);
    if (ready()) {
        publish_round();
        ++totals_.rounds;
    } else if (totals_.connections > 0) {
        ++totals_.lost_rounds;
    }
}

void Runner::publish_round() {
    for (const auto& message : telemetry_.messages()) {
        if (!telemetry_.render_message(message, payload_)) continue;
        // A failure ends the connection, which poll() reports.
        if (!client_.publish(message.topic, payload_, settings_.qos)) return;
    }
}

void Runner::drain() {
    const Time end = clock_.monotonic() + seconds(5);
    while (client_.connected() && client_.done() < client_.sent() && clock_.monotonic() < end) {
        if (!client_.poll(milliseconds(20))) break;
    }
    client_.disconnect();
    if (settings_.status_line) std::fputs("\n", stderr);
}

void Runner::show_status(Time now) {
    const auto& works = telemetry_.works();
    const double took = static_cast<double>((now - shown_at_).ns) / 1e9;
    const double rate = took > 0 ? static_cast<double>(client_.done() - shown_done_) / took : 0.0;
    fmt::print(stderr,
               "\r{}  {}  {:.0f} msg/s  {} sent  {} open  raw {:.0f} l/s {:.1f} NTU  "
               "clear well {:.2f} m  tower {:.2f} m  zone {:.0f} l/s\x1b[K",
               format_rfc3339(works.now()), client_.connected() ? "connected" : "broker away", rate,
               client_.sent(), client_.sent() - client_.done(), works.raw_flow() * litres_per_m3,
               works.river().turbidity(), works.clear_well().tank().level(),
               works.zone().tower().level(), works.zone().demand() * litres_per_m3);
    std::fflush(stderr);
    shown_done_ = client_.done();
    shown_at_ = now;
    next_status_ = now + seconds(1);
}

}  // namespace hw::sim
