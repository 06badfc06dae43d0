#include "sql/query/query.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "sql/functions/functions.h"
#include "sql/json.h"
#include "sql/query/step_rows.h"
#include "sql/query/trial.h"

namespace hw::sql {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Time start{1'772'323'200'000'000'000};

const FunctionTable& functions() {
    static const FunctionTable* const table = [] {
        auto* made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

class Rows final : public QueryOutput {
  public:
    void row(OutputRow row) override { rows.push_back(to_json(row.row)); }
    void late(const Record&) override { ++lates; }
    void failed(size_t operator_id, const std::string& reason) override {
        failures.push_back(fmt::format("{} {}", operator_id, reason));
    }
    std::vector<std::string> rows;
    std::vector<std::string> failures;
    size_t lates = 0;
};

class QueryTest : public testing::Test {
  public:
    std::unique_ptr<Query> compile(const std::string& sql, const QueryOptions& options = {}) {
        auto made = Query::compile(sql, {functions(), nullptr, services_, "rule"}, options);
        EXPECT_TRUE(made.has_value()) << sql << ": " << (made ? "" : made.error().full_text());
        return made ? std::move(*made) : nullptr;
    }
    static RecordRef message(const std::string& payload, const std::string& topic = "t/1",
                             Time time = start) {
        return trial_message(Datum::object({{Datum::text("topic"), Datum::text(topic)},
                                            {Datum::text("payload"), Datum::text(payload)}}),
                             time);
    }

    Services services_;
};

// "type key: values" of each.
std::vector<std::string> described(const Query& query) {
    constexpr std::string_view types[] = {"=", "in", "<", "<=", ">", ">=", "=~"};
    std::vector<std::string> all;
    for (const auto& one : query.indexable()) {
        std::string text =
            fmt::format("{}: {} {}", one.conjunct, one.key, types[static_cast<size_t>(one.type)]);
        for (const auto& value : one.values)
            text += " " + to_json(value);
        all.push_back(std::move(text));
    }
    return all;
}

TEST_F(QueryTest, OffersTheConjunctsThatAnIndexDecides) {
    const auto query = compile(
        "SELECT payload.a AS x FROM \"t/#\" WHERE payload.temp > 30 AND 'on' = payload.state AND "
        "x IN (1, 2.5) AND payload.b BETWEEN 1 AND 9 AND topic =~ 't/+' AND payload.flag = true "
        "AND 5 >= q AND clientid = 'c1' AND payload.a.`b c`[1] = 'x'");
    EXPECT_THAT(
        described(*query),
        ElementsAre("0: payload.temp as number > 30", "1: payload.state as text = \"on\"",
                    "2: payload.a as number in 1 2.5", "3: payload.b as number >= 1",
                    "4: payload.b as number <= 9", "5: topic as topic =~ \"t/+\"",
                    "6: payload.flag as boolean = true", "7: payload.q as number <= 5",
                    "8: clientid as text = \"c1\"", "9: payload.a.`b c`[0] as text = \"x\""));
}

TEST_F(QueryTest, OffersNothingThatItCouldDecideWrongly) {
    for (const std::string where :
         {"payload.a = '5'",                     // equals the number 5 too
          "payload.a = 'true'",                  // equals the boolean too
          "payload.a = '2026-03-01T00:00:00Z'",  // equals a time too
          "payload.a = null", "payload.a != 5", "payload.a < 'x'", "payload.a = payload.b",
          "payload.a = 5 OR payload.b = 1", "payload.a + 1 = 5", "payload.a IN (1, 'x')",
          "payload.a NOT IN (1, 2)", "NOT payload.a = 1", "payload.a NOT BETWEEN 1 AND 2",
          "topic =~ 'a/#/b'"})
        EXPECT_THAT(described(*compile("SELECT 1 AS x FROM \"t/#\" WHERE " + where)), ElementsAre())
            << where;
}

TEST_F(QueryTest, KeepsTheIndexFromWhatMustSeeAllEvents) {
    EXPECT_THAT(described(*compile("SELECT lag(payload.a) AS x FROM \"t/#\" WHERE payload.a = 1")),
                ElementsAre());
    EXPECT_THAT(described(*compile("SELECT count(*) AS n FROM \"t/#\" WHERE payload.a = 1 "
                                   "GROUP BY COUNTWINDOW(2)")),
                ElementsAre());
    EXPECT_THAT(described(*compile("SELECT count(*) AS n FROM \"t/#\" WHERE payload.a = 1 "
                                   "GROUP BY TUMBLINGWINDOW(ss, 2)")),
                ElementsAre("0: payload.a as number = 1"));
    // The shapes differ: one key would mean two things.
    EXPECT_THAT(described(*compile("SELECT 1 AS x FROM \"t/#\", \"$events/session/subscribed\" "
                                   "WHERE topic = 'a'")),
                ElementsAre());
}

std::string random_value(Random& random) {
    constexpr std::string_view values[] = {"1",
                                           "1.0",
                                           "2",
                                           "2.5",
                                           "-1",
                                           "\"1\"",
                                           "\"2.5\"",
                                           "\"x\"",
                                           "\"on\"",
                                           "true",
                                           "false",
                                           "\"true\"",
                                           "null",
                                           "[1]",
                                           "{\"b\":1}",
                                           "9007199254740993",
                                           "9007199254740992",
                                           "\"\"",
                                           "\"2026-03-01T00:00:00Z\"",
                                           "1e300"};
    return std::string(values[random.below(std::size(values))]);
}

std::string random_conjunct(Random& random) {
    constexpr std::string_view fields[] = {"payload.a", "b", "payload.c.d", "payload.e[1]"};
    constexpr std::string_view constants[] = {
        "1", "2.5", "'x'", "'on'", "true", "'1'", "-1", "9007199254740993", "false", "'true'"};
    constexpr std::string_view operators[] = {"=", "<", "<=", ">", ">=", "!="};
    const auto field = fields[random.below(std::size(fields))];
    const auto constant = [&] { return constants[random.below(std::size(constants))]; };
    switch (random.below(6)) {
        case 0:
            return fmt::format("{} IN ({}, {})", field, constant(), constant());
        case 1:
            return fmt::format("{} BETWEEN {} AND {}", field, constant(), constant());
        case 2:
            return fmt::format("topic =~ '{}'", random.below(2) == 0 ? "t/+" : "t/#");
        case 3:
            return fmt::format("{} = {}", constant(), field);
        default:
            return fmt::format("{} {} {}", field, operators[random.below(std::size(operators))],
                               constant());
    }
}

// As an index would decide.
bool index_holds(const Indexable& indexable, const Datum& value) {
    const auto& first = indexable.values[0];
    switch (indexable.type) {
        case Indexable::Type::equal:
        case Indexable::Type::in:
            return std::ranges::find(indexable.values, value) != indexable.values.end();
        case Indexable::Type::topic:
            return value.is_text() &&
                   (first.as_text() == "t/#" || value.as_text().find('/', 2) == std::string::npos);
        case Indexable::Type::less:
            return value.is_number() && order(value, first) < 0;
        case Indexable::Type::less_equal:
            return value.is_number() && order(value, first) <= 0;
        case Indexable::Type::greater:
            return value.is_number() && order(value, first) > 0;
        case Indexable::Type::greater_equal:
            return value.is_number() && order(value, first) >= 0;
    }
    return false;
}

TEST_F(QueryTest, GivesTheSameRowsByItsIndexAndWithout) {
    Random random(7);
    size_t by_index = 0, passed = 0;
    for (int round = 0; round < 400; ++round) {
        QueryOptions options;
        if (random.below(2) == 0) options.dialect = Dialect::ekuiper;
        const std::string sql =
            fmt::format("SELECT payload.a AS a, topic FROM \"t/#\" WHERE {} AND {}",
                        random_conjunct(random), random_conjunct(random));
        const auto query = compile(sql, options);
        ASSERT_TRUE(query);
        for (int event = 0; event < 60; ++event) {
            const std::string payload =
                fmt::format(R"({{"a":{},"b":{},"c":{{"d":{}}},"e":[{},{}]}})", random_value(random),
                            random_value(random), random_value(random), random_value(random),
                            random_value(random));
            const auto record = message(payload, random.below(2) == 0 ? "t/1" : "t/1/x");
            Rows plain;
            query->push(0, record, start, plain);
            const auto indexable = query->indexable();
            for (size_t i = 0; i < indexable.size(); ++i) {
                Rows indexed;
                ++by_index;
                if (index_holds(indexable[i], query->index_value(i, *record, start)))
                    query->push_known(0, record, start, indexable[i].conjunct, indexed);
                ASSERT_EQ(plain.rows, indexed.rows) << sql << " " << payload;
            }
            passed += plain.rows.size();
        }
    }
    // The test must have had something to see.
    EXPECT_GT(by_index, 10'000u);
    EXPECT_GT(passed, 200u);
}

TEST_F(QueryTest, KnownConjunctsAreNotAskedAgain) {
    const auto query = compile("SELECT 1 AS x FROM \"t/#\" WHERE payload.a = 1 AND payload.b = 2");
    Rows rows;
    query->push_known(0, message(R"({"a":9,"b":2})"), start, 0, rows);
    EXPECT_THAT(rows.rows, ElementsAre(R"({"x":1})"));
    query->push_known(0, message(R"({"a":9,"b":2})"), start, 1, rows);
    EXPECT_EQ(rows.rows.size(), 1u);
}

TEST_F(QueryTest, CountsWhatPassesEachOperator) {
    const auto query = compile(
        "SELECT 10 / payload.d AS x FROM \"t/#\" WHERE payload.a > 1 AND payload.b / 1 > 0");
    Rows rows;
    query->push(0, message(R"({"a":1,"b":1,"d":1})"), start, rows);
    query->push(0, message(R"({"a":2,"b":1,"d":0})"), start, rows);
    query->push(0, message(R"({"a":2,"b":"x","d":1})"), start, rows);
    query->push(0, message(R"({"a":2,"b":1,"d":5})"), start, rows);
    query->push(0, message("no JSON: 1"), start, rows);
    query->push(0, message("no JSON: 2"), start, rows);
    EXPECT_THAT(rows.rows, ElementsAre(R"({"x":2.0})"));
    const auto figures = query->figures();
    ASSERT_EQ(figures.size(), 3u);
    EXPECT_EQ(figures[0].name, "source");
    EXPECT_EQ(figures[0].in, 6u);
    EXPECT_EQ(figures[1].name, "filter");
    EXPECT_EQ(figures[1].in, 6u);
    EXPECT_EQ(figures[1].out, 2u);
    EXPECT_EQ(figures[1].errors, 3u);
    ASSERT_EQ(figures[1].errors_by_reason.size(), 2u);
    EXPECT_EQ(figures[1].errors_by_reason[1].first, "not JSON");
    EXPECT_EQ(figures[1].errors_by_reason[1].second, 2u);
    EXPECT_EQ(figures[2].name, "project");
    EXPECT_EQ(figures[2].out, 1u);
    EXPECT_EQ(figures[2].errors, 1u);
    EXPECT_THAT(rows.failures[0], HasSubstr("2 division by zero"));
}

TEST_F(QueryTest, KeepsAtMostSixteenReasons) {
    const auto query = compile("SELECT bitsl(payload.a, 1) + payload.b AS x FROM \"t/#\"");
    Rows rows;
    for (int i = 0; i < 40; ++i)
        query->push(0, message(fmt::format(R"({{"a":{{"k":{}}},"b":[{}]}})", i, i)), start, rows);
    for (const auto& figures : query->figures())
        EXPECT_LE(figures.errors_by_reason.size(), 16u);
    EXPECT_EQ(rows.failures.size(), 40u);
}

TEST_F(QueryTest, TellsItsPlan) {
    const auto query = compile(
        "SELECT payload.p AS p, count(*) AS n FROM \"a/#\", \"b\" WHERE payload.v > 1 "
        "GROUP BY payload.p, TUMBLINGWINDOW(ss, 10) HAVING count(*) > 2 ORDER BY n DESC LIMIT 3");
    EXPECT_EQ(query->plan_text(),
              "project: payload.p AS p, count(*) AS n; ORDER BY n DESC; LIMIT 3\n"
              "  having: HAVING count(*) > 2\n"
              "    aggregate: BY payload.p\n"
              "      window: payload.p, TUMBLINGWINDOW(ss, 10)\n"
              "        filter: WHERE payload.v > 1\n"
              "          source: \"a/#\"\n"
              "          source: \"b\"\n");
    JsonReader reader;
    const auto json = reader.read(query->plan_json());
    ASSERT_TRUE(json);
    ASSERT_EQ(json->items().size(), 7u);
    EXPECT_EQ(to_json(json->items()[2]),
              R"({"id":2,"name":"filter","detail":"WHERE payload.v > 1","inputs":[0,1]})");
    EXPECT_EQ(query->figures().size(), 7u);
}

TEST_F(QueryTest, KnowsWhetherItKeepsAnything) {
    EXPECT_TRUE(compile("SELECT 1 AS x FROM \"t\"")->stateless());
    EXPECT_FALSE(compile("SELECT lag(payload.a) AS x FROM \"t\"")->stateless());
    EXPECT_FALSE(compile("SELECT count(*) AS x FROM \"t\" GROUP BY COUNTWINDOW(2)")->stateless());
    EXPECT_EQ(compile("SELECT 1 AS x FROM \"t\"")->next_due(), std::nullopt);
}

TEST_F(QueryTest, SaysWhenAWindowEnds) {
    const auto query = compile("SELECT count(*) AS n FROM \"t\" GROUP BY TUMBLINGWINDOW(ss, 10)");
    EXPECT_EQ(query->next_due(), std::nullopt);
    Rows rows;
    query->push(0, message("{}", "t"), start + seconds(3), rows);
    EXPECT_EQ(query->next_due(), start + seconds(10));
    query->advance(start + seconds(10), rows);
    EXPECT_THAT(rows.rows, ElementsAre(R"({"n":1})"));
    EXPECT_EQ(query->next_due(), std::nullopt);
}

TEST_F(QueryTest, RefusesStatesThatAreNotItsOwn) {
    const std::string sql =
        "SELECT sum(payload.a) AS s, lag(payload.a) AS l FROM \"t\" GROUP BY TUMBLINGWINDOW(ss, 9)";
    const auto query = compile(sql);
    Rows rows;
    for (int i = 0; i < 5; ++i)
        query->push(0, message(fmt::format(R"({{"a":{}}})", i), "t"), start + seconds(i), rows);
    std::string state;
    query->save(state);
    EXPECT_GT(query->state_bytes(), 0u);

    const auto other =
        compile("SELECT sum(payload.b) AS s FROM \"t\" GROUP BY TUMBLINGWINDOW(ss, 9)");
    const auto refused = other->load(as_bytes(state));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::unsupported);

    for (size_t size = 0; size < state.size(); ++size)
        EXPECT_FALSE(compile(sql)->load(as_bytes(std::string_view(state).substr(0, size)))) << size;
    EXPECT_FALSE(compile(sql)->load(as_bytes(state + "x")));
    EXPECT_TRUE(compile(sql)->load(as_bytes(state)));
}

TEST_F(QueryTest, TrialsCloseWindowsInTheirTime) {
    const auto query = compile(
        "SELECT count(*) AS n, window_end() AS e FROM \"t/#\" GROUP BY TUMBLINGWINDOW(ss, 10)");
    std::vector<TrialEvent> events;
    for (const int at : {1, 2, 25, 24})
        events.push_back({0, message("{}", "t/1", start + seconds(at)), start + seconds(at)});
    const ManualClock clock(start);
    const auto result = run_trial(*query, events, clock);
    ASSERT_EQ(result.rows.size(), 2u);
    EXPECT_EQ(to_json(result.rows[0].row),
              fmt::format(R"({{"n":2,"e":{}}})", start.ns / 1'000'000 + 10'000));
    EXPECT_EQ(result.rows[0].time, start + seconds(10));
    EXPECT_EQ(result.rows[0].window_start, start);
    EXPECT_EQ(result.rows[1].row.find("n")->as_integer(), 2);
    EXPECT_EQ(result.events, 4u);
    EXPECT_EQ(result.figures[0].in, 4u);
    EXPECT_THAT(result.plan_text, HasSubstr("TUMBLINGWINDOW"));
}

TEST_F(QueryTest, TrialsHaveLimits) {
    const auto query = compile("SELECT payload.a / payload.b AS x FROM \"t/#\"");
    std::vector<TrialEvent> events;
    for (int i = 0; i < 200; ++i)
        events.push_back({0, message(fmt::format(R"({{"a":1,"b":{}}})", i % 2)), start});
    const ManualClock clock(start);
    const auto result = run_trial(*query, events, clock, true, {.rows = 10, .failures = 5});
    EXPECT_EQ(result.rows.size(), 10u);
    EXPECT_EQ(result.rows_more, 90u);
    EXPECT_EQ(result.failed, 100u);
    EXPECT_EQ(result.failures.size(), 5u);
    EXPECT_FALSE(result.timed_out);

    class Hasty final : public Clock {
      public:
        Time now() const override { return {}; }
        Time monotonic() const override { return {at_ += seconds(9).ns}; }

      private:
        mutable int64_t at_ = 0;
    };
    const auto cut = run_trial(*query, events, Hasty());
    EXPECT_TRUE(cut.timed_out);
    EXPECT_LT(cut.events, events.size());
}

TEST_F(QueryTest, FindsTheSourceOfATopic) {
    const auto query = compile("SELECT 1 AS x FROM \"a/#\", \"b/+\"");
    EXPECT_EQ(source_for_topic(*query, "a/1/2"), 0u);
    EXPECT_EQ(source_for_topic(*query, "b/1"), 1u);
    EXPECT_EQ(source_for_topic(*query, "c"), std::nullopt);
}

TEST_F(QueryTest, EventsHaveShapes) {
    std::set<std::string> names;
    for (const Shape* shape : event_shapes()) {
        EXPECT_TRUE(names.insert(shape->name).second);
        EXPECT_EQ(event_shape(shape->name), shape);
        std::set<std::string> columns;
        for (const auto& column : shape->columns) {
            EXPECT_TRUE(columns.insert(column.name).second) << shape->name << " " << column.name;
            EXPECT_FALSE(column.help.empty()) << column.name;
        }
        EXPECT_GE(shape->find("timestamp"), 0) << shape->name;
        EXPECT_EQ(shape->body, shape->find("payload")) << shape->name;
    }
    EXPECT_EQ(event_shape("client_connected"), event_shape("client/connected"));
    EXPECT_EQ(event_shape("client_conected"), nullptr);
}

// What left each operator: "number row".
class Passed final : public QueryTap {
  public:
    void passed(size_t operator_id, Datum row) override {
        rows.push_back(fmt::format("{} {}", operator_id, to_json(row)));
    }
    std::vector<std::string> rows;
};

TEST_F(QueryTest, ATapSeesTheRowsBetweenOperators) {
    const auto query = compile(
        "SELECT count(*) AS n FROM \"t/#\" WHERE payload.x > 1 "
        "GROUP BY topic, TUMBLINGWINDOW(ss, 10) HAVING count(*) > 1");
    Passed tap;
    Rows rows;
    query->follow(&tap);
    query->push(0, message(R"({"x":1})"), start, rows);
    ASSERT_EQ(tap.rows.size(), 1);  // the source's; the filter let nothing through
    EXPECT_THAT(tap.rows[0], HasSubstr(R"(0 {"topic":"t/1","payload":"{\"x\":1}")"));
    tap.rows.clear();
    query->push(0, message(R"({"x":2})"), start, rows);
    query->push(0, message(R"({"x":3})"), start, rows);
    query->push(0, message(R"({"x":4})", "t/2"), start, rows);
    ASSERT_EQ(tap.rows.size(), 6);
    EXPECT_THAT(tap.rows[1], testing::StartsWith("1 {\"topic\":\"t/1\""));
    tap.rows.clear();
    query->advance(start + seconds(10), rows);
    // 0 source, 1 filter, 2 window, 3 aggregate, 4 having, 5 project.
    EXPECT_THAT(tap.rows, ElementsAre(R"_(3 {"topic":"t/1","count(*)":2})_",
                                      R"_(4 {"topic":"t/1","count(*)":2})_",
                                      R"_(3 {"topic":"t/2","count(*)":1})_"));
    EXPECT_THAT(rows.rows, ElementsAre(R"({"n":2})"));
    tap.rows.clear();
    query->follow(nullptr);
    query->push(0, message(R"({"x":2})"), start + seconds(11), rows);
    EXPECT_TRUE(tap.rows.empty());
}

TEST_F(QueryTest, ATapSeesItems) {
    const auto query = compile(
        "FOREACH payload.list AS each DO each.v AS v "
        "FROM \"t/#\"");
    Passed tap;
    Rows rows;
    query->follow(&tap);
    query->push(0, message(R"({"list":[{"v":1},{"v":2}]})"), start, rows);
    ASSERT_FALSE(tap.rows.empty());
    EXPECT_THAT(tap.rows.back(), HasSubstr(R"("each":{"v":2})"));
}

TEST(StepRows, KeepsTheFirstRowsWithinItsLimits) {
    StepRows steps(2, 20);
    const auto row = [](int64_t x) {
        return Datum::object({{Datum::text("x"), Datum::integer(x)}});
    };
    for (int64_t x = 1; x <= 3; ++x)
        steps.passed(1, row(x));
    ASSERT_EQ(steps.rows().size(), 2);
    EXPECT_TRUE(steps.rows()[0].empty());
    EXPECT_THAT(steps.rows()[1], ElementsAre(R"({"x":1})", R"({"x":2})"));
    steps.passed(0, row(123456));  // 14 bytes: 14 of 20 are taken
    EXPECT_TRUE(steps.rows()[0].empty());
    steps.clear();
    steps.passed(0, row(123456));
    EXPECT_THAT(steps.rows()[0], ElementsAre(R"({"x":123456})"));
}

}  // namespace

}  // namespace hw::sql
