#pragma once

#include <array>
#include <optional>

#include "sim/plant/controls.h"
#include "sim/plant/mixed_volume.h"
#include "sim/plant/river.h"

namespace hw::sim {

// The dose of alum that a jar test finds best for this water, mg/l. Colder water needs more.
double best_coagulant_dose(double turbidity, double temperature);
// What the plant's controller doses: the same curve for 12 degrees, on the measured turbidity.
double coagulant_setpoint(double measured_turbidity);
// How much worse than at the best dose the flocs settle: 1 at the best, 1.4 at half of it.
double coagulation_penalty(double dose, double best);

// Alum from two storage tanks by metering pumps into the rapid mixer.
class Coagulation {
  public:
    // `order`: mg/l that the operator set; none: the dose curve on the measured turbidity.
    void step(const Water& raw, double measured_turbidity, std::optional<double> order, double dt);

    double setpoint() const { return setpoint_; }                      // mg/l
    double dose() const { return dose_; }                              // mg/l
    double solution_flow() const { return solution_; }                 // m3/s of 48 % alum
    double alum_used() const { return alum_used_; }                    // kg since the start
    double tank_volume(size_t tank) const { return tanks_.at(tank); }  // m3
    size_t duty_tank() const { return duty_tank_; }
    double penalty() const { return penalty_; }
    double streaming_current() const;
    const Water& out() const { return out_; }

    static constexpr double tank_size = 10;             // m3
    static constexpr double solution_strength = 640e3;  // g alum in a m3 of solution

  private:
    void draw(double volume);

    double setpoint_ = 20;
    double dose_ = 20;
    double solution_ = 0;
    double alum_used_ = 0;
    double penalty_ = 1;
    std::array<double, 2> tanks_{7.4, 9.6};
    size_t duty_tank_ = 0;
    Water out_;
};

// Rapid mixer and three flocculation stages in series, always full, with slowing paddles.
class Flocculation {
  public:
    Flocculation(double turbidity, double temperature);

    // `speeds` of the paddles, 1/min.
    void step(const Water& in, const std::array<double, flocculation_stages>& speeds, double dt);

    struct Stage {
        double speed;     // 1/min
        double gradient;  // velocity gradient G, 1/s
        double power;     // kW, electrical
    };
    const Stage& stage(size_t i) const { return stages_.at(i); }
    // Camp number G*t of all stages: 20,000 to 200,000 makes good flocs.
    double camp_number() const { return camp_number_; }
    // How much worse the flocs settle: 1 between G*t of 30,000 and 250,000, more where they are
    // hardly stirred or torn.
    double penalty() const;
    double power() const;  // kW
    const Water& out() const { return out_; }
    double turbidity_mass() const;  // NTU m3

    static constexpr double stage_volume = 140;  // m3

  private:
    std::array<Stage, flocculation_stages> stages_{};
    std::array<MixedVolume, 3> mixed_;
    double camp_number_ = 60'000;
    Water out_;
};

}  // namespace hw::sim
