#include "sim/plant/zone.h"

#include <cmath>
#include <utility>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

constexpr PumpCurve high_lift_curve{.shutoff_head = 75,
                                    .droop = 17.0 / (0.165 * 0.165),
                                    .best_flow = 0.165,
                                    .best_efficiency = 0.82,
                                    .drive_efficiency = 0.94,
                                    .rated_current = 235,
                                    .rated_power = 132};
constexpr double trunk_volume = 2500;          // m3: 9 km of 600 mm
constexpr double leak_at_reference = 0.45e-3;  // m3/s in district 1
constexpr double decay_per_second = 0.018 / seconds_per_hour;
constexpr double stop_volume = 150;  // m3 in the clear well below which the pumps stop

PumpStation high_lift_pumps() {
    std::vector<Pump> pumps{Pump(high_lift_curve, 21'940, 812), Pump(high_lift_curve, 20'115, 790),
                            Pump(high_lift_curve, 22'308, 845)};
    pumps[0].set_turning(0.9);
    pumps[1].set_turning(0.9);
    return PumpStation(std::move(pumps), {});
}

}  // namespace

Zone::Zone(Time start, Random& random)
    : pumps_(high_lift_pumps()),
      speed_control_({.proportional = 0.004, .integral = 0.0015, .least = 0.55, .most = 1.0}, 0.9),
      customers_(make_customers(start, random)),
      districts_{District(0.090, 0.12), District(0.077, 0.14), District(0.057, 0.10)},
      district_flows_(districts),
      trunk_chlorine_(trunk_volume, 0.72),
      tower_chlorine_(tower_.volume(), 0.6) {
    state_ = {.town_head = 47, .header_head = 53, .pump_flow = 0.23, .tower_flow = 0};
    demand_ = want(start, 1, random);
}

double Zone::want(Time now, double dt, Random& random) {
    const double season = season_factor(now);
    const DemandFactors factors{household_factor(now) * season, business_factor(now) * season};
    metered_wanted_ = 0;
    for (auto& customer : customers_)
        metered_wanted_ += customer.want(factors, dt, random);
    leak_wanted_ = leakage(leak_at_reference, town_pressure()) + bursts_.front();
    double wanted = metered_wanted_ + leak_wanted_ + bursts_.back();
    for (size_t i = 0; i < districts_.size(); ++i) {
        districts_[i].step(now, town_pressure(), dt, random);
        wanted += districts_[i].wanted() + bursts_.at(i + 1);
    }
    return wanted;
}

void Zone::step_faults(const Faults& faults, double dt) {
    static constexpr std::array<std::string_view, mains> names{
        "zone1/districts/d1", "zone1/districts/d2", "zone1/districts/d3", "zone1/districts/d4",
        "zone1/network/town"};
    static constexpr std::array<std::string_view, pumps_a_station> pumps{
        "plant1/highlift/pump1", "plant1/highlift/pump2", "plant1/highlift/pump3"};
    // A hole is an orifice: the flow follows the root of the pressure. It opens within a minute,
    // and the lag keeps pressure and flow from chasing each other.
    const double root = std::sqrt(std::max(0.0, town_pressure()) / reference_pressure);
    for (size_t i = 0; i < mains; ++i) {
        const double hole = litres_per_second(faults.amount(FaultKind::burst_main, names.at(i)));
        bursts_.at(i) += (hole * root - bursts_.at(i)) * std::min(1.0, dt / 20);
        if (hole <= 0 && bursts_.at(i) < 1e-5) bursts_.at(i) = 0;
    }
    for (size_t i = 0; i < pumps_a_station; ++i)
        pumps_.set_wear(i, faults.amount(FaultKind::pump_wear, pumps.at(i)) / 100);
    inlet_stuck_ = faults.find(FaultKind::stuck_valve, "zone1/network/tower") != nullptr;
}

double Zone::step(Time now, const Supply& supply, const Controls& controls, Faults& faults,
                  double dt, Random& random) {
    step_faults(faults, dt);
    const double wanted = want(now, dt, random);
    pump(now, supply, controls, faults, wanted, dt);
    // The tower gives or takes what pumps and demand leave between them; when it is empty, the
    // customers get a share.
    const double from_tower = std::max(0.0, wanted - state_.pump_flow);
    const double to_tower = std::max(0.0, state_.pump_flow - wanted);
    const double given = tower_.step(to_tower, from_tower, dt);
    demand_ = wanted - from_tower + given;
    state_.tower_flow = to_tower - given;
    shortfall_ += (wanted - demand_) * dt;
    deliver(wanted > 0 ? demand_ / wanted : 0.0, dt);
    move_chlorine(supply, dt);
    volume_in_ += state_.pump_flow * dt;
    volume_delivered_ += demand_ * dt;
    return state_.pump_flow;
}

void Zone::pump(Time now, const Supply& supply, const Controls& controls, Faults& faults,
                double wanted, double dt) {
    const double seen_level = faults.seen("zone1/network/tower/level", tower_.level(), now);
    const double seen_pressure =
        faults.seen("plant1/highlift/header/pressure", header_pressure(), now);
    // 2 m more for each metre that the tower is low, slowly, as a controller's ramp does.
    const double target = controls.pressure_automatic
                              ? std::clamp(51.5 + 2.5 * (4.4 - seen_level), 46.0, 57.0)
                              : controls.pressure;
    pressure_setpoint_ += std::clamp(target - pressure_setpoint_, -0.01 * dt, 0.01 * dt);
    speed_command_ = speed_control_.step(pressure_setpoint_ - seen_pressure, dt);
    const bool dry = supply.available < stop_volume;
    pumps_.command(dry ? 0.0 : speed_command_, controls.high_lift_pumps, dt);
    if (!inlet_stuck_)
        inlet_opening_ = std::clamp((tower_.height() - 0.15 - tower_.level()) / 0.25, 0.0, 1.0);
    state_ = solve_network(network_, pumps_, supply.level, wanted, tower_floor + tower_.level(),
                           inlet_opening_);
    pumps_.settle(state_.header_head - supply.level, supply.ambient, dt);
}

void Zone::deliver(double share, double dt) {
    for (auto& customer : customers_)
        customer.deliver(share, dt);
    metered_flow_ = metered_wanted_ * share;
    leak_flow_ = leak_wanted_ * share;
    for (size_t i = 0; i < districts_.size(); ++i)
        district_flows_[i] = (districts_[i].wanted() + bursts_.at(i + 1)) * share;
    inlet_volume_ += inlet_flow() * dt;
    leaked_volume_ += leak_flow_ * dt;
}

void Zone::move_chlorine(const Supply& supply, double dt) {
    const double pumped = state_.pump_flow;
    chlorine_in_ += pumped * supply.chlorine * dt;
    const double arrived = trunk_chlorine_.step(pumped, supply.chlorine, pumped, dt);
    const double arriving = pumped > 0 ? arrived / (pumped * dt) : trunk_chlorine_.concentration();
    const double filling = std::max(0.0, state_.tower_flow);
    const double emptying = std::max(0.0, -state_.tower_flow);
    const double spilled = tower_.spilled() / dt;
    const double from_tower = tower_chlorine_.step(filling, arriving, emptying + spilled, dt);
    const double into_town = (pumped - filling) * arriving * dt + from_tower;
    chlorine_out_ += into_town;
    if (demand_ > 0) town_chlorine_ = into_town / ((demand_ + spilled) * dt);
    chlorine_decayed_ += trunk_chlorine_.decay(decay_per_second, dt);
    chlorine_decayed_ += tower_chlorine_.decay(decay_per_second, dt);
}

double Zone::burst_flow() const {
    double flow = 0;
    for (const double burst : bursts_)
        flow += burst;
    return flow;
}

double Zone::critical_pressure() const {
    // The highest street lies 14 m above the centre, behind mains that lose head with the demand.
    return std::max(0.0, town_pressure() - 14.0 - 90.0 * demand_ * demand_);
}

double Zone::far_chlorine() const {
    const double travel = 3200 * 0.23 / std::max(0.02, demand_) * 4;  // s, four hours or so
    return town_chlorine_ * std::exp(-1.6 * decay_per_second * travel);
}

}  // namespace hw::sim
