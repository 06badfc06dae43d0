// The small parts that kinds share.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "connector/lookup_cache.h"
#include "connector/push_hub.h"
#include "connector/runner_settings.h"
#include "connector/send_in_halves.h"
#include "connector/settings_text.h"

namespace hw::connector {
namespace {

TEST(Registry, knows_kinds_by_name) {
    const auto named = [](std::string_view name) {
        Kind kind{};
        kind.name = name;
        return kind;
    };
    const Kind b = named("b"), a = named("a"), again = named("a");
    Registry registry;
    ASSERT_TRUE(registry.add(b));
    ASSERT_TRUE(registry.add(a));
    EXPECT_EQ(registry.add(again).error().code(), ErrorCode::conflict);
    EXPECT_EQ(registry.names(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(registry.find("b"), &b);
    EXPECT_EQ(registry.find("c"), nullptr);
}

TEST(RunnerProperties, defaults_are_those_of_the_settings) {
    Config::Texts flaws;
    const auto table = Config::read_table(runner_properties(), {}, flaws);
    ASSERT_TRUE(flaws.empty()) << flaws.front().first << ": " << flaws.front().second;
    const RunnerSettings read = runner_settings(table);
    const RunnerSettings built_in;
    EXPECT_EQ(read.disk, built_in.disk);
    EXPECT_EQ(read.buffer_bytes, built_in.buffer_bytes);
    EXPECT_EQ(read.memory_bytes, built_in.memory_bytes);
    EXPECT_EQ(read.overflow, built_in.overflow);
    EXPECT_EQ(read.batch_size, built_in.batch_size);
    EXPECT_EQ(read.batch_time, built_in.batch_time);
    EXPECT_EQ(read.batch_bytes, built_in.batch_bytes);
    EXPECT_EQ(read.workers, built_in.workers);
    EXPECT_EQ(read.request_ttl, built_in.request_ttl);
    EXPECT_EQ(read.max_retries, built_in.max_retries);
    EXPECT_EQ(read.retry_interval, built_in.retry_interval);
    EXPECT_EQ(read.retry_interval_max, built_in.retry_interval_max);
    EXPECT_EQ(read.health_check_interval, built_in.health_check_interval);
}

// A peer that refuses these rows and counts its calls.
struct Picky {
    std::vector<uint64_t> refused, taken;
    size_t calls = 0;
    Sent operator()(std::span<const Item> items) {
        ++calls;
        for (const Item& item : items)
            if (std::find(refused.begin(), refused.end(), item.sequence) != refused.end())
                return {Sent::Outcome::rejected, 0, "bad"};
        for (const Item& item : items)
            taken.push_back(item.sequence);
        return {};
    }
};

TEST(SendInHalves, finds_the_rows_at_fault) {
    std::vector<Item> items(64);
    for (size_t i = 0; i < items.size(); ++i)
        items[i].sequence = i;
    Picky picky{{13, 14, 63}, {}, 0};
    std::vector<uint64_t> rejected;
    for (std::span<const Item> rest = items; !rest.empty();) {
        const Sent sent = send_in_halves(rest, std::ref(picky));
        if (sent.outcome == Sent::Outcome::sent) break;
        rejected.push_back(rest[sent.done].sequence);
        rest = rest.subspan(sent.done + 1);
    }
    EXPECT_EQ(rejected, picky.refused);
    EXPECT_EQ(picky.taken.size(), 61u);
    EXPECT_TRUE(std::is_sorted(picky.taken.begin(), picky.taken.end()));
    EXPECT_LT(picky.calls, 45u);
}

TEST(SendInHalves, a_peer_that_goes_down_meanwhile_is_told_where) {
    std::vector<Item> items(8);
    for (size_t i = 0; i < items.size(); ++i)
        items[i].sequence = i;
    const Sent sent = send_in_halves(items, [](std::span<const Item> some) -> Sent {
        if (some.size() == 8) return {Sent::Outcome::rejected, 0, "bad"};
        if (some.front().sequence >= 4) return {Sent::Outcome::retry, 0, "down"};
        return {};
    });
    EXPECT_EQ(sent.outcome, Sent::Outcome::retry);
    EXPECT_EQ(sent.done, 4u);
}

TEST(LookupCache, keeps_for_a_time_and_drops_the_least_used) {
    ManualClock clock(Time{1'000'000'000});
    LookupCache cache({seconds(10), seconds(2), 2}, clock);
    const std::array a = {sql::Datum::text("a")};
    const std::array b = {sql::Datum::text("b")};
    const std::array c = {sql::Datum::integer(3), sql::Datum::null()};
    cache.put(a, {sql::Datum::integer(1)});
    cache.put(b, {});
    ASSERT_NE(cache.find(a), nullptr);
    EXPECT_EQ(cache.find(a)->size(), 1u);
    EXPECT_TRUE(cache.find(b)->empty());
    clock.advance(seconds(3));
    EXPECT_EQ(cache.find(b), nullptr);
    cache.put(b, {sql::Datum::integer(2)});
    cache.find(a);
    cache.put(c, {sql::Datum::integer(3)});
    EXPECT_EQ(cache.size(), 2u);
    EXPECT_EQ(cache.find(b), nullptr);
    EXPECT_NE(cache.find(c), nullptr);
    clock.advance(seconds(8));
    EXPECT_EQ(cache.find(a), nullptr);
    cache.put(c, {sql::Datum::integer(4)});
    EXPECT_EQ(cache.find(c)->front(), sql::Datum::integer(4));
    EXPECT_EQ(cache.size(), 1u);
}

struct Taker final : Receiver {
    bool full = false;
    std::vector<std::string> got;
    bool offer(std::span<Received> messages, std::function<void()> kept) override {
        if (full) return false;
        for (const Received& one : messages)
            got.push_back(one.topic + " " + one.payload);
        kept();
        return true;
    }
    void state(bool, const std::string&) override {}
};

TEST(PushHub, hands_messages_to_the_source_of_the_path) {
    PushHub hub;
    Taker taker;
    ASSERT_TRUE(hub.add("/plant1", taker));
    EXPECT_EQ(hub.add("/plant1", taker).error().code(), ErrorCode::conflict);
    EXPECT_EQ(hub.add("plant", taker).error().code(), ErrorCode::invalid_argument);
    int kept = 0;
    const auto count = [&] { ++kept; };
    EXPECT_TRUE(hub.push({"/plant1", "x", {}, {}}, count));
    EXPECT_EQ(hub.push({"/plant2", "x", {}, {}}, count).error().code(), ErrorCode::not_found);
    taker.full = true;
    EXPECT_EQ(hub.push({"/plant1", "y", {}, {}}, count).error().code(), ErrorCode::unavailable);
    hub.remove("/plant1");
    EXPECT_EQ(hub.push({"/plant1", "z", {}, {}}, count).error().code(), ErrorCode::not_found);
    EXPECT_EQ(kept, 1);
    EXPECT_EQ(taker.got, std::vector<std::string>{"/plant1 x"});
}

TEST(Settings, named_templates_and_needed_texts) {
    constexpr Property properties[] = {{"tags", PropertyType::text_list, "", ""},
                                       {"url", PropertyType::text, "", ""}};
    Config::Texts flaws;
    auto table = Config::read_table(properties, {{"tags", "a=${x},b=1\\,2"}}, flaws);
    const auto named = named_templates(table, "tags");
    ASSERT_TRUE(named) << named.error().text();
    ASSERT_EQ(named->size(), 2u);
    EXPECT_EQ((*named)[1].first, "b");
    EXPECT_EQ((*named)[1].second.constant(), "1,2");
    EXPECT_EQ(needed(table, "url").error().text(), "url is missing; give it");
    table = Config::read_table(properties, {{"tags", "nothing"}}, flaws);
    EXPECT_EQ(named_templates(table, "tags").error().text(), "tags: 'nothing' is not name=value");
    table = Config::read_table(properties, {{"tags", "a=${"}}, flaws);
    EXPECT_TRUE(named_templates(table, "tags").error().text().starts_with("tags a: template"));
}

}  // namespace
}  // namespace hw::connector
