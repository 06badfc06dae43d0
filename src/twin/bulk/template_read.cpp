#include <fmt/format.h>

#include <algorithm>

#include "base/config_text.h"
#include "model/point_path.h"
#include "sql/json.h"
#include "twin/bulk/template.h"
#include "twin/model/twin_id.h"
#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

using sql::Datum;
using Known = std::vector<std::string>;

constexpr size_t parameters_limit = 64;
constexpr size_t patterns_limit = 100;  // of a rule
constexpr size_t edges_limit = 1'000;   // of a twin
constexpr size_t points_limit = 10'000'000;

Error bad(std::string_view where, std::string_view what) {
    return {ErrorCode::invalid_argument, fmt::format("{} {}", where, what)};
}

// One object of the template; `where` is how errors call it ("rules[3]").
class Part {
  public:
    Part(const Datum& object, std::string where) : object_(object), where_(std::move(where)) {}

    Result<void> check(const Known& known) const {
        if (!object_.is_object()) return fail(bad(where_, "must be an object"));
        for (const auto& member : object_.members())
            if (std::ranges::find(known, member.key.as_text()) == known.end())
                return fail(bad(path(model::printable(member.key.as_text().substr(0, 128))),
                                fmt::format("is not known{}; there are {}",
                                            did_you_mean(member.key.as_text(), known),
                                            fmt::join(known, ", "))));
        return {};
    }

    const Datum* find(std::string_view name) const {
        const Datum* found = object_.find(name);
        return found == nullptr || found->is_null() ? nullptr : found;
    }

    Result<std::string> text(std::string_view name) const {
        const Datum* found = find(name);
        if (found == nullptr) return std::string();
        if (!found->is_text()) return fail(bad(path(name), "must be a text"));
        return std::string(found->as_text());
    }

    // A list, or one text.
    Result<std::vector<std::string>> texts(std::string_view name) const {
        std::vector<std::string> out;
        const Datum* found = find(name);
        if (found == nullptr) return out;
        if (found->is_text()) return std::vector{std::string(found->as_text())};
        if (!found->is_array()) return fail(bad(path(name), "must be a text or a list of texts"));
        for (const auto& item : found->items()) {
            if (!item.is_text()) return fail(bad(path(name), "must be a list of texts"));
            out.emplace_back(item.as_text());
        }
        if (out.size() > patterns_limit)
            return fail(bad(path(name),
                            fmt::format("has {} items; at most {}", out.size(), patterns_limit)));
        return out;
    }

    Result<std::map<std::string, std::string>> map(std::string_view name) const {
        std::map<std::string, std::string> out;
        const Datum* found = find(name);
        if (found == nullptr) return out;
        if (!found->is_object()) return fail(bad(path(name), "must be an object"));
        for (const auto& member : found->members()) {
            if (!member.value.is_text())
                return fail(bad(path(name), fmt::format("'{}' must be a text",
                                                        member.key.as_text().substr(0, 128))));
            out.emplace(member.key.as_text(), member.value.as_text());
        }
        return out;
    }

    Result<Datum> object(std::string_view name) const {
        const Datum* found = find(name);
        if (found == nullptr) return Datum::object({});
        if (!found->is_object()) return fail(bad(path(name), "must be an object"));
        return *found;
    }

    // Calls `each` with every item of a list.
    template <class Each>
    Result<void> items(std::string_view name, size_t limit, const Each& each) const {
        const Datum* found = find(name);
        if (found == nullptr) return {};
        if (!found->is_array()) return fail(bad(path(name), "must be a list"));
        if (found->items().size() > limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("{} has {} items; at most {}", path(name),
                                    found->items().size(), limit));
        for (size_t i = 0; i < found->items().size(); ++i)
            HW_TRY(each(Part(found->items()[i], fmt::format("{}[{}]", path(name), i))));
        return {};
    }

    std::string path(std::string_view name) const {
        return where_.empty() ? std::string(name) : fmt::format("{}.{}", where_, name);
    }
    const std::string& where() const { return where_; }

  private:
    const Datum& object_;
    const std::string where_;
};

// Places that a rule's texts may have.
class PlaceCheck {
  public:
    explicit PlaceCheck(Known known) : known_(std::move(known)) {}

    void add(const std::vector<std::string>& names) {
        known_.insert(known_.end(), names.begin(), names.end());
    }
    Result<void> check(std::string_view where, std::string_view text) const {
        auto names = places_of(text);
        if (!names) return fail(names.error().within(where));
        for (const auto& name : *names)
            if (std::ranges::find(known_, name) == known_.end())
                return fail(bad(where, fmt::format("has {{{}}}, which no pattern and no parameter "
                                                   "has{}",
                                                   name, did_you_mean(name, known_))));
        return {};
    }
    Result<void> check(std::string_view where, const Datum& value) const {
        if (value.is_text()) return check(where, value.as_text());
        if (value.is_array())
            for (const auto& item : value.items())
                HW_TRY(check(where, item));
        if (value.is_object())
            for (const auto& member : value.members())
                HW_TRY(check(where, member.value));
        return {};
    }

