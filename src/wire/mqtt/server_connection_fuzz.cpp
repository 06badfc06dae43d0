#include "wire/mqtt/server_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/random.h"

// The first byte is the seed of the splits and of the answers; the rest is what a client sends.
// Fed whole or in pieces, the connection must tell and answer the same.
namespace hw::mqtt {
namespace {

// Writes down all it is told and answers as a broker would.
class Broker : public ServerHandler {
  public:
    explicit Broker(const ServerLimits& limits) : connection(limits, Time{0}) {}

    void on_connect(const Connect& p) override {
        told += fmt::format("C{}{}\n", p.client_id, p.keep_alive_s);
        connection.accept({.session_present = !p.clean_start}, out);
    }
    void on_publish(const Publish& p) override {
        HW_ASSERT(valid_topic_name(p.topic));
        told += fmt::format("P{} {} {}\n", p.topic, as_text(p.payload), p.packet_id.value());
        for (const Property& property : p.properties)
            told += fmt::format("{}", property.text);
        if (p.qos == Qos::at_least_once) connection.puback(p.packet_id, out);
        if (p.qos == Qos::exactly_once) connection.pubrec(p.packet_id, out);
        PropertyList properties;
        properties.copy(p.properties, hop_properties);
        Publish echo = p;
        echo.properties = properties.view();
        connection.publish(echo, out);
    }
    void on_ack(const Ack& p) override {
        told += fmt::format("A{}{}\n", static_cast<int>(p.type), p.packet_id.value());
        if (p.type == PacketType::pubrel) connection.pubcomp(p.packet_id, out);
        if (p.type == PacketType::pubrec) connection.pubrel(p.packet_id, out);
    }
    void on_subscribe(const Subscribe& p) override {
        std::string reasons;
        for (const Subscription& s : p.subscriptions) {
            HW_ASSERT(valid_topic_filter(s.filter));
            told += fmt::format("S{}{}\n", s.filter, static_cast<int>(s.qos));
            reasons.push_back(static_cast<char>(s.qos));
        }
        connection.suback(p.packet_id,
                          {reinterpret_cast<const Reason*>(reasons.data()), reasons.size()}, out);
    }
    void on_unsubscribe(const Unsubscribe& p) override {
        told += fmt::format("U{}\n", p.packet_id.value());
    }
    void on_disconnect(const Disconnect& p) override {
        told += fmt::format("D{}\n", static_cast<int>(p.reason));
    }
    void on_auth(const Auth& p) override {
        told += fmt::format("X{}\n", static_cast<int>(p.reason));
    }
    void on_protocol_error(const ProtocolError& e) override {
        HW_ASSERT(failed(e.reason) && connection.closed());
        told += fmt::format("E{}{}\n", static_cast<int>(e.reason), e.why);
    }

    void feed(std::string_view bytes) { connection.feed(as_bytes(bytes), Time{0}, *this, out); }

    ServerConnection connection;
    std::string told;
    std::string out;
};

// Whatever we send must be packets that parse.
void check_output(const Broker& broker) {
    std::string_view bytes = broker.out;
    while (!bytes.empty()) {
        const FrameResult next =
            next_packet(bytes, remaining_length_max + 5, broker.connection.version());
        HW_ASSERT(next.framing == Framing::complete);
        bytes.remove_prefix(next.frame.size);
    }
}

}  // namespace
}  // namespace hw::mqtt

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const hw::mqtt::ServerLimits limits{
        .packet_bytes_max = 4096, .receive_maximum = 3, .topic_alias_maximum = 3};
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    hw::mqtt::Broker whole(limits);
    whole.feed(bytes);
    hw::mqtt::check_output(whole);

    hw::mqtt::Broker pieces(limits);
    hw::Random random(data[0]);
    for (std::string_view rest = bytes; !rest.empty();) {
        const size_t take = std::min<size_t>(rest.size(), random.below(40));
        pieces.feed(std::string(rest.substr(0, take)));  // a copy, so that a stale view is seen
        rest.remove_prefix(take);
    }
    HW_ASSERT(pieces.told == whole.told);
    HW_ASSERT(pieces.out == whole.out);
    HW_ASSERT(pieces.connection.closed() == whole.connection.closed());
    return 0;
}
