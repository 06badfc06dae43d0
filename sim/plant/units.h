#pragma once

#include <algorithm>
#include <cmath>

// Inside the plant: metres, m3, m3/s, seconds, mg/l (= g/m3), kW, degrees Celsius, m of water.
namespace hw::sim {

inline constexpr double gravity = 9.81;
inline constexpr double water_density = 1000.0;
inline constexpr double seconds_per_hour = 3600.0;
inline constexpr double seconds_per_day = 86'400.0;
inline constexpr double litres_per_m3 = 1000.0;

constexpr double litres_per_second(double l) {
    return l / litres_per_m3;
}

// Power in the water in kW: density * g * Q * H.
constexpr double hydraulic_power(double flow, double head) {
    return water_density * gravity * flow * head / 1000.0;
}

// The flow that a quadratic resistance k (h = k Q^2) passes at head h, with h's sign.
inline double flow_through(double head, double k) {
    return std::copysign(std::sqrt(std::abs(head) / k), head);
}

}  // namespace hw::sim
