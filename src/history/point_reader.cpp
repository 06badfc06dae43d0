#include "history/point_reader.h"

#include <array>

#include "base/assert.h"
#include "history/keys.h"

namespace hw::history {

using store::Family;

Result<void> PointReader::open(model::PointId point, int64_t from_ns, int64_t to_ns,
                               bool newest_first) {
    const uint64_t epoch = engine_.copy_head(point, from_ns, to_ns, head_);
    if (cursors_.empty() || epoch > cursors_epoch_) {
        cursors_.clear();
        cursors_epoch_ = engine_.epoch();
        cursors_ = engine_.store().cursors(std::array{Family::chunks, Family::summaries});
    }
    point_ = point;
    from_ns_ = from_ns;
    to_ns_ = to_ns;
    newest_first_ = newest_first;
    started_ = false;
    steps_since_chunk_ = 2;  // so that the first one is sought
    return {};
}

bool PointReader::on_point(const store::Cursor& cursor) const {
    return cursor.valid() && cursor.key().size() == ChunkKey::size &&
           ChunkKey::point(cursor.key()) == point_;
}

// Moves to the next key that is the point's and below `to` (going back: whatever is before).
Result<bool> PointReader::step(bool summaries) {
    HW_ASSERT(!started_ || summaries == walks_summaries_);
    store::Cursor& at = cursor(summaries);
    if (from_ns_ >= to_ns_) return false;
    if (started_) {
        newest_first_ ? at.prev() : at.next();
    } else if (newest_first_) {
        at.seek_for_prev(ChunkKey(point_, to_ns_ - 1));
    } else {
        // The chunk that begins before the range may reach into it.
        at.seek_for_prev(ChunkKey(point_, from_ns_));
        if (!on_point(at)) {
            HW_TRY(at.status());
            at.seek(ChunkKey(point_, from_ns_));
        }
    }
    started_ = true;
    ++steps_since_chunk_;
    walks_summaries_ = summaries;
    if (!on_point(at)) {
        HW_TRY(at.status());
        return false;
    }
    chunk_first_ns_ = ChunkKey::first_time_ns(at.key());
    return chunk_first_ns_ < to_ns_;
}

Result<bool> PointReader::next_summary(ChunkSummary& summary) {
    while (HW_TRY(step(true))) {
        summary = HW_TRY(decode_summary(as_bytes(cursor(true).value())));
        if (summary.last_time_ns >= from_ns_) return true;
        if (newest_first_) return false;
    }
    return false;
}

Result<bool> PointReader::next_chunk() {
    while (HW_TRY(step(false))) {
        const ChunkHeader header = HW_TRY(read_chunk_header(as_bytes(cursor(false).value())));
        if (header.last_time_ns >= from_ns_) return true;
        if (newest_first_) return false;
    }
    return false;
}

Result<BytesView> PointReader::chunk() {
    store::Cursor& at = cursor(false);
    if (walks_summaries_) {
        const ChunkKey key(point_, chunk_first_ns_);
        // A step costs less than a seek where the chunk before was the last one fetched.
        if (steps_since_chunk_ == 1 && at.valid()) at.next();
        steps_since_chunk_ = 0;
        if (!at.valid() || at.key() != std::string_view(key)) at.seek(key);
        if (!at.valid() || at.key() != std::string_view(key)) {
            HW_TRY(at.status());
            return fail(ErrorCode::corrupt, "a summary has no chunk");
        }
    }
    return as_bytes(at.value());
}

Result<bool> PointReader::before_range(Columns& rows) {
    rows.clear();
    if (from_ns_ == INT64_MIN) return false;
    HW_ASSERT(!started_);
    store::Cursor& at = cursor(false);
    at.seek_for_prev(ChunkKey(point_, from_ns_ - 1));
    if (!on_point(at)) {
        HW_TRY(at.status());
        return false;
    }
    HW_TRY(decode_chunk(as_bytes(at.value()), scratch_, rows));
    size_t size = rows.size();
    while (size > 0 && rows.times_ns[size - 1] >= from_ns_)
        --size;
    rows.truncate(size);
    return size > 0;
}

}  // namespace hw::history
