#include "sim/plant/pump.h"

#include "sim/plant/units.h"

namespace hw::sim {

double PumpCurve::head(double flow, double speed) const {
    return shutoff_head * speed * speed - droop * flow * flow;
}

double PumpCurve::flow(double head, double speed) const {
    const double lift = shutoff_head * speed * speed - head;
    return lift > 0 ? std::sqrt(lift / droop) : 0.0;
}

double PumpCurve::efficiency(double flow, double speed) const {
    if (speed <= 0) return 0;
    const double off = flow / (best_flow * speed) - 1.0;
    return best_efficiency * std::max(0.1, 1.0 - off * off);
}

double PumpCurve::idle_power(double speed) const {
    return 0.02 * rated_power * speed * speed * speed;
}

double PumpCurve::electrical_power(double flow, double head, double speed) const {
    if (speed <= 0) return 0;
    const double water = hydraulic_power(flow, std::max(0.0, head));
    return water / (efficiency(flow, speed) * drive_efficiency) + idle_power(speed);
}

void Pump::start() {
    if (running_) return;
    running_ = true;
    ++starts_;
}

void Pump::ramp(double wanted, double dt) {
    const double most = 0.05 * dt;
    speed_ += std::clamp((running_ ? wanted : 0.0) - speed_, -most, most);
}

void Pump::set_turning(double speed) {
    running_ = true;
    speed_ = speed;
    bearing_temperature_ = 45;
}

double Pump::flow_against(double head) const {
    const double lift = shutoff_head() - head;
    return lift > 0 ? std::sqrt(lift / curve_->droop) : 0.0;
}

void Pump::settle(double flow, double head, double ambient, double dt) {
    flow_ = flow;
    head_ = speed_ > 0 ? head : 0.0;
    const double idle = curve_->idle_power(speed_);
    power_ = (curve_->electrical_power(flow, head, speed_) - idle) / (1 - wear_) + idle;
    energy_ += power_ * dt / seconds_per_hour;
    if (running_) hours_ += dt / seconds_per_hour;
    const double loaded = ambient + 32.0 * power_ / curve_->rated_power;
    bearing_temperature_ += (loaded - bearing_temperature_) * dt / 1800.0;
}

double Pump::current() const {
    const double magnetising = speed_ > 0 ? 0.22 : 0.0;
    return curve_->rated_current * std::hypot(power_ / curve_->rated_power, magnetising);
}

double Pump::vibration() const {
    if (speed_ <= 0) return 0;
    // Least at the best point, more with wear between overhauls (here every 20,000 h).
    const double off = std::abs(flow_ / (curve_->best_flow * speed_) - 1.0);
    return speed_ * speed_ * (1.1 + 1.5 * off) + 0.8 * std::fmod(hours_, 20'000.0) / 20'000.0 +
           12.0 * wear_ * speed_ * speed_;
}

}  // namespace hw::sim
