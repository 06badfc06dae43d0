#include "twin/watch/watch_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "twin/watch/courier.h"

namespace hw::twin {

namespace {

constexpr size_t page_twins = 500;

class Look {
  public:
    Look(WatchReport& report, const WatchSpec& spec, Watch* watch, WatchHub& hub,
         const LastSample& last_sample)
        : report_(report), spec_(spec), watch_(watch), hub_(hub), last_sample_(last_sample) {}

    void at(const TwinState& twin) {
        ++report_.twins;
        judge(twin);
        for (const auto& property : twin.properties) {
            if (!follows_path(spec_.filter, property.path)) continue;
            ++report_.slots;
            count(property);
        }
    }
    void finish() {
        if (missing_.empty()) return;
        // A path that some model has is no slip.
        report_.where_missing.assign(missing_.begin(), missing_.end());
    }

  private:
    void judge(const TwinState& twin) {
        if (!report_.has_where || watch_ == nullptr) return;
        std::string error;
        switch (hub_.check(*watch_, twin, error)) {
            case Where::Verdict::yes:
                ++report_.where_true;
                break;
            case Where::Verdict::no:
                ++report_.where_false;
                break;
            case Where::Verdict::failed:
                ++report_.where_failed;
                report_.where_error = error;
                break;
        }
        if (!twin.model || !models_.insert(twin.model.get()).second) return;
        const auto lacking = hub_.missing(*watch_, *twin.model);
        std::set<std::string> now(lacking.begin(), lacking.end());
        if (models_.size() == 1) {
            missing_ = std::move(now);
        } else {
            std::erase_if(missing_, [&](const auto& path) { return !now.contains(path); });
        }
    }

    void count(const PropertyState& property) {
        if (property.live.origin == Origin::derived) {
            ++report_.slots_derived;
            return;
        }
        if (property.point.empty()) {
            ++(property.live.origin == Origin::fixed ? report_.slots_fixed : report_.slots_unbound);
            return;
        }
        ++report_.slots_point;
        const auto last = last_sample_(property.point);
        if (!last) {
            ++report_.silent;
            if (report_.silent_points.size() < WatchReport::names_limit)
                report_.silent_points.push_back(property.point);
            return;
        }
        ++report_.points_heard;
        if (report_.last_sample && *report_.last_sample >= *last) return;
        report_.last_sample = last;
        report_.last_sample_point = property.point;
    }

