#include <algorithm>
#include <thread>
#include <utility>

#include "sql/json.h"
#include "twin/derive/slot_value.h"
#include "twin/live.h"

namespace hw::twin {

namespace {

constexpr int64_t second_ns = 1'000'000'000;

void add_row(model::SampleBatch& batch, model::PointId point, Time time, const sql::Datum& value,
             model::Quality quality) {
    switch (value.kind()) {
        case sql::Kind::null:
            return;
        case sql::Kind::boolean:
            return batch.add_bool(point, time, value.as_boolean(), quality);
        case sql::Kind::int64:
            return batch.add_int(point, time, value.as_integer(), quality);
        case sql::Kind::float64:
            return batch.add_double(point, time, value.as_real(), quality);
        case sql::Kind::bytes:
            return batch.add_bytes(point, time, value.as_text(), quality);
        default: {
            std::string text;
            sql::append_plain(text, value);
            return batch.add_text(point, time, text, quality);
        }
    }
}

sql::Datum datum_of(const model::Value& value) {
    switch (model::type_of(value)) {
        case model::ValueType::boolean:
            return sql::Datum::boolean(std::get<bool>(value));
        case model::ValueType::int64:
            return sql::Datum::integer(std::get<int64_t>(value));
        case model::ValueType::float64:
            return sql::Datum::real(std::get<double>(value));
        case model::ValueType::text:
            return sql::Datum::text(std::get<std::string>(value));
        case model::ValueType::bytes:
            return sql::Datum::bytes(std::get<model::Bytes>(value).data);
    }
    HW_UNREACHABLE();
}

}  // namespace

void Live::apply(SampleQueue::Work& work) {
    const WorkLock turn(work_);
    for (size_t from = 0; from < work.fresh.size(); from += piece_twins) {
        const WriteLock lock(lock_);
        for (size_t i = from; i < std::min(work.fresh.size(), from + piece_twins); ++i)
            binder_.bind_fresh(work.fresh[i]);
    }
    auto& samples = work.samples;
    uint32_t bindings[piece_samples];
    size_t pieces = 0;
    for (size_t from = 0; from < samples.size(); from += piece_samples) {
        if (work_.wanted()) give_way();
        const size_t size = std::min(piece_samples, samples.size() - from);
        const Time now = rooms_.clock.now();
        // Binding needs work(), so that these stay true without the lock.
        for (size_t i = 0; i < size; ++i) {
            const auto* entry = points_.find(samples[from + i].point);
            bindings[i] = entry->binding.load(std::memory_order_relaxed);
            points_.each(bindings[i], [&](uint32_t slot) { slots_.prefetch(slot); });
        }
        {
            const WriteLock lock(lock_);
            for (size_t i = 0; i < size; ++i)
                points_.each(bindings[i],
                             [&](uint32_t slot) { apply_sample(slot, samples[from + i], now); });
            if (!net_.settled()) net_.settle(now);
        }
        // Followers hand on what they have noted: seldom, as it costs something for each of their
        // readers, and while others read. Nobody else writes, since this thread holds the work.
        if (++pieces % pieces_a_round == 0 || from + size == samples.size()) round_end();
    }
    figures_.derivations = net_.derivations();
}

// A change that waits goes between two pieces.
void Live::give_way() {
    work_.unlock();
    while (work_.wanted())
        std::this_thread::yield();
    work_.lock();
}

// Not moved from: one point may feed several slots.
void Live::apply_sample(uint32_t slot, QueuedSample& sample, Time now) {
    SlotRecord& record = slots_[slot];
    if (sample.time_ns < record.time_ns && record.origin() == Origin::point) {
        ++figures_.outdated;
        return;
    }
    figures_.updates.store(figures_.updates.load(std::memory_order_relaxed) + 1,
                           std::memory_order_relaxed);
    record.value = sample.value;
    record.time_ns = sample.time_ns;
    record.quality = sample.quality;
    const bool quick = record.value.kind() == sql::Kind::float64 &&
                       (record.kind == SchemaKind::float64 || record.kind == SchemaKind::float32);
    if (quick && record.interest == 0 && !record.has(SlotRecord::dependents | SlotRecord::watched))
        return;
    Twin& twin = graph_.at(slots_.twin(slot));
    const uint32_t number = slot - twin.first_slot;
    if (!quick) {
        const Content& content = *twin.model->interface->slots[number].content;
        if (!fit_to_slot(content, record.value)) {
            ++figures_.mistyped;
            record.quality = model::Quality::bad_configuration;
        }
    }
    if (record.has(SlotRecord::watched)) {
        const Duration limit = twin.model->slots[number].stale_after;
        record.set(SlotRecord::stale, now.ns - record.time_ns >= limit.ns);
        if (!record.has(SlotRecord::stale)) note_stale_time(slot, record, limit);
    }
    if (record.has(SlotRecord::dependents)) net_.slot_changed(twin, number);
    notify(twin, number, record);
}

void Live::notify(const Twin& twin, uint32_t slot, const SlotRecord& record) {
    if (record.interest == 0) return;
    const Interests::Words& words = interests_.words(record.interest);
    const LiveValue live = record.live();
    for (size_t f = 0; f < followers_.size(); ++f)
        if (words[f] != 0) followers_[f]->changed(words[f], twin.name, slot, live);
}

void Live::note_stale_time(uint32_t slot, SlotRecord& record, Duration stale_after) {
    if (record.has(SlotRecord::in_wheel)) return;
    record.set(SlotRecord::in_wheel, true);
    const int64_t due = record.time_ns / second_ns + stale_after.ns / second_ns + 1;
    wheel_[due].push_back(slot);
}

// A slot may stand there more than once after its twin has gone and come; those meet in one second
// and become one.
void Live::sweep() {
    const WorkLock turn(work_);
    const Time now = rooms_.clock.now();
    while (!wheel_.empty() && wheel_.begin()->first <= now.ns / second_ns) {
        auto due = std::move(wheel_.begin()->second);
        wheel_.erase(wheel_.begin());
        std::sort(due.begin(), due.end());
        due.erase(std::unique(due.begin(), due.end()), due.end());
        for (size_t from = 0; from < due.size(); from += piece_samples) {
            const WriteLock lock(lock_);
            const size_t end = std::min(due.size(), from + piece_samples);
            for (size_t i = from; i < end; ++i)
                become_stale(due[i], now);
            if (!net_.settled()) net_.settle(now);
            round_end();
        }
    }
}

void Live::become_stale(uint32_t slot, Time now) {
    SlotRecord& record = slots_[slot];
    if (!record.has(SlotRecord::in_wheel)) return;
    record.set(SlotRecord::in_wheel, false);
    if (!record.has(SlotRecord::watched) || record.has(SlotRecord::stale)) return;
    Twin& twin = graph_.at(slots_.twin(slot));
    const uint32_t number = slot - twin.first_slot;
    const Duration limit = twin.model->slots[number].stale_after;
    if (now.ns - record.time_ns < limit.ns) {
        note_stale_time(slot, record, limit);
        return;
    }
    record.set(SlotRecord::stale, true);
    if (record.has(SlotRecord::dependents)) net_.slot_changed(twin, number);
    tell({.kind = Happening::Kind::stale,
          .twin = &twin.name,
          .path = twin.model->interface->slots[number].path,
          .time = now});
    notify(twin, number, record);
}

void Live::derived_changed(Twin& twin, uint32_t number) {
    const CompiledDerived& derived = twin.model->derived[number];
    notify(twin, derived.slot, slots_[twin.first_slot + derived.slot]);
    uint8_t& marks = twin.derived->marks[number];
    if (!derived.historized || (marks & DeriveNet::mark_keep) != 0) return;
    marks |= DeriveNet::mark_keep;
    keep_.emplace_back(twin.name.index, number);
}

model::SampleBatch Live::take_kept() {
    model::SampleBatch batch;
    const WorkLock turn(work_);
    for (size_t from = 0; from < keep_.size(); from += piece_samples) {
        const WriteLock lock(lock_);
        const size_t end = std::min(keep_.size(), from + piece_samples);
        for (size_t i = from; i < end; ++i) {
            const auto [index, number] = keep_[i];
            Twin& twin = graph_.at(index);
            if (!twin.derived || number >= twin.derived->marks.size()) continue;
            twin.derived->marks[number] &= static_cast<uint8_t>(~DeriveNet::mark_keep);
            const uint32_t slot = twin.model->derived[number].slot;
            const Slot& described = twin.model->interface->slots[slot];
            const std::string pattern =
                described.content->point.empty() ? "${id}/${path}" : described.content->point;
            const auto path = point_of(pattern, twin.name.id, described.path, twin.properties);
            if (!path) continue;
            const auto point = rooms_.points.intern(*path);
            if (!point) continue;
            const SlotRecord& record = slots_[twin.first_slot + slot];
            const Time time = record.time_ns == 0 ? rooms_.clock.now() : Time{record.time_ns};
            add_row(batch, *point, time, record.value, record.quality);
        }
    }
    keep_.clear();
    return batch;
}

void Live::load() {
    const WorkLock turn(work_);
    binder_.start();
    {
        const WriteLock lock(lock_);
        HW_ASSERT(!loaded_);
        for (const auto& [id, index] : graph_.ordered()) {
            Twin& twin = graph_.at(index);
            const auto sources = sources_of(twin);
            for (uint32_t i = 0; i < sources.size(); ++i) {
                if (sources[i].origin != Origin::point) continue;
                const uint32_t slot = twin.first_slot + i;
                if (const auto point = binder_.bind(slot, sources[i].point))
                    bound_.emplace_back(slot, *point);
            }
            ask(twin);
        }
        loaded_ = true;
    }
    fetch_last_values_locked();
    const WriteLock lock(lock_);
    for (const auto& [id, index] : graph_.ordered())
        net_.twin_added(graph_.at(index));
    settle();
}

void Live::fetch_last_values() {
    const WorkLock turn(work_);
    fetch_last_values_locked();
}

// History is asked without the live lock, since it may be at the disk: a sample that is committed
// meanwhile comes by tap, the slots being bound already.
void Live::fetch_last_values_locked() {
    const auto bound = std::exchange(bound_, {});
    std::vector<model::PointId> ids;
    std::vector<std::optional<history::PointState>> states;
    for (size_t from = 0; from < bound.size(); from += piece_samples) {
        const size_t end = std::min(bound.size(), from + piece_samples);
        ids.clear();
        for (size_t i = from; i < end; ++i)
            ids.push_back(bound[i].second);
        states.clear();
        rooms_.history.point_states(ids, states);
        const Time now = rooms_.clock.now();
        const WriteLock lock(lock_);
        for (size_t i = from; i < end; ++i) {
            auto& state = states[i - from];
            const uint32_t slot = bound[i].first;
            if (!state || slots_.point(slot) != bound[i].second.value()) continue;
            QueuedSample sample;
            sample.value = datum_of(state->last.value);
            sample.time_ns = state->last.time.ns;
            sample.quality = state->last.quality;
            apply_sample(slot, sample, now);
        }
        if (!net_.settled()) net_.settle(now);
        round_end();
    }
}

}  // namespace hw::twin
