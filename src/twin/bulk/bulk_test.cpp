#include <gtest/gtest.h>

#include "sql/json.h"
#include "twin/bulk/bulk_reader.h"
#include "twin/bulk/bulk_writer.h"
#include "twin/model/library.h"

namespace hw::twin {

namespace {

using sql::Datum;

std::shared_ptr<const Models> library() {
    static const auto models = [] {
        std::vector<ModelFlaw> flaws;
        return Models::none()->with(model_library(), flaws);
    }();
    return models;
}

BulkInput read(std::string_view text, BulkFormat format,
               std::shared_ptr<const Models> models = nullptr) {
    auto input = read_bulk(text, format, std::move(models));
    EXPECT_TRUE(input) << (input ? "" : input.error().text());
    return input ? std::move(*input) : BulkInput();
}

std::string error_of(std::string_view text, BulkFormat format) {
    const auto input = read_bulk(text, format);
    return input ? "none" : input.error().text();
}

BulkFormat format_of(std::string_view hint, std::string_view text) {
    const auto found = find_bulk_format(hint, text);
    EXPECT_TRUE(found) << hint << " " << text;
    return found.value_or(BulkFormat::ndjson);
}

std::string edge_text(const RelationshipSpec& edge) {
    return edge.source + " " + edge.name + " " + edge.target + " " + sql::to_json(edge.properties);
}

// Two twins of the library as a server would tell them: fixed values, points, relationships.
Snapshot graph() {
    Snapshot out;
    for (const auto& [id, model] : {std::pair("w/intake", "dtmi:headworks:water:Intake;1"),
                                    std::pair("w/intake/pump;1", "dtmi:headworks:water:Pump;1")}) {
        TwinState twin;
        twin.id = id;
        twin.model = library()->find(model);
        twin.name = twin.id == "w/intake" ? "The \"intake\", old" : "pump;1";
        for (const auto& slot : twin.model->slots) {
            PropertyState property;
            property.path = slot.path;
            if (!slot.content->fixed && slot.content->expression.empty()) {
                property.point = slot.path == "power"  ? "elsewhere/power"
                                 : slot.path == "head" ? ""
                                                       : twin.id + "/" + slot.path;
                if (slot.path == "flow")
                    property.live = {Datum::real(12.5), Time{1}, model::Quality::good, false,
                                     Origin::point};
            }
            const auto fix = [&](Datum value) {
                property.live = {std::move(value), {}, model::Quality::good, false, Origin::fixed};
            };
            if (slot.path == "serialNumber") fix(Datum::text("0017"));
            if (slot.path == "ratedPower") fix(Datum::real(31.5));
            if (slot.path == "documents") fix(Datum::array({Datum::text("a,b"), Datum::text("c")}));
            twin.properties.push_back(std::move(property));
        }
        out.twins.push_back(std::move(twin));
    }
    out.twins[0].relationships = {{"w/intake", "pumps", "w/intake/pump;1"}};
    out.twins[1].relationships = {
        {"w/intake/pump;1", "feeds", "w/intake",
         Datum::object({{Datum::text("medium"), Datum::text("rawWater")}})},
        {"w/intake/pump;1", "partOf", "w/intake"}};
    return out;
}

void expect_same(const BulkInput& input, const Snapshot& snapshot, bool names) {
    for (const auto& error : input.bulk.errors)
        ADD_FAILURE() << error.line << " " << error.what << ": " << error.text;
    ASSERT_EQ(input.bulk.twins.size(), snapshot.twins.size());
    std::vector<std::string> edges, wanted;
    for (size_t i = 0; i < snapshot.twins.size(); ++i) {
        TwinSpec spec = spec_of(snapshot.twins[i]);
        for (const auto& edge : snapshot.twins[i].relationships)
            wanted.push_back(edge_text(edge));
        if (!names) {  // the form has no place for them
            spec.name.clear();
            spec.bindings.clear();
        }
        EXPECT_EQ(input.bulk.twins[i].spec, spec) << spec.id;
    }
    for (const auto& edge : input.bulk.relationships)
        edges.push_back(edge_text(edge.spec));
    EXPECT_EQ(edges, wanted);
}

}  // namespace

TEST(BulkFormat, ByNameAndContent) {
    EXPECT_EQ(format_of("text/csv; charset=utf-8", "id,model"), BulkFormat::csv);
    EXPECT_EQ(format_of("edges.csv", "source;name;target"), BulkFormat::relationships);
    EXPECT_EQ(format_of("application/x-ndjson", "{\"id\":\"a\"}"), BulkFormat::ndjson);
    EXPECT_EQ(format_of("twins.jsonl", "{\"Section\":\"Header\"}"), BulkFormat::jsonl);
    EXPECT_EQ(format_of("application/json", "[{\"id\":\"a\"}]"), BulkFormat::json);
    EXPECT_EQ(format_of("", "{\"Section\":\"Header\"}\n{}"), BulkFormat::jsonl);
    EXPECT_EQ(format_of("", "{\n \"digitalTwins\": []}"), BulkFormat::json);
    EXPECT_EQ(format_of("", "{\"digitalTwinsGraph\":{}}"), BulkFormat::json);
    EXPECT_EQ(format_of("", "\xef\xbb\xbf{\"id\":\"a\"}\n{\"id\":\"b\"}"), BulkFormat::ndjson);
    EXPECT_EQ(format_of("", "id;model;name\n"), BulkFormat::csv);
    EXPECT_EQ(format_of("relationships", ""), BulkFormat::relationships);
    EXPECT_EQ(format_of("dtdl", ""), BulkFormat::json);
    EXPECT_EQ(format_of("dtdl", "{\"Section\":\"Header\"}"), BulkFormat::jsonl);
    EXPECT_FALSE(find_bulk_format("", "hello"));
    EXPECT_FALSE(find_bulk_format("twins.xlsx", "PK\x03\x04"));
}

TEST(Bulk, LinesOfBothForms) {
    const auto input = read(R"({"id":"a","model":"dtmi:x:A;1","properties":{"p":1}}

{"$dtId":"b","$metadata":{"$model":"dtmi:x:B;1"},"q":true}
{"source":"a","name":"feeds","target":"b","properties":{"since":2020}}
{"$sourceId":"b","$relationshipName":"partOf","$targetId":"a","$relationshipId":"x","w":1}
{"id":"c","model":"dtmi:x:A;1","relationships":[{"name":"partOf","target":"a"}]}
{"@id":"dtmi:x:A;1","@type":"Interface"}
)",
                            BulkFormat::ndjson);
    EXPECT_TRUE(input.bulk.errors.empty());
    ASSERT_EQ(input.bulk.twins.size(), 3U);
    EXPECT_EQ(input.bulk.twins[1].line, 3U);
    EXPECT_EQ(sql::to_json(input.bulk.twins[1].spec.properties), R"({"q":true})");
    ASSERT_EQ(input.bulk.relationships.size(), 3U);
    EXPECT_EQ(edge_text(input.bulk.relationships[0].spec), R"(a feeds b {"since":2020})");
    EXPECT_EQ(edge_text(input.bulk.relationships[1].spec), R"(b partOf a {"w":1})");
    EXPECT_EQ(edge_text(input.bulk.relationships[2].spec), "c partOf a {}");
    EXPECT_EQ(input.models.size(), 1U);
}

