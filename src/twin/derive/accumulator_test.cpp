#include "twin/derive/accumulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "base/random.h"
#include "sql/json.h"

namespace hw::twin {
namespace {

using model::Quality;
using sql::Datum;

constexpr RollUpFunction all_functions[] = {
    RollUpFunction::count, RollUpFunction::sum, RollUpFunction::avg, RollUpFunction::min,
    RollUpFunction::max,   RollUpFunction::any, RollUpFunction::all};

std::string result(const Accumulator& roll_up) {
    return sql::to_json(roll_up.result());
}
bool put(Accumulator& roll_up, uint32_t member, Datum value, Quality quality = Quality::good,
         bool stale = false) {
    return roll_up.set(member, value, quality, stale);
}

TEST(AccumulatorTest, of_no_members) {
    const std::map<RollUpFunction, std::string> expected = {
        {RollUpFunction::count, "0"},  {RollUpFunction::sum, "0"},
        {RollUpFunction::avg, "null"}, {RollUpFunction::min, "null"},
        {RollUpFunction::max, "null"}, {RollUpFunction::any, "false"},
        {RollUpFunction::all, "true"},
    };
    for (const auto function : all_functions) {
        const auto roll_up = Accumulator::make(function);
        EXPECT_EQ(result(*roll_up), expected.at(function));
        EXPECT_EQ(roll_up->quality(), Quality::good);
        EXPECT_FALSE(roll_up->stale());
        EXPECT_FALSE(roll_up->remove(7));
        EXPECT_EQ(roll_up->members(), 0u);
    }
}

TEST(AccumulatorTest, sums_stay_whole_while_all_is_whole) {
    const auto sum = Accumulator::make(RollUpFunction::sum);
    put(*sum, 1, Datum::integer(5));
    put(*sum, 2, Datum::boolean(true));
    EXPECT_EQ(result(*sum), "6");
    put(*sum, 3, Datum::real(0.5));
    EXPECT_EQ(result(*sum), "6.5");
    sum->remove(3);
    EXPECT_EQ(result(*sum), "6");
    put(*sum, 1, Datum::integer(std::numeric_limits<int64_t>::max()));
    EXPECT_EQ(sum->result(), Datum::real(9223372036854775808.0));
    put(*sum, 2, Datum::boolean(false));
    EXPECT_EQ(sum->result(), Datum::integer(std::numeric_limits<int64_t>::max()));
    const auto mean = Accumulator::make(RollUpFunction::avg);
    put(*mean, 1, Datum::boolean(true));
    put(*mean, 2, Datum::boolean(false));
    EXPECT_EQ(result(*mean), "0.5");
}

TEST(AccumulatorTest, extremes_of_numbers_texts_and_times) {
    const auto least = Accumulator::make(RollUpFunction::min);
    const auto most = Accumulator::make(RollUpFunction::max);
    for (auto* one : {least.get(), most.get()}) {
        put(*one, 1, Datum::integer(5));
        put(*one, 2, Datum::real(4.5));
        put(*one, 3, Datum::real(-std::numeric_limits<double>::infinity()));
        put(*one, 4, Datum::real(std::nan("")));
    }
    EXPECT_EQ(least->result(), Datum::real(-std::numeric_limits<double>::infinity()));
    EXPECT_EQ(result(*most), "5");
    EXPECT_EQ(most->quality(), Quality::uncertain_sub_normal);  // a NaN is unknown
    most->remove(4);
    EXPECT_EQ(most->quality(), Quality::good);
    EXPECT_TRUE(put(*most, 1, Datum::integer(3)));
    EXPECT_EQ(result(*most), "4.5");
    EXPECT_FALSE(put(*most, 1, Datum::integer(2)));  // not the greatest before nor after
    const auto text = Accumulator::make(RollUpFunction::max);
    put(*text, 1, Datum::text("a long text that lies on the heap"));
    put(*text, 2, Datum::text("b"));
    EXPECT_EQ(result(*text), "\"b\"");
    const auto time = Accumulator::make(RollUpFunction::min);
    put(*time, 1, Datum::time(Time{5}));
    put(*time, 2, Datum::time(Time{4}));
    EXPECT_EQ(time->result(), Datum::time(Time{4}));
    put(*time, 2, Datum::array({}));
    EXPECT_EQ(time->result(), Datum::time(Time{5}));
    EXPECT_EQ(time->quality(), Quality::uncertain_sub_normal);
}

TEST(AccumulatorTest, quality_and_staleness_of_the_members) {
    const auto sum = Accumulator::make(RollUpFunction::sum);
    EXPECT_TRUE(put(*sum, 1, Datum::integer(1)));
    EXPECT_TRUE(put(*sum, 2, Datum::integer(2), Quality::uncertain_last_usable));
    EXPECT_EQ(sum->quality(), Quality::uncertain_sub_normal);
    EXPECT_EQ(result(*sum), "3");
    // Bad ones do not contribute.
    EXPECT_TRUE(put(*sum, 2, Datum::integer(2), Quality::bad_device_failure, true));
    EXPECT_EQ(result(*sum), "1");
    EXPECT_EQ(sum->quality(), Quality::uncertain_sub_normal);
    EXPECT_FALSE(sum->stale());
    EXPECT_TRUE(put(*sum, 1, Datum::integer(1), Quality::bad));
    EXPECT_EQ(sum->quality(), Quality::bad);
    EXPECT_EQ(result(*sum), "0");
    // Null and good: the filter left it out.
    EXPECT_FALSE(put(*sum, 2, Datum(), Quality::good));  // still none is usable, and one is bad
    EXPECT_TRUE(put(*sum, 1, Datum(), Quality::good));
    EXPECT_EQ(sum->quality(), Quality::good);
    EXPECT_FALSE(put(*sum, 1, Datum(), Quality::good));
    EXPECT_TRUE(put(*sum, 1, Datum::integer(1), Quality::good, true));
    EXPECT_TRUE(sum->stale());
    EXPECT_TRUE(put(*sum, 3, Datum::text("no number")));
    EXPECT_EQ(sum->quality(), Quality::uncertain_sub_normal);
    EXPECT_TRUE(sum->remove(3));
    EXPECT_TRUE(sum->remove(1));
    EXPECT_FALSE(sum->stale());
    EXPECT_EQ(sum->members(), 1u);
}

TEST(AccumulatorTest, truths) {
    const auto any = Accumulator::make(RollUpFunction::any);
    const auto all = Accumulator::make(RollUpFunction::all);
    const auto both = [&](uint32_t member, Datum value) {
        put(*any, member, value);
        put(*all, member, value);
        return result(*any) + " " + result(*all);
    };
    EXPECT_EQ(both(1, Datum::boolean(true)), "true true");
    EXPECT_EQ(both(2, Datum::boolean(false)), "true false");
    EXPECT_EQ(both(1, Datum::boolean(false)), "false false");
    EXPECT_EQ(both(2, Datum()), "false false");
    EXPECT_EQ(both(1, Datum()), "false true");
    EXPECT_EQ(both(1, Datum::integer(1)), "false true");
    EXPECT_EQ(any->quality(), Quality::bad);
}

struct Part {
    Datum value;
    Quality quality = Quality::good;
    bool stale = false;
};

Datum random_value(Random& random) {
    switch (random.next() % 10) {
        case 0:
            return {};
        case 1:
            return Datum::boolean(random.next() & 1);
        case 2:
            return Datum::text(random.next() & 1 ? "x" : "a text that does not lie within");
        case 3:
            return Datum::integer(static_cast<int64_t>(random.next()));
        case 4:
            return Datum::real(random.next() & 1 ? std::nan("") : 1e300);
        case 5:
            return Datum::integer(static_cast<int64_t>(random.next() % 5));
        default:
            return Datum::real(static_cast<double>(random.next() % 1'000) / 8 - 60);
    }
}
Quality random_quality(Random& random) {
    constexpr Quality some[] = {Quality::good, Quality::good, Quality::uncertain,
                                Quality::bad_communication};
    return some[random.next() % 4];
}

// What the header promises, computed anew from the members.
class Reference {
  public:
    Reference(RollUpFunction function, const std::map<uint32_t, Part>& parts) {
        for (const auto& [member, part] : parts)
            take(function, part);
    }
    Quality quality() const {
        if (doubts_ == 0) return Quality::good;
        return used_.empty() ? Quality::bad : Quality::uncertain_sub_normal;
    }
    bool stale() const { return stale_; }
    std::string result(RollUpFunction function) const {
        const auto by_order = [](const Datum& a, const Datum& b) { return sql::order(a, b) < 0; };
        const auto is_true = [](const Datum& one) { return one.as_boolean(); };
        switch (function) {
            case RollUpFunction::count:
                return std::to_string(used_.size());
            case RollUpFunction::min:
                return used_.empty() ? "null" : shown(*std::ranges::min_element(used_, by_order));
            case RollUpFunction::max:
                return used_.empty() ? "null" : shown(*std::ranges::max_element(used_, by_order));
            case RollUpFunction::any:
                return std::ranges::any_of(used_, is_true) ? "true" : "false";
            case RollUpFunction::all:
                return std::ranges::all_of(used_, is_true) ? "true" : "false";
            default:
                break;
        }
        return {};
    }
    // 1 and 1.0 are one text here.
    static std::string shown(const Datum& value) {
        return value.is_number() ? std::to_string(value.as_number()) : sql::to_json(value);
    }

  private:
    void take(RollUpFunction function, const Part& part) {
        const auto family = model::family(part.quality);
        const bool fit = fits(function, part.value);
        const bool null = part.value.is_null();
        if (family != model::QualityFamily::good || (!null && !fit)) ++doubts_;
        if (null || !fit || family == model::QualityFamily::bad) return;
        used_.push_back(part.value);
        stale_ = stale_ || part.stale;
    }
    static bool fits(RollUpFunction function, const Datum& value) {
        const bool nan = value.kind() == sql::Kind::float64 && std::isnan(value.as_real());
        switch (function) {
            case RollUpFunction::count:
                return true;
            case RollUpFunction::sum:
            case RollUpFunction::avg:
                return !nan && (value.is_number() || value.kind() == sql::Kind::boolean);
            case RollUpFunction::any:
            case RollUpFunction::all:
                return value.kind() == sql::Kind::boolean;
            default:
                return !nan;
        }
    }

    std::vector<Datum> used_;
    size_t doubts_ = 0;
    bool stale_ = false;
};

// The same members put into a new one, in the order of their numbers.
std::string fresh_result(RollUpFunction function, const std::map<uint32_t, Part>& parts) {
    const auto fresh = Accumulator::make(function);
    for (const auto& [member, part] : parts)
        fresh->set(member, part.value, part.quality, part.stale);
    return result(*fresh);
}

void run(RollUpFunction function, uint64_t seed, size_t members, int steps) {
    Random random(seed);
    const auto roll_up = Accumulator::make(function);
    std::map<uint32_t, Part> parts;
    for (int step = 0; step < steps; ++step) {
        const auto member = static_cast<uint32_t>(random.next() % members * 7'919);
        const std::string before = result(*roll_up);
        const Quality quality = roll_up->quality();
        const bool stale = roll_up->stale();
        bool told = false;
        if (random.next() % 4 == 0) {
            told = roll_up->remove(member);
            parts.erase(member);
        } else {
            const Part part{random_value(random), random_quality(random), random.next() % 8 == 0};
            told = roll_up->set(member, part.value, part.quality, part.stale);
            parts[member] = part;
        }
        const Reference expected(function, parts);
        ASSERT_EQ(roll_up->members(), parts.size());
        ASSERT_EQ(roll_up->quality(), expected.quality());
        ASSERT_EQ(roll_up->stale(), expected.stale());
        ASSERT_EQ(result(*roll_up), fresh_result(function, parts)) << "step " << step;
        const std::string other = expected.result(function);
        if (!other.empty()) {
            const Datum value = roll_up->result();
            ASSERT_EQ(
                function == RollUpFunction::count ? result(*roll_up) : Reference::shown(value),
                other);
        }
        const bool changed = result(*roll_up) != before || roll_up->quality() != quality ||
                             roll_up->stale() != stale;
        ASSERT_TRUE(told || !changed) << "step " << step;
    }
}

TEST(AccumulatorTest, random_changes_agree_with_a_fresh_answer) {
    for (const auto function : all_functions)
        for (uint64_t seed = 1; seed <= 12; ++seed) {
            SCOPED_TRACE(static_cast<int>(function) * 100 + static_cast<int>(seed));
            run(function, seed, seed % 3 == 0 ? 60 : seed, 800);
            if (HasFatalFailure()) return;
        }
}

TEST(AccumulatorTest, memory_follows_the_members) {
    const auto text = Accumulator::make(RollUpFunction::max);
    const size_t empty = text->bytes();
    for (uint32_t i = 0; i < 1'000; ++i)
        put(*text, i, Datum::text(std::string(100, 'x')));
    const size_t full = text->bytes();
    EXPECT_GT(full, empty + 100'000);
    for (uint32_t i = 0; i < 1'000; ++i)
        text->remove(i);
    EXPECT_LT(text->bytes() + 100'000, full);
    EXPECT_TRUE(text->result().is_null());
}

}  // namespace
}  // namespace hw::twin
