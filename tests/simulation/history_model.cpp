#include "simulation/history_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "history/query_aggregate.h"
#include "history/query_raw.h"
#include "history/worker_pool.h"

namespace hw::simulation {

namespace {

using history::Aggregate;
using model::Sample;

std::string describe(const Sample& sample) {
    std::string value = std::visit(
        [](const auto& v) -> std::string {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, model::Bytes>)
                return "bytes";
            else
                return fmt::format("{}", v);
        },
        sample.value);
    return fmt::format("{} at {} ({})", value, format_rfc3339(sample.time),
                       model::to_string(sample.quality));
}

struct Figures {
    double count = 0;
    double least = std::numeric_limits<double>::infinity();
    double greatest = -std::numeric_limits<double>::infinity();
    double sum = 0;
    bool numeric = false;

    void take(const Sample& sample) {
        if (model::family(sample.quality) == model::QualityFamily::bad) return;
        count += 1;
        double number = 0;
        if (const auto* whole = std::get_if<int64_t>(&sample.value))
            number = static_cast<double>(*whole);
        else if (const auto* real = std::get_if<double>(&sample.value))
            number = *real;
        else if (const auto* yes = std::get_if<bool>(&sample.value))
            number = *yes ? 1 : 0;
        else
            return;
        numeric = true;
        least = std::min(least, number);
        greatest = std::max(greatest, number);
        sum += number;
    }
};

std::optional<std::string> compare(const std::map<int64_t, Figures>& expected,
                                   const history::Buckets& found) {
    size_t buckets = 0;
    for (size_t i = 0; i < found.times_ns.size(); ++i) {
        const double count = found.values[0][i];
        if (!(count > 0)) continue;
        ++buckets;
        const auto bucket = expected.find(found.times_ns[i]);
        if (bucket == expected.end())
            return fmt::format("a bucket at {} of {} samples that nobody sent", found.times_ns[i],
                               count);
        const Figures& right = bucket->second;
        const bool same = !right.numeric ||
                          (found.values[1][i] == right.least &&
                           found.values[2][i] == right.greatest && found.values[3][i] == right.sum);
        if (count != right.count || !same)
            return fmt::format(
                "the bucket at {} has count {}, min {}, max {}, sum {}, not {}, {}, {}, {}",
                found.times_ns[i], count, found.values[1][i], found.values[2][i],
                found.values[3][i], right.count, right.least, right.greatest, right.sum);
    }
    if (buckets != expected.size())
        return fmt::format("{} buckets, not {}", buckets, expected.size());
    return std::nullopt;
}

}  // namespace

void HistoryModel::apply(Kept& kept, const Attempts& attempts) {
    for (const Attempt& attempt : attempts)
        for (const Expected& expected : attempt.message->samples) {
            const Time time = expected.time.value_or(attempt.received);
            kept[expected.path].insert_or_assign(time.ns,
                                                 Sample{time, expected.value, expected.quality});
        }
}

void HistoryModel::committed(const std::vector<const Attempts*>& group) {
    for (const Attempts* attempts : group)
        apply(kept_, *attempts);
    doubtful_.clear();
}

void HistoryModel::failed(const std::vector<const Attempts*>& group) {
    auto& doubt = doubtful_.emplace_back();
    for (const Attempts* attempts : group)
        doubt.push_back(*attempts);
}

size_t HistoryModel::samples() const {
    size_t count = 0;
    for (const auto& [path, rows] : kept_)
        count += rows.size();
    return count;
}

