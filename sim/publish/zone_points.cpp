#include "base/assert.h"
#include "sim/plant/units.h"
#include "sim/publish/points.h"

namespace hw::sim {

namespace {

void walk_network(const Zone& zone, PointSink& sink) {
    sink.asset({"zone1", "network", "tower"}, Form::json_text);
    sink.number({{"level", "m", "water"}, 3, 0.002}, zone.tower().level());
    sink.number({{"volume", "m3", "in store"}, 1}, zone.tower().volume());
    sink.number({{"flow", "l/s", "in positive, out negative"}, 2, 0.3},
                zone.tower_flow() * litres_per_m3);
    sink.number({{"inlet_valve", "%", "float valve, open"}, 1}, zone.inlet_opening() * 100);
    sink.number({{"chlorine", "mg/l", "free residual"}, 3, 0.005}, zone.tower_chlorine());
    sink.number({{"overflow", "m3", "spilled since the start"}, 1}, zone.tower().overflow());
    sink.asset({"zone1", "network", "town"}, Form::scalar);
    sink.number({{"demand", "l/s", "pumps less tower"}, 2, 0.5}, zone.demand() * litres_per_m3);
    sink.number({{"pressure", "bar", "town centre"}, 3, 0.008},
                zone.town_pressure() * gravity / 100);
    sink.number({{"chlorine", "mg/l", "town centre"}, 3, 0.005}, zone.town_chlorine());
    sink.asset({"zone1", "network", "critical"}, Form::scalar);
    sink.number({{"pressure", "bar", "highest street"}, 3, 0.01},
                zone.critical_pressure() * gravity / 100);
    sink.number({{"chlorine", "mg/l", "end of the network"}, 3, 0.005}, zone.far_chlorine());
}

std::string_view meter_description(CustomerKind kind) {
    switch (kind) {
        case CustomerKind::house:
            return "register, a house";
        case CustomerKind::flats:
            return "register, a block of flats";
        case CustomerKind::business:
            return "register, a business";
    }
    HW_UNREACHABLE();
}

void walk_districts(const Waterworks& works, PointSink& sink) {
    const auto& zone = works.zone();
    sink.asset({"zone1", "districts", "d", 1}, Form::json_ms);
    sink.number({{"flow", "l/s", "inlet, the 200 meters and leaks"}, 3, 0.004},
                zone.inlet_flow() * litres_per_m3);
    sink.count({"volume", "m3", "inlet, totaliser"},
               totaliser(works, 3.1e-3, zone.district_volume()));
    for (size_t i = 0; i < Zone::districts; ++i) {
        sink.asset({"zone1", "districts", "d", static_cast<int>(i) + 2}, Form::scalar);
        sink.number({{"flow", "l/s", "inlet"}, 2, 0.12}, zone.district_flow(i) * litres_per_m3);
    }
}

}  // namespace

void walk_zone(const Waterworks& works, PointSink& sink) {
    walk_network(works.zone(), sink);
    walk_districts(works, sink);
    int number = 0;
    for (const auto& customer : works.zone().customers()) {
        sink.asset({"zone1", "meters", "m", ++number, 4}, Form::scalar);
        sink.count({"volume", "l", meter_description(customer.kind())}, customer.reading());
    }
}

}  // namespace hw::sim
