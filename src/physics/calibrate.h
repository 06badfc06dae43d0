#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "physics/fit.h"
#include "physics/works_data.h"
#include "physics/works_model.h"

namespace hw::physics {

// The model of one works as its history has it.
struct Calibration {
    Works works;
    std::vector<FitReport> reports;  // one for each thing that was fitted or assumed
    Time from, to;                   // of the data
};

// Finds the parameters of `sheet` that are 0 or empty there from history; what the sheet has is
// kept (tank areas, levels, a pump's curve, limits). The sheet says the numbers of pumps and
// filters. Errors: invalid_argument where a needed thing can be neither fitted nor assumed; the
// text says which data are missing. A week in steps of a minute takes about a tenth of a second.
Result<Calibration> calibrate(const WorksData& data, Works sheet);

// The state of the works at a row, for forecasts from then on; and the demand's level and error of
// late into `works`. Errors: invalid_argument names what has no value near that row.
Result<WorksState> state_at(const WorksData& data, size_t row, Works& works);

// The parts, for tests.
struct Calibrator {
    const WorksData& data;
    Works works;
    std::vector<FitReport> reports;

    Result<void> pumps(const std::vector<WorksData::Pump>& columns, const Column& header_flow,
                       const std::string& name, StationParameters& station);
    void staging(const std::vector<WorksData::Pump>& columns, const std::string& name,
                 StationParameters& station);
    Result<void> raw_main();
    Result<void> network();
    Result<void> tanks();
    Result<void> filters();
    Result<void> throughput();
    Result<void> pressure();
    Result<void> demand();
    Result<void> other_power();
    void sludge();

    void assume(std::string what, std::string note);
};

// kW of all but the pumps, the blower and the wash tank's filling; NaN where it is not known.
double other_power_at(const WorksData& data, size_t row, double fill_power);
// m3/s taken by the customers at a row: as measured, else what the pumps and the tower give.
double demand_at(const WorksData& data, size_t row);
// The mean outflow as the throughput rule sees it, row by row.
std::vector<double> mean_outflow(const WorksData& data, double mean_seconds);

}  // namespace hw::physics
