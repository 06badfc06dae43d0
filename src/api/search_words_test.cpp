#include "api/search_words.h"

#include <gtest/gtest.h>

namespace hw::api {
namespace {

bool match(std::string_view search, std::string_view text, std::string_view other = {}) {
    return SearchWords::read(search)->match(text, other);
}

TEST(SearchWords, AllMustOccur) {
    EXPECT_TRUE(match("filter3 turb", "works/filtration/Filter3/turbidity"));
    EXPECT_TRUE(match("TURB  filter3 ", "works/filtration/Filter3/turbidity"));
    EXPECT_FALSE(match("filter4 turb", "works/filtration/Filter3/turbidity"));
    EXPECT_TRUE(match("3/tur", "works/filtration/Filter3/turbidity"));
    EXPECT_TRUE(match("pump north", "works/pump1", "North station"));
    EXPECT_TRUE(match("", "anything"));
    EXPECT_FALSE(match("longer than it", "it"));
    EXPECT_TRUE(match("\xe6\xb5\x8a", "\xe6\xb5\x8a\xe5\xba\xa6"));
}

TEST(SearchWords, AreBounded) {
    EXPECT_FALSE(SearchWords::read(std::string(257, 'x')));
    EXPECT_FALSE(SearchWords::read("a b c d e f g h i j k l m n o p q"));
    EXPECT_TRUE(SearchWords::read(" ")->none());
}

}  // namespace
}  // namespace hw::api
