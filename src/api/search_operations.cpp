#include "api/search_operations.h"

#include <utility>

#include "api/adder.h"
#include "api/broker_json.h"
#include "base/json_writer.h"

namespace hw::api {

namespace {

constexpr size_t hits_limit = 100;  // of a kind
constexpr size_t hits_default = 10;
constexpr size_t look_points = 10'000;  // at once
constexpr size_t step_visits = 2'000;   // clients in one step
constexpr size_t steps_limit = 50;

const std::vector<std::string> known_parameters = {"q", "limit", "language"};

// Kept as it is served: JSON Schema (2020-12).
constexpr std::string_view schemas = R"json(
"SearchHit":{"type":"object","required":["kind","id","title"],"properties":{
"kind":{"type":"string","enum":["point","twin","device","rule","client"]},
"id":{"type":"string"},"title":{"type":"string"}}},
"SearchResult":{"type":"object","required":["items"],"properties":{
"items":{"type":"array","items":{"$ref":"#/components/schemas/SearchHit"}}}}
)json";

void answer_hits(Exchange& exchange, const std::vector<SearchOperations::Hit>& hits) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("items");
    json.begin_array();
    for (const auto& hit : hits) {
        json.begin_object();
        json.member("kind", hit.kind);
        json.member("id", hit.id);
        json.member("title", hit.title);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

}  // namespace

std::string_view search_schemas() {
    return schemas;
}

std::vector<model::PointId> find_points(const model::PointDirectory& points,
                                        std::string_view filter, const SearchWords& words,
                                        std::string_view after, size_t limit) {
    std::vector<model::PointId> found;
    std::string from(after);
    while (found.size() < limit) {
        const auto ids = points.match(filter, from, look_points);
        if (ids.empty()) break;
        for (const auto id : ids) {
            if (!words.match(points.path(id))) continue;
            found.push_back(id);
            if (found.size() == limit) break;
        }
        from = points.path(ids.back());
    }
    return found;
}

void SearchOperations::add_to(std::vector<Operation>& operations) {
    Adder to(operations);
    to.add(
        "GET", "/api/v1/search", "search",
        "Points, twins, devices, rules and connected clients by words",
        "200 application/json#SearchResult Hits, kind by kind; "
        "400 application/problem+json A parameter is wrong",
        [this](Exchange exchange) { search(std::move(exchange)); }, "", "",
        {{"q", "string", "Words that must all occur in the id or the title, in either case", true},
         {"limit", "integer", "Hits of each kind; default 10, at most 100"},
         {"language", "string", "Titles in this language where they have it, e.g. zh"}});
}

void SearchOperations::search(Exchange exchange) const {
    struct Notes {
        SearchWords words;
        size_t limit = 0;
        std::vector<Hit> hits;
        size_t clients = 0;
        size_t steps = 0;
        std::string after;
    };
    const auto& request = exchange.request;
    if (auto known = check_parameters(request, known_parameters); !known)
        return exchange.fail(known.error());
    auto words = SearchWords::read(request.parameter("q").value_or(""));
    if (!words) return exchange.fail(words.error());
    const auto limit = number_parameter(request, "limit", 1, hits_limit);
    if (!limit) return exchange.fail(limit.error());
    Notes notes{std::move(*words), limit->value_or(hits_default), {}, 0, 0, {}};
    if (notes.words.none()) return answer_hits(exchange, notes.hits);
    const auto& scope = exchange.principal().scope;
    for (const auto id : find_points(rooms_.points, scope, notes.words, "", notes.limit)) {
        const std::string path(rooms_.points.path(id));
        notes.hits.push_back({"point", path, path});
    }
    const std::string language(request.parameter("language").value_or(""));
    for (const auto& find : rooms_.finders)
        find({notes.words, scope, notes.limit, language}, notes.hits);
    if (exchange.principal().scoped()) return answer_hits(exchange, notes.hits);
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), std::move(notes),
        [](broker::Broker& broker, Notes& n) {
            const auto page = broker.clients({.after = n.after,
                                              .connected_only = true,
                                              .limit = step_visits,
                                              .visits = step_visits});
            for (const auto& client : page.items) {
                if (n.clients == n.limit) return true;
                if (!n.words.match(client.client_id, client.user_name)) continue;
                ++n.clients;
                n.hits.push_back({"client", client.client_id, client.client_id});
            }
            n.after = page.next.value_or("");
            return !page.next || ++n.steps == steps_limit;
        },
        [](Exchange& asked, Notes& n) { answer_hits(asked, n.hits); });
}

}  // namespace hw::api
