#include "history/heads.h"

#include <algorithm>

#include "base/assert.h"

namespace hw::history {

using model::PointId;

namespace {

// A head is full when so many rows may still come before it is looked at again.
constexpr size_t full_ahead = 64;

}  // namespace

Heads::Heads(uint32_t chunk_samples) : chunk_samples_(chunk_samples) {
    static_assert(sizeof(Head) == 64 && sizeof(Head) + sizeof(Cold) == point_bytes);
    units_.push_back(&unit_numbers_.emplace("", 0).first->first);
}

void Heads::grow(size_t points) {
    if (points > heads_.capacity())
        heads_.reserve(std::max(points, heads_.capacity() + heads_.capacity() / 2));
    while (heads_.size() < points) {
        if (heads_.size() % colds_a_slab == 0)
            colds_.push_back(std::make_unique<Cold[]>(colds_a_slab));
        heads_.emplace_back();
    }
}

std::string_view Heads::sealed_text(PointId point) const {
    const auto& text = cold(point).text;
    return text ? std::string_view(*text) : std::string_view();
}

SealedState Heads::sealed_state(PointId point) const {
    return {cold(point).sealed, std::string(sealed_text(point))};
}

void Heads::set_unit(PointId point, std::string_view unit) {
    const auto [entry, added] =
        unit_numbers_.emplace(unit, static_cast<uint32_t>(unit_numbers_.size()));
    if (added) units_.push_back(&entry->first);
    cold(point).unit = entry->second;
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
        if (i + ahead < rows) __builtin_prefetch(heads_[points[i + ahead].value()].room.next, 1);
        Head& head = heads_[points[i].value()];
        const uint32_t meta = make_meta(types[i], qualities[i]);
        if (times[i] > head.last_time_ns && meta == head.meta && head.room.next != head.room.end &&
            types[i] < model::ValueType::text) [[likely]] {
            *head.room.next++ = {times[i], values[i]};
            head.last_time_ns = times[i];
            head.rows.appended();
            continue;
        }
        if (lsn <= cold(points[i]).sealed.lsn) continue;
        const bool text = types[i] >= model::ValueType::text;
        append_slowly(points[i], times[i], meta, values[i],
                      text ? batch.text(i) : std::string_view(), segment);
    }
    applied_lsn_ = lsn;
}

void Heads::append_slowly(PointId point, int64_t time_ns, uint32_t meta, uint64_t value,
                          std::string_view text, uint64_t segment) {
    Head& head = heads_[point.value()];
    Cold& cold = this->cold(point);
    HeadRows& rows = head.rows;
    const size_t side_bytes = rows.side_bytes();
    if (rows.empty()) {
        head.segment = segment;
        ++live_[segment];
    }
    const bool first_ever = head.last_time_ns == INT64_MIN && cold.sealed.count == 0 &&
                            rows.empty() && cold.frozen == nullptr;
    if (meta_type(meta) >= model::ValueType::text) value = rows.add_text(text);
    if (time_ns > head.last_time_ns || first_ever) {
        if (head.room.next == head.room.end) head.room = rows.room(pool_);
        rows.begin_run(meta);
        head.meta = meta;
        *head.room.next++ = {time_ns, value};
        head.last_time_ns = time_ns;
        rows.appended();
    } else {
        rows.put_late(time_ns, meta, value);
        if (!cold.listed_late && cold.sealed.count > 0 && time_ns <= cold.sealed.last_time_ns) {
            cold.listed_late = true;
            late_.push_back(point);
        }
    }
    if (!cold.listed_full && rows.kept() + full_ahead > chunk_samples_) {
        cold.listed_full = true;
        full_.push_back(point);
    }
    side_bytes_ += rows.side_bytes() - side_bytes;
}

uint64_t Heads::count(PointId point) const {
    const Cold& cold = this->cold(point);
    const uint64_t frozen = cold.frozen ? cold.frozen->rows.samples() : 0;
    return cold.sealed.count + frozen + rows(point).samples();
}

const Heads::Frozen* Heads::freeze(PointId point) {
    Head& head = heads_[point.value()];
    Cold& cold = this->cold(point);
    if (cold.frozen) return cold.frozen.get();
    if (head.rows.empty()) return nullptr;
    cold.frozen =
        std::make_unique<Frozen>(Frozen{std::move(head.rows), applied_lsn_, head.segment});
    cold.listed_full = false;
    cold.listed_late = false;
    head.room = {};
    return cold.frozen.get();
}

void Heads::sealed(PointId point, SealedState state, uint64_t epoch) {
    Cold& cold = this->cold(point);
    HW_ASSERT(cold.frozen != nullptr);
    drop_live(cold.frozen->segment);
    side_bytes_ -= cold.frozen->rows.side_bytes();
    cold.frozen->rows.release(pool_);
    cold.frozen.reset();
    set_sealed_state(point, std::move(state), epoch);
}

void Heads::set_sealed_state(PointId point, SealedState state, uint64_t epoch) {
    Head& head = heads_[point.value()];
    Cold& cold = this->cold(point);
    if (state.count > 0) head.last_time_ns = std::max(head.last_time_ns, state.last_time_ns);
    cold.sealed = state;
    cold.text = state.text.empty() ? nullptr : std::make_unique<std::string>(std::move(state.text));
    cold.seal_epoch = epoch;
}

void Heads::drop_live(uint64_t segment) {
    const auto entry = live_.find(segment);
    HW_ASSERT(entry != live_.end());
    if (--entry->second == 0) live_.erase(entry);
}

size_t Heads::sealable(PointId point) const {
    const Frozen* frozen = this->frozen(point);
    return rows(point).kept() + (frozen != nullptr ? frozen->rows.samples() : 0);
}

size_t Heads::sealable_bytes(PointId point) const {
    const Frozen* frozen = this->frozen(point);
    return rows(point).bytes() + (frozen != nullptr ? frozen->rows.bytes() : 0);
}

uint64_t Heads::oldest_segment(PointId point) const {
    if (const Frozen* frozen = this->frozen(point)) return frozen->segment;
    return rows(point).empty() ? UINT64_MAX : heads_[point.value()].segment;
}

}  // namespace hw::history
