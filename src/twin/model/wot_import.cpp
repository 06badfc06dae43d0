#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "model/point_path.h"
#include "sql/json.h"
#include "twin/model/quantities.h"
#include "twin/model/twin_id.h"
#include "twin/model/wot.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr size_t references_limit = 16;
constexpr size_t nesting_limit = 5;  // of schemas (DTDL v3)
constexpr size_t display_name_limit = 64;
constexpr size_t text_limit = 512;
constexpr size_t warnings_limit = 1'000;

std::string_view text_of(const Datum& object, std::string_view name) {
    const Datum* found = object.find(name);
    return found != nullptr && found->is_text() ? found->as_text() : std::string_view{};
}

bool flag_of(const Datum& object, std::string_view name) {
    const Datum* found = object.find(name);
    return found != nullptr && found->kind() == sql::Kind::boolean && found->as_boolean();
}

// Whole characters, at most `limit` of them.
std::string cut_text(std::string_view text, size_t limit) {
    size_t characters = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
        if (begins && ++characters > limit) return std::string(text.substr(0, i));
    }
    return std::string(text);
}

// Letters, digits and '_' of a name; never empty.
std::string name_from(std::string_view text, std::string_view otherwise) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool good = byte < 0x80 && (std::isalnum(byte) != 0 || c == '_');
        if (good) {
            out += c;
        } else if (!out.empty() && out.back() != '_') {
            out += '_';
        }
    }
    while (!out.empty() && std::isalpha(static_cast<unsigned char>(out.front())) == 0)
        out.erase(0, 1);
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    out = out.substr(0, dtdl_name_limit);
    return out.empty() ? std::string(otherwise) : out;
}

// RFC 7396: `patch` over `base`.
Datum merged(const Datum& base, const Datum& patch) {
    if (!patch.is_object()) return patch;
    Datum out = base.is_object() ? base : Datum::object({});
    for (const auto& [key, value] : patch.members()) {
        const Datum* before = out.find(key);
        out.put(key, before == nullptr ? value : merged(*before, value));
    }
    return out;
}

// A JSON pointer within the document ("#/properties/x", RFC 6901).
const Datum* find_pointer(const Datum& root, std::string_view pointer) {
    const Datum* at = &root;
    while (!pointer.empty() && at != nullptr) {
        if (pointer.front() != '/') return nullptr;
        pointer.remove_prefix(1);
        const size_t end = std::min(pointer.find('/'), pointer.size());
        std::string name(pointer.substr(0, end));
        pointer.remove_prefix(end);
        for (const auto& [from, to] : {std::pair("~1", "/"), std::pair("~0", "~")})
            for (size_t i = name.find(from); i != std::string::npos; i = name.find(from, i + 1))
                name.replace(i, 2, to);
        at = at->find(name);
    }
    return at;
}

class Importer {
  public:
    explicit Importer(const Datum& model) : model_(model) {}

    Result<WotText> run() {
        if (!model_.is_object())
            return fail(ErrorCode::invalid_argument, "a Thing Model must be an object");
        if (!is_thing_model())
            return fail(ErrorCode::invalid_argument,
                        "the document is no Thing Model; its @type must be or hold "
                        "'tm:ThingModel'");
        Datum out = Datum::object({});
        Datum::Items contexts;
        for (const auto* context :
             {"dtmi:dtdl:context;3", "dtmi:dtdl:extension:quantitativeTypes;1",
              "dtmi:dtdl:extension:historization;1", "dtmi:headworks:twin;1"})
            contexts.push_back(Datum::text(context));
        out.put("@context", Datum::array(std::move(contexts)));
        out.put("@id", Datum::text(HW_TRY(make_id())));
        out.put("@type", Datum::text("Interface"));
        put_texts(out, model_, "");
        links(out);
        HW_TRY(affordances("properties", &Importer::add_property));
        HW_TRY(affordances("actions", &Importer::add_action));
        HW_TRY(affordances("events", &Importer::add_event));
        own_relationships();
        for (const auto* member :
             {"forms", "security", "securityDefinitions", "base", "schemaDefinitions", "support"})
            if (model_.find(member) != nullptr)
                warn(member, "is not taken: addresses and access belong to the server");
        if (model_.find("tm:optional") != nullptr)
            warn("tm:optional", "is not taken: whatever a model has is there");
        if (!contents_.empty()) out.put("contents", Datum::array(std::move(contents_)));
        return WotText{sql::to_json(out), std::move(warnings_)};
    }

