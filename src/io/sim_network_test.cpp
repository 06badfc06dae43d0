#include "io/sim_network.h"

#include <gtest/gtest.h>

#include "io/stream_probe_test.h"

namespace hw::io {
namespace {

struct SimPair {
    explicit SimPair(uint64_t seed, SimNetworkSettings settings = {})
        : network(seed, clock, settings) {
        auto ends = network.connect();
        client.stream = std::move(ends.client);
        server.stream = std::move(ends.server);
        client.stream->start(client);
        server.stream->start(server);
    }
    void run() {
        while (network.step()) {
        }
    }

    ManualClock clock{Time{1'000'000'000}};
    SimNetwork network;
    Probe client;
    Probe server;
};

TEST(SimNetwork, delivers_in_order_for_every_seed) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
        SimPair pair(seed);
        std::string sent;
        for (int i = 0; i < 50; ++i) {
            const std::string piece(static_cast<size_t>(i) * 7, static_cast<char>('a' + i % 26));
            pair.client.stream->send(as_bytes(piece));
            sent += piece;
            if (i % 5 == 0) pair.network.step();
        }
        pair.client.stream->close();
        pair.run();
        EXPECT_EQ(pair.server.received, sent) << "seed " << seed;
        EXPECT_EQ(pair.server.closed, 1);
        EXPECT_EQ(pair.client.closed, 1);
    }
}

TEST(SimNetwork, the_same_seed_gives_the_same_history) {
    const auto history = [](uint64_t seed) {
        SimPair pair(seed, {.cut_chance = 0.05});
        std::string log;
        pair.server.on_bytes_call = [&](BytesView bytes) {
            log += std::to_string(pair.clock.now().ns) + ":" + std::to_string(bytes.size()) + " ";
        };
        for (int i = 0; i < 20; ++i)
            pair.client.stream->send(as_bytes("some bytes that are split"));
        pair.run();
        return log;
    };
    EXPECT_EQ(history(7), history(7));
    EXPECT_NE(history(7), history(8));
}

TEST(SimNetwork, a_reader_that_stops_fills_the_sender_and_drains_it_later) {
    SimPair pair(1, {.socket_bytes = 1000});
    pair.server.stream->set_reading(false);
    pair.client.stream->send(std::string(5000, 'x'));
    pair.run();
    EXPECT_EQ(pair.client.stream->queued_bytes(), 4000u);
    EXPECT_EQ(pair.client.drained, 0);
    pair.server.stream->set_reading(true);
    pair.run();
    EXPECT_EQ(pair.server.received.size(), 5000u);
    EXPECT_EQ(pair.client.drained, 1);
}

TEST(SimNetwork, a_cut_is_told_to_both_once) {
    SimPair pair(1);
    pair.client.stream->send(as_bytes("lost"));
    pair.network.cut_all();
    pair.run();
    EXPECT_EQ(pair.server.received, "");
    EXPECT_EQ(pair.client.closed, 1);
    EXPECT_EQ(pair.server.closed, 1);
    EXPECT_EQ(pair.server.why->code(), ErrorCode::io_failed);
}

TEST(SimNetwork, ends_may_be_destroyed_inside_callbacks) {
    SimPair pair(1);
    pair.server.on_bytes_call = [&](BytesView) { pair.server.stream.reset(); };
    pair.client.stream->send(as_bytes("x"));
    pair.run();
    EXPECT_EQ(pair.server.closed, 0);
    EXPECT_EQ(pair.client.closed, 1);
}

TEST(SimNetwork, a_flush_that_takes_too_long_ends) {
    SimPair pair(1, {.socket_bytes = 10});
    pair.server.stream->set_reading(false);
    pair.client.stream->send(as_bytes("more than ten bytes"));
    pair.client.stream->close();
    pair.run();
    EXPECT_EQ(pair.client.closed, 1);
    pair.server.stream->set_reading(true);
    pair.run();
    EXPECT_EQ(pair.server.received, "more than ");
    EXPECT_EQ(pair.server.closed, 1);
}

}  // namespace
}  // namespace hw::io
