#pragma once

#include <string>
#include <vector>

#include "physics/filter_gallery.h"
#include "physics/forecast_recorder.h"
#include "physics/pump.h"
#include "physics/works_model.h"

namespace hw::physics {

// One run of the works' model; see forecast(). Used once, by one thread.
class WorksRun {
  public:
    WorksRun(const Works& works, const WorksState& state, const WorksInputs& inputs,
             const ForecastOptions& options);

    Result<Forecast> run();

  private:
    struct Tank {
        const TankParameters& parameters;
        std::string key;
        TankSummary summary;
        double volume = 0;
        double in = 0, out = 0;  // m3/s, that hold until the next event
        double spill = 0;        // m3/s, over the top
        bool was_full = false, was_empty = false;

        double level() const { return volume / parameters.area; }
    };
    struct StationColumns {
        size_t flow = 0, head = 0, speed = 0, power = 0, running = 0;
        std::vector<size_t> pump_running, pump_speed, pump_flow, pump_power;
    };

    void add_columns();
    StationColumns add_station(const std::string& key, size_t pumps);
    void step(double until);
    void read_inputs();
    void decide();
    void decide_throughput();
    void settle_raw();
    void settle_filters();
    void settle_high_lift();
    void settle_tanks();
    void limit_tank(Tank& tank);
    double header_head(double flow) const;
    double wanted_supply() const;
    double until_event(double until) const;
    double until_level(const Tank& tank, double level) const;
    void advance(double seconds);
    void advance_tank(Tank& tank, double seconds);
    void book(double seconds);
    void book_station(const Station& station, const StationColumns& columns, double seconds);
    void note(std::string key);
    void note_pumps(const Station& station, const std::string& key, std::vector<bool>& were);
    void end_row(double seconds);
    void finish(Forecast& out);

    const Works& works_;
    const WorksInputs& inputs_;
    const ForecastOptions& options_;
    Station raw_, high_lift_;
    FilterGallery gallery_;
    Tank clear_well_, tower_, wash_tank_;
    ForecastRecorder recorder_;
    std::vector<PumpWish> raw_wishes_, high_lift_wishes_;
    std::vector<bool> raw_were_, high_lift_were_;
    ForecastTotals totals_;
    std::vector<ForecastEvent> events_;
    size_t events_more_ = 0;

    double now_ = 0;  // s since the start
    double source_level_;
    double raw_setpoint_;
    double mean_outflow_;
    double next_decision_ = 0;
    double demand_ = 0;           // m3/s wanted
    double delivered_ = 0;        // m3/s
    double pressure_target_ = 0;  // m
    double other_power_ = 0, fill_ = 0, sludge_ = 0, price_ = 0, total_power_ = 0;
    double error_share_ = 0;
    bool filling_;
    bool dry_ = false;
    FilterGallery::Flows filters_;
    double stored_at_start_ = 0;

    StationColumns raw_columns_, high_lift_columns_;
    size_t setpoint_column_ = 0, header_column_ = 0, target_column_ = 0, demand_column_ = 0,
           delivered_column_ = 0, tower_flow_column_ = 0, inflow_column_ = 0, wash_column_ = 0,
           waste_column_ = 0, fill_column_ = 0, total_column_ = 0, other_column_ = 0,
           price_column_ = 0, clear_well_column_ = 0, tower_column_ = 0, wash_tank_column_ = 0;
    std::vector<size_t> filter_flow_, filter_loss_, filter_phase_, filter_hours_;
};

}  // namespace hw::physics
