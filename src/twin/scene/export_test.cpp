#include "twin/scene/export.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "sql/json.h"
#include "twin/scene/gltf_file.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Scene scene_from(std::string_view nodes, std::string_view more = "") {
    SceneFlaws flaws;
    auto scene =
        read_scene(fmt::format(R"({{"format":"headworks-scene/1"{},"nodes":[{}]}})", more, nodes),
                   "works", flaws);
    EXPECT_TRUE(scene) << scene.error().text();
    return scene ? std::move(*scene) : Scene{};
}

// Exports, reads it back and has it judged.
GltfFile exported(const Scene& scene, const ExportOptions& options = {}) {
    const auto bytes = export_gltf(scene, options);
    EXPECT_TRUE(bytes) << bytes.error().text();
    if (!bytes) return {};
    auto file = read_gltf(*bytes);
    EXPECT_TRUE(file) << file.error().text();
    return file ? std::move(*file) : GltfFile{};
}

// The node whose extras have this id, or this part of it.
const sql::Datum* node_with(const GltfFile& file, std::string_view id, std::string_view part = "") {
    for (const auto& node : items_of(file.json, "nodes")) {
        const auto* extras = node.find("extras");
        const auto* ours = extras == nullptr ? nullptr : extras->find("headworks");
        if (ours == nullptr) continue;
        const auto* name = ours->find(part.empty() ? "id" : "of");
        if (name == nullptr || name->as_text() != id) continue;
        if (part.empty() || ours->find("part")->as_text() == part) return &node;
    }
    return nullptr;
}

const sql::Datum& extras_of(const sql::Datum& node) {
    return *node.find("extras")->find("headworks");
}

std::vector<double> numbers_of(const sql::Datum& node, std::string_view name) {
    std::vector<double> out;
    for (const auto& item : items_of(node, name))
        out.push_back(item.as_number());
    return out;
}

std::vector<double> colour_of(const GltfFile& file, const sql::Datum& node, size_t primitive = 0) {
    const auto& mesh = items_of(file.json, "meshes")[index_of(node, "mesh")];
    const auto& one = items_of(mesh, "primitives")[primitive];
    const auto& material = items_of(file.json, "materials")[index_of(one, "material")];
    return numbers_of(*material.find("pbrMetallicRoughness"), "baseColorFactor");
}

constexpr std::string_view works = R"(
    {"id":"site","name":"Site","twin":"works","position":[10,0,0]},
    {"id":"t1","parent":"site","twin":"works/tank","position":[1,2,3],"rotation":[0,90,0],
     "scale":2,"shape":{"kind":"tank"},
     "bindings":[{"kind":"fill","property":"level","max":4},
       {"kind":"colour","property":"level","stops":[[0,"#ff0000"],[2,"#00ff00"]],"part":"water"}]},
    {"id":"p1","parent":"site","shape":{"kind":"pump","size":2},
     "bindings":[{"kind":"spin","property":"speed","factor":1450},
       {"kind":"colour","property":"running","values":{"true":"#00ff00","false":"#808080"}},
       {"kind":"badge","property":"speed","when":{"op":">","value":0.9},"severity":"high",
        "text":"fast {value:.2f}"}]},
    {"id":"p2","parent":"site","shape":{"kind":"pump","size":2}},
    {"id":"l1","shape":{"kind":"label","text":"Hello"},
     "bindings":[{"kind":"label","property":"level","twin":"works/tank","unit":"m",
       "format":"{value:.1f} {unit}"}]},
    {"id":"h1","parent":"p1","shape":{"kind":"box"},
     "bindings":[{"kind":"visible","property":"speed","when":{"op":"<","value":0.5}}]},
    {"id":"h2","parent":"h1","shape":{"kind":"box"}})";

LiveSource values() {
    return [](std::string_view twin, std::string_view path) -> std::optional<LiveValue> {
        LiveValue value;
        value.time = Time{1'700'000'000'000'000'000};
        value.quality = model::Quality::good;
        if (twin == "works/tank" && path == "level")
            value.value = sql::Datum::real(3);
        else if (twin == "works" && path == "speed")
            value.value = sql::Datum::real(0.95);
        else if (twin == "works" && path == "running")
            value.value = sql::Datum::boolean(true);
        else
            return std::nullopt;
        return value;
    };
}

