#include "model/point_path.h"

#include <gtest/gtest.h>

namespace hw::model {
namespace {

using std::string_view_literals::operator""sv;

TEST(CheckPointPath, TakesTopicNames) {
    for (const auto path : {"a"sv, "/"sv, "a/b"sv, "/a"sv, "a/"sv, "a//b"sv, "$SYS/x"sv,
                            "bluewater/plant 1/filter-3/turbidity"sv, "werk/zulauf/trübung"sv})
        EXPECT_TRUE(check_point_path(path)) << path;
}

TEST(CheckPointPath, RefusesTheRestByName) {
    for (const auto path : {""sv, "a/+"sv, "a/#"sv, "a+b"sv, "a\0b"sv, "a/\xff"sv})
        EXPECT_FALSE(check_point_path(path)) << path;
    EXPECT_EQ(check_point_path("a/\xff\n"sv).error().text(),
              "topic 'a/\\xff\\x0a' is not UTF-8 without U+0000");
}

TEST(CheckPointPath, HoldsTheLimits) {
    EXPECT_TRUE(check_point_path(std::string(path_bytes_limit, 'a')));
    const auto longer = check_point_path(std::string(path_bytes_limit + 1, 'a'));
    ASSERT_FALSE(longer);
    EXPECT_NE(longer.error().text().find("has 65536 bytes, at most 65535"), std::string::npos);
    EXPECT_TRUE(check_point_path(std::string(levels_limit - 1, '/')));
    const auto deeper = check_point_path(std::string(levels_limit, '/'));
    ASSERT_FALSE(deeper);
    EXPECT_NE(deeper.error().text().find("has 129 levels, at most 128"), std::string::npos);
}

TEST(CheckFilter, TakesWildcardsAsWholeLevels) {
    for (const auto filter : {"#"sv, "+"sv, "a/#"sv, "+/+"sv, "/+"sv, "a/+/b/#"sv, "+/"sv, "a"sv})
        EXPECT_TRUE(check_filter(filter)) << filter;
    for (const auto filter :
         {""sv, "a#"sv, "#/a"sv, "a/#/"sv, "a+/b"sv, "+a"sv, "##"sv, "a/b#"sv, "\xc0\x80"sv})
        EXPECT_FALSE(check_filter(filter)) << filter;
}

struct Case {
    std::string_view filter;
    std::string_view topic;
    bool match;
};

TEST(Matches, FollowsTheSpecification) {
    const Case cases[] = {
        {"a/b", "a/b", true},
        {"a/b", "a/b/c", false},
        {"a/b/c", "a/b", false},
        {"a/b", "a/bc", false},
        {"a/bc", "a/b", false},
        {"#", "a", true},
        {"#", "/", true},
        {"#", "a/b/c", true},
        {"a/#", "a", true},
        {"a/#", "a/b/c", true},
        {"a/#", "a/", true},
        {"a/#", "ab", false},
        {"a/#", "b/a", false},
        {"+", "a", true},
        {"+", "/a", false},
        {"/+", "/a", true},
        {"+/+", "/a", true},
        {"+/+", "a", false},
        {"a/+", "a", false},
        {"a/+", "a/", true},
        {"a/+", "a/b", true},
        {"a/+", "a/b/c", false},
        {"a/+/c", "a/b/c", true},
        {"a/+/c", "a//c", true},
        {"a/+/c", "a/b/d", false},
        {"a/+/#", "a/b", true},
        {"a/+/#", "a", false},
        {"+/b/#", "a/b/c/d", true},
        {"#", "$SYS/up", false},
        {"+/up", "$SYS/up", false},
        {"$SYS/#", "$SYS/up", true},
        {"$SYS/+", "$SYS/up", true},
        {"A", "a", false},
        {"a/$b/#", "a/$b/c", true},
        {"+", "", true},
        {"a//#", "a/", true},
        {"a//#", "a", false},
    };
    for (const auto& c : cases)
        EXPECT_EQ(matches(c.filter, c.topic), c.match) << c.filter << " on " << c.topic;
}

TEST(IsUtf8, TakesWellFormedSequencesOnly) {
    for (const auto text :
         {""sv, "plain ascii text, longer than eight"sv, "12345678\xc3\xbc"sv, "\xc2\x80"sv,
          "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xef\xbf\xbf"sv,
          "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv, "a\0b"sv})
        EXPECT_TRUE(is_utf8(text)) << text;
    for (const auto text :
         {"\x80"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2\x41"sv, "\xe0\x9f\xbf"sv,
          "\xe1\x80"sv, "\xed\xa0\x80"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv,
          "\xf5\x80\x80\x80"sv, "\xff"sv, "12345678\xc3"sv, "1234567\xc3"sv, "\xf1\x80\x80"sv})
        EXPECT_FALSE(is_utf8(text)) << text;
    EXPECT_FALSE(is_mqtt_text("a\0b"sv));
    EXPECT_TRUE(is_mqtt_text("a b"sv));
}

}  // namespace
}  // namespace hw::model
