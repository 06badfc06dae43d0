#include "twin/bulk/bulk_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config_text.h"
#include "model/point_path.h"
#include "twin/model/twin_id.h"

namespace hw::twin {

namespace {

using sql::Datum;

Error bad(std::string_view member, std::string_view what) {
    return {ErrorCode::invalid_argument,
            fmt::format("'{}' {}", model::printable(member.substr(0, 128)), what)};
}

Result<std::string> text_member(const Datum& object, std::string_view name) {
    const Datum* found = object.find(name);
    if (found == nullptr || found->is_null()) return fail(bad(name, "is missing"));
    if (!found->is_text()) return fail(bad(name, "must be a text"));
    return std::string(found->as_text());
}

bool has(const Datum& object, std::string_view name) {
    return object.find(name) != nullptr;
}

// The names under which the two forms keep the same.
struct Names {
    std::string_view source, name, target;
};
constexpr Names own_names = {"source", "name", "target"};
constexpr Names azure_names = {"$sourceId", "$relationshipName", "$targetId"};

Result<void> check(const RelationshipSpec& spec, const Names& names) {
    if (auto good = check_twin_id(spec.source); !good)
        return fail(good.error().within(names.source));
    if (auto good = check_twin_id(spec.target); !good)
        return fail(good.error().within(names.target));
    return check_dtdl_name(spec.name, "the relationship's name");
}

Result<RelationshipSpec> read_azure(const Datum& json) {
    static const std::vector<std::string> known = {
        "$relationshipId", "$sourceId", "$relationshipName", "$targetId",
        "$etag",           "$metadata", "$relationshipLink"};
    RelationshipSpec spec;
    for (const auto& [key, value] : json.members()) {
        const auto member = key.as_text();
        if (!member.starts_with('$')) {
            if (!value.is_null()) HW_TRY(put_property(spec.properties, member, value));
        } else if (std::ranges::find(known, member) == known.end()) {
            return fail(bad(member, "is not known" + did_you_mean(member, known)));
        }
    }
    spec.source = HW_TRY(text_member(json, azure_names.source));
    spec.name = HW_TRY(text_member(json, azure_names.name));
    spec.target = HW_TRY(text_member(json, azure_names.target));
    HW_TRY(check(spec, azure_names));
    return spec;
}

Result<RelationshipSpec> read_own(const Datum& json) {
    static const std::vector<std::string> known = {"source", "name", "target", "properties"};
    RelationshipSpec spec;
    for (const auto& [key, value] : json.members()) {
        const auto member = key.as_text();
        if (std::ranges::find(known, member) == known.end())
            return fail(bad(member, "is not known" + did_you_mean(member, known)));
        if (member != "properties" || value.is_null()) continue;
        if (!value.is_object()) return fail(bad(member, "must be an object"));
        for (const auto& [name, property] : value.members())
            if (!property.is_null())
                HW_TRY(put_property(spec.properties, name.as_text(), property));
    }
    spec.source = HW_TRY(text_member(json, own_names.source));
    spec.name = HW_TRY(text_member(json, own_names.name));
    spec.target = HW_TRY(text_member(json, own_names.target));
    HW_TRY(check(spec, own_names));
    return spec;
}

// What an error calls the row: as much of its key as there is.
std::string named(const Datum& object, std::initializer_list<std::string_view> members) {
    std::string out;
    for (const auto member : members) {
        const Datum* found = object.find(member);
        if (found == nullptr || !found->is_text()) continue;
        if (!out.empty()) out += ' ';
        out += model::printable(found->as_text().substr(0, 256));
    }
    return out;
}

}  // namespace

bool is_model(const Datum& object) {
    return has(object, "@type") || has(object, "@context") || has(object, "@id");
}

Result<RelationshipSpec> read_relationship(const Datum& json) {
    if (!json.is_object())
        return fail(ErrorCode::invalid_argument, "a relationship must be an object");
    for (const auto name : {"$sourceId", "$relationshipName", "$targetId", "$relationshipId"})
        if (has(json, name)) return read_azure(json);
    return read_own(json);
}

void BulkRows::take(const Datum& object, uint64_t line) {
    if (!object.is_object())
        return refuse(line, "", "a row must be an object: a twin or a relationship");
    const bool relationship = has(object, "$sourceId") || has(object, "$relationshipName") ||
                              (has(object, "source") && !has(object, "id"));
    return relationship ? take_relationship(object, line) : take_twin(object, line);
}

void BulkRows::take_twin(const Datum& object, uint64_t line) {
    const Datum* own = object.find("relationships");
    Result<TwinSpec> spec = [&] {
        if (own == nullptr || has(object, "$dtId")) return read_twin(object);
        Datum::Members members;
        for (const auto& member : object.members())
            if (member.key.as_text() != "relationships") members.push_back(member);
        return read_twin(Datum::object(std::move(members)));
    }();
    if (!spec) return refuse(line, named(object, {"id", "$dtId"}), spec.error().text());
    const std::string id = spec->id;
    add(std::move(*spec), line);
    if (own != nullptr && !has(object, "$dtId")) take_own_relationships(*own, id, line);
}

void BulkRows::take_own_relationships(const Datum& list, const std::string& source, uint64_t line) {
    if (!list.is_array()) return refuse(line, source, "'relationships' must be a list");
    for (const auto& item : list.items()) {
        if (!item.is_object()) {
            refuse(line, source, "'relationships' must be a list of objects");
            continue;
        }
        Datum whole = item;
        if (!has(whole, "source")) whole.put("source", Datum::text(source));
        take_relationship(whole, line);
    }
}

void BulkRows::take_relationship(const Datum& object, uint64_t line) {
    auto spec = read_relationship(object);
    if (spec) return add(std::move(*spec), line);
    refuse(
        line,
        named(object, {"source", "name", "target", "$sourceId", "$relationshipName", "$targetId"}),
        spec.error().text());
}

void BulkRows::add(TwinSpec spec, uint64_t line) {
    const auto [before, fresh] = lines_.emplace(spec.id, line);
    if (!fresh)
        return refuse(line, spec.id, fmt::format("the twin is on line {} already", before->second));
    input_.bulk.twins.push_back({std::move(spec), line});
}

void BulkRows::add(RelationshipSpec spec, uint64_t line) {
    // No id has a NUL.
    std::string key = spec.source;
    key += '\0';
    key += spec.name;
    key += '\0';
    key += spec.target;
    const auto [before, fresh] = lines_.emplace(std::move(key), line);
    if (!fresh)
        return refuse(line, fmt::format("{} {} {}", spec.source, spec.name, spec.target),
                      fmt::format("the relationship is on line {} already", before->second));
    input_.bulk.relationships.push_back({std::move(spec), line});
}

void BulkRows::refuse(uint64_t line, std::string what, std::string text) {
    if (input_.bulk.errors.size() <= errors_limit)
        input_.bulk.errors.push_back({line, std::move(what), std::move(text)});
}

Result<void> BulkRows::check() const {
    const auto& errors = input_.bulk.errors;
    if (errors.size() > errors_limit)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("more than {} rows cannot be read, the last on line {}: {}",
                                errors_limit, errors.back().line, errors.back().text));
    if (input_.bulk.twins.size() + input_.bulk.relationships.size() > rows_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("there are more than {} rows; part them", rows_limit));
    return {};
}

}  // namespace hw::twin
