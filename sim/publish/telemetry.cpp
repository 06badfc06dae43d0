#include "sim/publish/telemetry.h"

#include <span>
#include <utility>

#include "base/assert.h"
#include "sim/publish/payload.h"
#include "sim/publish/points.h"

namespace hw::sim {

Telemetry::Telemetry(const Settings& settings)
    : prefix_(settings.prefix),
      works_(settings.start, settings.seed),
      list_(settings.prefix, settings.form),
      instruments_(settings.seed, settings.interval),
      steps_(settings.interval.ns / seconds(1).ns) {
    HW_ASSERT(steps_ >= 1);
    walk_points(works_, list_);
    std::vector<std::string> paths;
    std::vector<std::string> sensors;
    for (const auto& point : points()) {
        paths.push_back(point.path.substr(settings.prefix.size() + 1));
        if (point.type == "double") sensors.push_back(paths.back());
    }
    works_.faults().set_sensors(std::move(sensors));
    instruments_.set_faults(works_.faults(), std::move(paths));
}

void Telemetry::advance() {
    for (int64_t i = 0; i < steps_; ++i)
        works_.step();
    instruments_.begin_round(works_.now());
    walk_points(works_, instruments_);
    HW_ASSERT(readings().size() == points().size());
}

bool Telemetry::render_message(const MessagePlan& message, std::string& payload) const {
    return render(message, std::span(points()).subspan(message.first, message.count),
                  std::span(readings()).subspan(message.first, message.count), works_.now(),
                  payload);
}

bool Telemetry::render_unit(size_t point, std::string& payload) const {
    return render_with_unit(points()[point], readings()[point], works_.now(), payload);
}

void Telemetry::append_csv(std::string& out) const {
    const auto time = format_rfc3339(works_.now());
    for (size_t i = 0; i < points().size(); ++i) {
        const auto& reading = readings()[i];
        if (!has_reading(reading)) continue;
        out += points()[i].path;
        out += ',';
        out += time;
        out += ',';
        append_value(reading, out);
        out += ',';
        out += to_string(reading.trust);
        out += '\n';
    }
}

}  // namespace hw::sim
