#include "twin/scene/scenes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/metrics.h"
#include "catalog/settings.h"
#include "sql/json.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string box_glb(double width) {
    SceneFlaws flaws;
    const auto scene = read_scene(fmt::format(R"({{"format":"headworks-scene/1","nodes":[{{"id":"x",
        "shape":{{"kind":"box","width":{}}}}}]}})",
                                              width),
                                  "x", flaws);
    ExportOptions options;
    options.binary = true;
    return *export_gltf(*scene, options);
}

class ScenesTest : public testing::Test {
  protected:
    void SetUp() override {
        database_ = std::move(*catalog::Database::open(":memory:"));
        audit_ =
            std::move(*catalog::AuditLog::open(*database_, catalog::Settings{}, clock_, metrics_));
        open();
    }
    // As after a restart.
    void open() {
        store_ = std::move(*SceneStore::open(*database_));
        SceneReferences references;
        references.twin = [](std::string_view twin) { return twin != "nobody"; };
        scenes_ = std::make_unique<Scenes>(Scenes::Rooms{*store_, *audit_, clock_, references});
    }
    Change change(std::optional<int64_t> revision = {}) { return {"anna", "test", revision, {}}; }
    static std::string with(std::string_view nodes) {
        return fmt::format(R"({{"format":"headworks-scene/1","name":"S","nodes":[{}]}})", nodes);
    }
    SceneChange put(std::string_view nodes) {
        auto done = scenes_->put("works", with(nodes), change(), flaws_);
        EXPECT_TRUE(done) << done.error().text();
        return done ? std::move(*done) : SceneChange{};
    }
    std::string json_of(std::string_view site) {
        const auto stored = scenes_->get(site);
        EXPECT_TRUE(stored) << stored.error().text();
        return stored ? (*stored)->scene.json() : "";
    }
    std::vector<std::string> audited() {
        EXPECT_TRUE(audit_->flush());
        std::vector<std::string> out;
        const auto page = audit_->query({});
        for (const auto& record : page->records)
            out.push_back(fmt::format("{} {} {}", record.action, record.target, record.result));
        return out;
    }

    ManualClock clock_{Time{1'700'000'000'000'000'000}};
    Metrics metrics_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::unique_ptr<SceneStore> store_;
    std::unique_ptr<Scenes> scenes_;
    SceneFlaws flaws_;
};

TEST_F(ScenesTest, KeepsWhatItIsGiven) {
    const auto made = put(R"({"id":"b"},{"id":"a","parent":"b","twin":"nobody"})");
    EXPECT_TRUE(made.created);
    EXPECT_EQ(made.scene->revision, 1);
    ASSERT_EQ(made.warnings.found().size(), 1u);
    EXPECT_EQ(made.warnings.found()[0].path, "/nodes/1/twin");
    const std::string before = json_of("works");
    open();
    EXPECT_EQ(json_of("works"), before);  // in the order they were given
    const auto list = scenes_->list();
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 1u);
    EXPECT_EQ((*list)[0].nodes, 2u);
    EXPECT_EQ((*list)[0].name, "S");
    EXPECT_EQ((*list)[0].actor, "anna");
    const auto none = scenes_->get("work");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code(), ErrorCode::not_found);
    EXPECT_THAT(none.error().text(), HasSubstr("did you mean 'works'?"));
}

TEST_F(ScenesTest, EditsNodesAsIfTheWholeWerePut) {
    put(R"({"id":"a"},{"id":"b"},{"id":"c"})");
    ASSERT_TRUE(scenes_->patch_node("works", "b", R"({"name":"B"})", change(), flaws_));
    auto done = scenes_->put_node("works", "d", R"({"parent":"b"})", change(1 + 1), flaws_);
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_TRUE(done->created);
    EXPECT_EQ(done->scene->revision, 3);
    ASSERT_TRUE(scenes_->remove_node("works", "a", false, change()));
    ASSERT_TRUE(scenes_->put_node("works", "e", "{}", change(), flaws_));
    ASSERT_TRUE(scenes_->patch("works", R"({"name":"New"})", change(), flaws_));
    const std::string before = json_of("works");
    open();
    EXPECT_EQ(json_of("works"), before);
    EXPECT_THAT(before, HasSubstr("{\"id\":\"b\",\"name\":\"B\"},\n{\"id\":\"c\"},\n"
                                  "{\"parent\":\"b\",\"id\":\"d\"},\n{\"id\":\"e\"}"));
    EXPECT_THAT(audited(), ElementsAre("scene.patch twins/works/scene ok",
                                       "scene.node.put twins/works/scene/nodes/e ok",
                                       "scene.node.delete twins/works/scene/nodes/a ok",
                                       "scene.node.put twins/works/scene/nodes/d ok",
                                       "scene.node.patch twins/works/scene/nodes/b ok",
                                       "scene.put twins/works/scene ok"));
}

