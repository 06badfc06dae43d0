#include "api/publish_request.h"

#include <gtest/gtest.h>

namespace hw::api {
namespace {

TEST(PublishRequest, ReadsEverything) {
    const auto request = read_publish_request(
        R"({"topic":"a/b","payload":"aGk=","payload_encoding":"base64","qos":2,"retain":true,
            "properties":{"content_type":"text/plain","response_topic":"r","correlation_data":"c",
            "message_expiry_interval":60,"user_properties":{"k":"v"}}})");
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->topic, "a/b");
    EXPECT_EQ(request->payload, "hi");
    EXPECT_EQ(request->qos, 2);
    EXPECT_TRUE(request->retain);
    EXPECT_EQ(request->content_type, "text/plain");
    EXPECT_EQ(request->message_expiry_s, 60u);
    ASSERT_EQ(request->user_properties.size(), 1u);
    EXPECT_EQ(request->user_properties[0].second, "v");
}

TEST(PublishRequest, AnyJsonIsAPayload) {
    EXPECT_EQ(read_publish_request(R"({"topic":"a","payload":12.5})")->payload, "12.5");
    EXPECT_EQ(read_publish_request(R"({"topic":"a","payload":{"x": 1}})")->payload, R"({"x":1})");
    EXPECT_EQ(read_publish_request(R"({"topic":"a"})")->payload, "");
}

TEST(PublishRequest, RefusesWithAReason) {
    const std::pair<std::string, std::string> cases[] = {
        {"", "not JSON"},
        {"[1]", "object"},
        {R"({"payload":1})", "topic"},
        {R"({"topic":"a/#","payload":1})", "#"},
        {R"({"topic":"a","qos":3})", "qos"},
        {R"({"topic":"a","retain":"yes"})", "retain"},
        {R"({"topic":"a","paylod":1})", "paylod"},
        {R"({"topic":"a","payload":"%%","payload_encoding":"base64"})", "base64"},
        {R"({"topic":"a","properties":{"x":1}})", "x"},
    };
    for (const auto& [body, word] : cases) {
        const auto request = read_publish_request(body);
        ASSERT_FALSE(request.has_value()) << body;
        EXPECT_NE(request.error().text().find(word), std::string::npos) << request.error().text();
    }
}

}  // namespace
}  // namespace hw::api
