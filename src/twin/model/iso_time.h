#pragma once

#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace hw::twin {

// The forms that DTDL's schemas name: RFC 3339 full-date ("2026-03-01"), full-time
// ("12:00:00.5Z"), and ISO 8601 durations ("P1Y2M3DT4H5M6.5S", "P2W").
bool is_full_date(std::string_view text);
bool is_date_time(std::string_view text);  // "2026-03-01T12:00:00Z"; with its zone
bool is_full_time(std::string_view text);
bool is_iso_duration(std::string_view text);

// A span that is the same whenever it begins: "PT10M", "P1DT12H", "P2W", and Headworks' own "10m",
// "1h30m". Years and months have no fixed length: refused.
Result<Duration> parse_span(std::string_view text);

}  // namespace hw::twin
