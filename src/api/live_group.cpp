#include "api/live_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "api/gateway_json.h"
#include "base/json_writer.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

constexpr int64_t ms_ns = 1'000'000;

template <class T>
void append_number(std::string& out, T number) {
    fmt::format_to(std::back_inserter(out), "{}", number);
}

}  // namespace

bool LiveSelection::has(std::string_view path) const {
    return points.contains(path) || std::any_of(filters.begin(), filters.end(), [&](const auto& f) {
               return model::matches(f, path);
           });
}

std::string LiveSelection::key() const {
    std::string key;
    for (const auto& filter : filters)
        key.append(filter).append(1, '\0');
    key.append(1, '\0');
    for (const auto& point : points)
        key.append(point).append(1, '\0');
    return key;
}

int32_t LiveGroup::index_of(model::PointId id) {
    if (id.value() >= indexes_.size()) indexes_.resize(id.value() + 1024, unknown);
    int32_t& index = indexes_[id.value()];
    if (index == unknown) {
        index = other;
        if (selection_.has(points_.path(id))) {
            index = static_cast<int32_t>(slots_.size());
            slots_.push_back({{}, id});
            slots_.back().sample.time = Time{INT64_MIN};
            if (points_.by_exception(id)) set_usual(slots_.back(), no_rhythm);
        }
    }
    return index;
}

bool LiveGroup::put(model::PointId id, const model::Sample& sample) {
    const int32_t index = index_of(id);
    if (index == other) return false;
    Slot& slot = slots_[static_cast<size_t>(index)];
    // What comes late does not undo the newest.
    if (sample.time < slot.sample.time) return true;
    slot.sample = sample;
    mark_changed(static_cast<uint32_t>(index));
    return true;
}

void LiveGroup::mark_changed(uint32_t index) {
    Slot& slot = slots_[index];
    if (slot.changed != frame_ + 1) dirty_.push_back(index);
    slot.changed = frame_ + 1;
}

void LiveGroup::set_usual(Slot& slot, int64_t usual_ms) {
    if (slot.usual_ms == usual_ms) return;
    slot.usual_ms = usual_ms;
    slot.turned = frame_ + 1;
}

void LiveGroup::apply(const model::SampleBatch& batch, size_t from) {
    const auto& ids = batch.points();
    for (size_t i = from; i < batch.size(); ++i) {
        if (index_of(ids[i]) == other) continue;
        put(ids[i], batch.sample(i));
        ++applied_;
    }
}

void LiveGroup::restore(model::PointId id, const model::Sample& sample, Duration usual) {
    const int32_t index = index_of(id);
    if (index == other) return;
    Slot& slot = slots_[static_cast<size_t>(index)];
    if (slot.usual_ms == 0) set_usual(slot, std::clamp<int64_t>(usual.ns / ms_ns, 0, UINT32_MAX));
    if (sample.time > slot.sample.time && put(id, sample)) ++applied_;
}

void LiveGroup::look_at_exceptions() {
    const uint64_t version = points_.exceptions_version();
    if (version == exceptions_version_) return;
    exceptions_version_ = version;
    for (uint32_t i = 0; i < slots_.size(); ++i) {
        Slot& slot = slots_[i];
        if (points_.by_exception(slot.id) == (slot.usual_ms == no_rhythm)) continue;
        set_usual(slot, slot.usual_ms == no_rhythm ? 0 : no_rhythm);
        // Without a sample there is nothing to tell yet.
        if (slot.sample.time.ns == INT64_MIN) continue;
        mark_changed(i);
        ++applied_;
    }
}

// What is told follows roughly: a factor of one and a half is no news.
void LiveGroup::learn_usual() {
    std::vector<model::PointId> ids;
    ids.reserve(dirty_.size());
    for (const uint32_t index : dirty_)
        ids.push_back(slots_[index].id);
    std::vector<uint32_t> usual;
    rhythms_.usual(ids, usual);
    for (size_t k = 0; k < ids.size(); ++k) {
        Slot& slot = slots_[dirty_[k]];
        const int64_t now = usual[k];
        if (now == 0 || slot.usual_ms == no_rhythm) continue;
        if (slot.usual_ms == 0 || 2 * now > 3 * slot.usual_ms || 3 * now < 2 * slot.usual_ms)
            set_usual(slot, now);
    }
}

void LiveGroup::end_frame() {
    learn_usual();
    last_dirty_.swap(dirty_);
    dirty_.clear();
    std::sort(last_dirty_.begin(), last_dirty_.end());
    ++frame_;
    known_ = static_cast<uint32_t>(slots_.size());
    counted_ = applied_;
}

