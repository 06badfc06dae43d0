#include "api/history_query.h"

#include <algorithm>
#include <cmath>

#include "api/history_buckets.h"
#include "api/row_writer.h"
#include "api/thin_rows.h"

namespace hw::api {

namespace {

// Sends rows as they come: small answers whole, with their length; long ones in pieces.
class Output {
  public:
    Output(Exchange& exchange, Format format) : exchange_(exchange), format_(format) {
        text_.reserve(64 << 10);
    }

    std::string& text() { return text_; }

    // False: the client has gone.
    bool flush_if_large() {
        if (text_.size() < piece_bytes) return true;
        if (!stream_)
            stream_ = exchange_.responder->stream(
                {200, {{"content-type", std::string(content_type(format_))}}, ""});
        const bool there = stream_->write(std::move(text_));
        text_.clear();
        // The next piece grows to the same size; pages are touched once, nothing is copied.
        text_.reserve(piece_bytes + (64 << 10));
        return there;
    }
    void finish() {
        if (!stream_)
            return exchange_.respond(
                {200, {{"content-type", std::string(content_type(format_))}}, std::move(text_)});
        stream_->write(std::move(text_));
        stream_->finish();
    }
    // Before the first piece: a clean problem. After it the connection is cut, so that the client
    // cannot take half an answer for a whole one.
    void fail(const Error& error) {
        if (!stream_) return exchange_.fail(error);
        stream_.reset();
    }

  private:
    static constexpr size_t piece_bytes = 1 << 20;

