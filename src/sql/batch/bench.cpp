#include "sql/batch/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <future>

#include "base/json_writer.h"
#include "history/history.h"
#include "history/plant_mix.h"
#include "sql/batch/engine.h"

namespace hw::sql::batch {

namespace {

constexpr int64_t second_ns = 1'000'000'000;
constexpr int64_t begin_ns = 1'767'225'600 * second_ns;  // 2026-01-01

class TextSink final : public Sink {
  public:
    bool write(std::string bytes) override {
        text += bytes;
        return true;
    }
    std::string text;
};

std::string path_of(uint32_t point) {
    return fmt::format("bench/area{}/device{}/point{}", point / 100, point / 10 % 10, point % 10);
}

Result<void> load(history::History& history, model::PointDirectory& points,
                  const SqlBenchOptions& options) {
    const uint64_t each = options.samples / options.points;
    for (uint32_t number = 0; number < options.points; ++number) {
        const model::PointId id = HW_TRY(points.intern(path_of(number)));
        history::PlantPoint plant(options.seed, number);
        model::SampleBatch batch;
        batch.reserve(each);
        for (uint64_t i = 0; i < each; ++i) {
            const Time time{begin_ns + static_cast<int64_t>(i) * second_ns};
            const uint64_t value = plant.next();
            if (plant.type() == model::ValueType::float64)
                batch.add_double(id, time, std::bit_cast<double>(value));
            else if (plant.type() == model::ValueType::int64)
                batch.add_int(id, time, static_cast<int64_t>(value));
            else
                batch.add_bool(id, time, value != 0);
        }
        std::promise<Result<void>> done;
        history.submit(std::move(batch), [&](const Result<void>& kept) { done.set_value(kept); });
        HW_TRY(done.get_future().get());
    }
    return history.settle();
}

// Means are rounded to 7 digits: those of an hour of plant data never lie on half of the last one.
// {h} and {p} stand for the two sources of rows, {ha} and {pa} for them cut to one point and hour.
struct Question {
    const char* name;
    const char* history;
    const char* parquet;
};

constexpr Question questions[] = {
    {"count of all", "SELECT count(*) FROM {h}", "SELECT count(*) FROM {p}"},
    {"figures of all values",
     "SELECT count(value), min(value), max(value), round(avg(value), 7) FROM {h}",
     "SELECT count(value), min(value), max(value), round(avg(value), 7) FROM {p}"},
    {"values above a limit", "SELECT count(*), max(time) FROM {h} WHERE value > 50",
     "SELECT count(*), max(time) FROM {p} WHERE value > 50"},
    {"mean of each point",
     "SELECT point, round(avg(value), 7) a FROM {h} GROUP BY point ORDER BY point",
     "SELECT point, round(avg(value), 7) a FROM {p} GROUP BY point ORDER BY point"},
    {"mean of each hour",
     "SELECT date_trunc('hour', time) t, count(*), round(avg(value), 7) a FROM {h} GROUP BY t "
     "ORDER BY t",
     "SELECT date_trunc('hour', time) t, count(*), round(avg(value), 7) a FROM {p} GROUP BY t "
     "ORDER BY t"},
    {"hourly means of each point",
     "SELECT point, date_trunc('hour', time) t, round(avg(value), 7) a FROM {h} GROUP BY ALL "
     "ORDER BY ALL",
     "SELECT point, date_trunc('hour', time) t, round(avg(value), 7) a FROM {p} GROUP BY ALL "
     "ORDER BY ALL"},
    {"the same by history_agg",
     "SELECT point, CAST(time AS TIMESTAMP) t, round(avg, 7) a FROM "
     "history_agg('#', NULL, NULL, '1h') ORDER BY ALL",
     "SELECT point, date_trunc('hour', time) t, round(avg(value), 7) a FROM {p} GROUP BY ALL "
     "ORDER BY ALL"},
    {"all columns", "SELECT count(DISTINCT quality), max(text), count(point), max(time) FROM {h}",
     "SELECT count(DISTINCT quality), max(text), count(point), max(time) FROM {p}"},
    {"figures of one point, an hour", "SELECT count(*), min(value), max(value) FROM {ha}",
     "SELECT count(*), min(value), max(value) FROM {pa}"},
    {"rows of one point, an hour", "SELECT time, value FROM {ha} ORDER BY time",
     "SELECT time, value FROM {pa} ORDER BY time"},
    {"figures of one point, all times",
     "SELECT count(*), min(value), max(value) FROM history('{point}')",
     "SELECT count(*), min(value), max(value) FROM {p} WHERE point = '{point}'"},
};

std::string replaced(std::string text, std::string_view name, std::string_view by) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at))
        text.replace(at, name.size(), by);
    return text;
}

