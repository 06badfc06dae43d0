#include "gateway/device_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hw::gateway {
namespace {

using testing::HasSubstr;

TEST(DeviceCsv, ReadsWhatItWrites) {
    DeviceSpec device{"works/plc1", "modbus-tcp", "", true, {}, {}};
    device.groups.push_back({"fast, \"x\"", milliseconds(250), {}});
    device.groups[0].tags = {{"flow",
                              "1!400001",
                              TagType::float32,
                              {true, true, false},
                              0.1,
                              -2,
                              0.5,
                              2,
                              0.1,
                              5,
                              0,
                              100,
                              "m³/h",
                              "line 1\nline 2",
                              "p/q"},
                             {"state",
                              "1!000001",
                              TagType::bit,
                              {true, false, true},
                              1,
                              0,
                              0,
                              -1,
                              0,
                              0,
                              {},
                              {},
                              "",
                              " kept ",
                              ""}};
    const DeviceSpec* const all[] = {&device};
    const std::string csv = write_tag_table(all);
    const auto table = read_tag_table(csv, "");
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_TRUE(table->errors.empty());
    ASSERT_EQ(table->rows.size(), 2u);
    EXPECT_EQ(table->rows[0].device, "works/plc1");
    EXPECT_EQ(table->rows[0].group, device.groups[0].name);
    EXPECT_EQ(table->rows[0].interval, milliseconds(250));
    EXPECT_EQ(table->rows[0].tag, device.groups[0].tags[0]);
    device.groups[0].tags[1].description = "kept";
    EXPECT_EQ(table->rows[1].tag, device.groups[0].tags[1]);
}

TEST(DeviceCsv, TakesNeuronsColumns) {
    const auto table = read_tag_table(
        "group,interval,name,address,attribute,type,description,decimal,precision,bias\r\n"
        "g1,500,flow,1!400001,Read Write,FLOAT,Zulauf,0.1,2,-1\r\n"
        "g1,,level,1!400003#B,Read Subscribe,INT16,,0,,\r\n",
        "works/plc1");
    ASSERT_TRUE(table) << table.error().text();
    ASSERT_TRUE(table->errors.empty()) << table->errors[0].text;
    ASSERT_EQ(table->rows.size(), 2u);
    const auto& flow = table->rows[0];
    EXPECT_EQ(flow.device, "works/plc1");
    EXPECT_EQ(flow.interval, milliseconds(500));
    EXPECT_EQ(flow.tag.scale, 0.1);
    EXPECT_EQ(flow.tag.bias, -1);
    EXPECT_EQ(flow.tag.precision, 2);
    EXPECT_TRUE(flow.tag.access.write);
    const auto& level = table->rows[1];
    EXPECT_EQ(level.interval, std::nullopt);
    EXPECT_EQ(level.tag.type, TagType::int16);
    EXPECT_EQ(level.tag.scale, 1);
    EXPECT_TRUE(level.tag.access.on_change);
}

TEST(DeviceCsv, BadRowsAreToldByLine) {
    const auto table = read_tag_table(
        "device,group,name,address,type,scale,min\n"
        "d,g,a,1!1,float,1,\n"
        "d,g,b,1!1,flaot,1,\n"
        "d,g,c,1!1,float\n"
        "d,g,d,1!1,float,one,\n"
        "d,g,,1!1,float,1,\n"
        "d,,f,1!1,float,1,\n"
        "d,g,a,1!1,float,1,\n"
        ",g,h,1!1,float,1,\n"
        "d,g,i,1!1,float,2,nan\n"
        "d,g,j,1!1,float,2,-5\n",
        "");
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->rows.size(), 2u);
    EXPECT_EQ(table->rows[1].tag.min, -5);
    ASSERT_EQ(table->errors.size(), 8u);
    EXPECT_EQ(table->errors[0].line, 3u);
    EXPECT_EQ(table->errors[0].tag, "b");
    EXPECT_EQ(table->errors[0].field, "type");
    EXPECT_THAT(table->errors[1].text, HasSubstr("line 4 has 5 cells, the header has 7"));
    EXPECT_EQ(table->errors[2].text, "'scale' must be a number, not 'one'");
    EXPECT_EQ(table->errors[3].text, "'name' is empty");
    EXPECT_EQ(table->errors[4].text, "'group' is empty");
    EXPECT_EQ(table->errors[5].text, "the tag is on line 2 already");
    EXPECT_EQ(table->errors[6].text, "'device' is empty");
    EXPECT_EQ(table->errors[7].field, "min");
}

TEST(DeviceCsv, TheHeaderIsChecked) {
    EXPECT_THAT(read_tag_table("group,name,adress,type\n", "d").error().text(),
                HasSubstr("column 'adress' is not known; did you mean 'address'?"));
    EXPECT_THAT(read_tag_table("group,name,type\n", "d").error().text(),
                HasSubstr("column 'address' is missing"));
    EXPECT_THAT(read_tag_table("group,name,address,type,decimal,scale\n", "d").error().text(),
                HasSubstr("column 'scale' is there twice"));
    EXPECT_THAT(read_tag_table("", "d").error().text(), HasSubstr("the table is empty"));
}

}  // namespace
}  // namespace hw::gateway
