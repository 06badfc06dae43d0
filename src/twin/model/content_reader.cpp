#include "twin/model/content_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "model/point_path.h"
#include "twin/model/iso_time.h"
#include "twin/model/models.h"
#include "twin/model/point_pattern.h"

namespace hw::twin {

namespace {

constexpr ElementKind content_kinds[] = {ElementKind::telemetry, ElementKind::property,
                                         ElementKind::command, ElementKind::relationship,
                                         ElementKind::component};
constexpr ElementKind request_kinds[] = {ElementKind::command_request};
constexpr ElementKind response_kinds[] = {ElementKind::command_response};
constexpr ElementKind property_kinds[] = {ElementKind::property};
constexpr size_t expression_limit = 16 << 10;
constexpr size_t writes_limit = 100;
constexpr size_t symbol_limit = 32;

std::string cut(std::string_view text) {
    return model::printable(text.substr(0, 130));
}

ContentKind kind_of(ElementKind kind) {
    switch (kind) {
        case ElementKind::telemetry:
            return ContentKind::telemetry;
        case ElementKind::command:
            return ContentKind::command;
        case ElementKind::relationship:
            return ContentKind::relationship;
        case ElementKind::component:
            return ContentKind::component;
        default:
            return ContentKind::property;
    }
}

// Reads one content; what its kind has not stays as it is.
class ContentReader {
  public:
    ContentReader(const Element& element, SchemaReader& schemas)
        : element_(element), reading_(element.reading()), schemas_(schemas) {}

    ContentDraft read() {
        Content& content = draft_.content;
        draft_.node = &element_.node();
        content.kind = kind_of(element_.kind());
        content.name = element_.name();
        content.id = element_.id();
        take_texts(content);
        switch (content.kind) {
            case ContentKind::telemetry:
            case ContentKind::property:
                read_value();
                read_live();
                break;
            case ContentKind::command:
                read_command();
                break;
            case ContentKind::relationship:
                read_relationship();
                break;
            case ContentKind::component:
                if (const JsonNode* schema = element_.needed("schema")) {
                    schemas_.count_elements(1);
                    draft_.component = interface_reference(reading_, *schema, element_.context());
                    content.component = draft_.component.id;
                }
                break;
        }
        return std::move(draft_);
    }

    // Of a relationship: no point, no annotation.
    Content read_inner_property() {
        Content& content = draft_.content;
        content.kind = ContentKind::property;
        content.name = element_.name();
        content.id = element_.id();
        take_texts(content);
        read_value();
        for (const auto& term : extension_members(ElementKind::property, Extension::headworks)) {
            const JsonNode* member = element_.member(term);
            if (member != nullptr && term != "unitSymbol")
                reading_.flaw_at_key(*member,
                                     fmt::format("'{}' cannot stand in a relationship's property, "
                                                 "which is set by hand",
                                                 term));
        }
        return std::move(content);
    }

  private:
    void take_texts(Content& content) const {
        content.display_name = element_.display_name();
        content.description = element_.description();
        content.display_names = element_.display_names();
        content.descriptions = element_.descriptions();
        content.comment = element_.comment();
    }

    void read_value() {
        Content& content = draft_.content;
        if (const JsonNode* schema = element_.needed("schema"))
            content.schema = schemas_.read(*schema, element_.context());
        content.semantic_types = element_.semantic_types();
        content.unit = element_.unit(content.schema == nullptr || is_number(content.schema->kind));
        content.writable = element_.flag("writable");
        if (const auto symbol = term("unitSymbol")) {
            if (!content.unit.empty())
                reading_.flaw(
                    *element_.member("unitSymbol"),
                    fmt::format("'unitSymbol' cannot stand beside the unit '{}'", content.unit));
            else if (symbol->empty() || symbol->size() > symbol_limit)
                reading_.flaw(*element_.member("unitSymbol"),
                              fmt::format("'unitSymbol' must have 1 to {} bytes", symbol_limit));
            content.unit = *symbol;
        }
    }

    // The text of one of our terms, where our context is in force.
    std::optional<std::string_view> term(std::string_view name) const {
        const JsonNode* value = our_member(name);
        return value == nullptr ? std::nullopt : text_literal(reading_, *value);
    }

    const JsonNode* our_member(std::string_view name) const {
        return element_.context().has(Extension::headworks) ? element_.member(name) : nullptr;
    }

    void read_live() {
        Content& content = draft_.content;
        content.historized = element_.historized();
        if (const JsonNode* value = our_member("fixed"))
            content.fixed = boolean_literal(reading_, *value).value_or(false);
        if (const auto point = term("point")) {
            content.point = *point;
            auto checked = check_point_pattern(*point);
            if (!checked) reading_.flaw(*element_.member("point"), checked.error().text());
        }
        if (const auto expression = term("expression")) {
            content.expression = *expression;
            if (expression->find_first_not_of(" \t\r\n") == std::string_view::npos)
                reading_.flaw(*element_.member("expression"), "the expression is empty");
            if (expression->size() > expression_limit)
                reading_.flaw(*element_.member("expression"),
                              fmt::format("the expression has {} bytes, more than {}",
                                          expression->size(), expression_limit));
        }
        content.stale_after = span("staleAfter");
        content.minimum = bound("minimum");
        content.maximum = bound("maximum");
        if (content.minimum && content.maximum && *content.minimum > *content.maximum)
            reading_.flaw(*element_.member("minimum"),
                          fmt::format("the minimum {} is above the maximum {}", *content.minimum,
                                      *content.maximum));
        check_source();
        read_annotation();
    }

