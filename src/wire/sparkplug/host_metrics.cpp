// The host application's metrics: births, values, deaths, commands.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "wire/sparkplug/host.h"
#include "wire/sparkplug/host_model.h"

namespace hw::sparkplug {

namespace {

// As implementations name it; Ignition says engUnit.
constexpr std::array<std::string_view, 6> unit_keys = {
    "engUnit", "engUnits", "unit", "units", "EngineeringUnits", "Engineering Units"};
constexpr size_t unit_bytes_limit = 64;

bool is_point_name(std::string_view name) {
    return name != bd_seq_name && !name.starts_with("Node Control/") &&
           !name.starts_with("Device Control/");
}

std::string_view unit_of(const PropertySet& properties) {
    for (const auto key : unit_keys)
        if (const Property* property = properties.find(key))
            if (const auto* text = std::get_if<std::string>(&property->value))
                return std::string_view(*text).substr(
                    0, text->size() > unit_bytes_limit ? 0 : text->size());
    return {};
}

Quality quality_of(const PropertySet& properties) {
    const Property* property = properties.find("Quality");
    if (property == nullptr) return Quality::good;
    uint64_t code = 0;
    if (const auto* narrow = std::get_if<uint32_t>(&property->value)) {
        code = *narrow;
    } else if (const auto* wide = std::get_if<uint64_t>(&property->value)) {
        code = *wide;
    } else {
        return Quality::good;
    }
    if (code == 500) return Quality::stale;
    if (code >= 192 && code < 256) return Quality::good;
    return code >= 64 && code < 192 ? Quality::uncertain : Quality::bad;
}

}  // namespace

void Host::drop(HostMetric& metric) {
    if (const auto at = by_path_.find(metric.path); at != by_path_.end() && at->second == &metric)
        by_path_.erase(at);
    --figures_.metrics;
}

void Host::take_birth(HostDevice& device, const Payload& payload, Now now) {
    device.online = true;
    device.awaited = false;
    device.by_alias.clear();
    Application to{.device = device,
                   .received = now.wall,
                   .sent = time_of(payload.timestamp).value_or(now.wall),
                   .birth = true,
                   .before = std::move(device.metrics)};
    device.metrics.clear();
    for (const Metric& metric : payload.metrics)
        birth_metric(to, metric, metric.name);
    // Metrics that are gone leave their points, as dead as the metric.
    for (auto& [name, metric] : to.before) {
        mark_offline(*metric, now.wall + device.node->clock_offset);
        drop(*metric);
    }
}

HostMetric* Host::enlist(Application& to, const std::string& name) {
    HostDevice& device = to.device;
    if (const auto again = device.metrics.find(name); again != device.metrics.end())
        return again->second.get();
    if (auto known = to.before.extract(name)) {
        HostMetric* const metric = known.mapped().get();
        metric->alias.reset();
        device.metrics.insert(std::move(known));
        return metric;
    }
    if (figures_.metrics >= settings_.metrics_limit) {
        ++figures_.refused;
        return nullptr;
    }
    auto made = std::make_unique<HostMetric>();
    HostMetric* const metric = made.get();
    metric->device = &device;
    metric->name = name;
    metric->is_point = is_point_name(name);
    metric->path = settings_.path.path(device.node->group, device.node->edge, device.name, name);
    device.metrics.emplace(name, std::move(made));
    by_path_.emplace(metric->path, metric);
    ++figures_.metrics;
    return metric;
}

void Host::birth_metric(Application& to, const Metric& metric, std::string name) {
    if (name.empty()) {
        ++figures_.malformed;
        return;
    }
    if (const auto* instance = std::get_if<Template>(&metric.value)) {
        if (instance->is_definition) return;
        for (const Metric& member : instance->metrics) {
            const auto* nested = std::get_if<Template>(&member.value);
            birth_metric(to, member, member.name.empty() ? "" : name + "/" + member.name);
            const auto at = to.device.metrics.find(name + "/" + member.name);
            if (nested == nullptr && at != to.device.metrics.end()) at->second->is_member = true;
        }
        // Itself no point, but known by its alias.
        if (HostMetric* const known = enlist(to, name)) {
            known->type = DataType::template_type;
            known->is_point = false;
            known->alias = metric.alias;
            if (metric.alias) to.device.by_alias[*metric.alias] = known;
        }
        return;
    }
    HostMetric* const known = enlist(to, name);
    if (known == nullptr) return;
    known->type = metric.datatype;
    known->alias = metric.alias;
    if (metric.alias) to.device.by_alias[*metric.alias] = known;
    if (known->is_point) {
        if (const auto unit = unit_of(metric.properties); !unit.empty())
            output_.unit(known->path, known->point, unit);
        take_value(to, *known, metric);
    }
}

void Host::on_data(HostNode& node, HostDevice& device, const HeldMessage& message, Now now) {
    Application to{.device = device,
                   .received = now.wall,
                   .sent = time_of(message.payload.timestamp).value_or(now.wall)};
    for (const Metric& metric : message.payload.metrics)
        data_metric(to, metric, {});
    if (to.unknown) want_rebirth(node, now);
}

void Host::data_metric(Application& to, const Metric& metric, const std::string& prefix) {
    HostMetric* known = nullptr;
    if (!metric.name.empty()) {
        const auto at = to.device.metrics.find(prefix + metric.name);
        if (at != to.device.metrics.end()) known = at->second.get();
    } else if (metric.alias) {
        const auto at = to.device.by_alias.find(*metric.alias);
        if (at != to.device.by_alias.end()) known = at->second;
    }
    if (known == nullptr) {
        ++figures_.unknown_metrics;
        to.unknown = true;
        return;
    }
    if (const auto* instance = std::get_if<Template>(&metric.value)) {
        for (const Metric& member : instance->metrics)
            data_metric(to, member, known->name + "/");
        return;
    }
    if (known->is_point) take_value(to, *known, metric);
}

void Host::take_value(Application& to, HostMetric& known, const Metric& metric) {
    const Time time = time_of(metric.timestamp).value_or(to.sent);
    const DataType type = metric.datatype != DataType::unknown ? metric.datatype : known.type;
    if (metric.is_null) {
        // The point has a value no longer; what it was stays to be seen.
        if (known.last && !metric.is_historical)
            emit(to, known, *known.last, Quality::bad, time, false);
        return;
    }
    const auto value = read_value(type, metric.value);
    if (!value) {
        ++figures_.malformed;
        return;
    }
    if (auto point = point_value(*value))
        emit(to, known, *std::move(point), quality_of(metric.properties), time,
             metric.is_historical);
}

void Host::emit(Application& to, HostMetric& known, PointValue value, Quality quality, Time time,
                bool historical) {
    gave_samples_ = true;
    const auto say = [&](Time when, Quality how) {
        output_.sample({known.path, known.point, value, how, when, historical});
    };
    if (historical) {
        say(time, quality);
        return;
    }
    if (known.offline && time <= known.last_time) {
        // Of before the death, as births often tell it: kept at its time, and alive again from now.
        if (time < known.last_time) say(time, quality);
        time = std::max(to.sent, known.last_time + milliseconds(1));
    }
    say(time, quality);
    known.offline = false;
    known.last_time = std::max(known.last_time, time);
    known.last = std::move(value);
}

void Host::mark_offline(HostMetric& metric, Time time) {
    if (metric.offline || !metric.is_point || !metric.last) return;
    metric.offline = true;
    metric.last_time = std::max(time, metric.last_time + milliseconds(1));
    gave_samples_ = true;
    output_.sample(
        {metric.path, metric.point, *metric.last, Quality::offline, metric.last_time, false});
}

void Host::take_offline(HostDevice& device, Time time) {
    for (auto& [name, metric] : device.metrics)
        mark_offline(*metric, time);
    device.awaited = false;
    if (!device.online) return;
    device.online = false;
    if (device.name.empty()) return;
    --figures_.devices_online;
    output_.state({device.node->group, device.node->edge, device.name, false});
}

Result<void> Host::command(std::string_view path, const PointValue& value, Now now) {
    const auto at = by_path_.find(path);
    if (at == by_path_.end())
        return fail(ErrorCode::not_found,
                    fmt::format("'{}' is no metric of a Sparkplug edge node that was born", path));
    const HostMetric& metric = *at->second;
    const HostDevice& device = *metric.device;
    const HostNode& node = *device.node;
    if (metric.is_member)
        return fail(ErrorCode::unsupported,
                    fmt::format("'{}' is a member of a template; those cannot be written one by "
                                "one",
                                path));
    if (!node.online || !device.online)
        return fail(ErrorCode::unavailable,
                    fmt::format("{} {} is offline; '{}' can be written once it is born again",
                                node.online ? "device" : "edge node",
                                node.online ? device.name : node.edge, path));
    const uint64_t ms = milliseconds_of(now.wall);
    Payload payload{.timestamp = ms};
    Metric& order = payload.metrics.emplace_back();
    order.timestamp = ms;
    // By its alias alone where the birth gave one (6.4.5).
    order.alias = metric.alias;
    if (!metric.alias) order.name = metric.name;
    order.datatype = metric.type;
    const Value typed = HW_TRY(value_for(metric.type, value));
    order.value = HW_TRY(write_value(metric.type, typed));
    ++figures_.commands;
    output_.publish(format_topic({.verb = device.name.empty() ? Verb::ncmd : Verb::dcmd,
                                  .group = node.group,
                                  .edge = node.edge,
                                  .device = device.name}),
                    encode(payload), 0, false);
    return {};
}

}  // namespace hw::sparkplug
