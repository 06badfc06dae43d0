#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "broker/broker.h"
#include "io/reactor.h"
#include "twin/follower.h"
#include "twin/twins.h"
#include "twin/watch/watch_event.h"
#include "twin/watch/watch_outlet.h"

namespace hw::app {

// Twins by MQTT: every update of a property on $hw/twin/<id>/property/<path> as
// {"value","time","quality","stale"}, what befalls a twin on $hw/twin/<id>/event/<kind>; QoS 0, not
// retained, encoded only where somebody subscribes. As a follower it wants only the slots that the
// filters below $hw/twin reach: without such a filter an update costs nothing, and a happening one
// test. Also the subscriptions' way to the broker.
class TwinPublisher final : public twin::Follower, public twin::WatchOutlet {
  public:
    struct Rooms {
        io::Reactor& reactor;  // the broker's
        std::function<broker::Broker&()> broker;
        Metrics& metrics;
    };
    explicit TwinPublisher(Rooms rooms);
    ~TwinPublisher() override;

    // Lets the twins ask again when filters come and go. `run`: takes tasks that may block, in
    // order. Before the broker's thread runs.
    void start(twin::Twins& twins, std::function<void(std::function<void()>)> run);
    // A client has subscribed to that filter, at that (wall) time. The broker's thread. Values that
    // come before the twins know of the filter are told behind it, so one may be told twice.
    void subscribed(std::string_view filter, Time now);

    uint32_t interest(const twin::TwinName& twin, const twin::Interface& model,
                      size_t slot) override;
    void changed(uint32_t interest, const twin::TwinName& twin, size_t slot,
                 const twin::LiveValue& value) override;
    void happened(const twin::Happening& happening) override;
    void round_end() override;

    void publish(std::vector<Message> messages, std::function<void(const Answer&)> done) override;
    void count_subscribers(std::string topic, std::function<void(size_t)> done) override;

  private:
    // Calls with the filter of every subscription; the broker's thread.
    void each_filter(const std::function<void(std::string_view)>& call);
    // What clients subscribe to now, for filters that went with their sessions.
    void look();
    void set_filters(std::set<std::string, std::less<>> filters);
    // `since`: values that came from then on are told once it is done.
    void ask_again(std::string ids, std::optional<Time> since);
    void catch_up(const std::string& ids, Time since);
    bool reached(std::string_view topic) HW_LOCKING(requires_capability(mutex_));
    void publish_now(const std::vector<Message>& messages,
                     const std::function<void(const Answer&)>& done);
    void drain();
    void announce(const twin::WatchEvent& event);
    const twin::WatchPath* path(std::string_view text) HW_LOCKING(requires_capability(mutex_));
    void stage(twin::WatchEvent event) HW_LOCKING(requires_capability(mutex_));

    const Rooms rooms_;
    Counter& published_;
    Counter& dropped_;
    twin::Twins* twins_ = nullptr;
    std::function<void(std::function<void()>)> run_;
    std::atomic<bool> wanted_{false};  // there are filters
    uint32_t seconds_to_look_ = 0;     // the broker's thread only
    std::string topic_, payload_;      // the same

    Mutex mutex_;
    std::set<std::string, std::less<>> filters_ HW_LOCKING(guarded_by(mutex_));
    std::map<std::string, std::unique_ptr<twin::WatchPath>, std::less<>> paths_
        HW_LOCKING(guarded_by(mutex_));
    std::vector<const twin::WatchPath*> by_number_ HW_LOCKING(guarded_by(mutex_));
    std::deque<twin::WatchEvent> events_ HW_LOCKING(guarded_by(mutex_));
    bool posted_ HW_LOCKING(guarded_by(mutex_)) = false;
};

}  // namespace hw::app
