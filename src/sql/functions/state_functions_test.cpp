#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/random.h"
#include "sql/functions/functions.h"
#include "sql/json.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// 2026-03-01T00:00:00Z
constexpr Time start{1'772'323'200'000'000'000};

const FunctionTable& table() {
    static const FunctionTable* const table = [] {
        auto* made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

Datum read(std::string_view json) {
    JsonReader reader;
    auto value = reader.read(json);
    EXPECT_TRUE(value.has_value()) << json;
    return value ? *value : Datum();
}

// As the query gives rows to a function.
struct Row {
    std::vector<Datum> arguments;
    bool when = true;
    double at = 0;  // seconds after `start`
};

// One line of tests/sql/states/*.txt.
struct Case {
    std::string where;
    const Function* function = nullptr;
    std::vector<Row> rows;
    std::optional<double> window_end;
    std::string zone = "UTC";
    std::string expected;
};

// A row: [arguments] or {"args": [arguments], "when": false, "at": 60}. Seconds count on by one
// where they are not given. {"end": 60}: a window's end; {"zone": "Asia/Shanghai"}.
void read_row(const Datum& written, Case& test) {
    if (const Datum* end = written.find("end")) {
        test.window_end = end->as_number();
        return;
    }
    if (const Datum* zone = written.find("zone")) {
        test.zone = zone->as_text();
        return;
    }
    Row row;
    row.at = test.rows.empty() ? 0 : test.rows.back().at + 1;
    const Datum* arguments = &written;
    if (written.is_object()) {
        arguments = written.find("args");
        if (const Datum* at = written.find("at")) row.at = at->as_number();
        if (const Datum* when = written.find("when")) row.when = when->as_boolean();
    }
    row.arguments = arguments->items();
    test.rows.push_back(std::move(row));
}

std::vector<Case> read_cases() {
    std::vector<Case> cases;
    const auto folder = std::filesystem::path(HEADWORKS_SOURCE_DIR) / "tests/sql/states";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(entry.path());
        std::string line;
        for (int number = 1; std::getline(in, line); ++number) {
            if (line.empty() || line.starts_with('#')) continue;
            Case test;
            test.where = entry.path().filename().string() + ":" + std::to_string(number);
            const size_t space = line.find(' ');
            const size_t arrow = line.find(" => ");
            if (space >= arrow || arrow == line.npos) {
                ADD_FAILURE() << test.where << ": " << line;
                continue;
            }
            test.function = table().find(line.substr(0, space), Dialect::ekuiper);
            EXPECT_TRUE(test.function) << test.where << ": no function";
            if (test.function == nullptr) continue;
            const Datum rows = read(line.substr(space, arrow - space));
            for (const auto& row : rows.items())
                read_row(row, test);
            test.expected = line.substr(arrow + 4);
            cases.push_back(std::move(test));
        }
    }
    return cases;
}

class World {
  public:
    explicit World(const Case& test) : test_(test) { services_.time_zone = test.zone; }

    CallContext context(double at) {
        CallContext context;
        context.event_time = context.now = start + nanoseconds(static_cast<int64_t>(at * 1e9));
        context.dialect = Dialect::ekuiper;
        context.services = &services_;
        return context;
    }
    CallContext of_window() {
        auto made = context(0);
        if (test_.window_end)
            made.window_end = start + nanoseconds(static_cast<int64_t>(*test_.window_end * 1e9));
        return made;
    }

  private:
    const Case& test_;
    Services services_;
};

bool skipped(const Function& function, const Row& row) {
    return function.nulls == Nulls::to_null &&
           std::ranges::any_of(row.arguments, [](const Datum& one) { return one.is_null(); });
}

// Floats may differ in their last digits: panes are added up in another order.
bool alike(const Datum& a, const Datum& b) {
    if (a.kind() != b.kind()) return false;
    if (a.kind() == Kind::float64) {
        const double x = a.as_real(), y = b.as_real();
        return x == y || std::abs(x - y) <= 1e-12 * std::max(std::abs(x), std::abs(y));
    }
    if (a.is_array()) return std::ranges::equal(a.items(), b.items(), alike);
    if (!a.is_object()) return a == b;
    return a.members().size() == b.members().size() &&
           std::ranges::all_of(a.members(), [&](const Member& member) {
               const Datum* other = b.find(member.key);
               return other != nullptr && alike(member.value, *other);
           });
}

std::string show(const Datum& value) {
    return std::string(to_string(value.kind())) + " " + to_json(value);
}

template <class State>
std::string saved(const State& state) {
    std::string bytes;
    ByteWriter out(bytes);
    state.save(out);
    return bytes;
}

template <class State>
void load(State& state, const std::string& bytes) {
    ByteReader in(as_bytes(bytes));
    state.load(in);
    EXPECT_FALSE(in.failed());
    EXPECT_TRUE(in.at_end());
}

// Adds rows [from, to); the first error.
std::string add(Aggregate& aggregate, const Case& test, World& world, size_t from, size_t to) {
    std::string error;
    for (size_t i = from; i < to; ++i) {
        const auto& row = test.rows[i];
        if (skipped(*test.function, row)) continue;
        auto context = world.context(row.at);
        aggregate.add(row.arguments, context);
        if (error.empty()) error = context.error();
    }
    return error;
}

// What an aggregate gives for the rows where its state was saved and loaded before row `broken`.
Datum through_a_restart(const Case& test, World& world, size_t broken) {
    auto before = test.function->aggregate();
    add(*before, test, world, 0, broken);
    auto after = test.function->aggregate();
    load(*after, saved(*before));
    EXPECT_EQ(saved(*after), saved(*before)) << test.where;
    add(*after, test, world, broken, test.rows.size());
    auto context = world.of_window();
    return after->result(context);
}

Datum of_two_panes(const Case& test, World& world, size_t split) {
    auto first = test.function->aggregate();
    auto second = test.function->aggregate();
    add(*first, test, world, 0, split);
    add(*second, test, world, split, test.rows.size());
    first->merge(*second);
    auto context = world.of_window();
    return first->result(context);
}

void check_aggregate(const Case& test) {
    World world(test);
    const size_t rows = test.rows.size();
    auto aggregate = test.function->aggregate();
    const auto error = add(*aggregate, test, world, 0, rows);
    if (test.expected.starts_with("error ")) {
        EXPECT_THAT(error, testing::HasSubstr(test.expected.substr(6))) << test.where;
        return;
    }
    EXPECT_EQ(error, "") << test.where;
    auto context = world.of_window();
    const auto result = aggregate->result(context);
    EXPECT_TRUE(alike(result, read(test.expected))) << test.where << " gives " << show(result);
    for (size_t i = 0; i <= rows; ++i) {
        const auto restarted = through_a_restart(test, world, i);
        EXPECT_TRUE(alike(restarted, result))
            << test.where << " restarted before row " << i << ": " << show(restarted);
        if (!test.function->can_merge) continue;
        const auto merged = of_two_panes(test, world, i);
        EXPECT_TRUE(alike(merged, result))
            << test.where << " split before row " << i << ": " << show(merged);
    }
}

// The answers to all rows, {"$error": text} where one fails; saved and loaded before row `broken`.
Datum answers(const Case& test, World& world, size_t broken) {
    std::vector<Datum> out;
    auto analytic = test.function->analytic();
    for (size_t i = 0; i < test.rows.size(); ++i) {
        if (i == broken) {
            auto after = test.function->analytic();
            load(*after, saved(*analytic));
            EXPECT_EQ(saved(*after), saved(*analytic)) << test.where;
            EXPECT_EQ(after->bytes() > 0, analytic->bytes() > 0) << test.where;
            analytic = std::move(after);
        }
        const auto& row = test.rows[i];
        if (skipped(*test.function, row)) {
            out.emplace_back();
            continue;
        }
        auto context = world.context(row.at);
        auto answer = analytic->row(row.arguments, row.when, context);
        if (context.failed())
            answer = Datum::object({{Datum::text("$error"), Datum::text(context.error())}});
        out.push_back(std::move(answer));
    }
    return Datum::array(std::move(out));
}

void check_analytic(const Case& test) {
    World world(test);
    const auto given = answers(test, world, test.rows.size());
    const auto expected = read(test.expected);
    ASSERT_TRUE(expected.is_array() && expected.items().size() == given.items().size())
        << test.where << " gives " << show(given);
    for (size_t i = 0; i < given.items().size(); ++i) {
        const Datum* error = expected.items()[i].find("$error");
        const Datum& answer = given.items()[i];
        if (error != nullptr && answer.find("$error") != nullptr) {
            EXPECT_THAT(std::string(answer.find("$error")->as_text()),
                        testing::HasSubstr(std::string(error->as_text())))
                << test.where;
        } else {
            EXPECT_TRUE(alike(answer, expected.items()[i]))
                << test.where << " row " << i << " gives " << show(answer);
        }
        const auto restarted = answers(test, world, i);
        EXPECT_TRUE(alike(restarted, given))
            << test.where << " restarted before row " << i << ": " << show(restarted);
    }
}

bool has_state(const Function& function) {
    return function.aggregate != nullptr || function.analytic != nullptr;
}

// Rows that fit the arguments of the function, from a seed.
std::vector<Row> random_rows(const Function& function, Random& random) {
    const auto value = [&]() -> Datum {
        if (function.name == "merge_agg" || function.name == "inc_merge_agg")
            return Datum::object({{Datum::text("k" + std::to_string(random.below(4))),
                                   Datum::integer(static_cast<int64_t>(random.below(9)))}});
        if (random.chance(0.1)) return {};
        if (random.chance(0.5)) return Datum::integer(static_cast<int64_t>(random.below(20)) - 10);
        return Datum::real(random.normal() * 1e3);
    };
    const bool whole_row = function.name == "deduplicate";
    const bool all = random.chance(0.5);
    std::vector<Row> rows(random.below(40));
    double at = 0;
    for (auto& row : rows) {
        at += static_cast<double>(random.below(5));
        row.at = at;
        if (whole_row) row.arguments.push_back(Datum::real(at));
        row.arguments.push_back(value());
        if (whole_row)
            row.arguments.push_back(Datum::boolean(all));
        else if (function.name.starts_with("topk"))
            row.arguments.push_back(Datum::integer(3));
        else if (function.least_arguments > 1)
            row.arguments.push_back(Datum::real(0.3));
    }
    return rows;
}

}  // namespace

