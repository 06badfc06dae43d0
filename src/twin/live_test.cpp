// Values: where they come from, what becomes of them, who hears of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "twin/test_support.h"

namespace hw::twin {
namespace {

using model::Quality;

class StaleEar final : public Follower {
  public:
    uint32_t interest(const TwinName&, const Interface&, size_t) override { return 1; }
    void changed(uint32_t, const TwinName& twin, size_t slot, const LiveValue& value) override {
        // What follows may be read from within, too.
        const LiveValue same = (*twins)->peek(twin, slot);
        agrees = agrees && same == value;
    }
    void happened(const Happening& happening) override {
        if (happening.kind == Happening::Kind::stale) stale.emplace_back(happening.path);
    }
    void round_end() override {}

    std::unique_ptr<Twins>* twins = nullptr;
    bool agrees = true;
    std::vector<std::string> stale;
};

TEST(Live, SeveralSlotsOnOnePointAndOneCutOff) {
    TestHouse house;
    house.open();
    house.put_models();
    TwinSpec spec;
    spec.id = "p";
    spec.model = "dtmi:test:Pump;1";
    spec.bindings = {{"flow", "raw/1"}, {"head", "raw/1"}, {"drive/speed", ""}};
    bool created = false;
    ASSERT_TRUE(house.twins->put(spec, house.change, created));
    house.sample("raw/1", 4);
    house.sample("p/drive/speed", 9);
    EXPECT_EQ(house.value("p", "flow"), real(4));
    EXPECT_EQ(house.value("p", "head"), real(4));
    EXPECT_TRUE(house.value("p", "drive/speed").is_null());
    EXPECT_EQ(house.live("p", "drive/speed").origin, Origin::none);
    spec.bindings.erase("head");
    ASSERT_TRUE(house.twins->put(spec, house.change, created));
    EXPECT_TRUE(house.value("p", "head").is_null());
    EXPECT_EQ(house.value("p", "flow"), real(4)) << "an unchanged binding keeps its value";
    house.sample("raw/1", 5);
    EXPECT_EQ(house.value("p", "flow"), real(5));
    EXPECT_TRUE(house.value("p", "head").is_null());
    house.sample("p/head", 6);
    EXPECT_EQ(house.value("p", "head"), real(6));
}

TEST(Live, ATwinThatComesLateHasTheLastValues) {
    TestHouse house;
    house.open();
    house.put_models();
    house.sample("p/flow", 4);
    house.sample("p/flow", 3, seconds(-5));
    ASSERT_TRUE(house.put("w", "Works"));
    ASSERT_TRUE(house.put("p", "Pump"));
    EXPECT_EQ(house.value("p", "flow"), real(4));
    ASSERT_TRUE(house.relate("w", "pumps", "p"));
    EXPECT_EQ(house.value("w", "total"), real(4));
}

TEST(Live, AFixedPropertyGivesWayToNoPoint) {
    TestHouse house;
    house.open();
    house.put_models();
    ASSERT_TRUE(house.put("p", "Pump", R"({"flow":2})"));
    house.sample("p/flow", 4);
    EXPECT_EQ(house.value("p", "flow"), real(2));
    EXPECT_EQ(house.live("p", "flow").origin, Origin::fixed);
    ASSERT_TRUE(house.put("p", "Pump"));
    EXPECT_EQ(house.value("p", "flow"), real(4)) << "the point's last value";
}

TEST(Live, ValuesBecomeWhatTheirSchemaSays) {
    TestHouse house;
    house.open();
    house.put_models();
    ASSERT_TRUE(house.put("p", "Pump"));
    house.sample("p/mode", 1);
    EXPECT_EQ(house.value("p", "mode"), integer(1));
    house.sample("p/running", 0);
    EXPECT_EQ(house.value("p", "running"), sql::Datum::boolean(false));
    model::SampleBatch batch;
    batch.add_text(*house.points.intern("p/flow"), house.clock.now(), "a lot");
    batch.add_int(*house.points.intern("p/mode"), house.clock.now(), 7);
    batch.add_int(*house.points.intern("p/head"), house.clock.now(), 3);
    house.commit(std::move(batch));
    EXPECT_EQ(house.value("p", "flow"), sql::Datum::text("a lot")) << "kept as it is";
    EXPECT_EQ(house.live("p", "flow").quality, Quality::bad_configuration);
    EXPECT_EQ(house.live("p", "mode").quality, Quality::bad_configuration);
    EXPECT_EQ(house.value("p", "head"), real(3));
    EXPECT_EQ(house.live("p", "power").quality, Quality::bad_configuration);
    house.sample("p/flow", 2);
    EXPECT_EQ(house.live("p", "flow").quality, Quality::good);
    EXPECT_EQ(house.live("p", "power").quality, Quality::good);
}

TEST(Live, ValuesBecomeStaleOnceAndAreToldSo) {
    TestHouse house;
    house.settings.stale_after = seconds(60);
    StaleEar ear;
    ear.twins = &house.twins;
    house.open({&ear});
    house.put_models();
    ASSERT_TRUE(house.put("s", "Site"));
    ASSERT_TRUE(house.put("w", "Works"));
    ASSERT_TRUE(house.put("p", "Pump"));
    ASSERT_TRUE(house.relate("w", "pumps", "p"));
    house.sample("s/wind", 3);
    house.sample("p/flow", 3);
    EXPECT_FALSE(house.live("s", "wind").stale);
    house.twins->start();
    const auto pass = [&](Duration time) {
        house.clock.advance(time);
        // The thread looks once a second of the clock, and is woken by any sample.
        house.sample("unbound", 1);
        model::SampleBatch batch;
        batch.add_double(*house.points.intern("p/head"), house.clock.now(), 1);
        house.commit(std::move(batch));
        house.twins->sync();
        house.twins->stop();  // joins: the look is over
        house.twins->start();
    };
    pass(seconds(7));
    EXPECT_TRUE(house.live("s", "wind").stale);
    EXPECT_FALSE(house.live("p", "flow").stale);
    EXPECT_EQ(house.value("s", "wind"), real(3));
    pass(seconds(57));
    EXPECT_TRUE(house.live("p", "flow").stale);
    EXPECT_TRUE(house.live("w", "total").stale) << "derived of a stale one";
    EXPECT_FALSE(house.live("p", "head").stale);
    pass(seconds(57));
    EXPECT_THAT(ear.stale, testing::ElementsAre("wind", "flow"));
    house.sample("p/flow", 4);
    EXPECT_FALSE(house.live("w", "total").stale);
    house.sample("s/wind", 4, seconds(-30));
    EXPECT_TRUE(house.live("s", "wind").stale) << "it comes old";
    house.twins->stop();
    EXPECT_TRUE(ear.agrees);
}

TEST(Live, HistorizedDerivedValuesAreKeptAtMostOnceAnInterval) {
    TestHouse house;
    house.open();
    house.put_models();
    ASSERT_TRUE(house.put("w", "Works"));
    ASSERT_TRUE(house.put("p", "Pump"));
    ASSERT_TRUE(house.relate("w", "pumps", "p"));
    for (int i = 0; i < 10; ++i)
        house.sample("p/flow", i);
    house.twins->sync();
    house.twins->start();
    house.twins->stop();  // the rest is kept at the end
    ASSERT_EQ(house.kept.size(), 1);
    ASSERT_EQ(house.kept[0].size(), 1);
    EXPECT_EQ(house.points.path(house.kept[0].points()[0]), "w/total");
    EXPECT_EQ(house.kept[0].sample(0).value, model::Value(9.0));
    // Its own sample that comes back changes nothing.
    house.commit(std::move(house.kept[0]));
    EXPECT_EQ(house.value("w", "total"), real(9));
    EXPECT_EQ(house.live("w", "total").origin, Origin::derived);
}

constexpr std::string_view ring_models = R"json([
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:test:Ring;1",
 "@type":"Interface","contents":[
  {"@type":"Telemetry","name":"x","schema":"double"},
  {"@type":"Relationship","name":"next","target":"dtmi:test:Ring;1"},
  {"@type":"Property","name":"sum","schema":"double","expression":"coalesce(x, 0) + sum(next.sum)"},
  {"@type":"Property","name":"after","schema":"double","expression":"sum * 2"}]}])json";

