#include "io/http_target.h"

#include <gtest/gtest.h>

#include "io/http_writer.h"

namespace hw::io {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(PercentDecode, decodes_and_refuses_broken_escapes) {
    EXPECT_EQ(percent_decode("a%20b+c", false), "a b+c");
    EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
    EXPECT_EQ(percent_decode("%C3%a4%00", false), std::string("\xc3\xa4\0", 3));
    EXPECT_EQ(percent_decode("", false), "");
    for (const auto* broken : {"%", "%1", "a%2", "%g0", "%0g", "%%20"})
        EXPECT_EQ(percent_decode(broken, false), std::nullopt) << broken;
}

TEST(DecodeQuery, keeps_order_and_repeats) {
    Pairs query;
    EXPECT_TRUE(decode_query("b=1&a=2&b=3&&c&d=x=y&%3d=%26", query));
    EXPECT_EQ(query,
              (Pairs{{"b", "1"}, {"a", "2"}, {"b", "3"}, {"c", ""}, {"d", "x=y"}, {"=", "&"}}));
    EXPECT_FALSE(decode_query("a=%", query));
    EXPECT_FALSE(decode_query("%x=1", query));
}

TEST(DecodeTarget, takes_the_forms_of_the_rfc) {
    const auto path = [](std::string_view target) -> std::string {
        HttpRequest request;
        return decode_target(target, request) ? request.path : "refused";
    };
    EXPECT_EQ(path("/a/b?c#d"), "/a/b");
    EXPECT_EQ(path("/plant1%2F%23"), "/plant1/#");
    EXPECT_EQ(path("http://host:80/a?b"), "/a");
    EXPECT_EQ(path("http://host"), "/");
    EXPECT_EQ(path("http://host?x=1"), "/");
    EXPECT_EQ(path("*"), "*");
    for (const auto* wrong : {"", "a", "host:80", "gopher+x://a", "/%", "/%0", "/%00"})
        EXPECT_EQ(path(wrong), "refused") << wrong;
}

TEST(HttpDate, is_in_the_form_of_rfc_9110) {
    EXPECT_EQ(http_date(Time{784111777'000'000'000}), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(AcceptsGzip, reads_weights) {
    EXPECT_TRUE(accepts_gzip("gzip"));
    EXPECT_TRUE(accepts_gzip("br, GZIP;q=0.5"));
    EXPECT_FALSE(accepts_gzip("gzip;q=0, br"));
    EXPECT_FALSE(accepts_gzip("gzip;q=0.0"));
    EXPECT_FALSE(accepts_gzip("br, deflate"));
    EXPECT_FALSE(accepts_gzip(""));
}

TEST(HttpProblem, escapes_its_detail) {
    const auto problem = http_problem(404, "no \"x\"\n\\");
    EXPECT_EQ(problem.body,
              "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
              "\"detail\":\"no \\\"x\\\"\\u000a\\\\\"}\n");
}

}  // namespace
}  // namespace hw::io
