#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sql/batch/duckdb_api.h"

// Values of DuckDB as text.
namespace hw::sql::batch {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

// "2026-03-01T12:00:00.250Z", also far from our time: "-0044-03-15T00:00:00Z"; "infinity".
void append_timestamp(std::string& out, int64_t ticks, int64_t ticks_a_second);
void append_date(std::string& out, int32_t days);
// "12:00:00.25"
void append_day_time(std::string& out, int64_t ticks, int64_t ticks_a_second);
// The upper 40 bits are microseconds, the lower 24 the offset, upside down.
void append_time_tz(std::string& out, uint64_t bits);
// "1 year 2 months 3 days 04:05:06.5"
void append_interval(std::string& out, const duck::IntervalValue& interval);
void append_huge(std::string& out, UnsignedWide magnitude, bool negative);
// An integer with `scale` digits behind the point.
void append_decimal(std::string& out, Wide value, unsigned scale);
// The upper bit is flipped, as DuckDB keeps it.
void append_uuid(std::string& out, const duck::HugeValue& value);
// One byte of how many bits are padding, then the bits.
void append_bits(std::string& out, std::string_view bytes);

}  // namespace hw::sql::batch
