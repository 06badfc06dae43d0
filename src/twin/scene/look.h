#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/datum.h"
#include "twin/model/state.h"
#include "twin/scene/scene.h"

namespace hw::twin {

// sRGB, 0 to 255 each.
struct Colour {
    uint8_t red = 0, green = 0, blue = 0;

    friend auto operator<=>(const Colour&, const Colour&) = default;
};
Colour colour_from(std::string_view text);  // "#rrggbb", checked
std::string to_text(Colour colour);

// The value of a twin's property at the time a scene is looked at; nullopt: there is none such.
using LiveSource =
    std::function<std::optional<LiveValue>(std::string_view twin, std::string_view path)>;

struct SeenValue {
    std::string twin, property;
    LiveValue value;
};
struct SeenBadge {
    std::string severity, text;
};

// How a node looks with the values it is bound to: what a client computes too, defined once. Where
// several bindings say the same thing, the last one that has an answer holds.
struct Look {
    std::optional<Colour> body, water;
    std::optional<double> fill;  // 0 to 1
    std::optional<double> spin;  // turns a minute
    std::optional<double> flow;  // m/s along the shape
    bool visible = true;
    std::vector<std::string> labels;
    std::vector<SeenBadge> badges;
    std::vector<SeenValue> values;  // each property once
};

Look look_of(const Scene& scene, const SceneNode& node, const LiveSource& live);

// Parts of it, for tests and other rooms.
std::string format_label(std::string_view format, std::string_view unit, std::string_view name,
                         std::string_view twin, const LiveValue& value);
bool holds(const sql::Datum& condition, const sql::Datum& value);

}  // namespace hw::twin
