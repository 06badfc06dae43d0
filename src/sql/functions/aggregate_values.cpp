#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sql/datum_codec.h"
#include "sql/functions/functions.h"
#include "sql/functions/state_tools.h"

// Aggregates that hold values: collections, first and last, the largest, ranks. All have a limit.
namespace hw::sql {

namespace {

size_t heap_of(const Datum& value) {
    return sizeof(Datum) + value.heap_bytes();
}

class Collect : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        if (values_.size() >= collected_values_limit) {
            context.fail(fmt::format("collect: more than {} rows", collected_values_limit));
            return;
        }
        values_.push_back(arguments[0]);
        bytes_ += heap_of(arguments[0]);
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const Collect&>(other);
        const size_t room = collected_values_limit - values_.size();
        const size_t taken = std::min(room, later.values_.size());
        values_.insert(values_.end(), later.values_.begin(),
                       later.values_.begin() + static_cast<std::ptrdiff_t>(taken));
        bytes_ += later.bytes_;
    }
    Datum result(CallContext&) const override { return Datum::array(values_); }
    void save(ByteWriter& out) const override { save_values(out, values_); }
    void load(ByteReader& in) override {
        values_ = load_values(in, collected_values_limit);
        for (const auto& value : values_)
            bytes_ += heap_of(value);
    }
    size_t bytes() const override { return bytes_; }

  private:
    std::vector<Datum> values_;
    size_t bytes_ = 0;
};

// Objects laid over one another; the last value of a member wins.
class MergeObjects : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        if (!arguments[0].is_object()) return;
        for (const auto& member : arguments[0].members())
            if (!put(member.key, member.value)) {
                context.fail(fmt::format("merge_agg: more than {} members", merged_members_limit));
                return;
            }
    }
    void merge(const Aggregate& other) override {
        for (const auto& member : static_cast<const MergeObjects&>(other).members_)
            put(member.key, member.value);
    }
    Datum result(CallContext&) const override { return Datum::object(members_); }
    void save(ByteWriter& out) const override {
        out.varint(members_.size());
        for (const auto& member : members_) {
            sql::save(out, member.key);
            sql::save(out, member.value);
        }
    }
    void load(ByteReader& in) override {
        for (size_t left = load_count(in, merged_members_limit); left > 0 && !in.failed(); --left) {
            const Datum key = load_datum(in);
            const Datum value = load_datum(in);
            if (!key.is_text()) return in.fail();
            put(key, value);
        }
    }
    size_t bytes() const override { return bytes_; }

  private:
    bool put(const Datum& key, const Datum& value) {
        const auto found = places_.find(key.as_text());
        if (found != places_.end()) {
            auto& old = members_[found->second].value;
            bytes_ += value.heap_bytes();
            bytes_ -= old.heap_bytes();
            old = value;
            return true;
        }
        if (members_.size() >= merged_members_limit) return false;
        places_.emplace(key.as_text(), members_.size());
        members_.push_back({key, value});
        bytes_ += heap_of(key) + heap_of(value) + 64;
        return true;
    }

    std::vector<Member> members_;
    std::map<std::string, size_t, std::less<>> places_;
    size_t bytes_ = 0;
};

struct Before {
    bool operator()(const Datum& a, const Datum& b) const { return order(a, b) < 0; }
};

