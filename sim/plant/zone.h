#pragma once

#include <array>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sim/plant/controller.h"
#include "sim/plant/controls.h"
#include "sim/plant/customer.h"
#include "sim/plant/demand.h"
#include "sim/plant/faults.h"
#include "sim/plant/mixed_volume.h"
#include "sim/plant/network.h"
#include "sim/plant/pump_station.h"
#include "sim/plant/tank.h"

namespace hw::sim {

// High-lift pumps, trunk main, tower and customers: everything after the clear well. The pumps hold
// a pressure at their header; the set-point follows the tower's level. All that flows in is
// delivered, leaked or stored.
class Zone {
  public:
    Zone(Time start, Random& random);

    struct Supply {
        double available;  // m3 in the clear well
        double level;      // m in the clear well
        double chlorine;   // mg/l
        double temperature;
        double ambient;
    };
    // Returns the flow drawn from the clear well, m3/s.
    double step(Time now, const Supply& supply, const Controls& controls, Faults& faults, double dt,
                Random& random);

    const PumpStation& pumps() const { return pumps_; }
    const Tank& tower() const { return tower_; }
    const std::vector<Customer>& customers() const { return customers_; }
    double district_flow(size_t i) const { return district_flows_.at(i); }  // m3/s
    double metered_flow() const { return metered_flow_; }  // m3/s, customers of district 1
    double leak_flow() const { return leak_flow_; }        // m3/s, leaks of district 1
    double inlet_flow() const { return metered_flow_ + leak_flow_; }  // m3/s, district 1
    double demand() const { return demand_; }                         // m3/s, everything delivered
    double pump_flow() const { return state_.pump_flow; }             // m3/s
    double tower_flow() const { return state_.tower_flow; }           // m3/s, into the tower
    double header_pressure() const { return state_.header_head - network_.header_ground; }  // m
    double pressure_setpoint() const { return pressure_setpoint_; }                         // m
    double town_pressure() const { return state_.town_head - network_.town_ground; }        // m
    double critical_pressure() const;  // m, at the highest street
    double inlet_opening() const { return inlet_opening_; }
    double town_chlorine() const { return town_chlorine_; }  // mg/l
    double far_chlorine() const;                             // mg/l, at the end of the network
    double tower_chlorine() const { return tower_chlorine_.concentration(); }
    double chlorine_mass() const { return trunk_chlorine_.mass() + tower_chlorine_.mass(); }  // g
    double chlorine_in() const { return chlorine_in_; }            // g since the start
    double chlorine_delivered() const { return chlorine_out_; }    // g since the start
    double chlorine_decayed() const { return chlorine_decayed_; }  // g since the start
    // m3 since the start
    double volume_in() const { return volume_in_; }
    double volume_delivered() const { return volume_delivered_; }
    double district_volume() const { return inlet_volume_; }
    double leaked_volume() const { return leaked_volume_; }
    double burst_flow() const;                       // m3/s, lost from burst mains
    double shortfall() const { return shortfall_; }  // wanted and not there

    static constexpr double tower_floor = 42;       // m above the clear well's floor
    static constexpr size_t districts = 3;          // beside the metered one
    static constexpr size_t mains = districts + 2;  // that may burst: each district's, the town's

  private:
    double want(Time now, double dt, Random& random);
    void step_faults(const Faults& faults, double dt);
    void pump(Time now, const Supply& supply, const Controls& controls, Faults& faults,
              double wanted, double dt);
    void deliver(double share, double dt);
    void move_chlorine(const Supply& supply, double dt);

    Network network_;
    PumpStation pumps_;
    PiController speed_control_;
    Tank tower_{250, 6, 4.3};
    NetworkState state_{};
    std::vector<Customer> customers_;
    std::vector<District> districts_;
    std::vector<double> district_flows_;
    double pressure_setpoint_ = 52;
    double speed_command_ = 0.9;
    double inlet_opening_ = 1;
    double leak_wanted_ = 0;
    double metered_wanted_ = 0;
    double metered_flow_ = 0;
    double leak_flow_ = 0;
    double demand_ = 0;
    MixedVolume trunk_chlorine_;
    MixedVolume tower_chlorine_;
    double town_chlorine_ = 0.7;
    double chlorine_in_ = 0;
    double chlorine_out_ = 0;
    double chlorine_decayed_ = 0;
    double volume_in_ = 0;
    double volume_delivered_ = 0;
    double inlet_volume_ = 0;
    double leaked_volume_ = 0;
    double shortfall_ = 0;
    std::array<double, mains> bursts_{};  // m3/s wanted: d1 to d4, the town
    bool inlet_stuck_ = false;
};

}  // namespace hw::sim
