#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sql/json.h"
#include "twin/model/twin_id.h"
#include "twin/model/twin_name.h"
#include "twin/model/wot.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr std::string_view td_context = "https://www.w3.org/2022/wot/td/v1.1";

// The prefix of our own terms stands for the language extension; `htv` is that of the HTTP binding.
void write_context(JsonWriter& json, bool forms) {
    json.key("@context");
    json.begin_array();
    json.value(td_context);
    json.begin_object();
    json.member("hw", "dtmi:headworks:twin:");
    if (forms) json.member("htv", "http://www.w3.org/2011/http#");
    json.end_object();
    json.end_array();
}

void put(JsonWriter& json, std::string_view name, std::string_view text) {
    if (!text.empty()) json.member(name, text);
}

void put_title(JsonWriter& json, std::string_view title, std::string_view description) {
    put(json, "title", title);
    put(json, "description", description);
}

void write_unit(JsonWriter& json, const std::string& unit,
                const std::vector<std::string>& semantic_types) {
    put(json, "unit", unit);
    if (semantic_types.size() == 1) json.member("@type", semantic_types.front());
    if (semantic_types.size() < 2) return;
    json.key("@type");
    json.begin_array();
    for (const auto& type : semantic_types)
        json.value(type);
    json.end_array();
}

void write_schema(JsonWriter& json, const Schema& schema);

void write_enumeration(JsonWriter& json, const Schema& schema) {
    json.member("type", schema.enum_kind == SchemaKind::string ? "string" : "integer");
    json.key("oneOf");
    json.begin_array();
    for (const auto& value : schema.enum_values) {
        json.begin_object();
        json.key("const");
        json.raw(sql::to_json(value.value));
        json.member("hw:name", value.name);
        put_title(json, value.display_name, value.description);
        json.end_object();
    }
    json.end_array();
}

void write_object(JsonWriter& json, const Schema& schema) {
    json.member("type", "object");
    json.key("properties");
    json.begin_object();
    for (const auto& field : schema.fields) {
        json.key(field.name);
        json.begin_object();
        put_title(json, field.display_name, field.description);
        write_schema(json, *field.schema);
        write_unit(json, field.unit, field.semantic_types);
        json.end_object();
    }
    json.end_object();
}

void write_text(JsonWriter& json, std::string_view format) {
    json.member("type", "string");
    put(json, "format", format);
}

// The members of a data schema; the object around them has others too.
void write_schema(JsonWriter& json, const Schema& schema) {
    switch (schema.kind) {
        case SchemaKind::boolean:
            return json.member("type", "boolean");
        case SchemaKind::date:
            return write_text(json, "date");
        case SchemaKind::date_time:
            return write_text(json, "date-time");
        case SchemaKind::duration:
            return write_text(json, "duration");
        case SchemaKind::time:
            return write_text(json, "time");
        case SchemaKind::string:
            return write_text(json, "");
        case SchemaKind::float64:
            return json.member("type", "number");
        case SchemaKind::int64:
            return json.member("type", "integer");
        case SchemaKind::float32:
            json.member("type", "number");
            break;
        case SchemaKind::int32:
            json.member("type", "integer");
            break;
        case SchemaKind::array:
            json.member("type", "array");
            json.key("items");
            json.begin_object();
            write_schema(json, *schema.element);
            return json.end_object();
        case SchemaKind::enumeration:
            return write_enumeration(json, schema);
        case SchemaKind::map:
            json.member("type", "object");
            json.key("additionalProperties");
            json.begin_object();
            write_schema(json, *schema.element);
            return json.end_object();
        case SchemaKind::object:
            return write_object(json, schema);
        default:
            json.member("type", "object");
            break;  // GeoJSON
    }
    // What the type alone does not tell.
    json.member("hw:schema", to_string(schema.kind));
}

void write_own_terms(JsonWriter& json, const Content& content) {
    put(json, "hw:point", content.point);
    if (content.fixed) json.member("hw:fixed", true);
    put(json, "hw:expression", content.expression);
    if (content.historized) json.member("hw:historized", true);
    if (content.stale_after.ns > 0)
        json.member("hw:staleAfter", format_duration(content.stale_after));
}

// A data schema of a telemetry or property, without forms.
void write_value(JsonWriter& json, const Content& content) {
    put_title(json, content.display_name, content.description);
    put(json, "$comment", content.comment);
    write_schema(json, *content.schema);
    write_unit(json, content.unit, content.semantic_types);
    if (content.minimum) json.member("minimum", *content.minimum);
    if (content.maximum) json.member("maximum", *content.maximum);
}

void write_property(JsonWriter& json, const Content& content) {
    json.key(content.name);
    json.begin_object();
    write_value(json, content);
    if (!content.writable) json.member("readOnly", true);
    if (content.kind == ContentKind::telemetry) json.member("observable", true);
    write_own_terms(json, content);
    json.end_object();
}

