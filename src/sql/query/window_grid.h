#pragma once

#include <cstdint>
#include <functional>

#include "base/time.h"

namespace hw::sql {

// Where windows of one length begin: at `phase` and all multiples of `hop` from there, on an axis
// of ns or of row numbers. With a zone's offset the multiples are of local time; a start is named
// by its local value, and `at` says where that is on the axis: the first moment whose local time is
// not before it. So windows of whole hours keep to local midnight, and days have 23 to 25 hours.
// Positions beyond +-limit() are taken as that.
class WindowGrid {
  public:
    WindowGrid(int64_t length, int64_t hop, int64_t phase,
               std::function<Duration(Time)> zone_offset = nullptr);

    int64_t length() const { return length_; }
    int64_t hop() const { return hop_; }
    // The greatest width of which length and hop are multiples.
    int64_t pane() const { return pane_; }
    int64_t limit() const { return limit_; }
    int64_t clamp(int64_t position) const;

    int64_t at(int64_t local) const;
    // The last start at or before the position.
    int64_t last_start(int64_t position) const { return floor(position, hop_); }
    // The first start whose window ends after the position.
    int64_t first_start(int64_t position) const { return floor(position, hop_, length_) + hop_; }
    int64_t pane_start(int64_t position) const { return floor(position, pane_); }
    // The last start whose window has the pane.
    int64_t last_start_of_pane(int64_t pane) const;
    bool is_start(int64_t local, int64_t width) const { return (local - phase_) % width == 0; }

  private:
    // The last local L = phase + k * step with at(L + shift) <= position.
    int64_t floor(int64_t position, int64_t step, int64_t shift = 0) const;
    int64_t offset(int64_t utc) const { return zone_offset_(Time{utc}).ns; }

    int64_t length_, hop_, phase_, pane_, limit_;
    std::function<Duration(Time)> zone_offset_;
};

}  // namespace hw::sql
