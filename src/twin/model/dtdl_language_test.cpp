// The language rule by rule: what is taken, and the flaws of what is not.
#include <gtest/gtest.h>

#include <string>

#include "twin/model/dtdl_test_support.h"

namespace hw::twin {
namespace {

Texts document_flaws(std::string_view document) {
    std::vector<ModelFlaw> flaws;
    (void)Models::none()->with(std::span(&document, 1), flaws);
    Texts texts;
    for (const auto& flaw : flaws)
        texts.push_back(flaw.path + ": " + flaw.text);
    return texts;
}

// The only content, taken without flaws.
Content content_of(std::string_view contents) {
    const auto models = add(*Models::none(), {interface_of(contents)});
    return models == nullptr ? Content{} : models->find("dtmi:x:A;1")->contents.front();
}

TEST(DtdlContext, must_be_there_and_be_version_3) {
    EXPECT_EQ(document_flaws(R"({"@id": "dtmi:x:A;1", "@type": "Interface"})"),
              (Texts{": \"@context\" is missing; write \"@context\": \"dtmi:dtdl:context;3\""}));
    EXPECT_EQ(document_flaws(R"({"@context": "dtmi:dtdl:context;2", "@id": "dtmi:x:A;1",
                                 "@type": "Interface"})"),
              (Texts{"/@context: DTDL version 2 is not taken; write \"dtmi:dtdl:context;3\", and "
                     "add \"dtmi:dtdl:extension:quantitativeTypes;1\" where the model has semantic "
                     "types or units"}));
    EXPECT_EQ(document_flaws(R"({"@context": "dtmi:dtdl:context;4", "@id": "dtmi:x:A;1",
                                 "@type": "Interface"})"),
              (Texts{"/@context: 'dtmi:dtdl:context;4' is no DTDL version that is taken; write "
                     "\"dtmi:dtdl:context;3\""}));
    EXPECT_EQ(document_flaws(R"({"@context": ["dtmi:headworks:twin;1", "dtmi:dtdl:context;3"],
                                 "@id": "dtmi:x:A;1", "@type": "Interface"})"),
              (Texts{"/@context/1: \"dtmi:dtdl:context;3\" must stand first in \"@context\""}));
    EXPECT_EQ(document_flaws(R"({"@context": "dtmi:headworks:twin;1", "@id": "dtmi:x:A;1",
                                 "@type": "Interface"})"),
              (Texts{"/@context: \"@context\" must begin with \"dtmi:dtdl:context;3\""}));
    EXPECT_EQ(document_flaws(R"({"@context": {"a": 1}, "@id": "dtmi:x:A;1",
                                 "@type": "Interface"})"),
              (Texts{"/@context: \"@context\" must be a text or an array of texts, found an "
                     "object"}));
}

TEST(DtdlContext, the_last_of_the_language_counts) {
    EXPECT_NE(add(*Models::none(), {R"({"@context": ["dtmi:dtdl:context;2", "dtmi:dtdl:context;3",
        "dtmi:dtdl:context;3", "dtmi:headworks:twin;1", "dtmi:headworks:twin;1"],
        "@id": "dtmi:x:A;1", "@type": "Interface", "contents":
          {"@context": [], "@type": "Property", "name": "f", "fixed": true, "schema": "long"}})"}),
              nullptr);
    EXPECT_EQ(document_flaws(R"({"@context": ["dtmi:dtdl:context;3", "dtmi:dtdl:context;2"],
                                 "@id": "dtmi:x:A;1", "@type": "Interface"})")
                  .size(),
              1);
}

TEST(DtdlContext, an_unknown_extension_is_refused_and_its_terms_are_not) {
    EXPECT_EQ(document_flaws(R"({"@context": ["dtmi:dtdl:context;3", "dtmi:ex:flavor;1"],
        "@id": "dtmi:x:A;1", "@type": "Interface", "contents": [
          {"@type": ["Property", "Flavor"], "name": "a", "schema": "string", "taste": 5}]})"),
              (Texts{"/@context/1: the language extension 'dtmi:ex:flavor;1' is not known, so that "
                     "the model cannot be checked; there are "
                     "dtmi:dtdl:extension:quantitativeTypes;1, dtmi:dtdl:extension:annotation;1, "
                     "dtmi:dtdl:extension:historization;1, dtmi:headworks:twin;1"}));
}

