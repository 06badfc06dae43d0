#include "app/twin_topics.h"

#include <gtest/gtest.h>

namespace hw::app {
namespace {

std::string parsed(std::string_view topic, std::string_view known = "a/b") {
    const auto found =
        parse_twin_topic(topic, [&](std::string_view twin) { return twin == known; });
    if (!found) return "nothing";
    const char* what = found->what == TwinTopic::What::set       ? "set"
                       : found->what == TwinTopic::What::request ? "request"
                                                                 : "response";
    return std::string(what) + " " + found->twin + " " + found->name;
}

TEST(TwinTopics, IdsAndPathsMayHaveLevels) {
    EXPECT_EQ(parsed("$hw/twin/a/b/desired/drive/speed/set"), "set a/b drive/speed");
    EXPECT_EQ(parsed("$hw/twin/a/b/command/start/request"), "request a/b start");
    EXPECT_EQ(parsed("$hw/twin/a/b/command/drive/halt/response"), "response a/b drive/halt");
}

TEST(TwinTopics, TheTwinThatThereIsIsMeant) {
    constexpr std::string_view topic = "$hw/twin/a/desired/b/desired/c/set";
    EXPECT_EQ(parsed(topic, "a"), "set a b/desired/c");
    EXPECT_EQ(parsed(topic, "a/desired/b"), "set a/desired/b c");
    EXPECT_EQ(parsed(topic, "x"), "set a/desired/b c");
}

TEST(TwinTopics, OtherTopicsAreNotMeant) {
    for (const char* topic :
         {"$hw/twin/a/b/desired/speed", "$hw/twin/a/b/command/start", "$hw/twin/set",
          "$hw/twin/a/b/speed/set", "$hw/twin//desired/x/set", "$hw/twin/desired/x/set",
          "$hw/twin/a/desired//set", "twin/a/desired/x/set", "$hw/twin/a/desired/set"})
        EXPECT_EQ(parsed(topic), "nothing") << topic;
}

}  // namespace
}  // namespace hw::app
