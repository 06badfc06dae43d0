#include "app/scenario_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "app/table.h"
#include "base/time.h"

namespace hw::app {

namespace {

constexpr size_t rows_shown = 24;
constexpr size_t columns_shown = 6;
constexpr size_t events_shown = 30;
constexpr size_t series_shown = 30;

// What a technician looks at first; of another model the first series.
constexpr std::array<std::string_view, columns_shown> preferred{
    "tower.level",    "clear_well.level", "raw.flow",
    "high_lift.flow", "demand.delivered", "power.total"};

struct Shown {
    std::string title;
    std::vector<JsonText> values, base;
};

std::vector<JsonText> values_of(const JsonText& result, std::string_view key) {
    for (const auto& series : result.items("series"))
        if (series.text("key") == key) return series.items("values");
    return {};
}

std::vector<Shown> shown_series(const JsonText& with, const JsonText& base) {
    const auto all = with.items("series");
    std::vector<std::string> keys;
    for (const auto key : preferred)
        for (const auto& series : all)
            if (series.text("key") == key) keys.emplace_back(key);
    for (size_t i = 0; keys.empty() && i < all.size() && i < columns_shown; ++i)
        keys.push_back(all[i].text("key"));
    std::vector<Shown> shown;
    for (const auto& key : keys)
        for (const auto& series : all)
            if (series.text("key") == key)
                shown.push_back({fmt::format("{} [{}]", key, series.text("unit")),
                                 series.items("values"), values_of(base, key)});
    return shown;
}

// Two digits behind the point for small numbers, none for large ones.
std::string number_text(double value) {
    if (!std::isfinite(value)) return "-";
    return fmt::format("{:.{}f}", value, std::abs(value) < 20 ? 2 : std::abs(value) < 1000 ? 1 : 0);
}

std::string signed_text(double value) {
    const auto text = number_text(value);
    return value > 0 ? "+" + text : text;
}

// The value with its difference from the base, where there is one.
std::string cell(double value, double base) {
    const auto text = number_text(value);
    const auto difference = signed_text(value - base);
    const bool same = difference.find_first_of("123456789") == std::string::npos;
    return same ? text : fmt::format("{} ({})", text, difference);
}

std::string hours_text(const JsonText& with, const JsonText& base, bool colour) {
    const auto shown = shown_series(with, base);
    const auto start = parse_rfc3339(with.text("start"));
    const auto step = parse_duration(with.text("step"));
    if (!start || !step || shown.empty()) return {};
    std::vector<Table::Column> columns{{"TIME", false}};
    for (const auto& one : shown)
        columns.push_back({one.title, true});
    Table table(std::move(columns), colour);
    const auto rows = static_cast<size_t>(with.number("rows"));
    const size_t every = std::max<size_t>(1, (rows - 1 + rows_shown - 1) / rows_shown);
    for (size_t row = 0; row < rows; row += every) {
        const Time time = *start + Duration{step->ns * static_cast<int64_t>(row)};
        std::vector<std::string> cells{format_rfc3339(time).substr(0, 16)};
        for (const auto& one : shown) {
            const double value = row < one.values.size() ? one.values[row].number("") : NAN;
            const double other = row < one.base.size() ? one.base[row].number("") : value;
            cells.push_back(cell(value, other));
        }
        table.add(std::move(cells));
    }
    return table.render();
}

std::string figures_text(const JsonText& with, const JsonText& base, bool colour) {
    Table table({{"FIGURE", false},
                 {"VALUE", true},
                 {"NOTHING SET", true},
                 {"DIFFERENCE", true},
                 {"UNIT", false},
                 {"AT", false}},
                colour);
    const auto others = base.items("figures");
    for (const auto& figure : with.items("figures")) {
        double other = NAN;
        for (const auto& one : others)
            if (one.text("name") == figure.text("name")) other = one.number("value");
        const double value = figure.number("value");
        const auto at = figure.text("at");
        table.add({printable_cell(figure.text("label")), number_text(value), number_text(other),
                   signed_text(value - other), printable_cell(figure.text("unit")),
                   at.empty() ? "" : at.substr(0, std::min<size_t>(16, at.size()))});
    }
    return table.render();
}

}  // namespace

std::string scenario_text(const JsonText& with, const JsonText& base, bool colour) {
    std::string out = hours_text(with, base, colour) + "\n" + figures_text(with, base, colour);
    const auto events = with.items("events");
    if (!events.empty()) out += "\n";
    for (size_t i = 0; i < events.size() && i < events_shown; ++i)
        out += fmt::format("{}  {}\n", events[i].text("time").substr(0, 16),
                           printable_cell(events[i].text("text")));
    if (events.size() > events_shown)
        out += fmt::format("and {} more events\n", events.size() - events_shown);
    for (const auto& warning : with.items("warnings"))
        out += fmt::format("warning: {}\n", printable_cell(warning.text("")));
    out += fmt::format("quality {}, confidence {}, residual {}\n", with.text("quality/quality"),
                       with.text("quality/confidence"), with.text("quality/residual"));
    for (const auto& note : with.items("quality/notes"))
        out += fmt::format("  {}\n", printable_cell(note.text("")));
    return out;
}

std::string comparison_text(const JsonText& comparison, bool colour) {
    std::vector<Table::Column> columns{{"FIGURE", false}};
    for (const auto& name : comparison.items("scenarios"))
        columns.push_back({printable_cell(name.text("")), true});
    columns.push_back({"UNIT", false});
    Table table(columns, colour);
    for (const auto& figure : comparison.items("figures")) {
        std::vector<std::string> cells{printable_cell(figure.text("label"))};
        const auto values = figure.items("values");
        const double first = values.empty() ? NAN : values.front().number("");
        for (const auto& value : values)
            cells.push_back(value.text("").empty() ? "-" : cell(value.number(""), first));
        cells.push_back(printable_cell(figure.text("unit")));
        table.add(std::move(cells));
    }
    std::string out = table.render();
    Table series({{"TWIN", false},
                  {"PATH", false},
                  {"GREATEST DIFFERENCE", true},
                  {"UNIT", false},
                  {"AFTER", true}},
                 colour);
    size_t rows = 0;
    for (const auto& one : comparison.items("series"))
        if (rows++ < series_shown)
            series.add({printable_cell(one.text("twin")), printable_cell(one.text("path")),
                        signed_text(one.number("greatest")), printable_cell(one.text("unit")),
                        one.text("greatest_after")});
    out += "\n" + series.render();
    if (rows > series_shown) out += fmt::format("and {} more series\n", rows - series_shown);
    for (const auto& warning : comparison.items("warnings"))
        out += fmt::format("warning: {}\n", printable_cell(warning.text("")));
    return out;
}

}  // namespace hw::app
