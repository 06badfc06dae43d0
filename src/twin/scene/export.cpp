#include "twin/scene/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include "twin/scene/gltf_document.h"
#include "twin/scene/shape_model.h"

namespace hw::twin {

namespace {

using sql::Datum;

Datum text(std::string_view value) {
    return Datum::text(value);
}

Datum vector(const Point& value) {
    return Datum::array({Datum::real(value[0]), Datum::real(value[1]), Datum::real(value[2])});
}

// Quaternions that turn -z, where cameras and lights look, to a direction.
Quaternion looking_along(Point to) {
    const double size = std::sqrt(to[0] * to[0] + to[1] * to[1] + to[2] * to[2]);
    if (size < 1e-9) return {0, 0, 0, 1};
    const double yaw = std::atan2(-to[0], -to[2]), pitch = std::asin(to[1] / size);
    const double cy = std::cos(yaw / 2), sy = std::sin(yaw / 2);
    const double cp = std::cos(pitch / 2), sp = std::sin(pitch / 2);
    return {cy * sp, sy * cp, -sy * sp, cy * cp};
}

Datum quaternion(const Quaternion& value) {
    return Datum::array({Datum::real(value[0]), Datum::real(value[1]), Datum::real(value[2]),
                         Datum::real(value[3])});
}

class Exporter {
  public:
    Exporter(const Scene& scene, const ExportOptions& options)
        : scene_(scene), options_(options), z_up_(scene.z_up()) {}

    Result<std::string> run() {
        HW_TRY(environment());
        HW_TRY(views());
        for (size_t i = 0; i < scene_.nodes.size(); ++i)
            if (!scene_.nodes[i]->parent.empty())
                children_[*scene_.index(scene_.nodes[i]->parent)].push_back(i);
        for (size_t i = 0; i < scene_.nodes.size(); ++i) {
            if (!scene_.nodes[i]->parent.empty()) continue;
            const size_t index = HW_TRY(add(i, false));
            document_.root(index);
        }
        scene_extras();
        return options_.binary ? document_.glb() : document_.gltf();
    }

  private:
    // What of one shape's geometry is in the document.
    struct Placed {
        ShapeModel model;  // without its meshes' vertices
        std::vector<size_t> body, rotor, water;
    };

    Result<size_t> add(size_t place, bool hidden);
    Result<void> add_shape(const SceneNode& node, const Look& look, Datum& out,
                           Datum::Items& children);
    Result<void> add_asset(const SceneNode& node, Datum& extras, Datum::Items& children);
    Result<void> add_label(const SceneNode& node, const Look& look, Datum& out);
    Result<void> add_water(const SceneNode& node, const Placed& placed, const Look& look,
                           Datum::Items& children);
    Result<const Placed*> placed(const Datum& shape);
    size_t mesh_of(const SceneNode& node, const std::vector<Surface>& surfaces,
                   const std::vector<size_t>& geometries, const Look& look);
    Result<void> part(const SceneNode& node, std::string_view name, Datum fields, size_t mesh,
                      Datum::Items& children);
    void transform(const SceneNode& node, Datum& out) const;
    Datum node_extras(const SceneNode& node, const Look& look, bool shown) const;
    void live_extras(const Look& look, Datum& extras) const;
    Result<void> environment();
    Result<void> views();
    void scene_extras();

