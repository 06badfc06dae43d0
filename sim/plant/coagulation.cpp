#include "sim/plant/coagulation.h"

#include <cmath>

#include "sim/plant/units.h"

namespace hw::sim {

double best_coagulant_dose(double turbidity, double temperature) {
    return (8.0 + 3.5 * std::sqrt(turbidity)) * (1.0 + 0.006 * (12.0 - temperature));
}

double coagulant_setpoint(double measured_turbidity) {
    return 8.0 + 3.5 * std::sqrt(std::max(0.0, measured_turbidity));
}

double coagulation_penalty(double dose, double best) {
    const double off = dose / best - 1.0;
    return 1.0 + 1.6 * off * off;
}

void Coagulation::step(const Water& raw, double measured_turbidity, std::optional<double> order,
                       double dt) {
    // Feed-forward, through a five-minute filter so that the pumps do not chase noise.
    if (order)
        setpoint_ = *order;
    else
        setpoint_ += (coagulant_setpoint(measured_turbidity) - setpoint_) * dt / 300.0;
    solution_ = setpoint_ * raw.flow / solution_strength;
    draw(solution_ * dt);
    dose_ = raw.flow > 0 ? solution_ * solution_strength / raw.flow : 0.0;
    alum_used_ += solution_ * solution_strength * dt / 1000.0;
    penalty_ = coagulation_penalty(dose_, best_coagulant_dose(raw.turbidity, raw.temperature));
    out_ = raw;
    // Alum eats 0.5 mg/l of alkalinity (as CaCO3) a milligram, here 0.012 pH units.
    out_.ph = raw.ph - 0.012 * dose_;
}

void Coagulation::draw(double volume) {
    tanks_[duty_tank_] -= volume;
    if (tanks_[duty_tank_] > 0.08 * tank_size) return;
    // The next tank takes over and a tanker fills the empty one.
    tanks_[duty_tank_] = 0.97 * tank_size;
    duty_tank_ = 1 - duty_tank_;
}

double Coagulation::streaming_current() const {
    // Zero charge at the best dose; the sign tells which way it is off.
    return (penalty_ - 1.0) * -40.0;
}

Flocculation::Flocculation(double turbidity, double temperature)
    : mixed_{MixedVolume(stage_volume, turbidity), MixedVolume(stage_volume, turbidity),
             MixedVolume(stage_volume, turbidity)} {
    out_ = {.flow = 0, .turbidity = turbidity, .temperature = temperature, .ph = 7.4};
}

void Flocculation::step(const Water& in, const std::array<double, flocculation_stages>& speeds,
                        double dt) {
    out_.temperature = in.temperature;
    out_.ph = in.ph;
    out_.flow = in.flow;
    // Viscosity of water (Pa s), a fit to the CRC tables good to 2 % between 0 and 30 degrees.
    const double viscosity =
        1.79e-3 / (1 + 0.0337 * in.temperature + 0.000221 * in.temperature * in.temperature);
    double turbidity = in.turbidity;
    double gradient_sum = 0;
    for (size_t i = 0; i < stages_.size(); ++i) {
        const double tip = speeds.at(i) * 2 * 3.14159265 * 2.1 / 60;
        // Camp: P = 0.5 Cd A rho v^3 with Cd A = 1.8 * 14 m2, slip 0.75; G = sqrt(P / (mu V)).
        const double water_power = 0.5 * 1.8 * 14 * water_density * std::pow(0.75 * tip, 3);
        stages_[i] = {.speed = speeds.at(i),
                      .gradient = std::sqrt(water_power / (viscosity * stage_volume)),
                      .power = water_power / 1000 / 0.55 + 0.25};
        const double left = mixed_[i].step(in.flow, turbidity, in.flow, dt);
        turbidity = in.flow > 0 ? left / (in.flow * dt) : mixed_[i].concentration();
        gradient_sum += stages_[i].gradient;
    }
    out_.turbidity = turbidity;
    camp_number_ = in.flow > 0 ? gradient_sum * stage_volume / in.flow : 0.0;
}

double Flocculation::penalty() const {
    constexpr double least = 30'000;
    constexpr double most = 250'000;
    if (camp_number_ <= 0) return 1;
    if (camp_number_ < least) return std::min(2.5, 1 + 0.8 * (least / camp_number_ - 1));
    return std::min(2.5, 1 + 0.5 * std::max(0.0, camp_number_ / most - 1));
}

double Flocculation::power() const {
    double power = 0;
    for (const auto& stage : stages_)
        power += stage.power;
    return power;
}

double Flocculation::turbidity_mass() const {
    double mass = 0;
    for (const auto& mixed : mixed_)
        mass += mixed.mass();
    return mass;
}

}  // namespace hw::sim
