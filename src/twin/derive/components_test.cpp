#include "twin/derive/components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace hw::twin {
namespace {

using Graph = std::vector<std::vector<uint32_t>>;
using testing::ElementsAre;

Graph components_of(const Graph& graph) {
    Graph out;
    Components components(graph.size(),
                          [&](uint32_t node) { return std::span<const uint32_t>(graph[node]); });
    components.walk(
        [&](std::span<const uint32_t> one) { out.emplace_back(one.begin(), one.end()); });
    return out;
}

TEST(ComponentsTest, what_is_needed_comes_first) {
    EXPECT_THAT(components_of({{1}, {2}, {}}),
                ElementsAre(ElementsAre(2), ElementsAre(1), ElementsAre(0)));
    EXPECT_THAT(components_of({{1}, {2, 3}, {1}, {3}}),
                ElementsAre(ElementsAre(3), ElementsAre(1, 2), ElementsAre(0)));
    EXPECT_TRUE(components_of({}).empty());
}

TEST(ComponentsTest, long_chains_take_no_stack) {
    Graph chain(1'000'000);
    for (uint32_t i = 0; i + 1 < chain.size(); ++i)
        chain[i].push_back(i + 1);
    EXPECT_EQ(components_of(chain).size(), chain.size());
    chain.back().push_back(0);
    EXPECT_EQ(components_of(chain).size(), 1u);
}

TEST(ComponentsTest, agrees_with_who_reaches_whom) {
    Random random(5);
    for (int run = 0; run < 300; ++run) {
        const size_t nodes = 1 + random.below(12);
        Graph graph(nodes);
        for (size_t i = random.below(nodes * 2); i > 0; --i)
            graph[random.below(nodes)].push_back(static_cast<uint32_t>(random.below(nodes)));
        std::vector<std::vector<bool>> reaches(nodes, std::vector<bool>(nodes));
        for (size_t i = 0; i < nodes; ++i) {
            reaches[i][i] = true;
            for (const uint32_t to : graph[i])
                reaches[i][to] = true;
        }
        for (size_t k = 0; k < nodes; ++k)
            for (size_t i = 0; i < nodes; ++i)
                for (size_t j = 0; j < nodes; ++j)
                    if (reaches[i][k] && reaches[k][j]) reaches[i][j] = true;
        std::vector<size_t> place(nodes);
        const Graph components = components_of(graph);
        for (size_t c = 0; c < components.size(); ++c) {
            EXPECT_TRUE(std::ranges::is_sorted(components[c]));
            for (const uint32_t node : components[c])
                place[node] = c;
        }
        for (size_t i = 0; i < nodes; ++i)
            for (size_t j = 0; j < nodes; ++j) {
                ASSERT_EQ(place[i] == place[j], reaches[i][j] && reaches[j][i]);
                ASSERT_TRUE(!reaches[i][j] || place[i] >= place[j]);
            }
    }
}

}  // namespace
}  // namespace hw::twin
