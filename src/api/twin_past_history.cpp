// The history of a twin's property, by the points that fed it.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/history_query.h"
#include "api/row_writer.h"
#include "api/twin_past.h"

namespace hw::api {

namespace {

const std::vector<std::string> columns = {"value", "quality"};

struct Part {
    model::PointId point;
    Time from, to;
};

// One question of one point, answered as GET /api/v1/history does.
void answer_one(Exchange& exchange, const Part& part, std::string_view path,
                const history::History& history, const model::PointDirectory& points,
                const Settings& settings, Time now) {
    io::HttpRequest asked = exchange.request;
    std::erase_if(asked.query, [](const auto& one) {
        return one.first == "from" || one.first == "to" || one.first == "point";
    });
    asked.query.emplace_back("point", path);
    asked.query.emplace_back("from", format_rfc3339(part.from));
    asked.query.emplace_back("to", format_rfc3339(part.to));
    const auto request = read_history_request(asked, points, settings, now);
    if (!request) return exchange.fail(request.error());
    answer_history(exchange, *request, history, points);
}

// Rows of several points, each of its own time, one after the other; none where no point fed the
// property. The cursor is the last time.
Result<std::string> parts_body(const io::HttpRequest& request, const std::vector<Part>& parts,
                               const history::History& history, const model::PointDirectory& points,
                               const Settings& settings, Format format) {
    for (const std::string_view name :
         {"every", "aggregate", "fill", "max_points", "decimate", "thin", "before"})
        if (request.parameter(name) && !parts.empty())
            return hw::fail(ErrorCode::conflict,
                            fmt::format("{} points fed the property in this range, and {} is of "
                                        "one; ask for from or to nearer ({} began at {})",
                                        parts.size(), name, points.path(parts.back().point),
                                        format_rfc3339(parts.back().from)));
    if (request.parameter("order").value_or("asc") != "asc")
        return hw::fail(ErrorCode::conflict,
                        "several points fed the property in this range; order=asc only");
    const auto limit = HW_TRY(number_parameter(request, "limit", 1, settings.page_limit_max))
                           .value_or(settings.page_limit_max);
    Time after{INT64_MIN};
    const std::string cursor = HW_TRY(decode_cursor(request.parameter("cursor").value_or("")));
    if (!cursor.empty()) {
        const char* const end = cursor.data() + cursor.size();
        const auto [last, error] = std::from_chars(cursor.data(), end, after.ns);
        if (error != std::errc() || last != end)
            return hw::fail(ErrorCode::invalid_argument,
                            "cursor is not one that this server gave; pass the 'next' of the "
                            "previous page unchanged");
    }
    std::string body;
    RowWriter writer(format, columns, body);
    writer.begin();
    uint64_t rows = 0;
    bool cut = false;
    for (const Part& part : parts) {
        const Time from =
            std::max(part.from, after == Time{INT64_MIN} ? after : after + nanoseconds(1));
        if (from >= part.to || cut) continue;
        writer.point(points.path(part.point));
        const history::RawQuery query{{part.point}, from, part.to, limit - rows + 1, false};
        HW_TRY(history.raw(query, [&](const model::SampleBatch& batch) {
            for (size_t i = 0; i < batch.size() && !cut; ++i) {
                cut = rows == limit;
                if (cut) break;
                writer.sample(batch, i);
                after = Time{batch.times_ns()[i]};
                ++rows;
            }
            return !cut;
        }));
    }
    writer.end(cut ? encode_cursor(fmt::format("{}", after.ns)) : "");
    return body;
}

}  // namespace

void TwinPastOperations::history(Exchange exchange) const {
    const auto& request = exchange.request;
    const Time now = rooms_.clock.now();
    const auto answered = [&]() -> Result<void> {
        if (request.parameter("point") || request.parameter("filter"))
            return hw::fail(ErrorCode::invalid_argument,
                            "the property says which point; point and filter are of "
                            "GET /api/v1/history");
        const Time to = HW_TRY(time_parameter(request, "to", now)).value_or(now + nanoseconds(1));
        const Time from = HW_TRY(time_parameter(request, "from", now)).value_or(to - seconds(3600));
        const auto bindings =
            HW_TRY(rooms_.past.bindings(exchange.place("id"), exchange.place("path"), from, to));
        std::vector<Part> parts;
        for (const auto& binding : bindings)
            if (const auto point = rooms_.points.find(binding.point);
                !binding.point.empty() && point)
                parts.push_back({*point, binding.from, binding.to});
        if (parts.size() == 1) {
            answer_one(exchange, parts[0], rooms_.points.path(parts[0].point), rooms_.history,
                       rooms_.points, settings_, now);
            return {};
        }
        const Format format = HW_TRY(wanted_format(request));
        auto body =
            HW_TRY(parts_body(request, parts, rooms_.history, rooms_.points, settings_, format));
        exchange.respond(
            {200, {{"content-type", std::string(content_type(format))}}, std::move(body)});
        return {};
    }();
    if (!answered) exchange.fail(answered.error());
}

}  // namespace hw::api
