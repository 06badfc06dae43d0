#include "api/publish_request.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "model/point_path.h"

namespace hw::api {

namespace {

using simdjson::dom::element;

Result<std::string> text_of(element value, std::string_view name) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS)
        return hw::fail(ErrorCode::invalid_argument, fmt::format("'{}' must be a string", name));
    return std::string(text);
}

Result<uint64_t> number_of(element value, std::string_view name, uint64_t most) {
    uint64_t number = 0;
    if (value.get_uint64().get(number) != simdjson::SUCCESS || number > most)
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' must be a whole number from 0 to {}", name, most));
    return number;
}

Result<std::string> base64_decoded(std::string_view text) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (!text.empty() && text.back() == '=')
        text.remove_suffix(1);
    std::string out;
    uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const size_t value = digits.find(c);
        if (value == std::string_view::npos)
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("'payload' is not base64: character '{}'", c));
        bits = bits << 6 | static_cast<uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count);
        }
    }
    return out;
}

Result<void> read_properties(element value, PublishRequest& out) {
    simdjson::dom::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS)
        return hw::fail(ErrorCode::invalid_argument, "'properties' must be an object");
    for (const auto [name, member] : object) {
        if (name == "content_type") {
            out.content_type = HW_TRY(text_of(member, name));
        } else if (name == "response_topic") {
            out.response_topic = HW_TRY(text_of(member, name));
        } else if (name == "correlation_data") {
            out.correlation_data = HW_TRY(text_of(member, name));
        } else if (name == "message_expiry_interval") {
            out.message_expiry_s =
                static_cast<uint32_t>(HW_TRY(number_of(member, name, UINT32_MAX)));
        } else if (name == "user_properties") {
            simdjson::dom::object pairs;
            if (member.get_object().get(pairs) != simdjson::SUCCESS)
                return hw::fail(ErrorCode::invalid_argument, "'user_properties' must be an object");
            for (const auto [key, text] : pairs)
                out.user_properties.emplace_back(std::string(key), HW_TRY(text_of(text, key)));
        } else {
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("property '{}' is not known; known are content_type, "
                                        "response_topic, correlation_data, "
                                        "message_expiry_interval, user_properties",
                                        name));
        }
    }
    return {};
}

Result<void> read_member(std::string_view name, element value, PublishRequest& out,
                         std::string& encoding) {
    if (name == "topic") {
        out.topic = HW_TRY(text_of(value, name));
    } else if (name == "payload") {
        std::string_view text;
        out.payload = value.get_string().get(text) == simdjson::SUCCESS ? std::string(text)
                                                                        : simdjson::minify(value);
    } else if (name == "payload_encoding") {
        encoding = HW_TRY(text_of(value, name));
    } else if (name == "qos") {
        out.qos = static_cast<uint8_t>(HW_TRY(number_of(value, name, 2)));
    } else if (name == "retain") {
        if (value.get_bool().get(out.retain) != simdjson::SUCCESS)
            return hw::fail(ErrorCode::invalid_argument, "'retain' must be true or false");
    } else if (name == "properties") {
        return read_properties(value, out);
    } else {
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("member '{}' is not known; known are topic, payload, "
                                    "payload_encoding, qos, retain, properties",
                                    name));
    }
    return {};
}

}  // namespace

Result<PublishRequest> read_publish_request(std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    const auto parsed = parser.parse(body.data(), body.size());
    if (parsed.error() != simdjson::SUCCESS)
        return hw::fail(
            ErrorCode::invalid_argument,
            fmt::format("the body is not JSON: {}", simdjson::error_message(parsed.error())));
    if (parsed.get_object().get(object) != simdjson::SUCCESS)
        return hw::fail(ErrorCode::invalid_argument,
                        R"(the body must be an object such as {"topic":"a/b","payload":"42"})");
    PublishRequest out;
    std::string encoding = "plain";
    for (const auto [name, value] : object)
        HW_TRY(read_member(name, value, out, encoding));
    if (out.topic.empty())
        return hw::fail(ErrorCode::invalid_argument, "'topic' is missing or empty");
    HW_TRY(model::check_point_path(out.topic));
    if (encoding == "base64") {
        out.payload = HW_TRY(base64_decoded(out.payload));
    } else if (encoding != "plain") {
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("payload_encoding '{}' is neither plain nor base64", encoding));
    }
    return out;
}

}  // namespace hw::api
