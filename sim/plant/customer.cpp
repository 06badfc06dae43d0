#include "sim/plant/customer.h"

#include <array>
#include <cmath>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

struct Use {
    double per_day;  // times a person and day
    double litres;
    double rate;  // l/s
};

// About 120 l a person and day.
constexpr std::array<Use, 5> uses{
    {{6.0, 7, 0.10}, {15.0, 2, 0.08}, {0.75, 46, 0.13}, {0.8, 15, 0.12}, {0.2, 12, 0.08}}};

constexpr double events_per_day() {
    double sum = 0;
    for (const auto& use : uses)
        sum += use.per_day;
    return sum;
}

const Use& draw_use(Random& random) {
    double at = random.uniform() * events_per_day();
    for (const auto& use : uses) {
        at -= use.per_day;
        if (at < 0) return use;
    }
    return uses.back();
}

}  // namespace

Customer::Customer(CustomerKind kind, int people, double drip, int64_t reading_litres)
    : kind_(kind), people_(people), drip_(drip), first_reading_(reading_litres) {}

double Customer::want(const DemandFactors& factors, double dt, Random& random) {
    const double factor = kind_ == CustomerKind::business ? factors.business : factors.household;
    if (random.chance(people_ * events_per_day() * factor * dt / seconds_per_day)) {
        const auto& use = draw_use(random);
        const double scale = 0.6 + 0.8 * random.uniform();
        pulses_.push_back({litres_per_second(use.rate), scale * use.litres / use.rate});
    }
    flow_wanted_ = drip_;
    for (auto& pulse : pulses_) {
        flow_wanted_ += pulse.flow * std::min(1.0, pulse.left / dt);
        pulse.left -= dt;
    }
    std::erase_if(pulses_, [](const Pulse& pulse) { return pulse.left <= 0; });
    return flow_wanted_;
}

int64_t Customer::reading() const {
    return first_reading_ + static_cast<int64_t>(std::floor(volume_ * litres_per_m3));
}

std::vector<Customer> make_customers(Time start, Random& random) {
    std::vector<Customer> customers;
    for (int i = 0; i < 200; ++i) {
        auto kind = CustomerKind::house;
        int people = 1 + static_cast<int>(random.below(4));
        if (i % 7 == 3) {
            kind = CustomerKind::flats;
            people = 10 + static_cast<int>(random.below(30));
        } else if (i % 29 == 5) {
            kind = CustomerKind::business;
            people = 40 + static_cast<int>(random.below(160));
        }
        const double drip = random.chance(0.05) ? 1e-6 * (1 + 4 * random.uniform()) : 0.0;
        // Fitted between 2012 and 2021; 1.4 ml a second is 118 l a day.
        const double fitted = (42 + 9 * random.uniform()) * 365.25 * seconds_per_day;
        const double age = std::max(0.0, static_cast<double>(start.ns) / 1e9 - fitted);
        customers.emplace_back(kind, people, drip, static_cast<int64_t>(age * people * 1.366e-3));
    }
    return customers;
}

}  // namespace hw::sim
