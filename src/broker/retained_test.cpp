#include "broker/retained.h"

#include <gtest/gtest.h>

#include <set>

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
    EXPECT_EQ(retained.page("#", "a", 2, {}).front()->topic(), "a//c");
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
