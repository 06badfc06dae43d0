#include "twin/scene/shape_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/json_writer.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

constexpr Colour steel{140, 148, 156};
constexpr Colour dark_steel{90, 98, 106};
constexpr Colour concrete{176, 172, 162};
constexpr Colour wood{112, 88, 66};
constexpr Colour window_glass{150, 178, 196};

bool looks_like(const Surface& a, const Surface& b) {
    return a.tint == b.tint && a.colour == b.colour && a.metallic == b.metallic &&
           a.roughness == b.roughness && a.opacity == b.opacity && a.closed == b.closed;
}

// Surfaces that look the same become one: each is a call to the graphics card.
void merge(std::vector<Surface>& surfaces) {
    std::vector<Surface> out;
    for (auto& surface : surfaces) {
        const auto same = std::find_if(out.begin(), out.end(), [&](const Surface& known) {
            return looks_like(known, surface);
        });
        if (same == out.end())
            out.push_back(std::move(surface));
        else
            same->mesh.add(surface.mesh);
    }
    surfaces = std::move(out);
}

// Reads a shape's members and adds surfaces.
class Maker {
  public:
    Maker(const sql::Datum& shape, Detail detail, bool z_up)
        : shape_(shape),
          type_(*shape_type(word_of(shape, node_type(), "kind"))),
          detail_(detail),
          z_up_(z_up) {}

    ShapeModel run();

  private:
    double number(std::string_view name) const { return number_of(shape_, type_, name); }
    bool flag(std::string_view name) const { return flag_of(shape_, type_, name); }
    std::string_view word(std::string_view name) const { return word_of(shape_, type_, name); }
    Colour colour(std::string_view name) const {
        const auto text = word(name);
        return text.empty() ? steel : colour_from(text);
    }
    unsigned segments(double diameter) const { return segments_of(detail_, diameter); }
    double opacity() const { return type_.find("opacity") == nullptr ? 1 : number("opacity"); }

    void body(Mesh mesh, double metallic = 0, double roughness = 0.8) {
        model_.body.push_back(
            {std::move(mesh), Tint::body, colour("colour"), metallic, roughness, opacity(), true});
    }
    void fixed(Mesh mesh, Colour colour, double metallic = 0, double roughness = 0.8) {
        model_.body.push_back(
            {std::move(mesh), Tint::fixed, colour, metallic, roughness, opacity(), true});
    }
    void open(Mesh mesh, Tint tint, double roughness) {
        model_.body.push_back(
            {std::move(mesh), tint, colour("colour"), 0, roughness, opacity(), false});
    }
    void rotor(Mesh mesh, Tint tint, Point at, Point axis) {
        model_.rotor.push_back({std::move(mesh), tint,
                                tint == Tint::body ? colour("colour") : dark_steel, 0.6, 0.4, 1,
                                true});
        model_.rotor_at = at;
        model_.rotor_axis = axis;
    }
    void water(Mesh mesh, Point at, double height) {
        model_.water.push_back(
            {std::move(mesh), Tint::water, colour("water"), 0, 0.15, 0.82, true});
        model_.water_at = at;
        model_.water_height = height;
        model_.level = number("level");
    }
    std::vector<Point> points() const;

    void tank();
    void lying_tank();
    void roof(double radius, double height);
    void basin();
    void clarifier();
    void filter();
    void pipe();
    void pump();
    void mixer();
    void valve();
    void building();
    void tower();
    void area();
    void arrow();
    void tree();

    const sql::Datum& shape_;
    const ObjectType& type_;
    const Detail detail_;
    const bool z_up_;
    ShapeModel model_;
};

std::vector<Point> Maker::points() const {
    std::vector<Point> out;
    for (const auto& point : shape_.find("points")->items())
        out.push_back(to_y_up(vector_of(&point, {0, 0, 0}), z_up_));
    return out;
}

void Maker::roof(double radius, double height) {
    const unsigned cut = segments(radius * 2);
    const auto form = word("roof");
    if (form == "flat") body(cylinder_mesh(radius * 1.02, 0.15, cut).moved({0, height, 0}));
    if (form == "cone")
        body(frustum_mesh(radius * 1.03, 0, radius * 0.3, cut).moved({0, height, 0}), 0.2, 0.6);
    if (form == "dome")
        body(dome_mesh(radius * 1.01, radius * 0.4, cut).moved({0, height, 0}), 0.2, 0.6);
}

