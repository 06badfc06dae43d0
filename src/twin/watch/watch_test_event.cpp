// The self-test of a subscription.

#include <chrono>
#include <future>
#include <memory>

#include "twin/watch/watch_manager.h"

namespace hw::twin {

namespace {

constexpr std::string_view test_text = "a test of the subscription; no twin has changed";

// Of the first twin that the filter reaches, so that it goes to the topic that its events go to.
WatchEvent test_event(const WatchSpec& spec, const Twins& twins, WatchHub& hub, Time now) {
    WatchEvent event;
    event.kind = WatchEventKind::test;
    event.time = now;
    event.value = sql::Datum::text(test_text);
    Scope scope = scope_of(spec.filter);
    scope.limit = 1;
    const auto first = twins.snapshot(scope);
    if (!first || first->twins.empty()) return event;
    const auto& twin = first->twins.front();
    event.twin = twins.name(twin.id);
    for (const auto& property : twin.properties) {
        if (!follows_path(spec.filter, property.path)) continue;
        event.path = hub.path(property.path);
        break;
    }
    return event;
}

std::optional<size_t> subscribers_of(WatchOutlet& outlet, const std::string& topic, Duration most) {
    const auto promise = std::make_shared<std::promise<size_t>>();
    auto answer = promise->get_future();
    outlet.count_subscribers(topic, [promise](size_t count) { promise->set_value(count); });
    if (answer.wait_for(std::chrono::nanoseconds(most.ns)) != std::future_status::ready) return {};
    return answer.get();
}

}  // namespace

Result<WatchReport> WatchManager::test(std::string_view id, Duration most) {
    const auto kept = HW_TRY(get(id));
    const auto& watch = kept.watch;
    WatchReport report;
    report.id = kept.spec.id;
    report.enabled = kept.spec.enabled;
    report.problem = kept.problem;
    look_at_state(report, kept.spec, watch.get(), hub_, rooms_.twins, rooms_.last_sample);
    if (watch) {
        courier_.settle(most);
        report.readers = watch->readers;
        report.by_mqtt = watch->spec.mqtt && rooms_.outlet != nullptr;
        if (report.readers > 0 || report.by_mqtt) {
            const uint64_t refused = watch->counters.refused;
            const auto event = test_event(kept.spec, rooms_.twins, hub_, rooms_.clock.now());
            report.sequence = watch->outbox.put_now(event);
            courier_.ready(watch);
            report.undelivered = courier_.wait_delivered(watch, report.sequence, most);
            if (report.by_mqtt) {
                report.topic =
                    watch_topic(*watch->spec.mqtt, event, kept.spec.id).value_or(std::string());
                report.mqtt_taken = report.undelivered == 0 && refused == watch->counters.refused;
                report.subscribers = subscribers_of(*rooms_.outlet, report.topic, most);
            }
        }
        report.figures = figures_of(*watch, hub_.settle());
    }
    conclude(report, kept.spec, rooms_.twins);
    return report;
}

}  // namespace hw::twin
