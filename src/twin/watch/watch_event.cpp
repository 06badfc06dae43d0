#include "twin/watch/watch_event.h"

#include <array>

#include "base/assert.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

constexpr std::array<std::string_view, 11> names = {
    "property",
    "stale",
    "twin_created",
    "twin_updated",
    "twin_removed",
    "relationship_added",
    "relationship_changed",
    "relationship_removed",
    "desired",
    "command",
    "test",
};

void raw_member(JsonWriter& json, std::string_view name, const sql::Datum& value) {
    std::string text;
    sql::append_json(text, value);
    json.key(name);
    json.raw(text);
}

// JSON that somebody else has made; a text where it is none.
void detail_member(JsonWriter& json, const sql::Datum& detail) {
    const std::string_view text = detail.is_text() ? detail.as_text() : std::string_view();
    json.key("detail");
    if (text.starts_with('{') || text.starts_with('[')) {
        json.raw(text);
    } else {
        json.value(text);
    }
}

// The parts of a value that is a pair.
const sql::Datum& part(const sql::Datum& value, size_t i) {
    static const sql::Datum none;
    return value.is_array() && value.items().size() > i ? value.items()[i] : none;
}

void write_content(JsonWriter& json, const WatchEvent& event) {
    switch (events_of(event.kind)) {
        case WatchEvents::property:
            if (event.kind == WatchEventKind::test) {
                raw_member(json, "text", event.value);
                return;
            }
            raw_member(json, "value", event.value);
            return;
        case WatchEvents::relationship:
            raw_member(json, "relationship", part(event.value, 0));
            raw_member(json, "target", part(event.value, 1));
            return;
        case WatchEvents::desired:
            detail_member(json, event.value);
            return;
        case WatchEvents::command:
            raw_member(json, "command", part(event.value, 0));
            detail_member(json, part(event.value, 1));
            return;
        case WatchEvents::stale:
        case WatchEvents::twin:
            return;
    }
}

void write_state(JsonWriter& json, const WatchEvent& event) {
    if (event.time.ns != 0) json.member("time", event.time);
    if (event.kind != WatchEventKind::property) return;
    json.member("quality", model::to_string(event.quality));
    json.member("stale", event.stale);
}

}  // namespace

std::string_view to_string(WatchEventKind kind) {
    HW_ASSERT(static_cast<size_t>(kind) < names.size());
    return names[static_cast<size_t>(kind)];
}

std::optional<WatchEventKind> kind_of(Happening::Kind kind) {
    switch (kind) {
        case Happening::Kind::twin_created:
            return WatchEventKind::twin_created;
        case Happening::Kind::twin_updated:
            return WatchEventKind::twin_updated;
        case Happening::Kind::twin_removed:
            return WatchEventKind::twin_removed;
        case Happening::Kind::relationship_added:
            return WatchEventKind::relationship_added;
        case Happening::Kind::relationship_changed:
            return WatchEventKind::relationship_changed;
        case Happening::Kind::relationship_removed:
            return WatchEventKind::relationship_removed;
        case Happening::Kind::stale:
            return WatchEventKind::stale;
        case Happening::Kind::desired:
            return WatchEventKind::desired;
        case Happening::Kind::command:
            return WatchEventKind::command;
        case Happening::Kind::model_changed:
            return {};
    }
    return {};
}

bool has_path(WatchEventKind kind) {
    return kind == WatchEventKind::property || kind == WatchEventKind::stale ||
           kind == WatchEventKind::desired;
}

WatchEvents events_of(WatchEventKind kind) {
    switch (kind) {
        case WatchEventKind::property:
        case WatchEventKind::test:
            return WatchEvents::property;
        case WatchEventKind::stale:
            return WatchEvents::stale;
        case WatchEventKind::twin_created:
        case WatchEventKind::twin_updated:
        case WatchEventKind::twin_removed:
            return WatchEvents::twin;
        case WatchEventKind::relationship_added:
        case WatchEventKind::relationship_changed:
        case WatchEventKind::relationship_removed:
            return WatchEvents::relationship;
        case WatchEventKind::desired:
            return WatchEvents::desired;
        case WatchEventKind::command:
            return WatchEvents::command;
    }
    return WatchEvents::property;
}

void write_watch_event(JsonWriter& json, const WatchEvent& event, std::string_view subscription,
                       uint64_t sequence) {
    json.begin_object();
    json.member("event", to_string(event.kind));
    if (!subscription.empty()) json.member("subscription", subscription);
    if (sequence != 0) json.member("sequence", sequence);
    if (event.twin != nullptr) json.member("twin", event.twin->id);
    if (event.path != nullptr) json.member("path", event.path->text);
    write_content(json, event);
    write_state(json, event);
    if (event.initial) json.member("initial", true);
    if (event.extra.is_object()) raw_member(json, "enrich", event.extra);
    json.end_object();
}

void write_watch_value(JsonWriter& json, const WatchEvent& event) {
    json.begin_object();
    raw_member(json, "value", event.value);
    write_state(json, event);
    json.end_object();
}

}  // namespace hw::twin
