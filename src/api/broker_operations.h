#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/broker_admin.h"
#include "api/exchange.h"
#include "api/operations.h"
#include "api/settings.h"
#include "base/clock.h"
#include "catalog/audit.h"
#include "model/point_directory.h"

namespace hw::api {

std::string_view broker_schemas();  // of /openapi.json

// The broker over HTTP: its figures, clients, subscriptions, retained messages, topics, bans and
// traces. Questions go to the broker's thread as steps and come back; the answers are written on
// the HTTP reactor.
class BrokerOperations {
  public:
    struct Listener {
        std::string name;  // "tcp", "websocket"
        std::string address;
    };
    struct Rooms {
        BrokerAdmin& broker;
        BanList& bans;
        TraceList& traces;
        catalog::AuditLog& audit;
        const model::PointDirectory& points;
        const Clock& clock;
        std::function<std::vector<Listener>()> listeners;
    };
    static constexpr size_t rows_limit = 1'000;       // in a page of clients and the like
    static constexpr size_t levels_limit = 10'000;    // of topics below one prefix
    static constexpr size_t slow_limit = 1'000;       // clients in the list of the slow
    static constexpr size_t payload_limit = 1 << 20;  // of a retained message that is shown

    // What is pointed to outlives it.
    explicit BrokerOperations(Rooms rooms) : rooms_(std::move(rooms)) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void add_clients(std::vector<Operation>& operations);
    void add_topics(std::vector<Operation>& operations);
    void add_bans(std::vector<Operation>& operations);
    void add_traces(std::vector<Operation>& operations);

    void overview(Exchange exchange);
    void list_clients(Exchange exchange);
    void get_client(Exchange exchange);
    void kick_client(Exchange exchange);
    void list_slow(Exchange exchange);
    void list_subscriptions(Exchange exchange);
    void list_retained(Exchange exchange);
    void clear_retained(Exchange exchange);
    void list_topics(Exchange exchange);

    void list_bans(Exchange exchange) const;
    void put_ban(Exchange exchange);
    void remove_ban(Exchange exchange);
    void kick_banned(Exchange exchange, Ban ban);
    void list_traces(Exchange exchange) const;
    void begin_trace(Exchange exchange);
    void get_trace(Exchange exchange) const;
    void trace_records(Exchange exchange) const;
    void stop_trace(Exchange exchange);
    void remove_trace(Exchange exchange);

    void audit(const io::HttpRequest& request, std::string action, std::string target,
               std::string old_value, std::string new_value, std::string detail) const;

    const Rooms rooms_;
};

}  // namespace hw::api
