// What of files needs no disk; the rest is tested by tests/system/connector_test.py.
#include <gtest/gtest.h>

#include "connector/file/csv.h"
#include "connector/file/marks.h"

namespace hw::connector::file {
namespace {

std::string field(std::string_view text, char delimiter = ',') {
    std::string out;
    append_csv_field(out, text, delimiter);
    return out;
}

TEST(CsvField, is_quoted_where_it_must_be) {
    EXPECT_EQ(field("plain"), "plain");
    EXPECT_EQ(field("a,b"), "\"a,b\"");
    EXPECT_EQ(field("a,b", ';'), "a,b");
    EXPECT_EQ(field("say \"x\""), "\"say \"\"x\"\"\"");
    EXPECT_EQ(field("two\nlines"), "\"two\nlines\"");
    EXPECT_EQ(field(""), "");
}

TEST(CsvValue, tells_numbers_from_names) {
    EXPECT_EQ(csv_value("7"), sql::Datum::integer(7));
    EXPECT_EQ(csv_value("-0.5"), sql::Datum::real(-0.5));
    EXPECT_EQ(csv_value("1e3"), sql::Datum::real(1000));
    EXPECT_EQ(csv_value("true"), sql::Datum::boolean(true));
    EXPECT_TRUE(csv_value("").is_null());
    for (const std::string_view name : {"007", "nan", "inf", "1 2", "-", "0x10", "1.2.3", "True"})
        EXPECT_EQ(csv_value(name), sql::Datum::text(name)) << name;
}

TEST(FileMarks, read_back_and_distrust) {
    const FileMarks marks = {{"a b.csv", {7, 100, 3, true}}, {"c", {8, 0, 0, false}}};
    EXPECT_EQ(parse_marks(marks_text(marks)), marks);
    EXPECT_TRUE(parse_marks("nonsense\n1 2 3\n1 2 3 4 \n1 2 x 4 name\n").empty());
    EXPECT_EQ(parse_marks("nonsense\n7 100 3 1 a b.csv").size(), 1u);
}

}  // namespace
}  // namespace hw::connector::file
