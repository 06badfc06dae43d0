#pragma once

#include <functional>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "api/settings.h"
#include "base/clock.h"
#include "connector/connector.h"
#include "history/history.h"
#include "model/point_directory.h"
#include "rules/manager.h"
#include "rules/runtime.h"
#include "rules/trial.h"
#include "sql/codecs/schema_registry.h"
#include "sql/function.h"

namespace hw::api {

// Rules, streams, connections and trials over HTTP. All run on worker threads.
class RulesOperations {
  public:
    struct Rooms {
        rules::Manager* manager;
        rules::Runtime* runtime;
        const connector::Registry* connectors;
        const sql::FunctionTable* functions;
        const history::History& history;
        const model::PointDirectory& points;
        const Clock& clock;
        const rules::Settings* settings;
        rules::Streams::TableMaker tables;
        // Makes the connection and asks its peer, for connection tests.
        std::function<Result<void>(const rules::ConnectorSpec&)> test_connector;
        sql::SchemaRegistry* schemas;
        std::function<Result<void>(const sql::SchemaDefinition&)> put_schema;
        std::function<Result<void>(std::string_view)> remove_schema;
        // A message for a stream of TYPE http_push; the call when it is safe.
        std::function<Result<void>(connector::Received, std::function<void()>)> push;
    };

    // What is pointed to outlives it.
    RulesOperations(const Settings& settings, Rooms rooms)
        : settings_(settings), rooms_(std::move(rooms)) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void add_rules(std::vector<Operation>& operations);
    void add_versions(std::vector<Operation>& operations);
    void add_trials(std::vector<Operation>& operations);
    void add_streams(std::vector<Operation>& operations);
    void add_connectors(std::vector<Operation>& operations);
    void add_schemas(std::vector<Operation>& operations);

    void list(Exchange exchange) const;
    void get(Exchange exchange) const;
    void create(Exchange exchange);
    void replace(Exchange exchange);
    void patch(Exchange exchange);
    void remove(Exchange exchange);
    void set_enabled(Exchange exchange, bool enabled);
    void metrics(Exchange exchange) const;
    void plan(Exchange exchange) const;

    void versions(Exchange exchange) const;
    void version(Exchange exchange) const;
    void diff(Exchange exchange) const;
    void roll_back(Exchange exchange);
    void export_all(Exchange exchange) const;
    void import_all(Exchange exchange);

    void test(Exchange exchange) const;
    void validate(Exchange exchange) const;
    void begin_trace(Exchange exchange);
    void end_trace(Exchange exchange);
    void traces(Exchange exchange) const;
    void functions(Exchange exchange) const;

    void list_streams(Exchange exchange) const;
    void get_stream(Exchange exchange) const;
    void put_stream(Exchange exchange, bool replace);
    void remove_stream(Exchange exchange);

    void list_connectors(Exchange exchange) const;
    void get_connector(Exchange exchange) const;
    void put_connector(Exchange exchange);
    void remove_connector(Exchange exchange);
    void test_connector(Exchange exchange) const;
    void kinds(Exchange exchange) const;

    void list_schemas(Exchange exchange) const;
    void get_schema(Exchange exchange) const;
    void put_schema(Exchange exchange);
    void remove_schema(Exchange exchange);
    void push(Exchange exchange);

    std::string rule_body(const rules::StoredRule& rule) const;
    std::string_view status_of(const rules::StoredRule& rule) const;
    void write_rule(JsonWriter& json, const rules::StoredRule& rule) const;
    void answer(Exchange& exchange, const Result<rules::Manager::Rule>& rule,
                const rules::Change& change, unsigned status = 200) const;
    rules::TrialRooms trial_rooms(const std::vector<rules::StreamSpec>& streams) const;

    const Settings& settings_;
    const Rooms rooms_;
};

// Who asks, as the audit will have it, and the version that If-Match names.
Result<rules::Change> rule_change_of(const io::HttpRequest& request);
// A problem with line, column, expected and nearest where the statement is what is wrong.
void refuse_rule(Exchange& exchange, const Error& error, const rules::Change& change);

}  // namespace hw::api
