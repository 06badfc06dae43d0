#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gateway/tag.h"
#include "twin/bulk/path_pattern.h"
#include "twin/model/models.h"
#include "twin/twins.h"

namespace hw::twin {

// One tag or point that shall become part of a twin. Only the point is needed.
struct PointFacts {
    std::string point;
    std::string type = {};
    std::string unit = {};
    std::string access = {};
    std::string description = {};
    std::string device = {};
};
// Of a device's tags.
void add_points(std::vector<PointFacts>& points, const gateway::DeviceSpec& device);
// A list of tags as JSON: texts, or objects with the members above ("topic" for point is taken as
// well). Errors name the item.
Result<std::vector<PointFacts>> read_points(std::string_view json);

// A text of a template with its places ({site}/{works}).
struct TemplateEdge {
    std::string name;
    std::string source;  // empty: the twin
    std::string target;  // empty: the twin
    sql::Datum properties = sql::Datum::object({});

    friend bool operator==(const TemplateEdge&, const TemplateEdge&) = default;
};

// How a twin is described; every text may have places.
struct TwinShape {
    std::string id;
    std::string model;
    std::string name;
    sql::Datum properties = sql::Datum::object({});
    std::map<std::string, std::string> bindings;
    std::vector<TemplateEdge> relationships;

    friend bool operator==(const TwinShape&, const TwinShape&) = default;
};

// Conditions on what is known of a tag: each list is empty, or has one that fits. `description`
// and `device` may have '*' for anything; capitals decide nothing in a description.
struct TagCondition {
    std::vector<std::string> unit, type, access, description, device;

    bool fits(const PointFacts& facts) const;
    friend bool operator==(const TagCondition&, const TagCondition&) = default;
};

// A twin that is there for its own sake: once, or once for each way in which a point fits one of
// the patterns. It takes no points.
struct FixedTwin {
    std::vector<std::string> points;
    TwinShape twin;

    friend bool operator==(const FixedTwin&, const FixedTwin&) = default;
};

// Points that become properties of a twin.
struct PointRule {
    std::vector<std::string> points;
    TagCondition when;
    bool ignore = false;                        // they are left out on purpose
    std::string property = "{property}";        // path of the slot
    std::map<std::string, std::string> rename;  // from what the place says to the slot's path
    TwinShape twin;

    friend bool operator==(const PointRule&, const PointRule&) = default;
};

struct TwinTemplateParameter {
    std::string description;
    std::optional<std::string> default_value;  // none: must be given

    friend bool operator==(const TwinTemplateParameter&, const TwinTemplateParameter&) = default;
};

// How a list of points becomes twins (docs/twins_by_template.md). The first rule whose pattern and
// conditions fit a point takes it.
struct TwinTemplate {
    static constexpr size_t twins_limit = 10'000;
    static constexpr size_t rules_limit = 1'000;

    std::string name;
    std::string description;
    std::map<std::string, TwinTemplateParameter> parameters;
    std::vector<FixedTwin> twins;
    std::vector<PointRule> rules;

    friend bool operator==(const TwinTemplate&, const TwinTemplate&) = default;
};

// `name` is taken where the text has none. Errors name the member, and the nearest where one is
// not known; patterns and places are checked.
Result<TwinTemplate> read_twin_template(std::string_view json, std::string_view name = {});
std::string twin_template_text(const TwinTemplate& what);

struct TemplateReport {
    static constexpr size_t list_limit = 1'000;  // of each list; the counts go on

    struct NoSlot {
        std::string point, twin, model, path;
        std::string nearest;  // a slot's path; empty: none is near
    };
    struct OtherUnit {
        std::string point, unit, slot_unit;
    };
    size_t points = 0, taken = 0, ignored = 0, untaken = 0, without_slot = 0, other_units = 0;
    std::vector<size_t> taken_by_rule;
    std::vector<std::string> untaken_points;
    std::vector<NoSlot> points_without_slot;  // their twin is made all the same
    std::vector<OtherUnit> unit_differences;  // the point is bound all the same
};

struct TemplateResult {
    Bulk bulk;  // `errors`: twins that cannot be described so
    TemplateReport report;
};

// Errors: a parameter that is missing or not known.
Result<TemplateResult> apply_template(const TwinTemplate& what, std::span<const PointFacts> points,
                                      const Places& parameters, const Models& models);

// {"points":409,"taken":...,"untaken_points":[...],...}
void write_template_report(JsonWriter& json, const TwinTemplate& what,
                           const TemplateReport& report);

}  // namespace hw::twin