void Maker::tank() {
    if (flag("lying")) return lying_tank();
    const double radius = number("diameter") / 2, height = number("height");
    const double wall = std::min(number("wall"), radius * 0.9);
    const double floor = std::min(wall, height * 0.5);
    const unsigned cut = segments(radius * 2);
    body(ring_mesh(radius - wall, radius, height, cut), 0.1, 0.7);
    body(cylinder_mesh(radius - wall, floor, cut));
    roof(radius, height);
    if (word("roof") == "none" || opacity() < 1)
        return water(cylinder_mesh((radius - wall) * 0.999, 1, cut), {0, floor, 0},
                     (height - floor) * 0.98);
    // One cannot look in: a gauge outside shows it.
    const double width = std::clamp(radius * 0.25, 0.05, 1.0);
    fixed(box_mesh(width * 1.5, height * 0.96, 0.06).moved({0, height * 0.02, radius + 0.02}),
          dark_steel);
    water(box_mesh(width, 1, 0.06), {0, height * 0.03, radius + 0.06}, height * 0.94);
}

void Maker::lying_tank() {
    const double radius = number("diameter") / 2, length = number("height");
    const unsigned cut = segments(radius * 2);
    const double straight = std::max(length - radius, length * 0.3), end = (length - straight) / 2;
    const Mesh head = dome_mesh(radius, end, cut).laid_along_x();
    body(cylinder_mesh(radius, straight, cut).laid_along_x().moved({-straight / 2, radius, 0}), 0.3,
         0.5);
    body(head.moved({straight / 2, radius, 0}), 0.3, 0.5);
    body(head.turned_about_y(180).moved({-straight / 2, radius, 0}), 0.3, 0.5);
    const Mesh saddle = box_mesh(radius * 0.4, radius * 0.6, radius * 1.6);
    fixed(saddle.moved({straight * 0.35, 0, 0}), concrete);
    fixed(saddle.moved({-straight * 0.35, 0, 0}), concrete);
    fixed(box_mesh(radius * 0.3, radius * 1.8, 0.05).moved({0, radius * 0.1, radius + 0.02}),
          dark_steel);
    water(box_mesh(radius * 0.2, 1, 0.06), {0, radius * 0.15, radius + 0.05}, radius * 1.7);
}

void Maker::basin() {
    const double width = number("width"), length = number("length"), depth = number("depth");
    const double wall = std::min({number("wall"), width * 0.3, length * 0.3});
    const double floor = std::min(wall, depth * 0.5);
    body(basin_mesh(width, depth, length, wall, floor));
    const auto channels = static_cast<int>(number("channels"));
    for (int i = 1; i < channels; ++i)
        body(box_mesh(wall * 0.7, depth * 0.98 - floor, length - 2 * wall)
                 .moved({-width / 2 + width * i / channels, floor, 0}));
    if (flag("weirs")) {
        const int count = std::max(2, channels * 2);
        for (int i = 0; i < count; ++i)
            fixed(box_mesh(width / count * 0.25, depth * 0.08, length * 0.22)
                      .moved({-width / 2 + width * (i + 0.5) / count, depth * 0.9,
                              length / 2 - wall - length * 0.11}),
                  steel, 0.4, 0.5);
    }
    water(box_mesh((width - 2 * wall) * 0.999, 1, (length - 2 * wall) * 0.999), {0, floor, 0},
          (depth - floor) * 0.98);
}

void Maker::clarifier() {
    const double radius = number("diameter") / 2, depth = number("depth");
    const double wall = std::min(number("wall"), radius * 0.3);
    const double floor = std::min(wall, depth * 0.5);
    const unsigned cut = segments(radius * 2);
    body(ring_mesh(radius - wall, radius, depth, cut));
    body(cylinder_mesh(radius - wall, floor, cut));
    fixed(cylinder_mesh(radius * 0.06, depth * 1.05, cut), concrete);
    water(ring_mesh(radius * 0.061, (radius - wall) * 0.999, 1, cut), {0, floor, 0},
          (depth - floor) * 0.95);
    if (!flag("bridge")) return;
    const double across = radius * 0.97;
    rotor(box_mesh(across, 0.25, std::max(0.3, radius * 0.06)).moved({across / 2, 0.05, 0}),
          Tint::fixed, {0, depth * 1.05, 0}, {0, 1, 0});
}