  private:
    using Add = Result<void> (Importer::*)(const std::string&, const Datum&, const std::string&);

    bool is_thing_model() const {
        const Datum* type = model_.find("@type");
        if (type == nullptr) return false;
        const auto is = [](const Datum& one) {
            return one.is_text() && one.as_text() == "tm:ThingModel";
        };
        return is(*type) || (type->is_array() && std::ranges::any_of(type->items(), is));
    }

    void warn(std::string_view where, std::string_view what) {
        if (warnings_.size() < warnings_limit)
            warnings_.push_back(fmt::format("{} {}", model::printable(where.substr(0, 256)), what));
    }

    // "1.2.0" to "1.2", which is as much as a DTMI has.
    std::string version() const {
        const Datum* versions = model_.find("version");
        const auto text = versions == nullptr ? std::string_view{} : text_of(*versions, "model");
        const size_t point = std::min(text.find('.'), text.size());
        const auto major = text.substr(0, point);
        auto minor = text.substr(std::min(point + 1, text.size()));
        minor = minor.substr(0, minor.find('.'));
        std::string out = fmt::format("dtmi:x;{}.{}", major, minor);
        if (check_dtmi(out)) return out.substr(7);
        out = fmt::format("dtmi:x;{}", major);
        return check_dtmi(out) && !major.empty() ? out.substr(7) : "1";
    }

    Result<std::string> make_id() {
        constexpr size_t id_limit = 128;
        const auto given = text_of(model_, "id");
        if (given.starts_with("dtmi:")) {
            HW_TRY(check_dtmi(given, id_limit));
            return std::string(given);
        }
        auto title = text_of(model_, "title");
        const std::string name = name_from(title, "Thing").substr(0, 100);
        std::string id = fmt::format("dtmi:wot:{}", name);
        while (id.ends_with('_'))
            id.pop_back();
        id += ";" + version();
        if (!given.empty()) warn("id", fmt::format("is no DTMI; the interface is '{}'", id));
        return id;
    }

    // One text, or one for each language.
    void put_text(Datum& out, const Datum& from, std::string_view one, std::string_view many,
                  std::string_view name, size_t limit, const std::string& where) {
        const auto fit = [&](std::string_view text) {
            std::string cut = cut_text(text, limit);
            if (cut.size() != text.size())
                warn(where + "/" + std::string(one), fmt::format("is cut to {} characters", limit));
            return Datum::text(cut);
        };
        const Datum* languages = from.find(many);
        if (languages != nullptr && languages->is_object() && !languages->members().empty()) {
            Datum map = Datum::object({});
            for (const auto& [language, text] : languages->members())
                if (text.is_text()) map.put(language, fit(text.as_text()));
            out.put(name, std::move(map));
        } else if (const auto text = text_of(from, one); !text.empty()) {
            out.put(name, fit(text));
        }
    }

    void put_texts(Datum& out, const Datum& from, const std::string& where) {
        put_text(out, from, "title", "titles", "displayName", display_name_limit, where);
        put_text(out, from, "description", "descriptions", "description", text_limit, where);
        if (const auto comment = text_of(from, "$comment"); !comment.empty())
            out.put("comment", Datum::text(cut_text(comment, text_limit)));
    }

    void links(Datum& out) {
        const Datum* list = model_.find("links");
        if (list == nullptr || !list->is_array()) return;
        Datum::Items parents;
        for (const auto& link : list->items()) {
            const auto rel = text_of(link, "rel");
            const auto href = text_of(link, "href");
            if (rel != "tm:extends" && rel != "tm:submodel") {
                warn("links", fmt::format("has a '{}', which is not taken", rel.substr(0, 64)));
            } else if (!check_dtmi(href, 128)) {
                warn("links", fmt::format("has a {} to '{}', which is no DTMI; take that model in "
                                          "first and name it",
                                          rel, href.substr(0, 128)));
            } else if (rel == "tm:extends") {
                parents.push_back(Datum::text(href));
            } else {
                Datum component = content("Component", text_of(link, "instanceName"), "submodel");
                component.put("schema", Datum::text(href));
                contents_.push_back(std::move(component));
            }
        }
        if (!parents.empty()) out.put("extends", Datum::array(std::move(parents)));
    }

