#include "sim/plant/filter.h"

#include "base/assert.h"
#include "sim/plant/units.h"

namespace hw::sim {

namespace {

constexpr double box_height = 2.6;    // m above the bed
constexpr double outlet_drop = 2.0;   // m from the bed's surface to the outlet weir
constexpr double trough_level = 0.9;  // m, where wash water leaves
constexpr double valve_loss = 0.08;   // m at nominal flow, valve fully open
constexpr double nominal_flow = 0.0385;
constexpr double valve_k = valve_loss / (nominal_flow * nominal_flow);  // m/(m3/s)^2
constexpr double drained_level = 0.2;
constexpr double least_level = 0.5;  // m, below which the outlet gives no more than comes in

constexpr double air_seconds = 180;
constexpr double wash_seconds = 480;
constexpr double ripening_seconds = 1200;

// The flow at which bed and valve together take all of the head: per_flow Q + k Q^2 = available.
double flow_of(double available, double per_flow, double k) {
    return (-per_flow + std::sqrt(per_flow * per_flow + 4 * k * available)) / (2 * k);
}

// Resistance of water relative to 10 degrees: viscosity falls 2.5 % a degree.
double viscosity_factor(double temperature) {
    return std::exp(-0.025 * (temperature - 10.0));
}

}  // namespace

std::string_view to_string(FilterState state) {
    switch (state) {
        case FilterState::filtering:
            return "filtering";
        case FilterState::draining:
            return "draining";
        case FilterState::air_scour:
            return "air_scour";
        case FilterState::backwash:
            return "backwash";
        case FilterState::ripening:
            return "ripening";
    }
    HW_UNREACHABLE();
}

double bed_head_loss(double velocity, double deposit, double temperature) {
    const double relative = velocity / 5.5 * viscosity_factor(temperature);
    return relative * (0.32 + 4.1 * deposit + 2.2 * deposit * deposit);
}

Filter::Filter(double deposit, double hours)
    : storage_(area * 1.8),
      deposit_(deposit),
      run_seconds_(hours * 3600),
      since_wash_(hours * 3600 + ripening_seconds) {}

void Filter::wash() {
    HW_ASSERT(state_ == FilterState::filtering);
    enter(FilterState::draining);
}

bool Filter::wants_wash() const {
    return state_ == FilterState::filtering &&
           (head_loss_ >= head_loss_limit || high_turbidity_for_ > 900 ||
            run_seconds_ >= run_limit);
}

void Filter::step(const Supply& supply) {
    in_state_ += supply.dt;
    if (takes_water())
        run(supply);
    else
        wash_step(supply.wash, supply.dt);
    filtered_volume_ += filtered_ * supply.dt;
    waste_volume_ += waste_ * supply.dt;
    advance(supply.dt);
}

double Filter::out_turbidity(double in) const {
    // Remnants of the wash leave in the first half hour (Amirtharajah's ripening peak).
    const double ripening = 0.75 * std::exp(-since_wash_ / 420.0);
    // Past 0.46 kg/m2 the bed lets go of what it holds.
    const double breakthrough = 0.15 * std::exp((deposit_ - 0.46) / 0.03);
    return std::min(in, 0.02 + 0.045 * in + ripening + breakthrough);
}

// Moves the outlet valve to hold level or flow, as far as the head allows. `per_flow`: head loss of
// the bed, m per m3/s.
double Filter::choose_flow(const Supply& supply, double per_flow) {
    const double available = level() + outlet_drop;
    const double there = storage_ / supply.dt + supply.settled.flow;
    if (trouble_.valve_stuck) {
        if (valve_ <= 0) return 0;
        return std::min(flow_of(available, per_flow, valve_k / (valve_ * valve_)), there);
    }
    double wanted = std::max(0.0, nominal_flow * (level() - 1.6) / 0.2);
    if (supply.flow)
        wanted = level() > least_level ? *supply.flow : std::min(*supply.flow, supply.settled.flow);
    const double flow = std::min({wanted, flow_of(available, per_flow, valve_k), there});
    const double spare = available - per_flow * flow;
    valve_ = spare > 0 ? std::min(1.0, flow * std::sqrt(valve_k / spare)) : 1.0;
    return flow;
}

void Filter::run(const Supply& supply) {
    const Water& in = supply.settled;
    const double dt = supply.dt;
    since_wash_ += dt;
    const double per_flow = bed_head_loss(seconds_per_hour / area, deposit_, in.temperature);
    through_ = choose_flow(supply, per_flow);
    head_loss_ = per_flow * through_;

    turbidity_ =
        out_turbidity(in.turbidity) * (1 - trouble_.bypass) + in.turbidity * trouble_.bypass;
    const double held = solids_per_ntu * (in.turbidity - turbidity_) * through_ * dt / 1000.0;
    deposit_ += held / area;
    captured_ += held;
    storage_ += (in.flow - through_) * dt;
    const double spilled = std::max(0.0, storage_ - area * box_height);
    storage_ -= spilled;
    overflow_ += spilled;

    const bool to_waste = state_ == FilterState::ripening;
    filtered_ = to_waste ? 0.0 : through_;
    waste_ = to_waste ? through_ : 0.0;
    if (!to_waste) run_seconds_ += dt;
    high_turbidity_for_ = turbidity_ > turbidity_limit ? high_turbidity_for_ + dt : 0.0;
}

void Filter::wash_step(double wash, double dt) {
    through_ = 0;
    filtered_ = 0;
    head_loss_ = 0;
    if (!trouble_.valve_stuck) valve_ = 0;
    waste_ = 0;
    if (state_ == FilterState::draining) waste_ = std::min(0.09, storage_ / dt);
    if (state_ != FilterState::backwash) {
        storage_ -= waste_ * dt;
        return;
    }
    storage_ += wash * dt;
    const double over = std::max(0.0, storage_ - area * trough_level);
    waste_ = over / dt;
    storage_ -= over;
    // The rising water takes the solids with it, 99 % within the eight minutes.
    const double gone = deposit_ * std::min(1.0, wash / wash_rate * dt / 104.0);
    deposit_ -= gone;
    washed_out_ += gone * area;
}

void Filter::advance(double dt) {
    switch (state_) {
        case FilterState::filtering:
            return;
        case FilterState::draining:
            if (level() <= drained_level) enter(FilterState::air_scour);
            return;
        case FilterState::air_scour:
            if (in_state_ + dt / 2 >= air_seconds) enter(FilterState::backwash);
            return;
        case FilterState::backwash:
            if (in_state_ + dt / 2 >= wash_seconds) enter(FilterState::ripening);
            return;
        case FilterState::ripening:
            if (in_state_ + dt / 2 >= ripening_seconds) enter(FilterState::filtering);
            return;
    }
}

void Filter::enter(FilterState next) {
    if (next == FilterState::ripening) {
        since_wash_ = 0;
        ++washes_;
    }
    if (state_ == FilterState::ripening && next == FilterState::filtering) {
        run_seconds_ = 0;
        high_turbidity_for_ = 0;
    }
    state_ = next;
    in_state_ = 0;
}

}  // namespace hw::sim
