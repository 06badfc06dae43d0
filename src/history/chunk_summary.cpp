#include "history/chunk_summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/assert.h"
#include "history/chunk_values.h"
#include "history/codec_simd.h"

namespace hw::history {

using model::Quality;
using model::QualityFamily;
using model::ValueType;

namespace {

constexpr double seconds_per_ns = 1e-9;
constexpr size_t lanes = 8;

// Sum, minimum and maximum of values without NaN, in lanes, so that the loop may use vectors.
struct Extent {
    double sum = 0;
    double min = 0;
    double max = 0;
};

HEADWORKS_CLONES Extent extent(const double* values, size_t count) {
    std::array<double, lanes> sum{};
    std::array<double, lanes> min;
    std::array<double, lanes> max;
    min.fill(values[0]);
    max.fill(values[0]);
    size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (size_t lane = 0; lane < lanes; ++lane) {
            const double value = values[i + lane];
            sum[lane] += value;
            min[lane] = value < min[lane] ? value : min[lane];
            max[lane] = value > max[lane] ? value : max[lane];
        }
    }
    for (; i < count; ++i) {
        sum[0] += values[i];
        min[0] = std::min(min[0], values[i]);
        max[0] = std::max(max[0], values[i]);
    }
    Extent all{0, min[0], max[0]};
    for (size_t lane = 0; lane < lanes; ++lane) {
        all.sum += sum[lane];
        all.min = std::min(all.min, min[lane]);
        all.max = std::max(all.max, max[lane]);
    }
    return all;
}

HEADWORKS_CLONES double squares(const double* values, size_t count, double mean) {
    std::array<double, lanes> sum{};
    size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (size_t lane = 0; lane < lanes; ++lane) {
            const double distance = values[i + lane] - mean;
            sum[lane] += distance * distance;
        }
    }
    for (; i < count; ++i)
        sum[0] += (values[i] - mean) * (values[i] - mean);
    double all = 0;
    for (const double lane : sum)
        all += lane;
    return all;
}

// Times may lie further apart than int64 reaches.
inline double apart_ns(int64_t from, int64_t to) {
    return static_cast<double>(static_cast<uint64_t>(to) - static_cast<uint64_t>(from));
}

HEADWORKS_CLONES double held(const int64_t* times, const double* values, size_t count) {
    std::array<double, lanes> sum{};
    size_t i = 0;
    for (; i + lanes < count; i += lanes) {
        for (size_t lane = 0; lane < lanes; ++lane) {
            const size_t at = i + lane;
            sum[lane] += values[at] * apart_ns(times[at], times[at + 1]);
        }
    }
    for (; i + 1 < count; ++i)
        sum[0] += values[i] * apart_ns(times[i], times[i + 1]);
    double all = 0;
    for (const double lane : sum)
        all += lane;
    return all * seconds_per_ns;
}

double span_seconds(int64_t from_ns, int64_t to_ns) {
    return apart_ns(from_ns, to_ns) * seconds_per_ns;
}

HEADWORKS_CLONES size_t nans(const double* values, size_t count) {
    size_t found = 0;
    for (size_t i = 0; i < count; ++i)
        found += values[i] != values[i] ? 1 : 0;
    return found;
}

// All but the integral and the times; the values hold no NaN.
void fold_values(std::span<const double> values, ChunkSummary& summary) {
    summary.value_count = values.size();
    const Extent all = extent(values.data(), values.size());
    summary.sum = all.sum;
    summary.min = all.min;
    summary.max = all.max;
    summary.first = values.front();
    summary.last = values.back();
    summary.m2 = all.min == all.max ? 0 : squares(values.data(), values.size(), summary.mean());
}

void count_qualities(const ColumnsView& rows, ChunkSummary& summary) {
    for (const Quality quality : rows.qualities) {
        const QualityFamily of = family(quality);
        summary.count_uncertain += of == QualityFamily::uncertain ? 1 : 0;
        summary.count_bad += of == QualityFamily::bad ? 1 : 0;
    }
}

