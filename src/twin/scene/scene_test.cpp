#include "twin/scene/scene.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "sql/json.h"
#include "twin/scene/look.h"

namespace hw::twin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string with_nodes(std::string_view nodes, std::string_view more = "") {
    return fmt::format(R"({{"format":"headworks-scene/1"{},"nodes":[{}]}})", more, nodes);
}

Result<Scene> read(std::string_view json, SceneFlaws& flaws) {
    return read_scene(json, "works", flaws);
}

Scene good(std::string_view json) {
    SceneFlaws flaws;
    auto scene = read(json, flaws);
    EXPECT_TRUE(scene) << scene.error().text();
    return scene ? std::move(*scene) : Scene{};
}

// The paths and texts of what is wrong.
std::vector<std::string> wrong(std::string_view json) {
    SceneFlaws flaws;
    const auto scene = read(json, flaws);
    EXPECT_FALSE(scene);
    std::vector<std::string> out;
    for (const auto& flaw : flaws.found())
        out.push_back(flaw.full_text());
    return out;
}

TEST(SceneReader, ReadsAndWritesTheSame) {
    const std::string text = with_nodes(
        R"({"id":"a","name":"A","shape":{"kind":"tank","diameter":5}},{"id":"b","parent":"a"})",
        R"(,"name":"Works","up":"z","views":[{"id":"v","position":[1,2,3],"target":[0,0,0]}])");
    const Scene scene = good(text);
    EXPECT_EQ(scene.nodes.size(), 2u);
    EXPECT_TRUE(scene.z_up());
    EXPECT_EQ(good(scene.json()).json(), scene.json());
}

TEST(SceneReader, NamesThePathAndTheNearestName) {
    EXPECT_THAT(wrong(with_nodes(R"({"id":"t","shape":{"kind":"tank","diametre":5}})")),
                ElementsAre("/nodes/0/shape/diametre (node 't'): a tank has no 'diametre'; did you "
                            "mean 'diameter'?"));
    EXPECT_THAT(wrong(with_nodes(R"({"id":"t","shape":{"kind":"tanc"}})")),
                ElementsAre(HasSubstr("/nodes/0/shape/kind (node 't'): 'tanc' is none of box,")));
    EXPECT_THAT(wrong(with_nodes(R"({"id":"t","shape":{"kind":"tanc"}})"))[0],
                HasSubstr("did you mean 'tank'?"));
    EXPECT_THAT(wrong(with_nodes(R"({"id":"t","shape":{"kind":"tank","diameter":"x"}})")),
                ElementsAre("/nodes/0/shape/diameter (node 't'): expected a number, found the text "
                            "'x'"));
    EXPECT_THAT(
        wrong(with_nodes(R"({"id":"t","shape":{"kind":"tank","diameter":-1}})")),
        ElementsAre("/nodes/0/shape/diameter (node 't'): -1 is not within 0.001 to 100000"));
    EXPECT_THAT(
        wrong(R"({"format":"headworks-scene/2"})"),
        ElementsAre(HasSubstr("/format: 'headworks-scene/2' is none of headworks-scene/1")));
    EXPECT_THAT(wrong(R"({})"), ElementsAre(HasSubstr("/: 'format' is missing")));
    EXPECT_THAT(wrong(R"({"format":"headworks-scene/1","a/b~c":1})"),
                ElementsAre(HasSubstr("/a~1b~0c: a scene has no 'a/b~c'")));
}

TEST(SceneReader, TellsEveryFlawUpToALimit) {
    std::string nodes;
    for (int i = 0; i < 150; ++i)
        nodes += fmt::format(R"({}{{"id":"n{}","size":1}})", i == 0 ? "" : ",", i);
    SceneFlaws flaws;
    EXPECT_FALSE(read(with_nodes(nodes), flaws));
    EXPECT_EQ(flaws.found().size(), SceneFlaws::limit);
    EXPECT_EQ(flaws.more(), 50u);
    EXPECT_THAT(flaws.summary(), HasSubstr(", and 149 more"));
}

