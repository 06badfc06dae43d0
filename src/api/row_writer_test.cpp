#include "api/row_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace hw::api {
namespace {

constexpr model::PointId point{0};

std::string written(Format format, const model::SampleBatch& rows) {
    std::string out;
    const std::vector<std::string> columns = {"value", "quality"};
    RowWriter writer(format, columns, out);
    writer.begin();
    writer.point("a,b\"c");
    for (size_t i = 0; i < rows.size(); ++i)
        writer.sample(rows, i);
    writer.end("");
    return out;
}

TEST(RowWriter, EveryTypeInJson) {
    model::SampleBatch rows;
    rows.add_bool(point, Time{1}, true);
    rows.add_int(point, Time{2}, std::numeric_limits<int64_t>::min());
    rows.add_double(point, Time{3}, 32.0);
    rows.add_double(point, Time{4}, std::numeric_limits<double>::infinity());
    rows.add_text(point, Time{5}, "say \"hi\"\n");
    rows.add_bytes(point, Time{6}, "\x01\x02", model::Quality::bad_communication);
    const std::string text = written(Format::ndjson, rows);
    EXPECT_NE(text.find(R"("point":"a,b\"c")"), std::string::npos);
    EXPECT_NE(text.find("\"value\":true,"), std::string::npos);
    EXPECT_NE(text.find("\"value\":-9223372036854775808,"), std::string::npos);
    EXPECT_NE(text.find("\"value\":32.0,"), std::string::npos);
    EXPECT_NE(text.find("\"value\":null,"), std::string::npos);
    EXPECT_NE(text.find(R"("value":"say \"hi\"\n")"), std::string::npos);
    EXPECT_NE(text.find(R"("value":"AQI=","quality":"bad.communication")"), std::string::npos);
}

TEST(RowWriter, CsvQuotesOnlyWhereItMust) {
    model::SampleBatch rows;
    rows.add_text(point, Time{0}, "plain");
    rows.add_text(point, Time{1'000}, "a,\"b\"\nc");
    EXPECT_EQ(written(Format::csv, rows),
              "point,time,value,quality\n"
              "\"a,b\"\"c\",1970-01-01T00:00:00Z,plain,good\n"
              "\"a,b\"\"c\",1970-01-01T00:00:00.000001Z,\"a,\"\"b\"\"\nc\",good\n");
}

TEST(RowWriter, EmptyJsonIsStillWhole) {
    EXPECT_EQ(written(Format::json, {}), "{\"items\":[],\"next\":null}\n");
}

}  // namespace
}  // namespace hw::api
