// Configuration of devices, groups and tags.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "api/gateway_json.h"
#include "api/gateway_operations.h"
#include "api/gateway_request.h"
#include "base/config_text.h"
#include "gateway/device_json.h"
#include "io/http_client.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

using Device = gateway::Manager::Device;

const std::vector<std::string> list_parameters = {"filter", "driver", "limit", "cursor", "format"};

// Each level by itself: the slashes stay.
std::string location_of(std::string_view name) {
    std::string out = "/api/v1/devices";
    for (size_t at = 0; at <= name.size();) {
        const size_t end = std::min(name.find('/', at), name.size());
        out.append("/").append(io::percent_encode(name.substr(at, end - at)));
        at = end + 1;
    }
    return out;
}

const gateway::GroupSpec* find_group(const gateway::DeviceSpec& device, std::string_view name) {
    for (const auto& group : device.groups)
        if (group.name == name) return &group;
    return nullptr;
}

const gateway::TagSpec* find_tag(const gateway::GroupSpec& group, std::string_view name) {
    for (const auto& tag : group.tags)
        if (tag.name == name) return &tag;
    return nullptr;
}

std::string etag_of(const gateway::StoredDevice& device) {
    return fmt::format("\"{}\"", device.revision);
}

Error no_group(const Exchange& exchange) {
    return Error(ErrorCode::not_found,
                 fmt::format("device '{}' has no group '{}'", exchange.place("name"),
                             exchange.place("group")));
}

}  // namespace

gateway::Change change_of(const io::HttpRequest& request) {
    gateway::Change change;
    change.actor = request.user;
    change.origin = "http " + request.peer;
    return change;
}

Result<void> read_if_match(const io::HttpRequest& request, gateway::Change& change) {
    const auto header = request.header("if-match");
    if (const auto none = request.header("if-none-match")) {
        if (*none != "*" || header)
            return hw::fail(ErrorCode::invalid_argument,
                            fmt::format("If-None-Match '{}' must be *, alone: create, and never "
                                        "replace",
                                        *none));
        change.revision = 0;  // none has it
        return {};
    }
    if (!header) return {};
    std::string_view tag = *header;
    if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"')
        tag = tag.substr(1, tag.size() - 2);
    int64_t revision = 0;
    const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), revision);
    if (error != std::errc() || end != tag.data() + tag.size())
        return hw::fail(
            ErrorCode::invalid_argument,
            fmt::format("If-Match '{}' is not an ETag of this server; pass it unchanged", *header));
    change.revision = revision;
    return {};
}

void GatewayOperations::refuse(Exchange& exchange, const Error& error,
                               const gateway::Change& change) const {
    if (!change.flaws.empty()) {
        std::string body;
        JsonWriter json(body);
        json.begin_object();
        json.member("type", "about:blank");
        json.member("title", "Unprocessable Content");
        json.member("status", 422);
        json.member("code", to_string(error.code()));
        json.member("detail", error.text());
        write_flaws(json, change.flaws);
        json.end_object();
        return exchange.respond(
            {422, {{"content-type", "application/problem+json"}}, std::move(body)});
    }
    if (change.revision && error.code() == ErrorCode::conflict)
        return exchange.respond(problem(412, to_string(error.code()), error.text()));
    exchange.fail(error);
}

void GatewayOperations::answer(Exchange& exchange, const Result<Device>& device,
                               const gateway::Change& change, unsigned status) const {
    if (!device) return refuse(exchange, device.error(), change);
    const auto& stored = **device;
    const auto state = rooms_.gateway != nullptr ? rooms_.gateway->state(stored.spec.name)
                                                 : std::optional<gateway::DeviceState>();
    auto response = json_response(device_body(stored, state ? &*state : nullptr), status);
    response.headers.emplace_back("etag", etag_of(stored));
    if (status == 201) response.headers.emplace_back("location", location_of(stored.spec.name));
    exchange.respond(std::move(response));
}

