#include "scenario/waterworks_roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "physics/units.h"
#include "scenario/member_reader.h"

namespace hw::scenario {

namespace {

using physics::FilterPhase;
using sql::Datum;

// An interface of the water library.
std::string water(std::string_view name) {
    return fmt::format("dtmi:headworks:water:{};1", name);
}

// Slot units (DTDL's words) in the model's ones.
struct SlotUnit {
    std::string_view dtdl, symbol;
    double scale;
};
constexpr SlotUnit slot_units[] = {
    {"litrePerSecond", "l/s", 1e-3},
    {"cubicMetrePerSecond", "m3/s", 1},
    {"cubicMetrePerHour", "m3/h", 1 / 3600.0},
    {"cubicMetrePerDay", "m3/d", 1 / 86'400.0},
    {"litrePerHour", "l/h", 1e-3 / 3600},
    {"litre", "l", 1e-3},
    {"cubicMetre", "m3", 1},
    {"metre", "m", 1},
    {"centimetre", "cm", 1e-2},
    {"millimetre", "mm", 1e-3},
    {"bar", "bar", physics::head_a_bar},
    {"kilopascal", "kPa", physics::head_a_bar / 100},
    {"percent", "%", 1e-2},
    {"unity", "1", 1},
    {"kilowatt", "kW", 1},
    {"watt", "W", 1e-3},
    {"hour", "h", 1},
    {"second", "s", 1 / 3600.0},
};

class Finder {
  public:
    Finder(const Fork& fork, WorksRoles& found, const Datum& parameters)
        : fork_(fork), found_(found), parameters_(parameters) {}

    Result<void> find_parts();
    Result<void> find_slots();

  private:
    // What the parameters name for a part; else the one twin of that model. Of several the one for
    // which `fits` holds.
    Result<std::string> part(std::string_view name, std::string_view model, bool needed,
                             const std::function<bool(const twin::TwinState&)>& fits = {});
    std::vector<std::string> members(const std::string& twin, std::string_view relationship,
                                     std::string_view model);
    void bind(const std::string& key, const std::string& twin, std::string_view path);
    void bind_pumps(const std::string& station, const std::vector<std::string>& pumps);
    Result<void> named_roles();
    Result<void> filter_states();

    const Fork& fork_;
    WorksRoles& found_;
    const Datum& parameters_;
};

std::optional<std::string> named(const Datum& parameters, std::string_view part) {
    const auto* twins = parameters.find("twins");
    const auto* name = twins == nullptr ? nullptr : twins->find(part);
    if (name == nullptr || !name->is_text()) return std::nullopt;
    return std::string(name->as_text());
}

Result<std::string> Finder::part(std::string_view name, std::string_view model, bool needed,
                                 const std::function<bool(const twin::TwinState&)>& fits) {
    if (const auto id = named(parameters_, name)) {
        if (fork_.find(*id) == nullptr)
            return fail(ErrorCode::not_found,
                        fmt::format("the twin '{}' that the parameters name as {} is not part of "
                                    "the site '{}'",
                                    *id, name, found_.site));
        return *id;
    }
    auto all = fork_.of_model(model);
    if (fits) std::erase_if(all, [&](const auto* twin) { return !fits(*twin); });
    if (all.empty() && !needed) return std::string();
    if (all.empty())
        return fail(ErrorCode::not_found,
                    fmt::format("the site '{}' has no twin of {} for the works' {}; make one, or "
                                "name it in parameters.twins.{}",
                                found_.site, model, name, name));
    if (all.size() > 1 && needed)
        return fail(ErrorCode::conflict,
                    fmt::format("the site '{}' has {} twins for the works' {} ('{}', '{}'); name "
                                "one in parameters.twins.{}",
                                found_.site, all.size(), name, all[0]->id, all[1]->id, name));
    return all.front()->id;
}

std::vector<std::string> Finder::members(const std::string& twin, std::string_view relationship,
                                         std::string_view model) {
    auto all = fork_.hop(twin, relationship);
    if (all.empty()) all = fork_.hop(twin, "partOf", true);
    std::vector<std::string> ids;
    for (const auto* state : all)
        if (is_a(*state, model)) ids.push_back(state->id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

Result<void> Finder::find_parts() {
    const auto has = [](std::string_view path) {
        return [path](const twin::TwinState& twin) { return content_of(twin, path) != nullptr; };
    };
    auto& f = found_;
    f.raw_station = HW_TRY(part("raw_station", water("Intake"), true));
    f.raw_main = HW_TRY(part("raw_main", water("FlowControlledMain"), true));
    f.supply_main = HW_TRY(part("supply_main", water("PressureControlledMain"), true));
    f.high_lift = HW_TRY(part("high_lift", water("PumpStation"), true, [&](const auto& twin) {
        return twin.id != f.raw_station && !is_a(twin, water("Intake"));
    }));
    f.clear_well = HW_TRY(part("clear_well", water("ClearWell"), true));
    f.tower = HW_TRY(part("tower", water("Reservoir"), true));
    f.wash = HW_TRY(part("wash", water("Backwash"), true));
    f.screen = HW_TRY(part("screen", water("Screen"), false));
    f.meter = HW_TRY(part("meter", water("WorksEnergyMeter"), false));
    if (f.meter.empty()) f.meter = HW_TRY(part("meter", water("EnergyMeter"), false));
    f.demand = HW_TRY(part("demand", water("DemandPoint"), false, has("demand")));
    f.raw_pumps = members(f.raw_station, "pumps", water("Pump"));
    f.high_lift_pumps = members(f.high_lift, "pumps", water("Pump"));
    for (const auto* filter : fork_.of_model(water("RapidFilter")))
        f.filters.push_back(filter->id);
    for (const auto* tank : fork_.of_model(water("SettlingTank")))
        f.settling.push_back(tank->id);
    for (const auto& [what, list] : {std::pair{"pumps of " + f.raw_station, &f.raw_pumps},
                                     std::pair{"pumps of " + f.high_lift, &f.high_lift_pumps},
                                     std::pair{std::string("rapid filters"), &f.filters}})
        if (list->empty())
            return fail(ErrorCode::not_found,
                        fmt::format("the site '{}' has no {}; make their twins and join them by "
                                    "'pumps' or 'partOf'",
                                    f.site, what));
    return {};
}

void Finder::bind(const std::string& key, const std::string& twin, std::string_view path) {
    const auto* state = twin.empty() ? nullptr : fork_.find(twin);
    const auto* content = state == nullptr ? nullptr : content_of(*state, path);
    if (content == nullptr) {
        found_.missing.push_back(key);
        return;
    }
    Role role{.twin = twin, .path = std::string(path), .point = {}, .unit = {}};
    if (const auto* property = find_property(*state, path)) role.point = property->point;
    role.unit = content->unit;
    for (const auto& unit : slot_units)
        if (unit.dtdl == content->unit) {
            role.unit = unit.symbol;
            role.scale = unit.scale;
        }
    role.enumeration = content->schema && (content->schema->kind == twin::SchemaKind::enumeration ||
                                           content->schema->kind == twin::SchemaKind::string);
    found_.roles[key] = std::move(role);
}

void Finder::bind_pumps(const std::string& station, const std::vector<std::string>& pumps) {
    for (size_t i = 0; i < pumps.size(); ++i)
        for (const auto* path : {"running", "speed", "flow", "head", "power", "hours"})
            bind(fmt::format("{}.pump{}.{}", station, i + 1, path), pumps[i], path);
}

Result<void> Finder::find_slots() {
    const auto& f = found_;
    bind("raw.flow", f.raw_main, "flow");
    bind("raw.setpoint", f.raw_main, "flow_setpoint");
    bind("raw.valve", f.raw_main, "valve");
    bind("source.level", f.screen, "level");
    bind("source.screen_loss", f.screen, "differential");
    bind_pumps("raw", f.raw_pumps);
    bind_pumps("high_lift", f.high_lift_pumps);
    for (size_t i = 0; i < f.filters.size(); ++i) {
        const std::string key = fmt::format("filter{}.", i + 1);
        bind(key + "phase", f.filters[i], "state");
        bind(key + "flow", f.filters[i], "flow");
        bind(key + "level", f.filters[i], "level");
        bind(key + "head_loss", f.filters[i], "headloss");
        bind(key + "run_hours", f.filters[i], "run_hours");
    }
    for (size_t i = 0; i < f.settling.size(); ++i)
        bind(fmt::format("sludge{}.volume", i + 1), f.settling[i], "sludge_volume");
    bind("wash_tank.level", f.wash, "tank_level");
    bind("wash_tank.fill_flow", f.wash, "fill_flow");
    bind("wash.flow", f.wash, "flow");
    bind("waste.flow", f.wash, "waste_flow");
    bind("blower.power", f.wash, "blower_power");
    bind("clear_well.level", f.clear_well, "level");
    bind("high_lift.pressure", f.supply_main, "pressure");
    bind("high_lift.setpoint", f.supply_main, "pressure_setpoint");
    bind("high_lift.flow", f.supply_main, "flow");
    bind("tower.level", f.tower, "level");
    bind("tower.flow", f.tower, "flow");
    bind("tower.inlet", f.tower, "inlet_valve");
    bind("demand.delivered", f.demand, "demand");
    bind("power.total", f.meter, "power");
    HW_TRY(named_roles());
    return filter_states();
}

Result<void> Finder::named_roles() {
    const auto* roles = parameters_.find("roles");
    if (roles == nullptr) return {};
    if (!roles->is_object())
        return fail(ErrorCode::invalid_argument, "'parameters.roles' must be an object");
    for (const auto& member : roles->members()) {
        const std::string key(member.key.as_text());
        MemberReader reader(member.value, "parameters.roles." + key);
        const auto twin = reader.text("twin");
        const auto path = reader.text("path");
        HW_TRY(reader.finish());
        const auto missing = std::find(found_.missing.begin(), found_.missing.end(), key);
        const bool was_missing = missing != found_.missing.end();
        if (!was_missing && found_.find(key) == nullptr)
            return fail(ErrorCode::not_found,
                        fmt::format("'parameters.roles.{}' is no role of the works' model", key));
        if (was_missing) found_.missing.erase(missing);
        bind(key, twin, path);
        if (!found_.missing.empty() && found_.missing.back() == key)
            return fail(ErrorCode::not_found,
                        fmt::format("'parameters.roles.{}': there is no slot '{}' of a twin '{}' "
                                    "in the site",
                                    key, path, twin));
    }
    return {};
}

Result<void> Finder::filter_states() {
    static constexpr std::pair<std::string_view, FilterPhase> phases[] = {
        {"filtering", FilterPhase::filtering}, {"draining", FilterPhase::draining},
        {"air_scour", FilterPhase::air_scour}, {"backwash", FilterPhase::backwash},
        {"ripening", FilterPhase::ripening},   {"out", FilterPhase::out}};
    const auto add = [&](std::string_view word, FilterPhase phase) {
        found_.filter_words.emplace_back(word);
        found_.filter_phases.push_back(phase);
    };
    for (const auto& [word, phase] : phases)
        add(word, phase);
    const auto* states = parameters_.find("filter_states");
    if (states == nullptr) return {};
    if (!states->is_object())
        return fail(ErrorCode::invalid_argument, "'parameters.filter_states' must be an object");
    for (const auto& member : states->members()) {
        const auto meaning =
            member.value.is_text() ? member.value.as_text() : std::string_view("?");
        const auto* known = std::find_if(std::begin(phases), std::end(phases),
                                         [&](const auto& p) { return p.first == meaning; });
        if (known == std::end(phases))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'parameters.filter_states.{}' is '{}'; it may be filtering, "
                                    "draining, air_scour, backwash, ripening or out",
                                    member.key.as_text(), meaning));
        add(member.key.as_text(), known->second);
    }
    return {};
}

double fixed_number(const Fork& fork, const std::string& twin, std::string_view path) {
    const auto value = fork.read(twin, path).value;
    return value.is_number() ? value.as_number() : 0.0;
}

}  // namespace

const Role* WorksRoles::find(std::string_view key) const {
    const auto at = roles.find(key);
    return at == roles.end() ? nullptr : &at->second;
}

Result<WorksRoles> find_roles(const Fork& fork, std::string_view site, const Datum& parameters) {
    WorksRoles found;
    found.site = site;
    Finder finder(fork, found, parameters);
    HW_TRY(finder.find_parts());
    HW_TRY(finder.find_slots());
    return found;
}

void each_column(physics::WorksData& data,
                 const std::function<void(const std::string& key, physics::Column& column)>& take) {
    take("raw.flow", data.raw_flow);
    take("raw.setpoint", data.raw_setpoint);
    take("raw.valve", data.raw_valve);
    take("source.level", data.source_level);
    take("source.screen_loss", data.screen_loss);
    for (auto& [name, pumps] :
         {std::pair{"raw", &data.raw_pumps}, std::pair{"high_lift", &data.high_lift_pumps}})
        for (size_t i = 0; i < pumps->size(); ++i) {
            const std::string key = fmt::format("{}.pump{}.", name, i + 1);
            auto& pump = (*pumps)[i];
            take(key + "running", pump.running);
            take(key + "speed", pump.speed);
            take(key + "flow", pump.flow);
            take(key + "head", pump.head);
            take(key + "power", pump.power);
            take(key + "hours", pump.hours);
        }
    for (size_t i = 0; i < data.filters.size(); ++i) {
        const std::string key = fmt::format("filter{}.", i + 1);
        auto& filter = data.filters[i];
        take(key + "phase", filter.phase);
        take(key + "flow", filter.flow);
        take(key + "level", filter.level);
        take(key + "head_loss", filter.head_loss);
        take(key + "run_hours", filter.run_hours);
    }
    for (size_t i = 0; i < data.sludge_volumes.size(); ++i)
        take(fmt::format("sludge{}.volume", i + 1), data.sludge_volumes[i]);
    take("wash_tank.level", data.wash_tank_level);
    take("wash_tank.fill_flow", data.fill_flow);
    take("wash.flow", data.wash_flow);
    take("waste.flow", data.waste_flow);
    take("blower.power", data.blower_power);
    take("clear_well.level", data.clear_well_level);
    take("high_lift.pressure", data.header_pressure);
    take("high_lift.setpoint", data.pressure_setpoint);
    take("high_lift.flow", data.supply_flow);
    take("tower.level", data.tower_level);
    take("tower.flow", data.tower_flow);
    take("tower.inlet", data.inlet_opening);
    take("demand.delivered", data.demand);
    take("power.total", data.total_power);
}

physics::Works works_sheet(const Fork& fork, const WorksRoles& roles) {
    physics::Works sheet;
    const auto tank = [&](const std::string& twin) {
        physics::TankParameters one;
        one.area = fixed_number(fork, twin, "surface");
        one.floor = fixed_number(fork, twin, "leastLevel");
        one.full = fixed_number(fork, twin, "mostLevel");
        const double capacity = fixed_number(fork, twin, "capacity");
        if (one.full <= 0 && one.area > 0) one.full = capacity / one.area;
        return one;
    };
    const auto station = [&](const std::vector<std::string>& pumps) {
        physics::StationParameters one;
        for (const auto& pump : pumps) {
            one.pumps.push_back({.name = pump, .curve = {}});
            if (const double least = fixed_number(fork, pump, "leastSpeed"); least > 0)
                one.staging.least_speed = least;
        }
        return one;
    };
    sheet.clear_well = tank(roles.clear_well);
    sheet.tower = tank(roles.tower);
    sheet.raw_station = station(roles.raw_pumps);
    sheet.high_lift = station(roles.high_lift_pumps);
    for (const auto& filter : roles.filters) {
        sheet.filters.names.push_back(filter);
        sheet.filters.beds.emplace_back();
        if (const double area = fixed_number(fork, filter, "surface"); area > 0)
            sheet.filters.box_area = area;
        if (const double limit = fixed_number(fork, filter, "headlossLimit"); limit > 0)
            sheet.filters.head_loss_limit = limit;
    }
    sheet.throughput.level_setpoint = fixed_number(fork, roles.clear_well, "level_setpoint");
    return sheet;
}

}  // namespace hw::scenario
