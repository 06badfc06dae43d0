#include "sim/plant/clear_well.h"

#include <cmath>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

// What the water takes at once: organics, ammonia and the like.
double immediate_demand(const Water& in) {
    return 0.38 + 0.6 * in.turbidity + 0.008 * std::max(0.0, in.temperature);
}

// First-order bulk decay, 1/s: 0.02 1/h at 20 degrees, 7 % a degree.
double decay_rate(double temperature) {
    return 0.02 / seconds_per_hour * std::pow(1.07, temperature - 20.0);
}

}  // namespace

void Chlorination::step(double flow, double residual, const Order& order, double dt) {
    if (!order.dose) trim_ = trim_control_.step(order.residual - residual, dt);
    dose_ = order.dose.value_or(std::max(0.0, base_dose + trim_));
    feed_ = dose_ * flow;
    used_ += feed_ * dt;
    tank_ -= solution_flow() * dt;
    if (tank_ < 0.1 * tank_size) tank_ = 0.95 * tank_size;  // a tanker came
}

ClearWell::ClearWell() : chlorine_(tank_.volume(), 0.8) {}

double ClearWell::step(const Water& in, double chlorine_feed, double out_wanted, double dt) {
    const double out = tank_.step(in.flow, out_wanted, dt);
    const double taken = std::min(chlorine_feed, immediate_demand(in) * in.flow);
    const double entering = in.flow > 0 ? (chlorine_feed - taken) / in.flow : 0.0;
    const double leaving = out + tank_.spilled() / dt;
    out_mass_ += chlorine_.step(in.flow, entering, leaving, dt);
    consumed_ += taken * dt + chlorine_.decay(decay_rate(in.temperature), dt);

    const double share = in.flow * dt / std::max(1.0, tank_.volume());
    turbidity_ += (in.turbidity - turbidity_) * share;
    temperature_ += (in.temperature - temperature_) * share;
    ph_ += (in.ph + 0.05 - ph_) * share;
    contact_minutes_ = out > 1e-6 ? std::min(1440.0, 0.5 * tank_.volume() / out / 60.0) : 1440.0;
    return out;
}

}  // namespace hw::sim
