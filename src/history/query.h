#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/sample_batch.h"

namespace hw::history {

// Samples of some points in [from, to), each point's in time order, point after point in the order
// given. At most `limit` rows in all; `after` resumes behind a row already given.
struct RawQuery {
    std::vector<model::PointId> points;
    Time from;
    Time to;
    uint64_t limit = UINT64_MAX;
    bool newest_first = false;
};

// Rows in batches of up to 4,096, valid during the call; returning false stops the query.
using RawSink = std::function<bool(const model::SampleBatch& rows)>;

enum class Aggregate : uint8_t {
    count,
    mean,
    min,
    max,
    first,
    last,
    sum,
    stddev,
    twa,
    median,
    p05,
    p25,
    p75,
    p90,
    p95,
    p99
};
Result<Aggregate> parse_aggregate(std::string_view text);
std::string_view to_string(Aggregate aggregate);

enum class Fill : uint8_t { none, previous, linear, null };

// Which samples enter the figures: bad quality never does; uncertain does unless told otherwise.
// bool counts as 0 and 1; text and bytes enter count, first and last only.
struct AggregateQuery {
    std::vector<model::PointId> points;
    Time from;
    Time to;
    Duration every;  // bucket width, > 0
    Time origin{0};  // bucket edges are at origin + k * every
    std::vector<Aggregate> aggregates;
    Fill fill = Fill::none;
    bool good_only = false;
    uint64_t buckets_limit = 1'000'000;  // per query; more is limit_exceeded
};

// One point's buckets, as columns: values[a][i] is aggregate a of the bucket at times_ns[i].
// NaN stands for "nothing there" (count is 0 then).
struct Buckets {
    model::PointId point;
    std::vector<int64_t> times_ns;  // start of each bucket
    std::vector<std::vector<double>> values;
};

// A shape-keeping decimation of rows to at most `most` per point.
enum class Decimation : uint8_t { min_max, lttb };
Result<Decimation> parse_decimation(std::string_view text);

struct Series {
    std::vector<int64_t> times_ns;
    std::vector<double> values;
};
// The first and last row, and of each of equal shares of the rows between the least and the
// greatest, in their order: no peak is lost. NaN rows are never kept in between.
Series min_max(std::span<const int64_t> times_ns, std::span<const double> values, size_t most);
// Largest-Triangle-Three-Buckets (Steinarsson 2013). Keeps the first and last row.
Series lttb(std::span<const int64_t> times_ns, std::span<const double> values, size_t most);

}  // namespace hw::history
