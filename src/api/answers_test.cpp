#include "api/answers.h"

#include <gtest/gtest.h>

#include "api/api_test_support.h"

namespace hw::api {
namespace {

const std::vector<std::string> known = {"limit", "cursor"};

TEST(Answers, APageIsReadAndItsCursorGivenBack) {
    auto answer = std::make_shared<Answer>();
    auto exchange = make_exchange(answer, "/api/v1/things", {{"limit", "2"}});
    EXPECT_EQ(read_page(exchange.request, known, 10)->limit, 2u);
    answer_page(exchange, std::vector<int>{1, 2}, "b/2",
                [](JsonWriter& json, int item) { json.value(item); });
    const std::string& body = answer->response.body;
    EXPECT_TRUE(body.starts_with(R"({"items":[1,2],"next":")")) << body;
    const std::string cursor = body.substr(23, body.size() - 25);
    auto next = make_exchange(answer, "/api/v1/things", {{"cursor", cursor}});
    const auto page = read_page(next.request, known, 10, 7);
    EXPECT_EQ(page->after, "b/2");
    EXPECT_EQ(page->limit, 7u);
    answer_page(next, std::vector<int>{}, std::nullopt, [](JsonWriter&, int) {});
    EXPECT_EQ(answer->response.body, R"({"items":[],"next":null})");
}

TEST(Answers, APageThatIsAskedForWronglyIsRefused) {
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"limit", "0"},
                                                          {"limit", "11"},
                                                          {"limit", "-1"},
                                                          {"limit", "1e1"},
                                                          {"cursor", "%"},
                                                          {"limt", "1"}})
        EXPECT_FALSE(read_page(
            make_exchange(std::make_shared<Answer>(), "", {{name, value}}).request, known, 10))
            << name << "=" << value;
}

TEST(Answers, ChoicesAreAnArray) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_choices(json, "choices", "a|bc|d");
    write_choices(json, "none", "");
    json.end_object();
    EXPECT_EQ(body, R"({"choices":["a","bc","d"]})");
}

}  // namespace
}  // namespace hw::api
