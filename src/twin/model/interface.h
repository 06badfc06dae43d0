#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "twin/model/language_text.h"
#include "twin/model/schema.h"

namespace hw::twin {

// One content of a DTDL interface, resolved. Terms of the language extension
// "dtmi:headworks:twin;1" (docs/twin_models.md) say what DTDL leaves to the service.
enum class ContentKind : uint8_t { telemetry, property, command, relationship, component };
std::string_view to_string(ContentKind kind);  // "Telemetry", ...

struct CommandPayload {
    std::string name;
    std::string display_name;
    std::string description;
    SchemaPtr schema;
    bool nullable = false;
};

// What a command does to the plant: one write. `value` is an expression over the request
// (`request`, `request.speed`) and the twin's own properties.
struct CommandWrite {
    std::string property;  // path of the twin's property whose point is written
    std::string value;
};

struct Content {
    ContentKind kind = ContentKind::property;
    std::string name;
    std::string id;          // its DTMI, where it has one
    std::string defined_in;  // the interface it is written in
    std::string display_name;
    std::string description;
    LanguageTexts display_names, descriptions;
    std::string comment;

    // Telemetry and property.
    SchemaPtr schema;
    std::vector<std::string> semantic_types;  // "Temperature", "VolumeFlowRate"
    std::string unit;  // DTDL's: "degreeCelsius", or our "unitSymbol" as it is; empty: none
    bool writable = false;
    // Extension, of telemetry and properties.
    std::string point;                       // pattern, see point_of(); empty: "${id}/${path}"
    bool fixed = false;                      // a property that is set by hand; no point feeds it
    std::string expression;                  // derived: an expression, see twin/derive
    Duration stale_after{};                  // 0: the server's default
    bool historized = false;                 // a derived value that history keeps
    std::string annotates;                   // DTDL's annotation: the value that this one is about
    std::optional<double> minimum, maximum;  // the range of a desired value

    // Command.
    std::optional<CommandPayload> request, response;
    std::vector<CommandWrite> writes;  // extension; empty: the command goes out by MQTT
    Duration timeout{};                // extension; 0: the server's default

    // Relationship.
    std::string target;             // a DTMI; empty: any
    uint32_t max_multiplicity = 0;  // 0: no limit
    std::vector<Content> properties;

    // Component.
    std::string component;  // the interface's DTMI
};

// A telemetry or property of a twin with its place in the twin's live state: the contents of the
// interface, of what it extends and of its components ("drive/speed"), in a stable order.
struct Slot {
    std::string path;  // names joined by '/'
    const Content* content = nullptr;
};

// One interface, all that it inherits included. Immutable; any thread. Not to be copied: its slots
// and its index refer to its contents.
struct Interface {
    std::string id;  // "dtmi:headworks:water:Pump;1"
    std::string display_name;
    std::string description;
    LanguageTexts display_names, descriptions;
    std::string comment;
    std::vector<std::string> extends;    // as written
    std::vector<std::string> ancestors;  // of all levels, itself too; sorted
    std::vector<Content> contents;       // inherited ones first
    std::vector<Slot> slots;
    std::string json;  // as it was given, this interface alone

    const Content* find(std::string_view name) const;
    std::optional<size_t> slot(std::string_view path) const;
    bool is_a(std::string_view ancestor) const;

    // Filled by the maker. What contents and slots are made of is held by `bases` and `parts`.
    std::unordered_map<std::string, size_t> slot_index;          // by path
    std::unordered_map<std::string_view, size_t> content_index;  // by name, which it refers to
    std::vector<std::shared_ptr<const Interface>> bases;         // what it extends, as written
    std::vector<std::shared_ptr<const Interface>> parts;         // of its components, each once
    size_t element_count = 0;  // of its own, as DTDL counts for the limit of contents
    uint32_t extends_depth = 0;
};
using InterfacePtr = std::shared_ptr<const Interface>;

// "dtmi:a:b;1": checks form and length (DTDL v3: at most 4,096 characters, an interface's at most
// 128). The error shows what is wrong and where.
Result<void> check_dtmi(std::string_view id, size_t length_limit = 4096);

// The point that feeds a slot of a twin: in the pattern ${id} is the twin's id, ${path} the slot's
// path, ${name} its last part, ${property:x} the twin's fixed property x; "${id[0]}" the id's first
// level, ${parent} the id without its last level. Errors: an unknown place; no value for one.
Result<std::string> point_of(std::string_view pattern, std::string_view twin_id,
                             std::string_view path, const sql::Datum& fixed_properties);

// "degC" for DTDL's "degreeCelsius", as the rest of Headworks writes units; the DTDL word itself
// where there is none. And back (empty: none).
std::string_view unit_symbol(std::string_view dtdl_unit);
std::string_view dtdl_unit(std::string_view symbol);

}  // namespace hw::twin
