#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "wire/sparkplug/host.h"

namespace hw::sparkplug {

// What the host application remembers.
struct HostMetric {
    HostDevice* device = nullptr;
    std::string name;  // members of templates as "instance/member"
    std::string path;
    DataType type = DataType::unknown;
    std::optional<uint64_t> alias;
    bool is_point = true;
    bool is_member = false;  // of a template
    bool offline = false;
    uint32_t point = no_point;
    std::optional<PointValue> last;  // the live value
    Time last_time{INT64_MIN};
};

struct HostDevice {
    HostNode* node = nullptr;
    std::string name;  // empty: the edge node's own metrics
    bool online = false;
    bool awaited = false;  // its node was born again; its own birth should follow
    std::map<std::string, std::unique_ptr<HostMetric>, std::less<>> metrics;
    std::unordered_map<uint64_t, HostMetric*> by_alias;
};

// A message that waits for those before it.
struct HeldMessage {
    Verb verb = Verb::ndata;
    std::string device;
    Payload payload;
    size_t bytes = 0;
};

struct HostNode {
    std::string group;
    std::string edge;
    HostDevice self;
    std::map<std::string, HostDevice, std::less<>> devices;

    bool online = false;
    std::optional<uint64_t> bd_seq;
    uint64_t birth_timestamp = 0;  // ms, of the NBIRTH
    uint8_t expected = 0;          // the next sequence number
    Duration clock_offset{};       // its clock against ours, as of its last message

    std::map<uint8_t, HeldMessage> held;  // by sequence number
    size_t held_bytes = 0;
    Time gap_deadline;

    bool births_awaited = false;  // of devices
    Time births_deadline;
    bool rebirth_wanted = false;
    Time rebirth_allowed{INT64_MIN};
};

// One message's metrics on their way to the points.
struct Application {
    HostDevice& device;
    Time received;
    Time sent;  // of metrics without a time of their own
    bool birth = false;
    bool unknown = false;  // a metric that no birth told was met
    // In a birth: what there was before and has not been told again.
    std::map<std::string, std::unique_ptr<HostMetric>, std::less<>> before = {};
};

inline constexpr std::string_view rebirth_name = "Node Control/Rebirth";
inline constexpr std::string_view bd_seq_name = "bdSeq";

// Milliseconds as they are on the wire; nullopt where Time cannot hold them, or none were sent.
std::optional<Time> time_of(std::optional<uint64_t> ms);
uint64_t milliseconds_of(Time time);
// What bdSeq says; nullopt where there is none that can be read.
std::optional<uint64_t> bd_seq_of(const Payload& payload);

}  // namespace hw::sparkplug
