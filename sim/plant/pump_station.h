#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/plant/controls.h"
#include "sim/plant/pump.h"

namespace hw::sim {

// Equal pumps in parallel on one header, duty and standby: starts one more when the running ones
// stay near full speed, stops one when the others would carry its flow without passing their best
// point, and takes the pump with the fewest hours next, so that wear is shared.
class PumpStation {
  public:
    struct Staging {
        double up_speed = 0.96;
        double up_seconds = 60;
        double down_load = 0.95;  // of the best flow, what the others may be left with
        double down_seconds = 600;
    };

    PumpStation(std::vector<Pump> pumps, Staging staging);

    // Starts and stops pumps and moves their speeds towards the common `speed`; those in manual
    // follow their own order. Speed 0 is an interlock: no pump turns. `orders`: none (all
    // automatic) or one a pump.
    void command(double speed, std::span<const PumpOrder> orders, double dt);
    void set_wear(size_t pump, double share) { pumps_.at(pump).set_wear(share); }
    // The flow of all pumps together when the header stands `head` above the suction.
    double flow_against(double head) const;
    // The head above which no pump delivers.
    double shutoff_head() const;
    // Books one step at the working point `head`. Returns the flow of all pumps.
    double settle(double head, double ambient, double dt);

    const std::vector<Pump>& pumps() const { return pumps_; }
    double power() const;
    double energy() const;
    size_t running() const;

  private:
    using Orders = std::span<const PumpOrder>;
    bool one_too_many() const;
    void start_one(Orders orders);
    void stop_one(Orders orders);

    std::vector<Pump> pumps_;
    Staging staging_;
    double high_for_ = 0;
    double low_for_ = 0;
};

}  // namespace hw::sim
