#include "twin/model/vocabulary.h"

#include <algorithm>
#include <array>

namespace hw::twin {

namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view interface_members[] = {"comment",     "contents", "description",
                                                  "displayName", "extends",  "schemas"};
constexpr std::string_view telemetry_members[] = {"comment", "description", "displayName", "name",
                                                  "schema"};
constexpr std::string_view property_members[] = {"comment", "description", "displayName",
                                                 "name",    "schema",      "writable"};
constexpr std::string_view command_members[] = {
    "commandType", "comment", "description", "displayName", "name", "request", "response"};
constexpr std::string_view relationship_members[] = {
    "comment", "description", "displayName", "maxMultiplicity", "minMultiplicity",
    "name",    "properties",  "target",      "writable"};
constexpr std::string_view array_members[] = {"comment", "description", "displayName",
                                              "elementSchema"};
constexpr std::string_view enum_members[] = {"comment", "description", "displayName", "enumValues",
                                             "valueSchema"};
constexpr std::string_view enum_value_members[] = {"comment", "description", "displayName",
                                                   "enumValue", "name"};
constexpr std::string_view map_members[] = {"comment", "description", "displayName", "mapKey",
                                            "mapValue"};
constexpr std::string_view object_members[] = {"comment", "description", "displayName", "fields"};

struct KindRow {
    std::string_view name;
    Names members;
};

constexpr KindRow kinds[] = {
    {"Interface", interface_members},
    {"Telemetry", telemetry_members},
    {"Property", property_members},
    {"Command", command_members},
    {"CommandRequest", telemetry_members},
    {"CommandResponse", telemetry_members},
    {"Relationship", relationship_members},
    {"Component", telemetry_members},
    {"Array", array_members},
    {"Enum", enum_members},
    {"EnumValue", enum_value_members},
    {"Map", map_members},
    {"MapKey", telemetry_members},
    {"MapValue", telemetry_members},
    {"Object", object_members},
    {"Field", telemetry_members},
};

struct TermRow {
    std::string_view member;
    Extension extension;
    std::span<const ElementKind> kinds;
};

constexpr ElementKind valued[] = {ElementKind::telemetry,       ElementKind::property,
                                  ElementKind::command_request, ElementKind::command_response,
                                  ElementKind::field,           ElementKind::map_value};
constexpr ElementKind live[] = {ElementKind::telemetry, ElementKind::property};
constexpr ElementKind commands[] = {ElementKind::command};
constexpr ElementKind payloads[] = {ElementKind::command_request, ElementKind::command_response};

constexpr TermRow terms[] = {
    {"unit", Extension::quantities, valued},      {"annotates", Extension::annotation, live},
    {"point", Extension::headworks, live},        {"fixed", Extension::headworks, live},
    {"expression", Extension::headworks, live},   {"staleAfter", Extension::headworks, live},
    {"minimum", Extension::headworks, live},      {"maximum", Extension::headworks, live},
    {"unitSymbol", Extension::headworks, valued}, {"writes", Extension::headworks, commands},
    {"timeout", Extension::headworks, commands},  {"nullable", Extension::headworks, payloads},
};

struct ContextRow {
    std::string_view context;
    Extension extension;
};

// The first of each extension is the one to write.
constexpr ContextRow contexts[] = {
    {"dtmi:dtdl:extension:quantitativeTypes;1", Extension::quantities},
    {"dtmi:dtdl:extension:annotation;1", Extension::annotation},
    {"dtmi:dtdl:extension:historization;1", Extension::historization},
    {"dtmi:headworks:twin;1", Extension::headworks},
    // Version 2 of these says the same to DTDL v3 as version 1 does.
    {"dtmi:dtdl:extension:historization;2", Extension::historization},
    {"dtmi:dtdl:extension:annotation;2", Extension::annotation},
};

constexpr std::string_view schema_terms[] = {
    "boolean", "date",        "dateTime", "duration", "time",       "float",      "double",
    "integer", "long",        "string",   "point",    "multiPoint", "lineString", "multiLineString",
    "polygon", "multiPolygon"};
constexpr size_t primitive_count = 10;

// Terms of extensions by their DTMIs, which have no version at their end.
struct LongTerm {
    std::string_view prefix;
    std::string_view term;  // empty: what follows the prefix
};
constexpr LongTerm long_types[] = {
    {"dtmi:dtdl:extension:quantitativeTypes:v1:class:", ""},
    {"dtmi:dtdl:extension:historization:v1:Historized", "Historized"},
    {"dtmi:dtdl:extension:historization:v2:Historized", "Historized"},
    {"dtmi:dtdl:extension:annotation:v1:ValueAnnotation", "ValueAnnotation"},
    {"dtmi:dtdl:extension:annotation:v2:ValueAnnotation", "ValueAnnotation"},
};
constexpr LongTerm long_members[] = {
    {"dtmi:dtdl:extension:quantitativeTypes:v1:property:unit", "unit"},
    {"dtmi:dtdl:extension:annotation:v1:ValueAnnotation:annotates", "annotates"},
    {"dtmi:dtdl:extension:annotation:v2:ValueAnnotation:annotates", "annotates"},
};
constexpr LongTerm long_units[] = {{"dtmi:dtdl:extension:quantitativeTypes:v1:unit:", ""}};

std::string_view shortened(std::span<const LongTerm> known, std::string_view name) {
    if (!name.starts_with("dtmi:")) return name;
    for (const auto& term : known) {
        if (!term.term.empty() && name == term.prefix) return term.term;
        if (term.term.empty() && name.starts_with(term.prefix))
            return name.substr(term.prefix.size());
    }
    return name;
}

// "x" of prefix + "x" + ";3".
std::string_view middle(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix) || !name.ends_with(";3")) return {};
    name.remove_prefix(prefix.size());
    return name.substr(0, name.size() - 2);
}

}  // namespace