TEST(StateFunctions, EveryCaseHolds) {
    const auto cases = read_cases();
    EXPECT_GT(cases.size(), 150u);
    for (const auto& test : cases) {
        ASSERT_TRUE(has_state(*test.function)) << test.where;
        if (test.function->aggregate != nullptr)
            check_aggregate(test);
        else
            check_analytic(test);
    }
}

TEST(StateFunctions, EveryOneHasCasesAndOneWithNulls) {
    std::map<std::string_view, int> cases;
    std::set<std::string_view> nulls;
    for (const auto& test : read_cases()) {
        ++cases[test.function->name];
        for (const auto& row : test.rows)
            for (const auto& argument : row.arguments)
                if (argument.is_null()) nulls.insert(test.function->name);
    }
    for (const Function* function : table().all()) {
        if (!has_state(*function)) continue;
        EXPECT_GE(cases[function->name], 3) << function->name;
        EXPECT_TRUE(nulls.contains(function->name)) << function->name << ": no null";
    }
}

// However the rows are cut into panes, merged they give what all of them together give.
TEST(StateFunctions, PanesMergeToTheWholeFromSeeds) {
    for (const Function* function : table().all()) {
        if (function->aggregate == nullptr || !function->can_merge) continue;
        for (uint64_t seed = 1; seed <= 200; ++seed) {
            Random random(seed);
            Case test;
            test.function = function;
            test.rows = random_rows(*function, random);
            test.window_end = 1'000;
            World world(test);
            auto whole = function->aggregate();
            ASSERT_EQ(add(*whole, test, world, 0, test.rows.size()), "") << function->name;
            auto merged = function->aggregate();
            for (size_t from = 0; from < test.rows.size();) {
                const size_t to = std::min(test.rows.size(), from + random.below(8) + 1);
                auto pane = function->aggregate();
                add(*pane, test, world, from, to);
                auto loaded = function->aggregate();
                load(*loaded, saved(*pane));
                merged->merge(*loaded);
                from = to;
            }
            auto context = world.of_window();
            const auto one = whole->result(context), other = merged->result(context);
            EXPECT_TRUE(alike(one, other))
                << function->name << " of seed " << seed << ": " << show(one) << show(other);
        }
    }
}