    Exchange& exchange_;
    const Format format_;
    std::string text_;
    std::unique_ptr<io::HttpStream> stream_;
};

const std::vector<std::string> raw_columns = {"value", "quality"};

struct RawPage {
    uint64_t rows = 0;
    bool cut = false;  // there is more than the limit
    model::PointId last_point{};
    int64_t last_time_ns = 0;
    bool gone = false;
};

// One RawQuery into the writer, up to limit rows in all; with `thin` not all that are read.
Result<void> write_raw(const history::RawQuery& query, std::optional<Duration> thin,
                       const history::History& history, const model::PointDirectory& points,
                       RowWriter& writer, Output& output, uint64_t limit, RawPage& page) {
    std::optional<model::PointId> current;
    const auto give = [&](const model::SampleBatch& rows, size_t i) {
        if (page.rows == limit) {
            page.cut = true;
            return false;
        }
        const model::PointId point = rows.points()[i];
        if (!current || *current != point) writer.point(points.path(point));
        current = point;
        writer.sample(rows, i);
        ++page.rows;
        page.last_point = point;
        page.last_time_ns = rows.times_ns()[i];
        return true;
    };
    history::RawQuery limited = query;
    // One more than wanted tells whether there is a next page.
    limited.limit = limit == UINT64_MAX || thin ? UINT64_MAX : limit - page.rows + 1;
    std::optional<Thinner> thinner;
    if (thin) thinner.emplace(*thin, give);
    HW_TRY(history.raw(limited, [&](const model::SampleBatch& rows) {
        bool more = true;
        if (thinner) more = thinner->take(rows);
        for (size_t i = 0; !thinner && more && i < rows.size(); ++i)
            more = give(rows, i);
        page.gone = !output.flush_if_large();
        return more && !page.gone;
    }));
    if (thinner && !page.cut && !page.gone) thinner->finish();
    return {};
}

// As write_raw, but each point begins with the last sample before the range: what held when it
// began.
Result<void> write_with_before(const history::RawQuery& query, std::optional<Duration> thin,
                               const history::History& history, const model::PointDirectory& points,
                               RowWriter& writer, Output& output, uint64_t limit, RawPage& page) {
    for (const model::PointId point : query.points) {
        if (page.cut || page.gone) break;
        const history::RawQuery before{{point}, Time{INT64_MIN}, query.from, 1, true};
        history::RawQuery rest = query;
        rest.points = {point};
        model::SampleBatch first;
        HW_TRY(history.raw(before, [&](const model::SampleBatch& rows) {
            if (rows.size() > 0) first.add_row(rows, 0);
            return false;
        }));
        if (first.size() > 0 && page.rows == limit) {
            page.cut = true;
            break;
        }
        if (first.size() > 0) {
            writer.point(points.path(point));
            writer.sample(first, 0);
            ++page.rows;
            page.last_point = point;
            page.last_time_ns = first.times_ns()[0];
        }
        HW_TRY(write_raw(rest, thin, history, points, writer, output, limit, page));
    }
    return {};
}

Result<std::string> raw_rows(const HistoryRequest& request, const history::History& history,
                             const model::PointDirectory& points, Output& output) {
    RowWriter writer(request.format, raw_columns, output.text());
    writer.begin();
    const uint64_t limit = request.limit.value_or(UINT64_MAX);
    RawPage page;
    history::RawQuery query{request.points, request.from, request.to, limit, request.newest_first};
    if (request.resume_point) {
        const auto at = std::find(query.points.begin(), query.points.end(), *request.resume_point);
        history::RawQuery rest = query;
        rest.points = {*request.resume_point};
        if (request.newest_first) {
            rest.to = std::min(rest.to, request.resume_time);
        } else {
            rest.from = std::max(rest.from, request.resume_time + nanoseconds(1));
        }
        query.points.erase(query.points.begin(), at == query.points.end() ? at : std::next(at));
        if (rest.from < rest.to)
            HW_TRY(write_raw(rest, request.thin, history, points, writer, output, limit, page));
    }
    if (request.before) {
        HW_TRY(
            write_with_before(query, request.thin, history, points, writer, output, limit, page));
    } else if (!page.cut && !page.gone && !query.points.empty()) {
        HW_TRY(write_raw(query, request.thin, history, points, writer, output, limit, page));
    }
    std::string next;
    if (page.cut) next = row_cursor(page.last_time_ns, points.path(page.last_point));
    writer.end(next);
    return next;
}

Result<void> bucket_rows(const HistoryRequest& request, const history::History& history,
                         const model::PointDirectory& points, Output& output) {
    std::vector<std::string> columns;
    for (const auto aggregate : request.aggregates)
        columns.emplace_back(history::to_string(aggregate));
    RowWriter writer(request.format, columns, output.text());
    writer.begin();
    bool there = true;
    const auto next = HW_TRY(write_buckets(request, history, points, writer,
                                           [&] { return there = output.flush_if_large(); }));
    if (there) writer.end(next);
    return {};
}

// Rows of one point if there are at most `most`, else nothing.
Result<std::optional<model::SampleBatch>> few_rows(const HistoryRequest& request,
                                                   model::PointId point,
                                                   const history::History& history, uint64_t most) {
    model::SampleBatch kept;
    const history::RawQuery query{{point}, request.from, request.to, most + 1, false};
    HW_TRY(history.raw(query, [&](const model::SampleBatch& rows) {
        for (size_t i = 0; i < rows.size(); ++i)
            kept.add_row(rows, i);
        return true;
    }));
    if (kept.size() > most) return std::optional<model::SampleBatch>();
    return std::optional<model::SampleBatch>(std::move(kept));
}

// The least and the greatest value of each of most/2 equal slices, at the slice's start and middle:
// the outline of the curve is kept, and summaries answer for whole chunks.
Result<history::Series> min_max_rows(const HistoryRequest& request, model::PointId point,
                                     const history::History& history) {
    history::AggregateQuery query;
    query.points = {point};
    query.from = request.from;
    query.to = request.to;
    const int64_t slices = static_cast<int64_t>(*request.max_points / 2);
    query.every = {((request.to - request.from).ns + slices - 1) / slices};
    query.origin = request.from;
    query.aggregates = {history::Aggregate::min, history::Aggregate::max};
    query.good_only = request.good_only;
    const auto buckets = HW_TRY(history.aggregate(query));
    history::Series series;
    for (const auto& one : buckets) {
        for (size_t i = 0; i < one.times_ns.size(); ++i) {
            if (std::isnan(one.values[0][i])) continue;
            series.times_ns.push_back(one.times_ns[i]);
            series.values.push_back(one.values[0][i]);
            if (one.values[0][i] == one.values[1][i]) continue;
            series.times_ns.push_back(one.times_ns[i] + query.every.ns / 2);
            series.values.push_back(one.values[1][i]);
        }
    }
    return series;
}

Result<history::Series> lttb_rows(const HistoryRequest& request, model::PointId point,
                                  const history::History& history) {
    std::vector<int64_t> times;
    std::vector<double> values;
    const history::RawQuery query{{point}, request.from, request.to, UINT64_MAX, false};
    HW_TRY(history.raw(query, [&](const model::SampleBatch& rows) {
        for (size_t i = 0; i < rows.size(); ++i) {
            const auto type = rows.types()[i];
            if (type >= model::ValueType::text ||
                model::family(rows.qualities()[i]) == model::QualityFamily::bad)
                continue;
            times.push_back(rows.times_ns()[i]);
            values.push_back(type == model::ValueType::float64
                                 ? std::bit_cast<double>(rows.values()[i])
                                 : static_cast<double>(static_cast<int64_t>(rows.values()[i])));
        }
        return true;
    }));
    return history::lttb(times, values, *request.max_points);
}

Result<void> decimated_rows(const HistoryRequest& request, const history::History& history,
                            const model::PointDirectory& points, Output& output) {
    RowWriter writer(request.format, raw_columns, output.text());
    writer.begin();
    model::SampleBatch row;
    for (const auto point : request.points) {
        writer.point(points.path(point));
        if (auto few = HW_TRY(few_rows(request, point, history, *request.max_points))) {
            for (size_t i = 0; i < few->size(); ++i)
                writer.sample(*few, i);
        } else {
            const auto series = request.decimation == history::Decimation::lttb
                                    ? HW_TRY(lttb_rows(request, point, history))
                                    : HW_TRY(min_max_rows(request, point, history));
            for (size_t i = 0; i < series.times_ns.size(); ++i) {
                row.clear();
                row.add_double(point, Time{series.times_ns[i]}, series.values[i]);
                writer.sample(row, 0);
            }
        }
        if (!output.flush_if_large()) return {};
    }
    writer.end("");
    return {};
}

}  // namespace

void answer_history(Exchange& exchange, const HistoryRequest& request,
                    const history::History& history, const model::PointDirectory& points) {
    Output output(exchange, request.format);
    Result<void> done;
    if (request.every) {
        done = bucket_rows(request, history, points, output);
    } else if (request.max_points) {
        done = decimated_rows(request, history, points, output);
    } else if (auto next = raw_rows(request, history, points, output); !next) {
        done = hw::fail(next.error());
    }
    if (!done) return output.fail(done.error());
    output.finish();
}

}  // namespace hw::api
