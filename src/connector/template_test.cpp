#include "connector/template.h"

#include <gtest/gtest.h>

namespace hw::connector {
namespace {

Item item_of(std::string_view json) {
    sql::JsonReader reader;
    return {reader.read(json).value(), Time{1'700'000'000'250'000'000}, "r1", 7};
}

std::string rendered(std::string_view text, std::string_view json,
                     Missing missing = Missing::undefined) {
    const auto made = Template::compile(text);
    EXPECT_TRUE(made) << made.error().text();
    if (!made) return {};
    Renderer renderer(missing);
    const auto out = renderer.render(*made, item_of(json));
    return out ? *out : "error: " + out.error().text();
}

std::string error_of(std::string_view text) {
    const auto made = Template::compile(text);
    return made ? "none" : made.error().text();
}

TEST(Template, puts_values_as_emqx_does) {
    constexpr std::string_view row = R"({"a":{"b":[1,{"c":"x y"}],"f":1.5},"t":"text","n":null,)"
                                     R"("yes":true})";
    EXPECT_EQ(rendered("no placeholder", row), "no placeholder");
    EXPECT_EQ(rendered("", row), "");
    EXPECT_EQ(rendered("${t}/${.t}", row), "text/text");
    EXPECT_EQ(rendered("${a.b[0]} ${a.b[1].c} ${a.b[-2]} ${yes}", row), "1 x y 1 true");
    EXPECT_EQ(rendered("${a.f}", row), "1.5");
    EXPECT_EQ(rendered("${a}", row), R"({"b":[1,{"c":"x y"}],"f":1.5})");
    EXPECT_EQ(rendered("${ t }", row), "text");
    EXPECT_EQ(rendered("${.}", R"({"a":1,"b":"x"})"), R"({"a":1,"b":"x"})");
}

TEST(Template, what_is_missing_is_undefined_or_as_asked) {
    constexpr std::string_view row = R"({"a":1,"n":null})";
    EXPECT_EQ(rendered("${b} ${a.b} ${n} ${a[0]}", row), "undefined undefined undefined undefined");
    EXPECT_EQ(rendered("<${b}>", row, Missing::empty), "<>");
    EXPECT_EQ(rendered("<${b}>", row, Missing::null), "<null>");
    EXPECT_EQ(rendered("<${json:b}>", row), "<null>");
    EXPECT_EQ(rendered("${a} ${b.c}", row, Missing::reject),
              "error: the row has no value for ${b.c}");
    EXPECT_EQ(rendered("${a}", row, Missing::reject), "1");
}

TEST(Template, looks_into_a_payload_that_is_json_text) {
    constexpr std::string_view row = R"({"payload":"{\"temp\":21.5,\"in\":\"[3,4]\"}","p":"no"})";
    EXPECT_EQ(rendered("${payload.temp} ${payload.in[1]}", row), "21.5 4");
    EXPECT_EQ(rendered("${payload}", row), R"({"temp":21.5,"in":"[3,4]"})");
    EXPECT_EQ(rendered("${p.x}", row), "undefined");
}

TEST(Template, writes_json_and_urls) {
    constexpr std::string_view row = R"({"t":"a \"b\"/c","n":3})";
    EXPECT_EQ(rendered("{\"t\":${json:t},\"n\":${json:n}}", row), R"({"t":"a \"b\"/c","n":3})");
    EXPECT_EQ(rendered("/x/${url:t}?n=${url:n}", row), "/x/a%20%22b%22%2Fc?n=3");
    const auto url = Template::compile("/${t}/${json:n}", Put::url);
    EXPECT_EQ(Renderer().render(*url, item_of(row)).value(), "/a%20%22b%22%2Fc/3");
}

TEST(Template, knows_the_row_itself) {
    EXPECT_EQ(rendered("${@time} ${@time_ms} ${@rule} ${@sequence}", "{}"),
              "2023-11-14T22:13:20.250Z 1700000000250 r1 7");
    EXPECT_EQ(rendered("${@time_ms}", "{}", Missing::reject), "1700000000250");
}

TEST(Template, a_dollar_sign_and_braces_can_be_written) {
    EXPECT_EQ(rendered("${$}{a} costs 5$ {a}", R"({"a":1})"), "${a} costs 5$ {a}");
    EXPECT_EQ(rendered(R"({{"{{"}}a}})", R"({"a":1})"), "{{a}}");
    EXPECT_EQ(rendered(R"({"a":{"b":${a}}})", R"({"a":1})"), R"({"a":{"b":1}})");
}

TEST(Template, takes_ekuipers_simple_actions) {
    constexpr std::string_view row = R"({"ab":"hello1","t":{"u":2}})";
    EXPECT_EQ(rendered(R"({"content":"{{.ab}}"})", row), R"({"content":"hello1"})");
    EXPECT_EQ(rendered("{{.t.u}} {{ .t.u }}", row), "2 2");
    EXPECT_EQ(rendered(R"({"content":{{json .}}})", row),
              R"({"content":{"ab":"hello1","t":{"u":2}}})");
    EXPECT_EQ(rendered("{{toJson .ab}} {{json .t}}", row), R"("hello1" {"u":2})");
    EXPECT_EQ(rendered("{{.none}}", row), "<no value>");
}

TEST(Template, refuses_the_rest_of_gos_language_with_what_to_write) {
    for (const std::string_view text :
         {"{{if lt .t 30.0}}a{{end}}", "{{range .}}x{{end}}", "{{index . 0}}", "{{.a | upper}}",
          "{{- .a -}}", "{{foo}}", "{{}}"}) {
        EXPECT_NE(error_of(text).find("in the SELECT"), std::string::npos) << text;
    }
    EXPECT_NE(error_of("x ${a").find("template, character 3: '${' without '}'"), std::string::npos);
    EXPECT_NE(error_of("{{.a}").find("'{{' without '}}'"), std::string::npos);
    EXPECT_NE(error_of("${}").find("${.} is the whole row"), std::string::npos);
    EXPECT_NE(error_of("${a..b}").find("empty name"), std::string::npos);
    EXPECT_NE(error_of("${a[x]}").find("whole number"), std::string::npos);
    EXPECT_NE(error_of("${a[1]b}").find("after an index"), std::string::npos);
    EXPECT_NE(error_of("${@when}").find("${@time}"), std::string::npos);
    EXPECT_NE(error_of("${a[1").find("'${' without"), std::string::npos);
}

TEST(Template, tells_constants_and_values) {
    EXPECT_EQ(Template::compile("plain")->constant(), "plain");
    EXPECT_EQ(Template::compile("")->constant(), "");
    EXPECT_FALSE(Template::compile("a${b}")->constant());
    Renderer renderer;
    const Item item = item_of(R"({"n":3,"t":"x"})");
    EXPECT_EQ(renderer.value(*Template::compile("${n}"), item).value(), sql::Datum::integer(3));
    EXPECT_EQ(renderer.value(*Template::compile("${n}i"), item).value(), sql::Datum::text("3i"));
    EXPECT_TRUE(renderer.value(*Template::compile("${x}"), item)->is_null());
}

TEST(Template, puts_bytes_as_they_are) {
    const std::string raw("\xff\x00\x01", 3);
    Item item;
    item.row = sql::Datum::object({{sql::Datum::text("b"), sql::Datum::bytes(raw)}});
    EXPECT_EQ(Renderer().render(*Template::compile("${b}"), item).value(), raw);
    EXPECT_EQ(Renderer().render(*Template::compile("${url:b}"), item).value(), "%FF%00%01");
}

}  // namespace
}  // namespace hw::connector
