#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sql/datum_codec.h"
#include "sql/functions/civil.h"
#include "sql/functions/functions.h"
#include "sql/functions/state_tools.h"
#include "sql/functions/units.h"
#include "sql/services.h"

// What water engineers calculate over time. The time is that of the row's event.
namespace hw::sql {

namespace {

constexpr double forever = 1e18;  // seconds

double seconds_between(Time from, Time to) {
    int64_t ns = 0;
    if (__builtin_sub_overflow(to.ns, from.ns, &ns)) return to.ns > from.ns ? forever : -forever;
    return static_cast<double>(ns) / 1e9;
}

// The unit that an argument names, looked up again only where the argument changes.
class NamedUnit {
  public:
    const Unit* find(std::string_view function, Arguments arguments, size_t i, Measure measure,
                     CallContext& context) {
        const Datum& name = arguments[i];
        if (unit_ != nullptr && name == name_) return unit_;
        unit_ = nullptr;
        if (!name.is_text()) {
            context.fail(fmt::format("{}: argument {} must be a unit's name", function, i + 1));
            return nullptr;
        }
        const auto unit = unit_named(name.as_text());
        if (!unit) {
            context.fail(fmt::format("{}: {}", function, unit.error().text()));
        } else if ((*unit)->measure != measure) {
            context.fail(fmt::format("{}: '{}' is no unit of {}", function, name.as_text(),
                                     to_string(measure)));
        } else {
            name_ = name;
            unit_ = *unit;
        }
        return unit_;
    }

  private:
    Datum name_;
    const Unit* unit_ = nullptr;
};

// The last moment that a value was known at.
struct LastValue {
    bool known = false;
    Time time;
    double value = 0;

    void set(Time at, double what) {
        known = true;
        time = at;
        value = what;
    }
    void save(ByteWriter& out) const {
        out.u8(known ? 1 : 0);
        save_time(out, time);
        save_real(out, value);
    }
    void load(ByteReader& in) {
        known = in.u8() != 0;
        time = load_time(in);
        value = load_real(in);
    }
};

// totalise(flow, unit [, method [, longest_gap_s]]): m3 since the rule began.
class Totaliser : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext& context) override {
        const Unit* unit = unit_.find("totalise", arguments, 1, Measure::flow, context);
        const auto hold = unit == nullptr ? std::nullopt : holds(arguments, context);
        const auto gap = hold ? longest_gap(arguments, context) : std::nullopt;
        if (!gap) return {};
        if (!when || arguments[0].is_null()) {
            last_.known = false;
            return total();
        }
        const auto given = number_at("totalise", arguments, 0, context);
        if (!given) return {};
        take(row_time(context), to_si(*given, *unit), *hold, *gap);
        return total();
    }
    void save(ByteWriter& out) const override {
        volume_.save(out);
        last_.save(out);
    }
    void load(ByteReader& in) override {
        volume_.load(in);
        last_.load(in);
    }
    size_t bytes() const override { return 0; }

  private:
    static std::optional<bool> holds(Arguments arguments, CallContext& context) {
        if (arguments.size() < 3 || arguments[2].is_null()) return false;
        if (arguments[2].is_text()) {
            if (arguments[2].as_text() == "trapezoid") return false;
            if (arguments[2].as_text() == "hold") return true;
        }
        context.fail("totalise: the method must be 'trapezoid' or 'hold'");
        return {};
    }
    static std::optional<double> longest_gap(Arguments arguments, CallContext& context) {
        if (arguments.size() < 4 || arguments[3].is_null()) return forever;
        return number_at("totalise", arguments, 3, context);
    }
    // A row that is older than the last one adds nothing.
    void take(Time now, double flow, bool hold, double gap) {
        const double elapsed = last_.known ? seconds_between(last_.time, now) : 0;
        if (elapsed < 0) return;
        if (elapsed > 0 && elapsed <= gap)
            volume_.add(Datum::real((hold ? last_.value : (last_.value + flow) / 2) * elapsed));
        last_.set(now, flow);
    }
    Datum total() const { return Datum::real(volume_.total()); }

    Sum volume_;
    LastValue last_;
    NamedUnit unit_;
};

