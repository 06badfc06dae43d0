#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/datum.h"
#include "twin/scene/look.h"
#include "twin/scene/mesh.h"

namespace hw::twin {

// Which colour a surface has: the shape's own (what a colour binding of the body changes), its
// water's, or one that is fixed.
enum class Tint : uint8_t { body, water, fixed };

struct Surface {
    Mesh mesh;
    Tint tint = Tint::body;
    Colour colour;  // before any binding
    double metallic = 0, roughness = 0.8, opacity = 1;
    bool closed = true;  // open ones are drawn from both sides
};

// A built-in shape as meshes: y up, metres, standing on the origin.
struct ShapeModel {
    std::vector<Surface> body;
    // What turns, about the axis through `rotor_at`.
    std::vector<Surface> rotor;
    Point rotor_at{}, rotor_axis{0, 1, 0};
    // What a fill moves: of height 1, to be stretched along y by `water_height` times the fill.
    std::vector<Surface> water;
    Point water_at{};
    double water_height = 0;
    double level = 0;  // 0 to 1, without a binding
};

// `shape` is checked. Nothing for a label or an asset. Coordinates of points are of the scene:
// `z_up` turns them. The limit of a shape's vertices follows from the format's: pipes of 1,000
// points with 18 stations a bend and 64 corners, 1.2 million.
ShapeModel shape_model(const sql::Datum& shape, Detail detail, bool z_up);

// The same for all shapes whose geometry is the same, whatever their colours.
std::string geometry_key(const sql::Datum& shape);

// A vector of the scene in glTF's axes (y up).
Point to_y_up(const Point& vector, bool z_up);

// Letters as flat strokes in the x-y plane, readable from +z, the last line on y = 0,
// centred on x. Letters and digits of ASCII; others as a frame. Nothing for an empty text.
Mesh text_mesh(std::string_view text, double size);

}  // namespace hw::twin
