#include "history/query_aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "history/bucket_writer.h"
#include "history/point_reader.h"

namespace hw::history {

namespace {

using model::PointId;
__extension__ using Wide = __int128;

// A point's range is cut into parts of at least so many buckets for the threads of the pool.
constexpr int64_t buckets_a_part = 64;

struct Part {
    size_t point = 0;  // index in the query
    int64_t from_ns = 0;
    int64_t to_ns = 0;
};

size_t row_at(const ColumnsView& rows, int64_t time_ns) {
    return static_cast<size_t>(
        std::lower_bound(rows.times_ns.begin(), rows.times_ns.end(), time_ns) -
        rows.times_ns.begin());
}

Result<void> check(const AggregateQuery& query) {
    if (query.every.ns <= 0)
        return fail(ErrorCode::invalid_argument, "the bucket width must be above 0");
    if (query.aggregates.empty())
        return fail(ErrorCode::invalid_argument, "no aggregate is asked for");
    if (query.from >= query.to || query.fill == Fill::none) return {};
    const Wide span = static_cast<Wide>(query.to.ns) - query.from.ns;
    const Wide buckets = (span / query.every.ns + 1) * query.points.size();
    if (buckets > query.buckets_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the query asks for more than {} buckets; widen them or shorten "
                                "the range",
                                query.buckets_limit));
    return {};
}

// One thread's part of the work; keeps its buffers from part to part.
class Aggregator {
  public:
    Aggregator(const Engine& engine, const AggregateQuery& query)
        : query_(query), engine_(engine), reader_(engine) {}

    Result<void> run(PointId point, int64_t from_ns, int64_t to_ns, Buckets& out) {
        BucketWriter writer(query_, out);
        HW_TRY(reader_.open(point, from_ns, to_ns));
        if (needs_held_value()) HW_TRY(find_held_value(point, from_ns, to_ns, writer));
        const ColumnsView head = reader_.head().view();
        size_t head_at = 0;
        ChunkSummary chunk;
        while (HW_TRY(reader_.next_summary(chunk))) {
            const size_t before = row_at(head, chunk.first_time_ns);
            if (before > head_at) writer.add(head.rows(head_at, before));
            head_at = std::max(head_at, before);
            size_t within = head_at;
            while (within < head.size() && head.times_ns[within] <= chunk.last_time_ns)
                ++within;
            HW_TRY(add_chunk(chunk, head.rows(head_at, within), from_ns, to_ns, writer));
            head_at = within;
        }
        if (head_at < head.size()) writer.add(head.rows(head_at, head.size()));
        writer.finish();
        return {};
    }

  private:
    bool needs_held_value() const {
        return std::find(query_.aggregates.begin(), query_.aggregates.end(), Aggregate::twa) !=
               query_.aggregates.end();
    }

    // `over`: unsealed rows within the chunk's time, which win.
    Result<void> add_chunk(const ChunkSummary& chunk, const ColumnsView& over, int64_t from_ns,
                           int64_t to_ns, BucketWriter& writer) {
        const bool whole = chunk.first_time_ns >= from_ns && chunk.last_time_ns < to_ns;
        const bool usable = !query_.good_only || chunk.count_uncertain == 0;
        if (over.size() == 0 && whole && usable && !writer.needs_values() &&
            writer.in_one_bucket(chunk.first_time_ns, chunk.last_time_ns)) {
            writer.add(chunk);
            return {};
        }
        const BytesView bytes = HW_TRY(reader_.chunk());
        if (over.size() == 0 && chunk.count_usable() == chunk.value_count) {
            HW_TRY(decode_numeric(bytes, query_.good_only, reader_.scratch(), numbers_));
            writer.add(numbers_, from_ns, to_ns);
            return {};
        }
        HW_TRY(decode_chunk(bytes, reader_.scratch(), rows_));
        const ColumnsView all = rows_.view();
        const ColumnsView rows = all.rows(row_at(all, from_ns), row_at(all, to_ns));
        if (over.size() == 0) {
            writer.add(rows);
            return {};
        }
        part_.clear();
        part_.append_rows(over, 0, over.size());
        merge_columns(rows, part_, merged_);
        writer.add(merged_.view());
        return {};
    }

