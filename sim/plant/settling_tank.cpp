#include "sim/plant/settling_tank.h"

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

constexpr double upper_water = 420;  // m3 of clear water that the settled water mixes into
constexpr double hopper = 120;       // m3 below the sludge outlet's reach

// Sharp-crested weir, Poleni with coefficient 0.62: Q = 1.84 b h^1.5.
double weir_flow(double head, double length) {
    return head > 0 ? 1.84 * length * std::pow(head, 1.5) : 0.0;
}

}  // namespace

double settled_turbidity(double raw, double surface_load, double penalty) {
    const double load = std::clamp(surface_load, 0.2, 3.0);
    return std::min(raw, (1.2 + 0.035 * raw) * std::pow(load, 0.8) * penalty);
}

SettlingTank::SettlingTank(double turbidity, double desludge_phase)
    : volume_(area * (weir_crest + 0.025)),
      settled_(upper_water, settled_turbidity(turbidity, 1, 1)),
      cycle_(desludge_phase * desludge_every) {
    out_ = {.flow = 0, .turbidity = settled_.concentration(), .temperature = 10, .ph = 7.4};
}

void SettlingTank::desludge(double dt) {
    cycle_ += dt;
    if (cycle_ >= desludge_every) cycle_ -= desludge_every;
    if (!valve_stuck_) desludging_ = cycle_ < desludge_for;
    sludge_flow_ = desludging_ && volume_ > hopper ? 0.015 : 0.0;
    if (sludge_flow_ <= 0) return;
    const double gone = sludge_mass_ * dt / 150.0;
    sludge_mass_ -= gone;
    sludge_removed_ += gone;
    sludge_volume_ += sludge_flow_ * dt;
}

void SettlingTank::step(const Water& in, double coagulant_dose, double penalty, double dt) {
    desludge(dt);
    flow_in_ = in.flow;
    const double over = weir_flow(volume_ / area - weir_crest, weir_length);
    volume_ += (in.flow - over - sludge_flow_) * dt;
    const double load = in.flow * seconds_per_hour / area;
    const double carried = 1 + 4 * std::max(0.0, blanket() - blanket_limit);
    const double clear = settled_turbidity(in.turbidity, load, penalty * carried);
    settled_.step(in.flow, clear, in.flow, dt);
    // Dry sludge: the solids held back, and 0.44 kg of hydroxide a kg of alum (Cornwell, AWWA).
    const double made =
        in.flow * dt / 1000.0 * (solids_per_ntu * (in.turbidity - clear) + 0.44 * coagulant_dose);
    sludge_mass_ += made;
    sludge_made_ += made;
    out_ = {.flow = over,
            .turbidity = settled_.concentration(),
            .temperature = in.temperature,
            .ph = in.ph};
}

}  // namespace hw::sim
