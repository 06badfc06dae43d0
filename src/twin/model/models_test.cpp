#include "twin/model/models.h"

#include <gtest/gtest.h>

#include <string>

#include "twin/model/dtdl_test_support.h"
#include "twin/model/schema.h"

namespace hw::twin {
namespace {

constexpr std::string_view machine = R"({
  "@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1",
               "dtmi:dtdl:extension:quantitativeTypes;1",
               "dtmi:dtdl:extension:historization;1"],
  "@id": "dtmi:x:Machine;1",
  "@type": "Interface",
  "displayName": {"en": "Machine", "it": "Macchina"},
  "contents": [
    {"@type": ["Property"], "name": "serial", "schema": "string", "fixed": true},
    {"@type": ["Telemetry", "Power", "Historized"], "name": "power", "schema": "double",
     "unit": "kilowatt", "point": "${parent}/meters/${property:serial}/power",
     "staleAfter": "PT10M"}
  ]
})";
constexpr std::string_view pump = R"([{
  "@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"],
  "@id": "dtmi:x:Pump;1",
  "@type": "Interface",
  "extends": "dtmi:x:Machine;1",
  "contents": [
    {"@type": "Component", "name": "drive", "schema": "dtmi:x:Drive;1"},
    {"@type": "Property", "name": "mode", "writable": true, "schema": {
       "@type": "Enum", "valueSchema": "integer", "enumValues": [
         {"name": "off", "enumValue": 0}, {"name": "on", "enumValue": 1}]}},
    {"@type": "Command", "name": "start", "timeout": "30s",
     "request": {"name": "speed", "schema": "double", "nullable": true},
     "writes": [{"property": "mode", "value": "1"},
                {"property": "drive/speed", "value": "request"}]},
    {"@type": "Relationship", "name": "feeds", "target": "dtmi:x:Tank;1", "maxMultiplicity": 3,
     "properties": [{"@type": "Property", "name": "length", "schema": "double"}]}
  ]
}, {
  "@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"],
  "@id": "dtmi:x:Drive;1",
  "@type": "Interface",
  "contents": {"@type": "Property", "name": "speed", "schema": "float", "writable": true,
               "minimum": 0, "maximum": 1500}
}])";

TEST(Models, resolves_inheritance_components_and_slots) {
    const auto models = add(*Models::none(), {pump, machine});
    ASSERT_NE(models, nullptr);
    EXPECT_EQ(models->all().size(), 3);
    const auto found = models->get("dtmi:x:Pump;1");
    ASSERT_TRUE(found);
    const Interface& interface = **found;
    EXPECT_TRUE(interface.is_a("dtmi:x:Machine;1"));
    EXPECT_TRUE(interface.is_a("dtmi:x:Pump;1"));
    EXPECT_FALSE(interface.is_a("dtmi:x:Drive;1"));
    std::vector<std::string> paths;
    for (const auto& slot : interface.slots)
        paths.push_back(slot.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"serial", "power", "drive/speed", "mode"}));
    EXPECT_EQ(interface.slot("drive/speed"), 2);
    EXPECT_EQ(interface.slot("drive"), std::nullopt);
    const Content* power = interface.find("power");
    ASSERT_NE(power, nullptr);
    EXPECT_EQ(power->unit, "kilowatt");
    EXPECT_TRUE(power->historized);
    EXPECT_EQ(power->stale_after, seconds(600));
    EXPECT_EQ(power->defined_in, "dtmi:x:Machine;1");
    const Content* start = interface.find("start");
    ASSERT_NE(start, nullptr);
    EXPECT_EQ(start->timeout, seconds(30));
    EXPECT_TRUE(start->request->nullable);
    EXPECT_EQ(start->writes.size(), 2);
    EXPECT_EQ(interface.find("feeds")->max_multiplicity, 3);
    EXPECT_EQ(interface.slots[2].content->maximum, 1500);
    const auto value = check_value(*interface.find("mode")->schema, sql::Datum::text("on"));
    EXPECT_EQ(*value, sql::Datum::integer(1));
    EXPECT_EQ((*models->get("dtmi:x:Machine;1"))->display_name, "Machine");
}

TEST(Models, without_refuses_what_is_used) {
    const auto models = add(*Models::none(), {machine, pump});
    ASSERT_NE(models, nullptr);
    const auto refused = models->without("dtmi:x:Drive;1");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::conflict);
    EXPECT_EQ(refused.error().text(),
              "the model 'dtmi:x:Drive;1' is used by 'dtmi:x:Pump;1', which extend it or have it "
              "as a component; delete them first");
    const auto fewer = models->without("dtmi:x:Pump;1");
    ASSERT_TRUE(fewer);
    EXPECT_EQ((*fewer)->find("dtmi:x:Pump;1"), nullptr);
    EXPECT_EQ((*fewer)->find("dtmi:x:Drive;1"), models->find("dtmi:x:Drive;1"));
    EXPECT_EQ(models->get("dtmi:x:Pmup;1").error().text(),
              "there is no model 'dtmi:x:Pmup;1'; did you mean 'dtmi:x:Pump;1'?");
    EXPECT_EQ(models->get("dtmi:x:Pump;2").error().text(),
              "there is no model 'dtmi:x:Pump;2'; there is 'dtmi:x:Pump;1'");
}

TEST(Models, flaws_name_line_path_and_element) {
    const auto flaws = flaws_of(*Models::none(), {R"({
  "@context": "dtmi:dtdl:context;3",
  "@id": "dtmi:x:A;1",
  "@type": "Interface",
  "contents": [
    {"@type": "Telemetry", "name": "level", "schema": "flot"},
    {"@type": "Telemetry", "nam": "x", "schema": "double"}
  ]
})"});
    EXPECT_EQ(flaws, (std::vector<std::string>{
                         "line 6, /contents/0/schema (level): 'flot' is no schema; did you mean "
                         "float?",
                         "line 7, /contents/1 (dtmi:x:A;1): Telemetry needs 'name'",
                         "line 7, /contents/1/nam (dtmi:x:A;1): Telemetry has no member 'nam'; did "
                         "you mean name?",
                     }));
}

}  // namespace
}  // namespace hw::twin
