#include "gateway/write_message.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>

#include "base/decimal.h"
#include "base/json_writer.h"
#include "model/point_path.h"

namespace hw::gateway {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr size_t neuron_items_limit = 1'000;

Result<model::Value> value_of(element json, std::string_view name) {
    switch (json.type()) {
        case element_type::BOOL:
            return model::Value(bool(json));
        case element_type::INT64:
            return model::Value(int64_t(json));
        case element_type::UINT64:
            return model::Value(static_cast<double>(uint64_t(json)));
        case element_type::DOUBLE:
            return model::Value(double(json));
        case element_type::STRING:
            return model::Value(std::string(std::string_view(json)));
        default:
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("'{}' must be a number, true, false or a text", name));
    }
}

Result<std::string> text_of(element json, std::string_view name) {
    std::string_view text;
    if (json.get_string().get(text) != simdjson::SUCCESS)
        return hw::fail(ErrorCode::invalid_argument, fmt::format("'{}' must be a text", name));
    return std::string(text);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const size_t first = text.find_first_not_of(white);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

Result<model::Value> plain_value(std::string_view text) {
    if (text == "true" || text == "false") return model::Value(text == "true");
    const Decimal number = scan_decimal(text);
    if (number.length == text.size() && number.length > 0) {
        if (number.kind == Decimal::Kind::integer) return model::Value(number.integer);
        if (number.kind == Decimal::Kind::real) return model::Value(number.real);
    }
    if (!model::is_mqtt_text(text))
        return hw::fail(ErrorCode::invalid_argument, "the payload is neither a value nor UTF-8");
    return model::Value(std::string(text));
}

Result<void> read_member(std::string_view name, element json, WriteOrder& order, bool& has_value) {
    if (name == "value") {
        order.value = HW_TRY(value_of(json, name));
        has_value = true;
    } else if (name == "verify") {
        if (json.get_bool().get(order.verify) != simdjson::SUCCESS)
            return hw::fail(ErrorCode::invalid_argument, "'verify' must be true or false");
    } else if (name == "reason") {
        order.reason = HW_TRY(text_of(json, name));
    } else if (name == "timeout_ms") {
        int64_t ms = 0;
        if (json.get_int64().get(ms) != simdjson::SUCCESS || ms < 1 || ms > 600'000)
            return hw::fail(ErrorCode::invalid_argument,
                            "'timeout_ms' must be a whole number from 1 to 600000");
        order.timeout = milliseconds(ms);
    } else {
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("unknown member '{}'; there are value, verify, reason and "
                                    "timeout_ms",
                                    name));
    }
    return {};
}

}  // namespace

void append_value_json(std::string& out, const model::Value& value) {
    JsonWriter json(out);
    if (const auto* flag = std::get_if<bool>(&value))
        json.value(*flag);
    else if (const auto* whole = std::get_if<int64_t>(&value))
        json.value(*whole);
    else if (const auto* number = std::get_if<double>(&value))
        json.value(*number);
    else if (const auto* text = std::get_if<std::string>(&value))
        json.value(std::string_view(*text));
    else
        json.value(fmt::format("{} bytes", std::get<model::Bytes>(value).data.size()));
}

Result<void> read_write_message(std::string_view payload, WriteOrder& order) {
    const std::string_view text = trimmed(payload);
    if (text.empty())
        return hw::fail(ErrorCode::invalid_argument,
                        R"(the payload is empty; send a value, e.g. 12.5 or {"value":12.5})");
    if (text.front() == '"') {
        simdjson::dom::parser parser;
        element json;
        if (parser.parse(text.data(), text.size()).get(json) != simdjson::SUCCESS)
            return hw::fail(ErrorCode::invalid_argument, "the payload is not a JSON text");
        order.value = HW_TRY(value_of(json, "value"));
        return {};
    }
    if (text.front() != '{') {
        order.value = HW_TRY(plain_value(text));
        return {};
    }
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(text.data(), text.size()).get_object().get(object) != simdjson::SUCCESS)
        return hw::fail(ErrorCode::invalid_argument, "the payload is not a JSON object");
    bool has_value = false;
    for (const auto [name, json] : object)
        HW_TRY(read_member(name, json, order, has_value));
    if (!has_value) return hw::fail(ErrorCode::invalid_argument, "'value' is missing");
    return {};
}

std::string write_answer(const WriteOrder& order, const Result<WriteResult>& result) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("point", std::string_view(order.point));
    json.member("result", result ? "ok" : "failed");
    const auto value = [&](std::string_view name, const model::Value& what) {
        std::string text;
        append_value_json(text, what);
        json.key(name);
        json.raw(text);
    };
    if (result) {
        value("value", order.value);
        if (result->old_value) value("old_value", *result->old_value);
        if (result->read_back) value("read_back", *result->read_back);
        json.member("took_ms", std::round(static_cast<double>(result->took.ns) / 1e4) / 100);
    } else {
        json.member("code", to_string(result.error().code()));
        json.member("error", std::string_view(result.error().text()));
    }
    json.end_object();
    return out;
}

Result<NeuronRequest> read_neuron_request(std::string_view payload) {
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(payload.data(), payload.size()).get_object().get(object) != simdjson::SUCCESS)
        return hw::fail(ErrorCode::invalid_argument, "the request is not a JSON object");
    NeuronRequest request;
    element json;
    if (object["uuid"].get(json) == simdjson::SUCCESS) request.uuid = HW_TRY(text_of(json, "uuid"));
    if (object["node"].get(json) != simdjson::SUCCESS)
        return hw::fail(ErrorCode::invalid_argument, "'node' is missing");
    request.node = HW_TRY(text_of(json, "node"));
    const auto add = [&](const simdjson::dom::object& item) -> Result<void> {
        element tag;
        element value;
        if (item["tag"].get(tag) != simdjson::SUCCESS ||
            item["value"].get(value) != simdjson::SUCCESS)
            return hw::fail(ErrorCode::invalid_argument, "'tag' or 'value' is missing");
        if (request.items.size() == neuron_items_limit)
            return hw::fail(ErrorCode::limit_exceeded,
                            fmt::format("more than {} tags in one request", neuron_items_limit));
        auto name = HW_TRY(text_of(tag, "tag"));
        auto written = HW_TRY(value_of(value, "value"));
        request.items.push_back({std::move(name), std::move(written)});
        return {};
    };
    simdjson::dom::array tags;
    if (object["tags"].get_array().get(tags) != simdjson::SUCCESS) {
        HW_TRY(add(object));
        return request;
    }
    for (const element each : tags) {
        simdjson::dom::object item;
        if (each.get_object().get(item) != simdjson::SUCCESS)
            return hw::fail(ErrorCode::invalid_argument, "'tags' must hold objects");
        HW_TRY(add(item));
    }
    if (request.items.empty()) return hw::fail(ErrorCode::invalid_argument, "'tags' is empty");
    return request;
}

int neuron_code(const Result<WriteResult>& result) {
    if (result) return 0;
    switch (result.error().code()) {
        case ErrorCode::not_found:
            return 2201;
        case ErrorCode::invalid_argument:
            return 2204;
        case ErrorCode::permission_denied:
            return 3004;
        case ErrorCode::unavailable:
        case ErrorCode::timed_out:
            return 3002;
        default:
            return neuron_write_failure;
    }
}

std::string neuron_answer(std::string_view uuid, int code) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member("uuid", uuid);
    json.member("error", code);
    json.end_object();
    return out;
}

}  // namespace hw::gateway
