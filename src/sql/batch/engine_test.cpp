#include "sql/batch/engine.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>

#include "sql/batch/library.h"

namespace hw::sql::batch {
namespace {

using model::Quality;
using model::SampleBatch;

constexpr int64_t second = 1'000'000'000;
constexpr int64_t begin = 1'767'225'600 * second;  // 2026-01-01

class Text final : public Sink {
  public:
    bool write(std::string bytes) override {
        text += bytes;
        ++pieces;
        return !gone;
    }
    std::string text;
    size_t pieces = 0;
    bool gone = false;
};

// A historian in a folder of its own, with two numeric points, one of texts and one that is mixed.
class Batch : public testing::Test {
  protected:
    Batch() : points_(10'000) {
        folder_ = testing::TempDir() + "/headworks-batch-" +
                  testing::UnitTest::GetInstance()->current_test_info()->name();
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        history::Settings settings;
        settings.disk_reserve_bytes = 0;
        history_ = std::move(
            *history::History::open(settings, folder_, points_, clock_, history_metrics_));
    }
    ~Batch() override {
        engine_.reset();
        history_.reset();
        std::filesystem::remove_all(folder_);
    }
    void SetUp() override {
        if (!load_library("")) GTEST_SKIP() << load_library("").error().text();
    }

    void commit(SampleBatch batch) {
        std::promise<void> done;
        history_->submit(std::move(batch), [&](const Result<void>&) { done.set_value(); });
        done.get_future().wait();
    }
    model::PointId point(std::string_view path) { return points_.intern(path).value(); }
    void fill() {
        SampleBatch batch;
        for (int i = 0; i < 5'000; ++i) {
            batch.add_double(point("plant1/a/flow"), Time{begin + i * second}, i * 0.5);
            batch.add_int(point("plant1/b/count"), Time{begin + i * second}, i,
                          i == 7 ? Quality::bad_communication : Quality::good);
        }
        batch.add_text(point("plant1/c/state"), Time{begin}, "running, with \"quotes\"");
        batch.add_bool(point("plant1/c/mixed"), Time{begin}, true);
        batch.add_text(point("plant1/c/mixed"), Time{begin + second}, "off");
        batch.add_int(point("plant1/c/mixed"), Time{begin + 2 * second}, (int64_t{1} << 60) + 1);
        commit(std::move(batch));
    }
    Engine& engine(Settings settings = {}) {
        if (!engine_)
            engine_ = Engine::make(settings, folder_ + "/sql",
                                   {*history_, points_, clock_, engine_metrics_});
        return *engine_;
    }
    Result<Outcome> run(Request request, Text& text) { return engine().run(request, text); }
    std::string csv(std::string sql, std::vector<Parameter> parameters = {}) {
        Text text;
        const auto done = run({std::move(sql), std::move(parameters), Format::csv}, text);
        return done ? text.text : done.error().text();
    }
    Error error_of(std::string sql) {
        Text text;
        const auto done = run({std::move(sql), {}, Format::csv}, text);
        EXPECT_FALSE(done.has_value()) << text.text;
        EXPECT_EQ(text.text, "");
        return done ? Error(ErrorCode::cancelled, "none") : done.error();
    }

