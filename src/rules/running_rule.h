#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/metrics.h"
#include "base/time.h"
#include "rules/action.h"
#include "rules/figures.h"
#include "rules/rule.h"
#include "sql/query/query.h"

namespace hw::rules {

struct SourceGroup;

// What became of a row at an action.
struct Outcome {
    enum class Type : uint8_t { handed_on, skipped, failed };
    Type type = Type::handed_on;
    std::string reason = {};
    bool by_fallback = false;
};
std::string to_text(const Outcome& outcome);  // "handed on", "skipped", "failed: ..."

// One action with what all actions have in common: fields, changes only, the fallback, counts.
class ActionSlot {
  public:
    static Result<ActionSlot> make(const ActionSpec& spec, std::string_view rule_id, Guarantee qos,
                                   const ActionRooms& rooms);

    Outcome offer(const connector::Item& item, RowContext& context);
    void drop_looped();
    // The fallback of this description, of this action or of one of its fallbacks; null: none.
    ActionSlot* fallback_like(const ActionSpec& spec);
    // Done: what was offered before is safe, with this action or with its fallback.
    void flush(Done done);
    // The row that only_on_change compares with, for checkpoints; the fallback's is not kept.
    void save(ByteWriter& out) const;
    void load(ByteReader& in);
    bool single() const { return spec_->send_single; }
    RuleFigures::OfAction figures() const;
    const ActionSpec& spec() const { return *spec_; }
    const std::string& name() const { return spec_->name.empty() ? spec_->type : spec_->name; }
    template <class Call>
    void each_outlet(const Call& call) {
        if (Outlet* outlet = action_->outlet()) call(*outlet);
        if (fallback_) fallback_->each_outlet(call);
    }

  private:
    std::shared_ptr<const ActionSpec> spec_;
    std::unique_ptr<Action> action_;
    std::unique_ptr<ActionSlot> fallback_;
    std::shared_ptr<ActionFigures> figures_;
    std::optional<sql::Datum> last_;  // with only_on_change
};

// A rule at work. The engine's.
struct RunningRule {
    std::shared_ptr<const RuleSpec> spec;
    int64_t version = 0;
    uint32_t number = 0;  // in the engine
    std::unique_ptr<sql::Query> query;
    std::vector<ActionSlot> actions;
    std::vector<ActionSlot> late_actions;
    std::shared_ptr<sql::QueryOutput> listener;  // of a trial

    struct Membership {
        SourceGroup* group = nullptr;
        size_t source = 0;
        uint64_t events_before = 0;  // of the group when it joined
        uint64_t missed_before = 0;
        bool indexed = false;
    };
    std::vector<Membership> sources;
    std::vector<std::shared_ptr<const void>> held;  // streams and tables it reads

    bool durable = false;
    bool timed = false;     // has state: timers, checkpoints
    uint64_t sequence = 0;  // of the next row
    bool any_of = false;    // FROM a, b: an event counts once whichever it matches
    bool touched = false;   // since its state was taken
    uint64_t since = 0;     // the log's position it began at
    uint64_t last_event = 0;
    std::optional<Time> due;

    Time begun;
    uint64_t passed = 0, out = 0, failed = 0, late = 0, looped = 0;
    std::vector<std::pair<std::string, uint64_t>> errors;
    std::string last_error;
    Time last_error_time;
    sql::Datum last_row;
    Time last_row_time;
    LatencyHistogram latency;

    void count_error(Time now, const std::string& reason);
    uint64_t in() const;
    uint64_t dropped() const;
    RuleFigures figures(bool with_operators) const;
};

}  // namespace hw::rules
