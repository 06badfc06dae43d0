#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>

#include "sql/batch/arguments.h"
#include "sql/batch/context.h"
#include "sql/batch/handles.h"

namespace hw::sql::batch {

using duck::TypeId;
using history::Aggregate;
using model::PointId;

namespace {

__extension__ using Wide = __int128;

struct Figure {
    const char* name;
    Aggregate aggregate;
};
// The columns behind point and time.
constexpr Figure figures[] = {
    {"count", Aggregate::count},   {"avg", Aggregate::mean},      {"min", Aggregate::min},
    {"max", Aggregate::max},       {"sum", Aggregate::sum},       {"first", Aggregate::first},
    {"last", Aggregate::last},     {"stddev", Aggregate::stddev}, {"twa", Aggregate::twa},
    {"median", Aggregate::median}, {"p05", Aggregate::p05},       {"p25", Aggregate::p25},
    {"p75", Aggregate::p75},       {"p90", Aggregate::p90},       {"p95", Aggregate::p95},
    {"p99", Aggregate::p99},
};
constexpr size_t point_column = 0;
constexpr size_t time_column = 1;
constexpr size_t first_figure = 2;

// One question to history: some points over a time that yields a bounded number of buckets.
struct Part {
    size_t first = 0;  // of the plan's points
    size_t count = 0;
    Time from;
    Time to;
};
constexpr size_t points_a_part = 64;
constexpr int64_t buckets_a_part = 200'000;

struct Question {
    std::vector<PointId> points;
    Time from;
    Time to;
    Duration every;  // 0: one bucket over all
};

// The range cut to what there is, its ends at bucket edges.
struct Range {
    Time from;
    Time to;
    Duration every;
    Time origin;
};

int64_t floor_to(int64_t ns, int64_t every) {
    const int64_t rest = ns % every;
    return ns - (rest < 0 ? rest + every : rest);
}

std::optional<Range> range_of(const Context& context, const Question& question) {
    std::vector<std::optional<history::PointState>> states;
    context.history.point_states(question.points, states);
    Time first{INT64_MAX};
    Time last{INT64_MIN};
    for (const auto& state : states) {
        if (!state) continue;
        first = std::min(first, state->first_time);
        last = std::max(last, state->last.time);
    }
    if (first > last) return std::nullopt;
    if (last.ns < INT64_MAX) last = last + nanoseconds(1);
    Range range{question.from, question.to, question.every, Time{}};
    if (question.every.ns == 0) {
        // As the caller gave the ends, where they did: the bucket begins there.
        if (range.from.ns == INT64_MIN) range.from = first;
        if (range.to.ns == INT64_MAX) range.to = last;
        if (range.from >= range.to) return std::nullopt;
        range.every = range.to - range.from;
        range.origin = range.from;
        return range;
    }
    range.from = std::max(range.from, Time{floor_to(first.ns, question.every.ns)});
    range.to = std::min(range.to, last);
    if (range.from >= range.to) return std::nullopt;
    return range;
}

std::vector<Part> parts_of(size_t points, const Range& range) {
    std::vector<Part> parts;
    for (size_t first = 0; first < points; first += points_a_part) {
        const size_t count = std::min(points_a_part, points - first);
        const Wide width = static_cast<Wide>(range.every.ns) *
                           std::max<int64_t>(1, buckets_a_part / static_cast<int64_t>(count));
        for (Wide begin = range.from.ns; begin < range.to.ns;) {
            // The first part ends at an edge, so do all but the last.
            Wide end = floor_to(static_cast<int64_t>(begin), range.every.ns);
            if (range.origin.ns != 0) end = begin;
            end = std::min<Wide>(end + width, range.to.ns);
            parts.push_back(
                {first, count, Time{static_cast<int64_t>(begin)}, Time{static_cast<int64_t>(end)}});
            begin = end;
        }
    }
    return parts;
}

class Run final : public FunctionRun {
  public:
    Run(const Context& its, const Question& asked, std::optional<Range> over,
        std::vector<size_t> wanted)
        : context(its), question(asked), range(over), columns(std::move(wanted)) {
        if (range) parts_ = parts_of(question.points.size(), *range);
        for (const size_t column : columns)
            if (column != no_column && column >= first_figure)
                aggregates.push_back(figures[column - first_figure].aggregate);
        if (aggregates.empty()) aggregates.push_back(Aggregate::count);
    }

    size_t workers_limit() const override {
        return std::clamp<size_t>(parts_.size(), 1, context.threads);
    }
    std::unique_ptr<FunctionWorker> worker() override;
    const Part* next_part() {
        const size_t next = next_.fetch_add(1, std::memory_order_relaxed);
        return next < parts_.size() ? &parts_[next] : nullptr;
    }

    const Context& context;
    const Question& question;
    const std::optional<Range> range;
    const std::vector<size_t> columns;
    std::vector<Aggregate> aggregates;  // one for each column that is a figure, in order

  private:
    std::vector<Part> parts_;
    std::atomic<size_t> next_{0};
};

class Worker final : public FunctionWorker {
  public:
    explicit Worker(Run& run) : run_(run) {}

