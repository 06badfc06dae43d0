#include "sim/plant/network.h"

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

double into_tower(const Network& network, double town_head, double tower_head, double opening) {
    const double flow = flow_through(town_head - tower_head, network.riser);
    return flow > 0 ? flow * opening : flow;
}

}  // namespace

NetworkState solve_network(const Network& network, const PumpStation& pumps, double suction_head,
                           double demand, double tower_head, double inlet_opening) {
    // Between "the tower alone feeds the town" and "the pumps run against a shut valve" the flow
    // that the town takes rises with its head and the flow that the pumps give falls.
    double low = tower_head - network.riser * demand * demand;
    double high = std::max(low, suction_head + pumps.shutoff_head());
    const auto header = [&](double head) {
        const double flow = demand + into_tower(network, head, tower_head, inlet_opening);
        return head + network.trunk * flow * flow;
    };
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        const double taken = demand + into_tower(network, middle, tower_head, inlet_opening);
        const double given = pumps.flow_against(header(middle) - suction_head);
        (given > taken ? low : high) = middle;
    }
    NetworkState state{};
    state.town_head = low;
    state.header_head = header(low);
    state.pump_flow = pumps.flow_against(state.header_head - suction_head);
    state.tower_flow = state.pump_flow - demand;
    return state;
}

}  // namespace hw::sim
