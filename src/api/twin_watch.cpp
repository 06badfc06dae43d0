#include "api/twin_watch.h"

#include <fmt/format.h>

#include <charconv>

#include "api/adder.h"
#include "api/answers.h"
#include "api/twin_operations.h"
#include "api/twin_watch_stream.h"
#include "base/json_writer.h"
#include "io/http_client.h"

namespace hw::api {

namespace {

using twin::WatchManager;

constexpr size_t socket_tasks_limit = 1'000;

const std::vector<Parameter> filter_parameters = {
    {"twins", "string", "MQTT filter of the twins' ids; default '#'"},
    {"model", "string", "Those of this model (DTMI) or one that extends it"},
    {"root", "string", "This twin and what is reached from it along relationships"},
    {"along", "string", "Names of the relationships to follow, by commas; default all"},
    {"incoming", "boolean", "Follow them against their direction"},
    {"where", "string", "An expression over the twin's properties that must be true"},
    {"properties", "string", "Filters of paths of properties, by commas; default all"},
    {"events", "string",
     "Of property (default), stale, twin, relationship, desired, command, by commas"},
    {"when", "string", "on_change (default) or every_update"},
    {"deadband", "number", "A number must differ by more than this"},
    {"min_interval", "string", "At most one value of a property in this time, the newest"},
    {"enrich", "string", "Properties of the twin, 'name', 'model', added to each event; by commas"},
    {"initial", "boolean", "The present state first"},
    {"last_event_id", "string", "Go on behind this event; as the header Last-Event-ID"}};

std::string_view status_of(const WatchManager::Kept& kept) {
    return !kept.spec.enabled ? "disabled" : kept.problem.empty() ? "working" : "failed";
}

void write_kept(JsonWriter& json, const WatchManager::Kept& kept) {
    json.begin_object();
    twin::write_watch_members(json, kept.spec);
    json.member("revision", kept.revision);
    json.member("created_at", kept.created);
    json.member("updated_at", kept.updated);
    json.member("updated_by", kept.actor);
    json.member("status", status_of(kept));
    if (!kept.problem.empty()) json.member("problem", kept.problem);
    json.end_object();
}

void answer(Exchange& exchange, const Result<WatchManager::Kept>& kept, const twin::Change& change,
            unsigned status = 200) {
    if (!kept) return refuse_twin(exchange, kept.error(), change);
    std::string body;
    JsonWriter json(body);
    write_kept(json, *kept);
    auto response = json_response(std::move(body), status);
    response.headers.emplace_back("etag", fmt::format("\"{}\"", kept->revision));
    if (status == 201)
        response.headers.emplace_back(
            "location", "/api/v1/twin/subscriptions/" + io::percent_encode(kept->spec.id));
    exchange.respond(std::move(response));
}

sql::Datum words_of(std::string_view text) {
    sql::Datum::Items words;
    while (!text.empty()) {
        const size_t comma = text.find(',');
        words.push_back(sql::Datum::text(text.substr(0, comma)));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return sql::Datum::array(std::move(words));
}

// The parameters as the JSON of a subscription.
Result<twin::WatchSpec> spec_of(const io::HttpRequest& request) {
    auto object = sql::Datum::object({});
    for (const std::string_view name : {"twins", "model", "root", "where", "when", "min_interval"})
        if (const auto value = request.parameter(name)) object.put(name, sql::Datum::text(*value));
    for (const std::string_view name : {"along", "properties", "events", "enrich"})
        if (const auto value = request.parameter(name)) object.put(name, words_of(*value));
    for (const std::string_view name : {"incoming", "initial"})
        if (const auto flag = HW_TRY(bool_parameter(request, name)))
            object.put(name, sql::Datum::boolean(*flag));
    if (const auto text = request.parameter("deadband")) {
        double number = 0;
        const auto [end, error] =
            std::from_chars(text->data(), text->data() + text->size(), number);
        object.put("deadband", error == std::errc() && end == text->data() + text->size()
                                   ? sql::Datum::real(number)
                                   : sql::Datum::text(*text));
    }
    return twin::read_watch(object);
}

// A place that is no number is as if not there: a client that lost its place begins anew.
std::optional<uint64_t> last_event_of(const io::HttpRequest& request) {
    auto text = request.header("last-event-id");
    if (!text) text = request.parameter("last_event_id");
    if (!text) return {};
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) return {};
    return number;
}

// Answers with a stream where `read` takes the sink.
template <class Read>
void stream_events(Exchange& exchange, WatchManager& watches, const Read& read) {
    const auto last = last_event_of(exchange.request);
    const auto sink = std::make_shared<TwinEventStream>(std::move(exchange.responder),
                                                        watches.settings().stream_queue_bytes,
                                                        [&watches] { watches.wake(); });
    if (const auto done = read(sink, last); !done) {
        exchange.responder = sink->take_responder();
        exchange.fail(done.error());
    }
}

}  // namespace

TwinWatchOperations::TwinWatchOperations(Rooms rooms)
    : rooms_(rooms), workers_(1, socket_tasks_limit) {}

TwinWatchOperations::~TwinWatchOperations() = default;

void TwinWatchOperations::add_to(std::vector<Operation>& operations) {
    add_subscriptions(operations);
    add_events(operations);
}

void TwinWatchOperations::add_subscriptions(std::vector<Operation>& operations) {
    Adder adder(operations);
    const std::string all = "/api/v1/twin/subscriptions";
    const std::string one = all + "/{id}";
    const std::string not_found = "; 404 application/problem+json#Problem No such subscription";
    adder.add("GET", all, "listTwinSubscriptions", "List subscriptions to twins",
              "200 application/json#TwinSubscriptionList Subscriptions",
              [this](Exchange exchange) { list(std::move(exchange)); });
    adder.add(
        "POST", all, "createTwinSubscription", "Make a subscription",
        "201 application/json#TwinSubscription It; 400 application/problem+json#Problem "
        "What is wrong; 409 application/problem+json#Problem The id is taken",
        [this](Exchange exchange) { create(std::move(exchange)); },
        "application/json#TwinSubscriptionSpec", "The subscription");
    adder.add("GET", all + "/figures", "getTwinSubscriptionsFigures",
              "Counters of all subscriptions", "200 application/json#TwinSubscriptionsFigures Them",
              [this](Exchange exchange) { all_figures(std::move(exchange)); });
    adder.add("GET", one, "getTwinSubscription", "A subscription",
              "200 application/json#TwinSubscription It" + not_found,
              [this](Exchange exchange) { get(std::move(exchange)); });
    adder.add(
        "PUT", one, "putTwinSubscription", "Make or replace a subscription; its streams go on",
        "200 application/json#TwinSubscription It; 201 application/json#TwinSubscription "
        "It, new; 400 application/problem+json#Problem What is wrong; 412 "
        "application/problem+json#Problem If-Match names another revision",
        [this](Exchange exchange) { put(std::move(exchange)); },
        "application/json#TwinSubscriptionSpec", "The subscription");
    adder.add("DELETE", one, "removeTwinSubscription", "Remove a subscription; its streams end",
              "204 Removed; 412 application/problem+json#Problem If-Match names another revision" +
                  not_found,
              [this](Exchange exchange) { remove(std::move(exchange)); });
    adder.add("GET", one + "/figures", "getTwinSubscriptionFigures", "Its counters",
              "200 application/json#TwinSubscriptionFigures Since it was put" + not_found,
              [this](Exchange exchange) { figures(std::move(exchange)); });
    adder.add("POST", one + "/test", "testTwinSubscription",
              "Send a marked event the whole way and say what may be amiss",
              "200 application/json#TwinSubscriptionTest What was found" + not_found,
              [this](Exchange exchange) { test(std::move(exchange)); });
}

void TwinWatchOperations::add_events(std::vector<Operation>& operations) {
    Adder adder(operations);
    const std::string stream = "200 text/event-stream Events";
    adder.add("GET", "/api/v1/twin/subscriptions/{id}/events", "followTwinSubscription",
              "Follow a subscription's events",
              stream + "; 404 application/problem+json#Problem No such subscription",
              [this](Exchange exchange) { follow(std::move(exchange)); }, "", "",
              {filter_parameters.back()});
    adder.add(
        "GET", "/api/v1/twin/events", "followTwins",
        "Follow the events of twins, without making a subscription",
        stream +
            "; 400 application/problem+json#Problem What is wrong; 429 "
            "application/problem+json#Problem Too many streams are open",
        [this](Exchange exchange) { follow_filter(std::move(exchange)); }, "", "",
        filter_parameters);
}

void TwinWatchOperations::list(Exchange exchange) const {
    answer_page(exchange, rooms_.watches.list(), std::nullopt, write_kept);
}

void TwinWatchOperations::get(Exchange exchange) const {
    answer(exchange, rooms_.watches.get(exchange.place("id")), {});
}

void TwinWatchOperations::create(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    auto spec = twin::read_watch(exchange.request.body);
    if (!spec) return exchange.fail(spec.error());
    answer(exchange, rooms_.watches.create(std::move(*spec), *change), *change, 201);
}

void TwinWatchOperations::put(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    auto spec = twin::read_watch(exchange.request.body, exchange.place("id"));
    if (!spec) return exchange.fail(spec.error());
    bool created = false;
    const auto kept = rooms_.watches.put(std::move(*spec), *change, created);
    answer(exchange, kept, *change, created ? 201 : 200);
}

void TwinWatchOperations::remove(Exchange exchange) {
    const auto change = twin_change_of(exchange.request);
    if (!change) return exchange.fail(change.error());
    if (auto removed = rooms_.watches.remove(exchange.place("id"), *change); !removed)
        return refuse_twin(exchange, removed.error(), *change);
    exchange.respond({204, {}, ""});
}

void TwinWatchOperations::figures(Exchange exchange) const {
    const auto figures = rooms_.watches.figures(exchange.place("id"));
    if (!figures) return exchange.fail(figures.error());
    std::string body;
    JsonWriter json(body);
    twin::write_watch_figures(json, *figures);
    exchange.respond(json_response(std::move(body)));
}

void TwinWatchOperations::all_figures(Exchange exchange) const {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    for (const auto& [id, figures] : rooms_.watches.all_figures()) {
        json.key(id);
        twin::write_watch_figures(json, figures);
    }
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

void TwinWatchOperations::test(Exchange exchange) {
    const auto report = rooms_.watches.test(exchange.place("id"));
    if (!report) return exchange.fail(report.error());
    std::string body;
    JsonWriter json(body);
    twin::write_watch_report(json, *report);
    exchange.respond(json_response(std::move(body)));
}

void TwinWatchOperations::follow(Exchange exchange) {
    if (auto known = check_parameters(exchange.request, std::vector<std::string>{"last_event_id"});
        !known)
        return exchange.fail(known.error());
    stream_events(exchange, rooms_.watches, [&](const auto& sink, auto last) {
        return rooms_.watches.read(exchange.place("id"), sink, last);
    });
}

void TwinWatchOperations::follow_filter(Exchange exchange) {
    std::vector<std::string> names;
    for (const auto& parameter : filter_parameters)
        names.emplace_back(parameter.name);
    if (auto known = check_parameters(exchange.request, names); !known)
        return exchange.fail(known.error());
    auto spec = spec_of(exchange.request);
    if (!spec) return exchange.fail(spec.error());
    stream_events(exchange, rooms_.watches, [&](const auto& sink, auto last) {
        return rooms_.watches.read(std::move(*spec), sink, last);
    });
}

void TwinWatchOperations::open(std::unique_ptr<io::Stream> stream) {
    // One that is refused is told so, and closed.
    const bool room = sockets_.size() < rooms_.watches.settings().readers_limit;
    auto socket = std::make_shared<TwinSocket>(
        rooms_.reactor, std::move(stream), rooms_.watches, workers_,
        [this](const std::shared_ptr<TwinSocket>& gone) { sockets_.erase(gone); });
    sockets_.insert(socket);
    socket->start();
    if (room) return;
    socket->refuse("null", Error(ErrorCode::limit_exceeded,
                                 fmt::format("{} WebSockets of twins' events are open, the limit "
                                             "twin.subscription_readers",
                                             sockets_.size() - 1)));
    rooms_.reactor.post([weak = std::weak_ptr(socket)] {
        if (const auto still = weak.lock()) still->close();
    });
}

void TwinWatchOperations::close_all() {
    for (const auto& socket : sockets_)
        socket->close();
}

}  // namespace hw::api