// rate_of_change(x [, per])
class RateOfChange : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext& context) override {
        const Unit* per = find_unit("s");
        if (arguments.size() > 1)
            per = unit_.find("rate_of_change", arguments, 1, Measure::time, context);
        if (per == nullptr || !when || arguments[0].is_null()) return {};
        const auto value = number_at("rate_of_change", arguments, 0, context);
        if (!value) return {};
        const Time now = row_time(context);
        const double elapsed = last_.known ? seconds_between(last_.time, now) : 0;
        if (elapsed < 0) return {};
        const double before = last_.value;
        last_.set(now, *value);
        return elapsed > 0 ? Datum::real((*value - before) / (elapsed / per->factor)) : Datum();
    }
    void save(ByteWriter& out) const override { last_.save(out); }
    void load(ByteReader& in) override { last_.load(in); }
    size_t bytes() const override { return 0; }

  private:
    LastValue last_;
    NamedUnit unit_;
};

// deadband(x, width [, longest_s])
class Deadband : public Analytic {
  public:
    Datum row(Arguments arguments, bool when, CallContext& context) override {
        const auto width = number_at("deadband", arguments, 1, context);
        const auto longest = !width                 ? std::nullopt
                             : arguments.size() > 2 ? number_at("deadband", arguments, 2, context)
                                                    : std::optional(forever);
        if (!longest || !when || arguments[0].is_null()) return {};
        const auto value = number_at("deadband", arguments, 0, context);
        if (!value) return {};
        const Time now = row_time(context);
        const bool passes = !last_.known || std::abs(*value - last_.value) > *width ||
                            seconds_between(last_.time, now) >= *longest;
        if (!passes) return {};
        last_.set(now, *value);
        return arguments[0];
    }
    void save(ByteWriter& out) const override { last_.save(out); }
    void load(ByteReader& in) override { last_.load(in); }
    size_t bytes() const override { return 0; }

  private:
    LastValue last_;
};

// Each value counts for as long as it held: up to the next row, the last one up to the end of a
// window of time. Where no time passed, the plain mean.
class TimeWeighted : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        const auto value = number_at("time_weighted_avg", arguments, 0, context);
        if (!value) return;
        const Time now = row_time(context);
        if (count_ == 0) first_ = now;
        hold_until(now);
        // A late row changes the mean of the values, but not what held when.
        if (count_ == 0 || now >= last_.time) last_.set(now, *value);
        plain_.add(Datum::real(*value));
        ++count_;
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const TimeWeighted&>(other);
        if (later.count_ == 0) return;
        if (count_ == 0) {
            *this = later;
            return;
        }
        hold_until(later.first_);
        area_.merge(later.area_);
        seconds_.merge(later.seconds_);
        plain_.merge(later.plain_);
        last_ = later.last_;
        count_ += later.count_;
    }
    Datum result(CallContext& context) const override {
        if (count_ == 0) return {};
        double area = area_.total();
        double seconds = seconds_.total();
        if (context.window_end > last_.time) {
            const double rest = seconds_between(last_.time, context.window_end);
            area += last_.value * rest;
            seconds += rest;
        }
        if (seconds > 0) return Datum::real(area / seconds);
        return Datum::real(plain_.total() / static_cast<double>(count_));
    }
    void save(ByteWriter& out) const override {
        out.varint(count_);
        save_time(out, first_);
        last_.save(out);
        area_.save(out);
        seconds_.save(out);
        plain_.save(out);
    }
    void load(ByteReader& in) override {
        count_ = in.varint();
        first_ = load_time(in);
        last_.load(in);
        area_.load(in);
        seconds_.load(in);
        plain_.load(in);
    }
    size_t bytes() const override { return 0; }

  private:
    void hold_until(Time now) {
        if (count_ == 0) return;
        const double elapsed = seconds_between(last_.time, now);
        if (elapsed <= 0) return;
        area_.add(Datum::real(last_.value * elapsed));
        seconds_.add(Datum::real(elapsed));
    }

    uint64_t count_ = 0;
    Time first_;
    LastValue last_;
    Sum area_, seconds_, plain_;
};

