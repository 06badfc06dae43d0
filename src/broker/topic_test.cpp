#include "broker/topic.h"

#include <gtest/gtest.h>

namespace hw::broker {
namespace {

TEST(Topic, says_which_names_are_topics) {
    EXPECT_TRUE(is_topic("a", 128));
    EXPECT_TRUE(is_topic("/", 128));
    EXPECT_TRUE(is_topic("a//b ", 128));
    EXPECT_FALSE(is_topic("", 128));
    EXPECT_FALSE(is_topic("a/+", 128));
    EXPECT_FALSE(is_topic("a#", 128));
    EXPECT_FALSE(is_topic(std::string_view("a\0b", 3), 128));
    EXPECT_TRUE(is_topic("a/b/c", 3));
    EXPECT_FALSE(is_topic("a/b/c/d", 3));
}

TEST(Topic, says_which_names_are_filters) {
    for (const char* good : {"#", "+", "a/#", "+/+", "/+/", "a/+/#", "$SYS/#"})
        EXPECT_TRUE(is_filter(good, 128)) << good;
    for (const char* bad : {"", "a#", "#/a", "a+", "a/b+", "a/#/c", "++"})
        EXPECT_FALSE(is_filter(bad, 128)) << bad;
    EXPECT_FALSE(is_filter("a/b/#", 2));
}

TEST(Topic, matches_as_section_4_7_says) {
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1"));
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
    EXPECT_TRUE(matches("sport/#", "sport"));
    EXPECT_TRUE(matches("+/+", "/finance"));
    EXPECT_TRUE(matches("/+", "/finance"));
    EXPECT_FALSE(matches("+", "/finance"));
    EXPECT_FALSE(matches("sport/+", "sport"));
    EXPECT_TRUE(matches("sport/+", "sport/"));
    EXPECT_FALSE(matches("#", "$SYS/x"));
    EXPECT_FALSE(matches("+/x", "$SYS/x"));
    EXPECT_TRUE(matches("$SYS/#", "$SYS/x"));
    EXPECT_TRUE(matches("a/+/#", "a/b"));
    EXPECT_FALSE(matches("a/b", "a/b/c"));
    EXPECT_FALSE(matches("a/b/c", "a/b"));
}

TEST(Topic, takes_shared_filters_apart) {
    EXPECT_TRUE(is_shared("$share/g/a"));
    const auto split = split_shared("$share/g/a/+");
    ASSERT_TRUE(split);
    EXPECT_EQ(split->group, "g");
    EXPECT_EQ(split->filter, "a/+");
    EXPECT_FALSE(split_shared("$share/g"));
    EXPECT_FALSE(split_shared("$share//a"));
    EXPECT_FALSE(split_shared("$share/g/"));
    EXPECT_FALSE(split_shared("$share/g+/a"));
    EXPECT_EQ(split_shared("$share/g//a")->filter, "/a");
}

}  // namespace
}  // namespace hw::broker
