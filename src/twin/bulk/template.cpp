#include "twin/bulk/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sql/json.h"
#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

// '*' stands for anything. Linear but for texts made to be slow, which are short.
bool matches_stars(std::string_view pattern, std::string_view text) {
    size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

template <class Fits>
bool one_fits(const std::vector<std::string>& wanted, const Fits& fits) {
    return wanted.empty() || std::ranges::any_of(wanted, fits);
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    json.key(name);
    json.begin_array();
    for (const auto& text : texts)
        json.value(text);
    json.end_array();
}

void write_map(JsonWriter& json, std::string_view name,
               const std::map<std::string, std::string>& map) {
    if (map.empty()) return;
    json.key(name);
    json.begin_object();
    for (const auto& [key, value] : map)
        json.member(key, value);
    json.end_object();
}

void write_properties(JsonWriter& json, const sql::Datum& properties) {
    if (properties.members().empty()) return;
    json.key("properties");
    json.raw(sql::to_json(properties));
}

// Members only: the object around them has others too.
void write_shape(JsonWriter& json, const TwinShape& shape) {
    json.member("id", shape.id);
    json.member("model", shape.model);
    if (!shape.name.empty()) write_name(json, "name", shape.name);
    write_properties(json, shape.properties);
    write_map(json, "bindings", shape.bindings);
    if (shape.relationships.empty()) return;
    json.key("relationships");
    json.begin_array();
    for (const auto& edge : shape.relationships) {
        json.begin_object();
        json.member("name", edge.name);
        if (!edge.source.empty()) json.member("source", edge.source);
        if (!edge.target.empty()) json.member("target", edge.target);
        write_properties(json, edge.properties);
        json.end_object();
    }
    json.end_array();
}

void write_rule(JsonWriter& json, const PointRule& rule) {
    json.begin_object();
    write_texts(json, "points", rule.points);
    if (!(rule.when == TagCondition{})) {
        json.key("when");
        json.begin_object();
        write_texts(json, "unit", rule.when.unit);
        write_texts(json, "type", rule.when.type);
        write_texts(json, "access", rule.when.access);
        write_texts(json, "description", rule.when.description);
        write_texts(json, "device", rule.when.device);
        json.end_object();
    }
    if (rule.ignore) {
        json.member("ignore", true);
    } else {
        if (rule.property != "{property}") json.member("property", rule.property);
        write_map(json, "rename", rule.rename);
        write_shape(json, rule.twin);
    }
    json.end_object();
}

}  // namespace

bool TagCondition::fits(const PointFacts& facts) const {
    const auto word = [](const std::string& fact) {
        return [&fact](const std::string& wanted) { return same_word(wanted, fact); };
    };
    const auto stars = [](const std::string& fact) {
        return [&fact](const std::string& wanted) { return matches_stars(wanted, fact); };
    };
    return one_fits(unit, word(facts.unit)) && one_fits(type, word(facts.type)) &&
           one_fits(access, word(facts.access)) &&
           one_fits(description, stars(facts.description)) && one_fits(device, stars(facts.device));
}

void add_points(std::vector<PointFacts>& points, const gateway::DeviceSpec& device) {
    for (const auto& group : device.groups) {
        for (const auto& tag : group.tags) {
            points.push_back({tag.point.empty() ? device.name + "/" + tag.name : tag.point,
                              std::string(gateway::to_string(tag.type)), tag.unit,
                              gateway::to_string(tag.access), tag.description, device.name});
        }
    }
}

std::string twin_template_text(const TwinTemplate& what) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("name", what.name);
    if (!what.description.empty()) json.member("description", what.description);
    json.key("parameters");
    json.begin_object();
    for (const auto& [name, parameter] : what.parameters) {
        json.key(name);
        json.begin_object();
        if (!parameter.description.empty()) json.member("description", parameter.description);
        if (parameter.default_value) json.member("default", *parameter.default_value);
        json.end_object();
    }
    json.end_object();
    json.key("twins");
    json.begin_array();
    for (const auto& twin : what.twins) {
        json.begin_object();
        write_texts(json, "points", twin.points);
        write_shape(json, twin.twin);
        json.end_object();
    }
    json.end_array();
    json.key("rules");
    json.begin_array();
    for (const auto& rule : what.rules)
        write_rule(json, rule);
    json.end_array();
    json.end_object();
    return out;
}

void write_template_report(JsonWriter& json, const TwinTemplate& what,
                           const TemplateReport& report) {
    json.begin_object();
    json.member("points", report.points);
    json.member("taken", report.taken);
    json.member("ignored", report.ignored);
    json.member("untaken", report.untaken);
    json.member("without_slot", report.without_slot);
    json.member("other_units", report.other_units);
    json.key("rules");
    json.begin_array();
    for (size_t i = 0; i < what.rules.size() && i < report.taken_by_rule.size(); ++i) {
        json.begin_object();
        write_texts(json, "points", what.rules[i].points);
        json.member("taken", report.taken_by_rule[i]);
        json.end_object();
    }
    json.end_array();
    json.key("untaken_points");
    json.begin_array();
    for (const auto& point : report.untaken_points)
        json.value(point);
    json.end_array();
    json.key("points_without_slot");
    json.begin_array();
    for (const auto& one : report.points_without_slot) {
        json.begin_object();
        json.member("point", one.point);
        json.member("twin", one.twin);
        json.member("model", one.model);
        json.member("path", one.path);
        if (!one.nearest.empty()) json.member("nearest", one.nearest);
        json.end_object();
    }
    json.end_array();
    json.key("unit_differences");
    json.begin_array();
    for (const auto& one : report.unit_differences) {
        json.begin_object();
        json.member("point", one.point);
        json.member("unit", one.unit);
        json.member("slot_unit", one.slot_unit);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

}  // namespace hw::twin
