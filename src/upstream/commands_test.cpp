#include "upstream/commands.h"

#include <gtest/gtest.h>

#include "upstream/command_router.h"
#include "upstream/json_sample.h"
#include "upstream/settings.h"
#include "upstream/status.h"

namespace hw::upstream {
namespace {

TEST(Commands, name_a_point_of_this_edge) {
    const auto topic = write_topic("pump7", "site7/valve/setpoint");
    EXPECT_EQ(topic, "$hw/down/pump7/write/site7/valve/setpoint");
    EXPECT_EQ(*point_of_write(topic, "pump7", "site7/"), "valve/setpoint");
    EXPECT_EQ(*point_of_write(topic, "pump7", ""), "site7/valve/setpoint");
    const auto code = [](std::string_view what, std::string_view prefix) {
        return point_of_write(what, "pump7", prefix).error().code();
    };
    EXPECT_EQ(code(topic, "other/"), ErrorCode::not_found);
    EXPECT_EQ(code("$hw/down/pump7/write/site7/", "site7/"), ErrorCode::not_found);
    EXPECT_EQ(code("$hw/down/pump7/explode", ""), ErrorCode::unsupported);
    EXPECT_EQ(code("$hw/down/pump8/write/a", ""), ErrorCode::invalid_argument);
}

TEST(Commands, replies_come_back) {
    EXPECT_TRUE(decode_reply(as_bytes(encode_reply({}))));
    const auto refused =
        decode_reply(as_bytes(encode_reply(fail(ErrorCode::limit_exceeded, "at most \"7\""))));
    EXPECT_EQ(refused.error().code(), ErrorCode::limit_exceeded);
    EXPECT_EQ(refused.error().text(), "at most \"7\"");
    for (const std::string_view bad : {"", "{", "[]", "{\"ok\":1}", "{\"ok\":false}"})
        EXPECT_EQ(decode_reply(as_bytes(bad)).error().code(), ErrorCode::corrupt) << bad;
}

struct Centre {
    model::PointDirectory points{100};
    ingest::EdgeOrigins origins;
    std::vector<CommandRouter::Publication> published;
    CommandRouter router{origins, points, "$hw/reply/1",
                         [this](const auto& one) { published.push_back(one); }};
    std::vector<Result<void>> answers;

    Result<void> write(std::string_view point, Time now) {
        return router.write(point, "1.5", seconds(5), now,
                            [this](const Result<void>& result) { answers.push_back(result); });
    }
};

TEST(CommandRouter, sends_a_write_to_the_edge_of_the_point) {
    Centre centre;
    const auto point = *centre.points.intern("site7/valve");
    EXPECT_FALSE(centre.router.routes("site7/valve"));
    EXPECT_EQ(centre.write("site7/valve", {}).error().code(), ErrorCode::not_found);
    EXPECT_EQ(centre.write("unknown", {}).error().code(), ErrorCode::not_found);
    const uint32_t ids[] = {point.value()};
    centre.origins.learn("pump7", ids);
    EXPECT_TRUE(centre.router.routes("site7/valve"));
    ASSERT_TRUE(centre.write("site7/valve", {}));
    ASSERT_TRUE(centre.write("site7/valve", {}));
    ASSERT_EQ(centre.published.size(), 2u);
    EXPECT_EQ(centre.published[0].topic, "$hw/down/pump7/write/site7/valve");
    EXPECT_EQ(centre.published[0].response_topic, "$hw/reply/1");
    EXPECT_EQ(centre.published[0].expiry, seconds(5));
    EXPECT_NE(centre.published[0].correlation_data, centre.published[1].correlation_data);
    centre.router.replied("who", as_bytes("{\"ok\":true}"));
    EXPECT_TRUE(centre.answers.empty());
    centre.router.replied(centre.published[1].correlation_data, as_bytes("{\"ok\":true}"));
    ASSERT_EQ(centre.answers.size(), 1u);
    EXPECT_TRUE(centre.answers[0]);
    centre.router.tick(Time{} + seconds(4));
    EXPECT_EQ(centre.answers.size(), 1u);
    centre.router.tick(Time{} + seconds(5));
    ASSERT_EQ(centre.answers.size(), 2u);
    EXPECT_EQ(centre.answers[1].error().code(), ErrorCode::timed_out);
    EXPECT_EQ(centre.router.pending(), 0u);
}

TEST(JsonSample, says_value_time_and_quality) {
    model::SampleBatch batch;
    const Time time{1'700'000'000'250'000'000};
    batch.add_double(model::PointId(0), time, 32.0);
    batch.add_bool(model::PointId(0), time, true, model::Quality::bad_timeout);
    batch.add_text(model::PointId(0), time, "a\"b");
    batch.add_bytes(model::PointId(0), time, std::string_view("\x00\xff", 2));
    const auto text = [&](size_t i) {
        std::string out;
        append_json_sample(out, batch, i);
        return out;
    };
    EXPECT_EQ(text(0), R"({"value":32.0,"timestamp":"2023-11-14T22:13:20.250Z","quality":"good"})");
    EXPECT_EQ(text(1),
              R"({"value":true,"timestamp":"2023-11-14T22:13:20.250Z","quality":"bad.timeout"})");
    EXPECT_NE(text(2).find(R"("a\"b")"), std::string::npos);
    EXPECT_NE(text(3).find(R"("00ff")"), std::string::npos);
}

Result<Settings> settings_of(std::vector<std::string> sets) {
    const auto config = Config::load(properties, {}, {.file = "", .environment = {}, .sets = sets});
    EXPECT_TRUE(config) << config.error().text();
    return settings_from(*config);
}

TEST(UpstreamSettings, are_checked) {
    const auto none = settings_of({});
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->enabled);
    const auto some = settings_of({"upstream.broker=mqtt://centre:1884", "upstream.prefix=site7/",
                                   "upstream.filters=a/#,b/+"});
    ASSERT_TRUE(some);
    EXPECT_TRUE(some->enabled);
    EXPECT_EQ(some->broker.port, 1884);
    EXPECT_EQ(some->filters.size(), 2u);
    for (const auto* bad : {"upstream.broker=http://x", "upstream.client_id=a/b",
                            "upstream.filters=a/#/b", "upstream.prefix=$x/", "upstream.prefix=a+/"})
        EXPECT_FALSE(settings_of({"upstream.broker=mqtt://c", bad})) << bad;
}

TEST(UpstreamStatus, is_json) {
    Status status;
    status.broker = "mqtt://c";
    Gap gap;
    gap.id = 1;
    gap.detail = "x";
    status.gaps = {gap};
    const std::string json = status_json(status);
    EXPECT_NE(json.find(R"("last_error":null)"), std::string::npos);
    EXPECT_NE(json.find(R"("reason":"link down","state":"open")"), std::string::npos);
}

}  // namespace
}  // namespace hw::upstream
