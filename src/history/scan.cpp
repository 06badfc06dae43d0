#include "history/scan.h"

#include <algorithm>

#include "history/point_reader.h"

namespace hw::history {

namespace {

size_t row_at(const ColumnsView& rows, int64_t time_ns) {
    return static_cast<size_t>(
        std::lower_bound(rows.times_ns.begin(), rows.times_ns.end(), time_ns) -
        rows.times_ns.begin());
}

class EngineScan final : public Scan {
  public:
    EngineScan(const Engine& engine, WantedColumns wanted) : reader_(engine), wanted_(wanted) {}

    Result<void> open(model::PointId point, Time from, Time to) override {
        from_ns_ = from.ns;
        to_ns_ = to.ns;
        head_at_ = 0;
        ended_ = false;
        return reader_.open(point, from.ns, to.ns);
    }

    Result<bool> next(ScanRows& rows) override {
        const ColumnsView head = reader_.head().view();
        while (!ended_) {
            Extent chunk;
            if (!HW_TRY(next_chunk(chunk))) {
                ended_ = true;
                give(head.rows(head_at_, head.size()), rows);
            } else {
                HW_TRY(read_chunk(chunk, head, rows));
            }
            if (rows.count > 0) return true;
        }
        return false;
    }

  private:
    static void give(const ColumnsView& view, ScanRows& rows) {
        rows.count = view.size();
        rows.columns = view;
    }

    struct Extent {
        size_t count = 0;
        int64_t first_time_ns = 0;
        int64_t last_time_ns = 0;
    };

    // Counting alone walks the summaries, which are small and lie together.
    bool counts_only() const { return !wanted_.times && !wanted_.values; }

    Result<bool> next_chunk(Extent& out) {
        if (counts_only()) {
            ChunkSummary summary;
            if (!HW_TRY(reader_.next_summary(summary))) return false;
            out = {summary.count, summary.first_time_ns, summary.last_time_ns};
            return true;
        }
        if (!HW_TRY(reader_.next_chunk())) return false;
        const BytesView bytes = HW_TRY(reader_.chunk());
        const ChunkHeader header = HW_TRY(read_chunk_header(bytes));
        out = {header.count, header.first_time_ns, header.last_time_ns};
        return true;
    }

    Result<void> read_chunk(const Extent& extent, const ColumnsView& head, ScanRows& rows) {
        // Unsealed rows up to the chunk's end go before it or into it, where they win.
        const size_t head_from = head_at_;
        while (head_at_ < head.size() && head.times_ns[head_at_] <= extent.last_time_ns)
            ++head_at_;
        const bool whole = extent.first_time_ns >= from_ns_ && extent.last_time_ns < to_ns_;
        if (whole && head_from == head_at_) {
            rows.count = extent.count;
            rows.columns = {};
            if (counts_only()) return {};
            const BytesView bytes = HW_TRY(reader_.chunk());
            HW_TRY(decode_columns(bytes, wanted_, reader_.scratch(), chunk_));
            rows.columns = chunk_.view();
            return {};
        }
        const BytesView bytes = HW_TRY(reader_.chunk());
        HW_TRY(decode_chunk(bytes, reader_.scratch(), chunk_));
        const ColumnsView all = chunk_.view();
        const ColumnsView within = all.rows(row_at(all, from_ns_), row_at(all, to_ns_));
        if (head_from == head_at_) {
            give(within, rows);
            return {};
        }
        part_.clear();
        part_.append_rows(head, head_from, head_at_);
        merge_columns(within, part_, merged_);
        give(merged_.view(), rows);
        return {};
    }

    PointReader reader_;
    const WantedColumns wanted_;
    int64_t from_ns_ = 0;
    int64_t to_ns_ = 0;
    size_t head_at_ = 0;
    bool ended_ = true;
    Columns chunk_;
    Columns part_;
    Columns merged_;
};

}  // namespace

std::unique_ptr<Scan> make_scan(const Engine& engine, WantedColumns wanted) {
    return std::make_unique<EngineScan>(engine, wanted);
}

}  // namespace hw::history
