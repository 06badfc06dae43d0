#include "broker/core.h"

#include <algorithm>
#include <utility>

namespace hw::broker {

namespace {

mqtt::ServerLimits limits_of(const Settings& settings) {
    mqtt::ServerLimits limits;
    limits.packet_bytes_max = static_cast<uint32_t>(settings.packet_bytes_limit);
    limits.receive_maximum = settings.receive_maximum;
    limits.topic_alias_maximum = settings.topic_alias_limit;
    limits.topic_alias_maximum_out = settings.topic_alias_limit_out;
    limits.keep_alive_max_s = static_cast<uint16_t>(settings.keep_alive_limit.ns / seconds(1).ns);
    limits.connect_timeout = settings.connect_timeout;
    return limits;
}

}  // namespace

Core::Core(const Settings& s, const Clock& c, Keeper& k, Gate& g, Metrics& metrics)
    : settings(s),
      limits(limits_of(s)),
      clock(c),
      keeper(k),
      gate(g),
      exported(figures, metrics),
      gauges(metrics),
      watch(*this),
      router(settings, keeper, watch, figures),
      retained({settings.retained_messages_limit, settings.retained_bytes_limit}),
      outputs(figures),
      courier(*this),
      inbox(*this),
      lifecycle(*this),
      subscriber(*this) {}

void Core::refresh() {
    fresh_ = true;
    now_ = clock.monotonic();
    const Time wall = clock.now();
    // A wall clock that was set back by more than a second is followed; jitter is not.
    if (wall > received_ || received_ - wall > seconds(1)) received_ = wall;
}

Time Core::now() {
    if (!fresh_) refresh();
    return now_;
}

Time Core::next_received() {
    if (!fresh_) refresh();
    received_ = received_ + nanoseconds(1);
    return received_;
}

void Core::close_later(Connection& connection) {
    if (connection.ends_soon) return;
    connection.ends_soon = true;
    closing.push_back(connection.serial);
}

void Core::resume_paused() {
    for (const uint64_t serial : std::exchange(paused, {})) {
        const auto it = connections.find(serial);
        if (it != connections.end()) it->second->unpause();
    }
}

void Core::run(const Timers::Timer& timer) {
    if (timer.kind == Timers::Kind::session) {
        lifecycle.on_session_timer(timer.serial);
    } else if (timer.kind == Timers::Kind::will) {
        lifecycle.on_will_timer(timer.serial);
    } else if (const auto it = connections.find(timer.serial); it != connections.end()) {
        it->second->on_timer(timer.when);
    }
}

bool Core::means_something(const Timers::Timer& timer) const {
    if (timer.kind == Timers::Kind::connection) return connections.contains(timer.serial);
    const Session* session = sessions.find(timer.serial);
    if (session == nullptr) return false;
    if (timer.kind == Timers::Kind::session) return session->ends == timer.when;
    return session->will != nullptr && session->will->due == timer.when;
}

void Core::run_timers() {
    Timers::Timer timer;
    while (timers.pop(now(), timer))
        run(timer);
    // Clients that come and go leave timers behind that are far off.
    if (timers.size() > 1024 + 4 * (connections.size() + sessions.size()))
        timers.keep_if([this](const Timers::Timer& each) { return means_something(each); });
}

void Core::update_gauges() {
    Gauges::Values& values = *gauges.values;
    values.connections = connections.size();
    values.connected = online;
    values.sessions = sessions.size();
    values.subscriptions = router.subscriptions();
    values.retained = retained.count();
    values.retained_bytes = retained.bytes();
    values.routes = router.routes();
    values.paused = paused.size();
}

void Core::end_round() {
    for (const uint64_t serial : std::exchange(closing, {})) {
        const auto it = connections.find(serial);
        if (it != connections.end())
            lifecycle.disconnect(*it->second, mqtt::Reason::unspecified_error, Departure::lost);
    }
    watch.settle();
    inbox.submit();
    if (!paused.empty() && !must_pause()) resume_paused();
    outputs.flush_all();
    for (const uint64_t serial : std::exchange(graves, {}))
        connections.erase(serial);
    exported.update();
    fresh_ = false;
}

}  // namespace hw::broker
