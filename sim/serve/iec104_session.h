#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "sim/serve/iec104_map.h"
#include "sim/serve/session.h"
#include "wire/iec104/server.h"

namespace hw::sim {

// The pump stations' remote terminal unit, the controlled station of one connection (IEC
// 60870-5-104): general and counter interrogation, read, commands direct or selected, changes by
// themselves with the plant's time. A bad reading is invalid (IV), an uncertain one not topical
// (NT). A value outside of its limits gets a negative confirmation.
class Iec104Session final : public Session, private iec104::ServerHandler {
  public:
    // All outlive the session.
    struct Parts {
        const std::vector<StationObject>& objects;
        Variables& variables;
        const Waterworks& works;
        const Clock& clock;
    };
    explicit Iec104Session(const Parts& parts);

    Result<void> received(BytesView bytes, std::string& out) override;
    Result<void> round(std::string& out) override;
    Result<void> tick(std::string& out) override;

  private:
    // What was told last of an object.
    struct Told {
        double value;
        Trust trust;
        friend bool operator==(const Told&, const Told&) = default;
    };
    iec104::Report report_of(const StationObject& object, bool timed) const;
    const StationObject* find(uint32_t address) const;
    iec104::Verdict check(iec104::TypeId type, const iec104::Object& object, double& value) const;

    std::span<const uint16_t> stations() override { return stations_; }
    void on_started() override { told_.assign(parts_.objects.size(), std::nullopt); }
    void on_stopped() override {}
    std::optional<std::vector<iec104::Report>> interrogated(uint16_t common_address,
                                                            uint8_t qualifier) override;
    std::optional<std::vector<iec104::Report>> counted(uint16_t common_address,
                                                       uint8_t qualifier) override;
    std::optional<iec104::Report> asked(uint16_t common_address, uint32_t object_address) override;
    iec104::Verdict selected(uint16_t common_address, iec104::TypeId type,
                             const iec104::Object& object) override;
    iec104::Verdict executed(uint16_t common_address, iec104::TypeId type,
                             const iec104::Object& object, bool after_select) override;
    bool clock_set(uint16_t common_address, std::optional<Time> time) override;
    bool reset(uint16_t common_address, uint8_t qualifier) override;

    Parts parts_;
    std::array<uint16_t, 1> stations_{iec104_common_address};
    iec104::Server server_;
    std::vector<std::optional<Told>> told_;  // by object
    bool written_ = false;                   // a command changed something
};

}  // namespace hw::sim