// Cut or changed bytes must neither crash nor take memory for what they only claim.
TEST(StateFunctions, BrokenStatesAreToldOrHarmless) {
    for (const auto& test : read_cases()) {
        World world(test);
        std::string bytes;
        const Function& function = *test.function;
        if (function.aggregate != nullptr) {
            auto aggregate = function.aggregate();
            add(*aggregate, test, world, 0, test.rows.size());
            bytes = saved(*aggregate);
        } else {
            auto analytic = function.analytic();
            for (const auto& row : test.rows) {
                auto context = world.context(row.at);
                analytic->row(row.arguments, row.when, context);
            }
            bytes = saved(*analytic);
        }
        const auto try_load = [&](const std::string& broken) {
            ByteReader in(as_bytes(broken));
            auto context = world.of_window();
            if (function.aggregate != nullptr) {
                auto aggregate = function.aggregate();
                aggregate->load(in);
                if (!in.failed()) aggregate->result(context);
            } else {
                function.analytic()->load(in);
            }
            return in.failed();
        };
        for (size_t size = 0; size < bytes.size(); ++size)
            EXPECT_TRUE(try_load(bytes.substr(0, size))) << test.where << " cut to " << size;
        for (size_t i = 0; i < bytes.size(); ++i)
            for (const int bit : {0, 7}) {
                std::string broken = bytes;
                broken[i] = static_cast<char>(broken[i] ^ (1 << bit));
                try_load(broken);
            }
    }
}

