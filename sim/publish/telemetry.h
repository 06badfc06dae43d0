#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "sim/plant/waterworks.h"
#include "sim/publish/instruments.h"
#include "sim/publish/point_list.h"

namespace hw::sim {

// The works with its instruments and message forms: advance it, then ask for the round's messages.
class Telemetry {
  public:
    struct Settings {
        Time start;  // whole seconds
        uint64_t seed = 1;
        Duration interval = seconds(1);  // whole seconds
        std::string prefix = "bluewater";
        std::optional<Form> form = std::nullopt;  // all assets in one form
    };
    explicit Telemetry(const Settings& settings);
    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;

    // One interval further, then every instrument is read.
    void advance();

    const Waterworks& works() const { return works_; }
    // For operators' inputs and faults.
    Waterworks& works() { return works_; }
    const std::string& prefix() const { return prefix_; }
    const std::vector<PointInfo>& points() const { return list_.points(); }
    const std::vector<MessagePlan>& messages() const { return list_.messages(); }
    const std::vector<Reading>& readings() const { return instruments_.readings(); }
    // Into `payload`; false when this message has nothing to say in this round.
    bool render_message(const MessagePlan& message, std::string& payload) const;
    // The point's reading with its unit; false when it has none.
    bool render_unit(size_t point, std::string& payload) const;
    // The round as CSV lines: point,time,value,quality.
    void append_csv(std::string& out) const;

  private:
    std::string prefix_;
    Waterworks works_;
    PointList list_;
    Instruments instruments_;
    int64_t steps_;
};

}  // namespace hw::sim
