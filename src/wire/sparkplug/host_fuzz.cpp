#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "wire/sparkplug/edge.h"
#include "wire/sparkplug/host.h"

namespace hw::sparkplug {

namespace {

class Ears final : public HostOutput, public EdgeOutput {
  public:
    void sample(const HostSample& one) override {
        HW_ASSERT(!one.path.empty());
        one.point = 1;
    }
    void unit(std::string_view path, uint32_t&, std::string_view text) override {
        HW_ASSERT(!path.empty() && !text.empty());
    }
    void state(const NodeState& one) override { HW_ASSERT(!one.edge.empty()); }
    void publish(std::string topic, std::string payload, uint8_t, bool) override {
        const auto parsed = parse_topic(topic);
        HW_ASSERT(parsed.has_value());
        if (parsed->verb != Verb::state) HW_ASSERT(decode(as_bytes(payload)).has_value());
    }
    void write(uint32_t, const PointValue&) override {}
    void disconnect() override {}
};

// A payload by the next bytes: mostly a good one, so that sessions come about.
Payload payload_of(ByteReader& reader, uint64_t ms) {
    Payload payload{.timestamp = ms, .seq = reader.u8()};
    const unsigned count = reader.u8() % 4;
    for (unsigned i = 0; i < count; ++i) {
        const uint8_t kind = reader.u8();
        Metric metric;
        if ((kind & 1) != 0) metric.name = std::string(1, static_cast<char>('a' + kind % 5));
        if ((kind & 2) != 0) metric.alias = kind % 7;
        if ((kind & 4) != 0) metric.timestamp = ms - kind;
        metric.is_historical = (kind & 8) != 0;
        metric.is_null = (kind & 16) != 0;
        if ((kind & 32) != 0) {
            metric.datatype = DataType::template_type;
            Template instance;
            instance.metrics.push_back({.name = "m", .datatype = DataType::boolean, .value = true});
            metric.value = std::move(instance);
        } else {
            metric.datatype = DataType::int32;
            metric.value = uint32_t{kind};
        }
        payload.metrics.push_back(std::move(metric));
    }
    if (reader.u8() % 2 == 0)
        payload.metrics.push_back(
            {.name = "bdSeq", .datatype = DataType::int64, .value = uint64_t{reader.u8() % 3u}});
    return payload;
}

}  // namespace

// Any run of messages of a few nodes and devices, good and bad, with time going by: the figures
// stay within the limits, and nothing that is held is forgotten.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ByteReader reader({reinterpret_cast<const std::byte*>(data), size});
    Ears ears;
    HostSettings settings;
    settings.nodes_limit = 3;
    settings.metrics_limit = 12;
    settings.held_messages_limit = 4;
    Host host(settings, ears);
    Edge edge({.group_id = "a", .edge_node_id = "a", .primary_host = "headworks"}, ears);
    HW_ASSERT(edge.add({.name = "a", .type = DataType::int32, .writable = true}).has_value());
    edge.will({});
    Now now{Time{1'700'000'000'000'000'000}, Time{}};
    host.start(now);
    edge.connected(now);
    const auto send = [&](std::string_view topic, std::string_view bytes) {
        host.message(topic, as_bytes(bytes), now);
        edge.message(topic, as_bytes(bytes), now);
    };
    while (!reader.at_end()) {
        const uint8_t step = reader.u8();
        const auto passed = milliseconds(reader.u8() * 40);
        now = {now.wall + passed, now.monotonic + passed};
        constexpr std::string_view edges = "abcd";
        const Topic topic{static_cast<Verb>(step % 9), "a", edges.substr(step / 9 % 4, 1),
                          edges.substr(step / 36 % 3, 1)};
        const auto ms = static_cast<uint64_t>(now.wall.ns / 1'000'000);
        if (step >= 250) {
            send(format_topic(topic), reader.text(reader.u8() % (reader.remaining() + 1)));
        } else {
            send(format_topic(topic), encode(payload_of(reader, ms)));
        }
        if (step % 5 == 0) host.tick(now);
        if (step % 7 == 0) static_cast<void>(host.command("a/a/a", int64_t{step}, now));
        edge.flush(now);
        const HostFigures& f = host.figures();
        HW_ASSERT(f.nodes <= settings.nodes_limit && f.metrics <= settings.metrics_limit);
        HW_ASSERT(f.nodes_online <= f.nodes && f.held <= 5 * f.nodes);
    }
    // Once time has passed, nothing waits any more.
    now = {now.wall + seconds(60), now.monotonic + seconds(60)};
    host.tick(now);
    HW_ASSERT(host.figures().held == 0);
    return 0;
}

}  // namespace hw::sparkplug
