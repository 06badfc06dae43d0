#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "physics/calibrate.h"
#include "physics/works_model.h"
#include "scenario/model.h"
#include "scenario/waterworks_roles.h"

namespace hw::scenario {

// The model "waterworks": mass balance and energy of a works from its intake to the town
// (physics/works_model.h), on twins of the water library.
class WaterworksModel : public Model {
  public:
    std::string_view name() const override { return "waterworks"; }
    std::string_view help() const override;
    std::vector<std::pair<std::string_view, std::string_view>> parameters() const override;
    Result<std::unique_ptr<BoundModel>> bind(const Fork& fork, const sql::Datum& parameters,
                                             const ModelRooms& rooms) const override;
    Result<Calibrated> calibrate(const Fork& fork, const sql::Datum& parameters, Time from, Time to,
                                 const ModelRooms& rooms) const override;
};

// What the model's parameters say beside twins, roles and the works' own.
struct WaterworksParameters {
    Duration history = seconds(7 * 86'400);  // read for a calibration that was not kept
    Duration offset{};                       // local time less UTC, of the week's pattern
    std::vector<double> prices;              // money a kWh by the hour of the day: 1 or 24
    std::string currency = "";
    sql::Datum works = sql::Datum::object({});  // laid over data sheets and calibration
};
Result<WaterworksParameters> read_waterworks_parameters(const sql::Datum& parameters);

// The roles' history as the columns of the model, up to `to`; where the last row has nothing, what
// the fork knows now.
Result<physics::WorksData> works_data(const Fork& fork, const WorksRoles& roles, Time from, Time to,
                                      const ModelRooms& rooms);

// A works that has been found in a fork.
struct BoundWorks {
    WorksRoles roles;
    WaterworksParameters parameters;
    physics::Works works;
    physics::WorksState state;
    std::vector<physics::FitReport> reports;
    Time calibrated_to;
    std::vector<std::string> notes;  // what makes the results less certain

    std::vector<ModelInput> inputs() const;
};

// What the fork sets, for the model; levels of tanks go into `state`. Errors: invalid_argument
// names what cannot be set and what can.
Result<physics::WorksInputs> works_inputs(const BoundWorks& bound, const Fork& fork,
                                          Duration horizon, physics::WorksState& state);

ModelResult works_result(const BoundWorks& bound, const Fork& fork, physics::Forecast forecast);

}  // namespace hw::scenario
