#include "broker/retained.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace hw::broker {
namespace {

MessageRef message(std::string_view topic, std::string_view payload,
                   Time expires = Message::never) {
    MessageRef made = Message::make(topic, {}, as_bytes(payload));
    made->expires = expires;
    return made;
}

std::set<std::string> topics(const Retained& retained, std::string_view filter, Time now = {}) {
    std::set<std::string> found;
    retained.match(filter, now, [&](const MessageRef& m) { found.emplace(m->topic()); });
    return found;
}

bool set(Retained& retained, const MessageRef& m) {
    Retained::Slot slot;
    return retained.set(slot, m);
}

TEST(Retained, keeps_the_last_and_clears_with_nothing) {
    Retained retained({10, 10'000});
    EXPECT_TRUE(set(retained, message("a/b", "1")));
    EXPECT_TRUE(set(retained, message("a/b", "2")));
    EXPECT_EQ(retained.count(), 1u);
    EXPECT_EQ(as_text(retained.get("a/b")->payload()), "2");
    EXPECT_TRUE(set(retained, message("a/b", "")));
    EXPECT_EQ(retained.count(), 0u);
    EXPECT_EQ(retained.bytes(), 0u);
    EXPECT_FALSE(retained.get("a/b"));
}

TEST(Retained, answers_wildcards) {
    Retained retained({10, 10'000});
    for (const char* topic : {"a", "a/b", "a/b/c", "a//c", "$SYS/x"})
        set(retained, message(topic, "1"));
    using Set = std::set<std::string>;
    EXPECT_EQ(topics(retained, "#"), (Set{"a", "a/b", "a/b/c", "a//c"}));
    EXPECT_EQ(topics(retained, "a/#"), (Set{"a", "a/b", "a/b/c", "a//c"}));
    EXPECT_EQ(topics(retained, "a/+"), (Set{"a/b"}));
    EXPECT_EQ(topics(retained, "a/+/c"), (Set{"a/b/c", "a//c"}));
    EXPECT_EQ(topics(retained, "+/x"), (Set{}));
    EXPECT_EQ(topics(retained, "$SYS/#"), (Set{"$SYS/x"}));
}

// All pages of so many rows and so many looks.
std::vector<std::string> paged(const Retained& retained, std::string_view filter, size_t limit,
                               size_t visits) {
    std::vector<std::string> found;
    for (std::string after;;) {
        const auto page = retained.page(filter, after, limit, visits, {});
        for (const MessageRef& m : page.messages)
            found.emplace_back(m->topic());
        EXPECT_LE(page.messages.size(), limit);
        if (!page.next) return found;
        EXPECT_NE(*page.next, after);
        after = *page.next;
    }
}

TEST(Retained, pages_are_in_order_and_small) {
    Retained retained({100, 100'000});
    const std::vector<std::string> all = {"a", "a/", "a/b", "a/b/c", "a/d/c", "a-b", "b/x/y"};
    for (const auto& topic : all)
        set(retained, message(topic, "1"));
    set(retained, message("$SYS/x", "1"));
    for (const size_t limit : {1, 2, 3, 100}) {
        for (const size_t visits : {1, 2, 100}) {
            EXPECT_EQ(paged(retained, "#", limit, visits), all);
            using List = std::vector<std::string>;
            EXPECT_EQ(paged(retained, "a/#", limit, visits),
                      (List{"a", "a/", "a/b", "a/b/c", "a/d/c"}));
            EXPECT_EQ(paged(retained, "+/+/c", limit, visits), (List{"a/b/c", "a/d/c"}));
            EXPECT_EQ(paged(retained, "a/d/c", limit, visits), (List{"a/d/c"}));
            EXPECT_EQ(paged(retained, "$SYS/#", limit, visits), (List{"$SYS/x"}));
            EXPECT_EQ(paged(retained, "none/#", limit, visits), List{});
        }
    }
}

TEST(Retained, knows_the_levels_below_a_prefix) {
    Retained retained({100, 100'000});
    for (const char* topic : {"a", "a/b", "a/b/c", "a/d/c", "b/x"})
        set(retained, message(topic, "1"));
    const auto line = [](const TopicLevel& level) {
        return level.name + (level.here ? "!" : "") + std::to_string(level.below);
    };
    auto found = retained.levels("", "", 10);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(line(found[0]) + line(found[1]), "a!4b1");
    found = retained.levels("a", "", 10);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(line(found[0]) + line(found[1]), "b!2d1");
    EXPECT_EQ(retained.levels("a", "b", 1).at(0).name, "d");
    EXPECT_TRUE(retained.drop("a/b"));
    EXPECT_FALSE(retained.drop("a/b"));
    EXPECT_TRUE(retained.drop("a/b/c"));
    EXPECT_EQ(line(retained.levels("", "", 1).at(0)), "a!2");
    EXPECT_EQ(retained.levels("a", "", 10).size(), 1u);
    EXPECT_TRUE(retained.levels("none", "", 10).empty());
}

TEST(Retained, holds_to_its_limits) {
    Retained retained({2, 10'000});
    EXPECT_TRUE(set(retained, message("a", "1")));
    EXPECT_TRUE(set(retained, message("b", "1")));
    EXPECT_FALSE(set(retained, message("c", "1")));
    EXPECT_TRUE(set(retained, message("a", "2")));
    EXPECT_FALSE(set(retained, message("a", std::string(20'000, 'x'))));
    EXPECT_EQ(as_text(retained.get("a")->payload()), "2");
}

TEST(Retained, drops_what_is_past_its_time) {
    Retained retained({10, 10'000});
    set(retained, message("a", "1", Time{100}));
    set(retained, message("b", "1", Time{100}));
    set(retained, message("b", "2"));
    EXPECT_EQ(topics(retained, "#", Time{100}).size(), 1u);
    retained.expire(Time{99});
    EXPECT_EQ(retained.count(), 2u);
    retained.expire(Time{100});
    EXPECT_EQ(retained.count(), 1u);
    EXPECT_TRUE(retained.get("b"));
}

TEST(Retained, a_slot_of_a_freed_node_is_not_followed) {
    Retained retained({10, 10'000});
    Retained::Slot slot;
    retained.set(slot, message("a/b", "1"));
    retained.set(slot, message("a/b", ""));
    EXPECT_TRUE(retained.set(slot, message("a/b", "3")));
    EXPECT_EQ(as_text(retained.get("a/b")->payload()), "3");
}

}  // namespace
}  // namespace hw::broker