TEST(DtdlContext, may_stand_in_an_inner_element) {
    EXPECT_NE(add(*Models::none(), {R"({"@context": "dtmi:dtdl:context;3", "@id": "dtmi:x:A;1",
        "@type": "Interface", "contents": [
          {"@context": ["dtmi:dtdl:context;3", "dtmi:dtdl:extension:quantitativeTypes;1"],
           "@type": ["Telemetry", "Temperature"], "name": "t", "schema": "double",
           "unit": "kelvin"},
          {"@context": "dtmi:headworks:twin;1", "@type": "Property", "name": "f", "fixed": true,
           "schema": "long"}]})"}),
              nullptr);
}

TEST(DtdlContext, terms_of_an_extension_name_their_context) {
    EXPECT_EQ(
        document_flaws(R"({"@context": "dtmi:dtdl:context;3", "@id": "dtmi:x:A;1",
        "@type": "Interface", "contents": [
          {"@type": ["Telemetry", "Temperature", "Historized"], "name": "t", "schema": "double",
           "unit": "kelvin", "point": "x"},
          {"@type": "Command", "name": "c", "writes": []},
          {"@type": ["Property", "ValueAnnotation"], "name": "v", "schema": "double",
           "annotates": "t"}]})"),
        (Texts{
            "/contents/0/@type/1: the type 'Temperature' needs "
            "\"dtmi:dtdl:extension:quantitativeTypes;1\" in \"@context\"",
            "/contents/0/@type/2: the type 'Historized' needs "
            "\"dtmi:dtdl:extension:historization;1\" in \"@context\"",
            "/contents/0/unit: 'unit' needs \"dtmi:dtdl:extension:quantitativeTypes;1\" in "
            "\"@context\"",
            "/contents/0/point: 'point' needs \"dtmi:headworks:twin;1\" in \"@context\"",
            "/contents/1/writes: 'writes' needs \"dtmi:headworks:twin;1\" in \"@context\"",
            "/contents/2/@type/1: the type 'ValueAnnotation' needs "
            "\"dtmi:dtdl:extension:annotation;1\" in \"@context\"",
            "/contents/2/annotates: 'annotates' needs \"dtmi:dtdl:extension:annotation;1\" in "
            "\"@context\"",
        }));
}

TEST(DtdlDocument, is_an_interface_or_an_array_of_them) {
    EXPECT_EQ(document_flaws("5"), (Texts{": expected Interface, found 5"}));
    EXPECT_EQ(document_flaws("[[]]"), (Texts{"/0: expected Interface, found an array"}));
    EXPECT_EQ(document_flaws(R"({"@context": "dtmi:dtdl:context;3", "@type": "Telemetry",
                                 "name": "x", "schema": "long"})"),
              (Texts{"/@type: 'Telemetry' cannot stand here; expected Interface"}));
    EXPECT_EQ(document_flaws("{"), (Texts{": this is no JSON: expected a key in double quotes, "
                                          "found the end of the document"}));
    EXPECT_NE(add(*Models::none(), {"[]"}), nullptr);
    EXPECT_NE(add(*Models::none(), {}), nullptr);
    EXPECT_EQ(document_flaws(R"({"@context": "dtmi:dtdl:context;3", "@type": "Interface",
                                 "@id": "dtmi:x:A;1", "@id": "dtmi:x:B;1"})"),
              (Texts{"/@id: the key '@id' stands twice in this object; remove one"}));
}

TEST(DtdlDocument, an_interface_needs_an_id_of_its_own) {
    EXPECT_EQ(document_flaws(R"({"@context": "dtmi:dtdl:context;3", "@type": "Interface"})"),
              (Texts{": Interface needs '@id'"}));
    EXPECT_EQ(document_flaws(R"({"@context": "dtmi:dtdl:context;3", "@type": "Interface",
                                 "@id": 5})"),
              (Texts{"/@id: \"@id\" must be a DTMI, found 5"}));
    EXPECT_EQ(
        document_flaws(R"({"@context": "dtmi:dtdl:context;3", "@type": "Interface",
                                 "@id": "dtmi:dtdl:A;1"})"),
        (Texts{"/@id: 'dtmi:dtdl:A;1': DTDL keeps dtmi:dtdl: and dtmi:standard: for itself"}));
    EXPECT_EQ(document_flaws(R"({"@context": "dtmi:dtdl:context;3", "@type": "Interface",
                                 "@id": "dtmi:)" +
                             std::string(124, 'a') + R"("})"),
              (Texts{"/@id: the DTMI 'dtmi:" + std::string(124, 'a') +
                     "' has 129 characters, more than 128"}));
}

