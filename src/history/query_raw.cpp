#include "history/query_raw.h"

#include <algorithm>
#include <bit>

#include "history/point_reader.h"

namespace hw::history {

namespace {

using model::PointId;
using model::SampleBatch;
using model::ValueType;

constexpr size_t rows_a_batch = 4096;

// Collects rows into batches for the sink, up to the query's limit.
class RowWriter {
  public:
    RowWriter(const RawQuery& query, const RawSink& sink) : sink_(sink), left_(query.limit) {
        batch_.reserve(std::min<uint64_t>(rows_a_batch, query.limit));
    }

    bool done() const { return left_ == 0 || stopped_; }

    void add(PointId point, const ColumnsView& rows, size_t from, size_t to, bool newest_first) {
        for (size_t i = from; i < to && !done(); ++i) {
            add_row(point, rows, newest_first ? to - 1 - (i - from) : i);
            --left_;
            if (batch_.size() == rows_a_batch) flush();
        }
    }

    void flush() {
        if (batch_.empty() || stopped_) return;
        stopped_ = !sink_(batch_);
        batch_.clear();
    }

  private:
    void add_row(PointId point, const ColumnsView& rows, size_t i) {
        const Time time{rows.times_ns[i]};
        const model::Quality quality = rows.quality_at(i);
        switch (rows.type_at(i)) {
            case ValueType::boolean:
                return batch_.add_bool(point, time, rows.values[i] != 0, quality);
            case ValueType::int64:
                return batch_.add_int(point, time, static_cast<int64_t>(rows.values[i]), quality);
            case ValueType::float64:
                return batch_.add_double(point, time, std::bit_cast<double>(rows.values[i]),
                                         quality);
            case ValueType::text:
                return batch_.add_text(point, time, rows.text_at(i), quality);
            case ValueType::bytes:
                return batch_.add_bytes(point, time, rows.text_at(i), quality);
        }
    }

    const RawSink& sink_;
    uint64_t left_;
    bool stopped_ = false;
    SampleBatch batch_;
};

size_t row_at(const ColumnsView& rows, int64_t time_ns) {
    return static_cast<size_t>(
        std::lower_bound(rows.times_ns.begin(), rows.times_ns.end(), time_ns) -
        rows.times_ns.begin());
}

// The walk over one point: chunks in turn, each with the head's rows up to its far end.
Result<void> read_point(PointReader& reader, PointId point, const RawQuery& query,
                        RowWriter& writer) {
    HW_TRY(reader.open(point, query.from.ns, query.to.ns, query.newest_first));
    const ColumnsView head = reader.head().view();
    const bool back = query.newest_first;
    size_t head_from = 0;
    size_t head_to = head.size();
    Columns chunk;
    Columns part;
    Columns merged;
    while (!writer.done() && HW_TRY(reader.next_chunk())) {
        const BytesView bytes = HW_TRY(reader.chunk());
        HW_TRY(decode_chunk(bytes, reader.scratch(), chunk));
        const ColumnsView all = chunk.view();
        const ColumnsView rows = all.rows(row_at(all, query.from.ns), row_at(all, query.to.ns));
        if (rows.size() == 0) continue;
        size_t from = head_from;
        size_t to = head_to;
        if (back) {
            from = head_to = row_at(head, rows.times_ns.front());
        } else {
            to = head_from = row_at(head, rows.times_ns.back());
            if (to < head.size() && head.times_ns[to] == rows.times_ns.back()) to = ++head_from;
        }
        if (from == to) {
            writer.add(point, rows, 0, rows.size(), back);
            continue;
        }
        part.clear();
        part.append_rows(head, from, to);
        merge_columns(rows, part, merged);
        writer.add(point, merged, 0, merged.size(), back);
    }
    writer.add(point, head, head_from, head_to, back);
    return {};
}

}  // namespace

Result<void> raw_rows(const Engine& engine, const RawQuery& query, const RawSink& sink) {
    PointReader reader(engine);
    RowWriter writer(query, sink);
    for (const PointId point : query.points) {
        if (writer.done()) break;
        HW_TRY(read_point(reader, point, query, writer));
    }
    writer.flush();
    return {};
}

}  // namespace hw::history
