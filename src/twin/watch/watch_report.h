#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "twin/twins.h"
#include "twin/watch/watch_hub.h"

namespace hw::twin {

// Since the subscription was put, or the server began.
struct WatchFigures {
    uint64_t matched = 0, delivered = 0, dropped = 0, throttled = 0, suppressed = 0, rejected = 0,
             failed = 0, refused = 0;
    uint64_t slots = 0;  // followed now
    uint64_t queued = 0;
    uint32_t readers = 0;
    std::optional<Time> last_event;
    std::string last_error;  // of the condition
};
void write_watch_figures(JsonWriter& json, const WatchFigures& figures);

// What a self-test finds.
struct WatchReport {
    static constexpr size_t names_limit = 20;

    std::string id;
    bool enabled = true;
    std::string problem;
    // What the filter reaches now.
    size_t twins = 0;
    size_t slots = 0;
    size_t slots_point = 0, slots_fixed = 0, slots_derived = 0, slots_unbound = 0;
    size_t points_heard = 0;  // that have a sample
    std::optional<Time> last_sample;
    std::string last_sample_point;
    std::vector<std::string> silent_points;  // at most names_limit
    size_t silent = 0;
    // `where` on the present state.
    bool has_where = false;
    size_t where_true = 0, where_false = 0, where_failed = 0;
    std::string where_error;
    std::vector<std::string> where_missing;  // paths that no model among them has
    // The test event.
    uint64_t sequence = 0;  // 0: none was sent
    size_t readers = 0;
    size_t undelivered = 0;  // sinks that did not take it in time
    bool by_mqtt = false;
    std::string topic;
    bool mqtt_taken = false;
    std::optional<size_t> subscribers;
    WatchFigures figures;
    // In plain words, what is amiss; empty: nothing.
    std::vector<std::string> findings;
};
void write_watch_report(JsonWriter& json, const WatchReport& report);

// When a point's newest sample was; none: it never had one.
using LastSample = std::function<std::optional<Time>(std::string_view point)>;

// Fills what the filter reaches and `where` says of it. `watch` null: the condition is not looked
// at.
void look_at_state(WatchReport& report, const WatchSpec& spec, Watch* watch, WatchHub& hub,
                   const Twins& twins, const LastSample& last_sample);
// Fills the findings from the rest.
void conclude(WatchReport& report, const WatchSpec& spec, const Twins& twins);

}  // namespace hw::twin
