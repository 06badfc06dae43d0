#include "gateway/iec104/driver.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "gateway/iec104/adapter.h"
#include "gateway/iec104/tag_address.h"

namespace hw::gateway::iec104 {
namespace {

constexpr double day = 86'400;

constexpr Property settings[] = {
    {"port", PropertyType::integer, "2404", "TCP port of the station", 1, 65535},
    {"connect_timeout", PropertyType::duration, "30s", "t0: an attempt to connect ends after this",
     0.1, 300},
    {"common_address", PropertyType::integer, "1", "Common address of tags whose address has none",
     1, 65534},
    {"originator_address", PropertyType::integer, "0",
     "Originator address in everything that is sent; 0: not used", 0, 255},
    {"gi_interval", PropertyType::duration, "0s",
     "Time between general interrogations; 0: only after each start of the link and each restart "
     "of the station",
     0, day},
    {"counter_interval", PropertyType::duration, "0s",
     "Time between counter interrogations; 0: none", 0, day},
    {"clock_sync", PropertyType::boolean, "false",
     "Set the stations' clocks after each start of the link"},
    {"clock_interval", PropertyType::duration, "1h",
     "Time between clock synchronisations, where clock_sync is on; 0: only at the start", 0, day},
    {"time_zone", PropertyType::text, "Z",
     "Zone of the stations' clocks: Z for UTC, or what they are ahead of it, as +08:00"},
    {"poll", PropertyType::text, "none",
     "What a group's interval sets off: nothing (stations report by themselves), a general "
     "interrogation, or a read command for each object",
     0, 0, true, "none|interrogation|read"},
    {"command_timeout", PropertyType::duration, "10s",
     "A command, a read or an interrogation is confirmed within this", 0.1, 300},
    {"interrogation_timeout", PropertyType::duration, "30s",
     "Longest silence within an interrogation before it is given up", 1, 3600},
    {"command_termination", PropertyType::boolean, "false",
     "A write is done when the station reports its termination, not when it confirms it"},
    {"t1", PropertyType::duration, "15s", "Longest wait for the acknowledgement of what was sent",
     1, 255},
    {"t2", PropertyType::duration, "10s",
     "What was received is acknowledged after this at the latest; below t1", 0.1, 254},
    {"t3", PropertyType::duration, "20s", "Silence after which the link is tested", 1, 172'800},
    {"k", PropertyType::integer, "12", "Frames sent without acknowledgement, at most", 1, 32767},
    {"w", PropertyType::integer, "8", "Frames received before they are acknowledged; at most k", 1,
     32767},
};

constexpr TagType types[] = {TagType::bit,    TagType::boolean, TagType::int8,    TagType::uint8,
                             TagType::int16,  TagType::uint16,  TagType::word,    TagType::int32,
                             TagType::uint32, TagType::dword,   TagType::float32, TagType::float64};

constexpr AddressNote notes[] = {
    {"[CA!]IOA", "1!4001",
     "An object by its address, 0 to 16777215, at a common address; without one at the device's."},
    {"[CA!]IOA.BIT", "1!4001.3",
     "Bit 0 to 31 of what the object says (a bitstring, packed points, a status word)."},
    {"[CA!]IOA#TYPE", "1!4001#SC",
     "Written by that command: SC single, DC double, RC step, NA normalized, NB scaled, NC short "
     "floating point set point, BO bitstring. Without: SC for bits, NC for floats, NB for up to 16 "
     "bits, BO for 32."},
    {"[CA!]IOA>IOA#TYPE", "1!4001>6001#NC",
     "Read at the first object address, written at the second."},
    {"[CA!]IOA#TYPE.SBO.T.Qn", "1!4001#SC.SBO.Q1",
     "SBO selects before it operates; T sends a time tag; Q gives the qualifier (1 short pulse, 2 "
     "long pulse, 3 persistent)."},
};

Result<AddressFacts> check(std::string_view address, TagType type) {
    const TagAddress parsed = HW_TRY(parse_tag_address(address, type));
    return AddressFacts{
        .unit = parsed.common_address ? std::to_string(*parsed.common_address) : "",
        .readable = true,
        .writable = !parsed.bit,
    };
}

Result<Duration> zone_from(const std::string& text) {
    constexpr std::string_view midnight = "2000-01-01T00:00:00";
    const auto local = parse_rfc3339(std::string(midnight) + text);
    if (text.empty() || !local)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("time_zone '{}' is neither Z nor an offset as +08:00", text));
    return *parse_rfc3339(std::string(midnight) + "Z") - *local;
}

Result<std::unique_ptr<Driver>> make(const DriverSettings& given, DriverHost& host) {
    const auto duration = [&](std::string_view key) {
        return given.find(key)->second.as_duration();
    };
    const auto integer = [&](std::string_view key) { return given.find(key)->second.as_integer(); };
    const auto boolean = [&](std::string_view key) { return given.find(key)->second.as_boolean(); };
    const auto& text = [&](std::string_view key) -> const std::string& {
        return given.find(key)->second.as_text();
    };
    AdapterSettings made;
    hw::iec104::ClientSettings& client = made.client;
    client.link.t1 = duration("t1");
    client.link.t2 = duration("t2");
    client.link.t3 = duration("t3");
    client.link.k = static_cast<uint16_t>(integer("k"));
    client.link.w = static_cast<uint16_t>(integer("w"));
    if (client.link.t2 >= client.link.t1)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("t2 of {} is not below t1 of {}; choose t1 15s and t2 10s",
                                format_duration(client.link.t2), format_duration(client.link.t1)));
    if (client.link.w > client.link.k)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("w of {} is above k of {}; choose two thirds of k", client.link.w,
                                client.link.k));
    client.originator = static_cast<uint8_t>(integer("originator_address"));
    client.zone = HW_TRY(zone_from(text("time_zone")));
    client.interrogation_interval = duration("gi_interval");
    client.counter_interval = duration("counter_interval");
    client.clock_at_start = boolean("clock_sync");
    if (client.clock_at_start) client.clock_interval = duration("clock_interval");
    client.confirm_timeout = duration("command_timeout");
    client.silence_timeout = duration("interrogation_timeout");
    client.await_termination = boolean("command_termination");
    made.common_address = static_cast<uint16_t>(integer("common_address"));
    const std::string& poll = text("poll");
    made.poll = poll == "interrogation" ? PollKind::interrogation
                : poll == "read"        ? PollKind::read
                                        : PollKind::none;
    return std::make_unique<Adapter>(made, host);
}

}  // namespace

const DriverInfo driver = {
    .name = "iec104",
    .title = "IEC 60870-5-104",
    .help =
        "Controlling station of telecontrol outstations over TCP: spontaneous reports, "
        "interrogations and commands.",
    .link = LinkKind::tcp_client,
    .settings = settings,
    .types = types,
    .addresses = notes,
    .check = check,
    .make = make,
    .spontaneous = true,
};

}  // namespace hw::gateway::iec104
