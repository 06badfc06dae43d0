#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/datum.h"
#include "twin/scene/gltf_file.h"
#include "twin/scene/look.h"
#include "twin/scene/mesh.h"

namespace hw::twin {

// A glTF 2.0 file as it grows: what is the same is kept once. One owner.
class GltfDocument {
  public:
    static constexpr size_t bytes_limit = 512 << 20;  // of the buffer
    static constexpr size_t nodes_limit = 500'000;

    struct Material {
        Colour colour;
        double metallic = 0, roughness = 0.8, opacity = 1;
        bool both_sides = false;

        auto operator<=>(const Material&) const = default;
    };
    struct Primitive {
        size_t geometry, material;
        auto operator<=>(const Primitive&) const = default;
    };

    // Each gives the index. `geometry` writes the mesh's accessors; limit_exceeded beyond the
    // limit.
    Result<size_t> geometry(const Mesh& mesh);
    size_t material(const Material& material);
    size_t mesh(const std::vector<Primitive>& primitives, std::string_view name);
    Result<size_t> node(sql::Datum node);
    void root(size_t node);
    // A node with a camera (a view of the scene), or a light.
    size_t camera(double fov_degrees, std::string_view name);
    size_t sun(double intensity);

    // Puts another file's meshes, materials, images in, once; then its nodes, each time anew. Gives
    // the roots: of its default scene, or the node of that name, without skins and animations.
    // not_found: there is none.
    Result<std::vector<size_t>> embed(std::string_view digest, const GltfFile& file,
                                      std::string_view node);

    sql::Datum extras;  // of the scene
    std::string scene_name;

    // The whole file, twice or once only.
    std::string gltf() const;
    std::string glb() const;

  private:
    struct Geometry {
        size_t position, normal, indices;
    };
    // Where another file's things begin in ours.
    struct Embedded {
        size_t views = 0, accessors = 0, materials = 0, meshes = 0, textures = 0, images = 0,
               samplers = 0, cameras = 0;
    };
    size_t view(std::string_view bytes, int64_t target);
    size_t push(std::string_view list, sql::Datum value);
    size_t size(std::string_view list) const;
    Result<Embedded> embed_shared(const GltfFile& file);
    void embed_moving(const GltfFile& file, const Embedded& at, size_t nodes);
    std::vector<size_t> embed_nodes(const GltfFile& file, const Embedded& at,
                                    const std::vector<size_t>& roots, bool all);
    sql::Datum head(std::string_view buffer_uri) const;

    std::string buffer_;
    std::map<std::string, sql::Datum::Items, std::less<>> lists_;
    sql::Datum::Items roots_;
    std::vector<Geometry> geometries_;
    std::map<Material, size_t> materials_;
    std::map<std::vector<Primitive>, size_t> meshes_;
    std::map<std::string, Embedded, std::less<>> embedded_;
    std::set<std::string> extensions_, required_;
    sql::Datum::Items lights_;
};

}  // namespace hw::twin
