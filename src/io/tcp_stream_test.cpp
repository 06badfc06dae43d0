#include "io/stream.h"

#include <gtest/gtest.h>

#include <string>

#include "io/reactor.h"
#include "io/stream_probe_test.h"

namespace hw::io {
namespace {

TEST(TcpStream, echoes_what_it_gets) {
    Loopback loop;
    loop.server.on_bytes_call = [&](BytesView bytes) { loop.server.stream->send(bytes); };
    loop.client.stream->send(as_bytes("hello"));
    loop.reactor.run_until([&] { return loop.client.received == "hello"; });
}

TEST(TcpStream, a_close_is_told_once_on_both_sides_after_the_last_bytes) {
    Loopback loop;
    loop.client.stream->send(as_bytes("last words"));
    loop.client.stream->close();
    EXPECT_EQ(loop.client.closed, 0) << "never from inside close";
    loop.reactor.run_until([&] { return loop.client.closed && loop.server.closed; });
    EXPECT_EQ(loop.server.received, "last words");
    EXPECT_EQ(loop.server.closed, 1);
    EXPECT_EQ(loop.client.closed, 1);
    EXPECT_EQ(loop.server.why->code(), ErrorCode::cancelled);
}

TEST(TcpStream, a_peer_that_does_not_read_makes_a_queue_that_drains_later) {
    Loopback loop;
    const std::string block(1 << 20, 'x');
    loop.client.stream->set_reading(false);
    size_t sent = 0;
    while (loop.server.stream->queued_bytes() < (8u << 20)) {
        loop.server.stream->send(as_bytes(block));
        sent += block.size();
    }
    EXPECT_EQ(loop.server.drained, 0);
    loop.client.stream->set_reading(true);
    loop.reactor.run_until([&] { return loop.client.received.size() == sent; });
    EXPECT_EQ(loop.server.stream->queued_bytes(), 0u);
    EXPECT_EQ(loop.server.drained, 1);
}

TEST(TcpStream, moved_strings_keep_their_order) {
    Loopback loop;
    std::string expected;
    for (int i = 0; i < 200; ++i) {
        std::string piece(static_cast<size_t>(i) * 997, static_cast<char>('a' + i % 26));
        expected += piece;
        if (i % 3 == 0) {
            loop.server.stream->send(as_bytes(piece));
        } else {
            loop.server.stream->send(std::move(piece));
        }
    }
    loop.reactor.run_until([&] { return loop.client.received.size() == expected.size(); });
    EXPECT_EQ(loop.client.received, expected);
}

TEST(TcpStream, may_be_destroyed_inside_its_callbacks) {
    Loopback loop;
    loop.server.on_bytes_call = [&](BytesView) { loop.server.stream.reset(); };
    loop.client.stream->send(as_bytes("x"));
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_EQ(loop.server.closed, 0);
}

TEST(TcpStream, destroying_after_close_still_flushes) {
    Loopback loop;
    const std::string block(4 << 20, 'y');
    loop.server.stream->send(as_bytes(block));
    loop.server.stream->close();
    loop.server.stream.reset();
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_EQ(loop.client.received.size(), block.size());
    EXPECT_EQ(loop.server.closed, 0);
}

TEST(TcpStream, writing_to_a_peer_that_left_ends_in_on_closed) {
    Loopback loop;
    loop.client.stream.reset();
    loop.reactor.run_until([&] { return loop.server.closed == 1; });
    loop.server.stream->send(as_bytes("too late"));
    EXPECT_EQ(loop.server.closed, 1);
}

TEST(TcpStream, counts_bytes_and_connections) {
    Loopback loop;
    loop.client.stream->send(as_bytes("12345"));
    loop.reactor.run_until([&] { return loop.server.received.size() == 5; });
    const std::string text = loop.metrics.render();
    const std::string label =
        "{listener=\"127.0.0.1:" + std::to_string(loop.listener->port()) + "\"}";
    EXPECT_NE(text.find("headworks_io_received_bytes_total" + label + " 5"), std::string::npos);
    EXPECT_NE(text.find("headworks_io_connections" + label + " 1"), std::string::npos);
}

TEST(TcpListener, turns_away_over_the_limit) {
    Loopback loop;  // its limit is 2, one is taken
    Probe second;
    Probe third;
    loop.connect(second);
    loop.connect(third);
    loop.reactor.run_until([&] { return third.closed == 1; });
    EXPECT_EQ(second.closed, 0);
}

TEST(TcpListener, names_the_address_that_is_taken) {
    Loopback loop;
    auto again = TcpListener::open(loop.reactor, "127.0.0.1", loop.listener->port(), 1,
                                   loop.metrics, [](std::unique_ptr<Stream>) {});
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code(), ErrorCode::conflict);
    EXPECT_NE(again.error().text().find(std::to_string(loop.listener->port())), std::string::npos);
}

TEST(ConnectTcp, refused_and_unknown_names_are_errors) {
    Reactor reactor("test");
    Metrics metrics;
    auto listener = TcpListener::open(reactor, "127.0.0.1", 0, 1, metrics, {});
    ASSERT_TRUE(listener.has_value());
    const uint16_t port = (*listener)->port();
    (*listener)->close();
    std::optional<Error> refused;
    connect_tcp(reactor, "127.0.0.1", port, seconds(30), [&](auto result) {
        ASSERT_FALSE(result.has_value());
        refused = result.error();
    });
    reactor.run_until([&] { return refused.has_value(); });
    EXPECT_EQ(refused->code(), ErrorCode::unavailable);
}

TEST(ConnectTcp, resolves_names) {
    Loopback loop;
    Probe probe;
    bool ended = false;
    connect_tcp(loop.reactor, "localhost", loop.listener->port(), seconds(30), [&](auto result) {
        ended = true;
        ASSERT_TRUE(result.has_value()) << result.error().text();
        probe.stream = std::move(*result);
    });
    loop.reactor.run_until([&] { return ended; });
}

}  // namespace
}  // namespace hw::io
