#include "twin/model/schema_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "model/point_path.h"
#include "sql/json.h"
#include "twin/model/models.h"
#include "twin/model/quantities.h"

namespace hw::twin {

namespace {

constexpr ElementKind complex_kinds[] = {ElementKind::array, ElementKind::enumeration,
                                         ElementKind::map, ElementKind::object};
constexpr ElementKind enum_value_kinds[] = {ElementKind::enum_value};
constexpr ElementKind field_kinds[] = {ElementKind::field};
constexpr ElementKind map_key_kinds[] = {ElementKind::map_key};
constexpr ElementKind map_value_kinds[] = {ElementKind::map_value};

std::string cut(std::string_view text) {
    return model::printable(text.substr(0, 130));
}

SchemaKind kind_of(ElementKind kind) {
    switch (kind) {
        case ElementKind::array:
            return SchemaKind::array;
        case ElementKind::enumeration:
            return SchemaKind::enumeration;
        case ElementKind::map:
            return SchemaKind::map;
        default:
            return SchemaKind::object;
    }
}

}  // namespace

SchemaPtr unit_schema(std::string_view unit_type) {
    const auto units = units_of_type(unit_type);
    if (units.empty()) return nullptr;
    auto schema = std::make_shared<Schema>();
    schema->kind = SchemaKind::enumeration;
    for (const auto& unit : units)
        schema->enum_values.push_back({std::string(unit), sql::Datum::text(unit), {}, {}});
    return schema;
}

SchemaPtr standard_schema_of(SchemaKind kind) {
    constexpr auto count = static_cast<size_t>(SchemaKind::multi_polygon) + 1;
    static const auto all = [] {
        std::array<SchemaPtr, count> schemas;
        for (size_t i = 0; i < count; ++i) {
            auto schema = std::make_shared<Schema>();
            schema->kind = static_cast<SchemaKind>(i);
            schemas[i] = std::move(schema);
        }
        return schemas;
    }();
    return all[static_cast<size_t>(kind)];
}

bool is_interface(const JsonNode& node) {
    if (!node.is_object()) return false;
    bool found = false;
    for (const JsonNode* child = node.first_child; child != nullptr; child = child->next)
        if (child->key == "@type")
            each_value(*child, [&](const JsonNode& one) {
                found = found || (one.is_text() && short_type(one.text) == "Interface");
            });
    return found;
}

Partition::Partition(const Reading& reading, const JsonNode& interface, const Context& outer) {
    for (const JsonNode* child = interface.first_child; child != nullptr; child = child->next)
        collect(reading, *child, outer);
}

// Recursion is bounded by the nesting that the JSON reader allows.
void Partition::collect(const Reading& reading, const JsonNode& node, const Context& outer) {
    if (is_interface(node)) return;
    Context context = outer;
    const JsonNode* id = nullptr;
    if (node.is_object()) {
        for (const JsonNode* child = node.first_child; child != nullptr; child = child->next) {
            if (child->key == "@id" && child->is_text()) id = child;
            if (child->key == "@context") {
                // Noted when the element itself is read.
                std::vector<ModelFlaw> ignored;
                FlawList list(ignored);
                context = context_of({reading.sheet, list}, *child, outer);
            }
        }
    }
    if (id != nullptr && !named_.try_emplace(id->text, Named{&node, context}).second)
        reading.flaw(*id, fmt::format("the id '{}' stands twice in this interface; an id is "
                                      "given once",
                                      cut(id->text)));
    for (const JsonNode* child = node.first_child; child != nullptr; child = child->next)
        if (child->is_array() || child->is_object()) collect(reading, *child, context);
}

const Partition::Named* Partition::find(std::string_view id) const {
    const auto found = named_.find(id);
    return found == named_.end() ? nullptr : &found->second;
}

const JsonNode* SchemaReader::resolve(const JsonNode& value, Context& context) const {
    if (!value.is_text()) return &value;
    if (const auto* named = partition_.find(value.text)) {
        context = named->context;
        return named->node;
    }
    reading_.flaw(
        value, fmt::format("there is no element '{}' in this interface, and DTDL lets an element "
                           "refer to those of its own interface only",
                           cut(value.text)));
    return nullptr;
}

SchemaPtr SchemaReader::read(const JsonNode& value, const Context& context) {
    const JsonNode* one = one_value(reading_, value, "a schema");
    if (one == nullptr) return nullptr;
    ++element_count_;
    extent_ = {};
    if (one->is_object()) return read_complex(*one, context);
    if (!one->is_text()) {
        reading_.flaw(*one, fmt::format("expected a schema, found {}", one->shown()));
        return nullptr;
    }
    if (const auto kind = standard_schema(one->text)) return standard_schema_of(*kind);
    if (context.has(Extension::quantities))
        if (auto units = unit_schema(short_type(one->text))) return units;
    if (const auto* named = partition_.find(one->text))
        return read_complex(*named->node, named->context);
    if (one->text.starts_with("dtmi:")) {
        reading_.flaw(*one, fmt::format("there is no schema '{}' in this interface; DTDL lets a "
                                        "schema be shared within its own interface only: put it "
                                        "into \"schemas\"",
                                        cut(one->text)));
    } else {
        reading_.flaw(*one, fmt::format("'{}' is no schema{}", cut(one->text),
                                        hint(one->text, standard_schema_names())));
    }
    return nullptr;
}

SchemaPtr SchemaReader::read_complex(const JsonNode& node, const Context& context) {
    const auto [found, fresh] = made_.try_emplace(&node);
    Made& made = found->second;  // references into an unordered_map stay good
    if (fresh) {
        const auto element = Element::open(reading_, node, context, complex_kinds);
        if (element) {
            auto schema = std::make_shared<Schema>();
            const bool deep = element->kind() != ElementKind::enumeration;
            level_ += deep ? 1 : 0;
            if (level_ <= Models::schema_depth_limit) {
                made.extent = make(*element, *schema);
                made.schema = std::move(schema);
                check_size(node, made.extent);
            } else {
                reading_.flaw(node, fmt::format("schemas are nested deeper than {} levels",
                                                Models::schema_depth_limit));
            }
            level_ -= deep ? 1 : 0;
        }
        made.complete = true;
    } else if (!made.complete) {
        reading_.flaw(node, "this schema contains itself, so that no value could ever be complete");
    } else if (made.schema != nullptr && level_ + made.extent.height > Models::schema_depth_limit) {
        reading_.flaw(node, fmt::format("schemas are nested deeper than {} levels where this one "
                                        "is used",
                                        Models::schema_depth_limit));
    }
    extent_ = made.extent;
    return made.schema;
}

void SchemaReader::check_size(const JsonNode& node, Extent& extent) const {
    if (extent.size <= Models::schema_size_limit) return;
    reading_.flaw(node, fmt::format("the schema has {} fields, items and values, those of shared "
                                    "schemas counted at each use, more than {}",
                                    extent.size, Models::schema_size_limit));
    extent.size = 1;  // told once
}

SchemaReader::Extent SchemaReader::make(const Element& element, Schema& schema) {
    schema.kind = kind_of(element.kind());
    schema.id = element.id();
    element.display_name();  // checked alone; a schema shows its value's texts
    element.description();
    element.comment();
    extent_ = {0, 0};
    switch (schema.kind) {
        case SchemaKind::enumeration:
            make_enum(element, schema);
            return {0, schema.enum_values.size() + 1};
        case SchemaKind::array:
            schema.element = inner(element, "elementSchema");
            break;
        case SchemaKind::map:
            make_map(element, schema);
            break;
        default:
            make_object(element, schema);
    }
    return {extent_.height + 1, extent_.size + 1};
}

SchemaPtr SchemaReader::inner(const Element& element, std::string_view member) {
    const JsonNode* value = element.needed(member);
    extent_ = {};
    return value == nullptr ? nullptr : read(*value, element.context());
}

void SchemaReader::make_enum(const Element& element, Schema& schema) {
    if (const JsonNode* value = element.needed("valueSchema")) {
        const JsonNode* one = one_value(reading_, *value, "integer or string");
        const auto kind =
            one != nullptr && one->is_text() ? standard_schema(one->text) : std::nullopt;
        if (kind == SchemaKind::int32 || kind == SchemaKind::string) {
            schema.enum_kind = *kind;
        } else {
            if (one == nullptr) return;
            return reading_.flaw(*one, fmt::format("\"valueSchema\" must be integer or string, not "
                                                   "{}",
                                                   one->shown()));
        }
    }
    const JsonNode* values = element.member("enumValues");
    if (values == nullptr) return;
    element_count_ += value_count(*values);
    std::set<std::string> names;
    std::set<std::string> written;
    each_value(*values, [&](const JsonNode& item) {
        Context context = element.context();
        const JsonNode* node = resolve(item, context);
        const auto one = node == nullptr
                             ? std::nullopt
                             : Element::open(reading_, *node, context, enum_value_kinds, true);
        if (!one) return;
        const auto value = enum_value(*one, schema.enum_kind);
        if (!value) return;
        if (!names.insert(value->name).second)
            reading_.flaw(
                *node, fmt::format("the name '{}' stands twice in the enumeration", value->name));
        std::string text;
        sql::append_plain(text, value->value);
        if (!written.insert(text).second)
            reading_.flaw(*node,
                          fmt::format("the value '{}' stands twice in the enumeration", cut(text)));
        schema.enum_values.push_back(*value);
    });
}

std::optional<EnumValue> SchemaReader::enum_value(const Element& one, SchemaKind kind) {
    EnumValue made;
    made.name = one.name();
    one.id();
    made.display_name = one.display_name();
    made.description = one.description();
    one.comment();
    const JsonNode* value = one.needed("enumValue");
    if (value == nullptr || made.name.empty()) return std::nullopt;
    if (kind == SchemaKind::string) {
        const auto text = text_literal(reading_, *value);
        if (!text) return std::nullopt;
        made.value = sql::Datum::text(*text);
    } else {
        const auto number = integer_literal(reading_, *value);
        if (!number) return std::nullopt;
        made.value = sql::Datum::integer(*number);
    }
    return made;
}

void SchemaReader::make_map(const Element& element, Schema& schema) {
    const auto open = [&](std::string_view member, std::span<const ElementKind> kinds) {
        std::optional<Element> made;
        const JsonNode* value = element.needed(member);
        const JsonNode* one =
            value == nullptr ? nullptr : one_value(reading_, *value, to_string(kinds.front()));
        Context context = element.context();
        if (one != nullptr) one = resolve(*one, context);
        if (one != nullptr) made = Element::open(reading_, *one, context, kinds, true);
        if (made) {
            made->name();
            made->id();
            made->display_name();
            made->description();
            made->comment();
        }
        return made;
    };
    if (const auto key = open("mapKey", map_key_kinds)) {
        const SchemaPtr of_key = inner(*key, "schema");
        if (of_key != nullptr && of_key->kind != SchemaKind::string)
            reading_.flaw(
                *key->member("schema"),
                fmt::format("a map's key must be a string, not {}", to_string(of_key->kind)));
    }
    extent_ = {};
    if (const auto value = open("mapValue", map_value_kinds)) {
        ++element_count_;
        schema.element = inner(*value, "schema");
        value->unit(schema.element == nullptr || is_number(schema.element->kind));
    }
}

void SchemaReader::make_object(const Element& element, Schema& schema) {
    const JsonNode* fields = element.member("fields");
    if (fields == nullptr) return;
    element_count_ += value_count(*fields);
    Extent inside{0, 0};
    std::set<std::string> names;
    each_value(*fields, [&](const JsonNode& item) {
        Context context = element.context();
        const JsonNode* node = resolve(item, context);
        if (node == nullptr) return;
        const auto one = Element::open(reading_, *node, context, field_kinds, true);
        if (!one) return;
        SchemaField field;
        field.name = one->name();
        one->id();
        one->comment();
        field.display_name = one->display_name();
        field.description = one->description();
        field.schema = inner(*one, "schema");
        inside.height = std::max(inside.height, extent_.height);
        inside.size += extent_.size;
        field.semantic_types = one->semantic_types();
        field.unit = one->unit(field.schema == nullptr || is_number(field.schema->kind));
        if (!field.name.empty() && !names.insert(field.name).second)
            reading_.flaw(*node,
                          fmt::format("the field '{}' stands twice in the object", field.name));
        schema.fields.push_back(std::move(field));
    });
    extent_ = inside;
}

}  // namespace hw::twin
