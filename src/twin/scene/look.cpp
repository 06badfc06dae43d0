#include "twin/scene/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sql/json.h"

namespace hw::twin {

namespace {

const ObjectType& binding_type(std::string_view kind) {
    for (const auto& type : binding_types())
        if (type.name == kind) return type;
    HW_ASSERT(false);
    return binding_types()[0];
}

// A number, or 0 and 1 of a flag.
std::optional<double> as_number(const sql::Datum& value) {
    if (value.is_number()) return value.as_number();
    if (value.kind() == sql::Kind::boolean) return value.as_boolean() ? 1 : 0;
    return std::nullopt;
}

std::string plain(const sql::Datum& value) {
    std::string out;
    sql::append_plain(out, value);
    return out;
}

uint8_t between(uint8_t a, uint8_t b, double share) {
    return static_cast<uint8_t>(std::lround(a + (static_cast<double>(b) - a) * share));
}

std::optional<Colour> colour_at(const sql::Datum::Items& stops, bool smooth, double value) {
    const sql::Datum::Items* before = nullptr;
    for (const auto& stop : stops) {
        const auto& pair = stop.items();
        const double at = pair[0].as_number();
        const Colour colour = colour_from(pair[1].as_text());
        if (value < at) {
            if (before == nullptr) return colour;
            const Colour low = colour_from((*before)[1].as_text());
            if (!smooth) return low;
            const double from = (*before)[0].as_number();
            const double share = (value - from) / (at - from);
            return Colour{between(low.red, colour.red, share),
                          between(low.green, colour.green, share),
                          between(low.blue, colour.blue, share)};
        }
        before = &pair;
    }
    return before == nullptr ? std::nullopt : std::optional(colour_from((*before)[1].as_text()));
}

const ObjectType& quality_type() {
    return *scene_type().find("quality")->type;
}

class Looker {
  public:
    Looker(const Scene& scene, const SceneNode& node, const LiveSource& live)
        : scene_(scene), node_(node), live_(live) {}

    Look run() {
        for (const auto& binding : node_.bindings())
            bind(binding);
        return std::move(look_);
    }

  private:
    void bind(const sql::Datum& binding) {
        const auto kind = word_of(binding, node_type(), "kind");
        const auto& type = binding_type(kind);
        auto twin = word_of(binding, type, "twin");
        if (twin.empty()) twin = scene_.twin_of(node_);
        const auto property = word_of(binding, type, "property");
        const auto found = twin.empty() ? std::nullopt : live_(twin, property);
        const LiveValue value = found.value_or(LiveValue{});
        const bool seen = std::any_of(
            look_.values.begin(), look_.values.end(),
            [&](const SeenValue& one) { return one.twin == twin && one.property == property; });
        if (!seen) look_.values.push_back({std::string(twin), std::string(property), value});
        const auto number = as_number(value.value);
        if (kind == "colour") return colour(binding, type, value);
        if (kind == "label") {
            look_.labels.push_back(text(binding, type, "format", twin, value));
            return;
        }
        if (kind == "visible") {
            look_.visible = look_.visible && holds(*binding.find("when"), value.value);
            return;
        }
        if (kind == "badge") {
            if (holds(*binding.find("when"), value.value))
                look_.badges.push_back({std::string(word_of(binding, type, "severity")),
                                        text(binding, type, "text", twin, value)});
            return;
        }
        if (!number || !std::isfinite(*number)) return;
        if (kind == "fill") {
            const double low = number_of(binding, type, "min");
            const double high = number_of(binding, type, "max");
            look_.fill = std::clamp((*number - low) / (high - low), 0.0, 1.0);
        } else if (kind == "spin") {
            look_.spin = *number * number_of(binding, type, "factor");
        } else if (kind == "flow") {
            look_.flow = *number * number_of(binding, type, "factor");
        }
    }

    std::string text(const sql::Datum& binding, const ObjectType& type, std::string_view member,
                     std::string_view twin, const LiveValue& value) const {
        const auto unit = word_of(binding, type, "unit");
        auto format = word_of(binding, type, member);
        if (format.empty()) format = unit.empty() ? "{value}" : "{value} {unit}";
        return format_label(format, unit, node_.name(), twin, value);
    }

