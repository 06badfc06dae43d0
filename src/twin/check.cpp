#include "twin/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_text.h"
#include "model/point_path.h"
#include "sql/json.h"
#include "twin/model/twin_id.h"
#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

// Names one level below `prefix` ("" or "drive/"), for "did you mean".
std::vector<std::string> names_below(const Interface& model, std::string_view prefix) {
    std::vector<std::string> names;
    for (const auto& slot : model.slots) {
        if (!slot.path.starts_with(prefix)) continue;
        const auto rest = std::string_view(slot.path).substr(prefix.size());
        names.emplace_back(rest.substr(0, rest.find('/')));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

bool is_component(const Interface& model, const std::string& path) {
    const std::string prefix = path + "/";
    const auto below = [&](const Slot& slot) { return slot.path.starts_with(prefix); };
    if (std::any_of(model.slots.begin(), model.slots.end(), below)) return true;
    const Content* content = model.find(path);
    return content != nullptr && content->kind == ContentKind::component;
}

Result<sql::Datum> check_properties(const Interface& model, const std::string& prefix,
                                    const sql::Datum& given) {
    if (!given.is_object())
        return refuse(fmt::format("'{}' must be an object of properties",
                                  prefix.empty() ? "properties" : prefix));
    sql::Datum checked = sql::Datum::object({});
    for (const auto& [key, value] : given.members()) {
        const std::string path = prefix + std::string(key.as_text());
        if (key.as_text().starts_with('$') || value.is_null()) continue;
        if (const auto number = model.slot(path)) {
            const Content& content = *model.slots[*number].content;
            if (!content.expression.empty())
                return refuse(
                    fmt::format("'{}' is derived in {} and cannot be set", path, model.id));
            auto sound = content.schema ? check_value(*content.schema, value) : value;
            if (!sound) return fail(sound.error().within(fmt::format("property '{}'", path)));
            checked.put(key, std::move(*sound));
        } else if (is_component(model, path)) {
            auto inner = HW_TRY(check_properties(model, path + "/", value));
            if (!inner.members().empty()) checked.put(key, std::move(inner));
        } else {
            return refuse(fmt::format("'{}' is no property of {}{}", path, model.id,
                                      did_you_mean(key.as_text(), names_below(model, prefix))));
        }
    }
    return checked;
}

Result<void> check_bindings(const TwinSpec& spec, const Interface& model) {
    for (const auto& [path, point] : spec.bindings) {
        const auto number = model.slot(path);
        if (!number) {
            std::vector<std::string> paths;
            for (const auto& slot : model.slots)
                paths.push_back(slot.path);
            return refuse(fmt::format("the binding of '{}' names no telemetry or property of {}{}",
                                      path, model.id, did_you_mean(path, paths)));
        }
        if (!model.slots[*number].content->expression.empty())
            return refuse(fmt::format("'{}' is derived in {} and cannot be bound", path, model.id));
        if (point.empty()) continue;
        if (auto sound = model::check_point_path(point); !sound)
            return fail(sound.error().within(fmt::format("the binding of '{}'", path)));
    }
    return {};
}

Result<void> check_size(const sql::Datum& values, const Settings& settings) {
    const size_t size = sql::to_json(values).size();
    if (size <= settings.properties_bytes_limit) return {};
    return fail(ErrorCode::limit_exceeded,
                fmt::format("the properties have {} bytes as JSON, more than "
                            "twin.properties_bytes_limit = {}; raise it or bind them to points",
                            size, settings.properties_bytes_limit));
}

}  // namespace

Result<TwinSpec> check_twin(TwinSpec spec, const Interface& model, const Settings& settings) {
    HW_TRY(check_twin_id(spec.id));
    spec.name = HW_TRY(read_name(spec.name));
    if (spec.properties.is_null()) spec.properties = sql::Datum::object({});
    spec.properties = HW_TRY(check_properties(model, "", spec.properties));
    HW_TRY(check_size(spec.properties, settings));
    HW_TRY(check_bindings(spec, model));
    return spec;
}

Result<const Content*> relationship_of(const Interface& model, std::string_view name) {
    const Content* content = model.find(name);
    if (content != nullptr && content->kind == ContentKind::relationship) return content;
    std::vector<std::string> names;
    for (const auto& known : model.contents)
        if (known.kind == ContentKind::relationship) names.push_back(known.name);
    return refuse(fmt::format("'{}' is no relationship of {}{}",
                              model::printable(name.substr(0, 128)), model.id,
                              did_you_mean(name, names)));
}

Result<RelationshipSpec> check_relationship(RelationshipSpec spec, const Content& relationship,
                                            const Interface& target, const Settings& settings) {
    if (!relationship.target.empty() && !target.is_a(relationship.target))
        return refuse(fmt::format("the relationship '{}' leads to {}, '{}' is of {}", spec.name,
                                  relationship.target, spec.target, target.id));
    if (spec.properties.is_null()) spec.properties = sql::Datum::object({});
    if (!spec.properties.is_object())
        return refuse("the properties of a relationship must be an object");
    sql::Datum checked = sql::Datum::object({});
    for (const auto& [key, value] : spec.properties.members()) {
        if (key.as_text().starts_with('$') || value.is_null()) continue;
        const auto known =
            std::find_if(relationship.properties.begin(), relationship.properties.end(),
                         [&](const Content& content) { return content.name == key.as_text(); });
        if (known == relationship.properties.end()) {
            std::vector<std::string> names;
            for (const auto& content : relationship.properties)
                names.push_back(content.name);
            return refuse(fmt::format("'{}' is no property of the relationship '{}'{}",
                                      key.as_text(), spec.name,
                                      did_you_mean(key.as_text(), names)));
        }
        auto sound = known->schema ? check_value(*known->schema, value) : value;
        if (!sound) return fail(sound.error().within(fmt::format("property '{}'", known->name)));
        checked.put(key, std::move(*sound));
    }
    spec.properties = std::move(checked);
    HW_TRY(check_size(spec.properties, settings));
    return spec;
}

Error too_many(const RelationshipSpec& spec, const Content& relationship) {
    return {ErrorCode::conflict,
            fmt::format("twin '{}' has {} relationships '{}' already, which is the "
                        "maxMultiplicity of {}; remove one first",
                        spec.source, relationship.max_multiplicity, spec.name,
                        relationship.defined_in)};
}

sql::Datum described(const TwinSpec& spec) {
    sql::Datum out = sql::Datum::object({});
    out.put("model", sql::Datum::text(spec.model));
    if (!spec.name.empty()) out.put("name", name_datum(spec.name));
    if (!spec.properties.members().empty()) out.put("properties", spec.properties);
    if (spec.bindings.empty()) return out;
    sql::Datum bindings = sql::Datum::object({});
    for (const auto& [path, point] : spec.bindings)
        bindings.put(path, sql::Datum::text(point));
    out.put("bindings", std::move(bindings));
    return out;
}

std::string described_json(const TwinSpec& spec) {
    return sql::to_json(described(spec));
}

std::string described_json(const RelationshipSpec& spec) {
    return sql::to_json(spec.properties);
}

sql::Datum merge_patch(sql::Datum target, const sql::Datum& patch) {
    if (!patch.is_object()) return patch;
    if (!target.is_object()) target = sql::Datum::object({});
    for (const auto& [key, value] : patch.members()) {
        auto& members = target.own_members();
        const auto at = std::find_if(
            members.begin(), members.end(),
            [&](const sql::Member& member) { return member.key.as_text() == key.as_text(); });
        if (value.is_null()) {
            if (at != members.end()) members.erase(at);
        } else if (at != members.end()) {
            at->value = merge_patch(std::move(at->value), value);
        } else {
            target.put(key, merge_patch({}, value));
        }
    }
    return target;
}

}  // namespace hw::twin
