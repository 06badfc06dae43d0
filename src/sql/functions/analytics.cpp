#include <fmt/format.h>

#include <deque>
#include <map>

#include "sql/datum_codec.h"
#include "sql/functions/functions.h"
#include "sql/functions/state_tools.h"

// Functions that look at the rows before. Where WHEN does not hold, a row is answered and
// forgotten.
namespace hw::sql {

namespace {

size_t heap_of(const Datum& value) {
    return sizeof(Datum) + value.heap_bytes();
}

// The given argument, or `otherwise`; nothing, and the call fails, where it is no boolean.
std::optional<bool> option(std::string_view function, Arguments arguments, size_t i, bool otherwise,
                           CallContext& context) {
    if (i >= arguments.size()) return otherwise;
    return boolean_at(function, arguments, i, context);
}

// lag(x [, offset [, otherwise [, ignore_nulls]]])
class Lag : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext& context) override {
        const auto offset = arguments.size() > 1
                                ? whole_at("lag", arguments, 1, 1, lag_rows_limit, context)
                                : std::optional<int64_t>(1);
        const auto ignore_nulls = option("lag", arguments, 3, true, context);
        if (!offset || !ignore_nulls) return {};
        const auto back = static_cast<size_t>(*offset);
        Datum found = arguments.size() > 2 ? arguments[2] : Datum();
        if (values_.size() >= back) found = values_[values_.size() - back];
        if (when && !(*ignore_nulls && arguments[0].is_null())) keep(arguments[0], back);
        return found;
    }
    void save(ByteWriter& out) const override {
        out.varint(values_.size());
        for (const auto& value : values_)
            sql::save(out, value);
    }
    void load(ByteReader& in) override {
        for (auto& value : load_values(in, lag_rows_limit))
            keep(value, lag_rows_limit);
    }
    size_t bytes() const override { return bytes_; }

  private:
    void keep(const Datum& value, size_t most) {
        values_.push_back(value);
        bytes_ += heap_of(value);
        while (values_.size() > most) {
            bytes_ -= heap_of(values_.front());
            values_.pop_front();
        }
    }

    std::deque<Datum> values_;
    size_t bytes_ = 0;
};

// latest(x [, otherwise]): the last x that was not null.
class Latest : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext&) override {
        if (when && !arguments[0].is_null()) value_ = arguments[0];
        if (!value_.is_null()) return value_;
        return arguments.size() > 1 ? arguments[1] : Datum();
    }
    void save(ByteWriter& out) const override { sql::save(out, value_); }
    void load(ByteReader& in) override { value_ = load_datum(in); }
    size_t bytes() const override { return value_.heap_bytes(); }

  private:
    Datum value_;
};

// changed_col(ignore_nulls, x)
class ChangedColumn : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext& context) override {
        const auto ignore_nulls = boolean_at("changed_col", arguments, 0, context);
        if (!ignore_nulls || !when || (*ignore_nulls && arguments[1].is_null())) return {};
        if (arguments[1] == value_) return {};
        value_ = arguments[1];
        return value_;
    }
    void save(ByteWriter& out) const override { sql::save(out, value_); }
    void load(ByteReader& in) override { value_ = load_datum(in); }
    size_t bytes() const override { return value_.heap_bytes(); }

  private:
    Datum value_;
};

// had_changed(ignore_nulls, x, ...)
class HadChanged : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext& context) override {
        const auto ignore_nulls = boolean_at("had_changed", arguments, 0, context);
        if (!ignore_nulls) return {};
        if (!when) return Datum::boolean(false);
        values_.resize(arguments.size() - 1);
        bool changed = false;
        for (size_t i = 0; i < values_.size(); ++i) {
            const Datum& value = arguments[i + 1];
            if ((*ignore_nulls && value.is_null()) || value == values_[i]) continue;
            values_[i] = value;
            changed = true;
        }
        return Datum::boolean(changed);
    }
    void save(ByteWriter& out) const override { save_values(out, values_); }
    void load(ByteReader& in) override { values_ = load_values(in, 255); }
    size_t bytes() const override {
        size_t sum = 0;
        for (const auto& value : values_)
            sum += heap_of(value);
        return sum;
    }

  private:
    std::vector<Datum> values_;
};