void GatewayOperations::answer_group(Exchange& exchange, const Result<Device>& device,
                                     const gateway::Change& change) const {
    if (!device) return refuse(exchange, device.error(), change);
    const auto* group = find_group((*device)->spec, exchange.place("group"));
    if (group == nullptr) return exchange.fail(no_group(exchange));
    std::string body;
    JsonWriter json(body);
    gateway::write_group(json, *group);
    auto response = json_response(std::move(body));
    response.headers.emplace_back("etag", etag_of(**device));
    exchange.respond(std::move(response));
}

void GatewayOperations::answer_tag(Exchange& exchange, const Result<Device>& device,
                                   const gateway::Change& change, std::string_view group_name,
                                   std::string_view tag_name) const {
    if (!device) return refuse(exchange, device.error(), change);
    const auto* group = find_group((*device)->spec, group_name);
    if (group == nullptr) return exchange.fail(no_group(exchange));
    const auto* tag = find_tag(*group, tag_name);
    if (tag == nullptr)
        return exchange.fail(Error(ErrorCode::not_found, fmt::format("group '{}' has no tag '{}'",
                                                                     group->name, tag_name)));
    auto response = json_response(gateway::tag_text(*tag));
    response.headers.emplace_back("etag", etag_of(**device));
    exchange.respond(std::move(response));
}

void GatewayOperations::list(Exchange exchange) const {
    const auto& request = exchange.request;
    if (refuse_accept(exchange)) return;
    if (auto known = check_parameters(request, list_parameters); !known)
        return exchange.fail(known.error());
    const auto format = wanted_format(request);
    if (!format || *format == Format::csv)
        return exchange.fail(Error(ErrorCode::invalid_argument,
                                   "devices are listed as json or ndjson; see "
                                   "/api/v1/devices/export for CSV"));
    const std::string filter(request.parameter("filter").value_or("#"));
    if (auto good = model::check_filter(filter); !good) return exchange.fail(good.error());
    const auto limit = number_parameter(request, "limit", 1, settings_.page_limit_max);
    if (!limit) return exchange.fail(limit.error());
    const auto after = decode_cursor(request.parameter("cursor").value_or(""));
    if (!after) return exchange.fail(after.error());
    const auto driver = request.parameter("driver");
    std::unordered_map<std::string, gateway::DeviceState> states;
    if (rooms_.gateway != nullptr)
        for (auto& state : rooms_.gateway->states())
            states.emplace(state.name, std::move(state));
    std::string body = *format == Format::json ? "{\"items\":[" : "";
    std::string next;
    std::string_view last;
    size_t rows = 0;
    const auto devices = rooms_.devices->list(filter);
    for (const auto& device : devices) {
        const auto& spec = device->spec;
        if (spec.name <= *after || (driver && spec.driver != *driver)) continue;
        if (rows == limit->value_or(settings_.page_limit_default)) {
            next = encode_cursor(last);
            break;
        }
        if (rows++ > 0 && *format == Format::json) body += ",\n";
        last = spec.name;
        const auto state = states.find(spec.name);
        JsonWriter json(body);
        write_summary(json, *device, state == states.end() ? nullptr : &state->second);
        if (*format == Format::ndjson) body += '\n';
    }
    if (*format == Format::json)
        body += next.empty() ? "],\"next\":null}\n" : fmt::format("],\"next\":\"{}\"}}\n", next);
    io::HttpResponse response{
        200, {{"content-type", std::string(content_type(*format))}}, std::move(body)};
    if (!next.empty()) response.headers.emplace_back("x-next-cursor", next);
    exchange.respond(std::move(response));
}

void GatewayOperations::get(Exchange exchange) const {
    answer(exchange, rooms_.devices->get(exchange.place("name")), {});
}

