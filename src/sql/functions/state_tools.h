#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "sql/function.h"

namespace hw::sql {

// What aggregates and analytic functions that hold values allow themselves for one group or one
// partition. At the limit the row fails with a text that names it.
constexpr size_t collected_values_limit = 100'000;     // collect, deduplicate
constexpr size_t merged_members_limit = 10'000;        // merge_agg, changed_cols
constexpr size_t percentile_values_limit = 1'000'000;  // median, percentile...: 8 bytes each
constexpr size_t top_values_limit = 1'000;             // topk, topkdistinct
constexpr size_t lag_rows_limit = 10'000;              // lag

template <class T>
std::unique_ptr<Aggregate> make_aggregate() {
    return std::make_unique<T>();
}
template <class T>
std::unique_ptr<Analytic> make_analytic() {
    return std::make_unique<T>();
}

// The moment that a row stands for: its event's, else that of its evaluation.
inline Time row_time(const CallContext& context) {
    return context.event_time == Time{} ? context.now : context.event_time;
}

void save_real(ByteWriter& out, double value);
double load_real(ByteReader& in);
// As many as are said, but never more than `limit` or than there are bytes for.
size_t load_count(ByteReader& in, size_t limit);
void save_values(ByteWriter& out, const std::vector<Datum>& values);
std::vector<Datum> load_values(ByteReader& in, size_t limit);
void save_time(ByteWriter& out, Time time);
Time load_time(ByteReader& in);

// The argument as a number, boolean ...; nothing, and the call fails, where it is none.
std::optional<double> number_at(std::string_view function, Arguments arguments, size_t i,
                                CallContext& context);
std::optional<bool> boolean_at(std::string_view function, Arguments arguments, size_t i,
                               CallContext& context);
std::optional<int64_t> whole_at(std::string_view function, Arguments arguments, size_t i,
                                int64_t least, int64_t most, CallContext& context);

// Numbers added up: whole ones exactly (in 128 bits), others with Neumaier's compensation (1974),
// so that neither the order of rows nor panes that are merged shift the result by more than its
// last digit. 56 bytes.
class Sum {
  public:
    void add(const Datum& number);  // of int64 or float64
    void merge(const Sum& other);
    bool whole() const { return !real_; }  // only whole numbers so far
    double total() const;
    Datum value() const;  // an int where all were and it fits, else a float
    void save(ByteWriter& out) const;
    void load(ByteReader& in);

  private:
    __extension__ using Wide = __int128;
    void add_real(double value);

    Wide whole_ = 0;
    double sum_ = 0, compensation_ = 0;
    bool real_ = false;
};

}  // namespace hw::sql
