#include "app/table.h"

#include <gtest/gtest.h>

#include "app/progress.h"
#include "app/server_client.h"

namespace hw::app {
namespace {

TEST(Table, aligns_by_characters) {
    Table table({{"POINT", false}, {"VALUE", true}, {"UNIT", false}}, false);
    table.add({"zähler", "1.5", "m³"});
    table.add({"a", "-12.25", ""});
    EXPECT_EQ(table.render(),
              "POINT    VALUE  UNIT\n"
              "zähler     1.5  m³\n"
              "a       -12.25\n");
    table.add({"later", "1", "bar"});
    EXPECT_EQ(table.render(), "later        1  bar\n");
}

TEST(Table, control_characters_do_not_reach_the_terminal) {
    EXPECT_EQ(printable_cell("a\x1b[31m\n"), "a\\x1b[31m\\x0a");
}

TEST(Table, ages) {
    EXPECT_EQ(age_text(3'500'000'000), "3 s");
    EXPECT_EQ(age_text(int64_t{600} * 1'000'000'000), "10 min");
    EXPECT_EQ(age_text(int64_t{7'200} * 1'000'000'000), "2 h");
    EXPECT_EQ(age_text(int64_t{864'000} * 1'000'000'000), "10 d");
    EXPECT_EQ(age_text(-1'000'000'000), "in the future");
}

TEST(Progress, bar_rate_and_rest) {
    EXPECT_EQ(render_progress({0.5, 12'000, seconds(2)}, 100),
              "[############------------]  50 %  12,000 rows  6,000 rows/s  2 s left");
    EXPECT_EQ(render_progress({-1, 5, Duration{}}, 100), "5 rows");
    EXPECT_EQ(render_progress({0.5, 12'000, seconds(2)}, 11).size(), 10u);
    EXPECT_EQ(with_commas(1'234'567), "1,234,567");
    EXPECT_EQ(with_commas(999), "999");
}

TEST(JsonItems, pages_become_one_object) {
    JsonItems items;
    std::string out = items.feed("{\"a\":1}\n{\"a\"");
    out += items.feed(":2}\n");
    EXPECT_EQ(out + items.finish(), "{\"items\":[{\"a\":1},\n{\"a\":2}],\"next\":null}\n");
    EXPECT_EQ(JsonItems().finish(), "{\"items\":[],\"next\":null}\n");
}

TEST(ServerClient, problems_become_errors) {
    const Error error = problem_error(404, R"({"detail":"there is no point 'x'"})");
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_EQ(error.text(), "there is no point 'x'");
    EXPECT_EQ(problem_error(403, "").code(), ErrorCode::permission_denied);
    EXPECT_EQ(problem_error(409, "no").code(), ErrorCode::conflict);
    EXPECT_EQ(problem_error(503, "").code(), ErrorCode::unavailable);
    EXPECT_EQ(problem_error(502, "<html>").text(), "the server answered 502: <html>");
}

TEST(ServerClient, queries_are_encoded) {
    QueryText query;
    query.add("point", "a/b c").add("to", "").add("limit", "5");
    EXPECT_EQ(query.text(), "?point=a%2Fb%20c&limit=5");
}

}  // namespace
}  // namespace hw::app
