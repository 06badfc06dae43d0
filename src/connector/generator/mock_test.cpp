#include "connector/generator/mock.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sql/json.h"

namespace hw::connector::generator {
namespace {

constexpr Time start{1'700'000'000'000'000'000};

std::string error_of(std::string_view data) {
    const auto mock = Mock::compile(data, 1);
    return mock ? "none" : mock.error().text();
}

TEST(Mock, rows_of_an_array_come_in_turn) {
    auto mock = Mock::compile(R"([{"a":1},{"a":[2,{"b":"x"}]}])", 1).value();
    EXPECT_EQ(sql::to_json(mock.make(0, start)), R"({"a":1})");
    EXPECT_EQ(sql::to_json(mock.make(1, start)), R"({"a":[2,{"b":"x"}]})");
    EXPECT_EQ(sql::to_json(mock.make(2, start)), R"({"a":1})");
}

TEST(Mock, values_keep_their_bounds) {
    auto mock =
        Mock::compile(
            R"json({"w":"=walk(20, 3, 18, 22)","r":"=random(-1,1)","i":"=integer(1, 3)",)json"
            R"json("c":"=choice(on, off)","n":"=count(5)","s":"=sine(10, 2, 60)"})json",
            7)
            .value();
    double before = 20;
    for (uint64_t i = 0; i < 1000; ++i) {
        const sql::Datum row = mock.make(i, start + seconds(static_cast<int64_t>(i)));
        const double walk = row.find("w")->as_real();
        EXPECT_TRUE(walk >= 18 && walk <= 22);
        EXPECT_LE(std::abs(walk - before), 3.000001);
        before = walk;
        EXPECT_LE(std::abs(row.find("r")->as_real()), 1);
        const int64_t integer = row.find("i")->as_integer();
        EXPECT_TRUE(integer >= 1 && integer <= 3);
        EXPECT_TRUE(row.find("c")->as_text() == "on" || row.find("c")->as_text() == "off");
        EXPECT_EQ(row.find("n")->as_integer(), static_cast<int64_t>(5 + i));
        EXPECT_LE(std::abs(row.find("s")->as_real() - 10), 2.000001);
    }
}

TEST(Mock, the_seed_says_all) {
    constexpr std::string_view data = R"json({"a":"=random(0, 1)","b":"=normal(5, 2)"})json";
    auto one = Mock::compile(data, 3).value();
    auto same = Mock::compile(data, 3).value();
    auto other = Mock::compile(data, 4).value();
    const sql::Datum row = one.make(0, start);
    EXPECT_EQ(row, same.make(0, start));
    EXPECT_FALSE(row == other.make(0, start));
    EXPECT_FALSE(row == one.make(1, start));
}

TEST(Mock, tells_the_time) {
    auto mock = Mock::compile(R"json({"t":"=now()","ms":"=now_ms()"})json", 1).value();
    EXPECT_EQ(sql::to_json(mock.make(0, start)),
              R"({"t":"2023-11-14T22:13:20Z","ms":1700000000000})");
}

TEST(Mock, says_what_is_wrong) {
    EXPECT_NE(error_of("[]").find("write a JSON object"), std::string::npos);
    EXPECT_NE(error_of("[1]").find("write a JSON object"), std::string::npos);
    EXPECT_NE(error_of("{").find("data:"), std::string::npos);
    EXPECT_EQ(error_of(R"json({"a":"=walk(1,2)"})json"), "a: '=walk(1,2)': walk takes 4 numbers");
    EXPECT_NE(error_of(R"json({"a":"=jump(1)"})json").find("none of walk"), std::string::npos);
    EXPECT_NE(error_of(R"json({"a":"=random(2,1)"})json").find("above the most"),
              std::string::npos);
    EXPECT_NE(error_of(R"json({"a":"=sine(1,1,0)"})json").find("period"), std::string::npos);
    EXPECT_NE(error_of(R"json({"a":"=choice()"})json").find("one word"), std::string::npos);
}

}  // namespace
}  // namespace hw::connector::generator
