#include "scenario/spec.h"

#include <gtest/gtest.h>

namespace hw::scenario {
namespace {

constexpr std::string_view whole = R"({"id":"night-1","name":"Night","site":"bluewater",
 "model":"waterworks","start":"2026-03-02T06:00:00Z","horizon":"12h","step":"10m",
 "overrides":[{"twin":"bluewater/plant1/intake/header","path":"flow_setpoint","value":200},
  {"twin":"a","path":"run","value":false,"from":"+2h","to":"2026-03-02T12:00:00Z"}],
 "parameters":{"price":0.2}})";

std::string error_of(std::string_view json) {
    const auto read = read_scenario(json);
    return read ? "" : read.error().text();
}

TEST(Spec, IsReadAndWrittenTheSame) {
    const auto spec = read_scenario(whole);
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_EQ(spec->id, "night-1");
    EXPECT_EQ(spec->horizon, seconds(12 * 3600));
    ASSERT_EQ(spec->overrides.size(), 2U);
    EXPECT_EQ(spec->overrides[1].from, (Moment{true, seconds(7200).ns}));
    EXPECT_FALSE(spec->overrides[1].to.relative);
    const auto again = read_scenario(scenario_text(*spec));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, *spec);
}

TEST(Spec, DefaultsAreADayFromNow) {
    const auto spec = read_scenario(R"({"site":"s"})");
    ASSERT_TRUE(spec);
    EXPECT_EQ(spec->start, "now");
    EXPECT_EQ(spec->horizon, seconds(86'400));
    EXPECT_EQ(spec->model, "waterworks");
}

TEST(Spec, ErrorsNameTheMember) {
    EXPECT_NE(error_of(R"({})").find("'site'"), std::string::npos);
    EXPECT_NE(error_of(R"([])").find("object"), std::string::npos);
    EXPECT_NE(error_of(R"({"site":"s","horizen":"1h"})").find("did you mean 'horizon'"),
              std::string::npos);
    EXPECT_NE(error_of(R"({"site":"s","horizon":"1s"})").find("'horizon'"), std::string::npos);
    EXPECT_NE(error_of(R"({"site":"s","step":"48h"})").find("'step'"), std::string::npos);
    EXPECT_NE(error_of(R"({"site":"s","start":"tomorrow"})").find("'start'"), std::string::npos);
    EXPECT_NE(error_of(R"({"site":"s","id":"a b"})").find("'id'"), std::string::npos);
    EXPECT_NE(error_of(R"({"site":"s","overrides":[{"twin":"a","path":"b"}]})")
                  .find("'overrides[0].value'"),
              std::string::npos);
    EXPECT_NE(error_of(R"({"site":"s","overrides":[{"twin":"a","path":"b","value":1,
                       "from":"+3h","to":"+2h"}]})")
                  .find("later than"),
              std::string::npos);
    EXPECT_NE(error_of(R"({"site":"s","parameters":3})").find("'parameters'"), std::string::npos);
    std::string many = R"({"site":"s","overrides":[)";
    for (size_t i = 0; i <= ScenarioSpec::overrides_limit; ++i)
        many += (i ? "," : "") + std::string(R"({"twin":"a","path":"b","value":1})");
    EXPECT_NE(error_of(many + "]}").find("up to 1000"), std::string::npos);
}

TEST(Spec, MomentsAreOfTheStartOrOfTheCalendar) {
    const Time start{seconds(1'000'000).ns};
    EXPECT_EQ(parse_moment("+90m")->at(start), start + seconds(5400));
    EXPECT_EQ(parse_moment("6h")->at(start), start + seconds(21'600));
    EXPECT_EQ(parse_moment("2026-03-02T06:00:00Z")->at(start).ns,
              parse_rfc3339("2026-03-02T06:00:00Z")->ns);
    EXPECT_FALSE(parse_moment("now"));
    EXPECT_FALSE(parse_moment("+soon"));
    EXPECT_EQ(format_moment(*parse_moment("+90m")), "+1h30m");
}

}  // namespace
}  // namespace hw::scenario
