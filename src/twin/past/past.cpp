#include "twin/past/past.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "twin/past/point_values.h"
#include "twin/past/reach.h"

namespace hw::twin {

namespace {

constexpr Duration clocks_apart = seconds(60);  // how far a client's clock may be ahead
constexpr size_t derivers_kept = 8;

bool is_whole(const Scope& scope) {
    return scope.filter == "#" && scope.model.empty() && scope.root.empty() &&
           scope.after.empty() && scope.limit == SIZE_MAX;
}

// Those of `wanted`, of `from`; both in the order of ids.
Snapshot cut_off(const Snapshot& wanted, Snapshot from) {
    Snapshot out;
    out.time = from.time;
    auto at = from.twins.begin();
    for (const auto& twin : wanted.twins) {
        at = std::lower_bound(
            at, from.twins.end(), twin.id,
            [](const TwinState& one, const std::string& id) { return one.id < id; });
        if (at != from.twins.end() && at->id == twin.id) out.twins.push_back(std::move(*at));
    }
    return out;
}

}  // namespace

Past::Past(Rooms rooms) : rooms_(rooms) {}
Past::~Past() = default;

Result<Time> Past::past_time(Time time) const {
    const Time now = rooms_.clock.now();
    if (time <= now) return time;
    if (time - now <= clocks_apart) return now;
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is to come; a scenario says how the plant would be then",
                            format_rfc3339(time)));
}

Result<void> Past::fill_values(Snapshot& snapshot) const {
    return fill_point_values(snapshot, rooms_.history, rooms_.points, rooms_.settings.stale_after);
}

void Past::derive(Snapshot& snapshot) const {
    std::unique_ptr<SnapshotDeriver> deriver;
    {
        const MutexLock lock(mutex_);
        if (!derivers_.empty()) {
            deriver = std::move(derivers_.back());
            derivers_.pop_back();
        }
    }
    if (!deriver)
        deriver =
            std::make_unique<SnapshotDeriver>(rooms_.functions, rooms_.settings.derive_hops_limit);
    deriver->derive(snapshot);
    const MutexLock lock(mutex_);
    if (derivers_.size() < derivers_kept) derivers_.push_back(std::move(deriver));
}

Result<Snapshot> Past::at(const Scope& scope, Time asked) const {
    const Time time = HW_TRY(past_time(asked));
    if (!scope.values) return rooms_.twins.described_at(scope, time);
    Scope described = scope;
    described.relationships = true;
    Snapshot snapshot = HW_TRY(rooms_.twins.described_at(described, time));
    snapshot.time = time;
    Reach reach(rooms_.functions);
    if (is_whole(scope) || reach.is_closed(snapshot)) {
        HW_TRY(fill_values(snapshot));
        derive(snapshot);
    } else {
        Snapshot all = HW_TRY(rooms_.twins.described_at({}, time));
        all.time = time;
        Snapshot wide = reach.of(snapshot, std::move(all));
        HW_TRY(fill_values(wide));
        derive(wide);
        snapshot = cut_off(snapshot, std::move(wide));
    }
    if (!scope.relationships)
        for (auto& twin : snapshot.twins)
            twin.relationships.clear();
    return snapshot;
}

Result<TwinState> Past::twin_at(std::string_view id, Time time) const {
    Scope scope;
    scope.filter = id;
    Snapshot snapshot = HW_TRY(at(scope, time));
    for (auto& twin : snapshot.twins)
        if (twin.id == id) return std::move(twin);
    return fail(ErrorCode::not_found,
                fmt::format("there was no twin '{}' at {}", id, format_rfc3339(time)));
}

// A root that was not there at one of the times is a difference, and no error.
Result<std::vector<Difference>> Past::between(const Scope& scope, Time from, Time to) const {
    if (from > to)
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("from {} is after to {}", format_rfc3339(from), format_rfc3339(to)));
    auto before = at(scope, from);
    auto after = at(scope, to);
    const auto missing = [&](const Result<Snapshot>& one) {
        return !one && one.error().code() == ErrorCode::not_found && !scope.root.empty();
    };
    if (missing(before) && after) before = Snapshot{from, {}};
    if (missing(after) && before) after = Snapshot{to, {}};
    if (!before) return fail(std::move(before).error());
    if (!after) return fail(std::move(after).error());
    return diff(*before, *after);
}

}  // namespace hw::twin
