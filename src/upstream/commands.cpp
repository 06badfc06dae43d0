#include "upstream/commands.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/json_writer.h"
#include "model/point_path.h"

namespace hw::upstream {

namespace {

constexpr std::string_view write_level = "/write/";
constexpr size_t reply_bytes_most = 64 << 10;

constexpr ErrorCode all_codes[] = {
    ErrorCode::invalid_argument, ErrorCode::not_found,         ErrorCode::conflict,
    ErrorCode::limit_exceeded,   ErrorCode::permission_denied, ErrorCode::corrupt,
    ErrorCode::io_failed,        ErrorCode::no_space,          ErrorCode::unavailable,
    ErrorCode::timed_out,        ErrorCode::unsupported,       ErrorCode::cancelled};

ErrorCode code_of(std::string_view name) {
    for (const ErrorCode code : all_codes)
        if (to_string(code) == name) return code;
    return ErrorCode::unavailable;
}

}  // namespace

std::string down_filter(std::string_view edge) {
    return fmt::format("{}{}/#", down_topics, edge);
}

std::string write_topic(std::string_view edge, std::string_view point) {
    return fmt::format("{}{}{}{}", down_topics, edge, write_level, point);
}

Result<std::string> point_of_write(std::string_view topic, std::string_view edge,
                                   std::string_view prefix) {
    const std::string start = fmt::format("{}{}", down_topics, edge);
    if (!topic.starts_with(start))
        return fail(ErrorCode::invalid_argument, "a command for another edge");
    topic.remove_prefix(start.size());
    if (!topic.starts_with(write_level))
        return fail(ErrorCode::unsupported,
                    fmt::format("'{}' is no command; there is only {}<point>",
                                model::printable(topic), write_level));
    topic.remove_prefix(write_level.size());
    if (!topic.starts_with(prefix) || topic.size() == prefix.size())
        return fail(ErrorCode::not_found,
                    fmt::format("'{}' is no point of this edge, whose points begin with '{}'",
                                model::printable(topic), prefix));
    return std::string(topic.substr(prefix.size()));
}

std::string encode_reply(const Result<void>& result) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("ok", result.has_value());
    if (!result) {
        json.member("code", to_string(result.error().code()));
        json.member("text", result.error().text());
    }
    json.end_object();
    return out;
}

Result<void> decode_reply(BytesView payload) {
    if (payload.size() > reply_bytes_most)
        return fail(ErrorCode::corrupt, "a reply of an edge is too long");
    simdjson::dom::parser parser;
    simdjson::dom::element reply;
    bool ok = false;
    const simdjson::padded_string text(as_text(payload));
    if (parser.parse(text).get(reply) != simdjson::SUCCESS ||
        reply["ok"].get(ok) != simdjson::SUCCESS)
        return fail(ErrorCode::corrupt, "the edge's reply cannot be read");
    if (ok) return {};
    std::string_view code;
    std::string_view why;
    if (reply["code"].get(code) != simdjson::SUCCESS || reply["text"].get(why) != simdjson::SUCCESS)
        return fail(ErrorCode::corrupt, "the edge's reply has no code and text");
    return fail(code_of(code), std::string(why));
}

}  // namespace hw::upstream