    // The last value before the range, from the head or the chunk before.
    Result<void> find_held_value(PointId point, int64_t from_ns, int64_t to_ns,
                                 BucketWriter& writer) {
        (void)to_ns;
        Columns head;
        engine_.copy_head(point, INT64_MIN, from_ns, head);
        HW_TRY(reader_.before_range(rows_));
        merge_columns(rows_, head, merged_);
        const ChunkSummary before = summarise(merged_.view(), query_.good_only);
        if (before.value_count > 0) writer.begin_with(before.last);
        return {};
    }

    const AggregateQuery& query_;
    const Engine& engine_;
    PointReader reader_;
    NumericRows numbers_;
    Columns rows_;
    Columns part_;
    Columns merged_;
};

// Clips each point's range to its samples, and cuts long ranges at bucket edges if there are fewer
// points than threads could take.
std::vector<Part> make_parts(const Engine& engine, const AggregateQuery& query, size_t workers) {
    std::vector<Part> parts;
    const int64_t wanted =
        query.points.size() >= workers * 2 ? 1 : static_cast<int64_t>(workers) * 4;
    std::vector<std::optional<PointState>> states;
    engine.point_states(query.points, states);
    for (size_t i = 0; i < query.points.size(); ++i) {
        if (!states[i]) continue;
        const int64_t from = std::max(query.from.ns, states[i]->first_time.ns);
        const int64_t last = states[i]->last.time.ns;
        const int64_t to = std::min(query.to.ns, last == INT64_MAX ? last : last + 1);
        if (from >= to) continue;
        const Wide buckets =
            (static_cast<Wide>(to) - from) / query.every.ns / buckets_a_part;
        const auto count = static_cast<int64_t>(std::clamp<Wide>(buckets, 1, wanted));
        const auto step = static_cast<int64_t>((static_cast<Wide>(to) - from) / count);
        int64_t begin = from;
        for (int64_t k = 1; k <= count; ++k) {
            const int64_t end = k == count ? to : bucket_start_ns(query, from + k * step);
            if (end <= begin) continue;
            parts.push_back({i, begin, end});
            begin = end;
        }
    }
    return parts;
}

void append(Buckets& to, const Buckets& more) {
    to.times_ns.insert(to.times_ns.end(), more.times_ns.begin(), more.times_ns.end());
    for (size_t a = 0; a < to.values.size(); ++a)
        to.values[a].insert(to.values[a].end(), more.values[a].begin(), more.values[a].end());
}

}  // namespace

Result<std::vector<Buckets>> aggregate_rows(const Engine& engine, const AggregateQuery& query,
                                            WorkerPool& pool) {
    HW_TRY(check(query));
    const std::vector<Part> parts = make_parts(engine, query, pool.workers());
    std::vector<Buckets> done(parts.size());
    std::vector<Result<void>> results(parts.size());
    std::vector<std::unique_ptr<Aggregator>> aggregators(pool.workers());
    std::atomic<uint64_t> buckets = 0;
    pool.run(parts.size(), [&](size_t i, size_t worker) {
        if (buckets > query.buckets_limit) return;
        auto& aggregator = aggregators[worker];
        if (!aggregator) aggregator = std::make_unique<Aggregator>(engine, query);
        results[i] = aggregator->run(query.points[parts[i].point], parts[i].from_ns, parts[i].to_ns,
                                     done[i]);
        buckets += done[i].times_ns.size();
    });
    for (const Result<void>& result : results)
        HW_TRY(result);
    if (buckets > query.buckets_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the query yields more than {} buckets; widen them or shorten the "
                                "range",
                                query.buckets_limit));
    std::vector<Buckets> all(query.points.size());
    for (size_t i = 0; i < all.size(); ++i) {
        all[i].point = query.points[i];
        all[i].values.resize(query.aggregates.size());
    }
    for (size_t i = 0; i < parts.size(); ++i)
        append(all[parts[i].point], done[i]);
    if (query.from < query.to)
        for (Buckets& each : all)
            fill_buckets(query, bucket_start_ns(query, query.from.ns), each);
    return all;
}

}  // namespace hw::history
