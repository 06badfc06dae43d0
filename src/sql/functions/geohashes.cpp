#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <optional>

#include "sql/functions/functions.h"
#include "sql/functions/geohash.h"
#include "sql/functions/take.h"

namespace hw::sql {

namespace {

using geohash::Cell;

constexpr unsigned text_bits = 60;
constexpr unsigned integer_bits = 64;

std::optional<geohash::Place> place_argument(Take& take) {
    const geohash::Place place{take.number(0), take.number(1)};
    if (!take.ok()) return std::nullopt;
    if (std::abs(place.latitude) <= 90 && std::abs(place.longitude) <= 180) return place;
    take.fail(fmt::format("latitude {} and longitude {} are not within 90 and 180 degrees",
                          place.latitude, place.longitude));
    return std::nullopt;
}

// eKuiper's are unsigned: those of the eastern half are negative here, or a float that JSON's
// reader made of them.
std::optional<Cell> integer_argument(Take& take) {
    const Datum& value = take.any(0);
    if (value.kind() == Kind::float64) {
        const double number = value.as_real();
        if (number >= 0 && number < 18'446'744'073'709'551'616.0 && std::trunc(number) == number)
            return Cell{static_cast<uint64_t>(number), integer_bits};
    }
    const int64_t number = take.integer(0);
    if (!take.ok()) return std::nullopt;
    return Cell{static_cast<uint64_t>(number), integer_bits};
}

std::optional<Cell> text_argument(Take& take) {
    const auto text = take.text(0);
    if (!take.ok()) return std::nullopt;
    auto cell = geohash::from_text(text);
    if (!cell) take.fail(fmt::format("'{}' is no geohash of 1 to 12 letters", text.substr(0, 32)));
    return cell;
}

std::optional<geohash::Direction> direction_argument(Take& take) {
    static constexpr std::string_view names[] = {"North", "NorthEast", "East", "SouthEast",
                                                 "South", "SouthWest", "West", "NorthWest"};
    const auto name = take.text(1);
    if (!take.ok()) return std::nullopt;
    for (size_t i = 0; i < std::size(names); ++i)
        if (names[i] == name) return static_cast<geohash::Direction>(i);
    take.fail(
        fmt::format("the direction '{}' is none of North, NorthEast, East, SouthEast, South, "
                    "SouthWest, West, NorthWest",
                    name.substr(0, 32)));
    return std::nullopt;
}

Datum text_of(Cell cell) {
    return Datum::text(geohash::to_text(cell));
}

Datum integer_of(Cell cell) {
    return Datum::integer(std::bit_cast<int64_t>(cell.bits));
}

Datum place_of(Cell cell) {
    const auto place = geohash::center(cell);
    return Datum::object({{Datum::text("Longitude"), Datum::real(place.longitude)},
                          {Datum::text("Latitude"), Datum::real(place.latitude)}});
}

Datum box_of(Cell cell) {
    const auto box = geohash::box(cell);
    return Datum::object({{Datum::text("MinLat"), Datum::real(box.south)},
                          {Datum::text("MaxLat"), Datum::real(box.north)},
                          {Datum::text("MinLng"), Datum::real(box.west)},
                          {Datum::text("MaxLng"), Datum::real(box.east)}});
}

Datum neighbors_of(Cell cell, Datum (*shown)(Cell)) {
    Datum::Items items;
    for (const Cell& around : geohash::neighbors(cell))
        items.push_back(shown(around));
    return Datum::array(std::move(items));
}

Datum encode_text(Arguments arguments, CallContext& context) {
    Take take("geohashEncode", arguments, context);
    const auto place = place_argument(take);
    return place ? text_of(geohash::encode(*place, text_bits)) : Datum();
}

Datum encode_integer(Arguments arguments, CallContext& context) {
    Take take("geohashEncodeInt", arguments, context);
    const auto place = place_argument(take);
    return place ? integer_of(geohash::encode(*place, integer_bits)) : Datum();
}

Datum decode_text(Arguments arguments, CallContext& context) {
    Take take("geohashDecode", arguments, context);
    const auto cell = text_argument(take);
    return cell ? place_of(*cell) : Datum();
}

Datum decode_integer(Arguments arguments, CallContext& context) {
    Take take("geohashDecodeInt", arguments, context);
    const auto cell = integer_argument(take);
    return cell ? place_of(*cell) : Datum();
}

Datum box_text(Arguments arguments, CallContext& context) {
    Take take("geohashBoundingBox", arguments, context);
    const auto cell = text_argument(take);
    return cell ? box_of(*cell) : Datum();
}

Datum box_integer(Arguments arguments, CallContext& context) {
    Take take("geohashBoundingBoxInt", arguments, context);
    const auto cell = integer_argument(take);
    return cell ? box_of(*cell) : Datum();
}

Datum neighbor_text(Arguments arguments, CallContext& context) {
    Take take("geohashNeighbor", arguments, context);
    const auto cell = text_argument(take);
    const auto direction = direction_argument(take);
    return cell && direction ? text_of(geohash::neighbor(*cell, *direction)) : Datum();
}

Datum neighbor_integer(Arguments arguments, CallContext& context) {
    Take take("geohashNeighborInt", arguments, context);
    const auto cell = integer_argument(take);
    const auto direction = direction_argument(take);
    return cell && direction ? integer_of(geohash::neighbor(*cell, *direction)) : Datum();
}

Datum neighbors_text(Arguments arguments, CallContext& context) {
    Take take("geohashNeighbors", arguments, context);
    const auto cell = text_argument(take);
    return cell ? neighbors_of(*cell, text_of) : Datum();
}

Datum neighbors_integer(Arguments arguments, CallContext& context) {
    Take take("geohashNeighborsInt", arguments, context);
    const auto cell = integer_argument(take);
    return cell ? neighbors_of(*cell, integer_of) : Datum();
}

constexpr Function functions[] = {
    {.name = "geohashencode",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashencode(latitude, longitude)",
     .help = "The geohash of 12 letters of a place in degrees.",
     .example = "geohashEncode(-25.345457, 131.036192)",
     .example_result = "\"qgmpvf18h86e\"",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = encode_text},
    {.name = "geohashencodeint",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashencodeint(latitude, longitude)",
     .help = "The geohash of 64 bits of a place in degrees; as int it is negative in the east.",
     .example = "geohashEncodeInt(-25.345457, 131.036192)",
     .example_result = "-5483310975765312299",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = encode_integer},
    {.name = "geohashdecode",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashdecode(hash)",
     .help = "The place of a geohash in degrees, with the decimals that it makes sure of.",
     .example = "geohashDecode('ww8p1r4t8')",
     .example_result = "{\"Longitude\":112.55837,\"Latitude\":37.83237}",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = decode_text},
    {.name = "geohashdecodeint",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashdecodeint(hash)",
     .help = "The place of a geohash of 64 bits in degrees.",
     .example = "geohashDecodeInt(-1786082391174734064)",
     .example_result = "{\"Longitude\":120.54999993,\"Latitude\":38.10999999}",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = decode_integer},
    {.name = "geohashboundingbox",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashboundingbox(hash)",
     .help = "The bounds of a geohash in degrees.",
     .example = "geohashBoundingBox('qgmpvf18h86e')",
     .example_result = "{\"MinLat\":-25.345457140356302,\"MaxLat\":-25.34545697271824,\"MinLng\":"
                       "131.03619195520878,\"MaxLng\":131.0361922904849}",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = box_text},
    {.name = "geohashboundingboxint",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashboundingboxint(hash)",
     .help = "The bounds of a geohash of 64 bits in degrees.",
     .example = "geohashBoundingBoxInt(-1786082391174734064)",
     .example_result = "{\"MinLat\":38.10999998822808,\"MaxLat\":38.1100000301376,\"MinLng\":"
                       "120.54999992251396,\"MaxLng\":120.550000006333}",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = box_integer},
    {.name = "geohashneighbor",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashneighbor(hash, direction)",
     .help = "The geohash beside, in the direction North, NorthEast, East, SouthEast, South, "
             "SouthWest, West or NorthWest.",
     .example = "geohashNeighbor('qgmpvf18h86e', 'North')",
     .example_result = "\"qgmpvf18h86s\"",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = neighbor_text},
    {.name = "geohashneighborint",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashneighborint(hash, direction)",
     .help = "As geohashneighbor, of a geohash of 64 bits.",
     .example = "geohashNeighborInt(-1786082391174734064, 'North')",
     .example_result = "-1786082391174734063",
     .least_arguments = 2,
     .most_arguments = 2,
     .scalar = neighbor_integer},
    {.name = "geohashneighbors",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashneighbors(hash)",
     .help = "The eight geohashes around, from the north clockwise.",
     .example = "geohashNeighbors('wwv8z1tyfdgj')",
     .example_result = "[\"wwv8z1tyfdgn\",\"wwv8z1tyfdgq\",\"wwv8z1tyfdgm\",\"wwv8z1tyfdgk\","
                       "\"wwv8z1tyfdgh\",\"wwv8z1tyfdfu\",\"wwv8z1tyfdfv\",\"wwv8z1tyfdfy\"]",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = neighbors_text},
    {.name = "geohashneighborsint",
     .group = "geo",
     .origin = "eKuiper",
     .signature = "geohashneighborsint(hash)",
     .help = "As geohashneighbors, of a geohash of 64 bits.",
     .example = "first(geohashNeighborsInt(-1786082391174734064))",
     .example_result = "-1786082391174734063",
     .least_arguments = 1,
     .most_arguments = 1,
     .scalar = neighbors_integer},
};

}  // namespace

std::span<const Function> geo_functions() {
    return functions;
}

}  // namespace hw::sql
