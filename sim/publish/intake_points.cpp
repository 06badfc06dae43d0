#include "sim/plant/units.h"
#include "sim/publish/points.h"

namespace hw::sim {

int64_t totaliser(const Waterworks& works, double mean_rate, double since_start) {
    const Time commissioned{1'420'070'400'000'000'000};  // 2015-01-01T00:00:00Z
    const double age = static_cast<double>((works.start() - commissioned).ns) / 1e9;
    return static_cast<int64_t>(std::max(0.0, age) * mean_rate + since_start);
}

void walk_pump(const Pump& pump, PointSink& sink) {
    sink.flag({"running", "", "drive runs"}, pump.running());
    sink.number({{"speed", "1", "speed, share of rated"}, 3, 0.0005}, pump.speed());
    sink.number({{"flow", "l/s", "flow"}, 2, pump.speed() > 0 ? 0.15 : 0.0},
                pump.flow() * litres_per_m3);
    sink.number({{"head", "m", "head, suction to discharge"}, 2, pump.speed() > 0 ? 0.04 : 0.0},
                pump.head());
    sink.number({{"power", "kW", "electrical power"}, 2, 0.004 * pump.power()}, pump.power());
    sink.number({{"current", "A", "motor current"}, 1, 0.004 * pump.current()}, pump.current());
    sink.number({{"bearing_temperature", "degC", "bearing, drive end"}, 1, 0.05},
                pump.bearing_temperature());
    sink.number({{"vibration", "mm/s", "RMS velocity, ISO 10816"}, 2, 0.03 * pump.vibration()},
                pump.vibration());
    sink.number({{"hours", "h", "running hours"}, 2}, pump.hours());
    sink.count({"starts", "1", "starts since commissioning"}, pump.starts());
}

void walk_intake(const Waterworks& works, PointSink& sink) {
    const auto& river = works.river();
    sink.asset({"plant1", "intake", "weather"}, Form::scalar);
    sink.number({{"rain", "mm/h", "rain"}, 1}, river.rain());
    sink.number({{"air_temperature", "degC", "air"}, 1, 0.04}, river.air_temperature());
    sink.analyzer({"plant1", "intake", "river"}, Form::json_text, works.analyzers().river.trust());
    sink.number({{"turbidity", "NTU", "raw water"}, 2, 0.015 * river.turbidity()},
                works.analyzers().river.value());
    sink.number({{"temperature", "degC", "raw water"}, 2, 0.01}, river.temperature());
    sink.number({{"ph", "pH", "raw water"}, 2, 0.008}, river.ph());
    sink.number({{"conductivity", "uS/cm", "raw water"}, 1, 0.4}, river.conductivity());
    sink.asset({"plant1", "intake", "screen"}, Form::scalar);
    sink.number({{"level", "m", "river at the intake gauge"}, 3, 0.004}, river.level());
    sink.number({{"differential", "m", "level loss over the screen"}, 3, 0.002},
                works.screen_loss());
    int number = 0;
    for (const auto& pump : works.intake().pumps()) {
        sink.asset({"plant1", "intake", "pump", ++number}, Form::json_text);
        walk_pump(pump, sink);
    }
    sink.asset({"plant1", "intake", "header"}, Form::scalar);
    sink.number({{"flow", "l/s", "raw water"}, 2, 0.35}, works.raw_flow() * litres_per_m3);
    sink.number({{"flow_setpoint", "l/s", "throughput of the works"}, 1},
                works.raw_setpoint() * litres_per_m3);
    sink.number({{"valve", "%", "raw main's valve, open"}, 1}, works.raw_valve() * 100);
    sink.number({{"pressure", "bar", "raw water main"}, 3, 0.003},
                works.raw_head() * gravity / 100);
    sink.count({"volume", "m3", "raw water, totaliser"},
               totaliser(works, 0.2315, works.raw_volume()));
}

void walk_points(const Waterworks& works, PointSink& sink) {
    walk_intake(works, sink);
    walk_treatment(works, sink);
    walk_filtration(works, sink);
    walk_treated_water(works, sink);
    walk_zone(works, sink);
}

}  // namespace hw::sim
