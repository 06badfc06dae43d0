#include "api/thin_rows.h"

#include <utility>

#include "base/assert.h"

namespace hw::api {

Thinner::Thinner(Duration slice, Give give) : slice_ns_(slice.ns), give_(std::move(give)) {
    HW_ASSERT(slice_ns_ > 0);
}

Thinner::Row Thinner::row(const model::SampleBatch& rows, size_t i) const {
    const int64_t time = rows.times_ns()[i];
    const int64_t whole = time / slice_ns_;
    return {rows.points()[i], time % slice_ns_ < 0 ? whole - 1 : whole, rows.qualities()[i]};
}

bool Thinner::take(const model::SampleBatch& rows) {
    for (size_t i = 0; i < rows.size(); ++i) {
        const Row next = row(rows, i);
        const bool same_point = last_ && last_->point == next.point;
        if (last_ && (changed_ || !same_point || last_->slice != next.slice)) {
            const bool more = i == 0 ? give_(held_, 0) : give_(rows, i - 1);
            if (!more) return false;
        }
        changed_ = !same_point || last_->quality != next.quality;
        last_ = next;
    }
    if (rows.size() > 0) {
        held_.clear();
        held_.add_row(rows, rows.size() - 1);
    }
    return true;
}

bool Thinner::finish() {
    if (!last_) return true;
    last_.reset();
    return give_(held_, 0);
}

}  // namespace hw::api
