#include "connector/influxdb/line_form.h"

#include <gtest/gtest.h>

#include "sql/json.h"

namespace hw::connector::influxdb {
namespace {

Item item_of(std::string_view json) {
    sql::JsonReader reader;
    return {reader.read(json).value(), Time{1'700'000'000'123'456'789}, "r", 1};
}

std::string line_of(LineForm::Settings settings, std::string_view json) {
    const LineForm form(std::move(settings));
    Renderer renderer(Missing::empty);
    std::string out = "before\n";
    const auto made = form.append(out, item_of(json), renderer);
    if (!made) {
        EXPECT_EQ(out, "before\n");
        return "error: " + made.error().text();
    }
    return out.substr(7);
}

std::string line_of(std::string_view syntax, std::string_view json,
                    Precision precision = Precision::ns) {
    auto settings = LineForm::parse(syntax);
    if (!settings) return "refused: " + settings.error().text();
    settings->precision = precision;
    return line_of(*std::move(settings), json);
}

TEST(LineForm, writes_types_as_asked) {
    constexpr std::string_view row = R"({"f":1.5,"n":3,"b":true,"s":"x","d":"7","u":8})";
    EXPECT_EQ(line_of("m f=${f},n=${n},i=${n}i,u=${u}u,b=${b},s=${s},q=\"${n}\",w=${d}i", row),
              "m f=1.5,n=3,i=3i,u=8u,b=true,s=\"x\",q=\"3\",w=7i 1700000000123456789\n");
    EXPECT_EQ(line_of("m a=1,b=2i,c=true,d=\"text\",e=word", "{}"),
              "m a=1,b=2i,c=true,d=\"text\",e=\"word\" 1700000000123456789\n");
}

TEST(LineForm, leaves_out_what_has_no_value) {
    EXPECT_EQ(line_of("m,t=${t},u=${u} a=${a},b=${b}", R"({"u":"","b":1})"),
              "m b=1 1700000000123456789\n");
    EXPECT_EQ(line_of("m a=${a}", "{}"), "error: no field has a value");
    EXPECT_EQ(line_of("${m} a=1", "{}"), "error: the row has no measurement");
}

TEST(LineForm, escapes) {
    EXPECT_EQ(line_of("${m},t\\ x=${t} f\\=1=${s}",
                      R"({"m":"a b,c=d","t":"x, y=z\nw","s":"q\"b\\n\nl"})"),
              "a\\ b\\,c=d,t\\ x=x\\,\\ y\\=z w f\\=1=\"q\\\"b\\\\n\nl\" 1700000000123456789\n");
    EXPECT_EQ(line_of("m,t=${t} a=1", R"({"t":"end\\"})"),
              "error: tag t ends with a backslash, which no line can hold");
}

TEST(LineForm, refuses_values_that_do_not_fit) {
    EXPECT_EQ(line_of("m a=${a}i", R"({"a":2.5})"),
              "error: field a: 2.5 is not a whole number in range");
    EXPECT_EQ(line_of("m a=${a}i", R"({"a":3.0})"), "m a=3i 1700000000123456789\n");
    EXPECT_EQ(line_of("m a=${a}u", R"({"a":-1})"),
              "error: field a: '-1' is not a whole number in range");
    EXPECT_EQ(line_of("m a=${a}i", R"({"a":"x"})"),
              "error: field a: 'x' is not a whole number in range");
}

TEST(LineForm, times) {
    EXPECT_EQ(line_of("m a=1", "{}", Precision::s), "m a=1 1700000000\n");
    EXPECT_EQ(line_of("m a=1 ${ts}", R"({"ts":1234})", Precision::ms), "m a=1 1234\n");
    EXPECT_EQ(line_of("m a=1 ${ts}", R"({"ts":"1234"})"), "m a=1 1234\n");
    EXPECT_EQ(line_of("m a=1 ${@time}", "{}", Precision::us), "m a=1 1700000000123456\n");
    EXPECT_EQ(line_of("m a=1 ${ts}", R"({"ts":"soon"})"),
              "error: field timestamp: 'soon' is not a whole number in range");
}

TEST(LineForm, without_fields_takes_every_scalar) {
    LineForm::Settings settings;
    settings.measurement = *Template::compile("m");
    EXPECT_EQ(line_of(std::move(settings), R"({"a":1,"b":"x","c":null,"d":[1],"e":false})"),
              "m a=1,b=\"x\",e=false 1700000000123456789\n");
}

TEST(LineForm, refuses_bad_syntax_with_what_is_missing) {
    EXPECT_NE(line_of("", "{}").find("begins with its measurement"), std::string::npos);
    EXPECT_NE(line_of("m", "{}").find("no field"), std::string::npos);
    EXPECT_NE(line_of("m,tag a=1", "{}").find("tag 'tag' is not"), std::string::npos);
    EXPECT_NE(line_of("m a", "{}").find("field 'a' is not"), std::string::npos);
    EXPECT_NE(line_of("m a=${", "{}").find("without '}'"), std::string::npos);
}

}  // namespace
}  // namespace hw::connector::influxdb
