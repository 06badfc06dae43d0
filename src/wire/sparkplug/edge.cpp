#include "wire/sparkplug/edge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "wire/sparkplug/host_model.h"
#include "wire/sparkplug/state.h"

namespace hw::sparkplug {

namespace {

uint32_t code_of(Quality quality) {
    return quality == Quality::good ? 192 : quality == Quality::bad ? 0 : 500;
}

Property quality_property(Quality quality) {
    return {.key = "Quality", .type = DataType::int32, .value = code_of(quality)};
}

Metric bd_seq_metric(uint8_t bd_seq, uint64_t ms) {
    return {.name = std::string(bd_seq_name),
            .timestamp = ms,
            .datatype = DataType::int64,
            .value = uint64_t{bd_seq}};
}

}  // namespace

Edge::Edge(EdgeSettings settings, EdgeOutput& output)
    : settings_(std::move(settings)), output_(output), next_bd_seq_(settings_.first_bd_seq) {
    HW_ASSERT(is_id(settings_.group_id) && is_id(settings_.edge_node_id));
    HW_ASSERT(settings_.message_metrics_limit > 0);
    devices_[""];
}

Result<uint32_t> Edge::add(EdgeMetric metric) {
    const bool of_node = metric.device.empty();
    if (!of_node && !is_id(metric.device))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("device '{}' cannot be a level of a topic", metric.device));
    if (metric.name.empty() ||
        (of_node && (metric.name == bd_seq_name || metric.name == rebirth_name)))
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' cannot be a metric's name", metric.name));
    if (metric.type == DataType::unknown || metric.type >= DataType::data_set) {
        if (metric.type != DataType::bytes && metric.type != DataType::file)
            return fail(ErrorCode::unsupported, fmt::format("metric '{}': {} cannot be published",
                                                            metric.name, to_string(metric.type)));
    }
    Device& device = devices_[metric.device];
    const auto number = static_cast<uint32_t>(metrics_.size());
    if (!device.by_name.emplace(metric.name, number).second)
        return fail(ErrorCode::conflict,
                    fmt::format("there is a metric '{}' already", metric.name));
    device.metrics.push_back(number);
    device.birth_due = true;
    metrics_.push_back({.what = std::move(metric)});
    return number;
}

Result<void> Edge::update(uint32_t number, const PointValue& value, Quality quality, Time time) {
    Known& known = metrics_[number];
    const Value typed = HW_TRY(value_for(known.what.type, value));
    WireValue wire = HW_TRY(write_value(known.what.type, typed));
    const bool first = !known.value;
    const bool historical = !first && time < known.time;
    const bool tell_quality = quality != known.quality || quality != Quality::good;
    if (!historical) {
        known.time = time;
        if (!first && known.value == value && known.quality == quality) return {};
        known.value = value;
        known.wire = wire;
        known.quality = quality;
    }
    if (state_ != State::online) return {};
    if (changes_.size() >= settings_.changes_limit) merge_changes();
    changes_.push_back({number, std::move(wire), quality, time, historical, tell_quality});
    return {};
}

void Edge::retype(uint32_t number, DataType type) {
    Known& known = metrics_[number];
    known.what.type = type;
    known.value.reset();
    known.wire = {};
    // What waits is of the old type.
    std::erase_if(changes_, [number](const Change& change) { return change.metric == number; });
    devices_.find(known.what.device)->second.birth_due = true;
}

// The latest change of each metric stays.
void Edge::merge_changes() {
    std::vector<bool> seen(metrics_.size());
    const size_t before = changes_.size();
    std::vector<Change> kept;
    for (auto at = changes_.rbegin(); at != changes_.rend(); ++at) {
        if (at->historical || seen[at->metric]) continue;
        seen[at->metric] = true;
        kept.push_back(std::move(*at));
    }
    std::ranges::reverse(kept);
    changes_ = std::move(kept);
    figures_.merged += before - changes_.size();
}

std::string Edge::death(Time now) const {
    const uint64_t ms = milliseconds_of(now);
    Payload payload{.timestamp = ms};
    payload.metrics.push_back(bd_seq_metric(bd_seq_, ms));
    return encode(payload);
}

