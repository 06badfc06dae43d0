#include "wire/s7/client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/clock.h"
#include "wire/s7/server_codec.h"
#include "wire/s7/test_bytes.h"
#include "wire/s7/test_memory.h"

namespace hw::s7 {
namespace {

// A client with its clock and what it told; `out` is what it wants sent.
class User : public ClientHandler {
  public:
    explicit User(const ClientSettings& settings = {}) : client(settings) {
        client.connect(clock.monotonic(), out);
    }

    void on_ready(const Negotiation& agreed) override {
        told.push_back(fmt::format("ready {} {}", agreed.pdu_size, agreed.jobs_calling));
    }
    void on_read(JobToken job, BytesView data, size_t items, Duration) override {
        std::string text = fmt::format("read {}", job.value());
        ReadAnswer answer(data);
        for (size_t i = 0; i < items; ++i) {
            const ItemAnswer item = answer.next();
            text += item.code == 0xff ? " " + to_hex(as_text(item.data))
                                      : fmt::format(" !{:02x}", item.code);
        }
        told.push_back(text);
    }
    void on_written(JobToken job, BytesView codes, Duration) override {
        told.push_back(fmt::format("written {} {}", job.value(), to_hex(as_text(codes))));
    }
    void on_refused(JobToken job, const Error& why) override {
        told.push_back(fmt::format("refused {} {}", job.value(), why.text()));
    }
    void on_closed(const Error& why) override { told.push_back("closed " + why.text()); }

    void feed(std::string_view bytes) {
        client.feed(as_bytes(bytes), clock.monotonic(), *this, out);
    }
    void tick(Duration later) {
        clock.advance(later);
        client.tick(clock.monotonic(), *this, out);
    }
    bool read(uint64_t token, std::initializer_list<ItemAddress> items) {
        std::string pdu;
        append_read_request(pdu, std::vector<ItemAddress>(items));
        return client.submit({.token = JobToken(token),
                              .pdu = std::make_shared<const std::string>(pdu),
                              .items = static_cast<uint8_t>(items.size())},
                             clock.monotonic(), out);
    }
    bool write(uint64_t token, const ItemAddress& address, std::string_view bytes) {
        const WriteItem item{address, as_bytes(bytes)};
        std::string pdu;
        append_write_request(pdu, std::span(&item, 1));
        return client.submit({.token = JobToken(token),
                              .pdu = std::make_shared<const std::string>(pdu),
                              .items = 1,
                              .is_write = true,
                              .is_urgent = true},
                             clock.monotonic(), out);
    }
    std::string take_out() { return std::exchange(out, {}); }
    std::string last() const { return told.empty() ? "" : told.back(); }