TEST(Bulk, BadRowsAreToldWithTheirLine) {
    const auto input = read(R"({"id":"a","model":"dtmi:x:A;1"}
{"id":"a","model":"dtmi:x:A;1"}
{"id":"b#","model":"dtmi:x:A;1"}
{"id":"c","modell":"dtmi:x:A;1"}
nonsense
[1]
{"source":"a","name":"fe eds","target":"b"}
{"source":"a","name":"feeds"}
{"source":"a","name":"feeds","target":"b"}
{"source":"a","name":"feeds","target":"b"})",
                            BulkFormat::ndjson);
    ASSERT_EQ(input.bulk.errors.size(), 8U);
    const auto& errors = input.bulk.errors;
    EXPECT_EQ(errors[0].line, 2U);
    EXPECT_EQ(errors[0].text, "the twin is on line 1 already");
    EXPECT_EQ(errors[1].what, "b#");
    EXPECT_NE(errors[2].text.find("did you mean 'model'?"), std::string::npos);
    EXPECT_EQ(errors[3].line, 5U);
    EXPECT_NE(errors[4].text.find("must be an object"), std::string::npos);
    EXPECT_EQ(errors[5].what, "a fe eds b");
    EXPECT_EQ(errors[6].text, "'target' is missing");
    EXPECT_EQ(errors[7].text, "the relationship is on line 9 already");
    EXPECT_EQ(input.bulk.twins.size(), 1U);
    EXPECT_EQ(input.bulk.relationships.size(), 1U);
}