std::optional<std::string> HistoryModel::differs(const Kept& kept, const history::Engine& engine,
                                                 const model::PointDirectory& points) {
    size_t found_points = 0;
    for (uint32_t id = 0; id < points.size(); ++id) {
        const std::string_view path = points.path(model::PointId{id});
        const auto at = kept.find(path);
        static const Rows none;
        const Rows& rows = at == kept.end() ? none : at->second;
        if (at != kept.end()) ++found_points;
        auto row = rows.begin();
        std::optional<std::string> wrong;
        history::RawQuery query;
        query.points = {model::PointId{id}};
        query.from = Time{INT64_MIN};
        query.to = Time{INT64_MAX};
        const auto read = history::raw_rows(engine, query, [&](const model::SampleBatch& batch) {
            for (size_t i = 0; i < batch.size(); ++i) {
                const Sample found = batch.sample(i);
                if (row != rows.end() && row->second == found) {
                    ++row;
                    continue;
                }
                wrong = fmt::format("history of {} has {}, not {}", path, describe(found),
                                    row == rows.end() ? "the end" : describe(row->second));
                return false;
            }
            return true;
        });
        if (!read) return fmt::format("reading {} failed: {}", path, read.error().text());
        if (wrong) return wrong;
        if (row != rows.end())
            return fmt::format("history of {} lacks {}", path, describe(row->second));
    }
    if (found_points != kept.size())
        return fmt::format("history has {} of {} points", found_points, kept.size());
    return std::nullopt;
}

std::optional<std::string> HistoryModel::check(const history::Engine& engine,
                                               const model::PointDirectory& points) const {
    return differs(kept_, engine, points);
}

std::optional<std::string> HistoryModel::check_after_crash(const history::Engine& engine,
                                                           const model::PointDirectory& points) {
    const auto doubtful = std::exchange(doubtful_, {});
    const auto wrong = differs(kept_, engine, points);
    if (!wrong) return std::nullopt;
    for (const auto& group : doubtful) {
        Kept possible = kept_;
        for (const Attempts& attempts : group) {
            apply(possible, attempts);
            if (differs(possible, engine, points)) continue;
            kept_ = std::move(possible);
            return std::nullopt;
        }
    }
    return wrong;
}

std::optional<std::string> HistoryModel::check_buckets(const history::Engine& engine,
                                                       const model::PointDirectory& points,
                                                       Random& random, Time now) const {
    history::WorkerPool pool(0);
    for (const auto& [path, rows] : kept_) {
        history::AggregateQuery query;
        const bool recent = random.chance(0.7);
        const int64_t recent_ns = 1'700'000'000'000'000'000;
        const int64_t widths_ns[] = {37'000'000, 1'000'000'000, 60'000'000'000};
        query.from = Time{recent ? recent_ns : recent_ns - 900'000'000'000'000'000};
        query.to = now + seconds(1);
        query.every = recent ? Duration{widths_ns[random.below(3)]} : seconds(86'400);
        query.aggregates = {Aggregate::count, Aggregate::min, Aggregate::max, Aggregate::sum};
        query.points = {points.find(path).value()};
        std::map<int64_t, Figures> expected;
        for (auto row = rows.lower_bound(query.from.ns); row != rows.end(); ++row) {
            const int64_t bucket = row->first / query.every.ns * query.every.ns;
            expected[bucket].take(row->second);
        }
        std::erase_if(expected, [](const auto& entry) { return entry.second.count == 0; });
        const auto found = history::aggregate_rows(engine, query, pool);
        if (!found) return fmt::format("aggregates of {}: {}", path, found.error().text());
        const auto wrong = compare(expected, found->at(0));
        if (wrong)
            return fmt::format("aggregates of {} every {}: {}", path, format_duration(query.every),
                               *wrong);
    }
    return std::nullopt;
}

std::optional<std::string> HistoryModel::check_acknowledged(std::deque<Message>& messages) const {
    for (const Message& message : messages) {
        if (!message.acknowledged) continue;
        for (const Expected& expected : message.samples) {
            const auto point = kept_.find(expected.path);
            bool there = false;
            if (point != kept_.end() && expected.time) {
                there = point->second.contains(expected.time->ns);
            } else if (point != kept_.end()) {
                there = std::any_of(
                    point->second.lower_bound(message.sent.ns), point->second.end(),
                    [&](const auto& row) { return row.second.value == expected.value; });
            }
            if (!there)
                return fmt::format("message {} was acknowledged and its {} is not kept",
                                   message.number, expected.path);
        }
    }
    return std::nullopt;
}

}  // namespace hw::simulation
