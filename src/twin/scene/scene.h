#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "sql/datum.h"
#include "twin/scene/check.h"

namespace hw::twin {

constexpr size_t scene_bytes_limit = 8 << 20;  // as JSON
constexpr size_t scene_nodes_limit = 20'000;
constexpr size_t scene_depth_limit = 64;  // parents of parents

using Vector3 = std::array<double, 3>;
using Quaternion = std::array<double, 4>;  // x, y, z, w

// Readers of what was checked; what is left out has the table's standard.
double number_of(const sql::Datum& object, const ObjectType& type, std::string_view name);
bool flag_of(const sql::Datum& object, const ObjectType& type, std::string_view name);
std::string_view word_of(const sql::Datum& object, const ObjectType& type, std::string_view name);
Vector3 vector_of(const sql::Datum* value, const Vector3& otherwise);

// One node as it was given, checked. Immutable.
struct SceneNode {
    std::string id;
    std::string parent;  // empty: none
    std::string twin;    // as given; see Scene::twin_of
    sql::Datum body;     // all of it

    std::string_view name() const;    // the id where it has none
    const sql::Datum* shape() const;  // null: a group
    std::string_view kind() const;    // of the shape; empty: a group
    const sql::Datum::Items& bindings() const;
};
using SceneNodePtr = std::shared_ptr<const SceneNode>;

// A scene, checked: ids are unique, parents, layers and the ends of lines are there, no node is its
// own ancestor. Immutable once shared; a changed one shares the nodes that are the same.
struct Scene {
    std::string site;  // the twin it is stored under
    sql::Datum head;   // all but the nodes
    std::vector<SceneNodePtr> nodes;

    const SceneNode* find(std::string_view id) const;
    std::optional<size_t> index(std::string_view id) const;
    // The node's own twin, or the nearest parent's that has one.
    std::string_view twin_of(const SceneNode& node) const;
    // Also by its parents'.
    bool visible(const SceneNode& node) const;
    bool z_up() const;
    std::string json() const;

    std::unordered_map<std::string_view, size_t> places;  // by id; filled by the makers
};

// The local rotation as a quaternion, of whichever form was given.
Quaternion rotation_of(const sql::Datum& node);
Vector3 scale_of(const sql::Datum& node);

// Errors: invalid_argument with the flaws; limit_exceeded.
Result<Scene> read_scene(std::string_view json, std::string_view site, SceneFlaws& flaws);
// Of its parts, as the store has them.
Result<Scene> scene_of(std::string_view site, sql::Datum head, std::vector<sql::Datum> nodes,
                       SceneFlaws& flaws);

// Changes of one node. Each gives the whole new scene, checked anew; the paths of flaws begin
// within the node. `created` tells that it was not there.
Result<Scene> with_node(const Scene& scene, std::string_view id, std::string_view json,
                        SceneFlaws& flaws, bool& created);
// A JSON merge patch (RFC 7396). not_found names the nearest.
Result<Scene> with_patched_node(const Scene& scene, std::string_view id, std::string_view json,
                                SceneFlaws& flaws);
// conflict: it has children, unless `cascade` takes them too, or a line ends at it.
Result<Scene> without_node(const Scene& scene, std::string_view id, bool cascade);
// A JSON merge patch over all but the nodes.
Result<Scene> with_patched_head(const Scene& scene, std::string_view json, SceneFlaws& flaws);

// RFC 7396: members of `patch` over those of `target`; null removes.
sql::Datum merged(sql::Datum target, const sql::Datum& patch);

// Whether what a scene refers to is there.
struct SceneReferences {
    enum class Answer : uint8_t { known, no_twin, no_property };
    std::function<Answer(std::string_view twin, std::string_view property)> property;
    std::function<bool(std::string_view twin)> twin;
    std::function<bool(std::string_view asset)> asset;
};
// What is doubtful but no error: twins, properties and assets that are not there, a fill or spin of
// a shape that has none. At most SceneFlaws::limit, then counted. Of one node where `only` names
// it.
SceneFlaws warnings_of(const Scene& scene, const SceneReferences& references,
                       std::string_view only = {});

// Every asset that is named, once each.
std::vector<std::string> assets_of(const Scene& scene);
// Every twin that a binding or node names, once each, sorted.
std::vector<std::string> twins_of(const Scene& scene);

}  // namespace hw::twin
