#include "app/replay_rows.h"

#include <gtest/gtest.h>

namespace hw::app {
namespace {

using Cells = std::vector<std::string_view>;

std::string render(const ReplayPlan& plan, const Cells& cells, Duration shift = {}) {
    std::string payload;
    const auto row = plan.render(cells, shift, payload);
    if (!row) return "error: " + row.error().text();
    return row->bad_cell.empty() ? payload : payload + " without " + row->bad_cell;
}

ReplayPlan plan_of(const Cells& header, const Cells& row, const ReplayColumns& options = {}) {
    auto plan = ReplayPlan::make(header, row, options);
    EXPECT_TRUE(plan) << plan.error().text();
    return std::move(*plan);
}

TEST(ReplayRows, numbers_stand_as_in_the_file) {
    const auto plan = plan_of({"datetime", "a", "b", "c"}, {"2020-03-09 10:14:33", "1", "2", "3"});
    EXPECT_EQ(render(plan, {"2020-03-09 10:14:33", "0.0265878", "32.0", "-1e-3"}),
              R"({"ts":"2020-03-09T10:14:33Z","a":0.0265878,"b":32.0,"c":-1e-3})");
    EXPECT_EQ(render(plan, {"2020-03-09 10:14:33", "+5", ".5", "007"}),
              R"({"ts":"2020-03-09T10:14:33Z","a":5,"b":0.5,"c":7})");
}

TEST(ReplayRows, missing_cells_are_left_out_and_bad_ones_told) {
    const auto plan = plan_of({"ts", "a", "b"}, {"1700000000", "1", "2"});
    EXPECT_EQ(render(plan, {"1700000000", "", "NaN"}), R"({"ts":"2023-11-14T22:13:20Z"})");
    EXPECT_NE(render(plan, {"1700000000", "1e400", "on"}).find("without column 'a'"),
              std::string::npos);
    EXPECT_NE(render(plan, {"1700000000", "inf", "true"}).find("not finite"), std::string::npos);
    EXPECT_TRUE(render(plan, {"soon", "1", "2"}).starts_with("error: "));
    EXPECT_TRUE(render(plan, {"", "1", "2"}).starts_with("error: "));
}

TEST(ReplayRows, names_become_levels) {
    const auto plan =
        plan_of({"time", "a/b", "x", "x", "", "+#"}, {"2020-01-01", "1", "1", "1", "1", "1"});
    EXPECT_EQ(render(plan, {"2020-01-01", "1", "2", "3", "4", "5"}),
              R"({"ts":"2020-01-01T00:00:00Z","a_b":1,"x":2,"x_2":3,"column_5":4,"__":5})");
    EXPECT_EQ(plan.remarks().size(), 4u);
}

TEST(ReplayRows, names_that_mean_something_are_nested) {
    const auto plan = plan_of({"time", "value", "quality"}, {"2020-01-01", "1", "1"});
    EXPECT_EQ(render(plan, {"2020-01-01", "1", "6"}),
              R"({"ts":"2020-01-01T00:00:00Z","value":{"value":1},"quality":{"value":6}})");
}

TEST(ReplayRows, the_time_column_is_found) {
    EXPECT_EQ(plan_of({"a", "Timestamp"}, {"1", "x"}).time_column(), "Timestamp");
    EXPECT_EQ(plan_of({"a", "when"}, {"1", "2020/01/01 00:00:00"}).time_column(), "when");
    EXPECT_FALSE(ReplayPlan::make(Cells{"a", "b"}, Cells{"1", "2"}, {}));
    ReplayColumns named;
    named.time_column = "b";
    EXPECT_EQ(plan_of({"time", "b"}, {"1", "2"}, named).time_column(), "b");
    named.time_column = "tme";
    const auto slip = ReplayPlan::make(Cells{"time", "b"}, Cells{"1", "2"}, named);
    EXPECT_NE(slip.error().text().find("did you mean 'time'"), std::string::npos);
}

TEST(ReplayRows, skip_and_only) {
    ReplayColumns options;
    options.skip = {"b", "nowhere"};
    const auto without = plan_of({"ts", "a", "b", "c"}, {"1", "1", "1", "1"}, options);
    EXPECT_EQ(render(without, {"1700000000", "1", "2", "3"}),
              R"({"ts":"2023-11-14T22:13:20Z","a":1,"c":3})");
    EXPECT_EQ(without.remarks().size(), 1u);
    options = {};
    options.only = {"c"};
    EXPECT_EQ(render(plan_of({"ts", "a", "b", "c"}, {"1", "1", "1", "1"}, options),
                     {"1700000000", "1", "2", "3"}),
              R"({"ts":"2023-11-14T22:13:20Z","c":3})");
}

TEST(ReplayRows, offsets_and_shifts) {
    ReplayColumns options;
    options.offset = *parse_offset("+02:00");
    const auto plan = plan_of({"ts", "a"}, {"1", "1"}, options);
    EXPECT_EQ(render(plan, {"2020-01-01 02:00:00", "1"}), R"({"ts":"2020-01-01T00:00:00Z","a":1})");
    EXPECT_EQ(render(plan, {"2020-01-01T02:00:00Z", "1"}),
              R"({"ts":"2020-01-01T02:00:00Z","a":1})");
    EXPECT_EQ(render(plan, {"2020-01-01T02:00:00-01:00", "1"}, seconds(60)),
              R"({"ts":"2020-01-01T03:01:00Z","a":1})");
    EXPECT_EQ(parse_offset("-0530")->ns, -19'800'000'000'000);
    for (const auto* bad : {"", "2", "+2", "+25:00", "+00:60", "CET"})
        EXPECT_FALSE(parse_offset(bad)) << bad;
}

TEST(ReplayRows, json_numbers) {
    for (const auto* good : {"0", "-0", "1.5", "1e5", "10", "-1.25E-7"})
        EXPECT_TRUE(is_json_number(good)) << good;
    for (const auto* bad : {"", "-", "01", "1.", ".5", "+1", "1e", "0x1", "1 "})
        EXPECT_FALSE(is_json_number(bad)) << bad;
}

}  // namespace
}  // namespace hw::app
