#pragma once

#include <array>
#include <cstddef>

namespace hw::sim {

inline constexpr size_t pumps_a_station = 3;
inline constexpr size_t filter_count = 6;
inline constexpr size_t settling_tank_count = 2;
inline constexpr size_t flocculation_stages = 3;

// One pump as its operator wants it. Automatic: the station stages it. Manual: it runs or stands as
// told, at its own speed.
struct PumpOrder {
    bool automatic = true;
    bool run = false;
    double speed = 0.9;  // share of the rated speed
};

// One filter. Automatic: the outlet valve holds the level. Manual: it holds the flow.
struct FilterOrder {
    bool automatic = true;
    double flow = 0.0385;  // m3/s
    bool wash = false;     // a wash is asked for; falls back when it begins
};

// What the operators have set: the plant's inputs. As built, every loop is automatic. Plain data,
// in the plant's units; limits are the business of who writes.
struct Controls {
    bool raw_flow_automatic = true;
    double raw_flow = 0.230;  // m3/s
    double raw_valve = 1;     // the raw main's valve, share open
    std::array<PumpOrder, pumps_a_station> raw_pumps;
    bool alum_automatic = true;
    double alum = 20;                                                // mg/l
    std::array<double, flocculation_stages> paddles{3.6, 2.5, 1.6};  // 1/min
    std::array<bool, settling_tank_count> desludge{};  // asked for; falls back when it begins
    std::array<FilterOrder, filter_count> filters;
    double well_level = 2.8;  // m, what the throughput aims at
    double residual = 0.80;   // mg/l of chlorine at the clear well's outlet
    bool chlorine_automatic = true;
    double chlorine = 1.35;  // mg/l
    std::array<PumpOrder, pumps_a_station> high_lift_pumps;
    bool pressure_automatic = true;
    double pressure = 52;  // m at the high-lift header
};

}  // namespace hw::sim
