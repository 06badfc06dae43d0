#include "twin/model/wot.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sql/json.h"
#include "twin/model/library.h"
#include "twin/model/models.h"

namespace hw::twin {

namespace {

using sql::Datum;

std::shared_ptr<const Models> taken(const std::vector<std::string>& documents) {
    const std::vector<std::string_view> views(documents.begin(), documents.end());
    std::vector<ModelFlaw> flaws;
    auto models = Models::none()->with(views, flaws);
    for (const auto& flaw : flaws)
        ADD_FAILURE() << flaw.full_text() << "\n" << documents[flaw.document];
    return models;
}

WotText read(std::string_view json) {
    auto out = interface_of_thing_model(json);
    EXPECT_TRUE(out) << (out ? "" : out.error().text());
    return out ? std::move(*out) : WotText();
}

bool warns(const WotText& text, std::string_view what) {
    return std::ranges::any_of(text.warnings, [&](const std::string& warning) {
        return warning.find(what) != std::string::npos;
    });
}

void expect_same_schema(const Schema& a, const Schema& b, const std::string& where) {
    ASSERT_EQ(a.kind, b.kind) << where;
    EXPECT_EQ(a.enum_kind, b.enum_kind) << where;
    ASSERT_EQ(a.fields.size(), b.fields.size()) << where;
    for (size_t i = 0; i < a.fields.size(); ++i) {
        EXPECT_EQ(a.fields[i].name, b.fields[i].name) << where;
        EXPECT_EQ(a.fields[i].unit, b.fields[i].unit) << where;
        EXPECT_EQ(a.fields[i].semantic_types, b.fields[i].semantic_types) << where;
        expect_same_schema(*a.fields[i].schema, *b.fields[i].schema, where);
    }
    ASSERT_EQ(a.enum_values.size(), b.enum_values.size()) << where;
    for (size_t i = 0; i < a.enum_values.size(); ++i) {
        EXPECT_EQ(a.enum_values[i].name, b.enum_values[i].name) << where;
        EXPECT_EQ(a.enum_values[i].value, b.enum_values[i].value) << where;
    }
    if (a.element) expect_same_schema(*a.element, *b.element, where);
}

void expect_same_content(const Content& a, const Content& b) {
    const std::string where = a.defined_in + " " + a.name;
    ASSERT_EQ(a.kind, b.kind) << where;
    EXPECT_EQ(a.display_name, b.display_name) << where;
    EXPECT_EQ(a.description, b.description) << where;
    EXPECT_EQ(a.unit, b.unit) << where;
    EXPECT_EQ(a.semantic_types, b.semantic_types) << where;
    EXPECT_EQ(a.writable, b.writable) << where;
    EXPECT_EQ(a.fixed, b.fixed) << where;
    EXPECT_EQ(a.point, b.point) << where;
    EXPECT_EQ(a.expression, b.expression) << where;
    EXPECT_EQ(a.historized, b.historized) << where;
    EXPECT_EQ(a.minimum, b.minimum) << where;
    EXPECT_EQ(a.maximum, b.maximum) << where;
    EXPECT_EQ(a.target, b.target) << where;
    EXPECT_EQ(a.max_multiplicity, b.max_multiplicity) << where;
    EXPECT_EQ(a.component, b.component) << where;
    ASSERT_EQ(a.writes.size(), b.writes.size()) << where;
    for (size_t i = 0; i < a.writes.size(); ++i) {
        EXPECT_EQ(a.writes[i].property, b.writes[i].property) << where;
        EXPECT_EQ(a.writes[i].value, b.writes[i].value) << where;
    }
    ASSERT_EQ(a.request.has_value(), b.request.has_value()) << where;
    if (a.request) {
        EXPECT_EQ(a.request->name, b.request->name) << where;
        expect_same_schema(*a.request->schema, *b.request->schema, where);
    }
    if (a.schema) expect_same_schema(*a.schema, *b.schema, where);
}

}  // namespace

TEST(ThingModel, TheLibraryGoesThereAndBack) {
    std::vector<std::string> documents;
    std::vector<ModelFlaw> flaws;
    const auto library = Models::none()->with(model_library(), flaws);
    ASSERT_NE(library, nullptr);
    for (const auto& [id, model] : library->all()) {
        const auto written = thing_model_of(*model);
        const auto again = read(written.json);
        EXPECT_TRUE(again.warnings.empty()) << id << ": " << again.warnings.front();
        documents.push_back(again.json);
    }
    const auto again = taken(documents);
    ASSERT_NE(again, nullptr);
    for (const auto& [id, model] : library->all()) {
        const auto other = again->find(id);
        ASSERT_NE(other, nullptr) << id;
        EXPECT_EQ(other->ancestors, model->ancestors) << id;
        ASSERT_EQ(other->contents.size(), model->contents.size()) << id;
        for (const auto& content : model->contents) {
            const auto* same = other->find(content.name);
            ASSERT_NE(same, nullptr) << id << " " << content.name;
            expect_same_content(content, *same);
        }
    }
}

TEST(ThingModel, IsRead) {
    const auto out = read(R"({
      "@context": "https://www.w3.org/2022/wot/td/v1.1", "@type": ["tm:ThingModel", "Pump"],
      "title": "Lamp pump 3", "titles": {"en": "Pump", "de": "Pumpe"},
      "version": {"model": "2.1.0"},
      "properties": {
        "flow": {"title": "Flow", "type": "number", "unit": "om2:litrePerSecond", "readOnly": true,
                 "observable": true, "exclusiveMinimum": 0},
        "set point": {"type": "number", "minimum": 0, "maximum": 1.5, "unit": "degC"},
        "mode": {"type": "string", "enum": ["auto", "hand mode"], "readOnly": true},
        "stage": {"oneOf": [{"const": 1, "title": "first"}, {"const": -2}], "readOnly": true},
        "again": {"tm:ref": "#/properties/mode", "title": "Mode"},
        "far": {"tm:ref": "http://example.com/x.json#/properties/y", "type": "boolean"},
        "small": {"type": "integer", "minimum": 0, "maximum": 10},
        "curve": {"type": "array", "items": {"type": "object", "properties":
                   {"q": {"type": "number", "unit": "m3/h"},
                    "at": {"type": "string", "format": "date-time"}}}},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "odd": {"oneOf": [{"type": "number"}, {"type": "string"}]},
        "depth": {"type": "number", "unit": "metre"}
      },
      "actions": {"start": {"input": {"type": "number"}, "output": {"type": "boolean"}}},
      "events": {"flow": {"data": {"type": "string"}}, "gone": {}},
      "forms": []
    })");
    const auto models = taken({out.json});
    ASSERT_NE(models, nullptr);
    const auto model = models->find("dtmi:wot:Lamp_pump_3;2.1");
    ASSERT_NE(model, nullptr) << out.json;
    EXPECT_EQ(model->display_name, "Pump");
    const auto* flow = model->find("flow");
    EXPECT_EQ(flow->kind, ContentKind::telemetry);
    EXPECT_EQ(flow->unit, "litrePerSecond");
    EXPECT_EQ(flow->semantic_types, std::vector<std::string>{"VolumeFlowRate"});
    const auto* set = model->find("set_point");
    EXPECT_TRUE(set->writable);
    EXPECT_EQ(set->unit, "degreeCelsius");
    EXPECT_EQ(set->maximum, 1.5);
    EXPECT_FALSE(model->find("mode")->writable);
    EXPECT_EQ(model->find("mode")->schema->enum_values.at(1).name, "hand_mode");
    EXPECT_EQ(model->find("stage")->schema->enum_values.at(1).value, Datum::integer(-2));
    EXPECT_EQ(model->find("stage")->schema->enum_values.at(0).display_name, "first");
    EXPECT_EQ(model->find("again")->schema->kind, SchemaKind::enumeration);
    EXPECT_EQ(model->find("again")->display_name, "Mode");
    EXPECT_EQ(model->find("small")->schema->kind, SchemaKind::int32);
    EXPECT_EQ(model->find("curve")->schema->element->fields.at(1).schema->kind,
              SchemaKind::date_time);
    EXPECT_EQ(model->find("tags")->schema->kind, SchemaKind::map);
    EXPECT_EQ(model->find("depth")->semantic_types, std::vector<std::string>{"Length"});
    EXPECT_EQ(model->find("odd"), nullptr);
    EXPECT_EQ(model->find("start")->response->schema->kind, SchemaKind::boolean);
    EXPECT_EQ(model->find("flow2")->kind, ContentKind::telemetry);
    for (const auto* what : {"exclusiveMinimum", "set point is named 'set_point'",
                             "which is not in", "properties/odd has", "forms is not taken",
                             "events/gone carries no", "flow is named 'flow2'"})
        EXPECT_TRUE(warns(out, what)) << what;
}

