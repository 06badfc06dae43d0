#include "app/replay_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/config.h"
#include "base/json_writer.h"
#include "ingest/csv.h"
#include "model/point_path.h"

namespace hw::app {

namespace {

constexpr size_t text_bytes_limit = 64 << 10;
constexpr size_t not_found = static_cast<size_t>(-1);

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

size_t find_name(std::span<const std::string_view> header, std::string_view name) {
    for (size_t i = 0; i < header.size(); ++i)
        if (trimmed(header[i]) == name) return i;
    return not_found;
}

Result<size_t> need_name(std::span<const std::string_view> header, const std::string& name,
                         std::string_view option) {
    if (const size_t at = find_name(header, name); at != not_found) return at;
    std::vector<std::string> names;
    for (const auto one : header)
        names.emplace_back(trimmed(one));
    const auto close = nearest(name, names);
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: there is no column '{}'; {}", option, name,
                            close ? fmt::format("did you mean '{}'?", *close)
                                  : fmt::format("the file has {}", fmt::join(names, ", "))));
}

Result<size_t> find_time(std::span<const std::string_view> header,
                         std::span<const std::string_view> first_row) {
    for (const std::string_view name : {"datetime", "timestamp", "time", "ts"})
        for (size_t i = 0; i < header.size(); ++i) {
            std::string lower(trimmed(header[i]));
            std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            });
            if (lower == name) return i;
        }
    // A number alone may be anything, so here only what is written as a date counts.
    for (size_t i = 0; i < first_row.size(); ++i)
        if (!is_json_number(trimmed(first_row[i])) && ingest::read_time_cell(first_row[i]))
            return i;
    return fail(ErrorCode::invalid_argument,
                "no column is named datetime, timestamp, time or ts, and none holds times; say "
                "which it is with --time-column");
}

// Members that ingest takes for the time, quality, unit or the object's own value.
bool means_something(std::string_view name) {
    constexpr std::array names = {"value", "unit", "quality", "ts", "timestamp", "time"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

// One level of a topic: no '/', wildcards, NUL, and UTF-8.
std::string level_of(std::string_view name, size_t index) {
    std::string level(name);
    for (char& c : level)
        if (c == '/' || c == '+' || c == '#' || c == '\0') c = '_';
    if (!model::is_mqtt_text(level)) level = model::printable(level);
    return level.empty() ? fmt::format("column_{}", index + 1) : level;
}

bool says_offset(std::string_view time) {
    if (time.ends_with('Z') || time.ends_with('z')) return true;
    const size_t sign = time.find_last_of("+-");
    return sign != std::string_view::npos && sign > 10;
}

// False where the cell cannot be a value.
Result<void> append_value(std::string_view cell, std::string& out) {
    const auto scalar = HW_TRY(ingest::read_cell(cell, text_bytes_limit));
    switch (scalar.type) {
        case model::ValueType::boolean:
            out += scalar.boolean ? "true" : "false";
            return {};
        case model::ValueType::int64:
        case model::ValueType::float64:
            if (scalar.quality != model::Quality::good)
                return fail(ErrorCode::invalid_argument,
                            fmt::format("'{}' is not finite", trimmed(cell)));
            if (is_json_number(trimmed(cell))) {
                out += trimmed(cell);
            } else if (scalar.type == model::ValueType::int64) {
                out += std::to_string(scalar.integer);
            } else {
                append_json_double(out, scalar.real);
            }
            return {};
        default:
            append_json_string(out, scalar.text);
            return {};
    }
}

}  // namespace

bool is_json_number(std::string_view text) {
    size_t at = 0;
    const auto digits = [&] {
        const size_t begin = at;
        while (at < text.size() && is_digit(text[at]))
            ++at;
        return at - begin;
    };
    if (at < text.size() && text[at] == '-') ++at;
    const size_t whole_at = at;
    const size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[whole_at] == '0')) return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == text.size();
}