void write_payload(JsonWriter& json, std::string_view name,
                   const std::optional<CommandPayload>& payload) {
    if (!payload) return;
    json.key(name);
    json.begin_object();
    put_title(json, payload->display_name, payload->description);
    write_schema(json, *payload->schema);
    json.member("hw:name", payload->name);
    json.end_object();
}

// Members of an action, without forms.
void write_action(JsonWriter& json, const Content& content) {
    put_title(json, content.display_name, content.description);
    put(json, "$comment", content.comment);
    write_payload(json, "input", content.request);
    write_payload(json, "output", content.response);
}

void write_action_terms(JsonWriter& json, const Content& content) {
    if (content.timeout.ns > 0) json.member("hw:timeout", format_duration(content.timeout));
    if (content.writes.empty()) return;
    json.key("hw:writes");
    json.begin_array();
    for (const auto& write : content.writes) {
        json.begin_object();
        json.member("property", write.property);
        json.member("value", write.value);
        json.end_object();
    }
    json.end_array();
}

// As DTDL writes it.
void write_relationship_term(JsonWriter& json, const Content& content) {
    json.begin_object();
    json.member("@type", "Relationship");
    json.member("name", content.name);
    put(json, "displayName", content.display_name);
    put(json, "description", content.description);
    put(json, "target", content.target);
    if (content.max_multiplicity > 0) json.member("maxMultiplicity", content.max_multiplicity);
    json.end_object();
}

std::vector<const Content*> own(const Interface& model, std::initializer_list<ContentKind> kinds) {
    std::vector<const Content*> out;
    for (const auto& content : model.contents)
        if (content.defined_in == model.id && std::ranges::find(kinds, content.kind) != kinds.end())
            out.push_back(&content);
    return out;
}

void write_links(JsonWriter& json, const Interface& model) {
    const auto components = own(model, {ContentKind::component});
    if (model.extends.empty() && components.empty()) return;
    json.key("links");
    json.begin_array();
    const auto link = [&](std::string_view rel, std::string_view href, std::string_view name) {
        json.begin_object();
        json.member("rel", rel);
        json.member("href", href);
        json.member("type", "application/tm+json");
        put(json, "instanceName", name);
        json.end_object();
    };
    for (const auto& parent : model.extends)
        link("tm:extends", parent, "");
    for (const auto* component : components)
        link("tm:submodel", component->component, component->name);
    json.end_array();
}

// "1.2.0" of "dtmi:x;1.2".
std::string model_version(std::string_view id) {
    const size_t at = id.rfind(';');
    if (at == std::string_view::npos) return "0.0.0";
    const auto version = id.substr(at + 1);
    return fmt::format("{}{}", version,
                       version.find('.') == std::string_view::npos ? ".0.0" : ".0");
}

void note_what_is_lost(const Interface& model, std::vector<std::string>& warnings) {
    for (const auto& content : model.contents) {
        if (content.defined_in != model.id) continue;
        if (content.kind == ContentKind::relationship)
            warnings.push_back(fmt::format(
                "relationship '{}' goes along as hw:relationships, which only Headworks reads",
                content.name));
        if (!content.properties.empty())
            warnings.push_back(
                fmt::format("the properties of relationship '{}' are lost", content.name));
        if (!content.expression.empty() || !content.writes.empty())
            warnings.push_back(
                fmt::format("how '{}' is {} goes along under 'hw:', which only "
                            "Headworks reads",
                            content.name, content.writes.empty() ? "derived" : "carried out"));
    }
}

// RFC 3986, 2.3: all but unreserved characters.
std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '.' ||
                                           c == '_' || c == '~');
        if (plain) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", byte);
        }
    }
    return out;
}

// The forms of one twin.
class Description {
  public:
    Description(JsonWriter& json, const TwinState& twin, std::string_view http,
                std::string_view mqtt)
        : json_(json),
          twin_(twin),
          http_(fmt::format("{}/api/v1/twins/{}", http, encoded(twin.id))),
          models_(fmt::format("{}/api/v1/twin/models/", http)),
          twins_(fmt::format("{}/api/v1/twins/", http)),
          mqtt_(mqtt) {}

    void write() {
        json_.begin_object();
        write_context(json_, true);
        json_.member("id", "urn:headworks:twin:" + encoded(twin_.id));
        json_.member("title",
                     twin_.name.empty() ? std::string(last_level(twin_.id)) : name_in(twin_.name));
        if (!name_texts(twin_.name).empty()) write_name(json_, "titles", twin_.name);
        if (twin_.model) put(json_, "description", twin_.model->description);
        json_.member("created", twin_.created);
        json_.member("modified", twin_.updated);
        write_links();
        // Access is the server's affair; what it asks for is told by its answers.
        json_.key("securityDefinitions");
        json_.begin_object();
        json_.key("server");
        json_.begin_object();
        json_.member("scheme", "auto");
        json_.end_object();
        json_.end_object();
        json_.member("security", "server");
        write_properties();
        write_actions();
        json_.end_object();
    }

  private:
    void write_links() {
        json_.key("links");
        json_.begin_array();
        if (twin_.model) link("type", models_ + encoded(twin_.model->id), "application/tm+json");
        for (const auto& edge : twin_.relationships)
            link(edge.name, twins_ + encoded(edge.target) + "/thing", "application/td+json");
        json_.end_array();
    }

