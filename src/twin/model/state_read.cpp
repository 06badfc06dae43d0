#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/config_text.h"
#include "model/point_path.h"
#include "sql/json.h"
#include "twin/model/state.h"
#include "twin/model/twin_id.h"
#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

using sql::Datum;

constexpr size_t members_limit = 10'000;  // Models::slots_limit: more is of no model

Error bad(std::string_view member, std::string_view what) {
    return {ErrorCode::invalid_argument,
            fmt::format("'{}' {}", model::printable(member.substr(0, 128)), what)};
}

std::string kind_of(const Datum& value) {
    return fmt::format("found {} {}", value.is_array() || value.is_object() ? "an" : "a",
                       sql::to_string(value.kind()));
}

Result<std::string> text_of(std::string_view member, const Datum& value) {
    if (!value.is_text()) return fail(bad(member, "must be a text; " + kind_of(value)));
    return std::string(value.as_text());
}

Result<void> check_object(std::string_view member, const Datum& value) {
    if (!value.is_object()) return fail(bad(member, "must be an object; " + kind_of(value)));
    return {};
}

// The texts must agree, where there are both.
Result<std::string> settle_id(std::string_view member, const Datum* written, std::string_view id) {
    std::string settled(id);
    if (written != nullptr && !written->is_null()) {
        settled = HW_TRY(text_of(member, *written));
        if (!id.empty() && settled != id)
            return fail(bad(member, fmt::format("is '{}', but the twin is '{}'",
                                                model::printable(settled.substr(0, 128)),
                                                model::printable(id.substr(0, 128)))));
    }
    if (settled.empty()) return fail(bad(member, "is missing"));
    HW_TRY(check_twin_id(settled));
    return settled;
}

Result<void> check_model(std::string_view member, std::string_view model) {
    if (model.empty()) return fail(bad(member, "is empty; it is the DTMI of the twin's model"));
    constexpr size_t limit = 128;  // of an interface's DTMI
    if (auto good = check_dtmi(model, limit); !good)
        return fail(good.error().within(fmt::format("'{}'", member)));
    return {};
}

// Null: there is none. In place, so that many properties of one component cost no copies.
Datum* own_member(Datum& object, std::string_view name) {
    if (object.find(name) == nullptr) return nullptr;
    for (auto& member : object.own_members())
        if (member.key.as_text() == name) return &member.value;
    return nullptr;
}

Result<void> check_count(std::string_view member, const Datum& object) {
    const size_t count = object.members().size();
    if (count <= members_limit) return {};
    return fail(
        ErrorCode::limit_exceeded,
        bad(member, fmt::format("has {} members; at most {}", count, members_limit)).text());
}

// Properties by name or path, as they come; nulls are as if not there.
Result<Datum> read_properties(std::string_view member, const Datum& given) {
    HW_TRY(check_object(member, given));
    HW_TRY(check_count(member, given));
    Datum properties = Datum::object({});
    for (const auto& [key, value] : given.members()) {
        if (value.is_null()) continue;
        if (auto put = put_property(properties, key.as_text(), value); !put)
            return fail(put.error().within(member));
    }
    return properties;
}

Result<std::map<std::string, std::string>> read_bindings(const Datum& given) {
    HW_TRY(check_object("bindings", given));
    HW_TRY(check_count("bindings", given));
    std::map<std::string, std::string> bindings;
    for (const auto& [key, value] : given.members()) {
        if (value.is_null()) continue;
        const std::string member = fmt::format("bindings.{}", key.as_text());
        if (key.as_text().empty()) return fail(bad("bindings", "has an empty path"));
        auto point = HW_TRY(text_of(member, value));
        if (!point.empty())
            if (auto good = model::check_point_path(point); !good)
                return fail(good.error().within(member));
        bindings.emplace(key.as_text(), std::move(point));
    }
    return bindings;
}

