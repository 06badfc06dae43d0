#include "wire/iec104/link.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "wire/iec104/test_bytes.h"

namespace hw::iec104 {
namespace {

class Heard : public LinkHandler {
  public:
    void on_started() override { text += "started;"; }
    void on_stopped() override { text += "stopped;"; }
    void on_asdu(BytesView asdu) override { text += to_hex(as_text(asdu)) + ";"; }
    std::string text;
};

class Side {
  public:
    explicit Side(LinkRole role, const LinkSettings& settings = {}) : link(role, settings) {
        link.reset(Time{});
    }
    Result<void> feed(std::string_view hex) {
        return link.feed(as_bytes(from_hex(hex)), now, heard, out);
    }
    std::string sent() { return to_hex(std::exchange(out, {})); }
    Result<void> after(Duration by) {
        now = now + by;
        return link.tick(now, out);
    }
    // A controlling side whose data flow is on.
    void start() {
        link.start(now, out);
        EXPECT_EQ(sent(), "68 04 07 00 00 00");
        EXPECT_TRUE(feed("68 04 0B 00 00 00").has_value());
        EXPECT_EQ(heard.text, "started;");
        heard.text.clear();
    }

    Link link;
    Heard heard;
    std::string out;
    Time now{};
};

std::string error_of(const Result<void>& result) {
    return result ? "none" : result.error().text();
}

TEST(Iec104Link, StartsAndStopsByBothSides) {
    Side client(LinkRole::controlling);
    Side server(LinkRole::controlled);
    client.start();
    ASSERT_TRUE(server.feed("68 04 07 00 00 00"));
    EXPECT_EQ(server.sent(), "68 04 0B 00 00 00");
    EXPECT_EQ(server.heard.text, "started;");
    client.link.stop(client.now, client.out);
    EXPECT_EQ(client.sent(), "68 04 13 00 00 00");
    ASSERT_TRUE(server.feed("68 04 13 00 00 00"));
    EXPECT_EQ(server.sent(), "68 04 23 00 00 00");
    ASSERT_TRUE(client.feed("68 04 23 00 00 00"));
    EXPECT_EQ(client.heard.text, "stopped;");
    EXPECT_FALSE(client.link.send("x", client.now, client.out));
}

TEST(Iec104Link, FramesMayComeInPiecesAndTogether) {
    Side client(LinkRole::controlling);
    client.start();
    const std::string two = "68 05 00 00 00 00 AA 68 06 02 00 00 00 BB CC";
    for (const char c : from_hex(two))
        ASSERT_TRUE(client.link.feed(as_bytes({&c, 1}), client.now, client.heard, client.out));
    EXPECT_EQ(client.heard.text, "AA;BB CC;");
    ASSERT_TRUE(client.feed("68 05 04 00 00 00 DD 68 05 06 00 00 00 EE"));
    EXPECT_EQ(client.heard.text, "AA;BB CC;DD;EE;");
}

TEST(Iec104Link, AcknowledgesAfterWFramesOrT2) {
    Side client(LinkRole::controlling, {.w = 2});
    client.start();
    ASSERT_TRUE(client.feed("68 05 00 00 00 00 AA"));
    EXPECT_EQ(client.sent(), "");
    ASSERT_TRUE(client.feed("68 05 02 00 00 00 AA"));
    EXPECT_EQ(client.sent(), "68 04 01 00 04 00");
    ASSERT_TRUE(client.feed("68 05 04 00 00 00 AA"));
    EXPECT_EQ(client.link.deadline(), client.now + seconds(10));
    ASSERT_TRUE(client.after(milliseconds(9999)));
    EXPECT_EQ(client.sent(), "");
    ASSERT_TRUE(client.after(milliseconds(1)));
    EXPECT_EQ(client.sent(), "68 04 01 00 06 00");
}

TEST(Iec104Link, ASentFrameCarriesTheAcknowledgement) {
    Side client(LinkRole::controlling);
    client.start();
    ASSERT_TRUE(client.feed("68 05 00 00 00 00 AA"));
    ASSERT_TRUE(client.link.send("\x01", client.now, client.out));
    EXPECT_EQ(client.sent(), "68 05 00 00 02 00 01");
    ASSERT_TRUE(client.after(seconds(10)));
    EXPECT_EQ(client.sent(), "");
}

TEST(Iec104Link, TheWindowHoldsBackUntilAcknowledged) {
    Side client(LinkRole::controlling, {.k = 2, .queue_limit = 2});
    client.start();
    EXPECT_EQ(client.link.room(), 2u);
    for (int i = 0; i < 4; ++i)
        ASSERT_TRUE(client.link.send("\x01", client.now, client.out));
    EXPECT_EQ(client.sent(), "68 05 00 00 00 00 01 68 05 02 00 00 00 01");
    EXPECT_EQ(client.link.room(), 0u);
    const Result<void> full = client.link.send("\x01", client.now, client.out);
    EXPECT_EQ(error_of(full), "2 ASDUs wait for the station's acknowledgement, the limit");
    EXPECT_EQ(client.link.figures().dropped, 1u);
    ASSERT_TRUE(client.feed("68 04 01 00 02 00"));
    EXPECT_EQ(client.sent(), "68 05 04 00 00 00 01");
    ASSERT_TRUE(client.feed("68 04 01 00 06 00"));
    EXPECT_EQ(client.sent(), "68 05 06 00 00 00 01");
}

TEST(Iec104Link, SequenceNumbersWrapAt32768) {
    Side client(LinkRole::controlling, {.k = 12, .w = 1});
    Side server(LinkRole::controlled, {.k = 12, .w = 1});
    client.start();
    ASSERT_TRUE(server.feed("68 04 07 00 00 00"));
    server.out.clear();
    for (int i = 0; i < 32770; ++i) {
        ASSERT_TRUE(server.link.send("\x01", server.now, server.out));
        const std::string bytes = std::exchange(server.out, {});
        ASSERT_TRUE(client.link.feed(as_bytes(bytes), client.now, client.heard, client.out));
        const std::string acknowledged = std::exchange(client.out, {});
        ASSERT_TRUE(server.link.feed(as_bytes(acknowledged), server.now, server.heard, server.out));
        client.heard.text.clear();
    }
    ASSERT_TRUE(server.link.send("\x01", server.now, server.out));
    EXPECT_EQ(server.sent(), "68 05 04 00 00 00 01");
    EXPECT_EQ(client.link.figures().received, 32770u);
}

TEST(Iec104Link, AWrongSendNumberClosesWithAReason) {
    Side client(LinkRole::controlling);
    client.start();
    ASSERT_TRUE(client.feed("68 05 00 00 00 00 AA"));
    EXPECT_EQ(error_of(client.feed("68 05 04 00 00 00 AA")),
              "I frame with N(S) 2, expected 1: a frame was lost or repeated");
    // Nothing is taken any more.
    ASSERT_TRUE(client.feed("68 05 02 00 00 00 BB"));
    EXPECT_EQ(client.heard.text, "AA;");
    EXPECT_EQ(client.link.deadline(), std::nullopt);
}

TEST(Iec104Link, AnAcknowledgementOfWhatWasNotSentCloses) {
    Side client(LinkRole::controlling);
    client.start();
    ASSERT_TRUE(client.link.send("\x01", client.now, client.out));
    EXPECT_EQ(error_of(client.feed("68 04 01 00 04 00")),
              "N(R) 2 acknowledges what was not sent, expected 0 to 1");
}

TEST(Iec104Link, T1EndsAnUnansweredFrame) {
    Side client(LinkRole::controlling);
    client.link.start(client.now, client.out);
    EXPECT_EQ(client.link.deadline(), Time{} + seconds(15));
    EXPECT_TRUE(client.after(milliseconds(14999)));
    EXPECT_EQ(error_of(client.after(milliseconds(1))), "no STARTDT con within t1 of 15s");
    Side other(LinkRole::controlling);
    other.start();
    ASSERT_TRUE(other.link.send("\x01", other.now, other.out));
    EXPECT_EQ(error_of(other.after(seconds(15))),
              "no acknowledgement of an I frame within t1 of 15s");
}

TEST(Iec104Link, SilenceIsTestedAfterT3) {
    Side client(LinkRole::controlling);
    client.start();
    ASSERT_TRUE(client.after(seconds(20)));
    EXPECT_EQ(client.sent(), "68 04 43 00 00 00");
    ASSERT_TRUE(client.feed("68 04 83 00 00 00"));
    ASSERT_TRUE(client.after(seconds(20)));
    EXPECT_EQ(client.sent(), "68 04 43 00 00 00");
    EXPECT_EQ(error_of(client.after(seconds(15))), "no TESTFR con within t1 of 15s");
}

TEST(Iec104Link, ATestIsConfirmedInEveryState) {
    Side server(LinkRole::controlled);
    ASSERT_TRUE(server.feed("68 04 43 00 00 00"));
    EXPECT_EQ(server.sent(), "68 04 83 00 00 00");
}

TEST(Iec104Link, ForeignBytesAreRefused) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"47 45 54", "frame begins with 47h, expected 68h (is this IEC 60870-5-104?)"},
        {"68 03 07 00 00", "frame length is 3, expected 4 to 253"},
        {"68 FE 07 00 00", "frame length is 254, expected 4 to 253"},
        {"68 04 00 00 00 00", "I frame without an ASDU"},
        {"68 05 01 00 00 00 00", "S or U frame of 7 bytes, expected 6"},
        {"68 04 0F 00 00 00", "U frame with function bits 0Ch, expected exactly one"},
        {"68 04 03 00 00 00", "U frame with function bits 00h, expected exactly one"},
        {"68 04 0B 00 00 00", "STARTDT con that nobody asked for from the controlling station"},
        {"68 05 00 00 00 00 AA", "I frame although data transfer is not started"},
    };
    for (const auto& [hex, text] : cases) {
        Side server(LinkRole::controlled);
        EXPECT_EQ(error_of(server.feed(hex)), text);
    }
    Side client(LinkRole::controlling);
    EXPECT_EQ(error_of(client.feed("68 04 07 00 00 00")),
              "STARTDT act that nobody asked for from the controlled station");
}

}  // namespace
}  // namespace hw::iec104
