// Devices as they run: states, values, test reads, writes; and the drivers there are.

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "api/gateway_json.h"
#include "api/gateway_operations.h"
#include "api/gateway_request.h"
#include "gateway/device_json.h"
#include "gateway/write_message.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

const std::vector<std::string> tags_parameters = {"filter", "group",  "quality",
                                                  "limit",  "cursor", "format"};
const std::vector<std::string> read_parameters = {"timeout_ms"};
constexpr uint64_t most_timeout_ms = 300'000;

Error not_run() {
    return Error(ErrorCode::unavailable, "devices are not run here: gateway.enabled is false");
}

// The device's own word is a bad gateway's, not a failure of this server.
io::HttpResponse device_problem(const Error& error) {
    if (error.code() == ErrorCode::io_failed || error.code() == ErrorCode::corrupt)
        return problem(502, to_string(error.code()), error.text());
    return problem(error);
}

// The tags of a device that does not run: known, but never read.
std::vector<gateway::TagState> still_states(const gateway::DeviceSpec& device) {
    std::vector<gateway::TagState> states;
    for (const auto& group : device.groups)
        for (const auto& tag : group.tags)
            states.push_back({group.name, tag.name,
                              tag.point.empty() ? device.name + "/" + tag.name : tag.point,
                              tag.address, std::nullopt, ""});
    return states;
}

struct TagsRequest {
    Format format = Format::json;
    std::string filter = "#";
    std::string group;
    std::string quality;
    uint64_t limit = 0;
    uint64_t first = 0;
};

Result<TagsRequest> read_tags_request(const io::HttpRequest& request, const Settings& settings) {
    TagsRequest out;
    HW_TRY(check_parameters(request, tags_parameters));
    out.format = HW_TRY(wanted_format(request));
    out.filter = std::string(request.parameter("filter").value_or("#"));
    HW_TRY(model::check_filter(out.filter));
    out.group = std::string(request.parameter("group").value_or(""));
    out.quality = std::string(request.parameter("quality").value_or(""));
    if (out.quality != "" && out.quality != "good" && out.quality != "bad")
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("quality='{}' is neither good nor bad", out.quality));
    out.limit = HW_TRY(number_parameter(request, "limit", 1, settings.page_limit_max))
                    .value_or(settings.page_limit_default);
    if (const auto cursor = request.parameter("cursor")) {
        io::HttpRequest inner;
        inner.query.emplace_back("cursor", HW_TRY(decode_cursor(*cursor)));
        out.first = HW_TRY(number_parameter(inner, "cursor", 0, UINT64_MAX)).value_or(0);
    }
    return out;
}

// Good alone is good: what was never read is bad.
bool wanted(const TagsRequest& request, const gateway::TagState& state) {
    if (!request.group.empty() && state.group != request.group) return false;
    if (request.filter != "#" && !model::matches(request.filter, state.point)) return false;
    if (request.quality.empty()) return true;
    const bool good =
        state.last && model::family(state.last->quality) == model::QualityFamily::good;
    return good == (request.quality == "good");
}

}  // namespace

void GatewayOperations::state(Exchange exchange) const {
    const auto& name = exchange.place("name");
    if (const auto device = rooms_.devices->get(name); !device)
        return exchange.fail(device.error());
    if (rooms_.gateway == nullptr) return exchange.fail(not_run());
    const auto state = rooms_.gateway->state(name);
    if (!state)
        return exchange.fail(
            Error(ErrorCode::unavailable,
                  fmt::format("device '{}' does not run; its 'problem' says why", name)));
    std::string body;
    JsonWriter json(body);
    write_state(json, *state, true);
    exchange.respond(json_response(std::move(body)));
}

void GatewayOperations::tags(Exchange exchange) const {
    if (refuse_accept(exchange)) return;
    const auto request = read_tags_request(exchange.request, settings_);
    if (!request) return exchange.fail(request.error());
    const auto device = rooms_.devices->get(exchange.place("name"));
    if (!device) return exchange.fail(device.error());
    const auto& spec = (*device)->spec;
    auto states = rooms_.gateway != nullptr ? rooms_.gateway->tag_states(spec.name)
                                            : std::vector<gateway::TagState>();
    if (states.empty()) states = still_states(spec);
    std::unordered_map<std::string_view, const gateway::TagSpec*> specs;
    for (const auto& group : spec.groups)
        for (const auto& tag : group.tags)
            specs.emplace(tag.name, &tag);
    const bool json = request->format == Format::json;
    std::string body = json ? "{\"items\":[" : "";
    if (request->format == Format::csv) body = fmt::format("{}\n", tag_columns);
    std::string next;
    uint64_t rows = 0;
    for (uint64_t i = request->first; i < states.size(); ++i) {
        // A tag may feed a point that is not below its device.
        if (!wanted(*request, states[i]) ||
            !exchange.principal().may(access::Verb::read, states[i].point))
            continue;
        if (rows == request->limit) {
            next = encode_cursor(fmt::format("{}", i));
            break;
        }
        if (rows++ > 0 && json) body += ",\n";
        const auto at = specs.find(states[i].name);
        append_tag_row(body, {&states[i], at == specs.end() ? nullptr : at->second},
                       request->format);
    }
    if (json)
        body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    io::HttpResponse response{
        200, {{"content-type", std::string(content_type(request->format))}}, std::move(body)};
    if (!next.empty()) response.headers.emplace_back("x-next-cursor", next);
    exchange.respond(std::move(response));
}