TEST(DtdlType, is_needed_known_and_one) {
    EXPECT_EQ(texts_of(R"({"name": "x", "schema": "long"})"),
              (Texts{"/contents/0: \"@type\" is missing; it must be Telemetry, Property, Command, "
                     "Relationship or Component"}));
    EXPECT_EQ(texts_of(R"({"@type": "Telemtry", "name": "x", "schema": "long"})"),
              (Texts{"/contents/0/@type: \"@type\" must have Telemetry, Property, Command, "
                     "Relationship or Component, found 'Telemtry'; did you mean Telemetry?"}));
    EXPECT_EQ(texts_of(R"({"@type": ["Temperature"], "name": "x", "schema": "long"})"),
              (Texts{"/contents/0/@type/0: \"@type\" must have Telemetry, Property, Command, "
                     "Relationship or Component, found 'Temperature'"}));
    EXPECT_EQ(texts_of(R"({"@type": [], "name": "x"})").front().substr(0, 46),
              "/contents/0/@type: \"@type\" must be Telemetry, ");
    EXPECT_EQ(texts_of(R"({"@type": "Field", "name": "x", "schema": "long"})"),
              (Texts{"/contents/0/@type: 'Field' cannot stand here; expected Telemetry, Property, "
                     "Command, Relationship or Component"}));
    EXPECT_EQ(texts_of(R"({"@type": ["Telemetry", "Property"], "name": "x", "schema": "long"})"),
              (Texts{"/contents/0/@type/1: one element cannot be both Telemetry and Property"}));
    EXPECT_EQ(texts_of(R"({"@type": ["Telemetry", "Temprature"], "name": "x", "schema": "long"})"),
              (Texts{"/contents/0/@type/1: the type 'Temprature' is not known; did you mean "
                     "Temperature?"}));
    EXPECT_EQ(texts_of(R"({"@type": ["Command", "Historized"], "name": "x"})"),
              (Texts{"/contents/0/@type/1: the type 'Historized' cannot stand beside Command"}));
    EXPECT_EQ(texts_of(R"({"@type": ["Relationship", "Power"], "name": "x"})"),
              (Texts{"/contents/0/@type/1: the type 'Power' cannot stand beside Relationship"}));
    EXPECT_EQ(texts_of(R"({"@type": ["Telemetry", 5], "name": "x", "schema": "long"})"),
              (Texts{"/contents/0/@type/1: a type must be a text, found 5"}));
}

TEST(DtdlName, has_a_grammar) {
    for (const std::string_view name : {"a", "aB_9", "A__b"})
        EXPECT_EQ(content_of(R"({"@type": "Property", "schema": "long", "name": ")" +
                             std::string(name) + "\"}")
                      .name,
                  name);
    for (const std::string_view name : {"", "_a", "a_", "9a", "a-b", "a b", "a.b", "\xc3\xa9"})
        EXPECT_EQ(texts_of(R"({"@type": "Property", "schema": "long", "name": ")" +
                           std::string(name) + "\"}")
                      .size(),
                  1)
            << name;
    EXPECT_EQ(
        texts_of(R"({"@type": "Property", "schema": "long", "name": "speed-rpm"})"),
        (Texts{"/contents/0/name: 'speed-rpm' is no name: it has 1 to 512 letters, digits and "
               "'_', a letter first, no '_' last"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "schema": "long", "name": ")" +
                       std::string(513, 'a') + "\"}")
                  .size(),
              1);
    EXPECT_EQ(texts_of(R"({"@type": "Property", "schema": "long", "name": 5})"),
              (Texts{"/contents/0/name: expected a text, found 5"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "schema": "long", "name": "a"},
                          {"@type": "Command", "name": "a"})"),
              (Texts{"/contents/1: the name 'a' stands twice in \"contents\""}));
}

