#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "io/reactor.h"
#include "io/stream.h"

namespace hw::io {

// Remembers what a stream told it.
struct Probe final : StreamHandler {
    std::unique_ptr<Stream> stream;
    std::string received;
    int drained = 0;
    int closed = 0;
    std::optional<Error> why;
    std::function<void(BytesView)> on_bytes_call;

    void on_bytes(BytesView bytes) override {
        received.append(as_text(bytes));
        if (on_bytes_call) on_bytes_call(bytes);
    }
    void on_drained() override { ++drained; }
    void on_closed(const Error& error) override {
        ++closed;
        why = error;
    }
};

// A client and a server end of one loopback connection on one reactor, driven by the test's thread.
struct Loopback {
    Loopback() {
        auto opened = TcpListener::open(reactor, "127.0.0.1", 0, 2, metrics, [this](auto stream) {
            accepted.push_back(std::move(stream));
        });
        EXPECT_TRUE(opened.has_value());
        listener = std::move(*opened);
        connect(client);
        reactor.run_until([&] { return accepted.size() == 1; });
        server.stream = std::move(accepted.front());
        server.stream->start(server);
    }

    void connect(Probe& probe) {
        connect_tcp(reactor, "127.0.0.1", listener->port(), seconds(30), [&probe](auto result) {
            ASSERT_TRUE(result.has_value()) << result.error().text();
            probe.stream = std::move(*result);
            probe.stream->start(probe);
        });
        reactor.run_until([&] { return probe.stream != nullptr; });
    }

    Metrics metrics;
    Reactor reactor{"test"};
    std::unique_ptr<TcpListener> listener;
    std::vector<std::unique_ptr<Stream>> accepted;
    Probe client;
    Probe server;
};

}  // namespace hw::io
