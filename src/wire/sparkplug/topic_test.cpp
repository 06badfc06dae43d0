#include "wire/sparkplug/topic.h"

#include <gtest/gtest.h>

#include "wire/sparkplug/path.h"
#include "wire/sparkplug/state.h"

namespace hw::sparkplug {
namespace {

TEST(Topic, each_verb_both_ways) {
    const std::pair<const char*, Topic> all[] = {
        {"spBv1.0/g/NBIRTH/e", {Verb::nbirth, "g", "e", ""}},
        {"spBv1.0/g/NDEATH/e", {Verb::ndeath, "g", "e", ""}},
        {"spBv1.0/g/NDATA/e", {Verb::ndata, "g", "e", ""}},
        {"spBv1.0/g/NCMD/e", {Verb::ncmd, "g", "e", ""}},
        {"spBv1.0/g/DBIRTH/e/d", {Verb::dbirth, "g", "e", "d"}},
        {"spBv1.0/g/DDEATH/e/d", {Verb::ddeath, "g", "e", "d"}},
        {"spBv1.0/g/DDATA/e/d 1", {Verb::ddata, "g", "e", "d 1"}},
        {"spBv1.0/STATE/DCMD/e/d", {Verb::dcmd, "STATE", "e", "d"}},
        {"spBv1.0/STATE/scada", {Verb::state, "", "scada", ""}},
    };
    for (const auto& [text, topic] : all) {
        EXPECT_EQ(parse_topic(text), topic) << text;
        EXPECT_EQ(format_topic(topic), text);
    }
}

TEST(Topic, others_are_none) {
    for (const char* text :
         {"", "spBv1.0", "spBv1.0/", "spAv1.0/g/NBIRTH/e", "spBv1.0/g/NBIRTH", "spBv1.0/g/NBIRTH/",
          "spBv1.0//NBIRTH/e", "spBv1.0/g/NBIRTH/e/d", "spBv1.0/g/DDATA/e", "spBv1.0/g/DDATA/e/",
          "spBv1.0/g/DDATA//d", "spBv1.0/g/DDATA/e/d/x", "spBv1.0/g/nbirth/e", "spBv1.0/STATE",
          "spBv1.0/STATE/", "spBv1.0/STATE/a/b", "spBv1.0/g/STATE/e", "spBv1.0/g/NBIRTH/+",
          "STATE/scada"})
        EXPECT_EQ(parse_topic(text), std::nullopt) << text;
}

TEST(State, both_ways) {
    EXPECT_EQ(format_state({true, 1668114759262}), R"({"online":true,"timestamp":1668114759262})");
    EXPECT_EQ(parse_state(format_state({false, 5})), (HostState{false, 5}));
    EXPECT_EQ(parse_state(" { \"timestamp\" : 7 , \"x\":\"a\\\"b,}\", \"online\" : true } "),
              (HostState{true, 7}));
    for (const char* text :
         {"", "ONLINE", "{}", R"({"online":true})", R"({"timestamp":1})",
          R"({"online":1,"timestamp":1})", R"({"online":true,"timestamp":-1})",
          R"({"online":true,"timestamp":1)", R"({"online":true,"timestamp":1}x)",
          R"({"online":true,"timestamp":"1"})", R"({"online":true,"timestamp":})", R"({"a)"})
        EXPECT_EQ(parse_state(text), std::nullopt) << text;
}

TEST(Path, levels_without_a_device_are_left_out) {
    const PathTemplate standard;
    EXPECT_EQ(standard.path("g", "e", "d", "m"), "g/e/d/m");
    EXPECT_EQ(standard.path("g", "e", "", "Folder/m"), "g/e/Folder/m");
    const auto own = PathTemplate::parse("plant/{device}/{metric}/{group}");
    ASSERT_TRUE(own.has_value());
    EXPECT_EQ(own->path("g", "e", "", "m"), "plant/m/g");
    EXPECT_EQ(own->path("g", "e", "d", "m"), "plant/d/m/g");
    const auto last = PathTemplate::parse("{metric}/{device}");
    EXPECT_EQ(last->path("g", "e", "", "m"), "m");
    const auto first = PathTemplate::parse("{device}/{metric}");
    EXPECT_EQ(first->path("g", "e", "", "m"), "m");
    const auto joined = PathTemplate::parse("{edge}-{device}/{metric}");
    EXPECT_EQ(joined->path("g", "e", "", "m"), "e-/m");
    EXPECT_EQ(standard.path("g", "e", "d", std::string("a+b#c\0d", 7)), "g/e/d/a%2Bb%23c%00d");
}

TEST(Path, templates_are_checked) {
    const auto text = [](std::string_view one) {
        const auto path = PathTemplate::parse(one);
        return path ? std::string() : path.error().text();
    };
    EXPECT_EQ(text("{group}/{metric}"), "");
    EXPECT_EQ(text("{grp}/{metric}"),
              "path template '{grp}/{metric}': the places are {group}, {edge}, {device} and "
              "{metric}");
    EXPECT_EQ(text("{group}/{edge"),
              "path template '{group}/{edge': the places are {group}, {edge}, {device} and "
              "{metric}");
    EXPECT_EQ(text("{group}"),
              "path template '{group}' has no {metric}, so all metrics of a device would be one "
              "point");
    EXPECT_EQ(text("#/{metric}"), "path template '#/{metric}' holds a wildcard");
}

}  // namespace
}  // namespace hw::sparkplug
