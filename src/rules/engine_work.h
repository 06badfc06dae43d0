#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/engine.h"
#include "rules/outputs.h"
#include "rules/row_gate.h"
#include "rules/running_rule.h"
#include "rules/source_table.h"
#include "rules/streams.h"
#include "rules/trace.h"
#include "sql/query/step_rows.h"

namespace hw::rules {

// What Engine is made of.
class Engine::Work {
  public:
    explicit Work(Rooms rooms);
    ~Work();

    Result<void> put(std::shared_ptr<const RuleSpec> spec, int64_t version, sql::Flaw* flaw);
    Result<void> check(std::shared_ptr<const RuleSpec> spec, sql::Flaw* flaw);
    bool remove(std::string_view id);
    Result<void> restore(const State& state);
    static State state_of(const RunningRule& rule);
    RunningRule* find(std::string_view id) const;
    size_t size() const { return rules_.size(); }
    template <class Call>
    void each(const Call& call) const {
        for (const auto& [id, rule] : rules_)
            call(*rule);
    }

    void push(const Group& group, bool only_durable);
    void miss(const Missed& missed);
    void give_refused(RefusedRows& refused);
    void advance(Time now);
    std::optional<Time> next_due() const {
        return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first);
    }
    Time now() const { return now_; }
    void set_wall(Time wall) { wall_ = wall; }
    EngineFigures totals() const;
    void count_state();

  private:
    // Of one event through one rule: rows of each operator, bytes of all.
    static constexpr size_t traced_rows = 8;
    static constexpr size_t traced_bytes = 32 << 10;

    Result<std::unique_ptr<RunningRule>> compile(std::shared_ptr<const RuleSpec> spec,
                                                 int64_t version, sql::Flaw* flaw);
    Result<void> make_actions(RunningRule& rule);
    void join(RunningRule& rule);
    void leave(RunningRule& rule);

    const SourceTable::Groups& groups_of(Channel channel, std::string_view name);
    void push_event(const Event& event, const Group& group);
    void push_samples(const Group& group);
    sql::RecordRef record_of(const model::SampleBatch& samples, size_t row, Time arrival);
    void push_to(const SourceTable::Groups& groups, const sql::RecordRef& record,
                 const Group& group, uint64_t key);
    void push_to_group(SourceGroup& source, const sql::RecordRef& record, const Group& group);
    void push_record(SourceGroup& source, const sql::RecordRef& record, const Group& group);
    bool takes(RunningRule& rule, const Group& group);
    void deliver(const Candidate& candidate, const sql::RecordRef& record, const Group& group);
    void fire(Time until);
    void fire_one(RunningRule& rule, Time due);
    void reschedule(RunningRule& rule);
    void trace_begin(RunningRule& rule, const sql::Record& record);
    void trace_begin_timer(RunningRule& rule, Time due);
    void trace_rows(RunningRule& rule);
    void trace_end(RunningRule& rule);

    Rooms rooms_;
    SourceTable sources_;
    std::map<std::string, std::unique_ptr<RunningRule>, std::less<>> rules_;
    std::vector<RunningRule*> by_number_;
    std::set<std::pair<Time, uint32_t>> timers_;
    RowGate gate_;
    std::vector<Candidate> candidates_;
    struct PointTexts {
        sql::Datum path, unit;
        uint32_t unit_round = 0;
    };
    std::vector<PointTexts> point_texts_;
    uint32_t unit_round_ = 1;
    Time now_;
    Time wall_;
    bool only_durable_ = false;
    bool tracing_ = false;
    uint8_t hops_ = 0;
    std::vector<sql::OperatorFigures> operators_before_;
    sql::StepRows step_rows_{traced_rows, traced_bytes};
    uint64_t event_serial_ = 0;
    EngineFigures figures_;
};

// One row of a batch as an event of points().
sql::RecordRef sample_record(const sql::Datum& path, const model::SampleBatch& samples, size_t row,
                             const sql::Datum& unit, Time arrival);
sql::QueryOptions options_of(const RuleOptions& options);

}  // namespace hw::rules
