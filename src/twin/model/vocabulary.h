#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "twin/model/schema.h"

namespace hw::twin {

// The elements of DTDL v3 (its specification, chapter "DTDL element").
enum class ElementKind : uint8_t {
    interface,
    telemetry,
    property,
    command,
    command_request,
    command_response,
    relationship,
    component,
    array,
    enumeration,
    enum_value,
    map,
    map_key,
    map_value,
    object,
    field,
};
std::string_view to_string(ElementKind kind);  // "Interface", "EnumValue"
std::optional<ElementKind> element_kind(std::string_view name);

// Language extensions that a document may name in "@context".
enum class Extension : uint8_t { quantities, annotation, historization, headworks };
constexpr size_t extension_count = 4;
std::string_view to_string(Extension extension);  // its context: "dtmi:headworks:twin;1"
std::optional<Extension> extension_of(std::string_view context);
inline constexpr std::string_view dtdl_context = "dtmi:dtdl:context;3";

// What an element of this kind may have beside "@type", "@id" and "@context".
std::span<const std::string_view> members_of(ElementKind kind);
// The extension that brings the member to elements of this kind.
std::optional<Extension> extension_of_member(ElementKind kind, std::string_view member);
std::vector<std::string> extension_members(ElementKind kind, Extension extension);
// The member's short name for "dtmi:dtdl:property:name;3", else the name as it is; and so for
// types.
std::string_view short_member(std::string_view name);
std::string_view short_type(std::string_view name);
std::string_view short_unit(std::string_view name);

// Boolean to multi_polygon, by term ("double") or DTMI ("dtmi:dtdl:instance:Schema:double;3").
std::optional<SchemaKind> standard_schema(std::string_view name);
const std::vector<std::string>& standard_schema_names();

// [A-Za-z], then letters, digits and '_', not '_' at the end; at most 512 characters.
bool is_name(std::string_view text);
inline constexpr size_t text_limit = 512;

}  // namespace hw::twin
