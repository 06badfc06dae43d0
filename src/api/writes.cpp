// Everything that takes readings in: line protocol as InfluxDB takes it, and messages.

#include <fmt/format.h>

#include "api/access_guard.h"
#include "api/api.h"
#include "api/publish_request.h"
#include "base/json_writer.h"

namespace hw::api {

namespace {

// InfluxDB's two dialects of an error: 1.x has one member, 2.x three.
io::HttpResponse influx_error(bool v2, unsigned status, std::string_view code,
                              std::string_view message, uint64_t line = 0) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (v2) {
        json.member("code", code);
        json.member("message", message);
        if (line > 0) json.member("line", line);
    } else {
        json.member("error", message);
    }
    json.end_object();
    auto response = json_response(std::move(body), status);
    if (!v2) response.headers.emplace_back("x-influxdb-error", message);
    if (status == 503) response.headers.emplace_back("retry-after", "1");
    return response;
}

// Good lines are kept, bad ones named; InfluxDB calls that a partial write.
io::HttpResponse bad_lines(bool v2, const ingest::LinesReport& report) {
    std::string message = report.samples > 0 ? "partial write: " : "";
    for (const auto& bad : report.errors)
        message.append(message.empty() || message.ends_with(": ") ? "" : "; ").append(bad.text);
    if (report.bad > report.errors.size())
        message += fmt::format("; and {} more", report.bad - report.errors.size());
    if (report.samples > 0) message += fmt::format(" dropped={}", report.bad);
    return influx_error(v2, 400, "invalid", message,
                        report.errors.empty() ? 0 : report.errors.front().line);
}

// Nothing of the body was kept; the client may send it again.
io::HttpResponse not_kept(bool v2, const Error& error) {
    const bool again =
        error.code() == ErrorCode::no_space || error.code() == ErrorCode::unavailable;
    return influx_error(v2, again ? 503 : 500, again ? "unavailable" : "internal error",
                        error.text());
}

// Work on the server's own disk is for people on its machine.
bool is_local(const io::HttpRequest& request) {
    return !came_by_proxy(request) &&
           (request.peer.starts_with("127.") || request.peer.starts_with("[::1]"));
}

Error not_local(const io::HttpRequest& request, std::string_view what) {
    return Error(ErrorCode::permission_denied,
                 fmt::format("{} may be asked for on the server's own machine only, not from {}",
                             what, request.peer));
}

// What is taken for an order by whoever serves these topics. They would not learn who gave it: the
// message comes from within the server.
bool is_order(std::string_view topic) {
    if (topic.starts_with("$hw/write/") || topic.starts_with("$hw/twin/")) return true;
    return (topic.starts_with("neuron/") || topic.starts_with("/neuron/")) &&
           topic.ends_with("/write/req");
}

}  // namespace

void Api::write_lines(Exchange exchange, bool v2) {
    const auto text = exchange.request.parameter("precision").value_or("");
    const auto precision =
        v2 ? lineprotocol::parse_precision_v2(text) : lineprotocol::parse_precision_v1(text);
    if (!precision)
        return exchange.respond(
            influx_error(v2, 400, "invalid",
                         fmt::format("invalid precision '{}': use {}", text,
                                     v2 ? "ns, us, ms or s" : "n, u, ms, s, m or h")));
    if (rooms_.history.overloaded())
        return exchange.respond(
            influx_error(v2, 503, "unavailable",
                         "the disk is behind (history.queue_bytes_limit); send again later"));
    auto lines = rooms_.ingest.write_lines(exchange.request.body, *precision, rooms_.clock.now());
    if (lines.batch.empty()) {
        if (lines.report.bad > 0) return exchange.respond(bad_lines(v2, lines.report));
        return exchange.respond({204, {}, ""});
    }
    rooms_.history.submit(std::move(lines.batch), [v2, report = std::move(lines.report),
                                                   responder = std::move(exchange.responder)](
                                                      const Result<void>& kept) mutable {
        if (!kept) {
            responder->respond(not_kept(v2, kept.error()));
        } else if (report.bad > 0) {
            responder->respond(bad_lines(v2, report));
        } else {
            responder->respond({204, {}, ""});
        }
    });
}

