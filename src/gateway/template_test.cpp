#include "gateway/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hw::gateway {
namespace {

using testing::HasSubstr;

constexpr std::string_view pump = R"({"name":"pump","description":"a pump station",
"parameters":[{"name":"host","description":"of the PLC"},{"name":"port","default":502},
{"name":"scale","default":"0.1"},{"name":"slave","default":1}],
"device":{"driver":"modbus-tcp","description":"$${x} ${name} at ${host}",
"settings":{"host":"${host}","port":"${port}"},
"groups":[{"name":"fast","tags":[{"name":"flow","address":"${slave}!400001",
"scale":"${scale}"}]}]}})";

Template made() {
    auto what = read_template(pump, "");
    EXPECT_TRUE(what) << what.error().text();
    return std::move(*what);
}

TEST(Template, MakesDevices) {
    const auto device = instantiate(made(), "works/p1", {{"host", "10.0.0.1"}, {"slave", "7"}});
    ASSERT_TRUE(device) << device.error().text();
    EXPECT_EQ(device->name, "works/p1");
    EXPECT_EQ(device->description, "${x} works/p1 at 10.0.0.1");
    EXPECT_EQ(device->settings, (SettingTexts{{"host", "10.0.0.1"}, {"port", "502"}}));
    EXPECT_EQ(device->groups[0].tags[0].address, "7!400001");
    EXPECT_EQ(device->groups[0].tags[0].scale, 0.1);
}

TEST(Template, ValuesCannotBreakOut) {
    const auto device =
        instantiate(made(), "works/p1", {{"host", "\",\"enabled\":false,\"x\":\""}});
    ASSERT_TRUE(device) << device.error().text();
    EXPECT_EQ(device->settings[0].second, "\",\"enabled\":false,\"x\":\"");
    EXPECT_TRUE(device->enabled);
}

TEST(Template, WritesWhatItReads) {
    const auto again = read_template(template_text(made()), "");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, made());
}

TEST(Template, WrongValuesAreTold) {
    EXPECT_THAT(instantiate(made(), "a", {}).error().text(),
                HasSubstr("needs a value for 'host': of the PLC"));
    EXPECT_THAT(instantiate(made(), "a", {{"hots", "1"}}).error().text(),
                HasSubstr("has no parameter 'hots'; did you mean 'host'?"));
    EXPECT_THAT(instantiate(made(), "a", {{"host", "x"}, {"scale", "much"}}).error().text(),
                HasSubstr("groups[0].tags[0]: 'scale' must be a number, not 'much'"));
}

TEST(Template, WrongTemplatesAreTold) {
    const auto error = [](std::string_view json) {
        const auto what = read_template(json, "t");
        EXPECT_FALSE(what);
        return what ? "" : what.error().text();
    };
    EXPECT_THAT(error(R"({"parameters":[{"name":"host"}],"device":{"driver":"${hsot}"}})"),
                HasSubstr("'${hsot}' names no parameter; did you mean 'host'?"));
    EXPECT_THAT(error(R"({"device":{"driver":"${a"}})"), HasSubstr("has no end"));
    EXPECT_THAT(error(R"({"device":5})"), HasSubstr("'device' must be an object"));
    EXPECT_THAT(error("{}"), HasSubstr("has no 'device'"));
    EXPECT_THAT(error(R"({"devise":{}})"), HasSubstr("did you mean 'device'?"));
    EXPECT_THAT(error(R"({"parameters":[{"name":"a b"}],"device":{}})"),
                HasSubstr("parameters[0]: the parameter's name 'a b'"));
    EXPECT_THAT(error(R"({"parameters":[{"name":"name"}],"device":{}})"), HasSubstr("not 'name'"));
    EXPECT_THAT(error(R"({"parameters":[{"name":"a"},{"name":"a"}],"device":{}})"),
                HasSubstr("is there twice"));
    EXPECT_THAT(error("[]"), HasSubstr("must be a JSON object"));
}

TEST(Template, InstancesComeAsJsonAndAsTables) {
    const auto json =
        read_instances(R"([{"name":"a","parameters":{"host":"h","port":1502}},{"name":"b"}])");
    ASSERT_TRUE(json) << json.error().text();
    ASSERT_EQ(json->size(), 2u);
    EXPECT_EQ((*json)[0].values, (ParameterValues{{"host", "h"}, {"port", "1502"}}));
    const auto table = read_instance_table("name,host,port\na,h,\nb,\"i\",99\n", made());
    ASSERT_TRUE(table) << table.error().text();
    ASSERT_EQ(table->size(), 2u);
    EXPECT_EQ((*table)[0].values, (ParameterValues{{"host", "h"}}));
    EXPECT_EQ((*table)[1].name, "b");
    EXPECT_EQ((*table)[1].line, 3u);
    EXPECT_THAT(read_instance_table("name,hots\n", made()).error().text(),
                HasSubstr("did you mean 'host'?"));
    EXPECT_THAT(read_instance_table("host\n", made()).error().text(),
                HasSubstr("column 'name' is missing"));
}

}  // namespace
}  // namespace hw::gateway