std::string_view to_string(ElementKind kind) {
    return kinds[static_cast<size_t>(kind)].name;
}

std::optional<ElementKind> element_kind(std::string_view name) {
    const auto* const found = std::ranges::find(kinds, name, &KindRow::name);
    if (found == std::end(kinds)) return std::nullopt;
    return static_cast<ElementKind>(found - kinds);
}

std::string_view to_string(Extension extension) {
    return std::ranges::find(contexts, extension, &ContextRow::extension)->context;
}

std::optional<Extension> extension_of(std::string_view context) {
    const auto* const found = std::ranges::find(contexts, context, &ContextRow::context);
    if (found == std::end(contexts)) return std::nullopt;
    return found->extension;
}

Names members_of(ElementKind kind) {
    return kinds[static_cast<size_t>(kind)].members;
}

std::optional<Extension> extension_of_member(ElementKind kind, std::string_view member) {
    for (const auto& term : terms)
        if (term.member == member && std::ranges::find(term.kinds, kind) != term.kinds.end())
            return term.extension;
    return std::nullopt;
}

std::vector<std::string> extension_members(ElementKind kind, Extension extension) {
    std::vector<std::string> names;
    for (const auto& term : terms)
        if (term.extension == extension && std::ranges::find(term.kinds, kind) != term.kinds.end())
            names.emplace_back(term.member);
    return names;
}

std::string_view short_member(std::string_view name) {
    const std::string_view found = middle(name, "dtmi:dtdl:property:");
    return found.empty() ? shortened(long_members, name) : found;
}

std::string_view short_unit(std::string_view name) {
    return shortened(long_units, name);
}

std::string_view short_type(std::string_view name) {
    const std::string_view found = middle(name, "dtmi:dtdl:class:");
    return found.empty() ? shortened(long_types, name) : found;
}

std::optional<SchemaKind> standard_schema(std::string_view name) {
    const std::string_view primitive = middle(name, "dtmi:dtdl:instance:Schema:");
    const std::string_view geospatial = middle(name, "dtmi:standard:schema:geospatial:");
    const Names all(schema_terms);
    const auto in = [&](Names names, std::string_view term) -> std::optional<SchemaKind> {
        const auto found = std::ranges::find(names, term);
        if (found == names.end()) return std::nullopt;
        return static_cast<SchemaKind>(&*found - all.data());
    };
    if (!primitive.empty()) return in(all.first(primitive_count), primitive);
    if (!geospatial.empty()) return in(all.subspan(primitive_count), geospatial);
    return in(all, name);
}

const std::vector<std::string>& standard_schema_names() {
    static const std::vector<std::string> names(std::begin(schema_terms), std::end(schema_terms));
    return names;
}

bool is_name(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto good = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !text.empty() && text.size() <= text_limit && letter(text.front()) &&
           text.back() != '_' && std::ranges::all_of(text, good);
}

}  // namespace hw::twin
