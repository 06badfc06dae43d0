#include "api/broker_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "api/answers.h"
#include "api/broker_json.h"
#include "api/gateway_request.h"
#include "model/point_path.h"

namespace hw::api {

namespace {

constexpr size_t step_visits = 2'000;      // clients in one step
constexpr size_t step_routes = 20'000;     // places of the route cache in one step
constexpr size_t points_visits = 1 << 20;  // points looked at for one level
constexpr size_t pages_limit = 200;        // steps that search for rows of one page

const std::vector<std::string> client_parameters = {"search", "connected", "limit", "cursor"};
const std::vector<std::string> kick_parameters = {"session", "reason"};
const std::vector<std::string> slow_parameters = {"limit"};
const std::vector<std::string> subscription_parameters = {"client", "filter", "shared", "limit",
                                                          "cursor"};
const std::vector<std::string> retained_parameters = {"filter", "payload", "limit", "cursor"};
const std::vector<std::string> clear_parameters = {"topic", "reason"};
const std::vector<std::string> topic_parameters = {"prefix", "limit", "after"};

struct Overview {
    broker::Totals totals;
    broker::Rates rates;
    broker::Figures figures;
    Time since;
};

void write_totals(JsonWriter& json, const broker::Totals& totals) {
    json.key("totals");
    json.begin_object();
    json.member("connections", totals.connections);
    json.member("connected", totals.connected);
    json.member("sessions", totals.sessions);
    json.member("subscriptions", totals.subscriptions);
    json.member("shared_groups", totals.shared_groups);
    json.member("retained", totals.retained);
    json.member("retained_bytes", totals.retained_bytes);
    json.member("recent_topics", totals.routes);
    json.member("paused", totals.paused);
    json.end_object();
}

void write_rates(JsonWriter& json, const broker::Rates& rates) {
    json.key("rates");
    json.begin_object();
    json.member("seconds", rates.seconds);
    json.member("messages_in", rates.messages_in);
    json.member("messages_out", rates.messages_out);
    json.member("bytes_in", rates.bytes_in);
    json.member("bytes_out", rates.bytes_out);
    json.member("dropped", rates.dropped);
    json.member("connections", rates.connections);
    json.end_object();
}

void write_counts(JsonWriter& json, const broker::Figures& figures) {
    json.key("counts");
    json.begin_object();
    json.member("messages_in", figures.messages_in());
    json.member("messages_out", figures.messages_out());
    json.key("messages_in_by_qos");
    json.begin_array();
    for (const uint64_t count : figures.publishes_in)
        json.value(count);
    json.end_array();
    json.key("messages_out_by_qos");
    json.begin_array();
    for (const uint64_t count : figures.publishes_out)
        json.value(count);
    json.end_array();
    json.member("bytes_in", figures.bytes_in);
    json.member("bytes_out", figures.bytes_out);
    json.member("kept", figures.kept);
    json.member("keep_failed", figures.keep_failed);
    json.member("unmatched", figures.unmatched);
    json.member("connections_opened", figures.connections_opened);
    json.member("connects_refused", figures.connects_refused);
    json.member("takeovers", figures.takeovers);
    json.member("protocol_errors", figures.protocol_errors);
    json.member("keep_alive_timeouts", figures.keep_alive_timeouts);
    json.member("publishes_denied", figures.publishes_denied);
    json.key("dropped");
    json.begin_object();
    json.member("total", figures.dropped());
    json.member("slow", figures.dropped_slow);
    json.member("queue_full", figures.dropped_queue);
    json.member("expired", figures.dropped_expired);
    json.member("too_large", figures.dropped_too_large);
    json.member("offline", figures.dropped_offline);
    json.end_object();
    json.end_object();
}

}  // namespace

void BrokerOperations::audit(const io::HttpRequest& request, std::string action, std::string target,
                             std::string old_value, std::string new_value,
                             std::string detail) const {
    auto change = change_of(request);
    rooms_.audit.append({rooms_.clock.now(), std::move(change.actor), std::move(change.origin),
                         std::move(action), std::move(target), std::move(old_value),
                         std::move(new_value), "ok", std::move(detail)});
}

void BrokerOperations::overview(Exchange exchange) {
    ask_broker<Overview>(
        rooms_.broker, std::move(exchange), {},
        [](broker::Broker& broker, Overview& notes) {
            notes = {broker.totals(), broker.rates(), broker.figures(), broker.started()};
            return true;
        },
        [this](Exchange& asked, Overview& notes) {
            std::string body;
            JsonWriter json(body);
            json.begin_object();
            json.member("time", rooms_.clock.now());
            json.member("since", notes.since);
            write_totals(json, notes.totals);
            write_rates(json, notes.rates);
            write_counts(json, notes.figures);
            json.key("listeners");
            json.begin_array();
            for (const auto& listener : rooms_.listeners()) {
                json.begin_object();
                json.member("name", listener.name);
                json.member("address", listener.address);
                json.end_object();
            }
            json.end_array();
            json.end_object();
            asked.respond(json_response(std::move(body)));
        });
}

void BrokerOperations::list_clients(Exchange exchange) {
    struct Notes {
        broker::ClientQuery query;
        broker::ClientPage page;
        size_t steps = 0;
    };
    const auto page = read_page(exchange.request, client_parameters, rows_limit);
    if (!page) return exchange.fail(page.error());
    const auto connected = bool_parameter(exchange.request, "connected");
    if (!connected) return exchange.fail(connected.error());
    Notes notes{{page->after, text_parameter(exchange.request, "search"),
                 connected->value_or(false), page->limit, step_visits},
                {},
                0};
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), std::move(notes),
        [](broker::Broker& broker, Notes& n) {
            auto query = n.query;
            query.limit -= n.page.items.size();
            if (n.page.next) query.after = *n.page.next;
            auto more = broker.clients(query);
            for (auto& item : more.items)
                n.page.items.push_back(std::move(item));
            n.page.next = std::move(more.next);
            return !n.page.next || n.page.items.size() >= n.query.limit || ++n.steps == pages_limit;
        },
        [](Exchange& asked, Notes& n) {
            answer_page(asked, n.page.items, n.page.next, write_client);
        });
}

