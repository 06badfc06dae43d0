#include "twin/scene/mesh.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/assert.h"

namespace hw::twin {

namespace {

Point operator+(const Point& a, const Point& b) {
    return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}
Point operator-(const Point& a, const Point& b) {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
Point operator*(const Point& a, double by) {
    return {a[0] * by, a[1] * by, a[2] * by};
}
double dot(const Point& a, const Point& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
Point cross(const Point& a, const Point& b) {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
double length(const Point& a) {
    return std::sqrt(dot(a, a));
}
Point unit(const Point& a) {
    const double size = length(a);
    return size > 0 ? a * (1 / size) : Point{0, 1, 0};
}

// One end of a band of a surface of revolution: radius, height, and the normal there.
struct Rim {
    double radius, y, normal_radius, normal_y;
};
struct Band {
    Rim from, to;
};

Band flat_band(double r0, double y0, double r1, double y1) {
    const double size = std::hypot(r1 - r0, y1 - y0);
    const double nr = (y1 - y0) / size, ny = (r0 - r1) / size;
    return {{r0, y0, nr, ny}, {r1, y1, nr, ny}};
}

// Turns the profile about the y axis. It runs so that the outside lies to its right: outward at
// the bottom, up outside, inward at the top.
void revolve(Mesh& mesh, const Band& band, unsigned segments) {
    const auto ring = [&](const Rim& rim) {
        const auto first = static_cast<uint32_t>(mesh.vertices());
        for (unsigned i = 0; i < segments; ++i) {
            const double angle = 2 * std::numbers::pi * i / segments;
            const double c = std::cos(angle), s = std::sin(angle);
            mesh.add_vertex({rim.radius * c, rim.y, rim.radius * s},
                            {rim.normal_radius * c, rim.normal_y, rim.normal_radius * s});
        }
        return first;
    };
    const uint32_t a = ring(band.from), b = ring(band.to);
    for (unsigned i = 0; i < segments; ++i) {
        const unsigned j = (i + 1) % segments;
        if (band.to.radius > 0) mesh.add_triangle(a + i, b + i, b + j);
        if (band.from.radius > 0) mesh.add_triangle(a + i, b + (band.to.radius > 0 ? j : i), a + j);
    }
}

// From the rim at angle 0 to the top at a right angle, as an ellipse.
void add_quarter(Mesh& mesh, double radius, double height, double y, bool upper,
                 unsigned segments) {
    const unsigned steps = std::max(2u, segments / 4);
    const auto rim = [&](unsigned i) {
        const double angle = std::numbers::pi / 2 * i / steps;
        const double c = i == steps ? 0 : std::cos(angle), s = std::sin(angle);
        const double nr = c / radius, ny = s / height, size = std::hypot(nr, ny);
        return Rim{radius * c, y + (upper ? height * s : -height * s), nr / size,
                   (upper ? ny : -ny) / size};
    };
    for (unsigned i = 0; i < steps; ++i)
        revolve(mesh, upper ? Band{rim(i), rim(i + 1)} : Band{rim(i + 1), rim(i)}, segments);
}

struct Station {
    Point place, along;
};

// The axis of a pipe: points where it is straight, and arcs for its bends.
std::vector<Station> axis_of(std::span<const Point> given, double bend, unsigned segments) {
    std::vector<Point> points;
    for (const auto& point : given)
        if (points.empty() || length(point - points.back()) > 1e-6) points.push_back(point);
    if (points.size() < 2) points = {given.front(), given.front() + Point{0.001, 0, 0}};
    std::vector<Station> out;
    out.push_back({points[0], unit(points[1] - points[0])});
    for (size_t i = 1; i + 1 < points.size(); ++i) {
        const Point before = points[i] - points[i - 1], after = points[i + 1] - points[i];
        const Point d0 = unit(before), d1 = unit(after);
        const double angle = std::acos(std::clamp(dot(d0, d1), -1.0, 1.0));
        if (angle < 1e-4) continue;
        const double half = std::tan(std::min(angle, 3.1) / 2);
        const double tangent = std::min({bend * half, 0.49 * length(before), 0.49 * length(after)});
        const double radius = tangent / half;
        const Point begin = points[i] - d0 * tangent;
        Point inward = unit(d1 - d0 * dot(d0, d1));
        if (angle > 3.1)
            inward = unit(cross(d0, std::abs(d0[1]) < 0.9 ? Point{0, 1, 0} : Point{1, 0, 0}));
        const auto steps =
            std::max(2u, static_cast<unsigned>(std::ceil(angle / std::numbers::pi * segments / 2)));
        for (unsigned step = 0; step <= steps; ++step) {
            const double turned = angle * step / steps;
            out.push_back({begin + d0 * (radius * std::sin(turned)) +
                               inward * (radius * (1 - std::cos(turned))),
                           unit(d0 * std::cos(turned) + inward * std::sin(turned))});
        }
    }
    out.push_back({points.back(), unit(points.back() - points[points.size() - 2])});
    return out;
}

void add_cap(Mesh& mesh, const Station& station, const std::vector<Point>& ring, bool front) {
    const Point normal = front ? station.along : station.along * -1;
    const uint32_t middle = mesh.add_vertex(station.place, normal);
    const auto first = static_cast<uint32_t>(mesh.vertices());
    for (const auto& point : ring)
        mesh.add_vertex(point, normal);
    const auto count = static_cast<uint32_t>(ring.size());
    for (uint32_t i = 0; i < count; ++i) {
        const uint32_t j = (i + 1) % count;
        if (front)
            mesh.add_triangle(middle, first + i, first + j);
        else
            mesh.add_triangle(middle, first + j, first + i);
    }
}

using Flat = std::array<double, 2>;

double turn(const Flat& a, const Flat& b, const Flat& c) {
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

bool within(const Flat& p, const Flat& a, const Flat& b, const Flat& c) {
    return turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0;
}

// Ear clipping of an outline that runs counter-clockwise in (x, z): at most n^2/2 looks at a
// corner, each n long, so outlines are limited to 256 corners.
std::vector<std::array<uint32_t, 3>> triangles_of(const std::vector<Flat>& outline) {
    std::vector<uint32_t> open(outline.size());
    for (uint32_t i = 0; i < open.size(); ++i)
        open[i] = i;
    std::vector<std::array<uint32_t, 3>> out;
    size_t at = 0, without_ear = 0;
    while (open.size() > 3) {
        const size_t n = open.size();
        const uint32_t a = open[(at + n - 1) % n], b = open[at % n], c = open[(at + 1) % n];
        bool ear = turn(outline[a], outline[b], outline[c]) > 0;
        for (size_t i = 0; ear && i < n; ++i) {
            const uint32_t other = open[i];
            if (other != a && other != b && other != c &&
                within(outline[other], outline[a], outline[b], outline[c]))
                ear = false;
        }
        if (!ear && without_ear < n) {
            ++at, ++without_ear;
            continue;
        }
        // An outline that cuts itself has no ear at last: any corner must do.
        out.push_back({a, b, c});
        open.erase(open.begin() + static_cast<ptrdiff_t>(at % n));
        without_ear = 0;
        if (at > 0) --at;
    }
    out.push_back({open[0], open[1], open[2]});
    return out;
}

std::vector<Flat> tidy_outline(std::span<const Flat> given) {
    std::vector<Flat> out;
    for (const auto& corner : given)
        if (out.empty() || corner != out.back()) out.push_back(corner);
    while (out.size() > 1 && out.front() == out.back())
        out.pop_back();
    double area = 0;
    for (size_t i = 0; i < out.size(); ++i) {
        const auto &a = out[i], &b = out[(i + 1) % out.size()];
        area += a[0] * b[1] - b[0] * a[1];
    }
    if (area < 0) std::reverse(out.begin(), out.end());
    return out;
}

}  // namespace

uint32_t Mesh::add_vertex(const Point& position, const Point& normal) {
    const auto index = static_cast<uint32_t>(vertices());
    for (const double part : position)
        positions.push_back(static_cast<float>(part));
    const Point one = unit(normal);
    for (const double part : one)
        normals.push_back(static_cast<float>(part));
    return index;
}

void Mesh::add_triangle(uint32_t a, uint32_t b, uint32_t c) {
    indices.insert(indices.end(), {a, b, c});
}

void Mesh::add(const Mesh& other) {
    const auto first = static_cast<uint32_t>(vertices());
    positions.insert(positions.end(), other.positions.begin(), other.positions.end());
    normals.insert(normals.end(), other.normals.begin(), other.normals.end());
    for (const uint32_t index : other.indices)
        indices.push_back(first + index);
}

void Mesh::add_quad(const Point& a, const Point& b, const Point& c, const Point& d) {
    const Point normal = cross(b - a, c - a);
    const uint32_t first = add_vertex(a, normal);
    add_vertex(b, normal);
    add_vertex(c, normal);
    add_vertex(d, normal);
    add_triangle(first, first + 1, first + 2);
    add_triangle(first, first + 2, first + 3);
}

void Mesh::add_flat_triangle(const Point& a, const Point& b, const Point& c) {
    const Point normal = cross(b - a, c - a);
    const uint32_t first = add_vertex(a, normal);
    add_vertex(b, normal);
    add_vertex(c, normal);
    add_triangle(first, first + 1, first + 2);
}

Mesh Mesh::moved(const Point& by) const {
    Mesh out = *this;
    for (size_t i = 0; i < out.positions.size(); ++i)
        out.positions[i] += static_cast<float>(by[i % 3]);
    return out;
}

Mesh Mesh::turned_about_y(double degrees) const {
    Mesh out = *this;
    const double angle = degrees * std::numbers::pi / 180;
    const auto c = static_cast<float>(std::cos(angle)), s = static_cast<float>(std::sin(angle));
    for (auto* list : {&out.positions, &out.normals})
        for (size_t i = 0; i < list->size(); i += 3) {
            const float x = (*list)[i], z = (*list)[i + 2];
            (*list)[i] = c * x + s * z;
            (*list)[i + 2] = c * z - s * x;
        }
    return out;
}

Mesh Mesh::laid_along_x() const {
    Mesh out = *this;
    for (auto* list : {&out.positions, &out.normals})
        for (size_t i = 0; i < list->size(); i += 3) {
            const float x = (*list)[i];
            (*list)[i] = (*list)[i + 1];
            (*list)[i + 1] = -x;
        }
    return out;
}

unsigned segments_of(Detail detail, double diameter) {
    const unsigned most = detail == Detail::low ? 12 : detail == Detail::medium ? 32 : 64;
    // What is small is seen small.
    const double share = diameter < 0.5 ? 0.5 : diameter < 2 ? 0.75 : 1;
    return std::max(6u, static_cast<unsigned>(most * share) / 4 * 4);
}

Mesh box_mesh(double width, double height, double depth) {
    Mesh mesh;
    const double x = width / 2, z = depth / 2, h = height;
    mesh.add_quad({-x, 0, z}, {x, 0, z}, {x, h, z}, {-x, h, z});
    mesh.add_quad({x, 0, -z}, {-x, 0, -z}, {-x, h, -z}, {x, h, -z});
    mesh.add_quad({x, 0, z}, {x, 0, -z}, {x, h, -z}, {x, h, z});
    mesh.add_quad({-x, 0, -z}, {-x, 0, z}, {-x, h, z}, {-x, h, -z});
    mesh.add_quad({-x, h, z}, {x, h, z}, {x, h, -z}, {-x, h, -z});
    mesh.add_quad({-x, 0, -z}, {x, 0, -z}, {x, 0, z}, {-x, 0, z});
    return mesh;
}

Mesh frustum_mesh(double radius_below, double radius_above, double height, unsigned segments) {
    Mesh mesh;
    if (radius_below > 0) revolve(mesh, flat_band(0, 0, radius_below, 0), segments);
    revolve(mesh, flat_band(radius_below, 0, radius_above, height), segments);
    if (radius_above > 0) revolve(mesh, flat_band(radius_above, height, 0, height), segments);
    return mesh;
}

Mesh cylinder_mesh(double radius, double height, unsigned segments) {
    return frustum_mesh(radius, radius, height, segments);
}

Mesh dome_mesh(double radius, double height, unsigned segments) {
    Mesh mesh;
    revolve(mesh, flat_band(0, 0, radius, 0), segments);
    add_quarter(mesh, radius, height, 0, true, segments);
    return mesh;
}

Mesh sphere_mesh(double radius, unsigned segments) {
    Mesh mesh;
    add_quarter(mesh, radius, radius, radius, false, segments);
    add_quarter(mesh, radius, radius, radius, true, segments);
    return mesh;
}

Mesh ring_mesh(double inner, double outer, double height, unsigned segments) {
    Mesh mesh;
    revolve(mesh, flat_band(inner, 0, outer, 0), segments);
    revolve(mesh, flat_band(outer, 0, outer, height), segments);
    revolve(mesh, flat_band(outer, height, inner, height), segments);
    revolve(mesh, flat_band(inner, height, inner, 0), segments);
    return mesh;
}

Mesh basin_mesh(double width, double depth, double length, double wall, double floor) {
    Mesh mesh;
    const double x = width / 2, z = length / 2, u = x - wall, w = z - wall, h = depth;
    const std::array<Flat, 4> outer = {{{-x, z}, {x, z}, {x, -z}, {-x, -z}}};
    const std::array<Flat, 4> inner = {{{-u, w}, {u, w}, {u, -w}, {-u, -w}}};
    for (size_t i = 0; i < 4; ++i) {
        const auto &a = outer[i], &b = outer[(i + 1) % 4];
        const auto &c = inner[i], &d = inner[(i + 1) % 4];
        mesh.add_quad({a[0], 0, a[1]}, {b[0], 0, b[1]}, {b[0], h, b[1]}, {a[0], h, a[1]});
        mesh.add_quad({a[0], h, a[1]}, {b[0], h, b[1]}, {d[0], h, d[1]}, {c[0], h, c[1]});
        mesh.add_quad({d[0], floor, d[1]}, {c[0], floor, c[1]}, {c[0], h, c[1]}, {d[0], h, d[1]});
    }
    mesh.add_quad({-x, 0, -z}, {x, 0, -z}, {x, 0, z}, {-x, 0, z});
    mesh.add_quad({-u, floor, w}, {u, floor, w}, {u, floor, -w}, {-u, floor, -w});
    return mesh;
}

Mesh gable_mesh(double width, double height, double length, bool shed) {
    Mesh mesh;
    const double x = width / 2, z = length / 2, top = shed ? -x : 0, h = height;
    mesh.add_flat_triangle({-x, 0, z}, {x, 0, z}, {top, h, z});
    mesh.add_flat_triangle({x, 0, -z}, {-x, 0, -z}, {top, h, -z});
    mesh.add_quad({x, 0, z}, {x, 0, -z}, {top, h, -z}, {top, h, z});
    mesh.add_quad({-x, 0, -z}, {-x, 0, z}, {top, h, z}, {top, h, -z});
    mesh.add_quad({-x, 0, -z}, {x, 0, -z}, {x, 0, z}, {-x, 0, z});
    return mesh;
}

Mesh pipe_mesh(std::span<const Point> points, double radius, double bend, unsigned segments) {
    HW_ASSERT(points.size() >= 2);
    const auto axis = axis_of(points, bend, segments);
    Mesh mesh;
    Point side = unit(
        cross(axis[0].along, std::abs(axis[0].along[1]) < 0.9 ? Point{0, 1, 0} : Point{1, 0, 0}));
    std::vector<Point> first, ring(segments);
    for (size_t i = 0; i < axis.size(); ++i) {
        // The frame is carried along so that it does not twist.
        const Point along = axis[i].along;
        side = side - along * dot(side, along);
        side = length(side) > 1e-6
                   ? unit(side)
                   : unit(cross(along, std::abs(along[1]) < 0.9 ? Point{0, 1, 0} : Point{1, 0, 0}));
        const Point other = cross(along, side);
        for (unsigned k = 0; k < segments; ++k) {
            const double angle = 2 * std::numbers::pi * k / segments;
            const Point out = side * std::cos(angle) + other * std::sin(angle);
            ring[k] = axis[i].place + out * radius;
            mesh.add_vertex(ring[k], out);
        }
        if (i == 0) {
            first = ring;
            continue;
        }
        const auto b = static_cast<uint32_t>(i * segments), a = b - segments;
        for (unsigned k = 0; k < segments; ++k) {
            const unsigned next = (k + 1) % segments;
            mesh.add_triangle(a + k, a + next, b + next);
            mesh.add_triangle(a + k, b + next, b + k);
        }
    }
    add_cap(mesh, axis.front(), first, false);
    add_cap(mesh, axis.back(), ring, true);
    return mesh;
}

Mesh band_mesh(std::span<const Point> points, double width) {
    HW_ASSERT(points.size() >= 2);
    Mesh mesh;
    for (size_t i = 0; i < points.size(); ++i) {
        const Point& before = points[i == 0 ? 0 : i - 1];
        const Point& after = points[std::min(i + 1, points.size() - 1)];
        Point along = after - before;
        along[1] = 0;
        along = length(along) > 1e-9 ? unit(along) : Point{1, 0, 0};
        const Point side = {-along[2] * width / 2, 0, along[0] * width / 2};  // to the right
        mesh.add_vertex(points[i] - side, {0, 1, 0});
        mesh.add_vertex(points[i] + side, {0, 1, 0});
        if (i == 0) continue;
        const auto a = static_cast<uint32_t>(2 * i - 2);
        mesh.add_triangle(a, a + 1, a + 3);
        mesh.add_triangle(a, a + 3, a + 2);
    }
    return mesh;
}

Mesh outline_mesh(std::span<const std::array<double, 2>> given, double height) {
    Mesh mesh;
    const auto outline = tidy_outline(given);
    if (outline.size() < 3) return box_mesh(0.001, std::max(height, 0.001), 0.001);
    const auto face = [&](double y, bool up) {
        const auto first = static_cast<uint32_t>(mesh.vertices());
        for (const auto& corner : outline)
            mesh.add_vertex({corner[0], y, corner[1]}, {0, up ? 1.0 : -1.0, 0});
        for (const auto& [a, b, c] : triangles_of(outline)) {
            if (up)
                mesh.add_triangle(first + a, first + c, first + b);
            else
                mesh.add_triangle(first + a, first + b, first + c);
        }
    };
    face(height, true);
    if (height <= 0) return mesh;
    face(0, false);
    for (size_t i = 0; i < outline.size(); ++i) {
        const auto &a = outline[i], &b = outline[(i + 1) % outline.size()];
        mesh.add_quad({b[0], 0, b[1]}, {a[0], 0, a[1]}, {a[0], height, a[1]}, {b[0], height, b[1]});
    }
    return mesh;
}

}  // namespace hw::twin
