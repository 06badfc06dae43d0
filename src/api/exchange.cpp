#include "api/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "base/config.h"

namespace hw::api {

const std::string& Exchange::place(std::string_view name) const {
    for (const auto& [key, text] : places)
        if (key == name) return text;
    HW_UNREACHABLE();
}

const access::Principal& Exchange::principal() const {
    static const access::Principal anybody{
        access::Principal::Kind::open, "", access::Role::administrator, "#", false};
    return grant ? grant->principal() : anybody;
}

Result<std::optional<uint64_t>> number_parameter(const io::HttpRequest& request,
                                                 std::string_view name, uint64_t least,
                                                 uint64_t most) {
    const auto text = request.parameter(name);
    if (!text) return std::optional<uint64_t>();
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value < least || value > most)
        return hw::fail(
            ErrorCode::invalid_argument,
            fmt::format("{}='{}' is not a whole number from {} to {}", name, *text, least, most));
    return std::optional<uint64_t>(value);
}

Result<std::optional<bool>> bool_parameter(const io::HttpRequest& request, std::string_view name) {
    const auto text = request.parameter(name);
    if (!text) return std::optional<bool>();
    if (*text == "true" || *text == "1" || text->empty()) return std::optional<bool>(true);
    if (*text == "false" || *text == "0") return std::optional<bool>(false);
    return hw::fail(ErrorCode::invalid_argument,
                    fmt::format("{}='{}' is neither true nor false", name, *text));
}

Result<std::optional<Time>> time_parameter(const io::HttpRequest& request, std::string_view name,
                                           Time now) {
    const auto text = request.parameter(name);
    if (!text) return std::optional<Time>();
    auto time = parse_time(*text, now);
    if (!time) return hw::fail(time.error().within(name));
    return std::optional<Time>(*time);
}

Result<void> check_parameters(const io::HttpRequest& request, std::span<const std::string> known) {
    for (const auto& [name, value] : request.query) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const auto close = nearest(name, known);
        return hw::fail(ErrorCode::invalid_argument,
                        close ? fmt::format("parameter '{}' is not known here; did you mean '{}'?",
                                            name, *close)
                              : fmt::format("parameter '{}' is not known here; known are: {}", name,
                                            fmt::join(known, ", ")));
    }
    return {};
}

namespace {

std::optional<Format> format_of_media(std::string_view media) {
    if (media == "application/json" || media == "*/*" || media == "application/*")
        return Format::json;
    if (media == "application/x-ndjson" || media == "application/ndjson") return Format::ndjson;
    if (media == "text/csv") return Format::csv;
    return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

}  // namespace

Result<Format> wanted_format(const io::HttpRequest& request) {
    if (const auto format = request.parameter("format")) {
        if (*format == "json") return Format::json;
        if (*format == "ndjson") return Format::ndjson;
        if (*format == "csv") return Format::csv;
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("format='{}' is not one of json, ndjson, csv", *format));
    }
    auto accept = request.header("accept").value_or("");
    if (trimmed(accept).empty()) return Format::json;
    // Quality weights are not weighed: clients list what they want first.
    for (std::string_view rest = accept; !rest.empty();) {
        const size_t comma = rest.find(',');
        const auto one = rest.substr(0, comma);
        if (const auto format = format_of_media(trimmed(one.substr(0, one.find(';')))))
            return *format;
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    if (accept.find("text/html") != std::string_view::npos) return Format::json;
    return hw::fail(ErrorCode::invalid_argument,
                    fmt::format("Accept '{}' has none of application/json, application/x-ndjson, "
                                "text/csv",
                                accept));
}

bool refuse_accept(Exchange& exchange) {
    if (exchange.request.parameter("format")) return false;
    const auto format = wanted_format(exchange.request);
    if (format) return false;
    exchange.respond(problem(406, "not_acceptable", format.error().text()));
    return true;
}

std::string_view content_type(Format format) {
    switch (format) {
        case Format::json:
            return "application/json";
        case Format::ndjson:
            return "application/x-ndjson";
        case Format::csv:
            return "text/csv; charset=utf-8";
    }
    HW_UNREACHABLE();
}

namespace {

constexpr std::string_view base64url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string encode_cursor(std::string_view text) {
    std::string out;
    uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        count += 8;
        while (count >= 6) {
            count -= 6;
            out += base64url[(bits >> count) & 63];
        }
    }
    if (count > 0) out += base64url[(bits << (6 - count)) & 63];
    return out;
}

Result<std::string> decode_cursor(std::string_view cursor) {
    std::string out;
    uint32_t bits = 0;
    int count = 0;
    for (const char c : cursor) {
        const size_t value = base64url.find(c);
        if (value == std::string_view::npos)
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("cursor '{}' is not one that this server gave; pass the "
                                        "'next' of the previous page unchanged",
                                        cursor));
        bits = (bits << 6) | static_cast<uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count);
        }
    }
    return out;
}

}  // namespace hw::api
