#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace hw::rules {

// What a clock on the wall shows, to the second.
struct WallClock {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    int weekday = 4;  // 0: Sunday

    friend bool operator==(const WallClock& a, const WallClock& b) = default;
};
// Of no zone: seconds since 1970, and back (the weekday does not matter).
WallClock wall_of(int64_t seconds);
int64_t seconds_of(const WallClock& wall);

// An IANA time zone, known to be there. Any thread.
class TimeZone {
  public:
    TimeZone() = default;  // UTC
    // Errors: not_found names the zone.
    static Result<TimeZone> find(std::string_view name);

    WallClock local(Time time) const;
    // The moment that the clock on the wall shows this; where it shows it twice the first, where
    // never as if it had not been put forward.
    Time utc(const WallClock& wall) const;

  private:
    std::string name_;  // empty: UTC
};

}  // namespace hw::rules
