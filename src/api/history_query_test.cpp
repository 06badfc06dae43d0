#include "api/history_query.h"

#include <gtest/gtest.h>

#include <limits>

#include "api/api_test_support.h"
#include "api/points_query.h"

namespace hw::api {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

class HistoryQueryTest : public testing::Test {
  protected:
    HistoryQueryTest() {
        a_ = *points_.intern("w/a");
        b_ = *points_.intern("w/b");
        model::SampleBatch batch;
        for (int i = 0; i < 10; ++i) {
            batch.add_double(a_, Time{seconds(100 + i).ns}, i + 0.5);
            batch.add_int(b_, Time{seconds(100 + i).ns}, i);
        }
        history_.submit(std::move(batch), {});
    }

    Answer ask(Query query, const std::string& from = "100") {
        query.insert(query.end(), {{"from", from}, {"to", "1000"}});
        auto answer = std::make_shared<Answer>();
        auto exchange = make_exchange(answer, "/api/v1/history", std::move(query));
        const auto request =
            read_history_request(exchange.request, points_, settings_, Time{seconds(5000).ns});
        if (request) {
            answer_history(exchange, *request, history_, points_);
        } else {
            exchange.fail(request.error());
        }
        return *answer;
    }
    Answer list(Query query) {
        auto answer = std::make_shared<Answer>();
        auto exchange = make_exchange(answer, "/api/v1/points", std::move(query));
        answer_points(exchange, history_, points_, settings_);
        return *answer;
    }

