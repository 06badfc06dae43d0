#include <gtest/gtest.h>

#include <string>

#include "wire/mqtt/codec.h"

namespace hw::mqtt {
namespace {

using std::string_view_literals::operator""sv;

TEST(Text, TakesEveryLengthOfUtf8) {
    EXPECT_TRUE(valid_text(""));
    EXPECT_TRUE(valid_text("plain"));
    EXPECT_TRUE(valid_text("Wasserwerk Süd, 水厂, 🚰"));
    EXPECT_TRUE(valid_text("\xef\xbb\xbf"sv));      // U+FEFF stays [MQTT-1.5.4-3]
    EXPECT_TRUE(valid_text("\xed\x9f\xbf"sv));      // U+D7FF, just below the surrogates
    EXPECT_TRUE(valid_text("\xf4\x8f\xbf\xbf"sv));  // U+10FFFF
}

TEST(Text, RefusesWhatIsNotUtf8) {
    EXPECT_FALSE(valid_text("a\0b"sv));              // [MQTT-1.5.4-2]
    EXPECT_FALSE(valid_text("\xc0\xaf"sv));          // overlong '/'
    EXPECT_FALSE(valid_text("\xe0\x80\xaf"sv));      // overlong
    EXPECT_FALSE(valid_text("\xf0\x80\x80\xaf"sv));  // overlong
    EXPECT_FALSE(valid_text("\xed\xa0\x80"sv));      // surrogate [MQTT-1.5.4-1]
    EXPECT_FALSE(valid_text("\xed\xbf\xbf"sv));
    EXPECT_FALSE(valid_text("\xf4\x90\x80\x80"sv));  // over U+10FFFF
    EXPECT_FALSE(valid_text("\xf5\x80\x80\x80"sv));
    EXPECT_FALSE(valid_text("\x80"sv));
    EXPECT_FALSE(valid_text("\xc3"sv));  // cut short
    EXPECT_FALSE(valid_text("\xe6\xb0"sv));
    EXPECT_FALSE(valid_text("\xf0\x9f\x9a"sv));
}

TEST(Text, FindsOneBadByteAtAnyPlaceOfAnyLength) {
    for (size_t length = 1; length <= 40; ++length) {
        const std::string plain(length, 'x');
        EXPECT_TRUE(valid_text(plain));
        EXPECT_TRUE(valid_topic_name(plain));
        for (size_t at = 0; at < length; ++at) {
            for (const char bad : {'\0', '\xff'}) {
                std::string text = plain;
                text[at] = bad;
                EXPECT_FALSE(valid_text(text));
                EXPECT_FALSE(valid_topic_name(text));
            }
            for (const char wildcard : {'+', '#'}) {
                std::string topic = plain;
                topic[at] = wildcard;
                EXPECT_TRUE(valid_text(topic));
                EXPECT_FALSE(valid_topic_name(topic));
            }
        }
    }
}

TEST(Text, KnowsTopicNames) {
    EXPECT_TRUE(valid_topic_name("/"));
    EXPECT_TRUE(valid_topic_name("a//b "));
    EXPECT_TRUE(valid_topic_name("水厂/浊度"));
    EXPECT_FALSE(valid_topic_name(""));
    EXPECT_FALSE(valid_topic_name("水厂/+"));
    EXPECT_TRUE(valid_topic_name(std::string(65'535, 't')));
    EXPECT_FALSE(valid_topic_name(std::string(65'536, 't')));
}

TEST(Text, KnowsTopicFilters) {
    for (const auto good : {"#", "+", "/", "a/#", "+/+", "/+", "a/+/b", "+/b/#", "a//b", "$SYS/#",
                            "$share/g/#", "$share/g/a/+", "$share/g//", "$shared", "$share"})
        EXPECT_TRUE(valid_topic_filter(good)) << good;
    for (const auto bad : {"", "a#", "#/a", "a/#/b", "a+", "+a", "a/b+/c", "##", "$share/g",
                           "$share//a", "$share/g/", "$share/+/a", "$share/g#/a", "$share/g/a#"})
        EXPECT_FALSE(valid_topic_filter(bad)) << bad;
}

}  // namespace
}  // namespace hw::mqtt
