#include "gateway/s7/device.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/assert.h"
#include "base/clock.h"
#include "base/random.h"

// The first byte is the seed of the splits; the rest is what a device sends while a group is polled
// and tags are written. Each poll and each request is answered exactly once, whatever comes.
namespace hw::gateway::s7 {
namespace {

class Host final : public DriverHost {
  public:
    const Clock& clock() const override { return manual; }
    void send(ConnectionId, std::string) override {}
    void close(ConnectionId, Error) override { closed = true; }
    void value(TagIndex tag, const model::Value&, model::Quality, std::optional<Time>) override {
        HW_ASSERT(tag.value() < 40);
        HW_ASSERT(++tells <= 40);
    }
    void failed(TagIndex tag, model::Quality, const Error&) override {
        HW_ASSERT(tag.value() < 40);
        HW_ASSERT(++tells <= 40);
    }
    void polled(GroupIndex) override {
        HW_ASSERT(polling);
        polling = false;
        tells = 0;
    }
    void answered(RequestId request, Result<model::Value>) override {
        HW_ASSERT(open.erase(request.value()) == 1);
    }
    void unit(std::string_view, const UnitReport&) override {}

    ManualClock manual{Time{0}};
    bool closed = false;
    bool polling = false;
    int tells = 0;
    std::unordered_set<uint64_t> open;
};

void run(uint8_t seed, std::string_view bytes) {
    Host host;
    Device device({}, host);
    DriverGroup group{seconds(1), {}};
    for (uint32_t i = 0; i < 40; ++i) {
        const std::string address =
            "DB" + std::to_string(1 + i % 3) + ".DBB" + std::to_string(i * 9);
        group.tags.push_back({TagIndex(i),
                              i % 10 == 0 ? address + ".200" : address,
                              i % 10 == 0 ? TagType::string : TagType::float32,
                              {}});
    }
    device.configure(std::span(&group, 1));
    device.connected(ConnectionId(1), "");
    Random random(seed);
    uint64_t last = 0;
    while (!bytes.empty() && !host.closed) {
        if (!host.polling) {
            host.polling = true;
            device.poll(GroupIndex(0));
        }
        if (random.chance(0.2)) {
            host.open.insert(++last);
            device.write(RequestId(last), group.tags[1], 1.5);
            host.open.insert(++last);
            device.read(RequestId(last), group.tags[10]);
        }
        const std::string piece(bytes.substr(0, 1 + random.below(60)));
        bytes.remove_prefix(piece.size());
        device.received(ConnectionId(1), as_bytes(piece));
    }
    for (int s = 0; s < 20 && device.deadline(); ++s) {
        host.manual.advance(seconds(1));
        device.tick();
    }
    if (!host.closed) device.disconnected(ConnectionId(1), Error(ErrorCode::io_failed, "gone"));
    HW_ASSERT(!host.polling && host.open.empty());
}

}  // namespace
}  // namespace hw::gateway::s7

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    hw::gateway::s7::run(data[0], {reinterpret_cast<const char*>(data + 1), size - 1});
    return 0;
}
