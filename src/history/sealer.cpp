#include "history/sealer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "history/keys.h"

namespace hw::history {

namespace {

using model::PointId;
using store::Family;

// A chunk is cut when its texts reach this, long before the codec's own limit.
constexpr size_t chunk_text_bytes = 1 << 20;

// The row after the last one of the chunk that begins at `from`.
size_t chunk_end(const Columns& rows, size_t from, size_t wanted) {
    const size_t end = std::min(rows.size(), from + wanted);
    if (rows.arena.size() <= chunk_text_bytes) return end;
    size_t bytes = 0;
    const ColumnsView view = rows.view();
    for (size_t i = from; i < end; ++i) {
        if (view.type_at(i) < model::ValueType::text) continue;
        bytes += static_cast<uint32_t>(rows.values[i]);
        if (bytes > chunk_text_bytes && i > from) return i;
    }
    return end;
}

}  // namespace

Sealer::Sealer(store::Store& store, uint32_t chunk_samples)
    : store_(store), chunk_samples_(chunk_samples) {}

Result<void> Sealer::add(PointId point, const Columns& rows, SealedState& state,
                         store::WriteBatch& batch) {
    HW_ASSERT(!rows.empty());
    if (state.count == 0) state.first_time_ns = rows.times_ns.front();
    const bool behind = state.count == 0 || rows.times_ns.front() > state.last_time_ns;
    const bool newest = state.count == 0 || rows.times_ns.back() >= state.last_time_ns;
    if (behind) {
        HW_TRY(add_behind(point, rows, state, batch));
    } else {
        HW_TRY(add_between(point, rows, state, batch));
    }
    state.first_time_ns = std::min(state.first_time_ns, rows.times_ns.front());
    if (newest) {
        state.last_time_ns = rows.times_ns.back();
        state.set_last(rows, rows.size() - 1);
    }
    return {};
}

// A last chunk that is small is written anew with the rows; but only while it is not many times
// theirs, or points that are sealed a few rows at a time would be written over and over. Such leave
// a row of small chunks, joined when they make a large one: each sample is written some five times
// more.
Result<void> Sealer::add_behind(PointId point, const Columns& rows, SealedState& state,
                                store::WriteBatch& batch) {
    const Columns* all = &rows;
    const bool small = state.count > 0 && state.tail_count < chunk_samples_ / 2 &&
                       state.tail_count + rows.size() <= chunk_samples_ * 3 / 2;
    if (small && state.tail_count < std::max<size_t>(chunk_samples_ / 16, 4 * rows.size())) {
        HW_TRY(load(point, state.tail_first_time_ns, merged_));
        merged_.append_rows(rows, 0, rows.size());
        all = &merged_;
        ++chunks_merged_;
    } else if (small) {
        HW_TRY(join_last(point, state, batch));
    }
    state.count += rows.size();
    const Written written = write_chunks(point, *all, batch);
    state.tail_first_time_ns = written.tail_first_ns;
    state.tail_count = written.tail_count;
    return {};
}

// Joins the small chunks at the end if together they are no longer small.
Result<void> Sealer::join_last(PointId point, SealedState& state, store::WriteBatch& batch) {
    const auto cursor = store_.cursor(Family::summaries);
    std::vector<Found> run;
    uint64_t count = 0;
    cursor->seek_for_prev(ChunkKey(point, state.last_time_ns));
    for (; cursor->valid() && ChunkKey::point(cursor->key()) == point; cursor->prev()) {
        const ChunkSummary chunk = HW_TRY(decode_summary(as_bytes(cursor->value())));
        if (chunk.count >= chunk_samples_ / 2 || count + chunk.count > chunk_samples_) break;
        run.push_back({chunk.first_time_ns, chunk.last_time_ns, chunk.count});
        count += chunk.count;
    }
    HW_TRY(cursor->status());
    if (count < chunk_samples_ / 2) return {};
    std::reverse(run.begin(), run.end());
    return join(point, run, state, batch);
}

// Walks the rows in groups: those that go with one chunk (in its time, or behind a small one), and
// those in a gap between chunks.
Result<void> Sealer::add_between(PointId point, const Columns& rows, SealedState& state,
                                 store::WriteBatch& batch) {
    const auto cursor = store_.cursor(Family::summaries);
    size_t at = 0;
    while (at < rows.size()) {
        const int64_t time = rows.times_ns[at];
        Found chunk;
        Found after;
        const bool has_chunk = HW_TRY(find_at_or_before(*cursor, point, time, chunk));
        const bool has_after = HW_TRY(find_after(*cursor, point, time, after));
        const bool joins = has_chunk && (time <= chunk.last_ns || chunk.count < chunk_samples_ / 2);
        size_t end = at;
        const auto goes_with = [&](int64_t t) {
            if (has_after && t >= after.first_ns) return false;
            return !joins || chunk.count < chunk_samples_ / 2 || t <= chunk.last_ns;
        };
        while (end < rows.size() && goes_with(rows.times_ns[end]))
            ++end;
        HW_ASSERT(end > at);
        part_.clear();
        part_.append_rows(rows, at, end);
        at = end;
        const Columns* all = &part_;
        uint64_t before = 0;
        if (joins) {
            HW_TRY(load(point, chunk.first_ns, loaded_));
            merge_columns(loaded_, part_, merged_);
            all = &merged_;
            before = loaded_.size();
            HW_ASSERT(merged_.times_ns.front() == chunk.first_ns);  // the same key: replaced
            ++chunks_merged_;
        }
        state.count += all->size() - before;
        const Written written = write_chunks(point, *all, batch);
        if (!has_after) {
            state.tail_first_time_ns = written.tail_first_ns;
            state.tail_count = written.tail_count;
        }
    }
    return {};
}

Result<bool> Sealer::find_at_or_before(store::Cursor& cursor, PointId point, int64_t time_ns,
                                       Found& found) {
    cursor.seek_for_prev(ChunkKey(point, time_ns));
    if (!cursor.valid()) {
        HW_TRY(cursor.status());
        return false;
    }
    if (ChunkKey::point(cursor.key()) != point) return false;
    const ChunkSummary summary = HW_TRY(decode_summary(as_bytes(cursor.value())));
    found = {ChunkKey::first_time_ns(cursor.key()), summary.last_time_ns, summary.count};
    return true;
}

Result<bool> Sealer::find_after(store::Cursor& cursor, PointId point, int64_t time_ns,
                                Found& found) {
    if (time_ns == INT64_MAX) return false;
    cursor.seek(ChunkKey(point, time_ns + 1));
    if (!cursor.valid()) {
        HW_TRY(cursor.status());
        return false;
    }
    if (ChunkKey::point(cursor.key()) != point) return false;
    const ChunkSummary summary = HW_TRY(decode_summary(as_bytes(cursor.value())));
    found = {ChunkKey::first_time_ns(cursor.key()), summary.last_time_ns, summary.count};
    return true;
}

Result<void> Sealer::load(PointId point, int64_t first_ns, Columns& out) {
    const auto chunk = HW_TRY(store_.get(Family::chunks, ChunkKey(point, first_ns)));
    if (!chunk)
        return fail(ErrorCode::corrupt, fmt::format("point {} lacks its chunk at {}", point.value(),
                                                    format_rfc3339(Time{first_ns})));
    return decode_chunk(as_bytes(*chunk), decode_scratch_, out);
}

Sealer::Written Sealer::write_chunks(PointId point, const Columns& rows, store::WriteBatch& batch) {
    Written written;
    const size_t pieces = std::max<size_t>(1, (rows.size() + chunk_samples_ / 2) / chunk_samples_);
    const size_t wanted = (rows.size() + pieces - 1) / pieces;
    for (size_t from = 0; from < rows.size();) {
        const size_t to = chunk_end(rows, from, wanted);
        chunk_bytes_.clear();
        summary_bytes_.clear();
        const ChunkSummary summary =
            encode_chunk(rows.view().rows(from, to), encode_scratch_, chunk_bytes_);
        encode_summary(summary, summary_bytes_);
        const ChunkKey key(point, rows.times_ns[from]);
        batch.put(Family::chunks, key, chunk_bytes_);
        batch.put(Family::summaries, key, summary_bytes_);
        written = {rows.times_ns[from], static_cast<uint32_t>(to - from)};
        ++chunks_written_;
        from = to;
    }
    return written;
}

// A run grows while the next chunk still fits; a run of one stays as it is.
Result<uint64_t> Sealer::merge_small(PointId point, SealedState& state, store::WriteBatch& batch) {
    if (state.count == 0 || state.tail_count == state.count) return 0;
    const auto cursor = store_.cursor(Family::summaries);
    std::vector<Found> run;
    uint64_t run_count = 0;
    uint64_t joined = 0;
    cursor->seek(ChunkKey(point, INT64_MIN));
    for (; cursor->valid() && ChunkKey::point(cursor->key()) == point; cursor->next()) {
        const ChunkSummary chunk = HW_TRY(decode_summary(as_bytes(cursor->value())));
        if (run_count + chunk.count > chunk_samples_) {
            if (run.size() > 1) joined += run.size() - 1;
            HW_TRY(join(point, run, state, batch));
            run.clear();
            run_count = 0;
        }
        run.push_back({chunk.first_time_ns, chunk.last_time_ns, chunk.count});
        run_count += chunk.count;
    }
    HW_TRY(cursor->status());
    if (run.size() > 1) joined += run.size() - 1;
    HW_TRY(join(point, run, state, batch));
    return joined;
}

Result<void> Sealer::join(PointId point, const std::vector<Found>& run, SealedState& state,
                          store::WriteBatch& batch) {
    if (run.size() < 2) return {};
    merged_.clear();
    for (const Found& chunk : run) {
        HW_TRY(load(point, chunk.first_ns, loaded_));
        merged_.append_rows(loaded_, 0, loaded_.size());
        remove_chunk(point, chunk.first_ns, batch);
        ++chunks_merged_;
    }
    const Written written = write_chunks(point, merged_, batch);
    if (run.back().last_ns == state.last_time_ns) {
        state.tail_first_time_ns = written.tail_first_ns;
        state.tail_count = written.tail_count;
    }
    return {};
}

void Sealer::remove_chunk(PointId point, int64_t first_ns, store::WriteBatch& batch) {
    const ChunkKey key(point, first_ns);
    batch.remove(Family::chunks, key);
    batch.remove(Family::summaries, key);
}

Result<uint64_t> Sealer::expire(PointId point, int64_t before_ns, SealedState& state,
                                store::WriteBatch& batch) {
    if (state.count == 0 || state.first_time_ns >= before_ns) return 0;
    const auto cursor = store_.cursor(Family::summaries);
    uint64_t removed = 0;
    uint64_t left = state.count;
    int64_t first_ns = state.last_time_ns;
    cursor->seek(ChunkKey(point, INT64_MIN));
    for (; cursor->valid() && ChunkKey::point(cursor->key()) == point; cursor->next()) {
        const ChunkSummary summary = HW_TRY(decode_summary(as_bytes(cursor->value())));
        first_ns = summary.first_time_ns;
        if (summary.last_time_ns >= before_ns) break;
        HW_ASSERT(summary.count <= left);
        left -= summary.count;
        remove_chunk(point, summary.first_time_ns, batch);
        ++removed;
    }
    HW_TRY(cursor->status());
    const uint64_t lsn = state.lsn;
    state.count = left;
    state.first_time_ns = first_ns;
    if (left == 0) state = {};
    state.lsn = lsn;
    return removed;
}

Result<uint64_t> Sealer::remove(PointId point, int64_t from_ns, int64_t to_ns, SealedState& state,
                                store::WriteBatch& batch) {
    if (state.count == 0 || from_ns >= to_ns || state.first_time_ns >= to_ns ||
        state.last_time_ns < from_ns)
        return 0;
    const auto cursor = store_.cursor(Family::summaries);
    std::vector<Found> left;
    Columns tail;  // the last rows, if this call wrote them
    Written written;
    uint64_t changed = 0;
    cursor->seek(ChunkKey(point, INT64_MIN));
    for (; cursor->valid() && ChunkKey::point(cursor->key()) == point; cursor->next()) {
        const ChunkSummary chunk = HW_TRY(decode_summary(as_bytes(cursor->value())));
        if (chunk.last_time_ns < from_ns || chunk.first_time_ns >= to_ns) {
            left.push_back({chunk.first_time_ns, chunk.last_time_ns, chunk.count});
            tail.clear();
            continue;
        }
        ++changed;
        remove_chunk(point, chunk.first_time_ns, batch);
        if (chunk.first_time_ns >= from_ns && chunk.last_time_ns < to_ns) continue;
        HW_TRY(load(point, chunk.first_time_ns, loaded_));
        for (const bool behind : {false, true}) {
            part_.clear();
            for (size_t i = 0; i < loaded_.size(); ++i) {
                const int64_t time = loaded_.times_ns[i];
                if (behind ? time >= to_ns : time < from_ns) part_.append_row(loaded_, i);
            }
            if (part_.empty()) continue;
            written = write_chunks(point, part_, batch);
            left.push_back({part_.times_ns.front(), part_.times_ns.back(), part_.size()});
            tail = part_;
        }
    }
    HW_TRY(cursor->status());
    HW_TRY(settle_after_removal(point, left, tail, written, state));
    return changed;
}

Result<void> Sealer::settle_after_removal(PointId point, const std::vector<Found>& left,
                                          const Columns& tail, const Written& written,
                                          SealedState& state) {
    const uint64_t lsn = state.lsn;
    if (left.empty()) {
        state = {};
        state.lsn = lsn;
        return {};
    }
    state.count = 0;
    for (const Found& chunk : left)
        state.count += chunk.count;
    state.first_time_ns = left.front().first_ns;
    state.tail_first_time_ns = left.back().first_ns;
    state.tail_count = static_cast<uint32_t>(left.back().count);
    state.last_time_ns = left.back().last_ns;
    if (tail.empty()) {
        HW_TRY(load(point, left.back().first_ns, loaded_));
        state.set_last(loaded_, loaded_.size() - 1);
    } else {
        state.set_last(tail, tail.size() - 1);
        state.tail_first_time_ns = written.tail_first_ns;
        state.tail_count = written.tail_count;
    }
    return {};
}

}  // namespace hw::history
