#include <limits>

#include "sim/plant/units.h"
#include "sim/publish/points.h"

namespace hw::sim {

namespace {

void walk_clear_well(const Waterworks& works, PointSink& sink) {
    const auto& well = works.clear_well();
    sink.asset({"plant1", "clearwell", "well"}, Form::scalar);
    sink.number({{"level", "m", "water"}, 3, 0.002}, well.tank().level());
    sink.number({{"volume", "m3", "in store"}, 1}, well.tank().volume());
    sink.number({{"overflow", "m3", "spilled since the start"}, 1}, well.tank().overflow());
    sink.number({{"contact_time", "min", "T10"}, 1}, well.contact_minutes());
    sink.number({{"ct", "mg.min/l", "residual times T10"}, 1}, well.ct());
    sink.analyzer({"plant1", "clearwell", "outlet"}, Form::json_text,
                  works.analyzers().clear_well.trust());
    sink.number({{"turbidity", "NTU", "treated water"}, 3, 0.0015},
                works.analyzers().clear_well.value());
    sink.number({{"chlorine", "mg/l", "free residual"}, 3, 0.004}, well.chlorine());
    sink.number({{"ph", "pH", "treated water"}, 2, 0.008}, well.ph());
    sink.number({{"temperature", "degC", "treated water"}, 2, 0.01}, well.temperature());
}

void walk_chlorination(const Waterworks& works, PointSink& sink) {
    const auto& dosing = works.chlorination();
    sink.asset({"plant1", "chlorination", "plc3"}, Form::neuron);
    sink.number({{"residual_setpoint", "mg/l", "at the clear well's outlet"}, 2},
                works.controls().residual);
    sink.number({{"dose", "mg/l", "chlorine, flow pacing and trim"}, 3, 0.004}, dosing.dose());
    // Its residual comes from the outlet's analyser: no reading while that is in maintenance.
    const auto& well = works.clear_well();
    const bool bad = works.analyzers().clear_well.trust() == Trust::bad;
    sink.number({{"residual", "mg/l", "as the controller sees it"}, 2, 0.004},
                bad ? std::numeric_limits<double>::quiet_NaN() : well.chlorine());
    sink.number({{"trim", "mg/l", "of the residual controller"}, 3}, dosing.trim());
    sink.number({{"feed", "kg/h", "chlorine"}, 3, 0.003}, dosing.feed() * 3.6);
    sink.number({{"solution_flow", "l/h", "15 % hypochlorite"}, 3, 0.01},
                dosing.solution_flow() * litres_per_m3 * seconds_per_hour);
    sink.number({{"tank_level", "%", "hypochlorite in store"}, 2, 0.02},
                dosing.tank_volume() / Chlorination::tank_size * 100);
    sink.flag({"pump_running", "", "dosing pump"}, dosing.feed() > 0);
    sink.count({"chlorine_used", "g", "since the start"},
               static_cast<int64_t>(dosing.chlorine_used()));
}

void walk_high_lift(const Waterworks& works, PointSink& sink) {
    const auto& zone = works.zone();
    int number = 0;
    for (const auto& pump : zone.pumps().pumps()) {
        sink.asset({"plant1", "highlift", "pump", ++number}, Form::json_ms);
        walk_pump(pump, sink);
    }
    sink.asset({"plant1", "highlift", "header"}, Form::scalar);
    sink.number({{"pressure", "bar", "discharge header"}, 3, 0.006},
                zone.header_pressure() * gravity / 100);
    sink.number({{"pressure_setpoint", "bar", "follows the tower's level"}, 3},
                zone.pressure_setpoint() * gravity / 100);
    sink.number({{"flow", "l/s", "into supply"}, 2, 0.4}, zone.pump_flow() * litres_per_m3);
    sink.count({"volume", "m3", "into supply, totaliser"},
               totaliser(works, 0.2240, zone.volume_in()));
}

void walk_energy(const Waterworks& works, PointSink& sink) {
    sink.asset({"plant1", "energy", "main"}, Form::scalar);
    sink.number({{"power", "kW", "whole works"}, 1, 0.4}, works.total_power());
    sink.count({"energy", "kWh", "whole works, meter"},
               totaliser(works, 0.068, works.total_energy()));
    sink.number({{"specific", "kWh/m3", "energy a cubic metre supplied, one hour"}, 3},
                works.specific_energy());
    sink.number({{"building", "kW", "light, heat, controls"}, 1, 0.1}, works.building_power());
}

}  // namespace

void walk_treated_water(const Waterworks& works, PointSink& sink) {
    walk_clear_well(works, sink);
    walk_chlorination(works, sink);
    walk_high_lift(works, sink);
    walk_energy(works, sink);
}

}  // namespace hw::sim
