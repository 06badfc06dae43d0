#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "scenario/waterworks.h"

namespace hw::scenario {

namespace {

using physics::Schedule;
using sql::Datum;

constexpr double for_ever = 1e18;  // s
constexpr double hour = 3600;

double seconds_of(Duration duration) {
    return static_cast<double>(duration.ns) / 1e9;
}

std::optional<double> number_of(const Datum& value) {
    if (value.is_number()) return value.as_number();
    if (value.kind() == sql::Kind::boolean) return value.as_boolean() ? 1.0 : 0.0;
    return std::nullopt;
}

// Takes what was set for one slot or input after the other, and knows what nobody took.
class Overrides {
  public:
    explicit Overrides(const Fork& fork) : fork_(fork), left_(fork.overridden_keys()) {}

    struct Span {
        double from, to, value;
    };
    std::vector<Span> take(const std::string& twin, const std::string& path, double scale = 1) {
        std::vector<Span> spans;
        for (const auto& span : fork_.spans(twin, path)) {
            const auto value = number_of(span.value);
            if (!value) {
                flaw_ = fmt::format("{}/{} is set to {}, which is no number", twin, path,
                                    to_string(span.value.kind()));
                continue;
            }
            spans.push_back(
                {seconds_of(span.from - fork_.start()),
                 span.to.ns == INT64_MAX ? for_ever : seconds_of(span.to - fork_.start()),
                 *value * scale});
        }
        std::erase(left_, Fork::Key(twin, path));
        return spans;
    }
    void take(const std::string& twin, const std::string& path, Schedule& to, double scale = 1) {
        for (const auto& span : take(twin, path, scale))
            to.add(span.from, span.to, span.value);
    }
    // A value that holds at the start.
    void take_start(const std::string& twin, const std::string& path, double& to, double scale) {
        for (const auto& span : take(twin, path, scale))
            if (span.from <= 0) to = span.value;
    }
    const std::vector<Fork::Key>& left() const { return left_; }
    const std::string& flaw() const { return flaw_; }

