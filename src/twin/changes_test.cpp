// What may be said of twins, relationships and models, and what becomes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "twin/test_support.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Changes : public testing::Test {
  protected:
    Changes() {
        house.open();
        house.put_models();
    }
    TwinSpec spec(std::string id, std::string model) {
        TwinSpec made;
        made.id = std::move(id);
        made.model = std::move(model);
        return made;
    }
    Error refused(TwinSpec twin) {
        bool created = false;
        auto put = house.twins->put(std::move(twin), house.change, created);
        EXPECT_FALSE(put);
        return put ? Error({}, "") : put.error();
    }
    Error refused(RelationshipSpec relationship) {
        bool created = false;
        auto put = house.twins->put_relationship(std::move(relationship), house.change, created);
        EXPECT_FALSE(put);
        return put ? Error({}, "") : put.error();
    }
    std::vector<catalog::AuditRecord> audit() {
        EXPECT_TRUE(house.audit->flush());
        return house.audit->query({})->records;
    }
    TestHouse house;
};

TEST_F(Changes, AreCheckedAgainstTheModel) {
    EXPECT_THAT(refused(spec("a", "dtmi:test:Pumb;1")).text(), HasSubstr("dtmi:test:Pump;1"));
    auto wrong = spec("a", "dtmi:test:Pump;1");
    wrong.properties.put("serail", sql::Datum::text("x"));
    EXPECT_THAT(refused(wrong).text(), HasSubstr("did you mean 'serial'"));
    wrong.properties = sql::Datum::object({});
    wrong.properties.put("serial", integer(5));
    EXPECT_THAT(refused(wrong).text(), HasSubstr("property 'serial'"));
    wrong.properties = sql::Datum::object({});
    wrong.properties.put("power", real(5));
    EXPECT_THAT(refused(wrong).text(), HasSubstr("is derived"));
    wrong = spec("a", "dtmi:test:Pump;1");
    wrong.bindings["flov"] = "x/y";
    EXPECT_THAT(refused(wrong).text(), HasSubstr("did you mean 'flow'"));
    wrong.bindings = {{"flow", "x/+"}};
    EXPECT_THAT(refused(wrong).text(), HasSubstr("the binding of 'flow'"));
    wrong = spec("a/+", "dtmi:test:Pump;1");
    EXPECT_EQ(refused(wrong).code(), ErrorCode::invalid_argument);
    EXPECT_EQ(house.twins->figures().twins, 0);
    EXPECT_EQ(audit().front().action, "twin.create");
    EXPECT_EQ(audit().front().result, "invalid_argument");
}

TEST_F(Changes, KeepRevisionsAndRefuseAnotherOne) {
    bool created = false;
    auto pump = spec("p", "dtmi:test:Pump;1");
    ASSERT_TRUE(house.twins->put(pump, house.change, created));
    EXPECT_TRUE(created);
    const auto same = house.twins->put(pump, house.change, created);
    EXPECT_EQ(same->revision, 1) << "what changes nothing is no change";
    EXPECT_FALSE(created);
    pump.name = "The pump";
    Change old = house.change;
    old.revision = 7;
    EXPECT_EQ(house.twins->put(pump, old, created).error().code(), ErrorCode::conflict);
    old.revision = 1;
    EXPECT_EQ(house.twins->put(pump, old, created)->revision, 2);
    EXPECT_EQ(house.twins->remove("p", false, old).error().code(), ErrorCode::conflict);
    const auto versions = house.twins->versions("p");
    ASSERT_EQ(versions->size(), 2);
    EXPECT_EQ(versions->at(0).spec.name, "The pump");
    EXPECT_FALSE(versions->at(0).to);
    EXPECT_EQ(versions->at(1).to, versions->at(0).from);
    const auto then = house.twins->described_at({}, versions->at(1).from);
    EXPECT_EQ(then->find("p")->name, "");
    EXPECT_EQ(house.twins->described_at({}, Time{5})->twins.size(), 0);
}

TEST_F(Changes, ArePatchedAsRfc7396Says) {
    ASSERT_TRUE(house.put("p", "Pump", R"({"serial":"A","drive":{"rated":3}})"));
    const auto patched = house.twins->patch(
        "p", R"({"name":"n","properties":{"serial":null,"drive":{"rated":4}}})", house.change);
    ASSERT_TRUE(patched) << patched.error().text();
    EXPECT_EQ(patched->name, "n");
    EXPECT_TRUE(house.value("p", "serial").is_null());
    EXPECT_EQ(house.value("p", "drive/rated"), real(4));
    EXPECT_THAT(house.twins->patch("p", "[1]", house.change).error().text(),
                HasSubstr("JSON object"));
    EXPECT_THAT(house.twins->patch("q", "{}", house.change).error().text(),
                HasSubstr("there is no twin 'q'"));
    EXPECT_FALSE(house.twins->patch("p", R"({"model":"dtmi:test:Works;1"})", house.change))
        << "its properties do not fit";
}

