#include "twin/derive/derivation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/functions/functions.h"
#include "sql/json.h"

namespace hw::twin {
namespace {

using sql::Datum;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DerivationTest : public testing::Test {
  protected:
    DerivationTest() { sql::add_builtin_functions(functions_); }

    std::unique_ptr<Derivation> compile(std::string_view text) {
        auto made = Derivation::compile(text, functions_, services_);
        EXPECT_TRUE(made.has_value()) << text << ": " << made.error().text();
        return made ? std::move(*made) : nullptr;
    }
    std::string error(std::string_view text) {
        auto made = Derivation::compile(text, functions_, services_);
        if (made) return "none";
        EXPECT_EQ(made.error().code(), ErrorCode::invalid_argument);
        return made.error().text();
    }
    // The value as JSON, or "error: ..."
    std::string value(std::string_view text, std::vector<Datum> own = {},
                      std::vector<Datum> rolled = {}) {
        const auto made = compile(text);
        if (!made) return "no expression";
        std::string wrong;
        const Datum out = made->evaluate(own, rolled, now_, wrong);
        if (!wrong.empty()) return "error: " + wrong + (out.is_null() ? "" : " and a value");
        return sql::to_json(out);
    }
    std::string part(std::string_view text, std::vector<Datum> values) {
        const auto made = compile(text);
        return made ? sql::to_json(made->contribution(0, values, now_)) : "no expression";
    }

    sql::FunctionTable functions_;
    sql::Services services_;
    const Time now_{1'700'000'000'000'000'000};
};

TEST_F(DerivationTest, own_properties_are_named_as_paths_in_the_order_of_first_use) {
    const auto made = compile("drive.speed * 2 + level - drive.speed + `order` + \"end\"");
    EXPECT_THAT(made->own(), ElementsAre("drive/speed", "level", "order", "end"));
    EXPECT_THAT(made->roll_ups(), IsEmpty());
    std::string wrong;
    const std::vector<Datum> own = {Datum::real(3), Datum::integer(4), Datum::integer(10),
                                    Datum::integer(100)};
    EXPECT_EQ(made->evaluate(own, {}, now_, wrong), Datum::real(117));
    EXPECT_EQ(wrong, "");
}

TEST_F(DerivationTest, arrows_and_subscripts_go_into_values) {
    const Datum limits = Datum::object({{Datum::text("high"), Datum::integer(9)}});
    const auto made = compile("limits->high + limits['high'] + levels[1] + levels[-1]");
    EXPECT_THAT(made->own(), ElementsAre("limits", "levels"));
    std::string wrong;
    const std::vector<Datum> own = {limits, Datum::array({Datum::integer(1), Datum::integer(5)})};
    EXPECT_EQ(made->evaluate(own, {}, now_, wrong), Datum::integer(24));
}

TEST_F(DerivationTest, functions_of_all_kinds_work) {
    EXPECT_EQ(value("round(level, 1)", {Datum::real(2.345)}), "2.3");
    EXPECT_EQ(value("CASE WHEN running THEN 'on' ELSE 'off' END", {Datum::boolean(true)}),
              "\"on\"");
    EXPECT_EQ(value("coalesce(a, b)", {Datum(), Datum::integer(7)}), "7");
    EXPECT_EQ(value("convert_unit(level, 'm', 'cm')", {Datum::real(1.5)}), "150.0");
}

TEST_F(DerivationTest, errors_of_a_row_are_null_and_the_text) {
    EXPECT_THAT(value("a / b", {Datum::integer(1), Datum::integer(0)}), HasSubstr("error: "));
    EXPECT_EQ(value("a + b", {Datum::integer(1), Datum()}), "null");
    // The next row is not touched by it.
    const auto made = compile("a / b");
    std::string wrong;
    const std::vector<Datum> bad = {Datum::integer(1), Datum::integer(0)};
    const std::vector<Datum> fit = {Datum::integer(6), Datum::integer(3)};
    EXPECT_TRUE(made->evaluate(bad, {}, now_, wrong).is_null());
    EXPECT_NE(wrong, "");
    wrong.clear();
    EXPECT_EQ(made->evaluate(fit, {}, now_, wrong).as_number(), 2);
    EXPECT_EQ(wrong, "");
}

TEST_F(DerivationTest, aggregates_over_relationships_are_cut_out) {
    const auto made = compile(
        "(SUM(intakes.flow) + sum(intakes.flow)) / count(intakes) - avg(incoming.partOf.drive.power"
        " * incoming.partOf.factor) + offset");
    EXPECT_THAT(made->own(), ElementsAre("offset"));
    ASSERT_EQ(made->roll_ups().size(), 3u);
    const auto& sum = made->roll_ups()[0];
    EXPECT_EQ(sum.function, RollUpFunction::sum);
    EXPECT_EQ(sum.relationship, "intakes");
    EXPECT_FALSE(sum.incoming);
    EXPECT_THAT(sum.paths, ElementsAre("flow"));
    const auto& count = made->roll_ups()[1];
    EXPECT_EQ(count.function, RollUpFunction::count);
    EXPECT_THAT(count.paths, IsEmpty());
    const auto& mean = made->roll_ups()[2];
    EXPECT_EQ(mean.function, RollUpFunction::avg);
    EXPECT_EQ(mean.relationship, "partOf");
    EXPECT_TRUE(mean.incoming);
    EXPECT_THAT(mean.paths, ElementsAre("drive/power", "factor"));
    std::string wrong;
    const std::vector<Datum> own = {Datum::real(0.5)};
    const std::vector<Datum> rolled = {Datum::real(10), Datum::integer(4), Datum::real(2)};
    EXPECT_EQ(made->evaluate(own, rolled, now_, wrong), Datum::real(3.5));
}

TEST_F(DerivationTest, a_member_contributes_its_argument_where_the_filter_holds) {
    constexpr std::string_view text = "sum(pumps.power * 2) FILTER (WHERE pumps.running)";
    EXPECT_EQ(part(text, {Datum::integer(4), Datum::boolean(true)}), "8");
    EXPECT_EQ(part(text, {Datum::integer(4), Datum::boolean(false)}), "null");
    EXPECT_EQ(part(text, {Datum::integer(4), Datum()}), "null");
    EXPECT_EQ(part("count(pumps)", {}), "true");
    EXPECT_EQ(part("count(incoming.pumps)", {}), "true");
    EXPECT_EQ(part("count(pumps) FILTER (WHERE pumps.power > 3)", {Datum::integer(4)}), "true");
    EXPECT_EQ(part("count(pumps) FILTER (WHERE pumps.power > 3)", {Datum::integer(2)}), "null");
    EXPECT_EQ(part("count(pumps.power)", {Datum::integer(2)}), "2");
    EXPECT_EQ(part("any(pumps.power > 3)", {Datum::integer(2)}), "false");
    EXPECT_EQ(part("all(pumps.power > 3)", {Datum::integer(4)}), "true");
    EXPECT_EQ(part("max(pumps.a / pumps.b)", {Datum::integer(4), Datum::integer(0)}), "null");
}

TEST_F(DerivationTest, aggregates_with_other_filters_are_others) {
    const auto made = compile(
        "count(pumps) + count(pumps) FILTER (WHERE pumps.a) + count(pumps) FILTER (WHERE pumps.b)"
        " + count(incoming.pumps) + COUNT(pumps) FILTER (WHERE pumps.a)");
    EXPECT_EQ(made->roll_ups().size(), 4u);
}

TEST_F(DerivationTest, what_cannot_be_kept_current_is_refused) {
    EXPECT_THAT(error("1 + stddev(pumps.power)"),
                HasSubstr("line 1, column 5: stddev() cannot be kept current"));
    EXPECT_THAT(error("lag(level)"), HasSubstr("lag() looks back"));
    EXPECT_THAT(error("unnest(levels)"), HasSubstr("unnest() makes rows"));
    EXPECT_THAT(error("clientid()"), HasSubstr("speaks of an event"));
    EXPECT_THAT(error("window_start()"), HasSubstr("speaks of an event"));
    EXPECT_THAT(error("meta(topic)"), HasSubstr("speaks of an event"));
    EXPECT_THAT(error("last_hit_count()"), HasSubstr("speaks of an event"));
    EXPECT_THAT(error("sum(DISTINCT pumps.power)"), HasSubstr("no DISTINCT"));
    EXPECT_THAT(error("sum(pumps.power) OVER (PARTITION BY pumps.kind)"), HasSubstr("no OVER"));
    EXPECT_THAT(error("sum(count(pumps))"), HasSubstr("within another aggregate"));
}

TEST_F(DerivationTest, aggregates_name_one_relationship) {
    EXPECT_THAT(error("sum(flow)"), HasSubstr("'flow' within an aggregate names no property"));
    EXPECT_THAT(error("sum(incoming.partOf)"), HasSubstr("incoming.relationship.property"));
    EXPECT_THAT(error("count(*)"), HasSubstr("names a relationship"));
    EXPECT_THAT(error("count()"), HasSubstr("names a relationship"));
    EXPECT_THAT(error("max(a, b)"), HasSubstr("CASE WHEN"));
    EXPECT_THAT(error("sum(1)"), HasSubstr("sum() names no relationship"));
    EXPECT_THAT(error("sum(a.x * b.y)"),
                HasSubstr("column 11: 'b.y' is not of the relationship 'a'"));
    EXPECT_THAT(error("sum(a.x * incoming.a.y)"), HasSubstr("is not of the relationship 'a'"));
    EXPECT_THAT(error("count(a) FILTER (WHERE b.y)"), HasSubstr("expected a.y"));
}

TEST_F(DerivationTest, flaws_have_their_place_and_the_nearest_name) {
    EXPECT_THAT(error("level +"), HasSubstr("line 1, column 8"));
    EXPECT_THAT(error("level +\n ruond(level, 1)"),
                AllOf(HasSubstr("line 2, column 2"), HasSubstr("did you mean round?")));
    EXPECT_THAT(error("round()"), HasSubstr("round() has 0 arguments"));
    EXPECT_THAT(error("levels[0]"), HasSubstr("there is no item 0"));
    EXPECT_THAT(error("levels[1:2]"), HasSubstr("[1..3]"));
    EXPECT_THAT(error(""), HasSubstr("line 1, column 1"));
    EXPECT_THAT(error("upper(level) FILTER (WHERE a)"), HasSubstr("no aggregate"));
    EXPECT_THAT(error("count(\"\")"), HasSubstr("an empty name"));
    EXPECT_THAT(error("* + 1"), HasSubstr("'*'"));
}

TEST_F(DerivationTest, sizes_are_bounded) {
    std::string text = "0", many = "0", deep = "a";
    for (int i = 0; i < 1'001; ++i)
        text += "+(a" + std::to_string(i) + ")";
    EXPECT_NE(error(text), "none");
    for (int i = 0; i < 65; ++i)
        many += "+count(r" + std::to_string(i) + ")";
    EXPECT_THAT(error(many), HasSubstr("more than 64 aggregates"));
    for (int i = 0; i < 100'000; ++i)
        deep.insert(0, "(");
    EXPECT_NE(error(deep), "none");
}

}  // namespace
}  // namespace hw::twin
