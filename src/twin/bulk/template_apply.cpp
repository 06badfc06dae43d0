#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/config_text.h"
#include "twin/bulk/template.h"
#include "twin/model/twin_id.h"
#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

using sql::Datum;

Result<Places> settle(const TwinTemplate& what, const Places& given) {
    std::vector<std::string> names;
    for (const auto& [name, parameter] : what.parameters)
        names.push_back(name);
    for (const auto& [name, value] : given)
        if (!what.parameters.contains(name))
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the template '{}' has no parameter '{}'{}", what.name, name,
                                    did_you_mean(name, names)));
    Places places;
    for (const auto& [name, parameter] : what.parameters) {
        const auto found = given.find(name);
        if (found == given.end() && !parameter.default_value)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the template '{}' needs the parameter '{}'", what.name, name));
        places.emplace(name, found == given.end() ? *parameter.default_value : found->second);
    }
    return places;
}

Result<std::vector<PathPattern>> parse_all(const std::vector<std::string>& texts) {
    std::vector<PathPattern> out;
    for (const auto& text : texts)
        out.push_back(HW_TRY(PathPattern::parse(text)));
    return out;
}

bool match_any(const std::vector<PathPattern>& patterns, std::string_view path, Places& places) {
    return std::ranges::any_of(
        patterns, [&](const PathPattern& pattern) { return pattern.match(path, places); });
}

Result<Datum> fill(const Datum& value, const Places& places) {
    if (value.is_text()) return Datum::text(HW_TRY(fill_places(value.as_text(), places)));
    if (value.is_array()) {
        Datum::Items items;
        for (const auto& item : value.items())
            items.push_back(HW_TRY(fill(item, places)));
        return Datum::array(std::move(items));
    }
    if (value.is_object()) {
        Datum::Members members;
        for (const auto& [key, member] : value.members()) {
            Datum filled = HW_TRY(fill(member, places));
            members.push_back({key, std::move(filled)});
        }
        return Datum::object(std::move(members));
    }
    return value;
}

// "3" for a number where the model wants one: what a place stands for is a text.
Datum as_wanted(const Interface& model, std::string_view path, Datum value) {
    const auto slot = model.slot(path);
    if (!value.is_text() || !slot) return value;
    const auto& schema = model.slots[*slot].content->schema;
    if (!schema || !is_number(schema->kind)) return value;
    const auto text = value.as_text();
    const char* const end = text.data() + text.size();
    int64_t whole = 0;
    if (const auto [at, error] = std::from_chars(text.data(), end, whole);
        error == std::errc() && at == end)
        return Datum::integer(whole);
    double real = 0;
    if (const auto [at, error] = std::from_chars(text.data(), end, real);
        error == std::errc() && at == end)
        return Datum::real(real);
    return value;
}

// Spelt otherwise, the same: "l/s" and "L/s", "1/min" and "rpm".
bool same_unit(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    };
    const auto plain = [](std::string_view unit) { return unit == "1/min" ? "rpm" : unit; };
    return std::ranges::equal(plain(a), plain(b), {}, lower, lower);
}

class Applier {
  public:
    Applier(const TwinTemplate& what, const Models& models, Places places)
        : what_(what), models_(models), parameters_(std::move(places)) {}

    Result<void> prepare() {
        for (const auto& twin : what_.twins)
            fixed_patterns_.push_back(HW_TRY(parse_all(twin.points)));
        for (const auto& rule : what_.rules)
            rule_patterns_.push_back(HW_TRY(parse_all(rule.points)));
        report().taken_by_rule.resize(what_.rules.size());
        return {};
    }

    TemplateResult run(std::span<const PointFacts> points) {
        for (size_t i = 0; i < what_.twins.size(); ++i)
            if (fixed_patterns_[i].empty()) (void)make(what_.twins[i].twin, parameters_, i);
        for (const auto& facts : points)
            make_fixed(facts);
        for (const auto& facts : points)
            take(facts);
        report().points = points.size();
        for (auto& one : made_)
            result_.bulk.twins.push_back({std::move(one.spec), 0});
        return std::move(result_);
    }

