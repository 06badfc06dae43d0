#include "twin/graph.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "base/random.h"

namespace hw::twin {
namespace {

// A graph of twins of one model without slots.
struct Net {
    explicit Net(size_t twins) {
        auto interface = std::make_shared<Interface>();
        interface->id = "dtmi:test:Node;1";
        model.interface = interface;
        for (size_t i = 0; i < twins; ++i)
            graph.add(graph.place(fmt::format("t{:03}", i)), model);
    }
    std::vector<std::string> walk(const std::string& id, Graph::Walk way, size_t limit = 1'000) {
        std::vector<std::string> found;
        graph.walk(*graph.find(id), way, [&](uint32_t number) {
            const Edge& edge = graph.edge(number);
            found.push_back(graph.name_of(edge) + ">" +
                            graph.at(way.incoming ? edge.source : edge.target).name.id);
            return found.size() < limit;
        });
        return found;
    }

    Names names;
    CompiledModel model;
    Graph graph{names};
};

TEST(Graph, WalksAsASortedListOfEdges) {
    constexpr size_t twins = 60;
    const std::vector<std::string> kinds{"feeds", "partOf", "a"};
    Net net(twins);
    std::set<std::tuple<std::string, std::string, std::string>> expected;
    Random random(11);
    for (int i = 0; i < 20'000; ++i) {
        const std::string source = fmt::format("t{:03}", random.below(4));
        const std::string target = fmt::format("t{:03}", random.below(twins));
        const std::string& name = kinds[random.below(kinds.size())];
        const auto edge = net.graph.edge(*net.graph.find(source), name, *net.graph.find(target));
        ASSERT_EQ(edge.has_value(), expected.contains({source, name, target}));
        if (edge) {
            net.graph.remove_edge(*edge);
            expected.erase({source, name, target});
        } else {
            net.graph.add_edge(net.graph.find(source)->name.index, name,
                               net.graph.find(target)->name.index, {});
            expected.insert({source, name, target});
        }
        ASSERT_EQ(net.graph.edges(), expected.size());
    }
    std::vector<std::string> all, feeds;
    for (const auto& [source, name, target] : expected) {
        if (source != "t001") continue;
        all.push_back(name + ">" + target);
        if (name == "feeds") feeds.push_back(name + ">" + target);
    }
    EXPECT_EQ(net.walk("t001", {}), all);
    EXPECT_EQ(net.walk("t001", {.name = "feeds"}), feeds);
    EXPECT_TRUE(net.walk("t001", {.name = "none"}).empty());
    std::vector<std::string> paged;
    Graph::Walk way{.name = "feeds"};
    std::string other;
    for (;;) {
        const auto page = net.walk("t001", way, 7);
        if (page.empty()) break;
        paged.insert(paged.end(), page.begin(), page.end());
        other = page.back().substr(page.back().find('>') + 1);
        way.after_name = "feeds";
        way.after_other = other;
    }
    EXPECT_EQ(paged, feeds);
    size_t incoming = 0;
    for (size_t i = 0; i < twins; ++i)
        incoming += net.walk(fmt::format("t{:03}", i), {.incoming = true}).size();
    EXPECT_EQ(incoming, expected.size());
}

TEST(Graph, NamesOutliveTheirTwins) {
    Net net(2);
    const TwinName* name = net.graph.name("t001");
    net.graph.remove(*net.graph.find("t001"));
    EXPECT_EQ(net.graph.find("t001"), nullptr);
    EXPECT_EQ(net.graph.name("t001"), name);
    EXPECT_EQ(net.graph.size(), 1);
    net.graph.add(net.graph.place("t001"), net.model);
    EXPECT_EQ(&net.graph.find("t001")->name, name);
    EXPECT_EQ(net.model.twins, 2);
    EXPECT_EQ(net.graph.near("t0").size(), 2);
}

}  // namespace
}  // namespace hw::twin
