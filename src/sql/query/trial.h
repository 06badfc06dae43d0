#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/time.h"
#include "sql/query/query.h"

namespace hw::sql {

// What a trial may take.
struct TrialLimits {
    uint64_t rows = 1'000;        // that come out; those beyond are counted
    uint64_t failures = 100;      // with their texts; all are counted
    Duration time = seconds(10);  // by the given clock
};

// One event of a trial, with the time when it arrives.
struct TrialEvent {
    size_t source = 0;  // of Query::sources()
    RecordRef record;
    Time time;
};

struct TrialRow {
    Datum row;
    Time time;
    Time window_start, window_end;  // both 0: of no window
};

struct TrialResult {
    std::vector<TrialRow> rows;
    uint64_t rows_more = 0;  // came out beyond the limit
    uint64_t late = 0, failed = 0;
    std::vector<std::pair<size_t, std::string>> failures;  // the operator and what went wrong
    uint64_t events = 0;                                   // that were pushed
    bool timed_out = false;                                // the rest of the events was not
    std::vector<OperatorFigures> figures;
    std::string plan_text, plan_json;
};

// Runs a query over events in order of their times, as fast as it goes: windows close as their time
// comes, and, with `finish`, all at the end. An event whose time lies before that of the one before
// is taken at that one's. Used by `headworks rule test` and POST /api/v1/rules/test.
TrialResult run_trial(Query& query, const std::vector<TrialEvent>& events, const Clock& clock,
                      bool finish = true, const TrialLimits& limits = {});

// Which of a query's sources takes a message on this topic; nothing: none.
std::optional<size_t> source_for_topic(const Query& query, std::string_view topic);

// A message as a user types it into a box: {"topic", "payload", and any other column of messages}.
// A payload that is no text becomes JSON. What is not given is as from a plain client: "qos" 0,
// "clientid" "trial", `time` as the timestamps.
RecordRef trial_message(const Datum& message, Time time);

}  // namespace hw::sql