TEST_F(ScenesTest, RefusesAndLeavesAllAsItWas) {
    put(R"({"id":"a"})");
    const std::string before = json_of("works");
    EXPECT_FALSE(scenes_->put("works", with(R"({"id":"a","x":1})"), change(), flaws_));
    EXPECT_FALSE(flaws_.none());
    auto done = scenes_->put("works", with(""), change(7), flaws_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::conflict);
    EXPECT_THAT(done.error().text(), HasSubstr("of revision 1 now, not 7"));
    EXPECT_FALSE(scenes_->put_node("nowhere", "a", "{}", change(), flaws_));
    EXPECT_FALSE(scenes_->put("new", with(""), change(1), flaws_));
    EXPECT_EQ(json_of("works"), before);
    EXPECT_THAT(audited(), ElementsAre("scene.put twins/new/scene conflict",
                                       "scene.node.put twins/nowhere/scene/nodes/a not_found",
                                       "scene.put twins/works/scene conflict",
                                       "scene.put twins/works/scene invalid_argument",
                                       "scene.put twins/works/scene ok"));
}

TEST_F(ScenesTest, RemovesScenes) {
    put(R"({"id":"a"})");
    EXPECT_FALSE(scenes_->remove("works", change(2)));
    ASSERT_TRUE(scenes_->remove("works", change(1)));
    EXPECT_FALSE(scenes_->get("works"));
    EXPECT_FALSE(scenes_->remove("works", change()));
    EXPECT_EQ(put(R"({"id":"b"})").scene->revision, 1);
}

TEST_F(ScenesTest, StaysRightBeyondItsMemory) {
    for (size_t i = 0; i < Scenes::cached_scenes * 2; ++i)
        ASSERT_TRUE(scenes_->put(fmt::format("s{}", i), with(fmt::format(R"({{"id":"n{}"}})", i)),
                                 change(), flaws_));
    for (size_t i = 0; i < Scenes::cached_scenes * 2; ++i)
        EXPECT_NE((*scenes_->get(fmt::format("s{}", i)))->scene.find(fmt::format("n{}", i)),
                  nullptr);
}

TEST_F(ScenesTest, KeepsAssetsByDigest) {
    bool created = false;
    const std::string one = box_glb(1), two = box_glb(2);
    const auto first = scenes_->put_asset("a.glb", one, change(), created);
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_TRUE(created);
    EXPECT_EQ(first->digest.size(), 64u);
    EXPECT_EQ(first->media_type, "model/gltf-binary");
    ASSERT_TRUE(scenes_->put_asset("b.glb", one, change(), created));
    EXPECT_EQ(*store_->asset_bytes_total(), one.size());  // the same bytes, once
    EXPECT_EQ(*scenes_->asset_bytes(*scenes_->asset("b.glb")), one);
    const auto again = scenes_->put_asset("a.glb", one, change(), created);
    EXPECT_EQ(again->revision, 1);  // nothing changed
    const auto changed = scenes_->put_asset("a.glb", two, change(1), created);
    ASSERT_TRUE(changed);
    EXPECT_FALSE(created);
    EXPECT_EQ(changed->revision, 2);
    ASSERT_TRUE(scenes_->remove_asset("b.glb", change()));
    EXPECT_EQ(*store_->asset_bytes_total(), two.size());
    EXPECT_FALSE(scenes_->put_asset("a.glb", one, change(9), created));
    EXPECT_FALSE(scenes_->put_asset("bad name", one, change(), created));
    EXPECT_FALSE(scenes_->put_asset("c.glb", "nonsense", change(), created));
    auto large = scenes_->put_asset("c.glb", std::string(Scenes::asset_bytes_limit + 1, 'x'),
                                    change(), created);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code(), ErrorCode::limit_exceeded);
}

TEST_F(ScenesTest, ExportsWithAssetsThatAreThere) {
    bool created = false;
    ASSERT_TRUE(scenes_->put_asset("a.glb", box_glb(3), change(), created));
    const auto made = put(R"({"id":"h","shape":{"kind":"asset","asset":"a.glb"}},
        {"id":"i","shape":{"kind":"asset","asset":"b.glb"}})");
    ASSERT_EQ(made.warnings.found().size(), 1u);
    EXPECT_THAT(made.warnings.found()[0].text, HasSubstr("there is no asset 'b.glb'"));
    const auto used = scenes_->remove_asset("a.glb", change());
    ASSERT_FALSE(used);
    EXPECT_EQ(used.error().code(), ErrorCode::conflict);
    for (int round = 0; round < 2; ++round) {  // from the disk, then from memory
        const auto file = scenes_->exported("works", {});
        ASSERT_TRUE(file) << file.error().text();
        EXPECT_THAT(*file, HasSubstr("\"revision\":1"));
        EXPECT_THAT(*file, HasSubstr("\"missing\":\"b.glb\""));
        EXPECT_TRUE(read_gltf(*file));
    }
    ASSERT_TRUE(scenes_->remove_node("works", "h", false, change()));
    EXPECT_TRUE(scenes_->remove_asset("a.glb", change()));
    EXPECT_FALSE(scenes_->exported("nowhere", {}));
}

}  // namespace
}  // namespace hw::twin
