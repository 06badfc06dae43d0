#include "bench/twin_forecast_src/works_recorder.h"

#include <limits>
#include <string_view>

#include "physics/units.h"

namespace hw::bench {

namespace {

constexpr double litre = 1e-3;  // m3
constexpr double percent = 1e-2;

double phase_of(std::string_view state) {
    using physics::FilterPhase;
    FilterPhase phase = FilterPhase::out;
    if (state == "filtering") phase = FilterPhase::filtering;
    if (state == "draining") phase = FilterPhase::draining;
    if (state == "air_scour") phase = FilterPhase::air_scour;
    if (state == "backwash") phase = FilterPhase::backwash;
    if (state == "ripening") phase = FilterPhase::ripening;
    return static_cast<double>(phase);
}

double number_of(const sim::Reading& reading) {
    if (reading.trust == sim::Trust::bad) return std::numeric_limits<double>::quiet_NaN();
    if (const auto* value = std::get_if<double>(&reading.value)) return *value;
    if (const auto* value = std::get_if<int64_t>(&reading.value))
        return static_cast<double>(*value);
    if (const auto* value = std::get_if<bool>(&reading.value)) return *value ? 1 : 0;
    return phase_of(std::get<std::string_view>(reading.value));
}

}  // namespace

void WorksRecorder::bind(std::string path, physics::Column& column, double scale) {
    column = physics::Column(data_.rows);
    bound_.push_back({index_.at(telemetry_.prefix() + "/" + std::move(path)), &column, scale});
}

void WorksRecorder::bind_pumps(const std::string& station,
                               std::vector<physics::WorksData::Pump>& pumps) {
    pumps.resize(3);
    for (size_t i = 0; i < pumps.size(); ++i) {
        const std::string pump = station + "/pump" + std::to_string(i + 1) + "/";
        bind(pump + "running", pumps[i].running, 1);
        bind(pump + "speed", pumps[i].speed, 1);
        bind(pump + "flow", pumps[i].flow, litre);
        bind(pump + "head", pumps[i].head, 1);
        bind(pump + "power", pumps[i].power, 1);
        bind(pump + "hours", pumps[i].hours, 1);
    }
}

WorksRecorder::WorksRecorder(const sim::Telemetry& telemetry, size_t rows) : telemetry_(telemetry) {
    data_.start = telemetry.works().start();
    data_.rows = rows;
    for (size_t i = 0; i < telemetry.points().size(); ++i)
        index_[telemetry.points()[i].path] = i;
    bind_pumps("plant1/intake", data_.raw_pumps);
    bind_pumps("plant1/highlift", data_.high_lift_pumps);
    bind("plant1/intake/header/flow", data_.raw_flow, litre);
    bind("plant1/intake/header/flow_setpoint", data_.raw_setpoint, litre);
    bind("plant1/intake/header/valve", data_.raw_valve, percent);
    bind("plant1/intake/screen/level", data_.source_level, 1);
    bind("plant1/intake/screen/differential", data_.screen_loss, 1);
    data_.filters.resize(6);
    for (size_t i = 0; i < data_.filters.size(); ++i) {
        const std::string filter = "plant1/filtration/filter" + std::to_string(i + 1) + "/";
        bind(filter + "state", data_.filters[i].phase, 1);
        bind(filter + "flow", data_.filters[i].flow, litre);
        bind(filter + "level", data_.filters[i].level, 1);
        bind(filter + "headloss", data_.filters[i].head_loss, 1);
        bind(filter + "run_hours", data_.filters[i].run_hours, 1);
    }
    bind("plant1/filtration/backwash/tank_level", data_.wash_tank_level, 1);
    bind("plant1/filtration/backwash/flow", data_.wash_flow, litre);
    bind("plant1/filtration/backwash/fill_flow", data_.fill_flow, litre);
    bind("plant1/filtration/backwash/waste_flow", data_.waste_flow, litre);
    bind("plant1/filtration/backwash/blower_power", data_.blower_power, 1);
    data_.sludge_volumes.resize(2);
    bind("plant1/sedimentation/tank1/sludge_volume", data_.sludge_volumes[0], 1);
    bind("plant1/sedimentation/tank2/sludge_volume", data_.sludge_volumes[1], 1);
    bind("plant1/clearwell/well/level", data_.clear_well_level, 1);
    bind("plant1/highlift/header/pressure", data_.header_pressure, physics::head_a_bar);
    bind("plant1/highlift/header/pressure_setpoint", data_.pressure_setpoint, physics::head_a_bar);
    bind("plant1/highlift/header/flow", data_.supply_flow, litre);
    bind("zone1/network/tower/level", data_.tower_level, 1);
    bind("zone1/network/tower/flow", data_.tower_flow, litre);
    bind("zone1/network/tower/inlet_valve", data_.inlet_opening, percent);
    bind("zone1/network/town/demand", data_.demand, litre);
    bind("plant1/energy/main/power", data_.total_power, 1);
}

void WorksRecorder::take(size_t row) {
    const auto& readings = telemetry_.readings();
    for (const auto& bound : bound_)
        bound.column->set(row, number_of(readings[bound.point]) * bound.scale);
}

physics::Works WorksRecorder::sheet() {
    physics::Works sheet;
    for (auto* station : {&sheet.raw_station, &sheet.high_lift})
        for (int i = 1; i <= 3; ++i)
            station->pumps.push_back({.name = "pump" + std::to_string(i), .curve = {}});
    for (int i = 1; i <= 6; ++i) {
        sheet.filters.names.push_back("filter" + std::to_string(i));
        sheet.filters.beds.emplace_back();
    }
    sheet.clear_well = {.area = 0, .floor = 0, .full = 4};
    sheet.tower = {.area = 0, .floor = 0, .full = 6};
    sheet.filters.wash_tank = {.area = 0, .floor = 0, .full = 4};
    sheet.filters.box_area = 25;
    sheet.network.low_level_stop = 0.15;
    sheet.throughput.level_setpoint = 2.8;
    return sheet;
}

}  // namespace hw::bench
