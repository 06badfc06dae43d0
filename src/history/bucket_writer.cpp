#include "history/bucket_writer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace hw::history {

namespace {

// Bucket numbers times widths may leave 64 bits.
__extension__ using Wide = __int128;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

int64_t floor_divide(Wide a, int64_t b) {
    const auto quotient = static_cast<int64_t>(a / b);
    return a % b < 0 ? quotient - 1 : quotient;
}

double share_of(Aggregate aggregate) {
    switch (aggregate) {
        case Aggregate::p05:
            return 0.05;
        case Aggregate::p25:
            return 0.25;
        case Aggregate::median:
            return 0.5;
        case Aggregate::p75:
            return 0.75;
        case Aggregate::p90:
            return 0.9;
        case Aggregate::p95:
            return 0.95;
        case Aggregate::p99:
            return 0.99;
        default:
            return -1;
    }
}

double seconds_of(int64_t ns) {
    return static_cast<double>(ns) * 1e-9;
}

}  // namespace

bool is_percentile(Aggregate aggregate) {
    return share_of(aggregate) >= 0;
}

int64_t bucket_start_ns(const AggregateQuery& query, int64_t time_ns) {
    const int64_t number =
        floor_divide(static_cast<Wide>(time_ns) - query.origin.ns, query.every.ns);
    return static_cast<int64_t>(static_cast<Wide>(number) * query.every.ns + query.origin.ns);
}

BucketWriter::BucketWriter(const AggregateQuery& query, Buckets& out) : query_(query), out_(out) {
    out_.values.resize(query.aggregates.size());
    needs_values_ = std::any_of(query.aggregates.begin(), query.aggregates.end(), is_percentile);
}

int64_t BucketWriter::number_of(int64_t time_ns) const {
    return floor_divide(static_cast<Wide>(time_ns) - query_.origin.ns, query_.every.ns);
}

int64_t BucketWriter::start_of(int64_t number) const {
    const Wide start = static_cast<Wide>(number) * query_.every.ns + query_.origin.ns;
    return static_cast<int64_t>(std::clamp<Wide>(start, INT64_MIN, INT64_MAX));
}

void BucketWriter::enter(int64_t number) {
    if (open_ && number == number_) return;
    HW_ASSERT(!open_ || number > number_);
    finish();
    number_ = number;
    open_ = true;
}

void BucketWriter::finish() {
    if (!open_) return;
    out_.times_ns.push_back(start_of(number_));
    for (size_t i = 0; i < query_.aggregates.size(); ++i)
        out_.values[i].push_back(value_of(query_.aggregates[i]));
    if (sum_.value_count > 0) held_ = sum_.last;
    sum_ = {};
    values_.clear();
    open_ = false;
}

void BucketWriter::add(const ChunkSummary& summary) {
    enter(number_of(summary.first_time_ns));
    merge(sum_, summary);
}

void BucketWriter::add(const ColumnsView& rows) {
    for (size_t from = 0; from < rows.size();) {
        const int64_t number = number_of(rows.times_ns[from]);
        const int64_t end = start_of(number + 1);
        const auto to = static_cast<size_t>(
            std::lower_bound(rows.times_ns.begin() + static_cast<ptrdiff_t>(from),
                             rows.times_ns.end(), end) -
            rows.times_ns.begin());
        const ColumnsView part = rows.rows(from, std::max(to, from + 1));
        enter(number);
        merge(sum_, summarise(part, query_.good_only));
        for (size_t i = 0; needs_values_ && i < part.size(); ++i) {
            const auto quality = model::family(part.quality_at(i));
            if (quality == model::QualityFamily::bad) continue;
            if (query_.good_only && quality != model::QualityFamily::good) continue;
            const model::ValueType type = part.type_at(i);
            if (type >= model::ValueType::text) continue;
            const double value = type == model::ValueType::float64
                                     ? std::bit_cast<double>(part.values[i])
                                     : static_cast<double>(static_cast<int64_t>(part.values[i]));
            if (!std::isnan(value)) values_.push_back(value);
        }
        from += part.size();
    }
}