TEST(Bulk, TooManyBadRowsEndIt) {
    std::string text;
    for (int i = 0; i < 10'002; ++i)
        text += "x\n";
    EXPECT_NE(error_of(text, BulkFormat::ndjson)
                  .find("more than 10000 rows cannot be read, the "
                        "last on line 10001"),
              std::string::npos);
}

TEST(Bulk, PiecesAreAsGoodAsTheWhole) {
    std::string text;
    write_bulk(text, graph(), BulkFormat::ndjson);
    for (const size_t step : {1U, 7U, 100U}) {
        const auto reader = BulkReader::make(BulkFormat::ndjson);
        for (size_t at = 0; at < text.size(); at += step)
            ASSERT_TRUE(reader->feed(std::string_view(text).substr(at, step)));
        const auto input = reader->finish();
        ASSERT_TRUE(input);
        expect_same(*input, graph(), true);
    }
}

TEST(Bulk, WhatIsWrittenIsReadTheSame) {
    for (const auto format : {BulkFormat::ndjson, BulkFormat::json, BulkFormat::jsonl}) {
        std::string text;
        const std::vector<InterfacePtr> models = {library()->find("dtmi:headworks:water:Pump;1")};
        write_bulk(text, graph(), format, {.models = models});
        const auto input = read(text, format);
        expect_same(input, graph(), format == BulkFormat::ndjson);
        EXPECT_EQ(input.models.size(), format == BulkFormat::ndjson ? 0U : 1U);
        EXPECT_EQ(format_of("", text), format);
    }
}

TEST(Bulk, TablesAreWrittenAndReadTheSame) {
    std::string text, edges;
    write_bulk(text, graph(), BulkFormat::csv);
    write_bulk(edges, graph(), BulkFormat::relationships);
    // The first table has no properties of relationships, and a target with ';' has no place.
    auto input = read(text, BulkFormat::csv, library());
    ASSERT_EQ(input.bulk.relationships.size(), 1U) << text;
    EXPECT_EQ(edge_text(input.bulk.relationships[0].spec), "w/intake/pump;1 partOf w/intake {}");
    input.bulk.relationships = read(edges, BulkFormat::relationships).bulk.relationships;
    expect_same(input, graph(), true);
}

// Lines and tables, which have names; the two forms of Azure have none.
TEST(Bulk, NamesOfSeveralLanguagesAreWrittenAndReadTheSame) {
    Snapshot twins = graph();
    twins.twins[0].name = R"({"en":"Intake, old","zh":"取水"})";
    for (const auto format : {BulkFormat::ndjson, BulkFormat::csv}) {
        std::string text;
        write_bulk(text, twins, format);
        const auto input = read(text, format, library());
        ASSERT_EQ(input.bulk.twins.size(), 2U) << text;
        EXPECT_EQ(input.bulk.twins[0].spec.name, twins.twins[0].name) << text;
    }
}

TEST(Bulk, ValuesMayBeWrittenToo) {
    std::string text;
    write_bulk(text, graph(), BulkFormat::json, {.values = true});
    const auto input = read(text, BulkFormat::json);
    EXPECT_EQ(*input.bulk.twins[1].spec.properties.find("flow"), Datum::real(12.5));
}

TEST(Bulk, TableOfTwins) {
    const auto input = read(
        "id;model;name;serialNumber;ratedPower;point:flow;point:head;rel:partOf;"
        "rel:feeds;documents\r\n"
        "a;dtmi:headworks:water:Pump;1;;;;;;;\r\n",
        BulkFormat::csv, library());
    // The model's ';' parts cells where ';' does: such tables need quotes.
    ASSERT_EQ(input.bulk.errors.size(), 1U);
    EXPECT_NE(input.bulk.errors[0].text.find("model"), std::string::npos);
    const auto good = read(
        "id,model,name,serialNumber,ratedPower,point:flow,point:head,rel:partOf,"
        "rel:feeds,documents\n"
        "a,dtmi:headworks:water:Pump;1,Pump,0017,31.5,x/y,-,w,b; c,\"[\"\"u\"\"]\"\n"
        "b,dtmi:headworks:water:Pump;1,,17,,,,,,\n"
        "c,Pump,,,,,,,,\n"
        "d#,dtmi:headworks:water:Pump;1,,,,,,,,\n"
        "e,dtmi:headworks:water:Pump;1,,,,,,,,{bad\n"
        "f,dtmi:headworks:water:Pump;1\n",
        BulkFormat::csv, library());
    ASSERT_EQ(good.bulk.twins.size(), 2U);
    const auto& spec = good.bulk.twins[0].spec;
    EXPECT_EQ(sql::to_json(spec.properties),
              R"({"serialNumber":"0017","ratedPower":31.5,"documents":["u"]})");
    EXPECT_EQ(spec.bindings, (std::map<std::string, std::string>{{"flow", "x/y"}, {"head", ""}}));
    EXPECT_EQ(good.bulk.twins[1].spec.properties.find("serialNumber")->as_text(), "17");
    EXPECT_EQ(good.bulk.twins[1].line, 3U);
    ASSERT_EQ(good.bulk.relationships.size(), 3U);
    EXPECT_EQ(edge_text(good.bulk.relationships[2].spec), "a feeds c {}");
    ASSERT_EQ(good.bulk.errors.size(), 4U);
    EXPECT_EQ(good.bulk.errors[0].what, "c");
    EXPECT_EQ(good.bulk.errors[3].line, 7U);
}

TEST(Bulk, CellsWithoutAModelAreReadByTheirLooks) {
    const auto input = read(
        "id,model,a,b,c,d,e,f\n"
        "x,dtmi:x:Y;1,12,-1.5,true,0017,1e3,nan\n",
        BulkFormat::csv);
    EXPECT_EQ(sql::to_json(input.bulk.twins.at(0).spec.properties),
              R"({"a":12,"b":-1.5,"c":true,"d":"0017","e":1000.0,"f":"nan"})");
}

TEST(Bulk, HeadersAreChecked) {
    EXPECT_EQ(error_of("id,name\n", BulkFormat::csv),
              "column 'model' is missing; a table of twins has id, model");
    EXPECT_EQ(error_of("source,target\n", BulkFormat::relationships),
              "column 'name' is missing; a table of relationships has source, name, target");
    EXPECT_EQ(error_of("id,model,x,x\n", BulkFormat::csv), "column 'x' is there twice");
    EXPECT_NE(error_of("id,model,a b\n", BulkFormat::csv).find("column 'a b'"), std::string::npos);
    EXPECT_NE(error_of("id,model,rel:1\n", BulkFormat::csv).find("relationship of a column"),
              std::string::npos);
}

TEST(Bulk, ShapesOfJson) {
    const auto graph_form = read(R"({"digitalTwinsFileInfo":{"fileVersion":"1.0.0"},
"digitalTwinsGraph":{
  "digitalTwins":[
    {"$dtId":"a","$metadata":{"$model":"dtmi:x:A;1"}},
    {"$dtId":"a","$metadata":{"$model":"dtmi:x:A;1"}}],
  "relationships":[{"$sourceId":"a","$relationshipName":"r","$targetId":"a"}]},
"digitalTwinsModels":[{"@id":"dtmi:x:A;1"}]})",
                                 BulkFormat::json);
    EXPECT_EQ(graph_form.bulk.twins.size(), 1U);
    EXPECT_EQ(graph_form.bulk.twins[0].line, 4U);
    EXPECT_EQ(graph_form.bulk.relationships.size(), 1U);
    EXPECT_EQ(graph_form.models.size(), 1U);
    ASSERT_EQ(graph_form.bulk.errors.size(), 1U);
    EXPECT_EQ(graph_form.bulk.errors[0].line, 5U);

    const auto flat =
        read(R"({"twins":[{"id":"a","model":"dtmi:x:A;1"}],"relationships":[]})", BulkFormat::json);
    EXPECT_EQ(flat.bulk.twins.size(), 1U);
    const auto list =
        read(R"([{"id":"a","model":"dtmi:x:A;1"},{"source":"a","name":"r","target":"b"}])",
             BulkFormat::json);
    EXPECT_EQ(list.bulk.twins.size() + list.bulk.relationships.size(), 2U);
    const auto one =
        read(R"({"id":"a","model":"dtmi:x:A;1","relationships":[{"name":"r","target":"b"}]})",
             BulkFormat::json);
    EXPECT_EQ(one.bulk.relationships.size(), 1U);
    EXPECT_TRUE(read("", BulkFormat::json).bulk.twins.empty());
}

