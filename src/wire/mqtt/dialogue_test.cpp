#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "wire/mqtt/client_connection.h"
#include "wire/mqtt/server_connection.h"

namespace hw::mqtt {
namespace {

constexpr int messages = 120;

// A server that keeps one session and all it gets.
class Server : public ServerHandler {
  public:
    void begin() { connection.emplace(limits, Time{0}); }
    void on_connect(const Connect&) override {
        connection->accept({.session_present = known}, out);
        known = true;
    }
    void on_publish(const Publish& p) override {
        const bool repeated =
            p.qos == Qos::exactly_once && !unreleased.insert(p.packet_id.value()).second;
        if (!repeated) got.emplace_back(as_text(p.payload));
        if (p.qos == Qos::exactly_once)
            connection->pubrec(p.packet_id, out);
        else
            connection->puback(p.packet_id, out);
    }
    void on_ack(const Ack& p) override {
        unreleased.erase(p.packet_id.value());
        connection->pubcomp(p.packet_id, out);
    }
    void on_subscribe(const Subscribe&) override {}
    void on_unsubscribe(const Unsubscribe&) override {}
    void on_disconnect(const Disconnect&) override {}
    void on_auth(const Auth&) override {}
    void on_protocol_error(const ProtocolError& e) override { ADD_FAILURE() << e.why; }

    ServerLimits limits{.receive_maximum = 4};
    std::optional<ServerConnection> connection;
    std::set<uint16_t> unreleased;
    std::vector<std::string> got;
    std::string out;
    bool known = false;
};

class Quiet : public ClientHandler {
    void on_closed(const ProtocolError& e) override { ADD_FAILURE() << e.why; }
};

// A random front part of what waits, so that packets are cut anywhere.
std::string some_of(std::string& bytes, Random& random) {
    std::string part = bytes.substr(0, random.below(bytes.size() + 1));
    bytes.erase(0, part.size());
    return part;
}

std::vector<std::string> run(Version version, uint64_t seed) {
    Random random(seed);
    Server server;
    Quiet quiet;
    ClientConnection client(
        {.version = version, .client_id = "c", .clean_start = false, .in_flight_max = 4});
    std::string up;
    int sent = 0;
    const auto reconnect = [&] {
        client.lost();
        up.clear();
        server.out.clear();
        server.begin();
        client.connect(Time{0}, up);
    };
    reconnect();
    while (sent < messages || !client.idle()) {
        if (random.chance(0.02)) reconnect();
        while (sent < messages && client.window() > 0) {
            const std::string payload = std::to_string(sent);
            const Qos qos = sent % 2 == 0 ? Qos::exactly_once : Qos::at_least_once;
            EXPECT_TRUE(
                client.publish({.topic = "t", .payload = as_bytes(payload), .qos = qos}, up));
            ++sent;
        }
        const std::string to_server = some_of(up, random);
        server.connection->feed(as_bytes(to_server), Time{0}, server, server.out);
        const std::string to_client = some_of(server.out, random);
        client.feed(as_bytes(to_client), Time{0}, quiet, up);
    }
    return server.got;
}

// Connections break at any byte of either direction, for many seeds: QoS 2 arrives exactly once,
// QoS 1 at least once, and what arrives for the first time does so in order.
TEST(Dialogue, LosesAndDoublesNothingWhenConnectionsBreak) {
    for (const Version version : {Version::v3_1_1, Version::v5})
        for (uint64_t seed = 0; seed < 200; ++seed) {
            const std::vector<std::string> got = run(version, seed);
            int expected = 0;
            for (const std::string& payload : got)
                if (payload == std::to_string(expected)) ++expected;
            ASSERT_EQ(expected, messages) << "seed " << seed;
            for (int i = 0; i < messages; i += 2)
                ASSERT_EQ(std::count(got.begin(), got.end(), std::to_string(i)), 1)
                    << "seed " << seed;
        }
}

}  // namespace
}  // namespace hw::mqtt
