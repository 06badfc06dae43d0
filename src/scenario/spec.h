#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::scenario {

// A moment of a scenario: so long after its start, or a time of the calendar.
struct Moment {
    bool relative = true;
    int64_t ns = 0;

    Time at(Time start) const { return relative ? start + Duration{ns} : Time{ns}; }
    friend bool operator==(const Moment&, const Moment&) = default;
};
// "+6h", "90m", or what parse_time reads but "now".
Result<Moment> parse_moment(std::string_view text);
std::string format_moment(const Moment& moment);  // "+6h", RFC 3339

// A value that is otherwise in the scenario: of a slot of a twin, or of an input that the model
// names ("demand_factor").
struct Override {
    std::string twin;
    std::string path;
    sql::Datum value;
    Moment from{};                                 // default: the start
    Moment to{.relative = true, .ns = INT64_MAX};  // default: to the end

    friend bool operator==(const Override&, const Override&) = default;
};

// A question of "what if", as somebody describes it.
struct ScenarioSpec {
    static constexpr size_t overrides_limit = 1'000;
    static constexpr size_t id_limit = 128;                // bytes
    static constexpr size_t text_limit = 4'096;            // bytes of name and description
    static constexpr size_t parameters_limit = 256 << 10;  // bytes of parameters as JSON

    std::string id = {};  // letters, digits, '-', '_', '.'; empty: one is made
    std::string name = {};
    std::string description = {};
    std::string site = {};  // id of the twin at the root
    std::string model = "waterworks";
    std::string start = "now";  // or a time, as parse_time reads it
    Duration horizon = seconds(86'400);
    Duration step = seconds(300);  // of the series that are kept
    std::vector<Override> overrides = {};
    sql::Datum parameters = sql::Datum::object({});  // of the model

    friend bool operator==(const ScenarioSpec&, const ScenarioSpec&) = default;
};

// Errors name the member's path and what is wrong with it.
Result<ScenarioSpec> read_scenario(std::string_view json);
void write_scenario_members(JsonWriter& json, const ScenarioSpec& spec);
std::string scenario_text(const ScenarioSpec& spec);

}  // namespace hw::scenario