// deduplicate(row, key, all): the query puts the row before what was written.
class Deduplicate : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        const auto all = arguments.size() > 2 ? boolean_at("deduplicate", arguments, 2, context)
                                              : std::optional(true);
        if (!all) return;
        all_ = *all;
        if (keys_.contains(arguments[1])) {
            last_ = Datum();
        } else if (keys_.size() >= collected_values_limit) {
            context.fail(
                fmt::format("deduplicate: more than {} different keys", collected_values_limit));
        } else {
            take(arguments[1], arguments[0]);
        }
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const Deduplicate&>(other);
        if (later.order_.empty()) return;
        all_ = later.all_;
        // Whether the last row of all is the first of its key.
        const bool fresh = !later.last_.is_null() && !keys_.contains(later.last_key());
        for (const auto& [key, row] : later.order_)
            if (!keys_.contains(key) && keys_.size() < collected_values_limit) take(key, row);
        last_ = fresh ? later.last_ : Datum();
    }
    Datum result(CallContext&) const override {
        if (!all_) return last_;
        std::vector<Datum> rows;
        rows.reserve(order_.size());
        for (const auto& [key, row] : order_)
            rows.push_back(row);
        return Datum::array(std::move(rows));
    }
    void save(ByteWriter& out) const override {
        out.u8(all_ ? 1 : 0);
        out.u8(last_.is_null() ? 0 : 1);
        out.varint(order_.size());
        for (const auto& [key, row] : order_) {
            sql::save(out, key);
            sql::save(out, row);
        }
    }
    void load(ByteReader& in) override {
        all_ = in.u8() != 0;
        const bool fresh = in.u8() != 0;
        for (size_t left = load_count(in, collected_values_limit); left > 0 && !in.failed();
             --left) {
            const Datum key = load_datum(in);
            const Datum row = load_datum(in);
            if (!keys_.contains(key)) take(key, row);
        }
        if (!fresh) last_ = Datum();
    }
    size_t bytes() const override { return bytes_; }

  private:
    const Datum& last_key() const { return order_.back().first; }
    void take(const Datum& key, const Datum& row) {
        keys_.emplace(key, true);
        order_.emplace_back(key, row);
        last_ = row;
        bytes_ += heap_of(key) + heap_of(row) + 64;
    }

    std::map<Datum, bool, Before> keys_;
    std::vector<std::pair<Datum, Datum>> order_;  // of first occurrence
    Datum last_;                                  // the last row, null where its key was known
    bool all_ = true;
    size_t bytes_ = 0;
};

// first_value and last_value; the second argument: leave out nulls.
template <bool last>
class End : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        const auto skip_nulls =
            arguments.size() > 1 ? boolean_at(name, arguments, 1, context) : std::optional(true);
        if (!skip_nulls || (*skip_nulls && arguments[0].is_null())) return;
        if (!last && seen_) return;
        seen_ = true;
        value_ = arguments[0];
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const End&>(other);
        if (!later.seen_ || (!last && seen_)) return;
        *this = later;
    }
    Datum result(CallContext&) const override { return value_; }
    void save(ByteWriter& out) const override {
        out.u8(seen_ ? 1 : 0);
        sql::save(out, value_);
    }
    void load(ByteReader& in) override {
        seen_ = in.u8() != 0;
        value_ = load_datum(in);
    }
    size_t bytes() const override { return value_.heap_bytes(); }

  private:
    static constexpr std::string_view name = last ? "last_value" : "first_value";
    Datum value_;
    bool seen_ = false;
};

// topk and topkdistinct: the k largest, largest first.
template <bool distinct>
class Top : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        const auto wanted = whole_at(name, arguments, 1, 1, top_values_limit, context);
        if (!wanted) return;
        if (arguments[0].kind() >= Kind::array) {
            context.fail(fmt::format("{}: {} has no order", name, to_string(arguments[0].kind())));
            return;
        }
        wanted_ = static_cast<size_t>(*wanted);
        take(arguments[0]);
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const Top&>(other);
        wanted_ = std::max(wanted_, later.wanted_);
        for (const auto& value : later.values_)
            take(value);
    }
    Datum result(CallContext&) const override { return Datum::array(values_); }
    void save(ByteWriter& out) const override {
        out.varint(wanted_);
        save_values(out, values_);
    }
    void load(ByteReader& in) override {
        wanted_ = in.varint();
        if (wanted_ > top_values_limit) in.fail();
        values_ = load_values(in, top_values_limit);
    }
    size_t bytes() const override {
        size_t sum = 0;
        for (const auto& value : values_)
            sum += heap_of(value);
        return sum;
    }

  private:
    static constexpr std::string_view name = distinct ? "topkdistinct" : "topk";
    void take(const Datum& value) {
        const auto place = std::ranges::lower_bound(
            values_, value, [](const Datum& a, const Datum& b) { return order(a, b) > 0; });
        if (distinct && place != values_.end() && order(*place, value) == 0) return;
        if (place == values_.end() && values_.size() >= wanted_) return;
        values_.insert(place, value);
        if (values_.size() > wanted_) values_.pop_back();
    }

    std::vector<Datum> values_;
    size_t wanted_ = 0;
};

