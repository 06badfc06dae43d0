#include "history/heads.h"

#include <algorithm>

#include "base/assert.h"

namespace hw::history {

using model::PointId;

void Heads::grow(size_t points) {
    if (points > heads_.capacity()) heads_.reserve(std::max(points, heads_.capacity() * 2));
    while (heads_.size() < points)
        heads_.emplace_back().cold = std::make_unique<Cold>();
}

void Heads::append(const model::SampleBatch& batch, uint64_t lsn, uint64_t segment) {
    constexpr size_t ahead = 12;
    const size_t rows = batch.size();
    const PointId* points = batch.points().data();
    const int64_t* times = batch.times_ns().data();
    const uint64_t* values = batch.values().data();
    const model::ValueType* types = batch.types().data();
    const model::Quality* qualities = batch.qualities().data();
    for (size_t i = 0; i < rows; ++i) {
        if (i + 2 * ahead < rows) __builtin_prefetch(&heads_[points[i + 2 * ahead].value()], 1);
        if (i + ahead < rows) {
            const Head& next = heads_[points[i + ahead].value()];
            if (next.tail != nullptr) {
                const size_t row = next.count % Block::rows;
                __builtin_prefetch(&next.tail->times_ns[row], 1);
                __builtin_prefetch(&next.tail->values[row], 1);
            }
        }
        Head& head = heads_[points[i].value()];
        const uint32_t meta = make_meta(types[i], qualities[i]);
        const size_t row = head.count % Block::rows;
        if (times[i] > head.last_time_ns && meta == head.meta && row != 0 &&
            types[i] < model::ValueType::text) [[likely]] {
            head.tail->times_ns[row] = times[i];
            head.tail->values[row] = values[i];
            head.last_time_ns = times[i];
            ++head.count;
            continue;
        }
        if (lsn <= head.cold->sealed.lsn) continue;
        const bool text = types[i] >= model::ValueType::text;
        append_slowly(points[i], times[i], meta, values[i],
                      text ? batch.text(i) : std::string_view(), segment);
    }
    applied_lsn_ = lsn;
}

void Heads::append_slowly(PointId point, int64_t time_ns, uint32_t meta, uint64_t value,
                          std::string_view text, uint64_t segment) {
    Head& head = heads_[point.value()];
    Cold& cold = *head.cold;
    HeadRows& rows = cold.rows;
    rows.count = head.count;
    if (rows.empty()) {
        head.segment = segment;
        ++live_[segment];
    }
    if (meta_type(meta) >= model::ValueType::text) {
        value = uint64_t{rows.texts.size()} << 32 | text.size();
        rows.texts.append(text);
    }
    const bool first_ever = head.last_time_ns == INT64_MIN && cold.sealed.count == 0 &&
                            rows.empty() && cold.frozen == nullptr;
    if (time_ns > head.last_time_ns || first_ever) {
        if (head.count % Block::rows == 0) {
            head.tail = pool_.take();
            rows.blocks.push_back(head.tail);
        }
        if (rows.runs.empty() || rows.runs.back().meta != meta)
            rows.runs.push_back({head.count, meta});
        head.meta = meta;
        head.tail->times_ns[head.count % Block::rows] = time_ns;
        head.tail->values[head.count % Block::rows] = value;
        head.last_time_ns = time_ns;
        rows.count = ++head.count;
    } else {
        rows.put_late(time_ns, meta, value);
        if (!cold.listed_late && cold.sealed.count > 0 && time_ns <= cold.sealed.last_time_ns) {
            cold.listed_late = true;
            late_.push_back(point);
        }
    }
    if (!cold.listed_full && rows.count + rows.late.size() + Block::rows > chunk_samples_) {
        cold.listed_full = true;
        full_.push_back(point);
    }
    account(cold);
}

void Heads::account(Cold& cold) {
    size_t now = cold.rows.side_bytes();
    if (cold.frozen) now += cold.frozen->rows.side_bytes();
    side_bytes_ += now - cold.side_bytes;
    cold.side_bytes = now;
}

uint64_t Heads::count(PointId point) const {
    const Head& head = heads_[point.value()];
    const Cold& cold = *head.cold;
    const uint64_t frozen = cold.frozen ? cold.frozen->rows.samples() : 0;
    return cold.sealed.count + frozen + head.count + cold.rows.late_extra;
}

const Heads::Frozen* Heads::freeze(PointId point) {
    Head& head = heads_[point.value()];
    Cold& cold = *head.cold;
    if (cold.frozen) return cold.frozen.get();
    cold.rows.count = head.count;
    if (cold.rows.empty()) return nullptr;
    cold.frozen = std::make_unique<Frozen>();
    cold.frozen->rows = std::move(cold.rows);
    cold.frozen->lsn = applied_lsn_;
    cold.frozen->segment = head.segment;
    cold.rows = {};
    cold.listed_full = false;
    cold.listed_late = false;
    head.tail = nullptr;
    head.count = 0;
    return cold.frozen.get();
}

void Heads::sealed(PointId point, SealedState state, uint64_t epoch) {
    Cold& cold = *heads_[point.value()].cold;
    HW_ASSERT(cold.frozen != nullptr);
    drop_live(cold.frozen->segment);
    cold.frozen->rows.release(pool_);
    cold.frozen.reset();
    account(cold);
    set_sealed_state(point, std::move(state), epoch);
}

void Heads::set_sealed_state(PointId point, SealedState state, uint64_t epoch) {
    Head& head = heads_[point.value()];
    if (state.count > 0) head.last_time_ns = std::max(head.last_time_ns, state.last_time_ns);
    head.cold->sealed = std::move(state);
    head.cold->seal_epoch = epoch;
}

void Heads::drop_live(uint64_t segment) {
    const auto entry = live_.find(segment);
    HW_ASSERT(entry != live_.end());
    if (--entry->second == 0) live_.erase(entry);
}

size_t Heads::sealable(PointId point) const {
    const Head& head = heads_[point.value()];
    return head.count + head.cold->rows.late.size() +
           (head.cold->frozen ? head.cold->frozen->rows.samples() : 0);
}

uint64_t Heads::oldest_segment(PointId point) const {
    const Head& head = heads_[point.value()];
    if (head.cold->frozen) return head.cold->frozen->segment;
    return head.count == 0 && head.cold->rows.late.empty() ? UINT64_MAX : head.segment;
}

}  // namespace hw::history
