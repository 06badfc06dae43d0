#include "ingest/sparkplug_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "ingest/sparkplug_settings.h"
#include "ingest/test_support.h"
#include "wire/sparkplug/payload.h"

namespace hw::ingest {
namespace {

using sparkplug::DataType;
using sparkplug::Metric;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Row;
using testing::rows_of;

constexpr int64_t ms = 1'000'000;
constexpr int64_t t0_ms = 1'700'000'000'000;

class SparkplugHostTest : public ::testing::Test {
  protected:
    std::vector<Row> send(std::string_view topic, sparkplug::Payload payload) {
        if (!payload.timestamp) payload.timestamp = t0_ms;
        Decoded out;
        const std::string bytes = sparkplug::encode(payload);
        gave = host.message(topic, as_bytes(bytes), Time{t0_ms * ms}, out);
        units = out.units;
        return rows_of(out.batch, points);
    }
    std::vector<Row> birth(std::vector<Metric> told) {
        return send("spBv1.0/g/NBIRTH/e", {.metrics = std::move(told), .seq = 0});
    }

    Metrics metrics;
    ManualClock clock{Time{t0_ms * ms}};
    model::PointDirectory points{100};
    std::vector<SparkplugMessage> sent;
    SparkplugHost host{
        {},    16,      points,
        clock, metrics, [this](SparkplugMessage message) {
                           sent.push_back(std::move(message)); }};
    bool gave = false;
    std::vector<UnitNote> units;
};

TEST_F(SparkplugHostTest, values_become_samples_of_their_type) {
    Metric level{.name = "level", .alias = 1, .datatype = DataType::float32, .value = 12.3f};
    level.properties.properties = {
        {.key = "engUnit", .type = DataType::string, .value = std::string("m")}};
    EXPECT_THAT(
        birth({level,
               {.name = "count", .datatype = DataType::uint64, .value = uint64_t{7}},
               {.name = "run", .datatype = DataType::boolean, .value = true},
               {.name = "mode", .datatype = DataType::string, .value = std::string("auto")},
               {.name = "raw", .datatype = DataType::bytes, .value = sparkplug::Bytes{"\x01"}},
               {.name = "nan", .datatype = DataType::float64, .value = std::nan("")}}),
        ::testing::SizeIs(6));
    const auto rows = birth({level});
    EXPECT_THAT(rows, ::testing::Contains(Row{"g/e/level", 12.3, t0_ms * ms}));
    ASSERT_EQ(units.size(), 1U);
    EXPECT_EQ(units[0].unit, "m");
    EXPECT_EQ(points.path(units[0].point), "g/e/level");
    EXPECT_TRUE(points.by_exception(units[0].point));
    // The others are born no more.
    EXPECT_THAT(rows, ::testing::Contains(Row{"g/e/run", true, t0_ms * ms + ms,
                                              model::Quality::bad_not_connected}));
}

TEST_F(SparkplugHostTest, what_cannot_be_kept_is_counted) {
    EXPECT_THAT(
        birth({{.name = "long", .datatype = DataType::string, .value = std::string(17, 'x')},
               {.name = "odd", .datatype = DataType::string, .value = std::string("\xff")},
               {.name = "\xff", .datatype = DataType::boolean, .value = true}}),
        IsEmpty());
    EXPECT_FALSE(gave);
    EXPECT_THAT(metrics.render(), HasSubstr("headworks_sparkplug_unplaced_total 3"));
    EXPECT_THAT(birth({{.name = "nan", .datatype = DataType::float64, .value = INFINITY}}),
                ElementsAre(Row{"g/e/nan", double{INFINITY}, t0_ms * ms,
                                model::Quality::bad_out_of_range}));
}

TEST_F(SparkplugHostTest, time_outs_give_samples_and_figures) {
    birth({{.name = "level", .datatype = DataType::float64, .value = 1.0}});
    const auto data = [&](uint64_t seq) {
        return send("spBv1.0/g/NDATA/e",
                    {.metrics = {{.name = "level", .value = 2.0}}, .seq = seq});
    };
    EXPECT_THAT(data(2), IsEmpty());
    Decoded out;
    host.tick(out);
    EXPECT_TRUE(out.batch.empty());
    clock.advance(seconds(5));
    host.tick(out);
    EXPECT_THAT(rows_of(out.batch, points), ElementsAre(Row{"g/e/level", 2.0, t0_ms * ms}));
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].topic, "spBv1.0/g/NCMD/e");
    const std::string text = metrics.render();
    EXPECT_THAT(text, HasSubstr("headworks_sparkplug_sequence_gaps_total 1"));
    EXPECT_THAT(text, HasSubstr("headworks_sparkplug_rebirths_asked_total 1"));
    EXPECT_THAT(text, HasSubstr("headworks_sparkplug_nodes_online 1"));
}

