#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "broker/broker.h"
#include "wire/mqtt/codec.h"

// For tests, benches and fuzzers of this room: the other ends of a broker, without I/O.
namespace hw::broker::probe {

// What a fake stream and its test share; outlives the stream.
struct Line {
    io::StreamHandler* handler = nullptr;
    std::string sent;         // by the broker, not yet read by the test
    size_t queued_bytes = 0;  // what a jammed socket holds
    size_t sends = 0;
    bool reading = true;
    bool closed = false;  // by the broker
    bool jammed = false;  // sent bytes count as queued
};

class FakeStream final : public io::Stream {
  public:
    explicit FakeStream(std::shared_ptr<Line> line) : line_(std::move(line)) {}
    ~FakeStream() override { line_->handler = nullptr; }
    void start(io::StreamHandler& handler) override { line_->handler = &handler; }
    void send(BytesView bytes) override {
        ++line_->sends;
        line_->sent.append(as_text(bytes));
        if (line_->jammed) line_->queued_bytes += bytes.size();
    }
    void send(std::string&& bytes) override { send(as_bytes(bytes)); }
    size_t queued_bytes() const override { return line_->queued_bytes; }
    void set_reading(bool on) override { line_->reading = on; }
    void close() override { line_->closed = true; }
    const std::string& peer() const override { return peer_; }

  private:
    std::shared_ptr<Line> line_;
    std::string peer_ = "probe:1";
};

// Keeps every topic that starts with "kept/", and is committed when the test says so.
class FakeKeeper final : public Keeper {
  public:
    uint64_t classify(std::string_view topic) override {
        return topic.starts_with("kept/") ? 7 : 0;
    }
    bool keep(uint64_t plan, std::string_view topic, BytesView payload, Time received) override {
        HW_ASSERT(plan == 7);
        if (as_text(payload) == "undecodable") return false;
        kept.emplace_back(topic, as_text(payload));
        times.push_back(received);
        return true;
    }
    void submit(Ticket ticket) override { submitted.push_back(ticket); }
    bool overloaded() const override { return jam; }

    std::vector<std::pair<std::string, std::string>> kept;
    std::vector<Time> times;
    std::deque<Ticket> submitted;
    bool jam = false;
};

// A packet that the broker sent, owned.
struct Packet {
    mqtt::PacketType type = mqtt::PacketType::pingresp;
    std::string topic;
    std::string payload;
    uint16_t id = 0;
    int qos = 0;
    bool retain = false;
    bool dup = false;
    bool session_present = false;
    mqtt::Reason reason = mqtt::Reason::success;
    std::string reasons;
    std::string property_bytes;
    uint64_t property_bits = 0;

    mqtt::Properties properties() const { return {property_bytes, property_bits}; }
};

class Bench;

// One client, of either version.
class Client {
  public:
    Client(Bench& b, mqtt::Version v);

    struct Options {
        std::string_view id = "c";
        bool clean = true;
        uint16_t keep_alive_s = 0;
        std::optional<mqtt::Will> will = {};
        mqtt::Properties properties = {};
    };
    // Each of these ends the round.
    void connect(const Options& options);
    void subscribe(std::string_view filter, int qos = 0) {
        subscribe(mqtt::Subscription{filter, static_cast<mqtt::Qos>(qos)});
    }
    void subscribe(const mqtt::Subscription& subscription, uint32_t identifier = 0);
    void unsubscribe(std::string_view filter);
    void publish(const mqtt::Publish& packet);
    void publish(std::string_view topic, std::string_view payload, int qos = 0, uint16_t id = 0,
                 bool retain = false);
    void ack(mqtt::PacketType type, uint16_t id, mqtt::Reason reason = mqtt::Reason::success);
    void disconnect(mqtt::Reason reason = mqtt::Reason::success, mqtt::Properties properties = {});
    void send(std::string_view bytes);
    // The connection is lost.
    void lose();

    // What the broker has sent since the last call.
    std::vector<Packet> read();
    // The payloads of the PUBLISHes among it.
    std::vector<std::string> payloads();

    Bench* bench;
    mqtt::Version version;
    std::shared_ptr<Line> line = std::make_shared<Line>();

  private:
    Packet decode(const mqtt::Frame& frame);
};

// A broker with its surroundings.
class Bench {
  public:
    explicit Bench(Settings settings = quiet()) {
        broker = std::make_unique<Broker>(settings, clock, keeper, gate, metrics, "1");
    }
    static Settings quiet() {
        Settings settings;
        settings.sys_interval = Duration{};
        return settings;
    }
    std::shared_ptr<Line> open() {
        auto line = std::make_shared<Line>();
        broker->open(std::make_unique<FakeStream>(line));
        return line;
    }
    void advance(Duration by) {
        clock.advance(by);
        broker->tick();
        broker->round_end();
    }
    // Answers everything that was handed over.
    void commit(const Result<void>& result = {}) {
        while (!keeper.submitted.empty()) {
            const Ticket ticket = keeper.submitted.front();
            keeper.submitted.pop_front();
            broker->committed(ticket, result);
        }
        broker->round_end();
    }