    const Scene& scene_;
    const ExportOptions& options_;
    const bool z_up_;
    GltfDocument document_;
    std::map<size_t, std::vector<size_t>> children_;
    std::map<std::string, Placed, std::less<>> placed_;
};

void Exporter::transform(const SceneNode& node, Datum& out) const {
    const Point at = to_y_up(vector_of(node.body.find("position"), {0, 0, 0}), z_up_);
    if (at != Point{0, 0, 0}) out.put("translation", vector(at));
    const Quaternion turned = rotation_of(node.body);
    const Point axis = to_y_up({turned[0], turned[1], turned[2]}, z_up_);
    if (axis != Point{0, 0, 0})
        out.put("rotation", quaternion({axis[0], axis[1], axis[2], turned[3]}));
    Vector3 scale = scale_of(node.body);
    if (z_up_) std::swap(scale[1], scale[2]);
    if (scale != Vector3{1, 1, 1}) out.put("scale", vector(scale));
}

void Exporter::live_extras(const Look& look, Datum& extras) const {
    Datum::Items live;
    for (const auto& seen : look.values) {
        Datum one = Datum::object({});
        one.put("twin", text(seen.twin));
        one.put("property", text(seen.property));
        one.put("value", seen.value.value);
        one.put("quality", text(model::to_string(seen.value.quality)));
        if (seen.value.stale) one.put("stale", Datum::boolean(true));
        if (seen.value.time.ns != 0) one.put("time", text(format_rfc3339(seen.value.time)));
        live.push_back(std::move(one));
    }
    if (!live.empty()) extras.put("live", Datum::array(std::move(live)));
    Datum::Items labels, badges;
    for (const auto& label : look.labels)
        labels.push_back(text(label));
    if (!labels.empty()) extras.put("labels", Datum::array(std::move(labels)));
    for (const auto& badge : look.badges) {
        Datum one = Datum::object({});
        one.put("severity", text(badge.severity));
        one.put("text", text(badge.text));
        badges.push_back(std::move(one));
    }
    if (!badges.empty()) extras.put("badges", Datum::array(std::move(badges)));
    if (look.fill) extras.put("fill", Datum::real(*look.fill));
    if (look.spin) extras.put("spin", Datum::real(*look.spin));
    if (look.flow) extras.put("flow", Datum::real(*look.flow));
}

Datum Exporter::node_extras(const SceneNode& node, const Look& look, bool shown) const {
    Datum extras = Datum::object({});
    extras.put("id", text(node.id));
    if (const auto twin = scene_.twin_of(node); !twin.empty()) extras.put("twin", text(twin));
    for (const auto member : {"layer", "shape", "bindings", "schematic", "extras"})
        if (const auto* given = node.body.find(member)) extras.put(member, *given);
    if (!flag_of(node.body, node_type(), "selectable"))
        extras.put("selectable", Datum::boolean(false));
    if (!shown) extras.put("visible", Datum::boolean(false));
    if (options_.live != nullptr) live_extras(look, extras);
    return extras;
}

Result<size_t> Exporter::add(size_t place, bool hidden) {
    const SceneNode& node = *scene_.nodes[place];
    const Look look = options_.live != nullptr ? look_of(scene_, node, *options_.live) : Look{};
    hidden = hidden || !flag_of(node.body, node_type(), "visible") || !look.visible;
    Datum out = Datum::object({});
    out.put("name", text(node.name()));
    transform(node, out);
    Datum extras = node_extras(node, look, !hidden);
    Datum::Items children;
    if (node.shape() != nullptr && !hidden) {
        if (node.kind() == "asset")
            HW_TRY(add_asset(node, extras, children));
        else if (node.kind() == "label")
            HW_TRY(add_label(node, look, out));
        else
            HW_TRY(add_shape(node, look, out, children));
    }
    if (const auto below = children_.find(place); below != children_.end())
        for (const size_t child : below->second) {
            const size_t index = HW_TRY(add(child, hidden));
            children.push_back(Datum::integer(static_cast<int64_t>(index)));
        }
    if (!children.empty()) out.put("children", Datum::array(std::move(children)));
    Datum wrapped = Datum::object({});
    wrapped.put("headworks", std::move(extras));
    out.put("extras", std::move(wrapped));
    return document_.node(std::move(out));
}

Result<const Exporter::Placed*> Exporter::placed(const Datum& shape) {
    const auto key = geometry_key(shape);
    if (const auto at = placed_.find(key); at != placed_.end()) return &at->second;
    Placed out;
    out.model = shape_model(shape, options_.detail, z_up_);
    const auto take = [&](std::vector<Surface>& surfaces,
                          std::vector<size_t>& geometries) -> Result<void> {
        for (auto& surface : surfaces) {
            const size_t index = HW_TRY(document_.geometry(surface.mesh));
            geometries.push_back(index);
            surface.mesh = {};
        }
        return {};
    };
    HW_TRY(take(out.model.body, out.body));
    HW_TRY(take(out.model.rotor, out.rotor));
    HW_TRY(take(out.model.water, out.water));
    return &placed_.emplace(key, std::move(out)).first->second;
}

size_t Exporter::mesh_of(const SceneNode& node, const std::vector<Surface>& surfaces,
                         const std::vector<size_t>& geometries, const Look& look) {
    const auto& shape = *node.shape();
    const auto& type = *shape_type(node.kind());
    const auto own = [&](std::string_view name, const std::optional<Colour>& live,
                         const Colour& otherwise) {
        if (live) return *live;
        const auto word = word_of(shape, type, name);
        return word.empty() ? otherwise : colour_from(word);
    };
    std::vector<GltfDocument::Primitive> primitives;
    for (size_t i = 0; i < surfaces.size(); ++i) {
        const auto& surface = surfaces[i];
        Colour colour = surface.colour;
        if (surface.tint == Tint::body) colour = own("colour", look.body, colour);
        if (surface.tint == Tint::water) colour = own("water", look.water, colour);
        const size_t material = document_.material(
            {colour, surface.metallic, surface.roughness, surface.opacity, !surface.closed});
        primitives.push_back({geometries[i], material});
    }
    return document_.mesh(primitives, node.kind());
}

Result<void> Exporter::part(const SceneNode& node, std::string_view name, Datum fields, size_t mesh,
                            Datum::Items& children) {
    fields.put("name", text(fmt::format("{} {}", node.name(), name)));
    fields.put("mesh", Datum::integer(static_cast<int64_t>(mesh)));
    const size_t index = HW_TRY(document_.node(std::move(fields)));
    children.push_back(Datum::integer(static_cast<int64_t>(index)));
    return {};
}

Result<void> Exporter::add_water(const SceneNode& node, const Placed& placed, const Look& look,
                                 Datum::Items& children) {
    const double level =
        look.fill.value_or(number_of(*node.shape(), *shape_type(node.kind()), "level"));
    // A scale of 0 has no inverse; a film of a thousandth is not seen.
    const double height = placed.model.water_height * std::max(level, 1e-3);
    Datum fields = Datum::object({});
    fields.put("translation", vector(placed.model.water_at));
    fields.put("scale", vector({1, height, 1}));
    Datum extras = Datum::object({});
    extras.put("part", text("water"));
    extras.put("of", text(node.id));
    extras.put("height", Datum::real(placed.model.water_height));
    Datum wrapped = Datum::object({});
    wrapped.put("headworks", std::move(extras));
    fields.put("extras", std::move(wrapped));
    return part(node, "water", std::move(fields),
                mesh_of(node, placed.model.water, placed.water, look), children);
}

Result<void> Exporter::add_shape(const SceneNode& node, const Look& look, Datum& out,
                                 Datum::Items& children) {
    const Placed* shape = HW_TRY(placed(*node.shape()));
    if (!shape->body.empty())
        out.put("mesh", Datum::integer(static_cast<int64_t>(
                            mesh_of(node, shape->model.body, shape->body, look))));
    if (!shape->water.empty()) HW_TRY(add_water(node, *shape, look, children));
    if (shape->rotor.empty()) return {};
    Datum fields = Datum::object({});
    fields.put("translation", vector(shape->model.rotor_at));
    Datum extras = Datum::object({});
    extras.put("part", text("rotor"));
    extras.put("of", text(node.id));
    extras.put("axis", vector(shape->model.rotor_axis));
    Datum wrapped = Datum::object({});
    wrapped.put("headworks", std::move(extras));
    fields.put("extras", std::move(wrapped));
    return part(node, "rotor", std::move(fields),
                mesh_of(node, shape->model.rotor, shape->rotor, look), children);
}

Result<void> Exporter::add_label(const SceneNode& node, const Look& look, Datum& out) {
    const auto& shape = *node.shape();
    const auto& type = *shape_type("label");
    std::string words(word_of(shape, type, "text"));
    if (!look.labels.empty()) {
        words.clear();
        for (const auto& label : look.labels)
            words += (words.empty() ? "" : "\n") + label;
    }
    const Mesh mesh = text_mesh(words, number_of(shape, type, "size"));
    if (mesh.indices.empty()) return {};
    const size_t geometry = HW_TRY(document_.geometry(mesh));
    const auto word = word_of(shape, type, "colour");
    const size_t material =
        document_.material({look.body.value_or(colour_from(word)), 0, 1, 1, true});
    out.put("mesh",
            Datum::integer(static_cast<int64_t>(document_.mesh({{geometry, material}}, "label"))));
    return {};
}

Result<void> Exporter::add_asset(const SceneNode& node, Datum& extras, Datum::Items& children) {
    const auto& type = *shape_type("asset");
    const auto name = word_of(*node.shape(), type, "asset");
    const auto found = options_.asset ? options_.asset(name)
                                      : Result<AssetFilePtr>(fail(ErrorCode::not_found, ""));
    if (!found) {
        if (found.error().code() != ErrorCode::not_found) return fail(found.error());
        extras.put("missing", text(name));
        return {};
    }
    Datum reference = Datum::object({});
    reference.put("name", text(name));
    reference.put("digest", text((*found)->digest));
    extras.put("asset", std::move(reference));
    if (!options_.embed_assets) return {};
    const auto roots =
        document_.embed((*found)->digest, (*found)->file, word_of(*node.shape(), type, "node"));
    if (!roots && roots.error().code() == ErrorCode::not_found) {
        extras.put("missing", text(fmt::format("{}: {}", name, roots.error().text())));
        return {};
    }
    if (!roots) return fail(roots.error());
    for (const size_t root : *roots)
        children.push_back(Datum::integer(static_cast<int64_t>(root)));
    return {};
}

Result<void> Exporter::environment() {
    const auto* given = scene_.head.find("environment");
    const Datum none = Datum::object({});
    const Datum& around = given == nullptr ? none : *given;
    const auto& type = *scene_type().find("environment")->type;
    const auto& sun_type = *type.find("sun")->type;
    const auto* sun_given = around.find("sun");
    const Datum& sun = sun_given == nullptr ? none : *sun_given;
    constexpr double degree = std::numbers::pi / 180;
    const double azimuth = number_of(sun, sun_type, "azimuth") * degree;
    const double elevation = number_of(sun, sun_type, "elevation") * degree;
    // North is -z; light falls from where the sun stands.
    const Point from = {std::sin(azimuth) * std::cos(elevation), std::sin(elevation),
                        -std::cos(azimuth) * std::cos(elevation)};
    Datum light = Datum::object({});
    light.put(
        "light",
        Datum::integer(static_cast<int64_t>(document_.sun(number_of(sun, sun_type, "intensity")))));
    Datum extension = Datum::object({});
    extension.put("KHR_lights_punctual", std::move(light));
    Datum node = Datum::object({});
    node.put("name", text("sun"));
    node.put("rotation", quaternion(looking_along({-from[0], -from[1], -from[2]})));
    node.put("extensions", std::move(extension));
    const size_t sun_index = HW_TRY(document_.node(std::move(node)));
    document_.root(sun_index);

    const auto* ground = around.find("ground");
    if (ground == nullptr) return {};
    const auto& ground_type = *type.find("ground")->type;
    const auto* size = ground->find("size");
    const double x = size == nullptr ? 400 : size->items()[0].as_number();
    const double z = size == nullptr ? 400 : size->items()[1].as_number();
    const std::array<std::array<double, 2>, 4> corners = {
        {{-x / 2, -z / 2}, {x / 2, -z / 2}, {x / 2, z / 2}, {-x / 2, z / 2}}};
    const size_t geometry = HW_TRY(document_.geometry(outline_mesh(corners, 0)));
    const auto colour = colour_from(word_of(*ground, ground_type, "colour"));
    const size_t material = document_.material({colour, 0, 1, 1, true});
    Datum plane = Datum::object({});
    plane.put("name", text("ground"));
    plane.put("mesh", Datum::integer(
                          static_cast<int64_t>(document_.mesh({{geometry, material}}, "ground"))));
    plane.put("translation", vector({0, number_of(*ground, ground_type, "level"), 0}));
    const size_t index = HW_TRY(document_.node(std::move(plane)));
    document_.root(index);
    return {};
}

Result<void> Exporter::views() {
    const auto& type = *scene_type().find("views")->type;
    for (const auto& view : items_of(scene_.head, "views")) {
        const Point at = to_y_up(vector_of(view.find("position"), {0, 0, 0}), z_up_);
        const Point target = to_y_up(vector_of(view.find("target"), {0, 0, 0}), z_up_);
        auto name = word_of(view, type, "name");
        if (name.empty()) name = word_of(view, type, "id");
        Datum node = Datum::object({});
        node.put("name", text(name));
        node.put("translation", vector(at));
        node.put(
            "rotation",
            quaternion(looking_along({target[0] - at[0], target[1] - at[1], target[2] - at[2]})));
        node.put("camera", Datum::integer(static_cast<int64_t>(
                               document_.camera(number_of(view, type, "fov"), name))));
        const size_t index = HW_TRY(document_.node(std::move(node)));
        document_.root(index);
    }
    return {};
}

void Exporter::scene_extras() {
    Datum extras = Datum::object({});
    extras.put("format", text(scene_format));
    extras.put("site", text(scene_.site));
    if (options_.revision != 0) extras.put("revision", Datum::integer(options_.revision));
    if (options_.at) extras.put("at", text(format_rfc3339(*options_.at)));
    for (const auto member :
         {"description", "georeference", "environment", "quality", "layers", "schematic"})
        if (const auto* given = scene_.head.find(member)) extras.put(member, *given);
    Datum wrapped = Datum::object({});
    wrapped.put("headworks", std::move(extras));
    document_.extras = std::move(wrapped);
    document_.scene_name = std::string(word_of(scene_.head, scene_type(), "name"));
    if (document_.scene_name.empty()) document_.scene_name = scene_.site;
}

}  // namespace

Result<std::string> export_gltf(const Scene& scene, const ExportOptions& options) {
    return Exporter(scene, options).run();
}

std::optional<Detail> detail_from(std::string_view word) {
    if (word == "low") return Detail::low;
    if (word == "medium") return Detail::medium;
    if (word == "high") return Detail::high;
    return std::nullopt;
}

}  // namespace hw::twin