    Settings settings_;
    model::PointDirectory points_{1000};
    FakeHistory history_;
    model::PointId a_, b_;
};

TEST_F(HistoryQueryTest, RawAsJsonHasTheFourMembers) {
    const std::string body = ask({{"point", "w/a"}, {"limit", "1"}}).response.body;
    EXPECT_TRUE(body.starts_with(R"({"items":[{"point":"w/a","time":"1970-01-01T00:01:40Z",)"
                                 R"("value":0.5,"quality":"good"}],"next":")"))
        << body;
}

TEST_F(HistoryQueryTest, PagesJoinToTheWhole) {
    std::string cursor;
    size_t rows = 0;
    for (int page = 0; page < 8; ++page) {
        Query query = {{"filter", "w/+"}, {"limit", "3"}};
        if (!cursor.empty()) query.emplace_back("cursor", cursor);
        const std::string body = ask(query).response.body;
        for (size_t at = body.find("\"point\""); at != std::string::npos;
             at = body.find("\"point\"", at + 1))
            ++rows;
        const size_t next = body.find("\"next\":\"");
        if (next == std::string::npos) {
            EXPECT_EQ(page, 6);
            break;
        }
        cursor = body.substr(next + 8, body.find('"', next + 8) - next - 8);
    }
    EXPECT_EQ(rows, 20u);
}

TEST_F(HistoryQueryTest, CsvAndNdjson) {
    EXPECT_EQ(ask({{"point", "w/b"}, {"format", "csv"}, {"limit", "2"}}).response.body,
              "point,time,value,quality\nw/b,1970-01-01T00:01:40Z,0,good\n"
              "w/b,1970-01-01T00:01:41Z,1,good\n");
    EXPECT_EQ(ask({{"point", "w/b"}, {"format", "ndjson"}, {"limit", "1"}}).response.body,
              "{\"point\":\"w/b\",\"time\":\"1970-01-01T00:01:40Z\",\"value\":0,"
              "\"quality\":\"good\"}\n");
}

TEST_F(HistoryQueryTest, FiguresCarryTheirNames) {
    const auto answer =
        ask({{"point", "w/a"}, {"every", "1m"}, {"aggregate", "mean,max"}, {"fill", "linear"}});
    EXPECT_EQ(answer.response.body,
              "{\"items\":[{\"point\":\"w/a\",\"time\":\"1970-01-01T00:01:40Z\",\"mean\":0.0,"
              "\"max\":1.0}],\"next\":null}\n");
    EXPECT_EQ(history_.last_aggregate.every, seconds(60));
    EXPECT_EQ(history_.last_aggregate.fill, history::Fill::linear);
}

// Pages of buckets, in both orders, joined.
TEST_F(HistoryQueryTest, BucketsComeInPagesOfLimit) {
    for (const std::string order : {"asc", "desc"}) {
        std::string cursor;
        std::string times;
        for (int page = 0; page < 4; ++page) {
            Query query = {{"filter", "w/+"},
                           {"every", "2s"},
                           {"aggregate", "max"},
                           {"limit", "3"},
                           {"order", order}};
            if (!cursor.empty()) query.emplace_back("cursor", cursor);
            const std::string body = ask(query).response.body;
            size_t rows = 0;
            for (size_t at = body.find("\"time\":"); at != body.npos;
                 at = body.find("\"time\":", at + 1), ++rows)
                times += body.substr(at + 25, 2) + " ";
            EXPECT_EQ(rows, page < 3 ? 3u : 1u) << body;
            const size_t next = body.find("\"next\":\"");
            EXPECT_EQ(next == body.npos, page == 3);
            if (next == body.npos) break;
            cursor = body.substr(next + 8, body.find('"', next + 8) - next - 8);
        }
        EXPECT_EQ(times, order == "asc" ? "40 42 44 46 48 40 42 44 46 48 "
                                        : "48 46 44 42 40 48 46 44 42 40 ");
    }
}

TEST_F(HistoryQueryTest, TheLastOfATextIsTheText) {
    const auto text = *points_.intern("t/mode");
    model::SampleBatch batch;
    const auto add = [&](int s, std::string_view value,
                         model::Quality quality = model::Quality::good) {
        const int64_t behind = quality == model::Quality::good ? 0 : 1;
        batch.add_text(text, Time{seconds(s).ns + behind}, value, quality);
    };
    add(100, "off");
    add(101, "on, \"slow\"");
    add(101, "bad", model::Quality::bad);
    add(104, "off");
    history_.submit(std::move(batch), {});
    const Query query = {{"point", "t/mode"}, {"every", "2s"}, {"aggregate", "first,count,last"}};
    const std::string body = ask(query).response.body;
    EXPECT_NE(body.find(R"(:40Z","first":"off","count":1,"last":"on, \"slow\""})"), body.npos)
        << body;
    EXPECT_NE(body.find(R"(:42Z","first":null,"count":1,"last":null})"), body.npos) << body;
    Query csv = query;
    csv.insert(csv.end(), {{"format", "csv"}, {"fill", "previous"}});
    const std::string table = ask(csv).response.body;
    EXPECT_NE(table.find(":40Z,off,1,\"on, \"\"slow\"\"\"\n"), table.npos) << table;
    EXPECT_NE(table.find(":42Z,\"on, \"\"slow\"\"\",1,"), table.npos) << table;
}

TEST_F(HistoryQueryTest, AnAggregateWithoutEveryIsOneBucket) {
    ask({{"point", "w/a"}, {"aggregate", "max"}});
    EXPECT_EQ(history_.last_aggregate.every, seconds(900));
    EXPECT_EQ(history_.last_aggregate.origin, (Time{seconds(100).ns}));
}

TEST_F(HistoryQueryTest, FewRowsAreNotDecimated) {
    const auto answer = ask({{"point", "w/a"}, {"max_points", "10"}, {"format", "csv"}});
    EXPECT_EQ(std::count(answer.response.body.begin(), answer.response.body.end(), '\n'), 11);
    const auto less = ask({{"point", "w/a"}, {"max_points", "4"}, {"decimate", "lttb"}});
    EXPECT_EQ(less.response.status, 200u);
}

TEST_F(HistoryQueryTest, ThinGivesTheLastOfEachSliceAndEachNewQuality) {
    model::SampleBatch more;
    const auto c = *points_.intern("w/c");
    for (int i = 0; i < 10; ++i)
        more.add_int(c, Time{seconds(100 + i).ns}, i,
                     i == 2 ? model::Quality::bad : model::Quality::good);
    history_.submit(std::move(more), {});
    // w/a thins to slices of 5 s; w/c also keeps 0 (its first), 2 (bad) and 3 (good again).
    EXPECT_EQ(
        ask({{"point", "w/a"}, {"point", "w/c"}, {"thin", "5s"}, {"format", "csv"}}).response.body,
        "point,time,value,quality\n"
        "w/a,1970-01-01T00:01:40Z,0.5,good\nw/a,1970-01-01T00:01:44Z,4.5,good\n"
        "w/a,1970-01-01T00:01:49Z,9.5,good\n"
        "w/c,1970-01-01T00:01:40Z,0,good\nw/c,1970-01-01T00:01:42Z,2,bad\n"
        "w/c,1970-01-01T00:01:43Z,3,good\nw/c,1970-01-01T00:01:44Z,4,good\n"
        "w/c,1970-01-01T00:01:49Z,9,good\n");
    // Pages join, each but the last of as many rows as were asked for.
    const std::string first = ask({{"point", "w/a"}, {"thin", "5s"}, {"limit", "2"}}).response.body;
    EXPECT_NE(first.find("\"value\":4.5"), std::string::npos) << first;
    EXPECT_EQ(first.find("\"value\":9.5"), std::string::npos) << first;
    EXPECT_EQ(first.find("\"next\":null"), std::string::npos) << first;
}

TEST_F(HistoryQueryTest, BeforeBeginsEachPointWithWhatHeldThen) {
    const Query query = {{"filter", "w/+"}, {"before", "true"}, {"format", "csv"}};
    EXPECT_EQ(ask(query, "108").response.body,
              "point,time,value,quality\n"
              "w/a,1970-01-01T00:01:47Z,7.5,good\nw/a,1970-01-01T00:01:48Z,8.5,good\n"
              "w/a,1970-01-01T00:01:49Z,9.5,good\n"
              "w/b,1970-01-01T00:01:47Z,7,good\nw/b,1970-01-01T00:01:48Z,8,good\n"
              "w/b,1970-01-01T00:01:49Z,9,good\n");
    // Nothing in the range, and nothing before it.
    EXPECT_EQ(ask({{"point", "w/a"}, {"before", "true"}, {"format", "csv"}}, "500").response.body,
              "point,time,value,quality\nw/a,1970-01-01T00:01:49Z,9.5,good\n");
    EXPECT_EQ(ask({{"point", "w/a"}, {"before", "true"}, {"format", "csv"}, {"limit", "1"}}, "50")
                  .response.body,
              "point,time,value,quality\nw/a,1970-01-01T00:01:40Z,0.5,good\n");
}

TEST_F(HistoryQueryTest, PagesJoinBehindWhatHeldBefore) {
    std::string cursor;
    std::string times;
    for (int page = 0; page < 9; ++page) {
        Query query = {{"filter", "w/+"}, {"before", "true"}, {"limit", "1"}};
        if (!cursor.empty()) query.emplace_back("cursor", cursor);
        const std::string body = ask(query, "108").response.body;
        const size_t time = body.find("00:01:");
        if (time != std::string::npos) times += body.substr(time + 6, 2) + ' ';
        const size_t next = body.find("\"next\":\"");
        if (next == std::string::npos) break;
        cursor = body.substr(next + 8, body.find('"', next + 8) - next - 8);
    }
    EXPECT_EQ(times, "47 48 49 47 48 49 ");
}

TEST_F(HistoryQueryTest, ErrorsNameTheParameter) {
    const struct {
        Query query;
        unsigned status;
        std::string word;
    } cases[] = {
        {{}, 400, "point=<path>"},
        {{{"point", "w/x"}}, 404, "w/x"},
        {{{"filter", "w/#/x"}}, 400, "#"},
        {{{"point", "w/a"}, {"every", "0s"}}, 400, "every"},
        {{{"point", "w/a"}, {"every", "1m"}, {"aggregate", "mode"}}, 400, "mode"},
        {{{"point", "w/a"}, {"fill", "null"}}, 400, "every"},
        {{{"point", "w/a"}, {"every", "1m"}, {"max_points", "5"}}, 400, "exclude"},
        {{{"point", "w/a"}, {"max_points", "5"}, {"limit", "5"}}, 400, "excludes limit"},
        {{{"point", "w/a"}, {"limit", "0"}}, 400, "limit"},
        {{{"point", "w/a"}, {"order", "up"}}, 400, "order"},
        {{{"point", "w/a"}, {"cursor", "%%%"}}, 400, "cursor"},
        {{{"point", "w/a"}, {"agregate", "mean"}}, 400, "did you mean 'aggregate'"},
        {{{"point", "w/a"}, {"format", "xml"}}, 400, "xml"},
        {{{"point", "w/a"}, {"thin", "0s"}}, 400, "thin"},
        {{{"point", "w/a"}, {"thin", "5s"}, {"max_points", "5"}}, 400, "thin excludes"},
        {{{"point", "w/a"}, {"thin", "5s"}, {"order", "desc"}}, 400, "order=asc"},
        {{{"point", "w/a"}, {"before", "yes"}}, 400, "before='yes'"},
        {{{"point", "w/a"}, {"before", "true"}, {"aggregate", "max"}}, 400, "before excludes"},
    };
    for (const auto& one : cases) {
        const auto answer = ask(one.query);
        EXPECT_EQ(answer.response.status, one.status) << one.word;
        EXPECT_EQ(answer.header("content-type"), "application/problem+json");
        EXPECT_NE(answer.response.body.find(one.word), std::string::npos) << answer.response.body;
    }
}

TEST_F(HistoryQueryTest, PointsListStateAndPages) {
    const auto first = list({{"limit", "1"}});
    EXPECT_EQ(first.response.body.find("\"point\":\"w/a\""), 11u);
    EXPECT_NE(first.response.body.find("\"count\":10"), std::string::npos);
    EXPECT_NE(first.response.body.find("\"unit\":null"), std::string::npos);
    EXPECT_EQ(first.response.body.find("w/b"), std::string::npos);
    const auto second = list({{"cursor", first.header("x-next-cursor")}});
    EXPECT_NE(second.response.body.find("w/b"), std::string::npos);
    EXPECT_EQ(second.header("x-next-cursor"), "");
    EXPECT_EQ(list({{"fields", "point,value"}, {"format", "csv"}}).response.body,
              "point,value\nw/a,9.5\nw/b,9\n");
    EXPECT_EQ(list({{"fields", "points"}}).response.status, 400u);
}

}  // namespace
}  // namespace hw::api
