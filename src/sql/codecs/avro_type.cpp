#include "sql/codecs/avro_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "sql/json.h"

namespace hw::sql::avro {

namespace {

constexpr std::array<std::string_view, 8> primitives = {"null",  "boolean", "int",   "long",
                                                        "float", "double",  "bytes", "string"};

bool is_name_part(std::string_view text) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && letter(text[0]) &&
           std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_full_name(std::string_view text) {
    for (;;) {
        const size_t dot = text.find('.');
        if (!is_name_part(text.substr(0, dot))) return false;
        if (dot == text.npos) return true;
        text.remove_prefix(dot + 1);
    }
}

std::string namespace_of(std::string_view full_name) {
    const size_t dot = full_name.rfind('.');
    return std::string(dot == full_name.npos ? "" : full_name.substr(0, dot));
}

class TypeReader {
  public:
    Result<Types> read(const Datum& json) {
        types_.root = HW_TRY(type(json, ""));
        return std::move(types_);
    }

  private:
    static std::unexpected<Error> wrong(std::string text) {
        return hw::fail(ErrorCode::invalid_argument, std::move(text));
    }
    Type* make(Kind kind) {
        types_.all.push_back(std::make_unique<Type>());
        types_.all.back()->kind = kind;
        return types_.all.back().get();
    }

    Result<const Type*> type(const Datum& json, const std::string& space) {
        if (json.is_text()) return named(json.as_text(), space);
        if (json.is_array()) return union_of(json, space);
        if (!json.is_object()) return wrong("a type is a name, an object or an array");
        const Datum* kind = json.find("type");
        if (!kind) return wrong("an object of the schema has no 'type'");
        if (!kind->is_text()) return type(*kind, space);
        const auto word = kind->as_text();
        if (word == "record" || word == "error") return record(json, space);
        if (word == "enum") return enumeration(json, space);
        if (word == "fixed") return fixed(json, space);
        if (word == "array") return container(Kind::array, json, "items", space);
        if (word == "map") return container(Kind::map, json, "values", space);
        return named(word, space);
    }

    Result<const Type*> named(std::string_view name, const std::string& space) {
        const auto primitive = std::ranges::find(primitives, name);
        if (primitive != primitives.end()) {
            const auto kind = static_cast<Kind>(primitive - primitives.begin());
            return make(kind);
        }
        auto found = names_.find(name.find('.') == name.npos && !space.empty()
                                     ? space + "." + std::string(name)
                                     : std::string(name));
        if (found == names_.end()) found = names_.find(std::string(name));
        if (found == names_.end()) return wrong(fmt::format("there is no type '{}'", name));
        return found->second;
    }

    // Takes the name into the list: what follows can use it, also within itself.
    Result<Type*> define(Kind kind, const Datum& json, const std::string& space) {
        const Datum* name = json.find("name");
        if (!name || !name->is_text() || !is_full_name(name->as_text()))
            return wrong(fmt::format("the name {} of a type is none",
                                     name ? to_json(*name) : "that is missing"));
        const Datum* own_space = json.find("namespace");
        std::string full(name->as_text());
        const std::string given =
            own_space && own_space->is_text() ? std::string(own_space->as_text()) : space;
        if (full.find('.') == std::string::npos && !given.empty()) full = given + "." + full;
        Type* made = make(kind);
        made->name = full;
        if (!names_.emplace(full, made).second)
            return wrong(fmt::format("there are two types '{}'", full));
        return made;
    }

    Result<const Type*> record(const Datum& json, const std::string& space) {
        Type* made = HW_TRY(define(Kind::record, json, space));
        const Datum* fields = json.find("fields");
        if (!fields || !fields->is_array())
            return wrong(fmt::format("the record '{}' has no array 'fields'", made->name));
        std::set<std::string, std::less<>> seen;
        for (const auto& field : fields->items()) {
            const Datum* name = field.find("name");
            const Datum* field_type = field.find("type");
            if (!name || !name->is_text() || !is_name_part(name->as_text()) || !field_type)
                return wrong(fmt::format("a field of '{}' lacks its name or type", made->name));
            if (!seen.emplace(name->as_text()).second)
                return wrong(fmt::format("'{}' has two fields '{}'", made->name, name->as_text()));
            Field read{
                .name = std::string(name->as_text()), .key = *name, .default_value = std::nullopt};
            read.type = HW_TRY(type(*field_type, namespace_of(made->name)));
            if (const Datum* value = field.find("default")) read.default_value = *value;
            made->fields.push_back(std::move(read));
        }
        return made;
    }

    Result<const Type*> enumeration(const Datum& json, const std::string& space) {
        Type* made = HW_TRY(define(Kind::enum_, json, space));
        const Datum* symbols = json.find("symbols");
        if (!symbols || !symbols->is_array() || symbols->items().empty())
            return wrong(fmt::format("the enum '{}' has no array 'symbols'", made->name));
        for (const auto& symbol : symbols->items()) {
            if (!symbol.is_text() || !is_name_part(symbol.as_text()))
                return wrong(
                    fmt::format("the symbol {} of '{}' is no name", to_json(symbol), made->name));
            if (std::ranges::find(made->symbols, symbol.as_text()) != made->symbols.end())
                return wrong(
                    fmt::format("'{}' has two symbols '{}'", made->name, symbol.as_text()));
            made->symbols.emplace_back(symbol.as_text());
        }
        return made;
    }

    Result<const Type*> fixed(const Datum& json, const std::string& space) {
        Type* made = HW_TRY(define(Kind::fixed, json, space));
        const Datum* size = json.find("size");
        if (!size || size->kind() != sql::Kind::int64 || size->as_integer() < 0)
            return wrong(fmt::format("the size of '{}' is no whole number", made->name));
        made->size = static_cast<size_t>(size->as_integer());
        return made;
    }

    Result<const Type*> container(Kind kind, const Datum& json, std::string_view member,
                                  const std::string& space) {
        const Datum* items = json.find(member);
        if (!items) return wrong(fmt::format("an {} has no '{}'", to_string(kind), member));
        Type* made = make(kind);
        made->items = HW_TRY(type(*items, space));
        return made;
    }

    Result<const Type*> union_of(const Datum& json, const std::string& space) {
        Type* made = make(Kind::union_);
        std::set<std::string> seen;
        for (const auto& item : json.items()) {
            const Type* branch = HW_TRY(type(item, space));
            if (branch->kind == Kind::union_) return wrong("a union within a union");
            const auto key =
                branch->name.empty() ? std::string(to_string(branch->kind)) : branch->name;
            if (!seen.insert(key).second) return wrong(fmt::format("a union has '{}' twice", key));
            made->branches.push_back(branch);
        }
        if (made->branches.empty()) return wrong("a union of nothing");
        return made;
    }

    Types types_;
    std::map<std::string, const Type*, std::less<>> names_;
};

}  // namespace

std::string_view to_string(Kind kind) {
    constexpr std::array<std::string_view, 6> others = {"record", "enum",  "array",
                                                        "map",    "union", "fixed"};
    const auto index = static_cast<size_t>(kind);
    return index < primitives.size() ? primitives[index] : others[index - primitives.size()];
}

Result<Types> read_types(std::string_view json) {
    // A name alone is a schema too, also without JSON's quotes.
    if (std::ranges::find(primitives, json) != primitives.end())
        return TypeReader().read(Datum::text(json));
    JsonReader reader;
    const Datum schema = HW_TRY(reader.read(json));
    return TypeReader().read(schema);
}

}  // namespace hw::sql::avro