TEST(Export, IsSoundInBothForms) {
    const Scene scene = scene_from(works,
                                   R"(,"name":"Works","environment":{"ground":{"size":[100,80]}},
            "views":[{"id":"a","position":[10,10,10],"target":[0,0,0]}])");
    for (const bool binary : {false, true})
        for (const Detail detail : {Detail::low, Detail::medium, Detail::high}) {
            ExportOptions options;
            options.binary = binary;
            options.detail = detail;
            const GltfFile file = exported(scene, options);
            EXPECT_EQ(file.binary, binary);
            EXPECT_THAT(check_gltf(file), IsEmpty());
            EXPECT_EQ(items_of(file.json, "cameras").size(), 1u);
        }
    EXPECT_THAT(check_gltf(exported(scene_from(""))), IsEmpty());
}

TEST(Export, HasTheHierarchyNamesAndExtras) {
    const GltfFile file = exported(scene_from(works));
    const auto* site = node_with(file, "site");
    const auto* tank = node_with(file, "t1");
    ASSERT_NE(site, nullptr);
    ASSERT_NE(tank, nullptr);
    EXPECT_EQ(site->find("name")->as_text(), "Site");
    EXPECT_EQ(items_of(*site, "children").size(), 3u);
    EXPECT_THAT(numbers_of(*tank, "translation"), ElementsAre(1, 2, 3));
    EXPECT_THAT(numbers_of(*tank, "scale"), ElementsAre(2, 2, 2));
    EXPECT_NEAR(numbers_of(*tank, "rotation")[1], std::sqrt(0.5), 1e-9);
    EXPECT_EQ(extras_of(*tank).find("twin")->as_text(), "works/tank");
    EXPECT_EQ(items_of(extras_of(*tank), "bindings").size(), 2u);
    EXPECT_EQ(extras_of(*node_with(file, "p1")).find("twin")->as_text(), "works");
    EXPECT_EQ(extras_of(*tank).find("live"), nullptr);
    const auto& scenes = items_of(file.json, "scenes");
    EXPECT_EQ(extras_of(scenes[0]).find("site")->as_text(), "works");
}

TEST(Export, SharesMeshesThatAreTheSame) {
    const GltfFile file = exported(scene_from(works));
    EXPECT_EQ(index_of(*node_with(file, "p1"), "mesh"), index_of(*node_with(file, "p2"), "mesh"));
    EXPECT_EQ(index_of(*node_with(file, "p1", "rotor"), "mesh"),
              index_of(*node_with(file, "p2", "rotor"), "mesh"));
    // A thousand more pumps bring nodes, but no geometry.
    std::string many(works);
    for (int i = 0; i < 1000; ++i)
        many += fmt::format(R"(,{{"id":"q{}","shape":{{"kind":"pump","size":2}}}})", i);
    EXPECT_EQ(exported(scene_from(many)).buffers[0].size(), file.buffers[0].size());
    // Surfaces that look the same are one primitive: plinth, casing, shaft, motor.
    const auto& mesh = items_of(file.json, "meshes")[index_of(*node_with(file, "p1"), "mesh")];
    EXPECT_EQ(items_of(mesh, "primitives").size(), 5u);
    // Another colour is another material on the same vertices.
    many =
        std::string(works) + R"(,{"id":"q","shape":{"kind":"pump","size":2,"colour":"#123456"}})";
    const GltfFile coloured = exported(scene_from(many));
    EXPECT_EQ(coloured.buffers[0].size(), file.buffers[0].size());
    EXPECT_NE(index_of(*node_with(coloured, "q"), "mesh"),
              index_of(*node_with(coloured, "p1"), "mesh"));
}

