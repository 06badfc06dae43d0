#include "broker/settings.h"

#include <gtest/gtest.h>

namespace hw::broker {
namespace {

TEST(Settings, the_table_and_the_struct_say_the_same) {
    const auto config = Config::load(properties, {}, {});
    ASSERT_TRUE(config.has_value()) << config.error().text();
    const auto read = settings_from(*config);
    ASSERT_TRUE(read.has_value());
    const Settings defaults;
    EXPECT_EQ(read->port, defaults.port);
    EXPECT_EQ(read->packet_bytes_limit, defaults.packet_bytes_limit);
    EXPECT_EQ(read->sessions_limit, defaults.sessions_limit);
    EXPECT_EQ(read->connections_limit, defaults.connections_limit);
    EXPECT_EQ(read->session_expiry_limit, defaults.session_expiry_limit);
    EXPECT_EQ(read->receive_maximum, defaults.receive_maximum);
    EXPECT_EQ(read->inflight_limit, defaults.inflight_limit);
    EXPECT_EQ(read->queue_messages_limit, defaults.queue_messages_limit);
    EXPECT_EQ(read->queue_bytes_limit, defaults.queue_bytes_limit);
    EXPECT_EQ(read->topic_levels_limit, defaults.topic_levels_limit);
    EXPECT_EQ(read->topic_alias_limit, defaults.topic_alias_limit);
    EXPECT_EQ(read->topic_alias_limit_out, defaults.topic_alias_limit_out);
    EXPECT_EQ(read->retained_messages_limit, defaults.retained_messages_limit);
    EXPECT_EQ(read->retained_bytes_limit, defaults.retained_bytes_limit);
    EXPECT_EQ(read->subscriptions_limit, defaults.subscriptions_limit);
    EXPECT_EQ(read->keep_alive_limit, defaults.keep_alive_limit);
    EXPECT_EQ(read->connect_timeout, defaults.connect_timeout);
    EXPECT_EQ(read->output_bytes_limit, defaults.output_bytes_limit);
    EXPECT_EQ(read->route_topics_limit, defaults.route_topics_limit);
    EXPECT_EQ(read->route_deliveries_limit, defaults.route_deliveries_limit);
    EXPECT_EQ(read->sys_interval, defaults.sys_interval);
    EXPECT_EQ(read->pause_publishers, defaults.pause_publishers);
}

}  // namespace
}  // namespace hw::broker
