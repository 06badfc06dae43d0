// Limits, and documents that mean harm: all are answered, in little time and memory.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "twin/model/dtdl_test_support.h"
#include "twin/model/models_maker.h"

namespace hw::twin {
namespace {

constexpr std::string_view head = R"({"@context": "dtmi:dtdl:context;3", "@type": "Interface")";

std::string interface(const std::string& name, const std::string& rest = "") {
    std::string text(head);
    text += R"(, "@id": "dtmi:x:)" + name + ";1\"";
    if (!rest.empty()) text += ", " + rest;
    return text + "}";
}

std::string extends(const std::vector<std::string>& names) {
    std::string text = "\"extends\": [";
    for (const auto& name : names)
        text += (text.back() == '[' ? "\"dtmi:x:" : ", \"dtmi:x:") + name + ";1\"";
    return text + "]";
}

// `count` of {"@type": <type>, "name": "<prefix><number>"<more>}.
std::string contents(size_t count, const std::string& prefix, const std::string& type,
                     const std::string& more = "") {
    std::string text = "\"contents\": [";
    for (size_t i = 0; i < count; ++i)
        text += std::string(i == 0 ? "" : ",") + R"({"@type":")" + type + R"(","name":")" + prefix +
                std::to_string(i) + "\"" + more + "}";
    return text + "]";
}

std::string joined(const std::vector<std::string>& all) {
    std::string text = "[";
    for (const auto& one : all)
        text += (text.size() == 1 ? "" : ",\n") + one;
    return text + "]";
}

// The texts of the flaws; empty: it was taken.
Texts flaw_texts(std::string_view document) {
    std::vector<ModelFlaw> flaws;
    (void)Models::none()->with(std::span(&document, 1), flaws);
    Texts texts;
    for (const auto& flaw : flaws)
        texts.push_back(flaw.text);
    return texts;
}

