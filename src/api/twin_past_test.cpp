#include "api/twin_past.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_test_support.h"
#include "api/router.h"
#include "sql/functions/functions.h"
#include "twin/past/past_test_support.h"

namespace hw::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using Query = std::vector<std::pair<std::string, std::string>>;

class TwinPastApi : public testing::Test, protected twin::PastBed {
  protected:
    TwinPastApi()
        : operations_(settings_, TwinPastOperations::Rooms{*past, history, points, clock}) {
        sql::add_builtin_functions(functions);
        operations_.add_to(table_);
        for (const auto* model : twin::past_models)
            twins.put_model(model);
        twin::TwinSpec pump{.id = "w/p1", .model = "dtmi:x:Pump;1", .name = {}, .bindings = {}};
        twins.describe(pump, Time{1'000});
        pump.bindings["flow"] = "plc/f";
        twins.describe(pump, Time{500'000}, "bob");
        add("w/p1/flow", 100'000, 1.5);
        add("w/p1/flow", 300'000, 2.5);
        add("plc/f", 600'000, 7);
    }
    Answer get(std::string path, Query query = {}) {
        auto answer = std::make_shared<Answer>();
        Exchange exchange = make_exchange(answer, std::move(path), std::move(query));
        const Operation* found = nullptr;
        Match best;
        for (const auto& operation : table_) {
            auto match = match_path(operation.path, exchange.request);
            if (!match || match->literals < best.literals) continue;
            best = std::move(*match);
            found = &operation;
        }
        EXPECT_NE(found, nullptr);
        exchange.places = best.places;
        found->run(std::move(exchange));
        EXPECT_TRUE(answer->finished);
        return *answer;
    }
    std::string body(std::string path, Query query = {}) {
        const Answer answer = get(std::move(path), std::move(query));
        return std::to_string(answer.response.status) + " " + answer.response.body;
    }
    static std::string at(int64_t ns) { return format_rfc3339(Time{ns}); }

    Settings settings_;
    TwinPastOperations operations_;
    std::vector<Operation> table_;
};

TEST_F(TwinPastApi, differences) {
    const auto text = body("/api/v1/twins/w/p1/diff", {{"from", at(200'000)}, {"to", at(400'000)}});
    EXPECT_THAT(text, HasSubstr("200 {\"from\":"));
    EXPECT_THAT(text, HasSubstr(R"("path":"flow")"));
    EXPECT_THAT(text, HasSubstr(R"("change":1.0)"));
    EXPECT_THAT(text, HasSubstr("\"next\":null"));
    EXPECT_THAT(
        body("/api/v1/twin/diff", {{"from", at(310'000)}, {"to", at(400'000)}, {"filter", "w/#"}}),
        HasSubstr("\"items\":[]"));
    EXPECT_THAT(body("/api/v1/twin/diff", {{"from", at(9)}, {"to", at(8)}}), HasSubstr("400 "));
    EXPECT_THAT(body("/api/v1/twin/diff", {{"form", "x"}}), HasSubstr("did you mean 'from'?"));
    EXPECT_THAT(body("/api/v1/twins/none/diff",
                     {{"from", at(200'000)}, {"to", at(400'000)}, {"depth", "2"}}),
                HasSubstr("404 "));
}

TEST_F(TwinPastApi, events_in_pages_and_forms) {
    Query query = {{"from", at(0)}, {"to", at(900'000)}, {"limit", "1"}};
    const Answer first = get("/api/v1/twins/w/p1/events", query);
    EXPECT_THAT(first.response.body, HasSubstr(R"("kind":"twin.update")"));
    EXPECT_THAT(first.response.body, HasSubstr(R"("actor":"bob")"));
    EXPECT_THAT(first.response.body, Not(HasSubstr("twin.create")));
    query.emplace_back("cursor", first.header("x-next-cursor"));
    const Answer second = get("/api/v1/twins/w/p1/events", query);
    EXPECT_THAT(second.response.body, HasSubstr("twin.create"));
    EXPECT_EQ(second.header("x-next-cursor"), "");
    const auto csv =
        body("/api/v1/twin/past/events", {{"from", at(0)}, {"to", at(900'000)}, {"format", "csv"}});
    EXPECT_THAT(csv, HasSubstr("time,twin,kind,"));
    EXPECT_THAT(csv, HasSubstr("w/p1,twin.update,,bob,"));
}

TEST_F(TwinPastApi, history_follows_the_bindings) {
    EXPECT_THAT(body("/api/v1/twins/w/p1/history/flow", {{"from", at(0)}, {"to", at(400'000)}}),
                AllOf(HasSubstr(R"("point":"w/p1/flow")"), HasSubstr("1.5"), HasSubstr("2.5")));
    const auto both =
        body("/api/v1/twins/w/p1/history/flow", {{"from", at(0)}, {"to", at(900'000)}});
    EXPECT_THAT(both, AllOf(HasSubstr("w/p1/flow"), HasSubstr("plc/f"), HasSubstr("7.0")));
    const Answer page =
        get("/api/v1/twins/w/p1/history/flow",
            {{"from", at(0)}, {"to", at(900'000)}, {"limit", "2"}, {"format", "json"}});
    EXPECT_THAT(page.response.body, AllOf(Not(HasSubstr("plc/f")), HasSubstr("\"next\":\"")));
    EXPECT_THAT(body("/api/v1/twins/w/p1/history/flow",
                     {{"from", at(0)}, {"to", at(900'000)}, {"every", "1s"}}),
                HasSubstr("409 "));
    EXPECT_THAT(body("/api/v1/twins/w/p1/history/flow", {{"point", "x"}}), HasSubstr("400 "));
    EXPECT_THAT(body("/api/v1/twins/w/p1/history/nothing"), HasSubstr("404 "));
    // A property that never had a sample has no rows, and is no error.
    EXPECT_THAT(body("/api/v1/twins/w/p1/history/running", {{"from", at(0)}, {"to", at(9)}}),
                HasSubstr("200 {\"items\":[]"));
}

TEST_F(TwinPastApi, when_a_condition_held) {
    const auto text = body("/api/v1/twins/w/p1/when",
                           {{"condition", "flow > 2"}, {"from", at(0)}, {"to", at(500'000)}});
    EXPECT_THAT(text, HasSubstr("200 {\"condition\":\"flow > 2\""));
    EXPECT_THAT(text, HasSubstr("\"count\":1,\"seconds\":0.0002,"));
    EXPECT_THAT(text, HasSubstr("\"still_holds\":true"));
    EXPECT_THAT(body("/api/v1/twins/w/p1/when"), HasSubstr("400 "));
    EXPECT_THAT(body("/api/v1/twins/w/p1/when", {{"condition", "flow >"}}), HasSubstr("line 1"));
    EXPECT_THAT(body("/api/v1/twins/none/when", {{"condition", "flow > 1"}}), HasSubstr("404 "));
}

TEST_F(TwinPastApi, every_schema_that_is_named_is_there) {
    for (const auto& operation : table_) {
        for (size_t at = operation.responses.find('#'); at != std::string::npos;
             at = operation.responses.find('#', at + 1)) {
            const size_t end = operation.responses.find_first_of(", ", at);
            const std::string name = operation.responses.substr(at + 1, end - at - 1);
            EXPECT_THAT(std::string(twin_past_schemas()), HasSubstr("\"" + name + "\":"));
        }
    }
}

}  // namespace
}  // namespace hw::api
