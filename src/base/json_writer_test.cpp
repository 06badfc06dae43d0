#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace hw {
namespace {

std::string string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string number(double value) {
    std::string out;
    append_json_double(out, value);
    return out;
}

TEST(JsonString, EscapesWhatMustBe) {
    EXPECT_EQ(string(""), R"("")");
    EXPECT_EQ(string("plant1/a b"), R"("plant1/a b")");
    EXPECT_EQ(string("a\"b\\c/d"), R"("a\"b\\c/d")");
    EXPECT_EQ(string("\b\t\n\f\r"), R"("\b\t\n\f\r")");
    EXPECT_EQ(string(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
}

TEST(JsonString, KeepsUtf8AndReplacesWhatIsNot) {
    EXPECT_EQ(string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xb0"),
              "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xb0\"");
    EXPECT_EQ(string("a\xff"), R"("a\ufffd")");
    EXPECT_EQ(string("\xc3"), R"("\ufffd")");
    EXPECT_EQ(string("\xc0\xaf"), R"("\ufffd\ufffd")");
    EXPECT_EQ(string("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");
    EXPECT_EQ(string("\xf4\x90\x80\x80x"), R"("\ufffd\ufffd\ufffd\ufffdx")");
}

TEST(JsonDouble, IsShortestAndStaysADouble) {
    EXPECT_EQ(number(0.1), "0.1");
    EXPECT_EQ(number(32), "32.0");
    EXPECT_EQ(number(-0.0), "-0.0");
    EXPECT_EQ(number(1e300), "1e+300");
    EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "null");
    EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, WritesNestedValues) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("text", "a");
    json.member("view", std::string_view("b"));
    json.member("string", std::string("c"));
    json.member("yes", true);
    json.member("least", std::numeric_limits<int64_t>::min());
    json.member("most", std::numeric_limits<uint64_t>::max());
    json.member("half", 0.5F);
    json.member("time", Time{1'772'366'400'250'000'000});
    json.key("list");
    json.begin_array();
    json.begin_object();
    json.end_object();
    json.begin_array();
    json.end_array();
    json.null();
    json.raw("[1,2]");
    json.end_array();
    json.key("after");
    json.value(1);
    json.end_object();
    EXPECT_EQ(out, R"({"text":"a","view":"b","string":"c","yes":true,"least":-9223372036854775808,)"
                   R"("most":18446744073709551615,"half":0.5,"time":"2026-03-01T12:00:00.250Z",)"
                   R"("list":[{},[],null,[1,2]],"after":1})");
}

TEST(JsonWriter, WritesLinesOfValues) {
    std::string out;
    for (int i = 0; i < 2; ++i) {
        JsonWriter json(out);
        json.begin_array();
        json.value(i);
        json.value(i + 1);
        json.end_array();
        out += '\n';
    }
    EXPECT_EQ(out, "[0,1]\n[1,2]\n");
}

}  // namespace
}  // namespace hw
