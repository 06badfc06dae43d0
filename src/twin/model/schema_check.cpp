#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/config.h"
#include "base/time.h"
#include "model/point_path.h"
#include "sql/json.h"
#include "twin/model/geojson.h"
#include "twin/model/iso_time.h"
#include "twin/model/schema.h"

namespace hw::twin {

namespace {

using sql::Datum;
using sql::Kind;

constexpr size_t shown_limit = 60;

std::string shown(const Datum& value) {
    switch (value.kind()) {
        case Kind::null:
            return "null";
        case Kind::text: {
            std::string text = model::printable(value.as_text().substr(0, shown_limit));
            if (value.as_text().size() > shown_limit) text += "...";
            return fmt::format("the text '{}'", text);
        }
        case Kind::array:
            return "an array";
        case Kind::object:
            return "an object";
        case Kind::bytes:
            return "bytes";
        default: {
            std::string text;
            sql::append_plain(text, value);
            return text;
        }
    }
}

// Where a value stands within the one that is checked; on the stack, made a text on error only.
struct Step {
    const Step* parent = nullptr;
    std::string_view key = {};
    size_t index = 0;

    void append(std::string& out) const {
        if (parent == nullptr) return;
        parent->append(out);
        out += '/';
        if (key.data() == nullptr) {
            out += std::to_string(index);
            return;
        }
        for (const char c : key.substr(0, 200))
            out += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
    }
};

std::unexpected<Error> refuse(const Step& step, std::string text) {
    std::string path;
    step.append(path);
    if (!path.empty()) text = fmt::format("{}: {}", model::printable(path), text);
    return fail(ErrorCode::invalid_argument, std::move(text));
}

std::unexpected<Error> expected(const Step& step, std::string_view what, const Datum& value) {
    return refuse(step, fmt::format("expected {}, found {}", what, shown(value)));
}

Result<Datum> check(const Schema& schema, const Datum& value, const Step& step);

Result<Datum> check_real(const Schema& schema, const Datum& value, const Step& step) {
    const std::string_view what =
        schema.kind == SchemaKind::float32 ? "a number (float)" : "a number (double)";
    if (!value.is_number()) return expected(step, what, value);
    const double number = value.as_number();
    if (!std::isfinite(number)) return expected(step, what, value);
    if (schema.kind == SchemaKind::float32 &&
        std::abs(number) > static_cast<double>(std::numeric_limits<float>::max()))
        return refuse(
            step, fmt::format("{} is beyond the range of a float (3.4028235e38)", shown(value)));
    return Datum::real(number);
}

Result<Datum> check_whole(const Schema& schema, const Datum& value, const Step& step) {
    const bool small = schema.kind == SchemaKind::int32;
    const std::string_view what = small ? "a whole number (integer)" : "a whole number (long)";
    constexpr double top = 9'223'372'036'854'775'808.0;  // 2^63
    int64_t number = 0;
    if (value.kind() == Kind::int64) {
        number = value.as_integer();
    } else if (value.kind() == Kind::float64 && value.as_real() == std::trunc(value.as_real()) &&
               value.as_real() >= -top && value.as_real() < top) {
        number = static_cast<int64_t>(value.as_real());
    } else {
        return expected(step, what, value);
    }
    if (small && (number < std::numeric_limits<int32_t>::min() ||
                  number > std::numeric_limits<int32_t>::max()))
        return refuse(step, fmt::format("{} is beyond the range of an integer (4 bytes: "
                                        "-2147483648 to 2147483647); the schema long is wider",
                                        number));
    return Datum::integer(number);
}

Result<Datum> check_text(const Schema& schema, const Datum& value, const Step& step) {
    if (schema.kind == SchemaKind::date_time && value.kind() == Kind::time)
        return Datum::text(format_rfc3339(value.as_time()));
    std::string_view what = "a text (string)";
    bool good = value.is_text();
    switch (schema.kind) {
        case SchemaKind::date:
            what = "a date such as \"2026-03-01\"";
            good = good && is_full_date(value.as_text());
            break;
        case SchemaKind::date_time:
            what = "a time such as \"2026-03-01T12:00:00Z\" (dateTime)";
            good = good && is_date_time(value.as_text());
            break;
        case SchemaKind::duration:
            what = "an ISO 8601 duration such as \"PT10M\"";
            good = good && is_iso_duration(value.as_text());
            break;
        case SchemaKind::time:
            what = "a time of day with its zone, such as \"12:00:00Z\"";
            good = good && is_full_time(value.as_text());
            break;
        default:
            break;
    }
    if (!good) return expected(step, what, value);
    return value;
}

Result<Datum> check_enum(const Schema& schema, const Datum& value, const Step& step) {
    for (const auto& one : schema.enum_values)
        if (one.value == value) return one.value;
    if (value.is_text())
        for (const auto& one : schema.enum_values)
            if (one.name == value.as_text()) return one.value;
    std::string all;
    constexpr size_t most = 20;
    for (size_t i = 0; i < std::min(most, schema.enum_values.size()); ++i) {
        const auto& one = schema.enum_values[i];
        if (!all.empty()) all += ", ";
        all += one.name;
        if (one.value.kind() == Kind::int64) all += fmt::format(" ({})", one.value.as_integer());
    }
    if (schema.enum_values.size() > most) all += ", ...";
    if (all.empty()) return refuse(step, "the enumeration has no values at all");
    return expected(step, fmt::format("one of {}", all), value);
}

Result<Datum> check_array(const Schema& schema, const Datum& value, const Step& step) {
    if (!value.is_array()) return expected(step, "an array", value);
    Datum::Items items;
    items.reserve(value.items().size());
    for (const auto& item : value.items()) {
        const Step inside{&step, {}, items.size()};
        items.push_back(HW_TRY(check(*schema.element, item, inside)));
    }
    return Datum::array(std::move(items));
}

Result<Datum> check_map(const Schema& schema, const Datum& value, const Step& step) {
    if (!value.is_object()) return expected(step, "an object (map)", value);
    Datum::Members members;
    members.reserve(value.members().size());
    for (const auto& member : value.members()) {
        const Step inside{&step, member.key.as_text(), 0};
        Datum checked = HW_TRY(check(*schema.element, member.value, inside));
        members.push_back({member.key, std::move(checked)});
    }
    return Datum::object(std::move(members));
}

Result<Datum> check_object(const Schema& schema, const Datum& value, const Step& step) {
    if (!value.is_object()) return expected(step, "an object", value);
    Datum::Members members;
    members.reserve(value.members().size());
    for (const auto& member : value.members()) {
        const std::string_view name = member.key.as_text();
        const auto field = std::ranges::find(schema.fields, name, &SchemaField::name);
        const Step inside{&step, name, 0};
        if (field == schema.fields.end()) {
            std::vector<std::string> names;
            for (const auto& one : schema.fields)
                names.push_back(one.name);
            const auto close = nearest(name, names);
            return refuse(inside, close ? fmt::format("the object has no such field; did you mean "
                                                      "'{}'?",
                                                      *close)
                                        : std::string("the object has no such field"));
        }
        Datum checked = HW_TRY(check(*field->schema, member.value, inside));
        members.push_back({member.key, std::move(checked)});
    }
    return Datum::object(std::move(members));
}

Result<Datum> check_geometry(const Schema& schema, const Datum& value, const Step& step) {
    auto checked = check_geojson(schema.kind, value);
    if (!checked) return refuse(step, checked.error().text());
    return value;
}

Result<Datum> check(const Schema& schema, const Datum& value, const Step& step) {
    switch (schema.kind) {
        case SchemaKind::boolean:
            if (value.kind() != Kind::boolean) return expected(step, "true or false", value);
            return value;
        case SchemaKind::float32:
        case SchemaKind::float64:
            return check_real(schema, value, step);
        case SchemaKind::int32:
        case SchemaKind::int64:
            return check_whole(schema, value, step);
        case SchemaKind::array:
            return check_array(schema, value, step);
        case SchemaKind::enumeration:
            return check_enum(schema, value, step);
        case SchemaKind::map:
            return check_map(schema, value, step);
        case SchemaKind::object:
            return check_object(schema, value, step);
        case SchemaKind::date:
        case SchemaKind::date_time:
        case SchemaKind::duration:
        case SchemaKind::time:
        case SchemaKind::string:
            return check_text(schema, value, step);
        default:
            return check_geometry(schema, value, step);
    }
}

}  // namespace

std::string_view to_string(SchemaKind kind) {
    constexpr std::string_view names[] = {"boolean",    "date",
                                          "dateTime",   "duration",
                                          "time",       "float",
                                          "double",     "integer",
                                          "long",       "string",
                                          "point",      "multiPoint",
                                          "lineString", "multiLineString",
                                          "polygon",    "multiPolygon",
                                          "Array",      "Enum",
                                          "Map",        "Object"};
    return names[static_cast<size_t>(kind)];
}

Result<Datum> check_value(const Schema& schema, const Datum& value) {
    return check(schema, value, Step{});
}

}  // namespace hw::twin
