#include "twin/model/model_equality.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace hw::twin {

namespace {

// Members of sets have no order in JSON-LD: compared by name.
template <class T>
std::map<std::string_view, const T*> by_name(const std::vector<T>& all) {
    std::map<std::string_view, const T*> sorted;
    for (const auto& one : all)
        sorted.emplace(one.name, &one);
    return sorted;
}

template <class T, class Same>
bool same_sets(const std::vector<T>& a, const std::vector<T>& b, const Same& same) {
    if (a.size() != b.size()) return false;
    const auto others = by_name(b);
    return std::ranges::all_of(a, [&](const T& one) {
        const auto found = others.find(one.name);
        return found != others.end() && same(one, *found->second);
    });
}

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::ranges::sort(names);
    return names;
}

// Compares contents. A schema that many share is compared once.
class Comparison {
  public:
    // "another schema"; empty where nothing differs.
    std::string_view difference(const Content& a, const Content& b) {
        if (a.kind != b.kind) return "another type";
        if (a.id != b.id) return "another id";
        const auto value = difference_of_values(a, b);
        if (!value.empty()) return value;
        if (!same_payload(a.request, b.request)) return "another request";
        if (!same_payload(a.response, b.response)) return "another response";
        if (!std::ranges::equal(a.writes, b.writes, [](const auto& one, const auto& other) {
                return one.property == other.property && one.value == other.value;
            }))
            return "other writes";
        if (a.timeout != b.timeout) return "another timeout";
        if (a.target != b.target) return "another target";
        if (a.max_multiplicity != b.max_multiplicity) return "another 'maxMultiplicity'";
        if (!same_sets(a.properties, b.properties, [&](const Content& one, const Content& other) {
                return difference(one, other).empty();
            }))
            return "other properties";
        if (a.component != b.component) return "another interface as its schema";
        return {};
    }

  private:
    std::string_view difference_of_values(const Content& a, const Content& b) {
        if (!same_schema(a.schema, b.schema)) return "another schema";
        if (sorted(a.semantic_types) != sorted(b.semantic_types)) return "other semantic types";
        if (a.unit != b.unit) return "another unit";
        if (a.writable != b.writable) return "another 'writable'";
        if (a.point != b.point) return "another point";
        if (a.fixed != b.fixed) return "another 'fixed'";
        if (a.expression != b.expression) return "another expression";
        if (a.stale_after != b.stale_after) return "another 'staleAfter'";
        if (a.historized != b.historized) return "another 'Historized'";
        if (a.annotates != b.annotates) return "another 'annotates'";
        if (a.minimum != b.minimum || a.maximum != b.maximum) return "another range";
        return {};
    }

    bool same_schema(const SchemaPtr& a, const SchemaPtr& b) {
        if (a == b) return true;
        if (a == nullptr || b == nullptr) return false;
        const auto [found, fresh] = compared_.try_emplace({a.get(), b.get()}, true);
        if (!fresh) return found->second;
        bool& same = found->second;  // stays good: a map
        same = a->kind == b->kind && a->id == b->id && a->enum_kind == b->enum_kind &&
               same_schema(a->element, b->element) &&
               same_sets(a->fields, b->fields,
                         [&](const SchemaField& one, const SchemaField& other) {
                             return same_field(one, other);
                         }) &&
               same_sets(a->enum_values, b->enum_values,
                         [](const EnumValue& one, const EnumValue& other) {
                             return one.value == other.value;
                         });
        return same;
    }

    bool same_field(const SchemaField& a, const SchemaField& b) {
        return same_schema(a.schema, b.schema) && a.unit == b.unit &&
               sorted(a.semantic_types) == sorted(b.semantic_types);
    }

    bool same_payload(const std::optional<CommandPayload>& a,
                      const std::optional<CommandPayload>& b) {
        if (!a || !b) return a.has_value() == b.has_value();
        return a->name == b->name && a->nullable == b->nullable &&
               same_schema(a->schema, b->schema);
    }

    std::map<std::pair<const Schema*, const Schema*>, bool> compared_;
};

std::vector<const Content*> own_contents(const Interface& interface) {
    std::vector<const Content*> own;
    for (const auto& content : interface.contents)
        if (content.defined_in == interface.id) own.push_back(&content);
    return own;
}

}  // namespace

std::string first_difference(const Interface& before, const Interface& after) {
    Comparison comparison;
    if (sorted(before.extends) != sorted(after.extends)) return "extends others";
    std::map<std::string_view, const Content*> others;
    const auto own = own_contents(after);
    for (const Content* content : own)
        others.emplace(content->name, content);
    const auto old = own_contents(before);
    for (const Content* content : old) {
        const auto found = others.find(content->name);
        if (found == others.end()) return fmt::format("its '{}' is missing", content->name);
        const auto what = comparison.difference(*content, *found->second);
        if (!what.empty()) return fmt::format("its '{}' has {}", content->name, what);
        others.erase(found);
    }
    if (!others.empty()) return fmt::format("its '{}' is new", others.begin()->first);
    return {};
}

}  // namespace hw::twin
