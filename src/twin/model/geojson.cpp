#include "twin/model/geojson.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace hw::twin {

namespace {

using sql::Datum;

struct Geometry {
    SchemaKind kind;
    std::string_view type;
    int depth;      // arrays around a position
    size_t fewest;  // positions in the innermost of them
    bool rings;
};

constexpr Geometry geometries[] = {
    {SchemaKind::point, "Point", 0, 0, false},
    {SchemaKind::multi_point, "MultiPoint", 1, 0, false},
    {SchemaKind::line_string, "LineString", 1, 2, false},
    {SchemaKind::multi_line_string, "MultiLineString", 2, 2, false},
    {SchemaKind::polygon, "Polygon", 2, 4, true},
    {SchemaKind::multi_polygon, "MultiPolygon", 3, 4, true},
};

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

// RFC 7946, 3.1.1: longitude, latitude, altitude; more are allowed and not meant to be.
Result<void> check_position(const Datum& value) {
    const bool good = value.is_array() && value.items().size() >= 2;
    if (good) {
        bool numbers = true;
        for (const auto& one : value.items())
            numbers = numbers && one.is_number() && std::isfinite(one.as_number());
        if (numbers) return {};
    }
    return refuse("expected a position such as [longitude, latitude] in \"coordinates\"");
}

Result<void> check_level(const Geometry& geometry, const Datum& value, int depth) {
    if (depth == 0) return check_position(value);
    if (!value.is_array())
        return refuse(fmt::format("\"coordinates\" of a {} must be {} arrays around its positions",
                                  geometry.type, geometry.depth));
    for (const auto& one : value.items())
        HW_TRY(check_level(geometry, one, depth - 1));
    if (depth > 1) return {};
    if (value.items().size() < geometry.fewest)
        return refuse(fmt::format("a {} of a {} needs at least {} positions, found {}",
                                  geometry.rings ? "ring" : "line", geometry.type, geometry.fewest,
                                  value.items().size()));
    if (geometry.rings && !(value.items().front() == value.items().back()))
        return refuse(
            fmt::format("a ring of a {} must end with the position it begins with", geometry.type));
    return {};
}

}  // namespace

Result<void> check_geojson(SchemaKind kind, const Datum& value) {
    for (const auto& geometry : geometries) {
        if (geometry.kind != kind) continue;
        const Datum* type = value.find("type");
        const Datum* coordinates = value.find("coordinates");
        if (type == nullptr || !type->is_text() || type->as_text() != geometry.type ||
            coordinates == nullptr)
            return refuse(fmt::format(
                "expected GeoJSON: {{\"type\": \"{}\", \"coordinates\": [...]}}", geometry.type));
        return check_level(geometry, *coordinates, geometry.depth);
    }
    return refuse("the schema is not geospatial");
}

}  // namespace hw::twin