  private:
    Known known_;
};

const Known shape_members = {"id", "model", "name", "properties", "bindings", "relationships"};

Known with(Known first, std::initializer_list<const char*> more) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
}

// The patterns' places, which must be the same in each: another has to fill them too.
Result<std::vector<std::string>> check_patterns(const Part& part,
                                                const std::vector<std::string>& patterns) {
    std::vector<std::string> first;
    for (size_t i = 0; i < patterns.size(); ++i) {
        auto parsed = PathPattern::parse(patterns[i]);
        if (!parsed) return fail(parsed.error().within(part.path("points")));
        auto names = parsed->names();
        std::ranges::sort(names);
        if (i > 0 && names != first)
            return fail(bad(part.path("points"),
                            fmt::format("must have the same places in each pattern; '{}' has "
                                        "others than '{}'",
                                        patterns[i], patterns[0])));
        first = std::move(names);
    }
    return first;
}

Result<TwinShape> read_shape(const Part& part, const PlaceCheck& places) {
    TwinShape shape;
    shape.id = HW_TRY(part.text("id"));
    shape.model = HW_TRY(part.text("model"));
    if (const Datum* name = part.find("name"); name != nullptr) {
        auto read = read_name(*name);
        if (!read) return fail(read.error().within(part.path("name")));
        shape.name = std::move(*read);
    }
    shape.properties = HW_TRY(part.object("properties"));
    shape.bindings = HW_TRY(part.map("bindings"));
    if (shape.id.empty()) return fail(bad(part.path("id"), "is missing"));
    if (shape.model.empty()) return fail(bad(part.path("model"), "is missing"));
    for (const auto& [name, text] : {std::pair("id", &shape.id), std::pair("model", &shape.model)})
        HW_TRY(places.check(part.path(name), *text));
    HW_TRY(places.check(part.path("name"), name_datum(shape.name)));
    HW_TRY(places.check(part.path("properties"), shape.properties));
    for (const auto& [path, point] : shape.bindings)
        HW_TRY(places.check(part.path("bindings"), point));
    const auto take = [&](const Part& item) -> Result<void> {
        HW_TRY(item.check({"name", "source", "target", "properties"}));
        TemplateEdge edge;
        edge.name = HW_TRY(item.text("name"));
        edge.source = HW_TRY(item.text("source"));
        edge.target = HW_TRY(item.text("target"));
        edge.properties = HW_TRY(item.object("properties"));
        if (auto good = check_dtdl_name(edge.name, "the relationship's name"); !good)
            return fail(good.error().within(item.where()));
        if (edge.source.empty() == edge.target.empty())
            return fail(bad(item.where(),
                            "must have a target, or a source whose target the twin "
                            "is"));
        HW_TRY(places.check(item.path("source"), edge.source));
        HW_TRY(places.check(item.path("target"), edge.target));
        HW_TRY(places.check(item.path("properties"), edge.properties));
        shape.relationships.push_back(std::move(edge));
        return {};
    };
    HW_TRY(part.items("relationships", edges_limit, take));
    return shape;
}

Result<TagCondition> read_condition(const Part& rule) {
    TagCondition when;
    const Datum* found = rule.find("when");
    if (found == nullptr) return when;
    const Part part(*found, rule.path("when"));
    HW_TRY(part.check({"unit", "type", "access", "description", "device"}));
    when.unit = HW_TRY(part.texts("unit"));
    when.type = HW_TRY(part.texts("type"));
    when.access = HW_TRY(part.texts("access"));
    when.description = HW_TRY(part.texts("description"));
    when.device = HW_TRY(part.texts("device"));
    return when;
}

Result<PointRule> read_rule(const Part& part, PlaceCheck places) {
    PointRule rule;
    HW_TRY(part.check(with(shape_members, {"points", "when", "ignore", "property", "rename"})));
    rule.points = HW_TRY(part.texts("points"));
    if (rule.points.empty()) return fail(bad(part.path("points"), "is missing"));
    const auto names = HW_TRY(check_patterns(part, rule.points));
    places.add(names);
    rule.when = HW_TRY(read_condition(part));
    if (const Datum* ignore = part.find("ignore")) {
        if (ignore->kind() != sql::Kind::boolean)
            return fail(bad(part.path("ignore"), "must be true or false"));
        rule.ignore = ignore->as_boolean();
    }
    if (rule.ignore) {
        for (const auto& member : with(shape_members, {"property", "rename"}))
            if (part.find(member) != nullptr)
                return fail(bad(part.path(member), "says nothing where points are ignored"));
        return rule;
    }
    if (part.find("property") != nullptr) rule.property = HW_TRY(part.text("property"));
    if (part.find("property") == nullptr && std::ranges::find(names, "property") == names.end())
        return fail(bad(part.path("points"),
                        "must have the place {property...}: which property it is; or give the "
                        "rule a 'property'"));
    HW_TRY(places.check(part.path("property"), rule.property));
    rule.rename = HW_TRY(part.map("rename"));
    rule.twin = HW_TRY(read_shape(part, places));
    return rule;
}