void Maker::filter() {
    const double width = number("width"), length = number("length"), depth = number("depth");
    const double wall = std::min({number("wall"), width * 0.3, length * 0.3});
    const double floor = std::min(wall, depth * 0.3);
    const double media = std::min(number("media"), (depth - floor) * 0.95);
    const double inner_width = (width - 2 * wall) * 0.999, inner = (length - 2 * wall) * 0.999;
    body(basin_mesh(width, depth, length, wall, floor));
    if (media > 0)
        fixed(box_mesh(inner_width, media, inner).moved({0, floor, 0}), colour("sand"), 0, 1);
    const auto troughs = static_cast<int>(number("troughs"));
    for (int i = 0; i < troughs; ++i)
        fixed(box_mesh(inner_width, depth * 0.06, std::min(0.4, inner * 0.1))
                  .moved({0, depth * 0.86, -inner / 2 + inner * (i + 0.5) / troughs}),
              steel, 0.4, 0.5);
    water(box_mesh(inner_width * 0.999, 1, inner * 0.999), {0, floor + media, 0},
          (depth - floor - media) * 0.98);
}

void Maker::pipe() {
    const double diameter = number("diameter");
    const auto axis = points();
    double bend = number("bend");
    if (bend <= 0) bend = diameter * 1.5;
    const unsigned cut = std::min(24u, segments(diameter));
    body(pipe_mesh(axis, diameter / 2, bend, cut), 0.3, 0.5);
    if (!flag("flanges")) return;
    const auto flange = [&](const Point& at, const Point& other) {
        const double dx = other[0] - at[0], dy = other[1] - at[1], dz = other[2] - at[2];
        const double size = std::sqrt(dx * dx + dy * dy + dz * dz);
        if (size <= 0) return;
        const double by = diameter * 0.2 / size;
        const std::array<Point, 2> ends = {
            at, Point{at[0] + dx * by, at[1] + dy * by, at[2] + dz * by}};
        body(pipe_mesh(ends, diameter * 0.7, 0, cut), 0.3, 0.5);
    };
    flange(axis.front(), axis[1]);
    flange(axis.back(), axis[axis.size() - 2]);
}

void Maker::pump() {
    const double size = number("size"), r = size * 0.2;
    const unsigned cut = segments(size);
    const Mesh casing = cylinder_mesh(r, size * 0.28, cut);
    const Mesh motor = cylinder_mesh(r * 0.8, size * 0.5, cut);
    const Mesh fan = [&] {
        Mesh blades;
        for (int i = 0; i < 4; ++i)
            blades.add(box_mesh(r * 0.75, size * 0.05, r * 0.18)
                           .moved({r * 0.375, 0, 0})
                           .turned_about_y(90.0 * i));
        return blades;
    }();
    if (word("form") == "vertical") {
        body(casing.moved({0, size * 0.05, 0}), 0.4, 0.5);
        body(cylinder_mesh(r * 1.3, size * 0.05, cut), 0.4, 0.5);
        const std::array<Point, 2> outlet = {Point{0, size * 0.2, 0},
                                             Point{r * 1.8, size * 0.2, 0}};
        body(pipe_mesh(outlet, r * 0.45, 0, cut), 0.4, 0.5);
        fixed(cylinder_mesh(r * 0.25, size * 0.14, cut).moved({0, size * 0.33, 0}), dark_steel, 0.6,
              0.4);
        fixed(motor.moved({0, size * 0.47, 0}), colour("motor"), 0.3, 0.5);
        return rotor(fan, Tint::fixed, {0, size * 0.98, 0}, {0, 1, 0});
    }
    const double axis = r * 1.4;
    fixed(box_mesh(size, size * 0.06, size * 0.4).moved({0, 0, 0}), concrete);
    body(casing.laid_along_x().moved({-size * 0.45, axis, 0}), 0.4, 0.5);
    const std::array<Point, 2> outlet = {Point{-size * 0.31, axis, 0},
                                         Point{-size * 0.31, axis + r * 1.7, 0}};
    body(pipe_mesh(outlet, r * 0.45, 0, cut), 0.4, 0.5);
    const std::array<Point, 2> inlet = {Point{-size * 0.3, axis, 0}, Point{-size * 0.62, axis, 0}};
    body(pipe_mesh(inlet, r * 0.5, 0, cut), 0.4, 0.5);
    fixed(cylinder_mesh(r * 0.2, size * 0.16, cut).laid_along_x().moved({-size * 0.18, axis, 0}),
          dark_steel, 0.6, 0.4);
    fixed(motor.laid_along_x().moved({-size * 0.03, axis, 0}), colour("motor"), 0.3, 0.5);
    fixed(box_mesh(size * 0.4, axis * 0.6, r).moved({size * 0.22, size * 0.06, 0}), dark_steel);
    rotor(fan.laid_along_x(), Tint::fixed, {size * 0.48, axis, 0}, {1, 0, 0});
}