TEST(DtdlMembers, unknown_ones_name_the_nearest) {
    EXPECT_EQ(
        texts_of(R"({"@type": "Property", "name": "a", "schema": "long", "writeable": true})"),
        (Texts{"/contents/0/writeable: Property has no member 'writeable'; did you mean "
               "writable?"}));
    EXPECT_EQ(
        texts_of(R"({"@type": "Telemetry", "name": "a", "schema": "long", "writable": true})"),
        (Texts{"/contents/0/writable: Telemetry has no member 'writable'"}));
    EXPECT_EQ(texts_of(R"({"@type": "Telemetry", "name": "a", "schema": "long", "pont": "x"})"),
              (Texts{"/contents/0/pont: Telemetry has no member 'pont'; did you mean point?"}));
    EXPECT_EQ(texts_of(R"({"@type": "Telemetry", "name": "a", "schema": "long", "@index": "x"})"),
              (Texts{"/contents/0/@index: Telemetry has no member '@index'"}));
    EXPECT_EQ(texts_of("", R"("implements": [], )"),
              (Texts{"/implements: Interface has no member 'implements'"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": "a", "schema": "long",
                           "dtmi:dtdl:property:name;3": "b"})"),
              (Texts{"/contents/0/dtmi:dtdl:property:name;3: 'dtmi:dtdl:property:name;3' is the "
                     "same as 'name': write one"}));
}

TEST(DtdlTexts, are_localizable) {
    const auto display_name = [](std::string_view json) {
        return content_of(
                   R"({"@type": "Property", "name": "a", "schema": "long", "displayName": )" +
                   std::string(json) + "}")
            .display_name;
    };
    EXPECT_EQ(display_name(R"("plain")"), "plain");
    EXPECT_EQ(display_name(R"({"it": "ciao", "en": "hello"})"), "hello");
    EXPECT_EQ(display_name(R"({"it": "ciao", "en-US": "hi", "de": "hallo"})"), "hi");
    EXPECT_EQ(display_name(R"({"zh-Hans-CN": "nihao", "it": "ciao"})"), "nihao");
    EXPECT_EQ(display_name(R"(["hello", {"@value": "ciao", "@language": "it"}])"), "hello");
    EXPECT_EQ(display_name(R"([{"@value": "ciao", "@language": "it"}, {"@value": "hello"}])"),
              "hello");
    EXPECT_EQ(display_name("{}"), "");
    EXPECT_EQ(display_name("[]"), "");
}

TEST(DtdlTexts, are_kept_in_every_language) {
    const auto content = content_of(
        R"({"@type": "Property", "name": "a", "schema": "long",
            "displayName": {"en": "Flow", "zh-Hans": "流量"},
            "description": ["A rate", {"@value": "Una portata", "@language": "it"}]})");
    EXPECT_EQ(text_in("zh-Hans", content.display_name, content.display_names), "流量");
    EXPECT_EQ(text_in("zh", content.display_name, content.display_names), "流量");
    EXPECT_EQ(text_in("zh-Hans-CN", content.display_name, content.display_names), "流量");
    EXPECT_EQ(text_in("en-GB", content.display_name, content.display_names), "Flow");
    EXPECT_EQ(text_in("it", content.display_name, content.display_names), "Flow");
    EXPECT_EQ(text_in("", content.display_name, content.display_names), "Flow");
    EXPECT_EQ(text_in("it", content.description, content.descriptions), "Una portata");
    EXPECT_EQ(text_in("en", content.description, content.descriptions), "A rate");
    EXPECT_EQ(text_in("en", "plain", nullptr), "plain");
}

