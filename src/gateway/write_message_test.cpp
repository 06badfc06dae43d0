#include "gateway/write_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hw::gateway {
namespace {

using testing::HasSubstr;

model::Value read(std::string_view payload) {
    WriteOrder order;
    const auto result = read_write_message(payload, order);
    EXPECT_TRUE(result.has_value()) << payload;
    return order.value;
}

TEST(WriteMessage, APlainValueNeedsNoJson) {
    EXPECT_EQ(read(" 12.5\n"), model::Value(12.5));
    EXPECT_EQ(read("12"), model::Value(int64_t{12}));
    EXPECT_EQ(read("true"), model::Value(true));
    EXPECT_EQ(read("auto"), model::Value(std::string("auto")));
    EXPECT_EQ(read(R"("12")"), model::Value(std::string("12")));
    EXPECT_EQ(read(R"({"value":-1})"), model::Value(int64_t{-1}));
    WriteOrder order;
    ASSERT_TRUE(
        read_write_message(R"({"value":1.5,"verify":true,"reason":"test","timeout_ms":100})", order)
            .has_value());
    EXPECT_TRUE(order.verify);
    EXPECT_EQ(order.reason, "test");
    EXPECT_EQ(order.timeout, milliseconds(100));
}

TEST(WriteMessage, ErrorsNameTheMember) {
    const auto error = [](std::string_view payload) {
        WriteOrder order;
        const auto result = read_write_message(payload, order);
        return result ? "" : result.error().text();
    };
    EXPECT_THAT(error(""), HasSubstr("empty"));
    EXPECT_THAT(error("{\"value\":"), HasSubstr("JSON"));
    EXPECT_THAT(error("{\"verify\":true}"), HasSubstr("'value' is missing"));
    EXPECT_THAT(error("{\"value\":[1]}"), HasSubstr("'value'"));
    EXPECT_THAT(error("{\"value\":1,\"timeout_ms\":0}"), HasSubstr("'timeout_ms'"));
    EXPECT_THAT(error("{\"value\":1,\"wait\":0}"), HasSubstr("'wait'"));
    EXPECT_THAT(error("\xff"), HasSubstr("UTF-8"));
}

TEST(WriteMessage, AnswersSayWhatHappened) {
    WriteOrder order;
    order.point = "a/b";
    order.value = 12.5;
    WriteResult good{model::Value(int64_t{10}), model::Value(12.5), microseconds(1234)};
    EXPECT_EQ(write_answer(order, good),
              R"({"point":"a/b","result":"ok","value":12.5,"old_value":10,"read_back":12.5,)"
              R"("took_ms":1.23})");
    EXPECT_EQ(write_answer(order, hw::fail(ErrorCode::unavailable, "no link")),
              R"({"point":"a/b","result":"failed","code":"unavailable","error":"no link"})");
}

TEST(WriteMessage, NeuronsRequestsAreUnderstood) {
    const auto one =
        read_neuron_request(R"({"uuid":"u1","node":"plc1","group":"g","tag":"t","value":1})");
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(one->node, "plc1");
    ASSERT_EQ(one->items.size(), 1u);
    EXPECT_EQ(one->items[0].value, model::Value(int64_t{1}));
    const auto two = read_neuron_request(
        R"({"uuid":"u2","node":"n","group":"g","tags":[{"tag":"a","value":1.5},)"
        R"({"tag":"b","value":true}]})");
    ASSERT_TRUE(two.has_value());
    EXPECT_EQ(two->items[1].value, model::Value(true));
    EXPECT_FALSE(read_neuron_request(R"({"uuid":"u","node":"n"})").has_value());
    EXPECT_FALSE(read_neuron_request(R"({"uuid":"u","node":"n","tags":[]})").has_value());
    EXPECT_FALSE(read_neuron_request("[]").has_value());
    EXPECT_EQ(neuron_answer("u1", 0), R"({"uuid":"u1","error":0})");
    EXPECT_EQ(neuron_code(hw::fail(ErrorCode::permission_denied, "")), 3004);
}

}  // namespace
}  // namespace hw::gateway
