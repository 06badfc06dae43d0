#include "twin/scene/gltf_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/bytes.h"

namespace hw::twin {
namespace {

using testing::HasSubstr;

// One triangle in the x-y plane: positions, normals, indices.
std::string buffer() {
    std::string out;
    ByteWriter writer(out);
    const auto number = [&](float value) { writer.little(std::bit_cast<uint32_t>(value)); };
    for (const float value : {0.f, 0.f, 0.f, 1.f, 0.f, 0.f, 0.f, 1.f, 0.f})
        number(value);
    for (int i = 0; i < 3; ++i)
        for (const float value : {0.f, 0.f, 1.f})
            number(value);
    for (const uint16_t index : {0, 1, 2})
        writer.little(index);
    return out;
}

struct Parts {
    std::string version = "2.0";
    std::string bytes = buffer();
    std::string length = "78";
    std::string nodes = R"([{"mesh":0}])";
    std::string roots = "[0]";
    std::string max = "[1,1,0]";
    std::string count = "3";
    std::string indices = R"({"bufferView":2,"componentType":5123,"count":3,"type":"SCALAR"})";
    std::string view = R"({"buffer":0,"byteOffset":72,"byteLength":6})";
    std::string more = "";
};

std::string gltf(const Parts& parts) {
    return fmt::format(
        R"({{"asset":{{"version":"{}"}},"scene":0,"scenes":[{{"nodes":{}}}],"nodes":{},
        "meshes":[{{"primitives":[{{"attributes":{{"POSITION":0,"NORMAL":1}},"indices":2}}]}}],
        "accessors":[{{"bufferView":0,"componentType":5126,"count":{},"type":"VEC3",
        "min":[0,0,0],"max":{}}},
        {{"bufferView":1,"componentType":5126,"count":3,"type":"VEC3"}},{}],
        "bufferViews":[{{"buffer":0,"byteLength":36}},{{"buffer":0,"byteOffset":36,
        "byteLength":36}},{}],
        "buffers":[{{"byteLength":{},"uri":"data:application/octet-stream;base64,{}"}}]{}}})",
        parts.version, parts.roots, parts.nodes, parts.count, parts.max, parts.indices, parts.view,
        parts.length, base64(parts.bytes), parts.more);
}

std::string refusal(const Parts& parts) {
    const auto file = read_gltf(gltf(parts));
    EXPECT_FALSE(file) << "taken";
    return file ? "" : file.error().text();
}

TEST(GltfFile, IsTaken) {
    const auto file = read_gltf(gltf({}));
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_EQ(file->buffers[0].size(), 78u);
}

TEST(GltfFile, SaysWhatIsWrong) {
    EXPECT_THAT(refusal({.version = "1.0"}), HasSubstr("version '1.0'; version 2 is taken"));
    EXPECT_THAT(refusal({.length = "100"}), HasSubstr("/buffers/0/byteLength is more than the 78"));
    EXPECT_THAT(refusal({.nodes = R"([{"mesh":1}])"}), HasSubstr("/nodes/0/mesh is no index"));
    EXPECT_THAT(refusal({.max = "[2,1,0]"}), HasSubstr("/accessors/0/max/0 says 2, but it is 1"));
    EXPECT_THAT(refusal({.max = "[1,1]"}), HasSubstr("/accessors/0/max does not have 3 numbers"));
    EXPECT_THAT(refusal({.count = "4"}), HasSubstr("reaches beyond its buffer view"));
    EXPECT_THAT(refusal({.count = "0"}), HasSubstr("no valid componentType, type or count"));
    EXPECT_THAT(refusal({.nodes = R"([{"mesh":0,"children":[1]},{"children":[0]}])"}),
                HasSubstr("is its own ancestor"));
    EXPECT_THAT(refusal({.nodes = R"([{"children":[2]},{"children":[2]},{"mesh":0}])"}),
                HasSubstr("/nodes/2 has two parents, 0 and 1"));
    EXPECT_THAT(refusal({.nodes = R"([{"children":[1]},{"mesh":0}])", .roots = "[1]"}),
                HasSubstr("/scenes/0/nodes: 1 is no root"));
    EXPECT_THAT(refusal({.roots = "[7]"}), HasSubstr("/scenes/0/nodes is no index"));
    EXPECT_THAT(refusal({.nodes = R"([{"mesh":0,"rotation":[0,0,0,2]}])"}),
                HasSubstr("rotation is not of length 1"));
    EXPECT_THAT(refusal({.nodes = R"([{"mesh":0,"scale":[1,1]}])"}),
                HasSubstr("/nodes/0/scale is not 3 numbers"));
    EXPECT_THAT(refusal({.view = R"({"buffer":0,"byteOffset":74,"byteLength":6})"}),
                HasSubstr("/bufferViews/2 reaches beyond its buffer"));
    EXPECT_THAT(refusal({.view = R"({"buffer":0,"byteOffset":71,"byteLength":7})"}),
                HasSubstr("is not aligned to its component"));
    EXPECT_THAT(refusal({.more = R"(,"extensionsRequired":["KHR_draco_mesh_compression"])"}),
                HasSubstr("needs the glTF extension 'KHR_draco_mesh_compression'"));
    EXPECT_THAT(refusal({.more = R"(,"images":[{"uri":"a.png"}])"}),
                HasSubstr("/images/0/uri needs 'a.png' beside it"));
    EXPECT_THAT(refusal({.more = R"(,"materials":[{"normalTexture":{"index":0}}])"}),
                HasSubstr("/materials/0/index is no index of textures"));
    EXPECT_THAT(refusal({.more = R"(,"animations":[{"channels":[{"sampler":0}]}])"}),
                HasSubstr("/animations/0/channels names no sampler"));
    EXPECT_THAT(refusal({.more = R"(,"skins":[{"joints":[9]}])"}),
                HasSubstr("/skins/0/joints is no index"));
}

