#include "sql/batch/result_type.h"

#include <fmt/format.h>

#include <array>

#include "sql/batch/handles.h"

namespace hw::sql::batch {

using duck::TypeId;

namespace {

void read_members(const duck::Api& api, duck::LogicalType type, ResultType& out) {
    const bool tagged = out.id == TypeId::tagged_union;
    const uint64_t count =
        tagged ? api.union_type_member_count(type) : api.struct_type_child_count(type);
    for (uint64_t i = 0; i < count; ++i) {
        std::string name = duck::taken_text(api, tagged ? api.union_type_member_name(type, i)
                                                        : api.struct_type_child_name(type, i));
        const duck::OwnedType member(api, tagged ? api.union_type_member_type(type, i)
                                                 : api.struct_type_child_type(type, i));
        out.within.push_back(result_type(api, member.get(), std::move(name)));
    }
}

void read_element(const duck::Api& api, duck::LogicalType element, ResultType& out) {
    const duck::OwnedType owned(api, element);
    out.within.push_back(result_type(api, owned.get(), ""));
}

constexpr size_t words_limit = 65'536;

void read_words(const duck::Api& api, duck::LogicalType type, ResultType& out) {
    out.stored = api.enum_internal_type(type);
    const uint64_t count = std::min<uint64_t>(api.enum_dictionary_size(type), words_limit);
    for (uint64_t i = 0; i < count; ++i)
        out.words.push_back(duck::taken_text(api, api.enum_dictionary_value(type, i)));
}

// By number; what is not among them has no writer here.
constexpr std::array<std::string_view, 40> names = {
    "",
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "FLOAT",
    "DOUBLE",
    "TIMESTAMP",
    "DATE",
    "TIME",
    "INTERVAL",
    "HUGEINT",
    "VARCHAR",
    "BLOB",
    "DECIMAL",
    "TIMESTAMP_S",
    "TIMESTAMP_MS",
    "TIMESTAMP_NS",
    "ENUM",
    "LIST",
    "STRUCT",
    "MAP",
    "UUID",
    "UNION",
    "BIT",
    "TIME WITH TIME ZONE",
    "TIMESTAMP WITH TIME ZONE",
    "UHUGEINT",
    "ARRAY",
    "ANY",
    "BIGNUM",
    "NULL",
    "",
    "",
    "TIME_NS",
};

std::string_view plain_name(TypeId id) {
    const auto index = static_cast<size_t>(id);
    return index < names.size() && !names[index].empty() ? names[index] : "UNKNOWN";
}

std::string members_text(const ResultType& type) {
    std::string out;
    for (const ResultType& member : type.within)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", member.name, type_text(member));
    return out;
}

}  // namespace

ResultType result_type(const duck::Api& api, duck::LogicalType type, std::string name) {
    ResultType out;
    out.id = api.get_type_id(type);
    out.name = std::move(name);
    switch (out.id) {
        case TypeId::varchar:
            out.json = duck::taken_text(api, api.logical_type_get_alias(type)) == "JSON";
            break;
        case TypeId::decimal:
            out.width = api.decimal_width(type);
            out.scale = api.decimal_scale(type);
            out.stored = api.decimal_internal_type(type);
            break;
        case TypeId::enumeration:
            read_words(api, type, out);
            break;
        case TypeId::list:
            read_element(api, api.list_type_child_type(type), out);
            break;
        case TypeId::array:
            out.array_size = api.array_type_array_size(type);
            read_element(api, api.array_type_child_type(type), out);
            break;
        case TypeId::map:
            read_element(api, api.map_type_key_type(type), out);
            read_element(api, api.map_type_value_type(type), out);
            break;
        case TypeId::structure:
        case TypeId::tagged_union:
            read_members(api, type, out);
            break;
        default:
            break;
    }
    return out;
}

std::string type_text(const ResultType& type) {
    switch (type.id) {
        case TypeId::varchar:
            return type.json ? "JSON" : "VARCHAR";
        case TypeId::decimal:
            return fmt::format("DECIMAL({},{})", type.width, type.scale);
        case TypeId::list:
            return type_text(type.within[0]) + "[]";
        case TypeId::array:
            return fmt::format("{}[{}]", type_text(type.within[0]), type.array_size);
        case TypeId::map:
            return fmt::format("MAP({}, {})", type_text(type.within[0]), type_text(type.within[1]));
        case TypeId::structure:
        case TypeId::tagged_union:
            return fmt::format("{}({})", plain_name(type.id), members_text(type));
        default:
            return std::string(plain_name(type.id));
    }
}

bool is_number(const ResultType& type) {
    return (type.id >= TypeId::tinyint && type.id <= TypeId::double_precision) ||
           type.id == TypeId::hugeint || type.id == TypeId::uhugeint || type.id == TypeId::decimal;
}

std::string unknown_type(const ResultType& type) {
    if (plain_name(type.id) == "UNKNOWN" || type.id == TypeId::bignum || type.id == TypeId::any)
        return fmt::format("{} (type {})", type_text(type), static_cast<int>(type.id));
    for (const ResultType& inner : type.within)
        if (auto text = unknown_type(inner); !text.empty()) return text;
    return "";
}

}  // namespace hw::sql::batch
