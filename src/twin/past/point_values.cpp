#include "twin/past/point_values.h"

#include <optional>
#include <vector>

#include "base/assert.h"
#include "twin/derive/slot_value.h"

namespace hw::twin {

sql::Datum datum_of(const model::Value& value) {
    switch (model::type_of(value)) {
        case model::ValueType::boolean:
            return sql::Datum::boolean(std::get<bool>(value));
        case model::ValueType::int64:
            return sql::Datum::integer(std::get<int64_t>(value));
        case model::ValueType::float64:
            return sql::Datum::real(std::get<double>(value));
        case model::ValueType::text:
            return sql::Datum::text(std::get<std::string>(value));
        case model::ValueType::bytes:
            return sql::Datum::bytes(std::get<model::Bytes>(value).data);
    }
    HW_UNREACHABLE();
}

LiveValue slot_value(const Content& content, const model::Sample& sample, Time time,
                     Duration stale_after) {
    LiveValue live;
    live.value = datum_of(sample.value);
    live.time = sample.time;
    live.quality = sample.quality;
    live.origin = Origin::point;
    if (!fit_to_slot(content, live.value)) live.quality = model::Quality::bad_configuration;
    const Duration limit = stale_limit(content, stale_after);
    live.stale = limit.ns > 0 && time - sample.time >= limit;
    return live;
}

Result<void> fill_point_values(Snapshot& snapshot, const history::History& history,
                               const model::PointDirectory& points, Duration stale_after) {
    struct Place {
        uint32_t twin, slot;
    };
    std::vector<Place> places;
    std::vector<model::PointId> ids;
    for (uint32_t t = 0; t < snapshot.twins.size(); ++t) {
        const auto& properties = snapshot.twins[t].properties;
        for (uint32_t s = 0; s < properties.size(); ++s) {
            if (properties[s].live.origin != Origin::point || properties[s].point.empty()) continue;
            const auto id = points.find(properties[s].point);
            if (!id) continue;
            places.push_back({t, s});
            ids.push_back(*id);
        }
    }
    std::vector<std::optional<model::Sample>> samples;
    HW_TRY(history.values_at(ids, snapshot.time, samples));
    HW_ASSERT(samples.size() == places.size());
    for (size_t i = 0; i < places.size(); ++i) {
        if (!samples[i]) continue;
        TwinState& twin = snapshot.twins[places[i].twin];
        twin.properties[places[i].slot].live = slot_value(
            *twin.model->slots[places[i].slot].content, *samples[i], snapshot.time, stale_after);
    }
    return {};
}

}  // namespace hw::twin
