#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "sql/datum.h"
#include "twin/watch/watch_event.h"

namespace hw::twin {

// Which events of which twins.
struct WatchFilter {
    std::string twins = "#";  // MQTT filter of their ids
    std::string model = {};   // DTMI, or what extends it; empty: any
    std::string root = {};    // and reached from that twin; empty: all
    std::vector<std::string> along = {};
    bool incoming = false;
    std::string where = {};                    // an expression over the twin's own properties
    std::vector<std::string> properties = {};  // filters of paths, of MQTT's form; empty: all
    uint8_t events = static_cast<uint8_t>(WatchEvents::property);

    bool wants(WatchEvents one) const { return (events & static_cast<uint8_t>(one)) != 0; }
    friend bool operator==(const WatchFilter&, const WatchFilter&) = default;
};

// By MQTT. Places of the topic: ${twin}, ${path}, ${event}, ${subscription}.
struct WatchMqtt {
    std::string topic;
    uint8_t qos = 0;
    bool retain = false;

    friend bool operator==(const WatchMqtt&, const WatchMqtt&) = default;
};

// A subscription as somebody describes it.
struct WatchSpec {
    std::string id;
    std::string description;
    bool enabled = true;
    WatchFilter filter;
    bool on_change = true;                 // only where value or quality differs
    double deadband = 0;                   // a number must differ by more
    Duration min_interval = {};            // of one slot; the newest value goes out at its end
    bool initial = false;                  // first the present state
    std::vector<std::string> enrich = {};  // paths, "name", "model": added to each event
    std::optional<WatchMqtt> mqtt = {};
    size_t queue = 0;  // events; 0: the server's limit

    friend bool operator==(const WatchSpec&, const WatchSpec&) = default;
};

// Reads and checks; `id` where the text has none (both: they must be the same). Members of
// "filter" may stand at the top instead. Errors (invalid_argument) name the member and its value.
Result<WatchSpec> read_watch(std::string_view json, std::string_view id = {});
Result<WatchSpec> read_watch(const sql::Datum& object, std::string_view id = {});
// What read_watch reads back to the same; members of the one open object.
void write_watch_members(JsonWriter& json, const WatchSpec& spec);
std::string watch_text(const WatchSpec& spec);
// "property,stale" to bits. Errors name the word and the known ones.
Result<uint8_t> parse_watch_events(const std::vector<std::string>& words);

// The topic of one event. Errors: a place that it has no value for.
Result<std::string> watch_topic(const WatchMqtt& mqtt, const WatchEvent& event,
                                std::string_view subscription);

}  // namespace hw::twin
