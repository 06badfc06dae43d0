#include "history/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "history/keys.h"

namespace hw::history {

using model::PointId;
using model::SampleBatch;
using store::Family;

namespace {

// The disk is asked for its free space once in so many bytes.
constexpr uint64_t space_check_bytes = 8 << 20;
constexpr size_t points_a_lock = 256;  // committing waits no longer than for so many

uint32_t points_needed(const SampleBatch& batch) {
    uint32_t most = 0;
    for (const PointId point : batch.points())
        most = std::max(most, point.value());
    return batch.empty() ? 0 : most + 1;
}

Journal::Settings journal_settings(const Settings& settings) {
    Journal::Settings journal;
    journal.segment_bytes =
        std::clamp<uint64_t>(settings.journal_bytes_limit / 16, 1 << 16, 64 << 20);
    return journal;
}

}  // namespace

Engine::Engine(const Settings& settings, io::Disk& disk, store::Store& store,
               model::PointDirectory& points)
    : settings_(settings),
      disk_(disk),
      store_(store),
      points_(points),
      journal_(disk, journal_settings(settings)),
      heads_(settings.chunk_samples),
      sealer_(store, settings.chunk_samples) {}

Result<std::unique_ptr<Engine>> Engine::open(const Settings& settings, io::Disk& disk,
                                             store::Store& store, model::PointDirectory& points,
                                             Opened& opened) {
    std::unique_ptr<Engine> engine(new Engine(settings, disk, store, points));
    HW_TRY(engine->load_points());
    HW_TRY(engine->replay(opened));
    opened.points = points.size();
    return engine;
}

Result<void> Engine::load_points() {
    const MutexLock lock(heads_mutex_);
    const auto cursor = store_.cursor(Family::points);
    for (cursor->seek(""); cursor->valid(); cursor->next()) {
        const std::string_view key = cursor->key();
        if (key.size() != PointKey::size)
            return fail(ErrorCode::corrupt, "the store holds a point row with a bad key");
        const PointId point = PointKey::point(key);
        if (key.back() == static_cast<char>(PointRowKind::path)) {
            if (point.value() < points_.size()) {
                if (points_.path(point) != cursor->value())
                    return fail(ErrorCode::corrupt,
                                fmt::format("point {} has two paths", point.value()));
                continue;
            }
            if (point.value() != points_.size())
                return fail(ErrorCode::corrupt,
                            fmt::format("the store lacks point {}", points_.size()));
            points_.restore(point, cursor->value());
            persisted_points_ = point.value() + 1;
            heads_.grow(persisted_points_);
            continue;
        }
        if (!heads_.has(point))
            return fail(ErrorCode::corrupt,
                        fmt::format("the store lacks the path of point {}", point.value()));
        if (key.back() == static_cast<char>(PointRowKind::unit)) {
            heads_.set_unit(point, cursor->value());
            continue;
        }
        auto state = decode_sealed_state(as_bytes(cursor->value()));
        if (!state) return fail(state.error());
        heads_.set_sealed_state(point, std::move(*state), 0);
    }
    HW_TRY(cursor->status());
    defined_ = persisted_points_;
    return {};
}

Result<void> Engine::replay(Opened& opened) {
    uint64_t least_lsn = 1;
    {
        const MutexLock lock(heads_mutex_);
        for (uint32_t i = 0; i < heads_.size(); ++i)
            least_lsn = std::max(least_lsn, heads_.sealed_numbers(PointId{i}).lsn + 1);
    }
    const MutexLock lock(journal_mutex_);
    const auto take = [&](const Record& record, uint64_t segment) {
        return take_record(record, segment, opened);
    };
    HW_TRY(journal_.replay(take, least_lsn, opened.damages));
    journal_bytes_ = journal_.bytes();
    replayed_ = {};
    return {};
}

Result<void> Engine::take_record(const Record& record, uint64_t segment, Opened& opened) {
    if (record.kind == RecordKind::points) {
        const PointsRecord points = HW_TRY(read_points(record.body));
        if (points.first_id > points_.size())
            return fail(ErrorCode::corrupt,
                        fmt::format("the journal lacks point {}", points_.size()));
        for (size_t i = 0; i < points.paths.size(); ++i) {
            const PointId point{points.first_id + static_cast<uint32_t>(i)};
            if (point.value() >= points_.size()) points_.restore(point, points.paths[i]);
        }
        const auto known = static_cast<uint32_t>(points.first_id + points.paths.size());
        defined_ = std::max(defined_.load(), known);
        return {};
    }
    HW_TRY(read_samples(record.body, replayed_));
    if (points_needed(replayed_) > defined_)
        return fail(ErrorCode::corrupt, "the journal holds samples of an unknown point");
    opened.samples_replayed += replayed_.size();
    apply(replayed_, record.lsn, segment);
    return {};
}

Result<void> Engine::check_space(size_t bytes) {
    if (unchecked_bytes_ < space_check_bytes) {
        unchecked_bytes_ += bytes;
        return {};
    }
    const uint64_t free = HW_TRY(disk_.free_bytes());
    if (free < settings_.disk_reserve_bytes + bytes)
        return fail(ErrorCode::no_space,
                    fmt::format("the disk has {} bytes free and history.disk_reserve keeps {}; "
                                "make room or lower retention",
                                free, settings_.disk_reserve_bytes));
    unchecked_bytes_ = bytes;
    return {};
}

void Engine::write_definitions(uint32_t points) {
    std::vector<std::string_view> paths;
    for (uint32_t id = defined_; id < points; ++id)
        paths.push_back(points_.path(PointId{id}));
    write_points_record(journal_.buffer(), journal_.next_header(), defined_, paths);
}

Result<void> Engine::commit(std::span<const SampleBatch* const> batches, Sync sync) {
    uint32_t needed = 0;
    size_t bytes = 0;
    for (const SampleBatch* batch : batches) {
        needed = std::max(needed, points_needed(*batch));
        bytes += batch->bytes();
    }
    HW_ASSERT(needed <= points_.size());
    HW_TRY(check_space(bytes));
    const MutexLock lock(journal_mutex_);
    HW_TRY(journal_.prepare());
    if (needed > defined_) write_definitions(needed);
    uint64_t first_lsn = 0;
    for (const SampleBatch* batch : batches) {
        const RecordHeader header = journal_.next_header();
        if (first_lsn == 0) first_lsn = header.lsn;
        write_samples_record(journal_.buffer(), header, *batch);
    }
    const uint64_t segment = journal_.current_segment();
    Result<void> written = journal_.flush();
    if (written && sync == Sync::now) written = journal_.sync();
    journal_bytes_ = journal_.bytes();
    journal_syncs_ = journal_.syncs();
    if (!written) {
        unchecked_bytes_ = UINT64_MAX;
        return written;
    }
    defined_ = std::max<uint32_t>(defined_, needed);
    for (const SampleBatch* batch : batches)
        apply(*batch, first_lsn++, segment);
    // Only now, since the applied samples hold on to the segment. A failure shows at the next
    // commit, which needs the new segment.
    if (sync == Sync::now && journal_.full()) [[maybe_unused]]
        const auto rotated = journal_.rotate();
    return {};
}

Result<void> Engine::sync() {
    const MutexLock lock(journal_mutex_);
    const Result<void> synced = journal_.sync();
    journal_syncs_ = journal_.syncs();
    if (synced && journal_.full()) return journal_.rotate();
    return synced;
}

void Engine::apply(const SampleBatch& batch, uint64_t lsn, uint64_t segment) {
    const MutexLock lock(heads_mutex_);
    if (heads_.size() < defined_) heads_.grow(defined_);
    heads_.append(batch, lsn, segment);
}

bool Engine::describe(PointId point, std::string_view unit) {
    const MutexLock lock(heads_mutex_);
    if (!heads_.has(point)) heads_.grow(point.value() + 1);
    if (heads_.unit(point) == unit) return false;
    heads_.set_unit(point, unit);
    new_units_.push_back(point);
    return true;
}

Result<void> Engine::probe() {
    unchecked_bytes_ = UINT64_MAX;
    HW_TRY(check_space(0));
    const MutexLock lock(journal_mutex_);
    return journal_.prepare();
}

std::optional<PointState> Engine::point_state(PointId point) const {
    const MutexLock lock(heads_mutex_);
    return state_of(point);
}

void Engine::point_states(const std::vector<PointId>& points,
                          std::vector<std::optional<PointState>>& out) const {
    out.clear();
    out.reserve(points.size());
    for (size_t begin = 0; begin < points.size(); begin += points_a_lock) {
        const size_t end = std::min(points.size(), begin + points_a_lock);
        const MutexLock lock(heads_mutex_);
        for (size_t i = begin; i < end; ++i)
            out.push_back(state_of(points[i]));
    }
}

std::optional<PointState> Engine::state_of(PointId point) const {
    if (!heads_.has(point)) return std::nullopt;
    const uint64_t count = heads_.count(point);
    if (count == 0) return std::nullopt;
    const SealedNumbers& sealed = heads_.sealed_numbers(point);
    PointState state;
    state.id = point;
    state.unit = heads_.unit(point);
    state.count = count;
    state.first_time = Time{sealed.count > 0 ? sealed.first_time_ns : INT64_MAX};
    bool found = false;
    int64_t last_ns = INT64_MIN;
    const auto look = [&](const HeadRows& rows) {
        if (rows.empty()) return;
        state.first_time.ns = std::min(state.first_time.ns, rows.first_time_ns());
        found = rows.last_into(state.last, last_ns, found) || found;
    };
    if (sealed.count > 0) {
        state.last = {Time{sealed.last_time_ns},
                      make_value(sealed.type, sealed.value, heads_.sealed_text(point)),
                      sealed.quality};
        last_ns = sealed.last_time_ns;
        found = true;
    }
    if (const Heads::Frozen* frozen = heads_.frozen(point)) look(frozen->rows);
    look(heads_.rows(point));
    state.type = model::type_of(state.last.value);
    return state;
}

void Engine::looks_at(std::span<const PointId> points, Time time, std::span<Look> out) const {
    HW_ASSERT(points.size() == out.size());
    for (size_t begin = 0; begin < points.size(); begin += points_a_lock) {
        const size_t end = std::min(points.size(), begin + points_a_lock);
        const MutexLock lock(heads_mutex_);
        for (size_t i = begin; i < end; ++i)
            out[i] = look_at(points[i], time.ns);
    }
}

Engine::Look Engine::look_at(PointId point, int64_t time_ns) const {
    Look look;
    if (!heads_.has(point)) return look;
    look.epoch = heads_.seal_epoch(point);
    model::Sample sample;
    int64_t least_ns = INT64_MIN;
    bool found = false;
    const SealedNumbers& sealed = heads_.sealed_numbers(point);
    if (sealed.count > 0 && sealed.last_time_ns <= time_ns) {
        sample = {Time{sealed.last_time_ns},
                  make_value(sealed.type, sealed.value, heads_.sealed_text(point)), sealed.quality};
        least_ns = sealed.last_time_ns;
        found = true;
    }
    // The later one of equal times is the newer one: sealed, frozen, head.
    if (const Heads::Frozen* frozen = heads_.frozen(point))
        found = frozen->rows.last_until(time_ns, sample, least_ns, found) || found;
    found = heads_.rows(point).last_until(time_ns, sample, least_ns, found) || found;
    if (found) look.sample = std::move(sample);
    look.in_chunks = sealed.count > 0 && sealed.first_time_ns <= time_ns &&
                     sealed.last_time_ns > time_ns && !(found && least_ns == time_ns);
    return look;
}

uint64_t Engine::copy_head(PointId point, int64_t from_ns, int64_t to_ns, Columns& out) const {
    out.clear();
    const MutexLock lock(heads_mutex_);
    if (!heads_.has(point)) return 0;
    const Heads::Frozen* frozen = heads_.frozen(point);
    const HeadRows& rows = heads_.rows(point);
    if (frozen != nullptr && !rows.empty()) {
        Columns older;
        Columns newer;
        frozen->rows.copy(from_ns, to_ns, older);
        rows.copy(from_ns, to_ns, newer);
        merge_columns(older, newer, out);
    } else if (frozen != nullptr) {
        frozen->rows.copy(from_ns, to_ns, out);
    } else if (!rows.empty()) {
        rows.copy(from_ns, to_ns, out);
    }
    return heads_.seal_epoch(point);
}

bool Engine::crowded() const {
    const MutexLock lock(heads_mutex_);
    return heads_.bytes() > settings_.head_bytes_limit + settings_.head_bytes_limit / 4;
}

uint64_t Engine::journal_bytes() const {
    return journal_bytes_;
}

size_t Engine::memory_bytes() const {
    const MutexLock lock(heads_mutex_);
    return heads_.reserved_bytes();
}

Result<std::vector<std::string>> Engine::copy_journal(io::Disk& to) {
    std::vector<std::string> paths;
    {
        const MutexLock lock(journal_mutex_);
        for (const auto& segment : journal_.segments())
            paths.push_back(journal_.path_of(segment.number));
    }
    HW_TRY(to.make_folder("journal"));
    for (const std::string& path : paths) {
        const std::string content = HW_TRY(disk_.read(path));
        const auto file = HW_TRY(to.create(path));
        HW_TRY(file->append(as_bytes(content)));
        HW_TRY(file->sync());
    }
    HW_TRY(to.sync_folder("journal"));
    return paths;
}

}  // namespace hw::history
