#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "history/history.h"
#include "rules/rule.h"
#include "rules/runtime.h"
#include "rules/streams.h"
#include "sql/query/query.h"

namespace hw::rules {

// A statement to be tried: on given messages, on a range of history, or on what comes in.
struct TrialOrder {
    std::string sql;
    RuleOptions options;
    std::vector<StreamSpec> streams;  // beside those that are there
    size_t rows_limit = 1'000;
    size_t events_limit = 1'000'000;
    Duration run_limit = seconds(30);  // of real time
};

struct TrialMessage {
    std::string topic;
    std::string payload;
    std::optional<Time> time;  // else the one before, or now
    std::string client_id, username;
    uint8_t qos = 0;
    bool retain = false;
};

struct TrialResult {
    std::vector<sql::Datum> rows;
    std::vector<Time> times;
    std::vector<std::string> errors;  // the first 100
    uint64_t events = 0, failed = 0, late = 0;
    bool rows_cut = false, events_cut = false, time_cut = false;
    std::string plan;  // JSON
    std::string plan_text;
    std::vector<sql::OperatorFigures> operators;
    // The first rows that left each operator, as JSON, by its number; of a live run there are none.
    std::vector<std::vector<std::string>> operator_rows;
};
// {"rows":[...],"plan":...,"operators":[...],"events":..,...}
std::string trial_json(const TrialResult& result);

struct TrialRooms {
    const sql::FunctionTable& functions;
    const Clock& clock;
    const Settings& settings;
    const std::vector<StreamSpec>& streams;  // those that are there
    Streams::TableMaker tables = {};
    Engine::Compile compile = sql::Query::compile;
    sql::SchemaRegistry* schemas = nullptr;
};

// Runs here and now with services and windows of its own; actions do nothing. Timestamps of the
// messages are the clock of the run; at the end all windows close. Errors: the statement (flaw),
// limits. Any thread.
Result<TrialResult> try_messages(const TrialOrder& order, const std::vector<TrialMessage>& messages,
                                 const TrialRooms& rooms, sql::Flaw* flaw = nullptr);
// Samples of all points that the statement's points() sources name, in the order of their times.
Result<TrialResult> try_history(const TrialOrder& order, Time from, Time to,
                                const history::History& history,
                                const model::PointDirectory& points, const TrialRooms& rooms,
                                sql::Flaw* flaw = nullptr);
// What comes in for `duration`: put as a rule of its own; blocks the caller, not the rules.
Result<TrialResult> try_live(const TrialOrder& order, Duration duration, Runtime& runtime,
                             const TrialRooms& rooms, sql::Flaw* flaw = nullptr);

}  // namespace hw::rules
