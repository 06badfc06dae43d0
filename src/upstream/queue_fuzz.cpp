#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "upstream/commands.h"
#include "upstream/queue_record.h"
#include "upstream/queue_state.h"

// Any bytes as a segment (behind a sound header too), as a record and a state whose checks hold, as
// a state file and as an edge's reply.
namespace {

void read_all(std::string content, uint64_t number) {
    auto reader = hw::upstream::SegmentReader::open(std::move(content), number);
    if (!reader) return;
    bool skipped = false;
    while (const auto head = reader->next(skipped)) {
        hw::model::SampleBatch rows;
        const auto count = reader->rows(rows);
        HW_ASSERT(!count || *count == rows.size());
        for (const auto point : rows.points())
            HW_ASSERT(point.value() < reader->paths().size());
    }
}

std::string record_of(const std::string& payload, uint64_t segment) {
    std::string out;
    hw::ByteWriter writer(out);
    writer.text("HWUR");
    writer.little(static_cast<uint32_t>(payload.size()));
    writer.little(XXH3_64bits_withSeed(payload.data(), payload.size(), segment));
    writer.text(payload);
    return out;
}

void read_state(const std::string& bytes) {
    const auto state = hw::upstream::decode_state(hw::as_bytes(bytes));
    if (!state) return;
    const std::string again = hw::upstream::encode_state(*state);
    HW_ASSERT(hw::upstream::decode_state(hw::as_bytes(again)) == *state);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    read_all(bytes, 1);
    std::string behind;
    hw::upstream::write_segment_header(behind, {7, 1});
    read_all(behind + bytes, 7);
    read_all(behind + record_of(bytes, 7) + record_of(bytes, 7), 7);
    read_state(bytes);
    std::string summed = "HWUPST01" + bytes;
    hw::ByteWriter(summed).little(XXH3_64bits(summed.data(), summed.size()));
    read_state(summed);
    [[maybe_unused]] const auto reply = hw::upstream::decode_reply(hw::as_bytes(bytes));
    return 0;
}
