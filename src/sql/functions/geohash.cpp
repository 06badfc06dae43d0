#include "sql/functions/geohash.h"

#include <cmath>

#include "base/assert.h"

namespace hw::sql::geohash {

namespace {

constexpr std::string_view letters = "0123456789bcdefghjkmnpqrstuvwxyz";

// Every second bit apart: bit i goes to bit 2i.
uint64_t spread(uint32_t value) {
    uint64_t x = value;
    x = (x | (x << 16)) & 0x0000ffff0000ffff;
    x = (x | (x << 8)) & 0x00ff00ff00ff00ff;
    x = (x | (x << 4)) & 0x0f0f0f0f0f0f0f0f;
    x = (x | (x << 2)) & 0x3333333333333333;
    return (x | (x << 1)) & 0x5555555555555555;
}

uint32_t squash(uint64_t x) {
    x &= 0x5555555555555555;
    x = (x | (x >> 1)) & 0x3333333333333333;
    x = (x | (x >> 2)) & 0x0f0f0f0f0f0f0f0f;
    x = (x | (x >> 4)) & 0x00ff00ff00ff00ff;
    x = (x | (x >> 8)) & 0x0000ffff0000ffff;
    return static_cast<uint32_t>(x | (x >> 16));
}

// Where within -range to range, as a 32 bit fraction.
uint32_t fraction(double value, double range) {
    const double scaled = (value + range) / (2 * range) * 4'294'967'296.0;
    return scaled >= 4'294'967'295.0 ? 0xffffffff : static_cast<uint32_t>(scaled);
}

double value_of(uint32_t fraction, double range) {
    return fraction / 4'294'967'296.0 * 2 * range - range;
}

// Longitude has the first bit, and one more where the size is odd.
struct Halves {
    uint32_t latitude = 0, longitude = 0;
    unsigned latitude_bits = 0, longitude_bits = 0;
};

Halves halves(Cell cell) {
    HW_ASSERT(cell.size >= 1 && cell.size <= 64);
    // As if of 64 bits: then latitude is at the even places.
    const uint64_t whole = cell.bits << (64 - cell.size);
    const unsigned latitude_bits = cell.size / 2;
    const unsigned longitude_bits = cell.size - latitude_bits;
    return {squash(whole), squash(whole >> 1), latitude_bits, longitude_bits};
}

Cell join(uint32_t latitude, uint32_t longitude, unsigned size) {
    const uint64_t whole = spread(latitude) | (spread(longitude) << 1);
    return {whole >> (64 - size), size};
}

uint32_t unit(unsigned bits) {
    return bits == 0 ? 0 : uint32_t{1} << (32 - bits);
}

double size_of(unsigned bits, double range) {
    return std::ldexp(2 * range, -static_cast<int>(bits));
}

// Rounded to as many decimals as the cell's size makes sure of.
double rounded(double from, double size) {
    const double decimals = std::pow(10, std::ceil(-std::log10(size)));
    return std::ceil(from * decimals) / decimals;
}

}  // namespace

Cell encode(Place place, unsigned size) {
    return join(fraction(place.latitude, 90), fraction(place.longitude, 180), size);
}

std::string to_text(Cell cell) {
    HW_ASSERT(cell.size % 5 == 0);
    std::string text;
    for (unsigned shift = cell.size; shift > 0; shift -= 5)
        text += letters[(cell.bits >> (shift - 5)) & 31];
    return text;
}

std::optional<Cell> from_text(std::string_view text) {
    if (text.empty() || text.size() > 12) return std::nullopt;
    Cell cell{0, static_cast<unsigned>(text.size()) * 5};
    for (const char letter : text) {
        const size_t value = letters.find(letter);
        if (value == letters.npos) return std::nullopt;
        cell.bits = cell.bits << 5 | value;
    }
    return cell;
}

Box box(Cell cell) {
    const Halves at = halves(cell);
    const double south = value_of(at.latitude, 90);
    const double west = value_of(at.longitude, 180);
    return {south, south + size_of(at.latitude_bits, 90), west,
            west + size_of(at.longitude_bits, 180)};
}

Place center(Cell cell) {
    const Box at = box(cell);
    return {rounded(at.south, at.north - at.south), rounded(at.west, at.east - at.west)};
}

Cell neighbor(Cell cell, Direction direction) {
    static constexpr int north[] = {1, 1, 0, -1, -1, -1, 0, 1};
    static constexpr int east[] = {0, 1, 1, 1, 0, -1, -1, -1};
    Halves at = halves(cell);
    const auto i = static_cast<size_t>(direction);
    at.latitude += static_cast<uint32_t>(north[i]) * unit(at.latitude_bits);
    at.longitude += static_cast<uint32_t>(east[i]) * unit(at.longitude_bits);
    return join(at.latitude, at.longitude, cell.size);
}

std::array<Cell, 8> neighbors(Cell cell) {
    std::array<Cell, 8> around;
    for (size_t i = 0; i < around.size(); ++i)
        around[i] = neighbor(cell, static_cast<Direction>(i));
    return around;
}

}  // namespace hw::sql::geohash
