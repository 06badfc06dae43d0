#include "twin/scene/gltf_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/base64.h"
#include "base/bytes.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr int64_t array_buffer = 34962, element_buffer = 34963;

Datum integer(size_t value) {
    return Datum::integer(static_cast<int64_t>(value));
}

// sRGB to linear (IEC 61966-2-1), as baseColorFactor wants it.
double linear(uint8_t value) {
    const double share = value / 255.0;
    return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
}

Datum rounded(double value) {
    return Datum::real(std::round(value * 1e6) / 1e6);
}

std::string_view bytes_of(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace

size_t GltfDocument::size(std::string_view list) const {
    const auto at = lists_.find(list);
    return at == lists_.end() ? 0 : at->second.size();
}

size_t GltfDocument::push(std::string_view list, Datum value) {
    auto at = lists_.find(list);
    if (at == lists_.end()) at = lists_.try_emplace(std::string(list)).first;
    at->second.push_back(std::move(value));
    return at->second.size() - 1;
}

// Each view begins at a multiple of 4 (section 3.6.2.4 asks it of floats).
size_t GltfDocument::view(std::string_view bytes, int64_t target) {
    buffer_.resize((buffer_.size() + 3) / 4 * 4, '\0');
    Datum view = Datum::object({});
    view.put("buffer", Datum::integer(0));
    view.put("byteOffset", integer(buffer_.size()));
    view.put("byteLength", integer(bytes.size()));
    if (target != 0) view.put("target", Datum::integer(target));
    buffer_ += bytes;
    return push("bufferViews", std::move(view));
}

Result<size_t> GltfDocument::geometry(const Mesh& mesh) {
    HW_ASSERT(!mesh.indices.empty() && mesh.positions.size() == mesh.normals.size());
    const size_t more = (mesh.positions.size() * 2 + mesh.indices.size()) * 4;
    if (buffer_.size() + more > bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the export has more than {} MiB of geometry; ask for a lower "
                                "level of detail (lod=low)",
                                bytes_limit >> 20));
    const auto accessor = [this](size_t view, int64_t component, size_t count,
                                 std::string_view type) {
        Datum out = Datum::object({});
        out.put("bufferView", integer(view));
        out.put("componentType", Datum::integer(component));
        out.put("count", integer(count));
        out.put("type", Datum::text(type));
        return out;
    };
    const size_t vertices = mesh.vertices();
    Datum position = accessor(view(bytes_of(mesh.positions), array_buffer), 5126, vertices, "VEC3");
    Datum::Items least, most;
    for (size_t part = 0; part < 3; ++part) {
        float low = mesh.positions[part], high = low;
        for (size_t i = part; i < mesh.positions.size(); i += 3) {
            low = std::min(low, mesh.positions[i]);
            high = std::max(high, mesh.positions[i]);
        }
        least.push_back(Datum::real(low));
        most.push_back(Datum::real(high));
    }
    position.put("min", Datum::array(std::move(least)));
    position.put("max", Datum::array(std::move(most)));
    Geometry out{};
    out.position = push("accessors", std::move(position));
    out.normal = push("accessors",
                      accessor(view(bytes_of(mesh.normals), array_buffer), 5126, vertices, "VEC3"));
    std::string indices;
    ByteWriter writer(indices);
    const bool small = vertices < 0xffff;
    for (const uint32_t index : mesh.indices) {
        if (small)
            writer.little(static_cast<uint16_t>(index));
        else
            writer.little(index);
    }
    out.indices = push("accessors", accessor(view(indices, element_buffer), small ? 5123 : 5125,
                                             mesh.indices.size(), "SCALAR"));
    geometries_.push_back(out);
    return geometries_.size() - 1;
}

size_t GltfDocument::material(const Material& wanted) {
    if (const auto at = materials_.find(wanted); at != materials_.end()) return at->second;
    Datum pbr = Datum::object({});
    pbr.put("baseColorFactor",
            Datum::array({rounded(linear(wanted.colour.red)), rounded(linear(wanted.colour.green)),
                          rounded(linear(wanted.colour.blue)), rounded(wanted.opacity)}));
    pbr.put("metallicFactor", rounded(wanted.metallic));
    pbr.put("roughnessFactor", rounded(wanted.roughness));
    Datum out = Datum::object({});
    out.put("name", Datum::text(to_text(wanted.colour)));
    out.put("pbrMetallicRoughness", std::move(pbr));
    if (wanted.opacity < 1) out.put("alphaMode", Datum::text("BLEND"));
    if (wanted.both_sides) out.put("doubleSided", Datum::boolean(true));
    const size_t index = push("materials", std::move(out));
    materials_.emplace(wanted, index);
    return index;
}

