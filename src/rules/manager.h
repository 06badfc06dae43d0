#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "catalog/audit.h"
#include "rules/rule.h"
#include "rules/rule_store.h"
#include "rules/runtime.h"
#include "rules/schedule.h"
#include "sql/parser.h"

namespace hw::rules {

// One change that somebody asks for.
struct Change {
    std::string actor;
    std::string origin;                   // "http 127.0.0.1:50211"
    std::optional<int64_t> version = {};  // the rule must still be of this version
    std::optional<sql::Flaw> flaw = {};   // filled where the statement is not accepted
};

struct RuleVersion {
    int64_t version = 0;
    Time time;
    std::string actor;
};

struct RulesImport {
    size_t created = 0, changed = 0, unchanged = 0;
    std::vector<std::string> errors;  // "rules[3] 'r1': ..."
};

// The rules, streams, tables and connections as they are configured. Every change is checked by
// compiling it, written to the store and applied to the engine, in that order: where one fails all
// is as before. Any thread but the rules' own; blocks for the disk. Changes go one at a time. Every
// change, refused ones too, leaves an audit record.
class Manager {
  public:
    struct Rooms {
        RuleStore& store;
        Runtime& runtime;
        catalog::AuditLog& audit;
        const Clock& clock;
        const Settings& settings;
        // Checks a connection's kind and settings; empty: any is taken.
        std::function<Result<void>(const ConnectorSpec&)> check_connector;
        // A connection came, changed (its spec) or went (null): for who holds them open.
        std::function<void(std::string_view name, const ConnectorSpec*)> connector_changed;
        // A stream fed by a connector came or went (null).
        std::function<void(std::string_view name, const sql::StreamDefinition*)> stream_changed;
    };
    using Rule = std::shared_ptr<const StoredRule>;

    explicit Manager(Rooms rooms);

    // Loads what is kept and puts it into the runtime, before Runtime::start(). What cannot run is
    // told in the log, keeps its place and says why (StoredRule::problem).
    Result<void> start();

    std::vector<Rule> list(std::string_view tag = {}) const;  // in the order of the ids
    Result<Rule> get(std::string_view id) const;              // not_found names the nearest
    size_t size() const;
    // Whether its schedule lets it run now, and it is enabled and without problem.
    bool active(std::string_view id) const;

    // Errors of all that follow: not_found, conflict, limit_exceeded, invalid_argument (with the
    // flaw where it is the statement).
    Result<Rule> create(RuleSpec spec, Change& change);
    Result<Rule> replace(std::string_view id, RuleSpec spec, Change& change, bool& created);
    Result<Rule> patch(std::string_view id, std::string_view json, Change& change);
    Result<void> remove(std::string_view id, Change& change);
    Result<Rule> set_enabled(std::string_view id, bool enabled, Change& change);

    Result<std::vector<RuleVersion>> versions(std::string_view id) const;  // newest first
    Result<StoredRule> version(std::string_view id, int64_t version) const;
    // Line by line of their JSON: " same", "-only in from", "+only in to".
    Result<std::string> diff(std::string_view id, int64_t from, int64_t to) const;
    // Makes a new version that is as that one was.
    Result<Rule> roll_back(std::string_view id, int64_t version, Change& change);

    std::vector<StreamSpec> streams() const;
    Result<StreamSpec> get_stream(std::string_view name) const;
    // CREATE STREAM or CREATE TABLE; `replace` an existing one: rules on it are compiled anew.
    Result<StreamSpec> put_stream(std::string_view sql, bool replace, Change& change);
    Result<void> remove_stream(std::string_view name, Change& change);  // conflict: rules use it

    std::vector<ConnectorSpec> connectors() const;
    Result<ConnectorSpec> get_connector(std::string_view name) const;
    Result<void> put_connector(ConnectorSpec spec, Change& change, bool& created);
    Result<void> remove_connector(std::string_view name, Change& change);

    // {"rules":[...],"streams":[...],"connectors":[...]}; secrets only as they were given by
    // reference.
    std::string export_all() const;
    // Each replaces the one of its name; others stay. One that fails is reported and left out.
    Result<RulesImport> import_all(std::string_view json, Change& change);

    std::optional<RuleFigures> figures(std::string_view id) const;
    std::vector<RuleFigures> all_figures() const;

  private:
    struct Kept {
        Rule rule;
        std::shared_ptr<const Calendar> calendar;  // null: always
    };
    void start_rule(StoredRule rule);
    Result<void> check(const RuleSpec& spec) const;
    Result<std::shared_ptr<const Calendar>> calendar_of(const RuleSpec& spec) const;
    Result<void> apply(const StoredRule& rule, const Calendar* calendar, Change* change);
    Result<Rule> store_rule(StoredRule now, const Rule& before, Change& change,
                            std::string_view action) HW_LOCKING(requires_capability(changes_));
    std::unexpected<Error> refuse_change(const Change& change, std::string_view action,
                                         std::string_view id, const Error& error);
    Result<Rule> changing(std::string_view id, const Change& change, std::string_view action);
    void take_back(const std::string& id, const Rule& before);
    Result<void> run_stream(const StreamSpec& stream, sql::Flaw* flaw);
    void run_rules_again(const std::function<bool(const RuleSpec&)>& concerned);
    Result<void> keep_secrets(ConnectorSpec& spec) const;
    Result<void> import_rule(const sql::Datum& json, Change& change, RulesImport& report);
    void note(const Change& change, std::string_view action, std::string_view target,
              std::string old_value, std::string new_value, const Error* error);
    void tick(Worker& worker, Time now);
    Rule find(std::string_view id) const;

    const Rooms rooms_;
    mutable Mutex changes_;  // held through a change; before mutex_
    mutable Mutex mutex_;
    std::map<std::string, Kept, std::less<>> rules_ HW_LOCKING(guarded_by(mutex_));
    std::map<std::string, StreamSpec, std::less<>> streams_ HW_LOCKING(guarded_by(mutex_));
    std::map<std::string, ConnectorSpec, std::less<>> connectors_ HW_LOCKING(guarded_by(mutex_));
};

}  // namespace hw::rules
