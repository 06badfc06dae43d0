#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "rules/time_zone.h"

namespace hw::rules {

// A cron expression: minute hour day month weekday, with an optional field of seconds before them;
// '*', lists, ranges, steps, names of months and days, '?', and @hourly, @daily, @midnight,
// @weekly, @monthly, @yearly. As in Vixie cron a day matches where day or weekday does, if neither
// is '*'. Sunday is 0 or 7. Immutable; 40 bytes.
class Cron {
  public:
    // Errors name the field and what it may hold.
    static Result<Cron> parse(std::string_view text);

    // The first moment at or after `time` (to the second) that matches; none within five years.
    // In the hour that a zone skips in spring nothing matches; the one it repeats matches once.
    std::optional<Time> next(Time time, const TimeZone& zone) const;
    bool matches(const WallClock& wall) const;

  private:
    bool day_matches(const WallClock& wall) const;

    std::bitset<60> seconds_, minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<8> weekdays_;
    bool any_day_ = false, any_weekday_ = false;
};

}  // namespace hw::rules
