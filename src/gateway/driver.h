#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/strong.h"
#include "gateway/tag.h"
#include "model/quality.h"
#include "model/value.h"

namespace hw::gateway {

// A tag's and a group's number within its device, dense from 0; new with each configure().
using TagIndex = Strong<uint32_t, struct TagIndexTag>;
using GroupIndex = Strong<uint32_t, struct GroupIndexTag>;
// One question (write or single read) that wants an answer.
using RequestId = Strong<uint64_t, struct RequestIdTag>;
// One connection of a device. A client link has one at a time; a listening one several. Never used
// twice in the life of a driver.
using ConnectionId = Strong<uint32_t, struct ConnectionIdTag>;

// A device's settings: every property of its driver's table and of its link's, given or default.
using DriverSettings = Config::Table;

// How a driver reaches its device. The gateway opens the link, and opens it again when it fails.
enum class LinkKind : uint8_t {
    tcp_client,  // settings host, port, connect_timeout, reconnect_interval
    serial,      // settings serial_port, baud_rate, data_bits, parity, stop_bits, ...
    tcp_server,  // settings listen_host, listen_port, connections_limit: devices connect to us
};

struct DriverTag {
    TagIndex index;
    std::string address;
    TagType type = TagType::float32;
    TagAccess access;
};

struct DriverGroup {
    Duration interval;
    std::vector<DriverTag> tags;
};

// How one exchange with a unit went. A unit is one addressed device on the link: a Modbus slave, an
// IEC 104 common address, an HJ 212 station; "" where a link has but one.
struct UnitReport {
    bool up = false;         // it answers
    Duration round_trip{};   // of the last answer; 0: none yet
    uint64_t exchanges = 0;  // requests answered (or telegrams received), since the last report
    uint64_t errors = 0;     // requests that failed, since the last report
    std::string error;       // text of the last failure; empty: none since the last report
};

// What a driver says. Called by the driver from within its own calls; the gateway's thread.
class DriverHost {
  public:
    virtual ~DriverHost() = default;

    virtual const Clock& clock() const = 0;

    // Bytes to the device; they leave at the end of the reactor's round. Ignored for a connection
    // that has gone.
    virtual void send(ConnectionId connection, std::string bytes) = 0;
    // Ends the connection; `why` becomes the link's last error. disconnected() is not called for
    // it. A client link is opened again after its reconnect interval.
    virtual void close(ConnectionId connection, Error why) = 0;

    // A value read, before scale and offset. `time`: the source's own; nullopt: now.
    virtual void value(TagIndex tag, const model::Value& value,
                       model::Quality quality = model::Quality::good,
                       std::optional<Time> time = std::nullopt) = 0;
    // The tag could not be read. Told once per failed read; the gateway keeps the last value with
    // this quality and makes a sample only where the quality changed.
    virtual void failed(TagIndex tag, model::Quality quality, const Error& why) = 0;
    // Everything that poll(group) set off has been answered or given up.
    virtual void polled(GroupIndex group) = 0;
    // The answer of write() (the value is not looked at) or read(), exactly once each. The error's
    // text is the device's own, where it has one.
    virtual void answered(RequestId request, Result<model::Value> result) = 0;

    // Figures of a unit; whenever its state turns, else not more often than a few times a second.
    virtual void unit(std::string_view unit, const UnitReport& report) = 0;
};

// One device's protocol: a machine without I/O. Bytes, connections, time and orders go in; the host
// is told what comes out, from within the call. One thread. Never blocks, never throws; what the
// device sends is distrusted to the last length.
class Driver {
  public:
    virtual ~Driver() = default;

    // The tags from now on; also while connected, without disturbing the link. Every address was
    // accepted by DriverInfo::check. What is still under way for the old tags is dropped; polled()
    // is not called for it, but answered() is for every request.
    virtual void configure(std::span<const DriverGroup> groups) = 0;

    virtual void connected(ConnectionId connection, std::string_view peer) = 0;
    virtual void received(ConnectionId connection, BytesView bytes) = 0;
    // The connection ended by itself. Requests under way are answered (unavailable). The gateway
    // turns the tags bad itself where it was the last one.
    virtual void disconnected(ConnectionId connection, const Error& why) = 0;

    // Read the group's readable tags now. Called once per interval while a connection is there, and
    // not again before polled(). Drivers whose devices send by themselves call polled() at once.
    virtual void poll(GroupIndex group) = 0;
    // Goes before every read that waits. `value` is raw (after the inverse of scale and offset),
    // of the kind that the tag's type reads as. The tag need not be in any group (a write test).
    virtual void write(RequestId request, const DriverTag& tag, const model::Value& value) = 0;
    virtual void read(RequestId request, const DriverTag& tag) = 0;

    // The next moment (of clock().monotonic()) at which tick() wants to be called; asked after each
    // call above. nullopt: none.
    virtual std::optional<Time> deadline() const = 0;
    virtual void tick() = 0;
};

// For the documentation, and the console's help beside the address field.
struct AddressNote {
    std::string_view form;     // "SLAVE!ADDRESS[.BIT][#ENDIAN]"
    std::string_view example;  // "1!400001"
    std::string_view help;
};

struct AddressFacts {
    std::string unit;      // as in DriverHost::unit
    bool readable = true;  // the device can be asked for it, or sends it
    bool writable = true;  // an address that the device never lets be written is refused for writes
};

// A driver, described: validation, the API, the console's forms and the documentation read this.
// Static; any thread.
struct DriverInfo {
    std::string_view name;   // "modbus-tcp"
    std::string_view title;  // "Modbus TCP"
    std::string_view help;   // one or two sentences
    LinkKind link;
    // Settings of its own; those of the link kind are added by the gateway. A property named like
    // one of the link's (port) replaces it, e.g. for another default.
    std::span<const Property> settings;
    std::span<const TagType> types;
    std::span<const AddressNote> addresses;

    // Errors name the position (1-based) and a corrected example.
    Result<AddressFacts> (*check)(std::string_view address, TagType type);
    // The settings were checked against the table; what goes beyond it is checked here. The host
    // outlives the driver.
    Result<std::unique_ptr<Driver>> (*make)(const DriverSettings& settings, DriverHost& host);
    // Its devices send when something changes: their silence is no fault, a lost link is told.
    bool spontaneous = false;
};

}  // namespace hw::gateway
