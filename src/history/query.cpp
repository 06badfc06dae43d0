#include "history/query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/assert.h"

namespace hw::history {

namespace {

constexpr std::array<std::pair<std::string_view, Aggregate>, 16> aggregate_names = {{
    {"count", Aggregate::count},
    {"mean", Aggregate::mean},
    {"min", Aggregate::min},
    {"max", Aggregate::max},
    {"first", Aggregate::first},
    {"last", Aggregate::last},
    {"sum", Aggregate::sum},
    {"stddev", Aggregate::stddev},
    {"twa", Aggregate::twa},
    {"median", Aggregate::median},
    {"p05", Aggregate::p05},
    {"p25", Aggregate::p25},
    {"p75", Aggregate::p75},
    {"p90", Aggregate::p90},
    {"p95", Aggregate::p95},
    {"p99", Aggregate::p99},
}};

// All rows, or of too many as many of first and last as may be.
Series ends_or_all(std::span<const int64_t> times_ns, std::span<const double> values, size_t most) {
    const size_t rows = times_ns.size();
    Series kept;
    for (size_t row = 0; row < rows; ++row) {
        const bool end = (most > 0 && row == 0) || (most > 1 && row == rows - 1);
        if (rows > most && !end) continue;
        kept.times_ns.push_back(times_ns[row]);
        kept.values.push_back(values[row]);
    }
    return kept;
}

}  // namespace

Result<Aggregate> parse_aggregate(std::string_view text) {
    std::string names;
    for (const auto& [name, aggregate] : aggregate_names) {
        if (name == text) return aggregate;
        names += names.empty() ? "" : ", ";
        names += name;
    }
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(text) + "\" is no aggregate; there are " + names);
}

std::string_view to_string(Aggregate aggregate) {
    for (const auto& [name, known] : aggregate_names)
        if (known == aggregate) return name;
    HW_UNREACHABLE();
}

Result<Decimation> parse_decimation(std::string_view text) {
    if (text == "min_max") return Decimation::min_max;
    if (text == "lttb") return Decimation::lttb;
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(text) + "\" is no decimation; there are min_max and lttb");
}

Series min_max(std::span<const int64_t> times_ns, std::span<const double> values, size_t most) {
    HW_ASSERT(times_ns.size() == values.size());
    const size_t rows = times_ns.size();
    if (rows <= most || most < 4) return ends_or_all(times_ns, values, most);
    Series kept;
    const auto keep = [&](size_t row) {
        kept.times_ns.push_back(times_ns[row]);
        kept.values.push_back(values[row]);
    };
    const size_t shares = (most - 2) / 2;
    keep(0);
    for (size_t share = 0; share < shares; ++share) {
        const size_t from = 1 + share * (rows - 2) / shares;
        const size_t to = 1 + (share + 1) * (rows - 2) / shares;
        size_t least = to;
        size_t greatest = to;
        for (size_t row = from; row < to; ++row) {
            if (std::isnan(values[row])) continue;
            if (least == to || values[row] < values[least]) least = row;
            if (greatest == to || values[row] > values[greatest]) greatest = row;
        }
        if (least == to) continue;
        keep(std::min(least, greatest));
        if (least != greatest) keep(std::max(least, greatest));
    }
    keep(rows - 1);
    return kept;
}

Series lttb(std::span<const int64_t> times_ns, std::span<const double> values, size_t most) {
    HW_ASSERT(times_ns.size() == values.size());
    const size_t rows = times_ns.size();
    if (rows <= most || most < 3) return ends_or_all(times_ns, values, most);
    Series kept;
    const auto keep = [&](size_t row) {
        kept.times_ns.push_back(times_ns[row]);
        kept.values.push_back(values[row]);
    };
    // Times are taken relative to the first, so that doubles hold them.
    const auto time = [&](size_t row) { return static_cast<double>(times_ns[row] - times_ns[0]); };
    const double width = static_cast<double>(rows - 2) / static_cast<double>(most - 2);
    const auto edge = [&](size_t bucket) {
        return std::min(rows - 1, 1 + static_cast<size_t>(static_cast<double>(bucket) * width));
    };
    size_t left = 0;
    keep(0);
    for (size_t bucket = 0; bucket + 2 < most; ++bucket) {
        const size_t from = edge(bucket);
        const size_t to = std::max(from + 1, edge(bucket + 1));
        const size_t next = std::min(rows, std::max(to + 1, edge(bucket + 2)));
        double mean_time = 0;
        double mean_value = 0;
        for (size_t row = to; row < next; ++row) {
            mean_time += time(row);
            mean_value += values[row];
        }
        mean_time /= static_cast<double>(next - to);
        mean_value /= static_cast<double>(next - to);
        size_t best = from;
        double best_area = -1;
        for (size_t row = from; row < to; ++row) {
            const double area = std::abs((time(left) - mean_time) * (values[row] - values[left]) -
                                         (time(left) - time(row)) * (mean_value - values[left]));
            if (area > best_area) {
                best_area = area;
                best = row;
            }
        }
        keep(best);
        left = best;
    }
    keep(rows - 1);
    return kept;
}

}  // namespace hw::history
