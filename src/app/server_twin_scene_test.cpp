#include "app/server_twin_scene.h"

#include <gtest/gtest.h>

#include "model/point_path.h"

namespace hw::app {
namespace {

TEST(CommonFilter, MatchesAllOfThem) {
    EXPECT_EQ(common_filter({}), "#");
    EXPECT_EQ(common_filter({"a/b"}), "a/b");
    EXPECT_EQ(common_filter({"a/b/c", "a/b/d"}), "a/b/#");
    EXPECT_EQ(common_filter({"a/b/c1", "a/b/c2"}), "a/b/#");
    EXPECT_EQ(common_filter({"a/b", "a/b/c"}), "a/b/#");
    EXPECT_EQ(common_filter({"a", "b"}), "#");
    EXPECT_EQ(common_filter({"a1/x", "a2/x"}), "#");
    EXPECT_EQ(common_filter({"a/b", "a/bc"}), "a/#");
    for (const auto& ids : {std::vector<std::string>{"a/b/c", "a/b/c/d", "a/c"},
                            std::vector<std::string>{"a", "a/b"}})
        for (const auto& id : ids)
            EXPECT_TRUE(model::matches(common_filter(ids), id)) << id;
}

}  // namespace
}  // namespace hw::app