    // A value comes from one place: by hand, from a point, or from an expression.
    void check_source() {
        const Content& content = draft_.content;
        const auto clash = [&](std::string_view member, std::string_view text) {
            reading_.flaw_at_key(*element_.member(member), std::string(text));
        };
        if (content.fixed && content.kind == ContentKind::telemetry)
            clash("fixed", "telemetry cannot be fixed; make it a Property");
        if (content.fixed && !content.point.empty())
            clash("point", "a fixed property has no point; remove 'fixed' or 'point'");
        if (content.fixed && !content.expression.empty())
            clash("expression",
                  "a fixed property has no expression; remove 'fixed' or 'expression'");
        if (!content.point.empty() && !content.expression.empty())
            clash("expression",
                  "a value has a point or an expression, not both; remove one of them");
        if (content.writable && !content.expression.empty())
            clash("expression",
                  "a derived property cannot be written; remove 'writable' or 'expression'");
    }

    Duration span(std::string_view member) const {
        const auto text = term(member);
        if (!text) return {};
        const auto parsed = parse_span(*text);
        if (parsed && parsed->ns > 0) return *parsed;
        reading_.flaw(*element_.member(member),
                      parsed ? fmt::format("'{}' must be longer than nothing", member)
                             : parsed.error().text());
        return {};
    }

    std::optional<double> bound(std::string_view member) const {
        const JsonNode* value = our_member(member);
        if (value == nullptr) return std::nullopt;
        if (value->kind != JsonNode::Kind::integer && value->kind != JsonNode::Kind::real) {
            reading_.flaw(*value, fmt::format("expected a number, found {}", value->shown()));
            return std::nullopt;
        }
        const SchemaPtr& schema = draft_.content.schema;
        if (schema != nullptr && !is_number(schema->kind))
            reading_.flaw_at_key(*value, fmt::format("'{}' needs a numeric schema, not {}", member,
                                                     to_string(schema->kind)));
        return value->real;
    }

    void read_annotation() {
        const JsonNode* value = element_.member("annotates");
        if (!element_.annotation()) {
            if (value != nullptr && element_.context().has(Extension::annotation))
                reading_.flaw_at_key(*value,
                                     "'annotates' needs the type ValueAnnotation in \"@type\"");
            return;
        }
        if (element_.needed("annotates") == nullptr) return;
        draft_.content.annotates = text_literal(reading_, *value).value_or("");
    }

    void read_command() {
        if (const JsonNode* type = element_.given("commandType")) {
            const auto text = text_literal(reading_, *type);
            constexpr std::string_view prefix = "dtmi:dtdl:instance:CommandType:";
            std::string_view word = text.value_or("synchronous");
            if (word.starts_with(prefix) && word.ends_with(";3"))
                word = word.substr(prefix.size(), word.size() - prefix.size() - 2);
            if (word != "synchronous" && word != "asynchronous")
                reading_.flaw(*type, fmt::format("\"commandType\" is synchronous or asynchronous "
                                                 "(and may be left out), not '{}'",
                                                 cut(word)));
        }
        draft_.content.request = payload("request", request_kinds);
        draft_.content.response = payload("response", response_kinds);
        draft_.content.timeout = span("timeout");
        if (const JsonNode* writes = our_member("writes")) read_writes(*writes);
    }

    std::optional<CommandPayload> payload(std::string_view member,
                                          std::span<const ElementKind> kinds) {
        const JsonNode* value = element_.member(member);
        const JsonNode* one = value == nullptr ? nullptr : only_value(reading_, *value);
        if (one == nullptr) return std::nullopt;
        schemas_.count_elements(1);
        Context context = element_.context();
        one = schemas_.resolve(*one, context);
        if (one == nullptr) return std::nullopt;
        const auto element = Element::open(reading_, *one, context, kinds, true);
        if (!element) return std::nullopt;
        CommandPayload payload;
        payload.name = element->name();
        element->id();
        element->comment();
        payload.display_name = element->display_name();
        payload.description = element->description();
        if (const JsonNode* schema = element->needed("schema"))
            payload.schema = schemas_.read(*schema, element->context());
        element->unit(payload.schema == nullptr || is_number(payload.schema->kind));
        if (element->context().has(Extension::headworks))
            payload.nullable = element->flag("nullable");
        return payload;
    }