Edge::Will Edge::will(Time now) {
    HW_ASSERT(state_ == State::offline);
    bd_seq_ = next_bd_seq_++;
    return {
        format_topic(
            {.verb = Verb::ndeath, .group = settings_.group_id, .edge = settings_.edge_node_id}),
        death(now)};
}

std::vector<std::string> Edge::filters() const {
    std::vector<std::string> filters = {
        fmt::format("{}{}/NCMD/{}", topic_prefix, settings_.group_id, settings_.edge_node_id),
        fmt::format("{}{}/DCMD/{}/+", topic_prefix, settings_.group_id, settings_.edge_node_id)};
    if (!settings_.primary_host.empty())
        filters.push_back(format_topic({.verb = Verb::state, .edge = settings_.primary_host}));
    return filters;
}

void Edge::connected(Now now) {
    if (state_ == State::online) return;
    state_ = State::waiting;
    if (settings_.primary_host.empty() || host_online_) births(now);
}

void Edge::lost() {
    state_ = State::offline;
    changes_.clear();
    rebirth_due_ = false;
    host_online_ = false;
}

void Edge::leave(Now now) {
    if (state_ == State::online)
        output_.publish(format_topic({.verb = Verb::ndeath,
                                      .group = settings_.group_id,
                                      .edge = settings_.edge_node_id}),
                        death(now.wall), 1, false);
    lost();
}

void Edge::message(std::string_view topic_text, BytesView payload, Now now) {
    const auto topic = parse_topic(topic_text);
    if (!topic) return;
    if (topic->verb == Verb::state) {
        if (topic->edge == settings_.primary_host) on_state(payload, now);
        return;
    }
    if (topic->group != settings_.group_id || topic->edge != settings_.edge_node_id) return;
    if (topic->verb == Verb::ncmd || topic->verb == Verb::dcmd) on_command(*topic, payload, now);
}

void Edge::on_state(BytesView payload, Now now) {
    const auto state = parse_state(as_text(payload));
    // One that is older is of a session of the host that is over (5.4.4).
    if (!state || state->timestamp < host_online_since_) return;
    host_online_ = state->online;
    if (state->online) {
        host_online_since_ = state->timestamp;
        if (state_ == State::waiting) births(now);
    } else if (state_ == State::online) {
        leave(now);
        output_.disconnect();
    }
}

void Edge::on_command(const Topic& topic, BytesView bytes, Now now) {
    if (state_ != State::online) return;
    const auto payload = decode(bytes, settings_.payload);
    if (!payload) {
        ++figures_.refused;
        return;
    }
    const auto device = devices_.find(topic.device);
    for (const Metric& metric : payload->metrics) {
        if (topic.verb == Verb::ncmd && metric.name == rebirth_name) {
            if (metric.value != WireValue(true)) continue;
            ++figures_.rebirths;
            rebirth_due_ = true;
            continue;
        }
        take_command(device == devices_.end() ? nullptr : &device->second, metric);
    }
    flush(now);
}

void Edge::take_command(const Device* device, const Metric& metric) {
    std::optional<uint32_t> number;
    if (device != nullptr && !metric.name.empty()) {
        const auto at = device->by_name.find(metric.name);
        if (at != device->by_name.end()) number = at->second;
    } else if (device != nullptr && metric.alias) {
        if (*metric.alias < metrics_.size() &&
            &devices_.find(metrics_[*metric.alias].what.device)->second == device)
            number = static_cast<uint32_t>(*metric.alias);
    }
    if (!number || !metrics_[*number].what.writable || metric.is_null) {
        ++figures_.refused;
        return;
    }
    const DataType told = metric.datatype;
    const auto value =
        read_value(told == DataType::unknown ? metrics_[*number].what.type : told, metric.value);
    const auto point = value ? point_value(*value) : std::nullopt;
    // What cannot be published cannot be written either.
    if (!point || !value_for(metrics_[*number].what.type, *point)) {
        ++figures_.refused;
        return;
    }
    ++figures_.writes;
    output_.write(*number, *point);
}

