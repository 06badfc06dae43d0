#include <gtest/gtest.h>

#include <set>

#include "sql/record.h"

namespace hw::sql {

namespace {

bool has(std::string_view event, std::initializer_list<std::string_view> columns) {
    const Shape* const shape = event_shape(event);
    if (shape == nullptr) return false;
    for (const auto column : columns)
        if (shape->find(column) < 0) return false;
    return true;
}

}  // namespace

TEST(EventShapes, HasEveryEvent) {
    EXPECT_EQ(event_shapes().size(), 21u);
    for (const auto* name : {"client/connected",
                             "client/disconnected",
                             "client/connack",
                             "client/ping",
                             "auth/check_authn_complete",
                             "auth/check_authz_complete",
                             "session/subscribed",
                             "session/unsubscribed",
                             "message/delivered",
                             "message/acked",
                             "message/dropped",
                             "message/delivery_dropped",
                             "schema_validation/failed",
                             "message_transformation/failed",
                             "sys/alarm_activated",
                             "sys/alarm_deactivated",
                             "device/link_up",
                             "device/link_down",
                             "rule/failed",
                             "sink/down",
                             "sink/up"}) {
        const Shape* const shape = event_shape(name);
        ASSERT_NE(shape, nullptr) << name;
        EXPECT_EQ(shape->name, name);
        EXPECT_TRUE(has(name, {"event", "timestamp", "node"})) << name;
    }
    EXPECT_EQ(event_shape("client/gone"), nullptr);
    EXPECT_EQ(event_shape(""), nullptr);
}

TEST(EventShapes, OldNamesMeanTheSame) {
    EXPECT_EQ(event_shape("client_connected"), event_shape("client/connected"));
    EXPECT_EQ(event_shape("client_check_authz_complete"), event_shape("auth/check_authz_complete"));
    EXPECT_EQ(event_shape("delivery_dropped"), event_shape("message/delivery_dropped"));
    EXPECT_EQ(event_shape("alarm_activated"), event_shape("sys/alarm_activated"));
}

TEST(EventShapes, ColumnsAreThoseOfEmqx) {
    EXPECT_TRUE(has("client/connected",
                    {"clientid", "username", "mountpoint", "peername", "sockname", "proto_name",
                     "proto_ver", "keepalive", "clean_start", "expiry_interval", "is_bridge",
                     "connected_at", "conn_props", "client_attrs"}));
    EXPECT_TRUE(
        has("client/disconnected", {"reason", "clientid", "username", "peername", "sockname",
                                    "disconnected_at", "disconn_props", "client_attrs"}));
    EXPECT_TRUE(has("message/delivered",
                    {"id", "from_clientid", "from_username", "clientid", "username", "payload",
                     "peerhost", "topic", "qos", "flags", "pub_props", "publish_received_at"}));
    EXPECT_TRUE(has("message/acked", {"puback_props"}));
    EXPECT_TRUE(has("message/dropped", {"reason", "clientid", "payload", "peerhost"}));
    EXPECT_TRUE(has("session/subscribed", {"topic", "qos", "sub_props", "peerhost"}));
    EXPECT_TRUE(has("session/unsubscribed", {"topic", "qos", "unsub_props"}));
    EXPECT_TRUE(has("auth/check_authz_complete", {"action", "result", "authz_source", "topic"}));
    EXPECT_TRUE(has("auth/check_authn_complete", {"reason_code", "is_superuser", "is_anonymous"}));
    EXPECT_TRUE(
        has("sys/alarm_deactivated", {"name", "details", "activated_at", "deactivated_at"}));
}

TEST(EventShapes, EachColumnIsOnceAndExplained) {
    for (const Shape* shape : event_shapes()) {
        std::set<std::string> names;
        for (const auto& column : shape->columns) {
            EXPECT_TRUE(names.insert(column.name).second) << shape->name << " " << column.name;
            EXPECT_FALSE(column.help.empty()) << shape->name << " " << column.name;
        }
        const bool about_message = shape->find("payload") >= 0;
        EXPECT_EQ(shape->body, about_message ? shape->find("payload") : -1) << shape->name;
        EXPECT_EQ(shape->body_is_json, about_message) << shape->name;
    }
}

}  // namespace hw::sql
