#include "sim/plant/waterworks.h"

#include <cmath>
#include <utility>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

constexpr PumpCurve raw_curve{.shutoff_head = 24,
                              .droop = 6.0 / (0.130 * 0.130),
                              .best_flow = 0.130,
                              .best_efficiency = 0.80,
                              .drive_efficiency = 0.93,
                              .rated_current = 58,
                              .rated_power = 31};
constexpr double raw_lift = 12.6;         // m from the river gauge's zero to the rapid mixer
constexpr double raw_resistance = 94;     // m/(m3/s)^2, 1.2 km of 500 mm
constexpr double decide_every = 15 * 60;  // s between changes of the works' throughput
constexpr double mixer_power = 5.5;       // kW
constexpr double valve_resistance = 2;    // m/(m3/s)^2 of the raw main's valve, open
constexpr double valve_travel = 0.01;     // of its stroke, a second

constexpr std::array<std::string_view, settling_tank_count> tank_names{
    "plant1/sedimentation/tank1", "plant1/sedimentation/tank2"};
constexpr std::array<std::string_view, filter_count> filter_names{
    "plant1/filtration/filter1", "plant1/filtration/filter2", "plant1/filtration/filter3",
    "plant1/filtration/filter4", "plant1/filtration/filter5", "plant1/filtration/filter6"};
constexpr std::array<std::string_view, pumps_a_station> raw_pump_names{
    "plant1/intake/pump1", "plant1/intake/pump2", "plant1/intake/pump3"};

std::optional<double> unless(bool automatic, double value) {
    return automatic ? std::nullopt : std::optional(value);
}

PumpStation raw_pumps() {
    std::vector<Pump> pumps{Pump(raw_curve, 14'210, 402), Pump(raw_curve, 13'870, 377),
                            Pump(raw_curve, 14'655, 421)};
    pumps[0].set_turning(0.92);
    pumps[1].set_turning(0.92);
    return PumpStation(std::move(pumps), {});
}

template <size_t... I>
Analyzers make_analyzers(Random& random, std::index_sequence<I...>) {
    return {.river = Analyzer(7, random),
            .settled = {Analyzer(1.4, random), Analyzer(1.4, random)},
            .filtered = {(static_cast<void>(I), Analyzer(0.09, random))...},
            .clear_well = Analyzer(0.09, random)};
}

}  // namespace

Waterworks::Waterworks(Time start, uint64_t seed)
    : random_(seed),
      start_(start),
      now_(start),
      river_(start, random_),
      intake_(raw_pumps()),
      intake_control_({.proportional = 0.3, .integral = 0.08, .least = 0.55, .most = 1.0}, 0.92),
      flocculation_(river_.turbidity(), river_.temperature()),
      settling_{SettlingTank(river_.turbidity(), 0.2), SettlingTank(river_.turbidity(), 0.7)},
      gallery_(random_),
      zone_(start, random_),
      analyzers_(make_analyzers(random_, std::make_index_sequence<6>())) {}

void Waterworks::step() {
    constexpr double dt = step_seconds;
    now_ = now_ + seconds(1);
    step_faults();
    river_.step(now_, dt, random_);
    step_intake();
    const double raw_turbidity =
        faults_.seen("plant1/intake/river/turbidity", analyzers_.river.value(), now_);
    coagulation_.step(raw_, raw_turbidity, unless(controls_.alum_automatic, controls_.alum), dt);
    flocculation_.step(coagulation_.out(), controls_.paddles, dt);
    step_settling();

    Water settled = settling_[0].out();
    const Water& other = settling_[1].out();
    const double sum = settled.flow + other.flow;
    if (sum > 0)
        settled.turbidity = (settled.turbidity * settled.flow + other.turbidity * other.flow) / sum;
    settled.flow = sum;
    const double ambient = 0.5 * river_.air_temperature() + 9;  // in the pump halls
    gallery_.step(settled, clear_well_.tank().volume(), ambient, controls_.filters, dt);

    const Water filtered = gallery_.filtered();
    const double residual =
        faults_.seen("plant1/clearwell/outlet/chlorine", clear_well_.chlorine(), now_);
    chlorination_.step(filtered.flow, residual,
                       {.residual = controls_.residual,
                        .dose = unless(controls_.chlorine_automatic, controls_.chlorine)},
                       dt);
    const double drawn = zone_.step(now_,
                                    {.available = clear_well_.tank().volume(),
                                     .level = clear_well_.tank().level(),
                                     .chlorine = clear_well_.chlorine(),
                                     .temperature = clear_well_.temperature(),
                                     .ambient = ambient},
                                    controls_, faults_, dt, random_);
    clear_well_.step(filtered, chlorination_.feed(), drawn + gallery_.wash_draw(), dt);
    step_analyzers();
    book_energy();
}

void Waterworks::step_faults() {
    for (size_t i = 0; i < settling_.size(); ++i)
        settling_.at(i).set_valve_stuck(faults_.find(FaultKind::stuck_valve, tank_names.at(i)) !=
                                        nullptr);
    for (size_t i = 0; i < filter_count; ++i) {
        const auto name = filter_names.at(i);
        gallery_.set_trouble(
            i, {.valve_stuck = faults_.find(FaultKind::stuck_valve, name) != nullptr,
                .bypass = faults_.amount(FaultKind::filter_breakthrough, name) / 100});
    }
    for (size_t i = 0; i < pumps_a_station; ++i)
        intake_.set_wear(i, faults_.amount(FaultKind::pump_wear, raw_pump_names.at(i)) / 100);
}

void Waterworks::step_setpoint() {
    constexpr double dt = step_seconds;
    // The throughput follows the day's mean demand and the clear well's level, in whole steps of
    // 5 l/s every quarter of an hour: filters and flocs dislike a restless flow.
    mean_out_ += (zone_.pump_flow() - mean_out_) * dt / (24 * 3600);
    if (now_.ns / 1'000'000'000 % static_cast<int64_t>(decide_every) == 0) {
        const double level =
            faults_.seen("plant1/clearwell/well/level", clear_well_.tank().level(), now_);
        const double low = controls_.well_level - level;
        const double wanted = mean_out_ * 1.025 + 0.03 * low + 0.08 * std::max(0.0, low - 0.8) -
                              0.35 * std::max(0.0, -low - 0.7);
        raw_setpoint_ = std::clamp(std::round(wanted * 200) / 200, 0.115, 0.310);
    }
    if (!controls_.raw_flow_automatic) raw_setpoint_ = controls_.raw_flow;
}

void Waterworks::step_intake() {
    constexpr double dt = step_seconds;
    step_setpoint();
    const double seen = faults_.seen("plant1/intake/header/flow", raw_.flow, now_);
    intake_.command(intake_control_.step(raw_setpoint_ - seen, dt), controls_.raw_pumps, dt);
    if (!faults_.find(FaultKind::stuck_valve, "plant1/intake/header/valve"))
        raw_valve_ +=
            std::clamp(controls_.raw_valve - raw_valve_, -valve_travel * dt, valve_travel * dt);

    // Leaves and weed on the screen; a rake clears it when the loss reaches 0.2 m.
    screen_dirt_ += dt / (10 * 3600) * (1 + river_.turbidity() / 20);
    if (screen_loss_ > 0.2) screen_dirt_ = 0;
    screen_loss_ = (0.03 + 0.15 * screen_dirt_) * std::pow(raw_.flow / 0.23, 2);

    const double lift = raw_lift - river_.level() + screen_loss_;
    const double open = std::pow(raw_valve_, 4);
    const double resistance = raw_resistance + valve_resistance * (1 / open - 1);
    double low = lift;
    double high = std::max(lift, intake_.shutoff_head());
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        const bool more = intake_.flow_against(middle) > flow_through(middle - lift, resistance);
        (more ? low : high) = middle;
    }
    raw_head_ = low;
    raw_.flow = intake_.settle(low, 0.5 * river_.air_temperature() + 9, dt);
    raw_.turbidity = river_.turbidity();
    raw_.temperature = river_.temperature();
    raw_.ph = river_.ph();
    raw_volume_ += raw_.flow * dt;
}

