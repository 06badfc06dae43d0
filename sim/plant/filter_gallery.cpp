#include "sim/plant/filter_gallery.h"

#include <array>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

constexpr PumpCurve fill_curve{.shutoff_head = 20,
                               .droop = 7.0 / (0.022 * 0.022),
                               .best_flow = 0.022,
                               .best_efficiency = 0.68,
                               .drive_efficiency = 0.90,
                               .rated_current = 9.6,
                               .rated_power = 4.6};
constexpr double lift_to_wash_tank = 10.5;  // m
constexpr double fill_resistance = 2.2 / (0.022 * 0.022);
constexpr double wash_volume = 135;  // m3 a wash takes

}  // namespace

FilterGallery::FilterGallery(Random& random)
    : wash_tank_(60, 4, 3.6), fill_pump_(fill_curve, 8'200, 3'911) {
    // Runs staggered as in a works that has run for months; the first wash comes within the hour.
    static constexpr std::array<double, 6> shares{0.96, 0.13, 0.31, 0.47, 0.66, 0.80};
    for (const double share : shares) {
        const double part = share + 0.02 * random.uniform();
        filters_.emplace_back(0.385 * part, 37.0 * part);
    }
}

void FilterGallery::choose_wash(std::span<FilterOrder, filter_count> orders) {
    // What an operator asked for goes first, then the highest head loss.
    constexpr size_t none = filter_count;
    size_t worst = none;
    double most = 0;
    for (size_t i = 0; i < filter_count; ++i) {
        const auto& filter = filters_[i];
        if (filter.state() != FilterState::filtering) return;
        if (!filter.wants_wash() && !orders[i].wash) continue;
        const double rank = filter.head_loss() + (orders[i].wash ? 1000 : 0);
        if (worst != none && rank <= most) continue;
        worst = i;
        most = rank;
    }
    if (worst == none || wash_tank_.volume() <= 1.2 * wash_volume) return;
    filters_[worst].wash();
    orders[worst].wash = false;
}

void FilterGallery::fill_wash_tank(double clear_well, double ambient, double dt) {
    if (wash_tank_.level() < 3.3) fill_pump_.start();
    if (wash_tank_.level() > 3.7 || clear_well < 400) fill_pump_.stop();
    fill_pump_.ramp(1.0, dt);
    // Pump against lift and pipe: H0 s^2 - b Q^2 = lift + k Q^2.
    const double speed = fill_pump_.speed();
    const double spare = fill_curve.shutoff_head * speed * speed - lift_to_wash_tank;
    const double flow = spare > 0 ? std::sqrt(spare / (fill_curve.droop + fill_resistance)) : 0.0;
    wash_draw_ = std::min(flow, clear_well / dt);
    fill_pump_.settle(wash_draw_, fill_curve.head(wash_draw_, speed), ambient, dt);
}

void FilterGallery::step(const Water& settled, double clear_well, double ambient,
                         std::span<FilterOrder, filter_count> orders, double dt) {
    choose_wash(orders);
    fill_wash_tank(clear_well, ambient, dt);
    double wash_wanted = 0;
    size_t open = 0;
    blower_running_ = false;
    for (const auto& filter : filters_) {
        wash_wanted += filter.wash_wanted();
        open += filter.takes_water() ? 1 : 0;
        blower_running_ = blower_running_ || filter.wants_air();
    }
    wash_flow_ = wash_tank_.step(wash_draw_, wash_wanted, dt);

    Water share = settled;
    share.flow = settled.flow / static_cast<double>(open);
    filtered_ = {.flow = 0, .turbidity = 0, .temperature = settled.temperature, .ph = settled.ph};
    waste_flow_ = 0;
    for (size_t i = 0; i < filter_count; ++i) {
        auto& filter = filters_[i];
        const auto& order = orders[i];
        filter.step({.settled = share,
                     .wash = wash_flow_,
                     .dt = dt,
                     .flow = order.automatic ? std::nullopt : std::optional(order.flow)});
        filtered_.flow += filter.filtered_flow();
        filtered_.turbidity += filter.filtered_flow() * filter.turbidity();
        waste_flow_ += filter.waste_flow();
    }
    if (filtered_.flow > 0) filtered_.turbidity /= filtered_.flow;
}

double FilterGallery::waste_volume() const {
    double volume = 0;
    for (const auto& filter : filters_)
        volume += filter.waste_volume();
    return volume;
}

double FilterGallery::overflow() const {
    double volume = wash_tank_.overflow();
    for (const auto& filter : filters_)
        volume += filter.overflow();
    return volume;
}

double FilterGallery::storage() const {
    double volume = wash_tank_.volume();
    for (const auto& filter : filters_)
        volume += filter.storage();
    return volume;
}

}  // namespace hw::sim
