#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/metrics.h"
#include "ingest/ingest.h"
#include "model/point_directory.h"

namespace hw::ingest::testing {

// A sample as a test names it.
struct Row {
    std::string path;
    model::Value value;
    int64_t time_ns;
    model::Quality quality = model::Quality::good;

    friend bool operator==(const Row&, const Row&) = default;
};

inline std::vector<Row> rows_of(const model::SampleBatch& batch,
                                const model::PointDirectory& points) {
    std::vector<Row> rows;
    for (size_t i = 0; i < batch.size(); ++i) {
        const auto sample = batch.sample(i);
        rows.push_back({std::string(points.path(batch.points()[i])), sample.value, sample.time.ns,
                        sample.quality});
    }
    return rows;
}

inline void PrintTo(const Row& row, std::ostream* out) {
    *out << row.path << " = ";
    std::visit(
        [&](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, model::Bytes>) {
                *out << "bytes " << value.data;
            } else {
                *out << value;
            }
        },
        row.value);
    *out << " (" << model::to_string(model::type_of(row.value)) << ") at " << row.time_ns << ' '
         << model::to_string(row.quality);
}

// An ingest with its surroundings; received() is the time of every message.
struct Bench {
    explicit Bench(const Settings& settings = {}, size_t points_limit = 1000)
        : points(points_limit), ingest(settings, points, metrics) {}

    static constexpr Time received{5'000};

    Reason send(std::string_view topic, std::string_view payload) {
        const auto plan = ingest.classify(topic);
        if (plan == 0) return Reason::nothing;
        return ingest.decode(plan, topic, as_bytes(payload), received, out);
    }
    // The rows of this message alone.
    std::vector<Row> rows(std::string_view topic, std::string_view payload) {
        out = {};
        reason = send(topic, payload);
        return rows_of(out.batch, points);
    }
    std::string figures() {
        ingest.publish_figures();
        return metrics.render();
    }

    Metrics metrics;
    model::PointDirectory points;
    Ingest ingest;
    Decoded out;
    Reason reason = Reason::none;
};

}  // namespace hw::ingest::testing
