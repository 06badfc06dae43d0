#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.h"

namespace hw::physics {

// A function given by points (x rising), straight between them and beyond the outer two. Empty: 0.
struct PolyLine {
    std::vector<double> x, y;

    double at(double where) const;
};

// A value that holds for spans of time, in seconds since the model's start; of spans that overlap
// the later added one wins. Nothing holds outside of them.
class Schedule {
  public:
    void add(double from, double to, double value);
    std::optional<double> at(double time) const;
    double at(double time, double otherwise) const { return at(time).value_or(otherwise); }
    // The next time after `time` at which the value may change; infinite where none comes.
    double next_change(double time) const;
    bool empty() const { return spans_.empty(); }

  private:
    struct Span {
        double from, to, value;
    };
    std::vector<Span> spans_;
};

// A value by the time of the week, Monday 0:00 first, as means of equal slots; straight from the
// middle of one slot to that of the next. `offset`: local time less UTC.
struct WeekPattern {
    static constexpr size_t slots = 336;  // of half an hour
    static constexpr double slot_seconds = 1800;
    static constexpr size_t slots_a_day = slots / 7;

    std::array<double, slots> value{};
    Duration offset{};

    double at(Time time) const;
    static double seconds_of_week(Time time, Duration offset);  // since Monday 0:00
};

}  // namespace hw::physics
