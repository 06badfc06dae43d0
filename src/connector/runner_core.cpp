#include "connector/runner_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/assert.h"
#include "connector/stored_item.h"

namespace hw::connector {

namespace {

// Written at once: far below a segment, so that room for it can always be made.
constexpr size_t spill_bytes = 256 << 10;
// With a disk that refuses, memory holds this many times its limit before rows go.
constexpr uint64_t memory_slack = 4;

void observe(RunnerFigures& figures, int64_t ns) {
    ns = std::max<int64_t>(ns, 0);
    const double s = static_cast<double>(ns) * 1e-9;
    for (size_t i = 0; i < LatencyHistogram::bounds_s.size(); ++i)
        if (s <= LatencyHistogram::bounds_s[i]) {
            ++figures.latency[i];
            break;
        }
    ++figures.latency_count;
    figures.latency_sum_ns += ns;
}

}  // namespace

size_t item_bytes(const Item& item) {
    return sizeof(Item) + item.rule_id.size() + item.row.heap_bytes();
}

std::string_view to_string(Drop reason) {
    constexpr std::array<std::string_view, drop_reasons> names = {
        "buffer_full", "expired", "rejected", "retries", "corrupt", "stopped"};
    return names.at(static_cast<size_t>(reason));
}

std::string_view to_string(RunnerState state) {
    constexpr std::array<std::string_view, 5> names = {"connecting", "connected", "disconnected",
                                                       "paused", "stopped"};
    return names.at(static_cast<size_t>(state));
}

uint64_t RunnerFigures::dropped_rows() const {
    return std::accumulate(dropped.begin(), dropped.end(), uint64_t{0});
}

RunnerCore::RunnerCore(const RunnerSettings& settings, const Clock& clock, io::Disk* disk,
                       const std::string& folder, uint64_t seed)
    : settings_(settings), clock_(clock), random_(seed) {
    HW_ASSERT(!settings.disk || disk != nullptr);
    if (settings.disk)
        log_ = std::make_unique<store::SegmentLog>(
            *disk, store::SegmentLogSettings{.folder = folder,
                                             .bytes_limit = settings.buffer_bytes,
                                             .sync_each = settings.sync_each});
    figures_.state_since = clock.now();
}

RunnerCore::~RunnerCore() = default;

Result<store::LogRepair> RunnerCore::open() {
    if (!log_) return store::LogRepair{};
    auto repair = HW_TRY(log_->open());
    read_next_ = log_->begin();
    return repair;
}

void RunnerCore::add(Item item, Time queued) {
    Waiting waiting{std::move(item), queued, 0};
    waiting.bytes = item_bytes(waiting.item);
    memory_bytes_ += waiting.bytes;
    memory_.push_back(std::move(waiting));
    // A disk that takes what is over is asked by spill().
    if (!log_ || refused_by_disk_) bound_memory();
}

void RunnerCore::bound_memory() {
    const uint64_t limit = log_ ? settings_.memory_bytes * memory_slack : settings_.buffer_bytes;
    while (memory_bytes_ + held_bytes_ > limit && !memory_.empty()) {
        const bool oldest = settings_.overflow == Overflow::drop_oldest;
        memory_bytes_ -= oldest ? memory_.front().bytes : memory_.back().bytes;
        oldest ? memory_.pop_front() : memory_.pop_back();
        count_dropped(Drop::buffer_full, 1);
    }
}

void RunnerCore::count_dropped(Drop reason, uint64_t rows) {
    figures_.dropped[static_cast<size_t>(reason)] += rows;
}

bool RunnerCore::expired(Time queued) const {
    return settings_.request_ttl.ns > 0 && clock_.now() - queued > settings_.request_ttl;
}

RunnerCore::Next RunnerCore::take() {
    while (log_has_more()) {
        const Next next = take_from_log();
        if (next.batch != nullptr || next.again) return next;
    }
    return take_from_memory();
}

RunnerCore::Next RunnerCore::take_from_log() {
    auto batch = std::make_unique<Batch>();
    while (batch->items.empty() && log_has_more()) {
        const auto read = log_->read(read_next_, settings_.batch_size, settings_.batch_bytes);
        if (!read) {
            fail_with(read.error().text());
            return {nullptr, clock_.monotonic() + settings_.retry_interval, SIZE_MAX};
        }
        count_dropped(Drop::corrupt, read->lost);
        read_next_ = read->next;
        for (const auto& record : read->records) {
            auto stored = load_item(record.body);
            if (!stored) {
                count_dropped(Drop::corrupt, 1);
                continue;
            }
            const size_t bytes = item_bytes(stored->item);
            batch->metas_.push_back({stored->queued, record.position, bytes});
            batch->items.push_back(std::move(stored->item));
            held_bytes_ += bytes;
            ++held_rows_;
        }
    }
    if (batch->items.empty()) {
        trim();
        return {};
    }
    batch->number_ = next_batch_++;
    Batch* const made = (held_[batch->number_] = std::move(batch)).get();
    return expire(*made) ? Next{} : Next{made, {}, 0};
}

RunnerCore::Next RunnerCore::take_from_memory() {
    const Time now = clock_.now();
    while (!memory_.empty() && expired(memory_.front().queued)) {
        Waiting& front = memory_.front();
        memory_bytes_ -= front.bytes;
        count_dropped(Drop::expired, 1);
        if (keep_refused_)
            refused_.push_back({std::move(front.item), Drop::expired, "request_ttl is over"});
        memory_.pop_front();
    }
    if (memory_.empty()) return {};
    const Duration waited = now - memory_.front().queued;
    const bool ready = hurry_ || memory_.size() >= settings_.batch_size ||
                       memory_bytes_ >= settings_.batch_bytes || waited.ns < 0 ||
                       waited >= settings_.batch_time;
    if (!ready)
        return {nullptr, clock_.monotonic() + (settings_.batch_time - waited),
                settings_.batch_size - memory_.size()};
    auto batch = std::make_unique<Batch>();
    for (size_t bytes = 0; !memory_.empty() && batch->items.size() < settings_.batch_size;) {
        Waiting& front = memory_.front();
        if (bytes > 0 && bytes + front.bytes > settings_.batch_bytes) break;
        bytes += front.bytes;
        memory_bytes_ -= front.bytes;
        held_bytes_ += front.bytes;
        ++held_rows_;
        ++unlogged_;
        batch->metas_.push_back({front.queued, 0, front.bytes});
        batch->items.push_back(std::move(front.item));
        memory_.pop_front();
    }
    batch->number_ = next_batch_++;
    return {(held_[batch->number_] = std::move(batch)).get(), {}, 0};
}

// The next `count` items of the batch are done: sent, or dropped for a reason.
void RunnerCore::finish(Batch& batch, size_t count, const Drop* drop, std::string_view reason) {
    const Time now = clock_.now();
    for (size_t i = batch.done; i < batch.done + count; ++i) {
        const Batch::Meta& meta = batch.metas_[i];
        held_bytes_ -= meta.bytes;
        --held_rows_;
        if (meta.position == 0) --unlogged_;
        if (drop == nullptr) {
            observe(figures_, (now - meta.queued).ns);
        } else if (keep_refused_) {
            refused_.push_back({batch.items[i], *drop, std::string(reason)});
        }
    }
    if (drop == nullptr)
        figures_.sent += count;
    else
        count_dropped(*drop, count);
    batch.done += count;
}

bool RunnerCore::finished(Batch& batch) {
    const bool all = batch.done == batch.items.size();
    if (all) held_.erase(batch.number_);
    trim();
    return all;
}

bool RunnerCore::expire(Batch& batch) {
    size_t count = 0;
    while (batch.done + count < batch.items.size() &&
           expired(batch.metas_[batch.done + count].queued))
        ++count;
    constexpr Drop why = Drop::expired;
    finish(batch, count, &why, "request_ttl is over");
    return finished(batch);
}

bool RunnerCore::settle(Batch& batch, const Sent& sent) {
    const size_t rest = batch.items.size() - batch.done;
    const bool all = sent.outcome == Sent::Outcome::sent;
    const size_t done = all ? rest : std::min(sent.done, rest);
    finish(batch, done, nullptr, {});
    if (all || done == rest) {
        set_state(RunnerState::connected);
        return finished(batch);
    }
    if (done > 0) batch.attempts = 0;
    batch.retry_at = clock_.monotonic();
    fail_with(sent.reason);
    ++figures_.failed;
    if (sent.outcome == Sent::Outcome::rejected) {
        constexpr Drop why = Drop::rejected;
        finish(batch, 1, &why, sent.reason);
        set_state(RunnerState::connected);
        return finished(batch);
    }
    set_state(RunnerState::disconnected, sent.reason);
    ++batch.attempts;
    if (settings_.max_retries > 0 && batch.attempts > settings_.max_retries) {
        constexpr Drop why = Drop::retries;
        finish(batch, batch.items.size() - batch.done, &why, sent.reason);
        return finished(batch);
    }
    batch.retry_at = batch.retry_at + back_off(batch.attempts);
    if (expire(batch)) return true;
    figures_.retried += batch.items.size() - batch.done;
    return false;
}

// Doubled with each attempt, and between half and all of that, so that many do not come at once.
Duration RunnerCore::back_off(uint64_t attempts) {
    double ns = static_cast<double>(settings_.retry_interval.ns);
    for (uint64_t i = 1; i < std::min<uint64_t>(attempts, 40); ++i)
        ns *= 2;
    ns = std::min(ns, static_cast<double>(settings_.retry_interval_max.ns));
    return {static_cast<int64_t>(ns * (0.5 + random_.uniform() / 2))};
}

void RunnerCore::fail_with(std::string_view reason) {
    figures_.last_error = reason;
    figures_.last_error_time = clock_.now();
}

void RunnerCore::set_state(RunnerState state, std::string_view reason) {
    if (figures_.state != state) figures_.state_since = clock_.now();
    figures_.state = state;
    figures_.reason = reason;
}

// All records before the first that is neither taken nor done can go.
void RunnerCore::trim() {
    if (!log_) return;
    uint64_t position = read_next_;
    for (const auto& [number, batch] : held_)
        if (batch->done < batch->items.size() && batch->metas_[batch->done].position > 0)
            position = std::min(position, batch->metas_[batch->done].position);
    log_->trim(position);
    // So that a kill brings back about a second's rows at most.
    if (clock_.monotonic() - trim_saved_ < seconds(1)) return;
    trim_saved_ = clock_.monotonic();
    if (auto saved = log_->save_trim(); !saved) fail_with(saved.error().text());
}

bool RunnerCore::wants_spill() const {
    return log_ && memory_bytes_ + held_bytes_ > settings_.memory_bytes && !kept() &&
           memory_bytes_ > 0 && clock_.monotonic() >= spill_again_;
}

Result<void> RunnerCore::spill() {
    if (!log_ || kept()) return {};
    std::vector<std::string> records;
    size_t bytes = 0;
    size_t held = 0;
    size_t from_memory = 0;
    const auto flush = [&]() -> Result<void> {
        if (records.empty()) return {};
        auto written = append(records, held, from_memory);
        records.clear();
        bytes = held = from_memory = 0;
        return written;
    };
    const auto encode = [&](const Item& item, Time queued) {
        records.emplace_back();
        save_item(records.back(), item, queued);
        bytes += records.back().size();
    };
    for (auto& [number, batch] : held_)
        for (size_t i = batch->done; i < batch->items.size(); ++i) {
            if (batch->metas_[i].position > 0) continue;
            encode(batch->items[i], batch->metas_[i].queued);
            ++held;
            if (bytes >= spill_bytes) HW_TRY(flush());
        }
    HW_TRY(flush());
    while (!memory_.empty()) {
        // What is written is taken off the front by append().
        for (size_t i = 0; i < memory_.size() && bytes < spill_bytes; ++i) {
            encode(memory_[i].item, memory_[i].queued);
            ++from_memory;
        }
        HW_TRY(flush());
    }
    return {};
}

// Either `held` rows of batches in flight or the first `from_memory` that wait.
Result<void> RunnerCore::append(std::vector<std::string>& records, size_t held,
                                size_t from_memory) {
    const std::vector<std::string_view> views(records.begin(), records.end());
    while (true) {
        const auto first = log_->append(views);
        if (first) {
            refused_by_disk_ = false;
            logged(*first, held, from_memory);
            return {};
        }
        const ErrorCode code = first.error().code();
        if (code == ErrorCode::limit_exceeded && settings_.overflow == Overflow::drop_oldest &&
            make_room())
            continue;
        fail_with(first.error().text());
        const bool full = code == ErrorCode::limit_exceeded || code == ErrorCode::invalid_argument;
        if (!full || held > 0) {
            spill_again_ = clock_.monotonic() + seconds(1);
            refused_by_disk_ = true;
            bound_memory();
            return fail(first.error());
        }
        count_dropped(Drop::buffer_full, from_memory);
        for (size_t i = 0; i < from_memory; ++i) {
            memory_bytes_ -= memory_.front().bytes;
            memory_.pop_front();
        }
        return {};
    }
}

// Gives up the log's oldest segment. False: there is none.
bool RunnerCore::make_room() {
    const uint64_t unread_from = std::max(read_next_, log_->begin());
    if (log_->drop_oldest() == 0) return false;
    // Those that were taken are in memory, and are sent still.
    if (log_->begin() > unread_from) count_dropped(Drop::buffer_full, log_->begin() - unread_from);
    read_next_ = std::max(read_next_, log_->begin());
    return true;
}

void RunnerCore::logged(uint64_t first, size_t held, size_t from_memory) {
    uint64_t position = first;
    if (held > 0) {
        // They were taken when nothing else was in the log.
        HW_ASSERT(read_next_ == first);
        size_t left = held;
        for (auto& [number, batch] : held_)
            for (size_t i = batch->done; i < batch->items.size() && left > 0; ++i)
                if (batch->metas_[i].position == 0) {
                    batch->metas_[i].position = position++;
                    --left;
                }
        unlogged_ -= held;
        read_next_ = position;
    }
    for (size_t i = 0; i < from_memory; ++i) {
        memory_bytes_ -= memory_.front().bytes;
        memory_.pop_front();
    }
}

Result<void> RunnerCore::sync() {
    return log_ ? log_->sync() : Result<void>();
}

Result<void> RunnerCore::close() {
    Result<void> result;
    if (log_) {
        result = spill();
        if (auto synced = sync(); !synced) result = synced;
    }
    count_dropped(Drop::stopped, memory_.size() + unlogged_);
    memory_.clear();
    memory_bytes_ = 0;
    set_state(RunnerState::stopped, result ? std::string_view() : result.error().text());
    return result;
}

const RunnerFigures& RunnerCore::figures() {
    figures_.in_flight = held_rows_;
    figures_.queued_rows = memory_.size() + held_rows_;
    figures_.queued_bytes = memory_bytes_ + held_bytes_;
    if (log_) {
        figures_.disk_bytes = log_->bytes();
        figures_.failed_writes = log_->failed_writes();
        figures_.queued_rows += log_->end() - std::max(read_next_, log_->begin());
        figures_.queued_bytes += log_->bytes();
    }
    return figures_;
}

}  // namespace hw::connector
