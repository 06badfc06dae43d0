#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::sql {

// What bounds one run of a jq program.
struct JqLimits {
    Duration time = seconds(1);
    size_t outputs = 10'000;
};
constexpr Duration jq_longest = seconds(10);

// Runs a program of jq 1.6 on one value; its outputs. The environment, files, further inputs and
// halting are out of its reach. The last programs are kept compiled, 32 to 64 a thread. Blocks up
// to limits.time. Numbers are doubles within; whole ones come out as int.
// Errors: invalid_argument (does not compile, or fails), timed_out, limit_exceeded (outputs, or
// more than 256 MiB of memory on the way).
Result<std::vector<Datum>> run_jq(std::string_view program, const Datum& input,
                                  const JqLimits& limits);

}  // namespace hw::sql