enum class Rank : uint8_t { median, continuous, discrete };

// Holds every number: a rank needs them all. Does not merge, so that overlapping windows hold each
// number once a window, not twice.
template <Rank rank>
class Percentile : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        const auto value = number_at(name, arguments, 0, context);
        if (!value || (rank != Rank::median && !take_share(arguments, context))) return;
        if (values_.size() >= percentile_values_limit) {
            context.fail(fmt::format("{}: more than {} numbers", name, percentile_values_limit));
            return;
        }
        if (arguments[0].kind() != Kind::int64) whole_ = false;
        values_.push_back(*value);
    }
    Datum result(CallContext&) const override {
        if (values_.empty()) return {};
        std::vector<double> sorted = values_;
        std::ranges::sort(sorted);
        const size_t count = sorted.size();
        if constexpr (rank == Rank::discrete) {
            const auto at = static_cast<size_t>(std::ceil(share_ * static_cast<double>(count)));
            return number(sorted[at == 0 ? 0 : at - 1]);
        }
        const double place = (rank == Rank::median ? 0.5 : share_) * static_cast<double>(count - 1);
        const auto below = static_cast<size_t>(place);
        const double part = place - static_cast<double>(below);
        if (part == 0 && rank == Rank::median) return number(sorted[below]);
        if (part == 0) return Datum::real(sorted[below]);
        return Datum::real(sorted[below] + (sorted[below + 1] - sorted[below]) * part);
    }
    void save(ByteWriter& out) const override {
        out.u8(whole_ ? 1 : 0);
        save_real(out, share_);
        out.varint(values_.size());
        for (const double value : values_)
            save_real(out, value);
    }
    void load(ByteReader& in) override {
        whole_ = in.u8() != 0;
        share_ = load_real(in);
        if (!(share_ >= 0 && share_ <= 1)) in.fail();
        values_.resize(load_count(in, percentile_values_limit));
        for (auto& value : values_)
            value = load_real(in);
    }
    size_t bytes() const override { return values_.capacity() * sizeof(double); }

  private:
    static constexpr std::string_view name = rank == Rank::median       ? "median"
                                             : rank == Rank::continuous ? "percentile_cont"
                                                                        : "percentile_disc";
    bool take_share(Arguments arguments, CallContext& context) {
        const auto share = number_at(name, arguments, 1, context);
        if (!share) return false;
        if (!(*share >= 0 && *share <= 1)) {
            context.fail(fmt::format("{}: argument 2 must be 0 to 1, not {}", name, *share));
            return false;
        }
        share_ = *share;
        return true;
    }
    // Ints stay ints where a rank picks one of them.
    Datum number(double value) const {
        return whole_ ? Datum::integer(static_cast<int64_t>(value)) : Datum::real(value);
    }

    std::vector<double> values_;
    double share_ = 1;
    bool whole_ = true;
};

