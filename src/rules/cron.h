#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace hw::rules {

// What a clock on the wall shows.
struct Civil {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    int weekday = 4;  // 0: Sunday

    friend bool operator==(const Civil&, const Civil&) = default;
};
Civil civil_of(int64_t seconds);  // since 1970, of no zone
int64_t seconds_of(const Civil& civil);

// The offsets of an IANA time zone, from the system's files (TZif, RFC 8536). Immutable, cheap to
// copy; any thread.
class TimeZone {
  public:
    TimeZone() = default;  // UTC
    // Errors: not_found names the zone and where it was looked for.
    static Result<TimeZone> find(std::string_view name);
    // Seconds east of UTC at that time.
    int64_t offset_at(Time time) const;
    Civil local(Time time) const;
    // The moment that the clock on the wall shows this; where it shows it twice the first, where
    // never the moment as far behind the gap's beginning.
    Time utc(const Civil& civil) const;

  private:
    struct Rules;
    std::shared_ptr<const Rules> rules_;
};

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
    bool matches(const Civil& civil) const;

  private:
    bool day_matches(const Civil& civil) const;

    std::bitset<60> seconds_, minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<8> weekdays_;
    bool any_day_ = false, any_weekday_ = false;
};

}  // namespace hw::rules
