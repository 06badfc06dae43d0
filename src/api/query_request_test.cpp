#include "api/query_request.h"

#include <gtest/gtest.h>

#include "api/sample_import.h"

namespace hw::api {
namespace {

using sql::batch::Format;

io::HttpRequest posted(std::string body, std::string_view accept = "", std::string_view type = "") {
    io::HttpRequest request;
    request.method = "POST";
    request.body = std::move(body);
    if (!accept.empty()) request.headers.emplace_back("accept", accept);
    if (!type.empty()) request.headers.emplace_back("content-type", type);
    return request;
}

std::string error_of(const io::HttpRequest& request) {
    const auto read = read_query_request(request);
    return read ? "none" : read.error().text();
}

TEST(QueryRequest, is_json_or_a_bare_statement) {
    const auto bare = read_query_request(posted("SELECT 1"));
    ASSERT_TRUE(bare.has_value());
    EXPECT_EQ(bare->sql, "SELECT 1");
    EXPECT_EQ(bare->format, Format::json);
    const auto json = read_query_request(
        posted(R"( {"sql":"SELECT $a","params":{"a":[1]},"format":"ndjson","id":"q","limit":0,)"
               R"("timeout":1.5})",
               "text/csv"));
    ASSERT_TRUE(json.has_value()) << json.error().text();
    EXPECT_EQ(json->parameters.at(0).name, "a");
    EXPECT_TRUE(json->parameters.at(0).value.is_array());
    EXPECT_EQ(json->format, Format::ndjson);
    EXPECT_EQ(json->id, "q");
    EXPECT_EQ(json->rows_limit, 0u);
    EXPECT_EQ(json->timeout, milliseconds(1500));
    const auto placed = read_query_request(posted(R"({"sql":"x","params":[1,"b",null]})"));
    EXPECT_EQ(placed->parameters.size(), 3u);
    EXPECT_EQ(placed->parameters.at(1).name, "");
}

TEST(QueryRequest, takes_the_format_that_is_accepted) {
    EXPECT_EQ(read_query_request(posted("x", "text/html, text/csv;q=0.5"))->format, Format::csv);
    EXPECT_EQ(read_query_request(posted("x", "application/vnd.apache.parquet"))->format,
              Format::parquet);
    EXPECT_EQ(read_query_request(posted("x", "*/*"))->format, Format::json);
    auto told = posted("x", "text/csv");
    told.query = {{"format", "arrow"}, {"timeout", "5s"}, {"limit", "7"}, {"id", "n"}};
    const auto read = read_query_request(told);
    EXPECT_EQ(read->format, Format::arrow);
    EXPECT_EQ(read->timeout, seconds(5));
    EXPECT_EQ(read->rows_limit, 7u);
}

TEST(QueryRequest, names_what_is_wrong) {
    EXPECT_NE(error_of(posted("")).find("'sql'"), std::string::npos);
    EXPECT_NE(error_of(posted(std::string("a\0b", 3))).find("NUL"), std::string::npos);
    EXPECT_NE(error_of(posted("{\"sql\":1}")).find("'sql' must be a text"), std::string::npos);
    EXPECT_NE(error_of(posted("{\"sql\":\"x\",\"limt\":1}")).find("'limit'"), std::string::npos);
    EXPECT_NE(error_of(posted("{\"sql\":\"x\",\"limit\":-1}")).find("below 0"), std::string::npos);
    EXPECT_NE(error_of(posted("{\"sql\":\"x\",\"limit\":\"5\"}")).find("whole"), std::string::npos);
    EXPECT_NE(error_of(posted("{\"sql\":\"x\",\"params\":5}")).find("params"), std::string::npos);
    EXPECT_NE(error_of(posted("{\"sql\":\"x\",\"timeout\":\"soon\"}")).find("timeout"),
              std::string::npos);
    EXPECT_NE(error_of(posted("{\"sql\":\"x\",\"format\":\"xml\"}")).find("xml"),
              std::string::npos);
    EXPECT_NE(error_of(posted("x", "", "application/json")).find("the body"), std::string::npos);
}

TEST(SampleImport, takes_rows_by_their_types) {
    model::PointDirectory points(100);
    ImportReport report;
    const auto batch = read_samples(
        "value,time,point,type\n1.5,1767225600,a,\ntrue,2026-01-01,b,\non,2026-01-01,c,\n"
        "7,2026-01-01,d,int64\n7.0,2026-01-01,e,int64\n1,2026-01-01,f,bool\n7.5,2026-01-01,g,"
        "int64\n",
        points, report);
    ASSERT_TRUE(batch.has_value());
    EXPECT_EQ(report.taken, 6u);
    EXPECT_EQ(report.refused, 1u);
    EXPECT_EQ(report.flaws.at(0).line, 8u);
    EXPECT_EQ(batch->sample(0).value, model::Value(1.5));
    EXPECT_EQ(batch->sample(0).time, Time{1'767'225'600'000'000'000});
    EXPECT_EQ(batch->sample(1).value, model::Value(true));
    EXPECT_EQ(batch->sample(2).value, model::Value(std::string("on")));
    EXPECT_EQ(batch->sample(3).value, model::Value(int64_t{7}));
    EXPECT_EQ(batch->sample(4).value, model::Value(int64_t{7}));
    EXPECT_EQ(batch->sample(5).value, model::Value(true));
    EXPECT_FALSE(points.find("g").has_value());
    EXPECT_EQ(import_report_json(report).substr(0, 34), "{\"taken\":6,\"refused\":1,\"errors\":[{");
}

TEST(SampleImport, keeps_only_the_first_flaws) {
    model::PointDirectory points(100);
    ImportReport report;
    std::string csv = "point,time,value\n";
    for (int i = 0; i < 50; ++i)
        csv += "a,never,1\n";
    ASSERT_TRUE(read_samples(csv, points, report).has_value());
    EXPECT_EQ(report.refused, 50u);
    EXPECT_EQ(report.flaws.size(), ImportReport::flaws_limit);
    for (const char* header :
         {"", "point,time\na,1\n", "time,value\n1,1\n", "point,value\na,1\n"}) {
        ImportReport none;
        EXPECT_FALSE(read_samples(header, points, none).has_value()) << header;
    }
}

}  // namespace
}  // namespace hw::api
