#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace hw::sql {

// A moment as a clock on a wall shows it, at `offset` seconds east of UTC.
struct Civil {
    int32_t year = 1970;
    uint32_t month = 1, day = 1;  // from 1
    uint32_t hour = 0, minute = 0, second = 0, nanosecond = 0;
    int32_t offset = 0;

    uint32_t weekday() const;      // 0: Sunday
    uint32_t day_of_year() const;  // from 1
    uint32_t days_in_month() const;
};

Civil civil_at(Time time, int32_t offset);
// The moment that such a clock shows. invalid_argument: no such day, hour ..., or beyond Time.
Result<Time> moment_of(const Civil& civil);

// Of IANA's zones, by the system's tzdata, whose rules are read once a zone and kept.
// Errors: not_found names the zone.
struct ZoneOffset {
    int32_t seconds = 0;
    std::string abbreviation;
};
Result<ZoneOffset> zone_offset(std::string_view zone, Time time);
// The moment at which clocks there show it: the earlier one where they show it twice; where they
// skip it, as if they had not. civil.offset is not looked at.
Result<Time> moment_in_zone(const Civil& civil, std::string_view zone);

// "Z", "+hh[:mm[:ss]]", "+hh[mm[ss]]", within a day.
Result<int32_t> parse_offset(std::string_view text);
// "+08:00"; parts: 1 "+08", 2 "+08:00", 3 "+08:00:00".
void append_offset(std::string& out, int32_t offset, int parts, bool colons);

}  // namespace hw::sql