// changed_cols(prefix, ignore_nulls, columns): the query gives the columns as one object.
class ChangedColumns : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext& context) override {
        const auto ignore_nulls = boolean_at("changed_cols", arguments, 1, context);
        if (!ignore_nulls) return {};
        if (!arguments[0].is_text() || !arguments[2].is_object())
            return context.fail("changed_cols: the first argument must be a string");
        if (!when) return {};
        std::vector<Member> changed;
        for (const auto& member : arguments[2].members()) {
            if (*ignore_nulls && member.value.is_null()) continue;
            if (!take(member.key.as_text(), member.value)) continue;
            const std::string name =
                std::string(arguments[0].as_text()) + std::string(member.key.as_text());
            changed.push_back({Datum::text(name), member.value});
        }
        if (full_)
            return context.fail(
                fmt::format("changed_cols: more than {} columns", merged_members_limit));
        return changed.empty() ? Datum() : Datum::object(std::move(changed));
    }
    void save(ByteWriter& out) const override {
        out.varint(values_.size());
        for (const auto& [name, value] : values_) {
            sql::save(out, Datum::text(name));
            sql::save(out, value);
        }
    }
    void load(ByteReader& in) override {
        for (size_t left = load_count(in, merged_members_limit); left > 0 && !in.failed(); --left) {
            const Datum name = load_datum(in);
            const Datum value = load_datum(in);
            if (!name.is_text()) return in.fail();
            values_.insert_or_assign(std::string(name.as_text()), value);
        }
    }
    size_t bytes() const override {
        size_t sum = 0;
        for (const auto& [name, value] : values_)
            sum += name.size() + heap_of(value) + 96;
        return sum;
    }

  private:
    // Whether it is another value than before; never seen counts as null.
    bool take(std::string_view name, const Datum& value) {
        const auto known = values_.find(name);
        if (known != values_.end()) {
            if (known->second == value) return false;
            known->second = value;
            return true;
        }
        if (value.is_null()) return false;
        full_ = values_.size() >= merged_members_limit;
        if (!full_) values_.emplace(name, value);
        return !full_;
    }

    std::map<std::string, Datum, std::less<>> values_;
    bool full_ = false;
};

constexpr Function analytic(std::string_view name, std::string_view signature,
                            std::string_view help, uint8_t least, uint8_t most,
                            std::unique_ptr<Analytic> (*make)()) {
    return {.name = name,
            .type = FunctionClass::analytic,
            .group = "analytic",
            .origin = "eKuiper",
            .signature = signature,
            .help = help,
            .example = {},
            .example_result = {},
            .least_arguments = least,
            .most_arguments = most,
            .nulls = Nulls::seen,
            .pure = false,
            .analytic = make};
}

constexpr Function functions[] = {
    analytic("lag", "lag(x [, offset [, otherwise [, ignore_nulls]]])",
             "The value of x that many rows before (1 where it is not given, at most 10,000), else "
             "`otherwise`. Rows whose x is null do not count, unless ignore_nulls is false.",
             1, 4, make_analytic<Lag>),
    analytic("latest", "latest(x [, otherwise])",
             "The last value of x that was not null, this row's too, else `otherwise`.", 1, 2,
             make_analytic<Latest>),
    analytic("changed_col", "changed_col(ignore_nulls, x)",
             "x where it differs from the last one, else null. With ignore_nulls a null is no "
             "change.",
             2, 2, make_analytic<ChangedColumn>),
    analytic("had_changed", "had_changed(ignore_nulls, x, ...)",
             "Whether any of the values differs from the last one. With ignore_nulls a null is no "
             "change.",
             2, 255, make_analytic<HadChanged>),
    analytic("changed_cols", "changed_cols(prefix, ignore_nulls, x, ...)",
             "The columns whose values differ from the last ones, with the prefix before their "
             "names; `*` for all. A field by itself. At most 10,000 columns.",
             3, 255, make_analytic<ChangedColumns>),
};

}  // namespace

std::span<const Function> analytic_functions() {
    return functions;
}

}  // namespace hw::sql
