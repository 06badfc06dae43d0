#include "api/twin_orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "api/gateway_request.h"
#include "base/json_writer.h"
#include "io/http_client.h"
#include "sql/json.h"
#include "twin/order/order_request.h"

namespace hw::api {

namespace {

const std::vector<std::string> wait_parameters = {"wait"};
const std::vector<std::string> command_parameters = {"wait", "timeout", "reason"};
const std::vector<std::string> cancel_parameters = {"reason"};
const std::vector<std::string> list_parameters = {"state", "from", "to", "limit", "cursor"};
const std::vector<std::string> orders_parameters = {"kind", "twin",  "state", "from",
                                                    "to",   "limit", "cursor"};

twin::Change change_of_order(const io::HttpRequest& request) {
    auto change = change_of(request);
    return {std::move(change.actor), std::move(change.origin), {}, {}};
}

Result<std::optional<Duration>> duration_parameter(const io::HttpRequest& request,
                                                   std::string_view name, Duration most) {
    const auto text = request.parameter(name);
    if (!text) return std::optional<Duration>();
    return std::optional<Duration>(HW_TRY(twin::read_order_duration(*text, name, most)));
}

// What the model does not allow is well formed all the same.
io::HttpResponse order_problem(const Error& error) {
    if (error.code() == ErrorCode::invalid_argument || error.code() == ErrorCode::permission_denied)
        return problem(422, to_string(error.code()), error.text());
    return problem(error);
}

// 202: it is on disk, and goes on.
io::HttpResponse answer_of(const twin::Desired& desired) {
    const bool on =
        desired.state == twin::DesiredState::pending || desired.state == twin::DesiredState::sent;
    return json_response(twin::desired_json(desired), on ? 202 : 200);
}
io::HttpResponse answer_of(const twin::Command& command) {
    auto response =
        json_response(twin::command_json(command), twin::is_live(command.state) ? 202 : 200);
    response.headers.emplace_back(
        "location", fmt::format("/api/v1/twin/commands/{}", io::percent_encode(command.id)));
    return response;
}

template <class T>
auto answering(std::unique_ptr<io::HttpResponder> responder) {
    return [responder = std::move(responder)](Result<T> result) mutable {
        responder->respond(result ? answer_of(*result) : order_problem(result.error()));
    };
}

void write_order(JsonWriter& json, const twin::Order& order) {
    if (const auto* desired = std::get_if<twin::Desired>(&order))
        twin::write_desired(json, *desired);
    else
        twin::write_command(json, std::get<twin::Command>(order));
}

Error no_twin(std::string_view id) {
    return Error(ErrorCode::not_found, fmt::format("there is no twin '{}'", id));
}

}  // namespace

// ---- desired values

void TwinOrderOperations::put_desired(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, wait_parameters); !known)
        return exchange.fail(known.error());
    const auto wait = duration_parameter(request, "wait", twin::order_wait_most);
    if (!wait) return exchange.fail(wait.error());
    auto read = twin::read_desired_request(request.body);
    if (!read) return exchange.fail(read.error());
    auto change = change_of_order(request);
    change.reason = std::move(read->reason);
    twin::Orders::DesiredAsk ask{exchange.place("id"), exchange.place("path"),
                                 std::move(read->value), read->timeout, read->keep};
    rooms_.orders.desire(std::move(ask), std::move(change), wait->value_or(read->wait),
                         answering<twin::Desired>(std::move(exchange.responder)));
}

void TwinOrderOperations::put_desired_list(Exchange exchange) {
    auto read = twin::read_desired_list(exchange.request.body, list_limit);
    if (!read) return exchange.fail(read.error());
    auto change = change_of_order(exchange.request);
    std::vector<twin::Orders::DesiredAsk> asks;
    asks.reserve(read->size());
    for (auto& request : *read) {
        // One reason holds for all: who asks in bulk has one.
        if (change.reason.empty()) change.reason = std::move(request.reason);
        asks.push_back({std::move(request.twin), std::move(request.path), std::move(request.value),
                        request.timeout, request.keep});
    }
    rooms_.orders.desire_all(std::move(asks), std::move(change),
                             [responder = std::move(exchange.responder)](auto results) mutable {
                                 std::string body;
                                 JsonWriter json(body);
                                 size_t accepted = 0;
                                 json.begin_object();
                                 json.key("items");
                                 json.begin_array();
                                 for (const auto& result : results) {
                                     if (result) {
                                         ++accepted;
                                         twin::write_desired(json, *result);
                                         continue;
                                     }
                                     json.begin_object();
                                     json.member("code", to_string(result.error().code()));
                                     json.member("error", std::string_view(result.error().text()));
                                     json.end_object();
                                 }
                                 json.end_array();
                                 json.member("accepted", accepted);
                                 json.member("refused", results.size() - accepted);
                                 json.end_object();
                                 responder->respond(json_response(std::move(body), 202));
                             });
}

void TwinOrderOperations::get_desired(Exchange exchange) const {
    const auto& id = exchange.place("id");
    const auto& path = exchange.place("path");
    const auto desired = rooms_.orders.store().desired(id, path);
    if (!desired) return exchange.fail(desired.error());
    if (!*desired)
        return exchange.fail(Error(ErrorCode::not_found,
                                   fmt::format("'{}' of '{}' has no desired value", path, id)));
    exchange.respond(json_response(twin::desired_json(**desired)));
}

