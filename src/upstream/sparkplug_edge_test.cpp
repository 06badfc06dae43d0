#include "upstream/sparkplug_edge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hw::upstream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<SparkplugEdgeSettings> settings_with(std::vector<std::string> sets) {
    const auto config = Config::load(sparkplug_edge_properties, {},
                                     {.file = {}, .environment = {}, .sets = std::move(sets)});
    if (!config) return fail(config.error());
    return sparkplug_edge_settings_from(*config);
}

TEST(SparkplugEdgeSettings, are_off_without_a_broker) {
    const auto settings = settings_with({});
    ASSERT_TRUE(settings.has_value());
    EXPECT_FALSE(settings->enabled);
    EXPECT_EQ(settings->client_id, "sparkplug-headworks-headworks");
    EXPECT_THAT(settings->exclude, ElementsAre("headworks/headworks/#"));
}

TEST(SparkplugEdgeSettings, are_read_and_checked) {
    const auto settings =
        settings_with({"sparkplug_edge.broker=mqtt://scada:1884", "sparkplug_edge.group_id=water",
                       "sparkplug_edge.edge_node_id=works1", "sparkplug_edge.filters=works1/#",
                       "sparkplug_edge.exclude=works1/debug/#", "sparkplug_edge.primary_host=ign"});
    ASSERT_TRUE(settings.has_value()) << settings.error().text();
    EXPECT_TRUE(settings->enabled);
    EXPECT_EQ(settings->broker.host, "scada");
    EXPECT_EQ(settings->broker.port, 1884);
    EXPECT_THAT(settings->filters, ElementsAre("works1/#"));
    EXPECT_THAT(settings->exclude, ElementsAre("works1/debug/#", "water/works1/#"));
    EXPECT_EQ(settings->primary_host, "ign");
    const auto text = [](std::string set) {
        const auto made = settings_with({std::move(set)});
        return made ? std::string() : made.error().text();
    };
    EXPECT_THAT(text("sparkplug_edge.group_id=a/b"), HasSubstr("sparkplug_edge.group_id 'a/b'"));
    EXPECT_THAT(text("sparkplug_edge.edge_node_id="), HasSubstr("is empty"));
    EXPECT_THAT(text("sparkplug_edge.filters=a/#/b"), HasSubstr("sparkplug_edge.filters"));
    EXPECT_THAT(text("sparkplug_edge.broker=http://x"), HasSubstr("is not mqtt://"));
}

TEST(MetricPlace, is_parted_by_levels) {
    const auto place = [](std::string_view point, size_t levels) {
        const MetricPlace made = metric_place(point, levels);
        return made.device + " | " + made.name;
    };
    EXPECT_EQ(place("works/pumps/p1/speed", 1), "works | pumps/p1/speed");
    EXPECT_EQ(place("works/pumps/p1/speed", 2), "works:pumps | p1/speed");
    EXPECT_EQ(place("works/pumps/p1/speed", 3), "works:pumps:p1 | speed");
    EXPECT_EQ(place("works/pumps/p1/speed", 4), " | works/pumps/p1/speed");
    EXPECT_EQ(place("works/pumps/p1/speed", 0), " | works/pumps/p1/speed");
    EXPECT_EQ(place("level", 1), " | level");
    EXPECT_EQ(place("/level", 1), " | /level");
    EXPECT_EQ(place("works/", 1), " | works/");
}

}  // namespace
}  // namespace hw::upstream
