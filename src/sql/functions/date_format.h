#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/functions/civil.h"

namespace hw::sql {

// EMQX's: %Y %m %d %H %M %S %N %3N %6N %z %:z %::z, all else as it stands.
std::string format_percent(const Civil& civil, std::string_view format);
// Reads what format_percent writes; what the format does not name is 1970-01-01 00:00:00 UTC. An
// offset at the end may be missing. invalid_argument names text and format.
Result<Civil> parse_percent(std::string_view text, std::string_view format);

// eKuiper's: yyyy yy M MM MMM MMMM d dd EEE EEEE HH h hh m mm s ss S... a G z Z, X to three of
// it, 'text' and \c as they stand. invalid_argument names what is not understood.
Result<std::string> format_letters(const Civil& civil, std::string_view zone_abbreviation,
                                   std::string_view format);

std::string_view month_name(uint32_t month);  // from 1
std::string_view day_name(uint32_t weekday);  // 0: Sunday

}  // namespace hw::sql
