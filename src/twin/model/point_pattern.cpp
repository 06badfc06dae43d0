#include "twin/model/point_pattern.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/decimal.h"
#include "model/point_path.h"
#include "sql/json.h"
#include "twin/model/interface.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr std::string_view places =
    "${id}, ${id[0]}, ${parent}, ${path}, ${name} and ${property:x}";

struct Place {
    enum class Kind : uint8_t { id, level, parent, path, name, property };
    Kind kind = Kind::id;
    size_t level = 0;
    std::string_view property;
};

std::unexpected<Error> refuse(std::string_view pattern, std::string_view why) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("the point pattern '{}' {}", model::printable(pattern.substr(0, 200)), why));
}

std::optional<Place> place_of(std::string_view word) {
    if (word == "id") return Place{Place::Kind::id, 0, {}};
    if (word == "parent") return Place{Place::Kind::parent, 0, {}};
    if (word == "path") return Place{Place::Kind::path, 0, {}};
    if (word == "name") return Place{Place::Kind::name, 0, {}};
    constexpr std::string_view property = "property:";
    if (word.starts_with(property) && word.size() > property.size())
        return Place{Place::Kind::property, 0, word.substr(property.size())};
    if (!word.starts_with("id[") || !word.ends_with(']')) return std::nullopt;
    const std::string_view digits = word.substr(3, word.size() - 4);
    const Decimal number = scan_decimal(digits);
    if (digits.empty() || !decimal::is_digit(digits.front()) || number.length != digits.size() ||
        number.kind != Decimal::Kind::integer)
        return std::nullopt;
    return Place{Place::Kind::level, static_cast<size_t>(number.integer), {}};
}

// Literal texts and places, in order. `visit` gets one or the other.
template <class Literal, class Visit>
Result<void> walk(std::string_view pattern, const Literal& literal, const Visit& visit) {
    for (size_t at = 0; at < pattern.size();) {
        const size_t open = pattern.find("${", at);
        literal(pattern.substr(at, open - at));
        if (open == std::string_view::npos) break;
        const size_t close = pattern.find('}', open);
        if (close == std::string_view::npos) return refuse(pattern, "has a '${' without its '}'");
        const std::string_view word = pattern.substr(open + 2, close - open - 2);
        const auto place = place_of(word);
        if (!place)
            return refuse(pattern, fmt::format("has the unknown place '${{{}}}'; there are {}",
                                               model::printable(word.substr(0, 100)), places));
        HW_TRY(visit(*place));
        at = close + 1;
    }
    return {};
}

std::optional<std::string_view> level_of(std::string_view id, size_t level) {
    size_t at = 0;
    for (; level > 0; --level) {
        at = id.find('/', at);
        if (at == std::string_view::npos) return std::nullopt;
        ++at;
    }
    return id.substr(at, id.find('/', at) - at);
}

// A property of the twin itself or, with '/', of a component.
const Datum* property_of(const Datum& properties, std::string_view path) {
    const Datum* at = &properties;
    while (at != nullptr) {
        const size_t slash = path.find('/');
        at = at->find(path.substr(0, slash));
        if (slash == std::string_view::npos) break;
        path.remove_prefix(slash + 1);
    }
    return at;
}

Result<void> append_property(std::string& out, std::string_view pattern, std::string_view twin_id,
                             std::string_view name, const Datum& properties) {
    const Datum* found = property_of(properties, name);
    if (found == nullptr || found->is_null())
        return refuse(pattern,
                      fmt::format("needs the property '{}', which the twin '{}' does not have; set "
                                  "it or bind the point",
                                  model::printable(name.substr(0, 100)),
                                  model::printable(twin_id.substr(0, 200))));
    if (found->is_object() || found->is_array())
        return refuse(pattern, fmt::format("needs one text or number in the property '{}'",
                                           model::printable(name.substr(0, 100))));
    sql::append_plain(out, *found);
    return {};
}

Result<void> append_place(std::string& out, std::string_view pattern, const Place& place,
                          std::string_view twin_id, std::string_view path,
                          const Datum& properties) {
    const size_t last = twin_id.rfind('/');
    switch (place.kind) {
        case Place::Kind::id:
            out += twin_id;
            return {};
        case Place::Kind::path:
            out += path;
            return {};
        case Place::Kind::name:
            out += path.substr(path.rfind('/') + 1);
            return {};
        case Place::Kind::parent:
            if (last == std::string_view::npos)
                return refuse(pattern,
                              fmt::format("needs a parent, and the id '{}' has one level only",
                                          model::printable(twin_id.substr(0, 200))));
            out += twin_id.substr(0, last);
            return {};
        case Place::Kind::level: {
            const auto level = level_of(twin_id, place.level);
            if (!level)
                return refuse(pattern,
                              fmt::format("needs level {}, and the id '{}' has fewer", place.level,
                                          model::printable(twin_id.substr(0, 200))));
            out += *level;
            return {};
        }
        case Place::Kind::property:
            return append_property(out, pattern, twin_id, place.property, properties);
    }
    return {};
}

}  // namespace

Result<void> check_point_pattern(std::string_view pattern) {
    if (pattern.empty()) return refuse(pattern, "is empty");
    bool odd = false;
    HW_TRY(walk(
        pattern,
        [&](std::string_view literal) {
            odd = odd || literal.find_first_of(std::string_view("+#\0", 3)) != literal.npos ||
                  !model::is_utf8(literal);
        },
        [](const Place&) { return Result<void>{}; }));
    if (odd) return refuse(pattern, "has a '+', '#' or other character that no point may have");
    return {};
}

Result<std::string> point_of(std::string_view pattern, std::string_view twin_id,
                             std::string_view path, const Datum& fixed_properties) {
    if (pattern.empty()) pattern = "${id}/${path}";
    std::string point;
    HW_TRY(walk(
        pattern, [&](std::string_view literal) { point += literal; },
        [&](const Place& place) {
            return append_place(point, pattern, place, twin_id, path, fixed_properties);
        }));
    auto checked = model::check_point_path(point);
    if (!checked) return fail(checked.error().within("the point of a twin's slot"));
    return point;
}

}  // namespace hw::twin
