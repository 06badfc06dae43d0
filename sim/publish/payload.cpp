#include "sim/publish/payload.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace hw::sim {

namespace {

struct ValueWriter {
    std::string& out;
    int decimals;

    void operator()(double number) const {
        fmt::format_to(std::back_inserter(out), "{:.{}f}", number, decimals);
    }
    void operator()(int64_t count) const { fmt::format_to(std::back_inserter(out), "{}", count); }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
    void operator()(std::string_view text) const { out += text; }
};

int64_t milliseconds_of(Time time) {
    return time.ns / 1'000'000;
}

// ,"name":value - our names and texts need no escaping.
void append_member(const PointInfo& point, const Reading& reading, std::string& out) {
    fmt::format_to(std::back_inserter(out), "\"{}\":", point.name);
    const bool quoted = std::holds_alternative<std::string_view>(reading.value);
    if (quoted) out += '"';
    append_value(reading, out);
    if (quoted) out += '"';
}

void render_object(const MessagePlan& plan, std::span<const PointInfo> points,
                   std::span<const Reading> readings, Time time, std::string& out) {
    if (plan.form == Form::json_ms)
        fmt::format_to(std::back_inserter(out), "{{\"ts\":{}", milliseconds_of(time));
    else
        fmt::format_to(std::back_inserter(out), "{{\"ts\":\"{}\"", format_rfc3339(time));
    if (plan.has_quality)
        fmt::format_to(std::back_inserter(out), ",\"quality\":\"{}\"",
                       to_string(readings.front().trust));
    for (size_t i = 0; i < points.size(); ++i) {
        if (!has_reading(readings[i])) continue;
        out += ',';
        append_member(points[i], readings[i], out);
    }
    out += '}';
}

void render_neuron(std::span<const PointInfo> points, std::span<const Reading> readings, Time time,
                   std::string& out) {
    fmt::format_to(std::back_inserter(out),
                   R"({{"timestamp":{},"node":"plc3","group":"fast","values":{{)",
                   milliseconds_of(time));
    std::string_view comma;
    for (size_t i = 0; i < points.size(); ++i) {
        if (!has_reading(readings[i])) continue;
        out += comma;
        append_member(points[i], readings[i], out);
        comma = ",";
    }
    out += R"(},"errors":{)";
    comma = {};
    for (size_t i = 0; i < points.size(); ++i) {
        if (has_reading(readings[i])) continue;
        fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", comma, points[i].name,
                       neuron_read_failure);
        comma = ",";
    }
    out += "}}";
}

}  // namespace

bool has_reading(const Reading& reading) {
    const auto* number = std::get_if<double>(&reading.value);
    return !number || !std::isnan(*number);
}

void append_value(const Reading& reading, std::string& out) {
    std::visit(ValueWriter{out, reading.decimals}, reading.value);
}

bool render_with_unit(const PointInfo& point, const Reading& reading, Time time, std::string& out) {
    // "1" is the unit of what has none.
    if (point.unit.empty() || point.unit == "1" || !has_reading(reading)) return false;
    out.clear();
    fmt::format_to(std::back_inserter(out), R"({{"ts":{},"value":)", milliseconds_of(time));
    append_value(reading, out);
    fmt::format_to(std::back_inserter(out), R"(,"quality":"{}","unit":"{}"}})",
                   to_string(reading.trust), point.unit);
    return true;
}

bool render(const MessagePlan& plan, std::span<const PointInfo> points,
            std::span<const Reading> readings, Time time, std::string& out) {
    out.clear();
    switch (plan.form) {
        case Form::scalar:
            if (!has_reading(readings.front())) return false;
            append_value(readings.front(), out);
            return true;
        case Form::json_text:
        case Form::json_ms:
            render_object(plan, points, readings, time, out);
            return true;
        case Form::neuron:
            render_neuron(points, readings, time, out);
            return true;
    }
    return false;
}

}  // namespace hw::sim
