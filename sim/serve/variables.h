#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sim/publish/telemetry.h"
#include "sim/serve/setpoints.h"

namespace hw::sim {

// Who serves a part of the works.
enum class Protocol : uint8_t { modbus, s7, iec104, sparkplug, mqtt };
std::string_view to_string(Protocol protocol);
// By a path below the prefix: "plant1/intake/pump1/flow".
Protocol protocol_of(std::string_view path);

enum class Kind : uint8_t { real, whole, flag, text };

// One thing that a device serves: a point of the works, a set-point (which may be a point as
// well), or the status of an analyser (0 good, 1 uncertain, 2 bad).
struct Variable {
    std::string path;   // below the prefix
    std::string asset;  // path without its last level
    Kind kind = Kind::real;
    Protocol protocol = Protocol::mqtt;
    std::string unit;
    std::string description;
    std::optional<size_t> point = std::nullopt;      // of the point list
    std::optional<size_t> setpoint = std::nullopt;   // of make_setpoints()
    std::optional<size_t> status_of = std::nullopt;  // the analyser's point

    bool writable() const { return setpoint.has_value(); }
};

// What all protocols read and write. Points show what the instruments read last; set-points are
// read back as they are, at once. One thread.
class Variables {
  public:
    // `telemetry` outlives this and has advanced once before the first read().
    explicit Variables(Telemetry& telemetry);

    const std::vector<Variable>& list() const { return list_; }
    std::optional<size_t> find(std::string_view path) const;
    Reading read(size_t variable) const;
    // Why a value may not be written; the text names value and limits.
    Result<void> check(size_t variable, double value) const;
    // Checked again; acts on the works from the next step on.
    Result<void> write(size_t variable, double value);
    // Of a writable one.
    double least(size_t variable) const { return setpoint_of(variable).least; }
    double most(size_t variable) const { return setpoint_of(variable).most; }

  private:
    const Setpoint& setpoint_of(size_t variable) const;

    Telemetry& telemetry_;
    std::vector<Setpoint> setpoints_;
    std::vector<Variable> list_;
};

// As a number; text has none, a flag is 0 or 1, a bad reading is what it held.
std::optional<double> as_number(const Reading& reading);

}  // namespace hw::sim
