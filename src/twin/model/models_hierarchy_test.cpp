// Interfaces with one another: inheritance, components, versions, circles.
#include <gtest/gtest.h>

#include <string>

#include "twin/model/dtdl_test_support.h"

namespace hw::twin {
namespace {

constexpr std::string_view context = R"("@context": "dtmi:dtdl:context;3", "@type": "Interface")";

// {"@context": ..., "@id": "dtmi:x:<name>;1", <rest>}
std::string interface(std::string_view name, std::string_view rest = "") {
    std::string text = "{" + std::string(context) + R"(, "@id": "dtmi:x:)" + std::string(name);
    if (!name.contains(';')) text += ";1";
    text += "\"";
    if (!rest.empty()) text += ", " + std::string(rest);
    return text + "}";
}

std::string property(std::string_view name, std::string_view schema = "long") {
    return R"({"@type": "Property", "name": ")" + std::string(name) + R"(", "schema": ")" +
           std::string(schema) + "\"}";
}

std::vector<std::string> names(const Interface& interface) {
    std::vector<std::string> all;
    for (const auto& content : interface.contents)
        all.push_back(content.name);
    return all;
}

std::vector<std::string> paths(const Interface& interface) {
    std::vector<std::string> all;
    for (const auto& slot : interface.slots)
        all.push_back(slot.path);
    return all;
}

TEST(Hierarchy, a_diamond_inherits_once) {
    const auto models =
        add(*Models::none(),
            {interface("D", R"("extends": ["dtmi:x:B;1", "dtmi:x:C;1"], "contents": [)" +
                                property("d") + "]"),
             interface("B", R"("extends": "dtmi:x:A;1", "contents": [)" + property("b") + "]"),
             interface("C", R"("extends": "dtmi:x:A;1", "contents": [)" + property("c") + "]"),
             interface("A", R"("contents": [)" + property("a") + "]")});
    ASSERT_NE(models, nullptr);
    const auto interface = models->find("dtmi:x:D;1");
    EXPECT_EQ(names(*interface), (Texts{"a", "b", "c", "d"}));
    EXPECT_EQ(interface->ancestors,
              (Texts{"dtmi:x:A;1", "dtmi:x:B;1", "dtmi:x:C;1", "dtmi:x:D;1"}));
    EXPECT_EQ(interface->extends, (Texts{"dtmi:x:B;1", "dtmi:x:C;1"}));
    EXPECT_EQ(interface->find("a")->defined_in, "dtmi:x:A;1");
    EXPECT_EQ(interface->extends_depth, 2);
}

TEST(Hierarchy, a_name_stands_once) {
    const auto models =
        add(*Models::none(), {interface("A", R"("contents": [)" + property("a") + "]"),
                              interface("B", R"("contents": [)" + property("a") + "]")});
    ASSERT_NE(models, nullptr);
    EXPECT_EQ(flaws_of(*models, {interface("C", R"("extends": "dtmi:x:A;1", "contents": [)" +
                                                    property("a") + "]")}),
              (Texts{"line 1, /contents/0 (a): the name 'a' is taken: it is inherited from "
                     "'dtmi:x:A;1'"}));
    EXPECT_EQ(flaws_of(*models, {interface("C", R"("extends": ["dtmi:x:A;1", "dtmi:x:B;1"])")}),
              (Texts{"line 1, /extends/0 (dtmi:x:C;1): 'a' comes from both 'dtmi:x:A;1' and "
                     "'dtmi:x:B;1'; a name stands once in a hierarchy"}));
}

TEST(Hierarchy, what_is_missing_is_named) {
    const auto models = add(*Models::none(), {interface("Pump")});
    EXPECT_EQ(flaws_of(*models, {interface("A", R"("extends": "dtmi:x:Pmup;1")")}),
              (Texts{"line 1, /extends (dtmi:x:A;1): there is no interface 'dtmi:x:Pmup;1' to "
                     "extend; give it in the same request or before; did you mean "
                     "dtmi:x:Pump;1?"}));
    EXPECT_EQ(flaws_of(*models, {interface("A", R"("extends": ["Pump", 5])")}),
              (Texts{"line 1, /extends/0 (dtmi:x:A;1): 'Pump' is no DTMI: at character 1, it must "
                     "begin with 'dtmi:', as in dtmi:com:example:Pump;1",
                     "line 1, /extends/1 (dtmi:x:A;1): expected an interface's DTMI or an "
                     "Interface, found 5"}));
}