TEST(ThingModel, Errors) {
    const auto text = [](std::string_view json) {
        const auto out = interface_of_thing_model(json);
        return out ? "none" : out.error().text();
    };
    EXPECT_EQ(text("[]"), "a Thing Model must be an object");
    EXPECT_NE(text(R"({"@type":"Thing","title":"x"})").find("no Thing Model"), std::string::npos);
    EXPECT_NE(text(R"({"@type":"tm:ThingModel","properties":{"a":{"tm:ref":"#/properties/b"},
                      "b":{"tm:ref":"#/properties/a"}}})")
                  .find("more than 16 references"),
              std::string::npos);
    EXPECT_NE(text(R"({"@type":"tm:ThingModel","id":"dtmi:1x;1"})").find("dtmi:1x"),
              std::string::npos);
}

TEST(ThingModel, ExtendsOnlyWhatHasADtmi) {
    const auto out = read(R"({"@type":"tm:ThingModel","title":"x","links":[
        {"rel":"tm:extends","href":"dtmi:x:A;1"},{"rel":"tm:extends","href":"http://x/y.json"},
        {"rel":"tm:submodel","href":"dtmi:x:B;1","instanceName":"drive"},
        {"rel":"license","href":"x"}]})");
    EXPECT_NE(out.json.find(R"("extends":["dtmi:x:A;1"])"), std::string::npos) << out.json;
    EXPECT_NE(out.json.find(R"("name":"drive","schema":"dtmi:x:B;1")"), std::string::npos);
    EXPECT_TRUE(warns(out, "http://x/y.json"));
    EXPECT_TRUE(warns(out, "license"));
}

