#pragma once

#include "sim/plant/pump_station.h"

namespace hw::sim {

// The pipes between the high-lift pumps, the town and its tower, as three heads and two quadratic
// resistances. Heads are metres above the clear well's floor.
struct Network {
    double trunk = 150;        // m/(m3/s)^2, header to town
    double riser = 200;        // m/(m3/s)^2, town to tower
    double town_ground = 5;    // m
    double header_ground = 1;  // m
};

struct NetworkState {
    double town_head;
    double header_head;
    double pump_flow;   // m3/s
    double tower_flow;  // m3/s, into the tower
};

// The working point: pump curves at their speeds against trunk, demand and tower. `inlet_opening`
// is the tower's float valve (1 open, 0 shut), which never stops water from flowing out.
// Continuity (pump_flow = demand + tower_flow) holds exactly. 60 halvings.
NetworkState solve_network(const Network& network, const PumpStation& pumps, double suction_head,
                           double demand, double tower_head, double inlet_opening);

}  // namespace hw::sim