Result<Duration> parse_offset(std::string_view text) {
    if (text == "Z" || text == "z" || text == "UTC") return Duration{};
    std::string digits;
    for (const char c : text.substr(text.empty() ? 0 : 1))
        if (c != ':') digits += c;
    const bool good = !text.empty() && (text[0] == '+' || text[0] == '-') && digits.size() == 4 &&
                      std::all_of(digits.begin(), digits.end(), is_digit);
    const int hours = good ? (digits[0] - '0') * 10 + digits[1] - '0' : 99;
    const int minutes = good ? (digits[2] - '0') * 10 + digits[3] - '0' : 99;
    if (hours > 18 || minutes > 59)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("time zone '{}' is not an offset like +02:00 or Z", text));
    const Duration offset = seconds(hours * 3600 + minutes * 60);
    return text[0] == '-' ? Duration{-offset.ns} : offset;
}

Result<ReplayPlan> ReplayPlan::make(std::span<const std::string_view> header,
                                    std::span<const std::string_view> first_row,
                                    const ReplayColumns& options) {
    ReplayPlan plan;
    plan.offset_ = options.offset;
    plan.time_cell_ = options.time_column.empty()
                          ? HW_TRY(find_time(header, first_row))
                          : HW_TRY(need_name(header, options.time_column, "--time-column"));
    plan.time_name_ = trimmed(header[plan.time_cell_]);
    std::set<size_t> skip, only;
    // A column that is not there is left out already; files of one recording differ in this.
    for (const auto& name : options.skip)
        if (const auto at = need_name(header, name, "--skip")) {
            skip.insert(*at);
        } else {
            plan.remarks_.push_back(at.error().text());
        }
    for (const auto& name : options.only)
        only.insert(HW_TRY(need_name(header, name, "--only")));
    std::set<std::string> taken;
    for (size_t i = 0; i < header.size(); ++i) {
        if (i == plan.time_cell_ || skip.contains(i) || (!only.empty() && !only.contains(i)))
            continue;
        const std::string_view name = trimmed(header[i]);
        std::string level = level_of(name, i);
        for (unsigned n = 2; !taken.insert(level).second; ++n)
            level = fmt::format("{}_{}", level_of(name, i), n);
        if (level != name)
            plan.remarks_.push_back(
                fmt::format("column '{}' is published as '{}'", model::printable(name), level));
        Column column{i, level, "", means_something(level)};
        append_json_string(column.key, level);
        column.key += column.nested ? ":{\"value\":" : ":";
        plan.columns_.push_back(std::move(column));
    }
    if (plan.columns_.empty())
        return fail(ErrorCode::invalid_argument, "no column is left to publish");
    return plan;
}

Result<Time> ReplayPlan::time_of(std::span<const std::string_view> cells) const {
    const std::string_view cell = trimmed(cells[time_cell_]);
    if (cell.empty()) return fail(ErrorCode::invalid_argument, "the time is missing");
    const Time time = HW_TRY(ingest::read_time_cell(cell));
    if (offset_.ns == 0 || is_json_number(cell) || says_offset(cell)) return time;
    return time - offset_;
}

Result<ReplayPlan::Row> ReplayPlan::render(std::span<const std::string_view> cells, Duration shift,
                                           std::string& payload) const {
    Row row;
    row.time = HW_TRY(time_of(cells)) + shift;
    char buffer[40];
    payload.append("{\"ts\":\"").append(buffer, format_rfc3339(row.time, buffer)).append("\"");
    for (const auto& column : columns_) {
        const std::string_view cell = cells[column.cell];
        if (ingest::is_missing_cell(cell)) continue;
        const size_t before = payload.size();
        payload.append(",").append(column.key);
        if (auto done = append_value(cell, payload); !done) {
            payload.resize(before);
            if (row.bad_cell.empty())
                row.bad_cell = fmt::format("column '{}': {}", column.name, done.error().text());
            continue;
        }
        if (column.nested) payload += '}';
        ++row.values;
    }
    payload += '}';
    return row;
}

}  // namespace hw::app
