// Kills the rules at random moments, from seeds: what is in history in the end.

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "rules/test_support.h"

namespace hw::rules {
namespace {

class Sum final : public sql::Aggregate {
  public:
    void add(sql::Arguments arguments, sql::CallContext&) override {
        sum_ += arguments[0].as_number();
    }
    sql::Datum result(sql::CallContext&) const override { return sql::Datum::real(sum_); }
    void save(ByteWriter& out) const override { out.little(std::bit_cast<uint64_t>(sum_)); }
    void load(ByteReader& in) override { sum_ = std::bit_cast<double>(in.little<uint64_t>()); }
    size_t bytes() const override { return 0; }

  private:
    double sum_ = 0;
};

std::unique_ptr<sql::Aggregate> make_sum() {
    return std::make_unique<Sum>();
}

sql::Function sum_function() {
    sql::Function function;
    function.name = "test_sum";
    function.type = sql::FunctionClass::aggregate;
    function.group = "test";
    function.least_arguments = function.most_arguments = 1;
    function.aggregate = make_sum;
    return function;
}

// One step of a run: some time passes, some messages come.
struct Step {
    Duration pause;
    std::vector<std::pair<std::string, std::string>> messages;
};

std::vector<Step> make_script(Random& random) {
    std::vector<Step> script(60);
    int next = 1;
    for (auto& step : script) {
        step.pause = milliseconds(static_cast<int64_t>(random.below(4'000)));
        for (size_t i = random.below(4); i > 0; --i)
            step.messages.emplace_back("meters/" + std::to_string(random.below(3)),
                                       R"({"v":)" + std::to_string(next++) + R"(,"k":)" +
                                           std::to_string(random.below(2)) + "}");
    }
    return script;
}

// A server whose rest (history, what was published) outlives the kill of its rules.
class Server {
  public:
    Server(uint64_t seed, bool power_loss) : bench_(seed), power_loss_(power_loss) {
        bench_.functions.add(sum_function());
        bench_.settings.checkpoint_interval = seconds(5);
        bench_.settings.log_sync = power_loss;
        bench_.open();
        start();
    }

    void step(const Step& step, Random* random) {
        bench_.clock.advance(step.pause);
        bench_.run();
        for (const auto& [topic, payload] : step.messages) {
            bench_.message(topic, payload);
            bench_.lane->offer();  // acknowledged
            if (random == nullptr) continue;
            if (random->chance(0.5)) bench_.worker->round();
            if (random->chance(0.05)) kill();
        }
        if (random != nullptr && random->chance(0.05)) kill();
        bench_.run();
        if (random != nullptr && random->chance(0.05)) kill();
    }

    void kill() {
        ++kills;
        bench_.worker.reset();
        if (power_loss_) bench_.disk.crash();
        bench_.open();
        start();
    }

    std::multiset<std::string> published() const {
        std::multiset<std::string> out;
        for (const auto& message : bench_.ports.published)
            out.insert(message.payload);
        return out;
    }
    const auto& kept() const { return bench_.ports.kept; }
    const Worker::Figures& figures() const { return bench_.worker->figures(); }
    int kills = 0;

  private:
    void start() {
        EXPECT_TRUE(bench_.opened) << bench_.opened.error().text();
        RuleSpec exact =
            rule_spec("exact",
                      R"(SELECT topic, test_sum(payload.v) AS s FROM "meters/#"
               GROUP BY topic, TUMBLINGWINDOW(ss, 7))",
                      {action_spec("keep", R"({"point":"sums/${topic}","value":"${s}"})")});
        exact.options.qos = Guarantee::exactly_once;
        RuleSpec changes =
            rule_spec("changes", R"(SELECT payload.k AS k FROM "meters/1")",
                      {action_spec("keep", R"({"point":"changes","value":"${k}"})")});
        changes.options.qos = Guarantee::exactly_once;
        changes.actions[0].only_on_change = true;
        RuleSpec least = rule_spec("least", R"(SELECT payload.v AS v FROM "meters/#")",
                                   {action_spec("republish", R"({"topic":"out"})")});
        least.options.qos = Guarantee::at_least_once;
        RuleSpec loose = rule_spec("loose", R"(SELECT payload.v AS v FROM "meters/0")",
                                   {action_spec("keep", R"({"point":"loose","value":"${v}"})")});
        for (const auto& spec : {exact, changes, least, loose}) {
            const auto put = bench_.put(spec);
            ASSERT_TRUE(put) << put.error().text();
        }
        bench_.begin();
        ASSERT_TRUE(bench_.began);
    }

    Bench bench_;
    const bool power_loss_;
};

std::map<std::pair<std::string, int64_t>, model::Value> without_loose(const Server& server) {
    auto kept = server.kept();
    std::erase_if(kept, [](const auto& entry) { return entry.first.first == "loose"; });
    return kept;
}

void check_seed(uint64_t seed, bool power_loss, int& kills) {
    Random random(seed);
    const auto script = make_script(random);
    Server calm(seed, false);
    Server killed(seed, power_loss);
    for (const auto& step : script) {
        calm.step(step, nullptr);
        killed.step(step, &random);
    }
    const Step end{seconds(30), {}};
    calm.step(end, nullptr);
    killed.step(end, nullptr);
    kills += killed.kills;
    EXPECT_EQ(without_loose(calm), without_loose(killed)) << "exactly once, seed " << seed;
    const auto all = calm.published();
    const auto more = killed.published();
    EXPECT_TRUE(std::includes(more.begin(), more.end(), all.begin(), all.end()))
        << "at least once, seed " << seed;
    EXPECT_GT(without_loose(calm).size(), 10);
}

TEST(Crash, ExactlyOnceIsTheRunThatWasNotKilledAndAtLeastOnceLosesNothing) {
    int kills = 0;
    for (uint64_t seed = 1; seed <= 120; ++seed)
        check_seed(seed, false, kills);
    EXPECT_GT(kills, 200);
}

TEST(Crash, TheSameAfterAPowerCutWhereTheLogIsSynced) {
    int kills = 0;
    for (uint64_t seed = 1'000; seed < 1'040; ++seed)
        check_seed(seed, true, kills);
    EXPECT_GT(kills, 60);
}

TEST(Crash, ARuleThatBeganLaterSeesNothingOfBefore) {
    Bench bench;
    bench.begin();
    RuleSpec first = rule_spec("first", R"(SELECT topic FROM "a")");
    first.options.qos = Guarantee::at_least_once;
    ASSERT_TRUE(bench.put(first));
    bench.send("a", "1");
    RuleSpec second = rule_spec("second", R"(SELECT payload FROM "a")",
                                {action_spec("republish", R"({"topic":"out"})")});
    second.options.qos = Guarantee::at_least_once;
    ASSERT_TRUE(bench.put(second));
    bench.send("a", "2");
    EXPECT_EQ(bench.ports.published.size(), 1);
    bench.worker.reset();
    bench.open();
    ASSERT_TRUE(bench.put(first));
    ASSERT_TRUE(bench.put(second));
    bench.begin();
    bench.run();
    EXPECT_EQ(bench.ports.published.size(), 2) << "the second message again, not the first";
}

TEST(Crash, RowsWaitForAFullHistoryAndTheirCheckpointToo) {
    Bench bench;
    RuleSpec spec = rule_spec("r1", R"(SELECT payload.v AS v FROM "a")",
                              {action_spec("keep", R"({"point":"p","value":"${v}"})")});
    spec.options.qos = Guarantee::exactly_once;
    ASSERT_TRUE(bench.put(spec));
    bench.ports.history_full = true;
    bench.send("a", R"({"v":1})");
    bench.pass(seconds(30));
    EXPECT_EQ(bench.worker->figures().checkpoints, 0);
    EXPECT_TRUE(bench.ports.kept.empty());
    bench.ports.history_full = false;
    bench.pass(seconds(2));
    EXPECT_EQ(bench.ports.kept.size(), 1);
    bench.pass(seconds(11));
    EXPECT_GE(bench.worker->figures().checkpoints, 1);
    EXPECT_EQ(bench.figures("r1").actions.at(0).sent, 1);
}

}  // namespace
}  // namespace hw::rules
