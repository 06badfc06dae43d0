#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/metrics.h"
#include "base/time.h"
#include "sql/query/query.h"

namespace hw::rules {

// Counts of one rule, as they were when asked. All only grow while the rule runs.
struct RuleFigures {
    std::string id;
    int64_t version = 0;
    Time since;            // when it began to run
    uint64_t in = 0;       // events of its sources
    uint64_t dropped = 0;  // events of its sources that the full queue had no room for
    uint64_t passed = 0;   // of those, that its predicate index and topic let through to the query
    uint64_t out = 0;      // rows
    uint64_t failed = 0;   // rows and events that failed, by reason in `errors`
    uint64_t late = 0;
    uint64_t looped = 0;  // rows not sent because they went round in a circle
    uint64_t state_bytes = 0;
    std::vector<std::pair<std::string, uint64_t>> errors;  // at most 16 reasons, then "other"
    std::string last_error;
    Time last_error_time;
    std::string last_row;  // as JSON, cut at 4 KiB
    bool last_row_cut = false;
    Time last_row_time;
    // From the arrival of an event to its row's actions; buckets as LatencyHistogram's.
    std::array<uint64_t, LatencyHistogram::bounds_s.size()> latency{};
    uint64_t latency_count = 0;
    int64_t latency_sum_ns = 0;
    struct OfAction {
        std::string type, name;
        uint64_t rows = 0, sent = 0, failed = 0, skipped = 0, dropped = 0;
        uint64_t queued = 0, queued_bytes = 0;  // in its outlet
        std::string last_error;
        Time last_error_time;
        std::vector<OfAction> fallback = {};  // one or none
    };
    std::vector<OfAction> actions;
    std::vector<sql::OperatorFigures> operators;
};

struct EngineFigures {
    uint64_t rules = 0, groups_of_sources = 0, index_keys = 0, routes = 0;
    uint64_t events = 0;      // taken in
    uint64_t unrouted = 0;    // that no rule wanted after all
    uint64_t candidates = 0;  // times an event was pushed to a rule
    uint64_t rows = 0, failed = 0, late = 0, looped = 0;
    uint64_t state_bytes = 0;  // as of the last count, at most a minute old
};

// {"id":...,"in":...,...,"errors":{"reason":3},"actions":[...],"operators":[...]}
void write_figures(JsonWriter& json, const RuleFigures& figures);
// The member "operators" alone.
void write_operators(JsonWriter& json, const std::vector<sql::OperatorFigures>& operators);

}  // namespace hw::rules