    void link(std::string_view rel, std::string_view href, std::string_view type) {
        json_.begin_object();
        json_.member("rel", rel);
        json_.member("href", href);
        json_.member("type", type);
        json_.end_object();
    }

    void form(std::initializer_list<std::string_view> operations, std::string_view href,
              std::string_view method) {
        json_.begin_object();
        json_.member("href", href);
        json_.key("op");
        json_.begin_array();
        for (const auto operation : operations)
            json_.value(operation);
        json_.end_array();
        json_.member("contentType", "application/json");
        put(json_, "htv:methodName", method);
        json_.end_object();
    }

    // A topic as the URI of the MQTT binding has it: after the broker's address.
    std::string topic(std::string_view rest) const {
        return fmt::format("{}/%24hw/twin/{}/{}", mqtt_, encoded_levels(twin_.id), rest);
    }
    static std::string encoded_levels(std::string_view path) {
        std::string out;
        for (size_t at = 0; at <= path.size();) {
            const size_t end = std::min(path.find('/', at), path.size());
            if (at > 0) out += '/';
            out += encoded(path.substr(at, end - at));
            at = end + 1;
        }
        return out;
    }

    // A name that JSON-LD takes, unlike "drive/speed".
    void write_properties() {
        if (!twin_.model || twin_.model->slots.empty()) return;
        json_.key("properties");
        json_.begin_object();
        for (const auto& slot : twin_.model->slots) {
            std::string name = slot.path;
            std::ranges::replace(name, '/', '.');
            json_.key(name);
            json_.begin_object();
            write_value(json_, *slot.content);
            const bool writable = slot.content->writable;
            if (!writable) json_.member("readOnly", true);
            json_.key("forms");
            json_.begin_array();
            form({"readproperty"}, fmt::format("{}/properties/{}", http_, encoded(slot.path)),
                 "GET");
            if (writable) {
                form({"writeproperty"}, fmt::format("{}/desired/{}", http_, encoded(slot.path)),
                     "PUT");
                if (!mqtt_.empty())
                    form({"writeproperty"},
                         topic(fmt::format("desired/{}/set", encoded_levels(slot.path))), "");
            }
            json_.end_array();
            json_.end_object();
        }
        json_.end_object();
    }

    void write_actions() {
        if (!twin_.model) return;
        const auto is_command = [](const Content& content) {
            return content.kind == ContentKind::command;
        };
        if (std::ranges::none_of(twin_.model->contents, is_command)) return;
        json_.key("actions");
        json_.begin_object();
        for (const auto& content : twin_.model->contents) {
            if (!is_command(content)) continue;
            json_.key(content.name);
            json_.begin_object();
            write_action(json_, content);
            json_.key("forms");
            json_.begin_array();
            form({"invokeaction"}, fmt::format("{}/commands/{}", http_, content.name), "POST");
            if (!mqtt_.empty())
                form({"invokeaction"}, topic(fmt::format("command/{}/request", content.name)), "");
            json_.end_array();
            json_.end_object();
        }
        json_.end_object();
    }

    JsonWriter& json_;
    const TwinState& twin_;
    const std::string http_;
    const std::string models_;
    const std::string twins_;
    const std::string mqtt_;
};

}  // namespace

WotText thing_model_of(const Interface& model) {
    WotText out;
    JsonWriter json(out.json);
    json.begin_object();
    write_context(json, false);
    json.member("@type", "tm:ThingModel");
    json.member("id", model.id);
    json.member("title", model.display_name.empty() ? model.id : model.display_name);
    put(json, "description", model.description);
    put(json, "$comment", model.comment);
    json.key("version");
    json.begin_object();
    json.member("model", model_version(model.id));
    json.end_object();
    write_links(json, model);
    const auto values = own(model, {ContentKind::property, ContentKind::telemetry});
    if (!values.empty()) {
        json.key("properties");
        json.begin_object();
        for (const auto* content : values)
            write_property(json, *content);
        json.end_object();
    }
    const auto commands = own(model, {ContentKind::command});
    if (!commands.empty()) {
        json.key("actions");
        json.begin_object();
        for (const auto* content : commands) {
            json.key(content->name);
            json.begin_object();
            write_action(json, *content);
            write_action_terms(json, *content);
            json.end_object();
        }
        json.end_object();
    }
    const auto relationships = own(model, {ContentKind::relationship});
    if (!relationships.empty()) {
        json.key("hw:relationships");
        json.begin_array();
        for (const auto* content : relationships)
            write_relationship_term(json, *content);
        json.end_array();
    }
    json.end_object();
    note_what_is_lost(model, out.warnings);
    return out;
}

std::string thing_description_of(const TwinState& twin, std::string_view http_base,
                                 std::string_view mqtt_base) {
    std::string out;
    JsonWriter json(out);
    Description(json, twin, http_base, mqtt_base).write();
    return out;
}

}  // namespace hw::twin
