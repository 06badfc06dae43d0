#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace hw::sim {

// Says one command to a running headworks-sim on this machine and returns its answer, without the
// last "ok". The works' own refusal is invalid_argument with their text; unavailable names the
// port.
Result<std::string> ask_control(const std::string& host, uint16_t port, const std::string& command);

}  // namespace hw::sim
