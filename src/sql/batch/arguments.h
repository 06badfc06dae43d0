#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "sql/batch/handles.h"

namespace hw::sql::batch {

// What stands in the arguments of a table function. Errors name the argument and what is allowed.
// NULL is std::nullopt for all of them.

Result<std::string> text_argument(const duck::Api& api, duck::ValueHandle value,
                                  std::string_view name);
// A timestamp of any unit, a date, a text (RFC 3339, a date, an epoch number, now-6h) or an epoch
// number; NULL and infinities are `otherwise`.
Result<Time> time_argument(const duck::Api& api, duck::ValueHandle value, std::string_view name,
                           Time now, Time otherwise);
// An INTERVAL without months, a text ("1h30m", "15 minutes" is not read) or a number of seconds;
// NULL is 0.
Result<Duration> width_argument(const duck::Api& api, duck::ValueHandle value,
                                std::string_view name);

}  // namespace hw::sql::batch
