#include "api/conditions.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace hw::api {
namespace {

std::string refusal(std::string_view method, std::string_view id, std::string responses,
                    std::vector<std::pair<std::string, std::string>> headers) {
    Operation operation;
    operation.method = method;
    operation.path = "/api/v1/things/{name}";
    operation.id = id;
    operation.responses = std::move(responses);
    io::HttpRequest request;
    request.method = method;
    request.headers = std::move(headers);
    const auto refused = refuse_conditions(operation, request);
    return refused ? refused->body : "";
}

const std::string guarded = "200 - It; 412 application/problem+json Another revision";

TEST(Conditions, AreRefusedWhereNothingGuardsTheChange) {
    EXPECT_NE(refusal("PUT", "putThing", "200 - It", {{"if-match", "\"1\""}}).find("no If-Match"),
              std::string::npos);
    EXPECT_EQ(refusal("PUT", "putThing", guarded, {{"if-match", "\"1\""}}), "");
    EXPECT_EQ(refusal("PUT", "putThing", "200 - It", {}), "");
    EXPECT_EQ(refusal("GET", "getThing", "200 - It", {{"if-none-match", "\"1\""}}), "");
}

TEST(Conditions, OnlyWholeThingsAreCreatedOnCondition) {
    EXPECT_EQ(refusal("PUT", "putTwin", guarded, {{"if-none-match", "*"}}), "");
    EXPECT_NE(refusal("PUT", "putTag", guarded, {{"if-none-match", "*"}}), "");
    EXPECT_NE(refusal("PATCH", "patchTwin", guarded, {{"if-none-match", "*"}}), "");
}

}  // namespace
}  // namespace hw::api