TEST_F(Changes, OfRelationshipsAreChecked) {
    for (const char* id : {"a", "b", "c", "d"})
        ASSERT_TRUE(house.put(id, "Pump"));
    ASSERT_TRUE(house.put("w", "Works"));
    EXPECT_THAT(refused(RelationshipSpec{"a", "feds", "b"}).text(),
                HasSubstr("did you mean 'feeds'"));
    EXPECT_THAT(refused(RelationshipSpec{"a", "feeds", "w"}).text(),
                HasSubstr("leads to dtmi:test:Pump;1"));
    EXPECT_EQ(refused(RelationshipSpec{"a", "feeds", "x"}).code(), ErrorCode::not_found);
    EXPECT_EQ(refused(RelationshipSpec{"x", "feeds", "a"}).code(), ErrorCode::not_found);
    ASSERT_TRUE(house.relate("a", "feeds", "b"));
    ASSERT_TRUE(house.relate("a", "feeds", "a")) << "itself";
    EXPECT_THAT(refused(RelationshipSpec{"a", "feeds", "d"}).text(), HasSubstr("maxMultiplicity"));
    RelationshipSpec longer{"a", "feeds", "b"};
    longer.properties.put("length", integer(5));
    bool created = true;
    ASSERT_TRUE(house.twins->put_relationship(longer, house.change, created));
    EXPECT_FALSE(created);
    EXPECT_EQ(house.twins->get("a")->relationships.at(1).properties.find("length")->as_real(), 5);
    longer.properties.put("lenght", integer(5));
    EXPECT_THAT(refused(longer).text(), HasSubstr("did you mean 'length'"));
    EXPECT_EQ(house.twins->remove("a", false, house.change).error().code(), ErrorCode::conflict);
    ASSERT_TRUE(house.relate("c", "feeds", "a"));
    ASSERT_TRUE(house.twins->remove("a", true, house.change));
    EXPECT_EQ(house.twins->figures().relationships, 0);
    house.close();
    house.open();
    EXPECT_EQ(house.twins->figures().relationships, 0);
    EXPECT_EQ(house.twins->figures().twins, 4);
}

TEST_F(Changes, OfTheModelMustFitTheRelationships) {
    ASSERT_TRUE(house.put("w", "Works"));
    ASSERT_TRUE(house.put("p", "Pump"));
    ASSERT_TRUE(house.relate("w", "pumps", "p"));
    EXPECT_THAT(refused(spec("p", "dtmi:test:Site;1")).text(), HasSubstr("leads to"));
    EXPECT_THAT(refused(spec("w", "dtmi:test:Site;1")).text(), HasSubstr("no relationship"));
    ASSERT_TRUE(house.twins->remove_relationship("w", "pumps", "p", house.change));
    ASSERT_TRUE(house.put("p", "Site"));
    house.sample("p/wind", 3);
    EXPECT_EQ(house.value("p", "wind"), real(3));
    EXPECT_EQ(house.twins->read("p", "flow").error().code(), ErrorCode::not_found);
}

TEST_F(Changes, InBulkReportEachBadRowAndTakeTheRest) {
    const auto bulk = [&] {
        Bulk made;
        made.errors.push_back({1, "x", "cannot be read"});
        made.twins.push_back({spec("w", "dtmi:test:Works;1"), 2});
        made.twins.push_back({spec("p", "dtmi:test:Pump;1"), 3});
        made.twins.push_back({spec("p", "dtmi:test:Pump;1"), 4});
        made.twins.push_back({spec("q", "dtmi:test:None;1"), 5});
        made.relationships.push_back({{"w", "pumps", "p"}, 6});
        made.relationships.push_back({{"w", "pumps", "q"}, 7});
        made.relationships.push_back({{"p", "partOf", "w"}, 8});
        made.relationships.push_back({{"p", "partOf", "p"}, 9});
        return made;
    };
    auto report = house.twins->apply(bulk(), {.dry_run = true}, house.change);
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->applied);
    EXPECT_EQ(report->twins_created, 2);
    EXPECT_EQ(house.twins->figures().twins, 0);
    report = house.twins->apply(bulk(), {.all_or_nothing = true}, house.change);
    EXPECT_FALSE(report->applied);
    EXPECT_EQ(house.twins->figures().twins, 0);
    report = house.twins->apply(bulk(), {}, house.change);
    EXPECT_TRUE(report->applied);
    std::vector<uint64_t> lines;
    for (const auto& error : report->errors)
        lines.push_back(error.line);
    EXPECT_THAT(lines, ElementsAre(1, 4, 5, 7, 9)) << "9 is beyond maxMultiplicity";
    EXPECT_EQ(report->relationships_created, 2);
    house.sample("p/flow", 6);
    EXPECT_EQ(house.value("w", "total"), real(6));
    EXPECT_EQ(house.value("w", "highest"), real(6));
    report = house.twins->apply(bulk(), {}, house.change);
    EXPECT_EQ(report->twins_unchanged, 2);
    EXPECT_EQ(report->relationships_unchanged, 2);
}

