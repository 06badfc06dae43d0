#include "rules/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "rules/test_support.h"

namespace hw::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Lab {
    Lab() { sql::add_builtin_functions(functions); }
    TrialRooms rooms() { return {functions, clock, settings, streams}; }
    Result<TrialResult> run(std::string_view sql, const std::vector<TrialMessage>& messages) {
        order.sql = sql;
        flaw = {};
        return try_messages(order, messages, rooms(), &flaw);
    }
    static std::vector<std::string> rows(const TrialResult& result) {
        std::vector<std::string> out;
        for (const auto& row : result.rows)
            out.push_back(sql::to_json(row));
        return out;
    }

    Settings settings;
    ManualClock clock{test_begin};
    sql::FunctionTable functions;
    std::vector<StreamSpec> streams;
    TrialOrder order;
    sql::Flaw flaw;
};

TEST(Trial, GivesTheRowsOfGivenMessages) {
    Lab lab;
    const auto result = lab.run(R"(SELECT payload.x AS x FROM "a/#" WHERE payload.x > 1)",
                                {{"a/1", R"({"x":1})", {}, "", ""},
                                 {"a/2", R"({"x":2})", {}, "", ""},
                                 {"b", R"({"x":3})", {}, "", ""}});
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_THAT(Lab::rows(*result), ElementsAre(R"({"x":2})"));
    EXPECT_EQ(result->events, 2);
    EXPECT_THAT(result->errors, ElementsAre("no source of the statement takes the topic 'b'"));
    EXPECT_FALSE(result->plan.empty());
    EXPECT_THAT(trial_json(*result), HasSubstr(R"({"rows":[{"x":2}],)"));
    ASSERT_GE(result->operator_rows.size(), 2);
    EXPECT_EQ(result->operator_rows[0].size(), 2);  // of the source
    ASSERT_EQ(result->operator_rows[1].size(), 1);  // the filter took one
    EXPECT_THAT(result->operator_rows[1][0], HasSubstr(R"("topic":"a/2")"));
    EXPECT_THAT(trial_json(*result), HasSubstr(R"("operator_rows":[[{)"));
}

TEST(Trial, WindowsCloseAsTheMessagesTimesSay) {
    Lab lab;
    const auto at = [](int64_t s) { return test_begin + seconds(s); };
    const auto result =
        lab.run(R"(SELECT payload.x AS x FROM "a" GROUP BY payload.x, TUMBLINGWINDOW(ss, 10))",
                {{"a", R"({"x":1})", at(1), "", ""},
                 {"a", R"({"x":1})", at(5), "", ""},
                 {"a", R"({"x":1})", at(11), "", ""}});
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_THAT(result->times, ElementsAre(at(10), at(20)));
}

TEST(Trial, PointsAndStreamsAndEvents) {
    Lab lab;
    auto result = lab.run("SELECT value FROM points('p/#')", {{"p/1", "2.5", {}, "", ""}});
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_THAT(Lab::rows(*result), ElementsAre(R"({"value":2.5})"));
    lab.order.streams = {{"demo", false, R"(CREATE STREAM demo () WITH (DATASOURCE="d"))"}};
    result = lab.run("SELECT a FROM demo", {{"d", R"([{"a":1},{"a":2}])", {}, "", ""}});
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->rows.size(), 2);
    result = lab.run(R"(SELECT clientid FROM "$events/client/connected")",
                     {{"$events/client/connected", R"({"clientid":"c7"})", {}, "", ""}});
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_THAT(Lab::rows(*result), ElementsAre(R"({"clientid":"c7"})"));
}

TEST(Trial, KeepsToItsLimitsAndTellsFlaws) {
    Lab lab;
    lab.order.rows_limit = 2;
    const std::vector<TrialMessage> five(5, {"a", "1", {}, "", ""});
    auto result = lab.run(R"(SELECT topic FROM "a")", five);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->rows.size(), 2);
    EXPECT_TRUE(result->rows_cut);
    lab.order.events_limit = 3;
    result = lab.run(R"(SELECT topic FROM "a")", five);
    EXPECT_TRUE(result->events_cut);
    result = lab.run("SELECT topic FRM a", five);
    ASSERT_FALSE(result);
    EXPECT_EQ(lab.flaw.place.column, 14);
}

TEST(Trial, OnTheLiveTap) {
    Lab lab;
    SystemClock clock;
    io::SimDisk disk(1);
    model::PointDirectory points(100);
    FakePorts ports(points);
    Metrics metrics;
    auto runtime =
        Runtime::open({lab.settings, clock, disk, lab.functions, points, ports}, metrics);
    ASSERT_TRUE(runtime && (*runtime)->start());
    lab.order.sql = R"(SELECT topic FROM "a")";
    lab.order.rows_limit = 3;
    Lane& lane = (*runtime)->add_lane("mqtt");
    std::atomic<bool> done = false;
    std::thread producer([&] {
        while (!done) {
            if (!(*runtime)->interest().message("a").any) continue;
            MessageFields fields;
            fields.topic = "a";
            lane.add(message_event(fields, clock.now(), {}));
            lane.offer();
        }
    });
    const auto result = try_live(lab.order, seconds(60), **runtime, lab.rooms());
    done = true;
    producer.join();
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->rows.size(), 3) << "it ends when there are enough, not after a minute";
    (*runtime)->call([](Worker& worker) { EXPECT_EQ(worker.engine().size(), 0); });
    (*runtime)->stop();
}

}  // namespace
}  // namespace hw::rules
