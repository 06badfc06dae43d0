#pragma once

#include <array>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sim/plant/analyzer.h"
#include "sim/plant/clear_well.h"
#include "sim/plant/coagulation.h"
#include "sim/plant/controls.h"
#include "sim/plant/faults.h"
#include "sim/plant/filter_gallery.h"
#include "sim/plant/pump_station.h"
#include "sim/plant/river.h"
#include "sim/plant/settling_tank.h"
#include "sim/plant/zone.h"

namespace hw::sim {

// The analysers whose readings carry a quality.
struct Analyzers {
    Analyzer river;
    std::array<Analyzer, 2> settled;
    std::array<Analyzer, 6> filtered;
    Analyzer clear_well;
};

// A works of 20,000 m3/d from the river to the customers' meters. Pure arithmetic: the same seed,
// start and steps give the same plant, bit for bit. One thread; a step costs about 10 us.
class Waterworks {
  public:
    Waterworks(Time start, uint64_t seed);

    // One second. Steps are always one second long: the longest at which every loop is stable.
    void step();

    // The operators' inputs; what is set here acts from the next step on.
    Controls& controls() { return controls_; }
    const Controls& controls() const { return controls_; }
    Faults& faults() { return faults_; }
    const Faults& faults() const { return faults_; }

    Time start() const { return start_; }
    Time now() const { return now_; }
    const River& river() const { return river_; }
    const PumpStation& intake() const { return intake_; }
    const Coagulation& coagulation() const { return coagulation_; }
    const Flocculation& flocculation() const { return flocculation_; }
    const SettlingTank& settling(size_t i) const { return settling_.at(i); }
    const FilterGallery& gallery() const { return gallery_; }
    const Chlorination& chlorination() const { return chlorination_; }
    const ClearWell& clear_well() const { return clear_well_; }
    const Zone& zone() const { return zone_; }
    const Analyzers& analyzers() const { return analyzers_; }

    double raw_flow() const { return raw_.flow; }              // m3/s
    double raw_setpoint() const { return raw_setpoint_; }      // m3/s
    double raw_valve() const { return raw_valve_; }            // share open
    double raw_head() const { return raw_head_; }              // m
    double screen_loss() const { return screen_loss_; }        // m
    double raw_volume() const { return raw_volume_; }          // m3 since the start
    double building_power() const { return building_power_; }  // kW: light, heat, air, controls
    double total_power() const;                                // kW
    double total_energy() const { return energy_; }            // kWh since the start
    double specific_energy() const;                            // kWh/m3 pumped, over the last hour

    // Water in the works, m3, and what has left it since the start other than to the zone.
    double storage() const;
    double losses() const;

    static constexpr double step_seconds = 1;

  private:
    void step_faults();
    void step_setpoint();
    void step_intake();
    void step_settling();
    void step_analyzers();
    void book_energy();

    Controls controls_;
    Faults faults_;
    Random random_;
    Time start_;
    Time now_;
    River river_;
    PumpStation intake_;
    PiController intake_control_;
    Coagulation coagulation_;
    Flocculation flocculation_;
    std::array<SettlingTank, 2> settling_;
    FilterGallery gallery_;
    Chlorination chlorination_;
    ClearWell clear_well_;
    Zone zone_;
    Analyzers analyzers_;
    Water raw_;
    double raw_setpoint_ = 0.230;
    double mean_out_ = 0.230;
    double raw_head_ = 15;
    double raw_valve_ = 1;
    double screen_loss_ = 0.04;
    double screen_dirt_ = 0.2;
    double raw_volume_ = 0;
    double building_power_ = 20;
    double energy_ = 0;
    double hour_power_ = 0;
    double hour_flow_ = 0.23;
};

}  // namespace hw::sim
