#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "sql/record.h"

namespace hw::rules {

// Which events to follow. Empty members: any. It ends after so many events or at that time.
struct TraceOrder {
    std::string rule_id;
    std::string client_id;
    std::string topic;  // an MQTT filter
    uint64_t events = 100;
    Duration duration = seconds(60);
};

// One step of an event on its way.
struct TraceStep {
    std::string at;       // "source", "filter", "window", "row", "action republish" ...
    std::string outcome;  // "true", "false", "held", "3 rows", "sent", "failed: ..."
    std::string data;     // the event or row as JSON, cut at 4 KiB
    // Of an operator's step: its number in the plan, and the first rows that left it, as JSON.
    std::optional<size_t> operator_id;
    std::vector<std::string> rows;
};
// One event through one rule, or what a timer brought out of one.
struct Trace {
    uint64_t number = 0;  // of the order's event: the same for all rules it went to
    std::string rule_id;
    Time time;
    std::vector<TraceStep> steps;
};

// Follows events through rules into a bounded ring. The rules thread's.
class Tracer {
  public:
    explicit Tracer(size_t limit) : limit_(limit) {}

    void begin(TraceOrder order, Time now);
    void end() { order_.reset(); }
    // Of the order that runs.
    const TraceOrder* order() const { return order_ ? &*order_ : nullptr; }
    const std::deque<Trace>& traces() const { return traces_; }
    void clear() { traces_.clear(); }
    // {"running":true,"left":97,"traces":[{"number":1,"rule":"r1","time":...,"steps":[...]}]};
    // empty rule: all.
    std::string json(std::string_view rule_id) const;

    // The engine's: cheap where nothing is followed.
    bool active(Time now);
    bool wants_event(const sql::Record& record);
    bool wants_rule(std::string_view rule_id) const;
    // What timers bring out of a rule is followed where the order names that rule alone.
    bool follows_timers(std::string_view rule_id) const;
    void open(std::string_view rule_id, Time time, bool of_event);
    void step(std::string_view at, std::string_view outcome, std::string data = {});
    // What an operator made of the event: stands before the rows that came out.
    void operator_step(size_t operator_id, std::string_view at, std::string_view outcome,
                       std::string data, std::vector<std::string> rows);
    bool is_open() const { return open_; }
    void close();

  private:
    const size_t limit_;
    std::optional<TraceOrder> order_;
    Time until_;
    uint64_t left_ = 0;
    uint64_t number_ = 0;
    std::deque<Trace> traces_;
    Trace current_;
    size_t operators_ = 1;  // where the next operator's step goes
    bool open_ = false;
    bool counted_ = false;  // the event that wants_event() was asked for last
};

}  // namespace hw::rules
