#include "wire/sparkplug/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "wire/sparkplug/host_model.h"
#include "wire/sparkplug/state.h"

namespace hw::sparkplug {

std::optional<Time> time_of(std::optional<uint64_t> ms) {
    constexpr uint64_t most = INT64_MAX / 1'000'000;
    if (!ms || *ms == 0 || *ms > most) return std::nullopt;
    return Time{static_cast<int64_t>(*ms) * 1'000'000};
}

uint64_t milliseconds_of(Time time) {
    return time.ns < 0 ? 0 : static_cast<uint64_t>(time.ns / 1'000'000);
}

std::optional<uint64_t> bd_seq_of(const Payload& payload) {
    const Metric* metric = payload.find(bd_seq_name);
    if (metric == nullptr) return std::nullopt;
    if (const auto* wide = std::get_if<uint64_t>(&metric->value)) return *wide;
    if (const auto* narrow = std::get_if<uint32_t>(&metric->value)) return *narrow;
    return std::nullopt;
}

Host::Host(HostSettings settings, HostOutput& output)
    : settings_(std::move(settings)), output_(output) {
    HW_ASSERT(is_id(settings_.host_id));
}

Host::~Host() = default;

void Host::publish_state(bool online) {
    output_.publish(format_topic({.verb = Verb::state, .edge = settings_.host_id}),
                    format_state({online, state_timestamp_}), 1, true);
}

void Host::start(Now now) {
    online_ = true;
    state_timestamp_ = milliseconds_of(now.wall);
    publish_state(true);
}

void Host::stop(Now now) {
    online_ = false;
    state_timestamp_ = std::max(state_timestamp_, milliseconds_of(now.wall));
    publish_state(false);
}

void Host::on_state(const Topic& topic, BytesView payload) {
    if (!online_ || topic.edge != settings_.host_id) return;
    const auto state = parse_state(as_text(payload));
    if (state && !state->online) publish_state(true);
}

void Host::forget_unborn() {
    std::erase_if(nodes_, [this](const auto& entry) {
        HostNode& node = *entry.second;
        if (node.online || node.birth_timestamp != 0) return false;
        waiting_.erase(&node);
        return true;
    });
    figures_.nodes = nodes_.size();
}

HostNode* Host::node_of(const Topic& topic) {
    std::string key = fmt::format("{}/{}", topic.group, topic.edge);
    if (const auto at = nodes_.find(key); at != nodes_.end()) return at->second.get();
    if (topic.verb == Verb::ndeath) return nullptr;
    if (nodes_.size() >= settings_.nodes_limit) forget_unborn();
    if (nodes_.size() >= settings_.nodes_limit) {
        ++figures_.refused;
        return nullptr;
    }
    auto made = std::make_unique<HostNode>();
    made->group = topic.group;
    made->edge = topic.edge;
    made->self.node = made.get();
    HostNode* const node = made.get();
    nodes_.emplace(std::move(key), std::move(made));
    figures_.nodes = nodes_.size();
    return node;
}

bool Host::message(std::string_view topic_text, BytesView bytes, Now now) {
    const auto topic = parse_topic(topic_text);
    if (!topic || topic->verb == Verb::ncmd || topic->verb == Verb::dcmd) return false;
    gave_samples_ = false;
    if (topic->verb == Verb::state) {
        on_state(*topic, bytes);
        return false;
    }
    ++figures_.messages;
    HostNode* const node = node_of(*topic);
    if (node == nullptr) return false;
    auto payload = decode(bytes, settings_.payload);
    const bool bad_seq = payload && payload->seq.value_or(0) > 255;
    if (!payload || bad_seq) {
        ++figures_.malformed;
        if (topic->verb != Verb::ndeath) want_rebirth(*node, now);
        return false;
    }
    if (const auto sent = time_of(payload->timestamp); sent && topic->verb != Verb::ndeath)
        node->clock_offset = *sent - now.wall;
    if (topic->verb == Verb::nbirth) {
        on_nbirth(*node, *payload, now);
    } else if (topic->verb == Verb::ndeath) {
        on_ndeath(*node, *payload, now);
    } else {
        on_sequenced(*node,
                     {topic->verb, std::string(topic->device), *std::move(payload), bytes.size()},
                     now);
    }
    return gave_samples_;
}

void Host::on_nbirth(HostNode& node, Payload& payload, Now now) {
    ++figures_.births;
    const auto bd_seq = bd_seq_of(payload);
    const bool again = node.online && bd_seq == node.bd_seq;
    node.bd_seq = bd_seq;
    node.birth_timestamp = std::max<uint64_t>(payload.timestamp.value_or(1), 1);
    node.expected = static_cast<uint8_t>(payload.seq.value_or(0) + 1);
    node.rebirth_wanted = false;
    if (!node.online) ++figures_.nodes_online;
    node.online = true;
    expect_births(node, again, now);
    take_birth(node.self, payload, now);
    output_.state({node.group, node.edge, {}, true});
    // What overtook the birth belongs to it; the rest is of the session before.
    const size_t before = node.held.size();
    std::erase_if(node.held, [&](const auto& entry) {
        const bool old = entry.second.payload.timestamp.value_or(0) < node.birth_timestamp;
        if (old) release(node, entry.second.bytes);
        return old;
    });
    figures_.old_session += before - node.held.size();
    if (!node.held.empty()) node.gap_deadline = now.monotonic + settings_.reorder_timeout;
    apply_held(node, now, false);
    watch(node);
}

// In a new session each device is offline until its own birth. In the same one (a rebirth) its
// birth should follow at once; until then it stays as it is.
void Host::expect_births(HostNode& node, bool again, Now now) {
    node.births_awaited = false;
    for (auto& [name, device] : node.devices) {
        if (!device.online) continue;
        if (!again) {
            take_offline(device, now.wall + node.clock_offset);
            continue;
        }
        device.awaited = true;
        node.births_awaited = true;
    }
    node.births_deadline = now.monotonic + std::max(settings_.reorder_timeout, seconds(1));
}

void Host::on_ndeath(HostNode& node, const Payload& payload, Now now) {
    const auto bd_seq = bd_seq_of(payload);
    if (!node.online) return;
    if (bd_seq && node.bd_seq && *bd_seq != *node.bd_seq) {
        ++figures_.old_session;
        return;
    }
    ++figures_.deaths;
    // What waits came before the death.
    apply_held(node, now, true);
    const Time moment = now.wall + node.clock_offset;
    node.online = false;
    node.births_awaited = false;
    node.rebirth_wanted = false;
    --figures_.nodes_online;
    for (auto& [name, device] : node.devices)
        take_offline(device, moment);
    take_offline(node.self, moment);
    output_.state({node.group, node.edge, {}, false});
    watch(node);
}

void Host::on_sequenced(HostNode& node, HeldMessage message, Now now) {
    if (!node.online) {
        // Not yet born; or dead, so that a birth must come first.
        ++figures_.before_birth;
        want_rebirth(node, now);
        return;
    }
    if (!message.payload.seq) {
        ++figures_.malformed;
        apply(node, message, now);
        return;
    }
    const auto seq = static_cast<uint8_t>(*message.payload.seq);
    if (seq != node.expected) {
        if (message.payload.timestamp.value_or(UINT64_MAX) < node.birth_timestamp) {
            ++figures_.old_session;
            return;
        }
        hold(node, std::move(message), now);
        return;
    }
    ++node.expected;
    apply(node, message, now);
    if (!node.held.empty()) apply_held(node, now, false);
}

void Host::hold(HostNode& node, HeldMessage message, Now now) {
    if (node.held.empty()) node.gap_deadline = now.monotonic + settings_.reorder_timeout;
    const auto seq = static_cast<uint8_t>(*message.payload.seq);
    const size_t bytes = message.bytes;
    if (node.held.emplace(seq, std::move(message)).second) {
        node.held_bytes += bytes;
        held_bytes_ += bytes;
        ++figures_.held;
    }
    watch(node);
    if (settings_.reorder_timeout.ns <= 0 || node.held.size() > settings_.held_messages_limit ||
        node.held_bytes > settings_.held_bytes_limit ||
        held_bytes_ > settings_.held_total_bytes_limit)
        give_up_gap(node, now);
}

// A message waits no more.
void Host::release(HostNode& node, size_t bytes) {
    node.held_bytes -= bytes;
    held_bytes_ -= bytes;
    --figures_.held;
}

// In the order of their numbers: those that follow without a gap, or all.
void Host::apply_held(HostNode& node, Now now, bool all) {
    const bool had = !node.held.empty();
    while (!node.held.empty()) {
        auto at = node.held.find(node.expected);
        if (at == node.held.end()) {
            if (!all) break;
            at = node.held.lower_bound(node.expected);
            if (at == node.held.end()) at = node.held.begin();
        } else if (!all) {
            ++figures_.reordered;
        }
        const HeldMessage message = std::move(at->second);
        node.expected = static_cast<uint8_t>(at->first + 1);
        node.held.erase(at);
        release(node, message.bytes);
        apply(node, message, now);
    }
    if (!had) return;
    if (!node.held.empty()) node.gap_deadline = now.monotonic + settings_.reorder_timeout;
    watch(node);
}

// Nothing is thrown away: what came is kept, and the rebirth repairs what was missed (5.16).
void Host::give_up_gap(HostNode& node, Now now) {
    ++figures_.sequence_gaps;
    apply_held(node, now, true);
    want_rebirth(node, now);
}

void Host::apply(HostNode& node, const HeldMessage& message, Now now) {
    if (message.verb == Verb::dbirth) {
        on_dbirth(node, message, now);
        return;
    }
    if (message.verb == Verb::ndata) {
        on_data(node, node.self, message, now);
        return;
    }
    const auto at = node.devices.find(message.device);
    if (at == node.devices.end() || !at->second.online) {
        if (message.verb == Verb::ddeath) return;
        ++figures_.before_birth;
        want_rebirth(node, now);
        return;
    }
    if (message.verb == Verb::ddeath) {
        ++figures_.deaths;
        const Time moment =
            time_of(message.payload.timestamp).value_or(now.wall + node.clock_offset);
        take_offline(at->second, moment);
        return;
    }
    on_data(node, at->second, message, now);
}

void Host::on_dbirth(HostNode& node, const HeldMessage& message, Now now) {
    ++figures_.births;
    auto at = node.devices.find(message.device);
    if (at == node.devices.end()) {
        // A device costs as much as a few metrics, and is limited with them.
        if (figures_.metrics >= settings_.metrics_limit) {
            ++figures_.refused;
            return;
        }
        at = node.devices.try_emplace(message.device).first;
        at->second.node = &node;
        at->second.name = message.device;
    }
    HostDevice& device = at->second;
    if (!device.online) ++figures_.devices_online;
    device.online = true;
    take_birth(device, message.payload, now);
    output_.state({node.group, node.edge, device.name, true});
}

void Host::want_rebirth(HostNode& node, Now now) {
    if (!settings_.request_rebirths) return;
    node.rebirth_wanted = now.monotonic < node.rebirth_allowed;
    if (!node.rebirth_wanted) {
        node.rebirth_allowed = now.monotonic + settings_.rebirth_interval;
        ++figures_.rebirths_asked;
        const uint64_t ms = milliseconds_of(now.wall);
        Payload payload{.timestamp = ms};
        payload.metrics.push_back({.name = std::string(rebirth_name),
                                   .timestamp = ms,
                                   .datatype = DataType::boolean,
                                   .value = true});
        output_.publish(format_topic({.verb = Verb::ncmd, .group = node.group, .edge = node.edge}),
                        encode(payload), 0, false);
    }
    watch(node);
}

void Host::watch(HostNode& node) {
    if (node.rebirth_wanted || node.births_awaited || !node.held.empty())
        waiting_.insert(&node);
    else
        waiting_.erase(&node);
}

void Host::tick(Now now) {
    if (waiting_.empty()) return;
    const std::vector<HostNode*> nodes(waiting_.begin(), waiting_.end());
    for (HostNode* node : nodes) {
        if (!node->held.empty() && now.monotonic >= node->gap_deadline) give_up_gap(*node, now);
        if (node->rebirth_wanted && now.monotonic >= node->rebirth_allowed)
            want_rebirth(*node, now);
        if (node->births_awaited && now.monotonic >= node->births_deadline) {
            node->births_awaited = false;
            for (auto& [name, device] : node->devices)
                if (device.awaited) take_offline(device, now.wall + node->clock_offset);
            watch(*node);
        }
    }
}

}  // namespace hw::sparkplug
