#include <algorithm>

#include "base/assert.h"
#include "history/engine.h"
#include "history/keys.h"
#include "model/point_path.h"

// The housekeeping half of Engine: sealing, journal release, retention, drop.
namespace hw::history {

using model::PointId;
using store::Family;

namespace {

// Points that one step seals at most for too much memory; or a share of them if that is more.
constexpr size_t points_a_step = 2048;
constexpr size_t points_a_step_share = 16;
constexpr size_t batch_bytes_most = 1 << 20;

}  // namespace

bool Engine::sealing_wanted() const {
    if (journal_bytes_ > settings_.journal_bytes_limit) return true;
    const MutexLock lock(heads_mutex_);
    return heads_.any_full() || heads_.bytes() > settings_.head_bytes_limit;
}

// Looking at every point costs some 10 ns each, so many are chosen at once: for too much memory, as
// many of the largest as bring it an eighth below the limit.
std::vector<PointId> Engine::choose_for_sealing() {
    const uint64_t journal_bytes = journal_bytes_;
    const MutexLock lock(heads_mutex_);
    std::vector<PointId> chosen = heads_.take_full();
    if (!chosen.empty()) return chosen;
    const bool crowd = heads_.bytes() > settings_.head_bytes_limit;
    const bool long_journal = journal_bytes > settings_.journal_bytes_limit;
    if (!crowd && !long_journal) return chosen;
    const uint64_t oldest = heads_.least_live_segment();
    std::vector<std::pair<size_t, PointId>> sizes;
    for (uint32_t i = 0; i < heads_.size(); ++i) {
        const PointId point{i};
        const size_t bytes = heads_.sealable_bytes(point);
        if (bytes == 0) continue;
        if (long_journal && heads_.oldest_segment(point) == oldest) {
            chosen.push_back(point);
        } else if (crowd) {
            sizes.emplace_back(bytes, point);
        }
    }
    if (!crowd || !chosen.empty()) return chosen;
    const size_t most =
        std::min(sizes.size(), std::max(points_a_step, heads_.size() / points_a_step_share));
    const auto larger = [](const auto& a, const auto& b) { return a.first > b.first; };
    std::partial_sort(sizes.begin(), sizes.begin() + static_cast<ptrdiff_t>(most), sizes.end(),
                      larger);
    const size_t enough =
        heads_.bytes() - settings_.head_bytes_limit + settings_.head_bytes_limit / 8;
    size_t freed = 0;
    for (size_t i = 0; i < most && freed < enough; ++i) {
        chosen.push_back(sizes[i].second);
        freed += sizes[i].first;
    }
    return chosen;
}

Result<size_t> Engine::seal_some() {
    const std::vector<PointId> chosen = choose_for_sealing();
    HW_TRY(seal(chosen));
    return chosen.size();
}

Result<void> Engine::seal_late() {
    std::vector<PointId> points;
    {
        const MutexLock lock(heads_mutex_);
        points = heads_.take_late();
    }
    return seal(points);
}

Result<void> Engine::seal_all() {
    std::vector<PointId> points;
    {
        const MutexLock lock(heads_mutex_);
        for (uint32_t i = 0; i < heads_.size(); ++i)
            if (heads_.sealable(PointId{i}) > 0) points.push_back(PointId{i});
    }
    HW_TRY(seal(points));
    return seal(points);  // what came behind a freeze that had failed before
}

// A point that is still frozen from a failed try is sealed first with what it had; what came since
// follows when it is chosen again.
Result<void> Engine::seal(std::vector<PointId> points) {
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    const auto batch = store_.make_batch();
    std::vector<std::pair<PointId, SealedState>> states;
    for (size_t i = 0; i < points.size(); ++i) {
        const Heads::Frozen* frozen = nullptr;
        SealedState state;
        {
            const MutexLock lock(heads_mutex_);
            frozen = heads_.freeze(points[i]);
            if (frozen != nullptr) state = heads_.sealed_state(points[i]);
        }
        if (frozen != nullptr) {
            frozen->rows.copy_all(rows_);
            state.lsn = frozen->lsn;
            HW_TRY(sealer_.add(points[i], rows_, state, *batch));
            states.emplace_back(points[i], std::move(state));
        }
        if (batch->bytes() >= batch_bytes_most) HW_TRY(write_states(*batch, states, true));
    }
    return write_states(*batch, states, true);
}

void Engine::persist_definitions(store::WriteBatch& batch, uint32_t& until) {
    until = defined_;
    for (uint32_t id = persisted_points_; id < until; ++id)
        batch.put(Family::points, PointKey(PointId{id}, PointRowKind::path),
                  points_.path(PointId{id}));
}

Result<void> Engine::write_states(store::WriteBatch& batch,
                                  std::vector<std::pair<PointId, SealedState>>& states,
                                  bool frozen) {
    if (states.empty()) return {};
    for (const auto& [point, state] : states)
        batch.put(Family::points, PointKey(point, PointRowKind::sealed), encode(state));
    uint32_t until = 0;
    persist_definitions(batch, until);
    HW_TRY(store_.write(batch));
    persisted_points_ = until;
    const MutexLock lock(heads_mutex_);
    const uint64_t epoch = epoch_.load(std::memory_order_relaxed) + 1;
    for (auto& [point, state] : states) {
        if (frozen) {
            heads_.sealed(point, std::move(state), epoch);
        } else {
            heads_.set_sealed_state(point, std::move(state), epoch);
        }
    }
    epoch_.store(epoch, std::memory_order_release);
    states.clear();
    batch.clear();
    chunks_written_ = sealer_.chunks_written();
    return {};
}

Result<void> Engine::merge_small() {
    const auto batch = store_.make_batch();
    std::vector<std::pair<PointId, SealedState>> states;
    for (uint32_t i = 0; i < points_.size(); ++i) {
        SealedState state;
        {
            const MutexLock lock(heads_mutex_);
            if (!heads_.has(PointId{i})) break;
            state = heads_.sealed_state(PointId{i});
        }
        if (HW_TRY(sealer_.merge_small(PointId{i}, state, *batch)) > 0)
            states.emplace_back(PointId{i}, std::move(state));
        if (batch->bytes() >= batch_bytes_most) HW_TRY(write_states(*batch, states, false));
    }
    return write_states(*batch, states, false);
}

// A unit whose point's path is not in the store yet waits for a later call.
Result<void> Engine::save_units() {
    const auto batch = store_.make_batch();
    std::vector<PointId> taken;
    uint32_t until = 0;
    persist_definitions(*batch, until);
    {
        const MutexLock lock(heads_mutex_);
        std::vector<PointId> wait;
        for (const PointId point : new_units_) {
            if (point.value() >= until) {
                wait.push_back(point);
                continue;
            }
            batch->put(Family::points, PointKey(point, PointRowKind::unit), heads_.unit(point));
            taken.push_back(point);
        }
        new_units_ = std::move(wait);
    }
    if (taken.empty()) return {};
    const Result<void> written = store_.write(*batch);
    if (written) {
        persisted_points_ = until;
        return {};
    }
    const MutexLock lock(heads_mutex_);
    new_units_.insert(new_units_.end(), taken.begin(), taken.end());
    return written;
}

Result<void> Engine::release_journal() {
    uint64_t current = 0;
    uint64_t oldest = 0;
    {
        const MutexLock lock(journal_mutex_);
        current = journal_.current_segment();
        oldest = journal_.segments().empty() ? current : journal_.segments().front().number;
    }
    {
        const MutexLock lock(heads_mutex_);
        current = std::min(current, heads_.least_live_segment());
    }
    if (oldest >= current) return {};
    if (persisted_points_ < defined_) {
        const auto batch = store_.make_batch();
        uint32_t until = 0;
        persist_definitions(*batch, until);
        HW_TRY(store_.write(*batch));
        persisted_points_ = until;
    }
    HW_TRY(store_.sync());
    const MutexLock lock(journal_mutex_);
    while (journal_.segments().front().number < current)
        HW_TRY(journal_.remove_oldest());
    journal_bytes_ = journal_.bytes();
    return {};
}

Result<uint64_t> Engine::change_chunks(PointId point, int64_t from_ns, int64_t to_ns,
                                       bool whole_only) {
    SealedState state;
    {
        const MutexLock lock(heads_mutex_);
        if (!heads_.has(point)) return 0;
        state = heads_.sealed_state(point);
    }
    const auto batch = store_.make_batch();
    const uint64_t changed = whole_only
                                 ? HW_TRY(sealer_.expire(point, to_ns, state, *batch))
                                 : HW_TRY(sealer_.remove(point, from_ns, to_ns, state, *batch));
    if (changed == 0) return 0;
    std::vector<std::pair<PointId, SealedState>> states;
    states.emplace_back(point, std::move(state));
    HW_TRY(write_states(*batch, states, false));
    return changed;
}

Result<uint64_t> Engine::expire(Time now, size_t points_most) {
    uint64_t removed = 0;
    const auto known = static_cast<uint32_t>(points_.size());
    if (settings_.retention.empty() || known == 0) return 0;
    for (size_t i = 0; i < std::min<size_t>(points_most, known); ++i) {
        if (expire_next_ >= known) expire_next_ = 0;
        const PointId point{expire_next_++};
        const std::string_view path = points_.path(point);
        for (const RetentionRule& rule : settings_.retention) {
            if (!model::matches(rule.filter, path)) continue;
            if (rule.keep.ns > 0)
                removed += HW_TRY(change_chunks(point, INT64_MIN, (now - rule.keep).ns, true));
            break;
        }
    }
    return removed;
}

// What is not sealed is sealed first, so that a replay of the journal does not bring it back.
Result<uint64_t> Engine::drop(const std::vector<PointId>& points, int64_t from_ns, int64_t to_ns) {
    uint64_t changed = 0;
    HW_TRY(seal(points));
    HW_TRY(seal(points));  // what came behind a freeze that had failed before
    for (const PointId point : points)
        changed += HW_TRY(change_chunks(point, from_ns, to_ns, false));
    HW_TRY(store_.sync());
    return changed;
}

}  // namespace hw::history