void BrokerOperations::get_client(Exchange exchange) {
    struct Notes {
        std::string id;
        std::optional<broker::ClientView> client;
        std::vector<broker::SubscriptionView> subscriptions;
    };
    Notes notes{exchange.place("id"), {}, {}};
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), std::move(notes),
        [](broker::Broker& broker, Notes& n) {
            n.client = broker.client(n.id);
            n.subscriptions = broker.subscriptions({.client = n.id, .limit = rows_limit}).items;
            return true;
        },
        [](Exchange& asked, Notes& n) {
            if (!n.client)
                return asked.fail(
                    Error(ErrorCode::not_found, fmt::format("there is no client '{}'", n.id)));
            std::string body;
            JsonWriter json(body);
            json.begin_object();
            json.key("client");
            write_client(json, *n.client);
            json.key("subscriptions");
            json.begin_array();
            for (const auto& subscription : n.subscriptions)
                write_subscription(json, subscription);
            json.end_array();
            json.end_object();
            asked.respond(json_response(std::move(body)));
        });
}

void BrokerOperations::kick_client(Exchange exchange) {
    struct Notes {
        std::string id;
        bool session = false;
        bool known = false;
        bool done = false;
    };
    if (auto known = check_parameters(exchange.request, kick_parameters); !known)
        return exchange.fail(known.error());
    const auto session = bool_parameter(exchange.request, "session");
    if (!session) return exchange.fail(session.error());
    Notes notes{exchange.place("id"), session->value_or(false)};
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), std::move(notes),
        [](broker::Broker& broker, Notes& n) {
            n.known = broker.client(n.id).has_value();
            n.done = n.session ? broker.forget(n.id) : broker.kick(n.id);
            return true;
        },
        [this](Exchange& asked, Notes& n) {
            if (!n.known)
                return asked.fail(
                    Error(ErrorCode::not_found, fmt::format("there is no client '{}'", n.id)));
            if (!n.done)
                return asked.fail(
                    Error(ErrorCode::conflict,
                          fmt::format("client '{}' is not connected; session=true ends its "
                                      "session",
                                      n.id)));
            audit(asked.request, n.session ? "mqtt.client.forget" : "mqtt.client.kick", n.id, "",
                  "", text_parameter(asked.request, "reason"));
            asked.respond({204, {}, ""});
        });
}

void BrokerOperations::list_slow(Exchange exchange) {
    struct Notes {
        size_t limit = 0;
        std::vector<broker::ClientView> worst;
        std::string after;
    };
    const auto page = read_page(exchange.request, slow_parameters, slow_limit);
    if (!page) return exchange.fail(page.error());
    const auto worse = [](const broker::ClientView& a, const broker::ClientView& b) {
        const auto waiting = [](const auto& client) {
            return client.queued_bytes + client.output_bytes;
        };
        if (waiting(a) != waiting(b)) return waiting(a) > waiting(b);
        return a.dropped != b.dropped ? a.dropped > b.dropped : a.client_id < b.client_id;
    };
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), {page->limit, {}, {}},
        [worse](broker::Broker& broker, Notes& n) {
            auto found =
                broker.clients({.after = n.after, .limit = step_visits, .visits = step_visits});
            for (auto& client : found.items)
                if (client.queued > 0 || client.output_bytes > 0 || client.paused ||
                    client.dropped > 0)
                    n.worst.push_back(std::move(client));
            std::sort(n.worst.begin(), n.worst.end(), worse);
            if (n.worst.size() > n.limit) n.worst.resize(n.limit);
            n.after = found.next.value_or("");
            return !found.next;
        },
        [](Exchange& asked, Notes& n) { answer_page(asked, n.worst, std::nullopt, write_client); });
}

