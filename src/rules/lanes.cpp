#include "rules/lanes.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <set>
#include <utility>

#include "base/assert.h"

namespace hw::rules {

namespace {

constexpr size_t event_bytes = 600;  // a message's record without its topic and payload
constexpr size_t sample_bytes = 32;
constexpr size_t rows_at_once = 4'096;
constexpr size_t replay_bytes = 4 << 20;

size_t bytes_of(const Event& event) {
    size_t bytes = event_bytes + event.name.heap_bytes();
    for (size_t i = 0; i < std::min<size_t>(2, event.record->shape().columns.size()); ++i)
        bytes += event.record->column(i).heap_bytes();
    return bytes;
}

Result<std::vector<Group>> groups_of(store::SegmentLog::Read& read, uint64_t& lost) {
    std::vector<Group> groups;
    groups.reserve(read.records.size());
    for (const auto& record : read.records) {
        auto group = decode_group(record.body);
        if (!group) {
            ++lost;
            continue;
        }
        group->position = record.position;
        groups.push_back(std::move(*group));
    }
    return groups;
}

}  // namespace

struct Inlet::State {
    struct OfLane {
        std::unique_ptr<Lane> lane;
        Figures::OfLane figures;
    };
    store::SegmentLog* log = nullptr;
    std::deque<OfLane> lanes;
    std::vector<Group> queue;
    size_t bytes = 0;
    Time last;         // the latest stamp that was given
    Time taken_until;  // of what was taken
    bool behind = false;
    uint64_t read_next = 0;  // of the log, while behind
    bool woken = false;
    bool closed = false;
    uint64_t log_failures = 0;
    uint64_t lost = 0;

