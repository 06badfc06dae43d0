#include "gateway/device_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hw::gateway {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view example = R"({"name":"works/plc1","driver":"modbus-tcp",
"description":"d","enabled":true,"settings":{"host":"127.0.0.1","port":1502,"swap":true,
"ratio":0.5,"list":["a","b,c"]},
"groups":[{"name":"fast","interval_ms":1000,"tags":[{"name":"flow","address":"1!400001",
"type":"float","access":"read,write","scale":1,"offset":-2,"bias":0.5,"precision":2,
"deadband":0.1,"deadband_percent":5,"min":0,"max":100,"unit":"m3/h","description":"x",
"point":"p/q"}]}]})";

std::string error_of(std::string_view json) {
    const auto read = read_device(json);
    EXPECT_FALSE(read);
    return read ? "" : read.error().text();
}

TEST(DeviceJson, ReadsEveryMember) {
    const auto device = read_device(example);
    ASSERT_TRUE(device) << device.error().text();
    EXPECT_EQ(device->name, "works/plc1");
    EXPECT_EQ(device->settings, (SettingTexts{{"host", "127.0.0.1"},
                                              {"port", "1502"},
                                              {"swap", "true"},
                                              {"ratio", "0.5"},
                                              {"list", "a,b\\,c"}}));
    ASSERT_EQ(device->groups.size(), 1u);
    EXPECT_EQ(device->groups[0].interval, seconds(1));
    const TagSpec tag = device->groups[0].tags.at(0);
    EXPECT_EQ(tag, (TagSpec{"flow",
                            "1!400001",
                            TagType::float32,
                            {true, true, false},
                            1,
                            -2,
                            0.5,
                            2,
                            0.1,
                            5,
                            0,
                            100,
                            "m3/h",
                            "x",
                            "p/q"}));
}

TEST(DeviceJson, WritesWhatItReads) {
    const auto device = read_device(example);
    ASSERT_TRUE(device);
    const auto again = read_device(device_text(*device));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, *device);
}

TEST(DeviceJson, DefaultsHold) {
    const auto device =
        read_device(R"({"name":"a","driver":"d","groups":[{"tags":[{"name":"t"}]}]})");
    ASSERT_TRUE(device);
    EXPECT_TRUE(device->enabled);
    EXPECT_EQ(device->groups[0].interval, seconds(1));
    TagSpec plain;
    plain.name = "t";
    EXPECT_EQ(device->groups[0].tags[0], plain);
}

TEST(DeviceJson, TakesIntervalsAndAccessInBothForms) {
    const auto device = read_device(
        R"({"groups":[{"interval":"250ms","tags":[{"access":["read","on_change"]}]},
            {"interval":500}]})");
    ASSERT_TRUE(device) << device.error().text();
    EXPECT_EQ(device->groups[0].interval, milliseconds(250));
    EXPECT_TRUE(device->groups[0].tags[0].access.on_change);
    EXPECT_EQ(device->groups[1].interval, milliseconds(500));
}

TEST(DeviceJson, ErrorsNameThePlaceAndTheNearestName) {
    EXPECT_EQ(error_of(R"({"groups":[{"name":"a"},{"tags":[{},{"sclae":2}]}]})"),
              "groups[1].tags[1]: 'sclae' is not a member of a tag; did you mean 'scale'?");
    EXPECT_EQ(error_of(R"({"drivr":"x"})"),
              "'drivr' is not a member of a device; did you mean 'driver'?");
    EXPECT_EQ(error_of(R"({"groups":[{"intervall":1}]})"),
              "groups[0]: 'intervall' is not a member of a group; did you mean 'interval'?");
    EXPECT_EQ(error_of(R"({"groups":[{"tags":[{"scale":"2"}]}]})"),
              "groups[0].tags[0]: 'scale' must be a number, not '2'");
    EXPECT_EQ(error_of(R"({"groups":[{"tags":[{"name":5}]}]})"),
              "groups[0].tags[0]: 'name' must be a text, not 5");
    EXPECT_EQ(error_of(R"({"groups":{}})"), "'groups' must be a list");
    EXPECT_EQ(error_of(R"({"settings":{"a":{}}})"), "settings: 'a' may not be an object");
    EXPECT_EQ(error_of(R"({"enabled":"yes"})"), "'enabled' must be true or false, not 'yes'");
    EXPECT_THAT(error_of(R"({"groups":[{"tags":[{"type":"flaot"}]}]})"),
                StartsWith("groups[0].tags[0]: type 'flaot' is not one of"));
    EXPECT_THAT(error_of(R"({"groups":[{"tags":[{"precision":18}]}]})"), HasSubstr("0 to 17"));
    EXPECT_THAT(error_of(R"({"groups":[{"interval_ms":1.5}]})"), HasSubstr("whole number"));
    EXPECT_THAT(error_of(R"({"groups":[{"interval":"10us"}]})"), HasSubstr("milliseconds"));
    EXPECT_THAT(error_of("{"), StartsWith("this is not JSON"));
    EXPECT_EQ(error_of("[]"), "a device must be an object");
}

TEST(DeviceJson, APatchTouchesWhatItNames) {
    auto device = *read_device(example);
    const auto before = device;
    ASSERT_TRUE(patch_device(R"({"enabled":false,"settings":{"port":502,"swap":null}})", device));
    EXPECT_FALSE(device.enabled);
    EXPECT_EQ(device.settings.size(), before.settings.size() - 1);
    EXPECT_EQ(device.settings[1], (std::pair<std::string, std::string>("port", "502")));
    EXPECT_EQ(device.groups, before.groups);
    auto tag = device.groups[0].tags[0];
    ASSERT_TRUE(patch_tag(R"({"max":null,"scale":2})", tag));
    EXPECT_EQ(tag.max, std::nullopt);
    EXPECT_EQ(tag.scale, 2);
    EXPECT_EQ(tag.min, 0);
    auto group = device.groups[0];
    ASSERT_TRUE(patch_group(R"({"interval":"2s"})", group));
    EXPECT_EQ(group.tags, before.groups[0].tags);
}

TEST(DeviceJson, ReadsOneOrManyDevices) {
    EXPECT_EQ(read_devices(R"({"name":"a"})")->size(), 1u);
    EXPECT_EQ(read_devices(R"([{"name":"a"},{"name":"b"}])")->size(), 2u);
    const auto some = read_devices(R"({"devices":[{"name":"a"},{"nmae":"b"}]})");
    ASSERT_TRUE(some);
    EXPECT_TRUE((*some)[0]);
    EXPECT_EQ((*some)[1].error().text(),
              "devices[1]: 'nmae' is not a member of a device; did you mean 'name'?");
    EXPECT_FALSE(read_devices(R"({"devices":[],"x":1})"));
    EXPECT_FALSE(read_devices("5"));
}

}  // namespace
}  // namespace hw::gateway