TEST(Hierarchy, circles_are_named) {
    EXPECT_EQ(flaws_of(*Models::none(), {interface("A", R"("extends": "dtmi:x:A;1")")}),
              (Texts{"line 1, /extends (dtmi:x:A;1): interfaces need each other in a circle: "
                     "dtmi:x:A;1 needs dtmi:x:A;1"}));
    const std::string component =
        R"("contents": [{"@type": "Component", "name": "c", "schema": "dtmi:x:A;1"}])";
    // D leads to the circle and is not in it.
    EXPECT_EQ(flaws_of(*Models::none(),
                       {interface("D", R"("extends": "dtmi:x:A;1")"),
                        interface("A", R"("extends": "dtmi:x:B;1")"),
                        interface("B", R"("extends": "dtmi:x:C;1")"), interface("C", component)}),
              (Texts{"line 1, /extends (dtmi:x:A;1): interfaces need each other in a circle: "
                     "dtmi:x:A;1 needs dtmi:x:B;1 needs dtmi:x:C;1 needs dtmi:x:A;1"}));
}

TEST(Hierarchy, goes_ten_levels_deep) {
    std::vector<std::string> documents;
    for (int i = 0; i <= 11; ++i)
        documents.push_back(
            interface("L" + std::to_string(i),
                      i == 0 ? "" : R"("extends": "dtmi:x:L)" + std::to_string(i - 1) + ";1\""));
    std::vector<std::string_view> views(documents.begin(), documents.end());
    std::vector<ModelFlaw> flaws;
    ASSERT_NE(Models::none()->with(std::span(views).first(11), flaws), nullptr);
    EXPECT_EQ(Models::none()->with(views, flaws), nullptr);
    ASSERT_EQ(flaws.size(), 1);
    EXPECT_EQ(flaws[0].document, 11);
    EXPECT_EQ(flaws[0].full_text(),
              "line 1, /extends (dtmi:x:L11;1): \"extends\" goes deeper than 10 levels");
}

TEST(Components, bring_their_slots) {
    const auto models =
        add(*Models::none(),
            {interface("A", R"("contents": [)" + property("a") +
                                R"(, {"@type": "Component", "name": "one", "schema": "dtmi:x:P;1"},
                                 {"@type": "Component", "name": "two", "schema": "dtmi:x:P;1"}])"),
             interface("Q", R"("contents": [)" + property("q") + "]"),
             interface("P", R"("extends": "dtmi:x:Q;1", "contents": [)" + property("p") + "]"),
             interface("B", R"("extends": "dtmi:x:A;1")")});
    ASSERT_NE(models, nullptr);
    const auto b = models->find("dtmi:x:B;1");
    EXPECT_EQ(paths(*b), (Texts{"a", "one/q", "one/p", "two/q", "two/p"}));
    EXPECT_EQ(b->slots[1].content, models->find("dtmi:x:P;1")->find("q"));
    EXPECT_EQ(b->slots[1].content, b->slots[3].content);
    EXPECT_EQ(b->find("one")->component, "dtmi:x:P;1");
}

TEST(Components, outlive_the_snapshot) {
    InterfacePtr kept;
    {
        const auto models = add(
            *Models::none(),
            {interface("A", R"("contents": [{"@type": "Component", "name": "c", "schema": )" +
                                interface("P", R"("contents": [)" + property("p") + "]") + "}]")});
        kept = models->find("dtmi:x:A;1");
    }
    EXPECT_EQ(kept->slots[0].content->name, "p");
}

TEST(Components, contain_no_components) {
    const auto flaws = flaws_of(
        *Models::none(),
        {interface("A",
                   R"("contents": [{"@type": "Component", "name": "b", "schema": "dtmi:x:B;1"}])"),
         interface("B",
                   R"("contents": [{"@type": "Component", "name": "c", "schema": "dtmi:x:C;1"}])"),
         interface("C")});
    EXPECT_EQ(flaws, (Texts{"line 1, /contents/0 (b): a component may not contain a component in "
                            "DTDL v3, and 'dtmi:x:B;1' has 'c'; use a Relationship"}));
}

TEST(InlineInterfaces, are_models_of_their_own) {
    const auto models =
        add(*Models::none(),
            {R"({"@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"], "@id": "dtmi:x:A;1",
             "@type": "Interface",
             "extends": [{"@id": "dtmi:x:B;1", "@type": "Interface", "contents": [
               {"@type": "Property", "name": "b", "schema": "long", "fixed": true}]}],
             "contents": [{"@type": "Component", "name": "c", "schema": {
               "@context": ["dtmi:dtdl:context;3", "dtmi:dtdl:extension:annotation;1"],
               "@id": "dtmi:x:C;1", "@type": "Interface"}}]})"});
    ASSERT_NE(models, nullptr);
    EXPECT_EQ(models->all().size(), 3);
    EXPECT_EQ(models->find("dtmi:x:B;1")->json.substr(0, 74),
              R"({"@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1"], "@id": "dtm)");
    EXPECT_NE(models->find("dtmi:x:A;1")->json.find(R"("extends": ["dtmi:x:B;1"],)"),
              std::string::npos);
    EXPECT_NE(models->find("dtmi:x:A;1")->json.find(R"("schema": "dtmi:x:C;1"})"),
              std::string::npos);
    EXPECT_NE(models->find("dtmi:x:C;1")
                  ->json.find(R"("@context": ["dtmi:dtdl:context;3", )"
                              R"("dtmi:dtdl:extension:annotation;1", "dtmi:headworks:twin;1"])"),
              std::string::npos);
    // Each text alone says all.
    EXPECT_EQ(
        add(*Models::none(), {models->find("dtmi:x:A;1")->json, models->find("dtmi:x:B;1")->json,
                              models->find("dtmi:x:C;1")->json})
            ->all()
            .size(),
        3);
}

