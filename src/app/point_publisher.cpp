#include "app/point_publisher.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "base/json_writer.h"
#include "model/quality.h"

namespace hw::app {

namespace {

void append_plain(std::string& out, const model::SampleBatch& rows, size_t i) {
    switch (rows.types()[i]) {
        case model::ValueType::boolean:
            out += rows.values()[i] != 0 ? "true" : "false";
            return;
        case model::ValueType::int64:
            out += fmt::format_int(static_cast<int64_t>(rows.values()[i])).c_str();
            return;
        case model::ValueType::float64: {
            const double value = std::bit_cast<double>(rows.values()[i]);
            if (std::isfinite(value))
                append_json_double(out, value);
            else
                out += std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
            return;
        }
        case model::ValueType::text:
        case model::ValueType::bytes:
            out += rows.text(i);
            return;
    }
}

}  // namespace

void PointPublisher::offer(const model::SampleBatch& batch) {
    if (!wants()) return;
    reactor_.post([this, copy = batch] { publish(copy); });
}

void PointPublisher::publish(const model::SampleBatch& batch) {
    for (size_t i = 0; i < batch.size(); ++i) {
        const std::string_view topic = points_.path(batch.points()[i]);
        if (!broker_.wanted(topic)) continue;
        payload_.clear();
        append_plain(payload_, batch, i);
        char buffer[40];
        time_.assign(buffer, format_rfc3339(Time{batch.times_ns()[i]}, buffer));
        broker::Outgoing message;
        message.topic = topic;
        message.payload = as_bytes(payload_);
        message.user_properties = {{"time", time_},
                                   {"quality", model::to_string(batch.qualities()[i])}};
        broker_.announce(message);
    }
}

}  // namespace hw::app
