#include "wire/mqtt/server_connection.h"

#include <benchmark/benchmark.h>

#include <string>

// The cost of taking in PUBLISH packets of 64 bytes of payload: framing, parsing, checks, hand-over
// and, at QoS 1, the acknowledgement. Instructions per message:
//   valgrind --tool=callgrind --toggle-collect='hw::mqtt::ServerConnection::feed*' <this>
// (the total divided by the messages of all rounds).
namespace hw::mqtt {
namespace {

constexpr int messages_per_read = 1'000;

class Sink : public ServerHandler {
  public:
    void on_connect(const Connect&) override { connection->accept({}, *out); }
    void on_publish(const Publish& packet) override {
        bytes += packet.topic.size() + packet.payload.size();
        if (packet.qos == Qos::at_least_once) connection->puback(packet.packet_id, *out);
    }
    void on_ack(const Ack&) override {}
    void on_subscribe(const Subscribe&) override {}
    void on_unsubscribe(const Unsubscribe&) override {}
    void on_disconnect(const Disconnect&) override {}
    void on_auth(const Auth&) override {}
    void on_protocol_error(const ProtocolError&) override {}

    ServerConnection* connection = nullptr;
    std::string* out = nullptr;
    size_t bytes = 0;
};

void feed(benchmark::State& state, Version version, Qos qos) {
    const ServerLimits limits;
    ServerConnection connection(limits, Time{0});
    std::string out;
    Sink sink;
    sink.connection = &connection;
    sink.out = &out;
    std::string bytes;
    encode(Connect{.version = version, .client_id = "bench"}, bytes);
    connection.feed(as_bytes(bytes), Time{0}, sink, out);
    bytes.clear();
    const std::string payload(64, '7');
    for (int i = 0; i < messages_per_read; ++i)
        encode(Publish{.topic = "bluewater/plant1/filter3/turbidity",
                       .payload = as_bytes(payload),
                       .packet_id = PacketId{static_cast<uint16_t>(i + 1)},
                       .qos = qos},
               version, bytes);
    for (auto _ : state) {
        out.clear();
        connection.feed(as_bytes(bytes), Time{0}, sink, out);
        benchmark::DoNotOptimize(sink.bytes);
    }
    state.SetItemsProcessed(state.iterations() * messages_per_read);
}

void deliver(benchmark::State& state) {
    const std::string payload(64, '7');
    PublishImage image;
    image.assign({.topic = "bluewater/plant1/filter3/turbidity",
                  .payload = as_bytes(payload),
                  .packet_id = PacketId{1},
                  .qos = Qos::at_least_once},
                 Version::v3_1_1);
    std::string out;
    for (auto _ : state) {
        out.clear();
        for (int i = 0; i < messages_per_read; ++i)
            image.append(PacketId{static_cast<uint16_t>(i + 1)}, false, false, out);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(state.iterations() * messages_per_read);
}

BENCHMARK_CAPTURE(feed, v3_qos_0, Version::v3_1_1, Qos::at_most_once);
BENCHMARK_CAPTURE(feed, v3_qos_1, Version::v3_1_1, Qos::at_least_once);
BENCHMARK_CAPTURE(feed, v5_qos_0, Version::v5, Qos::at_most_once);
BENCHMARK_CAPTURE(feed, v5_qos_1, Version::v5, Qos::at_least_once);
BENCHMARK(deliver);

}  // namespace
}  // namespace hw::mqtt
