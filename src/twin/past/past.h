#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "catalog/audit.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "sql/function.h"
#include "twin/derive/snapshot_deriver.h"
#include "twin/settings.h"
#include "twin/twins.h"

namespace hw::twin {

// Something that happened to a twin.
struct PastEvent {
    Time time;
    std::string twin;
    // "twin.create", "twin.update", "twin.delete", "relationship.create", "relationship.update",
    // "relationship.delete"; of the audit: "twin.desired.*", "twin.command.*", "point.write".
    std::string kind;
    std::string path;    // the slot or command; of a relationship: "name target"
    std::string actor;   // empty: nobody said
    std::string before;  // as JSON; empty: none
    std::string after;
    std::string result = "ok";
    std::string detail;
};

struct EventQuery {
    Scope scope;  // as it was at `from` or `to`
    Time from, to;
    size_t limit = 100;
    std::string cursor = {};  // of the page before
};
struct EventPage {
    std::vector<PastEvent> events;  // newest first
    std::string next;               // empty: there are no more
};

// Which point fed a slot, and when.
struct Binding {
    std::string point;  // empty: none did
    Time from, to;      // to: not included
};

struct WhenQuery {
    std::string condition;
    Time from, to;
    size_t intervals_limit = 1'000;
};
// When a condition held.
struct WhenAnswer {
    struct Interval {
        Time from, to;  // `to`: when it no longer held, or the end of the question
    };
    std::vector<Interval> intervals;  // the first ones, in order
    uint64_t count = 0;               // of all
    Duration total{};                 // of all
    std::optional<Interval> first, last;
    bool before = false;  // it held already when the question begins
    bool still = false;   // it held when the question ends
    uint64_t rows = 0;    // of history that were read
    std::string error;    // the first one of an evaluation; such moments do not count
};

// The twins as they were: descriptions from the catalogue's versions, values from the history of
// the points, derived values computed from both. Nothing is kept twice, so what is late comes in
// by itself. Any thread; calls block, on history for the most part.
class Past {
  public:
    static constexpr size_t events_twins_limit = 2'000;
    static constexpr size_t when_points_limit = 2'000;
    static constexpr uint64_t when_rows_limit = 50'000'000;

    struct Rooms {
        const Twins& twins;
        const history::History& history;
        const model::PointDirectory& points;
        catalog::AuditLog& audit;
        const sql::FunctionTable& functions;
        const Clock& clock;
        const Settings& settings;  // stale_after, derive_hops_limit
    };
    explicit Past(Rooms rooms);
    ~Past();

    // As live reads are, with the last value of each point at or before `time`, and stale as of
    // then. Related twins that derived values need are taken in for the computation. Errors:
    // invalid_argument where the time is to come; not_found the root.
    Result<Snapshot> at(const Scope& scope, Time time) const;
    // One twin; not_found where there was none.
    Result<TwinState> twin_at(std::string_view id, Time time) const;
    Result<std::vector<Difference>> between(const Scope& scope, Time from, Time to) const;
    // limit_exceeded: more than events_twins_limit twins.
    Result<EventPage> events(const EventQuery& query) const;
    // In order of time, without gaps; not_found where the twin never had such a slot.
    Result<std::vector<Binding>> bindings(std::string_view id, std::string_view path, Time from,
                                          Time to) const;
    // The condition is an expression as derived properties are, of one twin. Samples of bad
    // quality count as unknown. Related twins are taken as they were described when the twin's own
    // description or relationships last changed.
    Result<WhenAnswer> when(std::string_view id, const WhenQuery& query) const;

  private:
    Result<Time> past_time(Time time) const;
    Result<std::vector<std::string>> twins_of(const Scope& scope, Time from, Time to) const;
    Result<void> add_removed(const Scope& scope, Time from, Time to,
                             std::set<std::string>& ids) const;
    Result<std::vector<Time>> changes_of(std::string_view id, Time from, Time to) const;
    Result<void> fill_values(Snapshot& snapshot) const;
    void derive(Snapshot& snapshot) const;

    const Rooms rooms_;
    // Compiled expressions are kept from call to call, for as many as ask at a time.
    mutable Mutex mutex_;
    mutable std::vector<std::unique_ptr<SnapshotDeriver>> derivers_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::twin
