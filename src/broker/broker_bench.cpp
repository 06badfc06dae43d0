// The broker's own cost of a message, without sockets: CPU time of parsing, routing and writing
// with fake streams. `broker_bench --benchmark_filter=fan_in`. For instruction counts:
// `valgrind --tool=callgrind broker_bench --benchmark_filter=fan_in_qos0`.

#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include <fstream>

#include "broker/probe.h"

namespace hw::broker {
namespace {

using mqtt::Version;

// Takes everything and forgets it.
class SinkStream final : public io::Stream {
  public:
    void start(io::StreamHandler& handler) override { handler_ = &handler; }
    void send(BytesView bytes) override { bytes_ += bytes.size(); }
    void send(std::string&& bytes) override { bytes_ += bytes.size(); }
    size_t queued_bytes() const override { return 0; }
    void set_reading(bool) override {}
    void close() override {}
    const std::string& peer() const override { return peer_; }
    io::StreamHandler& handler() { return *handler_; }

  private:
    io::StreamHandler* handler_ = nullptr;
    size_t bytes_ = 0;
    std::string peer_ = "sink";
};

// Keeps everything below "kept/", at no cost of its own, and is done at once.
class FreeKeeper final : public Keeper {
  public:
    uint64_t classify(std::string_view topic) override {
        return topic.starts_with("kept/") ? 1 : 0;
    }
    bool keep(uint64_t, std::string_view, BytesView, Time) override { return true; }
    void submit(Ticket ticket) override { broker->committed(ticket, {}); }
    bool overloaded() const override { return false; }
    Broker* broker = nullptr;
};

struct Stage {
    explicit Stage(Settings settings = probe::Bench::quiet())
        : broker(settings, clock, keeper, gate, metrics, "bench") {
        keeper.broker = &broker;
    }
    io::StreamHandler& connect(std::string_view id, Version version = Version::v3_1_1,
                               bool clean = true) {
        auto stream = std::make_unique<SinkStream>();
        SinkStream& sink = *stream;
        broker.open(std::move(stream));
        mqtt::Connect packet;
        packet.version = version;
        packet.client_id = id;
        packet.clean_start = clean;
        std::string bytes;
        mqtt::encode(packet, bytes);
        sink.handler().on_bytes(as_bytes(bytes));
        return sink.handler();
    }
    void subscribe(io::StreamHandler& client, std::string_view filter, int qos,
                   Version version = Version::v3_1_1) {
        const mqtt::Subscription subscription{filter, static_cast<mqtt::Qos>(qos)};
        std::string bytes;
        mqtt::encode_subscribe(mqtt::PacketId(1), std::span(&subscription, 1), {}, version, bytes);
        client.on_bytes(as_bytes(bytes));
    }