TEST(Live, CyclesEndAsBadConfigurationAndOpenAgain) {
    TestHouse house;
    house.settings.derive_hops_limit = 16;
    house.open();
    house.put_models(ring_models);
    for (const char* id : {"a", "b", "c"})
        ASSERT_TRUE(house.put(id, "Ring"));
    ASSERT_TRUE(house.relate("a", "next", "b"));
    ASSERT_TRUE(house.relate("b", "next", "c"));
    house.sample("a/x", 1);
    house.sample("b/x", 2);
    house.sample("c/x", 4);
    EXPECT_EQ(house.value("a", "sum"), real(7));
    EXPECT_EQ(house.value("a", "after"), real(14));
    ASSERT_TRUE(house.relate("c", "next", "a"));
    EXPECT_TRUE(house.value("a", "sum").is_null());
    EXPECT_EQ(house.live("a", "sum").quality, Quality::bad_configuration);
    const auto before = house.twins->figures().derivations;
    for (int i = 0; i < 100; ++i)
        house.sample("a/x", i);
    EXPECT_LE(house.twins->figures().derivations - before, 600) << "a cycle costs little";
    ASSERT_TRUE(house.twins->remove_relationship("c", "next", "a", house.change));
    EXPECT_EQ(house.value("a", "sum"), real(99 + 2 + 4));
    EXPECT_EQ(house.value("b", "sum"), real(6));
}

