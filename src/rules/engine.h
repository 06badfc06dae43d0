#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/point_directory.h"
#include "rules/action.h"
#include "rules/event.h"
#include "rules/figures.h"
#include "rules/interest.h"
#include "rules/refused.h"
#include "rules/rule.h"
#include "rules/settings.h"
#include "sql/query/query.h"

namespace hw::rules {

struct RunningRule;
class Streams;
class Tracer;

// Continuous queries at work, without threads, I/O or a clock: groups of events and the time go in;
// rows go through the rules' actions to Outputs. The rules thread owns it.
//
// Cost: an event's topic (point, name) is looked up once to the source groups that read it; a group
// asks each of its predicate keys once, and pushes the event only to rules whose predicate holds
// and to those without one. A rule takes about 3 KiB beside its query and its windows.
class Engine {
  public:
    // Compiles a statement; tests hand in their own.
    using Compile = std::function<sql::Parsed<std::unique_ptr<sql::Query>>(
        std::string_view sql, const sql::Environment&, const sql::QueryOptions&)>;
    struct Rooms {
        const Settings& settings;
        const sql::FunctionTable& functions;
        sql::Services& services;
        const model::PointDirectory& points;
        Interest& interest;
        Streams& streams;
        Outputs& outputs;
        ActionRooms actions;
        Tracer& tracer;
        std::function<std::string(model::PointId)> unit = {};  // empty: units are null
        Compile compile = sql::Query::compile;
    };
    explicit Engine(Rooms rooms);
    ~Engine();

    // Makes the rule run, in place of the one of its id: its state begins anew, but that of the
    // same version goes on where it fits. Errors: the statement's flaw in full (and in `flaw`), an
    // action's settings, limits. Then the old one still runs.
    Result<void> put(std::shared_ptr<const RuleSpec> spec, int64_t version,
                     sql::Flaw* flaw = nullptr);
    // What put() would say of the statement and the actions, without it.
    Result<void> check(std::shared_ptr<const RuleSpec> spec, sql::Flaw* flaw = nullptr);
    bool remove(std::string_view id);
    bool runs(std::string_view id) const;
    std::optional<int64_t> version(std::string_view id) const;  // nothing: it does not run
    size_t size() const;

    // Groups in the order of their arrival; timers that are due before one go first. With
    // `only_durable` (a replay) only rules with a guarantee get events, and each only groups behind
    // its position.
    void push(const Group& group, bool only_durable = false);
    // These would have been pushed if there had been room: counted for each rule.
    void miss(const Missed& missed);
    // All groups that arrived before `now` have been pushed.
    void advance(Time now);
    std::optional<Time> next_due() const;
    Time now() const;
    // The time on the wall, for latencies and errors only.
    void set_wall(Time wall);

    // What a checkpoint holds of a rule.
    struct State {
        std::string id;
        int64_t version = 0;
        std::string bytes;
    };
    // States of rules with a guarantee; only those that changed since the last call, or all.
    std::vector<State> take_states(bool all);
    // Into a rule that was just put. Another version or broken bytes: it begins anew (the error).
    Result<void> restore(const State& state);
    // What comes out of the rule also goes there: for trials. No such rule: nothing happens.
    void listen(std::string_view id, std::shared_ptr<sql::QueryOutput> listener);
    // The rule takes no group of the log before this position.
    void set_since(std::string_view id, uint64_t position);
    // Gives rows that outlets refused to the fallbacks of their actions.
    void give_refused(RefusedRows& refused);
    // All that was handed to outlets of rules with a guarantee before is safe: `done` once each.
    void flush_outlets(const std::function<Done()>& done);

    std::optional<RuleFigures> figures(std::string_view id) const;
    // In the order of the ids.
    std::vector<RuleFigures> all_figures(size_t limit, bool with_operators) const;
    EngineFigures totals() const;
    // Asks every rule with windows what it holds; every few seconds, for the limit.
    void count_state();
    // Empty: no such rule.
    std::string plan_text(std::string_view id) const;
    std::string plan_json(std::string_view id) const;

  private:
    class Work;
    const std::unique_ptr<Work> work_;
};

}  // namespace hw::rules