TEST(Bulk, BrokenJsonNamesTheLine) {
    EXPECT_EQ(error_of("{\"twins\":[\n{},\n", BulkFormat::json),
              "line 3: expected the end of a value, found the end");
    EXPECT_EQ(error_of("[{}\n{}]", BulkFormat::json), "line 2: expected ',' or ']'");
    EXPECT_EQ(error_of("[] x", BulkFormat::json), "line 1: expected nothing more");
    EXPECT_EQ(error_of("[\"abc", BulkFormat::json),
              "line 1: expected the end of a text, found the end");
    EXPECT_NE(error_of(std::string(100'000, '['), BulkFormat::json), "none");
}

TEST(Bulk, SectionsOfTheImportFile) {
    const auto input = read(R"({"Section":"Header"}
{"fileVersion":"1.0.0","author":"x","organization":"y"}
{"Section":"Models"}
{"@id":"dtmi:x:A;1","@type":"Interface","@context":"dtmi:dtdl:context;3"}
{"Section":"Twins"}
{"$dtId":"a","$metadata":{"$model":"dtmi:x:A;1"}}
{"Section":"Relations"}
{"Section":"Relationships"}
{"$dtId":"a"}
)",
                            BulkFormat::jsonl);
    EXPECT_EQ(input.models.size(), 1U);
    EXPECT_EQ(input.bulk.twins.size(), 1U);
    ASSERT_EQ(input.bulk.errors.size(), 2U);
    EXPECT_EQ(input.bulk.errors[0].text,
              "section 'Relations' is not known; there are Header, "
              "Models, Twins, Relationships");
    EXPECT_EQ(input.bulk.errors[1].line, 9U);
}

TEST(SpecOf, FindsWhatIsNotAsTheModelSays) {
    const auto spec = spec_of(graph().twins[1]);
    EXPECT_EQ(spec.name, "");  // as its last level
    EXPECT_EQ(spec.bindings,
              (std::map<std::string, std::string>{{"head", ""}, {"power", "elsewhere/power"}}));
}

}  // namespace hw::twin
