#include <fmt/format.h>

#include "sql/datum_codec.h"
#include "sql/functions/functions.h"
#include "sql/functions/state_tools.h"

// acc_*: results over all rows since the rule began, or since a condition held.
namespace hw::sql {

namespace {

// What is accumulated: take() a number, value() so far.
struct CountSoFar {
    static constexpr std::string_view name = "acc_count";
    static constexpr bool any_kind = true;
    int64_t count = 0;
    void take(const Datum&) { ++count; }
    Datum value() const { return Datum::integer(count); }
    void save(ByteWriter& out) const { out.signed_varint(count); }
    void load(ByteReader& in) { count = in.signed_varint(); }
};

struct SumSoFar {
    static constexpr std::string_view name = "acc_sum";
    static constexpr bool any_kind = false;
    Sum sum;
    void take(const Datum& number) { sum.add(number); }
    Datum value() const { return sum.value(); }
    void save(ByteWriter& out) const { sum.save(out); }
    void load(ByteReader& in) { sum.load(in); }
};

struct MeanSoFar {
    static constexpr std::string_view name = "acc_avg";
    static constexpr bool any_kind = false;
    Sum sum;
    uint64_t count = 0;
    void take(const Datum& number) {
        sum.add(number);
        ++count;
    }
    Datum value() const {
        return count == 0 ? Datum() : Datum::real(sum.total() / static_cast<double>(count));
    }
    void save(ByteWriter& out) const {
        out.varint(count);
        sum.save(out);
    }
    void load(ByteReader& in) {
        count = in.varint();
        sum.load(in);
    }
};

template <int sign>
struct ExtremeSoFar {
    static constexpr std::string_view name = sign < 0 ? "acc_min" : "acc_max";
    static constexpr bool any_kind = false;
    Datum extreme;
    void take(const Datum& number) {
        const auto order = sql::order(number, extreme);
        if (extreme.is_null() || (sign < 0 ? order < 0 : order > 0)) extreme = number;
    }
    Datum value() const { return extreme; }
    void save(ByteWriter& out) const { sql::save(out, extreme); }
    void load(ByteReader& in) {
        extreme = load_datum(in);
        if (!extreme.is_null() && !extreme.is_number()) in.fail();
    }
};

// acc_x(value) over all rows; acc_x(value, begin, reset) from a row where `begin` holds to one
// where `reset` does, that one included.
template <class SoFar>
class Accumulator : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext& context) override {
        if (arguments.size() == 1) {
            take(arguments, when, context);
            return so_far_.value();
        }
        if (arguments.size() == 2)
            return context.fail(fmt::format("{}: one or three arguments", SoFar::name));
        const auto begin = condition(arguments, 1, context);
        const auto reset = condition(arguments, 2, context);
        if (!begin || !reset) return {};
        if (!begun_) so_far_ = SoFar();
        if (when && *begin) begun_ = true;
        if (begun_) take(arguments, when, context);
        if (when && *reset) begun_ = false;
        return so_far_.value();
    }
    void save(ByteWriter& out) const override {
        out.u8(begun_ ? 1 : 0);
        so_far_.save(out);
    }
    void load(ByteReader& in) override {
        begun_ = in.u8() != 0;
        so_far_.load(in);
    }
    size_t bytes() const override { return 0; }

  private:
    static std::optional<bool> condition(Arguments arguments, size_t i, CallContext& context) {
        if (arguments[i].is_null()) return false;
        return boolean_at(SoFar::name, arguments, i, context);
    }
    void take(Arguments arguments, bool when, CallContext& context) {
        const Datum& value = arguments[0];
        if (!when || value.is_null()) return;
        if (!SoFar::any_kind && !number_at(SoFar::name, arguments, 0, context)) return;
        so_far_.take(value);
    }

    SoFar so_far_;
    bool begun_ = false;
};

constexpr Function accumulator(std::string_view name, std::string_view signature,
                               std::string_view help, std::unique_ptr<Analytic> (*make)()) {
    return {.name = name,
            .type = FunctionClass::analytic,
            .group = "analytic",
            .origin = "eKuiper",
            .signature = signature,
            .help = help,
            .example = {},
            .example_result = {},
            .least_arguments = 1,
            .most_arguments = 3,
            .nulls = Nulls::seen,
            .pure = false,
            .analytic = make};
}

constexpr Function functions[] = {
    accumulator("acc_count", "acc_count(x [, begin, reset])",
                "How many values of x were not null since the rule began; with conditions: since "
                "`begin` held, up to and with the row where `reset` holds, 0 outside.",
                make_analytic<Accumulator<CountSoFar>>),
    accumulator("acc_sum", "acc_sum(x [, begin, reset])",
                "The sum of the numbers so far; conditions as of acc_count. An int where all were.",
                make_analytic<Accumulator<SumSoFar>>),
    accumulator(
        "acc_avg", "acc_avg(x [, begin, reset])",
        "The mean of the numbers so far, null before the first; conditions as of acc_count.",
        make_analytic<Accumulator<MeanSoFar>>),
    accumulator("acc_max", "acc_max(x [, begin, reset])",
                "The greatest number so far, null before the first; conditions as of acc_count.",
                make_analytic<Accumulator<ExtremeSoFar<1>>>),
    accumulator("acc_min", "acc_min(x [, begin, reset])",
                "The least number so far, null before the first; conditions as of acc_count.",
                make_analytic<Accumulator<ExtremeSoFar<-1>>>),
};

}  // namespace

std::span<const Function> accumulating_functions() {
    return functions;
}

}  // namespace hw::sql
