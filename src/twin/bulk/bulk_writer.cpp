#include "twin/bulk/bulk_writer.h"

#include <algorithm>
#include <map>
#include <set>

#include "gateway/device_csv.h"
#include "sql/json.h"
#include "twin/model/twin_id.h"

namespace hw::twin {

namespace {

using sql::Datum;

const Content* content_of(const TwinState& twin, size_t index) {
    if (!twin.model) return nullptr;
    const auto slot = twin.model->slot(twin.properties[index].path);
    return slot ? twin.model->slots[*slot].content : nullptr;
}

TwinSpec spec_with(const TwinState& twin, bool values) {
    TwinSpec spec = spec_of(twin);
    if (!values) return spec;
    spec.properties = Datum::object({});
    for (const auto& property : twin.properties)
        if (!property.live.value.is_null())
            (void)put_property(spec.properties, property.path, property.live.value);
    return spec;
}

// Members of the description as those of a twin in Azure Digital Twins; components have their
// "$metadata", which the service wants to see.
void write_members(JsonWriter& json, const Datum& properties, const Interface* model,
                   const std::string& prefix) {
    for (const auto& [key, value] : properties.members()) {
        json.key(key.as_text());
        const std::string path = prefix + std::string(key.as_text());
        const bool component = value.is_object() && model != nullptr && !model->slot(path);
        if (!component) {
            json.raw(sql::to_json(value));
            continue;
        }
        json.begin_object();
        write_members(json, value, model, path + "/");
        json.key("$metadata");
        json.begin_object();
        json.end_object();
        json.end_object();
    }
}

void write_azure_twin(JsonWriter& json, const TwinState& twin, bool values) {
    const TwinSpec spec = spec_with(twin, values);
    json.begin_object();
    json.member("$dtId", spec.id);
    write_members(json, spec.properties, twin.model.get(), "");
    json.key("$metadata");
    json.begin_object();
    json.member("$model", spec.model);
    json.end_object();
    json.end_object();
}

void write_azure_relationship(JsonWriter& json, const RelationshipSpec& edge) {
    json.begin_object();
    json.member("$relationshipId", edge.source + " " + edge.name + " " + edge.target);
    json.member("$sourceId", edge.source);
    json.member("$relationshipName", edge.name);
    json.member("$targetId", edge.target);
    for (const auto& [key, value] : edge.properties.members()) {
        json.key(key.as_text());
        json.raw(sql::to_json(value));
    }
    json.end_object();
}

template <class Write>
void line(std::string& out, const Write& write) {
    JsonWriter json(out);
    write(json);
    out += '\n';
}

void heading(std::string& out, std::string_view section) {
    line(out, [&](JsonWriter& json) {
        json.begin_object();
        json.member("Section", section);
        json.end_object();
    });
}

void write_ndjson(std::string& out, const Snapshot& snapshot, bool values) {
    for (const auto& twin : snapshot.twins)
        line(out, [&](JsonWriter& json) { write_spec(json, spec_with(twin, values)); });
    for (const auto& twin : snapshot.twins)
        for (const auto& edge : twin.relationships)
            line(out, [&](JsonWriter& json) { write_relationship(json, edge); });
}

void write_jsonl(std::string& out, const Snapshot& snapshot, const BulkWriteOptions& options) {
    heading(out, "Header");
    line(out, [&](JsonWriter& json) {
        json.begin_object();
        json.member("fileVersion", "1.0.0");
        json.member("author", "Headworks");
        json.member("organization", "");
        json.end_object();
    });
    if (!options.models.empty()) heading(out, "Models");
    for (const auto& model : options.models) {
        // A line of its own, however it was laid out.
        const auto read = sql::JsonReader().read(model->json);
        out += read ? sql::to_json(*read) : model->json;
        out += '\n';
    }
    heading(out, "Twins");
    for (const auto& twin : snapshot.twins)
        line(out, [&](JsonWriter& json) { write_azure_twin(json, twin, options.values); });
    heading(out, "Relationships");
    for (const auto& twin : snapshot.twins)
        for (const auto& edge : twin.relationships)
            line(out, [&](JsonWriter& json) { write_azure_relationship(json, edge); });
}

void write_graph(std::string& out, const Snapshot& snapshot, const BulkWriteOptions& options) {
    JsonWriter json(out);
    json.begin_object();
    json.key("digitalTwinsFileInfo");
    json.begin_object();
    json.member("fileVersion", "1.0.0");
    json.end_object();
    json.key("digitalTwinsGraph");
    json.begin_object();
    json.key("digitalTwins");
    json.begin_array();
    for (const auto& twin : snapshot.twins)
        write_azure_twin(json, twin, options.values);
    json.end_array();
    json.key("relationships");
    json.begin_array();
    for (const auto& twin : snapshot.twins)
        for (const auto& edge : twin.relationships)
            write_azure_relationship(json, edge);
    json.end_array();
    json.end_object();
    if (!options.models.empty()) {
        json.key("digitalTwinsModels");
        json.begin_array();
        for (const auto& model : options.models)
            json.raw(model->json);
        json.end_array();
    }
    json.end_object();
    out += '\n';
}

void append_value(std::string& out, const Datum& value) {
    std::string text;
    sql::append_plain(text, value);
    gateway::append_csv_cell(out, text);
}

// Scalars and lists by path; objects of components are gone into.
void flatten(const Datum& properties, const Interface* model, const std::string& prefix,
             std::map<std::string, Datum>& cells) {
    for (const auto& [key, value] : properties.members()) {
        const std::string path = prefix + std::string(key.as_text());
        if (value.is_object() && model != nullptr && !model->slot(path)) {
            flatten(value, model, path + "/", cells);
        } else {
            cells.insert_or_assign(path, value);
        }
    }
}

// One row of the table of twins, by column.
struct Row {
    TwinSpec spec;
    std::map<std::string, Datum> cells;
    std::map<std::string, std::string> targets;  // of relationships without properties
};

Row row_of(const TwinState& twin, bool values) {
    Row row{spec_with(twin, values), {}, {}};
    flatten(row.spec.properties, twin.model.get(), "", row.cells);
    for (const auto& edge : twin.relationships) {
        // A target with a ';' would be read as two; it and properties need the other table.
        if (edge.target.find(';') != std::string::npos || !edge.properties.members().empty())
            continue;
        auto& targets = row.targets[edge.name];
        if (!targets.empty()) targets += ';';
        targets += edge.target;
    }
    return row;
}

void write_csv(std::string& out, const Snapshot& snapshot, bool values) {
    std::set<std::string> paths, edges, bindings;
    for (const auto& twin : snapshot.twins) {
        const Row row = row_of(twin, values);
        for (const auto& [path, value] : row.cells)
            paths.insert(path);
        for (const auto& [name, targets] : row.targets)
            edges.insert(name);
        for (const auto& [path, point] : row.spec.bindings)
            bindings.insert(path);
    }
    out += "id,model,name";
    for (const auto& path : paths)
        out += "," + path;
    for (const auto& path : bindings)
        out += ",point:" + path;
    for (const auto& name : edges)
        out += ",rel:" + name;
    out += '\n';
    for (const auto& twin : snapshot.twins) {
        const Row row = row_of(twin, values);
        gateway::append_csv_cell(out, row.spec.id);
        out += ',';
        gateway::append_csv_cell(out, row.spec.model);
        out += ',';
        gateway::append_csv_cell(out, row.spec.name);
        for (const auto& path : paths) {
            out += ',';
            if (const auto found = row.cells.find(path); found != row.cells.end())
                append_value(out, found->second);
        }
        for (const auto& path : bindings) {
            out += ',';
            if (const auto found = row.spec.bindings.find(path); found != row.spec.bindings.end())
                gateway::append_csv_cell(out, found->second.empty() ? "-" : found->second);
        }
        for (const auto& name : edges) {
            out += ',';
            if (const auto found = row.targets.find(name); found != row.targets.end())
                gateway::append_csv_cell(out, found->second);
        }
        out += '\n';
    }
}

void write_edges_csv(std::string& out, const Snapshot& snapshot) {
    std::set<std::string> names;
    for (const auto& twin : snapshot.twins)
        for (const auto& edge : twin.relationships)
            for (const auto& member : edge.properties.members())
                names.emplace(member.key.as_text());
    out += "source,name,target";
    for (const auto& name : names)
        out += "," + name;
    out += '\n';
    for (const auto& twin : snapshot.twins) {
        for (const auto& edge : twin.relationships) {
            gateway::append_csv_cell(out, edge.source);
            out += ',';
            gateway::append_csv_cell(out, edge.name);
            out += ',';
            gateway::append_csv_cell(out, edge.target);
            for (const auto& name : names) {
                out += ',';
                if (const Datum* value = edge.properties.find(name)) append_value(out, *value);
            }
            out += '\n';
        }
    }
}

}  // namespace

TwinSpec spec_of(const TwinState& twin) {
    TwinSpec spec;
    spec.id = twin.id;
    if (twin.model) spec.model = twin.model->id;
    if (twin.name != last_level(twin.id)) spec.name = twin.name;
    for (const auto& property : twin.properties)
        if (property.live.origin == Origin::fixed && !property.live.value.is_null())
            (void)put_property(spec.properties, property.path, property.live.value);
    for (size_t i = 0; i < twin.properties.size(); ++i) {
        const Content* content = content_of(twin, i);
        if (content == nullptr || content->fixed || !content->expression.empty()) continue;
        const auto& property = twin.properties[i];
        const auto usual = point_of(content->point, twin.id, property.path, spec.properties);
        if (usual.value_or("") != property.point) spec.bindings[property.path] = property.point;
    }
    return spec;
}

void write_bulk(std::string& out, const Snapshot& snapshot, BulkFormat format,
                const BulkWriteOptions& options) {
    switch (format) {
        case BulkFormat::ndjson:
            return write_ndjson(out, snapshot, options.values);
        case BulkFormat::csv:
            return write_csv(out, snapshot, options.values);
        case BulkFormat::relationships:
            return write_edges_csv(out, snapshot);
        case BulkFormat::json:
            return write_graph(out, snapshot, options);
        case BulkFormat::jsonl:
            return write_jsonl(out, snapshot, options);
    }
}

}  // namespace hw::twin
