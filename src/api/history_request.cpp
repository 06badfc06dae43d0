#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/history_query.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

const std::vector<std::string> known_parameters = {
    "point",    "filter", "from",   "to",    "every",   "aggregate", "fill", "max_points",
    "decimate", "limit",  "cursor", "order", "quality", "format",    "thin", "before"};

// The points asked for by name, then those of the filters, each once.
Result<std::vector<model::PointId>> read_points(const io::HttpRequest& request,
                                                const model::PointDirectory& points,
                                                const Settings& settings) {
    std::vector<model::PointId> ids;
    const size_t limit = settings.points_per_query_limit;
    for (const auto& [name, value] : request.query) {
        if (name == "point") {
            const auto id = points.find(value);
            if (!id)
                return hw::fail(ErrorCode::not_found,
                                fmt::format("there is no point '{}'; GET /api/v1/points?filter=... "
                                            "lists what there is",
                                            value));
            ids.push_back(*id);
        } else if (name == "filter") {
            HW_TRY(model::check_filter(value));
            const auto matched = points.match(value, "", limit + 1);
            ids.insert(ids.end(), matched.begin(), matched.end());
        }
    }
    if (!request.parameter("point") && !request.parameter("filter"))
        return hw::fail(ErrorCode::invalid_argument,
                        "say which points: point=<path> (may repeat) or filter=<MQTT filter>");
    if (ids.size() > limit)
        return hw::fail(ErrorCode::limit_exceeded,
                        fmt::format("more than {} points (http.points_per_query_limit); narrow the "
                                    "filter",
                                    limit));
    std::vector<model::PointId> unique;
    std::vector<bool> seen(points.size() + 1, false);
    for (const auto id : ids) {
        if (id.value() < seen.size() && seen[id.value()]) continue;
        if (id.value() < seen.size()) seen[id.value()] = true;
        unique.push_back(id);
    }
    return unique;
}

Result<std::vector<history::Aggregate>> read_aggregates(std::string_view text) {
    std::vector<history::Aggregate> aggregates;
    while (!text.empty()) {
        const size_t comma = text.find(',');
        aggregates.push_back(HW_TRY(history::parse_aggregate(text.substr(0, comma))));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    if (aggregates.empty())
        return hw::fail(ErrorCode::invalid_argument, "aggregate is empty; say e.g. mean,min,max");
    return aggregates;
}

Result<history::Fill> read_fill(std::string_view text) {
    if (text == "none") return history::Fill::none;
    if (text == "previous") return history::Fill::previous;
    if (text == "linear") return history::Fill::linear;
    if (text == "null") return history::Fill::null;
    return hw::fail(ErrorCode::invalid_argument,
                    fmt::format("fill='{}' is not one of none, previous, linear, null", text));
}

Result<void> read_figures(const io::HttpRequest& request, HistoryRequest& out) {
    const auto aggregate = request.parameter("aggregate");
    if (const auto every = request.parameter("every")) {
        out.every = HW_TRY(parse_duration(*every));
        if (out.every->ns <= 0)
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("every='{}' is not longer than nothing", *every));
        out.aggregates = HW_TRY(read_aggregates(aggregate.value_or("mean")));
    } else if (aggregate) {
        // One bucket over the whole range.
        out.aggregates = HW_TRY(read_aggregates(*aggregate));
        out.every = out.to - out.from;
    }
    if (const auto fill = request.parameter("fill")) {
        if (!out.every) return hw::fail(ErrorCode::invalid_argument, "fill needs every=<duration>");
        out.fill = HW_TRY(read_fill(*fill));
    }
    if (const auto quality = request.parameter("quality")) {
        if (*quality != "good" && *quality != "any")
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("quality='{}' is neither good nor any", *quality));
        out.good_only = *quality == "good";
    }
    out.max_points = HW_TRY(number_parameter(request, "max_points", 2, 1'000'000));
    if (const auto decimate = request.parameter("decimate"))
        out.decimation = HW_TRY(history::parse_decimation(*decimate));
    if (out.max_points && out.every)
        return hw::fail(ErrorCode::invalid_argument,
                        "max_points and every exclude each other; every fixes the number of rows");
    return {};
}

// What gives samples as they are kept, in order of time: `thin` and `before`.
Result<void> read_as_kept(const io::HttpRequest& request, HistoryRequest& out) {
    const auto thin = request.parameter("thin");
    const auto before = request.parameter("before");
    if (thin) {
        out.thin = HW_TRY(parse_duration(*thin));
        if (out.thin->ns <= 0)
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("thin='{}' is not longer than nothing", *thin));
    }
    if (before) {
        if (*before != "true" && *before != "false")
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("before='{}' is neither true nor false", *before));
        out.before = *before == "true";
    }
    if (!out.thin && !out.before) return {};
    const std::string_view name = thin ? "thin" : "before";
    if (out.every || out.max_points)
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("{} excludes every, aggregate and max_points; it gives "
                                    "samples as they were kept",
                                    name));
    if (out.newest_first)
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("{} goes with order=asc only", name));
    return {};
}

Result<void> read_cursor(const io::HttpRequest& request, const model::PointDirectory& points,
                         HistoryRequest& out) {
    const auto cursor = request.parameter("cursor");
    if (!cursor || cursor->empty()) return {};
    const std::string text = HW_TRY(decode_cursor(*cursor));
    const size_t space = text.find(' ');
    int64_t time = 0;
    if (space != std::string::npos) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + space, time);
        const auto id = points.find(std::string_view(text).substr(space + 1));
        if (error == std::errc() && end == text.data() + space && id) {
            out.resume_point = *id;
            out.resume_time = Time{time};
            return {};
        }
    }
    return hw::fail(ErrorCode::invalid_argument,
                    "cursor is not one that this server gave; pass the 'next' of the previous "
                    "page unchanged");
}

}  // namespace

Result<HistoryRequest> read_history_request(const io::HttpRequest& request,
                                            const model::PointDirectory& points,
                                            const Settings& settings, Time now) {
    HistoryRequest out;
    HW_TRY(check_parameters(request, known_parameters));
    out.format = HW_TRY(wanted_format(request));
    out.points = HW_TRY(read_points(request, points, settings));
    out.to = HW_TRY(time_parameter(request, "to", now)).value_or(now + nanoseconds(1));
    out.from = HW_TRY(time_parameter(request, "from", now)).value_or(out.to - seconds(3600));
    if (out.from >= out.to)
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("from {} is not before to {}", format_rfc3339(out.from),
                                    format_rfc3339(out.to)));
    HW_TRY(read_figures(request, out));
    if (const auto order = request.parameter("order")) {
        if (*order != "asc" && *order != "desc")
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("order='{}' is neither asc nor desc", *order));
        out.newest_first = *order == "desc";
    }
    HW_TRY(read_as_kept(request, out));
    out.limit = HW_TRY(number_parameter(request, "limit", 1, settings.page_limit_max));
    if (!out.limit && out.format == Format::json && !out.every && !out.max_points)
        out.limit = settings.page_limit_max;
    HW_TRY(read_cursor(request, points, out));
    if (out.max_points && (request.parameter("limit") || request.parameter("cursor")))
        return hw::fail(ErrorCode::invalid_argument,
                        "max_points excludes limit and cursor; it fixes the number of rows");
    if (out.resume_point &&
        std::find(out.points.begin(), out.points.end(), *out.resume_point) == out.points.end())
        return hw::fail(ErrorCode::invalid_argument,
                        "cursor is of a point that is not asked for; ask as on the page before");
    return out;
}

}  // namespace hw::api
