#include "twin/past/row_merger.h"

#include <algorithm>

namespace hw::twin {

RowMerger::RowMerger(const history::History& history, std::vector<model::PointId> points,
                     Time after, Time to)
    : history_(history),
      after_(after),
      to_(to),
      page_(std::clamp<size_t>(rows_held / std::max<size_t>(points.size(), 1), 16, page_most)) {
    sources_.reserve(points.size());
    for (const auto point : points)
        sources_.push_back({.point = point, .page = {}});
}

Result<void> RowMerger::fill(size_t number, Time after) {
    Source& source = sources_[number];
    source.page.clear();
    source.at = 0;
    if (source.last_page || after.ns == INT64_MAX || after + nanoseconds(1) >= to_) return {};
    const history::RawQuery query{
        .points = {source.point}, .from = after + nanoseconds(1), .to = to_, .limit = page_};
    HW_TRY(history_.raw(query, [&](const model::SampleBatch& rows) {
        for (size_t i = 0; i < rows.size(); ++i)
            source.page.add_row(rows, i);
        return true;
    }));
    source.last_page = source.page.size() < page_;
    if (source.page.empty()) return {};
    heap_.push_back({source.page.times_ns()[0], number});
    std::push_heap(heap_.begin(), heap_.end());
    return {};
}

Result<void> RowMerger::begin() {
    for (size_t i = 0; i < sources_.size(); ++i)
        HW_TRY(fill(i, after_));
    return {};
}

Result<bool> RowMerger::next() {
    if (!begun_) {
        begun_ = true;
        HW_TRY(begin());
    } else if (!heap_.empty()) {
        Source& source = sources_[source_];
        std::pop_heap(heap_.begin(), heap_.end());
        heap_.pop_back();
        if (++source.at < source.page.size()) {
            heap_.push_back({source.page.times_ns()[source.at], source_});
            std::push_heap(heap_.begin(), heap_.end());
        } else {
            HW_TRY(fill(source_, Time{source_time_ns_}));
        }
    }
    if (heap_.empty()) return false;
    source_ = heap_.front().source;
    source_time_ns_ = heap_.front().time_ns;
    ++rows_;
    return true;
}

model::Sample RowMerger::sample() const {
    const Source& source = sources_[source_];
    return source.page.sample(source.at);
}

}  // namespace hw::twin