    Result<void> affordances(std::string_view kind, Add add) {
        const Datum* all = model_.find(kind);
        if (all == nullptr || !all->is_object()) return {};
        for (const auto& [key, value] : all->members()) {
            const std::string where = fmt::format("{}/{}", kind, key.as_text());
            const Datum whole = HW_TRY(resolved(value, where, 0));
            if (!whole.is_object()) {
                warn(where, "is no object and not taken");
                continue;
            }
            HW_TRY((this->*add)(std::string(key.as_text()), whole, where));
        }
        return {};
    }

    // With what "tm:ref" points at (TD 1.1, 10.4.2).
    Result<Datum> resolved(const Datum& value, const std::string& where, size_t depth) {
        if (!value.is_object()) return value;
        const auto reference = text_of(value, "tm:ref");
        if (reference.empty()) return value;
        if (depth >= references_limit)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{}: tm:ref goes on for more than {} references", where,
                                    references_limit));
        Datum::Members own;
        for (const auto& member : value.members())
            if (member.key.as_text() != "tm:ref") own.push_back(member);
        const Datum patch = Datum::object(std::move(own));
        const Datum* target =
            reference.starts_with('#') ? find_pointer(model_, reference.substr(1)) : nullptr;
        if (target == nullptr) {
            warn(where, fmt::format("refers to '{}', which is not in this document",
                                    reference.substr(0, 128)));
            return patch;
        }
        const Datum base = HW_TRY(resolved(*target, where, depth + 1));
        return merged(base, patch);
    }

    // A content of that kind with a name that no other has.
    Datum content(std::string_view kind, std::string_view name, std::string_view otherwise) {
        std::string fit = name_from(name, otherwise);
        for (int i = 2; !names_.insert(fit).second; ++i)
            fit = fmt::format("{}{}", name_from(name, otherwise), i);
        if (fit != name && !name.empty()) warn(name, fmt::format("is named '{}' here", fit));
        Datum out = Datum::object({});
        out.put("@type", Datum::text(kind));
        out.put("name", Datum::text(fit));
        return out;
    }

    Result<void> add_property(const std::string& name, const Datum& given,
                              const std::string& where) {
        const bool read_only = flag_of(given, "readOnly");
        const bool telemetry = read_only && flag_of(given, "observable") &&
                               given.find("hw:expression") == nullptr &&
                               !flag_of(given, "hw:fixed");
        const auto schema = schema_of(given, where, 0);
        if (!schema)
            return warn(where, "has no schema that DTDL has, and is not taken"), Result<void>();
        Datum out = content(telemetry ? "Telemetry" : "Property", name, "property");
        put_texts(out, given, where);
        out.put("schema", *schema);
        put_unit(out, given, *schema);
        put_range(out, given, *schema, where);
        if (!read_only && given.find("hw:expression") == nullptr && !flag_of(given, "hw:fixed"))
            out.put("writable", Datum::boolean(true));
        if (flag_of(given, "writeOnly"))
            warn(where, "can only be written; here it can be read too");
        for (const auto* term : {"point", "fixed", "expression", "staleAfter"})
            if (const Datum* own = given.find(fmt::format("hw:{}", term))) out.put(term, *own);
        if (flag_of(given, "hw:historized")) add_type(out, "Historized");
        if (given.find("uriVariables") != nullptr) warn(where, "has uriVariables, which are lost");
        contents_.push_back(std::move(out));
        return {};
    }

    Result<void> add_action(const std::string& name, const Datum& given, const std::string& where) {
        Datum out = content("Command", name, "action");
        put_texts(out, given, where);
        for (const auto& [from, to] :
             {std::pair("input", "request"), std::pair("output", "response")}) {
            const Datum* payload = given.find(from);
            if (payload == nullptr) continue;
            const std::string place = where + "/" + from;
            const Datum whole = HW_TRY(resolved(*payload, place, 0));
            const auto schema = schema_of(whole, place, 0);
            if (!schema) {
                warn(place, "has no schema that DTDL has, and is not taken");
                continue;
            }
            Datum part = Datum::object({});
            part.put("@type", Datum::text(std::string_view(to) == "request" ? "CommandRequest"
                                                                            : "CommandResponse"));
            part.put("name", Datum::text(name_from(text_of(whole, "hw:name"), to)));
            put_texts(part, whole, place);
            part.put("schema", *schema);
            put_unit(part, whole, *schema);
            out.put(to, std::move(part));
        }
        for (const auto* term : {"writes", "timeout"})
            if (const Datum* own = given.find(fmt::format("hw:{}", term))) out.put(term, *own);
        contents_.push_back(std::move(out));
        return {};
    }

    Result<void> add_event(const std::string& name, const Datum& given, const std::string& where) {
        for (const auto* part : {"subscription", "cancellation", "dataResponse"})
            if (given.find(part) != nullptr)
                warn(where, fmt::format("has a {}, which is lost", part));
        const Datum* data = given.find("data");
        if (data == nullptr) return warn(where, "carries no data and is not taken"), Result<void>();
        const Datum whole = HW_TRY(resolved(*data, where + "/data", 0));
        const auto schema = schema_of(whole, where + "/data", 0);
        if (!schema)
            return warn(where, "has no schema that DTDL has, and is not taken"), Result<void>();
        Datum out = content("Telemetry", name, "event");
        put_texts(out, given, where);
        out.put("schema", *schema);
        put_unit(out, whole, *schema);
        contents_.push_back(std::move(out));
        return {};
    }

    void own_relationships() {
        const Datum* own = model_.find("hw:relationships");
        if (own == nullptr || !own->is_array()) return;
        for (const auto& one : own->items())
            if (names_.insert(std::string(text_of(one, "name"))).second) contents_.push_back(one);
    }

    std::optional<Datum> schema_of(const Datum& given, const std::string& where, size_t depth) {
        if (!given.is_object()) return std::nullopt;
        if (depth >= nesting_limit) {
            warn(where, fmt::format("is nested deeper than {} levels", nesting_limit));
            return std::nullopt;
        }
        for (const auto* lost :
             {"exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
              "pattern", "minItems", "maxItems", "default", "contentEncoding", "contentMediaType"})
            if (given.find(lost) != nullptr)
                warn(where, fmt::format("has a {}, which is lost", lost));
        if (const auto own = text_of(given, "hw:schema"); !own.empty()) return Datum::text(own);
        if (const Datum* values = given.find("enum")) return enumeration(*values, nullptr, where);
        if (const Datum* one_of = given.find("oneOf")) return enumeration(*one_of, "const", where);
        if (const Datum* value = given.find("const")) {
            warn(where, "has a const, which is lost");
            if (given.find("type") == nullptr) return kind_of(*value);
        }
        return typed_schema(given, where, depth);
    }

    static std::optional<Datum> kind_of(const Datum& value) {
        if (value.is_text()) return Datum::text("string");
        if (value.kind() == sql::Kind::boolean) return Datum::text("boolean");
        if (value.kind() == sql::Kind::int64) return Datum::text("long");
        if (value.is_number()) return Datum::text("double");
        return std::nullopt;
    }

    std::optional<Datum> typed_schema(const Datum& given, const std::string& where, size_t depth) {
        const auto type = text_of(given, "type");
        if (type == "boolean") return Datum::text("boolean");
        if (type == "integer") return Datum::text(fits_integer(given) ? "integer" : "long");
        if (type == "number") return Datum::text("double");
        if (type == "string") return Datum::text(string_schema(given, where));
        if (type == "array") return array_schema(given, where, depth);
        if (type == "object" || given.find("properties") != nullptr)
            return object_schema(given, where, depth);
        if (given.find("unit") != nullptr || given.find("minimum") != nullptr ||
            given.find("maximum") != nullptr) {
            warn(where, "has no type; it is taken as a number");
            return Datum::text("double");
        }
        return std::nullopt;
    }

    static bool fits_integer(const Datum& given) {
        const Datum* low = given.find("minimum");
        const Datum* high = given.find("maximum");
        return low != nullptr && high != nullptr && low->is_number() && high->is_number() &&
               low->as_number() >= INT32_MIN && high->as_number() <= INT32_MAX;
    }

    std::string_view string_schema(const Datum& given, const std::string& where) {
        const auto format = text_of(given, "format");
        if (format == "date-time") return "dateTime";
        if (format == "date" || format == "time" || format == "duration") return format;
        if (!format.empty())
            warn(where, fmt::format("has the format '{}', which is lost", format.substr(0, 64)));
        return "string";
    }

    std::optional<Datum> inner_schema(const Datum& given, const std::string& where, size_t depth) {
        const auto whole = resolved(given, where, 0);
        return whole ? schema_of(*whole, where, depth) : std::nullopt;
    }

    std::optional<Datum> array_schema(const Datum& given, const std::string& where, size_t depth) {
        const Datum* items = given.find("items");
        if (items == nullptr || !items->is_object()) {
            warn(where, "is a list whose items are not of one schema");
            return std::nullopt;
        }
        const auto element = inner_schema(*items, where + "/items", depth + 1);
        if (!element) return std::nullopt;
        Datum out = Datum::object({});
        out.put("@type", Datum::text("Array"));
        out.put("elementSchema", *element);
        return out;
    }

    std::optional<Datum> object_schema(const Datum& given, const std::string& where, size_t depth) {
        Datum out = Datum::object({});
        const Datum* values = given.find("additionalProperties");
        const Datum* properties = given.find("properties");
        const bool fields = properties != nullptr && properties->is_object();
        if (!fields && values != nullptr && values->is_object()) {
            const auto schema = inner_schema(*values, where + "/additionalProperties", depth + 1);
            if (!schema) return std::nullopt;
            Datum key = Datum::object({{Datum::text("name"), Datum::text("key")},
                                       {Datum::text("schema"), Datum::text("string")}});
            Datum value = Datum::object(
                {{Datum::text("name"), Datum::text("value")}, {Datum::text("schema"), *schema}});
            out.put("@type", Datum::text("Map"));
            out.put("mapKey", std::move(key));
            out.put("mapValue", std::move(value));
            return out;
        }
        Datum::Items list;
        std::set<std::string> names;
        if (fields) {
            for (const auto& [key, member] : properties->members()) {
                const std::string place = fmt::format("{}/properties/{}", where, key.as_text());
                const auto schema = inner_schema(member, place, depth + 1);
                const std::string name = name_from(key.as_text(), "field");
                if (!schema || !names.insert(name).second) {
                    warn(place, "is not taken");
                    continue;
                }
                if (name != key.as_text()) warn(place, fmt::format("is named '{}' here", name));
                Datum field = Datum::object({});
                field.put("@type", Datum::text("Field"));
                field.put("name", Datum::text(name));
                put_texts(field, member, place);
                field.put("schema", *schema);
                put_unit(field, member, *schema);
                list.push_back(std::move(field));
            }
        }
        out.put("@type", Datum::text("Object"));
        out.put("fields", Datum::array(std::move(list)));
        return out;
    }

    // Values, or objects with a "const" and a title.
    std::optional<Datum> enumeration(const Datum& values, const char* member,
                                     const std::string& where) {
        if (!values.is_array() || values.items().empty()) return std::nullopt;
        bool texts = true, wholes = true;
        Datum::Items list;
        std::set<std::string> names;
        for (const auto& item : values.items()) {
            const Datum* value = member == nullptr ? &item : item.find(member);
            if (value == nullptr) {
                warn(where, "has a oneOf that is no list of constants");
                return std::nullopt;
            }
            texts = texts && value->is_text();
            wholes = wholes && value->kind() == sql::Kind::int64 &&
                     value->as_integer() >= INT32_MIN && value->as_integer() <= INT32_MAX;
            std::string plain;
            sql::append_plain(plain, *value);
            const auto own = member == nullptr ? std::string_view{} : text_of(item, "hw:name");
            std::string name = name_from(own.empty() ? std::string_view(plain) : own,
                                         "value" + name_from(plain, std::to_string(list.size())));
            if (value->is_number() && own.empty())
                name = (plain.starts_with('-') ? "minus" : "value") +
                       plain.substr(plain.starts_with('-') ? 1 : 0);
            while (!names.insert(name).second)
                name += "x";
            Datum one = Datum::object({});
            one.put("name", Datum::text(name));
            one.put("enumValue", *value);
            if (member != nullptr) put_texts(one, item, where);
            list.push_back(std::move(one));
        }
        if (!texts && !wholes) {
            warn(where, "has an enum that is neither all texts nor all whole numbers");
            return std::nullopt;
        }
        Datum out = Datum::object({});
        out.put("@type", Datum::text("Enum"));
        out.put("valueSchema", Datum::text(texts ? "string" : "integer"));
        out.put("enumValues", Datum::array(std::move(list)));
        return out;
    }

    void put_range(Datum& out, const Datum& given, const Datum& schema, const std::string& where) {
        const bool number =
            schema.is_text() && (schema.as_text() == "double" || schema.as_text() == "long" ||
                                 schema.as_text() == "float" || schema.as_text() == "integer");
        for (const auto* end : {"minimum", "maximum"}) {
            const Datum* value = given.find(end);
            if (value == nullptr) continue;
            // The range of the type itself says nothing.
            if (schema.is_text() && schema.as_text() == "integer" && value->is_number() &&
                (value->as_number() == INT32_MIN || value->as_number() == INT32_MAX))
                continue;
            if (number && value->is_number()) {
                out.put(end, *value);
            } else {
                warn(where, fmt::format("has a {} that is lost", end));
            }
        }
    }

    // A unit of DTDL with the semantic type that it needs; else it is taken as it is written.
    void put_unit(Datum& out, const Datum& given, const Datum& schema) {
        const auto unit = text_of(given, "unit");
        if (unit.empty()) return;
        const bool number =
            schema.is_text() && schema.as_text() != "string" && schema.as_text() != "boolean";
        std::string_view word = unit.substr(unit.rfind(':') + 1);  // om2:kilowatt, unit:KiloW
        if (!is_unit(word)) word = dtdl_unit(word);
        std::string type;
        if (number && !word.empty()) type = semantic_type(word, given);
        if (type.empty()) {
            // At most 32 bytes; a character has at most 4.
            out.put("unitSymbol", Datum::text(unit.size() > 32 ? cut_text(unit, 8) : unit));
            return;
        }
        add_type(out, type);
        out.put("unit", Datum::text(word));
    }

    static void add_type(Datum& out, std::string_view type) {
        const Datum& before = *out.find("@type");
        Datum::Items types = before.is_array() ? before.items() : Datum::Items{before};
        types.push_back(Datum::text(type));
        out.put("@type", Datum::array(std::move(types)));
    }

    static std::string semantic_type(std::string_view unit, const Datum& given) {
        const auto fitting = types_with(unit);
        const auto has = [&](std::string_view type) {
            return std::ranges::find(fitting, type) != fitting.end();
        };
        if (const Datum* types = given.find("@type")) {
            if (types->is_text() && has(types->as_text())) return std::string(types->as_text());
            if (types->is_array())
                for (const auto& type : types->items())
                    if (type.is_text() && has(type.as_text())) return std::string(type.as_text());
        }
        // The plainest of those that share a unit.
        for (const std::string_view plain : {"Length", "Power", "Force", "Angle", "Density"})
            if (has(plain)) return std::string(plain);
        if (fitting.empty() || unit_type_of(fitting.front()) == "Unitless") return {};
        return std::string(fitting.front());
    }

    const Datum& model_;
    Datum::Items contents_;
    std::set<std::string> names_;
    std::vector<std::string> warnings_;
};

}  // namespace

Result<WotText> interface_of_thing_model(std::string_view json) {
    const Datum model = HW_TRY(sql::JsonReader(1 << 20).read(json));
    return Importer(model).run();
}

}  // namespace hw::twin
