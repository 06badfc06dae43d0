#include "api/query_request.h"

#include <fmt/format.h>

#include <charconv>
#include <span>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "base/config_text.h"
#include "sql/json.h"

namespace hw::api {

namespace {

using sql::Datum;
using sql::batch::Format;
using sql::batch::Request;

constexpr size_t id_bytes_limit = 128;
constexpr size_t parameters_limit = 10'000;

std::unexpected<Error> wrong(std::string text) {
    return hw::fail(ErrorCode::invalid_argument, std::move(text));
}

Result<void> set_id(std::string_view id, Request& out) {
    if (id.size() > id_bytes_limit)
        return wrong(fmt::format("id has {} bytes, the limit is {}", id.size(), id_bytes_limit));
    out.id = id;
    return {};
}

Result<void> set_timeout(std::string_view text, Request& out) {
    auto timeout = parse_duration(text);
    if (!timeout) return hw::fail(timeout.error().within("timeout"));
    out.timeout = *timeout;
    return {};
}

Result<void> set_limit(int64_t limit, Request& out) {
    if (limit < 0) return wrong(fmt::format("limit is {}, it must not be below 0", limit));
    out.rows_limit = static_cast<uint64_t>(limit);
    return {};
}

Result<void> read_params(const Datum& params, Request& out) {
    if (params.is_array()) {
        for (const Datum& value : params.items())
            out.parameters.push_back({"", value});
    } else if (params.is_object()) {
        for (const sql::Member& member : params.members())
            out.parameters.push_back({std::string(member.key.as_text()), member.value});
    } else if (!params.is_null()) {
        return wrong("params must be an array (for $1, $2 or ?) or an object (for $name)");
    }
    if (out.parameters.size() > parameters_limit)
        return wrong(fmt::format("params has {} values, the limit is {}", out.parameters.size(),
                                 parameters_limit));
    return {};
}

Result<void> read_member(std::string_view name, const Datum& value, Request& out) {
    if (name == "params") return read_params(value, out);
    if (name == "limit" && value.kind() == sql::Kind::int64)
        return set_limit(value.as_integer(), out);
    if (name == "timeout" && value.is_number() && value.as_number() > 0 &&
        value.as_number() < 1e9) {
        out.timeout = Duration{static_cast<int64_t>(value.as_number() * 1e9)};
        return {};
    }
    static const std::vector<std::string> known = {"sql", "params", "format",
                                                   "id",  "limit",  "timeout"};
    if (std::find(known.begin(), known.end(), name) == known.end())
        return wrong(
            fmt::format("member '{}' is not known here{}", name, did_you_mean(name, known)));
    if (!value.is_text())
        return wrong(fmt::format("member '{}' must be {}", name,
                                 name == "limit"     ? "a whole number"
                                 : name == "timeout" ? "seconds or a text such as '10s'"
                                                     : "a text"));
    const std::string_view text = value.as_text();
    if (name == "sql") out.sql = text;
    if (name == "id") return set_id(text, out);
    if (name == "timeout") return set_timeout(text, out);
    if (name == "limit") return wrong("member 'limit' must be a whole number");
    if (name == "format") out.format = HW_TRY(sql::batch::parse_format(text));
    return {};
}

Result<void> read_json(std::string_view body, Request& out, bool& has_format) {
    sql::JsonReader reader;
    const auto json = reader.read(body);
    if (!json) return hw::fail(json.error().within("the body"));
    if (!json->is_object()) return wrong("the body must be an object with the member 'sql'");
    for (const sql::Member& member : json->members()) {
        HW_TRY(read_member(member.key.as_text(), member.value, out));
        has_format = has_format || member.key.as_text() == "format";
    }
    return {};
}

Result<void> read_address(const io::HttpRequest& request, Request& out, bool& has_format) {
    static const std::vector<std::string> known = {"format", "id", "limit", "timeout"};
    HW_TRY(check_parameters(request, known));
    if (const auto id = request.parameter("id")) HW_TRY(set_id(*id, out));
    if (const auto timeout = request.parameter("timeout")) HW_TRY(set_timeout(*timeout, out));
    if (const auto limit = HW_TRY(number_parameter(request, "limit", 0, INT64_MAX)))
        out.rows_limit = *limit;
    if (const auto format = request.parameter("format")) {
        out.format = HW_TRY(sql::batch::parse_format(*format));
        has_format = true;
    }
    return {};
}

// The first of Accept's media types that is ours; JSON where there is none.
Format accepted_format(const io::HttpRequest& request) {
    static constexpr std::pair<std::string_view, Format> media[] = {
        {"application/json", Format::json},
        {"application/x-ndjson", Format::ndjson},
        {"application/ndjson", Format::ndjson},
        {"text/csv", Format::csv},
        {"application/vnd.apache.arrow.stream", Format::arrow},
        {"application/vnd.apache.parquet", Format::parquet},
    };
    std::string_view rest = request.header("accept").value_or("");
    while (!rest.empty()) {
        const size_t comma = rest.find(',');
        std::string_view one = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        one = one.substr(0, one.find(';'));
        while (one.starts_with(' '))
            one.remove_prefix(1);
        while (one.ends_with(' '))
            one.remove_suffix(1);
        for (const auto& [name, format] : media)
            if (one == name) return format;
    }
    return Format::json;
}

bool is_json(const io::HttpRequest& request) {
    const size_t first = request.body.find_first_not_of(" \t\r\n");
    const auto type = request.header("content-type").value_or("");
    return type.starts_with("application/json") ||
           (first != std::string::npos && request.body[first] == '{');
}

}  // namespace

Result<Request> read_query_request(const io::HttpRequest& request) {
    Request out;
    bool has_format = false;
    HW_TRY(read_address(request, out, has_format));
    if (is_json(request)) {
        HW_TRY(read_json(request.body, out, has_format));
    } else {
        out.sql = request.body;
    }
    if (out.sql.find('\0') != std::string::npos) return wrong("the statement holds a NUL");
    if (out.sql.empty()) return wrong("the member 'sql' is missing or empty");
    if (!has_format) out.format = accepted_format(request);
    return out;
}

}  // namespace hw::api
