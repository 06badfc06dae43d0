#include "physics/pump.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "physics/root.h"
#include "physics/units.h"

namespace hw::physics {

namespace {

constexpr double flow_tolerance = 1e-9;  // m3/s

// Beyond twice the best flow the parabola has passed zero; a real pump keeps a little.
constexpr double least_share = 0.15;  // of the slope

}  // namespace

double PumpCurve::head(double flow, double speed) const {
    return shutoff_head * speed * speed - droop * flow * flow;
}

double PumpCurve::flow(double head, double speed) const {
    const double lift = shutoff_head * speed * speed - head;
    return lift > 0 && droop > 0 ? std::sqrt(lift / droop) : 0.0;
}

double PumpCurve::efficiency(double flow, double speed) const {
    if (speed <= 0) return 0;
    const double x = flow / speed;
    return x * std::max(least_share * efficiency_slope, efficiency_slope - efficiency_droop * x);
}

double PumpCurve::power(double flow, double head, double speed) const {
    if (speed <= 0 || efficiency_slope <= 0) return 0;
    const double x = flow / speed;
    const double left =
        std::max(least_share * efficiency_slope, efficiency_slope - efficiency_droop * x);
    return water_power(speed, std::max(0.0, head)) / left;
}

double PumpCurve::best_flow() const {
    return efficiency_droop > 0 ? efficiency_slope / (2 * efficiency_droop) : 0.0;
}

double PumpCurve::best_efficiency() const {
    return efficiency(best_flow(), 1);
}

Station::Station(const StationParameters& parameters)
    : parameters_(parameters), pumps_(parameters.pumps.size()) {
    point_.flows.resize(pumps_.size());
    point_.speeds.resize(pumps_.size());
    point_.powers.resize(pumps_.size());
}

size_t Station::running() const {
    return static_cast<size_t>(
        std::count_if(pumps_.begin(), pumps_.end(), [](const PumpState& p) { return p.running; }));
}

double Station::speed_of(size_t pump, double speed, std::span<const PumpWish> wishes) const {
    if (!pumps_[pump].running) return 0;
    const double manual = wishes.empty() ? -1 : wishes[pump].manual_speed;
    return manual < 0 ? speed : manual;
}

double Station::flow_against(double head, double speed, std::span<const PumpWish> wishes) const {
    double flow = 0;
    for (size_t i = 0; i < pumps_.size(); ++i)
        flow += parameters_.pumps[i].curve.flow(head, speed_of(i, speed, wishes));
    return flow;
}

void Station::share(double head, double speed, std::span<const PumpWish> wishes) {
    point_.head = head;
    point_.speed = running() > 0 ? speed : 0.0;
    point_.flow = 0;
    point_.power = 0;
    for (size_t i = 0; i < pumps_.size(); ++i) {
        const auto& curve = parameters_.pumps[i].curve;
        const double own = speed_of(i, speed, wishes);
        const double flow = curve.flow(head, own);
        point_.speeds[i] = own;
        point_.flows[i] = flow;
        point_.powers[i] = curve.power(flow, flow > 0 ? head : curve.head(0, own), own);
        point_.flow += flow;
        point_.power += point_.powers[i];
    }
}

bool Station::follow_wishes(std::span<const PumpWish> wishes) {
    bool changed = false;
    for (size_t i = 0; i < wishes.size(); ++i) {
        auto& pump = pumps_[i];
        const auto& wish = wishes[i];
        const bool forced = wish.manual_speed >= 0;
        const bool run = wish.available && (forced ? wish.manual_speed > 0 : pump.running);
        if (run == pump.running) continue;
        pump.running = run;
        pump.starts += run ? 1 : 0;
        changed = true;
        // A duty pump that drops out is replaced at once by one that stands by.
        if (!run && !forced) start_one(wishes);
    }
    return changed;
}

const StationPoint& Station::settle(double wanted, const System& asked,
                                    std::span<const PumpWish> wishes, bool blocked) {
    HW_ASSERT(wishes.empty() || wishes.size() == pumps_.size());
    follow_wishes(wishes);
    if (!blocked && wanted > 0 && running() == 0) start_one(wishes);
    point_.short_of = false;
    if (blocked || running() == 0) {
        share(0, 0, wishes);
        point_.head = 0;
        point_.short_of = wanted > 0;
        judge(blocked);
        return point_;
    }
    const auto& staging = parameters_.staging;
    const double most = staging.most_speed;
    const double least = std::min(staging.least_speed, most);
    const double head = asked(wanted);
    const auto missing = [&](double speed) { return wanted - flow_against(head, speed, wishes); };
    double speed = most;
    if (missing(most) > flow_tolerance) {
        point_.short_of = true;
    } else {
        speed = missing(least) < 0 ? least : falling_root(least, most, 1e-10, missing);
        if (speed > least) {
            share(head, speed, wishes);
            judge(blocked);
            return point_;
        }
    }
    // At a bound of the speed the system decides: the flow at which pumps and system agree.
    double reach = 0;
    for (size_t i = 0; i < pumps_.size(); ++i)
        reach += parameters_.pumps[i].curve.flow(0, speed_of(i, speed, wishes));
    const double flow = falling_root(0, reach, flow_tolerance, [&](double q) {
        return flow_against(std::max(0.0, asked(q)), speed, wishes) - q;
    });
    share(std::max(0.0, asked(flow)), speed, wishes);
    judge(blocked);
    return point_;
}

void Station::judge(bool blocked) {
    const auto& staging = parameters_.staging;
    high_ = !blocked && (point_.short_of || point_.speed >= staging.up_speed);
    const auto all = static_cast<double>(running());
    double best = 0;
    for (size_t i = 0; i < pumps_.size(); ++i)
        if (pumps_[i].running) best += parameters_.pumps[i].curve.best_flow() * point_.speeds[i];
    low_ = !blocked && all >= 2 && point_.flow < staging.down_load * best * (all - 1) / all;
}

double Station::until_change() const {
    const auto& staging = parameters_.staging;
    double seconds = std::numeric_limits<double>::infinity();
    if (high_ && running() < pumps_.size())
        seconds = std::min(seconds, std::max(0.0, staging.up_seconds - high_for_));
    if (low_) seconds = std::min(seconds, std::max(0.0, staging.down_seconds - low_for_));
    return seconds;
}

bool Station::pass(double seconds, std::span<const PumpWish> wishes, bool blocked) {
    for (auto& pump : pumps_)
        if (pump.running && !blocked) pump.hours += seconds / seconds_an_hour;
    high_for_ = high_ ? high_for_ + seconds : 0.0;
    low_for_ = low_ ? low_for_ + seconds : 0.0;
    const auto& staging = parameters_.staging;
    bool changed = false;
    constexpr double hair = 1e-6;  // s
    if (high_ && high_for_ + hair >= staging.up_seconds) {
        changed = start_one(wishes);
        high_for_ = 0;
    }
    if (low_ && low_for_ + hair >= staging.down_seconds) {
        changed = stop_one(wishes) || changed;
        low_for_ = 0;
    }
    return changed;
}

bool Station::start_one(std::span<const PumpWish> wishes) {
    PumpState* next = nullptr;
    for (size_t i = 0; i < pumps_.size(); ++i) {
        const bool may = wishes.empty() || (wishes[i].available && wishes[i].manual_speed < 0);
        if (may && !pumps_[i].running && (!next || pumps_[i].hours < next->hours))
            next = &pumps_[i];
    }
    if (!next) return false;
    next->running = true;
    ++next->starts;
    return true;
}

bool Station::stop_one(std::span<const PumpWish> wishes) {
    PumpState* next = nullptr;
    for (size_t i = 0; i < pumps_.size(); ++i) {
        const bool may = wishes.empty() || wishes[i].manual_speed < 0;
        if (may && pumps_[i].running && (!next || pumps_[i].hours > next->hours)) next = &pumps_[i];
    }
    if (!next) return false;
    next->running = false;
    return true;
}

}  // namespace hw::physics
