#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "connector/template.h"
#include "rules/figures.h"
#include "rules/outputs.h"
#include "rules/running_rule.h"
#include "rules/trace.h"
#include "sql/query/query.h"

namespace hw::rules {

// Where a query's rows come out: counts them and gives them to the rule's actions. The rules
// thread's; one for all rules, pointed at the one that works.
class RowGate final : public sql::QueryOutput {
  public:
    RowGate(Outputs& outputs, Tracer& tracer, size_t hops_limit, EngineFigures& figures)
        : outputs_(outputs), tracer_(tracer), hops_limit_(hops_limit), figures_(figures) {}

    // Around each call of the query. `arrival`: of the event that is pushed, else nothing.
    void begin(RunningRule& rule, Time now, Time wall, std::optional<Time> arrival, uint8_t hops);
    void end();

    // A row that an outlet could not send, to the fallback of its action. Outside begin() and
    // end().
    void give_refused(ActionSlot& fallback, const connector::Item& item, Time wall);

    void row(sql::OutputRow row) override;
    void late(const sql::Record& record) override;
    void failed(size_t operator_id, const std::string& reason) override;

  private:
    void give(std::vector<ActionSlot>& actions, bool single);
    void give_one(ActionSlot& action);

    Outputs& outputs_;
    Tracer& tracer_;
    const size_t hops_limit_;
    EngineFigures& figures_;
    connector::Renderer loose_{connector::Missing::undefined};
    connector::Renderer strict_{connector::Missing::reject};

    RunningRule* rule_ = nullptr;
    Time now_, wall_;
    std::optional<Time> arrival_;
    uint8_t hops_ = 0;
    connector::Item item_;
    sql::Datum::Items together_;  // rows for actions that take them as an array
    Time together_time_;
};

}  // namespace hw::rules
