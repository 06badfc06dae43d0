#pragma once

#include <cstdint>

namespace hw::sim {

// A centrifugal pump at full speed. Affinity laws give the other speeds: flow with s, head with
// s^2, power with s^3 (Karassik, Pump Handbook, 2.1).
struct PumpCurve {
    double shutoff_head;      // m at no flow
    double droop;             // m/(m3/s)^2: head = shutoff s^2 - droop Q^2
    double best_flow;         // m3/s, where the efficiency peaks
    double best_efficiency;   // hydraulic power / shaft power
    double drive_efficiency;  // shaft power / electrical power, motor and converter
    double rated_current;     // A at rated power
    double rated_power;       // kW, electrical

    double head(double flow, double speed) const;
    // The flow against `head`, 0 where the pump cannot lift so far (its check valve is shut).
    double flow(double head, double speed) const;
    double efficiency(double flow, double speed) const;
    // Electrical kW: hydraulic power / efficiencies, plus idle friction and magnetisation.
    double electrical_power(double flow, double head, double speed) const;
    double idle_power(double speed) const;
};

// One pump with its variable-speed drive: ramps, meters of hours, starts and energy.
class Pump {
  public:
    explicit Pump(const PumpCurve& curve, double hours = 0, int64_t starts = 0)
        : curve_(&curve), hours_(hours), starts_(starts) {}

    void start();
    void stop() { running_ = false; }
    // Moves the speed towards `wanted` (0 when stopped), at most 5 % of full speed a second.
    void ramp(double wanted, double dt);
    // A worn impeller loses this share of its efficiency, half as much of its head, and shakes.
    void set_wear(double share) { wear_ = share; }
    double wear() const { return wear_; }
    double flow_against(double head) const;
    // The head at which it delivers nothing, at its speed.
    double shutoff_head() const { return (1 - wear_ / 2) * curve_->shutoff_head * speed_ * speed_; }
    // Books one step at the working point.
    void settle(double flow, double head, double ambient, double dt);
    // For the start of a simulation in mid-operation.
    void set_turning(double speed);

    bool running() const { return running_; }
    double speed() const { return speed_; }
    double flow() const { return flow_; }
    double head() const { return head_; }
    double power() const { return power_; }    // kW, electrical
    double energy() const { return energy_; }  // kWh
    double hours() const { return hours_; }
    int64_t starts() const { return starts_; }
    double current() const;
    double bearing_temperature() const { return bearing_temperature_; }
    double vibration() const;  // mm/s RMS
    const PumpCurve& curve() const { return *curve_; }

  private:
    const PumpCurve* curve_;
    bool running_ = false;
    double speed_ = 0;
    double flow_ = 0;
    double head_ = 0;
    double power_ = 0;
    double energy_ = 0;
    double hours_ = 0;
    int64_t starts_ = 0;
    double bearing_temperature_ = 20;
    double wear_ = 0;
};

}  // namespace hw::sim
