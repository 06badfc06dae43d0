#include "broker/topic_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"
#include "broker/topic.h"

namespace hw::broker {
namespace {

struct Entry : IndexEntry {
    explicit Entry(std::string f) : IndexEntry(Kind::subscription), filter(std::move(f)) {}
    std::string filter;
};

std::string random_path(Random& random, bool filter) {
    static constexpr std::string_view names[] = {"a", "b", "c", "", "$x"};
    const size_t levels = 1 + random.below(4);
    std::string path;
    for (size_t i = 0; i < levels; ++i) {
        if (i != 0) path += '/';
        const uint64_t pick = random.below(filter ? 8 : 5);
        if (filter && pick == 7 && i + 1 == levels)
            path += '#';
        else if (pick >= 5)
            path += '+';
        else
            path += names[pick];
    }
    return path.empty() ? "a" : path;
}

TEST(TopicIndex, finds_what_matches) {
    TopicIndex index;
    Entry exact("a/b"), plus("a/+"), hash("a/#"), all("#"), other("b");
    for (Entry* entry : {&exact, &plus, &hash, &all, &other})
        index.add(*entry, entry->filter);
    std::vector<IndexEntry*> out;
    index.match("a/b", out);
    EXPECT_EQ(out.size(), 4u);
    out.clear();
    index.match("a", out);
    EXPECT_EQ(out.size(), 2u);
    out.clear();
    index.match("$SYS/x", out);
    EXPECT_TRUE(out.empty());
}

TEST(TopicIndex, forgets_what_left_and_its_nodes) {
    TopicIndex index;
    Entry one("a/b/c"), two("a/b/c"), three("a/+/#");
    for (Entry* entry : {&one, &two, &three})
        index.add(*entry, entry->filter);
    index.remove(one);
    std::vector<IndexEntry*> out;
    index.match("a/b/c", out);
    EXPECT_EQ(out.size(), 2u);
    index.remove(three);
    index.remove(two);
    EXPECT_EQ(index.size(), 0u);
    EXPECT_EQ(index.nodes(), 0u);
}

TEST(TopicIndex, agrees_with_the_plain_matcher) {
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        Random random(seed);
        TopicIndex index;
        std::vector<std::unique_ptr<Entry>> entries;
        for (int step = 0; step < 100; ++step) {
            if (!entries.empty() && random.chance(0.3)) {
                const size_t at = random.below(entries.size());
                index.remove(*entries[at]);
                entries.erase(entries.begin() + static_cast<long>(at));
            } else {
                const std::string filter = random_path(random, true);
                ASSERT_TRUE(is_filter(filter, 8)) << filter;
                entries.push_back(std::make_unique<Entry>(filter));
                index.add(*entries.back(), filter);
            }
            const std::string topic = random_path(random, false);
            std::vector<IndexEntry*> found;
            index.match(topic, found);
            std::vector<IndexEntry*> expected;
            for (const auto& entry : entries)
                if (matches(entry->filter, topic)) expected.push_back(entry.get());
            std::sort(found.begin(), found.end());
            std::sort(expected.begin(), expected.end());
            ASSERT_EQ(found, expected) << "seed " << seed << " topic " << topic;
        }
    }
}

}  // namespace
}  // namespace hw::broker