void Maker::mixer() {
    const double radius = number("diameter") / 2, height = number("height");
    const unsigned cut = segments(radius);
    Mesh blades;
    if (word("form") == "paddle") {
        const double length = number("length");
        blades.add(
            cylinder_mesh(radius * 0.07, length, cut).laid_along_x().moved({-length / 2, 0, 0}));
        for (int i = 0; i < 4; ++i) {
            const double angle = std::numbers::pi / 2 * i;
            blades.add(
                box_mesh(length * 0.96, radius * (i % 2 == 0 ? 0.05 : 0.3),
                         radius * (i % 2 == 0 ? 0.3 : 0.05))
                    .moved({0, radius * 0.85 * std::sin(angle), radius * 0.85 * std::cos(angle)}));
        }
        return rotor(std::move(blades), Tint::body, {0, height, 0}, {1, 0, 0});
    }
    blades.add(cylinder_mesh(radius * 0.08, height, cut));
    for (int i = 0; i < 3; ++i)
        blades.add(box_mesh(radius, radius * 0.08, radius * 0.35)
                       .moved({radius / 2, height * 0.06, 0})
                       .turned_about_y(120.0 * i));
    rotor(std::move(blades), Tint::body, {0, 0, 0}, {0, 1, 0});
    body(box_mesh(radius * 0.7, radius * 0.25, radius * 0.7).moved({0, height, 0}), 0.4, 0.5);
    body(cylinder_mesh(radius * 0.28, radius * 0.8, cut).moved({0, height + radius * 0.25, 0}), 0.4,
         0.5);
}

void Maker::valve() {
    const double size = number("size"), r = size * 0.36;
    const unsigned cut = segments(size);
    const Mesh cone = frustum_mesh(r, r * 0.35, size / 2, cut).laid_along_x();
    body(cone.moved({-size / 2, 0, 0}), 0.4, 0.5);
    body(cone.turned_about_y(180).moved({size / 2, 0, 0}), 0.4, 0.5);
    const Mesh flange = cylinder_mesh(r * 1.15, size * 0.08, cut).laid_along_x();
    body(flange.moved({-size * 0.54, 0, 0}), 0.4, 0.5);
    body(flange.moved({size * 0.46, 0, 0}), 0.4, 0.5);
    fixed(cylinder_mesh(r * 0.2, size * 0.6, cut), dark_steel, 0.6, 0.4);
    if (word("drive") == "motor")
        return fixed(box_mesh(size * 0.5, size * 0.35, size * 0.4).moved({0, size * 0.55, 0}),
                     Colour{74, 96, 120}, 0.2, 0.6);
    fixed(ring_mesh(r * 0.75, r * 0.9, size * 0.06, cut).moved({0, size * 0.6, 0}), dark_steel, 0.5,
          0.5);
    fixed(box_mesh(r * 1.6, size * 0.04, size * 0.06).moved({0, size * 0.61, 0}), dark_steel);
}

void Maker::building() {
    const double width = number("width"), length = number("length"), height = number("height");
    body(box_mesh(width, height, length), 0, 0.9);
    const auto form = word("roof");
    const auto roof = [&](Mesh mesh) {
        model_.body.push_back(
            {std::move(mesh), Tint::fixed, colour("roof_colour"), 0, 0.9, opacity(), true});
    };
    if (form == "flat") {
        roof(box_mesh(width * 1.02, std::min(0.4, height * 0.1), length * 1.02)
                 .moved({0, height, 0}));
    } else if (form != "none") {
        roof(gable_mesh(width * 1.06, number("roof_height"), length * 1.04, form == "shed")
                 .moved({0, height, 0}));
    }
    if (detail_ == Detail::low || opacity() < 1 || height < 2.2) return;
    // A row of windows on the long sides, so that it reads as a house.
    const int count = std::clamp(static_cast<int>(length / 4), 1, 40);
    Mesh panes;
    for (int i = 0; i < count; ++i)
        panes.add(box_mesh(width + 0.06, std::min(1.4, height * 0.35), 1.2)
                      .moved({0, height * 0.45, -length / 2 + length * (i + 0.5) / count}));
    fixed(std::move(panes), window_glass, 0.1, 0.2);
}

