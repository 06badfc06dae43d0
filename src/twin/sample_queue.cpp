#include "twin/sample_queue.h"

#include <bit>
#include <chrono>
#include <utility>

namespace hw::twin {

namespace {

sql::Datum datum_of(const model::SampleBatch& batch, size_t row) {
    const uint64_t bits = batch.values()[row];
    switch (batch.types()[row]) {
        case model::ValueType::boolean:
            return sql::Datum::boolean(bits != 0);
        case model::ValueType::int64:
            return sql::Datum::integer(static_cast<int64_t>(bits));
        case model::ValueType::float64:
            return sql::Datum::real(std::bit_cast<double>(bits));
        case model::ValueType::text:
            return sql::Datum::text(batch.text(row));
        case model::ValueType::bytes:
            return sql::Datum::bytes(batch.text(row));
    }
    HW_UNREACHABLE();
}

size_t bytes_of(const QueuedSample& sample) {
    const bool long_text = sample.value.kind() >= sql::Kind::text;
    return sizeof(sample) + (long_text ? sample.value.heap_bytes() : 0);
}

}  // namespace

void SampleQueue::pick(const model::SampleBatch& batch, uint32_t tap) {
    constexpr size_t ahead = 16;
    const auto& points = batch.points();
    for (size_t i = 0; i < points.size(); ++i) {
        if (i + ahead < points.size())
            __builtin_prefetch(points_.find(points[i + ahead].value()), 1);
        PointTable::Entry* entry = points_.find(points[i].value());
        if (entry == nullptr || entry->binding.load(std::memory_order_acquire) == 0) continue;
        entry->last_tap.store(tap, std::memory_order_relaxed);
        QueuedSample& sample = picked_.emplace_back();
        sample.value = datum_of(batch, i);
        sample.time_ns = batch.times_ns()[i];
        sample.point = points[i].value();
        sample.quality = batch.qualities()[i];
        picked_bytes_ += bytes_of(sample);
    }
}

void SampleQueue::tap(std::span<const model::SampleBatch* const> batches,
                      std::vector<uint32_t> fresh) {
    const uint32_t tap = queued_.load(std::memory_order_relaxed) + 1;
    picked_.clear();
    picked_bytes_ = 0;
    for (const model::SampleBatch* batch : batches)
        pick(*batch, tap);
    if (picked_.empty() && fresh.empty()) return;
    {
        const MutexLock lock(mutex_);
        append();
        fresh_.insert(fresh_.end(), fresh.begin(), fresh.end());
        queued_.store(tap, std::memory_order_release);
    }
    ready_.notify_one();
}

void SampleQueue::append() {
    const size_t bytes = bytes_.load(std::memory_order_relaxed);
    if (newest_.empty() && bytes + picked_bytes_ <= bytes_limit_) {
        bytes_.store(bytes + picked_bytes_, std::memory_order_relaxed);
        if (samples_.empty()) {
            std::swap(samples_, picked_);
            return;
        }
        for (auto& sample : picked_)
            samples_.push_back(std::move(sample));
        return;
    }
    for (auto& sample : picked_)
        coalesce(std::move(sample));
}

// At most one sample for each bound point is added beyond the limit.
void SampleQueue::coalesce(QueuedSample&& sample) {
    const auto [at, first] = newest_.try_emplace(sample.point, samples_.size());
    if (first) {
        bytes_.fetch_add(bytes_of(sample), std::memory_order_relaxed);
        samples_.push_back(std::move(sample));
        return;
    }
    dropped_.fetch_add(1, std::memory_order_relaxed);
    QueuedSample& kept = samples_[at->second];
    if (sample.time_ns < kept.time_ns) return;
    bytes_.fetch_add(bytes_of(sample) - bytes_of(kept), std::memory_order_relaxed);
    kept = std::move(sample);
}

void SampleQueue::take_locked(Work& work) {
    work.samples.clear();
    std::swap(work.samples, samples_);
    work.fresh.clear();
    std::swap(work.fresh, fresh_);
    newest_.clear();
    bytes_.store(0, std::memory_order_relaxed);
    work.last_tap = queued_.load(std::memory_order_relaxed);
    woken_ = false;
}

bool SampleQueue::take(Work& work, Duration wait) {
    mutex_.lock();
    if (samples_.empty() && fresh_.empty() && !woken_)
        ready_.wait_for(mutex_, std::chrono::nanoseconds(wait.ns));
    const bool any = !samples_.empty() || !fresh_.empty();
    take_locked(work);
    mutex_.unlock();
    return any;
}

bool SampleQueue::take_now(Work& work) {
    const MutexLock lock(mutex_);
    const bool any = !samples_.empty() || !fresh_.empty();
    take_locked(work);
    return any;
}

void SampleQueue::done(const Work& work) {
    applied_.store(work.last_tap, std::memory_order_release);
    applied_.notify_all();
}

void SampleQueue::wake() {
    {
        const MutexLock lock(mutex_);
        woken_ = true;
    }
    ready_.notify_one();
}

void SampleQueue::wait(uint32_t tap) const {
    for (;;) {
        const uint32_t applied = applied_.load(std::memory_order_acquire);
        if (static_cast<int32_t>(applied - tap) >= 0) return;
        applied_.wait(applied, std::memory_order_acquire);
    }
}

}  // namespace hw::twin
