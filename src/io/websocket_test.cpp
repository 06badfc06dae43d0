#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "io/http.h"
#include "io/stream_probe_test.h"
#include "io/websocket_codec.h"
#include "io/websocket_handshake.h"

namespace hw::io {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view handshake =
    "GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: chat, mqtt\r\n\r\n";

std::string frame(int first_byte, std::string_view payload) {
    std::string out(1, static_cast<char>(first_byte));
    ByteWriter writer(out);
    if (payload.size() < 126) {
        writer.u8(static_cast<uint8_t>(0x80 | payload.size()));
    } else {
        writer.u8(0x80 | 126);
        writer.big(static_cast<uint16_t>(payload.size()));
    }
    const std::string mask = "\x01\x7f\x33\xf0";
    out += mask;
    for (size_t i = 0; i < payload.size(); ++i)
        out += static_cast<char>(payload[i] ^ mask[i & 3]);
    return out;
}

struct Decoded {
    std::string payload;
    std::string replies;
    std::string violation;
    bool closed;
};

// Whole, and again byte by byte: the outcome must be the same.
Decoded decode(const std::string& bytes) {
    WebSocketDecoder whole(1000);
    Decoded a;
    whole.read(as_bytes(bytes), a.payload, a.replies);
    WebSocketDecoder parts(1000);
    Decoded b;
    for (const char& c : bytes)
        parts.read(as_bytes(std::string_view(&c, 1)), b.payload, b.replies);
    EXPECT_EQ(a.payload, b.payload);
    EXPECT_EQ(a.replies, b.replies);
    EXPECT_EQ(whole.closed(), parts.closed());
    a.closed = whole.closed();
    a.violation = whole.violation();
    return a;
}

std::string close_reply(uint16_t code, std::string_view reason) {
    std::string out;
    append_close_frame(out, static_cast<WebSocketClose>(code), reason);
    return out;
}

TEST(WebSocketDecoder, joins_frames_and_fragments) {
    EXPECT_EQ(decode(frame(0x82, "abc") + frame(0x82, "") + frame(0x82, "de")).payload, "abcde");
    EXPECT_EQ(decode(frame(0x02, "ab") + frame(0x00, "cd") + frame(0x80, "e")).payload, "abcde");
    EXPECT_EQ(decode(frame(0x82, std::string(600, 'x'))).payload, std::string(600, 'x'));
}

TEST(WebSocketDecoder, answers_pings_between_fragments) {
    const auto decoded = decode(frame(0x02, "ab") + frame(0x89, "hi") + frame(0x80, "c"));
    EXPECT_EQ(decoded.payload, "abc");
    EXPECT_EQ(decoded.replies, "\x8a\x02hi");
    EXPECT_EQ(decode(frame(0x8a, "unasked")).replies, "");
}

TEST(WebSocketDecoder, answers_a_close_with_its_code) {
    const auto decoded = decode(frame(0x88, std::string("\x03\xe9", 2) + "bye") + frame(0x82, "x"));
    EXPECT_TRUE(decoded.closed);
    EXPECT_EQ(decoded.violation, "");
    EXPECT_EQ(decoded.replies, close_reply(1001, ""));
    EXPECT_EQ(decoded.payload, "");
    EXPECT_EQ(decode(frame(0x88, "")).replies, std::string("\x88\x00", 2));
}

TEST(WebSocketDecoder, closes_with_the_right_code_on_each_breach) {
    const auto code = [](const std::string& bytes) {
        const auto decoded = decode(bytes);
        EXPECT_TRUE(decoded.closed);
        EXPECT_NE(decoded.violation, "");
        return static_cast<uint8_t>(decoded.replies.at(2)) * 256 +
               static_cast<uint8_t>(decoded.replies.at(3));
    };
    EXPECT_EQ(code(frame(0x81, "text")), 1003);
    EXPECT_EQ(code(frame(0x82, std::string(1001, 'x'))), 1009);
    EXPECT_EQ(code(frame(0xc2, "")), 1002) << "reserved bit";
    EXPECT_EQ(code(frame(0x83, "")), 1002) << "unknown opcode";
    EXPECT_EQ(code(frame(0x8b, "")), 1002) << "unknown control opcode";
    EXPECT_EQ(code(frame(0x80, "")), 1002) << "continuation of nothing";
    EXPECT_EQ(code(frame(0x02, "") + frame(0x82, "")), 1002) << "message in a message";
    EXPECT_EQ(code(frame(0x09, "")), 1002) << "fragmented ping";
    EXPECT_EQ(code(frame(0x89, std::string(126, 'x'))), 1002) << "long ping";
    EXPECT_EQ(code(frame(0x88, "x")), 1002) << "close of one byte";
    EXPECT_EQ(code(std::string("\x82\x01x", 3)), 1002) << "not masked";
}

struct Texts {
    std::vector<std::string> messages;
    std::string replies;
    std::string violation;
};

// Text messages, whole and byte by byte.
Texts decode_texts(const std::string& bytes) {
    WebSocketDecoder whole(1000, WebSocketMode::text_messages);
    Texts a;
    whole.read(as_bytes(bytes), a.messages, a.replies);
    WebSocketDecoder parts(1000, WebSocketMode::text_messages);
    Texts b;
    for (const char& c : bytes)
        parts.read(as_bytes(std::string_view(&c, 1)), b.messages, b.replies);
    EXPECT_EQ(a.messages, b.messages);
    EXPECT_EQ(a.replies, b.replies);
    a.violation = whole.violation();
    return a;
}

TEST(WebSocketDecoder, hands_out_whole_text_messages) {
    using Messages = std::vector<std::string>;
    EXPECT_EQ(decode_texts(frame(0x81, "abc") + frame(0x81, "") + frame(0x81, "de")).messages,
              (Messages{"abc", "", "de"}));
    const auto decoded = decode_texts(frame(0x01, "ab") + frame(0x89, "hi") + frame(0x00, "cd") +
                                      frame(0x80, "e") + frame(0x01, "never ended"));
    EXPECT_EQ(decoded.messages, Messages{"abcde"});
    EXPECT_EQ(decoded.replies, "\x8a\x02hi");
    EXPECT_EQ(decode_texts(frame(0x01, "\xc3") + frame(0x80, "\xa4")).messages,
              Messages{"\xc3\xa4"})
        << "a letter over two fragments";
}

TEST(WebSocketDecoder, refuses_what_is_no_text_message) {
    EXPECT_EQ(decode_texts(frame(0x82, "x")).replies,
              close_reply(1003, "only text frames are served"));
    EXPECT_EQ(decode_texts(frame(0x81, "\xc3")).replies,
              close_reply(1007, "a text that is not UTF-8"));
    EXPECT_EQ(decode_texts(frame(0x81, std::string(1001, 'x'))).violation,
              "the frame exceeds the limit");
    EXPECT_EQ(decode_texts(frame(0x01, std::string(600, 'x')) + frame(0x80, std::string(401, 'x')))
                  .violation,
              "the message exceeds the limit");
    EXPECT_EQ(decode_texts(frame(0x80, "x")).violation, "a continuation without a message");
    EXPECT_EQ(decode_texts(frame(0x81, "a") + frame(0x83, "b")).messages.size(), 1u)
        << "what came before a breach";
}

TEST(WebSocketHandshake, accepts_as_the_rfc_example) {
    EXPECT_EQ(websocket_accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, checks_version_key_origin_and_subprotocol) {
    HttpRequest good;
    good.method = "GET";
    good.headers = {{"upgrade", "WebSocket"},
                    {"connection", "upgrade"},
                    {"origin", "http://here"},
                    {"sec-websocket-version", "13"},
                    {"sec-websocket-protocol", "mqtt"},
                    {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                    {"host", "here"}};
    EXPECT_TRUE(asks_for_websocket(good));
    const auto status = [](const HttpRequest& request,
                           std::vector<std::string> protocols = {"mqtt"},
                           std::vector<std::string> origins = {}) {
        const auto result = accept_websocket(request, protocols, origins);
        return result ? result->status : result.error().status;
    };
    EXPECT_EQ(status(good), 101u);
    EXPECT_EQ(status(good, {"mqttv3.1", "mqtt"}), 101u);
    EXPECT_EQ(status(good, {"other"}), 400u);
    auto wrong = good;
    wrong.headers[2].second = "http://there";
    EXPECT_EQ(status(wrong), 403u);
    EXPECT_EQ(status(wrong, {"mqtt"}, {"http://elsewhere"}), 403u);
    EXPECT_EQ(status(wrong, {"mqtt"}, {"http://there"}), 101u);
    EXPECT_EQ(status(wrong, {"mqtt"}, {"*"}), 101u);
    wrong.headers[2].first = "x-no-origin";
    EXPECT_EQ(status(wrong), 101u);
    wrong = good;
    wrong.headers[3].second = "8";
    EXPECT_EQ(status(wrong), 426u);
    wrong = good;
    wrong.headers[5].second = "short";
    EXPECT_EQ(status(wrong), 400u);
    wrong = good;
    wrong.method = "POST";
    EXPECT_EQ(status(wrong), 400u);
}

// An HTTP server on one reactor that hands WebSockets to another one, on its own thread.
struct WebSocketLoop {
    WebSocketLoop() {
        HttpSettings settings;
        settings.port = 0;
        settings.websocket_frame_bytes_limit = 10'000;
        auto opened = HttpServer::open(reactor, settings, metrics, [](HttpRequest, auto responder) {
            responder->respond({404, {}, "plain"});
        });
        server = std::move(*opened);
        server->websocket("/mqtt", "mqtt, mqttv3.1", target, [this](auto stream) {
            EXPECT_TRUE(target.on_own_thread());
            served.stream = std::move(stream);
            served.on_bytes_call = [this](BytesView bytes) { served.stream->send(bytes); };
            served.stream->start(served);
        });
        server->websocket_text("/texts", 100, target, [this](auto stream) {
            served.stream = std::move(stream);
            served.on_bytes_call = [this](BytesView bytes) { served.stream->send(bytes); };
            served.stream->start(served);
        });
        runner = std::jthread([this] { target.run(); });
        connect_tcp(reactor, "127.0.0.1", server->port(), seconds(30), [this](auto result) {
            client.stream = std::move(*result);
            client.stream->start(client);
        });
        reactor.run_until([&] { return client.stream != nullptr; });
    }
    ~WebSocketLoop() {
        target.stop();
        runner.join();
        served.stream.reset();
    }
    void send(std::string_view text) { client.stream->send(as_bytes(text)); }
    void until(std::string_view text) {
        reactor.run_until(
            [&] { return client.received.find(text) != std::string::npos || client.closed > 0; });
        EXPECT_THAT(client.received, HasSubstr(text));
    }

    Metrics metrics;
    Reactor target{"target"};
    Reactor reactor{"test"};
    std::unique_ptr<HttpServer> server;
    Probe served;
    Probe client;
    std::jthread runner;
};

TEST(WebSocketStream, lives_on_the_other_reactor_and_echoes) {
    WebSocketLoop loop;
    // The first frame comes right behind the request.
    loop.send(std::string(handshake) + frame(0x82, "early"));
    loop.until(
        "\x82\x05"
        "early");
    EXPECT_THAT(loop.client.received, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
    EXPECT_THAT(loop.client.received, HasSubstr("Sec-WebSocket-Protocol: mqtt\r\n"));
    EXPECT_THAT(loop.client.received,
                HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    loop.send(frame(0x82, std::string(9000, 'l')));
    loop.until(std::string("\x82\x7e\x23\x28", 4) + std::string(9000, 'l'));
    loop.send(frame(0x89, "ping"));
    loop.until("\x8a\x04ping");
    loop.send(frame(0x88, std::string("\x03\xe8", 2)));
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_THAT(loop.client.received, testing::EndsWith(std::string("\x88\x02\x03\xe8", 4)));
}

TEST(WebSocketStream, text_frames_close_with_1003) {
    WebSocketLoop loop;
    loop.send(std::string(handshake) + frame(0x81, "text"));
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_THAT(loop.client.received, HasSubstr("\x03\xebonly binary"));
}

TEST(WebSocketStream, text_messages_keep_their_bounds) {
    WebSocketLoop loop;
    loop.send(
        "GET /texts HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
        frame(0x81, "first") + frame(0x01, "sec") + frame(0x80, "ond"));
    loop.until(
        "\x81\x05"
        "first\x81\x06"
        "second");
    EXPECT_THAT(loop.client.received, testing::Not(HasSubstr("Sec-WebSocket-Protocol")));
    loop.send(frame(0x81, std::string(101, 'x')));
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
    EXPECT_THAT(loop.client.received, HasSubstr("\x03\xf1the frame exceeds"));
}

TEST(WebSocketStream, text_paths_check_the_origin) {
    WebSocketLoop loop;
    loop.send(
        "GET /texts HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        "Origin: http://elsewhere\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    loop.until("http.websocket_origins");
}

TEST(WebSocketStream, a_guard_refuses_and_ends) {
    WebSocketLoop loop;
    std::atomic<bool> admitted{false};
    loop.server->guard_upgrades(
        [&](const HttpRequest& request) -> std::expected<std::function<bool()>, HttpResponse> {
            if (request.header("x-who") != "anna")
                return std::unexpected(http_problem(401, "who?"));
            return [&] { return admitted.load(); };
        });
    loop.send(handshake);
    loop.until("who?");
    EXPECT_THAT(loop.client.received, StartsWith("HTTP/1.1 401"));
    std::string known(handshake);
    known.insert(known.find("Upgrade:"), "X-Who: anna\r\n");
    loop.send(known + frame(0x82, "hello"));
    loop.until(
        "\x82\x05"
        "hello");
    // It is not admitted any more when it is looked at first.
    loop.reactor.run_until([&] { return loop.client.closed == 1; });
}

TEST(WebSocketStream, other_paths_and_protocols_stay_http) {
    WebSocketLoop loop;
    loop.send("GET /other HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n");
    loop.until("plain");
    loop.send(
        "GET /mqtt HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    loop.until("subprotocol 'mqtt' must be offered");
}

}  // namespace
}  // namespace hw::io