TEST(InlineInterfaces, may_be_given_once_only) {
    const std::string inner = R"({"@id": "dtmi:x:B;1", "@type": "Interface"})";
    EXPECT_EQ(
        flaws_of(*Models::none(), {interface("A", R"("extends": )" + inner), interface("B")}),
        (Texts{"line 1 (dtmi:x:B;1): the interface 'dtmi:x:B;1' stands twice: here and at line "
               "1 of document 1"}));
    EXPECT_EQ(
        flaws_of(*Models::none(), {"[" + interface("A") + ",\n" + interface("A") + "]"}),
        (Texts{"line 2, /1 (dtmi:x:A;1): the interface 'dtmi:x:A;1' stands twice: here and at "
               "line 1 of this document"}));
}

TEST(Ids, of_elements_are_not_those_of_interfaces) {
    EXPECT_EQ(
        flaws_of(*Models::none(), {interface("A", R"("contents": [{"@type": "Property", "name": "a",
                            "@id": "dtmi:x:B;1", "schema": "long"}])"),
                                   interface("B")}),
        (Texts{"line 1 (dtmi:x:A;1): the id 'dtmi:x:B;1' within 'dtmi:x:A;1' is that of "
               "another interface too; an id is given once"}));
}

TEST(Versions, the_same_model_again_changes_nothing) {
    const auto models = add(*Models::none(), {interface("A"), interface("B")});
    const auto again = add(*models, {interface("A")});
    ASSERT_NE(again, nullptr);
    EXPECT_EQ(again->all(), models->all());
}

TEST(Versions, texts_may_change) {
    const auto models =
        add(*Models::none(),
            {interface("A", R"("displayName": "old", "contents": [)" + property("x") + "," +
                                property("y") + "]"),
             interface("B", R"("extends": "dtmi:x:A;1", "contents": [)" + property("z") + "]"),
             interface("H", R"("contents": [{"@type": "Component", "name": "c",
                                "schema": "dtmi:x:B;1"}])"),
             interface("G", R"("extends": "dtmi:x:H;1")"), interface("N")});
    ASSERT_NE(models, nullptr);
    const auto changed =
        add(*models, {interface("A", R"("displayName": "new", "contents": [)" + property("y") + R"(,
                           {"@type": "Property", "name": "x", "displayName": "X",
                            "schema": ["dtmi:dtdl:instance:Schema:long;3"]}])")});
    ASSERT_NE(changed, nullptr);
    EXPECT_EQ(changed->all().size(), 5);
    EXPECT_EQ(changed->find("dtmi:x:A;1")->display_name, "new");
    EXPECT_EQ(paths(*changed->find("dtmi:x:A;1")), (Texts{"x", "y"}));  // as they were
    const auto b = changed->find("dtmi:x:B;1");
    EXPECT_EQ(b->find("x")->display_name, "X");
    EXPECT_EQ(b->bases[0], changed->find("dtmi:x:A;1"));
    EXPECT_EQ(b->json, models->find("dtmi:x:B;1")->json);
    EXPECT_EQ(b->ancestors, models->find("dtmi:x:B;1")->ancestors);
    const auto g = changed->find("dtmi:x:G;1");
    EXPECT_EQ(paths(*g), (Texts{"c/x", "c/y", "c/z"}));
    EXPECT_EQ(g->slots[0].content->display_name, "X");
    EXPECT_EQ(g->bases[0], changed->find("dtmi:x:H;1"));
    EXPECT_EQ(changed->find("dtmi:x:N;1"), models->find("dtmi:x:N;1"));
    EXPECT_EQ(models->find("dtmi:x:G;1")->slots[0].content->display_name, "");
}

