#include "app/mqtt_traces.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/topic.h"

namespace hw::app {

namespace {

using api::TraceKind;
using api::TraceRecord;
using broker::bit;
using broker::Event;

// Beside the inner observer's own answer.
constexpr uint64_t traced = broker::onlooker;
// Not `acked`: for that the broker would keep a copy of each message.
constexpr uint32_t traced_events =
    bit(Event::connected) | bit(Event::disconnected) | bit(Event::connack) | bit(Event::ping) |
    bit(Event::authorized) | bit(Event::subscribed) | bit(Event::unsubscribed) |
    bit(Event::delivered) | bit(Event::dropped) | bit(Event::delivery_dropped);

std::string_view name_of(const broker::Happening& happening) {
    switch (happening.event) {
        case Event::connected:
            return "connected";
        case Event::disconnected:
            return "disconnected";
        case Event::connack:
            // The others are told as connected.
            return happening.reason == "success" ? "" : "connack";
        case Event::ping:
            return "ping";
        case Event::authorized:
            return happening.reason == "deny" ? "denied" : "";
        case Event::subscribed:
            return "subscribed";
        case Event::unsubscribed:
            return "unsubscribed";
        case Event::delivered:
            return "delivered";
        case Event::dropped:
            return "dropped";
        case Event::delivery_dropped:
            return "delivery_dropped";
        default:
            return "";
    }
}

bool is_filter_event(Event event) {
    return event == Event::subscribed || event == Event::unsubscribed;
}

size_t bytes_of(const TraceRecord& record) {
    return sizeof(TraceRecord) + record.client_id.size() + record.user_name.size() +
           record.peer.size() + record.topic.size() + record.payload.size() +
           record.from_client_id.size() + record.reason.size();
}

void set_payload(TraceRecord& record, BytesView payload) {
    const std::string_view text = as_text(payload);
    record.payload = text.substr(0, MqttTraces::payload_limit);
    record.payload_bytes = text.size();
}

}  // namespace

// ---- the broker's thread

uint64_t MqttTraces::interest(std::string_view topic) {
    uint64_t answer = inner_ != nullptr ? inner_->interest(topic) & ~traced : 0;
    if (running_.load(std::memory_order_relaxed) == 0) return answer;
    MutexLock lock(mutex_);
    for (const auto& [name, trace] : traces_)
        // Any topic may have messages of that client or address.
        if (trace.running &&
            (trace.spec.kind != TraceKind::topic || broker::matches(trace.spec.value, topic)))
            return answer | traced;
    return answer;
}

void MqttTraces::message(uint64_t interest, const broker::Seen& message) {
    if ((interest & ~traced) != 0) inner_->message(interest & ~traced, message);
    if ((interest & traced) == 0) return;
    MutexLock lock(mutex_);
    for (auto& [name, trace] : traces_) {
        if (!follows(trace, message.client_id, message.peer, message.topic, false)) continue;
        TraceRecord record;
        record.time = message.received;
        record.event = "published";
        record.client_id = message.client_id;
        record.user_name = message.user_name;
        record.peer = message.peer;
        record.topic = message.topic;
        record.qos = message.qos;
        record.retain = message.retain;
        set_payload(record, message.payload);
        note(trace, std::move(record));
    }
}

uint32_t MqttTraces::events() {
    inner_events_ = inner_ != nullptr ? inner_->events() : 0;
    return running_.load(std::memory_order_relaxed) == 0 ? inner_events_
                                                         : inner_events_ | traced_events;
}

void MqttTraces::event(const broker::Happening& happening) {
    if ((inner_events_ & bit(happening.event)) != 0) inner_->event(happening);
    if ((traced_events & bit(happening.event)) == 0 ||
        running_.load(std::memory_order_relaxed) == 0)
        return;
    const std::string_view event = name_of(happening);
    if (event.empty()) return;
    MutexLock lock(mutex_);
    for (auto& [name, trace] : traces_) {
        if (!follows(trace, happening.client_id, happening.peer, happening.topic,
                     is_filter_event(happening.event)))
            continue;
        TraceRecord record;
        record.time = happening.now;
        record.event = event;
        record.client_id = happening.client_id;
        record.user_name = happening.user_name;
        record.peer = happening.peer;
        record.topic = happening.topic;
        record.from_client_id = happening.from_client_id;
        record.reason = event == "denied" ? happening.action : happening.reason;
        record.qos = happening.qos;
        record.retain = happening.retain;
        set_payload(record, happening.payload);
        note(trace, std::move(record));
    }
}

bool MqttTraces::follows(const Trace& trace, std::string_view client_id, std::string_view peer,
                         std::string_view topic, bool topic_is_filter) {
    if (!trace.running) return false;
    switch (trace.spec.kind) {
        case TraceKind::client:
            return trace.spec.value == client_id;
        case TraceKind::address: {
            if (peer.empty()) return false;
            const auto address = Network::read(address_of(peer));
            return address && trace.network->contains(*address);
        }
        case TraceKind::topic:
            // A subscription is of interest where its filter is the trace's, or within it.
            return !topic.empty() && (topic == trace.spec.value ||
                                      (!(topic_is_filter && broker::has_wildcard(topic)) &&
                                       broker::matches(trace.spec.value, topic)));
    }
    return false;
}

void MqttTraces::note(Trace& trace, TraceRecord record) {
    record.number = ++trace.last;
    trace.bytes += bytes_of(record);
    trace.kept.push_back(std::move(record));
    while (trace.bytes > bytes_limit) {
        trace.bytes -= bytes_of(trace.kept.front());
        trace.kept.pop_front();
    }
}

void MqttTraces::tick() {
    if (running_.load(std::memory_order_relaxed) == 0) return;
    const Time now = clock_.now();
    bool any = false;
    {
        MutexLock lock(mutex_);
        for (auto& [name, trace] : traces_) {
            if (!trace.running || trace.spec.until > now) continue;
            trace.running = false;
            any = true;
        }
    }
    if (any) changed();
}

// ---- any thread

void MqttTraces::changed() {
    {
        MutexLock lock(mutex_);
        running_ = static_cast<size_t>(std::count_if(
            traces_.begin(), traces_.end(), [](const auto& one) { return one.second.running; }));
    }
    if (touch_)
        touch_();
    else
        own_stamp_.fetch_add(1, std::memory_order_acq_rel);
}

Result<api::TraceView> MqttTraces::begin(api::TraceSpec spec) {
    Trace trace;
    if (spec.kind == TraceKind::address) {
        trace.network = HW_TRY(Network::read(spec.value));
        spec.value = trace.network->text();
    }
    trace.created_at = clock_.now();
    trace.spec = std::move(spec);
    api::TraceView view;
    {
        MutexLock lock(mutex_);
        if (traces_.contains(trace.spec.name))
            return fail(ErrorCode::conflict,
                        fmt::format("there is a trace '{}' already; remove it, or take another "
                                    "name",
                                    trace.spec.name));
        if (traces_.size() >= traces_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("there are {} traces, the limit; remove one", traces_limit));
        view = view_of(trace);
        std::string name = trace.spec.name;
        traces_.emplace(std::move(name), std::move(trace));
    }
    changed();
    return view;
}

api::TraceView MqttTraces::view_of(const Trace& trace) {
    return {trace.spec, trace.created_at,  trace.running,
            trace.last, trace.kept.size(), trace.bytes};
}

std::vector<api::TraceView> MqttTraces::list() const {
    std::vector<api::TraceView> out;
    MutexLock lock(mutex_);
    for (const auto& [name, trace] : traces_)
        out.push_back(view_of(trace));
    return out;
}

std::optional<api::TraceView> MqttTraces::find(std::string_view name) const {
    MutexLock lock(mutex_);
    const auto it = traces_.find(name);
    if (it == traces_.end()) return std::nullopt;
    return view_of(it->second);
}

std::optional<std::vector<TraceRecord>> MqttTraces::records(std::string_view name,
                                                            std::optional<uint64_t> after,
                                                            size_t limit) const {
    MutexLock lock(mutex_);
    const auto it = traces_.find(name);
    if (it == traces_.end()) return std::nullopt;
    const auto& kept = it->second.kept;
    auto from = kept.begin();
    if (after)
        from = std::upper_bound(
            kept.begin(), kept.end(), *after,
            [](uint64_t number, const TraceRecord& record) { return number < record.number; });
    else if (kept.size() > limit)
        from = kept.end() - static_cast<long>(limit);
    const auto count = std::min<long>(kept.end() - from, static_cast<long>(limit));
    return std::vector<TraceRecord>(from, from + count);
}

bool MqttTraces::stop(std::string_view name) {
    {
        MutexLock lock(mutex_);
        const auto it = traces_.find(name);
        if (it == traces_.end()) return false;
        it->second.running = false;
    }
    changed();
    return true;
}

bool MqttTraces::remove(std::string_view name) {
    {
        MutexLock lock(mutex_);
        const auto it = traces_.find(name);
        if (it == traces_.end()) return false;
        traces_.erase(it);
    }
    changed();
    return true;
}

}  // namespace hw::app
