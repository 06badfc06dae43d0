#include "api/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/conditions.h"
#include "api/history_query.h"
#include "api/points_query.h"
#include "api/router.h"
#include "base/assert.h"

namespace hw::api {

Api::Api(const Settings& settings, Rooms rooms)
    : settings_(settings),
      rooms_(std::move(rooms)),
      guard_(rooms_.access),
      answers_(rooms_.reactor, guard_),
      live_(settings_, rooms_.points, rooms_.history, rooms_.reactor, rooms_.metrics,
            rooms_.clock.now()),
      console_(console_files(), page_nonce),
      requests_(rooms_.metrics.counter("headworks_api_requests_total", "API requests received")),
      latency_(rooms_.metrics.latency("headworks_api_request_seconds",
                                      "From a request's arrival to its answer's start")),
      unauthenticated_(rooms_.metrics.counter("headworks_api_refused_total",
                                              "Requests refused for want of a sign-in or a role",
                                              {{"status", "401"}})),
      denied_(rooms_.metrics.counter("headworks_api_refused_total",
                                     "Requests refused for want of a sign-in or a role",
                                     {{"status", "403"}})),
      gateway_(settings_, GatewayOperations::Rooms{rooms_.devices, rooms_.gateway, rooms_.drivers,
                                                   rooms_.audit, rooms_.clock}),
      queries_(rooms_.sql, {rooms_.engine, rooms_.history, rooms_.points}),
      workers_(settings_.workers, settings_.worker_queue_limit) {
    add_health();
    add_points();
    add_live();
    add_writes();
    add_upkeep();
    add_upstream();
    if (rooms_.devices) gateway_.add_to(operations_);
    if (rooms_.rules) rules_.emplace(settings_, *rooms_.rules).add_to(operations_);
    queries_.add_to(operations_);
    add_access();
    for (const auto& extension : rooms_.extensions)
        extension.add_to(operations_);
    for (size_t i = 0; i < operations_.size(); ++i)
        for (size_t j = 0; j < i; ++j)
            HW_ASSERT(operations_[i].method != operations_[j].method ||
                      operations_[i].path != operations_[j].path);
    const bool metrics_public = !rooms_.access || rooms_.access->settings().metrics_public;
    apply_access_rules(operations_, metrics_public);
    openapi_ = openapi_json(operations_, rooms_.extensions, rooms_.version);
}

Api::~Api() {
    rooms_.reactor.cancel(access_flush_);
}

void Api::add_access() {
    if (!rooms_.access) return;
    constexpr Duration flush_period = seconds(60);
    access_.emplace(AccessOperations::Rooms{*rooms_.access, guard_, rooms_.clock, rooms_.version})
        .add_to(operations_);
    access_flush_ = rooms_.reactor.every(flush_period, [this] { access_->flush(); });
}

std::expected<std::function<bool()>, io::HttpResponse> Api::admit_upgrade(
    const io::HttpRequest& request) const {
    auto grant = guard_.admit_upgrade(request);
    if (!grant) {
        SealedAnswers::add_headers(grant.error());
        return std::unexpected(std::move(grant.error()));
    }
    if (!*grant) return std::function<bool()>();
    return [this, grant = std::move(*grant)] { return guard_.goes_on(*grant); };
}

void Api::handle(io::HttpRequest request, std::unique_ptr<io::HttpResponder> responder) {
    requests_.add();
    route({std::move(request), std::move(responder)});
}

namespace {

// Browsers let any page send simple POSTs to a loopback server; they name the page in Origin.
bool from_other_origin(const io::HttpRequest& request) {
    const auto origin = request.header("origin");
    if (!origin || request.method == "GET" || request.method == "HEAD") return false;
    const size_t scheme = origin->find("://");
    return scheme == std::string_view::npos ||
           origin->substr(scheme + 3) != request.header("host").value_or("");
}

}  // namespace

void Api::route(Exchange exchange) {
    const auto& request = exchange.request;
    const bool head = request.method == "HEAD";
    const Operation* found = nullptr;
    std::string allowed;
    Match best;
    for (const auto& operation : operations_) {
        auto match = match_path(operation.path, request);
        if (!match || match->literals < best.literals) continue;
        if (match->literals > best.literals) {
            found = nullptr;
            allowed.clear();
        }
        best = std::move(*match);
        allowed.append(allowed.empty() ? "" : ", ").append(operation.method);
        if (operation.method == (head ? std::string_view("GET") : request.method))
            found = &operation;
    }
    exchange.places = std::move(best.places);
    const auto refuse = [&exchange](io::HttpResponse response) {
        SealedAnswers::add_headers(response);
        exchange.respond(std::move(response));
    };
    if (allowed.empty()) {
        if (console_.answer(exchange)) return;
        return refuse(
            problem(404, "not_found",
                    fmt::format("there is nothing at '{}'; /openapi.json lists what there is",
                                request.path)));
    }
    if (found == nullptr) {
        auto response = problem(405, "method_not_allowed",
                                fmt::format("{} is not allowed at '{}', only {}", request.method,
                                            request.path, allowed));
        response.headers.emplace_back("allow", allowed);
        return refuse(std::move(response));
    }
    if (from_other_origin(request))
        return refuse(problem(
            403, "permission_denied",
            fmt::format("a page of {} may not change things here", *request.header("origin"))));
    if (auto refused = guard_.admit(exchange, *found)) {
        (refused->status == 401 ? unauthenticated_ : denied_).add();
        return refuse(std::move(*refused));
    }
    if (auto refused = refuse_conditions(*found, request)) return refuse(std::move(*refused));
    run(*found, std::move(exchange));
}

void Api::run(const Operation& operation, Exchange exchange) {
    exchange.responder = answers_.seal(std::move(exchange.responder), exchange.grant);
    if (!operation.may_block) return operation.run(std::move(exchange));
    const Time start = rooms_.clock.monotonic();
    // The exchange is shared with the task only so that it survives a refused task.
    auto shared = std::make_shared<Exchange>(std::move(exchange));
    Workers::Task task = [this, &operation, shared, start] {
        operation.run(std::move(*shared));
        latency_.observe_ns((rooms_.clock.monotonic() - start).ns);
    };
    if (!workers_.run(task)) {
        auto response =
            problem(503, "unavailable",
                    fmt::format("{} queries wait already, the limit http.worker_queue_limit; try "
                                "again",
                                settings_.worker_queue_limit));
        response.headers.emplace_back("retry-after", "1");
        shared->respond(std::move(response));
    }
}

void Api::add_points() {
    operations_.push_back(
        {"GET",
         "/api/v1/points",
         "listPoints",
         "Points with their last values, in order of their paths",
         {{"filter", "string", "MQTT topic filter; default #"},
          {"search", "string", "Words that must all occur in the path, in either case"},
          {"limit", "integer", "Rows in a page; default http.page_limit_default"},
          {"cursor", "string", "The 'next' of the page before"},
          {"fields", "string",
           "Comma list of point, type, unit, value, quality, time, first_time, last_time, count"},
          {"format", "string", "json, ndjson or csv; else by Accept"}},
         "",
         "",
         "200 application/json,application/x-ndjson,text/csv A page; "
         "400 application/problem+json A parameter is wrong",
         true,
         [this](Exchange exchange) {
             answer_points(exchange, rooms_.history, rooms_.points, settings_);
         }});
    operations_.push_back(
        {"GET",
         "/api/v1/history",
         "readHistory",
         "Samples of points in a time range: raw, in buckets, or decimated",
         {{"point", "string", "Path of a point; may repeat"},
          {"filter", "string", "MQTT topic filter; may repeat"},
          {"from", "string", "RFC 3339, epoch number or now-6h; default an hour before 'to'"},
          {"to", "string", "End, not included; default now"},
          {"every", "string", "Bucket width, e.g. 1m"},
          {"aggregate", "string",
           "Comma list of count, mean, min, max, first, last, sum, stddev, twa, median, p05, p25, "
           "p75, p90, p95, p99; default mean"},
          {"fill", "string", "Empty buckets: none, previous, linear or null; default none"},
          {"max_points", "integer", "Decimate each point to at most so many rows"},
          {"decimate", "string", "min_max or lttb; default min_max"},
          {"thin", "string",
           "A duration: of each so long slice the last sample, and each whose quality is new"},
          {"before", "string", "true: begin each point with its last sample before 'from'"},
          {"limit", "integer", "Rows in a page"},
          {"cursor", "string", "The 'next' of the page before"},
          {"order", "string", "asc or desc by time; default asc"},
          {"quality", "string", "good: figures of good samples only; any: all but bad"},
          {"format", "string", "json, ndjson or csv; else by Accept"}},
         "",
         "",
         "200 application/json,application/x-ndjson,text/csv Rows; "
         "400 application/problem+json A parameter is wrong; "
         "404 application/problem+json No such point; "
         "406 application/problem+json Accept names nothing that we have; "
         "422 application/problem+json A limit is exceeded",
         true,
         [this](Exchange exchange) {
             if (refuse_accept(exchange)) return;
             const auto request = read_history_request(exchange.request, rooms_.points, settings_,
                                                       rooms_.clock.now());
             if (!request) return exchange.fail(request.error());
             answer_history(exchange, *request, rooms_.history, rooms_.points);
         }});
}

void Api::add_live() {
    operations_.push_back(
        {"GET",
         "/api/v1/live",
         "followLive",
         "Samples as they are committed, as server-sent events",
         {{"filter", "string", "MQTT topic filter; default #; with frames it may repeat"},
          {"frames", "string",
           "Instead of each sample the newest value of each point, as frames this far apart: 100ms "
           "to 10s"},
          {"point", "string", "With frames: path of a point; may repeat"},
          {"points", "string", "With frames: paths of points, by commas"},
          {"snapshot", "boolean", "Begin with the last value of each point; default true"},
          {"last_event_id", "integer", "Resume behind this event; also by Last-Event-ID"}},
         "",
         "",
         "200 text/event-stream Events 'sample' and 'gap', or 'frame', whose member u is the usual "
         "time between two samples of a point in ms: 0 not known, -1 none, it is told when it "
         "changes; "
         "400 application/problem+json A parameter is wrong",
         false,
         [this](Exchange exchange) { live_.open(std::move(exchange)); }});
}

void Api::add_health() {
    const auto plain = [](Exchange& exchange, unsigned status, std::string text) {
        exchange.respond({status, {{"content-type", "text/plain; charset=utf-8"}}, text + "\n"});
    };
    operations_.push_back({"GET",
                           "/livez",
                           "isAlive",
                           "200 while the process answers",
                           {},
                           "",
                           "",
                           "200 text/plain Alive",
                           false,
                           [plain](Exchange exchange) { plain(exchange, 200, "ok"); }});
    operations_.push_back({"GET",
                           "/readyz",
                           "isReady",
                           "200 while readings are taken and kept",
                           {},
                           "",
                           "",
                           "200 text/plain Ready; 503 text/plain Not ready, with the reason",
                           false,
                           [this, plain](Exchange exchange) {
                               const std::string reason = rooms_.not_ready();
                               plain(exchange, reason.empty() ? 200 : 503,
                                     reason.empty() ? "ok" : reason);
                           }});
    operations_.push_back({"GET",
                           "/metrics",
                           "readMetrics",
                           "Figures in the Prometheus text format",
                           {},
                           "",
                           "",
                           "200 text/plain Metrics",
                           false,
                           [this](Exchange exchange) {
                               exchange.respond(
                                   {200,
                                    {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}},
                                    rooms_.metrics.render()});
                           }});
    operations_.push_back(
        {"GET",
         "/openapi.json",
         "readOpenapi",
         "This description",
         {},
         "",
         "",
         "200 application/json OpenAPI 3.1",
         false,
         [this](Exchange exchange) { exchange.respond(json_response(openapi_)); }});
}

}  // namespace hw::api
