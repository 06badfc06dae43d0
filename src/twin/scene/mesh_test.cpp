#include "twin/scene/mesh.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "sql/json.h"
#include "twin/scene/shape_model.h"

namespace hw::twin {
namespace {

using Corner = std::tuple<float, float, float>;

Corner corner(const Mesh& mesh, uint32_t index) {
    return {mesh.positions[3 * index], mesh.positions[3 * index + 1],
            mesh.positions[3 * index + 2]};
}

// Each edge is walked as often in one direction as in the other: no holes, nothing turned over.
bool is_closed(const Mesh& mesh) {
    std::map<std::pair<Corner, Corner>, int> edges;
    for (size_t i = 0; i < mesh.indices.size(); i += 3)
        for (size_t k = 0; k < 3; ++k) {
            const auto a = corner(mesh, mesh.indices[i + k]);
            const auto b = corner(mesh, mesh.indices[i + (k + 1) % 3]);
            if (a == b) continue;
            ++edges[{a, b}];
            --edges[{b, a}];
        }
    for (const auto& [edge, count] : edges)
        if (count != 0) return false;
    return true;
}

// By the divergence theorem; above 0 where the faces look outward.
double volume(const Mesh& mesh) {
    double sum = 0;
    for (size_t i = 0; i < mesh.indices.size(); i += 3) {
        std::array<std::array<double, 3>, 3> p;
        for (size_t k = 0; k < 3; ++k)
            for (size_t part = 0; part < 3; ++part)
                p[k][part] = mesh.positions[3 * mesh.indices[i + k] + part];
        sum += p[0][0] * (p[1][1] * p[2][2] - p[1][2] * p[2][1]) -
               p[0][1] * (p[1][0] * p[2][2] - p[1][2] * p[2][0]) +
               p[0][2] * (p[1][0] * p[2][1] - p[1][1] * p[2][0]);
    }
    return sum / 6;
}

void expect_sound(const Mesh& mesh, std::string_view what) {
    ASSERT_FALSE(mesh.indices.empty()) << what;
    ASSERT_EQ(mesh.positions.size(), mesh.normals.size()) << what;
    EXPECT_EQ(mesh.indices.size() % 3, 0u) << what;
    for (const uint32_t index : mesh.indices)
        ASSERT_LT(index, mesh.vertices()) << what;
    for (size_t i = 0; i < mesh.normals.size(); i += 3) {
        const double size = std::hypot(mesh.normals[i], mesh.normals[i + 1], mesh.normals[i + 2]);
        ASSERT_NEAR(size, 1, 1e-4) << what << " normal " << i / 3;
    }
    for (const float part : mesh.positions)
        ASSERT_TRUE(std::isfinite(part)) << what;
    // No face looks away from its corners' normals.
    for (size_t i = 0; i < mesh.indices.size(); i += 3) {
        std::array<std::array<double, 3>, 3> p;
        double along = 0;
        for (size_t k = 0; k < 3; ++k)
            for (size_t part = 0; part < 3; ++part)
                p[k][part] = mesh.positions[3 * mesh.indices[i + k] + part];
        const std::array<double, 3> u = {p[1][0] - p[0][0], p[1][1] - p[0][1], p[1][2] - p[0][2]};
        const std::array<double, 3> v = {p[2][0] - p[0][0], p[2][1] - p[0][1], p[2][2] - p[0][2]};
        const std::array<double, 3> n = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
                                         u[0] * v[1] - u[1] * v[0]};
        for (size_t k = 0; k < 3; ++k)
            for (size_t part = 0; part < 3; ++part)
                along += n[part] * mesh.normals[3 * mesh.indices[i + k] + part];
        ASSERT_GE(along, -1e-5) << what << " face " << i / 3;
    }
}

TEST(Meshes, AreClosedAndOfTheirVolume) {
    const auto closed = [](const Mesh& mesh, double wanted, double share, std::string_view what) {
        expect_sound(mesh, what);
        EXPECT_TRUE(is_closed(mesh)) << what;
        EXPECT_NEAR(volume(mesh), wanted, std::abs(wanted) * share) << what;
    };
    const double pi = std::acos(-1.0);
    closed(box_mesh(2, 3, 4), 24, 1e-6, "box");
    closed(cylinder_mesh(2, 3, 64), pi * 12, 0.01, "cylinder");
    closed(frustum_mesh(2, 0, 3, 64), pi * 4, 0.01, "cone");
    closed(frustum_mesh(0, 2, 3, 64), pi * 4, 0.01, "cone on its point");
    closed(frustum_mesh(3, 2, 1, 64), pi * 19 / 3, 0.01, "frustum");
    closed(dome_mesh(2, 1, 64), 2.0 / 3 * pi * 4, 0.02, "dome");
    closed(sphere_mesh(2, 64), 4.0 / 3 * pi * 8, 0.02, "sphere");
    closed(ring_mesh(1, 2, 3, 64), pi * 9, 0.01, "ring");
    closed(basin_mesh(4, 3, 6, 0.5, 0.5), 72 - 3.0 * 5 * 2.5, 1e-5, "basin");
    closed(gable_mesh(4, 3, 5, false), 30, 1e-5, "gable");
    closed(gable_mesh(4, 3, 5, true), 30, 1e-5, "shed");
    closed(cylinder_mesh(1, 2, 64).laid_along_x().turned_about_y(30).moved({1, 2, 3}), pi * 2, 0.01,
           "turned");
}

TEST(Meshes, PipesBend) {
    const double pi = std::acos(-1.0);
    const std::array<Point, 2> straight = {Point{0, 0, 0}, Point{0, 0, 10}};
    const Mesh one = pipe_mesh(straight, 0.5, 1, 32);
    expect_sound(one, "straight");
    EXPECT_TRUE(is_closed(one));
    EXPECT_NEAR(volume(one), pi * 0.25 * 10, 0.1);
    const std::array<Point, 4> bent = {Point{0, 0, 0}, Point{10, 0, 0}, Point{10, 8, 0},
                                       Point{10, 8, 9}};
    const Mesh two = pipe_mesh(bent, 0.5, 2, 32);
    expect_sound(two, "bent");
    EXPECT_TRUE(is_closed(two));
    // Each bend of radius 2 cuts 2 * 2 from the corner and gives a quarter circle.
    EXPECT_NEAR(volume(two), pi * 0.25 * (27 - 8 + 2 * pi), 0.3);
    // There and back again, points that fall together, a bend wider than the pipe is long.
    const std::array<Point, 5> hostile = {Point{0, 0, 0}, Point{0, 0, 0}, Point{1, 0, 0},
                                          Point{0, 0, 0}, Point{0, 1e-9, 0}};
    const Mesh three = pipe_mesh(hostile, 0.2, 50, 12);
    EXPECT_TRUE(is_closed(three));
    for (const float part : three.positions)
        EXPECT_TRUE(std::isfinite(part));
    const std::array<Point, 2> none = {Point{1, 1, 1}, Point{1, 1, 1}};
    EXPECT_TRUE(is_closed(pipe_mesh(none, 0.2, 1, 12)));
}

TEST(Meshes, OutlinesAreFilled) {
    const std::array<std::array<double, 2>, 6> l_shape = {
        {{0, 0}, {4, 0}, {4, 1}, {1, 1}, {1, 3}, {0, 3}}};
    const Mesh solid = outline_mesh(l_shape, 2);
    expect_sound(solid, "outline");
    EXPECT_TRUE(is_closed(solid));
    EXPECT_NEAR(volume(solid), 2 * (4 + 2), 1e-5);
    auto turned = l_shape;
    std::reverse(turned.begin(), turned.end());
    EXPECT_NEAR(volume(outline_mesh(turned, 2)), 12, 1e-5);
    const Mesh flat = outline_mesh(l_shape, 0);
    expect_sound(flat, "flat");
    for (size_t i = 1; i < flat.normals.size(); i += 3)
        EXPECT_EQ(flat.normals[i], 1);
    const std::array<std::array<double, 2>, 4> crossed = {{{0, 0}, {2, 2}, {2, 0}, {0, 2}}};
    EXPECT_FALSE(outline_mesh(crossed, 1).indices.empty());
    const std::array<std::array<double, 2>, 3> point = {{{1, 1}, {1, 1}, {1, 1}}};
    EXPECT_FALSE(outline_mesh(point, 0).indices.empty());
}

TEST(Meshes, BandsLookUp) {
    const std::array<Point, 3> river = {Point{0, 0, 0}, Point{10, 0, 0}, Point{10, 0, 10}};
    const Mesh mesh = band_mesh(river, 4);
    expect_sound(mesh, "band");
    EXPECT_EQ(mesh.indices.size(), 12u);
}

// Every kind with its standards and some of its members, at every level of detail.
class Shapes : public testing::TestWithParam<const char*> {};

TEST_P(Shapes, AreSoundMeshes) {
    sql::JsonReader reader;
    const auto shape = reader.read(GetParam());
    ASSERT_TRUE(shape);
    size_t least = SIZE_MAX;
    for (const Detail detail : {Detail::high, Detail::medium, Detail::low}) {
        const ShapeModel model = shape_model(*shape, detail, false);
        size_t triangles = 0;
        for (const auto* list : {&model.body, &model.rotor, &model.water})
            for (const auto& surface : *list) {
                expect_sound(surface.mesh, GetParam());
                EXPECT_TRUE(!surface.closed || is_closed(surface.mesh)) << GetParam();
                triangles += surface.mesh.indices.size() / 3;
            }
        EXPECT_LE(triangles, least) << "coarser is not more";
        EXPECT_GT(triangles, 0u);
        least = triangles;
        if (model.water.empty()) continue;
        EXPECT_GT(model.water_height, 0);
        for (size_t i = 1; i < model.water[0].mesh.positions.size(); i += 3) {
            EXPECT_GE(model.water[0].mesh.positions[i], 0);
            EXPECT_LE(model.water[0].mesh.positions[i], 1);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    All, Shapes,
    testing::Values(R"({"kind":"box"})", R"({"kind":"cylinder"})", R"({"kind":"tank"})",
                    R"({"kind":"tank","roof":"cone"})",
                    R"({"kind":"tank","roof":"dome","opacity":0.5})",
                    R"({"kind":"tank","roof":"flat","diameter":0.01,"height":0.01,"wall":100})",
                    R"({"kind":"tank","lying":true,"height":8})",
                    R"({"kind":"basin","channels":4,"weirs":true})",
                    R"({"kind":"basin","wall":1000})", R"({"kind":"clarifier"})",
                    R"({"kind":"filter"})", R"({"kind":"filter","media":90,"wall":50,"troughs":0})",
                    R"({"kind":"pipe","points":[[0,0,0],[5,0,0],[5,5,0]],"flanges":true})",
                    R"({"kind":"pump"})", R"({"kind":"pump","form":"vertical"})",
                    R"({"kind":"mixer"})", R"({"kind":"mixer","form":"paddle"})",
                    R"({"kind":"valve"})", R"({"kind":"valve","drive":"motor"})",
                    R"({"kind":"building"})", R"({"kind":"building","roof":"gable"})",
                    R"({"kind":"building","roof":"shed"})",
                    R"({"kind":"building","roof":"none","height":0.001})", R"({"kind":"tower"})",
                    R"({"kind":"tower","vessel":1000,"shaft":500})",
                    R"({"kind":"river","points":[[0,0,0],[5,0,0]]})",
                    R"({"kind":"area","points":[[0,0],[5,0],[5,5]],"height":2})",
                    R"({"kind":"arrow"})", R"({"kind":"arrow","length":0.01,"diameter":100})",
                    R"({"kind":"tree"})", R"({"kind":"tree","form":"conifer"})"));

TEST(ShapeKeys, AreSharedWhereTheyAreTheSame) {
    sql::JsonReader reader;
    const auto key = [&](std::string_view json) { return geometry_key(*reader.read(json)); };
    EXPECT_EQ(key(R"({"kind":"pump","size":2})"),
              key(R"({"colour":"#ff0000","size":2.0,"kind":"pump"})"));
    EXPECT_EQ(key(R"({"kind":"pump"})"), key(R"({"kind":"pump","size":1})"));
    EXPECT_NE(key(R"({"kind":"pump","size":2})"), key(R"({"kind":"pump","size":3})"));
    // A fixed part's colour is kept with the geometry.
    EXPECT_NE(key(R"({"kind":"pump","motor":"#000000"})"), key(R"({"kind":"pump"})"));
}

TEST(Texts, AreStrokes) {
    const Mesh mesh = text_mesh("Filter 3\n0.12 NTU", 2);
    expect_sound(mesh, "text");
    float low = 0, high = 0;
    for (size_t i = 1; i < mesh.positions.size(); i += 3) {
        low = std::min(low, mesh.positions[i]);
        high = std::max(high, mesh.positions[i]);
    }
    EXPECT_NEAR(high, 5, 0.3);  // the last line stands on 0, the first a line of 3 above
    EXPECT_NEAR(low, 0, 0.3);
    EXPECT_TRUE(text_mesh("", 1).indices.empty());
    EXPECT_TRUE(text_mesh("  ", 1).indices.empty());
    // A letter that is not known is a frame, once for each however many bytes it has.
    EXPECT_EQ(text_mesh("\xe6\xb0\xb4", 1).indices.size(), 4 * 6u);
    EXPECT_LE(text_mesh(std::string(100'000, 'I'), 1).indices.size(), 1'001 * 3 * 6u);
}

}  // namespace
}  // namespace hw::twin
