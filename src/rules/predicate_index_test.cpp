#include "rules/predicate_index.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "rules/test_support.h"

namespace hw::rules {
namespace {

std::string random_constant(Random& random) {
    switch (random.below(4)) {
        case 0:
            return fmt::format("'{}'", random.below(4));
        case 1:
            return fmt::format("'x{}'", random.below(4));
        case 2:
            return fmt::format("{}.5", random.below(4));
        default:
            return std::to_string(random.below(6));
    }
}

std::string random_condition(Random& random) {
    const std::string left = random.chance(0.7) ? "payload.id" : "payload.a.b";
    switch (random.below(6)) {
        case 0:
            return fmt::format("{} IN ({}, {}, {})", left, random_constant(random),
                               random_constant(random), random_constant(random));
        case 1:
            return fmt::format("topic = 't/{}'", random.below(4));
        case 2:
            return fmt::format("topic =~ 't/+' AND {} = {}", left, random_constant(random));
        case 3: {
            constexpr const char* operators[] = {"<", "<=", ">", ">="};
            return fmt::format("{} {} {}", left, operators[random.below(4)],
                               random_constant(random));
        }
        case 4:
            return fmt::format("{} = {} AND payload.a.b > {}", left, random_constant(random),
                               random.below(4));
        default:
            return fmt::format("{} = {}", left, random_constant(random));
    }
}

std::string random_payload(Random& random) {
    constexpr const char* values[] = {"1",       "2",    "2.0",  "\"2\"", "\"x1\"", "3.5",
                                      "\"3.5\"", "null", "true", "[1]",   "{}",     "-1",
                                      "1e0",     "5",    "\"\"", "4"};
    if (random.chance(0.05)) return "no json";
    return fmt::format(R"({{"id":{},"a":{{"b":{}}}}})", values[random.below(std::size(values))],
                       values[random.below(std::size(values))]);
}

class Counting final : public sql::QueryOutput {
  public:
    void row(sql::OutputRow) override { ++rows; }
    void late(const sql::Record&) override {}
    void failed(size_t, const std::string&) override {}
    uint64_t rows = 0;
};

// Every rule must see just what its own WHERE would let through.
TEST(PredicateIndex, AgreesWithTheStatements) {
    Random random(5);
    for (int round = 0; round < 40; ++round) {
        Bench bench;
        std::vector<std::unique_ptr<sql::Query>> alone;
        std::vector<std::string> texts;
        sql::Services services;
        for (int i = 0; i < 60; ++i) {
            texts.push_back(
                fmt::format("SELECT topic FROM \"t/#\" WHERE {}", random_condition(random)));
            auto query =
                sql::Query::compile(texts.back(), {bench.functions, nullptr, services, ""});
            ASSERT_TRUE(query) << texts.back() << ": " << query.error().full_text();
            alone.push_back(std::move(*query));
            ASSERT_TRUE(bench.put(rule_spec(fmt::format("r{}", i), texts.back())));
        }
        // Some go again: the index forgets them and serves the others.
        for (int i = 0; i < 60; i += 7)
            bench.worker->remove(fmt::format("r{}", i));
        std::vector<Counting> counts(60);
        for (int event = 0; event < 60; ++event) {
            const std::string topic = fmt::format("t/{}", random.below(5));
            const std::string payload = random_payload(random);
            bench.send(topic, payload);
            MessageFields fields;
            fields.topic = topic;
            fields.payload = as_bytes(payload);
            const auto record = message_event(fields, bench.clock.now(), {}).record;
            for (size_t i = 0; i < 60; ++i)
                alone[i]->push(0, record, bench.clock.now(), counts[i]);
        }
        for (size_t i = 0; i < 60; ++i) {
            if (i % 7 == 0) continue;
            EXPECT_EQ(bench.figures(fmt::format("r{}", i)).out, counts[i].rows) << texts[i];
        }
        EXPECT_GT(bench.worker->engine().totals().index_keys, 0);
    }
}

TEST(PredicateIndex, AnEventGoesToItsMatchesAlone) {
    Bench bench;
    for (int i = 0; i < 1'000; ++i)
        ASSERT_TRUE(bench.put(
            rule_spec(fmt::format("r{}", i),
                      fmt::format("SELECT payload.id FROM \"s\" WHERE payload.id = {}", i))));
    for (int i = 0; i < 100; ++i)
        bench.send("s", fmt::format(R"({{"id":{}}})", i * 3));
    EXPECT_EQ(bench.worker->engine().totals().candidates, 100);
    EXPECT_EQ(bench.figures("r3").in, 100);
    EXPECT_EQ(bench.figures("r3").out, 1);
    EXPECT_EQ(bench.figures("r4").out, 0);
}

}  // namespace
}  // namespace hw::rules
