#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "ingest/ingest.h"
#include "model/point_path.h"

// The first byte chooses the decoder, the rest is the payload. A message gives samples or a reason;
// every point has a legal path; the second time nothing is other than the first.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using hw::ingest::Decoded;
    using hw::ingest::Decoder;
    using hw::ingest::Ingest;
    using hw::ingest::Reason;
    if (size == 0) return 0;
    hw::ingest::Settings settings;
    settings.depth_limit = 6;
    settings.members_limit = 64;
    settings.text_bytes_limit = 256;
    settings.cache_nodes_limit = 50;
    settings.rules.clear();
    for (const auto decoder : {Decoder::automatic, Decoder::scalar, Decoder::json, Decoder::neuron,
                               Decoder::line_protocol})
        settings.rules.push_back(
            {.filter = std::to_string(settings.rules.size()), .decoder = decoder});
    hw::Metrics metrics;
    hw::model::PointDirectory points(100);
    Ingest ingest(settings, points, metrics);
    const auto topic = std::to_string(data[0] % settings.rules.size());
    const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto plan = ingest.classify(topic);
    Decoded first;
    Decoded second;
    const auto reason = ingest.decode(plan, topic, hw::as_bytes(payload), hw::Time{7}, first);
    HW_ASSERT((reason == Reason::none) == !first.batch.empty());
    HW_ASSERT(ingest.decode(plan, topic, hw::as_bytes(payload), hw::Time{7}, second) == reason);
    HW_ASSERT(first.batch.points() == second.batch.points());
    HW_ASSERT(first.batch.times_ns() == second.batch.times_ns());
    HW_ASSERT(first.batch.types() == second.batch.types());
    for (const auto point : first.batch.points())
        HW_ASSERT(hw::model::check_point_path(points.path(point)).has_value());
    return 0;
}
