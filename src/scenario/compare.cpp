#include "scenario/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hw::scenario {

namespace {

// Results are kept with six digits: what is less than one of the last is no difference.
constexpr double same_share = 2e-6;

void add_figures(std::span<const Compared> results, Comparison& out) {
    const auto known = [&](std::string_view name) {
        return std::any_of(out.figures.begin(), out.figures.end(),
                           [&](const auto& row) { return row.name == name; });
    };
    for (const auto& one : results)
        for (const auto& figure : one.result->figures) {
            if (known(figure.name)) continue;
            Comparison::FigureRow row{figure.name, figure.label, figure.unit, {}};
            for (const auto& other : results) {
                const auto* found = other.result->figure(figure.name);
                row.values.push_back(found ? std::optional(found->value) : std::nullopt);
            }
            out.figures.push_back(std::move(row));
        }
}

bool differs(double a, double b) {
    return std::abs(a - b) > same_share * std::max(std::abs(a), std::abs(b)) + 1e-9;
}

void add_series(std::span<const Compared> results, const ResultSeries& first, Comparison& out) {
    Comparison::SeriesRow row{first.key, first.twin, first.path, first.unit, {}, 0, {}};
    bool any = false;
    for (const auto& one : results.subspan(1)) {
        auto& differences = row.differences.emplace_back();
        const auto* other = one.result->find(first.key);
        if (other == nullptr) continue;
        const size_t rows = std::min(first.values.size(), other->values.size());
        for (size_t i = 0; i < rows; ++i) {
            const bool real = differs(other->values[i], first.values[i]);
            const double difference = real ? other->values[i] - first.values[i] : 0.0;
            differences.push_back(difference);
            any = any || real;
            if (std::abs(difference) <= std::abs(row.greatest)) continue;
            row.greatest = difference;
            row.greatest_after = {out.step.ns * static_cast<int64_t>(i)};
        }
    }
    if (any) out.series.push_back(std::move(row));
}

void write_number(JsonWriter& json, double value) {
    if (std::isfinite(value))
        json.raw(fmt::format("{:.6g}", value));
    else
        json.null();
}

void write_figure(JsonWriter& json, const Comparison::FigureRow& row) {
    json.begin_object();
    json.member("name", row.name);
    json.member("label", row.label);
    json.member("unit", row.unit);
    const auto list = [&](std::string_view name, double less) {
        json.key(name);
        json.begin_array();
        for (const auto& value : row.values)
            write_number(json, value ? *value - less : std::nan(""));
        json.end_array();
    };
    list("values", 0);
    list("differences", row.values.front().value_or(std::nan("")));
    json.end_object();
}

void write_series(JsonWriter& json, const Comparison::SeriesRow& row) {
    json.begin_object();
    json.member("key", row.key);
    json.member("twin", row.twin);
    json.member("path", row.path);
    json.member("unit", row.unit);
    json.key("greatest");
    write_number(json, row.greatest);
    json.member("greatest_after", format_duration(row.greatest_after));
    json.key("differences");
    json.begin_array();
    for (const auto& differences : row.differences) {
        json.begin_array();
        for (const double value : differences)
            write_number(json, value);
        json.end_array();
    }
    json.end_array();
    json.end_object();
}

}  // namespace

Result<Comparison> compare(std::span<const Compared> results) {
    if (results.size() < 2)
        return fail(ErrorCode::invalid_argument, "a comparison needs two results at least");
    Comparison out;
    const auto& first = *results.front().result;
    out.start = first.start;
    out.step = first.step;
    for (const auto& one : results) {
        out.names.push_back(one.name);
        if (one.result->step != first.step)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' has steps of {}, '{}' of {}; run them with the same step",
                                    results.front().name, format_duration(first.step), one.name,
                                    format_duration(one.result->step)));
        if (one.result->start != first.start)
            out.warnings.push_back(fmt::format(
                "'{}' starts at {}, not at {}: compared by the time "
                "since the start",
                one.name, format_rfc3339(one.result->start), format_rfc3339(first.start)));
        if (one.result->rows != first.rows)
            out.warnings.push_back(
                fmt::format("'{}' has {} rows, not {}: compared as far as both "
                            "go",
                            one.name, one.result->rows, first.rows));
    }
    add_figures(results, out);
    for (const auto& series : first.series)
        add_series(results, series, out);
    return out;
}

void write_comparison(JsonWriter& json, const Comparison& comparison) {
    json.begin_object();
    json.key("scenarios");
    json.begin_array();
    for (const auto& name : comparison.names)
        json.value(name);
    json.end_array();
    json.member("start", comparison.start);
    json.member("step", format_duration(comparison.step));
    json.key("warnings");
    json.begin_array();
    for (const auto& warning : comparison.warnings)
        json.value(warning);
    json.end_array();
    json.key("figures");
    json.begin_array();
    for (const auto& row : comparison.figures)
        write_figure(json, row);
    json.end_array();
    json.key("series");
    json.begin_array();
    for (const auto& row : comparison.series)
        write_series(json, row);
    json.end_array();
    json.end_object();
}

}  // namespace hw::scenario
