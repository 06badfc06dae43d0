#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"

namespace hw::sql {

// What a unit measures. Units of one kind convert into each other.
enum class Measure : unsigned char {
    flow,
    mass_flow,
    pressure,  // a head of water counts as its pressure at 1000 kg/m3
    length,
    area,
    volume,
    mass,
    temperature,
    concentration,  // a ppm of dissolved matter counts as 1 mg/L: water of 1 kg/L
    energy,
    power,
    time,
    speed,
    frequency,
    conductivity,
};
std::string_view to_string(Measure measure);

// A value in the SI unit of the measure is value * factor + offset.
struct Unit {
    std::string_view name;
    Measure measure;
    double factor;
    double offset = 0;
};

// As people write it: "m3/h", "m³/h", "L/s"; where capitals decide nothing, in any case. nullptr:
// unknown.
const Unit* find_unit(std::string_view name);
std::span<const Unit> all_units();
double to_si(double value, const Unit& unit);
double from_si(double value, const Unit& unit);
// Errors: invalid_argument names the units and what they measure, or the unit that is unknown and
// the nearest known one.
Result<double> convert_unit(double value, std::string_view from, std::string_view to);
Result<const Unit*> unit_named(std::string_view name);

}  // namespace hw::sql