void GatewayOperations::create(Exchange exchange) {
    auto change = change_of(exchange.request);
    auto spec = gateway::read_device(exchange.request.body);
    if (!spec) return exchange.fail(spec.error());
    answer(exchange, rooms_.devices->create(std::move(*spec), change), change, 201);
}

void GatewayOperations::replace(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto read = read_if_match(exchange.request, change); !read)
        return exchange.fail(read.error());
    auto spec = gateway::read_device(exchange.request.body);
    if (!spec) return exchange.fail(spec.error());
    bool created = false;
    const auto device =
        rooms_.devices->replace(exchange.place("name"), std::move(*spec), change, created);
    answer(exchange, device, change, created ? 201 : 200);
}

void GatewayOperations::patch(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto read = read_if_match(exchange.request, change); !read)
        return exchange.fail(read.error());
    const auto device =
        rooms_.devices->patch(exchange.place("name"), exchange.request.body, change);
    answer(exchange, device, change);
}

void GatewayOperations::remove(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto read = read_if_match(exchange.request, change); !read)
        return exchange.fail(read.error());
    if (auto removed = rooms_.devices->remove(exchange.place("name"), change); !removed)
        return refuse(exchange, removed.error(), change);
    exchange.respond({204, {}, ""});
}

void GatewayOperations::set_enabled(Exchange exchange, bool enabled) {
    auto change = change_of(exchange.request);
    const auto device = rooms_.devices->set_enabled(exchange.place("name"), enabled, change);
    answer(exchange, device, change);
}

void GatewayOperations::copy(Exchange exchange) {
    auto change = change_of(exchange.request);
    const auto device = rooms_.devices->copy(exchange.place("name"), exchange.request.body, change);
    answer(exchange, device, change, 201);
}

void GatewayOperations::get_group(Exchange exchange) const {
    answer_group(exchange, rooms_.devices->get(exchange.place("name")), {});
}

void GatewayOperations::put_group(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto read = read_if_match(exchange.request, change); !read)
        return exchange.fail(read.error());
    const auto device = rooms_.devices->put_group(exchange.place("name"), exchange.place("group"),
                                                  exchange.request.body, change);
    answer_group(exchange, device, change);
}

void GatewayOperations::remove_group(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto read = read_if_match(exchange.request, change); !read)
        return exchange.fail(read.error());
    const auto device =
        rooms_.devices->remove_group(exchange.place("name"), exchange.place("group"), change);
    if (!device) return refuse(exchange, device.error(), change);
    exchange.respond({204, {}, ""});
}

void GatewayOperations::get_tag(Exchange exchange) const {
    answer_tag(exchange, rooms_.devices->get(exchange.place("name")), {}, exchange.place("group"),
               exchange.place("tag"));
}

void GatewayOperations::put_tag(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto read = read_if_match(exchange.request, change); !read)
        return exchange.fail(read.error());
    const auto device =
        rooms_.devices->put_tag(exchange.place("name"), exchange.place("group"),
                                exchange.place("tag"), exchange.request.body, change);
    answer_tag(exchange, device, change, exchange.place("group"), exchange.place("tag"));
}

void GatewayOperations::patch_tag(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto read = read_if_match(exchange.request, change); !read)
        return exchange.fail(read.error());
    const auto device =
        rooms_.devices->patch_tag(exchange.place("name"), exchange.place("group"),
                                  exchange.place("tag"), exchange.request.body, change);
    answer_tag(exchange, device, change, change.group, change.tag);
}

void GatewayOperations::remove_tag(Exchange exchange) {
    auto change = change_of(exchange.request);
    if (auto read = read_if_match(exchange.request, change); !read)
        return exchange.fail(read.error());
    const auto device = rooms_.devices->remove_tag(exchange.place("name"), exchange.place("group"),
                                                   exchange.place("tag"), change);
    if (!device) return refuse(exchange, device.error(), change);
    exchange.respond({204, {}, ""});
}

}  // namespace hw::api