TEST(Versions, new_texts_reach_what_is_new_too) {
    const auto models =
        add(*Models::none(), {interface("A", R"("contents": [)" + property("x") + "]"),
                              interface("B", R"("extends": "dtmi:x:A;1")")});
    ASSERT_NE(models, nullptr);
    // C inherits from A by way of B, which is not given again.
    const auto changed =
        add(*models, {interface("A", R"("contents": {"@type": "Property", "name": "x",
                                     "displayName": "X", "schema": "long"})"),
                      interface("C", R"("extends": "dtmi:x:B;1")"),
                      interface("D", R"("contents": [{"@type": "Component", "name": "c",
                                     "schema": "dtmi:x:C;1"}])")});
    ASSERT_NE(changed, nullptr);
    const auto c = changed->find("dtmi:x:C;1");
    EXPECT_EQ(c->find("x")->display_name, "X");
    EXPECT_EQ(c->bases[0], changed->find("dtmi:x:B;1"));
    EXPECT_EQ(c->bases[0]->bases[0], changed->find("dtmi:x:A;1"));
    EXPECT_EQ(changed->find("dtmi:x:D;1")->slots[0].content, c->find("x"));
}

TEST(Versions, a_new_meaning_needs_a_new_version) {
    const auto models =
        add(*Models::none(),
            {interface("A", R"("contents": [)" + property("x") + "," + property("y") + "]"),
             interface("A;3"), interface("B")});
    ASSERT_NE(models, nullptr);
    const auto flaw = [&](std::string_view rest) {
        const auto flaws = flaws_of(*models, {interface("A", rest)});
        return flaws.size() == 1 ? flaws[0] : std::to_string(flaws.size());
    };
    const std::string start = "line 1 (dtmi:x:A;1): 'dtmi:x:A;1' is there already and ";
    const std::string end =
        "; a model once given keeps its meaning: give the new one as 'dtmi:x:A;4'";
    EXPECT_EQ(flaw(R"("contents": [)" + property("x") + "]"), start + "its 'y' is missing" + end);
    EXPECT_EQ(flaw(R"("contents": [)" + property("x", "double") + "," + property("y") + "]"),
              start + "its 'x' has another schema" + end);
    EXPECT_EQ(
        flaw(R"("contents": [)" + property("x") + "," + property("y") + "," + property("z") + "]"),
        start + "its 'z' is new" + end);
    EXPECT_EQ(flaw(R"("extends": "dtmi:x:B;1", "contents": [)" + property("x") + "," +
                   property("y") + "]"),
              start + "extends others" + end);
    EXPECT_EQ(flaw(R"("contents": [{"@type": "Telemetry", "name": "x", "schema": "long"},)" +
                   property("y") + "]"),
              start + "its 'x' has another type" + end);
}

TEST(Versions, live_beside_each_other) {
    const auto models = add(*Models::none(), {interface("A"), interface("A;2"), interface("A;1.1"),
                                              R"({"@context": "dtmi:dtdl:context;3",
                                                  "@type": "Interface", "@id": "dtmi:x:A"})"});
    ASSERT_NE(models, nullptr);
    EXPECT_EQ(models->all().size(), 4);
    EXPECT_EQ(models->get("dtmi:x:A;7").error().text(),
              "there is no model 'dtmi:x:A;7'; there is 'dtmi:x:A', 'dtmi:x:A;1', 'dtmi:x:A;1.1', "
              "'dtmi:x:A;2'");
}

TEST(Flaws, all_or_none) {
    std::vector<ModelFlaw> flaws;
    const std::string good = interface("A");
    const std::string bad = interface("B", R"("extends": "dtmi:x:None;1")");
    const std::string_view documents[] = {good, bad};
    EXPECT_EQ(Models::none()->with(documents, flaws), nullptr);
    ASSERT_EQ(flaws.size(), 1);
    EXPECT_EQ(flaws[0].document, 1);
    EXPECT_EQ(flaws[0].element, "dtmi:x:B;1");
    EXPECT_EQ(flaws[0].column, 91);
    EXPECT_NE(Models::none()->with(std::span(documents).first(1), flaws), nullptr);
    EXPECT_TRUE(flaws.empty());
}

TEST(Flaws, a_broken_base_is_told_once) {
    EXPECT_EQ(flaws_of(*Models::none(), {interface("A", R"("extends": "dtmi:x:None;1")"),
                                         interface("B", R"("extends": "dtmi:x:A;1")"),
                                         interface("C", R"("extends": "dtmi:x:B;1")")})
                  .size(),
              1);
}

TEST(Flaws, have_a_form_without_a_place) {
    ModelFlaw flaw;
    flaw.text = "too many";
    EXPECT_EQ(flaw.full_text(), "too many");
    flaw.element = "dtmi:x:A;1";
    EXPECT_EQ(flaw.full_text(), "dtmi:x:A;1: too many");
}

}  // namespace
}  // namespace hw::twin