void GatewayOperations::read(Exchange exchange) {
    if (auto known = check_parameters(exchange.request, read_parameters); !known)
        return exchange.fail(known.error());
    const auto timeout = number_parameter(exchange.request, "timeout_ms", 1, most_timeout_ms);
    if (!timeout) return exchange.fail(timeout.error());
    const auto device = rooms_.devices->get(exchange.place("name"));
    if (!device) return exchange.fail(device.error());
    if (rooms_.gateway == nullptr) return exchange.fail(not_run());
    gateway::TagSpec tag;
    tag.name = "test";
    if (auto read = gateway::patch_tag(exchange.request.body, tag); !read)
        return exchange.fail(read.error());
    const auto driver = rooms_.drivers->find((*device)->spec.driver);
    if (!driver) return exchange.fail(driver.error());
    gateway::Change change;
    if (auto checked = gateway::check_tag(tag, *(*driver)->info, change.flaws, ""); !checked)
        return refuse(exchange, checked.error(), change);
    rooms_.gateway->read(
        exchange.place("name"), tag, milliseconds(static_cast<int64_t>(timeout->value_or(5000))),
        [responder = std::move(exchange.responder)](Result<model::Sample> sample) mutable {
            if (!sample) return responder->respond(device_problem(sample.error()));
            std::string body = "{\"value\":";
            append_value(body, sample->value);
            body += fmt::format(",\"quality\":\"{}\",\"time\":\"{}\"}}",
                                model::to_string(sample->quality), format_rfc3339(sample->time));
            responder->respond(json_response(std::move(body)));
        });
}

namespace {

std::string written_body(const gateway::WriteOrder& order, const gateway::WriteResult& result) {
    const auto append_optional = [](std::string& out, const std::optional<model::Value>& value) {
        if (value) {
            append_value(out, *value);
        } else {
            out += "null";
        }
    };
    std::string body = "{\"point\":";
    append_json_string(body, order.point);
    body += ",\"value\":";
    append_value(body, order.value);
    body += ",\"old_value\":";
    append_optional(body, result.old_value);
    body += ",\"read_back\":";
    append_optional(body, result.read_back);
    body += fmt::format(",\"took_ms\":{}}}", milliseconds_of(result.took));
    return body;
}

}  // namespace

void GatewayOperations::write(Exchange exchange) {
    if (rooms_.gateway == nullptr) return exchange.fail(not_run());
    gateway::WriteOrder order;
    const std::string_view body = exchange.request.body;
    const size_t begin = body.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos || body[begin] != '{')
        return exchange.fail(Error(ErrorCode::invalid_argument,
                                   R"(the body must be an object such as {"value":12.5})"));
    if (auto read = gateway::read_write_message(body, order); !read)
        return exchange.fail(read.error());
    const auto change = change_of(exchange.request);
    order.point = exchange.place("path");
    order.actor = change.actor;
    order.origin = change.origin;
    const gateway::WriteOrder given = order;
    rooms_.gateway->write(std::move(order), [given, responder = std::move(exchange.responder)](
                                                Result<gateway::WriteResult> result) mutable {
        responder->respond(result ? json_response(written_body(given, *result))
                                  : device_problem(result.error()));
    });
}

void GatewayOperations::list_drivers(Exchange exchange) const {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& driver : rooms_.drivers->all())
        write_driver(json, driver, false);
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void GatewayOperations::get_driver(Exchange exchange) const {
    const auto driver = rooms_.drivers->find(exchange.place("name"));
    if (!driver) return exchange.fail(driver.error());
    std::string body;
    JsonWriter json(body);
    write_driver(json, **driver, true);
    exchange.respond(json_response(std::move(body)));
}

}  // namespace hw::api