void Waterworks::step_settling() {
    Water half = flocculation_.out();
    half.flow *= 0.5;
    const double penalty = coagulation_.penalty() * flocculation_.penalty();
    for (size_t i = 0; i < settling_.size(); ++i)
        if (std::exchange(controls_.desludge.at(i), false)) settling_.at(i).request_desludge();
    for (auto& tank : settling_)
        tank.step(half, coagulation_.dose(), penalty, step_seconds);
}

void Waterworks::step_analyzers() {
    constexpr double dt = step_seconds;
    analyzers_.river.step(river_.turbidity(), dt, random_);
    for (size_t i = 0; i < settling_.size(); ++i)
        analyzers_.settled.at(i).step(settling_.at(i).out().turbidity, dt, random_);
    for (size_t i = 0; i < analyzers_.filtered.size(); ++i)
        analyzers_.filtered.at(i).step(gallery_.filters().at(i).turbidity(), dt, random_);
    analyzers_.clear_well.step(clear_well_.turbidity(), dt, random_);
}

double Waterworks::total_power() const {
    return intake_.power() + mixer_power + flocculation_.power() + gallery_.power() +
           zone_.pumps().power() + building_power_;
}

void Waterworks::book_energy() {
    constexpr double dt = step_seconds;
    building_power_ = 16 + 0.5 * std::max(0.0, 16 - river_.air_temperature());
    energy_ += total_power() * dt / seconds_per_hour;
    if (hour_power_ == 0) hour_power_ = total_power();
    hour_power_ += (total_power() - hour_power_) * dt / seconds_per_hour;
    hour_flow_ += (zone_.pump_flow() - hour_flow_) * dt / seconds_per_hour;
}

double Waterworks::specific_energy() const {
    return hour_flow_ > 0 ? hour_power_ / (hour_flow_ * seconds_per_hour) : 0.0;
}

double Waterworks::storage() const {
    return settling_[0].volume() + settling_[1].volume() + gallery_.storage() +
           clear_well_.tank().volume();
}

double Waterworks::losses() const {
    return settling_[0].sludge_volume() + settling_[1].sludge_volume() + gallery_.waste_volume() +
           gallery_.overflow() + clear_well_.tank().overflow();
}

}  // namespace hw::sim
