#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/time.h"
#include "model/quality.h"
#include "sql/datum.h"
#include "twin/follower.h"

namespace hw::twin {

enum class WatchEventKind : uint8_t {
    property,
    stale,
    twin_created,
    twin_updated,
    twin_removed,
    relationship_added,
    relationship_changed,
    relationship_removed,
    desired,
    command,
    test,  // asked for by a self-test
};
std::string_view to_string(WatchEventKind kind);  // "property", "twin_created", ...

// None: it befalls no twin.
std::optional<WatchEventKind> kind_of(Happening::Kind kind);
// Whether the event is of a slot.
bool has_path(WatchEventKind kind);

// The kinds of events that one may ask for, as bits.
enum class WatchEvents : uint8_t {
    property = 1,
    stale = 2,
    twin = 4,
    relationship = 8,
    desired = 16,
    command = 32,
};
WatchEvents events_of(WatchEventKind kind);

// A text that is kept once for ever: paths of slots.
struct WatchPath {
    std::string text;
    uint32_t number = 0;  // dense
};

// One event in a queue: nothing is encoded yet. 64 bytes, no text of its own.
struct WatchEvent {
    WatchEventKind kind = WatchEventKind::property;
    bool stale = false;
    bool initial = false;  // the present state, not a change
    model::Quality quality = model::Quality::good;
    const TwinName* twin = nullptr;   // null: of a test without a twin
    const WatchPath* path = nullptr;  // of the slot; null where there is none
    Time time;
    // A property's value. Of a relationship [name, target], of a command [name, JSON], of desired
    // its JSON, of a test what it says.
    sql::Datum value;
    sql::Datum extra;  // enrichment: an object; null: none
};

// {"event","twin","path","value","time","quality","stale",...}, the form of every channel.
// `subscription` is left out where it is empty, `sequence` where it is 0.
void write_watch_event(JsonWriter& json, const WatchEvent& event,
                       std::string_view subscription = {}, uint64_t sequence = 0);

// The value of a property alone: {"value","time","quality","stale"}.
void write_watch_value(JsonWriter& json, const WatchEvent& event);

}  // namespace hw::twin