std::string statement(std::string text, const SqlBenchOptions& options, const std::string& file) {
    const std::string parquet = fmt::format("read_parquet('{}')", file);
    const std::string point = path_of(options.points / 2);
    const char* const from = "2026-01-01 00:30:00";
    const char* const to = "2026-01-01 01:30:00";
    text = replaced(text, "{ha}", fmt::format("history('{}', '{}', '{}')", point, from, to));
    text = replaced(text, "{pa}",
                    fmt::format("(FROM {} WHERE point = '{}' AND time >= '{}' AND "
                                "time < '{}')",
                                parquet, point, from, to));
    text = replaced(text, "{point}", point);
    return replaced(replaced(text, "{h}", "history('#')"), "{p}", parquet);
}

Result<double> ask(Engine& engine, const std::string& sql, std::string& answer) {
    TextSink sink;
    const Request request{sql, {}, Format::csv};
    const Outcome outcome = HW_TRY(engine.run(request, sink));
    answer = std::move(sink.text);
    return static_cast<double>(outcome.elapsed.ns) * 1e-6;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// In turn, so that what else the machine does hits both.
Result<SqlBenchFigure> measure(Engine& engine, const Question& question,
                               const SqlBenchOptions& options, const std::string& file) {
    const std::string ours = statement(question.history, options, file);
    const std::string theirs = statement(question.parquet, options, file);
    SqlBenchFigure figure;
    figure.name = question.name;
    std::vector<double> history_ms;
    std::vector<double> parquet_ms;
    std::string first;
    std::string second;
    for (uint32_t round = 0; round <= options.rounds; ++round) {
        const double one = HW_TRY(ask(engine, ours, first));
        const double other = HW_TRY(ask(engine, theirs, second));
        if (round == 0) continue;  // to warm up
        history_ms.push_back(one);
        parquet_ms.push_back(other);
    }
    figure.history_ms = median(std::move(history_ms));
    figure.parquet_ms = median(std::move(parquet_ms));
    figure.same_answer = first == second;
    return figure;
}

}  // namespace

Result<SqlBenchReport> run_sql_bench(const SqlBenchOptions& options) {
    if (options.points == 0 || options.rounds == 0 || options.samples < options.points)
        return fail(ErrorCode::invalid_argument,
                    "points, rounds and samples of each point must be at least 1");
    SystemClock clock;
    Metrics metrics;
    Metrics engine_metrics;
    model::PointDirectory points(options.points);
    std::error_code error;
    std::filesystem::create_directories(options.folder, error);
    const auto history = HW_TRY(history::History::open(options.history, options.folder + "/history",
                                                       points, clock, metrics));
    HW_TRY(load(*history, points, options));
    Settings settings = options.sql;
    settings.external_access = true;
    settings.read_only = false;
    settings.timeout = seconds(3600);
    const auto engine =
        Engine::make(settings, options.folder + "/sql", {*history, points, clock, engine_metrics});
    const std::string file = options.folder + "/samples.parquet";
    std::string answer;
    SqlBenchReport report;
    report.export_s =
        HW_TRY(ask(*engine,
                   fmt::format("COPY (SELECT point, time, value, text, quality, type FROM "
                               "history('#') ORDER BY point, time) TO '{}' (FORMAT parquet)",
                               file),
                   answer)) *
        1e-3;
    report.samples = options.samples / options.points * options.points;
    report.history_bytes = history->figures().disk_bytes;
    report.parquet_bytes = std::filesystem::file_size(file, error);
    for (const Question& question : questions)
        report.figures.push_back(HW_TRY(measure(*engine, question, options, file)));
    return report;
}

std::string render_text(const SqlBenchReport& report) {
    std::string text = fmt::format(
        "{} samples; history {:.2f} bytes each, Parquet {:.2f} (written in {:.1f} s)\n"
        "{:32} {:>12} {:>12} {:>8}  answers\n",
        report.samples,
        static_cast<double>(report.history_bytes) / static_cast<double>(report.samples),
        static_cast<double>(report.parquet_bytes) / static_cast<double>(report.samples),
        report.export_s, "", "history ms", "Parquet ms", "ratio");
    for (const SqlBenchFigure& figure : report.figures)
        text +=
            fmt::format("{:32} {:12.2f} {:12.2f} {:8.2f}  {}\n", figure.name, figure.history_ms,
                        figure.parquet_ms, figure.ratio(), figure.same_answer ? "same" : "DIFFER");
    return text;
}

std::string render_json(const SqlBenchReport& report) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("samples", report.samples);
    json.member("history_bytes", report.history_bytes);
    json.member("parquet_bytes", report.parquet_bytes);
    json.member("export_s", report.export_s);
    json.key("questions");
    json.begin_array();
    for (const SqlBenchFigure& figure : report.figures) {
        json.begin_object();
        json.member("name", figure.name);
        json.member("history_ms", figure.history_ms);
        json.member("parquet_ms", figure.parquet_ms);
        json.member("ratio", figure.ratio());
        json.member("same_answer", figure.same_answer);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return out;
}

}  // namespace hw::sql::batch
