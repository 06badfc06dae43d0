#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"
#include "sql/function.h"

namespace hw::rules {

// What a rule promises when the server dies: see docs/decisions/0011_rules.md.
enum class Guarantee : uint8_t {
    none,           // events that were not worked on are lost, windows begin anew
    at_least_once,  // no event is lost; rows since the last checkpoint come out again
    exactly_once,   // the same, and repeated rows overwrite themselves in history
};
std::string_view to_string(Guarantee guarantee);  // "none", "at_least_once", "exactly_once"

// What is done with a rule's rows. `settings` is an object of the members of its JSON that are
// nothing common to all types; each type checks its own.
struct ActionSpec {
    std::string type;       // "republish", "keep", "write", "console", or a connector's kind
    std::string name;       // for figures; empty: the type
    std::string connector;  // a named connection; empty: its settings are among `settings`
    sql::Datum settings;
    bool only_on_change = false;      // a row equal to the one before is not sent
    std::vector<std::string> fields;  // of the row; empty: all
    bool omit_empty = false;          // rows without members are not sent
    bool send_single = true;          // false: the rows that come out together as one array
    std::shared_ptr<const ActionSpec> fallback;  // gets the rows that this one could not send

    friend bool operator==(const ActionSpec& a, const ActionSpec& b);
};

struct RuleOptions {
    bool event_time = false;
    std::string timestamp_field;
    Duration late_tolerance = seconds(1);
    Duration allowed_lateness;
    Guarantee qos = Guarantee::none;
    std::optional<sql::Dialect> dialect;
    uint64_t rows_limit = 1'000'000;
    uint64_t bytes_limit = 64ull << 20;
    uint64_t groups_limit = 1'000'000;

    friend bool operator==(const RuleOptions&, const RuleOptions&) = default;
};

// When an enabled rule runs. Without a cron expression and ranges: always.
struct Schedule {
    std::string cron;   // five or six fields, e.g. "0 6 * * mon-fri"; empty: none
    Duration duration;  // how long it runs from each of cron's moments
    struct Range {
        std::string begin, end;  // RFC 3339, or local "2026-03-01 06:00:00"
        friend bool operator==(const Range&, const Range&) = default;
    };
    std::vector<Range> ranges;  // with cron: only moments within one of them begin a run
    std::string time_zone;      // an IANA name; empty: UTC

    bool empty() const { return cron.empty() && ranges.empty(); }
    friend bool operator==(const Schedule&, const Schedule&) = default;
};

// A rule as somebody wrote it.
struct RuleSpec {
    std::string id;
    std::string sql;
    std::string description;
    bool enabled = true;
    std::vector<std::string> tags;
    std::vector<ActionSpec> actions;
    std::vector<ActionSpec> late_actions;  // get the events that came too late, as objects
    RuleOptions options;
    Schedule schedule;

    friend bool operator==(const RuleSpec&, const RuleSpec&) = default;
};

// A rule as it is kept.
struct StoredRule {
    RuleSpec spec;
    int64_t version = 1;  // 1, 2, ... of this rule
    Time created;
    Time updated;
    std::string actor;         // who made this version
    std::string problem = {};  // why it does not run; not kept
};

// CREATE STREAM or CREATE TABLE as it is kept.
struct StreamSpec {
    std::string name;
    bool table = false;
    std::string sql;
};

// A named connection that actions, sources and tables share. Secrets are settings whose text is
// "file:<path>": read when the connection is made, never kept or shown.
struct ConnectorSpec {
    std::string name;
    std::string kind;
    std::string description;
    sql::Datum settings;  // an object
};

// "rule ids are 1 to 128 letters, digits, '_', '-', '.' and ':'".
Result<void> check_id(std::string_view what, std::string_view id);

}  // namespace hw::rules
