#include "io/http_client.h"

#include <gtest/gtest.h>

#include <thread>

#include "io/address.h"
#include "io/http.h"

namespace hw::io {
namespace {

// A server on a thread of its own, since the client blocks.
struct ServedThread {
    ServedThread() {
        HttpSettings settings;
        settings.port = 0;
        auto opened =
            HttpServer::open(reactor, settings, metrics, [](HttpRequest request, auto to) {
                if (request.path == "/stream") {
                    auto stream = to->stream({200, {{"X-Kind", "stream"}}, ""});
                    for (int i = 0; i < 100; ++i)
                        stream->write(std::string(10'000, static_cast<char>('a' + i % 26)));
                    stream->finish();
                } else if (request.path == "/cut") {
                    to->stream({200, {}, ""})->write("half");
                } else {
                    to->respond(
                        {201, {}, request.method + " " + request.target + " " + request.body});
                }
            });
        server = std::move(*opened);
        base = "http://127.0.0.1:" + std::to_string(server->port());
        runner = std::jthread([this] { reactor.run(); });
    }
    ~ServedThread() {
        reactor.stop();
        runner.join();
    }

    Metrics metrics;
    Reactor reactor{"server"};
    std::unique_ptr<HttpServer> server;
    std::string base;
    std::jthread runner;
};

TEST(HttpFetch, posts_and_reads_the_answer) {
    ServedThread served;
    HttpClientRequest request{"POST", served.base + "/a?b=" + percent_encode("c d/#"), {}, "body"};
    auto response = http_fetch(request);
    ASSERT_TRUE(response.has_value()) << response.error().text();
    EXPECT_EQ(response->status, 201u);
    EXPECT_EQ(response->body, "POST /a?b=c%20d%2F%23 body");
    EXPECT_EQ(response->header("content-length"), "26");
    request = {"HEAD", served.base, {}, ""};
    EXPECT_EQ(http_fetch(request)->body, "");
}

TEST(HttpFetch, streams_and_stops_when_told) {
    ServedThread served;
    size_t bytes = 0;
    auto response = http_fetch({"GET", served.base + "/stream", {}, ""},
                               [&](const HttpClientResponse& head, std::string_view piece) {
                                   EXPECT_EQ(head.header("x-kind"), "stream");
                                   bytes += piece.size();
                                   return true;
                               });
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(bytes, 1'000'000u);
    int calls = 0;
    response = http_fetch({"GET", served.base + "/stream", {}, ""}, [&](const auto&, auto) {
        ++calls;
        return false;
    });
    EXPECT_TRUE(response.has_value());
    EXPECT_EQ(calls, 1);
}

TEST(HttpFetch, tells_its_errors_apart) {
    EXPECT_EQ(http_fetch({"GET", "ftp://x", {}, ""}).error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(http_fetch({"GET", "http://h:99999/", {}, ""}).error().code(),
              ErrorCode::invalid_argument);
    std::string base;
    {
        ServedThread served;
        EXPECT_EQ(http_fetch({"GET", served.base + "/cut", {}, ""}).error().code(),
                  ErrorCode::unavailable);
        base = served.base;
    }
    EXPECT_EQ(http_fetch({"GET", base, {}, ""}).error().code(), ErrorCode::unavailable);
    // A listener that nobody serves: the kernel accepts, no answer comes.
    Reactor idle("idle");
    Metrics metrics;
    auto listener = TcpListener::open(idle, "127.0.0.1", 0, 1, metrics, [](auto) {});
    const std::string url = "http://127.0.0.1:" + std::to_string((*listener)->port());
    EXPECT_EQ(http_fetch({"GET", url, {}, "", milliseconds(1)}).error().code(),
              ErrorCode::timed_out);
}

}  // namespace
}  // namespace hw::io
