#include "scenario/history_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hw::scenario {

Result<std::vector<std::vector<double>>> StoredColumns::columns(
    std::span<const WantedColumn> wanted, Time from, Time to, Duration step) const {
    if (step.ns <= 0 || to <= from)
        return fail(ErrorCode::invalid_argument, "the history's range is empty");
    const auto rows = static_cast<size_t>((to - from).ns / step.ns);
    if (rows > rows_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the history from {} to {} has {} steps of {}, at most {} are "
                                "read; take a shorter range or longer steps",
                                format_rfc3339(from), format_rfc3339(to), rows,
                                format_duration(step), rows_limit));
    std::vector<std::vector<double>> out(
        wanted.size(), std::vector<double>(rows, std::numeric_limits<double>::quiet_NaN()));
    HW_TRY(read_numbers(wanted, from, to, step, out));
    for (size_t i = 0; i < wanted.size(); ++i)
        if (!wanted[i].words.empty()) HW_TRY(read_words(wanted[i], from, step, out[i]));
    return out;
}

Result<void> StoredColumns::read_numbers(std::span<const WantedColumn> wanted, Time from, Time to,
                                         Duration step,
                                         std::vector<std::vector<double>>& out) const {
    // Some points at a time: the limit of buckets holds for a query.
    constexpr size_t at_once = 16;
    std::vector<size_t> places;
    history::AggregateQuery query;
    // Buckets hold their begin, rows their end: a nanosecond makes the one the other.
    const Duration hair{1};
    query.from = from + hair;
    query.to = to + hair;
    query.every = step;
    query.origin = query.from;
    query.aggregates = {history::Aggregate::mean};
    const auto ask = [&]() -> Result<void> {
        if (places.empty()) return {};
        query.buckets_limit = places.size() * (out.front().size() + 2);
        const auto found = HW_TRY(history_.aggregate(query));
        for (size_t i = 0; i < found.size() && i < places.size(); ++i)
            for (size_t b = 0; b < found[i].times_ns.size(); ++b) {
                const auto row = (found[i].times_ns[b] - query.from.ns) / step.ns;
                if (row >= 0 && static_cast<size_t>(row) < out[places[i]].size())
                    out[places[i]][static_cast<size_t>(row)] = found[i].values.front()[b];
            }
        places.clear();
        query.points.clear();
        return {};
    };
    for (size_t i = 0; i < wanted.size(); ++i) {
        if (!wanted[i].words.empty()) continue;
        const auto id = points_.find(wanted[i].point);
        if (!id) continue;
        query.points.push_back(*id);
        places.push_back(i);
        if (places.size() == at_once) HW_TRY(ask());
    }
    return ask();
}

Result<void> StoredColumns::read_words(const WantedColumn& wanted, Time from, Duration step,
                                       std::vector<double>& out) const {
    const auto id = points_.find(wanted.point);
    if (!id) return {};
    history::RawQuery query;
    query.points = {*id};
    query.from = from + Duration{1};
    query.to = from + Duration{step.ns * static_cast<int64_t>(out.size()) + 1};
    return history_.raw(query, [&](const model::SampleBatch& batch) {
        for (size_t i = 0; i < batch.size(); ++i) {
            const auto row =
                static_cast<size_t>((batch.times_ns()[i] - from.ns + step.ns - 1) / step.ns) - 1;
            if (row >= out.size() ||
                model::family(batch.qualities()[i]) == model::QualityFamily::bad)
                continue;
            const auto type = batch.types()[i];
            if (type == model::ValueType::text) {
                const auto word =
                    std::find(wanted.words.begin(), wanted.words.end(), batch.text(i));
                if (word != wanted.words.end())
                    out[row] = static_cast<double>(word - wanted.words.begin());
            } else if (type == model::ValueType::int64) {
                out[row] = static_cast<double>(static_cast<int64_t>(batch.values()[i]));
            }
        }
        return true;
    });
}

}  // namespace hw::scenario