TEST(Limits, a_hundred_flaws) {
    const auto flaws = flaw_texts(interface("A", contents(5'000, "a", "Property")));
    ASSERT_EQ(flaws.size(), 100);
    EXPECT_EQ(flaws[99], "Property needs 'schema'");
}

TEST(Limits, an_interface_has_a_mebibyte) {
    const std::string head_text = interface("A", R"("comment": "x")");
    const size_t spaces = Models::interface_bytes_limit - head_text.size();
    const std::string just =
        head_text.substr(0, head_text.size() - 1) + std::string(spaces, ' ') + "}";
    EXPECT_EQ(flaw_texts(just), Texts{});
    EXPECT_EQ(flaw_texts(just.substr(0, just.size() - 1) + " }"),
              (Texts{"the interface has 1048577 bytes, more than 1048576 (1 MiB); split it, with "
                     "\"extends\" or components"}));
    // What is written within it is not its own.
    const std::string inner = just.substr(0, 1'000'000) + "}";
    EXPECT_EQ(flaw_texts(interface("B", "\"extends\": " + inner + ", \"description\": \"" +
                                            std::string(400, 'd') + "\"")),
              Texts{});
}

TEST(Limits, a_document_has_64_mebibytes) {
    const std::string large(JsonDocument::bytes_limit + 1, ' ');
    EXPECT_EQ(flaw_texts(large),
              (Texts{"the document has 67108865 bytes, more than 67108864: split it"}));
}

TEST(Limits, an_interface_has_100_000_elements_in_its_hierarchy) {
    std::vector<std::string> all;
    for (int i = 0; i < 5; ++i) {
        std::string values;
        for (int j = 0; j < 20'000; ++j)
            values += std::string(j == 0 ? "" : ",") + R"({"name":"v)" + std::to_string(j) +
                      R"(","enumValue":)" + std::to_string(j) + "}";
        all.push_back(interface(
            "E" + std::to_string(i),
            R"("contents": {"@type": "Property", "name": "p)" + std::to_string(i) +
                R"(", "schema": {"@type": "Enum", "valueSchema": "integer", "enumValues": [)" +
                values + "]}}"));
    }
    all.push_back(interface("Few", extends({"E0", "E1", "E2", "E3"})));
    EXPECT_EQ(flaw_texts(joined(all)), Texts{});
    all.push_back(interface("Many", extends({"Few", "E4"})));
    EXPECT_EQ(flaw_texts(joined(all)),
              (Texts{"the interface has 100010 elements in its contents, with what it extends and "
                     "its components, more than 100000"}));
}

TEST(Limits, an_interface_has_10_000_slots) {
    const std::string part = interface("P", contents(100, "p", "Property", R"(,"schema":"long")"));
    const auto whole = [](size_t count) {
        return interface("W", contents(count, "c", "Component", R"(,"schema":"dtmi:x:P;1")"));
    };
    EXPECT_EQ(flaw_texts(joined({part, whole(100)})), Texts{});
    EXPECT_EQ(flaw_texts(joined({part, whole(101)})),
              (Texts{"the interface has more than 10000 telemetries and properties, those of its "
                     "components included; split it"}));
}

TEST(Limits, a_hierarchy_has_1024_bases) {
    std::vector<std::string> all;
    std::vector<std::string> names;
    for (int i = 0; i < 1'024; ++i) {
        names.push_back("B" + std::to_string(i));
        all.push_back(interface(names.back()));
    }
    all.push_back(interface("A", extends(names)));
    EXPECT_EQ(flaw_texts(joined(all)), Texts{});
    all.push_back(interface("C", extends({"A"})));
    EXPECT_EQ(flaw_texts(joined(all)),
              (Texts{"the hierarchy has more than 1024 interfaces in \"extends\""}));
}

TEST(Limits, all_models_together) {
    std::vector<ModelFlaw> flaws;
    std::vector<std::string> texts = {interface("A", contents(60, "a", "Command"))};
    for (int i = 0; i < 3; ++i)
        texts.push_back(interface("B" + std::to_string(i), extends({"A"})));
    const std::string document = joined(texts);
    const std::string_view view = document;
    const auto models = ModelsMaker(*Models::none(), flaws, 240).add(std::span(&view, 1));
    ASSERT_NE(models, nullptr);
    // The same again takes no more.
    EXPECT_NE(ModelsMaker(*models, flaws, 240).add(std::span(&view, 1)), nullptr);
    const std::string more = interface("C", extends({"A"}));
    const std::string_view another = more;
    EXPECT_EQ(ModelsMaker(*models, flaws, 240).add(std::span(&another, 1)), nullptr);
    ASSERT_EQ(flaws.size(), 1);
    EXPECT_EQ(flaws[0].text,
              "the models have more than 240 contents and slots together, inherited ones counted "
              "in each; inherit less, or delete models that are not used");
}

TEST(Limits, ten_thousand_models) {
    std::vector<std::string> all;
    for (int i = 0; i < 10'000; ++i)
        all.push_back(interface("M" + std::to_string(i)));
    const std::string document = joined(all);
    const std::string_view view = document;
    std::vector<ModelFlaw> flaws;
    const auto models = Models::none()->with(std::span(&view, 1), flaws);
    ASSERT_NE(models, nullptr);
    EXPECT_EQ(
        flaws_of(*models, {interface("More")}),
        (Texts{"there would be 10001 models, more than 10000; delete some that are not used"}));
    all.push_back(interface("More"));
    EXPECT_EQ(flaw_texts(joined(all)), (Texts{"there are more than 10000 interfaces here"}));
}

TEST(Hostile, a_chain_of_schemas) {
    std::string schemas = "\"schemas\": [";
    for (int i = 0; i < 9'000; ++i)
        schemas += R"({"@id":"dtmi:x:s)" + std::to_string(i) +
                   R"(;1","@type":"Array","elementSchema":"dtmi:x:s)" + std::to_string(i + 1) +
                   ";1\"},";
    schemas += R"({"@id":"dtmi:x:s9000;1","@type":"Object"}])";
    const auto flaws = flaw_texts(interface("A", schemas));
    EXPECT_EQ(flaws.size(), 100);
    EXPECT_TRUE(flaws.front().starts_with("schemas are nested deeper than 5 levels"));
}

TEST(Hostile, a_schema_that_grows_at_each_level) {
    const auto with = [](int levels) {
        std::string schemas = "\"schemas\": [";
        for (int i = 0; i < levels; ++i) {
            schemas +=
                R"({"@id":"dtmi:x:s)" + std::to_string(i) + R"(;1","@type":"Object","fields":[)";
            for (int j = 0; j < 250; ++j)
                schemas += std::string(j == 0 ? "" : ",") + R"({"name":"f)" + std::to_string(j) +
                           R"(","schema":"dtmi:x:s)" + std::to_string(i + 1) + ";1\"}";
            schemas += "]},";
        }
        return schemas + R"({"@id":"dtmi:x:s)" + std::to_string(levels) +
               R"(;1","@type":"Array","elementSchema":"long"}], "contents":
                 [{"@type":"Property","name":"p","schema":"dtmi:x:s0;1"},
                  {"@type":"Property","name":"q","schema":"dtmi:x:s0;1"}])";
    };
    EXPECT_EQ(flaw_texts(interface("A", with(1))), Texts{});
    EXPECT_EQ(flaw_texts(interface("A", with(2))),
              (Texts{"the schema has 125251 fields, items and values, those of shared schemas "
                     "counted at each use, more than 100000"}));
    // 250^4 paths: told, and not walked.
    EXPECT_EQ(flaw_texts(interface("A", with(4))).size(), 1);
}

