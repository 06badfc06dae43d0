#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/driver.h"
#include "gateway/hj212/tag_address.h"
#include "model/quality.h"
#include "model/value.h"
#include "wire/hj212/receiver.h"

namespace hw::gateway::hj212 {

struct AdapterSettings {
    hw::hj212::ReceiverSettings receiver{};
    Duration station_timeout = seconds(300);  // of silence, then its tags are bad
    Duration idle_timeout = seconds(7200);    // of silence, then a connection is closed
    size_t stations_limit = 256;              // that are told of
};

// N is good; F stopped, M maintenance and C calibration are bad.out_of_service; D is
// bad.sensor_failure, B bad.communication; S, by hand, is uncertain.substitute; T, above the range,
// uncertain.engineering_units_exceeded; anything else is uncertain.
model::Quality quality_of_flag(std::string_view flag);

// Ties tags to what stations report. A tag whose address names no station takes the values of any.
// A unit is a station by its MN, and "" for the tags without one. Stations cannot be asked or
// written to. The gateway's thread.
class Adapter final : public Driver, private hw::hj212::ReceiverHandler {
  public:
    // The host outlives the adapter.
    Adapter(AdapterSettings settings, DriverHost& host);

    void configure(std::span<const DriverGroup> groups) override;
    void connected(ConnectionId connection, std::string_view peer) override;
    void received(ConnectionId connection, BytesView bytes) override;
    void disconnected(ConnectionId connection, const Error& why) override;
    void poll(GroupIndex group) override;
    void write(RequestId request, const DriverTag& tag, const model::Value& value) override;
    void read(RequestId request, const DriverTag& tag) override;
    std::optional<Time> deadline() const override;
    void tick() override;

  private:
    struct Connection {
        hw::hj212::Receiver receiver;
        Time heard{};
    };
    struct Unit {
        UnitReport report;
        Time heard{};
        std::optional<Time> due;  // of the next report
    };
    struct Tag {
        DriverTag tag;
        TagAddress address;
    };

    void on_heard(std::string_view station) override;
    void on_report(const hw::hj212::Report& report) override;
    void on_clock_set(std::string_view station, Result<void> result) override;
    void on_rejected(std::string_view station, const Error& why) override;

    void tell(const Tag& tag, std::string_view text, model::Quality quality,
              std::optional<Time> time);
    Unit* find_unit(std::string_view name);
    void note(std::string_view station, const Error* error);
    void silence(const std::string& name, Unit& unit);
    void report_due(Time now);

    AdapterSettings settings_;
    DriverHost& host_;
    std::map<ConnectionId, Connection> connections_;
    std::vector<Tag> tags_;
    // By "<area> <factor>-<field>" in small letters.
    std::unordered_map<std::string, std::vector<size_t>> items_;
    std::map<std::string, Unit, std::less<>> units_;
    bool any_station_ = false;    // there are tags without a station
    std::string only_station_;    // the one that such tags had values of
    bool mixed_ = false;          // and that there are several was logged
    std::optional<Time> logged_;  // that a packet was not taken
};

}  // namespace hw::gateway::hj212
