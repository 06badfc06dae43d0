#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "base/base64.h"
#include "sql/batch/arguments.h"
#include "sql/batch/context.h"
#include "sql/batch/handles.h"

namespace hw::sql::batch {

using duck::TypeId;
using model::PointId;
using model::ValueType;

namespace {

enum Column : size_t { point, time, value, text, quality, type };

// A worker's next share: one point, or a slice of one that has many samples.
struct Part {
    PointId point;
    Time from;
    Time to;
};

constexpr uint64_t samples_a_part = 128 * 1024;
constexpr uint64_t parts_a_point_limit = 256;
// Runs of fewer rows than this are gathered, so that many points of few samples do not make a
// vector each.
constexpr size_t rows_alone = 256;
constexpr size_t rows_enough = 1024;

// The share of a point's samples that the range may hold, by its first and last time.
double share(const history::PointState& state, Time from, Time to) {
    const double first = static_cast<double>(state.first_time.ns);
    const double last = static_cast<double>(state.last.time.ns);
    const double begin = std::max(first, static_cast<double>(from.ns));
    const double end = std::min(last, static_cast<double>(to.ns));
    if (end < begin) return 0;
    return last > first ? (end - begin) / (last - first) : 1;
}

void add_parts(const history::PointState& state, Time from, Time to, std::vector<Part>& parts) {
    from = std::max(from, state.first_time);
    if (from >= to) return;
    const auto samples =
        static_cast<uint64_t>(static_cast<double>(state.count) * share(state, from, to));
    const uint64_t count = std::clamp<uint64_t>(samples / samples_a_part, 1, parts_a_point_limit);
    const int64_t last = std::min(to.ns, state.last.time.ns);
    const auto span = static_cast<uint64_t>(last) - static_cast<uint64_t>(from.ns);
    Time begin = from;
    for (uint64_t k = 1; k <= count; ++k) {
        // The last one is open, for samples that came meanwhile.
        const Time end = k == count ? to : Time{from.ns + static_cast<int64_t>(span / count * k)};
        if (begin < end) parts.push_back({state.id, begin, end});
        begin = end;
    }
}

// Rows [from, from + count) of a run, to be put at row `to` of the output.
struct Rows {
    PointId point;
    const history::ColumnsView& rows;
    size_t from;
    size_t count;
    size_t to;
    bool alone;  // nothing else is in this output: what is the same in all rows is told once
};

class Writer {
  public:
    Writer(const Context& context, duck::DataChunk output)
        : context_(context), api_(context.api), output_(output) {}

    void write(const std::vector<size_t>& columns, const Rows& run) {
        for (size_t i = 0; i < columns.size(); ++i)
            if (columns[i] != no_column)
                write_column(columns[i], api_.data_chunk_get_vector(output_, i), run);
    }

  private:
    void write_column(size_t column, duck::Vector vector, const Rows& run) {
        switch (column) {
            case Column::point:
                return same_text(vector, run, context_.points.path(run.point));
            case Column::time:
                std::memcpy(vector_data<int64_t>(api_, vector) + run.to,
                            run.rows.times_ns.data() + run.from, run.count * sizeof(int64_t));
                return;
            case Column::value:
                return write_values(vector, run);
            case Column::text:
                return write_texts(vector, run);
            case Column::quality:
                return write_qualities(vector, run);
            default:
                return write_types(vector, run);
        }
    }

    void same_text(duck::Vector vector, const Rows& run, std::string_view text) {
        if (!run.alone) return write_text(api_, vector, run.to, run.count, text);
        const duck::OwnedValue value(api_, api_.create_varchar_length(text.data(), text.size()));
        api_.vector_reference_value(vector, value.get());
    }