    void colour(const sql::Datum& binding, const ObjectType& type, const LiveValue& value) {
        const auto found = colour_for(binding, type, value);
        if (!found) return;
        const auto part = word_of(binding, type, "part");
        if (part != "water") look_.body = found;
        if (part != "body") look_.water = found;
    }
    std::optional<Colour> colour_for(const sql::Datum& binding, const ObjectType& type,
                                     const LiveValue& value) const {
        const auto quality = model::family(value.quality);
        if (value.value.is_null() || quality == model::QualityFamily::bad)
            return quality_colour(binding, type, "bad");
        if (value.stale) return quality_colour(binding, type, "stale");
        if (quality == model::QualityFamily::uncertain)
            if (const auto given = quality_colour(binding, type, "uncertain")) return given;
        if (const auto* values = binding.find("values"); values != nullptr && values->is_object())
            if (const auto* named = values->find(plain(value.value)))
                return colour_from(named->as_text());
        const auto number = as_number(value.value);
        const auto* stops = binding.find("stops");
        if (!number || std::isnan(*number) || stops == nullptr || !stops->is_array())
            return std::nullopt;
        return colour_at(stops->items(), flag_of(binding, type, "smooth"), *number);
    }
    std::optional<Colour> quality_colour(const sql::Datum& binding, const ObjectType& type,
                                         std::string_view name) const {
        auto given = word_of(binding, type, name);
        if (given.empty()) {
            const auto* own = scene_.head.find("quality");
            given = word_of(own == nullptr ? sql::Datum() : *own, quality_type(), name);
        }
        return given.empty() ? std::nullopt : std::optional(colour_from(given));
    }

    const Scene& scene_;
    const SceneNode& node_;
    const LiveSource& live_;
    Look look_;
};

}  // namespace

Colour colour_from(std::string_view text) {
    HW_ASSERT(is_colour(text));
    const auto digit = [](char c) {
        return c <= '9' ? c - '0' : c <= 'F' ? c - 'A' + 10 : c - 'a' + 10;
    };
    const auto byte = [&](size_t at) {
        return static_cast<uint8_t>(digit(text[at]) * 16 + digit(text[at + 1]));
    };
    return {byte(1), byte(3), byte(5)};
}

std::string to_text(Colour colour) {
    return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

bool holds(const sql::Datum& condition, const sql::Datum& value) {
    const auto* given = condition.find("op");
    const auto op = given != nullptr && given->is_text() ? given->as_text() : "";
    if (value.is_null()) return false;
    if (op == "in") {
        const auto* values = condition.find("values");
        return values != nullptr && values->is_array() &&
               std::find(values->items().begin(), values->items().end(), value) !=
                   values->items().end();
    }
    const auto* other = condition.find("value");
    if (other == nullptr) return false;
    if (op == "==") return value == *other;
    if (op == "!=") return !(value == *other);
    const bool comparable =
        (value.is_number() && other->is_number()) || (value.is_text() && other->is_text());
    if (!comparable) return false;
    if (value.is_number() && std::isnan(value.as_number())) return false;
    const auto order = sql::order(value, *other);
    if (op == "<") return order < 0;
    if (op == "<=") return order <= 0;
    if (op == ">") return order > 0;
    return op == ">=" && order >= 0;
}

std::string format_label(std::string_view format, std::string_view unit, std::string_view name,
                         std::string_view twin, const LiveValue& value) {
    std::string out;
    while (!format.empty()) {
        const size_t brace = format.find('{');
        out += format.substr(0, brace);
        if (brace == std::string_view::npos) break;
        const size_t end = format.find('}', brace);
        if (end == std::string_view::npos) break;
        const auto place = format.substr(brace + 1, end - brace - 1);
        format = format.substr(end + 1);
        if (place == "unit") {
            out += unit;
        } else if (place == "name") {
            out += name;
        } else if (place == "twin") {
            out += twin;
        } else if (place == "quality") {
            out += value.stale ? "stale" : model::to_string(value.quality);
        } else if (place == "time") {
            out += value.time.ns == 0 ? "-" : format_rfc3339(value.time);
        } else if (value.value.is_null()) {
            out += "-";
        } else if (place.size() == 9 && value.value.is_number()) {  // "value:.2f"
            out += fmt::format("{:.{}f}", value.value.as_number(), place[7] - '0');
        } else {
            out += plain(value.value);
        }
    }
    return out;
}

Look look_of(const Scene& scene, const SceneNode& node, const LiveSource& live) {
    return Looker(scene, node, live).run();
}

}  // namespace hw::twin