  private:
    struct Made {
        TwinSpec spec;
        InterfacePtr model;
        std::unordered_map<std::string, std::string> fed = {};  // path -> point
        std::set<size_t> shapes = {};                           // that have described it
    };

    TemplateReport& report() { return result_.report; }

    void make_fixed(const PointFacts& facts) {
        for (size_t i = 0; i < what_.twins.size(); ++i) {
            if (fixed_patterns_[i].empty()) continue;
            Places places = parameters_;
            if (match_any(fixed_patterns_[i], facts.point, places))
                (void)make(what_.twins[i].twin, places, i);
        }
    }

    void take(const PointFacts& facts) {
        for (size_t i = 0; i < what_.rules.size(); ++i) {
            const auto& rule = what_.rules[i];
            Places places = parameters_;
            if (!rule.when.fits(facts) || !match_any(rule_patterns_[i], facts.point, places))
                continue;
            ++report().taken_by_rule[i];
            if (rule.ignore) {
                ++report().ignored;
                return;
            }
            ++report().taken;
            if (Made* made = make(rule.twin, places, what_.twins.size() + i))
                bind(*made, rule, places, facts);
            return;
        }
        ++report().untaken;
        if (report().untaken_points.size() < TemplateReport::list_limit)
            report().untaken_points.push_back(facts.point);
    }

    void refuse(const std::string& what, std::string text) {
        if (told_.insert(what + '\0' + text).second)
            result_.bulk.errors.push_back({0, what, std::move(text)});
    }

    // The twin that the shape describes, made where it is not there. Null: it cannot be, and that
    // is told.
    Made* make(const TwinShape& shape, const Places& places, size_t shape_index) {
        const auto id = fill_places(shape.id, places);
        if (!id) return refuse(shape.id, id.error().text()), nullptr;
        if (const auto there = index_.find(*id); there != index_.end()) {
            Made& made = made_[there->second];
            if (made.shapes.contains(shape_index)) return &made;
        }
        const auto described = describe(shape, places, *id, shape_index);
        if (!described) return refuse(*id, described.error().text()), nullptr;
        return *described;
    }

    Result<Made*> describe(const TwinShape& shape, const Places& places, const std::string& id,
                           size_t shape_index) {
        HW_TRY(check_twin_id(id));
        TwinSpec spec;
        spec.id = id;
        spec.model = HW_TRY(fill_places(shape.model, places));
        const Datum name = HW_TRY(fill(name_datum(shape.name), places));
        spec.name = HW_TRY(read_name(name));
        const InterfacePtr model = HW_TRY(models_.get(spec.model));
        const Datum properties = HW_TRY(fill(shape.properties, places));
        for (const auto& [key, value] : properties.members())
            HW_TRY(put_property(spec.properties, key.as_text(),
                                as_wanted(*model, key.as_text(), value)));
        for (const auto& [path, point] : shape.bindings)
            spec.bindings[path] = HW_TRY(fill_places(point, places));
        std::vector<RelationshipSpec> edges;
        for (const auto& edge : shape.relationships)
            edges.push_back(HW_TRY(edge_of(edge, places, id)));
        Made* made = HW_TRY(merge(std::move(spec), model));
        made->shapes.insert(shape_index);
        for (auto& edge : edges)
            add(std::move(edge));
        return made;
    }

    static Result<RelationshipSpec> edge_of(const TemplateEdge& edge, const Places& places,
                                            const std::string& id) {
        RelationshipSpec spec;
        spec.source = spec.target = id;
        if (!edge.source.empty()) spec.source = HW_TRY(fill_places(edge.source, places));
        spec.name = edge.name;
        if (!edge.target.empty()) spec.target = HW_TRY(fill_places(edge.target, places));
        spec.properties = HW_TRY(fill(edge.properties, places));
        HW_TRY(check_twin_id(spec.source));
        HW_TRY(check_twin_id(spec.target));
        return spec;
    }