TEST(SceneReader, ChecksEveryKindOfField) {
    const auto node = [](std::string_view members) {
        return wrong(with_nodes(fmt::format(R"({{"id":"n",{}}})", members)));
    };
    EXPECT_THAT(node(R"("position":[1,2])"), ElementsAre(HasSubstr("a list of 3 numbers")));
    EXPECT_THAT(node(R"("position":[1,2,1e9])"),
                ElementsAre(HasSubstr("/nodes/0/position/2 (node 'n'): 1000000000 is not within")));
    EXPECT_THAT(node(R"("scale":0)"), ElementsAre(HasSubstr("0 is not within 1e-06")));
    EXPECT_THAT(node(R"("quaternion":[0,0,0,0.5])"), ElementsAre(HasSubstr("normalise")));
    EXPECT_THAT(node(R"("rotation":[0,0,0],"quaternion":[0,0,0,1])"),
                ElementsAre(HasSubstr("both rotation and quaternion")));
    EXPECT_THAT(node(R"("visible":1)"), ElementsAre(HasSubstr("expected true or false, found 1")));
    EXPECT_THAT(node(R"("twin":"a/#")"), ElementsAre(HasSubstr("a twin's id")));
    EXPECT_THAT(node(R"("shape":{"kind":"box","colour":"red"})"),
                ElementsAre(HasSubstr("a colour as '#rrggbb'")));
    EXPECT_THAT(node(R"("shape":{"kind":"pipe"})"), ElementsAre(HasSubstr("'points' is missing")));
    EXPECT_THAT(node(R"("shape":{"kind":"pipe","points":[[0,0,0]]})"),
                ElementsAre(HasSubstr("has 1 entries; 2 to 1000 are allowed")));
    EXPECT_THAT(node(R"("shape":[])"), ElementsAre(HasSubstr("an object with a 'kind'")));
    EXPECT_THAT(node(R"("shape":{})"), ElementsAre(HasSubstr("'kind' is missing")));
    EXPECT_THAT(node(R"("extras":3)"), ElementsAre(HasSubstr("expected an object")));
    EXPECT_THAT(node(fmt::format(R"("extras":{{"a":"{}"}})", std::string(20'000, 'x'))),
                ElementsAre(HasSubstr("at most 16384 are allowed")));
    EXPECT_THAT(node(R"("schematic":{"from":"n"})"), ElementsAre(HasSubstr("both from and to")));
}

TEST(SceneReader, TakesTextsInSeveralLanguages) {
    const Scene scene = good(with_nodes(
        R"({"id":"a","name":{"zh":"泵","en":"Pump"}},{"id":"b","name":{"zh":"池"}},
           {"id":"c","shape":{"kind":"label","text":{"en":"Flow","zh":"流量"}}},
           {"id":"d","name":""})",
        R"(,"name":{"zh-Hans":"水厂","en-GB":"Works"})"));
    EXPECT_EQ(scene.find("a")->name(), "Pump");
    EXPECT_EQ(scene.find("b")->name(), "池");
    EXPECT_EQ(scene.find("d")->name(), "d");
    EXPECT_EQ(word_of(*scene.find("c")->shape(), *shape_type("label"), "text"), "Flow");
    EXPECT_EQ(word_of(scene.head, scene_type(), "name"), "Works");
    EXPECT_EQ(good(scene.json()).json(), scene.json());

    const auto node = [](std::string_view name) {
        return wrong(with_nodes(fmt::format(R"({{"id":"n","name":{}}})", name)));
    };
    EXPECT_THAT(node("5"), ElementsAre(HasSubstr("expected a text, or texts by language")));
    EXPECT_THAT(node("{}"), ElementsAre(HasSubstr("a text in 0 languages; 1 to 16 are allowed")));
    EXPECT_THAT(node(R"({"english":"x"})"),
                ElementsAre(HasSubstr("/nodes/0/name/english (node 'n'): 'english' is no language "
                                      "tag such as en, en-US or zh-Hans")));
    EXPECT_THAT(node(R"({"zh":["x"]})"), ElementsAre(HasSubstr("/nodes/0/name/zh (node 'n')")));
    EXPECT_THAT(node(fmt::format(R"({{"en":"{}"}})", std::string(300, 'x'))),
                ElementsAre(HasSubstr("a text of 300 bytes; 0 to 256 are allowed")));
    EXPECT_THAT(wrong(with_nodes(R"({"id":"n","shape":{"kind":"label","text":{"zh":"{x"}}})")),
                ElementsAre(HasSubstr("/nodes/0/shape/text/zh")));
}

TEST(SceneReader, ChecksBindings) {
    const auto binding = [](std::string_view members) {
        return wrong(
            with_nodes(fmt::format(R"({{"id":"n","bindings":[{{"property":"p",{}}}]}})", members)));
    };
    EXPECT_THAT(binding(R"("kind":"color")"), ElementsAre(HasSubstr("did you mean 'colour'?")));
    EXPECT_THAT(binding(R"("kind":"colour")"), ElementsAre(HasSubstr("neither stops nor values")));
    EXPECT_THAT(
        binding(R"("kind":"colour","stops":[[2,"#000000"],[1,"#ffffff"]])"),
        ElementsAre(HasSubstr("/bindings/0/stops/1/0 (node 'n'): 1 does not rise above 2")));
    EXPECT_THAT(binding(R"("kind":"colour","stops":[[2]])"),
                ElementsAre(HasSubstr("[value, '#rrggbb']")));
    EXPECT_THAT(binding(R"("kind":"fill","min":3,"max":3)"),
                ElementsAre(HasSubstr("/max (node 'n'): 3 is not above min, 3")));
    EXPECT_THAT(binding(R"("kind":"fill")"), ElementsAre(HasSubstr("'max' is missing")));
    EXPECT_THAT(binding(R"("kind":"visible","when":{"op":">"})"),
                ElementsAre(HasSubstr("/bindings/0/when (node 'n'): 'value' is missing")));
    EXPECT_THAT(binding(R"("kind":"visible","when":{"op":"in","value":1})"),
                ElementsAre(HasSubstr("'values' is missing")));
    EXPECT_THAT(binding(R"("kind":"visible","when":{"op":"~","value":1})"),
                ElementsAre(HasSubstr("'~' is none of ==, !=")));
    EXPECT_THAT(binding(R"("kind":"label","format":"{val}")"),
                ElementsAre(HasSubstr("'{val}' is no place")));
    EXPECT_THAT(binding(R"("kind":"label","format":"{value:2f}")"),
                ElementsAre(HasSubstr("digits are given as {value:.2f}")));
    EXPECT_THAT(binding(R"("kind":"label","format":"{value")"),
                ElementsAre(HasSubstr("a '{' without its '}'")));
    // A nested object does not hide the kind.
    good(with_nodes(R"({"id":"n","bindings":[{"when":{"op":">","value":1},"kind":"visible",
        "property":"p"}]})"));
}

TEST(SceneReader, ChecksWhatNodesSayOfEachOther) {
    EXPECT_THAT(wrong(with_nodes(R"({"id":"a"},{"id":"a"})")),
                ElementsAre(HasSubstr("/nodes/1/id (node 'a'): 'a' is the id of node 0 too")));
    EXPECT_THAT(wrong(with_nodes(R"({"id":"pump1"},{"id":"b","parent":"pump2"})")),
                ElementsAre("/nodes/1/parent (node 'b'): there is no node 'pump2'; did you mean "
                            "'pump1'?"));
    EXPECT_THAT(wrong(with_nodes(R"({"id":"a","parent":"a"})")),
                ElementsAre(HasSubstr("its own ancestor")));
    EXPECT_EQ(wrong(with_nodes(R"({"id":"a","parent":"b"},{"id":"b","parent":"c"},
        {"id":"c","parent":"b"})"))
                  .size(),
              3u);
    EXPECT_THAT(wrong(with_nodes(R"({"id":"a","layer":"x"})", R"(,"layers":[{"id":"xy"}])")),
                ElementsAre(HasSubstr("there is no layer 'x'")));
    EXPECT_THAT(wrong(with_nodes(R"({"id":"a","schematic":{"from":"a","to":"z"}})")),
                ElementsAre(HasSubstr("/nodes/0/schematic/to (node 'a'): there is no node 'z'")));
    EXPECT_THAT(wrong(with_nodes("", R"(,"layers":[{"id":"x"},{"id":"x"}])")),
                ElementsAre(HasSubstr("/layers/1/id: there is a layer 'x' already")));
    EXPECT_THAT(wrong(with_nodes("", R"(,"site":"other")")),
                ElementsAre(HasSubstr("/site: names 'other', not 'works'")));
    std::string chain = R"({"id":"n0"})";
    for (int i = 1; i <= 70; ++i)
        chain += fmt::format(R"(,{{"id":"n{}","parent":"n{}"}})", i, i - 1);
    EXPECT_THAT(wrong(with_nodes(chain))[0], HasSubstr("more than 64 ancestors"));
}

TEST(SceneReader, KeepsItsLimits) {
    std::string nodes = R"({"id":"n"})";
    for (size_t i = 0; i < scene_nodes_limit; ++i)
        nodes += R"(,{"id":"n"})";
    SceneFlaws flaws;
    auto scene = read(with_nodes(nodes), flaws);
    ASSERT_FALSE(scene);
    EXPECT_EQ(scene.error().code(), ErrorCode::limit_exceeded);
    scene = read(std::string(scene_bytes_limit + 1, ' '), flaws);
    ASSERT_FALSE(scene);
    EXPECT_EQ(scene.error().code(), ErrorCode::limit_exceeded);
    EXPECT_FALSE(read("[]", flaws));
    EXPECT_FALSE(read("{", flaws));
}

class SceneChanges : public testing::Test {
  protected:
    const Scene scene_ = good(with_nodes(
        R"({"id":"a","twin":"t","name":"A","shape":{"kind":"box","width":2}},
           {"id":"b","parent":"a"},{"id":"c","schematic":{"from":"b","to":"b"}})"));
    SceneFlaws flaws_;
};

TEST_F(SceneChanges, PutsANode) {
    bool created = false;
    auto changed = with_node(scene_, "d", R"({"parent":"b"})", flaws_, created);
    ASSERT_TRUE(changed) << changed.error().text();
    EXPECT_TRUE(created);
    EXPECT_EQ(changed->nodes.size(), 4u);
    EXPECT_EQ(changed->twin_of(*changed->find("d")), "t");
    EXPECT_EQ(changed->nodes[0], scene_.nodes[0]);  // shared
    changed = with_node(scene_, "a", R"({"name":"B"})", flaws_, created);
    ASSERT_TRUE(changed);
    EXPECT_FALSE(created);
    EXPECT_EQ(changed->find("a")->name(), "B");
    EXPECT_EQ(changed->find("a")->shape(), nullptr);
    EXPECT_FALSE(with_node(scene_, "a", R"({"id":"x"})", flaws_, created));
    EXPECT_FALSE(with_node(scene_, "a", R"({"parent":"b"})", flaws_, created));
    EXPECT_THAT(flaws_.summary(), HasSubstr("its own ancestor"));
}

TEST_F(SceneChanges, PatchesANode) {
    auto changed =
        with_patched_node(scene_, "a", R"({"name":null,"shape":{"width":3,"height":4}})", flaws_);
    ASSERT_TRUE(changed) << changed.error().text();
    EXPECT_EQ(sql::to_json(changed->find("a")->body),
              R"({"id":"a","twin":"t","shape":{"kind":"box","width":3,"height":4}})");
    const auto missing = with_patched_node(scene_, "aa", "{}", flaws_);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
    EXPECT_FALSE(with_patched_node(scene_, "a", R"({"id":"z"})", flaws_));
    EXPECT_FALSE(with_patched_node(scene_, "a", R"({"shape":{"width":0}})", flaws_));
}

TEST_F(SceneChanges, RemovesANode) {
    auto changed = without_node(scene_, "a", false);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().code(), ErrorCode::conflict);
    EXPECT_THAT(changed.error().text(), HasSubstr("1 children, the first 'b'"));
    changed = without_node(scene_, "a", true);
    ASSERT_FALSE(changed);  // the line of c still ends at b
    EXPECT_THAT(changed.error().text(), HasSubstr("still named: /nodes/0/schematic/from"));
    changed = without_node(scene_, "c", false);
    ASSERT_TRUE(changed);
    changed = without_node(*changed, "a", true);
    ASSERT_TRUE(changed);
    EXPECT_TRUE(changed->nodes.empty());
}

TEST_F(SceneChanges, PatchesTheHead) {
    auto changed = with_patched_head(scene_, R"({"name":"New","up":"z"})", flaws_);
    ASSERT_TRUE(changed);
    EXPECT_TRUE(changed->z_up());
    EXPECT_EQ(changed->nodes.size(), 3u);
    EXPECT_FALSE(with_patched_head(scene_, R"({"nodes":[]})", flaws_));
    EXPECT_FALSE(with_patched_head(scene_, R"({"format":null})", flaws_));
}

TEST(SceneReferences, AreDoubtsNotErrors) {
    const Scene scene = good(with_nodes(R"(
        {"id":"a","twin":"here","bindings":[{"kind":"label","property":"there"},
          {"kind":"label","property":"gone"},{"kind":"fill","property":"there","max":1}]},
        {"id":"b","twin":"nowhere"},{"id":"c","shape":{"kind":"asset","asset":"x.glb"}},
        {"id":"d","bindings":[{"kind":"label","property":"p"},
          {"kind":"label","twin":"nowhere","property":"p"}]})"));
    SceneReferences references;
    references.twin = [](std::string_view twin) { return twin == "here"; };
    EXPECT_EQ(warnings_of(scene, references, "b").found().size(), 1u);
    references.property = [](std::string_view twin, std::string_view property) {
        if (twin != "here") return SceneReferences::Answer::no_twin;
        return property == "there" ? SceneReferences::Answer::known
                                   : SceneReferences::Answer::no_property;
    };
    references.asset = [](std::string_view) { return false; };
    std::vector<std::string> found;
    const SceneFlaws warnings = warnings_of(scene, references);
    for (const auto& flaw : warnings.found())
        found.push_back(flaw.full_text());
    EXPECT_THAT(
        found,
        ElementsAre("/site: there is no twin 'works'",
                    "/nodes/0/bindings/1/property (node 'a'): twin 'here' has no property 'gone'",
                    HasSubstr("/nodes/0/bindings/2 (node 'a'): does nothing; only tank"),
                    "/nodes/1/twin (node 'b'): there is no twin 'nowhere'",
                    "/nodes/2/shape/asset (node 'c'): there is no asset 'x.glb'; upload it",
                    HasSubstr("/nodes/3/bindings/0 (node 'd'): has no twin"),
                    "/nodes/3/bindings/1/twin (node 'd'): there is no twin 'nowhere'"));
    EXPECT_THAT(twins_of(scene), ElementsAre("here", "nowhere"));
    EXPECT_THAT(assets_of(scene), ElementsAre("x.glb"));
}

TEST(SceneNodes, TurnAsTheirDegreesSay) {
    const auto turned = [](std::string_view degrees) {
        const Scene scene = good(with_nodes(fmt::format(R"({{"id":"a","rotation":{}}})", degrees)));
        return rotation_of(scene.nodes[0]->body);
    };
    const double half = std::sqrt(0.5);
    const auto y = turned("[0,90,0]");
    EXPECT_NEAR(y[1], half, 1e-9);
    EXPECT_NEAR(y[3], half, 1e-9);
    // About x by 90, then about the parent's z by 90: x goes to y, y to z, z to x.
    const auto both = turned("[90,0,90]");
    for (const double part : both)
        EXPECT_NEAR(part, 0.5, 1e-9);
}

}  // namespace
}  // namespace hw::twin
