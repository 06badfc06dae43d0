#pragma once

#include <string>
#include <vector>

#include "physics/works_model.h"

namespace hw::physics {

// Collects a run's series: levels are noted at the end of a step, the rest as means over it, so
// that the sum of a mean times the step is its integral.
class ForecastRecorder {
  public:
    // Columns in the order in which they are added.
    size_t add(std::string key, std::string unit, bool is_level);
    void begin(size_t rows);

    void hold(size_t column, double value, double seconds) {
        sums_[column] += value * seconds;
        last_[column] = value;
    }
    void level(size_t column, double value) { last_[column] = value; }
    // Ends the row: `seconds` have passed since the one before; 0 for the first, which shows what
    // held at that moment.
    void row(double seconds);

    std::vector<ForecastSeries> take() { return std::move(series_); }

  private:
    std::vector<ForecastSeries> series_;
    std::vector<bool> is_level_;
    std::vector<double> sums_, last_;
};

}  // namespace hw::physics