Result<FixedTwin> read_fixed(const Part& part, PlaceCheck places) {
    FixedTwin fixed;
    HW_TRY(part.check(with(shape_members, {"points"})));
    fixed.points = HW_TRY(part.texts("points"));
    places.add(HW_TRY(check_patterns(part, fixed.points)));
    fixed.twin = HW_TRY(read_shape(part, places));
    return fixed;
}

Result<void> read_parameters(const Part& part, TwinTemplate& out) {
    const Datum parameters = HW_TRY(part.object("parameters"));
    if (parameters.members().size() > parameters_limit)
        return fail(bad("parameters", fmt::format("has {} members; at most {}",
                                                  parameters.members().size(), parameters_limit)));
    for (const auto& [key, value] : parameters.members()) {
        const std::string name(key.as_text());
        const auto places = places_of("{" + name + "}");
        if (!places || places->size() != 1 || places->front() != name ||
            !PathPattern::parse("{" + name + "}"))
            return fail(bad("parameters", fmt::format("has the name '{}'; it must be of letters, "
                                                      "digits and '_'",
                                                      model::printable(name.substr(0, 64)))));
        TwinTemplateParameter parameter;
        if (value.is_text()) {
            parameter.default_value = value.as_text();
        } else {
            const Part inner(value, fmt::format("parameters.{}", name));
            HW_TRY(inner.check({"description", "default"}));
            parameter.description = HW_TRY(inner.text("description"));
            if (inner.find("default") != nullptr)
                parameter.default_value = HW_TRY(inner.text("default"));
        }
        out.parameters.emplace(name, std::move(parameter));
    }
    return {};
}

Result<PointFacts> read_point(const Datum& item, std::string_view where) {
    PointFacts facts;
    if (item.is_text()) {
        facts.point = item.as_text();
    } else {
        const Part part(item, std::string(where));
        if (!item.is_object()) return fail(bad(where, "must be a text or an object"));
        facts.point = HW_TRY(part.text(part.find("point") != nullptr ? "point" : "topic"));
        facts.type = HW_TRY(part.text("type"));
        facts.unit = HW_TRY(part.text("unit"));
        facts.access = HW_TRY(part.text("access"));
        facts.description = HW_TRY(part.text("description"));
        facts.device = HW_TRY(part.text("device"));
    }
    if (auto good = model::check_point_path(facts.point); !good)
        return fail(good.error().within(where));
    return facts;
}

}  // namespace

Result<TwinTemplate> read_twin_template(std::string_view text, std::string_view name) {
    const Datum json = HW_TRY(sql::JsonReader().read(text));
    if (!json.is_object()) return fail(bad("a template", "must be an object"));
    const Part part(json, "");
    HW_TRY(part.check({"name", "description", "parameters", "twins", "rules"}));
    TwinTemplate out;
    out.name = HW_TRY(part.text("name"));
    if (out.name.empty()) out.name = name;
    if (out.name.empty()) return fail(bad("name", "is missing"));
    out.description = HW_TRY(part.text("description"));
    HW_TRY(read_parameters(part, out));
    Known known;
    for (const auto& [parameter, what] : out.parameters)
        known.push_back(parameter);
    const auto take_twin = [&](const Part& item) -> Result<void> {
        out.twins.push_back(HW_TRY(read_fixed(item, PlaceCheck(known))));
        return {};
    };
    HW_TRY(part.items("twins", TwinTemplate::twins_limit, take_twin));
    const auto take_rule = [&](const Part& item) -> Result<void> {
        out.rules.push_back(HW_TRY(read_rule(item, PlaceCheck(known))));
        return {};
    };
    HW_TRY(part.items("rules", TwinTemplate::rules_limit, take_rule));
    return out;
}

Result<std::vector<PointFacts>> read_points(std::string_view text) {
    const Datum json = HW_TRY(sql::JsonReader(256 << 20).read(text));
    const Datum* list = &json;
    if (const Datum* points = json.find("points")) list = points;
    if (!list->is_array()) return fail(bad("the points", "must be a list"));
    if (list->items().size() > points_limit)
        return fail(ErrorCode::limit_exceeded, fmt::format("there are {} points; at most {}",
                                                           list->items().size(), points_limit));
    std::vector<PointFacts> out;
    out.reserve(list->items().size());
    for (size_t i = 0; i < list->items().size(); ++i)
        out.push_back(HW_TRY(read_point(list->items()[i], fmt::format("points[{}]", i))));
    return out;
}

}  // namespace hw::twin