TEST(Export, BakesValuesIn) {
    const Scene scene = scene_from(works);
    const LiveSource live = values();
    ExportOptions options;
    options.live = &live;
    options.at = Time{1'700'000'000'000'000'000};
    options.revision = 7;
    const GltfFile file = exported(scene, options);
    const auto* water = node_with(file, "t1", "water");
    ASSERT_NE(water, nullptr);
    const double height = extras_of(*water).find("height")->as_number();
    EXPECT_NEAR(numbers_of(*water, "scale")[1], 0.75 * height, 1e-9);
    EXPECT_EQ(colour_of(file, *water)[1], 1);  // #00ff00 holds from 2 on
    EXPECT_EQ(colour_of(file, *water)[0], 0);
    const auto* pump = node_with(file, "p1");
    EXPECT_EQ(colour_of(file, *pump, 1)[1], 1);  // 0 is the plinth
    EXPECT_NEAR(extras_of(*pump).find("spin")->as_number(), 0.95 * 1450, 1e-9);
    const auto& badges = items_of(extras_of(*pump), "badges");
    ASSERT_EQ(badges.size(), 1u);
    EXPECT_EQ(badges[0].find("text")->as_text(), "fast 0.95");
    // Hidden, and what is below it.
    for (const auto id : {"h1", "h2"}) {
        EXPECT_EQ(node_with(file, id)->find("mesh"), nullptr);
        EXPECT_FALSE(extras_of(*node_with(file, id)).find("visible")->as_boolean());
    }
    EXPECT_THAT(sql::to_json(*extras_of(*node_with(file, "l1")).find("labels")), "[\"3.0 m\"]");
    const auto& head = extras_of(items_of(file.json, "scenes")[0]);
    EXPECT_EQ(head.find("at")->as_text(), "2023-11-14T22:13:20Z");
    EXPECT_EQ(head.find("revision")->as_integer(), 7);
}

TEST(Export, ShowsWhatIsNotKnown) {
    const LiveSource nothing = [](auto, auto) { return std::optional<LiveValue>(); };
    ExportOptions options;
    options.live = &nothing;
    const GltfFile file = exported(scene_from(works), options);
    // The colour of bad quality: #b04bc0.
    const auto colour = colour_of(file, *node_with(file, "p1"), 1);
    EXPECT_NEAR(colour[0], 0.434, 0.001);
    EXPECT_NEAR(colour[1], 0.0704, 0.001);
    EXPECT_NEAR(colour[2], 0.527, 0.001);
}

TEST(Export, TurnsScenesWithZUp) {
    const GltfFile file = exported(scene_from(
        R"({"id":"a","position":[1,2,3],"rotation":[0,0,90],"scale":[2,3,4],"shape":{"kind":"box",
            "width":2,"height":6,"depth":4}},
           {"id":"b","shape":{"kind":"pipe","points":[[0,0,5],[10,0,5]],"diameter":0.2}})",
        R"(,"up":"z")"));
    const auto* box = node_with(file, "a");
    EXPECT_THAT(numbers_of(*box, "translation"), ElementsAre(1, 3, -2));
    EXPECT_NEAR(numbers_of(*box, "rotation")[1], std::sqrt(0.5), 1e-9);
    EXPECT_THAT(numbers_of(*box, "scale"), ElementsAre(2, 4, 3));
    const auto& mesh = items_of(file.json, "meshes")[index_of(*node_with(file, "b"), "mesh")];
    const size_t position =
        index_of(*items_of(mesh, "primitives")[0].find("attributes"), "POSITION");
    const auto least = numbers_of(items_of(file.json, "accessors")[position], "min");
    EXPECT_NEAR(least[1], 4.9, 1e-6);  // 5 m above the ground, as up is y there
}

