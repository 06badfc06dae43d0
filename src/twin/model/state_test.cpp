#include "twin/model/state.h"

#include <gtest/gtest.h>

#include "sql/json.h"
#include "twin/model/twin_id.h"

namespace hw::twin {

namespace {

using sql::Datum;

Content property(std::string name, std::string unit = {}) {
    Content out;
    out.name = std::move(name);
    out.unit = std::move(unit);
    return out;
}

// A model with "flow" (litre per second), "drive/speed", "drive/load" and "serial".
InterfacePtr pump_model() {
    static const std::vector<Content> contents = {property("flow", "litrePerSecond"),
                                                  property("speed"), property("load"),
                                                  property("serial")};
    static const std::vector<std::string> paths = {"flow", "drive/speed", "drive/load", "serial"};
    auto model = std::make_shared<Interface>();
    model->id = "dtmi:test:Pump;1";
    for (size_t i = 0; i < paths.size(); ++i) {
        model->slots.push_back({paths[i], &contents[i]});
        model->slot_index.emplace(paths[i], i);
    }
    return model;
}

LiveValue live(double value, int64_t second = 1) {
    return {Datum::real(value), Time{second * 1'000'000'000}, model::Quality::good, false,
            Origin::point};
}

TwinState pump(const std::string& id) {
    TwinState twin;
    twin.id = id;
    twin.model = pump_model();
    twin.revision = 3;
    twin.created = twin.updated = Time{1'000'000'000};
    twin.updated_by = "ann";
    twin.properties = {
        {"flow", id + "/flow", live(12.5)},
        {"drive/speed", id + "/drive/speed", live(0.8)},
        {"drive/load", "", {}},
        {"serial", "", {Datum::text("A-17"), {}, model::Quality::good, false, Origin::fixed}}};
    twin.relationships = {{id, "partOf", "works/intake"}};
    return twin;
}

template <class Write>
std::string written(const Write& write) {
    std::string out;
    JsonWriter json(out);
    write(json);
    return out;
}

std::string error_of(std::string_view json, std::string_view id = {}) {
    const auto spec = read_twin(json, id);
    return spec ? "read" : spec.error().text();
}

TEST(WriteTwin, shows_the_first_relationships_and_counts_the_others) {
    TwinState twin;
    twin.id = "hub";
    for (size_t i = 0; i < relationships_shown_limit + 5; ++i)
        twin.relationships.push_back({"hub", "feeds", "t" + std::to_string(i), {}});
    std::string out;
    JsonWriter json(out);
    write_twin(json, twin);
    EXPECT_NE(out.find("\"relationships_more\":5"), std::string::npos);
    EXPECT_EQ(out.find("\"t1000\""), std::string::npos);
    EXPECT_NE(out.find("\"t999\""), std::string::npos);
}

}  // namespace

TEST(TwinId, TakesEveryTextThatCanBeAPath) {
    for (const char* id : {"a", "works/pump 1",
                           "Wasserwerk/Brunnen/Gr\xc3\xb6\xc3\x9f"
                           "e",
                           "\xe6\xb0\xb4/\xe6\xb3\xb5", "a\"b\\c'd;e,f{g}<h>?&%", "a$", ".", ".."})
        EXPECT_TRUE(check_twin_id(id)) << id;
    EXPECT_TRUE(check_twin_id(std::string(1'024, 'x')));
}

TEST(TwinId, RefusesWhatCannot) {
    const auto text = [](std::string_view id) { return check_twin_id(id).error().text(); };
    EXPECT_EQ(text(""), "a twin's id must not be empty");
    EXPECT_NE(text(std::string(1'025, 'x')).find("has 1025 bytes; at most 1024"),
              std::string::npos);
    EXPECT_EQ(text("a\xff"), "the twin's id 'a\\xff' is not UTF-8");
    EXPECT_EQ(text(std::string_view("a\0b", 3)),
              "the twin's id 'a\\x00b' has a control character; leave it out");
    EXPECT_NE(text("a\xc2\x85").find("control character"), std::string::npos);
    EXPECT_NE(text("a\x7f").find("control character"), std::string::npos);
    EXPECT_EQ(text("a/+"),
              "the twin's id 'a/+' has '+', which filters use; write another "
              "character");
    EXPECT_NE(text("a#b").find("'#'"), std::string::npos);
    EXPECT_NE(text("$hw/a").find("kept for the server"), std::string::npos);
    for (const char* id : {"/a", "a/", "a//b", "/"})
        EXPECT_NE(text(id).find("empty level"), std::string::npos) << id;
    std::string deep = "a";
    for (int i = 1; i < 64; ++i)
        deep += "/a";
    EXPECT_TRUE(check_twin_id(deep));
    EXPECT_NE(text(deep + "/a").find("has 65 levels; at most 64"), std::string::npos);
}

TEST(TwinId, LastLevel) {
    EXPECT_EQ(last_level("a/b/c"), "c");
    EXPECT_EQ(last_level("a"), "a");
}

TEST(TwinId, DtdlNames) {
    for (const char* name : {"a", "partOf", "a1", "a_b", "Z9"})
        EXPECT_TRUE(check_dtdl_name(name, "name")) << name;
    for (const char* name : {"", "1a", "_a", "a_", "a-b", "a/b", "\xc3\xa4"})
        EXPECT_FALSE(check_dtdl_name(name, "name")) << name;
    EXPECT_FALSE(check_dtdl_name(std::string(513, 'a'), "name"));
}

TEST(State, FindsPropertiesByPath) {
    auto twin = pump("works/pump1");
    ASSERT_NE(twin.find("drive/load"), nullptr);
    EXPECT_EQ(twin.find("drive/load")->path, "drive/load");
    EXPECT_EQ(twin.find("drive"), nullptr);
    // Also where not all slots are there, or there is no model.
    twin.properties.erase(twin.properties.begin());
    EXPECT_EQ(twin.find("flow"), nullptr);
    EXPECT_EQ(twin.find("serial")->path, "serial");
    twin.model = nullptr;
    EXPECT_EQ(twin.find("serial")->path, "serial");
}

TEST(State, FindsTwinsInASnapshot) {
    Snapshot snapshot{{}, {pump("a"), pump("a/b"), pump("c")}};
    EXPECT_EQ(snapshot.find("a/b")->id, "a/b");
    EXPECT_EQ(snapshot.find("c")->id, "c");
    EXPECT_EQ(snapshot.find("b"), nullptr);
    EXPECT_EQ(snapshot.find("d"), nullptr);
}

TEST(State, WritesTheFormOfTheApi) {
    auto twin = pump("works/pump1");
    twin.properties[1].live.stale = true;
    const auto text = written([&](JsonWriter& json) { write_twin(json, twin); });
    const auto read = sql::JsonReader().read(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->find("id")->as_text(), "works/pump1");
    EXPECT_EQ(read->find("name")->as_text(), "pump1");
    EXPECT_EQ(read->find("model")->as_text(), "dtmi:test:Pump;1");
    EXPECT_EQ(read->find("revision")->as_integer(), 3);
    EXPECT_EQ(read->find("updated_at")->as_text(), "1970-01-01T00:00:01Z");
    EXPECT_EQ(sql::to_json(*read->find("properties")->find("flow")),
              R"({"value":12.5,"time":"1970-01-01T00:00:01Z","quality":"good","origin":"point",)"
              R"("unit":")" +
                  std::string(unit_symbol("litrePerSecond")) + R"(","point":"works/pump1/flow"})");
    EXPECT_TRUE(read->find("properties")->find("drive/speed")->find("stale")->as_boolean());
    EXPECT_EQ(sql::to_json(*read->find("properties")->find("drive/load")),
              R"({"value":null,"quality":"bad.waiting_for_initial_data","origin":"none"})");
    EXPECT_EQ(sql::to_json(*read->find("relationships")),
              R"([{"source":"works/pump1","name":"partOf","target":"works/intake",)"
              R"("properties":{}}])");
}

TEST(State, WritesTheFormOfAzureDigitalTwins) {
    const auto text =
        written([&](JsonWriter& json) { write_dtdl_twin(json, pump("works/pump1")); });
    EXPECT_EQ(text, R"({"$dtId":"works/pump1","$etag":"W/\"3\"","flow":12.5,"drive":{"speed":0.8,)"
                    R"("$metadata":{"speed":{"lastUpdateTime":"1970-01-01T00:00:01Z",)"
                    R"("sourceTime":"1970-01-01T00:00:01Z"}}},"serial":"A-17",)"
                    R"("$metadata":{"$model":"dtmi:test:Pump;1",)"
                    R"("$lastUpdateTime":"1970-01-01T00:00:01Z",)"
                    R"("flow":{"lastUpdateTime":"1970-01-01T00:00:01Z",)"
                    R"("sourceTime":"1970-01-01T00:00:01Z"},)"
                    R"("serial":{"lastUpdateTime":"1970-01-01T00:00:01Z"}}})");
    // And what it writes can be read.
    const auto spec = read_twin(text);
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_EQ(spec->model, "dtmi:test:Pump;1");
    EXPECT_EQ(sql::to_json(spec->properties),
              R"({"flow":12.5,"drive":{"speed":0.8},"serial":"A-17"})");
}

TEST(ReadTwin, OwnForm) {
    const auto spec = read_twin(
        R"({"id":"a/b","model":"dtmi:x:Y;1","name":"The Y","properties":{"p":1,"gone":null,)"
        R"("drive/speed":2,"drive":{"load":3}},"bindings":{"flow":"x/y","head":""}})");
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_EQ(spec->id, "a/b");
    EXPECT_EQ(spec->name, "The Y");
    EXPECT_EQ(sql::to_json(spec->properties), R"({"p":1,"drive":{"speed":2,"load":3}})");
    EXPECT_EQ(spec->bindings, (std::map<std::string, std::string>{{"flow", "x/y"}, {"head", ""}}));
    const auto again =
        read_twin(written([&](JsonWriter& json) { write_spec(json, *spec); }), "a/b");
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *spec);
    EXPECT_EQ(read_twin(R"({"model":"dtmi:x:Y;1"})", "of/address")->id, "of/address");
}

TEST(ReadTwin, NamesTheMemberThatIsWrong) {
    EXPECT_EQ(error_of("[]"), "a twin must be an object; found an array");
    EXPECT_EQ(error_of(R"({"model":"dtmi:x:Y;1"})"), "'id' is missing");
    EXPECT_EQ(error_of(R"({"id":"a","model":"dtmi:x:Y;1"})", "b"),
              "'id' is 'a', but the twin is 'b'");
    EXPECT_EQ(error_of(R"({"id":7,"model":"dtmi:x:Y;1"})"), "'id' must be a text; found a int");
    EXPECT_EQ(error_of(R"({"id":"a","modle":"dtmi:x:Y;1"})"),
              "'modle' is not known; did you mean 'model'?; a twin has id, model, name, "
              "properties, bindings");
    EXPECT_EQ(error_of(R"({"id":"a"})"), "'model' is empty; it is the DTMI of the twin's model");
    EXPECT_NE(error_of(R"({"id":"a","model":"Pump"})").find("'model': "), std::string::npos);
    EXPECT_EQ(error_of(R"({"id":"a","model":"dtmi:x:Y;1","properties":[]})"),
              "'properties' must be an object; found an array");
    EXPECT_NE(error_of(R"({"id":"a","model":"dtmi:x:Y;1","properties":{"a b":1}})")
                  .find("property name 'a b'"),
              std::string::npos);
    EXPECT_NE(error_of(R"({"id":"a","model":"dtmi:x:Y;1","properties":{"a":1,"a/b":1}})")
                  .find("'a' is no component"),
              std::string::npos);
    EXPECT_EQ(error_of(R"({"id":"a","model":"dtmi:x:Y;1","bindings":{"a":1}})"),
              "'bindings.a' must be a text; found a int");
    EXPECT_NE(
        error_of(R"({"id":"a","model":"dtmi:x:Y;1","bindings":{"a":"x/+"}})").find("bindings.a"),
        std::string::npos);
}

TEST(ReadTwin, FormOfAzureDigitalTwins) {
    const auto spec = read_twin(
        R"({"$dtId":"pump1","$etag":"W/\"7\"","p":1,"drive":{"$metadata":{},"speed":2},)"
        R"("$metadata":{"$model":"dtmi:x:Y;1","p":{"lastUpdateTime":"2026-01-01T00:00:00Z"}}})");
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_EQ(spec->id, "pump1");
    EXPECT_EQ(sql::to_json(spec->properties), R"({"p":1,"drive":{"speed":2}})");
    EXPECT_EQ(error_of(R"({"$dtId":"a"})"), "'$metadata' is missing; its $model is the DTMI");
    EXPECT_EQ(error_of(R"({"$dtId":"a","$metadata":{}})"), "'$metadata.$model' is missing");
    EXPECT_NE(error_of(R"({"$dtID":"a","$metadata":{"$model":"dtmi:x:Y;1"}})")
                  .find("did you mean '$dtId'?"),
              std::string::npos);
}

TEST(ReadTwin, RefusesTooManyMembers) {
    std::string text = R"({"id":"a","model":"dtmi:x:Y;1","properties":{"a":0)";
    for (int i = 0; i < 10'000; ++i)
        text += ",\"a" + std::to_string(i) + "\":0";
    const auto spec = read_twin(text + "}}");
    ASSERT_FALSE(spec);
    EXPECT_EQ(spec.error().code(), ErrorCode::limit_exceeded);
    EXPECT_EQ(spec.error().text(), "'properties' has 10001 members; at most 10000");
}

TEST(Diff, SaysWhatDiffers) {
    Snapshot before{{}, {pump("a"), pump("b"), pump("c")}};
    Snapshot after{{}, {pump("b"), pump("c"), pump("d")}};
    after.twins[0].properties[0].live = live(13.0, 9);
    after.twins[0].properties[1].live.time = Time{5};  // the same value later
    after.twins[0].relationships = {{"b", "feeds", "x"}};
    const auto differences = diff(before, after);
    ASSERT_EQ(differences.size(), 3U);
    EXPECT_EQ(differences[0].twin, "a");
    EXPECT_EQ(differences[0].what, Difference::What::removed);
    EXPECT_EQ(differences[0].values.size(), 3U);  // what was known
    EXPECT_EQ(differences[0].model_before, "dtmi:test:Pump;1");
    const auto& changed = differences[1];
    EXPECT_EQ(changed.twin, "b");
    ASSERT_EQ(changed.values.size(), 1U);
    EXPECT_EQ(changed.values[0].path, "flow");
    EXPECT_EQ(changed.values[0].after.value, Datum::real(13.0));
    EXPECT_EQ(changed.relationships_added.size(), 1U);
    EXPECT_EQ(changed.relationships_removed.size(), 1U);
    EXPECT_FALSE(changed.model_before);
    EXPECT_EQ(differences[2].twin, "d");
    EXPECT_EQ(differences[2].what, Difference::What::added);
    const auto text = written([&](JsonWriter& json) { write_difference(json, differences[1]); });
    EXPECT_NE(text.find(R"("what":"changed","values":[{"path":"flow","before":{"value":12.5,)"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"("change":0.5)"), std::string::npos) << text;
}

TEST(Diff, ARelationshipWithOtherPropertiesIsRemovedAndAdded) {
    Snapshot before{{}, {pump("a")}};
    Snapshot after = before;
    after.twins[0].relationships[0].properties.put("since", Datum::integer(2020));
    const auto differences = diff(before, after);
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_EQ(differences[0].relationships_added, after.twins[0].relationships);
    EXPECT_EQ(differences[0].relationships_removed, before.twins[0].relationships);
    EXPECT_TRUE(diff(before, before).empty());
}

}  // namespace hw::twin
