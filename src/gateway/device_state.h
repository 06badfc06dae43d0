#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/value.h"

namespace hw::gateway {

// What the gateway knows of a device now; owned copies that may travel to any thread.

enum class LinkState : uint8_t {
    disabled,    // configured off
    connecting,  // the first attempt, or one after a loss, is under way
    connected,   // the link is there; units may still be silent
    down,        // refused, lost or timed out; the next attempt comes after reconnect_interval
    listening,   // a listening device without a connection
};
std::string_view to_string(LinkState state);  // "disabled", "connecting", ...

struct UnitState {
    std::string unit;
    bool up = false;
    Time since;  // of the last turn
    Duration round_trip{};
    uint64_t exchanges = 0;
    uint64_t errors = 0;
    std::string last_error;
    Time last_error_time;
};

struct GroupState {
    std::string name;
    Duration interval;
    size_t tags = 0;
    uint64_t polls = 0;
    uint64_t overruns = 0;  // an interval passed while the poll before was still under way
    Duration last_duration{};
    Time last_poll;
};

struct DeviceState {
    std::string name;
    std::string driver;
    LinkState link = LinkState::disabled;
    Time since;
    size_t connections = 0;
    Duration round_trip{};  // of the last exchange of any unit
    uint64_t samples = 0;
    uint64_t reads = 0;  // tags read well
    uint64_t read_errors = 0;
    uint64_t writes = 0;
    uint64_t write_errors = 0;
    uint64_t reconnects = 0;
    uint64_t received_bytes = 0;
    uint64_t sent_bytes = 0;
    size_t tags = 0;
    size_t tags_bad = 0;  // of bad quality now, or never read yet
    std::string last_error;
    Time last_error_time;
    std::vector<GroupState> groups;
    std::vector<UnitState> units;
};

struct TagState {
    std::string group;
    std::string name;
    std::string point;
    std::string address;
    std::optional<model::Sample> last;  // after scale and offset
    std::string error;                  // of the last failed read; empty while it reads well
};

}  // namespace hw::gateway
