#include "sim/publish/runner.h"

#include <algorithm>

namespace hw::sim {

Runner::Runner(const Settings& settings, const Parts& parts)
    : settings_(settings),
      parts_(parts),
      pace_(parts.clock.monotonic(), settings.speed, settings.interval),
      publisher_(settings.publish, parts.telemetry, parts.client),
      status_(parts.telemetry, &parts.client, parts.clock.monotonic()) {}

bool Runner::over() const {
    const auto& works = parts_.telemetry.works();
    return settings_.duration.ns > 0 && works.now() - works.start() >= settings_.duration;
}

void Runner::run(const std::atomic<bool>& stop) {
    while (!stop.load() && !over()) {
        const Time now = parts_.clock.monotonic();
        const bool may = publisher_.ready() || !pace_.unlimited();
        if (may && pace_.due(now)) {
            parts_.telemetry.advance();
            pace_.done(now);
            publisher_.publish_round();
        }
        if (settings_.status_line) status_.show(now);
        const bool hurry = pace_.unlimited() && publisher_.ready();
        parts_.connector.poll(
            hurry ? Duration{0} : std::clamp(pace_.wait(now), milliseconds(1), milliseconds(100)));
    }
    drain();
}

void Runner::drain() {
    auto& client = parts_.client;
    const Time end = parts_.clock.monotonic() + seconds(5);
    while (client.connected() && client.done() < client.sent() && parts_.clock.monotonic() < end)
        parts_.connector.poll(milliseconds(20));
    client.disconnect();
    if (settings_.status_line) status_.end();
}

}  // namespace hw::sim