  private:
    const Fork& fork_;
    std::vector<Fork::Key> left_;
    std::string flaw_;
};

double scale_of(const BoundWorks& bound, std::string_view key) {
    const auto* role = bound.roles.find(key);
    return role == nullptr ? 1.0 : role->scale;
}

void take_pumps(Overrides& overrides, const Fork& fork, const std::vector<std::string>& twins,
                std::vector<physics::WorksInputs::Pump>& pumps) {
    pumps.resize(twins.size());
    for (size_t i = 0; i < twins.size(); ++i) {
        auto& pump = pumps[i];
        for (const auto& span : overrides.take(twins[i], "out_of_service"))
            pump.available.add(span.from, span.to, span.value > 0.5 ? 0 : 1);
        const auto speeds = overrides.take(twins[i], "speed_setpoint");
        for (const auto& span : speeds)
            pump.speed.add(span.from, span.to, std::max(0.0, span.value));
        const auto live = number_of(fork.read(twins[i], "speed").value);
        const double running = live && *live > 0.3 ? *live : 1.0;
        for (const auto& span : overrides.take(twins[i], "run"))
            if (span.value < 0.5)
                pump.speed.add(span.from, span.to, 0);
            else if (speeds.empty())
                pump.speed.add(span.from, span.to, running);
        // Back under the station's control.
        for (const auto& span : overrides.take(twins[i], "auto"))
            if (span.value > 0.5) pump.speed.add(span.from, span.to, -1);
    }
}

// The price of every hour of the horizon.
void add_prices(const WaterworksParameters& parameters, Time start, Duration horizon,
                Schedule& price) {
    const auto& prices = parameters.prices;
    if (prices.empty()) return;
    if (prices.size() == 1) return price.add(0, for_ever, prices.front());
    const double clock = seconds_of(Duration{start.ns} + parameters.offset);
    const double first = std::floor(clock / hour);
    for (double at = first; at * hour < clock + seconds_of(horizon); ++at) {
        const auto of_day = static_cast<size_t>(std::fmod(at, 24) + 24) % 24;
        price.add(at * hour - clock, (at + 1) * hour - clock, prices[of_day]);
    }
}

std::string demand_twin(const BoundWorks& bound) {
    return bound.roles.demand.empty() ? bound.roles.site : bound.roles.demand;
}
std::string price_twin(const BoundWorks& bound) {
    return bound.roles.meter.empty() ? bound.roles.site : bound.roles.meter;
}

Error not_taken(const BoundWorks& bound, const Fork::Key& key) {
    std::string paths;
    for (const auto& input : bound.inputs())
        if (input.twin == key.first) paths += (paths.empty() ? "" : ", ") + input.path;
    return Error(
        ErrorCode::invalid_argument,
        fmt::format("{}/{} is nothing that the works' model takes; {}", key.first, key.second,
                    paths.empty() ? std::string("`headworks scenario models` lists what it takes")
                                  : "of this twin it takes: " + paths));
}

}  // namespace

std::vector<ModelInput> BoundWorks::inputs() const {
    std::vector<ModelInput> all;
    const auto unit = [&](std::string_view key) {
        const auto* role = roles.find(key);
        return role == nullptr ? std::string() : role->unit;
    };
    const auto add = [&](std::string twin, std::string path, std::string of, std::string help) {
        if (!twin.empty())
            all.push_back({std::move(twin), std::move(path), std::move(of), std::move(help)});
    };
    add(roles.raw_main, "flow_setpoint", unit("raw.setpoint"), "throughput of the works, held");
    add(roles.supply_main, "pressure_setpoint", unit("high_lift.setpoint"),
        "header pressure, held");
    if (works.throughput.level_setpoint > 0)
        add(roles.clear_well, "level_setpoint", unit("clear_well.level"),
            "what the throughput aims at");
    add(roles.clear_well, "level", unit("clear_well.level"), "at the start");
    add(roles.tower, "level", unit("tower.level"), "at the start");
    add(roles.wash, "tank_level", unit("wash_tank.level"), "at the start");
    add(roles.screen, "level", unit("source.level"), "of the source");
    for (const auto* pumps : {&roles.raw_pumps, &roles.high_lift_pumps})
        for (const auto& pump : *pumps) {
            add(pump, "out_of_service", "", "true: it cannot run");
            add(pump, "run", "", "false: it stands; true: it runs by hand");
            add(pump, "speed_setpoint", "1", "by hand, share of the rated speed");
            add(pump, "auto", "", "true: the station's control has it");
        }
    for (const auto& filter : roles.filters)
        add(filter, "out_of_service", "", "true: it takes no water");
    add(demand_twin(*this), "demand_factor", "1", "times the usual demand");
    add(demand_twin(*this), "demand_extra", "l/s", "above the usual demand");
    add(price_twin(*this), "price", parameters.currency, "of a kWh");
    return all;
}

Result<physics::WorksInputs> works_inputs(const BoundWorks& bound, const Fork& fork,
                                          Duration horizon, physics::WorksState& state) {
    physics::WorksInputs inputs;
    Overrides overrides(fork);
    const auto& roles = bound.roles;
    overrides.take(roles.raw_main, "flow_setpoint", inputs.raw_setpoint,
                   scale_of(bound, "raw.setpoint"));
    overrides.take(roles.supply_main, "pressure_setpoint", inputs.pressure,
                   scale_of(bound, "high_lift.setpoint"));
    if (bound.works.throughput.level_setpoint > 0)
        overrides.take(roles.clear_well, "level_setpoint", inputs.well_level,
                       scale_of(bound, "clear_well.level"));
    overrides.take_start(roles.clear_well, "level", state.clear_well_level,
                         scale_of(bound, "clear_well.level"));
    overrides.take_start(roles.tower, "level", state.tower_level, scale_of(bound, "tower.level"));
    overrides.take_start(roles.wash, "tank_level", state.wash_tank_level,
                         scale_of(bound, "wash_tank.level"));
    if (!roles.screen.empty())
        overrides.take(roles.screen, "level", inputs.source_level, scale_of(bound, "source.level"));
    take_pumps(overrides, fork, roles.raw_pumps, inputs.raw_pumps);
    take_pumps(overrides, fork, roles.high_lift_pumps, inputs.high_lift_pumps);
    inputs.filter_available.resize(roles.filters.size());
    for (size_t i = 0; i < roles.filters.size(); ++i)
        for (const auto& span : overrides.take(roles.filters[i], "out_of_service"))
            inputs.filter_available[i].add(span.from, span.to, span.value > 0.5 ? 0 : 1);
    overrides.take(demand_twin(bound), "demand_factor", inputs.demand_factor);
    overrides.take(demand_twin(bound), "demand_extra", inputs.demand, 1e-3);
    add_prices(bound.parameters, fork.start(), horizon, inputs.price);
    overrides.take(price_twin(bound), "price", inputs.price);
    if (!overrides.flaw().empty()) return fail(ErrorCode::invalid_argument, overrides.flaw());
    if (!overrides.left().empty()) return fail(not_taken(bound, overrides.left().front()));
    return inputs;
}

}  // namespace hw::scenario