    void read_writes(const JsonNode& writes) {
        if (value_count(writes) > writes_limit)
            return reading_.flaw(writes, fmt::format("a command has at most {} writes, found {}",
                                                     writes_limit, value_count(writes)));
        each_value(writes, [&](const JsonNode& item) {
            if (!item.is_object())
                return reading_.flaw(item, fmt::format("a write is {{\"property\": ..., \"value\": "
                                                       "...}}, found {}",
                                                       item.shown()));
            read_write(item);
        });
    }

    void read_write(const JsonNode& item) {
        CommandWrite write;
        for (const JsonNode* child = item.first_child; child != nullptr; child = child->next) {
            if (child->key == "property") {
                write.property = text_literal(reading_, *child).value_or("");
            } else if (child->key == "value") {
                write.value = write_value(*child);
            } else {
                reading_.flaw_at_key(*child, fmt::format("a write has 'property' and 'value', not "
                                                         "'{}'",
                                                         cut(child->key)));
            }
        }
        if (write.property.empty() || write.value.empty())
            return reading_.flaw(item,
                                 "a write needs 'property' (a path) and 'value' (an "
                                 "expression)");
        draft_.content.writes.push_back(std::move(write));
    }

    // An expression; a number or a truth value is one too.
    std::string write_value(const JsonNode& node) const {
        if (node.kind == JsonNode::Kind::boolean || node.kind == JsonNode::Kind::integer ||
            node.kind == JsonNode::Kind::real)
            return node.shown();
        const auto text = text_literal(reading_, node);
        if (!text) return {};
        if (text->size() > expression_limit)
            reading_.flaw(node, fmt::format("the expression has {} bytes, more than {}",
                                            text->size(), expression_limit));
        return std::string(*text);
    }

    void read_relationship() {
        Content& content = draft_.content;
        content.writable = element_.flag("writable");
        if (const JsonNode* target = element_.given("target")) read_target(*target);
        if (const JsonNode* value = element_.given("minMultiplicity")) {
            const auto number = integer_literal(reading_, *value);
            if (number && *number != 0)
                reading_.flaw(
                    *value,
                    fmt::format("\"minMultiplicity\" must be 0 in DTDL v3, not {}", *number));
        }
        if (const JsonNode* value = element_.given("maxMultiplicity")) {
            const auto number = integer_literal(reading_, *value);
            if (number && *number < 1)
                reading_.flaw(
                    *value, fmt::format("\"maxMultiplicity\" must be at least 1, not {}", *number));
            if (number && *number >= 1) content.max_multiplicity = static_cast<uint32_t>(*number);
        }
        if (const JsonNode* properties = element_.member("properties"))
            read_properties(*properties);
    }

    void read_target(const JsonNode& target) {
        const JsonNode* one = only_value(reading_, target);
        if (one == nullptr) return;
        if (!one->is_text())
            return reading_.flaw(*one,
                                 fmt::format("\"target\" must be a DTMI, found {}", one->shown()));
        constexpr size_t user_limit = 2'048;
        auto checked = check_dtmi(one->text, user_limit);
        if (!checked) reading_.flaw(target, checked.error().text());
        draft_.content.target = one->text;
    }

    void read_properties(const JsonNode& properties) {
        schemas_.count_elements(value_count(properties));
        std::set<std::string> names;
        each_value(properties, [&](const JsonNode& item) {
            Context context = element_.context();
            const JsonNode* node = schemas_.resolve(item, context);
            if (node == nullptr) return;
            const auto element = Element::open(reading_, *node, context, property_kinds);
            if (!element) return;
            Content property = ContentReader(*element, schemas_).read_inner_property();
            if (!property.name.empty() && !names.insert(property.name).second)
                reading_.flaw(*node,
                              fmt::format("the property '{}' stands twice in the relationship",
                                          property.name));
            draft_.content.properties.push_back(std::move(property));
        });
    }

    const Element& element_;
    const Reading& reading_;
    SchemaReader& schemas_;
    ContentDraft draft_;
};

}  // namespace

InterfaceReference interface_reference(const Reading& reading, const JsonNode& value,
                                       const Context& context) {
    InterfaceReference reference;
    reference.context = context;
    const JsonNode* one = one_value(reading, value, "an interface");
    if (one == nullptr) return reference;
    reference.node = one;
    if (is_interface(*one)) {
        reference.inline_interface = true;
        for (const JsonNode* child = one->first_child; child != nullptr; child = child->next)
            if (child->key == "@id" && child->is_text()) reference.id = child->text;
        return reference;
    }
    if (!one->is_text()) {
        reading.flaw(*one, fmt::format("expected an interface's DTMI or an Interface, found {}",
                                       one->shown()));
        return reference;
    }
    constexpr size_t interface_limit = 128;
    auto checked = check_dtmi(one->text, interface_limit);
    if (checked) {
        reference.id = one->text;
    } else {
        reading.flaw(*one, checked.error().text());
    }
    return reference;
}

std::optional<ContentDraft> read_content(const Reading& reading, const JsonNode& node,
                                         const Context& context, SchemaReader& schemas) {
    const auto element = Element::open(reading, node, context, content_kinds);
    if (!element) return std::nullopt;
    return ContentReader(*element, schemas).read();
}

}  // namespace hw::twin
