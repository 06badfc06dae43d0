#include "sim/serve/setpoints.h"

#include <array>
#include <cmath>
#include <string_view>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

constexpr double metres_a_bar = 100 / gravity;
constexpr std::array<std::string_view, flocculation_stages> stage_names{"stage1", "stage2",
                                                                        "stage3"};

using Orders = std::array<PumpOrder, pumps_a_station>;

// The pump's own state is where manual begins, so that the change is without a jump.
void take_over(PumpOrder& order, const Pump& pump) {
    if (!order.automatic) return;
    order = {.automatic = false,
             .run = pump.running(),
             .speed = pump.running() ? pump.speed() : order.speed};
}

void add_pump(std::vector<Setpoint>& all, const std::string& asset, size_t i,
              Orders Controls::* orders, const PumpStation& (*station)(const Waterworks&)) {
    all.push_back({.path = asset + "/auto",
                   .is_flag = true,
                   .description = "the station starts, stops and paces the pump",
                   .get = [=](const Waterworks& w) { return (w.controls().*orders)[i].automatic; },
                   .set =
                       [=](Waterworks& w, double value) {
                           auto& order = (w.controls().*orders)[i];
                           take_over(order, station(w).pumps()[i]);
                           order.automatic = value != 0;
                       }});
    all.push_back({.path = asset + "/run",
                   .is_flag = true,
                   .description = "start and stop; takes the pump to manual",
                   .get =
                       [=](const Waterworks& w) {
                           const auto& order = (w.controls().*orders)[i];
                           return order.automatic ? station(w).pumps()[i].running() : order.run;
                       },
                   .set =
                       [=](Waterworks& w, double value) {
                           auto& order = (w.controls().*orders)[i];
                           take_over(order, station(w).pumps()[i]);
                           order.run = value != 0;
                       }});
    all.push_back({.path = asset + "/speed_setpoint",
                   .unit = "1",
                   .description = "share of the rated speed; takes the pump to manual",
                   .least = 0.4,
                   .most = 1,
                   .get =
                       [=](const Waterworks& w) {
                           const auto& order = (w.controls().*orders)[i];
                           return order.automatic ? station(w).pumps()[i].speed() : order.speed;
                       },
                   .set =
                       [=](Waterworks& w, double value) {
                           auto& order = (w.controls().*orders)[i];
                           take_over(order, station(w).pumps()[i]);
                           order.speed = value;
                       }});
}

void add_auto(std::vector<Setpoint>& all, std::string path, std::string description,
              bool Controls::* flag) {
    all.push_back({.path = std::move(path),
                   .is_flag = true,
                   .description = std::move(description),
                   .get = [=](const Waterworks& w) { return w.controls().*flag; },
                   .set = [=](Waterworks& w, double v) { w.controls().*flag = v != 0; }});
}

void add_intake(std::vector<Setpoint>& all) {
    for (size_t i = 0; i < pumps_a_station; ++i)
        add_pump(all, "plant1/intake/pump" + std::to_string(i + 1), i, &Controls::raw_pumps,
                 [](const Waterworks& w) -> const PumpStation& { return w.intake(); });
    all.push_back({.path = "plant1/intake/header/flow_setpoint",
                   .unit = "l/s",
                   .description = "throughput of the works",
                   .least = 0,
                   .most = 320,
                   .get =
                       [](const Waterworks& w) {
                           return litres_per_m3 * (w.controls().raw_flow_automatic
                                                       ? w.raw_setpoint()
                                                       : w.controls().raw_flow);
                       },
                   .set =
                       [](Waterworks& w, double value) {
                           w.controls().raw_flow = litres_per_second(value);
                           w.controls().raw_flow_automatic = false;
                       }});
    add_auto(all, "plant1/intake/header/flow_auto", "the throughput follows demand and clear well",
             &Controls::raw_flow_automatic);
    all.push_back({.path = "plant1/intake/header/valve_setpoint",
                   .unit = "%",
                   .description = "raw main's valve, open; 1 % a second",
                   .least = 0,
                   .most = 100,
                   .get = [](const Waterworks& w) { return w.controls().raw_valve * 100; },
                   .set = [](Waterworks& w, double v) { w.controls().raw_valve = v / 100; }});
}

void add_treatment(std::vector<Setpoint>& all) {
    all.push_back({.path = "plant1/coagulation/dosing/dose_setpoint",
                   .unit = "mg/l",
                   .description = "alum",
                   .least = 0,
                   .most = 100,
                   .get =
                       [](const Waterworks& w) {
                           return w.controls().alum_automatic ? w.coagulation().setpoint()
                                                              : w.controls().alum;
                       },
                   .set =
                       [](Waterworks& w, double value) {
                           w.controls().alum = value;
                           w.controls().alum_automatic = false;
                       }});
    add_auto(all, "plant1/coagulation/dosing/dose_auto", "the dose follows the raw turbidity",
             &Controls::alum_automatic);
    for (size_t i = 0; i < flocculation_stages; ++i)
        all.push_back(
            {.path = "plant1/flocculation/" + std::string(stage_names.at(i)) + "/speed_setpoint",
             .unit = "1/min",
             .description = "paddles",
             .least = 0,
             .most = 6,
             .get = [i](const Waterworks& w) { return w.controls().paddles.at(i); },
             .set = [i](Waterworks& w, double v) { w.controls().paddles.at(i) = v; }});
    for (size_t i = 0; i < settling_tank_count; ++i)
        all.push_back(
            {.path = "plant1/sedimentation/tank" + std::to_string(i + 1) + "/desludge_request",
             .is_flag = true,
             .description = "opens the desludging valve for 3 min; falls back by itself",
             .get = [i](const Waterworks& w) { return w.controls().desludge.at(i); },
             .set = [i](Waterworks& w, double v) { w.controls().desludge.at(i) = v != 0; }});
}

