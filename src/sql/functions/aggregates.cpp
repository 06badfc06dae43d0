#include <fmt/format.h>

#include <cmath>

#include "sql/datum_codec.h"
#include "sql/functions/functions.h"
#include "sql/functions/state_tools.h"

// Aggregates of constant size: count, sums, extremes, deviations. All merge.
namespace hw::sql {

namespace {

bool is_number(std::string_view function, Arguments arguments, CallContext& context) {
    return number_at(function, arguments, 0, context).has_value();
}

class Count : public Aggregate {
  public:
    void add(Arguments, CallContext&) override { ++count_; }
    void merge(const Aggregate& other) override {
        count_ += static_cast<const Count&>(other).count_;
    }
    Datum result(CallContext&) const override {
        return Datum::integer(static_cast<int64_t>(count_));
    }
    void save(ByteWriter& out) const override { out.varint(count_); }
    void load(ByteReader& in) override { count_ = in.varint(); }
    size_t bytes() const override { return 0; }

  private:
    uint64_t count_ = 0;
};

// sum and avg. Null where no row had a number.
template <bool mean>
class Total : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        if (!is_number(mean ? "avg" : "sum", arguments, context)) return;
        sum_.add(arguments[0]);
        ++count_;
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const Total&>(other);
        sum_.merge(later.sum_);
        count_ += later.count_;
    }
    Datum result(CallContext&) const override {
        if (count_ == 0) return {};
        if (!mean) return sum_.value();
        return Datum::real(sum_.total() / static_cast<double>(count_));
    }
    void save(ByteWriter& out) const override {
        out.varint(count_);
        sum_.save(out);
    }
    void load(ByteReader& in) override {
        count_ = in.varint();
        sum_.load(in);
    }
    size_t bytes() const override { return 0; }

  private:
    Sum sum_;
    uint64_t count_ = 0;
};

// min (sign -1) and max (sign 1) of numbers, or of values of one other kind.
template <int sign>
class Extreme : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        const Datum& value = arguments[0];
        if (value.kind() >= Kind::array) {
            context.fail(fmt::format("{}: {} has no order", name, to_string(value.kind())));
        } else if (!extreme_.is_null() && !alike(value, extreme_)) {
            context.fail(fmt::format("{}: {} and {} cannot be compared", name,
                                     to_string(extreme_.kind()), to_string(value.kind())));
        } else {
            take(value);
        }
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const Extreme&>(other).extreme_;
        if (!later.is_null() && (extreme_.is_null() || alike(later, extreme_))) take(later);
    }
    Datum result(CallContext&) const override { return extreme_; }
    void save(ByteWriter& out) const override { sql::save(out, extreme_); }
    void load(ByteReader& in) override { extreme_ = load_datum(in); }
    size_t bytes() const override { return extreme_.heap_bytes(); }

  private:
    static constexpr std::string_view name = sign < 0 ? "min" : "max";
    static bool alike(const Datum& a, const Datum& b) {
        return a.kind() == b.kind() || (a.is_number() && b.is_number());
    }
    void take(const Datum& value) {
        const auto order = sql::order(value, extreme_);
        if (extreme_.is_null() || (sign < 0 ? order < 0 : order > 0)) extreme_ = value;
    }

    Datum extreme_;
};

// The sum of squared distances from the mean, kept by Welford's recurrence (1962) and merged by
// that of Chan, Golub and LeVeque (1979): no large squares are ever subtracted.
template <bool sample, bool root>
class Spread : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        const auto value = number_at(name, arguments, 0, context);
        if (!value) return;
        ++count_;
        const double distance = *value - mean_;
        mean_ += distance / static_cast<double>(count_);
        squares_ += distance * (*value - mean_);
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const Spread&>(other);
        if (later.count_ == 0) return;
        if (count_ == 0) {
            *this = later;
            return;
        }
        const auto a = static_cast<double>(count_);
        const auto b = static_cast<double>(later.count_);
        const double distance = later.mean_ - mean_;
        mean_ += distance * (b / (a + b));
        squares_ += later.squares_ + distance * distance * (a * b / (a + b));
        count_ += later.count_;
    }
    Datum result(CallContext&) const override {
        const uint64_t divisor = sample && count_ > 0 ? count_ - 1 : count_;
        if (divisor == 0) return {};
        const double variance = squares_ / static_cast<double>(divisor);
        return Datum::real(root ? std::sqrt(variance) : variance);
    }
    void save(ByteWriter& out) const override {
        out.varint(count_);
        save_real(out, mean_);
        save_real(out, squares_);
    }
    void load(ByteReader& in) override {
        count_ = in.varint();
        mean_ = load_real(in);
        squares_ = load_real(in);
    }
    size_t bytes() const override { return 0; }

  private:
    static constexpr std::string_view name =
        root ? (sample ? "stddevs" : "stddev") : (sample ? "vars" : "var");
    uint64_t count_ = 0;
    double mean_ = 0;
    double squares_ = 0;
};

constexpr Function of_one(std::string_view name, std::string_view signature, std::string_view help,
                          std::unique_ptr<Aggregate> (*aggregate)()) {
    return {.name = name,
            .type = FunctionClass::aggregate,
            .group = "aggregate",
            .origin = "eKuiper",
            .signature = signature,
            .help = help,
            .example = {},
            .example_result = {},
            .least_arguments = 1,
            .most_arguments = 1,
            .pure = false,
            .aggregate = aggregate,
            .can_merge = true};
}

constexpr std::string_view incremental =
    "The same as the function without inc_, whose results are always kept up to date row by row.";

constexpr Function functions[] = {
    of_one("count", "count(*) or count(x)", "The number of rows, or of rows where x is not null.",
           make_aggregate<Count>),
    of_one("sum", "sum(x)",
           "The sum of the numbers; an int where all are ints and it fits, else a float. Nulls are "
           "left out; null where there is no number.",
           make_aggregate<Total<false>>),
    of_one("avg", "avg(x)",
           "The mean of the numbers, a float. Nulls are left out; null where there is no number.",
           make_aggregate<Total<true>>),
    of_one("min", "min(x)",
           "The least of numbers, strings, times or booleans, of one kind. Nulls are left out.",
           make_aggregate<Extreme<-1>>),
    of_one("max", "max(x)",
           "The greatest of numbers, strings, times or booleans, of one kind. Nulls are left out.",
           make_aggregate<Extreme<1>>),
    of_one("stddev", "stddev(x)",
           "The standard deviation of the numbers as a population (divided by n).",
           make_aggregate<Spread<false, true>>),
    of_one("stddevs", "stddevs(x)",
           "The standard deviation of the numbers as a sample (divided by n - 1); null for one.",
           make_aggregate<Spread<true, true>>),
    of_one("var", "var(x)", "The variance of the numbers as a population (divided by n).",
           make_aggregate<Spread<false, false>>),
    of_one("vars", "vars(x)",
           "The variance of the numbers as a sample (divided by n - 1); null for one.",
           make_aggregate<Spread<true, false>>),
    of_one("inc_count", "inc_count(x)", incremental, make_aggregate<Count>),
    of_one("inc_sum", "inc_sum(x)", incremental, make_aggregate<Total<false>>),
    of_one("inc_avg", "inc_avg(x)", incremental, make_aggregate<Total<true>>),
    of_one("inc_min", "inc_min(x)", incremental, make_aggregate<Extreme<-1>>),
    of_one("inc_max", "inc_max(x)", incremental, make_aggregate<Extreme<1>>),
};

}  // namespace

std::span<const Function> aggregate_functions() {
    return functions;
}

}  // namespace hw::sql
