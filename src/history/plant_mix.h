#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "history/chunk_columns.h"

namespace hw::history {

// The plant data that sizes and rates are measured on: of 20 points 12 rounded process values (2 or
// 3 decimals, noise of a few last digits), 3 unrounded noisy doubles, 2 integer counters, 2 states
// and 1 set-point.
enum class PlantKind : uint8_t { rounded, unrounded, counter, state, set_point };
std::string_view to_string(PlantKind kind);
PlantKind plant_kind(uint64_t point);

// One point of the mix. The same seed and point yield the same values everywhere.
// About 40 ns a value; 120 bytes.
class PlantPoint {
  public:
    PlantPoint(uint64_t seed, uint64_t point, int64_t step_ns = 1'000'000'000);

    PlantKind kind() const { return kind_; }
    model::ValueType type() const { return type_; }
    // The value of the next step, as in a column of values.
    uint64_t next();
    // Appends `count` steps from `time_ns` on.
    void append(int64_t time_ns, size_t count, Columns& out);

  private:
    double process();
    uint64_t poisson();

    Random random_;
    PlantKind kind_;
    model::ValueType type_ = model::ValueType::float64;
    int64_t step_ns_;
    double level_ = 0;
    double swing_ = 0;  // of the daily curve
    double drift_ = 0;  // a first-order autoregression, slow
    double drift_step_ = 0;
    double noise_ = 0;
    double scale_ = 1;  // 10^decimals
    double phase_ = 0;
    double rate_ = 0;  // counter: mean increment; state, set-point: chance of a change
    uint64_t held_ = 0;
};

}  // namespace hw::history
