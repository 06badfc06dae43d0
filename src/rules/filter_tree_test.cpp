#include "rules/filter_tree.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "model/point_path.h"

namespace hw::rules {
namespace {

std::vector<uint32_t> match(const FilterTree& tree, std::string_view topic) {
    std::vector<uint32_t> found;
    tree.match(topic, found);
    std::sort(found.begin(), found.end());
    return found;
}

TEST(FilterTree, FindsWhatMatchesAndForgetsWhatWent) {
    FilterTree tree;
    tree.add("a/+/c", 1);
    tree.add("a/#", 2);
    tree.add("#", 3);
    tree.add("a/b/c", 4);
    tree.add("$events/#", 5);
    EXPECT_EQ(match(tree, "a/b/c"), (std::vector<uint32_t>{1, 2, 3, 4}));
    EXPECT_EQ(match(tree, "a"), (std::vector<uint32_t>{2, 3}));
    EXPECT_EQ(match(tree, "$events/x"), (std::vector<uint32_t>{5}));
    tree.remove("a/#", 2);
    tree.remove("a/b/c", 4);
    EXPECT_EQ(match(tree, "a/b/c"), (std::vector<uint32_t>{1, 3}));
}

std::string random_path(Random& random, bool wildcards) {
    std::string path;
    const size_t levels = 1 + random.below(4);
    for (size_t i = 0; i < levels; ++i) {
        if (i > 0) path += '/';
        const uint64_t kind = random.below(wildcards ? 5 : 3);
        if (kind == 4 && i + 1 == levels) return path + "#";
        path += kind == 3 ? "+" : kind == 2 ? "" : kind == 1 ? "b" : i == 0 ? "$a" : "a";
    }
    return path;
}

TEST(FilterTree, AgreesWithTheModelsMatching) {
    Random random(7);
    for (int round = 0; round < 300; ++round) {
        FilterTree tree;
        std::vector<std::string> filters;
        for (uint32_t i = 0; i < 12; ++i) {
            filters.push_back(random_path(random, true));
            tree.add(filters.back(), i);
        }
        for (uint32_t i = 0; i < 12; i += 3)
            tree.remove(filters[i], i);
        for (int probe = 0; probe < 20; ++probe) {
            const std::string topic = random_path(random, false);
            std::vector<uint32_t> expected;
            for (uint32_t i = 0; i < 12; ++i)
                if (i % 3 != 0 && model::matches(filters[i], topic)) expected.push_back(i);
            EXPECT_EQ(match(tree, topic), expected) << topic;
        }
    }
}

}  // namespace
}  // namespace hw::rules