    Result<size_t> fill(duck::DataChunk output) override {
        const size_t room = run_.context.api.vector_size();
        size_t filled = 0;
        while (filled < room) {
            if (point_ == buckets_.size()) {
                if (!HW_TRY(next_buckets())) break;
                continue;
            }
            const auto& buckets = buckets_[point_];
            const size_t count = std::min(buckets.times_ns.size() - at_, room - filled);
            if (count > 0) write(buckets, count, output, filled);
            at_ += count;
            filled += count;
            if (at_ == buckets.times_ns.size()) {
                ++point_;
                at_ = 0;
            }
        }
        return filled;
    }

  private:
    Result<bool> next_buckets() {
        const Part* part = run_.next_part();
        if (part == nullptr) return false;
        history::AggregateQuery query;
        const auto first = run_.question.points.begin() + static_cast<ptrdiff_t>(part->first);
        query.points.assign(first, first + static_cast<ptrdiff_t>(part->count));
        query.from = part->from;
        query.to = part->to;
        query.every = run_.range->every;
        query.origin = run_.range->origin;
        query.aggregates = run_.aggregates;
        buckets_ = HW_TRY(run_.context.history.aggregate(query));
        point_ = at_ = 0;
        return true;
    }

    void write(const history::Buckets& buckets, size_t count, duck::DataChunk output, size_t to) {
        const duck::Api& api = run_.context.api;
        size_t figure = 0;
        for (size_t i = 0; i < run_.columns.size(); ++i) {
            const size_t column = run_.columns[i];
            if (column == no_column) continue;
            duck::Vector vector = api.data_chunk_get_vector(output, i);
            if (column == point_column) {
                write_text(api, vector, to, count, run_.context.points.path(buckets.point));
            } else if (column == time_column) {
                std::copy_n(buckets.times_ns.begin() + static_cast<ptrdiff_t>(at_), count,
                            vector_data<int64_t>(api, vector) + to);
            } else {
                write_figures(buckets.values[figure++], column == first_figure, count, vector, to);
            }
        }
    }

    void write_figures(const std::vector<double>& values, bool whole, size_t count,
                       duck::Vector vector, size_t to) {
        const duck::Api& api = run_.context.api;
        for (size_t k = 0; k < count; ++k) {
            const double value = values[at_ + k];
            if (whole) {
                vector_data<int64_t>(api, vector)[to + k] =
                    std::isnan(value) ? 0 : static_cast<int64_t>(value);
            } else if (std::isnan(value)) {
                write_nulls(api, vector, to + k, 1);
            } else {
                vector_data<double>(api, vector)[to + k] = value;
            }
        }
    }

    Run& run_;
    std::vector<history::Buckets> buckets_;
    size_t point_ = 0;  // of buckets_
    size_t at_ = 0;     // within the point's
};

std::unique_ptr<FunctionWorker> Run::worker() {
    return std::make_unique<Worker>(*this);
}

class Plan final : public FunctionPlan {
  public:
    Plan(const Context& context, Question question)
        : context_(context), question_(std::move(question)) {}

    std::vector<FunctionColumn> columns() const override {
        std::vector<FunctionColumn> all = {{"point", TypeId::varchar},
                                           {"time", TypeId::timestamp_ns}};
        for (const Figure& figure : figures)
            all.push_back({figure.name, figure.aggregate == Aggregate::count
                                            ? TypeId::bigint
                                            : TypeId::double_precision});
        return all;
    }
    uint64_t rows_expected() const override {
        const auto range = range_of(context_, question_);
        if (!range) return 0;
        const double buckets = static_cast<double>((range->to - range->from).ns) /
                               static_cast<double>(range->every.ns);
        return static_cast<uint64_t>((buckets + 1) * static_cast<double>(question_.points.size()));
    }
    Result<std::unique_ptr<FunctionRun>> begin(std::vector<size_t> columns) const override {
        return std::make_unique<Run>(context_, question_, range_of(context_, question_),
                                     std::move(columns));
    }

  private:
    const Context& context_;
    const Question question_;
};

Result<std::unique_ptr<FunctionPlan>> bind(const Context& context, FunctionSpec::Arguments given) {
    const duck::Api& api = context.api;
    const Time now = context.clock.now();
    const std::string filter = HW_TRY(text_argument(api, given[0], "the filter"));
    Question question;
    question.from = HW_TRY(time_argument(api, given[1], "'from'", now, Time{INT64_MIN}));
    question.to = HW_TRY(time_argument(api, given[2], "'to'", now, Time{INT64_MAX}));
    question.every = HW_TRY(width_argument(api, given[3], "'every'"));
    question.points = HW_TRY(matching_points(context, filter));
    return std::make_unique<Plan>(context, std::move(question));
}

}  // namespace

FunctionSpec figures_function(const Context& context) {
    return {"history_figures", 4,
            [&context](FunctionSpec::Arguments given) { return bind(context, given); }};
}

}  // namespace hw::sql::batch