// minimum_night_flow(flow [, from_hour, to_hour])
class NightFlow : public Aggregate {
  public:
    void add(Arguments arguments, CallContext& context) override {
        const auto flow = number_at(name, arguments, 0, context);
        if (!flow) return;
        double from = 2, to = 4;
        if (arguments.size() == 2) {
            context.fail("minimum_night_flow: the hour at which the night ends is missing");
            return;
        }
        if (arguments.size() > 2) {
            const auto begin = number_at(name, arguments, 1, context);
            const auto end = begin ? number_at(name, arguments, 2, context) : std::nullopt;
            if (!end) return;
            from = *begin;
            to = *end;
        }
        if (!(from >= 0 && from <= 24 && to >= 0 && to <= 24) || from == to) {
            context.fail(
                fmt::format("{}: hours must be two of 0 to 24, not {} and {}", name, from, to));
            return;
        }
        const auto hour = hour_of(row_time(context), context);
        if (!hour) return;
        const bool night = from < to ? *hour >= from && *hour < to : *hour >= from || *hour < to;
        if (night && (least_.is_null() || *flow < least_.as_real())) least_ = Datum::real(*flow);
    }
    void merge(const Aggregate& other) override {
        const auto& later = static_cast<const NightFlow&>(other).least_;
        if (later.is_null()) return;
        if (least_.is_null() || later.as_real() < least_.as_real()) least_ = later;
    }
    Datum result(CallContext&) const override { return least_; }
    void save(ByteWriter& out) const override { sql::save(out, least_); }
    void load(ByteReader& in) override {
        least_ = load_datum(in);
        if (!least_.is_null() && least_.kind() != Kind::float64) in.fail();
    }
    size_t bytes() const override { return 0; }

  private:
    static constexpr std::string_view name = "minimum_night_flow";
    static std::optional<double> hour_of(Time time, CallContext& context) {
        const auto offset = zone_offset(context.services->time_zone, time);
        if (!offset) {
            context.fail(fmt::format("{}: {}", name, offset.error().text()));
            return {};
        }
        const Civil civil = civil_at(time, offset->seconds);
        return civil.hour + civil.minute / 60.0 + civil.second / 3600.0;
    }

    Datum least_;
};

constexpr Function over_time(std::string_view signature, uint8_t least, uint8_t most,
                             std::string_view help, std::unique_ptr<Analytic> (*analytic)()) {
    return {.name = signature.substr(0, signature.find('(')),
            .type = FunctionClass::analytic,
            .group = "water",
            .origin = "Headworks",
            .signature = signature,
            .help = help,
            .example = {},
            .example_result = {},
            .least_arguments = least,
            .most_arguments = most,
            .nulls = Nulls::seen,
            .pure = false,
            .analytic = analytic};
}

constexpr Function of_window(std::string_view signature, uint8_t least, uint8_t most,
                             std::string_view help, std::unique_ptr<Aggregate> (*aggregate)()) {
    return {.name = signature.substr(0, signature.find('(')),
            .type = FunctionClass::aggregate,
            .group = "water",
            .origin = "Headworks",
            .signature = signature,
            .help = help,
            .example = {},
            .example_result = {},
            .least_arguments = least,
            .most_arguments = most,
            .pure = false,
            .aggregate = aggregate,
            .can_merge = true};
}

constexpr Function functions[] = {
    over_time(
        "totalise(flow, unit [, method [, longest_gap_s]])", 2, 4,
        "The volume in m3 that has flowed since the rule began: the flow in its unit ('m3/h', "
        "'L/s' ...) over the rows' time, by the method 'trapezoid' (as where it is not given) "
        "or 'hold'. Nothing is added across a null, a row where WHEN does not hold, or more "
        "seconds than the longest gap.",
        make_analytic<Totaliser>),
    over_time(
        "rate_of_change(x [, per])", 1, 2,
        "The change of x since the row before over the time between, for each second or other "
        "unit of time ('min', 'h' ...). Null for the first row and where no time passed.",
        make_analytic<RateOfChange>),
    over_time(
        "deadband(x, width [, longest_s])", 2, 3,
        "x where it is further than width from the last x that passed, or that one is at least "
        "so many seconds old; else null.",
        make_analytic<Deadband>),
    of_window("time_weighted_avg(x)", 1, 1,
              "The mean of x where each value counts for as long as it held: to the next row, the "
              "last one to the end of its window.",
              make_aggregate<TimeWeighted>),
    of_window("minimum_night_flow(flow [, from_hour, to_hour])", 1, 3,
              "The least flow of the rows between two hours (2 and 4 where they are not given) of "
              "the default time zone, in the flow's unit; null where there was none. A period over "
              "midnight is allowed: 23, 5.",
              make_aggregate<NightFlow>),
};

}  // namespace

std::span<const Function> water_states() {
    return functions;
}

}  // namespace hw::sql
