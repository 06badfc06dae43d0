#include "api/points_query.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/row_writer.h"
#include "api/search_operations.h"
#include "base/json_writer.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

const std::vector<std::string> known_parameters = {"filter", "search", "limit",
                                                   "cursor", "fields", "format"};
const std::vector<std::string> all_fields = {"point", "type",       "unit",      "value", "quality",
                                             "time",  "first_time", "last_time", "count"};

struct PointsRequest {
    std::string filter;
    SearchWords search;
    std::string after;
    uint64_t limit = 0;
    Format format = Format::json;
    std::vector<size_t> fields;  // indices into all_fields
};

Result<std::vector<size_t>> read_fields(std::optional<std::string_view> text) {
    std::vector<size_t> fields;
    if (!text) {
        for (size_t i = 0; i < all_fields.size(); ++i)
            fields.push_back(i);
        return fields;
    }
    for (std::string_view rest = *text; !rest.empty();) {
        const size_t comma = rest.find(',');
        const auto name = rest.substr(0, comma);
        const auto at = std::find(all_fields.begin(), all_fields.end(), name);
        if (at == all_fields.end())
            return hw::fail(
                ErrorCode::invalid_argument,
                fmt::format("field '{}' is not one of {}", name, fmt::join(all_fields, ", ")));
        fields.push_back(static_cast<size_t>(at - all_fields.begin()));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return fields;
}

Result<PointsRequest> read(const io::HttpRequest& request, const Settings& settings) {
    PointsRequest out;
    HW_TRY(check_parameters(request, known_parameters));
    out.format = HW_TRY(wanted_format(request));
    out.filter = std::string(request.parameter("filter").value_or("#"));
    HW_TRY(model::check_filter(out.filter));
    out.search = HW_TRY(SearchWords::read(request.parameter("search").value_or("")));
    out.limit = HW_TRY(number_parameter(request, "limit", 1, settings.page_limit_max))
                    .value_or(settings.page_limit_default);
    out.fields = HW_TRY(read_fields(request.parameter("fields")));
    if (const auto cursor = request.parameter("cursor")) out.after = HW_TRY(decode_cursor(*cursor));
    return out;
}

void append_quoted_time(std::string& out, Time time, std::string_view quote) {
    char buffer[40];
    out += quote;
    out.append(buffer, format_rfc3339(time, buffer));
    out += quote;
}

void append_json_field(std::string& out, size_t field, std::string_view path,
                       const history::PointState& state, const model::SampleBatch& last) {
    switch (field) {
        case 0:
            return append_json_string(out, path);
        case 1:
            return append_json_string(out, model::to_string(state.type));
        case 2:
            if (!state.unit.empty()) return append_json_string(out, state.unit);
            out += "null";
            return;
        case 3:
            return append_value_json(out, last, 0);
        case 4:
            return append_json_string(out, model::to_string(state.last.quality));
        case 5:
        case 7:
            return append_quoted_time(out, state.last.time, "\"");
        case 6:
            return append_quoted_time(out, state.first_time, "\"");
        default:
            out += fmt::format_int(state.count).c_str();
    }
}

void append_csv_field(std::string& out, size_t field, std::string_view path,
                      const history::PointState& state, const model::SampleBatch& last) {
    switch (field) {
        case 0:
            return append_csv_text(out, path);
        case 1:
            return append_csv_text(out, model::to_string(state.type));
        case 2:
            return append_csv_text(out, state.unit);
        case 3:
            return append_value_csv(out, last, 0);
        case 4:
            return append_csv_text(out, model::to_string(state.last.quality));
        case 5:
        case 7:
            return append_quoted_time(out, state.last.time, "");
        case 6:
            return append_quoted_time(out, state.first_time, "");
        default:
            out += fmt::format_int(state.count).c_str();
    }
}

class PageWriter {
  public:
    PageWriter(const PointsRequest& request, std::string& out) : request_(request), out_(out) {
        if (request.format == Format::json) out_ += "{\"items\":[";
        if (request.format != Format::csv) return;
        for (size_t i = 0; i < request.fields.size(); ++i)
            out_.append(i == 0 ? "" : ",").append(all_fields[request.fields[i]]);
        out_ += '\n';
    }
    void row(std::string_view path, const history::PointState& state) {
        last_.clear();
        last_.add(state.id, state.last);
        if (request_.format == Format::csv) return csv_row(path, state);
        if (request_.format == Format::json && !first_) out_ += ",\n";
        first_ = false;
        char separator = '{';
        for (const size_t field : request_.fields) {
            out_ += separator;
            separator = ',';
            out_.append("\"").append(all_fields[field]).append("\":");
            append_json_field(out_, field, path, state, last_);
        }
        out_ += '}';
        if (request_.format == Format::ndjson) out_ += '\n';
    }
    void end(std::string_view next) {
        if (request_.format != Format::json) return;
        out_ += "],\"next\":";
        if (next.empty()) {
            out_ += "null";
        } else {
            append_json_string(out_, next);
        }
        out_ += "}\n";
    }

  private:
    void csv_row(std::string_view path, const history::PointState& state) {
        bool more = false;
        for (const size_t field : request_.fields) {
            if (more) out_ += ',';
            more = true;
            append_csv_field(out_, field, path, state, last_);
        }
        out_ += '\n';
    }

    const PointsRequest& request_;
    std::string& out_;
    model::SampleBatch last_;
    bool first_ = true;
};

}  // namespace

void answer_points(Exchange& exchange, const history::History& history,
                   const model::PointDirectory& points, const Settings& settings) {
    if (refuse_accept(exchange)) return;
    const auto request = read(exchange.request, settings);
    if (!request) return exchange.fail(request.error());
    io::HttpResponse response{
        200, {{"content-type", std::string(content_type(request->format))}}, ""};
    PageWriter writer(*request, response.body);
    std::vector<std::optional<history::PointState>> states;
    std::string after = request->after;
    uint64_t rows = 0;
    std::string next;
    while (rows < request->limit) {
        const auto count = std::min<uint64_t>(request->limit - rows, 10'000);
        const auto ids = request->search.none()
                             ? points.match(request->filter, after, count)
                             : find_points(points, request->filter, request->search, after, count);
        if (ids.empty()) break;
        history.point_states(ids, states);
        // A point whose first sample is not committed yet is not there yet.
        for (size_t i = 0; i < ids.size(); ++i) {
            if (!states[i]) continue;
            writer.row(points.path(ids[i]), *states[i]);
            ++rows;
        }
        after = points.path(ids.back());
        if (rows >= request->limit &&
            !find_points(points, request->filter, request->search, after, 1).empty())
            next = encode_cursor(after);
    }
    writer.end(next);
    if (!next.empty()) response.headers.emplace_back("x-next-cursor", next);
    exchange.respond(std::move(response));
}

}  // namespace hw::api