TEST(DtdlTexts, have_forms_and_lengths) {
    const auto flaws = [](std::string_view json) {
        return texts_of(R"({"@type": "Property", "name": "a", "schema": "long", "description": )" +
                        std::string(json) + "}");
    };
    EXPECT_EQ(
        flaws(R"({"english": "x"})"),
        (Texts{"/contents/0/description/english: 'english' is no language tag such as \"en\", "
               "\"en-US\" or \"zh-Hans\""}));
    EXPECT_EQ(flaws(R"({"en": 5})"),
              (Texts{"/contents/0/description/en: expected a text, found 5"}));
    EXPECT_EQ(flaws("5"), (Texts{"/contents/0/description: expected a text, found 5"}));
    EXPECT_EQ(flaws(R"([{"en": "x"}])"),
              (Texts{"/contents/0/description/0/en: a language-tagged text has \"@value\" and "
                     "\"@language\" only"}));
    EXPECT_EQ(flaws(R"([{"@language": "en"}])"),
              (Texts{"/contents/0/description/0: a language-tagged text needs \"@value\""}));
    EXPECT_EQ(flaws(R"(["x", {"@value": "y"}])"),
              (Texts{"/contents/0/description/1: the language 'en' stands twice"}));
    std::string long_one;
    for (int i = 0; i < 512; ++i)
        long_one += "\xc3\xa9";
    EXPECT_EQ(flaws("\"" + long_one + "\""), Texts{});
    EXPECT_EQ(flaws("\"" + long_one + "x\""),
              (Texts{"/contents/0/description: the text has 513 characters, more than 512"}));
    EXPECT_EQ(
        texts_of("", R"("comment": {"en": "x"}, )"),
        (Texts{"/comment/en: expected a text: a literal's object has \"@value\" and \"@type\" "
               "only, not 'en'"}));
}

TEST(DtdlLiterals, have_an_object_form) {
    const Content content = content_of(
        R"({"@type": "Property", "name": {"@value": "a"}, "schema": ["long"],
            "writable": {"@value": true, "@type": "xsd:boolean"},
            "comment": [{"@value": "c", "@type": "http://www.w3.org/2001/XMLSchema#string"}]})");
    EXPECT_EQ(content.name, "a");
    EXPECT_EQ(content.comment, "c");
    EXPECT_TRUE(content_of(R"({"@type": "Property", "name": "a", "schema": "long",
        "writable": {"@value": true, "@type": ["xsd:boolean"]}})")
                    .writable);
    EXPECT_TRUE(content.writable);
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": "a", "schema": "long",
                           "writable": {"@value": true, "@type": "xsd:string"}})"),
              (Texts{"/contents/0/writable/@type: the literal's \"@type\" must be \"xsd:boolean\", "
                     "not 'xsd:string'"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": ["a", "b"], "schema": "long"})"),
              (Texts{"/contents/0/name: expected one value, found an array of 2"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": [], "schema": []})"),
              (Texts{"/contents/0/name: expected a text, found an empty array",
                     "/contents/0/schema: expected a schema, found an empty array"}));
    EXPECT_EQ(texts_of(R"({"@type": "Property", "name": "a", "schema": "long", "writable": 1})"),
              (Texts{"/contents/0/writable: expected true or false, found 1"}));
}

TEST(DtdlForms, elements_may_be_named_by_their_dtmis) {
    const auto models = add(*Models::none(), {R"({"@context": ["dtmi:dtdl:context;3",
          "dtmi:dtdl:extension:quantitativeTypes;1", "dtmi:dtdl:extension:historization;1"],
        "@id": "dtmi:x:A;1", "@type": "dtmi:dtdl:class:Interface;3",
        "dtmi:dtdl:property:contents;3": {
          "@type": ["dtmi:dtdl:class:Telemetry;3",
                    "dtmi:dtdl:extension:quantitativeTypes:v1:class:Temperature",
                    "dtmi:dtdl:extension:historization:v1:Historized"],
          "dtmi:dtdl:property:name;3": "t",
          "dtmi:dtdl:property:schema;3": "dtmi:dtdl:instance:Schema:double;3",
          "dtmi:dtdl:extension:quantitativeTypes:v1:property:unit":
            "dtmi:dtdl:extension:quantitativeTypes:v1:unit:kelvin"}})"});
    ASSERT_NE(models, nullptr);
    const Content& content = models->find("dtmi:x:A;1")->contents.front();
    EXPECT_EQ(content.name, "t");
    EXPECT_EQ(content.schema->kind, SchemaKind::float64);
    EXPECT_EQ(content.unit, "kelvin");
    EXPECT_EQ(content.semantic_types, (std::vector<std::string>{"Temperature"}));
    EXPECT_TRUE(content.historized);
}

}  // namespace
}  // namespace hw::twin