std::optional<ValueType> one_type(const ColumnsView& rows) {
    if (rows.size() == 0) return std::nullopt;
    const ValueType first = rows.type_at(0);
    for (const ValueType type : rows.types)
        if (type != first) return std::nullopt;
    return first;
}

}  // namespace

void merge(ChunkSummary& into, const ChunkSummary& later) {
    if (later.count == 0) return;
    if (into.count == 0) {
        into = later;
        return;
    }
    HW_ASSERT(into.last_time_ns < later.first_time_ns);
    into.count += later.count;
    into.count_uncertain += later.count_uncertain;
    into.count_bad += later.count_bad;
    into.last_time_ns = later.last_time_ns;
    if (into.type != later.type) into.type.reset();
    if (later.value_count == 0) return;
    if (into.value_count == 0) {
        into.first_value_time_ns = later.first_value_time_ns;
        into.first = later.first;
        into.min = later.min;
        into.max = later.max;
        into.m2 = later.m2;
        into.integral = later.integral;
    } else {
        const auto a = static_cast<double>(into.value_count);
        const auto b = static_cast<double>(later.value_count);
        const double apart = later.mean() - into.mean();
        into.m2 += later.m2 + apart * apart * a * b / (a + b);
        into.integral +=
            into.last * span_seconds(into.last_value_time_ns, later.first_value_time_ns) +
            later.integral;
        into.min = std::min(into.min, later.min);
        into.max = std::max(into.max, later.max);
    }
    into.value_count += later.value_count;
    into.sum += later.sum;
    into.last = later.last;
    into.last_value_time_ns = later.last_value_time_ns;
}

ChunkSummary summarise(const ColumnsView& rows, bool good_only) {
    std::vector<int64_t> times_ns;
    std::vector<double> values;
    keep_values(rows, good_only, times_ns, values);
    ChunkSummary summary = summarise(times_ns, values);
    summary.count = rows.size();
    summary.type = one_type(rows);
    count_qualities(rows, summary);
    if (rows.size() > 0) {
        summary.first_time_ns = rows.times_ns.front();
        summary.last_time_ns = rows.times_ns.back();
    }
    return summary;
}

ChunkSummary summarise(std::span<const int64_t> times_ns, std::span<const double> values) {
    HW_ASSERT(times_ns.size() == values.size());
    ChunkSummary summary;
    if (values.empty()) return summary;
    if (nans(values.data(), values.size()) > 0) {
        std::vector<uint64_t> bits(values.size());
        std::memcpy(bits.data(), values.data(), values.size_bytes());
        return summarise(ColumnsView{times_ns, bits, {}, {}, ValueType::float64, {}});
    }
    summary.count = values.size();
    summary.type = ValueType::float64;
    summary.first_time_ns = summary.first_value_time_ns = times_ns.front();
    summary.last_time_ns = summary.last_value_time_ns = times_ns.back();
    fold_values(values, summary);
    summary.integral = held(times_ns.data(), values.data(), values.size());
    return summary;
}

ChunkSummary summarise(int64_t first_time_ns, int64_t step_ns, std::span<const double> values) {
    ChunkSummary summary;
    if (values.empty()) return summary;
    const size_t last = values.size() - 1;
    if (nans(values.data(), values.size()) > 0) {
        std::vector<int64_t> times(values.size());
        for (size_t i = 0; i < times.size(); ++i)
            times[i] = first_time_ns + static_cast<int64_t>(i) * step_ns;
        return summarise(times, values);
    }
    summary.count = values.size();
    summary.type = ValueType::float64;
    summary.first_time_ns = summary.first_value_time_ns = first_time_ns;
    summary.last_time_ns = summary.last_value_time_ns =
        first_time_ns + static_cast<int64_t>(last) * step_ns;
    fold_values(values, summary);
    const bool finite = std::isfinite(summary.sum);
    const double before_last = last == 0 ? 0
                               : finite  ? summary.sum - values[last]
                                         : extent(values.data(), last).sum;
    summary.integral = before_last * static_cast<double>(step_ns) * seconds_per_ns;
    return summary;
}

}  // namespace hw::history
