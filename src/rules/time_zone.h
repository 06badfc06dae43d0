#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace hw::rules {

// What a clock on the wall shows.
struct Civil {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    int weekday = 4;  // 0: Sunday

    friend bool operator==(const Civil& a, const Civil& b) = default;
};
Civil civil_of(int64_t seconds);         // since 1970, of no zone
int64_t seconds_of(const Civil& civil);  // the weekday does not matter

// The offsets of an IANA time zone, from the system's files (TZif, RFC 8536). Immutable, cheap to
// copy; any thread.
class TimeZone {
  public:
    TimeZone() = default;  // UTC
    // Errors: not_found names the zone and where it was looked for; corrupt.
    static Result<TimeZone> find(std::string_view name);
    // From the bytes of such a file.
    static Result<TimeZone> read(std::string_view bytes);
    // Seconds east of UTC at that time.
    int64_t offset_at(Time time) const;
    Civil local(Time time) const;
    // The moment at which the clock on the wall shows this; where it shows it twice the first,
    // where never some moment within an hour or so.
    Time utc(const Civil& civil) const;

  private:
    struct Rules;
    std::shared_ptr<const Rules> rules_;
};

}  // namespace hw::rules
