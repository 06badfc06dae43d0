#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/access_guard.h"
#include "api/access_operations.h"
#include "api/access_streams.h"
#include "api/broker_port.h"
#include "api/exchange.h"
#include "api/gateway_operations.h"
#include "api/live.h"
#include "api/operations.h"
#include "api/pages.h"
#include "api/query_operations.h"
#include "api/rules_operations.h"
#include "api/settings.h"
#include "api/workers.h"
#include "history/history.h"
#include "ingest/ingest.h"
#include "model/point_directory.h"

namespace hw::api {

// The HTTP interface: routes a request to its operation. handle() is the HTTP server's handler and
// runs on its reactor; operations that may block run on worker threads. Owns nothing of what it
// asks; all of it must outlive it.
class Api {
  public:
    struct Rooms {
        history::History& history;
        model::PointDirectory& points;
        ingest::Ingest& ingest;
        BrokerPort& broker;
        io::Reactor& reactor;
        Metrics& metrics;
        const Clock& clock;
        std::string version;
        // Empty when ready, else the reason why not.
        std::function<std::string()> not_ready;
        // The link to the centre as JSON; none where there is none.
        std::function<std::string()> upstream = {};
        // Devices; all null where there is no gateway, `gateway` alone where devices are not run.
        gateway::Manager* devices = nullptr;
        gateway::Gateway* gateway = nullptr;
        const gateway::DriverRegistry* drivers = nullptr;
        catalog::AuditLog* audit = nullptr;
        // Adds what is configured to the folder of a backup.
        std::function<Result<void>(const std::string&)> backup_catalog = {};
        std::optional<RulesOperations::Rooms> rules = {};  // none where rules are switched off
        // SQL over history; null where there is none.
        sql::batch::Engine* engine = nullptr;
        sql::batch::Settings sql = {};
        std::vector<Extension> extensions = {};
        access::Access* access = nullptr;  // null: everybody may everything
    };

    Api(const Settings& settings, Rooms rooms);
    ~Api();

    void handle(io::HttpRequest request, std::unique_ptr<io::HttpResponder> responder);
    LiveHub& live() { return live_; }
    // Whether a WebSocket may be opened, and then goes on. The reactor's thread.
    std::expected<std::function<bool()>, io::HttpResponse> admit_upgrade(
        const io::HttpRequest& request) const;
    // Waits for the operations under way; such as may block are refused from then on. Any thread
    // but the reactor's, while that still runs.
    void finish() {
        if (access_) access_->stop();
        queries_.stop();
        workers_.stop();
    }

  private:
    void add_health();
    void add_points();
    void add_live();
    void add_writes();
    void add_upkeep();
    void add_upstream();
    void add_access();
    void publish(Exchange exchange);
    void backup(Exchange exchange);
    void compact(Exchange exchange);
    void write_lines(Exchange exchange, bool v2);
    void route(Exchange exchange);
    void run(const Operation& operation, Exchange exchange);

    const Settings settings_;
    Rooms rooms_;
    const Guard guard_;
    SealedAnswers answers_;
    LiveHub live_;
    std::vector<Operation> operations_;
    std::string openapi_;
    ConsolePages console_;
    Counter& requests_;
    LatencyHistogram& latency_;
    Counter& unauthenticated_;
    Counter& denied_;
    GatewayOperations gateway_;
    std::optional<RulesOperations> rules_;
    QueryOperations queries_;
    std::optional<AccessOperations> access_;
    io::Reactor::TimerId access_flush_ = 0;
    Workers workers_;  // last: its threads use the rest
};

}  // namespace hw::api
