#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "sql/function.h"
#include "twin/twins.h"
#include "twin/watch/courier.h"
#include "twin/watch/settings.h"
#include "twin/watch/watch_hub.h"
#include "twin/watch/watch_outlet.h"
#include "twin/watch/watch_report.h"
#include "twin/watch/watch_store.h"

namespace hw::twin {

// The subscriptions: kept ones and those of open streams. Changes go one at a time: checked,
// written, then put to work; where one fails all is as before. Every change, refused ones too,
// leaves an audit record. Any thread but the twins' own and the courier's, unless said.
class WatchManager {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        Twins& twins;
        const sql::FunctionTable& functions;
        const Clock& clock;
        Metrics& metrics;
        LastSample last_sample;
        WatchOutlet* outlet = nullptr;  // null: nothing is delivered by MQTT
    };
    // Reads the catalogue and becomes a follower of the twins; before Twins::load().
    static Result<std::unique_ptr<WatchManager>> open(const WatchSettings& settings, Rooms rooms);
    ~WatchManager();

    // After Twins::start().
    void start();
    // Before Twins::stop(). Ends all streams.
    void stop();

    // A kept subscription, as it is now.
    struct Kept {
        WatchSpec spec;
        int64_t revision = 0;
        Time created, updated;
        std::string actor;
        std::string problem;  // why it does not work; empty: it does
        WatchPtr watch;       // null where it is disabled or has a problem
    };
    std::vector<Kept> list() const;               // in the order of the ids
    Result<Kept> get(std::string_view id) const;  // not_found names the nearest
    Result<Kept> create(WatchSpec spec, const Change& change);
    Result<Kept> put(WatchSpec spec, const Change& change, bool& created);
    Result<void> remove(std::string_view id, const Change& change);

    Result<WatchFigures> figures(std::string_view id) const;
    std::map<std::string, WatchFigures, std::less<>> all_figures() const;

    // Follows a kept subscription, or a spec of one's own: those that are equal share one watch.
    // From behind `last` where it is still known. Errors: not_found, invalid_argument,
    // limit_exceeded, unavailable (the subscription is disabled).
    Result<void> read(std::string_view id, std::shared_ptr<WatchSink> sink,
                      std::optional<uint64_t> last);
    Result<void> read(WatchSpec spec, std::shared_ptr<WatchSink> sink,
                      std::optional<uint64_t> last);
    // A sink is gone or takes more again. Any thread.
    void wake() { courier_.wake(); }
    // On the courier's thread; for who shares its sinks' state.
    void run(std::function<void()> task) { courier_.run(std::move(task)); }

    // Looks at the subscription, sends a marked event the whole way and says what may be amiss.
    // Takes up to `most` where something does not answer.
    Result<WatchReport> test(std::string_view id, Duration most = seconds(5));

    const WatchSettings& settings() const { return settings_; }
    Follower& follower() { return hub_; }

  private:
    WatchManager(const WatchSettings& settings, Rooms rooms, std::unique_ptr<WatchStore> store);
    Result<void> load();
    Result<WatchPtr> make(const WatchSpec& spec) const;
    Result<void> check(const WatchSpec& spec) const;
    Result<Kept> store(WatchSpec spec, const Change& change, const Kept* before)
        HW_LOCKING(requires_capability(changes_));
    Result<Kept> change_one(WatchSpec spec, const Change& change, bool may_exist, bool must_exist,
                            bool& created);
    void replace(const Kept* before, const Kept& now) HW_LOCKING(requires_capability(changes_));
    // What the hub and the courier work with, as it is now.
    void publish() HW_LOCKING(requires_capability(changes_));
    void deliver(const WatchPtr& watch);
    // Of the twins that its filter names.
    void ask_again(const Watch& watch) const;
    void learn_names(const WatchPtr& watch);
    std::optional<Kept> find(std::string_view id) const;
    Error no_such(std::string_view id) const;
    Result<void> room_for_reader() const;
    void forgotten(const WatchPtr& watch);
    void note(const Change& change, std::string_view action, std::string_view id,
              std::string old_value, std::string new_value, const Error* error) const;
    WatchFigures figures_of(const Watch& watch,
                            const std::unordered_map<uint32_t, uint64_t>& slots) const;

    const WatchSettings settings_;
    const Rooms rooms_;
    const std::unique_ptr<WatchStore> store_;
    Courier courier_;
    mutable WatchHub hub_;

    Mutex changes_;  // one change at a time; taken before mutex_
    mutable Mutex mutex_;
    std::map<std::string, Kept, std::less<>> kept_ HW_LOCKING(guarded_by(mutex_));
    std::map<std::string, WatchPtr> ad_hoc_ HW_LOCKING(guarded_by(mutex_));  // by their JSON
};

}  // namespace hw::twin
