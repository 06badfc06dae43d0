#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "ingest/batch_message.h"

// Any bytes as a payload, and as columns alone (without zstd in the way). What decodes must encode
// to what decodes the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using hw::as_bytes;
    using hw::ByteReader;
    using hw::BytesView;
    using hw::ingest::BatchReader;
    namespace ingest = hw::ingest;
    namespace model = hw::model;
    static BatchReader reader;
    static ingest::ColumnsReader columns;
    static ingest::ColumnsWriter writer;
    const BytesView bytes(reinterpret_cast<const std::byte*>(data), size);
    const BatchReader::Limits limits{.body_bytes = 1 << 20, .points = 1000, .columns = {}};
    if (const auto paths = reader.open(bytes, limits)) {
        std::vector<uint32_t> ids((*paths)->size());
        model::SampleBatch out;
        [[maybe_unused]] const auto taken = reader.rows(ids, limits, out);
    }

    std::vector<uint32_t> ids;
    for (uint32_t i = 0; i < 300; ++i)
        ids.push_back(i);
    ByteReader in(bytes);
    model::SampleBatch batch;
    if (!columns.read(in, ids, limits.columns, batch)) {
        HW_ASSERT(batch.empty());
        return 0;
    }
    std::vector<uint32_t> indices;
    for (const auto point : batch.points())
        indices.push_back(point.value());
    std::string again;
    writer.write(batch, 0, batch.size(), indices, again);
    ByteReader second(as_bytes(again));
    model::SampleBatch copy;
    HW_ASSERT(columns.read(second, ids, limits.columns, copy).has_value() && second.at_end());
    HW_ASSERT(copy.times_ns() == batch.times_ns() && copy.points() == batch.points());
    HW_ASSERT(copy.types() == batch.types() && copy.qualities() == batch.qualities());
    for (size_t i = 0; i < batch.size(); ++i) {
        const bool text = batch.types()[i] >= model::ValueType::text;
        HW_ASSERT(text ? copy.text(i) == batch.text(i) : copy.values()[i] == batch.values()[i]);
    }
    return 0;
}