TEST(GltfFile, LooksAtIndicesAndNormals) {
    Parts parts;
    parts.bytes[72] = 9;
    EXPECT_THAT(refusal(parts), HasSubstr("/indices: number 0 is 9, of 3 vertices"));
    parts = {};
    parts.bytes.replace(44, 4, std::string(4, '\0'));
    EXPECT_THAT(refusal(parts), HasSubstr("NORMAL: number 0 has the length 0.0000"));
    parts = {};
    parts.indices = R"({"bufferView":2,"componentType":5123,"count":2,"type":"SCALAR"})";
    EXPECT_THAT(refusal(parts), HasSubstr("no whole triangles"));
}

TEST(GltfFile, NeedsNothingBesideIt) {
    const auto file =
        read_gltf(R"({"asset":{"version":"2.0"},"buffers":[{"byteLength":4,"uri":"scene.bin"}]})");
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().text(), HasSubstr("'scene.bin' beside it; export the file as GLB"));
}

TEST(GltfFile, EndsInBoundedTime) {
    // Indices of nothing: four thousand million zeros are looked at once.
    Parts parts;
    parts.indices = R"({"componentType":5125,"count":3999999999,"type":"SCALAR"})";
    EXPECT_TRUE(read_gltf(gltf(parts)));
    // A view of a million floats, bounded ten thousand times.
    std::string accessors;
    for (int i = 0; i < 10'000; ++i)
        accessors += R"({"bufferView":0,"componentType":5126,"count":1000000,"type":"SCALAR",
            "min":[0],"max":[0]},)";
    accessors.pop_back();
    GltfFile file;
    file.buffers.emplace_back(4'000'000, '\0');
    const auto taken = read_gltf(fmt::format(
        R"({{"asset":{{"version":"2.0"}},"accessors":[{}],"bufferViews":[{{"buffer":0,
        "byteLength":4000000}}],"buffers":[{{"byteLength":4000000,
        "uri":"data:application/octet-stream;base64,{}"}}]}})",
        accessors, base64(file.buffers[0])));
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().text(), HasSubstr("more than 400000000 numbers between them"));
}

TEST(GltfFile, ReadsBinaryOnes) {
    std::string json = R"({"asset":{"version":"2.0"},"buffers":[{"byteLength":4}]})";
    json.resize((json.size() + 3) / 4 * 4, ' ');
    const auto glb = [&](uint32_t length, uint32_t chunk, std::string_view type) {
        std::string out;
        ByteWriter writer(out);
        writer.text("glTF");
        writer.little<uint32_t>(2);
        writer.little(length);
        writer.little(chunk);
        writer.text(type);
        writer.text(json);
        writer.little<uint32_t>(4);
        writer.text(std::string_view("BIN\0", 4));
        writer.text("abcd");
        return out;
    };
    const auto size = static_cast<uint32_t>(json.size());
    const auto file = read_gltf(glb(size + 32, size, "JSON"));
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_EQ(file->buffers[0], "abcd");
    EXPECT_TRUE(file->binary);
    EXPECT_FALSE(read_gltf(glb(size + 31, size, "JSON")));
    EXPECT_FALSE(read_gltf(glb(size + 32, size + 400, "JSON")));
    EXPECT_FALSE(read_gltf(glb(size + 32, size, "XSON")));
    EXPECT_FALSE(read_gltf("glTF"));
    EXPECT_FALSE(read_gltf(""));
}

}  // namespace
}  // namespace hw::twin