TEST(ThingDescription, HasAddresses) {
    std::vector<ModelFlaw> flaws;
    const auto library = Models::none()->with(model_library(), flaws);
    TwinState twin;
    twin.id = "works/pump 1";
    twin.model = library->find("dtmi:headworks:water:VariableSpeedPump;1");
    twin.relationships = {{"works/pump 1", "partOf", "works"}};
    const auto text = thing_description_of(twin, "http://h:1", "mqtt://h:2");
    const auto read = sql::JsonReader().read(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->find("title")->as_text(), "pump 1");
    EXPECT_NE(read->find("@context")->items()[1].find("htv"), nullptr);
    const auto* speed = read->find("properties")->find("speed_setpoint");
    ASSERT_NE(speed, nullptr);
    EXPECT_EQ(speed->find("readOnly"), nullptr);
    const auto& forms = speed->find("forms")->items();
    ASSERT_EQ(forms.size(), 3U);
    EXPECT_EQ(forms[0].find("href")->as_text(),
              "http://h:1/api/v1/twins/works%2Fpump%201/properties/speed_setpoint");
    EXPECT_EQ(forms[1].find("href")->as_text(),
              "http://h:1/api/v1/twins/works%2Fpump%201/desired/speed_setpoint");
    EXPECT_EQ(forms[1].find("htv:methodName")->as_text(), "PUT");
    EXPECT_EQ(forms[2].find("href")->as_text(),
              "mqtt://h:2/%24hw/twin/works/pump%201/desired/speed_setpoint/set");
    EXPECT_EQ(
        read->find("actions")->find("Start")->find("forms")->items()[0].find("href")->as_text(),
        "http://h:1/api/v1/twins/works%2Fpump%201/commands/Start");
    EXPECT_EQ(read->find("links")->items()[1].find("href")->as_text(),
              "http://h:1/api/v1/twins/works/thing");
    // No addresses by MQTT where there is no broker to name.
    EXPECT_EQ(thing_description_of(twin, "http://h:1").find("%24hw"), std::string::npos);
}

}  // namespace hw::twin
