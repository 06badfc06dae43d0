#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::twin {

enum class DesiredState : uint8_t {
    pending,     // waits for the link or for its turn
    sent,        // a write is under way, or its effect is not reported yet
    applied,     // the reported value agrees
    refused,     // the device or the model says no; `detail` has its words
    timed_out,   // its time is over before it was applied
    superseded,  // a newer one came before it was applied, or after
    cancelled,
    drifted,  // it was applied once, but now another value is reported
};
std::string_view to_string(DesiredState state);
std::optional<DesiredState> parse_desired_state(std::string_view text);
// Still followed: pending, sent, applied, drifted.
bool is_live(DesiredState state);

// What somebody wants a twin's property to be. One of them is current for each property; a newer
// one supersedes it.
struct Desired {
    int64_t seq = 0;  // of all orders of this server
    std::string id;
    std::string twin;
    std::string path;
    int64_t revision = 1;  // of this property's desired values
    sql::Datum value;
    bool keep = false;  // written again where the reported value departs from it
    DesiredState state = DesiredState::pending;
    bool written = false;  // a write was answered well: it is not written again, only waited for
    Time asked_at{};
    Time deadline{};  // 0: none; holds until it is applied
    uint32_t attempts = 0;
    Time last_attempt{};
    Time next_attempt{};  // 0: none is planned
    Time applied_at{};    // 0: never
    Time changed_at{};    // of the state
    sql::Datum reported;  // the value that confirmed it, later the one that departs from it
    Time reported_at{};
    std::string detail;
    std::string actor, origin, reason;

    friend bool operator==(const Desired&, const Desired&) = default;
};

enum class CommandState : uint8_t {
    accepted,  // on disk; waits for its turn or for somebody to hear it
    sent,
    done,
    refused,  // the other side said no; `detail` has its words
    failed,   // it broke off; `detail` says where
    timed_out,
    cancelled,
};
std::string_view to_string(CommandState state);
std::optional<CommandState> parse_command_state(std::string_view text);
bool is_live(CommandState state);  // accepted, sent

// One write that a command consists of.
struct PlannedWrite {
    std::string path;
    sql::Datum value;
    bool done = false;

    friend bool operator==(const PlannedWrite&, const PlannedWrite&) = default;
};

struct Command {
    int64_t seq = 0;
    std::string id;
    std::string twin;
    std::string name;
    sql::Datum request;                // null: none
    std::vector<PlannedWrite> writes;  // empty: it goes out as a message
    CommandState state = CommandState::accepted;
    Time asked_at{};
    Time deadline{};
    uint32_t attempts = 0;
    Time sent_at{};  // the last time
    Time ended_at{};
    sql::Datum response;
    std::string detail;
    std::string actor, origin, reason;

    friend bool operator==(const Command&, const Command&) = default;
};

// The forms of the API, of happenings and of the store alike.
void write_desired(JsonWriter& json, const Desired& desired);
void write_command(JsonWriter& json, const Command& command);
std::string desired_json(const Desired& desired);
std::string command_json(const Command& command);
// What was written by the two above.
Result<Desired> read_desired(const sql::Datum& json);
Result<Command> read_command(const sql::Datum& json);

// Whether a reported value is the wanted one: equal, numbers within a millionth of the wanted one
// or within `resolution`; 0 and 1 are false and true.
bool agrees(const sql::Datum& wanted, const sql::Datum& reported, double resolution = 0);

}  // namespace hw::twin
