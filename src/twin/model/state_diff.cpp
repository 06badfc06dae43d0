#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "sql/json.h"
#include "twin/model/state.h"

namespace hw::twin {

namespace {

bool differs(const LiveValue& a, const LiveValue& b) {
    return !(a.value == b.value) || a.quality != b.quality;
}

void diff_values(const TwinState* before, const TwinState* after, Difference& out) {
    static const LiveValue nothing;
    if (after != nullptr) {
        for (const auto& property : after->properties) {
            const auto* old = before == nullptr ? nullptr : before->find(property.path);
            const LiveValue& was = old == nullptr ? nothing : old->live;
            if (differs(was, property.live))
                out.values.push_back({property.path, was, property.live});
        }
    }
    if (before == nullptr) return;
    for (const auto& property : before->properties)
        if ((after == nullptr || after->find(property.path) == nullptr) &&
            differs(property.live, nothing))
            out.values.push_back({property.path, property.live, nothing});
}

// Both lists are in the order of name, then target. One whose properties differ is removed and
// added.
void diff_relationships(const std::vector<RelationshipSpec>& before,
                        const std::vector<RelationshipSpec>& after, Difference& out) {
    auto a = before.begin();
    auto b = after.begin();
    while (a != before.end() || b != after.end()) {
        const auto order = a == before.end() ? std::strong_ordering::greater
                           : b == after.end()
                               ? std::strong_ordering::less
                               : std::tie(a->name, a->target) <=> std::tie(b->name, b->target);
        if (order == 0 && *a == *b) {
            ++a;
            ++b;
            continue;
        }
        if (order <= 0) out.relationships_removed.push_back(*a++);
        if (order >= 0) out.relationships_added.push_back(*b++);
    }
}

std::optional<std::string> model_of(const TwinState* twin) {
    if (twin == nullptr || !twin->model) return std::nullopt;
    return twin->model->id;
}

Difference diff_twin(const TwinState* before, const TwinState* after) {
    static const std::vector<RelationshipSpec> none;
    using What = Difference::What;
    Difference out;
    out.twin = after != nullptr ? after->id : before->id;
    out.what = before == nullptr ? What::added : after == nullptr ? What::removed : What::changed;
    diff_values(before, after, out);
    diff_relationships(before == nullptr ? none : before->relationships,
                       after == nullptr ? none : after->relationships, out);
    if (auto was = model_of(before), is = model_of(after); was != is) {
        out.model_before = std::move(was);
        out.model_after = std::move(is);
    }
    return out;
}

bool is_empty(const Difference& difference) {
    return difference.what == Difference::What::changed && difference.values.empty() &&
           difference.relationships_added.empty() && difference.relationships_removed.empty() &&
           !difference.model_before && !difference.model_after;
}

std::string_view to_string(Difference::What what) {
    switch (what) {
        case Difference::What::added:
            return "added";
        case Difference::What::removed:
            return "removed";
        case Difference::What::changed:
            return "changed";
    }
    return "changed";
}

void write_value(JsonWriter& json, const Difference::Value& value) {
    json.begin_object();
    json.member("path", value.path);
    json.key("before");
    write_live(json, value.before);
    json.key("after");
    write_live(json, value.after);
    if (value.before.value.is_number() && value.after.value.is_number())
        json.member("change", value.after.value.as_number() - value.before.value.as_number());
    json.end_object();
}

void write_relationships(JsonWriter& json, std::string_view name,
                         const std::vector<RelationshipSpec>& relationships) {
    if (relationships.empty()) return;
    json.key(name);
    json.begin_array();
    for (const auto& relationship : relationships)
        write_relationship(json, relationship);
    json.end_array();
}

}  // namespace

std::vector<Difference> diff(const Snapshot& before, const Snapshot& after) {
    std::vector<Difference> out;
    auto a = before.twins.begin();
    auto b = after.twins.begin();
    while (a != before.twins.end() || b != after.twins.end()) {
        const bool was = a != before.twins.end() && (b == after.twins.end() || a->id <= b->id);
        const bool is = b != after.twins.end() && (a == before.twins.end() || b->id <= a->id);
        auto difference = diff_twin(was ? &*a : nullptr, is ? &*b : nullptr);
        if (!is_empty(difference)) out.push_back(std::move(difference));
        if (was) ++a;
        if (is) ++b;
    }
    return out;
}

void write_difference(JsonWriter& json, const Difference& difference) {
    json.begin_object();
    json.member("twin", difference.twin);
    json.member("what", to_string(difference.what));
    if (difference.model_before || difference.model_after) {
        json.key("model");
        json.begin_object();
        if (difference.model_before) json.member("before", *difference.model_before);
        if (difference.model_after) json.member("after", *difference.model_after);
        json.end_object();
    }
    json.key("values");
    json.begin_array();
    for (const auto& value : difference.values)
        write_value(json, value);
    json.end_array();
    write_relationships(json, "relationships_added", difference.relationships_added);
    write_relationships(json, "relationships_removed", difference.relationships_removed);
    json.end_object();
}

}  // namespace hw::twin
