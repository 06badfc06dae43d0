#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/value.h"

namespace hw::gateway {

// How a device stores a tag. What history keeps follows: bit and bool as bool, whole numbers as
// int64 (uint64 above 2^63 - 1 as double), float and double as double, the rest as text or bytes.
enum class TagType : uint8_t {
    boolean,
    bit,
    int8,
    uint8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    uint64,
    float32,
    float64,
    string,
    bytes,
    word,           // 16 bits, as uint16
    dword,          // 32 bits, as uint32
    lword,          // 64 bits, as uint64
    time,           // a length of time, kept in milliseconds (int64)
    date_and_time,  // kept as RFC 3339 text
};
inline constexpr size_t tag_type_count = 19;

// "bool", "bit", "int8", ..., "float", "double", "string", "bytes", "word", "dword", "lword",
// "time", "date_and_time"
std::string_view to_string(TagType type);
// In any case ("FLOAT", "Int16"); "boolean", "float32" and "float64" are taken as well. The error
// lists what there is.
Result<TagType> parse_tag_type(std::string_view text);

constexpr bool is_numeric(TagType type) {
    return type >= TagType::int8 &&
           (type <= TagType::float64 || (type >= TagType::word && type <= TagType::time));
}

// What may be done with a tag. on_change: a sample only when the value or its quality changed.
struct TagAccess {
    bool read = true;
    bool write = false;
    bool on_change = false;

    friend bool operator==(const TagAccess&, const TagAccess&) = default;
};
// "read", "read,write", "read,on_change"; Neuron's "subscribe" is on_change (and implies read).
std::string to_string(TagAccess access);
Result<TagAccess> parse_tag_access(std::string_view text);

// One tag as it is configured. value = raw * scale + offset + bias; a write goes the other way.
struct TagSpec {
    std::string name;     // at most 128 bytes, no wildcard; may hold '/' to make levels
    std::string address;  // in the driver's grammar, at most 128 bytes
    TagType type = TagType::float32;
    TagAccess access;
    double scale = 1;
    double offset = 0;
    double bias = 0;              // the correction found at the last calibration
    int precision = -1;           // decimal places that are kept, 0 to 17; -1: all
    double deadband = 0;          // a change below it is no change; in the tag's unit
    double deadband_percent = 0;  // the same in percent of max - min
    std::optional<double> min;    // the range: a value read outside of it is uncertain,
    std::optional<double> max;    // one written outside of it is refused
    std::string unit;
    std::string description;
    std::string point;  // the point's path; empty: <device>/<name>

    friend bool operator==(const TagSpec&, const TagSpec&) = default;
};

struct GroupSpec {
    std::string name;
    Duration interval = seconds(1);
    std::vector<TagSpec> tags;

    friend bool operator==(const GroupSpec&, const GroupSpec&) = default;
};

// Settings as text, as they would be written in a flag; checked against the driver's table.
using SettingTexts = std::vector<std::pair<std::string, std::string>>;

struct DeviceSpec {
    std::string name;    // a point path of its own: "works/plc1"
    std::string driver;  // "modbus-tcp"
    std::string description;
    bool enabled = true;
    SettingTexts settings;  // those that were given
    std::vector<GroupSpec> groups;

    friend bool operator==(const DeviceSpec&, const DeviceSpec&) = default;
};

inline constexpr size_t groups_limit = 512;  // of a device
inline constexpr size_t name_bytes_limit = 128;
inline constexpr size_t address_bytes_limit = 128;
inline constexpr size_t unit_bytes_limit = 16;
inline constexpr size_t description_bytes_limit = 256;
inline constexpr Duration least_interval = milliseconds(30);

}  // namespace hw::gateway
