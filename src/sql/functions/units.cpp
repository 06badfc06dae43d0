#include "sql/functions/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/config.h"

namespace hw::sql {

namespace {

// Exact by definition, from NIST Special Publication 811 (2008), appendix B, and the BIPM's SI
// brochure; what rests on the standard fall of 9.80665 m/s2 or on water of 1000 kg/m3 says so.
constexpr double inch = 0.0254;
constexpr double foot = 0.3048;
constexpr double mile = 1609.344;
constexpr double litre = 1e-3;
constexpr double us_gallon = 231 * inch * inch * inch;
constexpr double uk_gallon = 4.54609e-3;
constexpr double cubic_foot = foot * foot * foot;
constexpr double acre = 4046.8564224;
constexpr double acre_foot = 43'560 * cubic_foot;
constexpr double pound = 0.45359237;
constexpr double fall = 9.80665;
constexpr double water = 1000;  // kg/m3
constexpr double minute = 60;
constexpr double hour = 3'600;
constexpr double day = 86'400;
constexpr double psi = pound * fall / (inch * inch);
constexpr double btu = 1055.05585262;  // of the International Table
constexpr double horsepower = 550 * foot * pound * fall;

using enum Measure;

constexpr Unit units[] = {
    {"m3/s", flow, 1},
    {"m3/min", flow, 1 / minute},
    {"m3/h", flow, 1 / hour},
    {"m3/d", flow, 1 / day},
    {"L/s", flow, litre},
    {"L/min", flow, litre / minute},
    {"L/h", flow, litre / hour},
    {"L/d", flow, litre / day},
    {"ML/d", flow, 1000 / day},
    {"Mm3/d", flow, 1e6 / day},
    {"gpm", flow, us_gallon / minute},
    {"gal/min", flow, us_gallon / minute},
    {"gal/h", flow, us_gallon / hour},
    {"gpd", flow, us_gallon / day},
    {"gal/d", flow, us_gallon / day},
    {"MGD", flow, 1e6 * us_gallon / day},
    {"Igpm", flow, uk_gallon / minute},
    {"IMGD", flow, 1e6 * uk_gallon / day},
    {"cfs", flow, cubic_foot},
    {"ft3/s", flow, cubic_foot},
    {"cfm", flow, cubic_foot / minute},
    {"ft3/min", flow, cubic_foot / minute},
    {"ft3/d", flow, cubic_foot / day},
    {"acre-ft/d", flow, acre_foot / day},

    {"kg/s", mass_flow, 1},
    {"g/s", mass_flow, 1e-3},
    {"g/min", mass_flow, 1e-3 / minute},
    {"g/h", mass_flow, 1e-3 / hour},
    {"kg/min", mass_flow, 1 / minute},
    {"kg/h", mass_flow, 1 / hour},
    {"kg/d", mass_flow, 1 / day},
    {"t/h", mass_flow, 1000 / hour},
    {"t/d", mass_flow, 1000 / day},
    {"lb/h", mass_flow, pound / hour},
    {"lb/d", mass_flow, pound / day},

    {"Pa", pressure, 1},
    {"hPa", pressure, 100},
    {"kPa", pressure, 1e3},
    {"MPa", pressure, 1e6},
    {"mbar", pressure, 100},
    {"bar", pressure, 1e5},
    {"atm", pressure, 101'325},
    {"psi", pressure, psi},
    {"mH2O", pressure, water* fall},
    {"cmH2O", pressure, water* fall / 100},
    {"mmH2O", pressure, water* fall / 1000},
    {"ftH2O", pressure, water* fall* foot},
    {"inH2O", pressure, water* fall* inch},
    {"mmHg", pressure, 133.322387415},
    {"inHg", pressure, 133.322387415 * 25.4},
    {"kgf/cm2", pressure, fall * 1e4},

    {"m", length, 1},
    {"um", length, 1e-6},
    {"mm", length, 1e-3},
    {"cm", length, 1e-2},
    {"dm", length, 1e-1},
    {"km", length, 1e3},
    {"in", length, inch},
    {"ft", length, foot},
    {"yd", length, 3 * foot},
    {"mi", length, mile},

    {"m2", area, 1},
    {"mm2", area, 1e-6},
    {"cm2", area, 1e-4},
    {"ha", area, 1e4},
    {"km2", area, 1e6},
    {"ft2", area, foot* foot},
    {"in2", area, inch* inch},
    {"acre", area, acre},
    {"mi2", area, mile* mile},

    {"m3", volume, 1},
    {"mL", volume, 1e-6},
    {"L", volume, litre},
    {"hL", volume, 0.1},
    {"kL", volume, 1},
    {"ML", volume, 1e3},
    {"GL", volume, 1e6},
    {"Mm3", volume, 1e6},
    {"gal", volume, us_gallon},
    {"kgal", volume, 1e3 * us_gallon},
    {"MG", volume, 1e6 * us_gallon},
    {"Igal", volume, uk_gallon},
    {"ft3", volume, cubic_foot},
    {"ccf", volume, 100 * cubic_foot},
    {"acre-ft", volume, acre_foot},
    {"bbl", volume, 42 * us_gallon},

    {"kg", mass, 1},
    {"ug", mass, 1e-9},
    {"mg", mass, 1e-6},
    {"g", mass, 1e-3},
    {"t", mass, 1e3},
    {"lb", mass, pound},
    {"oz", mass, pound / 16},

    {"K", temperature, 1},
    {"degC", temperature, 1, 273.15},
    {"degF", temperature, 5.0 / 9, 273.15 - 32 * 5.0 / 9},

    {"kg/m3", concentration, 1},
    {"g/L", concentration, 1},
    {"mg/L", concentration, 1e-3},
    {"ug/L", concentration, 1e-6},
    {"ng/L", concentration, 1e-9},
    {"g/m3", concentration, 1e-3},
    {"mg/m3", concentration, 1e-6},
    {"ppm", concentration, 1e-6 * water},
    {"ppb", concentration, 1e-9 * water},
    {"%w", concentration, 1e-2 * water},

    {"J", energy, 1},
    {"kJ", energy, 1e3},
    {"MJ", energy, 1e6},
    {"GJ", energy, 1e9},
    {"Wh", energy, hour},
    {"kWh", energy, 1e3 * hour},
    {"MWh", energy, 1e6 * hour},
    {"GWh", energy, 1e9 * hour},
    {"cal", energy, 4.1868},
    {"kcal", energy, 4186.8},
    {"BTU", energy, btu},

    {"W", power, 1},
    {"mW", power, 1e-3},
    {"kW", power, 1e3},
    {"MW", power, 1e6},
    {"hp", power, horsepower},
    {"PS", power, 75 * fall},
    {"BTU/h", power, btu / hour},

    {"s", time, 1},
    {"us", time, 1e-6},
    {"ms", time, 1e-3},
    {"min", time, minute},
    {"h", time, hour},
    {"d", time, day},
    {"week", time, 7 * day},

    {"m/s", speed, 1},
    {"cm/s", speed, 1e-2},
    {"mm/s", speed, 1e-3},
    {"m/min", speed, 1 / minute},
    {"m/h", speed, 1 / hour},
    {"m/d", speed, 1 / day},
    {"km/h", speed, 1e3 / hour},
    {"ft/s", speed, foot},
    {"ft/min", speed, foot / minute},
    {"mph", speed, mile / hour},

    {"Hz", frequency, 1},
    {"kHz", frequency, 1e3},
    {"rpm", frequency, 1 / minute},

    {"S/m", conductivity, 1},
    {"mS/m", conductivity, 1e-3},
    {"mS/cm", conductivity, 0.1},
    {"uS/cm", conductivity, 1e-4},
};

struct Spelling {
    std::string_view text, instead;
};
// Within names, longest first.
constexpr std::array<Spelling, 10> signs = {{{"\u00b3", "3"},
                                             {"\u00b2", "2"},
                                             {"\u00b5", "u"},
                                             {"\u03bc", "u"},
                                             {"\u2113", "L"},
                                             {"\u00b0", "deg"},
                                             {"^", ""},
                                             {" ", ""},
                                             {"\u2082", "2"},
                                             {"\u00b7", "-"}}};
// Whole names.
constexpr std::array<Spelling, 26> names = {
    {{"C", "degC"},    {"F", "degF"},    {"l", "L"},      {"LPS", "L/s"},    {"lps", "L/s"},
     {"LPM", "L/min"}, {"lpm", "L/min"}, {"CMH", "m3/h"}, {"cmh", "m3/h"},   {"CMD", "m3/d"},
     {"cmd", "m3/d"},  {"MLD", "ML/d"},  {"mld", "ML/d"}, {"mgd", "MGD"},    {"GPM", "gpm"},
     {"usgpm", "gpm"}, {"sec", "s"},     {"second", "s"}, {"minute", "min"}, {"hr", "h"},
     {"hour", "h"},    {"day", "d"},     {"mwc", "mH2O"}, {"mwg", "mH2O"},   {"mca", "mH2O"},
     {"ton", "t"}}};

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

std::string plain(std::string_view name) {
    std::string out(name);
    for (const auto& sign : signs)
        replace_all(out, sign.text, sign.instead);
    for (const auto& known : names)
        if (out == known.text) return std::string(known.instead);
    return out;
}

bool same_but_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::string_view to_string(Measure measure) {
    constexpr std::string_view texts[] = {
        "flow",   "mass flow", "pressure",    "length",        "area",
        "volume", "mass",      "temperature", "concentration", "energy",
        "power",  "time",      "speed",       "frequency",     "conductivity"};
    return texts[static_cast<size_t>(measure)];
}

std::span<const Unit> all_units() {
    return units;
}

const Unit* find_unit(std::string_view name) {
    if (name.size() > 32) return nullptr;
    // The exact name is found without a copy: rules ask for each row.
    static const auto* const known = [] {
        auto* made = new std::unordered_map<std::string_view, const Unit*>;
        for (const auto& unit : units)
            made->emplace(unit.name, &unit);
        return made;
    }();
    if (const auto found = known->find(name); found != known->end()) return found->second;
    const std::string wanted = plain(name);
    const Unit* alike = nullptr;
    size_t count = 0;
    for (const auto& unit : units) {
        if (unit.name == wanted) return &unit;
        if (!same_but_case(unit.name, wanted)) continue;
        alike = &unit;
        ++count;
    }
    // mw may be mW or MW: where capitals decide, they must be right.
    return count == 1 ? alike : nullptr;
}

Result<const Unit*> unit_named(std::string_view name) {
    if (const Unit* unit = find_unit(name)) return unit;
    std::vector<std::string> known;
    for (const auto& unit : units)
        known.emplace_back(unit.name);
    const auto meant = name.size() <= 32 ? nearest(name, known) : std::nullopt;
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' is no known unit{}", name.substr(0, 32),
                            meant ? fmt::format("; did you mean '{}'?", *meant) : ""));
}

double to_si(double value, const Unit& unit) {
    return value * unit.factor + unit.offset;
}

double from_si(double value, const Unit& unit) {
    return (value - unit.offset) / unit.factor;
}

Result<double> convert_unit(double value, std::string_view from, std::string_view to) {
    const Unit* source = HW_TRY(unit_named(from));
    const Unit* target = HW_TRY(unit_named(to));
    if (source->measure != target->measure)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is a unit of {} and '{}' one of {}", from,
                                to_string(source->measure), to, to_string(target->measure)));
    if (source == target) return value;
    if (source->offset == 0 && target->offset == 0)
        return value * (source->factor / target->factor);
    return from_si(to_si(value, *source), *target);
}

}  // namespace hw::sql