    WatchReport& report_;
    const WatchSpec& spec_;
    Watch* const watch_;
    WatchHub& hub_;
    const LastSample& last_sample_;
    std::set<const Interface*> models_;
    std::set<std::string> missing_;
};

std::string counted(size_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

// Why nothing may come of the twins themselves.
void conclude_state(WatchReport& report, const WatchSpec& spec, const Twins& twins) {
    auto& findings = report.findings;
    const auto& filter = spec.filter;
    if (report.twins == 0) {
        if (!filter.root.empty() && !twins.get(filter.root))
            findings.push_back(fmt::format("there is no twin '{}', the root", filter.root));
        else if (!filter.model.empty() && !twins.models()->find(filter.model))
            findings.push_back(fmt::format("there is no model '{}'", filter.model));
        else
            findings.push_back(fmt::format("no twin matches the filter '{}'{}", filter.twins,
                                           filter.model.empty() && filter.root.empty()
                                               ? ""
                                               : ", the model and the sub-graph together"));
        return;
    }
    if (!filter.wants(WatchEvents::property)) return;
    const std::string matching = counted(report.twins, "twin matches", "twins match");
    if (report.slots == 0) {
        findings.push_back(fmt::format("{}, but none has a property that '{}' names", matching,
                                       fmt::join(filter.properties, "', '")));
        return;
    }
    if (report.slots_point == 0 && report.slots_derived == 0)
        findings.push_back(
            fmt::format("{}, but none of their {} is fed by a point: they change "
                        "only by hand",
                        matching, counted(report.slots, "property", "properties")));
    else if (report.slots_point > 0 && report.points_heard == 0)
        findings.push_back(fmt::format(
            "{}, none of their {} has ever had a sample; the first is '{}'", matching,
            counted(report.slots_point, "point", "points"), report.silent_points.front()));
    else if (report.last_sample && report.figures.matched == 0)
        findings.push_back(
            fmt::format("{}, none of their points has had a sample since {} ('{}'), "
                        "before the subscription or the server began",
                        matching, format_rfc3339(*report.last_sample), report.last_sample_point));
    if (report.slots_point > 0 && report.silent > 0 && report.points_heard > 0)
        findings.push_back(fmt::format(
            "{} of {} have never had a sample; the first is '{}'", report.silent,
            counted(report.slots_point, "point", "points"), report.silent_points.front()));
}

void conclude_where(WatchReport& report) {
    if (!report.has_where || report.twins == 0) return;
    auto& findings = report.findings;
    for (const auto& path : report.where_missing)
        findings.push_back(
            fmt::format("'where' reads '{}', which no model of the twins has; it is null", path));
    if (report.where_failed > 0)
        findings.push_back(fmt::format("'where' cannot be computed for {}: {}",
                                       counted(report.where_failed, "twin", "twins"),
                                       report.where_error));
    if (report.where_true == 0 && report.where_failed == 0)
        findings.push_back(fmt::format("'where' is true for none of the {} as they are now",
                                       counted(report.twins, "twin", "twins")));
}

void conclude_delivery(WatchReport& report) {
    auto& findings = report.findings;
    if (report.readers == 0 && !report.by_mqtt)
        findings.emplace_back(
            "nobody reads it now and it is not delivered by MQTT: updates are "
            "only counted");
    const size_t slow = report.undelivered -
                        (report.by_mqtt && !report.mqtt_taken && report.undelivered > 0 ? 1 : 0);
    if (report.sequence != 0 && slow > 0)
        findings.push_back(fmt::format("{} did not take the test event in time",
                                       counted(slow, "reader", "readers")));
    if (report.by_mqtt && !report.mqtt_taken)
        findings.push_back(
            fmt::format("the broker did not take the test event on '{}'", report.topic));
    if (report.by_mqtt && report.subscribers && *report.subscribers == 0)
        findings.push_back(fmt::format("no MQTT client subscribes to '{}'", report.topic));
    if (report.figures.dropped > 0)
        findings.push_back(fmt::format("{} were dropped, since readers were too slow for the queue",
                                       counted(report.figures.dropped, "event", "events")));
    if (report.figures.refused > 0)
        findings.push_back(fmt::format("the broker refused {}",
                                       counted(report.figures.refused, "event", "events")));
}

}  // namespace

void look_at_state(WatchReport& report, const WatchSpec& spec, Watch* watch, WatchHub& hub,
                   const Twins& twins, const LastSample& last_sample) {
    report.has_where = !spec.filter.where.empty();
    Look look(report, spec, watch, hub, last_sample);
    Scope scope = scope_of(spec.filter);
    scope.limit = page_twins;
    for (;;) {
        const auto page = twins.snapshot(scope);
        if (!page) return;
        for (const auto& twin : page->twins)
            look.at(twin);
        if (page->twins.size() < page_twins) break;
        scope.after = page->twins.back().id;
    }
    look.finish();
}

void conclude(WatchReport& report, const WatchSpec& spec, const Twins& twins) {
    if (!report.enabled) report.findings.emplace_back("the subscription is disabled");
    if (!report.problem.empty()) report.findings.push_back(report.problem);
    conclude_state(report, spec, twins);
    conclude_where(report);
    if (report.enabled && report.problem.empty()) conclude_delivery(report);
}

void write_watch_figures(JsonWriter& json, const WatchFigures& figures) {
    json.begin_object();
    json.member("matched", figures.matched);
    json.member("delivered", figures.delivered);
    json.member("dropped", figures.dropped);
    json.member("throttled", figures.throttled);
    json.member("suppressed", figures.suppressed);
    json.member("rejected", figures.rejected);
    json.member("failed", figures.failed);
    json.member("refused", figures.refused);
    json.member("slots", figures.slots);
    json.member("queued", figures.queued);
    json.member("readers", figures.readers);
    json.key("last_event_at");
    if (figures.last_event) {
        json.value(*figures.last_event);
    } else {
        json.null();
    }
    if (!figures.last_error.empty()) json.member("last_error", figures.last_error);
    json.end_object();
}

namespace {

void write_points(JsonWriter& json, const WatchReport& report) {
    json.key("points");
    json.begin_object();
    json.member("bound", report.slots_point);
    json.member("heard", report.points_heard);
    json.member("silent", report.silent);
    json.key("silent_points");
    json.begin_array();
    for (const auto& point : report.silent_points)
        json.value(point);
    json.end_array();
    json.key("last_sample_at");
    if (report.last_sample) {
        json.value(*report.last_sample);
        json.member("last_sample_point", report.last_sample_point);
    } else {
        json.null();
    }
    json.end_object();
}

void write_where(JsonWriter& json, const WatchReport& report) {
    if (!report.has_where) return;
    json.key("where");
    json.begin_object();
    json.member("true", report.where_true);
    json.member("false", report.where_false);
    json.member("failed", report.where_failed);
    if (!report.where_error.empty()) json.member("error", report.where_error);
    json.key("missing");
    json.begin_array();
    for (const auto& path : report.where_missing)
        json.value(path);
    json.end_array();
    json.end_object();
}

void write_test(JsonWriter& json, const WatchReport& report) {
    json.key("test_event");
    json.begin_object();
    json.member("sent", report.sequence != 0);
    if (report.sequence != 0) json.member("sequence", report.sequence);
    json.member("readers", report.readers);
    json.member("undelivered", report.undelivered);
    if (report.by_mqtt) {
        json.key("mqtt");
        json.begin_object();
        json.member("topic", report.topic);
        json.member("taken", report.mqtt_taken);
        if (report.subscribers) json.member("subscribers", *report.subscribers);
        json.end_object();
    }
    json.end_object();
}

}  // namespace

void write_watch_report(JsonWriter& json, const WatchReport& report) {
    json.begin_object();
    json.member("id", report.id);
    json.member("enabled", report.enabled);
    json.member("twins", report.twins);
    json.key("slots");
    json.begin_object();
    json.member("matched", report.slots);
    json.member("point", report.slots_point);
    json.member("derived", report.slots_derived);
    json.member("fixed", report.slots_fixed);
    json.member("unbound", report.slots_unbound);
    json.end_object();
    write_points(json, report);
    write_where(json, report);
    write_test(json, report);
    json.key("figures");
    write_watch_figures(json, report.figures);
    json.key("findings");
    json.begin_array();
    for (const auto& finding : report.findings)
        json.value(finding);
    json.end_array();
    json.end_object();
}

}  // namespace hw::twin
