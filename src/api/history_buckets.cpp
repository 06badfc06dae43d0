#include "api/history_buckets.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace hw::api {

namespace {

using history::Aggregate;

// The first and the last text of each bucket of a point, by the bucket's begin.
class BucketTexts {
  public:
    BucketTexts(const HistoryRequest& request, const history::AggregateQuery& query)
        : good_only_(request.good_only), fill_(request.fill), query_(query) {}

    Result<void> read(const history::History& history, model::PointId point) {
        const history::RawQuery all{{point}, query_.from, query_.to, UINT64_MAX, false};
        return history.raw(all, [&](const model::SampleBatch& rows) {
            for (size_t i = 0; i < rows.size(); ++i)
                take(rows, i);
            return true;
        });
    }
    const model::SampleBatch& rows() const { return rows_; }
    // The row in rows() of a bucket's figure.
    std::optional<size_t> find(Aggregate aggregate, int64_t begin_ns) const {
        auto at = buckets_.upper_bound(begin_ns);
        if (at == buckets_.begin()) return std::nullopt;
        --at;
        if (at->first == begin_ns)
            return aggregate == Aggregate::first ? at->second.first : at->second.last;
        // An empty bucket: what was before it holds.
        if (fill_ != history::Fill::previous) return std::nullopt;
        return at->second.last;
    }

  private:
    struct Bucket {
        size_t first;
        size_t last;
    };
    void take(const model::SampleBatch& rows, size_t i) {
        const auto family = model::family(rows.qualities()[i]);
        if (family == model::QualityFamily::bad ||
            (good_only_ && family != model::QualityFamily::good))
            return;
        const int64_t offset = rows.times_ns()[i] - query_.origin.ns;
        int64_t number = offset / query_.every.ns;
        if (offset < number * query_.every.ns) --number;
        const auto [at, is_new] =
            buckets_.try_emplace(query_.origin.ns + number * query_.every.ns, Bucket{});
        at->second.last = rows_.size();
        if (is_new) at->second.first = rows_.size();
        rows_.add_row(rows, i);
    }

    const bool good_only_;
    const history::Fill fill_;
    const history::AggregateQuery& query_;
    std::map<int64_t, Bucket> buckets_;
    model::SampleBatch rows_;
};

history::AggregateQuery query_of(const HistoryRequest& request) {
    history::AggregateQuery query;
    query.points = request.points;
    // The pages before are those of the points before.
    if (request.resume_point)
        query.points.erase(query.points.begin(), std::find(query.points.begin(), query.points.end(),
                                                           *request.resume_point));
    query.from = request.from;
    query.to = request.to;
    query.every = *request.every;
    // One bucket over the whole range begins where the range does.
    if (query.every == request.to - request.from) query.origin = request.from;
    query.aggregates = request.aggregates;
    query.fill = request.fill;
    query.good_only = request.good_only;
    return query;
}

bool has_texts(const history::History& history, model::PointId point) {
    const auto state = history.point_state(point);
    return state && state->type >= model::ValueType::text;
}

// Writes the rows of one point after another, up to the limit.
class BucketPage {
  public:
    BucketPage(const HistoryRequest& request, const history::AggregateQuery& query,
               const history::History& history, const model::PointDirectory& points,
               RowWriter& writer)
        : request_(request), query_(query), history_(history), points_(points), writer_(writer) {
        for (size_t c = 0; c < request.aggregates.size(); ++c)
            if (request.aggregates[c] == Aggregate::first ||
                request.aggregates[c] == Aggregate::last)
                text_columns_.push_back(c);
    }

    // False: the page is full.
    Result<bool> write(const history::Buckets& buckets) {
        BucketTexts texts(request_, query_);
        if (!text_columns_.empty() && has_texts(history_, buckets.point))
            HW_TRY(texts.read(history_, buckets.point));
        const std::string_view path = points_.path(buckets.point);
        writer_.point(path);
        const size_t count = buckets.times_ns.size();
        for (size_t k = 0; k < count; ++k) {
            const size_t i = request_.newest_first ? count - 1 - k : k;
            const int64_t time = buckets.times_ns[i];
            if (seen(buckets.point, time)) continue;
            if (request_.limit && rows_ == *request_.limit) return false;
            row(buckets, i, texts);
            ++rows_;
            last_ = row_cursor(time, path);
        }
        return true;
    }
    const std::string& last() const { return last_; }

  private:
    bool seen(model::PointId point, int64_t time_ns) const {
        if (point != request_.resume_point) return false;
        return request_.newest_first ? time_ns >= request_.resume_time.ns
                                     : time_ns <= request_.resume_time.ns;
    }
    void row(const history::Buckets& buckets, size_t i, const BucketTexts& texts) {
        figures_.clear();
        for (const auto& column : buckets.values)
            figures_.push_back(column[i]);
        text_figures_.clear();
        if (texts.rows().size() > 0)
            for (const size_t c : text_columns_)
                if (const auto at = texts.find(request_.aggregates[c], buckets.times_ns[i]))
                    text_figures_.push_back({c, &texts.rows(), *at});
        writer_.figures(buckets.times_ns[i], figures_, text_figures_);
    }

    const HistoryRequest& request_;
    const history::AggregateQuery& query_;
    const history::History& history_;
    const model::PointDirectory& points_;
    RowWriter& writer_;
    std::vector<size_t> text_columns_;
    std::vector<double> figures_;
    std::vector<RowWriter::RowFigure> text_figures_;
    uint64_t rows_ = 0;
    std::string last_;
};

}  // namespace

std::string row_cursor(int64_t time_ns, std::string_view path) {
    return encode_cursor(fmt::format("{} {}", time_ns, path));
}

Result<std::string> write_buckets(const HistoryRequest& request, const history::History& history,
                                  const model::PointDirectory& points, RowWriter& writer,
                                  const std::function<bool()>& flush) {
    const auto query = query_of(request);
    const auto all = HW_TRY(history.aggregate(query));
    BucketPage page(request, query, history, points, writer);
    for (const auto& buckets : all) {
        if (!HW_TRY(page.write(buckets))) return page.last();
        if (!flush()) break;
    }
    return std::string();
}

}  // namespace hw::api
