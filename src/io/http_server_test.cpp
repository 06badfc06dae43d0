#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

#include "io/compression.h"
#include "io/http.h"
#include "io/stream_probe_test.h"

namespace hw::io {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A server and one raw client on one reactor, driven by the test's thread.
struct HttpLoop {
    explicit HttpLoop(HttpSettings settings = {}) {
        settings.port = 0;
        auto opened = HttpServer::open(reactor, settings, metrics,
                                       [this](HttpRequest request, auto responder) {
                                           requests.push_back(request);
                                           handler(std::move(request), std::move(responder));
                                       });
        EXPECT_TRUE(opened.has_value());
        server = std::move(*opened);
        connect(client);
    }

    void connect(Probe& probe) {
        connect_tcp(reactor, "127.0.0.1", server->port(), seconds(30), [&probe](auto result) {
            ASSERT_TRUE(result.has_value());
            probe.stream = std::move(*result);
            probe.stream->start(probe);
        });
        reactor.run_until([&] { return probe.stream != nullptr; });
    }
    void send(std::string_view text) { client.stream->send(as_bytes(text)); }
    // Runs until the client has received `text`, and returns all that it received.
    const std::string& until(std::string_view text) {
        reactor.run_until(
            [&] { return client.received.find(text) != std::string::npos || client.closed > 0; });
        return client.received;
    }

