#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "physics/works_data.h"
#include "physics/works_model.h"
#include "sim/publish/telemetry.h"

namespace hw::bench {

// What the instruments of the simulated works show, into the columns that calibration reads: the
// same points, units and qualities that a historian gets, without the historian.
class WorksRecorder {
  public:
    WorksRecorder(const sim::Telemetry& telemetry, size_t rows);

    void take(size_t row);  // the readings of now
    physics::WorksData& data() { return data_; }
    const physics::WorksData& data() const { return data_; }
    // What the operator's data sheets say: sizes, not curves.
    static physics::Works sheet();

  private:
    void bind(std::string path, physics::Column& column, double scale);
    void bind_pumps(const std::string& station, std::vector<physics::WorksData::Pump>& pumps);

    const sim::Telemetry& telemetry_;
    physics::WorksData data_;
    std::map<std::string, size_t> index_;
    struct Bound {
        size_t point;
        physics::Column* column;
        double scale;
    };
    std::vector<Bound> bound_;
};

}  // namespace hw::bench
