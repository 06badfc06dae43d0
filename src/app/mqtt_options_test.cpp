#include "app/mqtt_options.h"

#include <gtest/gtest.h>

namespace hw::app {
namespace {

using mqtt::PropertyId;

Result<CommandProperties> parse(std::vector<std::string> words) {
    return parse_properties(words);
}

TEST(MqttProperties, go_with_their_packet) {
    const auto all =
        parse({"publish", "content-type", "text/plain", "publish", "user-property", "a", "b",
               "subscribe", "subscription-identifier", "5", "will", "will-delay-interval", "10",
               "connect", "session-expiry-interval", "-1"});
    ASSERT_TRUE(all) << all.error().text();
    EXPECT_EQ(all->publish.view().text(PropertyId::content_type), "text/plain");
    EXPECT_EQ(all->publish.view().text(PropertyId::user_property), "a");
    EXPECT_EQ(all->subscribe.view().number(PropertyId::subscription_identifier, 0), 5u);
    EXPECT_EQ(all->will.view().number(PropertyId::will_delay_interval, 0), 10u);
    EXPECT_EQ(all->connect.view().number(PropertyId::session_expiry_interval, 0), 0xffff'ffffu);
}

TEST(MqttProperties, slips_are_named) {
    const auto text = [](std::vector<std::string> words) {
        const auto result = parse(std::move(words));
        return result ? std::string() : result.error().text();
    };
    EXPECT_NE(text({"publish", "content-tipe", "x"}).find("'content-type'"), std::string::npos);
    EXPECT_NE(text({"publsh", "content-type", "x"}).find("'publish'"), std::string::npos);
    EXPECT_NE(text({"connect", "content-type", "x"}).find("does not go with"), std::string::npos);
    EXPECT_NE(text({"publish", "message-expiry-interval", "soon"}).find("whole number"),
              std::string::npos);
    EXPECT_NE(text({"publish", "payload-format-indicator", "2"}).find("0 to 1"), std::string::npos);
    EXPECT_NE(text({"subscribe", "subscription-identifier", "0"}).find("1 to"), std::string::npos);
    EXPECT_NE(text({"publish", "user-property", "a"}).find("a name and a value"),
              std::string::npos);
    EXPECT_NE(text({"publish", "content-type"}).find("-D wants"), std::string::npos);
    EXPECT_NE(text({"publish", "content-type", "a", "publish", "content-type", "b"}).find("twice"),
              std::string::npos);
    EXPECT_FALSE(parse({"publish", "content-type", "\xff"}));
}

TEST(MqttOptions, follow_from_the_flags) {
    MqttOptions options;
    options.url = "mqtt://broker:1884/a/b";
    options.version = "mqttv5";
    options.keep_session = true;
    options.client_id = "me";
    const auto setup = read_mqtt_options(options, "pub");
    ASSERT_TRUE(setup) << setup.error().text();
    EXPECT_EQ(setup->address.host, "broker");
    EXPECT_EQ(setup->topic, "a/b");
    EXPECT_FALSE(setup->client.clean_start);
    EXPECT_EQ(setup->client.properties.view().number(PropertyId::session_expiry_interval, 0),
              0xffff'ffffu);
}

TEST(MqttOptions, refuse_what_does_not_go_together) {
    MqttOptions password;
    password.refused_password = "x";
    EXPECT_NE(read_mqtt_options(password, "pub").error().text().find("--password-file"),
              std::string::npos);
    MqttOptions old;
    old.properties = {"publish", "content-type", "x"};
    EXPECT_FALSE(read_mqtt_options(old, "pub"));
    MqttOptions will;
    will.will_payload = "x";
    EXPECT_FALSE(read_mqtt_options(will, "pub"));
    MqttOptions nameless;
    nameless.keep_session = true;
    EXPECT_FALSE(read_mqtt_options(nameless, "sub"));
}

}  // namespace
}  // namespace hw::app
