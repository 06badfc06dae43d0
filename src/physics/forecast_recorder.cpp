#include "physics/forecast_recorder.h"

namespace hw::physics {

size_t ForecastRecorder::add(std::string key, std::string unit, bool is_level) {
    series_.push_back({std::move(key), std::move(unit), {}, is_level});
    is_level_.push_back(is_level);
    sums_.push_back(0);
    last_.push_back(0);
    return series_.size() - 1;
}

void ForecastRecorder::begin(size_t rows) {
    for (auto& series : series_)
        series.values.reserve(rows);
}

void ForecastRecorder::row(double seconds) {
    for (size_t i = 0; i < series_.size(); ++i) {
        const bool mean = !is_level_[i] && seconds > 0;
        series_[i].values.push_back(mean ? sums_[i] / seconds : last_[i]);
        sums_[i] = 0;
    }
}

}  // namespace hw::physics
