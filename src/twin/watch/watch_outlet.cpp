#include "twin/watch/watch_outlet.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "base/log.h"

namespace hw::twin {

void MqttSink::events(const Watch& watch, std::span<const WatchEvent> events, uint64_t first) {
    const auto& mqtt = *watch.spec.mqtt;
    std::vector<WatchOutlet::Message> messages;
    messages.reserve(events.size());
    for (size_t i = 0; i < events.size(); ++i) {
        auto topic = watch_topic(mqtt, events[i], watch.spec.id);
        if (!topic) continue;  // checked when the subscription was put
        WatchOutlet::Message message{std::move(*topic), {}, mqtt.qos, mqtt.retain};
        // A test is not what subscribers should find there later.
        if (events[i].kind == WatchEventKind::test) message.retain = false;
        JsonWriter json(message.payload);
        write_watch_event(json, events[i], watch.spec.id, first + i);
        messages.push_back(std::move(message));
    }
    send(std::move(messages), first + events.size(), events.size());
}

void MqttSink::gap(uint64_t missed) {
    log_warning("twin", fmt::format("subscription '{}': {} events were dropped, since the broker "
                                    "did not take them in time",
                                    watch_->spec.id, missed));
}

void MqttSink::send(std::vector<WatchOutlet::Message> messages, uint64_t up_to, size_t events) {
    unanswered_ += events;
    outlet_.publish(std::move(messages), [self = shared_from_this(), up_to,
                                          events](const WatchOutlet::Answer& answer) {
        auto& counters = self->watch_->counters;
        counters.delivered.fetch_add(events - answer.refused, std::memory_order_relaxed);
        counters.refused.fetch_add(answer.refused, std::memory_order_relaxed);
        self->delivered_to_ = up_to;
        const size_t before = self->unanswered_.fetch_sub(events);
        if (before >= unanswered_limit && before - events < unanswered_limit) self->free_();
    });
}

}  // namespace hw::twin