    Metrics metrics;
    Reactor reactor{"test"};
    HttpHandler handler = [](HttpRequest request, auto responder) {
        responder->respond({200, {{"Content-Type", "text/plain"}}, "you sent " + request.body});
    };
    std::vector<HttpRequest> requests;
    std::unique_ptr<HttpServer> server;
    Probe client;
};

TEST(HttpServer, answers_and_keeps_the_connection) {
    HttpLoop loop;
    loop.send(
        "POST /a%20b?x=1&x=2&y=a+b%26&flag HTTP/1.1\r\nHost: h\r\nX-One: 1\r\n"
        "Content-Length: 3\r\n\r\nabc");
    const std::string& answer = loop.until("you sent abc");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 12\r\n"));
    const HttpRequest& request = loop.requests.at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/a b");
    EXPECT_EQ(request.parameter("x"), "1");
    EXPECT_EQ(request.parameter("y"), "a b&");
    EXPECT_EQ(request.parameter("flag"), "");
    EXPECT_EQ(request.parameter("none"), std::nullopt);
    EXPECT_EQ(request.query.size(), 4u);
    EXPECT_EQ(request.header("x-one"), "1");
    EXPECT_THAT(request.peer, StartsWith("127.0.0.1:"));
    loop.client.received.clear();
    loop.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_THAT(loop.client.received, HasSubstr("Connection: close"));
}

TEST(HttpServer, answers_pipelined_requests_in_order) {
    HttpLoop loop;
    std::vector<std::unique_ptr<HttpResponder>> waiting;
    loop.handler = [&](HttpRequest, auto responder) { waiting.push_back(std::move(responder)); };
    loop.send(
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\n"
        "Content-Length: 2\r\n\r\nxyGET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
    for (size_t i = 0; i < 3; ++i) {
        loop.reactor.run_until([&] { return waiting.size() == i + 1; });
        waiting[i]->respond({200, {}, "body" + loop.requests[i].path});
    }
    const std::string& answer = loop.until("body/3");
    EXPECT_LT(answer.find("body/1"), answer.find("body/2"));
    EXPECT_LT(answer.find("body/2"), answer.find("body/3"));
}

TEST(HttpServer, reads_bodies_byte_by_byte_and_in_chunks) {
    HttpLoop loop;
    const std::string request =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n1a;ext=1\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nTrailer: x\r\n\r\n";
    for (const char c : request) {
        loop.send(std::string_view(&c, 1));
        bool turned = false;
        loop.reactor.post([&] { turned = true; });
        loop.reactor.run_until([&] { return turned; });
    }
    loop.until("you sent abcabcdefghijklmnopqrstuvwxyz");
}

TEST(HttpServer, takes_large_bodies_whole) {
    HttpLoop loop;
    loop.handler = [](HttpRequest request, auto responder) {
        responder->respond({200, {}, std::to_string(request.body.size())});
    };
    loop.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
    loop.client.stream->send(std::string(5'000'000, 'b'));
    EXPECT_THAT(loop.until("\r\n\r\n5000000"), HasSubstr("200 OK"));
}

TEST(HttpServer, inflates_requests_and_packs_answers) {
    HttpLoop loop;
    loop.handler = [](HttpRequest request, auto responder) {
        responder->respond({200, {{"Content-Type", "application/json"}}, request.body});
    };
    const std::string text(100'000, 'j');
    const std::string packed = gzip(text);
    loop.send(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nAccept-Encoding: br, gzip\r\n"
        "Content-Length: " +
        std::to_string(packed.size()) + "\r\n\r\n" + packed);
    loop.until(packed);
    EXPECT_EQ(loop.requests.at(0).body, text);
    EXPECT_THAT(loop.client.received, HasSubstr("Content-Encoding: gzip\r\n"));
}

TEST(HttpServer, a_bomb_is_refused_with_413) {
    HttpSettings settings;
    settings.body_bytes_limit = 100'000;
    HttpLoop loop(settings);
    const std::string packed = gzip(std::string(50'000'000, '0'));
    loop.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: " +
              std::to_string(packed.size()) + "\r\n\r\n" + packed);
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_THAT(loop.client.received, StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(loop.client.received, HasSubstr("application/problem+json"));
    EXPECT_TRUE(loop.requests.empty());
}

TEST(HttpServer, limits_and_malformed_requests_close_that_connection_only) {
    struct Case {
        std::string request;
        std::string status;
    };
    const std::vector<Case> cases = {
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n", "413"},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(5000, 'x') + "\r\n\r\n", "431"},
        {"GET /" + std::string(5000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", "431"},
        {"GARBAGE\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        {"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
        {"GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         "400"},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", "415"},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
         "400"},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"},
    };
    HttpSettings settings;
    settings.body_bytes_limit = 100'000;
    settings.header_bytes_limit = 4096;
    HttpLoop loop(settings);
    for (const Case& wrong : cases) {
        Probe bad;
        loop.connect(bad);
        bad.stream->send(as_bytes(wrong.request));
        loop.reactor.run_until([&] { return bad.closed == 1; });
        EXPECT_THAT(bad.received, StartsWith("HTTP/1.1 " + wrong.status)) << wrong.request;
        EXPECT_THAT(bad.received, HasSubstr("\"status\":" + wrong.status)) << wrong.request;
    }
    loop.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(loop.until("you sent"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServer, says_continue_before_the_body) {
    HttpLoop loop;
    loop.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(loop.until("Continue\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    loop.send("ok");
    loop.until("you sent ok");
}

TEST(HttpServer, head_gets_headers_only) {
    HttpLoop loop;
    loop.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string& answer = loop.until("you sent");
    EXPECT_EQ(answer.find("you sent"), answer.rfind("you sent"));
    EXPECT_EQ(loop.requests.size(), 2u);
    EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
}

TEST(HttpServer, a_dropped_responder_answers_500) {
    HttpLoop loop;
    loop.handler = [](HttpRequest, auto) {};
    loop.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(loop.until("}\n"), StartsWith("HTTP/1.1 500 "));
}

TEST(HttpServer, header_values_cannot_forge_headers) {
    HttpLoop loop;
    loop.handler = [](HttpRequest, auto responder) {
        responder->respond({200, {{"X", "a\r\nSet-Cookie: b"}}, ""});
    };
    loop.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(loop.until("\r\n\r\n"), Not(HasSubstr("\nSet-Cookie")));
}

TEST(HttpServer, workers_answer_and_stream_with_back_pressure) {
    HttpSettings settings;
    settings.stream_queue_bytes_limit = 100'000;
    HttpLoop loop(settings);
    constexpr size_t pieces = 300;
    const std::string piece(50'000, 'p');
    std::jthread worker;
    std::atomic<size_t> most_queued = 0;
    loop.handler = [&](HttpRequest, std::unique_ptr<HttpResponder> responder) {
        worker = std::jthread([&, owned = std::move(responder)]() mutable {
            auto stream = owned->stream({200, {{"Content-Type", "text/csv"}}, "head;"});
            for (size_t i = 0; i < pieces; ++i) {
                EXPECT_TRUE(stream->write(piece));
                most_queued = std::max(most_queued.load(), stream->queued_bytes());
            }
            stream->finish();
        });
    };
    loop.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    loop.until("\r\n0\r\n\r\n");
    EXPECT_THAT(loop.client.received, HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(loop.client.received, HasSubstr("\r\n5\r\nhead;\r\nc350\r\npppp"));
    EXPECT_GT(loop.client.received.size(), pieces * piece.size());
    EXPECT_LE(most_queued.load(), 100'000 + 2 * piece.size());
    loop.client.received.clear();
    loop.handler = [](HttpRequest, auto responder) { responder->respond({200, {}, "next"}); };
    loop.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    loop.until("next");
}

TEST(HttpServer, tells_a_stream_that_its_client_is_gone) {
    HttpLoop loop;
    std::unique_ptr<HttpStream> stream;
    bool gone = false;
    loop.handler = [&](HttpRequest, auto responder) {
        stream = responder->stream({200, {{"Content-Type", "text/event-stream"}}, ""});
        stream->on_gone([&] { gone = true; });
        EXPECT_TRUE(stream->write("data: 1\n\n"));
    };
    loop.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    loop.until("data: 1");
    EXPECT_FALSE(gone);
    loop.client.stream.reset();
    loop.reactor.run_until([&] { return gone; });
    EXPECT_FALSE(stream->write("data: 2\n\n"));
}

TEST(HttpServer, tells_whoever_is_still_thinking_that_the_client_is_gone) {
    HttpLoop loop;
    std::vector<std::unique_ptr<HttpResponder>> waiting;
    std::string gone;
    loop.handler = [&](HttpRequest request, auto responder) {
        responder->on_gone([&gone, path = request.path] { gone += path; });
        if (request.path == "/quick") return responder->respond({200, {}, "done"});
        waiting.push_back(std::move(responder));
    };
    // The call for an answered request must not be made.
    loop.send("GET /quick HTTP/1.1\r\nHost: h\r\n\r\nGET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    loop.reactor.run_until([&] { return waiting.size() == 1; });
    loop.client.stream.reset();
    loop.reactor.run_until([&] { return !gone.empty(); });
    EXPECT_EQ(gone, "/slow");
    bool late = false;
    waiting[0]->on_gone([&] { late = true; });
    loop.reactor.run_until([&] { return late; });
    waiting[0]->respond({200, {}, "nobody hears it"});
}

TEST(HttpServer, an_unfinished_stream_cuts_the_connection) {
    HttpLoop loop;
    loop.handler = [&](HttpRequest, auto responder) {
        auto stream = responder->stream({200, {}, ""});
        stream->write("half");
    };
    loop.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_THAT(loop.client.received, Not(HasSubstr("0\r\n\r\n")));
}

TEST(HttpServer, streams_to_old_clients_until_the_close) {
    HttpLoop loop;
    loop.handler = [&](HttpRequest, auto responder) {
        auto stream = responder->stream({200, {}, ""});
        stream->write("all");
        stream->finish();
    };
    loop.send("GET / HTTP/1.0\r\n\r\n");
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_THAT(loop.client.received, testing::EndsWith("Connection: close\r\n\r\nall"));
}

TEST(HttpServer, slow_and_idle_clients_are_closed) {
    HttpSettings settings;
    settings.header_timeout = nanoseconds(1);
    settings.idle_timeout = nanoseconds(1);
    HttpLoop loop(settings);
    loop.send("GET / HTT");
    Probe idle;
    loop.connect(idle);
    loop.reactor.run_until([&] { return loop.client.closed == 1 && idle.closed == 1; });
    EXPECT_THAT(loop.client.received, StartsWith("HTTP/1.1 408"));
    EXPECT_EQ(idle.received, "");
}

TEST(HttpServer, a_body_that_drips_is_ended_with_408) {
    HttpSettings settings;
    settings.body_timeout = milliseconds(1);
    HttpLoop loop(settings);
    // Whoever pays with bytes may take longer: 4 MiB are 256 s more.
    Probe busy;
    loop.connect(busy);
    busy.stream->send(as_bytes("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n"));
    busy.stream->send(std::string(4 << 20, 'b'));
    loop.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n1");
    loop.until("HTTP/1.1 408");
    EXPECT_THAT(loop.client.received, HasSubstr("application/problem+json"));
    EXPECT_THAT(loop.client.received, HasSubstr("body"));
    EXPECT_EQ(busy.closed, 0);
    busy.stream->send(std::string(5'000'000 - (4 << 20), 'b'));
    loop.reactor.run_until([&] { return busy.received.find("you sent") != std::string::npos; });
    const auto text = loop.metrics.render();
    EXPECT_THAT(text, HasSubstr("headworks_io_http_slow_bodies_total 1"));
}

TEST(HttpServer, close_lets_running_requests_end) {
    HttpLoop loop;
    std::unique_ptr<HttpResponder> waiting;
    loop.handler = [&](HttpRequest, auto responder) { waiting = std::move(responder); };
    Probe idle;
    loop.connect(idle);
    loop.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    loop.reactor.run_until([&] { return waiting != nullptr; });
    loop.server->close(seconds(60));
    loop.reactor.run_until([&] { return idle.closed == 1; });
    EXPECT_EQ(loop.client.closed, 0);
    waiting->respond({200, {}, "bye"});
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_THAT(loop.client.received, HasSubstr("bye"));
}

TEST(HttpServer, over_the_connections_limit_is_503) {
    HttpSettings settings;
    settings.connections_limit = 1;
    HttpLoop loop(settings);
    Probe second;
    loop.connect(second);
    loop.reactor.run_until([&] { return second.closed == 1; });
    EXPECT_THAT(second.received, StartsWith("HTTP/1.1 503"));
}

}  // namespace
}  // namespace hw::io
