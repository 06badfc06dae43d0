#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hw::twin {

// The format "headworks-scene/1" as a table: the reader, the interface's schema and the test of
// docs/twin_scene.md read it, so that they cannot differ.
constexpr std::string_view scene_format = "headworks-scene/1";

enum class FieldKind : uint8_t {
    text,        // `least` to `most` bytes
    local_text,  // the same, or {"en": text, "zh": text, ...}
    id,          // letters, digits, "-_.:" and '/'; 1 to 128 bytes
    twin,        // a twin's id
    path,        // of a property: names joined by '/'
    flag,        // true or false
    number,      // `least` to `most`
    colour,      // "#rrggbb"
    choice,      // one of `words`, parted by '|'
    scalar,      // number, text or flag
    vector2,     // [x, y]
    vector3,     // [x, y, z]
    quaternion,  // [x, y, z, w] of length 1
    scale,       // a number, or [x, y, z]
    points2,     // [[x, y], ...], `least` to `most` of them
    points3,     // [[x, y, z], ...]
    stops,       // [[value, "#rrggbb"], ...], rising
    colours,     // {"value": "#rrggbb", ...}
    scalars,     // [scalar, ...]
    object,      // of `type`
    list,        // of objects of `type`, at most `most`
    one_of,      // an object whose "kind" is the name of one of `types`
    list_of,     // a list of such
    free,        // an object of the user's own, as JSON at most `most` bytes
};

struct ObjectType;

struct Field {
    std::string_view name;
    FieldKind kind = FieldKind::text;
    bool required = false;
    double least = 0, most = 0;   // both 0: the kind's own
    double standard = 0;          // of a number that is left out; 1 is true of a flag
    std::string_view words = {};  // of a choice; the first is the standard. Of a colour: it
    const ObjectType* type = nullptr;
    std::span<const ObjectType> types = {};
    std::string_view help = {};
};

struct ObjectType {
    std::string_view name;
    std::string_view help;
    std::span<const Field> fields;

    const Field* find(std::string_view field) const;
};

const ObjectType& scene_type();
const ObjectType& node_type();
std::span<const ObjectType> shape_types();
std::span<const ObjectType> binding_types();
const ObjectType* shape_type(std::string_view kind);

}  // namespace hw::twin