Result<TwinSpec> read_own_form(const Datum& json, std::string_view id) {
    static const std::vector<std::string> known = {"id", "model", "name", "properties", "bindings"};
    TwinSpec spec;
    for (const auto& [key, value] : json.members()) {
        const auto member = key.as_text();
        if (std::ranges::find(known, member) == known.end())
            return fail(
                bad(member, fmt::format("is not known{}; a twin has {}",
                                        did_you_mean(member, known), fmt::join(known, ", "))));
        if (value.is_null() || member == "id") continue;
        if (member == "model") spec.model = HW_TRY(text_of(member, value));
        if (member == "name") spec.name = HW_TRY(read_name(value));
        if (member == "properties") spec.properties = HW_TRY(read_properties(member, value));
        if (member == "bindings") spec.bindings = HW_TRY(read_bindings(value));
    }
    spec.id = HW_TRY(settle_id("id", json.find("id"), id));
    HW_TRY(check_model("model", spec.model));
    return spec;
}

// A component without what Azure Digital Twins says about its properties.
Datum without_metadata(const Datum& value) {
    if (!value.is_object() || value.find("$metadata") == nullptr) return value;
    Datum out = Datum::object({});
    for (const auto& [key, member] : value.members())
        if (key.as_text() != "$metadata") out.put(key, without_metadata(member));
    return out;
}

// Azure Digital Twins API, "Digital Twin Json Format".
Result<TwinSpec> read_dtdl_form(const Datum& json, std::string_view id) {
    static const std::vector<std::string> known = {"$dtId", "$etag", "$metadata"};
    HW_TRY(check_count("$dtId", json));
    TwinSpec spec;
    for (const auto& [key, value] : json.members()) {
        const auto member = key.as_text();
        if (member.starts_with('$')) {
            if (std::ranges::find(known, member) == known.end())
                return fail(
                    bad(member, fmt::format("is not known{}; a twin in this form has {} "
                                            "and its properties",
                                            did_you_mean(member, known), fmt::join(known, ", "))));
            continue;
        }
        if (value.is_null()) continue;
        HW_TRY(put_property(spec.properties, member, without_metadata(value)));
    }
    spec.id = HW_TRY(settle_id("$dtId", json.find("$dtId"), id));
    const Datum* metadata = json.find("$metadata");
    if (metadata == nullptr) return fail(bad("$metadata", "is missing; its $model is the DTMI"));
    HW_TRY(check_object("$metadata", *metadata));
    const Datum* model = metadata->find("$model");
    if (model == nullptr) return fail(bad("$metadata.$model", "is missing"));
    spec.model = HW_TRY(text_of("$metadata.$model", *model));
    HW_TRY(check_model("$metadata.$model", spec.model));
    return spec;
}

}  // namespace

Result<void> put_property(Datum& properties, std::string_view path, Datum value) {
    const size_t slash = path.find('/');
    const auto name = path.substr(0, slash);
    HW_TRY(check_dtdl_name(name, "property name"));
    Datum* there = own_member(properties, name);
    if (slash != std::string_view::npos) {
        if (there == nullptr) {
            properties.own_members().push_back({Datum::text(name), Datum::object({})});
            there = &properties.own_members().back().value;
        }
        if (!there->is_object())
            return fail(bad(path, fmt::format("cannot be put: '{}' is no component", name)));
        return put_property(*there, path.substr(slash + 1), std::move(value));
    }
    if (there == nullptr) {
        properties.own_members().push_back({Datum::text(name), std::move(value)});
    } else if (there->is_object() && value.is_object()) {
        // Members of the component have come by path before.
        for (const auto& [key, member] : value.members())
            there->put(key, member);
    } else {
        *there = std::move(value);
    }
    return {};
}

Result<TwinSpec> read_twin(const Datum& json, std::string_view id) {
    if (!json.is_object())
        return fail(ErrorCode::invalid_argument, "a twin must be an object; " + kind_of(json));
    const bool dtdl = json.find("$dtId") != nullptr || json.find("$metadata") != nullptr;
    return dtdl ? read_dtdl_form(json, id) : read_own_form(json, id);
}

Result<TwinSpec> read_twin(std::string_view json, std::string_view id) {
    return read_twin(HW_TRY(sql::JsonReader().read(json)), id);
}

}  // namespace hw::twin
