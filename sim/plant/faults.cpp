#include "sim/plant/faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "sim/plant/units.h"

namespace hw::sim {

namespace {

constexpr size_t faults_limit = 64;
constexpr double drift_limit = 0.5;  // share of the reading

constexpr std::array<FaultInfo, fault_kind_count> kinds{{
    {"sensor-drift", "a measured number", "%/h", 20, -1000, 1000,
     "the reading leaves the truth by so much of it an hour, up to half of it; controllers that "
     "use the sensor are misled"},
    {"sensor-failure", "a measured number", "", 0, 0, 0,
     "the reading stands still and its quality is bad; controllers go on with the last value"},
    {"stuck-valve", "a valve", "", 0, 0, 0, "the valve stays where it is, whatever it is told"},
    {"pump-wear", "a pump", "%", 20, 1, 60,
     "the worn impeller loses so much of its efficiency and half as much of its head, and shakes"},
    {"filter-breakthrough", "a filter", "%", 30, 1, 100,
     "so much of the water passes the cracked bed untreated; washing does not help"},
    {"burst-main", "a district or the town", "l/s", 40, 0.1, 200,
     "so much water, at 42 m of pressure, is lost from the main"},
    {"silent-device", "a protocol server", "", 0, 0, 0,
     "the server accepts connections and never answers"},
    {"slow-network", "a protocol server", "ms", 2000, 1, 600'000,
     "every answer comes so much later"},
}};

std::vector<std::string> numbered(std::string_view stem, int count) {
    std::vector<std::string> names;
    for (int i = 1; i <= count; ++i)
        names.push_back(std::string(stem) + std::to_string(i));
    return names;
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
    to.insert(to.end(), more.begin(), more.end());
}

std::vector<std::string> plant_targets(FaultKind kind) {
    std::vector<std::string> names;
    switch (kind) {
        case FaultKind::sensor_drift:
        case FaultKind::sensor_failure:
            break;  // set_sensors()
        case FaultKind::stuck_valve:
            names = {"plant1/intake/header/valve"};
            append(names, numbered("plant1/sedimentation/tank", 2));
            append(names, numbered("plant1/filtration/filter", 6));
            names.emplace_back("zone1/network/tower");
            break;
        case FaultKind::pump_wear:
            names = numbered("plant1/intake/pump", 3);
            append(names, numbered("plant1/highlift/pump", 3));
            break;
        case FaultKind::filter_breakthrough:
            names = numbered("plant1/filtration/filter", 6);
            break;
        case FaultKind::burst_main:
            names = numbered("zone1/districts/d", 4);
            names.emplace_back("zone1/network/town");
            break;
        case FaultKind::silent_device:
        case FaultKind::slow_network:
            names = {"modbus", "modbus-rtu", "s7", "iec104", "sparkplug"};
            break;
    }
    return names;
}

// Equal, or the last whole levels of it.
bool matches(std::string_view path, std::string_view text) {
    return path == text || (path.size() > text.size() && path.ends_with(text) &&
                            path[path.size() - text.size() - 1] == '/');
}

constexpr size_t targets_told = 12;

std::string list_of(std::span<const std::string> names) {
    std::string text;
    for (size_t i = 0; i < std::min(names.size(), targets_told); ++i)
        text += (i > 0 ? ", " : "") + names[i];
    if (names.size() > targets_told)
        text += " and " + std::to_string(names.size() - targets_told) + " more";
    return text;
}

}  // namespace

const FaultInfo& info(FaultKind kind) {
    return kinds.at(static_cast<size_t>(kind));
}

Result<FaultKind> parse_fault_kind(std::string_view text) {
    std::string names;
    for (size_t i = 0; i < kinds.size(); ++i) {
        if (kinds.at(i).name == text) return static_cast<FaultKind>(i);
        names += (i > 0 ? ", " : "") + std::string(kinds.at(i).name);
    }
    return fail(ErrorCode::invalid_argument,
                "there is no fault '" + std::string(text) + "'; there are " + names);
}

Faults::Faults() {
    for (size_t i = 0; i < fault_kind_count; ++i)
        targets_.push_back(plant_targets(static_cast<FaultKind>(i)));
}

void Faults::set_sensors(std::vector<std::string> paths) {
    targets_[static_cast<size_t>(FaultKind::sensor_drift)] = paths;
    targets_[static_cast<size_t>(FaultKind::sensor_failure)] = std::move(paths);
}

std::span<const std::string> Faults::targets(FaultKind kind) const {
    return targets_[static_cast<size_t>(kind)];
}

Result<std::string> Faults::resolve(FaultKind kind, std::string_view target) const {
    const auto known = targets(kind);
    std::vector<std::string> found;
    for (const auto& path : known) {
        if (path == target) return path;
        if (target.empty() || matches(path, target)) found.push_back(path);
    }
    if (found.size() == 1) return found.front();
    const std::string what(info(kind).target);
    if (target.empty())
        return fail(ErrorCode::invalid_argument,
                    std::string(info(kind).name) + " needs " + what + ": one of " + list_of(known));
    if (found.empty())
        return fail(ErrorCode::not_found, "'" + std::string(target) + "' is not " + what +
                                              "; there are " + list_of(known));
    return fail(ErrorCode::invalid_argument, "'" + std::string(target) + "' may be " +
                                                 list_of(found) + "; give more of its path");
}

Result<const Fault*> Faults::turn_on(FaultKind kind, std::string_view target,
                                     std::optional<double> amount, Time now) {
    const auto& about = info(kind);
    auto path = HW_TRY(resolve(kind, target));
    if (amount && about.unit.empty())
        return fail(ErrorCode::invalid_argument, std::string(about.name) + " has no amount");
    const double value = amount.value_or(about.amount);
    if (!(value >= about.least && value <= about.most))
        return fail(ErrorCode::invalid_argument,
                    "amount " + std::to_string(value) + " of " + std::string(about.name) +
                        " is not from " + std::to_string(about.least) + " to " +
                        std::to_string(about.most) + " " + std::string(about.unit));
    for (auto& fault : active_)
        if (fault.kind == kind && fault.target == path) {
            fault.amount = value;
            return &fault;
        }
    if (active_.size() >= faults_limit)
        return fail(ErrorCode::limit_exceeded,
                    "64 faults are on, which is the limit; turn some off");
    active_.push_back({.kind = kind, .target = std::move(path), .amount = value, .since = now});
    return &active_.back();
}

Result<size_t> Faults::turn_off(FaultKind kind, std::string_view target) {
    const auto gone = std::erase_if(active_, [&](const Fault& fault) {
        return fault.kind == kind && (target.empty() || matches(fault.target, target));
    });
    if (gone == 0)
        return fail(ErrorCode::not_found, std::string(info(kind).name) + " is not on" +
                                              (target.empty() ? "" : " at ") + std::string(target));
    return gone;
}

const Fault* Faults::find(FaultKind kind, std::string_view target) const {
    for (const auto& fault : active_)
        if (fault.kind == kind && fault.target == target) return &fault;
    return nullptr;
}

double Faults::amount(FaultKind kind, std::string_view target) const {
    const auto* fault = find(kind, target);
    return fault ? fault->amount : 0.0;
}

double Faults::seen(std::string_view sensor, double truth, Time now) {
    double shown = truth;
    for (auto& fault : active_) {
        if (fault.target != sensor) continue;
        if (fault.kind == FaultKind::sensor_drift) {
            const double hours =
                static_cast<double>((now - fault.since).ns) / 1e9 / seconds_per_hour;
            shown *= 1 + std::clamp(fault.amount / 100 * hours, -drift_limit, drift_limit);
        } else if (fault.kind == FaultKind::sensor_failure) {
            if (!fault.held) fault.held = shown;
            return *fault.held;
        }
    }
    return shown;
}

Result<FaultOrder> parse_fault_order(std::string_view text) {
    const auto equals = text.find('=');
    FaultOrder order{.kind = HW_TRY(parse_fault_kind(text.substr(0, equals))),
                     .target = "",
                     .amount = std::nullopt};
    if (equals == std::string_view::npos) return order;
    auto target = text.substr(equals + 1);
    const auto colon = target.rfind(':');
    if (colon != std::string_view::npos) {
        const auto number = target.substr(colon + 1);
        double amount = 0;
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), amount);
        if (error != std::errc() || end != number.data() + number.size())
            return fail(ErrorCode::invalid_argument,
                        "'" + std::string(number) +
                            "' is not a number; a fault is given as NAME=TARGET[:AMOUNT], e.g. "
                            "pump-wear=intake/pump2:30");
        order.amount = amount;
        target = target.substr(0, colon);
    }
    order.target = target;
    return order;
}

}  // namespace hw::sim