TEST_F(SparkplugHostTest, writes_become_commands) {
    birth({{.name = "setpoint", .datatype = DataType::int32, .value = 1u}});
    EXPECT_TRUE(host.knows("g/e/setpoint"));
    EXPECT_FALSE(host.knows("g/e/other"));
    ASSERT_TRUE(host.write("g/e/setpoint", int64_t{5}).has_value());
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].topic, "spBv1.0/g/NCMD/e");
    const auto order = sparkplug::decode(as_bytes(sent[0].payload));
    ASSERT_TRUE(order.has_value());
    EXPECT_EQ(order->metrics.at(0).value, sparkplug::WireValue(5u));
    const auto refused = host.write("g/e/setpoint", model::Bytes{"x"});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().text(), "1 bytes cannot be written as Int32");
}

TEST_F(SparkplugHostTest, says_when_it_comes_and_goes) {
    host.start();
    clock.advance(seconds(1));
    host.stop();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].payload, R"({"online":true,"timestamp":1700000000000})");
    EXPECT_TRUE(sent[0].retain);
    EXPECT_EQ(sent[1].payload, R"({"online":false,"timestamp":1700000001000})");
}

TEST(SparkplugTopics, that_a_host_takes) {
    EXPECT_TRUE(SparkplugHost::takes("spBv1.0/g/DDATA/e/d"));
    EXPECT_TRUE(SparkplugHost::takes("spBv1.0/STATE/headworks"));
    EXPECT_FALSE(SparkplugHost::takes("spBv1.0/g/DCMD/e/d"));
    EXPECT_FALSE(SparkplugHost::takes("spBv1.0/g/NCMD/e"));
    EXPECT_FALSE(SparkplugHost::takes("spBv1.0/g/DDATA/e"));
    EXPECT_FALSE(SparkplugHost::takes("a/b"));
}

Result<SparkplugSettings> settings_with(std::vector<std::string> sets) {
    const auto config =
        Config::load(sparkplug_properties, {}, {.file = {}, .environment = {}, .sets = sets});
    if (!config) return fail(config.error());
    return sparkplug_settings_from(*config);
}

TEST(SparkplugSettings, are_checked) {
    const auto settings =
        settings_with({"sparkplug.path=plant/{edge}/{metric}", "sparkplug.reorder_timeout=2s",
                       "sparkplug.nodes_limit=5"});
    ASSERT_TRUE(settings.has_value()) << settings.error().text();
    EXPECT_TRUE(settings->host_enabled);
    EXPECT_EQ(settings->host.host_id, "headworks");
    EXPECT_EQ(settings->host.reorder_timeout, seconds(2));
    EXPECT_EQ(settings->host.nodes_limit, 5U);
    EXPECT_EQ(settings->host.path.path("g", "e", "d", "m"), "plant/e/m");
    const auto text = [](std::string set) {
        const auto made = settings_with({std::move(set)});
        return made ? std::string() : made.error().text();
    };
    EXPECT_THAT(text("sparkplug.host_id=a/b"), HasSubstr("sparkplug.host_id 'a/b'"));
    EXPECT_THAT(text("sparkplug.path={group}"), HasSubstr("sparkplug.path: path template"));
}

}  // namespace
}  // namespace hw::ingest
