#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hw::sql::geohash {

// A place's cell as interleaved bits, longitude first (Niemeyer, 2008). Degrees, WGS 84.
struct Cell {
    uint64_t bits = 0;   // the lowest `size` bits
    unsigned size = 64;  // 5 for each letter of a text, at most 60; or 64

    friend bool operator==(const Cell&, const Cell&) = default;
};

struct Box {
    double south = 0, north = 0, west = 0, east = 0;
};

struct Place {
    double latitude = 0, longitude = 0;
};

// size at most 64. Latitude within ±90, longitude within ±180: the caller's duty.
Cell encode(Place place, unsigned size);
std::string to_text(Cell cell);  // size is a multiple of 5
// 1 to 12 letters, lower case; nothing for other letters.
std::optional<Cell> from_text(std::string_view text);

Box box(Cell cell);
// The place within the box that has the fewest decimals.
Place center(Cell cell);

// In the order of neighbors(): north, north-east, and on clockwise.
enum class Direction : uint8_t { n, ne, e, se, s, sw, w, nw };
// Around the date line it goes on at the other side; beyond a pole it does so too.
Cell neighbor(Cell cell, Direction direction);
std::array<Cell, 8> neighbors(Cell cell);

}  // namespace hw::sql::geohash
