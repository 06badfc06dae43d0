#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "twin/twins.h"
#include "twin/watch/settings.h"
#include "twin/watch/watch_hub.h"
#include "twin/watch/watch_sink.h"

namespace hw::twin {

// Which twins a filter reaches, as the twins have it.
Scope scope_of(const WatchFilter& filter);
// The twins of a filter's sub-graph as it is now; empty where there is no such root.
std::shared_ptr<const WatchMembers> members_of(const Twins& twins, const WatchFilter& filter);

// Brings events from the outboxes to those who take them: one thread, which encodes them too, so
// that neither the twins nor the servers' reactors wait for it. A sink that is not ready leaves its
// events in the outbox. The thread also lets throttled values out, follows sub-graphs as the graph
// changes, and ceases to keep events for readers that do not come back.
class Courier {
  public:
    struct Rooms {
        Twins& twins;
        const Clock& clock;
        Metrics& metrics;
        // Nobody has taken the watch's events for the time of lingering; the courier's thread.
        std::function<void(const WatchPtr&)> forgotten;
    };
    Courier(const WatchSettings& settings, Rooms rooms);
    ~Courier();

    // Before anything else.
    void set_hub(WatchHub& hub) { hub_ = &hub; }
    void start();
    // Ends every sink. Before the twins go.
    void stop();

    // Any thread, all of these.
    void ready(const WatchPtr& watch);
    void wake();
    // On the courier's thread, in the order of the calls.
    void run(std::function<void()> task);
    // From behind the sequence `last` where that is still known, else from now on, and with the
    // present state first where the watch says so. `reader`: it is somebody's stream.
    void attach(WatchPtr watch, std::shared_ptr<WatchSink> sink, std::optional<uint64_t> last,
                bool reader);
    // Ends a watch's sinks; with a successor they go on there.
    void end(WatchPtr watch, WatchPtr successor, std::string why);
    // Those whose sub-graphs are to be followed.
    void set_rooted(std::vector<WatchPtr> rooted);
    // Readers of all watches.
    size_t readers() const { return readers_.load(std::memory_order_relaxed); }
    // Waits until what was asked for before is done; false: it was not in this time.
    bool settle(Duration most);
    // Waits until every sink of the watch has delivered this sequence, at most so long. What is
    // left then: sinks that have not.
    size_t wait_delivered(const WatchPtr& watch, uint64_t sequence, Duration most);

    // One round of the thread, for it and for tests: what is ready, and what is due now.
    void work(Time monotonic_now);

  private:
    struct Place {
        std::shared_ptr<WatchSink> sink;
        bool reader = false;
        uint64_t at = 0;
        bool initial = false;       // the present state is still to come
        std::string initial_after;  // its cursor
    };
    struct Served {
        WatchPtr watch;
        std::list<Place> places;
        Time lingers_until{};  // where there are no places
    };

    void loop();
    void tick(Time now);
    void take_up(WatchPtr watch, std::shared_ptr<WatchSink> sink, std::optional<uint64_t> last,
                 bool reader);
    void drop(const WatchPtr& watch, const WatchPtr& successor, const std::string& why);
    // False: some sink has not taken all there is.
    bool pump(Served& served);
    bool pump(Watch& watch, Place& place);
    bool send_initial(Watch& watch, Place& place);
    bool remove_gone(Served& served, Time now);
    void follow_graph();
    void learn_names();
    size_t undelivered(const Watch& watch, uint64_t sequence) const;
    bool hurried() const;

    const WatchSettings settings_;
    const Rooms rooms_;
    WatchHub* hub_ = nullptr;
    Counter& delivered_;
    Counter& dropped_;
    std::atomic<size_t> readers_{0};

    mutable Mutex mutex_;
    Condition wake_;
    Condition round_over_;
    std::vector<WatchPtr> ready_ HW_LOCKING(guarded_by(mutex_));
    std::vector<std::function<void()>> tasks_ HW_LOCKING(guarded_by(mutex_));
    bool woken_ HW_LOCKING(guarded_by(mutex_)) = false;
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    uint64_t rounds_ HW_LOCKING(guarded_by(mutex_)) = 0;

    // The courier's thread only.
    std::map<uint32_t, Served> served_;
    std::vector<WatchPtr> rooted_;
    bool behind_ = false;  // some sink was not ready
    Time tick_due_{};
    Time heartbeat_due_{};
    Time graph_due_{};
    Outbox::Taken taken_;
    std::vector<WatchEvent> initial_;

    std::thread thread_;
};

}  // namespace hw::twin
