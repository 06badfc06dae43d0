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
            slots_.push_back({{}, id, 0});
            slots_.back().sample.time = Time{INT64_MIN};
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
    if (slot.changed != frame_ + 1) dirty_.push_back(static_cast<uint32_t>(index));
    slot.changed = frame_ + 1;
    return true;
}

void LiveGroup::apply(const model::SampleBatch& batch, size_t from) {
    const auto& ids = batch.points();
    for (size_t i = from; i < batch.size(); ++i) {
        if (index_of(ids[i]) == other) continue;
        put(ids[i], batch.sample(i));
        ++applied_;
    }
}

void LiveGroup::restore(model::PointId id, const model::Sample& sample) {
    const int32_t index = index_of(id);
    if (index == other) return;
    const Slot& slot = slots_[static_cast<size_t>(index)];
    if (sample.time > slot.sample.time && put(id, sample)) ++applied_;
}

void LiveGroup::end_frame() {
    last_dirty_.swap(dirty_);
    dirty_.clear();
    std::sort(last_dirty_.begin(), last_dirty_.end());
    ++frame_;
    known_ = static_cast<uint32_t>(slots_.size());
    counted_ = applied_;
}

std::string LiveGroup::frame(const Mark& since, Time now, bool reset, size_t& rows) const {
    const std::vector<uint32_t>* indexes = &last_dirty_;
    std::vector<uint32_t> more;
    if (since.frame + 1 != frame_) {
        for (uint32_t i = 0; i < known_; ++i)
            if (slots_[i].changed > since.frame && slots_[i].changed <= frame_) more.push_back(i);
        indexes = &more;
    }
    rows = indexes->size();
    std::string out;
    out.reserve(64 + rows * 32);
    out += "event: frame\ndata: {\"t\":";
    append_number(out, now.ns / ms_ns);
    if (reset) out += ",\"reset\":true";
    if (known_ > since.known) {
        out += ",\"n\":";
        append_number(out, since.known);
        out += ",\"p\":[";
        for (uint32_t i = since.known; i < known_; ++i) {
            if (i > since.known) out += ',';
            append_json_string(out, points_.path(slots_[i].id));
        }
        out += ']';
    }
    if (!indexes->empty()) append_changes(out, *indexes, now);
    const uint64_t came = counted_ - since.applied;
    if (!reset && came > rows) {
        out += ",\"passed\":";
        append_number(out, came - rows);
    }
    out += "}\n\n";
    return out;
}

void LiveGroup::append_changes(std::string& out, const std::vector<uint32_t>& indexes,
                               Time now) const {
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

std::string LiveGroup::empty_frame(Time now) {
    return fmt::format("event: frame\ndata: {{\"t\":{}}}\n\n", now.ns / ms_ns);
}

}  // namespace hw::api
