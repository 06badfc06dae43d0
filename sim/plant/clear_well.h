#pragma once

#include <optional>

#include "sim/plant/controller.h"
#include "sim/plant/mixed_volume.h"
#include "sim/plant/river.h"
#include "sim/plant/tank.h"

namespace hw::sim {

// Sodium hypochlorite into the filtered water: the dose follows the flow, and a slow controller
// trims it to the residual measured at the clear well's outlet.
class Chlorination {
  public:
    struct Order {
        double residual = 0.80;  // mg/l at the outlet
        // mg/l that the operator set; the trim stands still meanwhile.
        std::optional<double> dose = std::nullopt;
    };
    void step(double flow, double residual, const Order& order, double dt);

    double dose() const { return dose_; }                               // mg/l
    double trim() const { return trim_; }                               // mg/l, part of dose
    double feed() const { return feed_; }                               // g/s of chlorine
    double solution_flow() const { return feed_ / solution_strength; }  // m3/s
    double tank_volume() const { return tank_; }                        // m3
    double chlorine_used() const { return used_; }                      // g since the start

    static constexpr double solution_strength = 150e3;  // g chlorine in a m3
    static constexpr double tank_size = 6;              // m3

  private:
    static constexpr double base_dose = 1.35;

    PiController trim_control_{{.proportional = 0.35, .integral = 3e-5, .least = -0.8, .most = 1.2},
                               0.0};
    double dose_ = base_dose;
    double trim_ = 0;
    double feed_ = 0;
    double tank_ = 4.2;
    double used_ = 0;
};

// Treated water in store, where the chlorine gets its contact time.
class ClearWell {
  public:
    ClearWell();

    // Filtered water with `chlorine_feed` g/s comes in; the high-lift pumps and the wash-water pump
    // draw `out_wanted` m3/s. Returns the flow given.
    double step(const Water& in, double chlorine_feed, double out_wanted, double dt);

    const Tank& tank() const { return tank_; }
    double chlorine() const { return chlorine_.concentration(); }  // mg/l
    double chlorine_mass() const { return chlorine_.mass(); }      // g
    double chlorine_out() const { return out_mass_; }              // g since the start
    double chlorine_consumed() const { return consumed_; }  // g since the start, demand and decay
    double turbidity() const { return turbidity_; }
    double temperature() const { return temperature_; }
    double ph() const { return ph_; }
    // Contact time that 90 % of the water gets (T10), min; baffling factor 0.5 of the EPA's
    // Disinfection Profiling and Benchmarking manual.
    double contact_minutes() const { return contact_minutes_; }
    double ct() const { return chlorine() * contact_minutes_; }  // mg min/l

  private:
    Tank tank_{1000, 4, 2.9};
    MixedVolume chlorine_;
    double out_mass_ = 0;
    double consumed_ = 0;
    double turbidity_ = 0.09;
    double temperature_ = 12;
    double ph_ = 7.5;
    double contact_minutes_ = 100;
};

}  // namespace hw::sim