constexpr Function held(std::string_view name, std::string_view origin, std::string_view signature,
                        std::string_view help, uint8_t least, uint8_t most, Nulls nulls,
                        std::unique_ptr<Aggregate> (*aggregate)(), bool can_merge = true) {
    return {.name = name,
            .type = FunctionClass::aggregate,
            .group = "aggregate",
            .origin = origin,
            .signature = signature,
            .help = help,
            .example = {},
            .example_result = {},
            .least_arguments = least,
            .most_arguments = most,
            .nulls = nulls,
            .pure = false,
            .aggregate = aggregate,
            .can_merge = can_merge};
}

constexpr std::string_view incremental =
    "The same as the function without inc_, whose results are always kept up to date row by row.";

constexpr Function functions[] = {
    held("collect", "eKuiper", "collect(*) or collect(x)",
         "An array of all rows, or of their values with nulls, in the order they came; at most "
         "100,000.",
         1, 1, Nulls::seen, make_aggregate<Collect>),
    held(
        "merge_agg", "eKuiper", "merge_agg(*) or merge_agg(x)",
        "One object of the members of all objects; of equal names the last wins. What is no object "
        "is left out. At most 10,000 members.",
        1, 1, Nulls::to_null, make_aggregate<MergeObjects>),
    held("deduplicate", "eKuiper", "deduplicate(key, all)",
         "With all = true the rows whose key had not come before, as an array; with false the last "
         "row, if its key had not come before, else null. At most 100,000 keys.",
         1, 2, Nulls::seen, make_aggregate<Deduplicate>),
    held("first_value", "Headworks", "first_value(x [, ignore_nulls])",
         "The value of the first row, or with ignore_nulls (true where it is not given) the first "
         "that is not null.",
         1, 2, Nulls::seen, make_aggregate<End<false>>),
    held("last_value", "eKuiper", "last_value(x [, ignore_nulls])",
         "The value of the last row, or with ignore_nulls (true where it is not given) the last "
         "that is not null.",
         1, 2, Nulls::seen, make_aggregate<End<true>>),
    held("topk", "Headworks", "topk(x, k)",
         "The k largest values as an array, the largest first; k is at most 1,000. Nulls are left "
         "out.",
         2, 2, Nulls::to_null, make_aggregate<Top<false>>),
    held("topkdistinct", "Headworks", "topkdistinct(x, k)",
         "The k largest different values as an array, the largest first; k is at most 1,000.", 2, 2,
         Nulls::to_null, make_aggregate<Top<true>>),
    held("median", "eKuiper", "median(x)",
         "The number in the middle, or the mean of the two there. At most 1,000,000 numbers.", 1, 1,
         Nulls::to_null, make_aggregate<Percentile<Rank::median>>, false),
    held("percentile_cont", "eKuiper", "percentile_cont(x, share)",
         "The number below which that share (0 to 1) of the numbers lies, interpolated between two "
         "of them as in standard SQL. At most 1,000,000 numbers.",
         2, 2, Nulls::to_null, make_aggregate<Percentile<Rank::continuous>>, false),
    held("percentile", "eKuiper", "percentile(x, share)", "The same as percentile_cont.", 2, 2,
         Nulls::to_null, make_aggregate<Percentile<Rank::continuous>>, false),
    held("percentile_disc", "eKuiper", "percentile_disc(x, share)",
         "The least of the numbers that at least that share (0 to 1) of them does not exceed. At "
         "most 1,000,000 numbers.",
         2, 2, Nulls::to_null, make_aggregate<Percentile<Rank::discrete>>, false),
    held("inc_collect", "eKuiper", "inc_collect(x)", incremental, 1, 1, Nulls::seen,
         make_aggregate<Collect>),
    held("inc_merge_agg", "eKuiper", "inc_merge_agg(x)", incremental, 1, 1, Nulls::to_null,
         make_aggregate<MergeObjects>),
    held("inc_last_value", "eKuiper", "inc_last_value(x [, ignore_nulls])", incremental, 1, 2,
         Nulls::seen, make_aggregate<End<true>>),
};

}  // namespace

std::span<const Function> collecting_functions() {
    return functions;
}

}  // namespace hw::sql
