#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "broker/connection.h"
#include "broker/courier.h"
#include "broker/figures.h"
#include "broker/gate.h"
#include "broker/inbox.h"
#include "broker/keeper.h"
#include "broker/lifecycle.h"
#include "broker/outputs.h"
#include "broker/retained.h"
#include "broker/router.h"
#include "broker/session_table.h"
#include "broker/settings.h"
#include "broker/subscriber.h"
#include "broker/timers.h"
#include "broker/watch.h"

namespace hw::broker {

// The broker's parts, and what they share. Each part sees the others through this; only Broker and
// the connections are called from outside. One thread.
struct Core {
    Core(const Settings& s, const Clock& c, Keeper& k, Gate& g, Metrics& metrics);

    // Monotonic; the same all through a round, so that the clock is asked once.
    Time now();
    // Wall time of receipt. Grows with each call, so that two samples of one topic in one round do
    // not overwrite each other.
    Time next_received();
    bool must_pause() const { return settings.pause_publishers && keeper.overloaded(); }
    // For those that are in the middle of a loop over sessions.
    void close_later(Connection& connection);
    // The stream is closed: deleted when the round ends.
    void bury(Connection& connection) { graves.push_back(connection.serial); }
    void resume_paused();
    void end_round();
    // Everything that is due by now.
    void run_timers();
    void update_gauges();

    const Settings settings;
    const mqtt::ServerLimits limits;
    const Clock& clock;
    Keeper& keeper;
    Gate& gate;
    Figures figures;
    FigureExport exported;
    Gauges gauges;
    Watch watch;
    Timers timers;
    SessionTable sessions;
    Router router;
    Retained retained;
    Outputs outputs;
    Courier courier;
    Inbox inbox;
    Lifecycle lifecycle;
    Subscriber subscriber;

    std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections;
    std::vector<uint64_t> paused;  // serials
    std::vector<uint64_t> closing;
    std::vector<uint64_t> graves;
    uint64_t last_connection = 0;
    uint64_t online = 0;  // sessions with a connection
    bool draining = false;

  private:
    void refresh();
    void run(const Timers::Timer& timer);
    bool means_something(const Timers::Timer& timer) const;

    bool fresh_ = false;  // now_ and wall_ are of this round
    Time now_;
    Time received_;
};

}  // namespace hw::broker
