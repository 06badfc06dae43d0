#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "api/rules_operations.h"
#include "app/rule_observer.h"
#include "app/rule_outlets.h"
#include "app/rule_ports.h"
#include "app/rule_schemas.h"
#include "app/rule_sources.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/metrics.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "connector/push_hub.h"
#include "history/history.h"
#include "io/disk.h"
#include "model/point_directory.h"
#include "rules/manager.h"
#include "rules/rule_store.h"
#include "rules/runtime.h"
#include "sql/function.h"
#include "sql/user/user_functions.h"

namespace hw::app {

// The rules and what they need: their store in the catalogue, the thread "rules", the ways in from
// the broker, history and foreign systems, and the ways out. Part of the server's composition.
class RulesRooms {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        history::History& history;
        model::PointDirectory& points;
        const Clock& clock;
        Metrics& metrics;
        RulePorts::Rooms ports;
    };

    // Opens all; nothing runs yet. Errors: a table of the catalogue, the input log or the
    // checkpoint cannot be read.
    static Result<std::unique_ptr<RulesRooms>> open(const Config& config,
                                                    const std::string& data_folder, Rooms rooms);
    ~RulesRooms() { stop(); }

    // For the broker, before its first connection.
    broker::Observer& observer() { return *observer_; }
    // Makes its stamp grow. Any thread.
    void touch_observer() { runtime_->touch_interest(); }
    // Samples of one group commit, before their publishers are answered. The commit thread.
    void tap(std::span<const model::SampleBatch* const> batches);
    // A device's link came up or was lost. The gateway's thread.
    void link_changed(std::string_view device, std::string_view driver, bool up,
                      std::string_view reason);
    // Reads the rules in, so that what comes from here on is taken for them. Before anything can
    // come: what is acknowledged earlier is missed by all rules.
    Result<void> load();
    // Puts them to work, behind what they had not worked on when the server ended. After load().
    Result<void> start();
    // Takes in what has come, saves a checkpoint and ends the thread; what is not sent stays on
    // disk. The broker and history still answer.
    void stop();

    api::RulesOperations::Rooms api_rooms();
    rules::Manager& manager() { return *manager_; }
    const sql::FunctionTable& functions() const { return functions_; }

  private:
    RulesRooms(const Config& config, Rooms rooms);
    Result<void> build(const std::string& folder);
    std::optional<rules::ConnectorSpec> find_connector(std::string_view name) const;

    const Rooms rooms_;
    const rules::Settings settings_;
    std::unique_ptr<sql::user::UserFunctions> user_functions_;  // outlives what calls them
    sql::FunctionTable functions_;
    connector::PushHub push_hub_;
    std::optional<connector::Rooms> connector_rooms_;
    std::unique_ptr<io::Disk> disk_;
    std::unique_ptr<io::Disk> buffers_;
    RulePorts ports_;
    rules::RefusedRows refused_;
    std::unique_ptr<RuleOutlets> outlets_;
    std::unique_ptr<RuleSchemas> schemas_;
    std::unique_ptr<rules::RuleStore> store_;
    std::unique_ptr<rules::Runtime> runtime_;
    std::unique_ptr<RuleSources> sources_;
    std::unique_ptr<rules::Manager> manager_;
    std::unique_ptr<RuleObserver> observer_;
    rules::Lane* samples_ = nullptr;
    rules::Lane* devices_ = nullptr;
    std::unique_ptr<rules::PointInterest> point_interest_;
    bool started_ = false;
};

}  // namespace hw::app
