#include <fmt/format.h>
#include <algorithm>

#include "sql/json.h"
#include "twin/model/state.h"
#include "twin/model/twin_id.h"
#include "twin/model/twin_name.h"

namespace hw::twin {

namespace {

void write_datum(JsonWriter& json, const sql::Datum& value) {
    json.raw(sql::to_json(value));
}

// The content of property `index`; null where the model does not know it.
const Content* content_of(const TwinState& twin, size_t index) {
    if (!twin.model) return nullptr;
    const auto& slots = twin.model->slots;
    const auto& path = twin.properties[index].path;
    if (index < slots.size() && slots[index].path == path) return slots[index].content;
    const auto slot = twin.model->slot(path);
    return slot ? slots[*slot].content : nullptr;
}

void write_live_members(JsonWriter& json, const LiveValue& live) {
    json.key("value");
    write_datum(json, live.value);
    if (live.time != Time{}) json.member("time", live.time);
    json.member("quality", model::to_string(live.quality));
    json.member("origin", to_string(live.origin));
    if (live.stale) json.member("stale", true);
}

// One level of the twin in the form of Azure Digital Twins: the properties whose paths begin with
// `prefix`, components as objects.
class DtdlLevel {
  public:
    DtdlLevel(JsonWriter& json, const TwinState& twin) : json_(json), twin_(twin) {}

    // Slots of a component stand together in the model's order, so one pass suffices: properties
    // [from, to) all begin with `prefix`.
    void write(size_t from, size_t to, size_t prefix, bool top) {
        std::vector<size_t> plain;
        for (size_t i = from; i < to;) {
            const std::string_view rest = std::string_view(path(i)).substr(prefix);
            const size_t slash = rest.find('/');
            if (slash == std::string_view::npos) {
                if (!live(i).value.is_null()) {
                    json_.key(rest);
                    write_datum(json_, live(i).value);
                    plain.push_back(i);
                }
                ++i;
                continue;
            }
            const size_t length = prefix + slash + 1;
            size_t end = i + 1;
            while (end < to && path(end).compare(0, length, path(i), 0, length) == 0)
                ++end;
            json_.key(rest.substr(0, slash));
            json_.begin_object();
            write(i, end, length, false);
            json_.end_object();
            i = end;
        }
        write_metadata(plain, prefix, top);
    }

  private:
    void write_metadata(const std::vector<size_t>& plain, size_t prefix, bool top) {
        json_.key("$metadata");
        json_.begin_object();
        if (top) {
            if (twin_.model) json_.member("$model", twin_.model->id);
            json_.member("$lastUpdateTime", twin_.updated);
        }
        for (const size_t i : plain) {
            json_.key(std::string_view(path(i)).substr(prefix));
            json_.begin_object();
            const bool fed = live(i).time != Time{};
            json_.member("lastUpdateTime", fed ? live(i).time : twin_.updated);
            if (fed) json_.member("sourceTime", live(i).time);
            json_.end_object();
        }
        json_.end_object();
    }

    const std::string& path(size_t i) const { return twin_.properties[i].path; }
    const LiveValue& live(size_t i) const { return twin_.properties[i].live; }

    JsonWriter& json_;
    const TwinState& twin_;
};

}  // namespace

void write_live(JsonWriter& json, const LiveValue& live) {
    json.begin_object();
    write_live_members(json, live);
    json.end_object();
}

void write_relationship(JsonWriter& json, const RelationshipSpec& relationship) {
    json.begin_object();
    json.member("source", relationship.source);
    json.member("name", relationship.name);
    json.member("target", relationship.target);
    json.key("properties");
    write_datum(json, relationship.properties);
    json.end_object();
}

void write_twin(JsonWriter& json, const TwinState& twin) {
    json.begin_object();
    json.member("id", twin.id);
    if (twin.model) json.member("model", twin.model->id);
    write_name(json, "name", twin.name.empty() ? last_level(twin.id) : std::string_view(twin.name));
    json.member("revision", twin.revision);
    json.member("created_at", twin.created);
    json.member("updated_at", twin.updated);
    json.member("updated_by", twin.updated_by);
    json.key("properties");
    json.begin_object();
    for (size_t i = 0; i < twin.properties.size(); ++i) {
        const auto& property = twin.properties[i];
        json.key(property.path);
        json.begin_object();
        write_live_members(json, property.live);
        const Content* content = content_of(twin, i);
        if (content != nullptr && !content->unit.empty())
            json.member("unit", unit_symbol(content->unit));
        if (!property.point.empty()) json.member("point", property.point);
        json.end_object();
    }
    json.end_object();
    json.key("relationships");
    json.begin_array();
    const size_t shown = std::min(twin.relationships.size(), relationships_shown_limit);
    for (size_t i = 0; i < shown; ++i)
        write_relationship(json, twin.relationships[i]);
    json.end_array();
    if (shown < twin.relationships.size())
        json.member("relationships_more", twin.relationships.size() - shown);
    json.end_object();
}

void write_dtdl_twin(JsonWriter& json, const TwinState& twin) {
    json.begin_object();
    json.member("$dtId", twin.id);
    json.member("$etag", fmt::format("W/\"{}\"", twin.revision));
    DtdlLevel(json, twin).write(0, twin.properties.size(), 0, true);
    json.end_object();
}

void write_spec(JsonWriter& json, const TwinSpec& spec) {
    json.begin_object();
    json.member("id", spec.id);
    json.member("model", spec.model);
    if (!spec.name.empty()) write_name(json, "name", spec.name);
    if (!spec.properties.members().empty()) {
        json.key("properties");
        write_datum(json, spec.properties);
    }
    if (!spec.bindings.empty()) {
        json.key("bindings");
        json.begin_object();
        for (const auto& [path, point] : spec.bindings)
            json.member(path, point);
        json.end_object();
    }
    json.end_object();
}

}  // namespace hw::twin