    void write_values(duck::Vector vector, const Rows& run) {
        auto* const out = vector_data<double>(api_, vector) + run.to;
        const uint64_t* const in = run.rows.values.data() + run.from;
        if (!run.rows.types.empty()) return write_mixed_values(vector, run, out);
        switch (run.rows.type) {
            case ValueType::float64:
                std::memcpy(out, in, run.count * sizeof(double));
                return;
            case ValueType::int64:
            case ValueType::boolean:
                for (size_t i = 0; i < run.count; ++i)
                    out[i] = static_cast<double>(static_cast<int64_t>(in[i]));
                return;
            default:
                return write_nulls(api_, vector, run.to, run.count);
        }
    }

    void write_mixed_values(duck::Vector vector, const Rows& run, double* out) {
        for (size_t i = 0; i < run.count; ++i) {
            const uint64_t bits = run.rows.values[run.from + i];
            const ValueType kind = run.rows.types[run.from + i];
            if (kind >= ValueType::text)
                write_nulls(api_, vector, run.to + i, 1);
            else
                out[i] = kind == ValueType::float64
                             ? std::bit_cast<double>(bits)
                             : static_cast<double>(static_cast<int64_t>(bits));
        }
    }

    void write_texts(duck::Vector vector, const Rows& run) {
        const bool none = run.rows.types.empty() && (run.rows.type == ValueType::float64 ||
                                                     run.rows.type == ValueType::boolean);
        if (none && run.alone) {
            const duck::OwnedValue null(api_, api_.create_null_value());
            return api_.vector_reference_value(vector, null.get());
        }
        if (none) return write_nulls(api_, vector, run.to, run.count);
        for (size_t i = 0; i < run.count; ++i)
            write_one_text(vector, run.to + i, run.rows, run.from + i);
    }

    void write_one_text(duck::Vector vector, size_t to, const history::ColumnsView& rows,
                        size_t row) {
        // Beyond it a double does not hold every integer.
        constexpr int64_t exact_limit = int64_t{1} << 53;
        const auto put = [&](std::string_view bytes) {
            api_.vector_assign_string_element_len(vector, to, bytes.data(), bytes.size());
        };
        switch (rows.type_at(row)) {
            case ValueType::text:
                return put(rows.text_at(row));
            case ValueType::bytes:
                return put(base64(rows.text_at(row)));
            case ValueType::int64:
                if (const auto number = static_cast<int64_t>(rows.values[row]);
                    number > exact_limit || number < -exact_limit)
                    return put(fmt::format_int(number).c_str());
                [[fallthrough]];
            default:
                return write_nulls(api_, vector, to, 1);
        }
    }

    void write_qualities(duck::Vector vector, const Rows& run) {
        if (run.rows.qualities.empty())
            return same_text(vector, run, model::to_string(model::Quality::good));
        size_t begin = 0;
        for (size_t i = 1; i <= run.count; ++i) {
            const auto now = run.rows.qualities[run.from + begin];
            if (i < run.count && run.rows.qualities[run.from + i] == now) continue;
            write_text(api_, vector, run.to + begin, i - begin, model::to_string(now));
            begin = i;
        }
    }

    void write_types(duck::Vector vector, const Rows& run) {
        if (run.rows.types.empty()) return same_text(vector, run, model::to_string(run.rows.type));
        for (size_t i = 0; i < run.count; ++i)
            write_text(api_, vector, run.to + i, 1, model::to_string(run.rows.types[run.from + i]));
    }

    const Context& context_;
    const duck::Api& api_;
    duck::DataChunk output_;
};

class Run final : public FunctionRun {
  public:
    Run(const Context& its, std::vector<size_t> wanted, std::vector<Part> parts)
        : context(its), columns(std::move(wanted)), parts_(std::move(parts)) {}

    size_t workers_limit() const override {
        return std::clamp<size_t>(parts_.size(), 1, context.threads);
    }
    std::unique_ptr<FunctionWorker> worker() override;

    // The next share; null at the end. Any thread.
    const Part* next_part() {
        const size_t next = next_.fetch_add(1, std::memory_order_relaxed);
        return next < parts_.size() ? &parts_[next] : nullptr;
    }

    const Context& context;
    const std::vector<size_t> columns;

