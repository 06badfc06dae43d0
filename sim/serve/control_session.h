#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/serve/session.h"
#include "sim/serve/variables.h"

namespace hw::sim {

inline constexpr uint16_t control_default_port = 19100;

// The control channel: one command a line, answered by lines of which the last begins with "ok" or
// "error". Commands: fault on|off|list, faults, get, set, list, status, help.
class ControlSession final : public Session {
  public:
    // Both outlive the session.
    ControlSession(Waterworks& works, Variables& variables)
        : works_(works), variables_(variables) {}

    Result<void> received(BytesView bytes, std::string& out) override;

    static constexpr size_t line_limit = 1024;  // bytes

  private:
    Result<std::string> obey(std::string_view line);
    Result<std::string> obey_fault(std::string_view words);
    Result<std::string> get(std::string_view path) const;
    Result<std::string> set(std::string_view path, std::string_view value);
    std::string list_faults() const;
    std::string list_variables() const;
    std::string status() const;

    Waterworks& works_;
    Variables& variables_;
    std::string line_;
};

// What `fault list` and `faults` say: for the documentation's readers and --help.
std::string describe_faults();

}  // namespace hw::sim
