#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "physics/works_data.h"
#include "physics/works_model.h"
#include "scenario/fork.h"
#include "sql/datum.h"

namespace hw::scenario {

// Where the works' model finds a value among the twins, and how to read it.
struct Role {
    std::string twin;
    std::string path;
    std::string point;         // that feeds it; empty: it has no history
    std::string unit;          // symbol of the slot's unit
    double scale = 1;          // model's unit = slot's unit * scale
    bool enumeration = false;  // texts: a filter's state
};

// The twins of one works by the part that they play in its model.
struct WorksRoles {
    std::string site;
    std::string raw_station, raw_main, screen, clear_well, high_lift, supply_main, tower, demand,
        wash, meter;
    std::vector<std::string> raw_pumps, high_lift_pumps, filters, settling;
    // By the key that the model's results have too: "raw.pump1.flow", "tower.level".
    std::map<std::string, Role, std::less<>> roles;
    std::vector<std::string> missing;  // keys without a twin or slot that the model can do without
    // A filter's states as the twins write them, and what they mean.
    std::vector<std::string> filter_words;
    std::vector<physics::FilterPhase> filter_phases;

    const Role* find(std::string_view key) const;
};

// Finds the parts by the models of the water library (dtmi:headworks:water:*) and the names of
// relationships below the fork's site; parameters may name them: "twins": {"tower": "<id>"},
// "roles": {"raw.flow": {"twin": "<id>", "path": "<path>"}}, "filter_states": {"on": "filtering"}.
// Errors: not_found where a part that the model cannot do without is missing; conflict where there
// are several and nothing says which.
Result<WorksRoles> find_roles(const Fork& fork, std::string_view site,
                              const sql::Datum& parameters);

// Every column of the data with its key.
void each_column(physics::WorksData& data,
                 const std::function<void(const std::string& key, physics::Column& column)>& take);

// What the data sheets say (fixed properties of the twins): areas, levels, limits.
physics::Works works_sheet(const Fork& fork, const WorksRoles& roles);

}  // namespace hw::scenario