std::vector<uint32_t> LiveGroup::changes(const Round& round, uint32_t& next) const {
    std::vector<uint32_t> out;
    next = known_;
    const auto take = [&](uint32_t index) {
        if (out.size() < rows_of_part)
            out.push_back(index);
        else
            next = index;
        return next == known_;
    };
    if (round.since.frame + 1 == frame_) {
        auto at = std::lower_bound(last_dirty_.begin(), last_dirty_.end(), round.at);
        while (at != last_dirty_.end() && take(*at))
            ++at;
        return out;
    }
    for (uint32_t i = round.at; i < known_; ++i)
        if (slots_[i].changed > round.since.frame && slots_[i].changed <= frame_ && !take(i)) break;
    return out;
}

void LiveGroup::append_paths(std::string& out, uint32_t from, uint32_t to) const {
    out += ",\"n\":";
    append_number(out, from);
    out += ",\"p\":[";
    for (uint32_t i = from; i < to; ++i) {
        if (i > from) out += ',';
        append_json_string(out, points_.path(slots_[i].id));
    }
    out += ']';
}

LiveGroup::Part LiveGroup::part(const Round& round, Time now) const {
    uint32_t next = 0;
    const auto indexes = changes(round, next);
    Part part;
    part.rows = indexes.size();
    part.last = next == known_;
    part.after = round;
    part.after.at = next;
    part.after.rows += part.rows;
    std::string& out = part.text;
    out.reserve(128 + part.rows * 32);
    out += "event: frame\ndata: {\"t\":";
    append_number(out, now.ns / ms_ns);
    if (round.reset && round.at == 0) out += ",\"reset\":true";
    if (next > round.since.known) {
        append_paths(out, round.since.known, next);
        part.after.since.known = next;
    }
    if (!indexes.empty()) append_changes(out, indexes, now, round);
    if (!part.last) out += ",\"more\":true";
    if (round.late_s > 0) {
        out += ",\"late\":";
        append_number(out, round.late_s);
    }
    if (part.last) {
        // Points that were sent newer than the round's end are sent once more by the next.
        const uint64_t came = round.until.applied - round.since.applied;
        if (!round.reset && came > part.after.rows) part.passed = came - part.after.rows;
        part.after.since = {round.until.frame, part.after.since.known, round.until.applied};
    }
    if (part.passed > 0) {
        out += ",\"passed\":";
        append_number(out, part.passed);
    }
    out += "}\n\n";
    return part;
}

void LiveGroup::append_changes(std::string& out, const std::vector<uint32_t>& indexes, Time now,
                               const Round& round) const {
    const auto column = [&](std::string_view name, const auto& append) {
        out.append(",\"").append(name).append("\":[");
        for (size_t k = 0; k < indexes.size(); ++k) {
            if (k > 0) out += ',';
            append(indexes[k]);
        }
        out += ']';
    };
    column("i", [&](uint32_t index) { append_number(out, index); });
    column("v", [&](uint32_t index) { append_value(out, slots_[index].sample.value); });
    const int64_t base = now.ns / ms_ns;
    column("d", [&](uint32_t index) {
        append_number(out, slots_[index].sample.time.ns / ms_ns - base);
    });
    if (round.reset)
        column("u", [&](uint32_t index) { append_number(out, slots_[index].usual_ms); });
    else
        append_turned(out, indexes, round.since.frame);
    bool any = false;
    for (size_t k = 0; k < indexes.size(); ++k) {
        const auto quality = slots_[indexes[k]].sample.quality;
        if (quality == model::Quality::good) continue;
        out += any ? "," : ",\"q\":{";
        any = true;
        fmt::format_to(std::back_inserter(out), "\"{}\":\"{}\"", k, model::to_string(quality));
    }
    if (any) out += '}';
}

void LiveGroup::append_turned(std::string& out, const std::vector<uint32_t>& indexes,
                              uint64_t since) const {
    bool any = false;
    for (size_t k = 0; k < indexes.size(); ++k) {
        const Slot& slot = slots_[indexes[k]];
        if (slot.turned <= since) continue;
        out += any ? "," : ",\"u\":{";
        any = true;
        fmt::format_to(std::back_inserter(out), "\"{}\":{}", k, slot.usual_ms);
    }
    if (any) out += '}';
}

std::string LiveGroup::empty_frame(Time now) {
    return fmt::format("event: frame\ndata: {{\"t\":{}}}\n\n", now.ns / ms_ns);
}

}  // namespace hw::api
