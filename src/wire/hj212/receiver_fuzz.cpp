#include "wire/hj212/receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/random.h"

// A hostile station. The first byte is the seed of the splits. The bytes are fed as they are, and
// once more with each line made a packet with a right CRC, so that what lies behind it is reached.
// Whole and in pieces, the same must be told.
namespace hw::hj212 {
namespace {

class Heard : public ReceiverHandler {
  public:
    void on_heard(std::string_view station) override { text += fmt::format("{};", station); }
    void on_report(const Report& report) override {
        text += fmt::format("{} {} {};", report.station, static_cast<int>(report.command),
                            report.items.size());
    }
    void on_clock_set(std::string_view station, Result<void> result) override {
        text += fmt::format("{} {};", station, result.has_value());
    }
    void on_rejected(std::string_view station, const Error& why) override {
        // How often damage is told depends on the pieces.
        if (!station.empty()) text += fmt::format("{} {};", station, why.text());
    }
    std::string text;
};

std::string run(std::string_view bytes, Random* random) {
    ManualClock clock(Time{});
    Receiver receiver({.set_clock = true, .reports_limit = 2, .report_bytes_limit = 4096}, clock);
    Heard heard;
    std::string out;
    while (!bytes.empty()) {
        const size_t piece = random != nullptr ? 1 + random->below(bytes.size()) : bytes.size();
        if (!receiver.feed(as_bytes(bytes.substr(0, piece)), heard, out)) {
            heard.text += "closed";
            break;
        }
        bytes.remove_prefix(piece);
    }
    // Each answer is a packet that we read ourselves.
    PacketReader reader;
    reader.feed(as_bytes(out));
    while (true) {
        const auto data = reader.next();
        HW_ASSERT(data.has_value());
        if (!*data) break;
        HW_ASSERT(parse_data(**data).has_value());
    }
    HW_ASSERT(reader.damaged() == 0);
    return heard.text + out;
}

void check(std::string_view bytes, uint64_t seed) {
    Random random(seed);
    const std::string whole = run(bytes, nullptr);
    const std::string pieces = run(bytes, &random);
    HW_ASSERT(whole == pieces);
}

}  // namespace
}  // namespace hw::hj212

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    hw::hj212::check(bytes, data[0]);
    std::string packets;
    while (!bytes.empty()) {
        const std::string_view line = bytes.substr(0, bytes.find('\n'));
        bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
        if (line.size() <= hw::hj212::data_bytes_limit)
            packets +=
                fmt::format("##{:04}{}{:04X}\r\n", line.size(), line, hw::hj212::crc16(line));
    }
    hw::hj212::check(packets, data[0]);
    return 0;
}
