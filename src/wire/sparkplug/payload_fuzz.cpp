#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "wire/sparkplug/payload.h"
#include "wire/sparkplug/value.h"

namespace hw::sparkplug {

namespace {

void try_values(const Metric& metric) {
    for (uint32_t i = 0; i < data_type_count; ++i) {
        const auto type = static_cast<DataType>(i);
        const auto value = read_value(type, metric.value);
        if (!value) continue;
        // What was read can be written, and then reads the same.
        const auto wire = write_value(type, *value);
        HW_ASSERT(wire.has_value());
        const auto again = read_value(type, *wire);
        HW_ASSERT(again.has_value());
        const bool is_set = std::holds_alternative<DataSet>(*value);
        const bool is_template = std::holds_alternative<Template>(*value);
        const auto point = point_value(*value);
        HW_ASSERT(point.has_value() != is_template);
        // NaN differs from itself, and so may what holds one.
        HW_ASSERT(*again == *value || *value != *value || is_set || is_template);
    }
    if (const auto* instance = std::get_if<Template>(&metric.value))
        for (const Metric& member : instance->metrics)
            try_values(member);
}

}  // namespace

// Any bytes: decoded within the limits or refused with a reason; what was decoded is encoded to
// bytes that decode to the same bytes again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const BytesView bytes = {reinterpret_cast<const std::byte*>(data), size};
    const Limits limits{.payload_bytes = 4096, .metrics = 50, .fields = 500, .depth = 8};
    const auto payload = decode(bytes, limits);
    if (!payload) {
        HW_ASSERT(!payload.error().text().empty());
        return 0;
    }
    HW_ASSERT(payload->metrics.size() <= limits.metrics);
    const std::string once = encode(*payload);
    const auto again = decode(as_bytes(once), {});
    HW_ASSERT(again.has_value());
    HW_ASSERT(encode(*again) == once);
    for (const Metric& metric : payload->metrics)
        try_values(metric);
    return 0;
}

}  // namespace hw::sparkplug
