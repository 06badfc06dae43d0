#include "app/bench_rules.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "app/bench_many_rules.h"
#include "sql/functions/functions.h"
#include "sql/query/query.h"

namespace hw::app {

namespace {

constexpr size_t distinct_events = 1000;
constexpr int64_t start_ms = 1'767'225'600'000;

class Counter final : public sql::QueryOutput {
  public:
    void row(sql::OutputRow) override { ++rows; }
    void late(const sql::Record&) override { ++late_rows; }
    void failed(size_t, const std::string& reason) override { failure = reason; }

    uint64_t rows = 0;
    uint64_t late_rows = 0;
    std::string failure;
};

std::string payload_of(size_t i) {
    return fmt::format(
        R"({{"id":{},"temperature":{:.1f},"humidity":{},"pressure":{:.2f},"status":"{}"}})", i,
        static_cast<double>(i % 100) / 2, i % 90, 1000 + static_cast<double>(i % 50) / 4,
        i % 3 == 0 ? "running" : "stopped");
}

sql::RecordRef event_of(size_t i, Time time) {
    using sql::Datum;
    std::vector<Datum> columns(sql::message_shape().columns.size());
    columns[0] = Datum::text("plant1/line1/climate");
    columns[1] = Datum::text(payload_of(i));
    columns[2] = Datum::text("c1");
    return std::make_shared<const sql::Record>(sql::message_shape(), time, std::move(columns));
}

// One statement with its surroundings.
struct Bench {
    sql::FunctionTable functions;
    sql::Services services;
    std::unique_ptr<sql::Query> query;
    Counter counter;

    static Result<std::unique_ptr<Bench>> make(std::string_view statement) {
        auto bench = std::make_unique<Bench>();
        sql::add_builtin_functions(bench->functions);
        auto compiled = sql::Query::compile(
            statement,
            {.functions = bench->functions, .services = bench->services, .rule_id = "b"});
        if (!compiled) return fail(ErrorCode::invalid_argument, compiled.error().full_text());
        bench->query = std::move(*compiled);
        return bench;
    }
};

// Runs rounds of distinct_events until the time is over.
template <class Round>
Result<RulesFigure> run_for(std::string name, Duration length, Bench& bench, Round round) {
    RulesFigure figure;
    figure.name = std::move(name);
    const double cpu_before = process_cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    const auto end = begin + std::chrono::nanoseconds(length.ns);
    for (uint64_t number = 0; std::chrono::steady_clock::now() < end; ++number) {
        round(number);
        figure.events += distinct_events;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    figure.seconds = took.count();
    figure.cpu_seconds = process_cpu_seconds() - cpu_before;
    figure.rows = bench.counter.rows;
    figure.memory_bytes = process_resident_bytes();
    if (!bench.counter.failure.empty())
        return fail(ErrorCode::corrupt, "a row failed: " + bench.counter.failure);
    return figure;
}

constexpr std::string_view project_statement =
    "SELECT payload.id AS id, payload.temperature * 1.8 + 32 AS fahrenheit, payload.status AS "
    "status FROM \"plant1/+/climate\" WHERE payload.temperature > 10 AND payload.humidity < 80";

uint64_t expected_rows() {
    uint64_t rows = 0;
    for (size_t i = 0; i < distinct_events; ++i)
        if (static_cast<double>(i % 100) / 2 > 10 && i % 90 < 80) ++rows;
    return rows;
}

Result<void> check_rows(const RulesFigure& figure) {
    const uint64_t expected = expected_rows() * (figure.events / distinct_events);
    if (figure.rows == expected) return {};
    return fail(ErrorCode::corrupt,
                fmt::format("{}: {} rows came out, {} should", figure.name, figure.rows, expected));
}

Result<RulesFigure> bench_project(const RulesBenchOptions& options) {
    auto bench = HW_TRY(Bench::make(project_statement));
    std::vector<sql::RecordRef> events;
    for (size_t i = 0; i < distinct_events; ++i) {
        events.push_back(event_of(i, Time{milliseconds(start_ms).ns}));
        events.back()->body(bench->services.json);
    }
    auto figure =
        HW_TRY(run_for("filter and project, decoded", options.length, *bench, [&](uint64_t) {
            for (const auto& event : events)
                bench->query->push(0, event, event->time(), bench->counter);
        }));
    HW_TRY(check_rows(figure));
    return figure;
}

Result<RulesFigure> bench_decode(const RulesBenchOptions& options) {
    auto bench = HW_TRY(Bench::make(project_statement));
    std::vector<sql::RecordRef> events;
    for (size_t i = 0; i < distinct_events; ++i)
        events.push_back(event_of(i, Time{milliseconds(start_ms).ns}));
    auto figure =
        HW_TRY(run_for("filter and project, with JSON", options.length, *bench, [&](uint64_t) {
            for (const auto& event : events) {
                std::vector<sql::Datum> columns(sql::message_shape().columns.size());
                columns[0] = event->column(0);
                columns[1] = event->column(1);
                columns[2] = event->column(2);
                const auto fresh = std::make_shared<const sql::Record>(
                    sql::message_shape(), event->time(), std::move(columns));
                bench->query->push(0, fresh, fresh->time(), bench->counter);
            }
        }));
    HW_TRY(check_rows(figure));
    return figure;
}

// A window of 10 s at 1,000 events a second: each group has 10 events in it.
Result<RulesFigure> bench_group(const RulesBenchOptions& options) {
    auto bench =
        HW_TRY(Bench::make("SELECT payload.id AS id, avg(payload.temperature) AS mean, "
                           "max(payload.pressure) AS most, count(*) AS n FROM \"plant1/+/climate\" "
                           "GROUP BY payload.id, TUMBLINGWINDOW(ss, 10)"));
    std::vector<sql::RecordRef> events;
    for (size_t i = 0; i < distinct_events; ++i) {
        events.push_back(event_of(i, Time{milliseconds(start_ms).ns}));
        events.back()->body(bench->services.json);
    }
    Time now{milliseconds(start_ms).ns};
    auto figure =
        HW_TRY(run_for("1,000 groups, tumbling windows", options.length, *bench, [&](uint64_t) {
            for (const auto& event : events) {
                bench->query->push(0, event, now, bench->counter);
                now = now + milliseconds(1);
            }
        }));
    const uint64_t windows = figure.events / (10 * distinct_events);
    const uint64_t least = windows > 0 ? (windows - 1) * distinct_events : 0;
    if (figure.rows < least || figure.rows > windows * distinct_events)
        return fail(ErrorCode::corrupt,
                    fmt::format("{} rows of {} windows came out", figure.rows, windows));
    return figure;
}

}  // namespace

double process_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

uint64_t process_resident_bytes() {
    std::ifstream file("/proc/self/statm");
    uint64_t total = 0, resident = 0;
    file >> total >> resident;
    return resident * 4096;
}

std::vector<std::pair<std::string_view, RulesBench>> rules_benches() {
    return {{"project", bench_project},
            {"decode", bench_decode},
            {"group", bench_group},
            {"many-rules", bench_many_rules}};
}

}  // namespace hw::app