void Maker::tower() {
    const double height = number("height"), radius = number("diameter") / 2;
    const double vessel = std::min(number("vessel"), height * 0.9), shaft = number("shaft") / 2;
    const unsigned cut = segments(radius * 2);
    const double foot = height - vessel, cone = std::min(vessel * 0.35, radius);
    body(frustum_mesh(shaft * 1.25, shaft, foot + cone * 0.3, cut), 0, 0.8);
    body(frustum_mesh(std::min(shaft, radius * 0.9), radius, cone, cut).moved({0, foot, 0}), 0,
         0.7);
    body(cylinder_mesh(radius, vessel - cone, cut).moved({0, foot + cone, 0}), 0, 0.7);
    body(dome_mesh(radius * 1.01, radius * 0.25, cut).moved({0, height, 0}), 0, 0.7);
    const double width = std::clamp(radius * 0.2, 0.1, 2.0), tall = vessel - cone;
    fixed(box_mesh(width * 1.5, tall * 0.94, 0.1).moved({0, foot + cone + tall * 0.03, radius}),
          dark_steel);
    water(box_mesh(width, 1, 0.12), {0, foot + cone + tall * 0.05, radius + 0.03}, tall * 0.9);
}

void Maker::area() {
    std::vector<std::array<double, 2>> outline;
    for (const auto& point : shape_.find("points")->items()) {
        const double a = point.items()[0].as_number(), b = point.items()[1].as_number();
        // (x, y) of a scene with z up is (x, -z) here.
        outline.push_back({a, z_up_ ? -b : b});
    }
    const double height = number("height");
    if (height > 0) return body(outline_mesh(outline, height), 0, 0.95);
    open(outline_mesh(outline, 0), Tint::body, 0.95);
}

void Maker::arrow() {
    const double length = number("length"), radius = number("diameter") / 2;
    const double head = std::min(length * 0.4, radius * 5);
    const unsigned cut = segments(radius * 2);
    body(cylinder_mesh(radius, length - head, cut).laid_along_x());
    body(frustum_mesh(radius * 2.2, 0, head, cut).laid_along_x().moved({length - head, 0, 0}));
}

void Maker::tree() {
    const double height = number("height");
    const unsigned cut = std::max(6u, segments(height * 0.1) / 2);
    fixed(cylinder_mesh(height * 0.03, height * 0.35, cut), wood);
    if (word("form") == "conifer") {
        body(frustum_mesh(height * 0.2, 0, height * 0.8, cut).moved({0, height * 0.2, 0}), 0, 1);
        return;
    }
    body(sphere_mesh(height * 0.3, std::max(8u, cut)).moved({0, height * 0.35, 0}), 0, 1);
}

ShapeModel Maker::run() {
    const auto kind = type_.name;
    if (kind == "box")
        body(box_mesh(number("width"), number("height"), number("depth")));
    else if (kind == "cylinder")
        body(cylinder_mesh(number("diameter") / 2, number("height"), segments(number("diameter"))));
    else if (kind == "tank")
        tank();
    else if (kind == "basin")
        basin();
    else if (kind == "clarifier")
        clarifier();
    else if (kind == "filter")
        filter();
    else if (kind == "pipe")
        pipe();
    else if (kind == "pump")
        pump();
    else if (kind == "mixer")
        mixer();
    else if (kind == "valve")
        valve();
    else if (kind == "building")
        building();
    else if (kind == "tower")
        tower();
    else if (kind == "river")
        open(band_mesh(points(), number("width")), Tint::body, 0.2);
    else if (kind == "area")
        area();
    else if (kind == "arrow")
        arrow();
    else if (kind == "tree")
        tree();
    merge(model_.body);
    merge(model_.rotor);
    return std::move(model_);
}

}  // namespace

ShapeModel shape_model(const sql::Datum& shape, Detail detail, bool z_up) {
    return Maker(shape, detail, z_up).run();
}

std::string geometry_key(const sql::Datum& shape) {
    const auto kind = word_of(shape, node_type(), "kind");
    const auto& type = *shape_type(kind);
    std::string key(kind);
    for (const auto& field : type.fields) {
        if (field.name == "colour" || field.name == "water" || field.name == "level") continue;
        key += '|';
        if (const auto* given = shape.find(field.name))
            sql::append_json(key, given->kind() == sql::Kind::int64
                                      ? sql::Datum::real(given->as_number())
                                      : *given);
        else if (field.kind == FieldKind::number)
            append_json_double(key, field.standard);
    }
    return key;
}

Point to_y_up(const Point& vector, bool z_up) {
    return z_up ? Point{vector[0], vector[2], -vector[1]} : vector;
}

}  // namespace hw::twin
