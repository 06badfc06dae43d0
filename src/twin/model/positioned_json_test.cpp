#include "twin/model/positioned_json.h"

#include <gtest/gtest.h>

#include <string>

namespace hw::twin {
namespace {

std::string flaw_of(std::string_view text) {
    const JsonDocument document(text);
    EXPECT_EQ(document.root(), nullptr);
    if (document.flaws().empty()) return "";
    const auto& flaw = document.flaws().back();
    const JsonPlace place = document.place(flaw.offset);
    return std::to_string(place.line) + ":" + std::to_string(place.column) + " " + flaw.text;
}

TEST(PositionedJson, keeps_the_place_of_each_value) {
    const JsonDocument document("{\n  \"a\": [1, -2.5e1, {\"b/c~\": null}],\r\n  \"d\": true }");
    ASSERT_NE(document.root(), nullptr);
    const JsonNode& root = *document.root();
    EXPECT_EQ(json_pointer(root), "");
    EXPECT_EQ(root.child_count, 2);
    const JsonNode& list = *root.first_child;
    EXPECT_EQ(list.key, "a");
    EXPECT_EQ(list.child_count, 3);
    EXPECT_EQ(list.first_child->integer, 1);
    const JsonNode& real = *list.first_child->next;
    EXPECT_EQ(real.kind, JsonNode::Kind::real);
    EXPECT_EQ(real.real, -25);
    EXPECT_EQ(json_pointer(real), "/a/1");
    EXPECT_EQ(document.place(real.begin).line, 2);
    EXPECT_EQ(document.place(real.begin).column, 12);
    const JsonNode& inner = *real.next->first_child;
    EXPECT_EQ(json_pointer(inner), "/a/2/b~1c~0");
    EXPECT_EQ(inner.kind, JsonNode::Kind::null);
    EXPECT_EQ(document.text().substr(real.next->begin, real.next->end - real.next->begin),
              "{\"b/c~\": null}");
    const JsonNode& last = *list.next;
    EXPECT_TRUE(last.boolean);
    EXPECT_EQ(document.place(last.key_begin).line, 3);
    EXPECT_EQ(document.place(last.key_begin).column, 3);
}

TEST(PositionedJson, unescapes_texts_and_keys) {
    const JsonDocument document(R"({"a\nb": "\"\\\/\b\f\n\r\t\u00e9\u6cf5\ud83d\ude00z"})");
    ASSERT_NE(document.root(), nullptr);
    EXPECT_EQ(document.root()->first_child->key, "a\nb");
    EXPECT_EQ(document.root()->first_child->text, "\"\\/\b\f\n\r\t\u00e9\u6cf5\U0001F600z");
}

TEST(PositionedJson, takes_a_byte_order_mark_and_scalars) {
    EXPECT_EQ(JsonDocument("\xef\xbb\xbf[]").root()->kind, JsonNode::Kind::array);
    EXPECT_EQ(JsonDocument(" 5 ").root()->integer, 5);
    EXPECT_EQ(JsonDocument("false").root()->kind, JsonNode::Kind::boolean);
    EXPECT_EQ(JsonDocument("\"\"").root()->kind, JsonNode::Kind::text);
    const JsonDocument large("99999999999999999999");
    EXPECT_EQ(large.root()->kind, JsonNode::Kind::real);
}

TEST(PositionedJson, says_where_a_text_is_no_json) {
    EXPECT_EQ(flaw_of(""), "1:1 this is no JSON: expected a value, found the end of the document");
    EXPECT_EQ(flaw_of("{\n \"a\" 1}"),
              "2:6 this is no JSON: expected ':' after the key, found '1'");
    EXPECT_EQ(flaw_of("[1 2]"), "1:4 this is no JSON: expected ',' or ']', found '2'");
    EXPECT_EQ(flaw_of("[1,]"), "1:4 this is no JSON: expected a value, found ']'");
    EXPECT_EQ(flaw_of("{\"a\":1,}"),
              "1:8 this is no JSON: expected a key in double quotes, found '}'");
    EXPECT_EQ(flaw_of("{'a':1}"),
              "1:2 this is no JSON: expected a key in double quotes, found '''");
    EXPECT_EQ(flaw_of("[] x"), "1:4 this is no JSON: expected the end of the document, found 'x'");
    EXPECT_EQ(flaw_of("[01]"), "1:2 '01' is no number of JSON");
    EXPECT_EQ(flaw_of("[1.]"), "1:2 '1.' is no number of JSON");
    EXPECT_EQ(flaw_of("[-]"), "1:2 '-' is no number of JSON");
    EXPECT_EQ(flaw_of("[1e999]"), "1:2 '1e999' is no number of JSON");
    EXPECT_EQ(flaw_of("[+1]"), "1:2 this is no JSON: expected a value, found '+'");
    EXPECT_EQ(flaw_of("[NaN]"), "1:2 this is no JSON: expected a value, found 'N'");
    EXPECT_EQ(flaw_of("[\"a"),
              "1:4 this is no JSON: expected '\"' at the end of the text, found the end of the "
              "document");
    EXPECT_EQ(flaw_of("[\"a\nb\"]"),
              "1:4 this is no JSON: expected an escape (\\n, \\t, \\u....) for this control "
              "character, found '\\x0a'");
    EXPECT_EQ(flaw_of("[\"\\x\"]"),
              "1:3 this is no JSON: expected an escape that JSON knows, found '\\'");
    EXPECT_EQ(flaw_of("[\"\\ud800\"]"),
              "1:3 this is no JSON: expected both halves of the surrogate pair, found '\\'");
    EXPECT_EQ(flaw_of("[\"\\udc00x\"]"),
              "1:3 this is no JSON: expected both halves of the surrogate pair, found '\\'");
    EXPECT_EQ(flaw_of("[\"\xff\"]"), "1:2 the text is not UTF-8");
    EXPECT_EQ(flaw_of("{\"\xc0\x80\":1}"), "1:2 the text is not UTF-8");
}

TEST(PositionedJson, bounds_nesting) {
    const size_t limit = JsonDocument::nesting_limit;
    const std::string good = std::string(limit, '[') + std::string(limit, ']');
    EXPECT_NE(JsonDocument(good).root(), nullptr);
    EXPECT_EQ(flaw_of(std::string(limit + 1, '[')),
              "1:129 values are nested deeper than 128 levels");
    EXPECT_EQ(flaw_of(std::string(1'000'000, '[')),
              "1:129 values are nested deeper than 128 levels");
}

TEST(PositionedJson, names_keys_that_stand_twice) {
    const JsonDocument document(R"({"a":1,"b":{"c":1,"c":2,"c":3},"a":2})");
    ASSERT_NE(document.root(), nullptr);
    ASSERT_EQ(document.flaws().size(), 3);
    EXPECT_EQ(document.flaws()[0].text, "the key 'c' stands twice in this object; remove one");
    EXPECT_EQ(document.place(document.flaws()[0].offset).column, 19);
    EXPECT_EQ(json_pointer(*document.flaws()[0].near), "/b/c");
    EXPECT_EQ(document.flaws()[2].text, "the key 'a' stands twice in this object; remove one");
}

TEST(PositionedJson, many_equal_keys_cost_little) {
    std::string text = "{\"k\":0";
    for (int i = 0; i < 200'000; ++i)
        text += ",\"k\":0";
    const JsonDocument document(text + "}");
    EXPECT_EQ(document.flaws().size(), 100);
}

}  // namespace
}  // namespace hw::twin