TEST(Live, AComponentsExpressionSpeaksOfTheComponent) {
    TestHouse house;
    house.open();
    house.put_models(R"json([
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:test:Drive;1",
 "@type":"Interface","contents":[
 {"@type":"Telemetry","name":"speed","schema":"double"},
 {"@type":"Telemetry","name":"power","schema":"double"},
 {"@type":"Property","name":"torque","schema":"double","expression":"power / speed"}]},
{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],"@id":"dtmi:test:Pump;1",
 "@type":"Interface","contents":[
 {"@type":"Telemetry","name":"speed","schema":"double"},
 {"@type":"Component","name":"drive","schema":"dtmi:test:Drive;1"},
 {"@type":"Property","name":"half","schema":"double","expression":"drive.torque / 2"}]}])json");
    ASSERT_TRUE(house.put("p1", "Pump"));
    ASSERT_TRUE(house.put("d1", "Drive"));
    house.sample("p1/speed", 100);
    house.sample("p1/drive/speed", 2);
    house.sample("p1/drive/power", 6);
    EXPECT_EQ(house.value("p1", "drive/torque"), real(3));
    EXPECT_EQ(house.value("p1", "half"), real(1.5));
    house.sample("d1/speed", 4);
    house.sample("d1/power", 6);
    EXPECT_EQ(house.value("d1", "torque"), real(1.5));
}