    ManualClock clock{Time{1'700'000'000'000'000'000}};
    FakeKeeper keeper;
    Gate gate;
    Metrics metrics;
    std::unique_ptr<Broker> broker;
};

inline Client::Client(Bench& b, mqtt::Version v) : bench(&b), version(v) {}

inline void Client::send(std::string_view bytes) {
    if (line->handler != nullptr && !line->closed) line->handler->on_bytes(as_bytes(bytes));
    bench->broker->round_end();
}

inline void Client::connect(const Options& options) {
    line = bench->open();
    mqtt::Connect packet;
    packet.version = version;
    packet.client_id = options.id;
    packet.clean_start = options.clean;
    packet.keep_alive_s = options.keep_alive_s;
    packet.will = options.will;
    packet.properties = options.properties;
    std::string bytes;
    mqtt::encode(packet, bytes);
    send(bytes);
}

inline void Client::subscribe(const mqtt::Subscription& subscription, uint32_t identifier) {
    mqtt::PropertyList list;
    if (identifier != 0) list.number(mqtt::PropertyId::subscription_identifier, identifier);
    std::string bytes;
    mqtt::encode_subscribe(mqtt::PacketId(9), std::span(&subscription, 1), list.view(), version,
                           bytes);
    send(bytes);
}

inline void Client::unsubscribe(std::string_view filter) {
    std::string bytes;
    mqtt::encode_unsubscribe(mqtt::PacketId(9), std::span(&filter, 1), {}, version, bytes);
    send(bytes);
}

inline void Client::publish(const mqtt::Publish& packet) {
    std::string bytes;
    mqtt::encode(packet, version, bytes);
    send(bytes);
}

inline void Client::publish(std::string_view topic, std::string_view payload, int qos, uint16_t id,
                            bool retain) {
    publish(mqtt::Publish{topic, as_bytes(payload), mqtt::PacketId(id), static_cast<mqtt::Qos>(qos),
                          retain});
}

inline void Client::ack(mqtt::PacketType type, uint16_t id, mqtt::Reason reason) {
    std::string bytes;
    mqtt::encode(mqtt::Ack{type, mqtt::PacketId(id), reason}, version, bytes);
    send(bytes);
}

inline void Client::disconnect(mqtt::Reason reason, mqtt::Properties properties) {
    std::string bytes;
    if (version == mqtt::Version::v5)
        mqtt::encode(mqtt::Disconnect{reason, properties}, version, bytes);
    else
        bytes = std::string("\xe0\0", 2);
    send(bytes);
    lose();
}

inline void Client::lose() {
    if (line->handler != nullptr) line->handler->on_closed(Error(ErrorCode::cancelled, ""));
    bench->broker->round_end();
}

inline Packet Client::decode(const mqtt::Frame& frame) {
    using enum mqtt::PacketType;
    Packet packet;
    packet.type = frame.type;
    const auto take = [&](const mqtt::Properties& properties) {
        packet.property_bytes = properties.raw();
        packet.property_bits = properties.present();
    };
    if (frame.type == publish) {
        const auto parsed = mqtt::parse_publish(frame, version).value();
        packet.topic = parsed.topic;
        packet.payload = as_text(parsed.payload);
        packet.id = parsed.packet_id.value();
        packet.qos = static_cast<int>(parsed.qos);
        packet.retain = parsed.retain;
        packet.dup = parsed.dup;
        take(parsed.properties);
    } else if (frame.type == connack) {
        const auto parsed = mqtt::parse_connack(frame, version).value();
        packet.session_present = parsed.session_present;
        packet.reason = parsed.reason;
        take(parsed.properties);
    } else if (frame.type == suback || frame.type == unsuback) {
        const auto parsed = mqtt::parse_suback(frame, version).value();
        packet.id = parsed.packet_id.value();
        packet.reasons = as_text(parsed.reasons);
    } else if (frame.type == disconnect) {
        packet.reason = mqtt::parse_disconnect(frame, version).value().reason;
    } else if (frame.type != pingresp) {
        const auto parsed = mqtt::parse_ack(frame, version).value();
        packet.id = parsed.packet_id.value();
        packet.reason = parsed.reason;
    }
    return packet;
}

inline std::vector<Packet> Client::read() {
    std::vector<Packet> packets;
    std::string_view rest = line->sent;
    while (!rest.empty()) {
        const mqtt::FrameResult next = mqtt::next_packet(rest, 1 << 28, version);
        HW_ASSERT(next.framing == mqtt::Framing::complete);
        packets.push_back(decode(next.frame));
        rest.remove_prefix(next.frame.size);
    }
    line->sent.clear();
    return packets;
}

inline std::vector<std::string> Client::payloads() {
    std::vector<std::string> payloads;
    for (Packet& packet : read())
        if (packet.type == mqtt::PacketType::publish) payloads.push_back(std::move(packet.payload));
    return payloads;
}

}  // namespace hw::broker::probe