void BrokerOperations::list_subscriptions(Exchange exchange) {
    struct Notes {
        broker::SubscriptionQuery query;
        broker::SubscriptionPage page;
        size_t steps = 0;
    };
    auto page = read_page(exchange.request, subscription_parameters, rows_limit);
    if (!page) return exchange.fail(page.error());
    const auto shared = bool_parameter(exchange.request, "shared");
    if (!shared) return exchange.fail(shared.error());
    const size_t zero = std::min(page->after.find('\0'), page->after.size());
    Notes notes{
        {page->after.substr(0, zero), zero < page->after.size() ? page->after.substr(zero + 1) : "",
         text_parameter(exchange.request, "client"), text_parameter(exchange.request, "filter"),
         shared->value_or(false), page->limit, step_visits},
        {},
        0};
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), std::move(notes),
        [](broker::Broker& broker, Notes& n) {
            auto query = n.query;
            query.limit -= n.page.items.size();
            if (n.page.next) {
                query.after_client = n.page.next->client;
                query.after_filter = n.page.next->filter;
            }
            auto more = broker.subscriptions(query);
            for (auto& item : more.items)
                n.page.items.push_back(std::move(item));
            n.page.next = std::move(more.next);
            return !n.page.next || n.page.items.size() >= n.query.limit || ++n.steps == pages_limit;
        },
        [](Exchange& asked, Notes& n) {
            std::optional<std::string> next;
            if (n.page.next) next = n.page.next->client + '\0' + n.page.next->filter;
            answer_page(asked, n.page.items, next, write_subscription);
        });
}

void BrokerOperations::list_retained(Exchange exchange) {
    struct Notes {
        broker::RetainedQuery query;
        broker::RetainedPage page;
        size_t steps = 0;
    };
    const auto page = read_page(exchange.request, retained_parameters, rows_limit);
    if (!page) return exchange.fail(page.error());
    const auto shown = number_parameter(exchange.request, "payload", 0, payload_limit);
    if (!shown) return exchange.fail(shown.error());
    Notes notes{{.filter = std::string(exchange.request.parameter("filter").value_or("#")),
                 .after = page->after,
                 .limit = page->limit},
                {},
                0};
    if (auto valid = model::check_filter(notes.query.filter); !valid)
        return exchange.fail(valid.error());
    notes.query.payload_limit = shown->value_or(notes.query.payload_limit);
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), std::move(notes),
        [](broker::Broker& broker, Notes& n) {
            // Payloads are held to a size, so what was found may end the page early.
            if (n.page.next) n.query.after = *n.page.next;
            n.page = broker.retained(n.query);
            return !n.page.next || !n.page.items.empty() || ++n.steps == pages_limit;
        },
        [](Exchange& asked, Notes& n) {
            answer_page(asked, n.page.items, n.page.next, write_retained);
        });
}

void BrokerOperations::clear_retained(Exchange exchange) {
    struct Notes {
        std::string topic;
        broker::RetainedPage before;
        bool done = false;
    };
    if (auto known = check_parameters(exchange.request, clear_parameters); !known)
        return exchange.fail(known.error());
    Notes notes{text_parameter(exchange.request, "topic"), {}, false};
    if (notes.topic.empty())
        return exchange.fail(Error(ErrorCode::invalid_argument, "parameter 'topic' is missing"));
    ask_broker<Notes>(
        rooms_.broker, std::move(exchange), std::move(notes),
        [](broker::Broker& broker, Notes& n) {
            if (n.topic.find_first_of("+#") == std::string::npos) {
                n.before = broker.retained({.filter = n.topic, .limit = 1, .payload_limit = 4096});
                n.done = broker.clear_retained(n.topic);
            }
            return true;
        },
        [this](Exchange& asked, Notes& n) {
            if (!n.done)
                return asked.fail(
                    Error(ErrorCode::not_found,
                          fmt::format("no message of topic '{}' is retained", n.topic)));
            std::string before;
            JsonWriter json(before);
            if (!n.before.items.empty()) write_retained(json, n.before.items.front());
            audit(asked.request, "mqtt.retained.clear", n.topic, std::move(before), "",
                  text_parameter(asked.request, "reason"));
            asked.respond({204, {}, ""});
        });
}

// ---- the tree of topics

namespace {

struct Level {
    uint64_t points = 0;  // here and below
    uint64_t retained = 0;
    uint64_t recent = 0;
    bool is_point = false;
    bool is_retained = false;
    bool is_recent = false;
    bool has_below = false;
};

class LevelTable {
  public:
    LevelTable(std::string prefix, std::string after, size_t limit)
        : prefix_(std::move(prefix)), after_(std::move(after)), limit_(limit) {}