void Edge::send(Verb verb, std::string_view device, Payload payload) {
    payload.seq = seq_++;
    output_.publish(format_topic({.verb = verb,
                                  .group = settings_.group_id,
                                  .edge = settings_.edge_node_id,
                                  .device = device}),
                    encode(payload), 0, false);
}

void Edge::add_metrics(const Device& device, Payload& payload) const {
    for (const uint32_t number : device.metrics) {
        const Known& known = metrics_[number];
        Metric& metric = payload.metrics.emplace_back();
        metric.name = known.what.name;
        metric.alias = number;
        metric.timestamp = known.value ? milliseconds_of(known.time) : *payload.timestamp;
        metric.datatype = known.what.type;
        metric.is_null = !known.value;
        metric.value = known.wire;
        if (!known.what.unit.empty())
            metric.properties.properties.push_back(
                {.key = "engUnit", .type = DataType::string, .value = known.what.unit});
        if (known.quality != Quality::good)
            metric.properties.properties.push_back(quality_property(known.quality));
    }
}

void Edge::node_birth(Now now) {
    seq_ = 0;
    ++figures_.births;
    const uint64_t ms = milliseconds_of(now.wall);
    Payload payload{.timestamp = ms};
    payload.metrics.push_back(bd_seq_metric(bd_seq_, ms));
    payload.metrics.push_back({.name = std::string(rebirth_name),
                               .timestamp = ms,
                               .datatype = DataType::boolean,
                               .value = false});
    Device& own = devices_.find("")->second;
    own.birth_due = false;
    add_metrics(own, payload);
    send(Verb::nbirth, {}, std::move(payload));
}

void Edge::device_birth(const std::string& name, Device& device, Now now) {
    ++figures_.births;
    device.birth_due = false;
    Payload payload{.timestamp = milliseconds_of(now.wall)};
    add_metrics(device, payload);
    send(Verb::dbirth, name, std::move(payload));
}

// The whole sequence; it tells the values as they are. What they were before follows as historical.
void Edge::births(Now now) {
    state_ = State::online;
    rebirth_due_ = false;
    rebirth_allowed_ = now.monotonic + settings_.rebirth_interval;
    std::erase_if(changes_, [this](Change& change) {
        if (change.time == metrics_[change.metric].time) return true;
        change.historical = true;
        return false;
    });
    node_birth(now);
    for (auto& [name, device] : devices_)
        if (!name.empty()) device_birth(name, device, now);
}

void Edge::flush(Now now) {
    if (state_ != State::online) return;
    if (devices_.find("")->second.birth_due) rebirth_due_ = true;
    if (rebirth_due_) {
        // No data goes out between the request and its answer (5.17).
        if (now.monotonic < rebirth_allowed_) return;
        births(now);
    }
    for (auto& [name, device] : devices_)
        if (device.birth_due) device_birth(name, device, now);
    send_changes(now);
}

void Edge::send_changes(Now now) {
    if (changes_.empty()) return;
    std::map<std::string_view, Payload> open;
    const auto finish = [&](std::string_view device, Payload payload) {
        ++figures_.messages;
        figures_.values += payload.metrics.size();
        send(device.empty() ? Verb::ndata : Verb::ddata, device, std::move(payload));
    };
    for (Change& change : changes_) {
        const std::string_view device = metrics_[change.metric].what.device;
        Payload& payload = open[device];
        payload.timestamp = milliseconds_of(now.wall);
        Metric& metric = payload.metrics.emplace_back();
        metric.alias = change.metric;
        metric.timestamp = milliseconds_of(change.time);
        metric.is_historical = change.historical;
        if (change.tell_quality)
            metric.properties.properties.push_back(quality_property(change.quality));
        metric.value = std::move(change.wire);
        if (payload.metrics.size() < settings_.message_metrics_limit) continue;
        finish(device, std::exchange(payload, {}));
    }
    for (auto& [device, payload] : open)
        if (!payload.metrics.empty()) finish(device, std::move(payload));
    changes_.clear();
}

}  // namespace hw::sparkplug