TEST(Live, DeepInheritanceAndManySlots) {
    TestHouse house;
    house.open();
    std::string text = "[";
    for (int depth = 0; depth < 10; ++depth) {
        text += fmt::format(
            R"json({}{{"@context":["dtmi:dtdl:context;3","dtmi:headworks:twin;1"],
 "@id":"dtmi:test:L{};1","@type":"Interface",{}"contents":[)json",
            depth == 0 ? "" : ",", depth,
            depth == 0 ? std::string() : fmt::format(R"("extends":"dtmi:test:L{};1",)", depth - 1));
        for (int i = 0; i < 200; ++i)
            text += fmt::format(R"({}{{"@type":"Telemetry","name":"t{}x{}","schema":"double"}})",
                                i == 0 ? "" : ",", depth, i);
        text += "]}";
    }
    house.put_models(text + "]");
    ASSERT_TRUE(house.put("deep", "L9"));
    house.sample("deep/t0x0", 1);
    house.sample("deep/t9x199", 2);
    EXPECT_EQ(house.value("deep", "t0x0"), real(1));
    EXPECT_EQ(house.value("deep", "t9x199"), real(2));
    EXPECT_EQ(house.twins->get("deep")->properties.size(), 2'000);
    EXPECT_EQ(house.twins->snapshot({.model = "dtmi:test:L3;1"})->twins.size(), 1);
}

TEST(Live, AStormOfRelationshipsOnOneTwin) {
    constexpr size_t many = 100'000;
    TestHouse house;
    house.open();
    house.put_models();
    Bulk bulk;
    const auto add = [&](std::string id, std::string model) {
        BulkTwin& twin = bulk.twins.emplace_back();
        twin.spec.id = std::move(id);
        twin.spec.model = std::move(model);
    };
    add("hub", "dtmi:test:Works;1");
    for (size_t i = 0; i < many; ++i) {
        add(fmt::format("p{}", i), "dtmi:test:Pump;1");
        bulk.relationships.push_back({{"hub", "pumps", fmt::format("p{}", i)}, 0});
    }
    const auto report = house.twins->apply(std::move(bulk), {}, house.change);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->relationships_created, many);
    EXPECT_EQ(house.value("hub", "count"), integer(many));
    EXPECT_EQ(house.twins->get("hub")->relationships.size(), many);
    EXPECT_EQ(house.twins->hop("hub", "pumps", false)->size(), many);
    house.sample("p77/flow", 5);
    EXPECT_EQ(house.value("hub", "total"), real(5));
    EXPECT_EQ(house.live("hub", "total").quality, Quality::uncertain_sub_normal);
    RelationshipQuery query{.twin = "hub", .limit = 1'000};
    size_t seen = 0;
    for (;;) {
        const auto page = house.twins->relationships(query);
        ASSERT_TRUE(page);
        if (page->empty()) break;
        seen += page->size();
        query.after = page->back().name + std::string(1, '\0') + page->back().target;
    }
    EXPECT_EQ(seen, many);
    for (size_t i = 0; i < 2'000; ++i)
        ASSERT_TRUE(
            house.twins->remove_relationship("hub", "pumps", fmt::format("p{}", i), house.change));
    EXPECT_EQ(house.value("hub", "count"), integer(many - 2'000));
    ASSERT_TRUE(house.twins->remove("hub", true, house.change));
    EXPECT_EQ(house.twins->figures().relationships, 0);
}

TEST(Live, SnapshotsFollowRelationshipsFiltersAndPages) {
    TestHouse house;
    house.open();
    house.put_models();
    for (const char* id : {"s/w1", "s/w2"})
        ASSERT_TRUE(house.put(id, "Works"));
    for (const char* id : {"s/w1/p1", "s/w1/p2", "s/w2/p3", "other"})
        ASSERT_TRUE(house.put(id, "Pump"));
    ASSERT_TRUE(house.put("s", "Site"));
    ASSERT_TRUE(house.relate("s", "works", "s/w1"));
    ASSERT_TRUE(house.relate("s", "works", "s/w2"));
    ASSERT_TRUE(house.relate("s/w1", "pumps", "s/w1/p1"));
    ASSERT_TRUE(house.relate("s/w2", "pumps", "s/w2/p3"));
    ASSERT_TRUE(house.relate("s/w1/p1", "partOf", "s")) << "a ring";
    const auto ids = [&](const Scope& scope) {
        std::vector<std::string> out;
        const auto snapshot = house.twins->snapshot(scope);
        EXPECT_TRUE(snapshot);
        for (const auto& twin : snapshot->twins)
            out.push_back(twin.id);
        const auto then = house.twins->described_at(scope, house.clock.now() + seconds(1));
        EXPECT_TRUE(then);
        EXPECT_EQ(then->twins.size(), out.size());
        return out;
    };
    using testing::ElementsAre;
    EXPECT_EQ(ids({}).size(), 7);
    EXPECT_THAT(ids({.filter = "s/w1/#"}), ElementsAre("s/w1", "s/w1/p1", "s/w1/p2"));
    EXPECT_THAT(ids({.filter = "s/+"}), ElementsAre("s/w1", "s/w2"));
    EXPECT_THAT(ids({.filter = "+/+/p3"}), ElementsAre("s/w2/p3"));
    EXPECT_THAT(ids({.model = "dtmi:test:Thing;1", .after = "s/w1/p1"}),
                ElementsAre("s/w1/p2", "s/w2", "s/w2/p3"));
    EXPECT_THAT(ids({.root = "s"}), ElementsAre("s", "s/w1", "s/w1/p1", "s/w2", "s/w2/p3"));
    EXPECT_THAT(ids({.root = "s", .depth = 1}), ElementsAre("s", "s/w1", "s/w2"));
    EXPECT_THAT(ids({.root = "s", .along = {"pumps"}}), ElementsAre("s"));
    EXPECT_THAT(ids({.root = "s/w2/p3", .incoming = true, .depth = 2}),
                ElementsAre("s", "s/w2", "s/w2/p3"));
    EXPECT_THAT(ids({.after = "other", .limit = 2}), ElementsAre("s", "s/w1"));
    EXPECT_EQ(house.twins->snapshot({.root = "none"}).error().code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace hw::twin
