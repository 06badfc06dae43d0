#include "scenario/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "base/assert.h"
#include "scenario/member_reader.h"
#include "sql/json.h"

namespace hw::scenario {

namespace {

using sql::Datum;

constexpr size_t result_bytes_most = 256 << 20;

void write_number(JsonWriter& json, double value) {
    if (!std::isfinite(value)) return json.null();
    json.raw(fmt::format("{:.6g}", value));
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name);
    json.begin_array();
    for (const auto& text : texts)
        json.value(text);
    json.end_array();
}

void write_series(JsonWriter& json, const ResultSeries& series) {
    json.begin_object();
    json.member("key", series.key);
    json.member("twin", series.twin);
    json.member("path", series.path);
    json.member("unit", series.unit);
    json.member("of_moment", series.of_moment);
    json.key("values");
    json.begin_array();
    for (const double value : series.values)
        write_number(json, value);
    json.end_array();
    json.end_object();
}

void write_quality(JsonWriter& json, const ResultQuality& quality) {
    json.key("quality");
    json.begin_object();
    json.member("quality", model::to_string(quality.quality));
    json.key("residual");
    json.raw(fmt::format("{:.3g}", quality.residual));
    json.key("confidence");
    write_number(json, quality.confidence);
    write_texts(json, "notes", quality.notes);
    json.end_object();
}

// The items of a member that is a list; nothing where it is none.
std::span<const Datum> items_of(const Datum& object, std::string_view name) {
    const auto* list = object.find(name);
    if (list == nullptr || !list->is_array()) return {};
    return list->items();
}

std::string text_of(const Datum& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->is_text() ? std::string(value->as_text()) : std::string();
}

double number_of(const Datum* value) {
    return value != nullptr && value->is_number() ? value->as_number() : std::nan("");
}

std::vector<std::string> texts_of(const Datum& object, std::string_view name) {
    std::vector<std::string> texts;
    for (const auto& item : items_of(object, name))
        if (item.is_text()) texts.emplace_back(item.as_text());
    return texts;
}

Result<Time> time_of(const Datum& object, std::string_view name) {
    return parse_rfc3339(text_of(object, name));
}

ResultSeries series_of(const Datum& json) {
    ResultSeries series{.key = text_of(json, "key"),
                        .twin = text_of(json, "twin"),
                        .path = text_of(json, "path"),
                        .unit = text_of(json, "unit"),
                        .values = {},
                        .of_moment = false};
    if (const auto* flag = json.find("of_moment"); flag && flag->kind() == sql::Kind::boolean)
        series.of_moment = flag->as_boolean();
    for (const auto& value : items_of(json, "values"))
        series.values.push_back(number_of(&value));
    return series;
}

Result<void> read_lists(const Datum& root, ModelResult& result) {
    for (const auto& one : items_of(root, "series"))
        result.series.push_back(series_of(one));
    for (const auto& one : items_of(root, "figures")) {
        Figure figure{.name = text_of(one, "name"),
                      .label = text_of(one, "label"),
                      .unit = text_of(one, "unit"),
                      .value = number_of(one.find("value"))};
        if (one.find("at") != nullptr) figure.at = HW_TRY(time_of(one, "at"));
        result.figures.push_back(std::move(figure));
    }
    for (const auto& one : items_of(root, "events")) {
        const Time time = HW_TRY(time_of(one, "time"));
        result.events.push_back({time, text_of(one, "text")});
    }
    result.warnings = texts_of(root, "warnings");
    return {};
}

}  // namespace

const ResultSeries* ModelResult::find(std::string_view key) const {
    const auto at =
        std::find_if(series.begin(), series.end(), [&](const auto& one) { return one.key == key; });
    return at == series.end() ? nullptr : &*at;
}

const Figure* ModelResult::figure(std::string_view name) const {
    const auto at = std::find_if(figures.begin(), figures.end(),
                                 [&](const auto& one) { return one.name == name; });
    return at == figures.end() ? nullptr : &*at;
}

void write_result(JsonWriter& json, const ModelResult& result) {
    json.begin_object();
    json.member("start", result.start);
    json.member("step", format_duration(result.step));
    json.member("rows", result.rows);
    json.key("figures");
    json.begin_array();
    for (const auto& figure : result.figures) {
        json.begin_object();
        json.member("name", figure.name);
        json.member("label", figure.label);
        json.member("unit", figure.unit);
        json.key("value");
        write_number(json, figure.value);
        if (figure.at) json.member("at", *figure.at);
        json.end_object();
    }
    json.end_array();
    write_quality(json, result.quality);
    write_texts(json, "warnings", result.warnings);
    json.key("events");
    json.begin_array();
    for (const auto& event : result.events) {
        json.begin_object();
        json.member("time", event.time);
        json.member("text", event.text);
        json.end_object();
    }
    json.end_array();
    json.key("series");
    json.begin_array();
    for (const auto& series : result.series)
        write_series(json, series);
    json.end_array();
    json.end_object();
}

Result<ModelResult> read_result(std::string_view json) {
    sql::JsonReader parser(result_bytes_most);
    const Datum root = HW_TRY(parser.read(json));
    ModelResult result;
    result.start = HW_TRY(time_of(root, "start"));
    result.step = HW_TRY(parse_duration(text_of(root, "step")));
    const double rows = number_of(root.find("rows"));
    if (!(rows >= 0 && rows < 1e9))
        return fail(ErrorCode::corrupt, "the result's 'rows' is no number of rows");
    result.rows = static_cast<size_t>(rows);
    HW_TRY(read_lists(root, result));
    const auto* quality = root.find("quality");
    if (quality == nullptr) return fail(ErrorCode::corrupt, "the result says no quality");
    result.quality.quality =
        model::parse_quality(text_of(*quality, "quality")).value_or(model::Quality::bad);
    result.quality.residual = number_of(quality->find("residual"));
    result.quality.confidence = number_of(quality->find("confidence"));
    result.quality.notes = texts_of(*quality, "notes");
    for (const auto& series : result.series)
        if (series.values.size() != result.rows)
            return fail(ErrorCode::corrupt,
                        fmt::format("series '{}' has {} values, not the {} of the result",
                                    series.key, series.values.size(), result.rows));
    return result;
}

void thin_result(ModelResult& result, Duration step) {
    if (step <= result.step || result.rows == 0) return;
    HW_ASSERT(step.ns % result.step.ns == 0);
    const auto every = static_cast<size_t>(step.ns / result.step.ns);
    const size_t rows = 1 + (result.rows - 1) / every;
    for (auto& series : result.series) {
        for (size_t row = 1; row < rows; ++row) {
            const size_t end = row * every;
            double value = series.values[end];
            if (!series.of_moment) {
                value = 0;
                for (size_t i = end - every + 1; i <= end; ++i)
                    value += series.values[i];
                value /= static_cast<double>(every);
            }
            series.values[row] = value;
        }
        series.values.resize(rows);
    }
    result.rows = rows;
    result.step = step;
}

}  // namespace hw::scenario
