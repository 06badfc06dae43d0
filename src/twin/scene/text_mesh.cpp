// Letters for exports: programs that read glTF know no texts.

#include <algorithm>
#include <array>
#include <cmath>

#include "twin/scene/shape_model.h"

namespace hw::twin {

namespace {

constexpr size_t letters_limit = 1000;
constexpr double capital = 6, advance = 6, line = 9, stroke = 0.7;

// Lines of pairs (x 0 to 4, y 0 to 6), parted by spaces.
struct Glyph {
    char letter;
    std::string_view lines;
};
constexpr Glyph glyphs[] = {{'A', "002640 1232"},
                            {'B', "00063645443303 3342413000"},
                            {'C', "4536160501103041"},
                            {'D', "00062645412000"},
                            {'E', "46060040 0333"},
                            {'F', "460600 0333"},
                            {'G', "45361605011030414323"},
                            {'H', "0006 4046 0343"},
                            {'I', "1636 2620 1030"},
                            {'J', "4641301001"},
                            {'K', "0006 460340"},
                            {'L', "060040"},
                            {'M', "0006234640"},
                            {'N', "00064046"},
                            {'O', "103041453616050110"},
                            {'P', "00063645443303"},
                            {'Q', "103041453616050110 2240"},
                            {'R', "00063645443303 2340"},
                            {'S', "453616050413334241301001"},
                            {'T', "0646 2620"},
                            {'U', "060110304146"},
                            {'V', "062046"},
                            {'W', "0610233046"},
                            {'X', "0046 0640"},
                            {'Y', "062346 2320"},
                            {'Z', "06460040"},
                            {'0', "103041453616050110 0145"},
                            {'1', "152620 1030"},
                            {'2', "05163645440040"},
                            {'3', "051636454433 13334241301001"},
                            {'4', "30360242"},
                            {'5', "4606033342413000"},
                            {'6', "4536160501103041423303"},
                            {'7', "064620"},
                            {'8', "13334241301001021304051636454433"},
                            {'9', "0110304145361605041343"},
                            {'.', "2021"},
                            {',', "2110"},
                            {':', "2122 2425"},
                            {'-', "1333"},
                            {'+', "1333 2422"},
                            {'=', "1232 1434"},
                            {'/', "0046"},
                            {'%', "0046 0506 4041"},
                            {'_', "0040"},
                            {'(', "36252130"},
                            {')', "16252110"},
                            {'\'', "2625"},
                            {'<', "450341"},
                            {'>', "054301"},
                            {'#', "1016 3036 0242 0444"}};
constexpr std::string_view frame = "0006464000";

std::string_view lines_of(unsigned char letter) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<unsigned char>(letter - 'a' + 'A');
    for (const auto& glyph : glyphs)
        if (glyph.letter == static_cast<char>(letter)) return glyph.lines;
    return letter == ' ' ? std::string_view() : frame;
}

void add_stroke(Mesh& mesh, const std::array<double, 2>& from, const std::array<double, 2>& to,
                double unit) {
    const double dx = to[0] - from[0], dy = to[1] - from[1], size = std::hypot(dx, dy);
    if (size <= 0) return;
    // Half a width longer at both ends, so that corners close.
    const double half = stroke * unit / 2, ux = dx / size * half, uy = dy / size * half;
    mesh.add_quad({from[0] - ux + uy, from[1] - uy - ux, 0}, {to[0] + ux + uy, to[1] + uy - ux, 0},
                  {to[0] + ux - uy, to[1] + uy + ux, 0}, {from[0] - ux - uy, from[1] - uy + ux, 0});
}

void add_letter(Mesh& mesh, std::string_view lines, double x, double y, double unit) {
    const auto place = [&](size_t at) {
        return std::array<double, 2>{x + (lines[at] - '0') * unit,
                                     y + (lines[at + 1] - '0') * unit};
    };
    while (!lines.empty()) {
        const size_t size = std::min(lines.find(' '), lines.size());
        for (size_t at = 0; at + 3 < size; at += 2)
            add_stroke(mesh, place(at), place(at + 2), unit);
        lines.remove_prefix(std::min(size + 1, lines.size()));
    }
}

}  // namespace

Mesh text_mesh(std::string_view text, double size) {
    Mesh mesh;
    const double unit = size / capital;
    double y = 0;
    for (const char c : text)
        if (c == '\n') y += line * unit;
    size_t letters = 0;
    while (!text.empty()) {
        const auto row = text.substr(0, text.find('\n'));
        text = row.size() == text.size() ? std::string_view() : text.substr(row.size() + 1);
        const auto count = std::count_if(row.begin(), row.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
        });
        double x = -static_cast<double>(count) * advance * unit / 2;
        for (const char c : row) {
            // What follows the first byte of a UTF-8 sequence is no letter of its own.
            if ((static_cast<unsigned char>(c) & 0xc0) == 0x80) continue;
            if (++letters > letters_limit) return mesh;
            add_letter(mesh, lines_of(static_cast<unsigned char>(c)), x + unit, y, unit);
            x += advance * unit;
        }
        y -= line * unit;
    }
    return mesh;
}

}  // namespace hw::twin
