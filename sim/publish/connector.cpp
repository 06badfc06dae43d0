#include "sim/publish/connector.h"

#include <fmt/format.h>

#include <cstdio>

namespace hw::sim {

Connector::Connector(MqttClient& client, const Clock& clock, bool clear_line)
    : client_(client),
      clock_(clock),
      clear_line_(clear_line),
      jitter_(static_cast<uint64_t>(clock.now().ns)),
      next_try_(clock.monotonic()) {}

Result<void> Connector::first(Duration patience, const std::atomic<bool>& stop) {
    const Time began = clock_.monotonic();
    while (connections_ == 0 && !stop.load()) {
        if (patience.ns > 0 && clock_.monotonic() - began > patience)
            return fail(ErrorCode::unavailable,
                        fmt::format("no connection within {} (--wait): {}; is the broker running?",
                                    format_duration(patience), last_error_));
        poll(milliseconds(20));
    }
    return {};
}

void Connector::poll(Duration wait) {
    const Time now = clock_.monotonic();
    keep(now);
    if (const auto polled = client_.poll(wait); !polled) trouble(polled.error(), now);
    keep(now);
}

void Connector::keep(Time now) {
    if (client_.connected()) {
        if (was_connected_) return;
        was_connected_ = true;
        ++connections_;
        backoff_.reset();
        last_error_.clear();
        note(LogLevel::info, "connected to the broker");
        return;
    }
    was_connected_ = false;
    if (client_.connecting() || now < next_try_) return;
    if (const auto opened = client_.connect(); !opened) trouble(opened.error(), now);
}

void Connector::trouble(const Error& error, Time now) {
    next_try_ = now + backoff_.next(jitter_);
    if (error.text() != last_error_)
        note(LogLevel::warning, error.text() + "; trying again, every 15 s at the longest");
    last_error_ = error.text();
}

void Connector::note(LogLevel level, const std::string& text) const {
    if (clear_line_) std::fputs("\r\x1b[K", stderr);
    log(level, "sim", text);
}

}  // namespace hw::sim
