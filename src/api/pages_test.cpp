#include "api/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_test_support.h"

namespace hw::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr EmbeddedFile files[] = {
    {"assets/index-1a2b.js", "export const long = 1;"},
    {"assets/index-1a2b.js.br", "packed"},
    {"icon.svg", "<svg/>"},
    {"index.html", "<link nonce=\"HEADWORKS_NONCE\"><meta nonce=\"HEADWORKS_NONCE\">"},
    {"index.html.br", "never sent"},
};

class Pages : public ::testing::Test {
  protected:
    // Null: it is not the console's.
    std::shared_ptr<Answer> ask(std::string path, std::string accept = "text/html,*/*",
                                std::string encoding = "gzip, deflate, br",
                                std::string method = "GET") {
        auto answer = std::make_shared<Answer>();
        Exchange exchange;
        exchange.request.method = std::move(method);
        exchange.request.path = std::move(path);
        exchange.request.headers = {{"accept", std::move(accept)},
                                    {"accept-encoding", std::move(encoding)}};
        exchange.responder = std::make_unique<FakeResponder>(answer);
        return pages.answer(exchange) ? answer : nullptr;
    }

    int made = 0;
    ConsolePages pages{files, [this] { return "nonce" + std::to_string(++made); }};
};

TEST_F(Pages, AnAssetIsKeptForEverAndPacked) {
    const auto answer = ask("/assets/index-1a2b.js", "*/*");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->response.status, 200u);
    EXPECT_EQ(answer->response.body, "packed");
    EXPECT_EQ(answer->header("content-encoding"), "br");
    EXPECT_EQ(answer->header("vary"), "accept-encoding");
    EXPECT_EQ(answer->header("content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(answer->header("cache-control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(answer->header("x-content-type-options"), "nosniff");
}

TEST_F(Pages, WhoTakesNoBrotliGetsItPlain) {
    for (const auto* encoding : {"gzip", "", "br;q=0", "br;q=0, gzip"}) {
        const auto answer = ask("/assets/index-1a2b.js", "*/*", encoding);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->response.body, "export const long = 1;") << encoding;
        EXPECT_EQ(answer->header("content-encoding"), "") << encoding;
    }
}

TEST_F(Pages, EveryPlaceIsTheFirstPageWithANonceOfItsOwn) {
    for (const auto* path : {"/", "/index.html", "/trends", "/twin/deep/er", "/login"}) {
        const auto answer = ask(path);
        ASSERT_TRUE(answer) << path;
        const std::string nonce = "nonce" + std::to_string(made);
        EXPECT_EQ(answer->response.body,
                  "<link nonce=\"" + nonce + "\"><meta nonce=\"" + nonce + "\">");
        EXPECT_THAT(answer->header("content-security-policy"),
                    HasSubstr("style-src 'self' 'nonce-" + nonce + "'"));
        EXPECT_THAT(answer->header("content-security-policy"), Not(HasSubstr("unsafe")));
        EXPECT_EQ(answer->header("cache-control"), "no-store");
        EXPECT_EQ(answer->header("content-encoding"), "");
    }
    EXPECT_EQ(made, 5);
}

TEST_F(Pages, WhatAProgramAsksIsNotAPage) {
    EXPECT_FALSE(ask("/trends", "application/json"));
    EXPECT_FALSE(ask("/api/v1/nothing"));
    EXPECT_FALSE(ask("/assets/index-old.js"));
    EXPECT_FALSE(ask("/assets/../index.html"));
    EXPECT_FALSE(ask("/index.html.br", "*/*"));
    EXPECT_FALSE(ask("/trends", "text/html", "", "POST"));
    EXPECT_TRUE(ask("/trends", "text/html", "", "HEAD"));
}

TEST(PagesNonce, IsNeverTheSame) {
    EXPECT_EQ(page_nonce().size(), 32u);
    EXPECT_NE(page_nonce(), page_nonce());
}

TEST(PagesNone, AProgramWithoutConsoleSaysSo) {
    const ConsolePages none({}, page_nonce);
    auto answer = std::make_shared<Answer>();
    Exchange exchange;
    exchange.request.method = "GET";
    exchange.request.path = "/";
    exchange.request.headers = {{"accept", "text/html"}};
    exchange.responder = std::make_unique<FakeResponder>(answer);
    ASSERT_TRUE(none.answer(exchange));
    EXPECT_THAT(answer->response.body, HasSubstr("without its console"));
}

}  // namespace
}  // namespace hw::api
