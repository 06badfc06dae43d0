#include "twin/model/interface.h"

#include <gtest/gtest.h>

#include <string>

namespace hw::twin {
namespace {

using sql::Datum;

std::string dtmi_flaw(std::string_view id, size_t limit = 4'096) {
    const auto checked = check_dtmi(id, limit);
    return checked ? "" : checked.error().text();
}

TEST(Dtmi, takes_what_the_language_takes) {
    for (const std::string_view id :
         {"dtmi:a;1", "dtmi:com:example:Thermostat;1", "dtmi:a", "dtmi:foo_bar:b16:baz33:qux;12",
          "dtmi:a;999999999", "dtmi:a;1.999999", "dtmi:A__b:c"})
        EXPECT_EQ(dtmi_flaw(id), "") << id;
}

TEST(Dtmi, says_what_is_wrong_and_where) {
    EXPECT_EQ(dtmi_flaw(""),
              "'' is no DTMI: at character 1, it must begin with 'dtmi:', as in "
              "dtmi:com:example:Pump;1");
    EXPECT_EQ(dtmi_flaw("DTMI:a;1").substr(0, 41), "'DTMI:a;1' is no DTMI: at character 1, it");
    EXPECT_EQ(dtmi_flaw("dtmi:"), "'dtmi:' is no DTMI: at character 6, a segment is empty");
    EXPECT_EQ(dtmi_flaw("dtmi:a::b;1"),
              "'dtmi:a::b;1' is no DTMI: at character 8, a segment is empty");
    EXPECT_EQ(dtmi_flaw("dtmi:a:;1"), "'dtmi:a:;1' is no DTMI: at character 8, a segment is empty");
    EXPECT_EQ(dtmi_flaw("dtmi:a:_b;1"),
              "'dtmi:a:_b;1' is no DTMI: at character 8, a segment begins with '_', which is kept "
              "for the system");
    EXPECT_EQ(dtmi_flaw("dtmi:1a;1"),
              "'dtmi:1a;1' is no DTMI: at character 6, a segment must begin with a letter");
    EXPECT_EQ(dtmi_flaw("dtmi:a_;1"),
              "'dtmi:a_;1' is no DTMI: at character 7, a segment may not end with '_'");
    EXPECT_EQ(dtmi_flaw("dtmi:a-b;1"),
              "'dtmi:a-b;1' is no DTMI: at character 7, only letters, digits and '_' may stand in "
              "a segment");
    EXPECT_EQ(dtmi_flaw("dtmi:p\xc3\xa9;1"),
              "'dtmi:p\\xc3\\xa9;1' is no DTMI: at character 7, only letters, digits and '_' may "
              "stand in a segment");
    EXPECT_EQ(
        dtmi_flaw("dtmi:a;"),
        "'dtmi:a;' is no DTMI: at character 8, the version must be a number such as 1 or 1.2");
    EXPECT_EQ(dtmi_flaw("dtmi:a;x"),
              "'dtmi:a;x' is no DTMI: at character 8, the version must be a number such as 1 or "
              "1.2");
    EXPECT_EQ(dtmi_flaw("dtmi:a;01"),
              "'dtmi:a;01' is no DTMI: at character 8, a version's number may not begin with 0");
    EXPECT_EQ(dtmi_flaw("dtmi:a;1.0"),
              "'dtmi:a;1.0' is no DTMI: at character 10, a version's number may not begin with 0");
    EXPECT_EQ(dtmi_flaw("dtmi:a;1234567890"),
              "'dtmi:a;1234567890' is no DTMI: at character 8, a version's number has more than 9 "
              "digits");
    EXPECT_EQ(dtmi_flaw("dtmi:a;1.1234567"),
              "'dtmi:a;1.1234567' is no DTMI: at character 10, a version's number has more than 6 "
              "digits");
    EXPECT_EQ(dtmi_flaw("dtmi:a;1;2").substr(0, 45),
              "'dtmi:a;1;2' is no DTMI: at character 8, the ");
}

TEST(Dtmi, bounds_the_length) {
    const std::string long_one = "dtmi:" + std::string(121, 'a') + ";1";
    EXPECT_EQ(dtmi_flaw(long_one, 128), "");
    EXPECT_EQ(dtmi_flaw("dtmi:" + std::string(122, 'a') + ";1", 128),
              "the DTMI 'dtmi:" + std::string(122, 'a') + ";1' has 129 characters, more than 128");
    const std::string huge = "dtmi:" + std::string(5'000, 'a');
    EXPECT_EQ(dtmi_flaw(huge), "the DTMI 'dtmi:" + std::string(135, 'a') +
                                   "...' has 5005 characters, more than 4096");
}

Datum properties() {
    return Datum::object(
        {{Datum::text("serial"), Datum::text("S-7")},
         {Datum::text("number"), Datum::integer(4)},
         {Datum::text("ratio"), Datum::real(0.5)},
         {Datum::text("none"), Datum::null()},
         {Datum::text("list"), Datum::array({})},
         {Datum::text("bad"), Datum::text("a+b")},
         {Datum::text("drive"), Datum::object({{Datum::text("code"), Datum::text("d1")}})}});
}

std::string point(std::string_view pattern, std::string_view path = "drive/speed") {
    const auto made = point_of(pattern, "site/works/pump1", path, properties());
    return made ? *made : "! " + made.error().text();
}

TEST(PointOf, puts_the_twin_into_the_pattern) {
    EXPECT_EQ(point(""), "site/works/pump1/drive/speed");
    EXPECT_EQ(point("${id}/${path}"), "site/works/pump1/drive/speed");
    EXPECT_EQ(point("${id}/${name}"), "site/works/pump1/speed");
    EXPECT_EQ(point("${id}/${name}", "speed"), "site/works/pump1/speed");
    EXPECT_EQ(point("${parent}/p/${name}"), "site/works/p/speed");
    EXPECT_EQ(point("${id[0]}/${id[2]}/x"), "site/pump1/x");
    EXPECT_EQ(point("m/${property:serial}/${property:number}/${property:ratio}"), "m/S-7/4/0.5");
    EXPECT_EQ(point("m/${property:drive/code}"), "m/d1");
    EXPECT_EQ(point("plain"), "plain");
    EXPECT_EQ(point("a$b/{c}/$"), "a$b/{c}/$");
}

TEST(PointOf, says_what_is_missing) {
    EXPECT_EQ(point("${iid}"),
              "! the point pattern '${iid}' has the unknown place '${iid}'; there are ${id}, "
              "${id[0]}, ${parent}, ${path}, ${name} and ${property:x}");
    EXPECT_EQ(point("a/${id"), "! the point pattern 'a/${id' has a '${' without its '}'");
    EXPECT_EQ(point("${id[3]}"),
              "! the point pattern '${id[3]}' needs level 3, and the id "
              "'site/works/pump1' has fewer");
    EXPECT_EQ(point("${property:x}"),
              "! the point pattern '${property:x}' needs the property 'x', which the twin "
              "'site/works/pump1' does not have; set it or bind the point");
    EXPECT_EQ(point("${property:none}").substr(0, 60),
              "! the point pattern '${property:none}' needs the property 'n");
    EXPECT_EQ(point("${property:list}"),
              "! the point pattern '${property:list}' needs one text "
              "or number in the property 'list'");
    EXPECT_EQ(point("${property:drive/none}").substr(0, 30), "! the point pattern '${propert");
    EXPECT_NE(point("${property:serial/none}").substr(0, 1), "S");
    const auto top = point_of("${parent}/x", "pump", "speed", Datum::object({}));
    ASSERT_FALSE(top);
    EXPECT_EQ(top.error().text(),
              "the point pattern '${parent}/x' needs a parent, and the id "
              "'pump' has one level only");
}

TEST(PointOf, odd_levels_are_no_places) {
    for (const std::string_view pattern :
         {"${id[]}", "${id[-1]}", "${id[1.5]}", "${id[x]}", "${id[1]", "${}", "${property:}",
          "${id[99999999999999999999]}", "${ID}"})
        EXPECT_FALSE(point_of(pattern, "a/b", "c", Datum::object({}))) << pattern;
}

TEST(PointOf, makes_no_point_that_is_none) {
    EXPECT_EQ(point("${property:bad}/x").substr(0, 28), "! the point of a twin's slot");
    EXPECT_EQ(point("a/#").substr(0, 28), "! the point of a twin's slot");
    EXPECT_FALSE(point_of("${id}", std::string("a\0b", 3), "c", Datum::object({})));
    EXPECT_FALSE(point_of("${path}", "a", "\xff", Datum::object({})));
}

TEST(Units, have_symbols_and_back) {
    EXPECT_EQ(unit_symbol("degreeCelsius"), "degC");
    EXPECT_EQ(unit_symbol("cubicMetrePerHour"), "m3/h");
    EXPECT_EQ(unit_symbol("NTU"), "NTU");
    EXPECT_EQ(unit_symbol(""), "");
    EXPECT_EQ(dtdl_unit("degC"), "degreeCelsius");
    EXPECT_EQ(dtdl_unit("kWh"), "kilowattHour");
    EXPECT_EQ(dtdl_unit("NTU"), "");
}

}  // namespace
}  // namespace hw::twin