void TwinOrderOperations::list_desired(Exchange exchange) const {
    const auto& id = exchange.place("id");
    const auto all = rooms_.orders.store().desired_of(id);
    if (!all) return exchange.fail(all.error());
    if (all->empty() && !rooms_.orders.knows_twin(id)) return exchange.fail(no_twin(id));
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& desired : *all)
        twin::write_desired(json, desired);
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void TwinOrderOperations::cancel_desired(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, cancel_parameters); !known)
        return exchange.fail(known.error());
    auto change = change_of_order(request);
    change.reason = std::string(request.parameter("reason").value_or(""));
    rooms_.orders.cancel(exchange.place("id"), exchange.place("path"), std::move(change),
                         answering<twin::Desired>(std::move(exchange.responder)));
}

// ---- commands

void TwinOrderOperations::command(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, command_parameters); !known)
        return exchange.fail(known.error());
    const auto wait = duration_parameter(request, "wait", twin::order_wait_most);
    if (!wait) return exchange.fail(wait.error());
    const auto timeout = duration_parameter(request, "timeout", twin::command_timeout_most);
    if (!timeout) return exchange.fail(timeout.error());
    twin::Orders::CommandAsk ask;
    ask.twin = exchange.place("id");
    ask.name = exchange.place("name");
    ask.id = std::string(request.header("idempotency-key").value_or(""));
    ask.timeout = *timeout;
    if (request.body.find_first_not_of(" \t\r\n") != std::string::npos) {
        sql::JsonReader reader(twin::order_bytes_limit);
        auto body = reader.read(request.body);
        if (!body) return exchange.fail(body.error());
        ask.request = std::move(*body);
    }
    auto change = change_of_order(request);
    change.reason = std::string(request.parameter("reason").value_or(""));
    rooms_.orders.command(std::move(ask), std::move(change), wait->value_or(Duration{}),
                          answering<twin::Command>(std::move(exchange.responder)));
}

void TwinOrderOperations::get_command(Exchange exchange) const {
    const auto& id = exchange.place("command");
    const auto command = rooms_.orders.store().command(id);
    if (!command) return exchange.fail(command.error());
    if (!*command)
        return exchange.fail(
            Error(ErrorCode::not_found, fmt::format("there is no command '{}'", id)));
    exchange.respond(json_response(twin::command_json(**command)));
}

void TwinOrderOperations::cancel_command(Exchange exchange) {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, cancel_parameters); !known)
        return exchange.fail(known.error());
    auto change = change_of_order(request);
    change.reason = std::string(request.parameter("reason").value_or(""));
    rooms_.orders.cancel_command(exchange.place("command"), std::move(change),
                                 answering<twin::Command>(std::move(exchange.responder)));
}

void TwinOrderOperations::list_commands(Exchange exchange) const {
    if (auto known = check_parameters(exchange.request, list_parameters); !known)
        return exchange.fail(known.error());
    twin::OrderStore::Query query;
    query.commands = true;
    query.twin = exchange.place("id");
    answer_page(exchange, std::move(query));
}

// ---- all orders

void TwinOrderOperations::list_orders(Exchange exchange) const {
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, orders_parameters); !known)
        return exchange.fail(known.error());
    twin::OrderStore::Query query;
    query.twin = std::string(request.parameter("twin").value_or(""));
    if (const auto kind = request.parameter("kind")) {
        if (*kind != "desired" && *kind != "command")
            return exchange.fail(
                Error(ErrorCode::invalid_argument,
                      fmt::format("kind='{}' is neither desired nor command", *kind)));
        query.commands = *kind == "command";
    }
    answer_page(exchange, std::move(query));
}

void TwinOrderOperations::answer_page(Exchange& exchange, twin::OrderStore::Query query) const {
    const auto& request = exchange.request;
    query.state = std::string(request.parameter("state").value_or(""));
    if (!query.state.empty() && !twin::parse_desired_state(query.state) &&
        !twin::parse_command_state(query.state))
        return exchange.fail(
            Error(ErrorCode::invalid_argument,
                  fmt::format("state='{}' is none of pending, sent, applied, drifted, refused, "
                              "timed_out, superseded, cancelled, accepted, done, failed",
                              query.state)));
    for (const auto& [name, time] : {std::pair("from", &query.from), std::pair("to", &query.to)}) {
        const auto read = time_parameter(request, name, rooms_.clock.now());
        if (!read) return exchange.fail(read.error());
        *time = *read;
    }
    const auto limit = number_parameter(request, "limit", 1, settings_.page_limit_max);
    if (!limit) return exchange.fail(limit.error());
    query.limit = limit->value_or(settings_.page_limit_default);
    if (const auto cursor = request.parameter("cursor")) {
        const auto text = decode_cursor(*cursor);
        if (!text) return exchange.fail(text.error());
        int64_t before = 0;
        const auto [end, error] =
            std::from_chars(text->data(), text->data() + text->size(), before);
        if (error != std::errc() || end != text->data() + text->size())
            return exchange.fail(
                Error(ErrorCode::invalid_argument, "the cursor is none that this server gave"));
        query.before = before;
    }
    const auto page = rooms_.orders.store().query(query);
    if (!page) return exchange.fail(page.error());
    std::string body = "{\"items\":[";
    for (const auto& order : page->orders) {
        if (body.back() != '[') body += ",\n";
        JsonWriter json(body);
        write_order(json, order);
    }
    body += page->next
                ? fmt::format("],\"next\":\"{}\"}}\n", encode_cursor(std::to_string(*page->next)))
                : "],\"next\":null}\n";
    exchange.respond(json_response(std::move(body)));
}

}  // namespace hw::api
