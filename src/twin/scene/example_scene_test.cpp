// The scene of the demo waterworks, as it lies in examples/.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "twin/scene/export.h"
#include "twin/scene/scene.h"

namespace hw::twin {
namespace {

std::string file(std::string_view name) {
    std::ifstream in(fmt::format("{}/{}", HEADWORKS_SOURCE_DIR, name));
    EXPECT_TRUE(in) << name;
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(ExampleScene, IsSoundAndWhole) {
    SceneFlaws flaws;
    const auto scene =
        read_scene(file("examples/waterworks/scene.json"), "bluewater/plant1", flaws);
    ASSERT_TRUE(scene) << scene.error().text();
    EXPECT_EQ(warnings_of(*scene, {}).summary(), "");
    const auto twins = twins_of(*scene);
    const std::set<std::string> known(twins.begin(), twins.end());
    for (const auto wanted : {"plant1/intake/pump", "plant1/highlift/pump"})
        for (int i = 1; i <= 3; ++i)
            EXPECT_TRUE(known.contains(fmt::format("bluewater/{}{}", wanted, i)));
    for (int i = 1; i <= 6; ++i)
        EXPECT_TRUE(known.contains(fmt::format("bluewater/plant1/filtration/filter{}", i)));
    // What the console draws in 2D: whatever has a shape of equipment has its place.
    size_t drawn = 0;
    for (const auto& node : scene->nodes)
        drawn += node->body.find("schematic") != nullptr ? 1 : 0;
    EXPECT_GT(drawn, 60u);
    for (const bool binary : {false, true}) {
        ExportOptions options;
        options.binary = binary;
        const auto bytes = export_gltf(*scene, options);
        ASSERT_TRUE(bytes);
        const auto read = read_gltf(*bytes);
        EXPECT_TRUE(read) << read.error().text();
        EXPECT_LT(bytes->size(), 2u << 20);
    }
}

// Every kind and every member of the format stands in its documentation, and no other.
TEST(SceneDocs, TellOfEveryMember) {
    const std::string text = file("docs/twin_scene.md");
    const auto told = [&](std::string_view what) {
        return text.find(fmt::format("`{}`", what)) != std::string::npos;
    };
    std::vector<const ObjectType*> open = {&scene_type(), &node_type()};
    std::set<const ObjectType*> seen;
    for (const auto types : {shape_types(), binding_types()})
        for (const auto& type : types) {
            EXPECT_TRUE(told(type.name)) << type.name;
            open.push_back(&type);
        }
    while (!open.empty()) {
        const ObjectType* type = open.back();
        open.pop_back();
        if (!seen.insert(type).second) continue;
        for (const auto& field : type->fields) {
            EXPECT_TRUE(told(field.name)) << type->name << "." << field.name;
            EXPECT_NE(field.help, "") << type->name << "." << field.name;
            if (field.kind == FieldKind::choice) {
                for (const auto& word : words_of(field.words))
                    EXPECT_TRUE(told(word)) << type->name << "." << field.name << " " << word;
            }
            if (field.type != nullptr) open.push_back(field.type);
        }
    }
}

}  // namespace
}  // namespace hw::twin