TEST(Export, EmbedsAssets) {
    ExportOptions inner;
    inner.binary = true;
    const auto bytes =
        export_gltf(scene_from(R"({"id":"x","name":"Inner","shape":{"kind":"box"}})"), inner);
    ASSERT_TRUE(bytes);
    auto file = read_gltf(*bytes);
    ASSERT_TRUE(file);
    const auto asset = std::make_shared<const AssetFile>(AssetFile{"d1", std::move(*file)});
    const Scene scene = scene_from(R"(
        {"id":"a","shape":{"kind":"asset","asset":"house.glb"}},
        {"id":"b","shape":{"kind":"asset","asset":"house.glb"}},
        {"id":"c","shape":{"kind":"asset","asset":"house.glb","node":"Inner"}},
        {"id":"d","shape":{"kind":"asset","asset":"gone.glb"}},
        {"id":"e","shape":{"kind":"asset","asset":"house.glb","node":"Nobody"}},
        {"id":"f","shape":{"kind":"pump"}})");
    ExportOptions options;
    options.asset = [&](std::string_view name) -> Result<AssetFilePtr> {
        if (name != "house.glb") return fail(ErrorCode::not_found, "no");
        return asset;
    };
    const GltfFile whole = exported(scene, options);
    EXPECT_THAT(check_gltf(whole), IsEmpty());
    // All three name one mesh.
    std::map<size_t, int> users;
    for (const auto& node : items_of(whole.json, "nodes"))
        if (const auto* name = node.find("name"); name != nullptr && name->as_text() == "Inner")
            ++users[index_of(node, "mesh")];
    ASSERT_EQ(users.size(), 1u);
    EXPECT_EQ(users.begin()->second, 3);
    EXPECT_EQ(extras_of(*node_with(whole, "d")).find("missing")->as_text(), "gone.glb");
    EXPECT_THAT(std::string(extras_of(*node_with(whole, "e")).find("missing")->as_text()),
                HasSubstr("no node 'Nobody'"));
    options.embed_assets = false;
    const GltfFile by_name = exported(scene, options);
    EXPECT_EQ(extras_of(*node_with(by_name, "a")).find("asset")->find("digest")->as_text(), "d1");
    EXPECT_EQ(node_with(by_name, "a")->find("children"), nullptr);
}

TEST(Export, EmbedsEveryKindOfThing) {
    // Textures, a skin, an animation, a sparse accessor: every index moves by what was before.
    const std::string json = R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],
        "nodes":[{"name":"r","children":[1]},{"mesh":0,"skin":0}],
        "meshes":[{"primitives":[{"attributes":{"POSITION":0},"material":0}]}],
        "materials":[{"pbrMetallicRoughness":{"baseColorTexture":{"index":0}},
          "extensions":{"KHR_materials_clearcoat":{"clearcoatTexture":{"index":0}}}}],
        "textures":[{"source":0,"sampler":0}],"samplers":[{}],
        "images":[{"bufferView":1,"mimeType":"image/png"}],
        "skins":[{"joints":[0,1],"skeleton":0}],
        "animations":[{"samplers":[{"input":1,"output":0}],
          "channels":[{"sampler":0,"target":{"node":1,"path":"translation"}}]}],
        "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3",
          "min":[0,0,0],"max":[0,0,0],
          "sparse":{"count":1,"indices":{"bufferView":1,"componentType":5121},
            "values":{"bufferView":0}}},
          {"bufferView":0,"componentType":5126,"count":3,"type":"SCALAR"}],
        "bufferViews":[{"buffer":0,"byteLength":36},{"buffer":1,"byteLength":3}],
        "buffers":[{"byteLength":36,"uri":"data:application/octet-stream;base64,)" +
                             std::string(48, 'A') + R"("},
          {"byteLength":3,"uri":"data:application/octet-stream;base64,AAAA"}],
        "extensionsUsed":["KHR_materials_clearcoat"]})";
    auto file = read_gltf(json);
    ASSERT_TRUE(file) << file.error().text();
    const auto asset = std::make_shared<const AssetFile>(AssetFile{"d", std::move(*file)});
    ExportOptions options;
    options.asset = [&](std::string_view) -> Result<AssetFilePtr> { return asset; };
    const GltfFile whole = exported(scene_from(R"({"id":"p","shape":{"kind":"pump"}},
            {"id":"a","shape":{"kind":"asset","asset":"x"}},
            {"id":"b","shape":{"kind":"asset","asset":"x"}})"),
                                    options);
    EXPECT_THAT(check_gltf(whole), IsEmpty());
    EXPECT_EQ(items_of(whole.json, "skins").size(), 2u);
    EXPECT_EQ(items_of(whole.json, "animations").size(), 2u);
    EXPECT_EQ(items_of(whole.json, "textures").size(), 1u);
    const auto& second = items_of(whole.json, "animations")[1];
    const size_t target = index_of(*items_of(second, "channels")[0].find("target"), "node");
    EXPECT_EQ(index_of(items_of(whole.json, "nodes")[target], "skin"), 1u);
    EXPECT_THAT(sql::to_json(whole.json), HasSubstr("KHR_materials_clearcoat"));
}

}  // namespace
}  // namespace hw::twin
