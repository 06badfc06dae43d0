#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sql/functions/functions.h"
#include "sql/functions/take.h"
#include "sql/functions/units.h"

// What water engineers calculate from one row.
namespace hw::sql {

namespace {

Datum convert(Arguments arguments, CallContext& context) {
    Take take("convert_unit", arguments, context);
    const double value = take.number(0);
    const auto from = take.text(1);
    const auto to = take.text(2);
    if (!take.ok()) return {};
    const auto converted = convert_unit(value, from, to);
    if (!converted) return take.fail(converted.error().text());
    return Datum::real(*converted);
}

struct Spot {
    double x, y;
};

Datum between(Take& take, double x, Spot a, Spot b) {
    if (a.x == b.x) return take.fail("the two points have the same x");
    return Datum::real(a.y + (b.y - a.y) * ((x - a.x) / (b.x - a.x)));
}

// A point of the curve: [x, y].
std::optional<Spot> spot_of(const Datum& pair) {
    if (!pair.is_array() || pair.items().size() != 2) return {};
    const auto& items = pair.items();
    if (!items[0].is_number() || !items[1].is_number()) return {};
    return Spot{items[0].as_number(), items[1].as_number()};
}

Datum on_curve(Take& take, double x, const Datum::Items& curve) {
    std::optional<Spot> before;
    for (const auto& pair : curve) {
        const auto spot = spot_of(pair);
        if (!spot) return take.fail("the curve must be an array of [x, y]");
        if (before && spot->x <= before->x) return take.fail("the curve's x must rise");
        if (x <= spot->x) return before ? between(take, x, *before, *spot) : Datum::real(spot->y);
        before = spot;
    }
    return before ? Datum::real(before->y) : take.fail("the curve has no point");
}

Datum interpolate(Arguments arguments, CallContext& context) {
    Take take("interpolate", arguments, context);
    const double x = take.number(0);
    if (arguments.size() == 2) {
        const auto& curve = take.array(1);
        return take.ok() ? on_curve(take, x, curve) : Datum();
    }
    if (arguments.size() != 5) return take.fail("x and a curve, or x and two points");
    const Spot a{take.number(1), take.number(2)};
    const Spot b{take.number(3), take.number(4)};
    return take.ok() ? between(take, x, a, b) : Datum();
}

// Kell, J. Chem. Eng. Data 20 (1975) 97: air-free water at 1 atm, 0 to 150 °C.
std::optional<double> density_of(Take& take, double celsius) {
    if (!take.ok()) return {};
    if (!(celsius >= 0 && celsius <= 150)) {
        take.fail(fmt::format("the temperature must be 0 to 150 °C, not {}", celsius));
        return {};
    }
    constexpr double terms[] = {-280.54253e-12, 105.56302e-9, -46.170461e-6,
                                -7.9870401e-3,  16.945176,    999.83952};
    double sum = 0;
    for (const double term : terms)
        sum = sum * celsius + term;
    return sum / (1 + 16.879850e-3 * celsius);
}

Datum water_density(Arguments arguments, CallContext& context) {
    Take take("water_density", arguments, context);
    const auto density = density_of(take, take.number(0));
    return density ? Datum::real(*density) : Datum();
}

// The power that the water gains over the power that the pump takes.
Datum pump_efficiency(Arguments arguments, CallContext& context) {
    Take take("pump_efficiency", arguments, context);
    const double flow = take.number(0);
    const double head = take.number(1);
    const double power = take.number(2);
    const double density = arguments.size() > 3 ? take.number(3) : 1000;
    if (!take.ok() || !(power > 0)) return {};
    constexpr double fall = 9.80665;
    return Datum::real(density * fall * (flow / 3600) * head / (power * 1000));
}

Datum specific_energy(Arguments arguments, CallContext& context) {
    Take take("specific_energy", arguments, context);
    const double energy = take.number(0);
    const double volume = take.number(1);
    if (!take.ok() || !(volume > 0)) return {};
    return Datum::real(energy / volume);
}

Datum ct_value(Arguments arguments, CallContext& context) {
    Take take("ct_value", arguments, context);
    const double residual = take.number(0);
    const double minutes = take.number(1);
    const double baffling = arguments.size() > 2 ? take.number(2) : 1;
    if (!take.ok()) return {};
    if (!(residual >= 0 && minutes >= 0)) return take.fail("neither argument may be negative");
    if (!(baffling > 0 && baffling <= 1))
        return take.fail(fmt::format("the baffling factor must be 0 to 1, not {}", baffling));
    return Datum::real(residual * minutes * baffling);
}

// The CT in mg min/L for one log of inactivation of Giardia by free chlorine: the regression of
// Smith, Clark, Pierce and Regli (1995) as EPA's guidance manual "Disinfection Profiling and
// Benchmarking" gives it. Like EPA's tables it knows 0.5 to 25 °C, pH 6 to 9 and 0.4 to 3 mg/L;
// what is beyond is read at the edge, except for where that would promise too much.
std::optional<double> ct_of_one_log(Take& take, double celsius, double ph, double residual) {
    if (!take.ok()) return {};
    if (!(celsius >= -5 && celsius <= 100))
        take.fail(fmt::format("the temperature must be in °C, not {}", celsius));
    else if (!(ph >= 0 && ph <= 9))
        take.fail(fmt::format("the pH must be at most 9, not {}", ph));
    else if (!(residual >= 0))
        take.fail(fmt::format("the residual must not be negative, not {}", residual));
    if (!take.ok()) return {};
    const double t = std::clamp(celsius, 0.5, 25.0);
    const double p = std::max(ph, 6.0);
    const double c = std::clamp(residual, 0.4, 3.0);
    if (t < 12.5) return 0.353 * (12.006 + std::exp(2.46 - 0.073 * t + 0.125 * c + 0.389 * p));
    return 0.361 * (-2.261 + std::exp(2.69 - 0.065 * t + 0.111 * c + 0.361 * p));
}

Datum ct_required(Arguments arguments, CallContext& context) {
    Take take("ct_required_giardia", arguments, context);
    const double logs = take.number(0);
    const double celsius = take.number(1);
    const double ph = take.number(2);
    const double residual = take.number(3);
    if (take.ok() && !(logs >= 0 && logs <= 10))
        return take.fail(fmt::format("the logs of inactivation must be 0 to 10, not {}", logs));
    const auto one = ct_of_one_log(take, celsius, ph, residual);
    return one ? Datum::real(logs * *one) : Datum();
}

Datum giardia_log_inactivation(Arguments arguments, CallContext& context) {
    Take take("giardia_log_inactivation", arguments, context);
    const double ct = take.number(0);
    const double celsius = take.number(1);
    const double ph = take.number(2);
    const double residual = take.number(3);
    if (take.ok() && !(ct >= 0)) return take.fail(fmt::format("the CT must not be {}", ct));
    const auto one = ct_of_one_log(take, celsius, ph, residual);
    return one ? Datum::real(ct / *one) : Datum();
}

constexpr Function water(std::string_view signature, uint8_t least, uint8_t most, Scalar scalar,
                         std::string_view help, std::string_view example,
                         std::string_view example_result) {
    return {.name = signature.substr(0, signature.find('(')),
            .group = "water",
            .origin = "Headworks",
            .signature = signature,
            .help = help,
            .example = example,
            .example_result = example_result,
            .least_arguments = least,
            .most_arguments = most,
            .scalar = scalar};
}

constexpr Function functions[] = {
    water(
        "convert_unit(x, from, to)", 3, 3, convert,
        "x in another unit of the same measure: flow, mass flow, pressure and head, length, area, "
        "volume, mass, temperature, concentration, energy, power, time, speed, frequency, "
        "conductivity. Factors of NIST SP 811; US gallons; heads and ppm for water of 1000 kg/m3.",
        "convert_unit(100, 'm3/h', 'L/s')", "27.777777777777782"),
    water(
        "interpolate(x, curve) or interpolate(x, x1, y1, x2, y2)", 2, 5, interpolate,
        "y at x on a curve [[x, y], ...] of rising x, between its points and held at its ends; or "
        "on the line through two points, beyond them too.",
        "interpolate(15, 10, 1.0, 20, 3.0)", "2.0"),
    water(
        "water_density(celsius)", 1, 1, water_density,
        "The density of pure water at 1 atm in kg/m3, 0 to 150 °C (Kell 1975, within 0.01 kg/m3 up "
        "to 40 °C).",
        "water_density(4)", "999.97199412559"),
    water("pump_efficiency(m3_per_h, head_m, kw [, kg_per_m3])", 3, 4, pump_efficiency,
          "The share of the power taken that the water gains: density * 9.80665 * flow * head / "
          "power, from 0 to 1; density 1000 where it is not given. Null where the power is not "
          "above 0.",
          "pump_efficiency(360, 30, 40)", "0.73549875"),
    water("specific_energy(kwh, m3)", 2, 2, specific_energy,
          "The energy spent for each volume in kWh/m3. Null where the volume is not above 0.",
          "specific_energy(120, 400)", "0.3"),
    water(
        "ct_value(mg_per_l, minutes [, baffling])", 2, 3, ct_value,
        "The disinfectant's CT in mg min/L: residual times contact time, times the baffling factor "
        "(0 to 1) where it is given.",
        "ct_value(0.8, 40, 0.5)", "16.0"),
    water(
        "ct_required_giardia(logs, celsius, ph, mg_per_l)", 4, 4, ct_required,
        "The CT in mg min/L that free chlorine needs for so many logs of inactivation of Giardia: "
        "EPA's regression (Smith et al. 1995), 0.5 to 25 °C, pH 6 to 9, 0.4 to 3 mg/L; beyond "
        "them the edge's value, but pH above 9 fails.",
        "ct_required_giardia(3, 10, 7, 1)", "115.77576837620501"),
    water("giardia_log_inactivation(ct, celsius, ph, mg_per_l)", 4, 4, giardia_log_inactivation,
          "The logs of inactivation of Giardia that a CT in mg min/L of free chlorine reaches; "
          "bounds "
          "as of ct_required_giardia.",
          "giardia_log_inactivation(57.88788418810251, 10, 7, 1)", "1.5"),
};

}  // namespace

std::span<const Function> water_functions() {
    return functions;
}

}  // namespace hw::sql
