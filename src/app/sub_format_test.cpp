#include "app/sub_format.h"

#include <gtest/gtest.h>

namespace hw::app {
namespace {

const Time moment{1'795'232'519'276'407'902};

std::string render(std::string_view format, const mqtt::Publish& message) {
    const auto parsed = SubFormat::parse(format);
    if (!parsed) return "error: " + parsed.error().text();
    std::string out;
    const bool whole = parsed->append(message, moment, out);
    return whole ? out : out + " (not JSON)";
}

mqtt::Publish message(std::string_view payload) {
    return {.topic = "a/b", .payload = as_bytes(payload)};
}

TEST(SubFormat, parameters) {
    mqtt::Publish kept = message("2.5");
    kept.qos = mqtt::Qos::at_least_once;
    kept.retain = true;
    kept.packet_id = mqtt::PacketId{7};
    EXPECT_EQ(render("%t %p %l %q %r %m %x", kept), "a/b 2.5 3 1 1 7 322e35");
    EXPECT_EQ(render("%X%%@@\\\\", message("\xff")), "FF%@\\");
}

TEST(SubFormat, widths_and_flags) {
    EXPECT_EQ(render("%6t|%-6t|%6.1t|%05l|%-05l|", message("xy")),
              "   a/b|a/b   |     a|00002|2    |");
    // A text is never filled with zeros.
    EXPECT_EQ(render("%06p", message("on")), "    on");
}

TEST(SubFormat, times_are_utc) {
    EXPECT_EQ(render("%I %U", message("")), "2026-11-21T03:41:59+0000 1795232519.276407902");
    EXPECT_EQ(render("@Y-@m-@d @H:@M:@S.@N @j @a", message("")),
              "2026-11-21 03:41:59.276407902 325 Sat");
}

TEST(SubFormat, escapes) {
    EXPECT_EQ(render("a\\tb\\n\\e", message("")), "a\tb\n\x1b");
    EXPECT_EQ(render("\\0", message("")), std::string(1, '\0'));
}

TEST(SubFormat, json) {
    EXPECT_EQ(render("%j", message("a\"b")),
              R"({"tst":"2026-11-21T03:41:59.276407Z+0000","topic":"a/b","qos":0,"retain":0,)"
              R"("payloadlen":3,"payload":"a\"b"})");
    EXPECT_TRUE(render("%J", message(R"({"x":1})")).ends_with(R"("payload":{"x":1}})"));
    EXPECT_TRUE(render("%J", message("")).ends_with(R"("payload":null})"));
    EXPECT_EQ(render("<%J>", message("x")), "<> (not JSON)");
}

TEST(SubFormat, properties) {
    mqtt::PropertyList list;
    list.text(mqtt::PropertyId::content_type, "text/plain").user("k", "v").user("k", "w");
    list.number(mqtt::PropertyId::message_expiry_interval, 60);
    mqtt::Publish rich = message("1");
    rich.properties = list.view();
    EXPECT_EQ(render("%C|%P|%E|%R", rich), "text/plain|k:v k:w|60|");
    EXPECT_NE(render("%j", rich).find(R"("properties":{"content-type":"text/plain")"),
              std::string::npos);
}

TEST(SubFormat, refuses_what_is_no_format) {
    for (const auto* bad : {"%Z", "%", "%05", "@", "\\q", "a\\"})
        EXPECT_FALSE(SubFormat::parse(bad)) << bad;
}

}  // namespace
}  // namespace hw::app