TEST(StateFunctions, LimitsAreNamed) {
    const auto fill = [](std::string_view name, size_t rows, auto&& arguments_of) {
        auto aggregate = table().find(name, Dialect::ekuiper)->aggregate();
        Services services;
        CallContext context;
        context.services = &services;
        for (size_t i = 0; i < rows && !context.failed(); ++i) {
            const std::vector<Datum> arguments = arguments_of(static_cast<int64_t>(i));
            aggregate->add(arguments, context);
        }
        EXPECT_GT(aggregate->bytes(), rows * 8 - 8);
        return context.error();
    };
    const auto number = [](int64_t i) { return std::vector{Datum::integer(i)}; };
    EXPECT_EQ(fill("collect", 100'001, number), "collect: more than 100000 rows");
    EXPECT_EQ(fill("median", 1'000'001, number), "median: more than 1000000 numbers");
    EXPECT_EQ(fill("deduplicate", 100'001,
                   [](int64_t i) {
                       return std::vector{Datum(), Datum::integer(i), Datum::boolean(true)};
                   }),
              "deduplicate: more than 100000 different keys");
    EXPECT_EQ(fill("merge_agg", 10'001,
                   [](int64_t i) {
                       return std::vector{
                           Datum::object({{Datum::text(std::to_string(i)), Datum::integer(i)}})};
                   }),
              "merge_agg: more than 10000 members");
}

// A naive sum of these is off by more than one; panes must not bring that back.
TEST(StateFunctions, SumsAreCompensated) {
    auto sum = table().find("sum", Dialect::ekuiper)->aggregate();
    CallContext context;
    for (int i = 0; i < 10'000; ++i)
        for (const double value : {1e16, 0.1, -1e16}) {
            const Datum argument = Datum::real(value);
            sum->add({&argument, 1}, context);
        }
    EXPECT_NEAR(sum->result(context).as_real(), 1'000.0, 1e-9);
}

TEST(StateFunctions, TheVarianceOfLargeNumbersIsKept) {
    auto variance = table().find("var", Dialect::ekuiper)->aggregate();
    CallContext context;
    for (const double value : {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) {
        const Datum argument = Datum::real(value);
        variance->add({&argument, 1}, context);
    }
    EXPECT_DOUBLE_EQ(variance->result(context).as_real(), 22.5);
}

}  // namespace hw::sql
