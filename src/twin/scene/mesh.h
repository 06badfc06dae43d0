#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hw::twin {

using Point = std::array<double, 3>;

// Triangles, counter-clockwise seen from outside, y up; one normal a vertex, of length 1. What is
// made here is closed (each edge has its counterpart) unless the maker says otherwise.
struct Mesh {
    std::vector<float> positions;  // x, y, z, ...
    std::vector<float> normals;
    std::vector<uint32_t> indices;

    size_t vertices() const { return positions.size() / 3; }
    uint32_t add_vertex(const Point& position, const Point& normal);
    void add_triangle(uint32_t a, uint32_t b, uint32_t c);
    void add(const Mesh& other);
    // Each corner gets the flat normal of the face.
    void add_quad(const Point& a, const Point& b, const Point& c, const Point& d);
    void add_flat_triangle(const Point& a, const Point& b, const Point& c);

    Mesh moved(const Point& by) const;
    Mesh turned_about_y(double degrees) const;
    Mesh laid_along_x() const;  // what stood along y
};

// How finely round things are cut.
enum class Detail : uint8_t { low, medium, high };
unsigned segments_of(Detail detail, double diameter);

// All stand on y = 0 around the y axis, or begin there.
Mesh box_mesh(double width, double height, double depth);
Mesh frustum_mesh(double radius_below, double radius_above, double height, unsigned segments);
Mesh cylinder_mesh(double radius, double height, unsigned segments);
Mesh dome_mesh(double radius, double height, unsigned segments);  // half an ellipsoid
Mesh sphere_mesh(double radius, unsigned segments);
Mesh ring_mesh(double inner, double outer, double height, unsigned segments);  // a tube that stands
// An open box: floor and walls.
Mesh basin_mesh(double width, double depth, double length, double wall, double floor);
// A roof: a triangle along z; `shed`: its ridge at -x.
Mesh gable_mesh(double width, double height, double length, bool shed);
// A round tube along points with bends, ends closed. At least two points that differ; points that
// fall together are one.
Mesh pipe_mesh(std::span<const Point> points, double radius, double bend, unsigned segments);
// A band of that width along points, seen from above; open.
Mesh band_mesh(std::span<const Point> points, double width);
// The outline (x, z) at y = 0, up to `height`; at 0 seen from above and open. An outline that cuts
// itself is filled as far as it can be.
Mesh outline_mesh(std::span<const std::array<double, 2>> outline, double height);

}  // namespace hw::twin