void Api::publish(Exchange exchange) {
    auto request = read_publish_request(exchange.request.body);
    if (!request) return exchange.fail(request.error());
    if (const auto& who = exchange.principal(); !who.may(access::Verb::write, request->topic))
        return exchange.respond(
            problem(403, "out_of_scope",
                    fmt::format("'{}' is outside; {} may see and touch '{}' only", request->topic,
                                who.actor(), who.scope)));
    if (is_order(request->topic))
        return exchange.fail(
            Error(ErrorCode::invalid_argument,
                  fmt::format(
                      "'{}' is a topic of orders; give them by POST /api/v1/points/{{path}}/write "
                      "or at /api/v1/twins/{{id}}, so that the audit has your name",
                      request->topic)));
    rooms_.broker.publish(std::move(*request), [responder = std::move(exchange.responder)](
                                                   const Result<void>& done) mutable {
        if (!done) return responder->respond(problem(done.error()));
        responder->respond(json_response("{\"published\":true}\n"));
    });
}

void Api::backup(Exchange exchange) {
    const auto folder = exchange.request.parameter("folder");
    if (!folder || !folder->starts_with('/'))
        return exchange.fail(Error(ErrorCode::invalid_argument,
                                   "folder must be an absolute path on the server's machine"));
    if (!is_local(exchange.request)) return exchange.fail(not_local(exchange.request, "a backup"));
    if (auto done = rooms_.history.backup(std::string(*folder)); !done)
        return exchange.fail(done.error());
    if (rooms_.backup_catalog)
        if (auto done = rooms_.backup_catalog(std::string(*folder)); !done)
            return exchange.fail(done.error());
    exchange.respond(json_response("{\"backed_up\":true}\n"));
}

void Api::compact(Exchange exchange) {
    if (!is_local(exchange.request))
        return exchange.fail(not_local(exchange.request, "compacting"));
    if (auto done = rooms_.history.settle(); !done) return exchange.fail(done.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("disk_bytes", rooms_.history.figures().disk_bytes);
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void Api::add_writes() {
    for (const bool v2 : {false, true}) {
        operations_.push_back(
            {"POST",
             v2 ? "/api/v2/write" : "/write",
             v2 ? "writeLinesV2" : "writeLines",
             "Line protocol as InfluxDB takes it; 204 means on disk",
             {{"precision", "string", v2 ? "ns, us, ms or s" : "n, u, ms, s, m or h"}},
             "text/plain",
             "Lines; gzip is taken",
             "204 - On disk; 400 application/json Some lines are wrong, good ones are kept; "
             "503 application/json Nothing was kept, send again",
             true,
             [this, v2](Exchange exchange) { write_lines(std::move(exchange), v2); }});
    }
    operations_.push_back({"GET",
                           "/ping",
                           "ping",
                           "204, as InfluxDB's clients ask",
                           {},
                           "",
                           "",
                           "204 - Here",
                           false,
                           [](Exchange exchange) { exchange.respond({204, {}, ""}); }});
    operations_.push_back({"GET",
                           "/health",
                           "health",
                           "As InfluxDB 2 answers",
                           {},
                           "",
                           "",
                           "200 application/json Well; 503 application/json Not well",
                           false,
                           [this](Exchange exchange) {
                               const std::string reason = rooms_.not_ready();
                               std::string body;
                               JsonWriter json(body);
                               json.begin_object();
                               json.member("name", "headworks");
                               json.member("status", reason.empty() ? "pass" : "fail");
                               json.member("message", reason.empty() ? "ready" : reason);
                               json.member("version", rooms_.version);
                               json.end_object();
                               exchange.respond(
                                   json_response(std::move(body), reason.empty() ? 200 : 503));
                           }});
    operations_.push_back(
        {"POST",
         "/api/v1/publish",
         "publish",
         "Publish a message; the answer means: kept on disk where its topic is kept",
         {},
         "application/json",
         R"({"topic":"a/b","payload":"42","qos":1,"retain":false})",
         "200 application/json Published; 400 application/problem+json The body is wrong",
         false,
         [this](Exchange exchange) { publish(std::move(exchange)); }});
}

void Api::add_upkeep() {
    operations_.push_back(
        {"POST",
         "/api/v1/backup",
         "backUp",
         "Write a consistent copy of all that is kept to a new folder on the server's machine",
         {{"folder", "string", "Absolute path of a folder that does not exist yet", true}},
         "",
         "",
         "200 application/json Done; 403 application/problem+json Asked from elsewhere",
         true,
         [this](Exchange exchange) { backup(std::move(exchange)); }});
    operations_.push_back(
        {"POST",
         "/api/v1/compact",
         "compact",
         "Put all samples into chunks and merge what is small; answers when done",
         {},
         "",
         "",
         "200 application/json Done; 403 application/problem+json Asked from elsewhere",
         true,
         [this](Exchange exchange) { compact(std::move(exchange)); }});
}

}  // namespace hw::api
