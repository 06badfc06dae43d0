#pragma once

// Inside the models: metres, m3, m3/s, seconds, kW, kWh; heads in metres of water.
namespace hw::physics {

inline constexpr double gravity = 9.81;          // m/s2
inline constexpr double water_density = 1000.0;  // kg/m3
inline constexpr double seconds_an_hour = 3600.0;
inline constexpr double seconds_a_day = 86'400.0;
inline constexpr double head_a_bar = 100.0 / gravity;  // m

// kW in water that flows with `flow` at `head`: density * g * Q * H.
constexpr double water_power(double flow, double head) {
    return water_density * gravity * flow * head / 1000.0;
}

}  // namespace hw::physics
