#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json_writer.h"
#include "physics/calibrate.h"
#include "sql/datum.h"

namespace hw::scenario {

// The parameters of a works as JSON, member by member as in physics/works_model.h. Reading lays
// what is given over what is there, so that a data sheet names only what it knows; an unknown
// member is an error with the nearest name. Lists of pumps and beds are matched by place.
void write_works(JsonWriter& json, const physics::Works& works);
Result<void> read_works(const sql::Datum& json, const std::string& path, physics::Works& works);

// {"from","to","works":{...},"reports":[...]}
std::string calibration_text(const physics::Calibration& calibration);
Result<physics::Calibration> read_calibration(std::string_view json);
void write_reports(JsonWriter& json, const std::vector<physics::FitReport>& reports);
// The mean of the reports' confidence, 0 to 1; an assumption counts 0.3.
double confidence_of(const std::vector<physics::FitReport>& reports);

}  // namespace hw::scenario