TEST(Hostile, a_long_chain_and_a_long_circle) {
    std::vector<std::string> chain;
    for (int i = 0; i < 5'000; ++i)
        chain.push_back(interface("C" + std::to_string(i),
                                  i == 0 ? std::string() : extends({"C" + std::to_string(i - 1)})));
    EXPECT_EQ(flaw_texts(joined(chain)), (Texts{"\"extends\" goes deeper than 10 levels"}));
    chain[0] = interface("C0", extends({"C4999"}));
    const auto circle = flaw_texts(joined(chain));
    ASSERT_EQ(circle.size(), 1);
    EXPECT_LT(circle[0].size(), 500);
    EXPECT_TRUE(circle[0].ends_with("needs ... needs dtmi:x:C0;1")) << circle[0];
}

TEST(Hostile, hierarchies_that_share_a_wide_base) {
    std::vector<std::string> all;
    std::vector<std::string> names;
    for (int i = 0; i < 340; ++i) {
        names.push_back("B" + std::to_string(i));
        all.push_back(interface(names.back()));
    }
    all.push_back(interface("Root", extends(names)));
    std::vector<std::string> middles;
    for (int i = 0; i < 300; ++i) {
        middles.push_back("M" + std::to_string(i));
        all.push_back(interface(middles.back(), extends({"Root"})));
    }
    for (int i = 0; i < 200; ++i)
        all.push_back(interface("T" + std::to_string(i), extends(middles)));
    EXPECT_EQ(flaw_texts(joined(all)), Texts{});
}

TEST(Hostile, many_unknown_members_and_ids) {
    std::string text(head);
    text += R"(, "@id": "dtmi:x:A;1")";
    for (int i = 0; i < 30'000; ++i)
        text += R"(,"contentz)" + std::to_string(i) + "\":1";
    EXPECT_EQ(flaw_texts(text + "}").size(), 100);
    std::vector<std::string> names;
    for (int i = 0; i < 20'000; ++i)
        names.push_back("None" + std::to_string(i));
    EXPECT_EQ(flaw_texts(interface("A", extends(names))).size(), 100);
}

TEST(Hostile, odd_characters_are_shown_escaped) {
    EXPECT_EQ(
        flaw_texts(std::string(head) + R"(, "@id": "dtmi:a\u0000\n\u001b;1"})"),
        (Texts{"'dtmi:a\\x00\\x0a\\x1b;1' is no DTMI: at character 7, only letters, digits and "
               "'_' may stand in a segment"}));
    const auto flaws = flaw_texts(interface("A", R"("\u0000\u001b": 1)"));
    EXPECT_EQ(flaws, (Texts{"Interface has no member '\\x00\\x1b'"}));
    EXPECT_EQ(flaw_texts(interface("A", R"("contents": {"@type": "Property", "name":
                                          "\ud83d\ude00", "schema": "\n"})"))
                  .size(),
              2);
}

TEST(Hostile, cut_documents_are_refused) {
    const std::string whole = interface_of(
        R"({"@type": ["Telemetry", "Temperature"], "name": "t", "schema": "double",
            "unit": "kelvin", "displayName": {"en": "\u00e9"}},
           {"@type": "Command", "name": "c", "request": {"name": "r", "schema": "long"}})");
    EXPECT_EQ(flaw_texts(whole), Texts{});
    for (size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(flaw_texts(whole.substr(0, size)).size(), 1) << size;
}

}  // namespace
}  // namespace hw::twin
