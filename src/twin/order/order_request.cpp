#include "twin/order/order_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/json_writer.h"
#include "model/point_path.h"
#include "sql/json.h"
#include "twin/order/settings.h"

namespace hw::twin {

namespace {

using sql::Datum;
using sql::Kind;
using Names = std::span<const std::string_view>;

constexpr std::string_view desired_members[] = {"value", "timeout", "wait", "reason", "keep"};
constexpr std::string_view listed_members[] = {"twin",    "path",   "value",
                                               "timeout", "reason", "keep"};
constexpr std::string_view command_members[] = {"request", "id", "timeout", "reason"};
constexpr std::string_view response_members[] = {"id", "response", "error"};

std::unexpected<Error> wrong(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

bool knows(Names names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether it is an object of these members only.
bool is_envelope(const Datum& json, Names names) {
    if (!json.is_object() || json.members().empty()) return false;
    return std::all_of(json.members().begin(), json.members().end(),
                       [&](const auto& member) { return knows(names, member.key.as_text()); });
}

Result<Datum> read_json(std::string_view text) {
    if (text.size() > order_bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} bytes are more than an order may have, {}", text.size(),
                                order_bytes_limit));
    sql::JsonReader reader(order_bytes_limit);
    return reader.read(text);
}

Result<std::string> text_of(const Datum& value, std::string_view name) {
    if (!value.is_text()) return wrong(fmt::format("'{}' must be a text", name));
    return std::string(value.as_text());
}

Result<bool> flag_of(const Datum& value, std::string_view name) {
    if (value.kind() != Kind::boolean)
        return wrong(fmt::format("'{}' must be true or false", name));
    return value.as_boolean();
}

Result<Duration> duration_of(const Datum& value, std::string_view name, Duration most) {
    if (value.is_text()) return read_order_duration(value.as_text(), name, most);
    if (!value.is_number())
        return wrong(fmt::format("'{}' must be a duration such as \"30s\", or seconds", name));
    const double given = value.as_number();
    if (!(given >= 0) || given * 1e9 > static_cast<double>(most.ns))
        return wrong(fmt::format("'{}' must be from 0 to {}", name, format_duration(most)));
    return nanoseconds(static_cast<int64_t>(given * 1e9));
}

Result<DesiredRequest> desired_of(const Datum& json, Names names) {
    if (!json.is_object())
        return wrong(R"(the body must be an object such as {"value":40,"timeout":"10m"})");
    DesiredRequest request;
    bool has_value = false;
    for (const auto& [key, value] : json.members()) {
        const auto name = key.as_text();
        if (!knows(names, name))
            return wrong(fmt::format("member '{}' is not known; there are {}", name,
                                     fmt::join(names, ", ")));
        if (name == "value") {
            request.value = value;
            has_value = true;
        } else if (name == "timeout") {
            request.timeout = HW_TRY(duration_of(value, name, desired_timeout_most));
        } else if (name == "wait") {
            request.wait = HW_TRY(duration_of(value, name, order_wait_most));
        } else if (name == "reason") {
            request.reason = HW_TRY(text_of(value, name));
        } else if (name == "keep") {
            request.keep = HW_TRY(flag_of(value, name));
        } else if (name == "twin") {
            request.twin = HW_TRY(text_of(value, name));
        } else {
            request.path = HW_TRY(text_of(value, name));
        }
    }
    if (!has_value || request.value.is_null())
        return wrong("'value' is missing; to take a desired value back, DELETE it");
    return request;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const size_t first = text.find_first_not_of(white);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

void write_message(JsonWriter& json, std::string_view name, const Datum& value, std::string_view id,
                   Time deadline) {
    json.begin_object();
    json.key(name);
    json.raw(sql::to_json(value));
    json.member("id", id);
    if (deadline.ns != 0) json.member("deadline", deadline);
    json.end_object();
}

}  // namespace

Result<Duration> read_order_duration(std::string_view text, std::string_view name, Duration most) {
    auto read = parse_duration(text);
    if (!read) return fail(read.error().within(name));
    if (*read > most)
        return wrong(fmt::format("{} '{}' is more than {}", name, text, format_duration(most)));
    return *read;
}

Result<DesiredRequest> read_desired_request(std::string_view json) {
    const auto read = HW_TRY(read_json(json));
    return desired_of(read, desired_members);
}

Result<std::vector<DesiredRequest>> read_desired_list(std::string_view json, size_t limit) {
    sql::JsonReader reader;
    const auto read = HW_TRY(reader.read(json));
    const Datum* list = read.is_object() ? read.find("items") : &read;
    if (list == nullptr || !list->is_array())
        return wrong(R"(the body must be a list of {"twin","path","value"}, or {"items":[...]})");
    if (list->items().size() > limit)
        return fail(
            ErrorCode::limit_exceeded,
            fmt::format("{} desired values in one list are more than {}; send them in parts",
                        list->items().size(), limit));
    std::vector<DesiredRequest> requests;
    requests.reserve(list->items().size());
    for (const auto& item : list->items()) {
        auto request = desired_of(item, listed_members);
        if (request && (request->twin.empty() || request->path.empty()))
            request = wrong("'twin' and 'path' are needed");
        if (!request) return fail(request.error().within(fmt::format("[{}]", requests.size())));
        requests.push_back(std::move(*request));
    }
    return requests;
}

Result<DesiredRequest> read_desired_message(std::string_view payload) {
    const auto text = trimmed(payload);
    if (text.empty())
        return wrong(R"(the payload is empty; send a value, e.g. 12.5 or {"value":12.5})");
    auto json = read_json(text);
    if (!json && json.error().code() != ErrorCode::invalid_argument) return fail(json.error());
    if (json && is_envelope(*json, desired_members) && json->find("value") != nullptr)
        return desired_of(*json, desired_members);
    if (!json && !model::is_mqtt_text(text))
        return wrong("the payload is neither a value nor UTF-8");
    if (!json && (text.front() == '{' || text.front() == '[' || text.front() == '"'))
        return fail(json.error());
    DesiredRequest request;
    request.value = json ? std::move(*json) : Datum::text(text);
    if (request.value.is_null()) return wrong("null is no desired value");
    return request;
}

Result<CommandRequest> read_command_message(std::string_view payload) {
    const auto text = trimmed(payload);
    CommandRequest command;
    if (text.empty()) return command;
    auto json = HW_TRY(read_json(text));
    if (!is_envelope(json, command_members) ||
        (json.find("request") == nullptr && json.find("id") == nullptr)) {
        command.request = std::move(json);
        return command;
    }
    for (const auto& [key, value] : json.members()) {
        const auto name = key.as_text();
        if (name == "request") {
            command.request = value;
        } else if (name == "timeout") {
            command.timeout = HW_TRY(duration_of(value, name, command_timeout_most));
        } else {
            auto member = HW_TRY(text_of(value, name));
            (name == "id" ? command.id : command.reason) = std::move(member);
        }
    }
    if (!command.id.empty()) HW_TRY(check_order_id(command.id));
    return command;
}

Result<CommandResponse> read_command_response(std::string_view payload) {
    const auto text = trimmed(payload);
    CommandResponse response;
    if (text.empty()) return response;
    auto json = read_json(text);
    if (!json)
        return fail(ErrorCode::corrupt,
                    fmt::format("the response is no JSON: {}", json.error().text()));
    if (!is_envelope(*json, response_members)) {
        response.response = std::move(*json);
        return response;
    }
    if (const auto* id = json->find("id"); id != nullptr && id->is_text())
        response.id = std::string(id->as_text());
    if (const auto* value = json->find("response"); value != nullptr) response.response = *value;
    if (const auto* error = json->find("error"); error != nullptr && !error->is_null()) {
        std::string out;
        sql::append_plain(out, *error);
        response.error = std::move(out);
    }
    return response;
}

std::string desired_message(const Datum& value, std::string_view id, Time deadline) {
    std::string out;
    JsonWriter json(out);
    write_message(json, "value", value, id, deadline);
    return out;
}

std::string command_message(const Datum& request, std::string_view id, Time deadline) {
    std::string out;
    JsonWriter json(out);
    write_message(json, "request", request, id, deadline);
    return out;
}

Result<void> check_order_id(std::string_view id) {
    const bool control = std::any_of(id.begin(), id.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (id.empty() || id.size() > 128 || control || !model::is_mqtt_text(id))
        return wrong(
            fmt::format("the id has {} bytes; it must have 1 to 128, of UTF-8 without "
                        "control characters",
                        id.size()));
    return {};
}

}  // namespace hw::twin
