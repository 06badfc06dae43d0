#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hw::sim {

enum class FaultKind : uint8_t {
    sensor_drift,
    sensor_failure,
    stuck_valve,
    pump_wear,
    filter_breakthrough,
    burst_main,
    silent_device,
    slow_network,
};
inline constexpr size_t fault_kind_count = 8;

// A kind of fault, described: for the help, the control channel and the checks.
struct FaultInfo {
    std::string_view name;    // "sensor-drift"
    std::string_view target;  // what it happens to: "a measured number"
    std::string_view unit;    // of its amount; empty: it has none
    double amount;            // where none is given
    double least;
    double most;
    std::string_view effect;  // one sentence
};
const FaultInfo& info(FaultKind kind);
// "sensor-drift"; the error lists what there is.
Result<FaultKind> parse_fault_kind(std::string_view text);

struct Fault {
    FaultKind kind;
    std::string target;  // "plant1/filtration/filter3/turbidity"
    double amount;
    Time since;
    std::optional<double> held = std::nullopt;  // what a failed sensor last saw
};

// The faults that are switched on. Targets are paths below the works' prefix; the last levels are
// enough where they tell it apart ("filter3"). At most 64 at a time. One thread.
class Faults {
  public:
    Faults();

    // The sensors that there are; the plant does not know them.
    void set_sensors(std::vector<std::string> paths);
    // What a kind of fault can happen to, in the plant's order.
    std::span<const std::string> targets(FaultKind kind) const;

    // Switches one on, or gives it another amount. Errors name the target and what there is. An
    // empty target is allowed where there is but one.
    Result<const Fault*> turn_on(FaultKind kind, std::string_view target,
                                 std::optional<double> amount, Time now);
    // An empty target means all of the kind. Returns how many it ended; not_found for none.
    Result<size_t> turn_off(FaultKind kind, std::string_view target);
    void clear() { active_.clear(); }

    const std::vector<Fault>& active() const { return active_; }
    const Fault* find(FaultKind kind, std::string_view target) const;
    // 0 where it is not on.
    double amount(FaultKind kind, std::string_view target) const;

    // What the sensor shows of `truth`: drifted, or what it saw when it failed.
    double seen(std::string_view sensor, double truth, Time now);
    bool failed(std::string_view sensor) const {
        return find(FaultKind::sensor_failure, sensor) != nullptr;
    }
    bool any() const { return !active_.empty(); }

  private:
    Result<std::string> resolve(FaultKind kind, std::string_view target) const;

    std::vector<std::vector<std::string>> targets_;  // by kind
    std::vector<Fault> active_;
};

// "sensor-drift=filter3/turbidity", "pump-wear=intake/pump2:30": name, target, amount.
struct FaultOrder {
    FaultKind kind;
    std::string target;
    std::optional<double> amount;
};
Result<FaultOrder> parse_fault_order(std::string_view text);

}  // namespace hw::sim
