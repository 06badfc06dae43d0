#include "sim/plant/units.h"
#include "sim/publish/points.h"

namespace hw::sim {

namespace {

void walk_filter(const Filter& filter, const Analyzer& analyzer, int number, PointSink& sink) {
    const bool wet = filter.takes_water();
    sink.asset({"plant1", "filtration", "filter", number}, Form::scalar);
    sink.text({"state", "", "filtering, draining, air_scour, backwash or ripening"},
              to_string(filter.state()));
    sink.number({{"flow", "l/s", "through the bed"}, 2, wet ? 0.08 : 0.0},
                filter.through_flow() * litres_per_m3);
    sink.number({{"level", "m", "water above the bed"}, 3, 0.002}, filter.level());
    sink.number({{"headloss", "m", "bed"}, 3, wet ? 0.002 : 0.0}, filter.head_loss());
    sink.number({{"outlet_valve", "%", "position"}, 1, wet ? 0.1 : 0.0}, filter.valve() * 100);
    sink.number({{"run_hours", "h", "since the last wash"}, 2}, filter.run_hours());
    sink.number({{"volume", "m3", "filtered since the start"}, 1}, filter.filtered_volume());
    sink.count({"washes", "1", "since the start"}, filter.washes());
    sink.analyzer({"plant1", "filtration", "filter", number},
                  number % 2 ? Form::json_text : Form::json_ms, analyzer.trust());
    sink.number({{"turbidity", "NTU", "filtrate"}, 3, 0.0015}, analyzer.value());
}

}  // namespace

void walk_filtration(const Waterworks& works, PointSink& sink) {
    const auto& gallery = works.gallery();
    int number = 0;
    for (const auto& filter : gallery.filters()) {
        const auto& analyzer = works.analyzers().filtered.at(static_cast<size_t>(number));
        walk_filter(filter, analyzer, ++number, sink);
    }
    sink.asset({"plant1", "filtration", "backwash"}, Form::scalar);
    sink.number({{"flow", "l/s", "wash water"}, 2, gallery.wash_flow() > 0 ? 0.5 : 0.0},
                gallery.wash_flow() * litres_per_m3);
    sink.number({{"tank_level", "m", "wash-water tank"}, 3, 0.002}, gallery.wash_tank().level());
    sink.flag({"fill_pump", "", "runs"}, gallery.fill_pump().running());
    sink.number({{"fill_flow", "l/s", "from the clear well"}, 2},
                gallery.wash_draw() * litres_per_m3);
    sink.flag({"blower", "", "runs"}, gallery.blower_running());
    sink.number({{"blower_power", "kW", "electrical"}, 1}, gallery.blower_power());
    sink.number({{"waste_flow", "l/s", "to the waste tank"}, 2},
                gallery.waste_flow() * litres_per_m3);
    sink.number({{"waste_volume", "m3", "since the start"}, 1}, gallery.waste_volume());
}

}  // namespace hw::sim
