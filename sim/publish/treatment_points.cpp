#include "sim/plant/units.h"
#include "sim/publish/points.h"

namespace hw::sim {

namespace {

void walk_coagulation(const Waterworks& works, PointSink& sink) {
    const auto& dosing = works.coagulation();
    sink.asset({"plant1", "coagulation", "dosing"}, Form::scalar);
    sink.number({{"dose_setpoint", "mg/l", "alum, from the dose curve"}, 2}, dosing.setpoint());
    sink.number({{"dose", "mg/l", "alum, flow paced"}, 2, 0.03}, dosing.dose());
    sink.number({{"solution_flow", "l/h", "48 % alum solution"}, 2, 0.04},
                dosing.solution_flow() * litres_per_m3 * seconds_per_hour);
    sink.number({{"alum_used", "kg", "since the start"}, 2}, dosing.alum_used());
    sink.number({{"streaming_current", "SCU", "charge, 0 at the best dose"}, 2, 0.05},
                dosing.streaming_current());
    sink.number({{"ph", "pH", "after the mixer"}, 2, 0.01}, dosing.out().ph);
    for (size_t i = 0; i < 2; ++i) {
        sink.asset({"plant1", "coagulation", "tank", static_cast<int>(i) + 1}, Form::scalar);
        sink.number({{"level", "%", "alum in store"}, 2, 0.02},
                    dosing.tank_volume(i) / Coagulation::tank_size * 100);
        sink.flag({"duty", "", "this tank feeds the pumps"}, dosing.duty_tank() == i);
    }
}

void walk_flocculation(const Waterworks& works, PointSink& sink) {
    for (size_t i = 0; i < 3; ++i) {
        const auto& stage = works.flocculation().stage(i);
        sink.asset({"plant1", "flocculation", "stage", static_cast<int>(i) + 1}, Form::json_ms);
        sink.number({{"speed", "1/min", "paddles"}, 2, 0.004}, stage.speed);
        sink.number({{"gradient", "1/s", "velocity gradient G"}, 1}, stage.gradient);
        sink.number({{"power", "kW", "electrical"}, 3, 0.004}, stage.power);
    }
    sink.asset({"plant1", "flocculation", "train"}, Form::scalar);
    sink.count({"camp_number", "1", "G*t of all stages"},
               static_cast<int64_t>(works.flocculation().camp_number()));
}

void walk_settling(const Waterworks& works, PointSink& sink) {
    for (size_t i = 0; i < 2; ++i) {
        const auto& tank = works.settling(i);
        const int number = static_cast<int>(i) + 1;
        sink.asset({"plant1", "sedimentation", "tank", number}, Form::scalar);
        sink.number({{"flow", "l/s", "inflow"}, 2, 0.25}, tank.flow_in() * litres_per_m3);
        sink.number({{"level", "m", "water"}, 3, 0.0015}, tank.level());
        sink.number({{"blanket", "m", "sludge blanket"}, 3, 0.004}, tank.blanket());
        sink.flag({"desludge_valve", "", "open"}, tank.desludging());
        sink.number({{"sludge_volume", "m3", "drawn off since the start"}, 2},
                    tank.sludge_volume());
        const auto& analyzer = works.analyzers().settled.at(i);
        sink.analyzer({"plant1", "sedimentation", "tank", number}, Form::json_text,
                      analyzer.trust());
        sink.number({{"turbidity", "NTU", "settled water"}, 3, 0.012}, analyzer.value());
    }
}

}  // namespace

void walk_treatment(const Waterworks& works, PointSink& sink) {
    walk_coagulation(works, sink);
    walk_flocculation(works, sink);
    walk_settling(works, sink);
}

}  // namespace hw::sim
