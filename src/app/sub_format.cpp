#include "app/sub_format.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <ctime>

#include "base/json_writer.h"

namespace hw::app {

namespace {

using mqtt::PropertyId;

// The parts of a UTC time as strftime wants them.
std::tm calendar(Time time) {
    const int64_t day_ns = 86'400'000'000'000;
    int64_t days = time.ns / day_ns;
    if (time.ns % day_ns < 0) --days;
    const auto number = [text = format_rfc3339(time)](size_t at, size_t digits) {
        int value = 0;
        for (size_t i = at; i < at + digits; ++i)
            value = value * 10 + (text[i] - '0');
        return value;
    };
    std::tm parts{};
    parts.tm_year = number(0, 4) - 1900;
    parts.tm_mon = number(5, 2) - 1;
    parts.tm_mday = number(8, 2);
    parts.tm_hour = number(11, 2);
    parts.tm_min = number(14, 2);
    parts.tm_sec = number(17, 2);
    parts.tm_wday = static_cast<int>(((days + 4) % 7 + 7) % 7);
    const auto new_year = parse_rfc3339(fmt::format("{:04}-01-01T00:00:00Z", number(0, 4)));
    if (new_year) parts.tm_yday = static_cast<int>((time - *new_year).ns / day_ns);
    parts.tm_gmtoff = 0;
    parts.tm_zone = "UTC";
    return parts;
}

int64_t nanoseconds_of(Time time) {
    const int64_t part = time.ns % 1'000'000'000;
    return part < 0 ? part + 1'000'000'000 : part;
}

std::string seconds_text(Time time) {
    return format_rfc3339(Time{time.ns - nanoseconds_of(time)}).substr(0, 19);
}

std::string strftime_text(char letter, Time time) {
    if (letter == 'N') return fmt::format("{:09}", nanoseconds_of(time));
    const char format[3] = {'%', letter, '\0'};
    char buffer[200];
    const std::tm parts = calendar(time);
    return {buffer, std::strftime(buffer, sizeof(buffer), format, &parts)};
}

std::string hex(BytesView bytes, bool upper) {
    std::string out;
    for (const std::byte b : bytes)
        out += upper ? fmt::format("{:02X}", static_cast<unsigned>(b))
                     : fmt::format("{:02x}", static_cast<unsigned>(b));
    return out;
}

std::string number_property(const mqtt::Publish& message, PropertyId id) {
    if (!message.properties.has(id)) return "";
    return std::to_string(message.properties.number(id, 0));
}

std::string user_properties(const mqtt::Publish& message) {
    std::string out;
    for (const auto& property : message.properties) {
        if (property.id != PropertyId::user_property) continue;
        out += fmt::format("{}{}:{}", out.empty() ? "" : " ", property.text, property.value);
    }
    return out;
}

// All parameters but %j and %J.
std::string parameter_text(char letter, const mqtt::Publish& message, Time received) {
    switch (letter) {
        case 't':
            return std::string(message.topic);
        case 'p':
            return std::string(as_text(message.payload));
        case 'l':
            return std::to_string(message.payload.size());
        case 'm':
            return std::to_string(message.packet_id.value());
        case 'q':
            return std::to_string(static_cast<int>(message.qos));
        case 'r':
            return message.retain ? "1" : "0";
        case 'x':
        case 'X':
            return hex(message.payload, letter == 'X');
        case 'I':
            return seconds_text(received) + "+0000";
        case 'U':
            return fmt::format("{}.{:09}", (received.ns - nanoseconds_of(received)) / 1'000'000'000,
                               nanoseconds_of(received));
        case 'A':
            return number_property(message, PropertyId::topic_alias);
        case 'E':
            return number_property(message, PropertyId::message_expiry_interval);
        case 'F':
            return number_property(message, PropertyId::payload_format_indicator);
        case 'S':
            return number_property(message, PropertyId::subscription_identifier);
        case 'C':
            return std::string(message.properties.text(PropertyId::content_type));
        case 'D':
            return std::string(message.properties.text(PropertyId::correlation_data));
        case 'R':
            return std::string(message.properties.text(PropertyId::response_topic));
        default:
            return user_properties(message);
    }
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void append_properties(const mqtt::Properties& properties, JsonWriter& json) {
    json.key("properties");
    json.begin_object();
    for (const auto& [name, id] : {std::pair{"content-type", PropertyId::content_type},
                                   {"response-topic", PropertyId::response_topic},
                                   {"correlation-data", PropertyId::correlation_data}})
        if (properties.has(id)) json.member(name, properties.text(id));
    for (const auto& [name, id] :
         {std::pair{"payload-format-indicator", PropertyId::payload_format_indicator},
          {"message-expiry-interval", PropertyId::message_expiry_interval},
          {"topic-alias", PropertyId::topic_alias},
          {"subscription-identifier", PropertyId::subscription_identifier}})
        if (properties.has(id)) json.member(name, properties.number(id, 0));
    if (properties.has(PropertyId::user_property)) {
        json.key("user-properties");
        json.begin_object();
        for (const auto& property : properties)
            if (property.id == PropertyId::user_property)
                json.member(property.text, property.value);
        json.end_object();
    }
    json.end_object();
}

}  // namespace

bool append_message_json(const mqtt::Publish& message, Time received, bool raw, std::string& out) {
    const std::string_view payload = as_text(message.payload);
    if (raw && !payload.empty()) {
        simdjson::dom::parser parser;
        simdjson::dom::element root;
        if (parser.parse(simdjson::padded_string(payload)).get(root) != simdjson::SUCCESS)
            return false;
    }
    JsonWriter json(out);
    json.begin_object();
    json.member("tst", fmt::format("{}.{:06}Z+0000", seconds_text(received),
                                   nanoseconds_of(received) / 1000));
    json.member("topic", message.topic);
    json.member("qos", static_cast<int>(message.qos));
    json.member("retain", message.retain ? 1 : 0);
    json.member("payloadlen", message.payload.size());
    if (message.qos != mqtt::Qos::at_most_once) json.member("mid", message.packet_id.value());
    if (!message.properties.empty()) append_properties(message.properties, json);
    json.key("payload");
    if (payload.empty()) {
        json.null();
    } else if (raw) {
        json.raw(payload);
    } else {
        json.value(payload);
    }
    json.end_object();
    return true;
}

void SubFormat::literal(char c) {
    if (items_.empty() || items_.back().kind != Kind::literal) items_.emplace_back();
    items_.back().text += c;
}

Result<void> SubFormat::parse_parameter(std::string_view text, size_t& at, Item& item) {
    constexpr std::string_view letters = "ACDEFIJPRSUXjlmpqrtx";
    const size_t begin = at;
    item.kind = Kind::parameter;
    for (; at < text.size() && (text[at] == '0' || text[at] == '-'); ++at)
        (text[at] == '0' ? item.zeros : item.to_the_left) = true;
    const auto read_number = [&](size_t& value) {
        for (value = 0; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
            if (value < 100'000) value = value * 10 + static_cast<size_t>(text[at] - '0');
    };
    read_number(item.width);
    if (at < text.size() && text[at] == '.') {
        ++at;
        read_number(item.most);
    }
    if (at >= text.size())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("-F ends in the middle of '%{}'", text.substr(begin)));
    item.letter = text[at++];
    if (letters.find(item.letter) == std::string_view::npos)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("-F: '%{}' is not a format; known letters are {}",
                                text.substr(begin, at - begin), letters));
    return {};
}

Result<SubFormat> SubFormat::parse(std::string_view text) {
    constexpr std::string_view escapes = "0aenrtv\\", meanings("\0\a\x1b\n\r\t\v\\", 8);
    SubFormat format;
    for (size_t at = 0; at < text.size();) {
        const char c = text[at++];
        if (c != '%' && c != '@' && c != '\\') {
            format.literal(c);
            continue;
        }
        if (at == text.size())
            return fail(ErrorCode::invalid_argument,
                        fmt::format("-F ends in '{}'; write it twice", c));
        const char next = text[at];
        if (next == c) {
            format.literal(c);
            ++at;
        } else if (c == '%') {
            Item item;
            HW_TRY(parse_parameter(text, at, item));
            format.items_.push_back(std::move(item));
        } else if (c == '@') {
            format.items_.push_back({.kind = Kind::strftime, .letter = next, .text = {}});
            ++at;
        } else {
            const size_t which = escapes.find(next);
            if (which == std::string_view::npos)
                return fail(
                    ErrorCode::invalid_argument,
                    fmt::format("-F: '\\{}' is not one of \\0 \\a \\e \\n \\r \\t \\v \\\\", next));
            format.literal(meanings[which]);
            ++at;
        }
    }
    return format;
}

bool SubFormat::append(const mqtt::Publish& message, Time received, std::string& out) const {
    bool whole = true;
    for (const auto& item : items_) {
        if (item.kind == Kind::literal) {
            out += item.text;
        } else if (item.kind == Kind::strftime) {
            out += strftime_text(item.letter, received);
        } else if (item.letter == 'j' || item.letter == 'J') {
            if (!append_message_json(message, received, item.letter == 'J', out)) whole = false;
        } else {
            std::string value = parameter_text(item.letter, message, received);
            // As mosquitto_sub: only these have a maximum width.
            if (std::string_view("CIRt").find(item.letter) != std::string_view::npos)
                value.resize(std::min(value.size(), item.most));
            const size_t padding = item.width > value.size() ? item.width - value.size() : 0;
            const bool zeros = item.zeros && !item.to_the_left &&
                               (is_number(value) || item.letter == 'x' || item.letter == 'X');
            if (!item.to_the_left) out.append(padding, zeros ? '0' : ' ');
            out += value;
            if (item.to_the_left) out.append(padding, ' ');
        }
    }
    return whole;
}

}  // namespace hw::app