TEST_F(Changes, OfModelsMayTouchTextsAlone) {
    ASSERT_TRUE(house.put("s", "Site"));
    const std::string_view renamed = R"json({"@context":["dtmi:dtdl:context;3",
 "dtmi:headworks:twin;1"],"@id":"dtmi:test:Site;1","@type":"Interface","displayName":"Place",
 "contents":[{"@type":"Relationship","name":"works","target":"dtmi:test:Works;1"},
  {"@type":"Property","name":"total","schema":"double","expression":"sum(works.total)"},
  {"@type":"Telemetry","name":"wind","schema":"double","staleAfter":"PT5S"}]})json";
    std::vector<ModelFlaw> flaws;
    const std::string_view documents[] = {renamed};
    const auto put = house.twins->put_models(documents, house.change, flaws);
    ASSERT_TRUE(put) << put.error().text();
    EXPECT_EQ(put->at(0).what, ModelChange::What::updated);
    EXPECT_EQ(house.twins->get("s")->model->display_name, "Place");
    const auto again = house.twins->put_models(documents, house.change, flaws);
    EXPECT_EQ(again->at(0).what, ModelChange::What::unchanged);
    EXPECT_EQ(house.twins->remove_model("dtmi:test:Site;1", house.change).error().code(),
              ErrorCode::conflict);
    ASSERT_TRUE(house.twins->remove("s", false, house.change));
    ASSERT_TRUE(house.twins->remove_model("dtmi:test:Site;1", house.change));
    house.close();
    house.open();
    EXPECT_EQ(house.twins->models()->find("dtmi:test:Site;1"), nullptr);
    EXPECT_NE(house.twins->models()->find("dtmi:test:Pump;1"), nullptr);
}

TEST_F(Changes, OfModelsWithExpressionsThatMeanNothingAreRefused) {
    for (const std::string_view expression : {"flwo * 2", "sum(pmups.flow)", "flow +"}) {
        const std::string text = fmt::format(
            R"json({{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],
 "@id":"dtmi:test:Odd;1","@type":"Interface","contents":[
 {{"@type":"Telemetry","name":"flow","schema":"double"}},
 {{"@type":"Property","name":"d","schema":"double","expression":"{}"}}]}})json",
            expression);
        std::vector<ModelFlaw> flaws;
        const std::string_view documents[] = {text};
        EXPECT_FALSE(house.twins->put_models(documents, house.change, flaws)) << expression;
        EXPECT_FALSE(flaws.empty());
        EXPECT_EQ(house.twins->models()->find("dtmi:test:Odd;1"), nullptr);
    }
}

TEST_F(Changes, StayWithinTheLimits) {
    house.close();
    house.settings.twins_limit = 2;
    house.settings.relationships_limit = 1;
    house.settings.properties_bytes_limit = 300;
    house.open();
    ASSERT_TRUE(house.put("w", "Works"));
    ASSERT_TRUE(house.put("p", "Pump"));
    EXPECT_EQ(house.put("q", "Pump").error().code(), ErrorCode::limit_exceeded);
    ASSERT_TRUE(house.relate("w", "pumps", "p"));
    EXPECT_EQ(house.relate("p", "partOf", "w").error().code(), ErrorCode::limit_exceeded);
    EXPECT_THAT(
        house.put("p", "Pump", "{\"serial\":\"" + std::string(400, 'x') + "\"}").error().text(),
        HasSubstr("twin.properties_bytes_limit = 300"));
}

TEST_F(Changes, OfIdsWithOddCharacters) {
    for (const std::string id : {"Wasserwerk Süd/Pümp 1", "水厂/泵", "a.b:c;d,e'f\"g\\h", "a b"}) {
        ASSERT_TRUE(house.put(id, "Pump")) << id;
        house.sample(id + "/flow", 5);
        EXPECT_EQ(house.value(id, "flow"), real(5));
        ASSERT_TRUE(house.relate(id, "feeds", id));
    }
    house.close();
    house.open();
    EXPECT_EQ(house.twins->hop("水厂/泵", "feeds", true).value(),
              std::vector<std::string>{"水厂/泵"});
    EXPECT_EQ(house.value("a.b:c;d,e'f\"g\\h", "flow"), real(5));
}

}  // namespace
}  // namespace hw::twin
