#pragma once

#include <string>

#include "app/json_text.h"

namespace hw::app {

// A result of a scenario for the eye: the hours to come with what differs from the run with nothing
// set, the figures side by side, what happens, and how far to trust it. `base` may be the same.
std::string scenario_text(const JsonText& with, const JsonText& base, bool colour);
// Figures side by side and the series that differ most.
std::string comparison_text(const JsonText& comparison, bool colour);

}  // namespace hw::app