    ManualClock clock{Time{1'000'000'000}};
    Client client;
    std::vector<std::string> told;
    std::string out;
};

constexpr std::string_view confirm =
    "03 00 00 16 11 d0 00 01 00 0c 00 c0 01 0a c1 02 01 00 c2 02 01 02";
// Of an S7-1200: 240 bytes, three jobs.
constexpr std::string_view setup_answer =
    "03 00 00 1b 02 f0 80 32 03 00 00 00 01 00 08 00 00 00 00 f0 00 00 03 00 03 00 f0";

ItemAddress db1(uint32_t start, uint16_t count) {
    return {.size = ItemSize::byte, .count = count, .db = 1, .start = start};
}

void make_ready(User& user) {
    user.take_out();
    user.feed(hex(confirm));
    user.take_out();
    user.feed(hex(setup_answer));
    ASSERT_EQ(user.last(), "ready 240 3");
}

// A client and a server, wired together until nobody says anything.
void pump(User& user, ServerConnection& server, std::string* why = nullptr) {
    while (!user.out.empty()) {
        const std::string request = user.take_out();
        std::string answer;
        const Result<void> result = server.feed(as_bytes(request), answer);
        if (why != nullptr && !result) *why = result.error().text();
        user.feed(answer);
    }
}

TEST(S7Client, SaysWhatEveryCpuHasSeen) {
    User user;
    EXPECT_EQ(user.take_out(),
              hex("03 00 00 16 11 e0 00 00 00 01 00 c0 01 0a c1 02 01 00 c2 02 01 02"));
    user.feed(hex(confirm));
    EXPECT_EQ(user.take_out(), hex("03 00 00 19 02 f0 80 32 01 00 00 00 01 00 08 00 00 f0 00 00 08 "
                                   "00 08 03 c0"));
    EXPECT_FALSE(user.client.is_ready());
    user.feed(hex(setup_answer));
    EXPECT_EQ(user.last(), "ready 240 3");
    ASSERT_TRUE(user.read(9, {db1(0, 10)}));
    EXPECT_EQ(user.take_out(), hex("03 00 00 1f 02 f0 80 32 01 00 00 00 02 00 0e 00 00 04 01 12 0a "
                                   "10 02 00 0a 00 01 84 00 00 00"));
    user.clock.advance(milliseconds(7));
    user.feed(
        hex("03 00 00 23 02 f0 80 32 03 00 00 00 02 00 02 00 0e 00 00 04 01 ff 04 00 50 "
            "01 02 03 04 05 06 07 08 09 0a"));
    EXPECT_EQ(user.last(), "read 9 01 02 03 04 05 06 07 08 09 0a");
    ASSERT_TRUE(user.write(10, {.size = ItemSize::bit, .count = 1, .db = 1, .start = 0, .bit = 3},
                           std::string(1, '\1')));
    EXPECT_EQ(user.take_out(), hex("03 00 00 24 02 f0 80 32 01 00 00 00 03 00 0e 00 05 05 01 12 0a "
                                   "10 01 00 01 00 01 84 00 00 03 00 03 00 01 01"));
    user.feed(hex("03 00 00 16 02 f0 80 32 03 00 00 00 03 00 02 00 01 00 00 05 01 ff"));
    EXPECT_EQ(user.last(), "written 10 ff");
    EXPECT_EQ(user.client.in_flight(), 0u);
    EXPECT_FALSE(user.client.deadline().has_value());
}

TEST(S7Client, ReadsAndWritesAServersMemory) {
    TestMemory memory;
    memory.area(Area::data_block, 1) = std::string(100, '\0');
    memory.area(Area::timer) = hex("0000 1127");
    for (const uint16_t pdu : {240, 480, 960}) {
        ServerConnection server({.pdu_size = pdu}, memory);
        User user;
        pump(user, server);
        EXPECT_EQ(user.last(), fmt::format("ready {} 8", pdu));
        EXPECT_EQ(server.called_tsap(), 0x0102);
        ASSERT_TRUE(user.write(1, db1(10, 3), "abc"));
        pump(user, server);
        EXPECT_EQ(user.last(), "written 1 ff");
        ASSERT_TRUE(
            user.read(2, {db1(9, 5),
                          db1(99, 2),
                          {.size = ItemSize::timer, .count = 1, .area = Area::timer, .start = 1},
                          {.count = 1, .db = 2}}));
        pump(user, server);
        EXPECT_EQ(user.last(), "read 2 00 61 62 63 00 !05 11 27 !0a");
        ASSERT_TRUE(user.write(3, db1(99, 2), "xy"));
        pump(user, server);
        EXPECT_EQ(user.last(), "written 3 05");
    }
}

TEST(S7Client, KeepsToTheAgreedJobsAndSendsUrgentOnesFirst) {
    User user;
    make_ready(user);
    for (uint64_t i = 0; i < 6; ++i)
        ASSERT_TRUE(user.read(i, {db1(0, 1)}));
    EXPECT_EQ(user.client.in_flight(), 3u);
    EXPECT_EQ(user.client.waiting(), 3u);
    ASSERT_TRUE(user.write(100, db1(0, 1), "x"));
    user.take_out();
    // The answer to the second makes room for the write.
    user.feed(hex("03 00 00 1a 02 f0 80 32 03 00 00 00 03 00 02 00 05 00 00 04 01 ff 04 00 08 2a"));
    EXPECT_EQ(user.last(), "read 1 2a");
    EXPECT_EQ(static_cast<uint8_t>(user.take_out().at(17)), 0x05);
    user.client.drop_waiting();
    EXPECT_EQ(user.client.waiting(), 0u);
    EXPECT_EQ(user.client.in_flight(), 3u);
}

TEST(S7Client, AsksAgainThenGivesUp) {
    User user({.response_timeout = seconds(3), .retries = 1});
    make_ready(user);
    ASSERT_TRUE(user.read(1, {db1(0, 1)}));
    const std::string first = user.take_out();
    EXPECT_EQ(user.client.deadline(), user.clock.monotonic() + seconds(3));
    user.tick(milliseconds(2999));
    EXPECT_TRUE(user.out.empty());
    user.tick(milliseconds(1));
    const std::string second = user.take_out();
    EXPECT_EQ(second.size(), first.size());
    EXPECT_NE(second, first);  // another reference
    EXPECT_EQ(user.client.repeats(), 1u);
    // The late answer to the first is not taken for one to the second.
    user.feed(hex("03 00 00 1a 02 f0 80 32 03 00 00 00 02 00 02 00 05 00 00 04 01 ff 04 00 08 2a"));
    EXPECT_EQ(user.last(), "ready 240 3");
    EXPECT_EQ(user.client.strays(), 1u);
    user.tick(seconds(3));
    EXPECT_EQ(user.last(), "closed no answer to a read within 3s, asked 2 times");
    EXPECT_FALSE(user.client.deadline().has_value());
    EXPECT_FALSE(user.read(2, {db1(0, 1)}));
}

TEST(S7Client, TheHandshakeHasATimeout) {
    User user;
    user.tick(seconds(3));
    EXPECT_EQ(user.last(),
              "closed no answer to the connect request within 3s; check rack, slot or TSAPs");
    User later;
    later.feed(hex(confirm));
    later.tick(seconds(3));
    EXPECT_EQ(later.last(), "closed no answer to the setup of the communication within 3s");
}

TEST(S7Client, RefusalsOfTheDeviceAreTold) {
    User refused;
    refused.feed(hex("03 00 00 0b 06 80 00 01 00 00 02"));
    EXPECT_EQ(refused.last(),
              "closed the device refused the connection to TSAP 01.02: session entity not attached "
              "to the TSAP: check rack, slot or TSAPs (0x02)");
    User setup;
    setup.feed(hex(confirm));
    setup.feed(hex("03 00 00 13 02 f0 80 32 02 00 00 00 01 00 00 00 00 81 04"));
    EXPECT_EQ(setup.last(),
              "closed the device refused the setup of the communication: the function is not "
              "available, or PUT/GET access is not permitted (0x8104)");
    User job;
    make_ready(job);
    ASSERT_TRUE(job.read(5, {db1(0, 1)}));
    job.feed(hex("03 00 00 13 02 f0 80 32 02 00 00 00 02 00 00 00 00 83 04"));
    EXPECT_EQ(job.last(), "refused 5 busy or no resources available (0x8304)");
    EXPECT_TRUE(job.client.is_ready());
    job.feed(hex("03 00 00 0b 06 80 00 01 00 00 80"));
    EXPECT_EQ(job.last(), "closed the device ended the connection: normal disconnect (0x80)");
}

TEST(S7Client, BreachesCloseTheLinkWithAReason) {
    struct Case {
        std::string_view bytes;
        std::string_view why;
    };
    for (const Case& c : {
             Case{"47 45 54 20", "begins with 0x47"},
             Case{"03 00 00 16 11 d0 00 01 00 0c 00 c0 01 0a c1 02 01 00 c2 02 01 02",
                  "connect confirm within"},
             Case{"03 00 00 16 11 e0 00 00 00 01 00 c0 01 0a c1 02 01 00 c2 02 01 02",
                  "only clients do"},
             Case{"03 00 00 09 04 70 00 01 02", "invalid TPDU type"},
             Case{"03 00 00 0a 02 f0 80 72 01 00", "S7CommPlus"},
             Case{"03 00 00 1a 02 f0 80 32 03 00 00 00 02 00 02 00 05 00 00 05 01 ff 04 00 08 2a",
                  "function 0x05"},
             Case{"03 00 00 1a 02 f0 80 32 03 00 00 00 02 00 02 00 05 00 00 04 02 ff 04 00 08 2a",
                  "2 items, asked were 1"},
             Case{"03 00 00 1a 02 f0 80 32 03 00 00 00 02 00 02 00 05 00 00 04 01 ff 04 ff f8 2a",
                  "ends within item 1"},
             Case{"03 00 04 00", "1024 bytes"},
         }) {
        User user;
        make_ready(user);
        ASSERT_TRUE(user.read(1, {db1(0, 1)}));
        user.feed(hex(c.bytes));
        EXPECT_NE(user.last().find(c.why), std::string::npos) << user.last();
        EXPECT_TRUE(user.last().starts_with("closed ")) << user.last();
        EXPECT_EQ(user.client.in_flight(), 0u);
        const size_t before = user.told.size();
        user.feed(hex(setup_answer));
        EXPECT_EQ(user.told.size(), before);
    }
}

TEST(S7Client, AFloodOfUnaskedAnswersEnds) {
    User user;
    make_ready(user);
    const std::string stray =
        hex("03 00 00 1a 02 f0 80 32 03 00 00 77 77 00 02 00 05 00 00 04 01 ff 04 00 08 2a");
    for (unsigned i = 0; i < Client::strays_limit; ++i)
        user.feed(stray);
    EXPECT_TRUE(user.client.is_ready());
    user.feed(stray);
    EXPECT_EQ(user.last(), "closed 65 messages in a row that nobody asked for");
}

TEST(S7Client, ALyingSetupIsCutToWhatWasAsked) {
    User user({.pdu_size = 480, .parallel_jobs = 4});
    user.feed(hex(confirm));
    user.feed(
        hex("03 00 00 1b 02 f0 80 32 03 00 00 00 01 00 08 00 00 00 00 f0 00 ff ff ff ff ff "
            "ff"));
    EXPECT_EQ(user.last(), "ready 480 4");
    User none;
    none.feed(hex(confirm));
    none.feed(
        hex("03 00 00 1b 02 f0 80 32 03 00 00 00 01 00 08 00 00 00 00 f0 00 00 00 00 00 00 "
            "10"));
    EXPECT_EQ(none.last(), "closed the device offers a PDU of 16 bytes; at least 112 are needed");
    User zero;
    zero.feed(hex(confirm));
    zero.feed(
        hex("03 00 00 1b 02 f0 80 32 03 00 00 00 01 00 08 00 00 00 00 f0 00 00 00 00 00 00 "
            "f0"));
    EXPECT_EQ(zero.last(), "ready 240 1");
}

TEST(S7Client, SplitsForDevicesWithSmallTpdus) {
    User user;
    user.feed(hex("03 00 00 16 11 d0 00 01 00 0c 00 c0 01 07 c1 02 01 00 c2 02 01 02"));
    user.feed(hex(setup_answer));
    user.take_out();
    std::vector<ItemAddress> items(12, db1(0, 1));
    std::string pdu;
    append_read_request(pdu, items);
    ASSERT_TRUE(user.client.submit(
        {.token = JobToken(1), .pdu = std::make_shared<const std::string>(pdu), .items = 12},
        user.clock.monotonic(), user.out));
    const std::string sent = user.take_out();
    EXPECT_EQ(sent.size(), pdu.size() + 2 * 7);
    TpduReader reader(240);
    reader.feed(as_bytes(sent));
    const auto tpdu = reader.next().value().value();
    set_reference(pdu, 2);
    EXPECT_EQ(as_text(tpdu.message), pdu);
}

TEST(S7Client, ANewConnectionForgetsTheOld) {
    User user;
    make_ready(user);
    for (uint64_t i = 0; i < 5; ++i)
        ASSERT_TRUE(user.read(i, {db1(0, 1)}));
    user.feed(hex("03 00 00 1a 02"));
    user.client.lost();
    EXPECT_FALSE(user.read(1, {db1(0, 1)}));
    user.client.connect(user.clock.monotonic(), user.out);
    EXPECT_EQ(user.client.waiting() + user.client.in_flight(), 0u);
    make_ready(user);
}

TEST(S7Server, RefusesWhatItDoesNotServe) {
    TestMemory memory;
    ServerConnection server({}, memory);
    std::string out;
    EXPECT_FALSE(server
                     .feed(as_bytes(hex("03 00 00 19 02 f0 80 32 01 00 00 00 01 00 08 00 00 f0 "
                                        "00 00 08 00 08 03 c0")),
                           out)
                     .has_value());
    ServerConnection other({}, memory);
    const std::string request =
        hex("03 00 00 16 11 e0 00 00 00 01 00 c0 01 0a c1 02 01 00 c2 02 01 02"
            "03 00 00 12 02 f0 80 32 01 00 00 00 05 00 01 00 00 29");
    ASSERT_TRUE(other.feed(as_bytes(request), out).has_value());
    EXPECT_TRUE(out.ends_with(hex("32 02 00 00 00 05 00 00 00 00 81 04")));
}

}  // namespace
}  // namespace hw::s7
