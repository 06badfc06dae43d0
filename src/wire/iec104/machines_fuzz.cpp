#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/random.h"
#include "wire/iec104/test_station.h"

// The first byte chooses the side and is the seed of the splits; the rest is what the peer sends.
// Between the pieces time passes and orders are given. Every order is answered exactly once.
namespace hw::iec104 {
namespace {

constexpr LinkSettings small{.k = 3, .w = 2, .queue_limit = 4};

void attack_client(std::string_view bytes, Random& random) {
    ManualClock clock(Time{});
    Client client(
        {.link = small, .counter_interval = seconds(7), .clock_at_start = true, .orders_limit = 5},
        clock);
    HeardByClient heard;
    std::string out;
    const std::vector<uint16_t> stations = {1, 2};
    client.set_stations(stations, out);
    client.connected(out);
    uint64_t orders = 0;
    // So that most inputs get beyond the start.
    std::string fed;
    write_unnumbered(Function::start_confirm, fed);
    fed.append(bytes);
    bytes = fed;
    while (!bytes.empty()) {
        const size_t piece = 1 + random.below(bytes.size());
        if (!client.feed(as_bytes(bytes.substr(0, piece)), heard, out)) break;
        bytes.remove_prefix(piece);
        Command command{.object_address = static_cast<uint32_t>(random.below(3)),
                        .element = Switching{.state = 1},
                        .select_first = random.chance(0.5)};
        if (client.command(OrderId{orders}, command, out)) ++orders;
        if (client.read(OrderId{orders}, 1, command.object_address, out)) ++orders;
        clock.advance(milliseconds(static_cast<int64_t>(random.below(4000))));
        if (!client.tick(heard, out)) break;
        heard.text.clear();
        out.clear();
    }
    client.disconnected(Error(ErrorCode::unavailable, "gone"), heard);
    HW_ASSERT(heard.answers.size() == orders);
    for (const auto& [id, count] : heard.answers)
        HW_ASSERT(count == 1);
}

void attack_server(std::string_view bytes, Random& random) {
    ManualClock clock(Time{});
    Server server({.link = small, .selects_limit = 2, .answers_limit = 2}, clock);
    TestStations stations;
    stations.measured = 300;
    std::string out;
    server.connected();
    std::string fed;
    write_unnumbered(Function::start_activate, fed);
    fed.append(bytes);
    bytes = fed;
    while (!bytes.empty()) {
        const size_t piece = 1 + random.below(bytes.size());
        if (!server.feed(as_bytes(bytes.substr(0, piece)), stations, out)) break;
        bytes.remove_prefix(piece);
        const Object object{.address = 1, .element = Single{true}, .quality = {}, .time = {}};
        (void)server.report(1, TypeId::m_sp_na, {&object, 1}, Cause::spontaneous, out);
        clock.advance(milliseconds(static_cast<int64_t>(random.below(4000))));
        if (!server.tick(out)) break;
        out.clear();
        stations.text.clear();
    }
}

}  // namespace
}  // namespace hw::iec104

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    hw::Random random(data[0]);
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    if ((data[0] & 1) == 0)
        hw::iec104::attack_client(bytes, random);
    else
        hw::iec104::attack_server(bytes, random);
    return 0;
}