    // The child of the prefix on the way to `topic` and whether it ends there; null: it is not
    // below, or not of this page.
    Level* child(std::string_view topic, bool& ends) {
        if (!prefix_.empty()) {
            if (topic.size() <= prefix_.size() || topic[prefix_.size()] != '/' ||
                !topic.starts_with(prefix_))
                return nullptr;
            topic.remove_prefix(prefix_.size() + 1);
        }
        const size_t slash = topic.find('/');
        ends = slash == std::string_view::npos;
        return level(topic.substr(0, slash));
    }
    Level* level(std::string_view name) {
        if (!after_.empty() && name <= after_) return nullptr;
        const auto it = levels_.find(name);
        if (it != levels_.end()) return &it->second;
        if (levels_.size() > limit_) {
            // The names that come last make room: they are of a later page.
            const auto last = std::prev(levels_.end());
            if (name > last->first) return nullptr;
            levels_.erase(last);
        }
        return &levels_[std::string(name)];
    }

    const std::string prefix_;
    const std::string after_;
    const size_t limit_;
    std::map<std::string, Level, std::less<>> levels_;  // one more than the limit
    bool all_points = true;
    bool retained_done = false;
    uint64_t routes_from = 0;
};

void add_points(LevelTable& table, const model::PointDirectory& points) {
    const std::string filter = table.prefix_.empty() ? "#" : table.prefix_ + "/#";
    std::string after;
    for (size_t seen = 0;;) {
        const auto ids = points.match(filter, after, 10'000);
        if (ids.empty()) return;
        for (const auto id : ids) {
            bool ends = false;
            Level* level = table.child(points.path(id), ends);
            if (level == nullptr) continue;
            ++level->points;
            level->is_point |= ends;
            level->has_below |= !ends;
        }
        seen += ids.size();
        if (seen >= points_visits) {
            table.all_points = false;
            return;
        }
        after = points.path(ids.back());
    }
}

bool add_topics_of(broker::Broker& broker, LevelTable& table) {
    if (!table.retained_done) {
        table.retained_done = true;
        for (const auto& found :
             broker.retained_levels(table.prefix_, table.after_, table.limit_ + 1)) {
            Level* level = table.level(found.name);
            if (level == nullptr) continue;
            level->retained = found.below;
            level->is_retained = found.here;
            level->has_below |= found.below > (found.here ? 1U : 0U);
        }
        return false;
    }
    table.routes_from =
        broker.recent_topics(table.routes_from, step_routes, [&](std::string_view topic) {
            bool ends = false;
            Level* level = table.child(topic, ends);
            if (level == nullptr) return;
            ++level->recent;
            level->is_recent |= ends;
            level->has_below |= !ends;
        });
    return table.routes_from == 0;
}

void answer_levels(Exchange& exchange, const LevelTable& table) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.member("prefix", table.prefix_);
    json.key("items");
    json.begin_array();
    size_t rows = 0;
    std::string_view last;
    for (const auto& [name, level] : table.levels_) {
        if (rows++ == table.limit_) break;
        last = name;
        json.begin_object();
        json.member("name", name);
        json.member("topic", table.prefix_.empty() ? name : table.prefix_ + "/" + name);
        json.member("has_below", level.has_below);
        json.member("is_point", level.is_point);
        json.member("is_retained", level.is_retained);
        json.member("is_recent", level.is_recent);
        json.member("points", level.points);
        json.member("retained", level.retained);
        json.member("recent", level.recent);
        json.end_object();
    }
    json.end_array();
    json.member("all_points", table.all_points);
    json.key("next");
    if (table.levels_.size() > table.limit_)
        json.value(last);
    else
        json.null();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

}  // namespace

void BrokerOperations::list_topics(Exchange exchange) {
    const auto page = read_page(exchange.request, topic_parameters, levels_limit, 1'000);
    if (!page) return exchange.fail(page.error());
    std::string prefix = text_parameter(exchange.request, "prefix");
    if (prefix.find_first_of("+#") != std::string::npos)
        return exchange.fail(
            Error(ErrorCode::invalid_argument,
                  fmt::format("prefix '{}' has a wildcard; name levels alone", prefix)));
    auto table = std::make_shared<LevelTable>(
        std::move(prefix), text_parameter(exchange.request, "after"), page->limit);
    add_points(*table, rooms_.points);
    ask_broker<std::shared_ptr<LevelTable>>(
        rooms_.broker, std::move(exchange), table,
        [](broker::Broker& broker, std::shared_ptr<LevelTable>& notes) {
            return add_topics_of(broker, *notes);
        },
        [](Exchange& asked, std::shared_ptr<LevelTable>& notes) { answer_levels(asked, *notes); });
}

}  // namespace hw::api
