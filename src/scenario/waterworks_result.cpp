#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "scenario/waterworks.h"
#include "scenario/works_json.h"

namespace hw::scenario {

namespace {

constexpr double balance_limit = 1e-6;  // share of the water that the arithmetic may lose

std::string_view display_unit(std::string_view unit) {
    return unit == "m3/s" ? "l/s" : unit;
}
double display_scale(std::string_view unit) {
    return unit == "m3/s" ? 1e-3 : 1.0;
}

Time time_at(Time start, double seconds) {
    return start + Duration{static_cast<int64_t>(std::llround(seconds * 1e3)) * 1'000'000};
}

// The twin that an event's key speaks of: "high_lift.pump2" is the station's second pump.
std::string subject_of(const BoundWorks& bound, std::string_view key) {
    const auto& roles = bound.roles;
    const auto member = [&](std::string_view before,
                            const std::vector<std::string>& twins) -> std::string {
        if (!key.starts_with(before)) return {};
        size_t number = 0;
        for (const char c : key.substr(before.size())) {
            if (c < '0' || c > '9') return {};
            number = number * 10 + static_cast<size_t>(c - '0');
        }
        return number >= 1 && number <= twins.size() ? twins[number - 1] : std::string();
    };
    for (const auto& [before, twins] :
         {std::pair{std::string_view("raw.pump"), &roles.raw_pumps},
          std::pair{std::string_view("high_lift.pump"), &roles.high_lift_pumps},
          std::pair{std::string_view("filter"), &roles.filters}})
        if (auto twin = member(before, *twins); !twin.empty()) return twin;
    if (key == "clear_well") return roles.clear_well;
    if (key == "tower") return roles.tower;
    if (key == "wash_tank") return roles.wash;
    if (key == "high_lift") return roles.high_lift;
    return std::string(key);
}

std::string event_text(const BoundWorks& bound, std::string_view key) {
    const size_t dot = key.rfind('.');
    const auto what = key.substr(dot + 1);
    std::string_view verb = what;
    if (what == "start") verb = "starts";
    if (what == "stop") verb = "stops";
    if (what == "wash") verb = "begins its wash";
    if (what == "full") verb = "is full and overflows";
    if (what == "empty") verb = "is empty";
    if (what == "interlock") verb = "stops: the clear well is too low";
    return fmt::format("{} {}", subject_of(bound, key.substr(0, dot)), verb);
}

bool is_breach(std::string_view key) {
    return key.ends_with(".full") || key.ends_with(".empty") || key.ends_with(".interlock");
}

void add_tank(ModelResult& result, std::string_view name, std::string_view label,
              const physics::TankSummary& tank) {
    const auto add = [&](std::string_view what, double value, std::optional<double> at) {
        Figure figure{.name = fmt::format("{}_level_{}", name, what),
                      .label = fmt::format("{} level, {}", label, what),
                      .unit = "m",
                      .value = value};
        if (at) figure.at = time_at(result.start, *at);
        result.figures.push_back(std::move(figure));
    };
    add("least", tank.least, tank.least_at);
    add("most", tank.most, tank.most_at);
    add("end", tank.end, std::nullopt);
    result.figures.push_back({.name = fmt::format("{}_overflow", name),
                              .label = fmt::format("{} overflow", label),
                              .unit = "m3",
                              .value = tank.overflow});
}

void add_figures(const BoundWorks& bound, const physics::Forecast& forecast, ModelResult& result) {
    const auto& t = forecast.totals;
    const auto add = [&](std::string_view name, std::string_view label, std::string_view unit,
                         double value) {
        result.figures.push_back({.name = std::string(name),
                                  .label = std::string(label),
                                  .unit = std::string(unit),
                                  .value = value});
    };
    add("energy", "Energy", "kWh", t.energy);
    add("energy_raw", "Energy, raw-water pumps", "kWh", t.raw_energy);
    add("energy_high_lift", "Energy, high-lift pumps", "kWh", t.high_lift_energy);
    add("energy_other", "Energy, other", "kWh", t.other_energy);
    if (!bound.parameters.prices.empty() || t.cost != 0)
        add("cost", "Cost of energy", bound.parameters.currency, t.cost);
    if (t.supplied_volume > 0)
        add("specific_energy", "Energy a cubic metre supplied", "kWh/m3",
            t.energy / t.supplied_volume);
    add("raw_volume", "Raw water", "m3", t.raw_volume);
    add("supplied_volume", "Into supply", "m3", t.supplied_volume);
    add("demand_volume", "Delivered", "m3", t.demand_volume);
    add("shortfall", "Wanted and not there", "m3", t.shortfall);
    add("wash_volume", "Wash water", "m3", t.wash_volume);
    add("waste_volume", "Waste water of the filters", "m3", t.waste_volume);
    add("sludge_volume", "Sludge", "m3", t.sludge_volume);
    add_tank(result, "clear_well", "Clear well", t.clear_well);
    add_tank(result, "tower", "Tower", t.tower);
    add_tank(result, "wash_tank", "Wash tank", t.wash_tank);
    add("starts_raw", "Starts of raw-water pumps", "", static_cast<double>(t.raw_starts));
    add("starts_high_lift", "Starts of high-lift pumps", "",
        static_cast<double>(t.high_lift_starts));
    add("washes", "Filter washes", "", static_cast<double>(t.washes));
    add("short_hours", "Hours in which a station could not give what was asked", "h",
        t.short_seconds / 3600);
    const auto breaches = std::count_if(forecast.events.begin(), forecast.events.end(),
                                        [](const auto& event) { return is_breach(event.key); });
    add("limit_breaches", "Tanks full or empty, interlocks", "", static_cast<double>(breaches));
}

void judge(const BoundWorks& bound, const physics::Forecast& forecast, ModelResult& result) {
    auto& quality = result.quality;
    quality.residual = forecast.totals.mass_residual;
    quality.confidence = confidence_of(bound.reports);
    quality.notes = bound.notes;
    if (quality.confidence < 0.6 || !bound.notes.empty())
        quality.quality = model::Quality::uncertain;
    if (std::abs(quality.residual) > balance_limit) {
        quality.quality = model::Quality::bad;
        quality.notes.push_back(
            fmt::format("the balance of water is not closed: {:.3g} of it", quality.residual));
    }
}

}  // namespace

ModelResult works_result(const BoundWorks& bound, const Fork& fork, physics::Forecast forecast) {
    ModelResult result;
    result.start = fork.start();
    result.step = forecast.step;
    result.rows = forecast.rows;
    result.warnings = forecast.warnings;
    add_figures(bound, forecast, result);
    for (const auto& event : forecast.events)
        result.events.push_back({time_at(result.start, event.time), event_text(bound, event.key)});
    judge(bound, forecast, result);
    for (auto& series : forecast.series) {
        if (series.key.ends_with(".phase")) continue;  // told by events
        ResultSeries out{.key = series.key,
                         .twin = bound.roles.site,
                         .path = series.key,
                         .unit = std::string(display_unit(series.unit)),
                         .values = std::move(series.values),
                         .of_moment = series.of_moment};
        double scale = display_scale(series.unit);
        if (const auto* role = bound.roles.find(series.key)) {
            out.twin = role->twin;
            out.path = role->path;
            out.unit = role->unit;
            scale = role->scale;
        }
        if (scale != 1)
            for (double& value : out.values)
                value /= scale;
        result.series.push_back(std::move(out));
    }
    return result;
}

}  // namespace hw::scenario
