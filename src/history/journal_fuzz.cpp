#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "history/journal_record.h"
#include "history/sealed_state.h"

// Any bytes as a segment, and as the bodies of records. What decodes must encode to what decodes
// the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using hw::history::decode_sealed_state;
    using hw::history::read_points;
    using hw::history::read_samples;
    using hw::history::read_segment_header;
    using hw::history::RecordReader;
    using hw::history::write_samples_record;
    using hw::history::write_segment_header;
    const hw::BytesView bytes(reinterpret_cast<const std::byte*>(data), size);
    [[maybe_unused]] const auto header = read_segment_header(bytes);
    [[maybe_unused]] const auto state = decode_sealed_state(bytes);
    [[maybe_unused]] const auto points = read_points(bytes);

    RecordReader reader(bytes, header ? header->number : 1);
    bool skipped = false;
    while (const auto record = reader.next(skipped)) {
        hw::model::SampleBatch inner;
        [[maybe_unused]] const auto read = read_samples(record->body, inner);
    }

    hw::model::SampleBatch batch;
    if (!read_samples(bytes, batch)) return 0;
    std::string segment;
    write_segment_header(segment, {1, 1, 1});
    write_samples_record(segment, {1, 1, 0}, batch);
    RecordReader again(hw::as_bytes(segment), 1);
    const auto record = again.next(skipped);
    HW_ASSERT(record.has_value() && !skipped);
    hw::model::SampleBatch copy;
    HW_ASSERT(read_samples(record->body, copy).has_value());
    HW_ASSERT(copy.times_ns() == batch.times_ns() && copy.points() == batch.points());
    HW_ASSERT(copy.types() == batch.types() && copy.qualities() == batch.qualities());
    return 0;
}