void BucketWriter::add(const NumericRows& rows, int64_t from_ns, int64_t to_ns) {
    size_t from = rows.row_at(from_ns);
    const size_t all = rows.row_at(to_ns);
    while (from < all) {
        const int64_t number = number_of(rows.time_ns(from));
        const size_t to = std::clamp(rows.row_at(start_of(number + 1)), from + 1, all);
        enter(number);
        const std::span values(rows.values.data() + from, to - from);
        if (rows.regular()) {
            merge(sum_, summarise(rows.time_ns(from), rows.step_ns, values));
        } else {
            merge(sum_, summarise(std::span(rows.times_ns.data() + from, to - from), values));
        }
        if (needs_values_) values_.insert(values_.end(), values.begin(), values.end());
        from = to;
    }
}

double BucketWriter::value_of(Aggregate aggregate) {
    const auto count = static_cast<double>(sum_.count - sum_.count_bad -
                                           (query_.good_only ? sum_.count_uncertain : 0));
    if (aggregate == Aggregate::count) return count;
    if (aggregate == Aggregate::twa) return time_weighted();
    if (sum_.value_count == 0) return nothing;
    switch (aggregate) {
        case Aggregate::mean:
            return sum_.mean();
        case Aggregate::min:
            return sum_.min;
        case Aggregate::max:
            return sum_.max;
        case Aggregate::first:
            return sum_.first;
        case Aggregate::last:
            return sum_.last;
        case Aggregate::sum:
            return sum_.sum;
        case Aggregate::stddev:
            return std::sqrt(sum_.m2 / static_cast<double>(sum_.value_count));
        default:
            return percentile(share_of(aggregate));
    }
}

// Each value holds until the next; the one before the bucket holds from its start.
double BucketWriter::time_weighted() const {
    const int64_t start = std::max(start_of(number_), query_.from.ns);
    const int64_t end = std::min(start_of(number_ + 1), query_.to.ns);
    if (sum_.value_count == 0) return held_.value_or(nothing);
    double weighted = sum_.integral + sum_.last * seconds_of(end - sum_.last_value_time_ns);
    int64_t from = sum_.first_value_time_ns;
    if (held_) {
        weighted += *held_ * seconds_of(from - start);
        from = start;
    }
    return end > from ? weighted / seconds_of(end - from) : sum_.last;
}

// Linear between the two nearest ranks (type 7 of Hyndman and Fan).
double BucketWriter::percentile(double share) {
    if (values_.empty()) return nothing;
    const double rank = share * static_cast<double>(values_.size() - 1);
    const auto low = static_cast<ptrdiff_t>(rank);
    std::nth_element(values_.begin(), values_.begin() + low, values_.end());
    const double below = values_[static_cast<size_t>(low)];
    const double part = rank - static_cast<double>(low);
    if (part == 0) return below;
    const double above = *std::min_element(values_.begin() + low + 1, values_.end());
    return below + (above - below) * part;
}

void fill_buckets(const AggregateQuery& query, int64_t first_start_ns, Buckets& buckets) {
    if (query.fill == Fill::none) return;
    const Buckets had =
        std::exchange(buckets, {.point = buckets.point, .times_ns = {}, .values = {}});
    buckets.values.resize(query.aggregates.size());
    size_t at = 0;  // the first of `had` not yet passed
    const auto filled = [&](size_t a, int64_t start) {
        if (query.aggregates[a] == Aggregate::count) return 0.0;
        if (query.fill == Fill::null || at == 0) return nothing;
        const double before = had.values[a][at - 1];
        if (query.fill == Fill::previous) return before;
        if (at == had.times_ns.size()) return nothing;
        const double span = seconds_of(had.times_ns[at] - had.times_ns[at - 1]);
        const double share = seconds_of(start - had.times_ns[at - 1]) / span;
        return before + (had.values[a][at] - before) * share;
    };
    for (int64_t start = first_start_ns; start < query.to.ns; start += query.every.ns) {
        const bool there = at < had.times_ns.size() && had.times_ns[at] == start;
        buckets.times_ns.push_back(start);
        for (size_t a = 0; a < buckets.values.size(); ++a)
            buckets.values[a].push_back(there ? had.values[a][at] : filled(a, start));
        if (there) ++at;
        if (start > INT64_MAX - query.every.ns) break;
    }
}

}  // namespace hw::history
