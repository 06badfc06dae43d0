#include "sim/plant/pump_station.h"

#include <algorithm>
#include <utility>

namespace hw::sim {

PumpStation::PumpStation(std::vector<Pump> pumps, Staging staging)
    : pumps_(std::move(pumps)), staging_(staging) {}

namespace {

bool automatic(std::span<const PumpOrder> orders, size_t pump) {
    return orders.empty() || orders[pump].automatic;
}

}  // namespace

void PumpStation::command(double speed, Orders orders, double dt) {
    high_for_ = speed >= staging_.up_speed ? high_for_ + dt : 0.0;
    low_for_ = one_too_many() ? low_for_ + dt : 0.0;
    if (running() == 0 || high_for_ > staging_.up_seconds) {
        start_one(orders);
        high_for_ = 0;
    }
    if (low_for_ > staging_.down_seconds) {
        stop_one(orders);
        low_for_ = 0;
    }
    for (size_t i = 0; i < pumps_.size(); ++i) {
        auto& pump = pumps_[i];
        if (automatic(orders, i)) {
            pump.ramp(speed, dt);
            continue;
        }
        if (orders[i].run)
            pump.start();
        else
            pump.stop();
        pump.ramp(speed > 0 ? orders[i].speed : 0.0, dt);
    }
}

bool PumpStation::one_too_many() const {
    if (running() < 2) return false;
    double flow = 0;
    double best = 0;
    for (const auto& pump : pumps_) {
        flow += pump.flow();
        if (pump.running()) best += pump.curve().best_flow * pump.speed();
    }
    const auto all = static_cast<double>(running());
    return flow < staging_.down_load * best * (all - 1) / all;
}

void PumpStation::start_one(Orders orders) {
    Pump* least = nullptr;
    for (size_t i = 0; i < pumps_.size(); ++i) {
        auto& pump = pumps_[i];
        if (automatic(orders, i) && !pump.running() && (!least || pump.hours() < least->hours()))
            least = &pump;
    }
    if (least) least->start();
}

void PumpStation::stop_one(Orders orders) {
    Pump* most = nullptr;
    for (size_t i = 0; i < pumps_.size(); ++i) {
        auto& pump = pumps_[i];
        if (automatic(orders, i) && pump.running() && (!most || pump.hours() > most->hours()))
            most = &pump;
    }
    if (most) most->stop();
}

double PumpStation::flow_against(double head) const {
    double flow = 0;
    for (const auto& pump : pumps_)
        flow += pump.flow_against(head);
    return flow;
}

double PumpStation::shutoff_head() const {
    double head = 0;
    for (const auto& pump : pumps_)
        head = std::max(head, pump.shutoff_head());
    return head;
}

double PumpStation::settle(double head, double ambient, double dt) {
    double flow = 0;
    for (auto& pump : pumps_) {
        const double share = pump.flow_against(head);
        // A check valve held shut by the header: the pump turns at its own shut-off head.
        pump.settle(share, share > 0 ? head : pump.shutoff_head(), ambient, dt);
        flow += share;
    }
    return flow;
}

double PumpStation::power() const {
    double power = 0;
    for (const auto& pump : pumps_)
        power += pump.power();
    return power;
}

double PumpStation::energy() const {
    double energy = 0;
    for (const auto& pump : pumps_)
        energy += pump.energy();
    return energy;
}

size_t PumpStation::running() const {
    return static_cast<size_t>(
        std::count_if(pumps_.begin(), pumps_.end(), [](const Pump& p) { return p.running(); }));
}

}  // namespace hw::sim