    // What several shapes say of one twin goes together; the first one's word counts.
    Result<Made*> merge(TwinSpec spec, const InterfacePtr& model) {
        const auto [at, fresh] = index_.emplace(spec.id, made_.size());
        if (fresh) {
            made_.push_back({std::move(spec), model});
            return &made_.back();
        }
        Made& made = made_[at->second];
        if (made.spec.model != spec.model)
            return fail(ErrorCode::conflict,
                        fmt::format("the twin is of model '{}' already, and of '{}' by another "
                                    "rule",
                                    made.spec.model, spec.model));
        for (const auto& [key, value] : spec.properties.members())
            if (made.spec.properties.find(key) == nullptr) made.spec.properties.put(key, value);
        made.spec.bindings.merge(spec.bindings);
        if (made.spec.name.empty()) made.spec.name = spec.name;
        return &made;
    }

    void add(RelationshipSpec edge) {
        const std::string key = edge.source + '\0' + edge.name + '\0' + edge.target;
        if (edges_.insert(key).second) result_.bulk.relationships.push_back({std::move(edge), 0});
    }

    void bind(Made& made, const PointRule& rule, const Places& places, const PointFacts& facts) {
        auto filled = fill_places(rule.property, places);
        if (!filled) return refuse(made.spec.id, filled.error().text());
        const auto renamed = rule.rename.find(*filled);
        const std::string path = renamed == rule.rename.end() ? *filled : renamed->second;
        const auto slot = made.model->slot(path);
        if (!slot || made.model->slots[*slot].content->fixed)
            return without_slot(made, path, facts);
        const Content& content = *made.model->slots[*slot].content;
        const auto [before, fresh] = made.fed.emplace(path, facts.point);
        if (!fresh && before->second != facts.point)
            return refuse(made.spec.id, fmt::format("'{}' is fed by {} already, and by {} too",
                                                    path, before->second, facts.point));
        compare_units(content, facts);
        // A derived value may be published by somebody too; the twin's own expression counts.
        if (!content.expression.empty() || made.spec.bindings.contains(path)) return;
        const auto usual = point_of(content.point, made.spec.id, path, made.spec.properties);
        if (usual.value_or("") != facts.point) made.spec.bindings[path] = facts.point;
    }

    void without_slot(const Made& made, const std::string& path, const PointFacts& facts) {
        ++report().without_slot;
        auto& list = report().points_without_slot;
        if (list.size() >= TemplateReport::list_limit) return;
        std::vector<std::string> paths;
        for (const auto& slot : made.model->slots)
            if (!slot.content->fixed) paths.push_back(slot.path);
        // "; did you mean 'x'?"
        std::string near = did_you_mean(path, paths);
        const size_t first = near.find('\'');
        near =
            first == std::string::npos ? "" : near.substr(first + 1, near.rfind('\'') - first - 1);
        list.push_back({facts.point, made.spec.id, made.spec.model, path, std::move(near)});
    }

    void compare_units(const Content& content, const PointFacts& facts) {
        const auto unit = unit_symbol(content.unit);
        if (facts.unit.empty() || unit.empty() || same_unit(unit, facts.unit)) return;
        ++report().other_units;
        if (report().unit_differences.size() < TemplateReport::list_limit)
            report().unit_differences.push_back({facts.point, facts.unit, std::string(unit)});
    }

    const TwinTemplate& what_;
    const Models& models_;
    const Places parameters_;
    std::vector<std::vector<PathPattern>> fixed_patterns_, rule_patterns_;
    std::vector<Made> made_;
    std::unordered_map<std::string, size_t> index_;  // into made_, by id
    std::unordered_set<std::string> edges_, told_;
    TemplateResult result_;
};

}  // namespace

Result<TemplateResult> apply_template(const TwinTemplate& what, std::span<const PointFacts> points,
                                      const Places& parameters, const Models& models) {
    Applier applier(what, models, HW_TRY(settle(what, parameters)));
    HW_TRY(applier.prepare());
    return applier.run(points);
}

}  // namespace hw::twin