void add_filter(std::vector<Setpoint>& all, size_t i) {
    const std::string asset = "plant1/filtration/filter" + std::to_string(i + 1);
    all.push_back({.path = asset + "/flow_setpoint",
                   .unit = "l/s",
                   .description = "flow that the outlet valve holds",
                   .least = 0,
                   .most = 60,
                   .get =
                       [i](const Waterworks& w) {
                           const auto& order = w.controls().filters.at(i);
                           return litres_per_m3 * (order.automatic
                                                       ? w.gallery().filters()[i].through_flow()
                                                       : order.flow);
                       },
                   .set =
                       [i](Waterworks& w, double value) {
                           auto& order = w.controls().filters.at(i);
                           order.flow = litres_per_second(value);
                           order.automatic = false;
                       }});
    all.push_back({.path = asset + "/flow_auto",
                   .is_flag = true,
                   .description = "the outlet valve holds the level instead of the flow",
                   .get = [i](const Waterworks& w) { return w.controls().filters.at(i).automatic; },
                   .set =
                       [i](Waterworks& w, double value) {
                           auto& order = w.controls().filters.at(i);
                           if (order.automatic && value == 0)
                               order.flow = w.gallery().filters()[i].through_flow();
                           order.automatic = value != 0;
                       }});
    all.push_back(
        {.path = asset + "/backwash_request",
         .is_flag = true,
         .description = "asks for a wash; falls back when it begins",
         .get = [i](const Waterworks& w) { return w.controls().filters.at(i).wash; },
         .set = [i](Waterworks& w, double v) { w.controls().filters.at(i).wash = v != 0; }});
}

void add_treated_water(std::vector<Setpoint>& all) {
    all.push_back({.path = "plant1/clearwell/well/level_setpoint",
                   .unit = "m",
                   .description = "what the throughput aims at",
                   .least = 1,
                   .most = 3.6,
                   .get = [](const Waterworks& w) { return w.controls().well_level; },
                   .set = [](Waterworks& w, double v) { w.controls().well_level = v; }});
    all.push_back({.path = "plant1/chlorination/plc3/residual_setpoint",
                   .unit = "mg/l",
                   .description = "free chlorine at the clear well's outlet",
                   .least = 0.1,
                   .most = 3,
                   .get = [](const Waterworks& w) { return w.controls().residual; },
                   .set = [](Waterworks& w, double v) { w.controls().residual = v; }});
    all.push_back({.path = "plant1/chlorination/plc3/dose_setpoint",
                   .unit = "mg/l",
                   .description = "chlorine, instead of pacing and trim",
                   .least = 0,
                   .most = 5,
                   .get =
                       [](const Waterworks& w) {
                           return w.controls().chlorine_automatic ? w.chlorination().dose()
                                                                  : w.controls().chlorine;
                       },
                   .set =
                       [](Waterworks& w, double value) {
                           w.controls().chlorine = value;
                           w.controls().chlorine_automatic = false;
                       }});
    add_auto(all, "plant1/chlorination/plc3/dose_auto", "the dose follows flow and residual",
             &Controls::chlorine_automatic);
}

void add_high_lift(std::vector<Setpoint>& all) {
    for (size_t i = 0; i < pumps_a_station; ++i)
        add_pump(all, "plant1/highlift/pump" + std::to_string(i + 1), i, &Controls::high_lift_pumps,
                 [](const Waterworks& w) -> const PumpStation& { return w.zone().pumps(); });
    all.push_back({.path = "plant1/highlift/header/pressure_setpoint",
                   .unit = "bar",
                   .description = "discharge header",
                   .least = 3,
                   .most = 6.5,
                   .get =
                       [](const Waterworks& w) {
                           return (w.controls().pressure_automatic ? w.zone().pressure_setpoint()
                                                                   : w.controls().pressure) /
                                  metres_a_bar;
                       },
                   .set =
                       [](Waterworks& w, double value) {
                           w.controls().pressure = value * metres_a_bar;
                           w.controls().pressure_automatic = false;
                       }});
    add_auto(all, "plant1/highlift/header/pressure_auto", "the pressure follows the tower's level",
             &Controls::pressure_automatic);
}

}  // namespace

std::vector<Setpoint> make_setpoints() {
    std::vector<Setpoint> all;
    add_intake(all);
    add_treatment(all);
    for (size_t i = 0; i < filter_count; ++i)
        add_filter(all, i);
    add_treated_water(all);
    add_high_lift(all);
    return all;
}

}  // namespace hw::sim