size_t GltfDocument::mesh(const std::vector<Primitive>& primitives, std::string_view name) {
    if (const auto at = meshes_.find(primitives); at != meshes_.end()) return at->second;
    Datum::Items list;
    for (const auto& primitive : primitives) {
        const auto& geometry = geometries_[primitive.geometry];
        Datum attributes = Datum::object({});
        attributes.put("POSITION", integer(geometry.position));
        attributes.put("NORMAL", integer(geometry.normal));
        Datum one = Datum::object({});
        one.put("attributes", std::move(attributes));
        one.put("indices", integer(geometry.indices));
        one.put("material", integer(primitive.material));
        list.push_back(std::move(one));
    }
    Datum out = Datum::object({});
    out.put("name", Datum::text(name));
    out.put("primitives", Datum::array(std::move(list)));
    const size_t index = push("meshes", std::move(out));
    meshes_.emplace(primitives, index);
    return index;
}

Result<size_t> GltfDocument::node(Datum node) {
    if (size("nodes") >= nodes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the export has more than {} nodes; use assets by reference "
                                "(assets=reference)",
                                nodes_limit));
    return push("nodes", std::move(node));
}

void GltfDocument::root(size_t node) {
    roots_.push_back(integer(node));
}

size_t GltfDocument::camera(double fov_degrees, std::string_view name) {
    Datum perspective = Datum::object({});
    perspective.put("yfov", rounded(fov_degrees * std::numbers::pi / 180));
    perspective.put("znear", Datum::real(0.1));
    Datum camera = Datum::object({});
    camera.put("name", Datum::text(name));
    camera.put("type", Datum::text("perspective"));
    camera.put("perspective", std::move(perspective));
    return push("cameras", std::move(camera));
}

size_t GltfDocument::sun(double intensity) {
    extensions_.insert("KHR_lights_punctual");
    Datum light = Datum::object({});
    light.put("name", Datum::text("sun"));
    light.put("type", Datum::text("directional"));
    light.put("intensity", rounded(intensity));
    lights_.push_back(std::move(light));
    return lights_.size() - 1;
}

Datum GltfDocument::head(std::string_view buffer_uri) const {
    Datum asset = Datum::object({});
    asset.put("version", Datum::text("2.0"));
    asset.put("generator", Datum::text("Headworks"));
    Datum out = Datum::object({});
    out.put("asset", std::move(asset));
    const auto names = [&](std::string_view member, const std::set<std::string>& set) {
        Datum::Items items;
        for (const auto& name : set)
            items.push_back(Datum::text(name));
        if (!items.empty()) out.put(member, Datum::array(std::move(items)));
    };
    names("extensionsUsed", extensions_);
    names("extensionsRequired", required_);
    if (!lights_.empty()) {
        Datum lights = Datum::object({});
        lights.put("lights", Datum::array(lights_));
        Datum extension = Datum::object({});
        extension.put("KHR_lights_punctual", std::move(lights));
        out.put("extensions", std::move(extension));
    }
    Datum scene = Datum::object({});
    if (!scene_name.empty()) scene.put("name", Datum::text(scene_name));
    if (!roots_.empty()) scene.put("nodes", Datum::array(roots_));
    if (extras.is_object()) scene.put("extras", extras);
    out.put("scene", Datum::integer(0));
    out.put("scenes", Datum::array({std::move(scene)}));
    for (const auto& [name, items] : lists_)
        if (!items.empty()) out.put(name, Datum::array(items));
    if (buffer_.empty()) return out;
    Datum buffer = Datum::object({});
    buffer.put("byteLength", integer(buffer_.size()));
    if (!buffer_uri.empty()) buffer.put("uri", Datum::text(buffer_uri));
    out.put("buffers", Datum::array({std::move(buffer)}));
    return out;
}

std::string GltfDocument::gltf() const {
    return sql::to_json(head("data:application/octet-stream;base64," + base64(buffer_)));
}

std::string GltfDocument::glb() const {
    std::string json = sql::to_json(head(""));
    json.resize((json.size() + 3) / 4 * 4, ' ');
    std::string buffer = buffer_;
    buffer.resize((buffer.size() + 3) / 4 * 4, '\0');
    std::string out;
    out.reserve(json.size() + buffer.size() + 28);
    ByteWriter writer(out);
    writer.text("glTF");
    writer.little<uint32_t>(2);
    const size_t whole = 12 + 8 + json.size() + (buffer.empty() ? 0 : 8 + buffer.size());
    writer.little(static_cast<uint32_t>(whole));
    writer.little(static_cast<uint32_t>(json.size()));
    writer.text("JSON");
    writer.text(json);
    if (!buffer.empty()) {
        writer.little(static_cast<uint32_t>(buffer.size()));
        writer.text(std::string_view("BIN\0", 4));
        writer.text(buffer);
    }
    return out;
}

}  // namespace hw::twin
