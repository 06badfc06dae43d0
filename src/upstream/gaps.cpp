#include "upstream/gaps.h"

#include <algorithm>
#include <array>

namespace hw::upstream {

namespace {

// A loss is one with the loss before it, rather than the next gap, where no more lies between.
constexpr Duration join_within = seconds(60);
constexpr size_t detail_bytes = 200;

}  // namespace

std::string_view to_string(GapReason reason) {
    constexpr std::array<std::string_view, 10> names = {
        "",        "link down",     "edge stopped", "edge killed", "queue full",
        "too old", "queue damaged", "queue failed", "refused",     "too large"};
    return names[static_cast<size_t>(reason)];
}

std::string_view to_string(GapState state) {
    constexpr std::array<std::string_view, 5> names = {"", "open", "delayed", "filled", "lost"};
    return names[static_cast<size_t>(state)];
}

void GapLog::restore(std::vector<Gap> gaps) {
    gaps_.assign(std::make_move_iterator(gaps.begin()), std::make_move_iterator(gaps.end()));
    open_.reset();
    delayed_.clear();
    for (const Gap& gap : gaps_) {
        next_id_ = std::max(next_id_, gap.id + 1);
        if (gap.state == GapState::open) open_ = gap.id;
        if (gap.state == GapState::delayed) delayed_.push_back(gap.id);
    }
}

Gap* GapLog::find(uint64_t id) {
    const auto at = std::lower_bound(gaps_.begin(), gaps_.end(), id,
                                     [](const Gap& gap, uint64_t n) { return gap.id < n; });
    return at == gaps_.end() || at->id != id ? nullptr : &*at;
}

Gap& GapLog::add(Gap gap) {
    gap.id = next_id_++;
    gap.detail.resize(std::min(gap.detail.size(), detail_bytes));
    gaps_.push_back(std::move(gap));
    if (gaps_.size() > limit) gaps_.pop_front();
    changed(gaps_.back());
    return gaps_.back();
}

void GapLog::changed(const Gap& gap) {
    if (std::find(changed_.begin(), changed_.end(), gap.id) == changed_.end())
        changed_.push_back(gap.id);
}

std::vector<Gap> GapLog::take_changed() {
    std::vector<Gap> out;
    for (const uint64_t id : changed_)
        if (const Gap* gap = find(id)) out.push_back(*gap);
    changed_.clear();
    return out;
}

void GapLog::outage(Time now, std::string_view why, uint64_t next_record) {
    if (open_) return;
    Gap gap;
    gap.from = gap.to = now;
    gap.records = {next_record, next_record};
    gap.detail = why;
    open_ = add(std::move(gap)).id;
}

void GapLog::outage_grew(uint64_t samples) {
    Gap* gap = open_ ? find(*open_) : nullptr;
    if (gap != nullptr) gap->samples += samples;
}

void GapLog::outage_over(Time now, uint64_t next_record) {
    if (!open_) return;
    Gap* gap = find(*open_);
    open_.reset();
    if (gap == nullptr) return;  // a thousand gaps ago
    gap->to = now;
    const bool empty = next_record <= gap->records.first;
    gap->records.last = empty ? gap->records.first : next_record - 1;
    gap->state = empty ? GapState::filled : GapState::delayed;
    if (!empty) delayed_.push_back(gap->id);
    changed(*gap);
}

void GapLog::stopped(Time from, Time to, bool clean) {
    Gap gap;
    gap.reason = clean ? GapReason::edge_stopped : GapReason::edge_killed;
    gap.state = GapState::lost;
    gap.from = from;
    gap.to = to;
    add(std::move(gap));
}

void GapLog::lost(GapReason reason, Time from, Time to, uint64_t samples, std::string_view detail) {
    // Losses of one cause come in pieces; a list of a thousand pieces would help nobody.
    for (auto at = gaps_.rbegin(); at != gaps_.rend(); ++at) {
        if (at->reason != reason) continue;
        if (from - at->to > join_within || at->from > from) break;
        at->to = std::max(at->to, to);
        at->samples += samples;
        changed(*at);
        return;
    }
    Gap gap;
    gap.reason = reason;
    gap.state = GapState::lost;
    gap.from = from;
    gap.to = to;
    gap.samples = samples;
    gap.detail = detail;
    add(std::move(gap));
}

void GapLog::acknowledged(const IntervalSet& acknowledged, uint64_t oldest_record) {
    std::erase_if(delayed_, [&](uint64_t id) {
        Gap* gap = find(id);
        if (gap == nullptr) return true;
        // What is older than the queue has arrived, or its loss is a gap of its own.
        const Interval open{std::max(gap->records.first, oldest_record), gap->records.last};
        if (open.first <= open.last && !acknowledged.contains_all(open)) return false;
        gap->state = GapState::filled;
        changed(*gap);
        return true;
    });
}

}  // namespace hw::upstream
