#include "sim/serve/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace hw::sim {

namespace {

Kind kind_of(const PointInfo& point) {
    if (point.type == "int64") return Kind::whole;
    if (point.type == "bool") return Kind::flag;
    return point.type == "string" ? Kind::text : Kind::real;
}

std::string parent_of(std::string_view path) {
    return std::string(path.substr(0, path.rfind('/')));
}

// Devices that cannot mark a value serve the analyser's status beside it.
bool needs_status(Protocol protocol) {
    return protocol == Protocol::modbus || protocol == Protocol::s7;
}

}  // namespace

std::string_view to_string(Protocol protocol) {
    switch (protocol) {
        case Protocol::modbus:
            return "modbus";
        case Protocol::s7:
            return "s7";
        case Protocol::iec104:
            return "iec104";
        case Protocol::sparkplug:
            return "sparkplug";
        case Protocol::mqtt:
            return "mqtt";
    }
    HW_UNREACHABLE();
}

Protocol protocol_of(std::string_view path) {
    const auto in = [&](std::string_view area) { return path.starts_with(area); };
    if (in("plant1/intake/") || in("plant1/filtration/")) return Protocol::modbus;
    if (in("plant1/clearwell/")) return Protocol::sparkplug;
    if (in("plant1/highlift/") || in("plant1/energy/")) return Protocol::iec104;
    return in("plant1/") ? Protocol::s7 : Protocol::mqtt;
}

Variables::Variables(Telemetry& telemetry) : telemetry_(telemetry), setpoints_(make_setpoints()) {
    const auto& points = telemetry.points();
    const size_t prefix = telemetry.prefix().size() + 1;
    std::string last_asset;
    for (size_t i = 0; i < points.size(); ++i) {
        const auto path = points[i].path.substr(prefix);
        Variable variable{.path = path,
                          .asset = parent_of(path),
                          .kind = kind_of(points[i]),
                          .protocol = protocol_of(path),
                          .unit = points[i].unit,
                          .description = points[i].description,
                          .point = i};
        const bool status =
            points[i].analyzed && needs_status(variable.protocol) && variable.asset != last_asset;
        if (points[i].analyzed) last_asset = variable.asset;
        list_.push_back(variable);
        if (!status) continue;
        variable.path = variable.asset + "/status";
        variable.kind = Kind::whole;
        variable.unit = "";
        variable.description = "analyser: 0 good, 1 uncertain, 2 bad";
        variable.point.reset();
        variable.status_of = i;
        list_.push_back(variable);
    }
    for (size_t i = 0; i < setpoints_.size(); ++i) {
        const auto& setpoint = setpoints_[i];
        if (const auto known = find(setpoint.path)) {
            list_[*known].setpoint = i;
            continue;
        }
        list_.push_back({.path = setpoint.path,
                         .asset = parent_of(setpoint.path),
                         .kind = setpoint.is_flag ? Kind::flag : Kind::real,
                         .protocol = protocol_of(setpoint.path),
                         .unit = setpoint.unit,
                         .description = setpoint.description,
                         .setpoint = i});
    }
}

std::optional<size_t> Variables::find(std::string_view path) const {
    const auto found =
        std::find_if(list_.begin(), list_.end(), [&](const auto& v) { return v.path == path; });
    if (found == list_.end()) return std::nullopt;
    return static_cast<size_t>(found - list_.begin());
}

const Setpoint& Variables::setpoint_of(size_t variable) const {
    HW_ASSERT(list_.at(variable).writable());
    return setpoints_[*list_[variable].setpoint];
}

Reading Variables::read(size_t variable) const {
    const auto& about = list_.at(variable);
    if (about.setpoint) {
        const double value = setpoints_[*about.setpoint].get(telemetry_.works());
        if (about.kind == Kind::flag) return {.value = value != 0};
        return {.value = std::round(value * 1e6) / 1e6, .decimals = 6};
    }
    if (about.point) return telemetry_.readings().at(*about.point);
    const auto trust = telemetry_.readings().at(*about.status_of).trust;
    return {.value = static_cast<int64_t>(trust)};
}

Result<void> Variables::check(size_t variable, double value) const {
    const auto& about = list_.at(variable);
    if (!about.writable())
        return fail(ErrorCode::permission_denied, "'" + about.path + "' is read only");
    const auto& setpoint = setpoint_of(variable);
    // A value that was rounded to a float on its way may lie a little outside.
    const double slack = 1e-6 * std::max(std::abs(setpoint.least), std::abs(setpoint.most));
    if (!(value >= setpoint.least - slack && value <= setpoint.most + slack))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{} is not within {} to {} {} of '{}'", value, setpoint.least,
                                setpoint.most, setpoint.unit, about.path));
    return {};
}

Result<void> Variables::write(size_t variable, double value) {
    HW_TRY(check(variable, value));
    const auto& setpoint = setpoint_of(variable);
    setpoint.set(telemetry_.works(), std::clamp(value, setpoint.least, setpoint.most));
    return {};
}

std::optional<double> as_number(const Reading& reading) {
    if (const auto* number = std::get_if<double>(&reading.value)) return *number;
    if (const auto* whole = std::get_if<int64_t>(&reading.value))
        return static_cast<double>(*whole);
    if (const auto* flag = std::get_if<bool>(&reading.value)) return *flag ? 1.0 : 0.0;
    return std::nullopt;
}

}  // namespace hw::sim
