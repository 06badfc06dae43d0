#pragma once

#include "app/bench_rules.h"

namespace hw::app {

// Rules with a predicate of their own on one stream, fed at a steady rate by another thread.
Result<RulesFigure> bench_many_rules(const RulesBenchOptions& options);

double process_cpu_seconds();
uint64_t process_resident_bytes();

}  // namespace hw::app
