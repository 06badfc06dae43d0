#include "twin/twin_store.h"

#include <gtest/gtest.h>

#include "sql/json.h"

namespace hw::twin {
namespace {

struct Shelf {
    Shelf() { store = *TwinStore::open(*database); }

    std::vector<StoredTwin> twins(std::optional<Time> time = {}) {
        std::vector<StoredTwin> found;
        EXPECT_TRUE(store->each_twin(time, [&](StoredTwin&& twin) -> Result<void> {
            found.push_back(std::move(twin));
            return {};
        }));
        return found;
    }
    std::vector<StoredRelationship> relationships(std::optional<Time> time = {}) {
        std::vector<StoredRelationship> found;
        EXPECT_TRUE(store->each_relationship(time, [&](StoredRelationship&& one) -> Result<void> {
            found.push_back(std::move(one));
            return {};
        }));
        return found;
    }
    void put(Time time, const TwinSpec& spec, int64_t revision) {
        StoredChange change;
        change.time = time;
        change.actor = "ann";
        change.twins.push_back({&spec, revision, Time{1}});
        EXPECT_TRUE(store->save(change));
    }

    std::unique_ptr<catalog::Database> database = *catalog::Database::open(":memory:");
    std::unique_ptr<TwinStore> store;
};

TwinSpec twin(std::string id, std::string name) {
    TwinSpec spec;
    spec.id = std::move(id);
    spec.model = "dtmi:x:Y;1";
    spec.name = std::move(name);
    spec.properties.put("a", sql::Datum::real(1));
    spec.bindings = {{"a", "some/point"}, {"b", ""}};
    return spec;
}

TEST(TwinStore, KeepsEveryVersionWithItsTimes) {
    Shelf shelf;
    shelf.put(Time{10}, twin("t", "first"), 1);
    shelf.put(Time{20}, twin("t", "second"), 2);
    StoredChange removal;
    removal.time = Time{30};
    removal.removed_twins.push_back("t");
    ASSERT_TRUE(shelf.store->save(removal));
    shelf.put(Time{40}, twin("t", "third"), 3);
    EXPECT_TRUE(shelf.twins(Time{9}).empty());
    ASSERT_EQ(shelf.twins(Time{10}).size(), 1);
    EXPECT_EQ(shelf.twins(Time{10})[0].spec, twin("t", "first"));
    EXPECT_EQ(shelf.twins(Time{19})[0].spec.name, "first");
    EXPECT_EQ(shelf.twins(Time{20})[0].spec.name, "second");
    EXPECT_TRUE(shelf.twins(Time{30}).empty());
    EXPECT_EQ(shelf.twins()[0].spec.name, "third");
    const auto versions = shelf.store->versions("t");
    ASSERT_TRUE(versions);
    ASSERT_EQ(versions->size(), 3);
    EXPECT_EQ((*versions)[0].to, std::nullopt);
    EXPECT_EQ((*versions)[1].to, Time{30});
    EXPECT_EQ((*versions)[1].revision, 2);
    EXPECT_EQ(shelf.store->ended()->at(0).revision, 2);
    EXPECT_EQ(shelf.store->remove_old(Time{25}).value(), 1);
    EXPECT_EQ(shelf.store->versions("t")->size(), 2);
}

TEST(TwinStore, KeepsRelationshipsAsTheyWere) {
    Shelf shelf;
    RelationshipSpec spec{"a", "feeds", "b"};
    StoredChange change;
    change.time = Time{10};
    change.relationships.push_back({&spec, false});
    ASSERT_TRUE(shelf.store->save(change));
    RelationshipSpec longer = spec;
    longer.properties.put("length", sql::Datum::real(5));
    change.time = Time{20};
    change.relationships = {{&longer, true}};
    ASSERT_TRUE(shelf.store->save(change));
    EXPECT_EQ(shelf.relationships(Time{15})[0].spec, spec);
    EXPECT_EQ(shelf.relationships()[0].spec, longer);
    StoredChange removal;
    removal.time = Time{30};
    removal.removed_relationships.push_back(spec);
    ASSERT_TRUE(shelf.store->save(removal));
    EXPECT_TRUE(shelf.relationships().empty());
    EXPECT_EQ(shelf.relationships(Time{29})[0].spec, longer);
}

TEST(TwinStore, KeepsModels) {
    Shelf shelf;
    const TwinStore::Model models[] = {{"dtmi:b;1", "{\"b\":1}"}, {"dtmi:a;1", "{}"}};
    ASSERT_TRUE(shelf.store->save_models(models, Time{1}, "ann"));
    const TwinStore::Model again[] = {{"dtmi:b;1", "{\"b\":2}"}};
    ASSERT_TRUE(shelf.store->save_models(again, Time{2}, "bob"));
    EXPECT_EQ(shelf.store->load_models().value(), (std::vector<std::string>{"{}", "{\"b\":2}"}));
    ASSERT_TRUE(shelf.store->remove_model("dtmi:a;1"));
    EXPECT_EQ(shelf.store->load_models()->size(), 1);
}

}  // namespace
}  // namespace hw::twin