    SystemClock clock_;
    Metrics history_metrics_;
    Metrics engine_metrics_;
    model::PointDirectory points_;
    std::string folder_;
    std::unique_ptr<history::History> history_;
    std::unique_ptr<Engine> engine_;
};

TEST_F(Batch, gives_samples_with_all_their_columns) {
    fill();
    EXPECT_EQ(
        csv("SELECT * FROM history('plant1/c/#') ORDER BY point, time"),
        "point,time,value,text,quality,type\n"
        "plant1/c/mixed,2026-01-01T00:00:00Z,1.0,,good,bool\n"
        "plant1/c/mixed,2026-01-01T00:00:01Z,,off,good,string\n"
        "plant1/c/mixed,2026-01-01T00:00:02Z,1152921504606846976.0,1152921504606846977,good,"
        "int64\n"
        "plant1/c/state,2026-01-01T00:00:00Z,,\"running, with \"\"quotes\"\"\",good,string\n");
    EXPECT_EQ(csv("SELECT time, value, quality FROM history('plant1/b/count') "
                  "WHERE quality <> 'good'"),
              "time,value,quality\n2026-01-01T00:00:07Z,7.0,bad.communication\n");
}

TEST_F(Batch, answers_alike_from_heads_and_from_chunks) {
    fill();
    const std::string sql =
        "SELECT point, count(*) n, sum(value) s, min(time) a, max(time) b FROM history('plant1/#') "
        "GROUP BY point ORDER BY point";
    const std::string expected =
        "point,n,s,a,b\n"
        "plant1/a/flow,5000,6248750.0,2026-01-01T00:00:00Z,2026-01-01T01:23:19Z\n"
        "plant1/b/count,5000,12497500.0,2026-01-01T00:00:00Z,2026-01-01T01:23:19Z\n"
        "plant1/c/mixed,3,1152921504606846976.0,2026-01-01T00:00:00Z,2026-01-01T00:00:02Z\n"
        "plant1/c/state,1,,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z\n";
    EXPECT_EQ(csv(sql), expected);
    ASSERT_TRUE(history_->settle().has_value());
    EXPECT_EQ(csv(sql), expected);
    EXPECT_EQ(csv("SELECT count(*) FROM history('#')"), "count_star()\n10004\n");
}

TEST_F(Batch, takes_the_range_in_every_form) {
    fill();
    const std::string count = "n\n60\n";
    for (const char* range :
         {"'2026-01-01', '2026-01-01T00:01:00Z'", "DATE '2026-01-01', 1767225660",
          "TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01 00:01:00'",
          "TIMESTAMPTZ '2026-01-01 01:00:00+01', TIMESTAMP_NS '2026-01-01 00:01:00'",
          "1767225600000, TIMESTAMP '2026-01-01' + INTERVAL 1 MINUTE"})
        EXPECT_EQ(
            csv("SELECT count(*) n FROM history('plant1/a/flow', " + std::string(range) + ")"),
            count)
            << range;
    EXPECT_EQ(csv("SELECT count(*) n FROM history($f, $a, $b)",
                  {{"f", Datum::text("plant1/a/flow")},
                   {"a", Datum::time(Time{begin})},
                   {"b", Datum::text("2026-01-01T00:01:00Z")}}),
              count);
    EXPECT_EQ(csv("SELECT count(*) n FROM history(?, ?, ?)", {{"", Datum::text("plant1/a/flow")},
                                                              {"", Datum::integer(1767225600)},
                                                              {"", Datum::integer(1767225660)}}),
              count);
    EXPECT_EQ(csv("SELECT count(*) n FROM history('plant1/a/flow', NULL, NULL)"), "n\n5000\n");
    EXPECT_EQ(csv("SELECT count(*) n FROM history('plant1/a/flow', now() - INTERVAL 1 HOUR, "
                  "now() + INTERVAL 100 YEAR) WHERE time > now() - INTERVAL 1 MINUTE "
                  "AND time < current_timestamp"),
              "n\n0\n");
}

TEST_F(Batch, gives_figures_of_buckets) {
    fill();
    EXPECT_EQ(csv("SELECT point, time, count, avg, min, max, last FROM "
                  "history_agg('plant1/a/flow', '2026-01-01', '2026-01-01T00:02:00Z', '1m') "
                  "ORDER BY time"),
              "point,time,count,avg,min,max,last\n"
              "plant1/a/flow,2026-01-01T00:00:00Z,60,14.75,0.0,29.5,29.5\n"
              "plant1/a/flow,2026-01-01T00:01:00Z,60,44.75,30.0,59.5,59.5\n");
    // A bad sample counts in no figure.
    EXPECT_EQ(csv("SELECT sum(count)::BIGINT c, max(max) m FROM "
                  "history_agg('plant1/b/#', NULL, NULL, INTERVAL 1 HOUR)"),
              "c,m\n4999,4999.0\n");
    EXPECT_EQ(csv("SELECT count, first, last FROM history_agg('plant1/a/flow')"),
              "count,first,last\n5000,0.0,2499.5\n");
    EXPECT_EQ(csv("SELECT count(*) n FROM history_agg('plant1/a/flow', NULL, NULL, 60)"),
              "n\n84\n");
}

TEST_F(Batch, has_points_and_tables_of_others) {
    fill();
    engine().add_table({"pumps",
                        "",
                        {{"name", ColumnType::text},
                         {"power", ColumnType::float64},
                         {"on", ColumnType::boolean},
                         {"starts", ColumnType::int64},
                         {"since", ColumnType::time}},
                        [] -> Result<std::unique_ptr<TableCursor>> {
                            std::vector<std::vector<Datum>> rows;
                            for (int i = 0; i < 5'000; ++i)
                                rows.push_back({Datum::text("pump"), Datum::real(i),
                                                Datum::boolean(i % 2 == 0), Datum::integer(i),
                                                i == 0 ? Datum::null() : Datum::time(Time{begin})});
                            return cursor_over(std::move(rows));
                        }});
    EXPECT_EQ(csv("SELECT point, type, value, count FROM points WHERE point LIKE '%flow'"),
              "point,type,value,count\nplant1/a/flow,double,2499.5,5000\n");
    EXPECT_EQ(csv("SELECT count(*) n, sum(starts)::BIGINT s, count(since) c, max(since) t, "
                  "count(*) FILTER (\"on\") o FROM pumps"),
              "n,s,c,t,o\n5000,12497500,4999,2026-01-01T00:00:00Z,2500\n");
    EXPECT_EQ(csv("SELECT p.unit, h.n FROM points p JOIN (SELECT point, count(*) n FROM "
                  "history('#') GROUP BY point) h USING (point) WHERE h.n = 3"),
              "unit,n\n,3\n");
}

TEST_F(Batch, writes_every_type) {
    EXPECT_EQ(
        csv("SELECT 1::TINYINT a, -2::SMALLINT b, 3::UBIGINT c, 1.5::FLOAT d, 12.340::DECIMAL(9,3) "
            "e, -0.05::DECIMAL(4,2) f, 170141183460469231731687303715884105727::HUGEINT g, "
            "'x'::VARCHAR h, '\\x00\\xFF'::BLOB i, DATE '0044-03-15 (BC)' j, TIME '12:30:00.5' k, "
            "INTERVAL '1 year 2 days 3 hours' l, "
            "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID m, '0101'::BIT n, true o, "
            "'b'::ENUM('a', 'b') p, NULL q, 'infinity'::TIMESTAMP r, 'nan'::DOUBLE s, '' t"),
        "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t\n"
        "1,-2,3,1.5,12.340,-0.05,170141183460469231731687303715884105727,x,AP8=,-0043-03-15,"
        "12:30:00.5,1 year 2 days 03:00:00,6ba7b810-9dad-11d1-80b4-00c04fd430c8,0101,true,b,,"
        "infinity,nan,\"\"\n");
    Text text;
    ASSERT_TRUE(run({"SELECT [1, NULL, 3] a, {'x': 'y', 'z': [1.5]} b, MAP {'k': 1} c, "
                     "'[1,2]'::JSON d, 'nan'::DOUBLE e, [[1], []] f, array_value(1, 2) g, "
                     "union_value(w := 5) h",
                     {},
                     Format::ndjson},
                    text)
                    .has_value());
    EXPECT_EQ(text.text,
              "{\"a\":[1,null,3],\"b\":{\"x\":\"y\",\"z\":[1.5]},\"c\":{\"k\":1},\"d\":[1,2],"
              "\"e\":null,\"f\":[[1],[]],\"g\":[1,2],\"h\":5}\n");
    Text json;
    const auto done =
        run({"SELECT 'a' AS \"n\"\"q\", {'u': 1::DECIMAL(5,2)} s, MAP {1: [2]} m"}, json);
    ASSERT_TRUE(done.has_value());
    EXPECT_TRUE(json.text.starts_with(
        "{\"columns\":[{\"name\":\"n\\\"q\",\"type\":\"VARCHAR\"},{\"name\":\"s\",\"type\":"
        "\"STRUCT(u DECIMAL(5,2))\"},{\"name\":\"m\",\"type\":\"MAP(INTEGER, INTEGER[])\"}],"
        "\"rows\":[[\"a\",{\"u\":1.00},{\"1\":[2]}]],\"count\":1,\"cut\":false,\"elapsed_ms\":"))
        << json.text;
}

TEST_F(Batch, tells_where_a_statement_is_wrong) {
    EXPECT_EQ(error_of("SELECT 1 +").code(), ErrorCode::invalid_argument);
    const Error column = error_of("SELECT value,\n  valeu FROM history('#')");
    EXPECT_NE(column.text().find("line 2, column 3"), std::string::npos) << column.text();
    EXPECT_NE(column.text().find("valeu"), std::string::npos) << column.text();
    EXPECT_NE(error_of("SELECT 1; SELECT 2").text().find("one by one"), std::string::npos);
    EXPECT_NE(error_of("").text().find("no statement"), std::string::npos);
    EXPECT_NE(error_of("FROM history('a/#/b')").text().find("#"), std::string::npos);
    EXPECT_NE(error_of("FROM history('#', 'soon')").text().find("soon"), std::string::npos);
    EXPECT_NE(error_of("FROM history(NULL)").text().find("filter"), std::string::npos);
    EXPECT_NE(error_of("FROM history_agg('#', NULL, NULL, INTERVAL 1 MONTH)").text().find("months"),
              std::string::npos);
    EXPECT_NE(error_of("SELECT $1 + $2").text().find("no value"), std::string::npos);
    EXPECT_NE(csv("SELECT 1", {{"", Datum::integer(1)}}).find("the statement has 0"),
              std::string::npos);
    EXPECT_NE(csv("SELECT $a", {{"b", Datum::integer(1)}}).find("no parameter $b"),
              std::string::npos);
}

TEST_F(Batch, lets_nobody_change_or_reach_out) {
    for (const char* sql :
         {"CREATE TABLE t (a INT)", "DROP VIEW points", "SET memory_limit = '10GB'",
          "COPY (SELECT 1) TO '/tmp/headworks-x.csv'", "ATTACH '/tmp/headworks-x.db'",
          "INSTALL httpfs", "LOAD httpfs", "PRAGMA enable_profiling",
          "SELECT * FROM read_text('/etc/hostname')", "FROM '/etc/passwd.csv'",
          "SELECT * FROM glob('/etc/*')", "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
          "CALL pragma_version(); ", "EXPORT DATABASE '/tmp/headworks-x'"}) {
        Text text;
        const auto done = run({sql, {}, Format::csv}, text);
        if (std::string_view(sql).starts_with("CALL"))
            EXPECT_TRUE(done.has_value()) << done.error().text();
        else
            EXPECT_FALSE(done.has_value()) << sql << ": " << text.text;
    }
    EXPECT_EQ(error_of("CREATE TABLE t (a INT)").code(), ErrorCode::permission_denied);
}

TEST_F(Batch, makes_tables_where_that_is_allowed) {
    Settings settings;
    settings.read_only = false;
    engine(settings);
    EXPECT_EQ(csv("CREATE TABLE t AS SELECT 42 AS a"), "Count\n1\n");
    EXPECT_EQ(csv("SELECT a FROM t"), "a\n42\n");
    EXPECT_EQ(csv("SELECT column_name FROM (DESCRIBE FROM t)"), "column_name\na\n");
    EXPECT_FALSE(csv("COPY t TO '/tmp/headworks-x.csv'").starts_with("Count"));
}

TEST_F(Batch, keeps_to_its_limits) {
    Settings settings;
    settings.json_rows_limit = 3;
    settings.result_bytes_limit = 4 << 20;
    settings.memory_limit_bytes = 64'000'000;
    settings.temp_bytes_limit = 0;
    engine(settings);
    Text json;
    const auto cut = run({"SELECT * FROM range(10)"}, json);
    ASSERT_TRUE(cut.has_value());
    EXPECT_TRUE(cut->cut);
    EXPECT_NE(json.text.find("\"count\":3,\"cut\":true"), std::string::npos) << json.text;
    Text exact;
    ASSERT_TRUE(run({"SELECT * FROM range(3)"}, exact).has_value());
    EXPECT_NE(exact.text.find("\"count\":3,\"cut\":false"), std::string::npos) << exact.text;
    Text many;
    const auto large = run({"SELECT * FROM range(10000000)", {}, Format::csv}, many);
    ASSERT_FALSE(large.has_value());
    EXPECT_EQ(large.error().code(), ErrorCode::limit_exceeded);
    EXPECT_LE(many.text.size(), size_t{5} << 20);
    const Error memory = error_of("SELECT list(range) FROM range(30000000)");
    EXPECT_EQ(memory.code(), ErrorCode::limit_exceeded) << memory.text();
    EXPECT_NE(memory.text().find("sql.memory_limit"), std::string::npos) << memory.text();
}

constexpr const char* endless = "SELECT count(*) FROM range(100000000000) a WHERE a.range % 7 = 3";

TEST_F(Batch, ends_what_takes_too_long) {
    Text text;
    const auto done = run({endless, {}, Format::csv, "", {}, milliseconds(100)}, text);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code(), ErrorCode::timed_out);
    EXPECT_NE(done.error().text().find("100ms"), std::string::npos) << done.error().text();
    EXPECT_TRUE(engine().running().empty());
    EXPECT_EQ(csv("SELECT 1 a"), "a\n1\n");
}

TEST_F(Batch, cancels_by_id) {
    engine();
    std::promise<Result<Outcome>> outcome;
    std::thread thread([&] {
        Text text;
        outcome.set_value(run({endless, {}, Format::csv, "mine"}, text));
    });
    while (!engine().cancel("mine"))
        std::this_thread::yield();
    const auto done = outcome.get_future().get();
    thread.join();
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code(), ErrorCode::cancelled);
    EXPECT_FALSE(engine().cancel("mine"));
    engine().stop();
    EXPECT_EQ(error_of("SELECT 1").code(), ErrorCode::unavailable);
}

TEST_F(Batch, stops_for_a_reader_that_went) {
    Text text;
    text.gone = true;
    const auto done = run({"SELECT * FROM range(100000000)", {}, Format::csv}, text);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(text.pieces, 1u);
}

TEST_F(Batch, writes_parquet) {
    fill();
    Text text;
    const auto done = run({"SELECT * FROM history('#')", {}, Format::parquet}, text);
    ASSERT_TRUE(done.has_value()) << done.error().text();
    EXPECT_EQ(done->rows, 10'004u);
    ASSERT_GT(text.text.size(), 8u);
    EXPECT_EQ(text.text.substr(0, 4) + text.text.substr(text.text.size() - 4), "PAR1PAR1");
    EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/sql"));
    Text bad;
    EXPECT_FALSE(
        run({"SELECT error('on purpose') FROM range(10)", {}, Format::parquet}, bad).has_value());
    EXPECT_EQ(bad.text, "");
}

// The whole stream is read by a foreign reader in the system tests.
TEST_F(Batch, writes_arrow) {
    fill();
    Text text;
    const auto done = run({"SELECT * FROM history('#')", {}, Format::arrow}, text);
    ASSERT_TRUE(done.has_value()) << done.error().text();
    EXPECT_EQ(done->rows, 10'004u);
    EXPECT_EQ(text.text.substr(0, 4), "\xff\xff\xff\xff");
    EXPECT_EQ(text.text.substr(text.text.size() - 8), std::string("\xff\xff\xff\xff\0\0\0\0", 8));
    Text bad;
    const auto named = run({"SELECT 1 a, 'x'::ENUM('x') b", {}, Format::arrow}, bad);
    ASSERT_FALSE(named.has_value());
    EXPECT_NE(named.error().text().find("'b'"), std::string::npos) << named.error().text();
    Request limited{"SELECT 1", {}, Format::arrow};
    limited.rows_limit = 5;
    EXPECT_FALSE(run(limited, bad).has_value());
    EXPECT_EQ(bad.text, "");
}

TEST(Library, says_what_is_missing) {
    const auto none = load_library("/nowhere/libduckdb.so");
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().code(), ErrorCode::unsupported);
    EXPECT_NE(none.error().text().find("/nowhere/libduckdb.so"), std::string::npos);
    EXPECT_NE(none.error().text().find("sql.duckdb_library"), std::string::npos);
    EXPECT_TRUE(is_usable_version("v1.4.0"));
    EXPECT_TRUE(is_usable_version("v1.12.1-dev3"));
    EXPECT_FALSE(is_usable_version("v1.3.2"));
    EXPECT_FALSE(is_usable_version("v2.0.0"));
    EXPECT_FALSE(is_usable_version("nightly"));
}

}  // namespace
}  // namespace hw::sql::batch
