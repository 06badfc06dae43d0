#include "api/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/http_target.h"

namespace hw::api {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::optional<Match> match(std::string_view pattern, std::string target) {
    io::HttpRequest request;
    request.target = std::move(target);
    EXPECT_TRUE(io::decode_target(request.target, request));
    return match_path(pattern, request);
}

TEST(Router, WordsMatchThemselves) {
    EXPECT_TRUE(match("/api/v1/points", "/api/v1/points?limit=3"));
    EXPECT_FALSE(match("/api/v1/points", "/api/v1/points/"));
    EXPECT_FALSE(match("/api/v1/points", "/api/v1/point"));
}

TEST(Router, APlaceTakesLevelsPlainOrEncoded) {
    for (const char* target : {"/d/works/plc1", "/d/works%2Fplc1", "/d/works%2fplc1?x=1"}) {
        const auto found = match("/d/{name}", target);
        ASSERT_TRUE(found) << target;
        EXPECT_THAT(found->places, ElementsAre(Pair("name", "works/plc1")));
    }
    EXPECT_FALSE(match("/d/{name}", "/d/"));
    EXPECT_FALSE(match("/d/{name}", "/d"));
    EXPECT_THAT(match("/d/{name}", "/d/a%20b/%23")->places, ElementsAre(Pair("name", "a b/#")));
}

TEST(Router, TheLongestWordsAtTheEndAreMeant) {
    const auto whole = match("/d/{name}", "/d/works/plc1/state");
    const auto state = match("/d/{name}/state", "/d/works/plc1/state");
    ASSERT_TRUE(whole && state);
    EXPECT_GT(state->literals, whole->literals);
    EXPECT_THAT(state->places, ElementsAre(Pair("name", "works/plc1")));
    const auto tag = match("/d/{name}/groups/{group}/tags/{tag}", "/d/a/groups/b/groups/g/tags/t");
    ASSERT_TRUE(tag);
    EXPECT_THAT(tag->places,
                ElementsAre(Pair("name", "a/groups/b"), Pair("group", "g"), Pair("tag", "t")));
}

TEST(Router, AnEncodedSlashPartsNothing) {
    EXPECT_FALSE(match("/d/{name}/state", "/d/works%2Fplc1%2Fstate"));
    const auto tag =
        match("/d/{name}/groups/{group}/tags/{tag}", "/d/a/groups/g/tags/x%2Ftags%2Fy");
    ASSERT_TRUE(tag);
    EXPECT_THAT(tag->places,
                ElementsAre(Pair("name", "a"), Pair("group", "g"), Pair("tag", "x/tags/y")));
}

TEST(Router, AVeryLongPathIsNoMatter) {
    std::string target = "/d";
    for (int i = 0; i < 30'000; ++i)
        target += "/groups";
    EXPECT_FALSE(match("/d/{name}/groups/{group}/tags/{tag}", target));
}

TEST(Router, PlacesHaveNames) {
    EXPECT_THAT(place_names("/d/{name}/groups/{group}"), ElementsAre("name", "group"));
}

}  // namespace
}  // namespace hw::api