    SystemClock clock;
    FreeKeeper keeper;
    Gate gate;
    Metrics metrics;
    Broker broker;
};

constexpr int publishers = 100;
constexpr int batch = 64;

std::string publishes(std::string_view topic, size_t payload_bytes, int qos, Version version) {
    const std::string payload(payload_bytes, '7');
    std::string bytes;
    for (uint16_t i = 1; i <= batch; ++i)
        mqtt::encode(mqtt::Publish{topic, as_bytes(payload), mqtt::PacketId(qos > 0 ? i : 0),
                                   static_cast<mqtt::Qos>(qos)},
                     version, bytes);
    return bytes;
}

// 100 publishers, each with a topic of its own, 64 messages a read; one wildcard subscriber, which
// at QoS 1 acknowledges all of a round at once.
void fan_in(benchmark::State& state, int qos, Version version, std::string_view prefix,
            size_t payload_bytes, bool subscriber, bool clean = true) {
    Stage stage;
    io::StreamHandler& sink = stage.connect("sink", version, clean);
    if (subscriber) stage.subscribe(sink, "#", qos, version);
    std::vector<io::StreamHandler*> clients;
    std::vector<std::string> input;
    for (int i = 0; i < publishers; ++i) {
        clients.push_back(&stage.connect(fmt::format("p{}", i), version));
        input.push_back(
            publishes(fmt::format("{}bench/publisher/{}", prefix, i), payload_bytes, qos, version));
    }
    stage.broker.round_end();
    uint16_t next_id = 0;
    std::string acks;
    for (auto _ : state) {
        for (int i = 0; i < publishers; ++i)
            clients[static_cast<size_t>(i)]->on_bytes(as_bytes(input[static_cast<size_t>(i)]));
        stage.broker.round_end();
        if (qos == 0 || !subscriber) continue;
        acks.clear();
        for (int i = 0; i < publishers * batch; ++i) {
            next_id = static_cast<uint16_t>(next_id % 65'535 + 1);
            acks.append({'\x40', '\x02', static_cast<char>(next_id >> 8),
                         static_cast<char>(next_id & 0xff)});
        }
        sink.on_bytes(as_bytes(acks));
        stage.broker.round_end();
    }
    const double messages = static_cast<double>(state.iterations()) * publishers * batch;
    state.counters["cpu_per_message"] =
        benchmark::Counter(messages, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["delivered_share"] =
        static_cast<double>(stage.broker.figures().messages_out()) / messages;
    state.counters["dropped"] = static_cast<double>(stage.broker.figures().dropped());
}

void fan_in_qos0(benchmark::State& state) {
    fan_in(state, 0, Version::v3_1_1, "", 64, true);
}
void fan_in_qos1(benchmark::State& state) {
    fan_in(state, 1, Version::v3_1_1, "", 64, true);
}
void fan_in_qos0_v5(benchmark::State& state) {
    fan_in(state, 0, Version::v5, "", 64, true);
}
void fan_in_qos1_v5(benchmark::State& state) {
    fan_in(state, 1, Version::v5, "", 64, true);
}
void fan_in_qos1_persistent(benchmark::State& state) {
    fan_in(state, 1, Version::v3_1_1, "", 64, true, false);
}
void kept_qos1(benchmark::State& state) {
    fan_in(state, 1, Version::v3_1_1, "kept/", 8, false);
}
BENCHMARK(fan_in_qos0);
BENCHMARK(fan_in_qos1);
BENCHMARK(fan_in_qos0_v5);
BENCHMARK(fan_in_qos1_v5);
BENCHMARK(fan_in_qos1_persistent);
BENCHMARK(kept_qos1);

// One publisher, 64 messages a round to 1,000 subscribers.
void fan_out(benchmark::State& state, int qos) {
    Stage stage;
    constexpr int subscribers = 1000;
    for (int i = 0; i < subscribers; ++i)
        stage.subscribe(stage.connect(fmt::format("s{}", i)), "bench/#", qos);
    io::StreamHandler& publisher = stage.connect("p");
    const std::string input = publishes("bench/fan/out", 64, 0, Version::v3_1_1);
    stage.broker.round_end();
    for (auto _ : state) {
        publisher.on_bytes(as_bytes(input));
        stage.broker.round_end();
    }
    const double deliveries = static_cast<double>(state.iterations()) * subscribers * batch;
    state.counters["cpu_per_delivery"] =
        benchmark::Counter(deliveries, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
void fan_out_qos0(benchmark::State& state) {
    fan_out(state, 0);
}
BENCHMARK(fan_out_qos0);

// 10,000 topics in turn: what the caches of the processor no longer hold.
void many_topics(benchmark::State& state) {
    Stage stage;
    stage.subscribe(stage.connect("sink"), "#", 0);
    io::StreamHandler& publisher = stage.connect("p");
    constexpr int topics = 10'000;
    std::string input;
    const std::string payload(64, '7');
    for (int i = 0; i < topics; ++i) {
        const std::string topic = fmt::format("plant{}/area{}/point{}", i % 7, i % 31, i);
        mqtt::encode(mqtt::Publish{topic, as_bytes(payload)}, Version::v3_1_1, input);
    }
    stage.broker.round_end();
    for (auto _ : state) {
        publisher.on_bytes(as_bytes(input));
        stage.broker.round_end();
    }
    state.counters["cpu_per_message"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * topics,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(many_topics);

size_t resident_bytes() {
    size_t total = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * 4096;
}

// 100,000 connections at rest, with the fake stream's 100 bytes; each with one subscription or
// none.
void idle_connections(benchmark::State& state) {
    constexpr int count = 100'000;
    for (auto _ : state) {
        Stage stage;
        const size_t before = resident_bytes();
        for (int i = 0; i < count; ++i) {
            io::StreamHandler& client = stage.connect(fmt::format("device-{:06}", i));
            if (state.range(0) != 0) stage.subscribe(client, fmt::format("device/{}/set", i), 1);
            if (i % 100 == 0) stage.broker.round_end();
        }
        stage.broker.round_end();
        state.counters["bytes_each"] =
            static_cast<double>(resident_bytes() - before) / static_cast<double>(count);
    }
}
BENCHMARK(idle_connections)->Arg(0)->Arg(1)->Iterations(1);

}  // namespace
}  // namespace hw::broker