  private:
    const std::vector<Part> parts_;
    std::atomic<size_t> next_{0};
};

history::WantedColumns wanted_of(const std::vector<size_t>& columns) {
    const auto has = [&](size_t column) {
        return std::find(columns.begin(), columns.end(), column) != columns.end();
    };
    return {has(Column::time),
            has(Column::value) || has(Column::text) || has(Column::quality) || has(Column::type)};
}

class Worker final : public FunctionWorker {
  public:
    explicit Worker(Run& run)
        : run_(run), scan_(run.context.history.scan(wanted_of(run.columns))) {}

    Result<size_t> fill(duck::DataChunk output) override {
        const size_t room = run_.context.api.vector_size();
        Writer writer(run_.context, output);
        size_t filled = 0;
        while (filled < room) {
            if (at_ == rows_.count && (filled >= rows_enough || !HW_TRY(next_rows()))) break;
            const size_t count = std::min(rows_.count - at_, room - filled);
            const bool alone = filled == 0 && count >= rows_alone;
            writer.write(run_.columns, {part_->point, rows_.columns, at_, count, filled, alone});
            at_ += count;
            filled += count;
            if (alone) break;
        }
        return filled;
    }

  private:
    Result<bool> next_rows() {
        at_ = 0;
        for (;;) {
            if (part_ != nullptr && HW_TRY(scan_->next(rows_))) return true;
            rows_.count = 0;
            part_ = run_.next_part();
            if (part_ == nullptr) return false;
            HW_TRY(scan_->open(part_->point, part_->from, part_->to));
        }
    }

    Run& run_;
    const std::unique_ptr<history::Scan> scan_;
    const Part* part_ = nullptr;
    history::ScanRows rows_;
    size_t at_ = 0;  // rows that were given out
};

std::unique_ptr<FunctionWorker> Run::worker() {
    return std::make_unique<Worker>(*this);
}

class Plan final : public FunctionPlan {
  public:
    Plan(const Context& context, std::vector<PointId> points, Time from, Time to)
        : context_(context), points_(std::move(points)), from_(from), to_(to) {}

    std::vector<FunctionColumn> columns() const override {
        return {{"point", TypeId::varchar},          {"time", TypeId::timestamp_ns},
                {"value", TypeId::double_precision}, {"text", TypeId::varchar},
                {"quality", TypeId::varchar},        {"type", TypeId::varchar}};
    }
    uint64_t rows_expected() const override {
        double rows = 0;
        each_state([&](const history::PointState& state) {
            rows += static_cast<double>(state.count) * share(state, from_, to_);
        });
        return static_cast<uint64_t>(rows);
    }
    Result<std::unique_ptr<FunctionRun>> begin(std::vector<size_t> columns) const override {
        std::vector<Part> parts;
        each_state([&](const history::PointState& state) { add_parts(state, from_, to_, parts); });
        return std::make_unique<Run>(context_, std::move(columns), std::move(parts));
    }

  private:
    template <class Call>
    void each_state(const Call& call) const {
        std::vector<std::optional<history::PointState>> states;
        context_.history.point_states(points_, states);
        for (const auto& state : states)
            if (state) call(*state);
    }

    const Context& context_;
    const std::vector<PointId> points_;
    const Time from_;
    const Time to_;
};

Result<std::unique_ptr<FunctionPlan>> bind(const Context& context, FunctionSpec::Arguments given) {
    const duck::Api& api = context.api;
    const Time now = context.clock.now();
    const std::string filter = HW_TRY(text_argument(api, given[0], "the filter"));
    const Time from = HW_TRY(time_argument(api, given[1], "'from'", now, Time{INT64_MIN}));
    const Time to = HW_TRY(time_argument(api, given[2], "'to'", now, Time{INT64_MAX}));
    return std::make_unique<Plan>(context, HW_TRY(matching_points(context, filter)), from, to);
}

}  // namespace

FunctionSpec history_function(const Context& context) {
    return {"history_scan", 3,
            [&context](FunctionSpec::Arguments given) { return bind(context, given); }};
}

}  // namespace hw::sql::batch