    // Where it cannot be written: 0.
    uint64_t log_group(std::string_view record) {
        for (;;) {
            auto position = log->append(std::span(&record, 1));
            if (position) return *position;
            if (position.error().code() != ErrorCode::limit_exceeded || log->drop_oldest() == 0)
                break;
        }
        ++log_failures;
        return 0;
    }
    void queue_or_spill(Group group, size_t durable, const model::SampleBatch& durable_samples,
                        OfLane& lane) {
        const size_t all = group.size();
        if (!behind && !closed && bytes_left >= bytes + group.bytes) {
            bytes += group.bytes;
            queue.push_back(std::move(group));
            return;
        }
        const size_t kept = group.position != 0 ? durable : 0;
        lane.figures.read_back += kept;
        lane.figures.dropped += all - kept;
        if (kept < all) note_missed(group, durable_samples);
        if (kept > 0 && !behind && !closed) {
            behind = true;
            read_next = group.position;
        }
    }
    void note_missed(const Group& group, const model::SampleBatch& durable_samples) {
        const bool logged = group.position != 0;
        for (const auto& event : group.events)
            if (!logged || !event.durable) missed.add(event);
        std::set<model::PointId> safe;
        if (logged) safe.insert(durable_samples.points().begin(), durable_samples.points().end());
        for (const model::PointId point : group.samples.points())
            if (!safe.contains(point)) missed.add(point);
    }
    size_t bytes_left = 0;  // the limit
    Missed missed;
};

Inlet::Inlet(Limits limits, const Clock& clock, store::SegmentLog* log)
    : limits_(limits), clock_(clock), state_(std::make_unique<State>()) {
    MutexLock lock(mutex_);
    state_->log = log;
    state_->bytes_left = limits.queue_bytes;
}

Inlet::~Inlet() = default;

Lane& Inlet::add_lane(std::string name) {
    MutexLock lock(mutex_);
    auto& lane = state_->lanes.emplace_back();
    lane.lane.reset(new Lane(*this, state_->lanes.size() - 1));
    lane.figures.name = std::move(name);
    return *lane.lane;
}

Inlet::Taken Inlet::take() {
    MutexLock lock(mutex_);
    State& state = *state_;
    Taken taken;
    state.woken = false;
    taken.groups.swap(state.queue);
    taken.missed = std::exchange(state.missed, {});
    state.bytes = 0;
    if (taken.groups.empty() && state.behind) {
        auto read = state.log->read(state.read_next, rows_at_once, limits_.read_back_bytes);
        if (read) {
            state.lost += read->lost;
            taken.groups = std::move(*groups_of(*read, state.lost));
            state.read_next = read->next;
        } else {
            ++state.log_failures;
            state.lost += state.log->end() - state.read_next;
            state.read_next = state.log->end();
        }
        state.behind = state.read_next < state.log->end();
    }
    if (!state.behind) {
        state.last = std::max(state.last, clock_.now());
        state.taken_until = state.last;
    } else if (!taken.groups.empty()) {
        state.taken_until = taken.groups.back().arrival;
    }
    taken.until = state.taken_until;
    taken.more = state.behind;
    return taken;
}

void Inlet::wait_until(std::optional<Time> time) {
    MutexLock lock(mutex_);
    const auto ready = [this]() HW_LOCKING(requires_capability(mutex_)) {
        return !state_->queue.empty() || state_->behind || state_->woken;
    };
    if (ready()) return;
    if (!time) {
        arrived_.wait(mutex_);
        return;
    }
    const Duration left = *time - clock_.now();
    if (left.ns > 0) arrived_.wait_for(mutex_, std::chrono::nanoseconds(left.ns));
}

void Inlet::pause_until(Time time) {
    MutexLock lock(mutex_);
    const Duration left = time - clock_.now();
    if (!state_->woken && left.ns > 0) arrived_.wait_for(mutex_, std::chrono::nanoseconds(left.ns));
    state_->woken = false;
}

void Inlet::wake() {
    {
        MutexLock lock(mutex_);
        state_->woken = true;
    }
    arrived_.notify_one();
}

void Inlet::close() {
    MutexLock lock(mutex_);
    state_->closed = true;
}

Result<Inlet::Replayed> Inlet::replay(uint64_t position) {
    MutexLock lock(mutex_);
    Replayed replayed;
    replayed.next = position;
    if (state_->log == nullptr || position >= state_->log->end()) return replayed;
    auto read = HW_TRY(state_->log->read(position, rows_at_once, replay_bytes));
    replayed.lost = read.lost;
    replayed.groups = HW_TRY(groups_of(read, replayed.lost));
    replayed.next = read.next;
    if (!replayed.groups.empty())
        state_->last = std::max(state_->last, replayed.groups.back().arrival);
    return replayed;
}

Result<void> Inlet::trim(uint64_t position) {
    MutexLock lock(mutex_);
    if (state_->log != nullptr) state_->log->trim(position);
    return {};
}

uint64_t Inlet::log_end() const {
    MutexLock lock(mutex_);
    return state_->log == nullptr ? 1 : state_->log->end();
}

bool Inlet::crowded() const {
    MutexLock lock(mutex_);
    return state_->bytes > limits_.queue_bytes / 2;
}

Inlet::Figures Inlet::figures() const {
    MutexLock lock(mutex_);
    Figures figures;
    figures.queued_bytes = state_->bytes;
    figures.queued_groups = state_->queue.size();
    figures.log_bytes = state_->log == nullptr ? 0 : state_->log->bytes();
    figures.log_failures = state_->log_failures;
    figures.lost_records = state_->lost;
    figures.behind = state_->behind;
    for (const auto& lane : state_->lanes)
        figures.lanes.push_back(lane.figures);
    return figures;
}

void Lane::add(Event event) {
    HW_ASSERT(event.record != nullptr);
    bytes_ += bytes_of(event);
    durable_ += event.durable ? 1 : 0;
    events_.push_back(std::move(event));
}

void Lane::add_sample(const model::SampleBatch& batch, size_t row, Wanted wanted) {
    const size_t before = samples_.bytes();
    samples_.add_row(batch, row);
    bytes_ += samples_.bytes() - before + sample_bytes;
    if (!wanted.durable) return;
    durable_samples_.add_row(batch, row);
    ++durable_;
}

bool Lane::offer() {
    if (gathered() == 0) return true;
    Group group;
    group.bytes = std::exchange(bytes_, 0);
    const size_t durable = std::exchange(durable_, 0);
    encoded_.clear();
    // The arrival is put in below, when it is known.
    if (durable > 0) encode_group(encoded_, {}, events_, durable_samples_);
    group.events = std::exchange(events_, {});
    group.samples = std::exchange(samples_, {});
    bool logged = true;
    {
        MutexLock lock(inlet_.mutex_);
        auto& state = *inlet_.state_;
        auto& lane = state.lanes[number_];
        lane.figures.offered += group.size();
        state.last = std::max(state.last, inlet_.clock_.now());
        group.arrival = state.last;
        if (durable > 0 && state.log != nullptr) {
            const auto stamp = static_cast<uint64_t>(group.arrival.ns);
            std::memcpy(encoded_.data(), &stamp, sizeof(stamp));
            group.position = state.log_group(encoded_);
            logged = group.position != 0;
        }
        state.queue_or_spill(std::move(group), durable, durable_samples_, lane);
    }
    durable_samples_.clear();
    inlet_.arrived_.notify_one();
    return logged;
}

}  // namespace hw::rules
