#include "app/sql_commands.h"

#include <gtest/gtest.h>

namespace hw::app {
namespace {

std::optional<std::string> taken(std::string_view text, std::string& rest) {
    rest.clear();
    return take_statement(text, rest);
}

TEST(TakeStatement, ends_at_the_semicolon_that_ends_it) {
    std::string rest;
    EXPECT_EQ(taken("SELECT 1; SELECT 2;", rest), "SELECT 1");
    EXPECT_EQ(rest, " SELECT 2;");
    EXPECT_EQ(taken(" ;;\n; SELECT 1;", rest), " SELECT 1");
    EXPECT_EQ(taken("SELECT 'a;''b;', \"c;\" -- d;\n, /* e; */ $$f;$$;rest", rest),
              "SELECT 'a;''b;', \"c;\" -- d;\n, /* e; */ $$f;$$");
    EXPECT_EQ(rest, "rest");
    EXPECT_EQ(taken("SELECT $1, a - 1, b / 2;", rest), "SELECT $1, a - 1, b / 2");
}

TEST(TakeStatement, waits_for_what_is_not_whole) {
    std::string rest;
    for (const char* text : {"", "SELECT 1", " ; ", "SELECT 'a;", "SELECT \"a;", "SELECT 1 -- a;",
                             "SELECT /* ; ", "SELECT $$ ;"})
        EXPECT_EQ(taken(text, rest), std::nullopt) << text;
}

TEST(QueryBody, takes_parameters_by_name_or_by_place) {
    EXPECT_EQ(query_body("SELECT 1", {}, "csv", {}).value(),
              R"({"sql":"SELECT 1","format":"csv"})");
    SqlOptions options;
    options.limit = 5;
    options.timeout = "10s";
    EXPECT_EQ(query_body("x", {"a=1", "b=2026-01-01", "c=\"1\"", "d=null", "e="}, "json", options)
                  .value(),
              R"({"sql":"x","format":"json","params":{"a":1,"b":"2026-01-01","c":"1","d":null,)"
              R"("e":""},"limit":5,"timeout":"10s"})");
    EXPECT_EQ(query_body("x", {"1.5", "1=2", "true"}, "json", {}).value(),
              R"({"sql":"x","format":"json","params":[1.5,"1=2",true]})");
    EXPECT_EQ(query_body("x", {"a=1", "2"}, "json", {}).error().code(),
              ErrorCode::invalid_argument);
}

TEST(RenderResult, shows_rows_as_a_table) {
    std::string summary;
    const auto table = render_result(
        R"({"columns":[{"name":"n","type":"BIGINT"},{"name":"t","type":"VARCHAR"},)"
        R"({"name":"l","type":"INTEGER[]"}],"rows":[[5,"a\nb",[1,null]],[1234,null,null]],)"
        R"("count":2,"cut":true,"elapsed_ms":1.5})",
        true, false, summary);
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ(*table,
              "n BIGINT  t VARCHAR  l INTEGER[]\n"
              "       5  a\\x0ab     [1,null]\n"
              "    1234  NULL       NULL\n");
    EXPECT_EQ(summary, "2 rows, there are more; see --limit");
    EXPECT_EQ(render_result("{\"columns\":3}", false, false, summary).error().code(),
              ErrorCode::corrupt);
    EXPECT_EQ(render_result("nonsense", false, false, summary).error().code(), ErrorCode::corrupt);
}

}  // namespace
}  // namespace hw::app
